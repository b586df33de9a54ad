//! Statements: control flow over what is known and what is not.

use super::interpreter::{Interpreter, MAX_LOOP};
use super::value::{Closure, Kind, Scope, ScopeId, Site, Value};
use super::world::World;
use crate::python::facts::{ExprId, ExprKind, FunctionId, ParamKind, Run, StmtId, StmtKind};
use crate::python::project::ModuleId;

/// How a block ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    /// Ran to its end.
    Normal,
    /// `break` or `continue`.
    Jump,
    /// `return` or `raise`.
    Leave,
}

type Changes<'p> = Vec<(ScopeId, &'p str, Option<Value<'p>>)>;

impl<'p, W: World<'p>> Interpreter<'p, W> {
    pub(super) fn block(&mut self, module: ModuleId, scope: ScopeId, run: Run) -> Flow {
        let facts = self.facts(module);
        let before = self.frame().conditions;
        for &id in facts.stmts_of(run) {
            if !self.burn() {
                return Flow::Leave;
            }
            match self.statement(module, scope, id) {
                Flow::Normal => {}
                flow => {
                    self.frame().conditions = before;
                    return flow;
                }
            }
        }
        self.frame().conditions = before;
        Flow::Normal
    }

    fn statement(&mut self, module: ModuleId, scope: ScopeId, id: StmtId) -> Flow {
        let facts = self.facts(module);
        let stmt = facts.stmt(id);
        match &stmt.kind {
            StmtKind::Expr(e) => {
                self.expression(module, scope, *e);
            }
            StmtKind::Assign { targets, value } => {
                let value = self.expression(module, scope, *value);
                for &target in facts.exprs_of(*targets) {
                    self.assign(module, scope, target, value.clone());
                }
            }
            StmtKind::AnnAssign {
                target,
                annotation,
                value,
            } => {
                let in_class = self.scope(scope).is_class;
                if let Some(value) = value {
                    let value = self.expression(module, scope, *value);
                    self.assign(module, scope, *target, value);
                }
                // Dataclass fields without a default: remembered in order.
                if in_class && let ExprKind::Name = facts.expr(*target).kind {
                    let name = self.text(module, facts.expr(*target).span);
                    let _ = annotation;
                    self.note_field(scope, name);
                }
            }
            StmtKind::AugAssign { target, op, value } => {
                let old = self.expression(module, scope, *target);
                let new = self.expression(module, scope, *value);
                let result = self.augment(old, *op, &new);
                self.assign(module, scope, *target, result);
            }
            StmtKind::Return(value) => {
                let value = value.map_or(Value::None, |e| self.expression(module, scope, e));
                self.frame().returns.push(value);
                return Flow::Leave;
            }
            StmtKind::Raise { value, .. } => {
                if let Some(e) = value {
                    self.expression(module, scope, *e);
                }
                return Flow::Leave;
            }
            StmtKind::If { test, body, orelse } => {
                return self.branch(module, scope, *test, *body, *orelse);
            }
            StmtKind::For {
                target,
                iter,
                body,
                orelse,
            } => {
                return self.for_loop(module, scope, *target, *iter, *body, *orelse);
            }
            StmtKind::While { test, body, orelse } => {
                let value = self.expression(module, scope, *test);
                if self.truth(&value) != Some(false) {
                    self.guarded(|it| {
                        it.frame().unknown_loops += 1;
                        it.block(module, scope, *body);
                        it.frame().unknown_loops -= 1;
                    });
                }
                self.block(module, scope, *orelse);
            }
            StmtKind::With { items, body, .. } => {
                let mut contexts = Vec::new();
                for pair in facts.exprs_of(*items).chunks(2) {
                    let value = self.expression(module, scope, pair[0]);
                    let entered = match self.enter_context(&value) {
                        Some((yielded, context)) => {
                            contexts.push(context);
                            yielded
                        }
                        None => self.entered(value),
                    };
                    if let Some(&target) = pair.get(1)
                        && !matches!(facts.expr(target).kind, ExprKind::Opaque)
                    {
                        self.assign(module, scope, target, entered);
                    }
                }
                let flow = self.block(module, scope, *body);
                for context in contexts.into_iter().rev() {
                    self.leave_context(context);
                }
                return flow;
            }
            StmtKind::Try {
                body,
                handlers,
                orelse,
                finally,
            } => {
                return self.try_block(module, scope, *body, *handlers, *orelse, *finally);
            }
            StmtKind::FunctionDef(function) => {
                let value = self.function_value(module, scope, *function);
                let decorated = self.decorate(module, scope, *function, value);
                let name = self.text(module, facts.function(*function).name);
                self.bind(scope, name, decorated);
            }
            StmtKind::ClassDef(class) => {
                let value = self.class_value(module, scope, *class);
                let name = self.text(module, facts.class(*class).name);
                self.bind(scope, name, value);
            }
            StmtKind::Import(names) => self.import(module, scope, *names),
            StmtKind::ImportFrom {
                module: from,
                level,
                names,
                star,
            } => {
                self.import_from(module, scope, *from, *level, *names, *star);
            }
            StmtKind::Match { subject, cases } => {
                self.expression(module, scope, *subject);
                for &case in facts.stmts_of(*cases) {
                    if let StmtKind::Case {
                        captures,
                        guard,
                        body,
                        ..
                    } = facts.stmt(case).kind
                    {
                        self.guarded(|it| {
                            for &name in facts.exprs_of(captures) {
                                it.assign(module, scope, name, Value::Unknown);
                            }
                            if let Some(guard) = guard {
                                it.expression(module, scope, guard);
                            }
                            it.block(module, scope, body);
                        });
                    }
                }
            }
            // Runs as a part of its `match`.
            StmtKind::Case { .. } => {}
            StmtKind::Scope(names) => {
                let global = self.text(module, stmt.span).starts_with("global");
                for &name in facts.exprs_of(*names) {
                    let name = self.text(module, facts.expr(name).span);
                    self.scope_mut(scope).rare().declared.push((name, global));
                }
            }
            StmtKind::Delete(targets) => {
                for &target in facts.exprs_of(*targets) {
                    if let ExprKind::Subscript { value, index } = facts.expr(target).kind {
                        let container = self.expression(module, scope, value);
                        let key = self.expression(module, scope, index);
                        self.delete_item(&container, &key);
                    }
                }
            }
            StmtKind::Assert { test, .. } => {
                self.expression(module, scope, *test);
            }
            StmtKind::Jump => return Flow::Jump,
            StmtKind::Pass => {}
        }
        Flow::Normal
    }

    // ---- branches

    fn branch(
        &mut self,
        module: ModuleId,
        scope: ScopeId,
        test: ExprId,
        body: Run,
        orelse: Run,
    ) -> Flow {
        let value = self.expression(module, scope, test);
        match self.truth(&value) {
            Some(true) => self.block(module, scope, body),
            Some(false) => self.block(module, scope, orelse),
            None => {
                let (flow_a, changes_a) = self.attempt(|it| it.block(module, scope, body));
                let (flow_b, changes_b) = self.attempt(|it| it.block(module, scope, orelse));
                match (flow_a, flow_b) {
                    (Flow::Normal, Flow::Normal) => self.merge(changes_a, changes_b),
                    // What follows runs only when the other side was taken.
                    (Flow::Normal, _) => {
                        self.apply(changes_a);
                        self.frame().conditions += 1;
                    }
                    (_, Flow::Normal) => {
                        self.apply(changes_b);
                        // `if not x: raise` leaves the rest as certain as it was: nothing else
                        // can happen in an app that starts.
                        if !self.only_raises(module, body) {
                            self.frame().conditions += 1;
                        }
                    }
                    (Flow::Jump, _) | (_, Flow::Jump) => return Flow::Jump,
                    (Flow::Leave, Flow::Leave) => return Flow::Leave,
                }
                Flow::Normal
            }
        }
    }

    fn only_raises(&self, module: ModuleId, body: Run) -> bool {
        let facts = self.facts(module);
        facts
            .stmts_of(body)
            .last()
            .is_some_and(|&s| matches!(facts.stmt(s).kind, StmtKind::Raise { .. }))
    }

    /// Runs something conditionally and takes back what it bound.
    fn attempt(&mut self, body: impl FnOnce(&mut Self) -> Flow) -> (Flow, Changes<'p>) {
        self.journals.push(Vec::new());
        self.frame().conditions += 1;
        let flow = body(self);
        self.frame().conditions -= 1;
        let journal = self.journals.pop().unwrap_or_default();
        let mut changes: Changes<'p> = Vec::new();
        for (scope, name, old) in journal.into_iter().rev() {
            if !changes.iter().any(|(s, n, _)| *s == scope && *n == name) {
                let new = self.scope(scope).names.get(name).cloned();
                changes.push((scope, name, new));
            }
            match old {
                Some(value) => self.scope_mut(scope).names.insert(name, value),
                None => self.scope_mut(scope).names.remove(name),
            };
        }
        (flow, changes)
    }

    fn set_raw(&mut self, scope: ScopeId, name: &'p str, value: Option<Value<'p>>) {
        let old = match value {
            Some(value) => self.scope_mut(scope).names.insert(name, value),
            None => self.scope_mut(scope).names.remove(name),
        };
        if let Some(journal) = self.journals.last_mut() {
            journal.push((scope, name, old));
        }
    }

    fn apply(&mut self, changes: Changes<'p>) {
        for (scope, name, value) in changes {
            self.set_raw(scope, name, value);
        }
    }

    fn merge(&mut self, a: Changes<'p>, b: Changes<'p>) {
        let mut b = b;
        for (scope, name, value_a) in a {
            let other = b.iter().position(|(s, n, _)| *s == scope && *n == name);
            let value_b = match other {
                Some(i) => b.swap_remove(i).2,
                None => self.scope(scope).names.get(name).cloned(),
            };
            let value = join_bound(value_a, value_b);
            self.set_raw(scope, name, value);
        }
        for (scope, name, value_b) in b {
            let old = self.scope(scope).names.get(name).cloned();
            let value = join_bound(value_b, old);
            self.set_raw(scope, name, value);
        }
    }

    /// Runs a block that may or may not run, and keeps both outcomes.
    fn guarded(&mut self, body: impl FnOnce(&mut Self)) {
        let (_, changes) = self.attempt(|it| {
            body(it);
            Flow::Normal
        });
        self.merge(changes, Vec::new());
    }

    // ---- loops

    fn for_loop(
        &mut self,
        module: ModuleId,
        scope: ScopeId,
        target: ExprId,
        iter: ExprId,
        body: Run,
        orelse: Run,
    ) -> Flow {
        let iterable = self.expression(module, scope, iter);
        let (items, open) = self.elements(&iterable);
        for item in items.into_iter().take(MAX_LOOP) {
            if !self.burn() {
                return Flow::Leave;
            }
            self.assign(module, scope, target, item);
            if self.block(module, scope, body) == Flow::Leave {
                return Flow::Leave;
            }
        }
        if open {
            self.guarded(|it| {
                it.frame().unknown_loops += 1;
                it.assign(module, scope, target, Value::Unknown);
                it.block(module, scope, body);
                it.frame().unknown_loops -= 1;
            });
        }
        self.block(module, scope, orelse)
    }

    fn try_block(
        &mut self,
        module: ModuleId,
        scope: ScopeId,
        body: Run,
        handlers: Run,
        orelse: Run,
        finally: Run,
    ) -> Flow {
        let facts = self.facts(module);
        let flow = self.block(module, scope, body);
        // The guarded block is taken to succeed. A handler still runs for what it registers, and
        // for names that the block left unbound.
        for handler in facts.handlers_of(handlers) {
            let (_, changes) = self.attempt(|it| {
                if let Some(name) = handler.name {
                    let name = it.text(module, name);
                    it.bind(scope, name, Value::Unknown);
                }
                it.block(module, scope, handler.body)
            });
            for (at, name, value) in changes {
                if !self.scope(at).names.contains_key(name) {
                    self.set_raw(at, name, value);
                }
            }
        }
        let flow = if flow == Flow::Normal {
            self.block(module, scope, orelse)
        } else {
            flow
        };
        self.block(module, scope, finally);
        flow
    }

    // ---- functions

    pub(super) fn function_value(
        &mut self,
        module: ModuleId,
        scope: ScopeId,
        id: FunctionId,
    ) -> Value<'p> {
        let facts = self.facts(module);
        let function = facts.function(id);
        let defaults: Vec<Option<Value<'p>>> = facts
            .params_of(function.params)
            .iter()
            .map(|p| match p.kind {
                ParamKind::Plain => p.default.map(|e| self.expression(module, scope, e)),
                _ => None,
            })
            .collect();
        let value = self.allocate(Kind::Function(Box::new(Closure {
            module,
            function: id,
            scope,
            defaults: defaults.into(),
            name: None,
            wrapped: None,
            class: None,
        })));
        self.closures.insert((module, id), value.clone());
        value
    }

    fn decorate(
        &mut self,
        module: ModuleId,
        scope: ScopeId,
        id: FunctionId,
        value: Value<'p>,
    ) -> Value<'p> {
        let facts = self.facts(module);
        let decorators = facts.exprs_of(facts.function(id).decorators);
        let evaluated: Vec<(Value<'p>, Site)> = decorators
            .iter()
            .map(|&e| {
                let site = Site {
                    module,
                    span: facts.expr(e).span,
                };
                (self.expression(module, scope, e), site)
            })
            .collect();
        self.apply_decorators(evaluated, value)
    }

    /// Applies decorators bottom up. One that gives nothing known is taken to hand the function
    /// on: that is what nearly every decorator of a library does.
    pub(super) fn apply_decorators(
        &mut self,
        decorators: Vec<(Value<'p>, Site)>,
        value: Value<'p>,
    ) -> Value<'p> {
        let mut value = value;
        for (decorator, site) in decorators.into_iter().rev() {
            let args = super::value::Args::of(vec![value.clone()]);
            let result = self.call(&decorator, &args, site);
            let keeps = match &result {
                Value::Unknown | Value::External(_) | Value::None => true,
                Value::Choice(list) => list.iter().any(Value::is_unknown),
                _ => false,
            };
            if !keeps {
                value = result;
            }
        }
        value
    }

    pub(super) fn note_field(&mut self, scope: ScopeId, name: &'p str) {
        let fields = self.scope(scope).names.get("__annotations__").cloned();
        let list = match fields {
            Some(Value::Ref(id)) => Value::Ref(id),
            _ => {
                let list = self.list(Vec::new());
                self.scope_mut(scope)
                    .names
                    .insert("__annotations__", list.clone());
                list
            }
        };
        if let Value::Ref(id) = list
            && let Kind::List { items, .. } = &mut self.object_mut(id).kind
        {
            items.push(Value::text(name));
        }
    }

    /// A scope for a function, class body or comprehension.
    pub(super) fn child_scope(&mut self, parent: ScopeId, is_class: bool) -> ScopeId {
        self.new_scope(Scope {
            parent: Some(parent),
            is_class,
            ..Scope::default()
        })
    }
}

fn join_bound<'p>(a: Option<Value<'p>>, b: Option<Value<'p>>) -> Option<Value<'p>> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.join(b)),
        (a, b) => a.or(b),
    }
}
