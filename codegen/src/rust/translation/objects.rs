//! The app's own objects: its functions, dataclasses, dicts and lists, and loops over them.

use model::Span;
use model::body::{BodyArgument, Expression, ExpressionKind};
use model::touch::{Constant, Passed};
use proc_macro2::TokenStream;
use quote::quote;

use super::super::library::Named;
use super::super::names::{ident, snake};
use super::super::values::{Binding, Form, Type, Value};
use super::conditions::text_slice;
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
    /// What an expression names among the app's own things: `store`, `store.posts`, `POSTS`.
    pub(super) fn own(&self, e: &Expression) -> Option<Named> {
        match &e.kind {
            ExpressionKind::Name(name) => {
                let hidden =
                    self.locals.visible(name).is_some() || self.unit.parameters.contains_key(name);
                if hidden {
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
        let key = self.owned_as(&key, key_type, target.span)?;
        let value = self.owned_as(&value, value_type, target.span)?;
        self.uses.insert(data.path.clone());
        let path: TokenStream = data.path.parse().unwrap_or_default();
        Ok(quote!(#path.insert(#key, #value);))
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
                let mut values = Vec::new();
                for argument in arguments {
                    if !matches!(argument.passed, Passed::Position(_)) {
                        return refuse(e.span, format!("calls `{name}` with named arguments"));
                    }
                    values.push(self.value(&argument.value)?);
                }
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
                    let is_short = code.to_string() == field.to_string();
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

    /// What a helper returns: joined over all its returns, in `Ok` where it may end the request.
    pub(super) fn helper_result(&mut self, e: Option<&Expression>) -> Result<TokenStream> {
        let at = e.map_or(self.unit.function.span, |e| e.span);
        let value = match e {
            Some(e) => self.value(e)?,
            None => Value::owned(quote!(None), Type::None),
        };
        if value.ty == Type::Response {
            return refuse(at, "a helper that returns a response");
        }
        let Some(ty) = self.locals.returned(value.ty.clone()) else {
            return refuse(at, "returns values of different types");
        };
        let code = if ty == Type::None {
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

/// `?` cannot stand in a closure.
fn no_failure(code: &TokenStream, at: Span) -> Result<()> {
    if code.to_string().contains('?') {
        return refuse(at, "may end the request inside of a loop");
    }
    Ok(())
}

/// Whether an expression is the constant None.
pub(super) fn is_none(e: &Expression) -> bool {
    matches!(e.kind, ExpressionKind::Constant(Constant::None))
}
