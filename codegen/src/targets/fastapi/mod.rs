//! FastAPI: routers and decorators in place of blueprints and rules, dependencies for bodies, the
//! ambient context for helpers.

mod application;
mod guide;
mod names;
mod refusals;
mod registrations;
mod views;

use std::collections::{BTreeMap, BTreeSet};

use model::function::Role;
use model::port::{FunctionVerdict, RouteVerdict};
use model::{Analysis, App, Function, Obstacle, Reason, Route, Run, Serve, Span, Verdict};

use super::{Carried, Draft, Language, Source, Target, is_test, one_app, reason};
use crate::error::PortError;
use crate::project::requirements::Dependencies;
use crate::python::edits::{Edit, EditSet};
use crate::python::imports::{self, Wanted};

/// The registry's entry.
pub const TARGET: Target = Target {
    name: "fastapi",
    summary: "FastAPI on uvicorn",
    sources: &["flask"],
    language: Language::Python,
    guide: guide::GUIDE,
    lower,
};

/// Pinned as measured (equivalence tables of this project).
const REQUIREMENTS: &[(&str, &str)] = &[
    ("fastapi", "==0.165.0"),
    ("uvicorn", "==0.54.0"),
    ("jinja2", ">=3.1"),
    ("itsdangerous", ">=2.2"),
    ("markupsafe", ">=2.1"),
    ("python-multipart", ">=0.0.20"),
];

/// A port in the making.
struct Port<'a> {
    analysis: &'a Analysis,
    texts: &'a BTreeMap<String, String>,
    app: &'a App,
    files: BTreeMap<String, FilePort>,
    support: BTreeSet<String>,
    obstacles: Vec<Obstacle>,
    /// Views that cannot be ported, with the reason.
    refused: BTreeMap<String, Vec<Reason>>,
    /// Views whose request comes through parameters.
    native: BTreeSet<String>,
    /// Endpoints of routes by the place of their registration.
    remarks: Vec<String>,
}

/// What changes in a file.
#[derive(Default)]
struct FilePort {
    edits: EditSet,
    wanted: BTreeSet<Wanted>,
    /// Functions keep the ambient request.
    ambient_request: bool,
}

fn lower(source: &Source<'_>) -> Result<Draft, PortError> {
    let analysis = source.analysis;
    let (_, app) = one_app(analysis, TARGET.name)?;
    let mut port = Port {
        analysis,
        texts: source.texts,
        app,
        files: BTreeMap::new(),
        support: BTreeSet::new(),
        obstacles: Vec::new(),
        refused: BTreeMap::new(),
        native: BTreeSet::new(),
        remarks: Vec::new(),
    };
    port.judge();
    let functions: Vec<&Function> = port.functions().collect();
    for function in &functions {
        port.application(function)?;
    }
    for function in &functions {
        if function.role == Role::View {
            if port.refused.contains_key(&function.id) {
                port.refuse(function)?;
            } else {
                port.view(function)?;
            }
        }
    }
    port.precedence();
    port.imports()?;
    port.obstacles.sort();
    port.obstacles.dedup();
    Ok(port.finish())
}

impl<'a> Port<'a> {
    /// Functions of the app itself.
    fn functions(&self) -> impl Iterator<Item = &'a Function> + use<'a> {
        self.analysis.functions.iter().filter(|f| !is_test(&f.file))
    }

