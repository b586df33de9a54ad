//! Dicts, lists and values of JSON: indices, slices, methods.

use model::body::{Expression, ExpressionKind};
use proc_macro2::TokenStream;
use quote::quote;

use super::super::library::Named;
use super::super::values::{Binding, Type, Value};
use super::super::words;
use super::conditions::text_slice;
use super::{Result, Translator, refuse};

impl Translator<'_> {
    /// `value[index]`
    pub(super) fn subscript(
        &mut self,
        e: &Expression,
        value: &Expression,
        index: &Expression,
    ) -> Result<Value> {
        let on = self.value(value)?;
        if let ExpressionKind::Slice { lower, upper } = &index.kind {
            return self.slice(e, &on, lower.as_deref(), upper.as_deref());
        }
        let key = self.value(index)?;
        let receiver = on.receiver();
        match (&on.ty, &key.ty) {
            (Type::Dict(of, value), found) if **of == *found => {
                let key = key_of(&key);
                let code = quote!(#receiver.get(#key).cloned().ok_or_else(|| abort(500))?);
                Ok(Value::owned(code, (**value).clone()))
            }
            (Type::Json, Type::Text) => {
                let (on, key) = (on.lent(), text_slice(&key));
                Ok(Value::owned(quote!(python::item(#on, #key)?), Type::Json))
            }
            _ => refuse(e.span, "this index has no Rust form"),
        }
    }

    /// `list[:n]`
    fn slice(
        &mut self,
        e: &Expression,
        on: &Value,
        lower: Option<&Expression>,
        upper: Option<&Expression>,
    ) -> Result<Value> {
        let (Type::List(_), None, Some(upper)) = (&on.ty, lower, upper) else {
            return refuse(e.span, "this slice has no Rust form");
        };
        let upper = self.value(upper)?;
        if upper.ty != Type::Int {
            return refuse(e.span, "the end of a slice is not known to be a number");
        }
        let (given, upper) = (on.given(), upper.code);
        Ok(Value::owned(
            quote!(python::first(#given, #upper)),
            on.ty.clone(),
        ))
    }

    /// `d[key] = value` on the app's data.
    pub(super) fn assign_item(
        &mut self,
        target: &Expression,
        on: &Expression,
        index: &Expression,
        value: &Expression,
    ) -> Result<TokenStream> {
        let Some(Named::Data(data)) = self.own(on) else {
            let shown = self.shown(target.span);
            return refuse(target.span, format!("assigns to {shown}"));
        };
        let Type::Dict(key_type, value_type) = &data.ty else {
            return refuse(target.span, "assigns to an element of a list");
        };
        let (key, value) = (self.value(index)?, self.value(value)?);
        if words::fails(&key.code, self.draft) && words::fails(&value.code, self.draft) {
            // Python evaluates what is assigned first.
            return refuse(
                target.span,
                "a key and a value that may both end the request",
            );
        }
        let key = self.owned_as(&key, key_type, target.span)?;
        let value = self.owned_as(&value, value_type, target.span)?;
        self.uses.insert(data.path.clone());
        self.sharing.changes = true;
        let path: TokenStream = data.path.parse().unwrap_or_default();
        Ok(quote!(#path.insert(#key, #value);))
    }

    /// A method of a dict or list; `None` when the receiver is none, or the method has no Rust form.
    pub(super) fn collection_method(
        &mut self,
        on: &Value,
        name: &str,
        arguments: &[&Expression],
    ) -> Result<Option<Value>> {
        let receiver = on.receiver();
        if on.ty == Type::Json {
            return self.json_method(on, name, arguments);
        }
        let Type::Dict(key, value) = &on.ty else {
            return Ok(None);
        };
        let (key, value) = ((**key).clone(), (**value).clone());
        Ok(match (name, arguments) {
            ("values", []) => Some(Value::owned(
                quote!(#receiver.values().cloned().collect::<Vec<_>>()),
                Type::List(Box::new(value)),
            )),
            ("keys", []) => Some(Value::owned(
                quote!(#receiver.keys().cloned().collect::<Vec<_>>()),
                Type::List(Box::new(key)),
            )),
            ("get", [wanted]) => {
                let wanted = self.value(wanted)?;
                let code = match (&key, &wanted.ty) {
                    (a, b) if a == b => {
                        let wanted = key_of(&wanted);
                        quote!(#receiver.get(#wanted).cloned())
                    }
                    // What comes from JSON may be a number of this kind, or nothing that is a key.
                    (Type::Int, Type::Json) => {
                        let wanted = wanted.receiver();
                        quote!(#wanted.as_i64().and_then(|key| #receiver.get(&key).cloned()))
                    }
                    (Type::Text, Type::Json) => {
                        let wanted = wanted.receiver();
                        quote!(#wanted.as_str().and_then(|key| #receiver.get(key).cloned()))
                    }
                    _ => return Ok(None),
                };
                Some(Value::owned(code, value.maybe()))
            }
            _ => None,
        })
    }

    /// `get` of a value of JSON.
    fn json_method(
        &mut self,
        on: &Value,
        name: &str,
        arguments: &[&Expression],
    ) -> Result<Option<Value>> {
        let lent = on.lent();
        Ok(match (name, arguments) {
            ("get", [key]) => {
                let key = self.value(key)?;
                let slice = text_slice(&key);
                (key.ty == Type::Text)
                    .then(|| Value::owned(quote!(python::get(#lent, #slice)?), Type::Json))
            }
            ("get", [key, default]) => {
                let (key, default) = (self.value(key)?, self.value(default)?);
                let (slice, default) = (text_slice(&key), self.json_of(&default));
                let code = quote!(python::get_or(#lent, #slice, #default)?);
                (key.ty == Type::Text).then(|| Value::owned(code, Type::Json))
            }
            _ => None,
        })
    }
}

/// A key as `IndexMap::get` takes it.
fn key_of(key: &Value) -> TokenStream {
    match key.ty {
        Type::Text => text_slice(key),
        _ => {
            let code = key.at(Binding::Prefix);
            quote!(&#code)
        }
    }
}
