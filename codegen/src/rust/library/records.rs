//! Dataclasses as structs.

use std::collections::BTreeSet;
use std::rc::Rc;

use model::body::{ClassBody, Definitions, ExpressionKind};
use proc_macro2::TokenStream;
use quote::quote;

use super::super::names::{camel, ident, snake};
use super::super::translation::rust_type;
use super::super::values::Type;
use super::{Library, Named};

/// A dataclass of the app.
#[derive(Clone, Debug)]
pub struct Record {
    /// `crate::store::Post`
    pub path: String,
    /// Its fields, by Python name, in order.
    pub fields: Vec<(String, Type)>,
    /// The Rust module.
    pub(super) module: String,
    name: String,
    documentation: String,
}

impl Record {
    /// The type of a field.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Type> {
        self.fields
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, ty)| ty)
    }

    pub(super) fn item(&self) -> TokenStream {
        let name = ident(&self.name);
        let doc = format!(" {}", self.documentation);
        let fields = self.fields.iter().map(|(field, ty)| {
            let rust = snake(field);
            let renamed = (rust != *field).then(|| quote!(#[serde(rename = #field)]));
            let (rust, ty) = (ident(&rust), rust_type(ty));
            quote!(#renamed pub #rust: #ty)
        });
        quote! {
            #[doc = #doc]
            #[derive(Clone, Debug, PartialEq, Serialize)]
            pub struct #name { #(#fields,)* }
        }
    }
}

impl Library<'_> {
    /// A class as a struct: a plain `@dataclass` whose fields are all of known types.
    pub(super) fn record(
        &self,
        definitions: &Definitions,
        class: &ClassBody,
    ) -> Option<Rc<Record>> {
        let key = (definitions.module.clone(), class.name.clone());
        if let Some(known) = self.records.borrow().get(&key) {
            return known.clone();
        }
        // A class that names itself in a field is not one of these.
        self.records.borrow_mut().insert(key.clone(), None);
        let made = self.make(definitions, class).map(Rc::new);
        self.records.borrow_mut().insert(key, made.clone());
        made
    }

    fn make(&self, definitions: &Definitions, class: &ClassBody) -> Option<Record> {
        let is_dataclass = match class.decorators.as_slice() {
            [only] => match &only.kind {
                ExpressionKind::Name(name) => name == "dataclass",
                ExpressionKind::Attribute { name, .. } => name == "dataclass",
                _ => false,
            },
            _ => false,
        };
        if !is_dataclass || !class.is_plain || !class.bases.is_empty() || class.fields.is_empty() {
            return None;
        }
        let mut fields = Vec::new();
        for field in &class.fields {
            if field.default.is_some() {
                return None;
            }
            let annotation = field.annotation.as_deref()?;
            fields.push((
                field.name.clone(),
                self.annotated(&definitions.module, annotation)?,
            ));
        }
        // Rust tells no two fields apart that differ in case or underscores only.
        let spelled: BTreeSet<String> = fields.iter().map(|(name, _)| snake(name)).collect();
        if spelled.len() < fields.len() {
            return None;
        }
        let module = self.home.module(&definitions.file);
        let name = self.home.fresh_type(&module, &camel(&class.name));
        let first = class.documentation.as_deref().unwrap_or("").trim();
        Some(Record {
            path: format!("crate::{module}::{name}"),
            fields,
            documentation: if first.is_empty() {
                format!("`{}` ({})", class.name, definitions.file)
            } else {
                first.lines().next().unwrap_or("").to_owned()
            },
            module,
            name,
        })
    }

    /// The type that an annotation means.
    fn annotated(&self, module: &str, annotation: &str) -> Option<Type> {
        let text = annotation.trim().trim_matches(['"', '\'']);
        if let Some(inner) = text.strip_suffix("| None") {
            return Some(self.annotated(module, inner)?.maybe());
        }
        if let Some(inner) = text
            .strip_prefix("Optional[")
            .and_then(|t| t.strip_suffix(']'))
        {
            return Some(self.annotated(module, inner)?.maybe());
        }
        if let Some(inner) = text.strip_prefix("list[").and_then(|t| t.strip_suffix(']')) {
            return Some(Type::List(Box::new(self.annotated(module, inner)?)));
        }
        Some(match text {
            "int" => Type::Int,
            "str" => Type::Text,
            "bool" => Type::Bool,
            "float" => Type::Float,
            name if name.chars().all(|c| c.is_alphanumeric() || c == '_') => {
                match self.resolve(module, name)? {
                    Named::Date => Type::Date,
                    Named::Record(record) => Type::Record(record.path.clone()),
                    _ => return None,
                }
            }
            _ => return None,
        })
    }
}
