//! Expressions.

use std::rc::Rc;

use super::interpreter::{Interpreter, MAX_LOOP};
use super::text;
use super::value::{Args, DescriptorKind, Kind, Piece, ScopeId, Site, Value};
use super::world::World;
use crate::python::facts::{
    ArgKind, BinaryOp, Clause, CompareOp, ComprehensionKind, ExprId, ExprKind, Run, Span,
};
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

    fn slice(&mut self, value: &Value<'p>, lower: Option<i64>, upper: Option<i64>) -> Value<'p> {
        let range = |len: usize| {
            let at = |i: i64| {
                let i = if i < 0 { i + len as i64 } else { i };
                i.clamp(0, len as i64) as usize
            };
            let start = lower.map_or(0, at);
            start..upper.map_or(len, at).max(start)
        };
        match value {
            Value::Str(s) => {
                let chars: Vec<char> = s.chars().collect();
                let part: String = chars[range(chars.len())].iter().collect();
                Value::text(&part)
            }
            // The end of a text that begins with something known.
            Value::Text(pieces) => match (&pieces[0], lower, upper) {
                (Piece::Known(first), Some(n), None)
                    if n >= 0 && first.chars().count() >= n as usize =>
                {
                    let mut pieces = pieces.to_vec();
                    let rest: String = first.chars().skip(n as usize).collect();
                    pieces[0] = Piece::Known(rest.into());
                    text::from_pieces(pieces)
                }
                _ => Value::Unknown,
            },
            Value::Tuple(items) => Value::Tuple(items[range(items.len())].to_vec().into()),
            Value::Choice(list) => {
                self.over_choice(&list.clone(), |it, v| it.slice(v, lower, upper))
            }
            _ => match self.sequence(value) {
                Some((items, false)) => {
                    let part = items[range(items.len())].to_vec();
                    self.list(part)
                }
                _ => Value::Unknown,
            },
        }
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

    fn comprehension(
        &mut self,
        module: ModuleId,
        scope: ScopeId,
        kind: ComprehensionKind,
        element: ExprId,
        clauses: Run,
    ) -> Value<'p> {
        let inner = self.child_scope(scope, false);
        let mut items = Vec::new();
        let mut open = false;
        let clauses: Vec<Clause> = self.facts(module).clauses_of(clauses).to_vec();
        self.run_clauses(module, inner, &clauses, element, &mut items, &mut open);
        if kind == ComprehensionKind::Dict {
            let entries = items
                .into_iter()
                .filter_map(|pair| match pair {
                    Value::Tuple(kv) if kv.len() == 2 => Some((kv[0].clone(), kv[1].clone())),
                    _ => None,
                })
                .collect();
            return self.allocate(Kind::Dict { entries, open });
        }
        self.allocate(Kind::List { items, open })
    }

    fn run_clauses(
        &mut self,
        module: ModuleId,
        scope: ScopeId,
        clauses: &[Clause],
        element: ExprId,
        items: &mut Vec<Value<'p>>,
        open: &mut bool,
    ) {
        match clauses.split_first() {
            None => {
                if items.len() < MAX_LOOP {
                    let value = self.expression(module, scope, element);
                    items.push(value);
                } else {
                    *open = true;
                }
            }
            Some((Clause::If(test), rest)) => {
                let value = self.expression(module, scope, *test);
                match self.truth(&value) {
                    Some(false) => {}
                    Some(true) => self.run_clauses(module, scope, rest, element, items, open),
                    None => {
                        // May or may not be there: taken in, and the whole is not sure.
                        self.run_clauses(module, scope, rest, element, items, open);
                        *open = true;
                    }
                }
            }
            Some((Clause::For { target, iter }, rest)) => {
                let iterable = self.expression(module, scope, *iter);
                let (elements, unknown) = self.elements(&iterable);
                *open |= unknown;
                for item in elements.into_iter().take(MAX_LOOP) {
                    if !self.burn() {
                        *open = true;
                        return;
                    }
                    self.assign(module, scope, *target, item);
                    self.run_clauses(module, scope, rest, element, items, open);
                }
            }
        }
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

    // ---- assignment

    pub(super) fn assign(
        &mut self,
        module: ModuleId,
        scope: ScopeId,
        target: ExprId,
        value: Value<'p>,
    ) {
        let facts = self.facts(module);
        match facts.expr(target).kind {
            ExprKind::Name => {
                let name = self.text(module, facts.expr(target).span);
                self.bind(scope, name, value);
            }
            ExprKind::Attribute { value: owner, name } => {
                let owner = self.expression(module, scope, owner);
                let name = self.text(module, name);
                self.set_attribute(&owner, name, value);
            }
            ExprKind::Subscript {
                value: container,
                index,
            } => {
                let container = self.expression(module, scope, container);
                let index = self.expression(module, scope, index);
                self.set_item(&container, index, value);
            }
            ExprKind::Tuple(run) | ExprKind::List(run) => {
                let targets = facts.exprs_of(run);
                let (items, open) = self.elements(&value);
                let star = targets
                    .iter()
                    .position(|&t| matches!(facts.expr(t).kind, ExprKind::Starred(_)));
                for (i, &t) in targets.iter().enumerate() {
                    let item = match star {
                        Some(s) if i == s => {
                            let end = items.len().saturating_sub(targets.len() - 1 - s);
                            let middle = items.get(s..end).unwrap_or(&[]).to_vec();
                            self.allocate(Kind::List {
                                items: middle,
                                open,
                            })
                        }
                        Some(s) if i > s => {
                            let from_end = targets.len() - i;
                            items
                                .len()
                                .checked_sub(from_end)
                                .and_then(|j| items.get(j).cloned())
                                .unwrap_or_default()
                        }
                        _ => items.get(i).cloned().unwrap_or_default(),
                    };
                    let t = match facts.expr(t).kind {
                        ExprKind::Starred(inner) => inner,
                        _ => t,
                    };
                    self.assign(module, scope, t, item);
                }
            }
            ExprKind::Starred(inner) => self.assign(module, scope, inner, value),
            _ => {}
        }
    }

    // ---- operators

    pub(super) fn truth(&self, value: &Value<'p>) -> Option<bool> {
        match value {
            Value::None => Some(false),
            Value::Bool(b) => Some(*b),
            Value::Int(i) => Some(*i != 0),
            Value::Float(x) => Some(*x != 0.0),
            Value::Str(s) => Some(!s.is_empty()),
            Value::Text(pieces) => pieces
                .iter()
                .any(|p| matches!(p, Piece::Known(s) if !s.is_empty()))
                .then_some(true),
            Value::Tuple(items) => Some(!items.is_empty()),
            Value::Module(_) => Some(true),
            Value::Ref(id) => match &self.object(*id).kind {
                Kind::List { items, open } => match (items.is_empty(), open) {
                    (false, _) => Some(true),
                    (true, false) => Some(false),
                    (true, true) => None,
                },
                Kind::Dict { entries, open } => match (entries.is_empty(), open) {
                    (false, _) => Some(true),
                    (true, false) => Some(false),
                    (true, true) => None,
                },
                Kind::Instance {
                    class: Value::External(_),
                } => self.object(*id).native.is_some().then_some(true),
                Kind::Bound {
                    function: Value::External(_),
                    ..
                } => None,
                _ => Some(true),
            },
            Value::Choice(list) => {
                let mut all = list.iter().map(|v| self.truth(v));
                let first = all.next()??;
                all.all(|t| t == Some(first)).then_some(first)
            }
            Value::Unknown | Value::Bytes | Value::External(_) | Value::Late(..) => None,
        }
    }

    pub(super) fn compare(&self, a: &Value<'p>, op: CompareOp, b: &Value<'p>) -> Option<bool> {
        match op {
            CompareOp::Eq | CompareOp::Is => self.equal(a, b),
            CompareOp::NotEq | CompareOp::IsNot => self.equal(a, b).map(|e| !e),
            CompareOp::In => self.contains(b, a),
            CompareOp::NotIn => self.contains(b, a).map(|c| !c),
            CompareOp::Lt | CompareOp::LtE | CompareOp::Gt | CompareOp::GtE => {
                let order = match (a, b) {
                    (Value::Int(x), Value::Int(y)) => x.cmp(y),
                    (Value::Str(x), Value::Str(y)) => x.cmp(y),
                    _ => return None,
                };
                Some(match op {
                    CompareOp::Lt => order.is_lt(),
                    CompareOp::LtE => order.is_le(),
                    CompareOp::Gt => order.is_gt(),
                    _ => order.is_ge(),
                })
            }
            CompareOp::Chain => None,
        }
    }

    /// Whether two values are equal (or the same object), where that is known.
    pub(super) fn equal(&self, a: &Value<'p>, b: &Value<'p>) -> Option<bool> {
        use Value as V;
        match (a, b) {
            (V::Unknown | V::Late(..) | V::Choice(_), _)
            | (_, V::Unknown | V::Late(..) | V::Choice(_)) => None,
            (V::Text(_) | V::Bytes, V::None) | (V::None, V::Text(_) | V::Bytes) => Some(false),
            (V::Text(_) | V::Bytes, _) | (_, V::Text(_) | V::Bytes) => None,
            (V::External(x), V::External(y)) => (x == y).then_some(true),
            (V::External(_), _) | (_, V::External(_)) => None,
            (V::Ref(x), V::Ref(y)) if x == y => {
                let unknown = matches!(
                    self.object(*x).kind,
                    Kind::Bound {
                        receiver: V::Unknown,
                        ..
                    }
                );
                (!unknown).then_some(true)
            }
            (V::Ref(x), _) | (_, V::Ref(x))
                if matches!(
                    self.object(*x).kind,
                    Kind::Bound {
                        function: V::External(_),
                        ..
                    } | Kind::Instance {
                        class: V::External(_)
                    }
                ) =>
            {
                (self.object(*x).native.is_some()).then_some(false)
            }
            (V::Ref(x), V::Ref(y)) => {
                let containers = |k: &Kind<'p>| matches!(k, Kind::List { .. } | Kind::Dict { .. });
                (!containers(&self.object(*x).kind) && !containers(&self.object(*y).kind))
                    .then_some(false)
            }
            (V::Int(i), V::Bool(t)) | (V::Bool(t), V::Int(i)) => Some(*i == i64::from(*t)),
            _ => Some(a.same(b)),
        }
    }

    fn contains(&self, container: &Value<'p>, item: &Value<'p>) -> Option<bool> {
        let any = |list: &mut dyn Iterator<Item = &Value<'p>>, open: bool| {
            let mut sure = !open;
            for v in list {
                match self.equal(v, item) {
                    Some(true) => return Some(true),
                    Some(false) => {}
                    None => sure = false,
                }
            }
            sure.then_some(false)
        };
        match container {
            Value::Tuple(list) => any(&mut list.iter(), false),
            Value::Str(s) => item.as_str().map(|i| s.contains(i)),
            Value::Ref(id) => match &self.object(*id).kind {
                Kind::List { items, open } => any(&mut items.iter(), *open),
                Kind::Dict { entries, open } => any(&mut entries.iter().map(|(k, _)| k), *open),
                _ => None,
            },
            _ => None,
        }
    }

    fn binary(
        &mut self,
        a: &Value<'p>,
        a_name: Option<&str>,
        op: BinaryOp,
        b: &Value<'p>,
        b_name: Option<&str>,
    ) -> Value<'p> {
        match (a, op, b) {
            (Value::Choice(list), ..) => {
                self.over_choice(&list.clone(), |it, v| it.binary(v, a_name, op, b, b_name))
            }
            (_, _, Value::Choice(list)) => {
                self.over_choice(&list.clone(), |it, v| it.binary(a, a_name, op, v, b_name))
            }
            (Value::Int(x), _, Value::Int(y)) => match op {
                BinaryOp::Add => x.checked_add(*y).map_or(Value::Unknown, Value::Int),
                BinaryOp::Sub => x.checked_sub(*y).map_or(Value::Unknown, Value::Int),
                BinaryOp::Mul => x.checked_mul(*y).map_or(Value::Unknown, Value::Int),
                BinaryOp::BitOr => Value::Int(x | y),
                BinaryOp::BitAnd => Value::Int(x & y),
                _ => Value::Unknown,
            },
            (_, BinaryOp::Add, _) if text::is_text(a) || text::is_text(b) => {
                text::concat(a, a_name, b, b_name)
            }
            (_, BinaryOp::Add, _) => {
                let tuple = matches!((a, b), (Value::Tuple(_), Value::Tuple(_)));
                match (self.sequence(a), self.sequence(b)) {
                    (Some((mut x, open_x)), Some((y, open_y))) => {
                        x.extend(y);
                        if tuple {
                            Value::Tuple(x.into())
                        } else {
                            self.allocate(Kind::List {
                                items: x,
                                open: open_x || open_y,
                            })
                        }
                    }
                    (Some((x, _)), None) => self.allocate(Kind::List {
                        items: x,
                        open: true,
                    }),
                    (None, Some((y, _))) => self.allocate(Kind::List {
                        items: y,
                        open: true,
                    }),
                    _ => Value::Unknown,
                }
            }
            (Value::Str(template), BinaryOp::Mod, _) => {
                let template = template.clone();
                match b {
                    Value::Tuple(list) => text::percent(&template, list),
                    Value::Ref(id) if matches!(self.object(*id).kind, Kind::Dict { .. }) => {
                        self.percent_mapping(&template, b)
                    }
                    one => text::percent(&template, std::slice::from_ref(one)),
                }
                .unwrap_or_default()
            }
            (_, BinaryOp::Div, _) => Value::Unknown,
            (Value::Str(s), BinaryOp::Mul, Value::Int(n)) if (0..100).contains(n) => {
                Value::text(&s.repeat(*n as usize))
            }
            (_, BinaryOp::BitOr, _) => match (self.entries(a), self.entries(b)) {
                (Some((mut x, open_x)), Some((y, open_y))) => {
                    for (k, v) in y {
                        set_entry(&mut x, k, v);
                    }
                    self.allocate(Kind::Dict {
                        entries: x,
                        open: open_x || open_y,
                    })
                }
                _ => Value::Unknown,
            },
            _ => Value::Unknown,
        }
    }

    /// `"%(name)s" % mapping`.
    fn percent_mapping(&mut self, template: &str, mapping: &Value<'p>) -> Option<Value<'p>> {
        let mut format = String::new();
        let mut values = Vec::new();
        let mut rest = template;
        while let Some(at) = rest.find("%(") {
            let end = at + rest[at..].find(')')?;
            format.push_str(&rest[..at]);
            format.push('%');
            values.push(self.item(mapping, &Value::text(&rest[at + 2..end])));
            rest = &rest[end + 1..];
        }
        format.push_str(rest);
        text::percent(&format, &values)
    }

    fn over_choice(
        &mut self,
        list: &Rc<[Value<'p>]>,
        mut each: impl FnMut(&mut Self, &Value<'p>) -> Value<'p>,
    ) -> Value<'p> {
        let mut result: Option<Value<'p>> = None;
        for v in list.iter() {
            let r = each(self, v);
            result = Some(match result {
                Some(old) => old.join(r),
                None => r,
            });
        }
        result.unwrap_or_default()
    }

    pub(super) fn augment(&mut self, old: Value<'p>, op: BinaryOp, new: &Value<'p>) -> Value<'p> {
        if let Value::Ref(id) = &old {
            let id = *id;
            let (more, unknown) = match op {
                BinaryOp::Add => self.elements(new),
                BinaryOp::BitOr => match self.entries(new) {
                    Some((entries, open)) => {
                        if let Kind::Dict {
                            entries: mine,
                            open: o,
                        } = &mut self.object_mut(id).kind
                        {
                            for (k, v) in entries {
                                set_entry(mine, k, v);
                            }
                            *o |= open;
                            return old;
                        }
                        self.elements(new)
                    }
                    None => self.elements(new),
                },
                _ => return Value::Unknown,
            };
            if let Kind::List { items, open } = &mut self.object_mut(id).kind {
                items.extend(more);
                *open |= unknown;
                return old;
            }
        }
        self.binary(&old, None, op, new, None)
    }

    // ---- containers

    /// The elements of a tuple or list, and whether there may be more.
    pub(super) fn sequence(&self, value: &Value<'p>) -> Option<(Vec<Value<'p>>, bool)> {
        match value {
            Value::Tuple(list) => Some((list.to_vec(), false)),
            Value::Ref(id) => match &self.object(*id).kind {
                Kind::List { items, open } => Some((items.clone(), *open)),
                _ => None,
            },
            _ => None,
        }
    }

    /// What iterating gives, and whether there may be more.
    pub(super) fn elements(&mut self, value: &Value<'p>) -> (Vec<Value<'p>>, bool) {
        if let Some(found) = self.sequence(value) {
            return found;
        }
        match value {
            Value::Str(s) => (
                s.chars().map(|c| Value::text(&c.to_string())).collect(),
                false,
            ),
            Value::None => (Vec::new(), false),
            Value::Ref(id) => match &self.object(*id).kind {
                Kind::Dict { entries, open } => {
                    (entries.iter().map(|(k, _)| k.clone()).collect(), *open)
                }
                // Iterating an enum gives its members.
                Kind::Class { .. } => {
                    let id = *id;
                    match self.enum_members(id) {
                        Some(members) => (members, false),
                        None => (Vec::new(), true),
                    }
                }
                _ => (Vec::new(), true),
            },
            Value::Choice(list) => {
                let mut all = Vec::new();
                for v in list.iter() {
                    all.extend(self.elements(v).0);
                }
                (all, true)
            }
            _ => (Vec::new(), true),
        }
    }

    /// The entries of a dict, and whether there may be more.
    pub(super) fn entries(&self, value: &Value<'p>) -> Option<(Vec<(Value<'p>, Value<'p>)>, bool)> {
        match value {
            Value::Ref(id) => match &self.object(*id).kind {
                Kind::Dict { entries, open } => Some((entries.clone(), *open)),
                _ => None,
            },
            _ => None,
        }
    }

    /// `container[index]`.
    pub fn item(&mut self, container: &Value<'p>, index: &Value<'p>) -> Value<'p> {
        match container {
            Value::Tuple(list) => pick(list, index),
            Value::Str(s) => match index {
                Value::Int(i) => {
                    let n = s.chars().count() as i64;
                    let at = if *i < 0 { n + i } else { *i };
                    usize::try_from(at)
                        .ok()
                        .and_then(|at| s.chars().nth(at))
                        .map_or(Value::Unknown, |c| Value::text(&c.to_string()))
                }
                _ => Value::Unknown,
            },
            Value::Ref(id) => match &self.object(*id).kind {
                Kind::List { items, .. } => pick(items, index),
                Kind::Dict { entries, .. } => entries
                    .iter()
                    .find(|(k, _)| self.equal(k, index) == Some(true))
                    .map(|(_, v)| v.clone())
                    .unwrap_or_default(),
                Kind::Class { .. } => {
                    // `Generic[T]` is the class; `Enum["NAME"]` a member.
                    match (self.enum_members(*id), index) {
                        (Some(_), Value::Str(name)) => {
                            let name = name.clone();
                            self.attribute(container, &name)
                        }
                        _ => container.clone(),
                    }
                }
                Kind::Instance { .. } => {
                    let args = Args::of(vec![index.clone()]);
                    self.special(container, "__getitem__", &args)
                        .unwrap_or_default()
                }
                _ => Value::Unknown,
            },
            // `List[int]`, `Generic[T]`: still that name.
            Value::External(_) => container.clone(),
            Value::Choice(list) => self.over_choice(&list.clone(), |it, v| it.item(v, index)),
            _ => Value::Unknown,
        }
    }

    pub(super) fn set_item(&mut self, container: &Value<'p>, index: Value<'p>, value: Value<'p>) {
        match container {
            Value::Ref(id) => {
                let id = *id;
                let conditional = self.is_conditional();
                match &mut self.object_mut(id).kind {
                    Kind::Dict { entries, open } => {
                        if index.is_unknown() {
                            *open = true;
                        } else if let Some(slot) = entries.iter_mut().find(|(k, _)| k.same(&index))
                        {
                            let old = std::mem::take(&mut slot.1);
                            slot.1 = if conditional { old.join(value) } else { value };
                        } else {
                            entries.push((index, value));
                        }
                    }
                    Kind::List { items, open } => match index {
                        Value::Int(i) if i >= 0 && (i as usize) < items.len() => {
                            items[i as usize] = value;
                        }
                        _ => *open = true,
                    },
                    Kind::Instance { .. } => {
                        let args = Args::of(vec![index, value]);
                        self.special(container, "__setitem__", &args);
                    }
                    _ => {}
                }
            }
            Value::Choice(list) => {
                for v in list.clone().iter() {
                    self.set_item(v, index.clone(), value.clone());
                }
            }
            _ => {}
        }
    }

    pub(super) fn delete_item(&mut self, container: &Value<'p>, index: &Value<'p>) {
        if let Value::Ref(id) = container
            && let Kind::Dict { entries, .. } = &mut self.object_mut(*id).kind
        {
            entries.retain(|(k, _)| !k.same(index));
        }
    }

    /// The value that `with value as x` binds.
    pub(super) fn entered(&mut self, value: Value<'p>) -> Value<'p> {
        let found = self.special(&value, "__enter__", &Args::default());
        match found {
            Some(v) if !v.is_unknown() => v,
            _ => value,
        }
    }

    /// Calls a special method that a class of the tree defines.
    pub(super) fn special(
        &mut self,
        value: &Value<'p>,
        name: &str,
        args: &Args<'p>,
    ) -> Option<Value<'p>> {
        let Value::Ref(id) = value else { return None };
        let Kind::Instance {
            class: Value::Ref(class),
        } = self.object(*id).kind
        else {
            return None;
        };
        let method = self.class_attribute(class, name)?;
        if !matches!(&method, Value::Ref(m) if matches!(self.object(*m).kind, Kind::Function(_) | Kind::Descriptor { kind: DescriptorKind::Static, .. }))
        {
            return None;
        }
        let site = self.frames.last().and_then(|f| f.site)?;
        Some(self.call(&method, &args.prepend(value.clone()), site))
    }
}

fn pick<'p>(list: &[Value<'p>], index: &Value<'p>) -> Value<'p> {
    match index {
        Value::Int(i) => {
            let at = if *i < 0 { list.len() as i64 + i } else { *i };
            usize::try_from(at)
                .ok()
                .and_then(|at| list.get(at).cloned())
                .unwrap_or_default()
        }
        _ => Value::Unknown,
    }
}

/// Sets an entry of a dict in its order.
pub(super) fn set_entry<'p>(
    entries: &mut Vec<(Value<'p>, Value<'p>)>,
    key: Value<'p>,
    value: Value<'p>,
) {
    match entries
        .iter_mut()
        .find(|(k, _)| k.same(&key) && !key.is_unknown())
    {
        Some(slot) => slot.1 = value,
        None => entries.push((key, value)),
    }
}