    fn text(&self, file: &str) -> &'a str {
        self.texts.get(file).map_or("", String::as_str)
    }

    fn file(&mut self, file: &str) -> &mut FilePort {
        self.files.entry(file.to_owned()).or_default()
    }

    fn edit(
        &mut self,
        function: &Function,
        span: Span,
        text: String,
        code: &'static str,
    ) -> Result<(), PortError> {
        let id = (function.role != Role::Module).then(|| function.id.clone());
        let file = function.file.clone();
        let edit = Edit {
            span,
            text,
            code,
            function: id,
        };
        if self.file(&file).edits.add(edit).is_err() {
            let line = self.text(&file)[..span.start as usize]
                .matches('\n')
                .count() as u32
                + 1;
            let message = "rewrites meet inside each other here; take the expression apart";
            self.obstacle(&file, line, "M0302", message.into());
        }
        Ok(())
    }

    /// Makes `name` of `module` importable in a file.
    fn want(&mut self, file: &str, module: &str, name: &str) {
        if let Some(support) = module.strip_prefix("flask_parity.") {
            self.support.insert(support.to_owned());
        }
        self.file(file).wanted.insert(Wanted::from(module, name));
    }

    fn obstacle(&mut self, file: &str, line: u32, code: &str, message: String) {
        self.obstacles.push(Obstacle {
            file: file.to_owned(),
            line,
            reason: reason(code, message),
        });
    }

    /// Whether a place lies in the body of a refused view, which becomes a comment.
    fn is_refused(&self, file: &str, span: Span) -> bool {
        self.functions().any(|f| {
            f.role == Role::View
                && f.file == file
                && f.span.contains(span)
                && self.refused.contains_key(&f.id)
        })
    }

    /// Routes that a view answers.
    fn routes_of(&self, id: &str) -> impl Iterator<Item = &'a Route> + use<'a> {
        let id = id.to_owned();
        self.analysis
            .routes
            .iter()
            .filter(move |r| r.view.as_ref().and_then(|v| v.function.as_ref()) == Some(&id))
    }

    /// Import statements of the framework are exchanged for what the files need now.
    fn imports(&mut self) -> Result<(), PortError> {
        let analysis = self.analysis;
        for (path, info) in &analysis.files {
            if is_test(path) {
                continue;
            }
            let kept = self.kept_names(path, info);
            let text = self.text(path);
            let mut top = Vec::new();
            for statement in &info.imports {
                match names::fate(statement) {
                    names::Fate::Stays => {}
                    // Stands in a comment now.
                    _ if self.is_refused(path, statement.span) => {}
                    names::Fate::Goes if statement.top_level => top.push(statement),
                    names::Fate::Goes => self.inner_import(path, statement, &kept)?,
                    names::Fate::Unknown(message) => {
                        self.obstacle(path, statement.line, "M0302", message);
                    }
                    names::Fate::Extension(message) => {
                        self.obstacle(path, statement.line, "M0502", message);
                    }
                }
            }
            for statement in &top {
                for wanted in kept.iter().filter(|(s, _)| *s == statement.span) {
                    self.support_of(&wanted.1);
                    self.file(path).wanted.insert(wanted.1.clone());
                }
            }
            if !self.files.contains_key(path) && top.is_empty() {
                continue;
            }
            if !info.editable {
                self.obstacle(
                    path,
                    1,
                    "M0302",
                    "this file is not plain UTF-8, so it is never edited; save it as UTF-8".into(),
                );
                continue;
            }
            let file = self.files.entry(path.clone()).or_default();
            let wanted = std::mem::take(&mut file.wanted);
            imports::replace(text, &top, info.imports_end, &wanted, &mut file.edits).map_err(
                |overlap| PortError::Overlap {
                    file: path.clone(),
                    overlap,
                },
            )?;
        }
        Ok(())
    }

    fn support_of(&mut self, wanted: &Wanted) {
        if let Some(support) = wanted.module.strip_prefix("flask_parity.") {
            self.support.insert(support.to_owned());
        }
    }

    /// What takes the place of each imported name, with its statement.
    fn kept_names(&mut self, path: &str, info: &model::FileInfo) -> Vec<(Span, Wanted)> {
        let ambient = self.files.get(path).is_some_and(|f| f.ambient_request);
        let mut out = Vec::new();
        for statement in &info.imports {
            if !matches!(names::fate(statement), names::Fate::Goes) {
                continue;
            }
            for name in &statement.names {
                if let Some((module, new)) =
                    names::replacement(&statement.module, &name.name, ambient)
                {
                    let alias = (name.bound != new).then(|| name.bound.clone());
                    let alias = alias.filter(|_| name.bound != name.name);
                    out.push((
                        statement.span,
                        Wanted {
                            module: module.into(),
                            name: new.into(),
                            alias,
                        },
                    ));
                }
            }
        }
        out
    }

    /// An import inside a function is rewritten where it stands.
    fn inner_import(
        &mut self,
        path: &str,
        statement: &model::analysis::ImportStatement,
        kept: &[(Span, Wanted)],
    ) -> Result<(), PortError> {
        let wanted: BTreeSet<Wanted> = kept
            .iter()
            .filter(|(s, _)| *s == statement.span)
            .map(|(_, w)| w.clone())
            .collect();
        for w in &wanted {
            self.support_of(w);
        }
        let text = self.text(path);
        if wanted.is_empty() {
            let edit = Edit {
                span: statement.span,
                text: "pass".into(),
                code: "R0101",
                function: None,
            };
            return self
                .file(path)
                .edits
                .add(edit)
                .map_err(|overlap| PortError::Overlap {
                    file: path.to_owned(),
                    overlap,
                });
        }
        let file = self.files.entry(path.to_owned()).or_default();
        imports::replace(text, &[statement], 0, &wanted, &mut file.edits).map_err(|overlap| {
            PortError::Overlap {
                file: path.to_owned(),
                overlap,
            }
        })
    }

    fn finish(self) -> Draft {
        let mut functions = Vec::new();
        for function in self.functions() {
            if function.role == Role::Module {
                continue;
            }
            let reasons = self.refused.get(&function.id).cloned().unwrap_or_default();
            functions.push(FunctionVerdict {
                id: function.id.clone(),
                verdict: self.verdict(function),
                reasons,
                support: Vec::new(),
                changed_lines: 0,
            });
        }
        let by_id: BTreeMap<&str, Verdict> = functions
            .iter()
            .map(|f| (f.id.as_str(), f.verdict))
            .collect();
        let routes = self
            .analysis
            .routes
            .iter()
            .filter(|r| !r.is_static && r.app.is_some() && r.view.is_some())
            .map(|r| {
                let view = r.view.as_ref().and_then(|v| v.function.clone());
                RouteVerdict {
                    rule: r.rule.clone(),
                    methods: r.methods.clone(),
                    endpoint: r.endpoint.clone(),
                    verdict: view
                        .as_deref()
                        .and_then(|v| by_id.get(v).copied())
                        // A view that touches nothing is only routed.
                        .unwrap_or(Verdict::Native),
                    view,
                }
            })
            .collect();
        Draft {
            functions,
            routes,
            run: self.run(),
            dependencies: self.dependencies(),
            edits: self
                .files
                .into_iter()
                .filter(|(_, f)| !f.edits.is_empty())
                .map(|(path, f)| (path, f.edits))
                .collect(),
            support: self.support,
            obstacles: self.obstacles,
            deviations: Vec::new(),
            remarks: self.remarks,
            pairs: Vec::new(),
            carried: Carried::All,
            files: BTreeMap::new(),
        }
    }

    /// Native: parameters in, responses out. Supported: the ambient request, session or `g` too.
    fn verdict(&self, function: &Function) -> Verdict {
        if self.refused.contains_key(&function.id) {
            return Verdict::Refused;
        }
        let ambient = function.touches.iter().any(|t| match &t.subject {
            model::Subject::Session | model::Subject::Globals => true,
            model::Subject::Request => !self.native.contains(&function.id),
            _ => matches!(t.op, model::Op::CurrentApp),
        });
        if ambient {
            Verdict::Supported
        } else {
            Verdict::Native
        }
    }

    fn run(&self) -> Run {
        let module = &self.app.module;
        let serve = |words: &[&str]| Serve {
            serve: words.iter().map(|w| (*w).to_owned()).collect(),
        };
        match &self.app.factory {
            Some(factory) => Run {
                original: serve(&[
                    "gunicorn",
                    "-w",
                    "1",
                    "-b",
                    "{host}:{port}",
                    &format!("{module}:{factory}()"),
                ]),
                port: serve(&[
                    "uvicorn",
                    "--host",
                    "{host}",
                    "--port",
                    "{port}",
                    "--factory",
                    &format!("{module}:{factory}"),
                ]),
            },
            None => {
                let target = format!("{module}:{}", self.app.name);
                Run {
                    original: serve(&["gunicorn", "-w", "1", "-b", "{host}:{port}", &target]),
                    port: serve(&["uvicorn", "--host", "{host}", "--port", "{port}", &target]),
                }
            }
        }
    }

    fn dependencies(&self) -> Dependencies {
        let mut add: Vec<(String, String)> = REQUIREMENTS
            .iter()
            .map(|(n, s)| ((*n).to_owned(), (*s).to_owned()))
            .collect();
        // Flask brought these along; an app that imports them itself needs them named now.
        for (package, modules) in [("werkzeug", ["werkzeug"]), ("click", ["click"])] {
            let used = self.analysis.files.iter().any(|(path, info)| {
                !is_test(path)
                    && (info.imports.iter().any(|i| {
                        matches!(names::fate(i), names::Fate::Stays)
                            && modules.contains(&i.module.split('.').next().unwrap_or(""))
                    }) || info.names.iter().any(|n| modules.contains(&n.as_str())))
            });
            if used || package == "click" && self.support.contains("cli") {
                add.push((package.to_owned(), String::new()));
            }
        }
        Dependencies {
            remove: vec!["flask".into(), "gunicorn".into()],
            add,
        }
    }
}
