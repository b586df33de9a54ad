//! The pass over one file: every name is looked at once, and followed as far as it leads.

use model::{Code, Finding, Op, Place, Role, Severity, Subject, Touch};

use crate::python::facts::{ExprId, ExprKind, FunctionId, Run, StmtId, StmtKind};
use crate::python::project::ModuleId;
use crate::python::scopes::Scopes;
use crate::python::tree::Parent;

use super::place::{Site, Target, span};
use crate::flask::meaning::{Kind, Mapping, Meaning, Reader};

/// How one function refers to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// It calls it.
    Call,
    /// It passes it on, binds it, or returns it.
    Reference,
    /// It is decorated with it.
    Decoration,
    /// It registers it as a view, hook, handler or command.
    Registration,
}

/// One function referring to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// Who; `None` for the module's own statements.
    pub from: Option<FunctionId>,
    /// To whom.
    pub to: (ModuleId, FunctionId),
    /// How.
    pub how: How,
}

/// What one file does with the framework.
#[derive(Debug, Default)]
pub struct FileTouches {
    /// Touches by function (`None`: the module's own statements), in source order.
    pub touches: Vec<(Option<FunctionId>, Touch)>,
    /// References between functions.
    pub edges: Vec<Edge>,
    /// What functions are registered as.
    pub roles: Vec<(ModuleId, FunctionId, Role)>,
    /// Remarks.
    pub findings: Vec<Finding>,
}

pub(super) struct Collector<'r, 's, 'p> {
    pub(super) reader: &'r mut Reader<'s, 'p>,
    pub(super) site: Site<'s, 'p>,
    pub(super) out: FileTouches,
}

/// Everything that the file `m` does with the framework.
#[must_use]
pub fn collect(reader: &mut Reader<'_, '_>, m: ModuleId) -> FileTouches {
    let site = Site::new(reader.scopes, m);
    let mut collector = Collector {
        reader,
        site,
        out: FileTouches::default(),
    };
    for i in 0..site.facts.stmts.len() {
        collector.imports(StmtId(i as u32));
    }
    for (i, expr) in site.facts.exprs.iter().enumerate() {
        if matches!(expr.kind, ExprKind::Name) {
            collector.name(ExprId(i as u32));
        }
    }
    let mut out = collector.out;
    // An outer touch stands before the touches in its arguments.
    out.touches.sort_by(|(_, a), (_, b)| {
        (
            a.span.start,
            std::cmp::Reverse(a.span.end),
            a.receiver,
            &a.op,
        )
            .cmp(&(
                b.span.start,
                std::cmp::Reverse(b.span.end),
                b.receiver,
                &b.op,
            ))
    });
    out.touches
        .dedup_by(|(_, a), (_, b)| a.span == b.span && a.op == b.op);
    out.edges.sort_unstable();
    out.edges.dedup();
    out
}

