//! The application and its blueprints: registrations, configuration, attributes.

use model::touch::{HookScope, TemplateExtensionKind};
use model::{Code, Op, Role, Subject};

use crate::python::facts::{ArgKind, ExprId, ExprKind, FunctionId, Run, StmtKind};
use crate::python::project::ModuleId;
use crate::python::tree::Parent;

use super::collector::Collector;
use super::place::Target;
use crate::flask::extensions::package_of;
use crate::flask::hooks;
use crate::flask::meaning::{Kind, Meaning};
use crate::flask::owners::HookWhat;
use crate::flask::vocabulary;

/// What a method registers, and where its function stands among the arguments of a call.
struct Registrar {
    op: Op,
    role: Role,
    position: usize,
    keyword: &'static str,
}

/// Whether a method of an app or blueprint registers a function.
pub(super) fn registers(name: &str) -> bool {
    registrar(name, false).is_some() || matches!(name, "add_command" | "command" | "group")
}

fn registrar(name: &str, blueprint: bool) -> Option<Registrar> {
    match name {
        "route" | "get" | "post" | "put" | "patch" | "delete" | "websocket" => Some(Registrar {
            op: Op::Route,
            role: Role::View,
            position: usize::MAX,
            keyword: "",
        }),
        "add_url_rule" | "add_websocket" => Some(Registrar {
            op: Op::Route,
            role: Role::View,
            position: 2,
            keyword: "view_func",
        }),
        _ => {
            let method = hooks::method(name)?;
            let scope = if hooks::is_for_app(name) {
                HookScope::AppFromBlueprint
            } else if blueprint {
                HookScope::Blueprint
            } else {
                HookScope::App
            };
            Some(Registrar {
                op: match method.what {
                    HookWhat::Request(when) => Op::Hook { when, scope },
                    HookWhat::Error => Op::ErrorHandler { scope },
                    HookWhat::Template(kind) => Op::TemplateExtension { kind },
                },
                role: method.what.role(),
                position: method.position(),
                keyword: "f",
            })
        }
    }
}

/// The op of another attribute of an app.
fn attribute_op(name: &str) -> Op {
    match name {
        "config" => Op::Config,
        "instance_path" => Op::InstancePath,
        "root_path" => Op::RootPath,
        "logger" => Op::Logger,
        "secret_key" => Op::SecretKey,
        "open_resource" | "open_instance_resource" => Op::OpenResource,
        "app_context" | "test_request_context" | "request_context" => Op::AppContext,
        "run" => Op::RunServer,
        "response_class" => Op::NewResponse,
        "make_response" => Op::MakeResponse,
        "redirect" => Op::Redirect,
        "send_static_file" => Op::SendFromDirectory,
        "url_for" => Op::UrlFor { endpoint: None },
        "register_blueprint" => Op::Mount,
        "_get_current_object" => Op::CurrentApp,
        _ => Op::AppAttribute {
            name: name.to_owned(),
        },
    }
}

