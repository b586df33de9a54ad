//! Dicts and lists as `json!`.

use model::body::{BodyArgument, Expression, ExpressionKind};
use model::touch::{Constant, Passed};
use proc_macro2::TokenStream;
use quote::quote;

use super::super::draft::Layout;
use super::super::values::{Form, Type, Value};
use super::expressions::string;
use super::{Result, Translator, refuse};

impl Translator<'_> {
    /// A dict or list display.
    pub(super) fn display(&mut self, e: &Expression) -> Result<Value> {
        let layout = self.layout(e)?;
        let code = self.draft.verbatim(format!("json!({})", layout.print(24)));
        Ok(Value::owned(code, Type::Json))
    }

    /// `f(a=1, b=2)` as an object; `None` when an argument is no keyword.
    pub(super) fn keywords(&mut self, arguments: &[BodyArgument]) -> Result<Option<Layout>> {
        let mut entries = Vec::new();
        for argument in arguments {
            let Passed::Keyword(name) = &argument.passed else {
                return Ok(None);
            };
            entries.push((string(name).to_string(), self.layout(&argument.value)?));
        }
        Ok(Some(Layout::Map(entries)))
    }

    /// What stands inside `json!`.
    pub(super) fn layout(&mut self, e: &Expression) -> Result<Layout> {
        match &e.kind {
            ExpressionKind::Dict(entries) => {
                let mut out = Vec::new();
                for entry in entries {
                    let Some(key) = &entry.key else {
                        return refuse(e.span, "`**` in a dict has no Rust form");
                    };
                    let key = match &key.kind {
                        ExpressionKind::Constant(Constant::Str(text)) => string(text).to_string(),
                        _ => {
                            let value = self.value(key)?;
                            if value.ty != Type::Text {
                                return refuse(key.span, "a key of a dict that is no text");
                            }
                            format!("({})", self.draft.expression(&value.code))
                        }
                    };
                    // The last of equal keys counts, where the first one stands.
                    let value = self.layout(&entry.value)?;
                    match out
                        .iter_mut()
                        .find(|(k, _): &&mut (String, Layout)| *k == key)
                    {
                        Some(known) => known.1 = value,
                        None => out.push((key, value)),
                    }
                }
                Ok(Layout::Map(out))
            }
            ExpressionKind::List(items) => {
                let items: Result<Vec<Layout>> = items.iter().map(|i| self.layout(i)).collect();
                Ok(Layout::List(items?))
            }
            ExpressionKind::Constant(Constant::None) => Ok(Layout::Text("null".into())),
            ExpressionKind::Constant(constant) => {
                self.constant(constant, e)?;
                Ok(self.constant_layout(constant))
            }
            _ => {
                let value = self.value(e)?;
                if value.ty == Type::Response {
                    return refuse(e.span, "a response inside of a value");
                }
                self.lays_out_dates |= self.has_dates(&value.ty);
                if value.ty == Type::None {
                    return Ok(Layout::Text("null".into()));
                }
                let value = match (&value.ty, self.is_reply) {
                    // flask.json.provider.DefaultJSONProvider writes dates as HTTP does.
                    (Type::Date, true) => {
                        let receiver = value.receiver();
                        Value::owned(quote!(#receiver.http()), Type::Text)
                    }
                    (ty, false) if has_odd_keys(ty) => {
                        return refuse(e.span, "a dict whose keys are no text");
                    }
                    (ty, true) if has_objects(ty) => {
                        return refuse(e.span, "an object of the app inside of a JSON reply");
                    }
                    _ => finite(value),
                };
                if value.form == Form::Shared {
                    return Ok(Layout::Text(format!(
                        "*{}",
                        self.draft.expression(&value.code)
                    )));
                }
                Ok(Layout::Text(entry(self.draft.expression(&value.code))))
            }
        }
    }

    /// Whether values of a type hold dates.
    pub(super) fn has_dates(&self, ty: &Type) -> bool {
        match ty {
            Type::Date => true,
            Type::Maybe(inner) | Type::List(inner) => self.has_dates(inner),
            Type::Dict(key, value) => self.has_dates(key) || self.has_dates(value),
            Type::Record(path) => self
                .unit
                .surroundings
                .record(path)
                .is_some_and(|r| r.fields.iter().any(|(_, ty)| self.has_dates(ty))),
            _ => false,
        }
    }

    /// A value as a `serde_json::Value`.
    pub(super) fn json_of(&self, value: &Value) -> TokenStream {
        let value = &finite(value.clone());
        match (&value.ty, value.form) {
            (Type::None, _) => quote!(Value::Null),
            (Type::Json, _) => value.given(),
            (_, form) => {
                let star = if form == Form::Shared { "*" } else { "" };
                let text = entry(self.draft.expression(&value.code));
                self.draft.verbatim(format!("json!({star}{text})"))
            }
        }
    }

    pub(super) fn constant_layout(&self, constant: &Constant) -> Layout {
        match constant {
            Constant::None => Layout::Text("null".into()),
            Constant::Bool(value) => Layout::Text(value.to_string()),
            Constant::Int(value) => Layout::Text(value.to_string()),
            Constant::Float(value) => Layout::Text(format!("{value:?}")),
            Constant::Str(text) => Layout::Text(string(text).to_string()),
            Constant::List(items) => {
                Layout::List(items.iter().map(|i| self.constant_layout(i)).collect())
            }
            Constant::Map(entries) => Layout::Map(
                entries
                    .iter()
                    .map(|(k, v)| (string(k).to_string(), self.constant_layout(v)))
                    .collect(),
            ),
        }
    }
}

/// A float that JSON can hold: Python writes `NaN`, which the port refuses when it comes to it.
fn finite(value: Value) -> Value {
    let is_literal = syn::parse2::<syn::Lit>(value.code.clone()).is_ok();
    let (code, receiver) = (&value.code, value.receiver());
    let code = match &value.ty {
        Type::Float if !is_literal => quote!(python::finite(#code)?),
        Type::Maybe(inner) if **inner == Type::Float => {
            quote!(#receiver.map(python::finite).transpose()?)
        }
        _ => return value,
    };
    Value::owned(code, value.ty)
}

/// An expression as `json!` takes it for one: not as the array, object or word that it begins with.
fn entry(code: String) -> String {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let begins = |word: &str| {
        code.strip_prefix(word)
            .is_some_and(|rest| !rest.is_empty() && !rest.starts_with(is_part))
    };
    let is_taken =
        code.starts_with(['[', '{']) || ["true", "false", "null"].iter().any(|w| begins(w));
    if is_taken { format!("({code})") } else { code }
}

/// Whether values of a type hold dates or dataclasses, which JSON replies write in their own way.
pub(super) fn has_objects(ty: &Type) -> bool {
    match ty {
        Type::Record(_) | Type::Date => true,
        Type::Maybe(inner) | Type::List(inner) => has_objects(inner),
        Type::Dict(key, value) => **key != Type::Text || has_objects(value),
        _ => false,
    }
}

/// Whether a dict in a value has keys that are no text: JSON, by which values get to templates, has none.
pub(super) fn has_odd_keys(ty: &Type) -> bool {
    match ty {
        Type::Maybe(inner) | Type::List(inner) => has_odd_keys(inner),
        Type::Dict(key, value) => **key != Type::Text || has_odd_keys(value),
        _ => false,
    }
}
