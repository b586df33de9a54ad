//! Loops inside of expressions.

use model::Span;
use model::body::{Expression, ExpressionKind};
use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::super::values::{Form, Type, Value};
use super::super::words;
use super::{Result, Translator, refuse};

/// A loop over a list, its variable in scope.
struct Loop {
    items: TokenStream,
    inner: Type,
    variable: Ident,
    elements: Elements,
}

/// What an iterator gives.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Elements {
    /// Values of their own.
    Owned,
    /// Numbers and booleans.
    Copied,
    /// `&str`
    Text,
    /// `&T` of a dataclass.
    Lent,
}

impl Elements {
    const fn form(self) -> Form {
        match self {
            Self::Owned => Form::Place,
            Self::Copied => Form::Owned,
            Self::Text | Self::Lent => Form::Borrowed,
        }
    }

    /// What makes values of their own of them.
    fn given(self) -> Option<TokenStream> {
        match self {
            Self::Owned | Self::Copied => None,
            Self::Text => Some(quote!(.map(str::to_owned))),
            Self::Lent => Some(quote!(.cloned())),
        }
    }
}

impl Translator<'_> {
    /// `?` cannot stand in a closure.
    fn no_failure(&self, code: &TokenStream, at: Span) -> Result<()> {
        if words::fails(code, self.draft) {
            return refuse(at, "may end the request inside of a loop");
        }
        Ok(())
    }

    /// The variable as a test in `filter` and `find` gets it.
    fn tested(&self, variable: &Ident, elements: Elements, test: &TokenStream) -> TokenStream {
        if !words::words(test, self.draft).contains(&variable.to_string()) {
            return quote!(_);
        }
        match elements {
            Elements::Copied | Elements::Text => quote!(&#variable),
            Elements::Owned | Elements::Lent => quote!(#variable),
        }
    }

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
            elements,
        } = self.filtered(target, iterable, conditions)?;
        let is_itself = matches!((&element.kind, &target.kind), (ExpressionKind::Name(a), ExpressionKind::Name(b)) if a == b);
        if is_itself {
            self.locals.leave();
            let cloned = elements.given();
            return Ok(Value::owned(
                quote!(#items #cloned.collect::<Vec<_>>()),
                Type::List(Box::new(inner)),
            ));
        }
        let value = self.value(element);
        self.locals.leave();
        let value = value?;
        let code = value.given();
        self.no_failure(&code, e.span)?;
        Ok(Value::owned(
            {
                let used = words::words(&code, self.draft).contains(&variable.to_string());
                let pattern = if used { quote!(#variable) } else { quote!(_) };
                quote!(#items.map(|#pattern| #code).collect::<Vec<_>>())
            },
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
            elements,
        } = self.filtered(target, iterable, &[])?;
        let test = self.condition(condition);
        self.locals.leave();
        let test = test?.code;
        self.no_failure(&test, e.span)?;
        Ok(Some(Value::owned(
            {
                let cloned = elements.given();
                let pattern = self.tested(&variable, elements, &test);
                quote!(#items.find(|#pattern| #test) #cloned)
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
        let (mut items, elements) = iterator(&list, &inner);
        self.locals.enter();
        let local = self
            .locals
            .declare(name, inner.clone(), elements.form(), target.span.start);
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
            if let Err(refusal) = self.no_failure(&test, condition.span) {
                self.locals.leave();
                return Err(refusal);
            }
            let pattern = self.tested(&variable, elements, &test);
            items = quote!(#items.filter(|#pattern| #test));
        }
        Ok(Loop {
            items,
            inner,
            variable,
            elements,
        })
    }
}

/// The elements of a list: by reference where the list stays.
fn iterator(list: &Value, inner: &Type) -> (TokenStream, Elements) {
    let code = list.code.to_string();
    // `….values().cloned().collect::<Vec<_>>()` is an iterator already.
    let before = code.strip_suffix(". cloned () . collect :: < Vec < _ >> ()");
    let lent = before.and_then(|b| b.parse::<TokenStream>().ok());
    let lent = match (lent, list.form) {
        (Some(items), _) => items,
        (None, Form::Owned) => {
            let receiver = list.receiver();
            let is_copy = matches!(inner, Type::Bool | Type::Int | Type::Float);
            let elements = if is_copy {
                Elements::Copied
            } else {
                Elements::Owned
            };
            return (quote!(#receiver.into_iter()), elements);
        }
        (None, _) => {
            let receiver = list.receiver();
            quote!(#receiver.iter())
        }
    };
    match inner {
        Type::Record(_) => (lent, Elements::Lent),
        Type::Text => (quote!(#lent.map(String::as_str)), Elements::Text),
        Type::Bool | Type::Int | Type::Float => (quote!(#lent.copied()), Elements::Copied),
        _ => (quote!(#lent.cloned()), Elements::Owned),
    }
}
