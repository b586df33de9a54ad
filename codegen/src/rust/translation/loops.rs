//! Loops inside of expressions.

use model::Span;
use model::body::{Expression, ExpressionKind};
use proc_macro2::TokenStream;
use quote::quote;

use super::super::values::{Form, Type, Value};
use super::{Result, Translator, refuse};

/// A loop over a list, its variable in scope.
struct Loop {
    items: TokenStream,
    inner: Type,
    variable: proc_macro2::Ident,
    /// How the variable holds an element.
    form: Form,
}

impl Translator<'_> {
    /// `[element for target in iterable if condition]`
    pub(super) fn comprehension(
        &mut self,
        e: &Expression,
        element: &Expression,
        target: &Expression,
        iterable: &Expression,
        conditions: &[Expression],
    ) -> Result<Value> {
        let Loop {
            items,
            inner,
            variable,
            form,
        } = self.filtered(target, iterable, conditions)?;
        let is_itself = matches!((&element.kind, &target.kind), (ExpressionKind::Name(a), ExpressionKind::Name(b)) if a == b);
        if is_itself {
            self.locals.leave();
            let cloned = (form == Form::Borrowed).then(|| quote!(.cloned()));
            return Ok(Value::owned(
                quote!(#items #cloned.collect::<Vec<_>>()),
                Type::List(Box::new(inner)),
            ));
        }
        let value = self.value(element);
        self.locals.leave();
        let value = value?;
        let code = value.given();
        no_failure(&code, e.span)?;
        Ok(Value::owned(
            quote!(#items.map(|#variable| #code).collect::<Vec<_>>()),
            Type::List(Box::new(value.ty)),
        ))
    }

    /// `next((x for x in iterable if condition), None)`
    pub(super) fn first_of(
        &mut self,
        e: &Expression,
        generator: &Expression,
    ) -> Result<Option<Value>> {
        let ExpressionKind::Comprehension {
            element,
            target,
            iterable,
            conditions,
            ..
        } = &generator.kind
        else {
            return Ok(None);
        };
        let is_itself = matches!((&element.kind, &target.kind), (ExpressionKind::Name(a), ExpressionKind::Name(b)) if a == b);
        let [condition] = conditions.as_slice() else {
            return Ok(None);
        };
        if !is_itself {
            return Ok(None);
        }
        let Loop {
            items,
            inner,
            variable,
            form,
        } = self.filtered(target, iterable, &[])?;
        let test = self.condition(condition);
        self.locals.leave();
        let test = test?.code;
        no_failure(&test, e.span)?;
        Ok(Some(Value::owned(
            {
                let cloned = (form == Form::Borrowed).then(|| quote!(.cloned()));
                quote!(#items.find(|#variable| #test) #cloned)
            },
            inner.maybe(),
        )))
    }

    /// An iterator over values of their own, with the loop's variable in scope until `leave`.
    fn filtered(
        &mut self,
        target: &Expression,
        iterable: &Expression,
        conditions: &[Expression],
    ) -> Result<Loop> {
        let ExpressionKind::Name(name) = &target.kind else {
            return refuse(target.span, "unpacks what it loops over");
        };
        let list = self.value(iterable)?;
        let Type::List(inner) = &list.ty else {
            let shown = self.shown(iterable.span);
            return refuse(
                iterable.span,
                format!("loops over {shown}, which is not known to be a list"),
            );
        };
        let inner = (**inner).clone();
        let (mut items, form) = elements(&list, &inner);
        self.locals.enter();
        let local = self
            .locals
            .declare(name, inner.clone(), form, target.span.start);
        let variable = local.name;
        for condition in conditions {
            let test = self.condition(condition);
            let test = match test {
                Ok(test) => test.code,
                Err(refusal) => {
                    self.locals.leave();
                    return Err(refusal);
                }
            };
            if let Err(refusal) = no_failure(&test, condition.span) {
                self.locals.leave();
                return Err(refusal);
            }
            items = quote!(#items.filter(|#variable| #test));
        }
        Ok(Loop {
            items,
            inner,
            variable,
            form,
        })
    }
}

/// The elements of a list: dataclasses by reference where the list stays, else values of their own.
fn elements(list: &Value, inner: &Type) -> (TokenStream, Form) {
    let code = list.code.to_string();
    let is_record = matches!(inner, Type::Record(_));
    // `….values().cloned().collect::<Vec<_>>()` is an iterator already.
    if let Some(before) = code.strip_suffix(". cloned () . collect :: < Vec < _ >> ()")
        && let Ok(tokens) = before.parse::<TokenStream>()
    {
        return if is_record {
            (tokens, Form::Borrowed)
        } else {
            (quote!(#tokens.cloned()), Form::Place)
        };
    }
    let receiver = list.receiver();
    match list.form {
        Form::Owned => (quote!(#receiver.into_iter()), Form::Place),
        _ if is_record => (quote!(#receiver.iter()), Form::Borrowed),
        Form::Place | Form::Borrowed | Form::Shared => {
            (quote!(#receiver.iter().cloned()), Form::Place)
        }
    }
}

/// `?` cannot stand in a closure.
fn no_failure(code: &TokenStream, at: Span) -> Result<()> {
    if code.to_string().contains('?') {
        return refuse(at, "may end the request inside of a loop");
    }
    Ok(())
}
