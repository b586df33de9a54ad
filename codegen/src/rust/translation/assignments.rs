//! Assignments.

use model::Span;
use model::body::{Expression, ExpressionKind};
use proc_macro2::TokenStream;
use quote::quote;

use super::super::values::{Form, Type, Value};
use super::super::words;
use super::{Result, Translator, refuse};

impl Translator<'_> {
    pub(super) fn assign(
        &mut self,
        target: &Expression,
        value: &Expression,
    ) -> Result<TokenStream> {
        match &target.kind {
            ExpressionKind::Subscript { value: on, index } => {
                self.assign_item(target, on, index, value)
            }
            ExpressionKind::Name(name) => self.assign_name(name, target.span, value),
            ExpressionKind::Touch { touch, .. } => self.assign_touch(target, *touch, value),
            _ => {
                let shown = self.shown(target.span);
                refuse(target.span, format!("assigns to {shown}"))
            }
        }
    }

    pub(super) fn assign_name(
        &mut self,
        name: &str,
        at: Span,
        expression: &Expression,
    ) -> Result<TokenStream> {
        let is_itself = matches!(&expression.kind, ExpressionKind::Name(n) if n == name);
        if is_itself && self.locals.visible(name).is_some() {
            return Ok(TokenStream::new());
        }
        let value = self.value(expression)?;
        self.sharing.keeps |= value.form == Form::Shared;
        let Some(ty) = self.locals.joined(name, value.ty.clone()) else {
            return refuse(at, format!("`{name}` holds values of different types"));
        };
        if let Some(local) = self.locals.visible(name).cloned() {
            if local.narrowed || local.ty != ty {
                if local.narrowed || !self.locals.is_first_run() {
                    return refuse(at, format!("`{name}` changes its type"));
                }
                self.locals.retype(name, ty);
                self.locals.reassign(name);
                return Ok(TokenStream::new());
            }
            self.locals.reassign(name);
            let (rust, code) = (local.name, self.owned_as(&value, &ty, at)?);
            return Ok(quote!(#rust = #code;));
        }
        // At the top of the function a local of that name takes the parameter's place.
        if self.unit.parameters.contains_key(name) && self.depth > 0 {
            return refuse(at, format!("assigns to the parameter `{name}`"));
        }
        let declared = at.start;
        if self.locals.is_reassigned(declared) {
            let code = self.owned_as(&value, &ty, at)?;
            let rust = self
                .locals
                .declare(name, ty.clone(), Form::Place, declared)
                .name;
            let annotation = (value.ty != ty)
                .then(|| rust_type(&ty))
                .map(|t| quote!(: #t));
            return Ok(quote!(let mut #rust #annotation = #code;));
        }
        if value.ty != ty {
            let code = self.owned_as(&value, &ty, at)?;
            let annotation = (value.ty == Type::None).then(|| rust_type(&ty));
            let annotation = annotation.map(|t| quote!(: #t));
            let rust = self.locals.declare(name, ty, Form::Place, declared).name;
            return Ok(quote!(let #rust #annotation = #code;));
        }
        if value.ty == Type::None && !self.locals.is_first_run() {
            return refuse(at, format!("nothing but None is known of `{name}`"));
        }
        let (code, form) = match value.form {
            Form::Owned => (value.code.clone(), Form::Place),
            Form::Place if matches!(value.ty, Type::Bool | Type::Int | Type::Float) => {
                (value.code.clone(), Form::Place)
            }
            Form::Shared => (value.code.clone(), Form::Shared),
            // What changes while it is borrowed cannot be.
            Form::Place | Form::Borrowed if self.is_of_changing(&value) => {
                (value.given(), Form::Place)
            }
            Form::Place | Form::Borrowed => (value.lent(), Form::Borrowed),
        };
        let rust = self.locals.declare(name, ty, form, declared).name;
        Ok(quote!(let #rust = #code;))
    }

    /// Whether an expression names a variable that is assigned again.
    fn is_of_changing(&self, value: &Value) -> bool {
        let words = words::words(&value.code, self.draft);
        self.locals
            .changing()
            .any(|name| words.contains(&name.to_string()))
    }

    /// A value as one of `ty` that is given away.
    pub(super) fn owned_as(&self, value: &Value, ty: &Type, at: Span) -> Result<TokenStream> {
        if value.ty == *ty {
            return Ok(value.given());
        }
        match ty {
            Type::Maybe(_) if value.ty == Type::None => Ok(quote!(None)),
            Type::Maybe(inner) if **inner == value.ty => {
                let given = value.given();
                Ok(quote!(Some(#given)))
            }
            Type::Json => Ok(self.json_of(value)),
            _ => refuse(at, "a value of another type is expected here"),
        }
    }

    pub(super) fn augment(
        &mut self,
        span: Span,
        target: &Expression,
        operator: model::body::Operator,
        value: &Expression,
    ) -> Result<TokenStream> {
        use model::body::Operator;
        let ExpressionKind::Name(name) = &target.kind else {
            let shown = self.shown(target.span);
            return refuse(target.span, format!("assigns to {shown}"));
        };
        let value = self.value(value)?;
        let Some(local) = self.locals.visible(name).cloned() else {
            return refuse(span, format!("`{name}` is not known here"));
        };
        if local.ty != value.ty || local.narrowed {
            return refuse(span, format!("`{name}` changes its type"));
        }
        self.locals.reassign(name);
        let rust = local.name;
        Ok(match (&local.ty, operator) {
            (Type::Int, Operator::Add) => {
                let code = value.code;
                quote!(#rust += #code;)
            }
            (Type::Int, Operator::Subtract) => {
                let code = value.code;
                quote!(#rust -= #code;)
            }
            (Type::Text, Operator::Add) if self.is_of_changing(&value) => {
                let given = value.given();
                quote!(#rust.push_str(&#given);)
            }
            (Type::Text, Operator::Add) => {
                let lent = value.lent();
                quote!(#rust.push_str(#lent);)
            }
            _ => return refuse(span, "this operator has no Rust form here"),
        })
    }
}

/// A type as Rust writes it.
pub fn rust_type(ty: &Type) -> TokenStream {
    match ty {
        Type::None => quote!(()),
        Type::Bool => quote!(bool),
        Type::Int => quote!(i64),
        Type::Float => quote!(f64),
        Type::Text => quote!(String),
        Type::Json => quote!(Value),
        Type::Maybe(inner) => {
            let inner = rust_type(inner);
            quote!(Option<#inner>)
        }
        Type::List(inner) => {
            let inner = rust_type(inner);
            quote!(Vec<#inner>)
        }
        Type::Dict(key, value) => {
            let (key, value) = (rust_type(key), rust_type(value));
            quote!(IndexMap<#key, #value>)
        }
        Type::Record(path) => {
            let path: TokenStream = path.parse().unwrap_or_default();
            path
        }
        Type::Date => quote!(Date),
        Type::Response => quote!(Response),
        Type::HttpError | Type::Raised => quote!(Abort),
    }
}
