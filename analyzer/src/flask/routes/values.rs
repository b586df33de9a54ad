//! Values and spans in the model's terms.

use model::Constant;

use crate::python::eval::{Kind, Piece, Value, pieces};
use crate::python::facts::Span;

use super::collector::Collector;

impl<'p> Collector<'_, 'p> {
    pub(super) fn constant(&self, value: &Value<'p>) -> Option<Constant> {
        Some(match value {
            Value::None => Constant::None,
            Value::Bool(b) => Constant::Bool(*b),
            Value::Int(i) => Constant::Int(*i),
            Value::Float(x) => Constant::Float(*x),
            Value::Str(s) => Constant::Str(s.to_string()),
            Value::Tuple(items) => Constant::List(
                items
                    .iter()
                    .map(|v| self.constant(v))
                    .collect::<Option<_>>()?,
            ),
            Value::Ref(id) => match &self.it.object(*id).kind {
                Kind::List { items, open: false } => Constant::List(
                    items
                        .iter()
                        .map(|v| self.constant(v))
                        .collect::<Option<_>>()?,
                ),
                Kind::Dict {
                    entries,
                    open: false,
                } => Constant::Map(
                    entries
                        .iter()
                        .map(|(k, v)| Some((k.as_str()?.to_owned(), self.constant(v)?)))
                        .collect::<Option<_>>()?,
                ),
                _ => return None,
            },
            _ => return None,
        })
    }
}

/// The known alternatives of a value, or the value itself when nothing of it is known.
pub(super) fn alternatives<'p>(value: &Value<'p>) -> Vec<Value<'p>> {
    let all = value.alternatives();
    let known: Vec<Value<'p>> = all.iter().filter(|v| !v.is_unknown()).cloned().collect();
    if known.is_empty() {
        vec![Value::Unknown]
    } else {
        known
    }
}

/// A text with `<?name>` for its holes, and whether it is known whole.
pub(super) fn shown(value: &Value<'_>) -> (String, bool) {
    let mut out = String::new();
    let mut known = true;
    for piece in pieces(value, None) {
        match piece {
            Piece::Known(s) => out.push_str(&s),
            Piece::Hole(name) => {
                known = false;
                out.push_str("<?");
                out.push_str(name.as_deref().unwrap_or(""));
                out.push('>');
            }
        }
    }
    (out, known)
}

pub(super) fn shown_option(value: &Value<'_>) -> Option<String> {
    match value {
        Value::None => None,
        v => Some(shown(v).0),
    }
}

/// A span in the model's terms.
pub(super) fn model_span(span: Span) -> model::Span {
    model::Span {
        start: span.start,
        end: span.end,
    }
}
