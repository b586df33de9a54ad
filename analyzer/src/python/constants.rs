//! Constants: what an expression is worth when it is written out, or names one that is.

use std::collections::BTreeMap;

use model::Constant;

use super::facts::{ArgKind, BinaryOp, ExprId, ExprKind};
use super::literal;
use super::names::Binding;
use super::project::ModuleId;
use super::scopes::Scopes;

const DEPTH: u32 = 8;

impl Scopes<'_> {
    /// The value of an expression: literals, displays of them, sums of texts, and names bound
    /// once to such.
    #[must_use]
    pub fn constant(&self, m: ModuleId, id: ExprId) -> Option<Constant> {
        self.constant_within(m, id, 0)
    }

    fn constant_within(&self, m: ModuleId, id: ExprId, depth: u32) -> Option<Constant> {
        if depth > DEPTH {
            return None;
        }
        let module = self.module(m);
        let facts = &module.facts;
        let expr = facts.expr(id);
        let text = expr.span.of(&module.text);
        let each = |run| -> Option<Vec<Constant>> {
            facts
                .exprs_of(run)
                .iter()
                .map(|&e| self.constant_within(m, e, depth + 1))
                .collect()
        };
        Some(match expr.kind {
            ExprKind::None => Constant::None,
            ExprKind::True => Constant::Bool(true),
            ExprKind::False => Constant::Bool(false),
            ExprKind::Str => Constant::Str(literal::string(text)?),
            ExprKind::Integer => Constant::Int(literal::integer(text)?),
            ExprKind::Float => Constant::Float(text.replace('_', "").parse().ok()?),
            ExprKind::Tuple(run) | ExprKind::List(run) | ExprKind::Set(run) => {
                Constant::List(each(run)?)
            }
            ExprKind::Dict(run) => {
                let mut map = BTreeMap::new();
                for pair in facts.exprs_of(run).chunks_exact(2) {
                    let Constant::Str(key) = self.constant_within(m, pair[0], depth + 1)? else {
                        return None;
                    };
                    map.insert(key, self.constant_within(m, pair[1], depth + 1)?);
                }
                Constant::Map(map)
            }
            ExprKind::Unary(inner) => match self.constant_within(m, inner, depth + 1)? {
                Constant::Int(n) if text.starts_with('-') => Constant::Int(n.checked_neg()?),
                Constant::Float(n) if text.starts_with('-') => Constant::Float(-n),
                value if text.starts_with('+') => value,
                _ => return None,
            },
            ExprKind::Binary {
                op: BinaryOp::Add,
                left,
                right,
            } => {
                match (
                    self.constant_within(m, left, depth + 1)?,
                    self.constant_within(m, right, depth + 1)?,
                ) {
                    (Constant::Str(a), Constant::Str(b)) => Constant::Str(a + &b),
                    (Constant::Int(a), Constant::Int(b)) => Constant::Int(a.checked_add(b)?),
                    _ => return None,
                }
            }
            ExprKind::Name => match self.name(m, id) {
                // A local list is there to be filled.
                Binding::Value(at, values)
                    if values.len() == 1
                        && (self.is_global(at, values[0])
                            || !matches!(
                                self.module(at).facts.expr(values[0]).kind,
                                ExprKind::List(_) | ExprKind::Dict(_) | ExprKind::Set(_)
                            )) =>
                {
                    self.constant_within(at, values[0], depth + 1)?
                }
                _ => return None,
            },
            ExprKind::Call { callee, args } => {
                // `dict(a=1)` is how some write a display.
                let named = facts.expr(callee);
                if !matches!(named.kind, ExprKind::Name) || named.span.of(&module.text) != "dict" {
                    return None;
                }
                let mut map = BTreeMap::new();
                for arg in facts.args_of(args) {
                    let ArgKind::Keyword(key) = arg.kind else {
                        return None;
                    };
                    let value = self.constant_within(m, arg.value, depth + 1)?;
                    map.insert(key.of(&module.text).to_owned(), value);
                }
                Constant::Map(map)
            }
            _ => return None,
        })
    }
    fn is_global(&self, m: ModuleId, id: ExprId) -> bool {
        matches!(
            self.of(m).tree.place(id),
            Some((_, super::tree::Scope::Module))
        )
    }
}