impl Collector<'_, '_, '_> {
    /// `e` is an app, the ambient app, or a blueprint.
    pub(super) fn application(&mut self, e: ExprId, kind: Kind) {
        let site = self.site;
        let blueprint = kind == Kind::Blueprint;
        let subject = if blueprint {
            Subject::Blueprint(None)
        } else {
            Subject::App(None)
        };
        let Some((attribute, name)) = site.attribute(e) else {
            let mounted = site.up(e).is_some_and(|up| self.is_mount(up));
            if site.target(e) == Target::No && !mounted {
                let op = if kind == Kind::CurrentApp {
                    Op::CurrentApp
                } else {
                    Op::App
                };
                if !blueprint {
                    self.handed_on(e);
                }
                self.emit(e, e, op, subject);
            }
            return;
        };
        let call = site.call(attribute);
        let whole = call.map_or(attribute, |(call, _)| call);
        if let Some(registrar) = registrar(name, blueprint)
            // `app.config.get`-like names of other objects do not come here, `bp.get(…)` does.
            && (call.is_some() || self.decorated(attribute).is_some() || name != "get")
        {
            self.registration(e, whole, registrar, call.map(|(_, args)| args), subject);
            return;
        }
        match name {
            "cli" => self.commands_of(attribute, e),
            "jinja_env" => self.jinja_env(attribute, e, subject),
            "response_class" | "make_response" | "redirect" | "send_static_file" => {
                self.emit(whole, e, attribute_op(name), subject);
                if call.is_some() {
                    self.response(whole);
                }
            }
            "url_for" => {
                let endpoint = call.and_then(|(_, args)| {
                    let arguments = site.arguments(self.scopes(), args);
                    super::place::text_of(super::place::argument(&arguments, 0, "endpoint"))
                });
                self.emit(whole, e, Op::UrlFor { endpoint }, subject);
            }
            _ => {
                let whole = if matches!(name, "config" | "logger") {
                    attribute
                } else {
                    whole
                };
                self.emit(whole, e, attribute_op(name), subject);
            }
        }
    }

    fn registration(
        &mut self,
        e: ExprId,
        whole: ExprId,
        registrar: Registrar,
        args: Option<Run>,
        subject: Subject,
    ) {
        let site = self.site;
        let mut op = registrar.op;
        if let Some(f) = self.decorated(whole) {
            self.out.roles.push((site.id, f, registrar.role));
        } else if let Some((_, outer)) = site.call(whole) {
            // `app.route("/")(view)`
            if let Some(first) = site.facts.args_of(outer).first()
                && let Some((m, f)) = self.function_named(first.value)
            {
                self.out.roles.push((m, f, registrar.role));
            }
        } else if let Some(args) = args {
            let handler = site
                .facts
                .args_of(args)
                .iter()
                .enumerate()
                .find(|(i, a)| match a.kind {
                    ArgKind::Positional => *i == registrar.position,
                    ArgKind::Keyword(name) => site.text(name) == registrar.keyword,
                    ArgKind::Star | ArgKind::DoubleStar => false,
                });
            let open = site
                .facts
                .args_of(args)
                .iter()
                .any(|a| matches!(a.kind, ArgKind::Star | ArgKind::DoubleStar));
            match handler {
                Some((_, arg)) => {
                    if let Some((m, f)) = self.function_named(arg.value) {
                        self.out.roles.push((m, f, registrar.role));
                    }
                }
                None if registrar.keyword == "view_func" && !open => op = Op::NameUrl,
                None => {}
            }
        }
        match args {
            Some(args) => self.emit_call(whole, e, op, args, subject),
            None => self.emit(whole, e, op, subject),
        }
    }

    /// The function that `whole` decorates.
    fn decorated(&self, whole: ExprId) -> Option<FunctionId> {
        let Parent::Decorator(stmt) = self.site.tree.parent(whole) else {
            return None;
        };
        match self.site.facts.stmt(stmt).kind {
            StmtKind::FunctionDef(f) => Some(f),
            _ => None,
        }
    }

    /// Whether `call` mounts a blueprint on something that is known, so that it is a touch itself.
    fn is_mount(&mut self, call: ExprId) -> bool {
        let facts = self.site.facts;
        let ExprKind::Call { callee, .. } = facts.expr(call).kind else {
            return false;
        };
        let ExprKind::Attribute { value, name } = facts.expr(callee).kind else {
            return false;
        };
        if self.site.text(name) != "register_blueprint" {
            return false;
        }
        match self.reader.meaning(self.site.id, value) {
            Meaning::Value(_) => true,
            Meaning::Instance(m, c) => self.reader.instance_kind(m, c).is_some(),
            _ => false,
        }
    }

    /// `app.jinja_env.filters["x"] = f`, `app.jinja_env.globals.update(…)`.
    fn jinja_env(&mut self, attribute: ExprId, e: ExprId, subject: Subject) {
        let site = self.site;
        let kind = match site.attribute(attribute) {
            Some((part, "filters")) => Some((part, TemplateExtensionKind::Filter)),
            Some((part, "tests")) => Some((part, TemplateExtensionKind::Test)),
            Some((part, "globals")) => Some((part, TemplateExtensionKind::Global)),
            _ => None,
        };
        let Some((part, kind)) = kind else {
            self.emit(
                attribute,
                e,
                Op::AppAttribute {
                    name: "jinja_env".into(),
                },
                subject,
            );
            return;
        };
        let mut whole = part;
        if let Some((subscript, _)) = site.subscript(part) {
            whole = subscript;
            if let Parent::Stmt(s) = site.tree.parent(subscript)
                && let StmtKind::Assign { value, .. } = site.facts.stmt(s).kind
                && let Some((m, f)) = self.function_named(value)
            {
                self.out.roles.push((m, f, Role::TemplateFilter));
            }
        } else if let Some((method, _)) = site.attribute(part)
            && let Some((call, args)) = site.call(method)
        {
            whole = call;
            for arg in site.facts.args_of(args) {
                if matches!(arg.kind, ArgKind::Keyword(_))
                    && let Some((m, f)) = self.function_named(arg.value)
                {
                    self.out.roles.push((m, f, Role::TemplateFilter));
                }
            }
        }
        self.emit(whole, e, Op::TemplateExtension { kind }, subject);
    }

    /// `e` is a variable bound to a group of commands.
    pub(super) fn commands(&mut self, e: ExprId) {
        self.commands_of(e, e);
    }

    /// `cli` is a group of commands (`app.cli`, reached from `app`).
    fn commands_of(&mut self, cli: ExprId, from: ExprId) {
        let site = self.site;
        let Some((attribute, name)) = site.attribute(cli) else {
            if cli != from {
                self.emit(
                    cli,
                    from,
                    Op::AppAttribute { name: "cli".into() },
                    Subject::App(None),
                );
            }
            return;
        };
        let call = site.call(attribute);
        let whole = call.map_or(attribute, |(call, _)| call);
        if matches!(name, "command" | "group") {
            if let Some(f) = self.decorated(whole) {
                self.out.roles.push((site.id, f, Role::Command));
            }
        } else if name == "add_command"
            && let Some((_, args)) = call
            && let Some(first) = site.facts.args_of(args).first()
            && let Meaning::Function(m, f) = self.meaning_at(first.value)
        {
            self.out.roles.push((m, f, Role::Command));
        }
        self.emit(whole, cli, Op::Command, Subject::App(None));
    }

    fn meaning_at(&mut self, e: ExprId) -> Meaning {
        let id: ModuleId = self.site.id;
        self.reader.meaning(id, e)
    }
}

