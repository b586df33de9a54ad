//! The app's own objects: its functions, dataclasses, dicts and lists, and loops over them.

use model::Span;
use model::body::{BodyArgument, Expression, ExpressionKind};
use model::touch::{Constant, Passed};
use proc_macro2::TokenStream;
use quote::quote;

use super::super::library::Named;
use super::super::names::{ident, snake};
use super::super::values::{Form, Type, Value};
use super::mentions::is_bound;
use super::{Result, Translator, refuse};

impl Translator<'_> {
    /// What an expression names among the app's own things: `store`, `store.posts`, `POSTS`.
    pub(super) fn own(&self, e: &Expression) -> Option<Named> {
        match &e.kind {
            ExpressionKind::Name(name) => {
                if self.is_local(name) {
                    None
                } else {
                    self.unit.surroundings.resolve(name)
                }
            }
            ExpressionKind::Attribute { value, name } => match self.own(value)? {
                Named::Module(module) => self.unit.surroundings.member(&module, name),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether a name is the function's own: Python finds no global behind it, wherever the function binds it.
    pub(super) fn is_local(&self, name: &str) -> bool {
        self.locals.visible(name).is_some()
            || self.unit.parameters.contains_key(name)
            || is_bound(self.unit.statements, name, self.unit.text)
    }

    /// The app's data or constant that an expression names.
    pub(super) fn own_value(&mut self, e: &Expression) -> Option<Result<Value>> {
        match self.own(e)? {
            Named::Constant(constant) => Some(self.constant(&constant, e)),
            Named::Data(data) => {
                self.uses.insert(data.path.clone());
                let path: TokenStream = data.path.parse().unwrap_or_default();
                let value = Value::place(quote!(#path.read()), data.ty.clone());
                Some(Ok(Value {
                    form: Form::Shared,
                    ..value
                }))
            }
            _ => None,
        }
    }

    /// `value.name`
    pub(super) fn attribute(
        &mut self,
        e: &Expression,
        value: &Expression,
        name: &str,
    ) -> Result<Value> {
        if let Some(found) = self.own_value(e) {
            return found;
        }
        if self.own(e).is_some() {
            let shown = self.shown(e.span);
            return refuse(e.span, format!("{shown} has no Rust form"));
        }
        let on = self.value(value)?;
        let receiver = on.receiver();
        match (&on.ty, name) {
            (Type::HttpError, "description") => {
                return Ok(Value::borrowed(quote!(#receiver.description()), Type::Text));
            }
            (Type::HttpError, "name") => {
                return Ok(Value::borrowed(quote!(#receiver.name()), Type::Text));
            }
            (Type::HttpError, "code") => {
                return Ok(Value::owned(
                    quote!(i64::from(#receiver.status())),
                    Type::Int,
                ));
            }
            _ => {}
        }
        let Type::Record(path) = &on.ty else {
            let shown = self.shown(value.span);
            return refuse(
                e.span,
                format!("what {shown} is, is not known, so its `{name}` is not"),
            );
        };
        let field = self
            .unit
            .surroundings
            .record(path)
            .and_then(|r| r.field(name).cloned());
        let Some(ty) = field else {
            return refuse(e.span, format!("`{path}` has no field `{name}`"));
        };
        let (receiver, field) = (on.receiver(), ident(&snake(name)));
        let form = if matches!(ty, Type::Bool | Type::Int | Type::Float | Type::Date) {
            Form::Owned
        } else {
            Form::Place
        };
        Ok(Value {
            form,
            ..Value::place(quote!(#receiver.#field), ty)
        })
    }

    /// The values of a function's parameters, in their order: passed by position, by name, or constant defaults.
    fn passed(
        &mut self,
        e: &Expression,
        module: &str,
        name: &str,
        arguments: &[BodyArgument],
    ) -> Result<Vec<Value>> {
        let Some(parameters) = self.unit.surroundings.parameters(module, name) else {
            return refuse(e.span, format!("calls `{name}`, which is not known"));
        };
        let is_plain =
            |a: &BodyArgument| matches!(a.passed, Passed::Position(_) | Passed::Keyword(_));
        let is_known = |a: &BodyArgument| match &a.passed {
            Passed::Position(p) => (*p as usize) < parameters.len(),
            Passed::Keyword(k) => parameters.iter().any(|p| p.name == *k),
            _ => false,
        };
        if !arguments.iter().all(is_plain)
            || !arguments.iter().all(is_known)
            || parameters.iter().any(|p| p.special)
        {
            return refuse(e.span, format!("calls `{name}` (it takes other arguments)"));
        }
        let mut values = Vec::new();
        for (i, parameter) in parameters.iter().enumerate() {
            let passed = arguments.iter().find(|a| match &a.passed {
                Passed::Position(p) => *p as usize == i,
                Passed::Keyword(k) => *k == parameter.name,
                _ => false,
            });
            values.push(match (passed, &parameter.default) {
                (Some(argument), _) => self.value(&argument.value)?,
                (
                    None,
                    Some(Expression {
                        kind: ExpressionKind::Constant(constant),
                        ..
                    }),
                ) => self.constant(constant, e)?,
                _ => return refuse(e.span, format!("calls `{name}` (it takes other arguments)")),
            });
        }
        // What is passed is evaluated in the order of the call, which matters where it may end the request.
        let in_order = arguments
            .windows(2)
            .all(|pair| pair[0].value.span <= pair[1].value.span);
        let by_name = arguments
            .iter()
            .any(|a| matches!(a.passed, Passed::Keyword(_)));
        if by_name && !in_order {
            return refuse(
                e.span,
                format!("calls `{name}` with arguments in another order"),
            );
        }
        Ok(values)
    }

    /// A call of a function or class of the app; `None` when the callee is neither.
    pub(super) fn own_call(
        &mut self,
        e: &Expression,
        callee: &Expression,
        arguments: &[BodyArgument],
    ) -> Result<Option<Value>> {
        match self.own(callee) {
            Some(Named::Function(module, name)) => {
                let values = self.passed(e, &module, &name, arguments)?;
                let types: Vec<Type> = values.iter().map(|v| v.ty.clone()).collect();
                if types.contains(&Type::None) || types.contains(&Type::Response) {
                    return refuse(
                        e.span,
                        format!("calls `{name}` with what has no type of its own"),
                    );
                }
                let instance = match self.unit.surroundings.instance(&module, &name, &types) {
                    Ok(instance) => instance,
                    Err(why) => {
                        return refuse(e.span, format!("calls `{name}` ({why})"));
                    }
                };
                self.uses.insert(instance.path.clone());
                let is_shared = values.iter().any(|v| v.form == Form::Shared);
                self.sharing.keeps |=
                    instance.sharing.keeps || is_shared && instance.sharing.changes;
                self.sharing.changes |= instance.sharing.changes;
                let path: TokenStream = instance.path.parse().unwrap_or_default();
                let context = instance.takes_context.then(|| {
                    if self.unit.context_lent {
                        quote!(ctx,)
                    } else {
                        quote!(&ctx,)
                    }
                });
                let lent = values.iter().map(Value::lent);
                let call = quote!(#path(#context #(#lent),*));
                let code = if instance.fallible {
                    quote!(#call?)
                } else {
                    call
                };
                Ok(Some(Value::owned(code, instance.ty.clone())))
            }
            Some(Named::Record(record)) => {
                if arguments.len() != record.fields.len() {
                    return refuse(e.span, format!("makes `{}` with defaults", record.path));
                }
                let mut fields = Vec::new();
                for (i, (field, ty)) in record.fields.iter().enumerate() {
                    let argument = arguments.iter().find(|a| match &a.passed {
                        Passed::Position(p) => *p as usize == i,
                        Passed::Keyword(k) => k == field,
                        _ => false,
                    });
                    let Some(argument) = argument else {
                        return refuse(
                            e.span,
                            format!("makes `{}` without `{field}`", record.path),
                        );
                    };
                    let value = self.value(&argument.value)?;
                    let code = self.owned_as(&value, ty, argument.value.span)?;
                    let field = ident(&snake(field));
                    let is_short = field == code.to_string();
                    fields.push(if is_short {
                        quote!(#field)
                    } else {
                        quote!(#field: #code)
                    });
                }
                self.uses.insert(record.path.clone());
                let path: TokenStream = record.path.parse().unwrap_or_default();
                Ok(Some(Value::owned(
                    quote!(#path { #(#fields),* }),
                    Type::Record(record.path.clone()),
                )))
            }
            Some(Named::Date) => {
                let numbers: Result<Vec<Value>> =
                    arguments.iter().map(|a| self.value(&a.value)).collect();
                let numbers = numbers?;
                if numbers.len() != 3
                    || numbers.iter().any(|n| n.ty != Type::Int)
                    || !arguments
                        .iter()
                        .all(|a| matches!(a.value.kind, ExpressionKind::Constant(_)))
                {
                    return refuse(e.span, "a date that is not constant");
                }
                let numbers = numbers.iter().map(|n| &n.code);
                Ok(Some(Value::owned(
                    quote!(Date::new(#(#numbers),*)),
                    Type::Date,
                )))
            }
            _ => Ok(None),
        }
    }

    /// What a helper returns: joined over all its returns, in `Ok` where it may end the request.
    pub(super) fn helper_result(&mut self, e: Option<&Expression>) -> Result<TokenStream> {
        let at = e.map_or(self.unit.function.span, |e| e.span);
        let value = match e {
            Some(e) => self.value(e)?,
            None => Value::owned(quote!(None), Type::None),
        };
        self.sharing.keeps |= value.form == Form::Shared;
        let Some(ty) = self.locals.returned(value.ty.clone()) else {
            return refuse(at, "returns values of different types");
        };
        let code = if ty == Type::None && !self.locals.is_fallible() {
            return Ok(TokenStream::new());
        } else if ty == Type::None {
            quote!(())
        } else {
            self.owned_as(&value, &ty, at)?
        };
        // What is returned last may be given away.
        let code = match e.map(|e| &e.kind) {
            Some(ExpressionKind::Name(_)) if value.form == Form::Place && value.ty == ty => {
                value.code
            }
            _ => code,
        };
        Ok(if self.locals.is_fallible() {
            quote!(Ok(#code))
        } else {
            code
        })
    }

    /// `raise Closed("…")` of an exception class of the app.
    pub(super) fn raised_own(
        &mut self,
        value: Option<&Expression>,
        span: Span,
    ) -> Result<TokenStream> {
        let (class, message) = match value.map(|e| &e.kind) {
            Some(ExpressionKind::Call { callee, arguments }) => {
                match (self.own(callee), arguments.as_slice()) {
                    (Some(Named::Exception(class)), []) => (class, None),
                    (Some(Named::Exception(class)), [one]) if one.passed == Passed::Position(0) => {
                        (class, Some(&one.value))
                    }
                    _ => return self.not_raised(span),
                }
            }
            Some(_) => match value.and_then(|e| self.own(e)) {
                Some(Named::Exception(class)) => (class, None),
                _ => return self.not_raised(span),
            },
            None => return self.not_raised(span),
        };
        let handled = |class: &str| self.unit.surroundings.is_handled(class);
        let own = class.rsplit('.').next().unwrap_or(&class);
        let ancestors = self.unit.surroundings.ancestors(&class);
        if let Some(base) = ancestors.iter().find(|a| *a != "Exception" && handled(a)) {
            return refuse(
                span,
                format!("raises {own}, which an error handler for {base} answers"),
            );
        }
        if let (false, Err(why)) = (handled(own), self.unit.surroundings.failures()) {
            return refuse(span, why);
        }
        let message = match message {
            None => quote!(""),
            Some(message) => {
                let value = self.value(message)?;
                if value.ty != Type::Text {
                    return refuse(
                        message.span,
                        "an exception whose message is not known to be text",
                    );
                }
                match value.form {
                    Form::Place => value.given(),
                    _ => value.code,
                }
            }
        };
        Ok(quote!(Err(raised(#class, #message))))
    }

    fn not_raised<T>(&self, span: Span) -> Result<T> {
        let shown = self.shown(span);
        refuse(span, format!("{shown}: this exception has no Rust form"))
    }
}

/// Whether an expression is the constant None.
pub(super) fn is_none(e: &Expression) -> bool {
    matches!(e.kind, ExpressionKind::Constant(Constant::None))
}
