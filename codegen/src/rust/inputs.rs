//! Typed structs of what a handler reads: path, query, form and JSON fields.

use std::collections::{BTreeMap, BTreeSet};

use model::body::{Expression, ExpressionKind, StatementKind};
use model::touch::{Access, Constant, Op, Passed};
use model::{Body, Function, Touch};
use proc_macro2::TokenStream;
use quote::quote;

use super::names::{Names, camel, ident, snake};
use super::walk;

/// Where a field comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// `request.args`
    Query,
    /// `request.form`
    Form,
}

impl Place {
    /// Suffix of the struct's name.
    #[must_use]
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::Query => "Query",
            Self::Form => "Form",
        }
    }

    /// The variable that a handler has it in.
    #[must_use]
    pub const fn variable(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Form => "form",
        }
    }
}

/// How a field is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reading {
    /// The first value, if there is one.
    Text,
    /// The first value as `int` reads it, if there is one that it can read.
    Int,
    /// The same as `float`.
    Float,
    /// Every value.
    All,
}

impl Reading {
    fn ty(self) -> TokenStream {
        match self {
            Self::Text => quote!(Option<String>),
            Self::Int => quote!(Option<i64>),
            Self::Float => quote!(Option<f64>),
            Self::All => quote!(Vec<String>),
        }
    }

