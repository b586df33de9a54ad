//! An app that is left to Flask as a whole: its own files stay, and the framework serves it.

use std::collections::BTreeMap;

use model::port::{FunctionVerdict, RouteVerdict};
use model::{Obstacle, Reason, Run, Serve, Verdict};

use super::Port;
use crate::targets::{Carried, Draft, reason};

impl Port<'_> {
    /// The port when something that serves the whole app has no counterpart.
    pub(super) fn whole(mut self, listed: &[String]) -> Draft {
        self.is_whole = true;
        let prefix = self.app.import_root();
        let is_free = |name: &String| !listed.iter().any(|f| *f == format!("{prefix}{name}.py"));
        let file = std::iter::once(self.framework.host().to_owned())
            .chain((2..).map(|n| format!("{}_{n}", self.framework.host())))
            .find(is_free)
            .unwrap_or_default();
        let mut obstacles = self.obstacles.clone();
        obstacles.sort();
        obstacles.dedup();
        let through = |o: &Obstacle| Reason {
            line: None,
            message: format!("{}:{}: {}", o.file, o.line, o.reason.message),
            ..reason(&o.reason.code, String::new())
        };
        let reasons: Vec<Reason> = obstacles.iter().map(through).collect();
        let functions = self
            .functions()
            .filter(|f| f.role != model::function::Role::Module)
            .map(|f| FunctionVerdict {
                id: f.id.clone(),
                verdict: Verdict::Relayed,
                reasons: reasons.clone(),
                support: Vec::new(),
                changed_lines: 0,
            })
            .collect();
        let routes = self
            .analysis
            .routes
            .iter()
            .filter(|r| !r.is_static && r.app.is_some() && r.view.is_some())
            .map(|r| RouteVerdict {
                rule: r.rule.clone(),
                methods: r.methods.clone(),
                endpoint: r.endpoint.clone(),
                verdict: Verdict::Relayed,
                view: r.view.as_ref().and_then(|v| v.function.clone()),
            })
            .collect();
        let mut remarks: Vec<String> = obstacles
            .iter()
            .map(|o| {
                format!(
                    "{}:{}: {} ({})",
                    o.file, o.line, o.reason.message, o.reason.code
                )
            })
            .collect();
        remarks.push(format!(
            "the app is left to Flask as a whole, for the reasons above: {prefix}{file}.py serves it"
        ));
        let run = self.run();
        Draft {
            functions,
            routes,
            run: Run {
                original: run.original,
                port: Serve {
                    serve: self
                        .framework
                        .serve(&format!("{file}:app"), false, super::THREADS),
                },
            },
            dependencies: self.dependencies_of_whole(),
            deviations: self.framework.deviations(&self),
            support: self.framework.host_modules(),
            ground: self.framework.ground(),
            remarks,
            carried: Carried::All,
            files: BTreeMap::from([(format!("{prefix}{file}.py"), self.server(&obstacles))]),
            ..Draft::default()
        }
    }

    /// The file that serves the app.
    fn server(&self, obstacles: &[Obstacle]) -> String {
        let module = &self.app.module;
        let (import, app) = match &self.app.factory {
            Some(factory) => (
                format!("from {module} import {factory}"),
                format!("{factory}()"),
            ),
            None => {
                let name = &self.app.name;
                (
                    format!("from {module} import {name} as flask_app"),
                    "flask_app".into(),
                )
            }
        };
        let mut why = String::new();
        for o in obstacles {
            why.push_str(&format!(
                "\n- {}:{}: {}",
                o.file,
                o.line,
                o.reason.message.replace('\\', "/").replace("\"\"\"", "'''")
            ));
        }
        let (imports, serves) = self.framework.hosts(&app);
        format!(
            "\"\"\"Serves the Flask app from {}: no route is ported yet, because of\n{why}\n\"\"\"\n\n{imports}\n{import}\n\n{serves}\n",
            self.framework.prefix()
        )
    }
}
