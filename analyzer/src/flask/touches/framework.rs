//! Functions and types of the framework: `flash(…)`, `redirect(…)`, `raise NotFound()`,
//! `-> Response`, and its imports.

use model::{Code, Context, Op, Outcome, Subject, Touch};

use crate::python::facts::{ExprId, ExprKind, Span, StmtId, StmtKind};
use crate::python::tree::Parent;

use super::collector::Collector;
use super::place::{argument, span, text_of};
use crate::flask::meaning::Meaning;
use crate::flask::vocabulary::{self, Canonical};

impl Collector<'_, '_, '_> {
    /// `e` is a function or type of the framework of that canonical name.
    pub(super) fn framework(&mut self, e: ExprId, name: &str) {
        let site = self.site;
        if let Some((call, args)) = site.call(e) {
            let op = self.called(name, call, args);
            let whole = site.awaited(call);
            self.not_understood(&op, whole);
            self.emit_call(whole, e, op, args, Subject::Framework);
            if vocabulary::makes_response(name) {
                self.response(call);
            }
            return;
        }
        if let Some((attribute, part)) = site.attribute(e) {
            // `Response.force_type(…)`, `json.provider.DefaultJSONProvider`.
            let path = format!("{name}.{part}");
            if vocabulary::is_type(&path) && !vocabulary::is_type(name) {
                self.framework(attribute, &path);
                return;
            }
            if !vocabulary::is_type(name) {
                let whole = site.call(attribute).map_or(attribute, |(call, _)| call);
                let op = Op::Other { name: path };
                self.not_understood(&op, whole);
                self.emit(whole, attribute, op, Subject::Framework);
                return;
            }
        }
        let op =
            if let (Some(status), true) = (vocabulary::exception_status(name), self.is_raised(e)) {
                Op::Abort {
                    status: Some(status),
                }
            } else if vocabulary::is_type(name) {
                Op::Type {
                    name: name.to_owned(),
                }
            } else {
                vocabulary::function_op(name).unwrap_or_else(|| Op::Other {
                    name: name.to_owned(),
                })
            };
        self.not_understood(&op, e);
        self.emit(e, e, op, Subject::Framework);
    }

    fn called(&self, name: &str, call: ExprId, args: crate::python::facts::Run) -> Op {
        let arguments = || self.site.arguments(self.scopes(), args);
        match vocabulary::function_op(name) {
            Some(Op::Render { .. }) => {
                let template = text_of(argument(&arguments(), 0, "template_name_or_list"));
                Op::Render { template }
            }
            Some(Op::UrlFor { .. }) => Op::UrlFor {
                endpoint: text_of(argument(&arguments(), 0, "endpoint")),
            },
            Some(Op::Abort { .. }) => {
                let arguments = arguments();
                let status = argument(&arguments, 0, "code").and_then(|a| match a.constant {
                    Some(model::Constant::Int(n)) => Some(n),
                    _ => None,
                });
                Op::Abort { status }
            }
            Some(op) => op,
            None => match vocabulary::exception_status(name) {
                Some(status) => Op::Abort {
                    status: Some(status),
                },
                None if name.starts_with("exceptions.") && self.is_raised(call) => {
                    Op::Abort { status: None }
                }
                None if vocabulary::is_type(name) => Op::Type {
                    name: name.to_owned(),
                },
                None => Op::Other {
                    name: name.to_owned(),
                },
            },
        }
    }

    fn is_raised(&self, e: ExprId) -> bool {
        match self.site.tree.parent(e) {
            Parent::Stmt(s) => matches!(
                self.site.facts.stmt(s).kind,
                StmtKind::Raise { value: Some(value), .. } if value == e
            ),
            _ => false,
        }
    }

    pub(super) fn not_understood(&mut self, op: &Op, at: ExprId) {
        if let Op::Other { name } = op {
            let message = format!("`{name}` of the framework is not understood");
            self.find(
                Code::M0201,
                at,
                message,
                "A port leaves the function as it is, or refuses its routes.",
            );
        }
    }

    /// The imports of the framework among a statement's.
    pub(super) fn imports(&mut self, id: StmtId) {
        let site = self.site;
        match &site.facts.stmt(id).kind {
            StmtKind::Import(names) => {
                for import in site.facts.imports_of(*names) {
                    let dotted = site.text(import.name);
                    if vocabulary::canonical(dotted) == Canonical::Module {
                        let bound = import.alias.unwrap_or(import.name);
                        self.import(id, "framework", bound, import.span);
                    }
                }
            }
            StmtKind::ImportFrom {
                module,
                level: 0,
                names,
                star,
            } => {
                let from = site.text(*module);
                if !vocabulary::is_framework(from) {
                    return;
                }
                if *star {
                    self.import(id, "framework", *module, *module);
                }
                for import in site.facts.imports_of(*names) {
                    let dotted = format!("{from}.{}", site.text(import.name));
                    let name = match vocabulary::canonical(&dotted) {
                        Canonical::Foreign => continue,
                        Canonical::Module => site.text(import.name).to_owned(),
                        Canonical::Name(name) => name,
                    };
                    self.import(id, &name, import.alias.unwrap_or(import.name), import.span);
                }
            }
            _ => {}
        }
    }

    fn import(&mut self, stmt: StmtId, name: &str, bound: Span, whole: Span) {
        let site = self.site;
        let text = site.text(bound);
        let owner = site.tree.owner(site.facts, site.tree.scope(stmt));
        let touch = Touch {
            op: Op::Import {
                name: name.to_owned(),
                bound: text.to_owned(),
            },
            line: site.module.line(whole.start),
            span: span(whole),
            receiver: span(bound),
            arguments: Vec::new(),
            context: Context::Import,
            outcome: Outcome::Bound(text.split('.').next().unwrap_or(text).to_owned()),
            subject: Subject::Framework,
        };
        self.out.touches.push((owner, touch));
    }

    /// The function of the tree that `e` names, through decorators applied by hand.
    pub(super) fn function_named(
        &mut self,
        e: ExprId,
    ) -> Option<(
        crate::python::project::ModuleId,
        crate::python::facts::FunctionId,
    )> {
        let site = self.site;
        if let ExprKind::Call { args, .. } = site.facts.expr(e).kind
            && let Some(first) = site.facts.args_of(args).first()
            && let Some(found) = self.function_named(first.value)
        {
            return Some(found);
        }
        match self.reader.meaning(site.id, e) {
            Meaning::Function(m, f) => Some((m, f)),
            _ => None,
        }
    }
}
