//! Ports to frameworks in Python that carry `flask_parity`: what they have in common. What differs is a [`Framework`].

mod application;
mod attributes;
mod creations;
mod dependencies;
mod deviations;
mod extensions;
mod framework;
pub(super) mod guide;
mod imports;
mod judgement;
mod mounts;
mod names;
mod precedence;
mod quart;
pub(super) mod registrations;
mod relays;
mod replaced;
pub(super) mod routes;
mod suite;
mod threads;
pub(super) mod views;
mod whole;

use std::collections::{BTreeMap, BTreeSet};

use model::function::Role;
use model::port::{FunctionVerdict, RouteVerdict};
use model::{Analysis, App, Function, Obstacle, Reason, Route, Run, Serve, Span, Verdict};

use super::{Carried, Draft, Source, is_test, one_app, reason};
use crate::error::PortError;
use crate::python::edits::{Edit, EditSet};
use crate::python::imports::Wanted;
use crate::support::Engine;
pub(super) use framework::{Framework, Made, Mounted, Prefix, Registered, Unsendable};

/// Requests that a process of a synchronous app works on at a time, where the server has to be told: a view that waits
/// holds up nobody then.
pub(super) const THREADS: u32 = 8;

/// A port in the making.
pub(super) struct Port<'a> {
    framework: &'static dyn Framework,
    pub(super) analysis: &'a Analysis,
    texts: &'a BTreeMap<String, String>,
    app: &'a App,
    files: BTreeMap<String, FilePort>,
    support: BTreeSet<String>,
    obstacles: Vec<Obstacle>,
    /// Functions (and classes of views) that cannot be ported, with the reason.
    pub(super) unported: BTreeMap<String, Vec<Reason>>,
    /// Views whose request comes through parameters.
    pub(super) native: BTreeSet<String>,
    remarks: Vec<String>,
    /// Statements that put a WSGI application around the app and were rewritten as a whole.
    layered: Vec<(String, Span)>,
    /// Other WSGI applications are put around the app.
    wsgi_layers: bool,
    /// What is left to Flask answers 501 instead.
    no_relay: bool,
    /// Only routes that fit one of these are ported.
    only: &'a [String],
    /// Answers say who served them.
    trace: bool,
    /// Packages of the framework that are older than those that the port behaves as.
    held_back: &'a BTreeSet<&'static str>,
    /// Files of the user's tests that are rewritten.
    tests: BTreeSet<String>,
    /// Something is left to Flask.
    relays: bool,
    /// All of it is.
    pub(super) is_whole: bool,
    /// The order of registration is not Werkzeug's order.
    sorts: bool,
    /// A process works off one request after the other.
    one_at_a_time: bool,
    /// A file still imports something of the framework.
    imports_framework: bool,
}

/// What changes in a file.
#[derive(Default)]
pub(super) struct FilePort {
    pub(super) edits: EditSet,
    wanted: BTreeSet<Wanted>,
    /// Functions keep the ambient request.
    ambient_request: bool,
}

/// Writes the port of an app for a framework.
pub(super) fn lower(
    source: &Source<'_>,
    framework: &'static dyn Framework,
) -> Result<Draft, PortError> {
    let (_, app) = one_app(source.analysis, framework.package().0)?;
    let mut port = Port {
        framework,
        analysis: source.analysis,
        texts: source.texts,
        app,
        files: BTreeMap::new(),
        support: BTreeSet::new(),
        obstacles: Vec::new(),
        unported: BTreeMap::new(),
        native: BTreeSet::new(),
        remarks: Vec::new(),
        layered: Vec::new(),
        wsgi_layers: false,
        no_relay: source.no_relay,
        only: source.only,
        trace: source.trace,
        held_back: source.held_back,
        tests: BTreeSet::new(),
        relays: false,
        is_whole: false,
        sorts: false,
        one_at_a_time: false,
        imports_framework: false,
    };
    port.judge();
    port.precedence();
    let functions: Vec<&Function> = port.functions().collect();
    // What the app as a whole needs is known when all functions were seen, and is written where it is made.
    for function in &functions {
        port.application(function)?;
    }
    for function in &functions {
        port.view(function)?;
    }
    framework.conclude(&mut port)?;
    port.creations(&functions)?;
    port.suite()?;
    port.imports()?;
    port.obstacles.sort();
    port.obstacles.dedup();
    if port.is_quart() {
        let obstacles = port.left_of_quart();
        if !obstacles.is_empty() {
            return Err(PortError::Unsupported {
                target: framework.package().0.into(),
                obstacles,
            });
        }
    }
    if !port.obstacles.is_empty() && !port.no_relay {
        return Ok(port.whole(source.listed));
    }
    Ok(port.finish())
}

