//! What a handler reads of the request, the session and `g`.

use model::body::{BodyArgument, Expression, ExpressionKind};
use model::touch::{Access, Constant, Op, Passed};
use proc_macro2::TokenStream;
use quote::quote;

use super::super::inputs::{self, Reading};
use super::super::names::ident;
use super::super::values::{Form, Type, Value};
use super::super::words;
use super::displays::{has_objects, has_odd_keys};
use super::expressions::string;
use super::{Result, Translator, refuse};

/// An argument by position or name.
pub(super) fn argument<'a>(
    arguments: &'a [BodyArgument],
    position: u32,
    name: &str,
) -> Option<&'a Expression> {
    arguments
        .iter()
        .find(|a| match &a.passed {
            Passed::Position(p) => *p == position,
            Passed::Keyword(k) => k == name,
            _ => false,
        })
        .map(|a| &a.value)
}

/// Whether an argument of `get` is its key or its default, and no `type=`.
fn is_key_or_default(argument: &BodyArgument) -> bool {
    match &argument.passed {
        Passed::Position(position) => *position < 2,
        Passed::Keyword(name) => name == "key" || name == "default",
        _ => false,
    }
}

impl Translator<'_> {
    /// The value of a touch.
    pub(super) fn touch_value(
        &mut self,
        e: &Expression,
        index: usize,
        arguments: &[BodyArgument],
    ) -> Result<Value> {
        let op = self.touch(index).op.clone();
        match &op {
            Op::Query { access } | Op::Form { access } => {
                let is_form = matches!(op, Op::Form { .. });
                if let Access::Contains { key: Some(key) } = access {
                    let key = string(key);
                    let on = if is_form {
                        quote!(ctx.form()?)
                    } else {
                        quote!(ctx.args)
                    };
                    return Ok(Value::owned(quote!(#on.contains(#key)), Type::Bool));
                }
                self.field(e, index, access, arguments)
            }
            Op::Method => Ok(Value::borrowed(quote!(ctx.method()), Type::Text)),
            Op::Path => Ok(Value::borrowed(quote!(ctx.path()), Type::Text)),
            Op::Headers { access } => {
                let found = |key: &str| {
                    let key = string(key);
                    quote!(ctx.header(#key))
                };
                self.mapping(e, access, arguments, &found)
            }
            Op::Cookies { access } => {
                let found = |key: &str| {
                    let key = string(key);
                    quote!(ctx.cookies().get(#key))
                };
                self.mapping(e, access, arguments, &found)
            }
            Op::RemoteAddress => Ok(Value::borrowed(quote!(ctx.remote_addr()), Type::Text)),
            Op::Url { part } => self.url(e, part),
            Op::Matched { part } if part == "endpoint" => {
                Ok(Value::borrowed(quote!(ctx.endpoint()), Type::Text.maybe()))
            }
            Op::Matched { part } if part == "blueprint" => {
                Ok(Value::borrowed(quote!(ctx.blueprint()), Type::Text.maybe()))
            }
            Op::Session { access } => self.kept(e, &quote!(ctx.session), access, arguments),
            Op::Globals { access } => self.kept(e, &quote!(ctx.g), access, arguments),
            _ => self.framework_value(e, index, &op, arguments),
        }
    }

    /// A query or form field.
    fn field(
        &self,
        e: &Expression,
        index: usize,
        access: &Access,
        arguments: &[BodyArgument],
    ) -> Result<Value> {
        let source = self.unit.text;
        let text = |span: model::Span| span.of(source).to_owned();
        let Some((place, key, reading)) = inputs::reading(self.touch(index), &text) else {
            let shown = self.shown(e.span);
            return refuse(
                e.span,
                format!("{shown} reads a field in a way that has no Rust form"),
            );
        };
        let Some(name) = self.fields(place).name(&key, reading) else {
            return refuse(e.span, "reads a field that its struct lacks");
        };
        let (variable, name) = (ident(place.variable()), ident(name));
        let code = quote!(#variable.#name);
        let ty = match reading {
            Reading::Text => Type::Text.maybe(),
            Reading::Int => Type::Int.maybe(),
            Reading::Float => Type::Float.maybe(),
            Reading::All => return Ok(Value::place(code, Type::List(Box::new(Type::Text)))),
        };
        let value = Value::place(code, ty);
        if matches!(access, Access::Item { .. }) {
            // werkzeug.exceptions.BadRequestKeyError
            let lent = value.lent();
            return Ok(Value::borrowed(
                quote!(#lent.ok_or_else(|| abort(400))?),
                Type::Text,
            ));
        }
        self.with_default(e, value, argument(arguments, 1, "default"))
    }

    /// What `get(key, default)` gives.
    pub(super) fn with_default(
        &self,
        e: &Expression,
        value: Value,
        default: Option<&Expression>,
    ) -> Result<Value> {
        let Some(default) = default else {
            return Ok(value);
        };
        let constant = match &default.kind {
            ExpressionKind::Constant(constant) => constant.clone(),
            ExpressionKind::Negative(inner) => match &inner.kind {
                ExpressionKind::Constant(Constant::Int(n)) => Constant::Int(-n),
                _ => return refuse(default.span, "a default that is no constant"),
            },
            ExpressionKind::Name(name) => match self.global_constant(name) {
                Some(constant) if self.locals.visible(name).is_none() => constant,
                _ => return refuse(default.span, "a default that is no constant"),
            },
            _ => return refuse(default.span, "a default that is no constant"),
        };
        let Type::Maybe(inner) = &value.ty else {
            return refuse(e.span, "a default for what is never missing");
        };
        let (lent, receiver) = (value.lent(), value.receiver());
        Ok(match (&**inner, &constant) {
            (_, Constant::None) => value,
            (Type::Text, Constant::Str(text)) => {
                let text = string(text);
                Value::borrowed(quote!(#lent.unwrap_or(#text)), Type::Text)
            }
            (Type::Int, Constant::Int(number)) => {
                let number = proc_macro2::Literal::i64_unsuffixed(*number);
                Value::owned(quote!(#receiver.unwrap_or(#number)), Type::Int)
            }
            (Type::Float, Constant::Float(number)) if number.is_finite() => {
                let number = proc_macro2::Literal::f64_unsuffixed(*number);
                Value::owned(quote!(#receiver.unwrap_or(#number)), Type::Float)
            }
            _ => return refuse(default.span, "a default of another type than the field"),
        })
    }

    /// Headers and cookies: text or nothing.
    fn mapping(
        &self,
        e: &Expression,
        access: &Access,
        arguments: &[BodyArgument],
        found: &dyn Fn(&str) -> TokenStream,
    ) -> Result<Value> {
        match access {
            Access::Get { key: Some(key) } if arguments.iter().all(is_key_or_default) => {
                let value = Value::borrowed(found(key), Type::Text.maybe());
                self.with_default(e, value, argument(arguments, 1, "default"))
            }
            // werkzeug.datastructures.Headers raises BadRequestKeyError.
            Access::Item { key: Some(key) } => {
                let found = found(key);
                Ok(Value::borrowed(
                    quote!(#found.ok_or_else(|| abort(400))?),
                    Type::Text,
                ))
            }
            Access::Contains { key: Some(key) } => {
                let found = found(key);
                Ok(Value::owned(quote!(#found.is_some()), Type::Bool))
            }
            _ => {
                let shown = self.shown(e.span);
                refuse(e.span, format!("{shown} has no Rust form"))
            }
        }
    }

    fn url(&self, e: &Expression, part: &str) -> Result<Value> {
        let name = match part {
            "url" | "base_url" | "url_root" | "host" | "full_path" | "scheme" | "host_url" => {
                ident(part)
            }
            _ => {
                let shown = self.shown(e.span);
                return refuse(e.span, format!("{shown} has no Rust form"));
            }
        };
        Ok(Value::owned(quote!(ctx.#name().to_string()), Type::Text))
    }

    /// The session and `g`: values of JSON.
    fn kept(
        &mut self,
        e: &Expression,
        on: &TokenStream,
        access: &Access,
        arguments: &[BodyArgument],
    ) -> Result<Value> {
        match access {
            Access::Get { key: Some(key) } => {
                let key = string(key);
                let default = match argument(arguments, 1, "default") {
                    None => None,
                    Some(default) => Some({
                        let value = self.value(default)?;
                        self.json_of(&value)
                    })
                    .filter(|d| d.to_string() != "Value :: Null"),
                };
                if default
                    .as_ref()
                    .is_some_and(|d| words::fails(d, self.draft))
                {
                    return refuse(e.span, "a default that may end the request");
                }
                Ok(Value::owned(
                    match default {
                        None => quote!(#on.get(#key).unwrap_or_default()),
                        Some(default) => quote!(#on.get(#key).unwrap_or_else(|| #default)),
                    },
                    Type::Json,
                ))
            }
            Access::Item { key: Some(key) } => {
                let key = string(key);
                Ok(Value::owned(quote!(#on.require(#key)?), Type::Json))
            }
            Access::Contains { key: Some(key) } => {
                let key = string(key);
                Ok(Value::owned(quote!(#on.contains(#key)), Type::Bool))
            }
            Access::Delete { key: Some(key) } if argument(arguments, 1, "default").is_some() => {
                let default = argument(arguments, 1, "default")
                    .map(|d| self.value(d))
                    .transpose()?;
                let key = string(key);
                match default {
                    Some(default) if default.ty == Type::None => Ok(Value::owned(
                        quote!(#on.pop(#key).unwrap_or_default()),
                        Type::Json,
                    )),
                    Some(default) => {
                        let json = self.json_of(&default);
                        Ok(Value::owned(
                            quote!(#on.pop(#key).unwrap_or_else(|| #json)),
                            Type::Json,
                        ))
                    }
                    None => refuse(e.span, "this has no Rust form"),
                }
            }
            _ => {
                let shown = self.shown(e.span);
                refuse(e.span, format!("{shown} has no Rust form"))
            }
        }
    }

    /// A touch as a statement.
    pub(super) fn touch_effect(
        &mut self,
        e: &Expression,
        index: usize,
        arguments: &[BodyArgument],
    ) -> Result<TokenStream> {
        let op = self.touch(index).op.clone();
        let on = match &op {
            Op::Session { .. } => quote!(ctx.session),
            Op::Globals { .. } => quote!(ctx.g),
            _ => return self.framework_effect(e, &op, arguments),
        };
        match &op {
            Op::Session {
                access: Access::Method { name },
            } if name == "clear" => Ok(quote!(#on.clear();)),
            Op::Session {
                access: Access::Delete { key: Some(key) },
            }
            | Op::Globals {
                access: Access::Delete { key: Some(key) },
            } => {
                let key = string(key);
                Ok(if argument(arguments, 1, "default").is_some() {
                    quote!(#on.pop(#key);)
                } else {
                    quote!(#on.pop(#key).ok_or_else(|| abort(500))?;)
                })
            }
            _ => {
                let shown = self.shown(e.span);
                refuse(e.span, format!("{shown} has no Rust form"))
            }
        }
    }

    /// `session["k"] = value`, `g.k = value`, a part of a response.
    pub(super) fn assign_touch(
        &mut self,
        target: &Expression,
        index: usize,
        value: &Expression,
    ) -> Result<TokenStream> {
        let op = self.touch(index).op.clone();
        let on = match &op {
            Op::Session {
                access: Access::Set { key: Some(key) },
            } => (quote!(ctx.session), key),
            Op::Globals {
                access: Access::Set { key: Some(key) },
            } => (quote!(ctx.g), key),
            Op::Session { .. } if self.text(target.span).ends_with(".permanent") => {
                let value = self.condition(value)?.code;
                return Ok(quote!(ctx.session.set_permanent(#value);));
            }
            Op::ResponseAttribute { name } => {
                return self.assign_response(target, index, name, value);
            }
            _ => {
                let shown = self.shown(target.span);
                return refuse(target.span, format!("assigns to {shown}"));
            }
        };
        let value = self.value(value)?;
        if value.ty == Type::Response {
            return refuse(target.span, "keeps a response");
        }
        self.sharing.keeps |= value.form == Form::Shared;
        if self.has_dates(&value.ty) {
            return refuse(
                target.span,
                "keeps dates, which templates would get as text",
            );
        }
        if has_odd_keys(&value.ty) {
            return refuse(target.span, "keeps a dict whose keys are no text");
        }
        if matches!(op, Op::Session { .. }) && has_objects(&value.ty) {
            return refuse(target.span, "keeps an object of the app in the session");
        }
        let (on, key) = (on.0, string(on.1));
        let given = match (&value.ty, value.form) {
            (Type::Text, Form::Borrowed) | (Type::Json, Form::Owned) => value.code,
            // `g` takes whatever can be serialized.
            (ty, Form::Owned) if matches!(op, Op::Globals { .. }) && *ty != Type::None => {
                value.code
            }
            _ => self.json_of(&value),
        };
        Ok(quote!(#on.set(#key, #given);))
    }
}
