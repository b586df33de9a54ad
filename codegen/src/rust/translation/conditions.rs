//! Conditions: comparisons, `in`, `is`, `and`, `or`, `not`, and Python's truth of values.

use model::body::{Comparison, Expression, ExpressionKind};
use model::touch::Constant;
use proc_macro2::TokenStream;
use quote::quote;

use super::super::values::{Binding, Type, Value, not};
use super::super::words;
use super::{Result, Translator, refuse};

impl Translator<'_> {
    /// An expression where only its truth counts.
    pub(super) fn condition(&mut self, e: &Expression) -> Result<Value> {
        match &e.kind {
            ExpressionKind::Not(inner) => {
                let outer = std::mem::take(&mut self.orders_floats);
                let condition = self.condition(inner)?;
                // Of NaN both `a < b` and its opposite `a >= b` are false.
                let made = if self.orders_floats {
                    let operand = condition.at(Binding::Prefix);
                    Value::owned(quote!(!#operand), Type::Bool).binding(Binding::Prefix)
                } else {
                    not(&condition)
                };
                self.orders_floats |= outer;
                Ok(made)
            }
            ExpressionKind::And(left, right) => {
                let (left, right) = (self.condition(left)?, self.condition(right)?);
                let (left, right) = (left.at(Binding::And), right.at(Binding::Comparison));
                Ok(Value::owned(quote!(#left && #right), Type::Bool).binding(Binding::And))
            }
            ExpressionKind::Or(left, right) => {
                let (left, right) = (self.condition(left)?, self.condition(right)?);
                let (left, right) = (left.at(Binding::Or), right.at(Binding::And));
                Ok(Value::owned(quote!(#left || #right), Type::Bool).binding(Binding::Or))
            }
            ExpressionKind::Compare {
                left,
                comparison,
                right,
            } => self.comparison(e, left, *comparison, right),
            _ => {
                let value = self.value(e)?;
                value.truth().map_or_else(
                    || {
                        let shown = self.shown(e.span);
                        refuse(e.span, format!("whether {shown} is true is not known"))
                    },
                    Ok,
                )
            }
        }
    }

    pub(super) fn comparison(
        &mut self,
        e: &Expression,
        left: &Expression,
        comparison: Comparison,
        right: &Expression,
    ) -> Result<Value> {
        match comparison {
            Comparison::Is | Comparison::IsNot => {
                let is_none = matches!(right.kind, ExpressionKind::Constant(Constant::None));
                if let ExpressionKind::Constant(Constant::Bool(_)) = right.kind {
                    let (a, b) = (self.value(left)?, self.value(right)?);
                    if a.ty == Type::Bool {
                        return self.compared(e, &a, equality(comparison), &b);
                    }
                }
                if !is_none {
                    return refuse(e.span, "`is` with another thing than None");
                }
                let test = self.is_none(left)?;
                Ok(if comparison == Comparison::Is {
                    test
                } else {
                    not(&test)
                })
            }
            Comparison::In | Comparison::NotIn => {
                let test = self.contained(e, left, right)?;
                Ok(if comparison == Comparison::In {
                    test
                } else {
                    not(&test)
                })
            }
            Comparison::Equal => {
                if let (ExpressionKind::Tuple(a), ExpressionKind::Tuple(b)) =
                    (&left.kind, &right.kind)
                    && a.len() == b.len()
                    && !a.is_empty()
                {
                    return self.pairwise(e, a, b);
                }
                let (a, b) = (self.value(left)?, self.value(right)?);
                self.compared(e, &a, comparison, &b)
            }
            _ => {
                let (a, b) = (self.value(left)?, self.value(right)?);
                self.compared(e, &a, comparison, &b)
            }
        }
    }

    /// `(a, b) == (c, d)`
    fn pairwise(
        &mut self,
        e: &Expression,
        left: &[Expression],
        right: &[Expression],
    ) -> Result<Value> {
        let mut parts = Vec::new();
        for (a, b) in left.iter().zip(right) {
            let (a, b) = (self.value(a)?, self.value(b)?);
            parts.push(
                self.compared(e, &a, Comparison::Equal, &b)?
                    .at(Binding::Comparison),
            );
        }
        Ok(Value::owned(quote!(#(#parts)&&*), Type::Bool).binding(Binding::And))
    }

    fn is_none(&mut self, e: &Expression) -> Result<Value> {
        let value = self.value(e)?;
        let receiver = value.receiver();
        match value.ty {
            Type::Maybe(_) => Ok(Value::owned(quote!(#receiver.is_none()), Type::Bool)),
            Type::Json => Ok(Value::owned(quote!(#receiver.is_null()), Type::Bool)),
            Type::None if self.locals.is_first_run() && !words::calls(&value.code) => {
                Ok(Value::owned(quote!(true), Type::Bool))
            }
            Type::None => refuse(e.span, "asks whether what is always None is None"),
            // What is never None: the branch is not written, nor what does something else on the way.
            _ if words::fails(&value.code, self.draft) || words::calls(&value.code) => {
                refuse(e.span, "asks whether what is never None is None")
            }
            _ => Ok(Value::owned(quote!(false), Type::Bool)),
        }
    }

    /// `x in […]`, `"a" in text`.
    fn contained(
        &mut self,
        e: &Expression,
        left: &Expression,
        right: &Expression,
    ) -> Result<Value> {
        if let ExpressionKind::List(items)
        | ExpressionKind::Tuple(items)
        | ExpressionKind::Set(items) = &right.kind
        {
            let needle = self.value(left)?;
            let mut list = Vec::new();
            for item in items {
                let item = self.value(item)?;
                if item.ty != needle.ty || !matches!(item.ty, Type::Text | Type::Int) {
                    return refuse(e.span, "looks for a value among those of other types");
                }
                list.push(item.lent());
            }
            if list.is_empty() {
                return refuse(e.span, "looks for a value among none");
            }
            let needle = match needle.ty {
                Type::Text => text_slice(&needle),
                _ => needle.at(Binding::Prefix),
            };
            return Ok(Value::owned(
                quote!([#(#list),*].contains(&#needle)),
                Type::Bool,
            ));
        }
        let (needle, hay) = (self.value(left)?, self.value(right)?);
        let receiver = hay.receiver();
        match (&needle.ty, &hay.ty) {
            (Type::Text, Type::Text) => {
                let needle = needle.lent();
                Ok(Value::owned(
                    quote!(#receiver.contains(#needle)),
                    Type::Bool,
                ))
            }
            (Type::Text, Type::List(inner)) if **inner == Type::Text => {
                let needle = needle.lent();
                Ok(Value::owned(
                    quote!(#receiver.iter().any(|item| item == #needle)),
                    Type::Bool,
                ))
            }
            _ => refuse(e.span, "`in` of values of these types has no Rust form"),
        }
    }

    fn compared(
        &mut self,
        e: &Expression,
        a: &Value,
        comparison: Comparison,
        b: &Value,
    ) -> Result<Value> {
        if let Some(test) = asked_plainly(a, comparison, b) {
            return Ok(test);
        }
        let equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        self.orders_floats |= !equality && a.ty == Type::Float;
        let (left, right): (TokenStream, TokenStream) = match (&a.ty, &b.ty) {
            (Type::Int, Type::Int) | (Type::Float, Type::Float) | (Type::Bool, Type::Bool) => {
                (a.at(Binding::Sum), b.at(Binding::Sum))
            }
            (Type::Text, Type::Text) if equality => (a.at(Binding::Sum), b.at(Binding::Sum)),
            (Type::Text, Type::Text) => (text_slice(a), text_slice(b)),
            (Type::Maybe(inner), Type::Text) if equality && **inner == Type::Text => {
                let b = text_slice(b);
                (a.lent(), quote!(Some(#b)))
            }
            (Type::Text, Type::Maybe(inner)) if equality && **inner == Type::Text => {
                let a = text_slice(a);
                (quote!(Some(#a)), b.lent())
            }
            (Type::Maybe(inner), Type::Int) if equality && **inner == Type::Int => {
                let b = &b.code;
                (a.at(Binding::Sum), quote!(Some(#b)))
            }
            // A number may be a float there, and equal all the same; text cannot.
            (Type::Json, Type::Text) if equality => (a.at(Binding::Sum), text_slice(b)),
            (Type::Text, Type::Json) if equality => (b.at(Binding::Sum), text_slice(a)),
            _ => {
                return refuse(
                    e.span,
                    "compares values of types whose comparison has no Rust form",
                );
            }
        };
        let code = match comparison {
            Comparison::Equal => quote!(#left == #right),
            Comparison::NotEqual => quote!(#left != #right),
            Comparison::Less => quote!(#left < #right),
            Comparison::LessOrEqual => quote!(#left <= #right),
            Comparison::Greater => quote!(#left > #right),
            Comparison::GreaterOrEqual => quote!(#left >= #right),
            _ => return refuse(e.span, "this comparison has no Rust form"),
        };
        Ok(Value::owned(code, Type::Bool).binding(Binding::Comparison))
    }
}

/// There is one True and one False, so `is` asks of booleans what `==` does.
fn equality(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Is => Comparison::Equal,
        Comparison::IsNot => Comparison::NotEqual,
        other => other,
    }
}

/// `x == ""`, `len(x) > 0`, `x == True`: whether something is empty or true, as Rust asks it.
fn asked_plainly(a: &Value, comparison: Comparison, b: &Value) -> Option<Value> {
    let limit = b.code.to_string();
    if a.ty == Type::Bool
        && let (Comparison::Equal | Comparison::NotEqual, "true" | "false") =
            (comparison, limit.as_str())
    {
        let is_true = (comparison == Comparison::Equal) == (limit == "true");
        return Some(if is_true { a.clone() } else { not(a) });
    }
    let (asked, is_empty) = match (&a.ty, comparison, limit.as_str()) {
        (Type::Text, Comparison::Equal, "\"\"") => (a.receiver(), true),
        (Type::Text, Comparison::NotEqual, "\"\"") => (a.receiver(), false),
        (Type::Int, Comparison::Equal, "0") | (Type::Int, Comparison::Less, "1") => {
            (counted(&a.code)?, true)
        }
        (Type::Int, Comparison::NotEqual | Comparison::Greater, "0")
        | (Type::Int, Comparison::GreaterOrEqual, "1") => (counted(&a.code)?, false),
        _ => return None,
    };
    let test = Value::owned(quote!(#asked.is_empty()), Type::Bool);
    Some(if is_empty { test } else { not(&test) })
}

/// What `x.len() as i64` or `x.chars().count() as i64` counts.
fn counted(code: &TokenStream) -> Option<TokenStream> {
    let syn::Expr::Cast(cast) = syn::parse2(code.clone()).ok()? else {
        return None;
    };
    let syn::Expr::MethodCall(count) = *cast.expr else {
        return None;
    };
    let on = match (count.method.to_string().as_str(), *count.receiver) {
        ("len", on) => on,
        ("count", syn::Expr::MethodCall(chars)) if chars.method == "chars" => *chars.receiver,
        _ => return None,
    };
    Some(quote!(#on))
}

/// Text as a `&str` whatever it is compared with.
pub(super) fn text_slice(value: &Value) -> TokenStream {
    match value.form {
        super::super::values::Form::Borrowed => value.code.clone(),
        _ => {
            let receiver = value.receiver();
            quote!(#receiver.as_str())
        }
    }
}