impl<'s, 'p> Collector<'_, 's, 'p> {
    pub(super) fn scopes(&self) -> &'s Scopes<'p> {
        self.reader.scopes
    }

    pub(super) fn line(&self, e: ExprId) -> u32 {
        self.site.module.line(self.site.facts.expr(e).span.start)
    }

    fn name(&mut self, e: ExprId) {
        if let Parent::Stmt(s) = self.site.tree.parent(e)
            && matches!(self.site.facts.stmt(s).kind, StmtKind::Scope(_))
        {
            return;
        }
        let meaning = self.reader.name(self.site.id, e);
        if matches!(
            meaning,
            Meaning::Unknown | Meaning::Builtin | Meaning::External(_) | Meaning::Parameter(..)
        ) || self.site.target(e) != Target::No
        {
            return;
        }
        self.follow(e, meaning);
    }

    /// Goes up from `e` until it is something of the framework, or leads nowhere.
    fn follow(&mut self, e: ExprId, meaning: Meaning) {
        let site = self.site;
        let (mut e, mut meaning) = (e, meaning);
        loop {
            match meaning {
                Meaning::Value(kind) => return self.value(e, kind),
                Meaning::Framework(name) => return self.framework(e, &name),
                Meaning::Function(m, f) => {
                    self.edge(e, m, f);
                    let Some((call, _)) = site.call(e) else {
                        return;
                    };
                    meaning = self.reader.meaning(site.id, call);
                    e = site.awaited(call);
                    // What a call gives counts where something is done with it.
                    if !matches!(meaning, Meaning::Value(_) | Meaning::Instance(..))
                        || (site.attribute(e).is_none() && site.subscript(e).is_none())
                    {
                        return;
                    }
                }
                Meaning::Class(m, c) => {
                    if let Some((attribute, name)) = site.attribute(e) {
                        meaning = self.reader.attribute(&Meaning::Class(m, c), name);
                        e = attribute;
                        continue;
                    }
                    let Some((call, _)) = site.call(e) else {
                        return;
                    };
                    if let Some(Meaning::Function(im, init)) =
                        self.reader.class_member(m, c, "__init__", false, 0)
                    {
                        self.push_edge(e, (im, init), How::Call);
                    }
                    if matches!(site.tree.parent(call), Parent::Decorator(_))
                        && let Some(Meaning::Function(cm, wrap)) =
                            self.reader.class_member(m, c, "__call__", false, 0)
                    {
                        self.edge(e, cm, wrap);
                    }
                    if self.reader.instance_kind(m, c) == Some(Kind::App) {
                        let ExprKind::Call { args, .. } = site.facts.expr(call).kind else {
                            return;
                        };
                        self.emit_call(call, e, Op::CreateApp, args, Subject::Framework);
                    }
                    if site.attribute(call).is_none() {
                        return;
                    }
                    meaning = self.reader.meaning(site.id, call);
                    e = call;
                }
                Meaning::Instance(m, c) => {
                    let Some((attribute, name)) = site.attribute(e) else {
                        if let Some(kind) = self.reader.instance_kind(m, c) {
                            self.value(e, kind);
                        }
                        return;
                    };
                    if let Some(found) = self.reader.class_member(m, c, name, true, 0) {
                        e = attribute;
                        if site.target(e) != Target::No {
                            return;
                        }
                        meaning = match found {
                            Meaning::Function(pm, pf) if self.reader.is_property(pm, pf) => {
                                self.push_edge(e, (pm, pf), How::Call);
                                self.reader.returned(pm, pf)
                            }
                            found => found,
                        };
                    } else {
                        if let Some(kind) = self.reader.instance_kind(m, c) {
                            self.value(e, kind);
                        }
                        return;
                    }
                }
                Meaning::Module(_) | Meaning::FrameworkModule(_) | Meaning::Namespace(_) => {
                    let Some((attribute, name)) = site.attribute(e) else {
                        return;
                    };
                    meaning = self.reader.attribute(&meaning, name);
                    e = attribute;
                    if site.target(e) != Target::No {
                        return;
                    }
                }
                Meaning::External(_)
                | Meaning::Parameter(..)
                | Meaning::Builtin
                | Meaning::Unknown => return,
            }
        }
    }

    fn value(&mut self, e: ExprId, kind: Kind) {
        match kind {
            Kind::App | Kind::CurrentApp | Kind::Blueprint => self.application(e, kind),
            Kind::Commands => self.commands(e),
            Kind::Request => self.request(e),
            Kind::Mapping(Mapping::Config) => {
                // An alias of the configuration: `app.config` itself is seen at `app`.
                self.emit(e, e, Op::Config, Subject::App(None));
            }
            Kind::Session | Kind::Globals | Kind::Mapping(_) => {
                let e = self.site.awaited(e);
                self.mapping(e, kind);
            }
            Kind::Upload => self.upload(e),
            Kind::Uploads => {
                // One of several: `files[0].save(…)`.
                if let Some((one, _)) = self.site.subscript(e) {
                    self.upload(one);
                }
            }
            Kind::Response => self.response(self.site.awaited(e)),
        }
    }

    /// `e` names a function of the tree.
    fn edge(&mut self, e: ExprId, m: ModuleId, f: FunctionId) {
        let site = self.site;
        let mut top = e;
        let called = site.call(e);
        if let Some((call, _)) = called {
            top = call;
        }
        if let Parent::Decorator(stmt) = site.tree.parent(top) {
            let from = match site.facts.stmt(stmt).kind {
                StmtKind::FunctionDef(decorated) => Some(decorated),
                _ => site.tree.owner(site.facts, site.tree.scope(stmt)),
            };
            self.out.edges.push(Edge {
                from,
                to: (m, f),
                how: How::Decoration,
            });
            return;
        }
        let how = if called.is_some() {
            How::Call
        } else if self.is_registered(e) {
            How::Registration
        } else {
            How::Reference
        };
        self.push_edge(e, (m, f), how);
    }

    fn push_edge(&mut self, e: ExprId, to: (ModuleId, FunctionId), how: How) {
        if let Some((_, scope)) = self.site.tree.place(e) {
            let from = self.site.tree.owner(self.site.facts, scope);
            self.out.edges.push(Edge { from, to, how });
        }
    }

    /// Whether `e` is an argument of a registering method.
    fn is_registered(&self, e: ExprId) -> bool {
        let site = self.site;
        let mut at = e;
        while let Some(up) = site.up(at) {
            if let ExprKind::Call { callee, .. } = site.facts.expr(up).kind
                && callee != at
                && let ExprKind::Attribute { name, .. } = site.facts.expr(callee).kind
                && super::application::registers(site.text(name))
            {
                return true;
            }
            at = up;
        }
        false
    }

    /// A touch without arguments, or with those of the call that `whole` is.
    pub(super) fn emit(&mut self, whole: ExprId, receiver: ExprId, op: Op, subject: Subject) {
        let site = self.site;
        let (whole, arguments) = match site.facts.expr(whole).kind {
            ExprKind::Call { args, .. } => {
                (site.awaited(whole), site.arguments(self.scopes(), args))
            }
            ExprKind::Subscript { index, .. } => (whole, vec![site.argument(self.scopes(), index)]),
            _ if whole == receiver => (whole, Vec::new()),
            _ => (site.awaited(whole), Vec::new()),
        };
        self.touch(whole, receiver, op, arguments, subject);
    }

    /// A touch that is a call.
    pub(super) fn emit_call(
        &mut self,
        whole: ExprId,
        receiver: ExprId,
        op: Op,
        args: Run,
        subject: Subject,
    ) {
        let arguments = self.site.arguments(self.scopes(), args);
        self.touch(whole, receiver, op, arguments, subject);
    }

    fn touch(
        &mut self,
        whole: ExprId,
        receiver: ExprId,
        op: Op,
        arguments: Vec<model::Argument>,
        subject: Subject,
    ) {
        let touch = Touch {
            op,
            line: self.line(whole),
            span: span(self.site.facts.expr(whole).span),
            receiver: span(self.site.facts.expr(receiver).span),
            arguments,
            context: self.site.context(whole),
            outcome: self.site.outcome(whole),
            subject,
        };
        self.push(whole, touch);
    }

    pub(super) fn push(&mut self, whole: ExprId, touch: Touch) {
        let Some((_, scope)) = self.site.tree.place(whole) else {
            return;
        };
        let owner = self.site.tree.owner(self.site.facts, scope);
        self.out.touches.push((owner, touch));
    }

    pub(super) fn find(&mut self, code: Code, at: ExprId, message: String, help: &str) {
        let at = self.site.facts.expr(at).span;
        let module = self.site.module;
        self.out.findings.push(Finding {
            code,
            severity: Severity::Warning,
            place: Place {
                file: module.path.clone(),
                line: module.line(at.start),
                column: module.column(at.start),
                span: span(at),
            },
            message,
            help: help.to_owned(),
        });
    }
}