    fn read(self, key: &str) -> TokenStream {
        match self {
            Self::Text => quote!(fields.get(#key).map(str::to_owned)),
            Self::Int | Self::Float => quote!(fields.get_as(#key)),
            Self::All => quote!(fields.all(#key).into_iter().map(str::to_owned).collect()),
        }
    }
}

/// The fields that a function reads from one place, by key and reading, with the names of their Rust fields.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    names: BTreeMap<(String, Reading), String>,
}

impl Fields {
    /// What `function` reads from `place`.
    #[must_use]
    pub fn of(function: &Function, place: Place, texts: &dyn Fn(model::Span) -> String) -> Self {
        let mut read: Vec<(String, Reading)> = Vec::new();
        for touch in &function.touches {
            if let Some(found) = reading(touch, texts)
                && found.0 == place
                && !read.contains(&(found.1.clone(), found.2))
            {
                read.push((found.1, found.2));
            }
        }
        let mut names = BTreeMap::new();
        let mut taken = Names::default();
        for (key, reading) in read {
            let base = snake(&key);
            let mut name = base.clone();
            if !taken.take(&name) {
                let suffix = match reading {
                    Reading::Text => "text",
                    Reading::Int => "int",
                    Reading::Float => "float",
                    Reading::All => "all",
                };
                name = taken.fresh(&format!("{}_{suffix}", base.trim_end_matches('_')));
            }
            names.insert((key, reading), name);
        }
        Self { names }
    }

    /// Whether nothing is read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Whether a field is read as a number.
    #[must_use]
    pub fn reads_numbers(&self) -> bool {
        self.names
            .keys()
            .any(|(_, reading)| *reading == Reading::Int)
    }

    /// The Rust field of a key.
    #[must_use]
    pub fn name(&self, key: &str, reading: Reading) -> Option<&str> {
        self.names
            .get(&(key.to_owned(), reading))
            .map(String::as_str)
    }

    /// The struct and how it is read.
    #[must_use]
    pub fn item(&self, function: &str, place: Place) -> TokenStream {
        let name = ident(&struct_name(function, place.suffix()));
        let doc = match place {
            Place::Query => format!(" Query of [`{}`].", snake(function)),
            Place::Form => format!(" Form of [`{}`].", snake(function)),
        };
        let mut fields: Vec<_> = self.names.iter().collect();
        fields.sort_by_key(|(_, name)| name.as_str());
        let declared = fields.iter().map(|((key, reading), field)| {
            let (field, ty) = (ident(field), reading.ty());
            let doc = format!(" `{key}`");
            let doc = (snake(key) != *key || field != key.as_str()).then(|| quote!(#[doc = #doc]));
            quote!(#doc pub #field: #ty)
        });
        let read = fields.iter().map(|((key, reading), field)| {
            let (field, value) = (ident(field), reading.read(key));
            quote!(#field: #value)
        });
        quote! {
            #[doc = #doc]
            pub struct #name { #(#declared,)* }
            impl From<&MultiDict> for #name {
                fn from(fields: &MultiDict) -> Self {
                    Self { #(#read,)* }
                }
            }
        }
    }
}

/// The keys that a function reads of the JSON body, where it is bound to a name: `data["title"]`, `data.get("title")`.
#[must_use]
pub fn json_keys(function: &Function, body: &Body) -> BTreeSet<String> {
    let is_json = |e: &Expression| matches!(&e.kind, ExpressionKind::Touch { touch, .. } if function.touches.get(*touch).is_some_and(|t| t.op == Op::Json));
    let mut names: BTreeSet<&str> = BTreeSet::new();
    for statement in &body.statements {
        if let StatementKind::Assign { targets, value } = &statement.kind
            && is_json(value)
        {
            names.extend(targets.iter().filter_map(|t| match &t.kind {
                ExpressionKind::Name(name) => Some(name.as_str()),
                _ => None,
            }));
        }
    }
    let is_data = |e: &Expression| {
        is_json(e) || matches!(&e.kind, ExpressionKind::Name(name) if names.contains(name.as_str()))
    };
    let mut keys = BTreeSet::new();
    walk::statements(&body.statements, &mut |e| {
        let key = match &e.kind {
            ExpressionKind::Subscript { value, index } if is_data(value) => Some(&**index),
            ExpressionKind::Call { callee, arguments } => match &callee.kind {
                ExpressionKind::Attribute { value, name } if name == "get" && is_data(value) => {
                    arguments.first().map(|a| &a.value)
                }
                _ => None,
            },
            _ => None,
        };
        if let Some(ExpressionKind::Constant(Constant::Str(key))) = key.map(|k| &k.kind) {
            keys.insert(key.clone());
        }
    });
    keys
}

/// A struct of keys of a JSON body, of types that are known when it is read.
#[must_use]
pub fn json_item(function: &str, keys: &BTreeSet<String>) -> TokenStream {
    let name = ident(&struct_name(function, "Json"));
    let doc = format!(" JSON body of [`{}`].", snake(function));
    let mut names = Names::default();
    let fields = keys.iter().map(|key| {
        let field = names.fresh(&snake(key));
        let renamed = (field != *key).then(|| quote!(#[serde(rename = #key)]));
        let field = ident(&field);
        quote!(#renamed pub #field: Option<Value>)
    });
    let fields: Vec<TokenStream> = fields.collect();
    quote! {
        #[doc = #doc]
        #[derive(Deserialize)]
        pub struct #name { #(#fields,)* }
    }
}

/// The name of a struct of a function.
#[must_use]
pub fn struct_name(function: &str, suffix: &str) -> String {
    format!("{}{suffix}", camel(function))
}

/// Which field a touch reads, where its key and type are constant.
#[must_use]
pub fn reading(
    touch: &Touch,
    text: &dyn Fn(model::Span) -> String,
) -> Option<(Place, String, Reading)> {
    let (place, access) = match &touch.op {
        Op::Query { access } => (Place::Query, access),
        Op::Form { access } => (Place::Form, access),
        _ => return None,
    };
    let (key, reading) = match access {
        Access::Item { key } => (key, Reading::Text),
        Access::Get { key } => (key, converted(touch, text)?),
        Access::All { key } if touch.arguments.len() == 1 => (key, Reading::All),
        _ => return None,
    };
    Some((place, key.clone()?, reading))
}

/// By its `type=` (`werkzeug.datastructures.MultiDict.get(key, default=None, type=None)`).
fn converted(touch: &Touch, text: &dyn Fn(model::Span) -> String) -> Option<Reading> {
    let is_type = |passed: &Passed| match passed {
        Passed::Keyword(name) => name == "type",
        passed => *passed == Passed::Position(2),
    };
    let Some(ty) = touch.arguments.iter().find(|a| is_type(&a.passed)) else {
        return Some(Reading::Text);
    };
    match text(ty.value).as_str() {
        "str" => Some(Reading::Text),
        "int" => Some(Reading::Int),
        "float" => Some(Reading::Float),
        _ => None,
    }
}
