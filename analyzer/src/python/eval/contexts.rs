//! `@contextlib.contextmanager`: the body up to the `yield` runs on entry, the rest on exit.

use super::interpreter::Interpreter;
use super::value::{Args, Closure, Kind, ObjectId, ScopeId, Site, Value};
use super::world::World;
use crate::python::facts::{ExprKind, Run, StmtId, StmtKind};

/// The attribute that marks such a function.
pub(super) const MARK: &str = "context manager";

/// A context that was entered.
pub(super) struct Entered<'p> {
    closure: Closure<'p>,
    scope: ScopeId,
    rest: Vec<Run>,
}

impl<'p, W: World<'p>> Interpreter<'p, W> {
    /// A call of a marked function: nothing runs before `with` does.
    pub(super) fn suspended(
        &mut self,
        function: ObjectId,
        args: &Args<'p>,
        site: Site,
    ) -> Option<Value<'p>> {
        self.object(function).attributes.get(MARK)?;
        let value = self.allocate(Kind::Partial {
            function: Value::Ref(function),
            args: Box::new(args.clone()),
            site,
        });
        if let Value::Ref(id) = &value {
            self.object_mut(*id).attributes.set(MARK, Value::Bool(true));
        }
        Some(value)
    }

    /// Runs such a function up to its `yield`; what it yields.
    pub(super) fn enter_context(&mut self, value: &Value<'p>) -> Option<(Value<'p>, Entered<'p>)> {
        let Value::Ref(id) = value else { return None };
        self.object(*id).attributes.get(MARK)?;
        let Kind::Partial { function, args, .. } = self.object(*id).kind.clone() else {
            return None;
        };
        let closure = self.closure(&function)?.clone();
        let facts = self.facts(closure.module);
        let body = facts.function(closure.function).body;
        let (before, value, rest) = self.split(&closure, body)?;
        let scope = self.child_scope(closure.scope, false);
        self.in_generator(&closure, &args, |it| {
            it.bind_arguments(&closure, scope, &args);
            for run in before {
                it.block(closure.module, scope, run);
            }
        });
        let yielded = match value {
            Some(e) => self.expression(closure.module, scope, e),
            None => Value::None,
        };
        Some((
            yielded,
            Entered {
                closure,
                scope,
                rest,
            },
        ))
    }

    /// Runs what stands behind the `yield`.
    pub(super) fn leave_context(&mut self, entered: Entered<'p>) {
        let Entered {
            closure,
            scope,
            rest,
        } = entered;
        self.in_generator(&closure, &Args::default(), |it| {
            for run in rest {
                it.block(closure.module, scope, run);
            }
        });
    }

    fn in_generator(
        &mut self,
        closure: &Closure<'p>,
        args: &Args<'p>,
        body: impl FnOnce(&mut Self),
    ) {
        self.push_frame(Some((closure.module, closure.function)), None);
        if let (Some(class), Some(first)) = (closure.class, args.positional.first()) {
            self.frame().method_of = Some((class, first.clone()));
        }
        body(self);
        self.frames.pop();
    }

    /// The statements before the `yield`, its value, and those behind it (a `finally` last).
    fn split(
        &self,
        closure: &Closure<'p>,
        body: Run,
    ) -> Option<(Vec<Run>, Option<crate::python::facts::ExprId>, Vec<Run>)> {
        let facts = self.facts(closure.module);
        let stmts = facts.stmts_of(body);
        let (at, value) = stmts.iter().enumerate().find_map(|(i, &s)| {
            let span = facts.stmt(s).span;
            facts.exprs.iter().find_map(|e| match e.kind {
                ExprKind::Yield(value) if span.contains(e.span) => Some((i, value)),
                _ => None,
            })
        })?;
        let part = |from: usize, to: usize| Run {
            start: body.start + from as u32,
            len: (to - from) as u32,
        };
        let mut before = vec![part(0, at)];
        let mut rest = Vec::new();
        let inner = |s: StmtId| match facts.stmt(s).kind {
            StmtKind::Try { body, finally, .. } => Some((body, finally)),
            StmtKind::With { body, .. } => Some((body, Run::default())),
            _ => None,
        };
        if let Some((block, finally)) = inner(stmts[at])
            && let Some((first, _, last)) = self.split(closure, block)
        {
            before.extend(first);
            rest.extend(last);
            rest.push(finally);
        }
        rest.push(part(at + 1, stmts.len()));
        Some((before, value, rest))
    }
}
