//! Truth, equality and order, as far as they are known.

use super::interpreter::Interpreter;
use super::value::{Kind, Piece, Value};
use super::world::World;
use crate::python::facts::CompareOp;

impl<'p, W: World<'p>> Interpreter<'p, W> {
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
}