/// Methods of blinker's signals.
const SIGNALS: &[&str] = &["connect", "connect_via", "disconnect", "send", "send_async"];

impl Collector<'_, '_, '_> {
    /// An app that is given to a library which is no known extension: what that adds to it (routes,
    /// hooks, a server) nobody can tell.
    fn handed_on(&mut self, e: ExprId) {
        let site = self.site;
        let Some(up) = site.up(e) else { return };
        let ExprKind::Call { callee, .. } = site.facts.expr(up).kind else {
            return;
        };
        if callee == e {
            return;
        }
        let code = match self.reader.meaning(site.id, callee) {
            Meaning::External(_) => Code::M0203,
            Meaning::Unknown => Code::M0204,
            _ => return,
        };
        let Some(dotted) = self.reader.dotted(site.id, callee) else {
            return;
        };
        let (root, last) = (
            dotted.split('.').next().unwrap_or_default(),
            dotted.rsplit('.').next().unwrap_or_default(),
        );
        // Signals only carry it, and what a base class does with it is that class's business.
        if !dotted.contains('.')
            || SIGNALS.contains(&last)
            || root == "super"
            || vocabulary::is_framework(&dotted)
            || package_of(&dotted).is_some()
        {
            return;
        }
        let message = match code {
            Code::M0203 => format!("the app is passed to `{dotted}`, which is not in this source"),
            _ => format!(
                "the app is passed to `{}`, which is found only at run time",
                site.source(callee)
            ),
        };
        self.find(
            code,
            e,
            message,
            "Read what it adds to the app, or how it serves it: none of that is in the analysis.",
        );
    }
}
