//! Expressions.

use std::rc::Rc;

use super::containers::set_entry;
use super::interpreter::Interpreter;
use super::text;
use super::value::{Args, Kind, Piece, ScopeId, Site, Value};
use super::world::World;
use crate::python::facts::{ArgKind, ExprId, ExprKind, Run, Span};
use crate::python::literal;
use crate::python::project::ModuleId;

impl<'p, W: World<'p>> Interpreter<'p, W> {
    /// The value of an expression.
    pub(super) fn expression(&mut self, module: ModuleId, scope: ScopeId, id: ExprId) -> Value<'p> {
        if !self.burn() {
            return Value::Unknown;
        }
        let facts = self.facts(module);
        let expr = facts.expr(id);
        match expr.kind {
            ExprKind::Name => {
                let name = self.text(module, expr.span);
                self.lookup(scope, name)
            }
            ExprKind::Attribute { value, name } => {
                let owner = self.expression(module, scope, value);
                let name = self.text(module, name);
                self.attribute(&owner, name)
            }
            ExprKind::Call { callee, args } => {
                let site = Site {
                    module,
                    span: expr.span,
                };
                if let Some(value) = self.super_call(module, scope, callee, args) {
                    return value;
                }
                let function = self.expression(module, scope, callee);
                let args = self.arguments(module, scope, args);
                self.call(&function, &args, site)
            }
            ExprKind::Subscript { value, index } => {
                let container = self.expression(module, scope, value);
                if let ExprKind::Slice(run) = facts.expr(index).kind {
                    return match self.bounds(module, scope, index, run) {
                        Some((lower, upper)) => self.slice(&container, lower, upper),
                        None => Value::Unknown,
                    };
                }
                let index = self.expression(module, scope, index);
                self.item(&container, &index)
            }
            ExprKind::Str => literal::string(self.text(module, expr.span))
                .map_or(Value::Unknown, |s| Value::Str(s.into())),
            ExprKind::FString(parts) => self.fstring(module, scope, parts),
            ExprKind::Bytes => Value::Bytes,
            ExprKind::Integer => {
                literal::integer(self.text(module, expr.span)).map_or(Value::Unknown, Value::Int)
            }
            ExprKind::Float => self
                .text(module, expr.span)
                .parse()
                .map_or(Value::Unknown, Value::Float),
            ExprKind::True => Value::Bool(true),
            ExprKind::False => Value::Bool(false),
            ExprKind::None => Value::None,
            ExprKind::Tuple(run) => {
                let (items, open) = self.display(module, scope, run);
                if open {
                    self.allocate(Kind::List { items, open })
                } else {
                    Value::Tuple(items.into())
                }
            }
            ExprKind::List(run) | ExprKind::Set(run) => {
                let (items, open) = self.display(module, scope, run);
                self.allocate(Kind::List { items, open })
            }
            ExprKind::Dict(run) => self.dict_display(module, scope, run),
            ExprKind::Unary(operand) => {
                let value = self.expression(module, scope, operand);
                match (value, self.text(module, expr.span).as_bytes().first()) {
                    (Value::Int(i), Some(b'-')) => Value::Int(i.wrapping_neg()),
                    (Value::Float(x), Some(b'-')) => Value::Float(-x),
                    (Value::Int(i), Some(b'+')) => Value::Int(i),
                    _ => Value::Unknown,
                }
            }
            ExprKind::Not(operand) => {
                let value = self.expression(module, scope, operand);
                self.truth(&value)
                    .map_or(Value::Unknown, |b| Value::Bool(!b))
            }
            ExprKind::Binary { op, left, right } => {
                let a = self.expression(module, scope, left);
                let b = self.expression(module, scope, right);
                let (a_name, b_name) =
                    (self.hole_name(module, left), self.hole_name(module, right));
                self.binary(&a, a_name, op, &b, b_name)
            }
            ExprKind::Bool { and, left, right } => {
                let a = self.expression(module, scope, left);
                match (self.truth(&a), and) {
                    (Some(true), true) | (Some(false), false) => {
                        self.expression(module, scope, right)
                    }
                    (Some(_), _) => a,
                    (None, _) => {
                        let b = self.expression(module, scope, right);
                        a.join(b)
                    }
                }
            }
            ExprKind::Compare { op, operands } => {
                // Whether a module is the one that was started depends on who starts it.
                let is_name = |&e: &ExprId| self.text(module, facts.expr(e).span) == "__name__";
                if facts.exprs_of(operands).iter().any(is_name) {
                    return Value::Unknown;
                }
                let values: Vec<Value<'p>> = facts
                    .exprs_of(operands)
                    .iter()
                    .map(|&e| self.expression(module, scope, e))
                    .collect();
                match values.as_slice() {
                    [a, b] => self.compare(a, op, b).map_or(Value::Unknown, Value::Bool),
                    _ => Value::Unknown,
                }
            }
            ExprKind::Conditional { test, body, orelse } => {
                let value = self.expression(module, scope, test);
                match self.truth(&value) {
                    Some(true) => self.expression(module, scope, body),
                    Some(false) => self.expression(module, scope, orelse),
                    None => {
                        let a = self.expression(module, scope, body);
                        let b = self.expression(module, scope, orelse);
                        a.join(b)
                    }
                }
            }
            ExprKind::Lambda(function) => self.function_value(module, scope, function),
            ExprKind::Comprehension {
                kind,
                element,
                clauses,
            } => self.comprehension(module, scope, kind, element, clauses),
            ExprKind::Await(inner) => self.expression(module, scope, inner),
            ExprKind::Named { target, value } => {
                let value = self.expression(module, scope, value);
                self.assign(module, scope, target, value.clone());
                value
            }
            ExprKind::Starred(inner) | ExprKind::DoubleStarred(inner) => {
                self.expression(module, scope, inner)
            }
            ExprKind::Yield(inner) => {
                if let Some(inner) = inner {
                    let value = self.expression(module, scope, inner);
                    self.frame().returns.push(value);
                }
                Value::Unknown
            }
            ExprKind::Slice(_)
            | ExprKind::StrPart { .. }
            | ExprKind::Interpolation { .. }
            | ExprKind::Ellipsis
            | ExprKind::Opaque => Value::Unknown,
        }
    }

    /// The bounds of `[lower:upper]`, where they are known; a step is not followed.
    fn bounds(
        &mut self,
        module: ModuleId,
        scope: ScopeId,
        slice: ExprId,
        run: Run,
    ) -> Option<(Option<i64>, Option<i64>)> {
        let facts = self.facts(module);
        let span = facts.expr(slice).span;
        let parts = facts.exprs_of(run);
        let mut bounds = [None, None];
        let mut at = span.start;
        let mut slot = 0;
        for &part in parts {
            let inner = facts.expr(part).span;
            let between = self.text(
                module,
                Span {
                    start: at,
                    end: inner.start,
                },
            );
            slot += between.matches(':').count();
            let Value::Int(i) = self.expression(module, scope, part) else {
                return None;
            };
            *bounds.get_mut(slot)? = Some(i);
            at = inner.end;
        }
        let rest = self.text(
            module,
            Span {
                start: at,
                end: span.end,
            },
        );
        (slot + rest.matches(':').count() <= 1).then_some((bounds[0], bounds[1]))
    }

    /// How a hole is named after the expression that is not known.
    fn hole_name(&self, module: ModuleId, id: ExprId) -> Option<&'p str> {
        let facts = self.facts(module);
        match facts.expr(id).kind {
            ExprKind::Name => Some(self.text(module, facts.expr(id).span)),
            ExprKind::Attribute { name, .. } => Some(self.text(module, name)),
            _ => None,
        }
    }

    fn fstring(&mut self, module: ModuleId, scope: ScopeId, parts: Run) -> Value<'p> {
        let facts = self.facts(module);
        let mut pieces = Vec::new();
        for &part in facts.exprs_of(parts) {
            let expr = facts.expr(part);
            match expr.kind {
                ExprKind::StrPart { raw } => {
                    let written = self.text(module, expr.span);
                    match literal::part(written, raw) {
                        Some(s) => pieces.push(Piece::Known(s.into())),
                        None => pieces.push(Piece::Hole(None)),
                    }
                }
                ExprKind::Interpolation {
                    value: inner,
                    plain,
                    ..
                } => {
                    let value = self.expression(module, scope, inner);
                    let name = self.hole_name(module, inner);
                    if plain {
                        pieces.extend(text::pieces(&value, name));
                    } else {
                        pieces.push(Piece::Hole(name.map(Rc::from)));
                    }
                }
                _ => {
                    let value = self.expression(module, scope, part);
                    pieces.extend(text::pieces(&value, None));
                }
            }
        }
        text::from_pieces(pieces)
    }

    fn display(&mut self, module: ModuleId, scope: ScopeId, run: Run) -> (Vec<Value<'p>>, bool) {
        let facts = self.facts(module);
        let mut items = Vec::with_capacity(run.len as usize);
        let mut open = false;
        for &e in facts.exprs_of(run) {
            let value = self.expression(module, scope, e);
            if matches!(facts.expr(e).kind, ExprKind::Starred(_)) {
                let (more, unknown) = self.elements(&value);
                items.extend(more);
                open |= unknown;
            } else {
                items.push(value);
            }
        }
        (items, open)
    }

    fn dict_display(&mut self, module: ModuleId, scope: ScopeId, run: Run) -> Value<'p> {
        let facts = self.facts(module);
        let mut entries: Vec<(Value<'p>, Value<'p>)> = Vec::new();
        let mut open = false;
        for pair in facts.exprs_of(run).chunks_exact(2) {
            if matches!(facts.expr(pair[0]).kind, ExprKind::DoubleStarred(_)) {
                let value = self.expression(module, scope, pair[1]);
                match self.entries(&value) {
                    Some((more, unknown)) => {
                        for (k, v) in more {
                            set_entry(&mut entries, k, v);
                        }
                        open |= unknown;
                    }
                    None => open = true,
                }
                continue;
            }
            let key = self.expression(module, scope, pair[0]);
            let value = self.expression(module, scope, pair[1]);
            set_entry(&mut entries, key, value);
        }
        self.allocate(Kind::Dict { entries, open })
    }

    pub(super) fn arguments(&mut self, module: ModuleId, scope: ScopeId, run: Run) -> Args<'p> {
        let facts = self.facts(module);
        let mut args = Args::default();
        for arg in facts.args_of(run) {
            let value = self.expression(module, scope, arg.value);
            match arg.kind {
                ArgKind::Positional => args.positional.push(value),
                ArgKind::Keyword(name) => {
                    args.keywords.push((self.text(module, name).into(), value));
                }
                ArgKind::Star => {
                    let (items, open) = self.elements(&value);
                    args.positional.extend(items);
                    args.open |= open;
                }
                ArgKind::DoubleStar => match self.entries(&value) {
                    Some((entries, open)) => {
                        for (key, value) in entries {
                            if let Value::Str(name) = key {
                                args.keywords.push((name, value));
                            }
                        }
                        args.open |= open;
                    }
                    None => args.open = true,
                },
            }
        }
        args
    }
}