impl<'a> Port<'a> {
    /// Functions of the app itself.
    pub(super) fn functions(&self) -> impl Iterator<Item = &'a Function> + use<'a> {
        self.analysis.functions.iter().filter(|f| !is_test(&f.file))
    }

    pub(super) fn text(&self, file: &str) -> &'a str {
        self.texts.get(file).map_or("", String::as_str)
    }

    pub(super) fn file(&mut self, file: &str) -> &mut FilePort {
        self.files.entry(file.to_owned()).or_default()
    }

    pub(super) fn edit(
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
    pub(super) fn want(&mut self, file: &str, module: &str, name: &str) {
        self.needs(module);
        self.file(file).wanted.insert(Wanted::from(module, name));
    }

    /// Makes `name` of one of the support modules, or of the framework, importable in a file and tells how it is called
    /// there: by its module (or with the framework's name before it) where the file has something else by that name.
    pub(super) fn named(&mut self, file: &str, module: &str, name: &str) -> String {
        if !self.clashes(file, module, name) {
            self.want(file, module, name);
            return name.to_owned();
        }
        let Some(short) = module.strip_prefix("flask_parity.") else {
            // One of the framework's: by a name that says so.
            let alias = format!("{}{name}", self.framework.prefix());
            self.file(file).wanted.insert(Wanted {
                module: module.into(),
                name: name.into(),
                alias: Some(alias.clone()),
            });
            return alias;
        };
        self.needs(module);
        let alias = self
            .clashes(file, "flask_parity", short)
            .then(|| format!("parity_{short}"));
        let bound = alias.clone().unwrap_or_else(|| short.to_owned());
        self.file(file).wanted.insert(Wanted {
            module: "flask_parity".into(),
            name: short.into(),
            alias,
        });
        format!("{bound}.{name}")
    }

    fn needs(&mut self, module: &str) {
        if let Some(support) = module.strip_prefix("flask_parity.") {
            self.support.insert(support.to_owned());
        }
    }

    /// Whether a file has something of its own by a name that is to be imported.
    fn clashes(&self, file: &str, module: &str, name: &str) -> bool {
        let Some(info) = self.analysis.files.get(file) else {
            return false;
        };
        let binding = info.imports.iter().flat_map(|i| {
            let names = i.names.iter().filter(|n| n.bound == name);
            names.map(|n| names::fate(&i.module, &n.name))
        });
        let is_same: Vec<bool> = binding
            .map(|fate| matches!(fate, names::Fate::New(m, x) if m == module && x == name))
            .collect();
        // One of several, as in `try: from werkzeug.wrappers import Response`, may hide the others.
        if !is_same.is_empty() {
            return is_same.contains(&false);
        }
        info.names.iter().any(|n| n == name)
            || self
                .analysis
                .functions
                .iter()
                .filter(|f| f.file == file)
                .any(|f| {
                    f.names.contains(name)
                        || f.qualname.rsplit('.').next() == Some(name)
                        || f.parameters.iter().any(|p| p.name == name)
                })
    }

    pub(super) fn obstacle(&mut self, file: &str, line: u32, code: &str, message: String) {
        self.obstacles.push(Obstacle {
            file: file.to_owned(),
            line,
            reason: reason(code, message),
        });
    }

    /// Whether a view answers 501 instead of being left to Flask.
    pub(super) fn is_refused_view(&self, view: &Function) -> bool {
        self.no_relay && self.unported.contains_key(&view.id)
    }

    /// Whether a place lies in the body of a view that answers 501, which becomes a comment.
    fn is_refused(&self, file: &str, span: Span) -> bool {
        self.no_relay
            && self.functions().any(|f| {
                f.role == Role::View
                    && f.file == file
                    && f.span.contains(span)
                    && self.unported.contains_key(&f.id)
            })
    }

    fn finish(mut self) -> Draft {
        if self.relays {
            let relay = self.framework.relay().trim_start_matches("flask_parity.");
            self.support.insert(relay.into());
        }
        self.support
            .extend(self.framework.carried().iter().map(|m| (*m).to_owned()));
        let deviations = self.deviations();
        let mut functions = Vec::new();
        for function in self.functions() {
            if function.role == Role::Module {
                continue;
            }
            let reasons = self.unported.get(&function.id).cloned().unwrap_or_default();
            functions.push(FunctionVerdict {
                id: function.id.clone(),
                verdict: self.verdict(function),
                reasons,
                support: Vec::new(),
                changed_lines: 0,
            });
        }
        let routes = self
            .analysis
            .routes
            .iter()
            .filter(|r| !r.is_static && r.app.is_some() && r.view.is_some())
            .map(|r| RouteVerdict {
                rule: r.rule.clone(),
                methods: r.methods.clone(),
                endpoint: r.endpoint.clone(),
                verdict: self.route_verdict(r, &functions),
                view: r.view.as_ref().and_then(|v| v.function.clone()),
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
            ground: self.framework.ground(),
            engine: Engine::default(),
            obstacles: self.obstacles,
            deviations,
            remarks: self.remarks,
            pairs: Vec::new(),
            carried: Carried::All,
            files: BTreeMap::new(),
        }
    }

    /// Native: parameters in, responses out. Supported: the ambient request, session or `g` too.
    fn verdict(&self, function: &Function) -> Verdict {
        if self.unported.contains_key(&function.id) {
            return if self.no_relay {
                Verdict::Refused
            } else {
                Verdict::Relayed
            };
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

    /// That of the view; of a class, the worst of its methods.
    fn route_verdict(&self, route: &Route, functions: &[FunctionVerdict]) -> Verdict {
        let Some(view) = &route.view else {
            return Verdict::Native;
        };
        // A view that touches nothing is only routed.
        match &view.function {
            Some(id) => functions
                .iter()
                .find(|f| f.id == *id)
                .map_or(Verdict::Native, |f| f.verdict),
            None => {
                let id = format!("{}:{}", view.module, view.qualname);
                let class = format!("{id}.");
                if self.unported.contains_key(&id) {
                    return if self.no_relay {
                        Verdict::Refused
                    } else {
                        Verdict::Relayed
                    };
                }
                functions
                    .iter()
                    .filter(|f| f.id.starts_with(&class))
                    .map(|f| f.verdict)
                    .max()
                    .unwrap_or(Verdict::Native)
            }
        }
    }

    /// Synchronous views hold a thread each; Quart's run on the loop.
    fn threads_needed(&self) -> u32 {
        match self.is_quart() || self.one_at_a_time {
            true => 1,
            false => THREADS,
        }
    }

    fn run(&self) -> Run {
        let module = &self.app.module;
        let serve = |words: &[&str]| Serve {
            serve: words.iter().map(|w| (*w).to_owned()).collect(),
        };
        // Both take the same words.
        let server = if self.is_quart() {
            "hypercorn"
        } else {
            "gunicorn"
        };
        let (called, target) = match &self.app.factory {
            Some(factory) => (
                format!("{module}:{factory}()"),
                format!("{module}:{factory}"),
            ),
            None => {
                let target = format!("{module}:{}", self.app.name);
                (target.clone(), target)
            }
        };
        Run {
            original: serve(&[server, "-w", "1", "-b", "{host}:{port}", &called]),
            port: Serve {
                serve: self.framework.serve(
                    &target,
                    self.app.factory.is_some(),
                    self.threads_needed(),
                ),
            },
        }
    }
}
