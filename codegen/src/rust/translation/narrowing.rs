//! What a test shows of an optional variable.

use model::body::{Comparison, Expression, ExpressionKind, Statement};
use model::touch::Constant;
use proc_macro2::TokenStream;
use quote::quote;

use super::super::values::{Type, Value};
use super::mentions::{binds, mentions};
use super::{Result, Translator};

impl Translator<'_> {
    /// `if x is not None:`, `if x:` on an optional local: `if let Some(x) = x`.
    pub(super) fn narrowing(
        &mut self,
        test: &Expression,
        body: &[Statement],
    ) -> Option<(TokenStream, String, super::locals::Local)> {
        let (name, filter) = match &test.kind {
            ExpressionKind::Compare {
                left,
                comparison: Comparison::IsNot,
                right,
            } => match (&left.kind, &right.kind) {
                (ExpressionKind::Name(name), ExpressionKind::Constant(Constant::None)) => {
                    (name, false)
                }
                _ => return None,
            },
            ExpressionKind::Name(name) => (name, true),
            _ => return None,
        };
        let local = self.locals.visible(name)?.clone();
        let Type::Maybe(inner) = local.ty.clone() else {
            return None;
        };
        if !mentions(body, name) {
            return None;
        }
        let is_true = matches!(*inner, Type::Record(_) | Type::Date);
        if filter && !is_true && *inner != Type::Text || binds(body, name) {
            return None;
        }
        self.locals.read(name);
        let rust = local.name.clone();
        let value = Value {
            form: local.form,
            ..Value::place(quote!(#rust), local.ty.clone())
        };
        let lent = value.lent();
        let lent = if filter && !is_true {
            quote!(#lent.filter(|text| !text.is_empty()))
        } else {
            lent
        };
        let narrowed = local.narrowed_to(*inner);
        Some((quote!(let Some(#rust) = #lent), name.clone(), narrowed))
    }

    /// `if x is None: leave`, `if not x: leave` on an optional local: `let Some(x) = x else { leave };`.
    pub(super) fn let_else(
        &mut self,
        test: &Expression,
        body: &[Statement],
        rest: &[Statement],
    ) -> Result<Option<TokenStream>> {
        let (name, filter) = match &test.kind {
            ExpressionKind::Compare {
                left,
                comparison: Comparison::Is,
                right,
            } => match (&left.kind, &right.kind) {
                (ExpressionKind::Name(name), ExpressionKind::Constant(Constant::None)) => {
                    (name, false)
                }
                _ => return Ok(None),
            },
            ExpressionKind::Not(inner) => match &inner.kind {
                ExpressionKind::Name(name) => (name, true),
                _ => return Ok(None),
            },
            _ => return Ok(None),
        };
        let Some(local) = self
            .locals
            .visible(name)
            .cloned()
            .filter(|_| mentions(rest, name))
        else {
            return Ok(None);
        };
        let Type::Maybe(inner) = local.ty.clone() else {
            return Ok(None);
        };
        let is_true = matches!(*inner, Type::Record(_) | Type::Date);
        let filter = filter && !is_true;
        if filter && *inner != Type::Text || self.locals.is_reassigned(local.declared) {
            return Ok(None);
        }
        let block = self.inner(body, test.span.end, false)?;
        if !block.leaves {
            return Ok(None);
        }
        self.locals.read(name);
        let value = Value {
            code: {
                let n = &local.name;
                quote!(#n)
            },
            ty: local.ty.clone(),
            form: local.form,
            binding: super::super::values::Binding::Atom,
        };
        let (lent, rust, code) = (value.lent(), local.name.clone(), block.code);
        let lent = if filter {
            quote!(#lent.filter(|text| !text.is_empty()))
        } else {
            lent
        };
        self.locals.enter();
        let narrowed = local.narrowed_to(*inner);
        self.locals.bind(name, narrowed);
        Ok(Some(quote! { let Some(#rust) = #lent else { #code }; }))
    }
}
