//! The variables of rules as fields of a struct.

use std::collections::BTreeMap;

use model::touch::Constant;
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::inputs::struct_name;
use super::names::{Names, ident, snake};
use super::values::{Form, Type, Value};
use crate::python::rules::{self, Part};

/// The variables of the rules that a view answers.
#[derive(Clone, Debug, Default)]
pub struct Variables {
    /// By name: the type, and whether every rule has it.
    fields: BTreeMap<String, (Type, bool)>,
    /// Why a view that gets them is not translated.
    pub trouble: Option<String>,
}

impl Variables {
    /// Those of some rules (Werkzeug's syntax).
    #[must_use]
    pub fn of<'a>(list: impl Iterator<Item = &'a str> + Clone) -> Self {
        let mut out = Self::default();
        let total = list.clone().count();
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for rule in list {
            for part in rules::parse(rule).unwrap_or_default() {
                let Part::Variable {
                    converter, name, ..
                } = part
                else {
                    continue;
                };
                // werkzeug.routing.converters: to_python of each.
                let ty = match converter.as_str() {
                    "int" => Type::Int,
                    "float" => Type::Float,
                    "string" | "default" | "path" | "any" => Type::Text,
                    _ => {
                        out.trouble = Some(format!("`<{converter}:{name}>` has no Rust form"));
                        Type::Json
                    }
                };
                *counts.entry(name.clone()).or_default() += 1;
                let known = out.fields.entry(name.clone()).or_insert((ty.clone(), true));
                if known.0 != ty {
                    out.trouble = Some(format!("`{name}` is of different types in its rules"));
                    known.0 = Type::Json;
                }
            }
        }
        for (name, (ty, everywhere)) in &mut out.fields {
            *everywhere = counts.get(name) == Some(&total);
            if !*everywhere {
                *ty = ty.clone().maybe();
            }
        }
        out
    }

    /// The Rust field of a variable: no other one has it.
    fn field(&self, name: &str) -> String {
        let mut names = Names::default();
        let fields = self.fields.keys().map(|k| (k, names.fresh(&snake(k))));
        let mut found = fields.filter(|(k, _)| *k == name);
        found.next().map_or_else(|| snake(name), |(_, field)| field)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Whether one is of a type.
    #[must_use]
    pub fn has(&self, ty: &Type) -> bool {
        self.fields.values().any(|(found, _)| found == ty)
    }

    /// A view's parameter as an expression; absent when no rule gives it, or not every one.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<Value> {
        let (ty, everywhere) = self.fields.get(name)?;
        let field = ident(&self.field(name));
        everywhere.then(|| match ty {
            Type::Int | Type::Float => Value {
                form: Form::Owned,
                ..Value::place(quote!(path.#field), ty.clone())
            },
            _ => Value::place(quote!(path.#field), ty.clone()),
        })
    }

    /// A view's parameter that has a constant default, for rules that do not give it.
    #[must_use]
    pub fn value_or(&self, name: &str, default: Option<&Constant>) -> Option<Value> {
        if let Some(value) = self.value(name) {
            return Some(value);
        }
        let default = default?;
        let Some((ty, _)) = self.fields.get(name) else {
            return match default {
                Constant::Bool(flag) => Some(Value::owned(quote!(#flag), Type::Bool)),
                Constant::Str(text) => Some(Value::borrowed(quote!(#text), Type::Text)),
                Constant::Int(number) if *number >= 0 => {
                    let number = Literal::i64_unsuffixed(*number);
                    Some(Value::owned(quote!(#number), Type::Int))
                }
                _ => None,
            };
        };
        let value = Value::place(
            {
                let field = ident(&self.field(name));
                quote!(path.#field)
            },
            ty.clone(),
        );
        let (lent, receiver) = (value.lent(), value.receiver());
        let Type::Maybe(inner) = ty else {
            return None;
        };
        match (&**inner, default) {
            (_, Constant::None) => Some(value),
            (Type::Text, Constant::Str(text)) => {
                Some(Value::borrowed(quote!(#lent.unwrap_or(#text)), Type::Text))
            }
            (Type::Int, Constant::Int(number)) => {
                let number = Literal::i64_unsuffixed(*number);
                Some(Value::owned(
                    quote!(#receiver.unwrap_or(#number)),
                    Type::Int,
                ))
            }
            _ => None,
        }
    }

    /// The struct.
    #[must_use]
    pub fn item(&self, function: &str) -> TokenStream {
        let name = ident(&struct_name(function, "Path"));
        let doc = format!(" Path of [`{}`].", snake(function));
        let fields = self.fields.iter().map(|(variable, (ty, _))| {
            let field = self.field(variable);
            let renamed = (field != *variable).then(|| quote!(#[serde(rename = #variable)]));
            let (field, ty) = (ident(&field), super::translation::rust_type(ty));
            quote!(#renamed pub #field: #ty)
        });
        quote! {
            #[doc = #doc]
            #[derive(Deserialize)]
            pub struct #name { #(#fields,)* }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types() {
        let variables = Variables::of(["/a/<int:n>", "/a/<int:n>/<name>"].into_iter());
        assert_eq!(variables.value("n").unwrap().ty, Type::Int);
        assert!(variables.value("name").is_none());
        assert!(variables.trouble.is_none());
        assert!(Variables::of(["/<hex:x>"].into_iter()).trouble.is_some());
    }
}
