//! Expressions.

use model::body::{BodyArgument, Expression, ExpressionKind, Operator};
use model::touch::{Constant, Op, Passed};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::super::library::Named;
use super::super::names::ident;
use super::super::values::{Binding, Form, Type, Value};
use super::super::words;
use super::objects::is_none;
use super::{Result, Translator, refuse};

impl Translator<'_> {
    /// An expression whose value is used.
    pub(super) fn value(&mut self, e: &Expression) -> Result<Value> {
        match &e.kind {
            ExpressionKind::Touch { touch, arguments } => self.touch_value(e, *touch, arguments),
            ExpressionKind::Name(name) => self.named(name, e),
            ExpressionKind::Constant(constant) => self.constant(constant, e),
            ExpressionKind::Format(parts) => self.format(parts, e),
            ExpressionKind::Not(_) | ExpressionKind::Compare { .. } => self.condition(e),
            ExpressionKind::And(left, right) => {
                let (a, b) = (self.value(left)?, self.value(right)?);
                if a.ty == Type::Bool && b.ty == Type::Bool {
                    return self.condition(e);
                }
                refuse(e.span, "`and` of values that are not booleans")
            }
            ExpressionKind::Or(left, right) => self.or(e, left, right),
            ExpressionKind::Conditional { test, body, orelse } => {
                let test = self.condition(test)?.code;
                let (a, b) = (self.value(body)?, self.value(orelse)?);
                self.either(e, &test, &a, &b)
            }
            ExpressionKind::Negative(inner) => {
                let value = self.value(inner)?;
                if !matches!(value.ty, Type::Int | Type::Float) {
                    return refuse(e.span, "`-` of what is no number");
                }
                let code = value.at(Binding::Prefix);
                Ok(Value::owned(quote!(-#code), value.ty).binding(Binding::Prefix))
            }
            ExpressionKind::Binary {
                left,
                operator,
                right,
            } => self.binary(e, left, *operator, right),
            ExpressionKind::Call { callee, arguments } => self.call(e, callee, arguments),
            ExpressionKind::Dict(_) | ExpressionKind::List(_) => self.display(e),
            ExpressionKind::Attribute { value, name } => self.attribute(e, value, name),
            ExpressionKind::Subscript { value, index } => self.subscript(e, value, index),
            ExpressionKind::Comprehension {
                element,
                target,
                iterable,
                conditions,
                ..
            } => self.comprehension(e, element, target, iterable, conditions),
            _ => {
                let shown = self.shown(e.span);
                refuse(e.span, format!("{shown} has no Rust form"))
            }
        }
    }

    fn named(&mut self, name: &str, e: &Expression) -> Result<Value> {
        if let Some(local) = self.locals.read(name) {
            let code = &local.name;
            return Ok(Value {
                code: quote!(#code),
                ty: local.ty,
                form: local.form,
                binding: Binding::Atom,
            });
        }
        if let Some(parameter) = self.unit.parameters.get(name) {
            return Ok(parameter.clone());
        }
        if let Some(found) = self.own_value(e) {
            return found;
        }
        refuse(e.span, format!("`{name}` is not known here"))
    }

    pub(super) fn constant(&self, constant: &Constant, e: &Expression) -> Result<Value> {
        Ok(match constant {
            Constant::None => Value::owned(quote!(None), Type::None),
            Constant::Bool(value) => Value::owned(quote!(#value), Type::Bool),
            Constant::Int(value) => {
                let literal = Literal::i64_unsuffixed(*value);
                let binding = if *value < 0 {
                    Binding::Prefix
                } else {
                    Binding::Atom
                };
                Value::owned(quote!(#literal), Type::Int).binding(binding)
            }
            Constant::Float(value) if value.is_finite() => {
                let literal = Literal::f64_unsuffixed(*value);
                let binding = if *value < 0.0 {
                    Binding::Prefix
                } else {
                    Binding::Atom
                };
                Value::owned(quote!(#literal), Type::Float).binding(binding)
            }
            Constant::Str(text) => {
                let literal = string(text);
                Value::borrowed(quote!(#literal), Type::Text)
            }
            Constant::List(_) | Constant::Map(_) => {
                let layout = self.constant_layout(constant);
                let code = self.draft.verbatim(format!("json!({})", layout.print(24)));
                Value::owned(code, Type::Json)
            }
            Constant::Float(_) => return refuse(e.span, "a number that JSON cannot hold"),
        })
    }

    /// `left or right`.
    fn or(&mut self, e: &Expression, left: &Expression, right: &Expression) -> Result<Value> {
        let a = self.value(left)?;
        if let ExpressionKind::Touch { touch, arguments } = &right.kind
            && matches!(self.touch(*touch).op, Op::Abort { .. })
        {
            let abort = self.abort(right, *touch, arguments)?;
            return self.or_leave(e, &a, &abort);
        }
        let b = self.value(right)?;
        match (&a.ty, &b.ty) {
            (Type::Bool, Type::Bool) => {
                let (a, b) = (a.at(Binding::Or), b.at(Binding::And));
                Ok(Value::owned(quote!(#a || #b), Type::Bool).binding(Binding::Or))
            }
            (Type::Maybe(inner), Type::Text) if **inner == Type::Text => Ok(self.text_or(&a, &b)),
            (Type::Maybe(inner), Type::Int) if **inner == Type::Int => {
                let receiver = a.receiver();
                let filtered = quote!(#receiver.filter(|number| *number != 0));
                let code = &b.code;
                Ok(if words::fails(code, self.draft) {
                    let code = quote!(match #filtered { Some(number) => number, None => #code });
                    Value::owned(code, Type::Int).binding(Binding::Block)
                } else if is_at_hand(code) {
                    Value::owned(quote!(#filtered.unwrap_or(#code)), Type::Int)
                } else {
                    Value::owned(quote!(#filtered.unwrap_or_else(|| #code)), Type::Int)
                })
            }
            (Type::Text, Type::Text) => {
                let test = Value::truth(&a).map(|t| t.code).unwrap_or_default();
                self.either(e, &test, &a, &b)
            }
            _ => refuse(e.span, "`or` of values of these types has no Rust form"),
        }
    }

    /// `a or b` of optional text and text: what `b` does, it does only where it is asked.
    fn text_or(&self, a: &Value, b: &Value) -> Value {
        // What is borrowed of a value that nobody keeps is gone.
        let is_kept = a.form != Form::Owned;
        let (receiver, lent) = (a.receiver(), a.lent());
        let filtered = if is_kept {
            quote!(#lent.filter(|text| !text.is_empty()))
        } else {
            quote!(#receiver.filter(|text| !text.is_empty()))
        };
        if is_kept && b.form != Form::Owned {
            let b = b.lent();
            return if words::fails(&b, self.draft) {
                let code = quote!(match #filtered { Some(text) => text, None => #b });
                Value::borrowed(code, Type::Text).binding(Binding::Block)
            } else {
                Value::borrowed(quote!(#filtered.unwrap_or(#b)), Type::Text)
            };
        }
        let given = b.given();
        if words::fails(&given, self.draft) {
            let text = if is_kept {
                quote!(text.to_owned())
            } else {
                quote!(text)
            };
            let code = quote!(match #filtered { Some(text) => #text, None => #given });
            Value::owned(code, Type::Text).binding(Binding::Block)
        } else if is_kept {
            let code = quote!(#filtered.map_or_else(|| #given, str::to_owned));
            Value::owned(code, Type::Text)
        } else {
            Value::owned(quote!(#filtered.unwrap_or_else(|| #given)), Type::Text)
        }
    }

    /// `value or abort(…)`.
    fn or_leave(&self, e: &Expression, value: &Value, abort: &TokenStream) -> Result<Value> {
        if words::fails(abort, self.draft) {
            return refuse(e.span, "a description that may end the request itself");
        }
        match &value.ty {
            Type::Maybe(inner) if **inner == Type::Text => {
                let is_kept = value.form != Form::Owned;
                let on = if is_kept {
                    value.lent()
                } else {
                    value.receiver()
                };
                let code = quote!(#on.filter(|text| !text.is_empty()).ok_or_else(|| #abort)?);
                Ok(if is_kept {
                    Value::borrowed(code, Type::Text)
                } else {
                    Value::owned(code, Type::Text)
                })
            }
            Type::Maybe(inner) if **inner == Type::Int => {
                let lent = value.receiver();
                let code = quote!(#lent.filter(|number| *number != 0).ok_or_else(|| #abort)?);
                Ok(Value::owned(code, Type::Int))
            }
            Type::Json => {
                let given = value.given();
                let code = quote!(Some(#given).filter(python::truthy).ok_or_else(|| #abort)?);
                Ok(Value::owned(code, Type::Json))
            }
            // Objects without `__bool__` and `__len__` are true.
            Type::Maybe(inner) if matches!(**inner, Type::Record(_) | Type::Date) => {
                let (receiver, ty) = (value.receiver(), (**inner).clone());
                let code = quote!(#receiver.ok_or_else(|| #abort)?);
                Ok(Value {
                    form: value.form,
                    ..Value::owned(code, ty)
                })
            }
            _ => refuse(
                e.span,
                "`or abort` of a value of this type has no Rust form",
            ),
        }
    }

    fn either(&self, e: &Expression, test: &TokenStream, a: &Value, b: &Value) -> Result<Value> {
        let Some(ty) = a.ty.clone().join(b.ty.clone()) else {
            return refuse(e.span, "its two sides are values of different types");
        };
        if a.ty == b.ty && a.form == Form::Borrowed && b.form == Form::Borrowed {
            let (a, b) = (&a.code, &b.code);
            let code = quote!(if #test { #a } else { #b });
            return Ok(Value::borrowed(code, ty).binding(Binding::Block));
        }
        let (a, b) = (
            self.owned_as(a, &ty, e.span)?,
            self.owned_as(b, &ty, e.span)?,
        );
        let code = quote!(if #test { #a } else { #b });
        Ok(Value::owned(code, ty).binding(Binding::Block))
    }

    fn binary(
        &mut self,
        e: &Expression,
        left: &Expression,
        operator: Operator,
        right: &Expression,
    ) -> Result<Value> {
        if operator == Operator::Modulo
            && let ExpressionKind::Constant(Constant::Str(pattern)) = &left.kind
        {
            return self.percent(e, pattern, right);
        }
        let (a, b) = (self.value(left)?, self.value(right)?);
        match (&a.ty, &b.ty, operator) {
            (Type::Int, Type::Int, Operator::Add) => {
                let (a, b) = (a.at(Binding::Sum), b.at(Binding::Product));
                Ok(Value::owned(quote!(#a + #b), Type::Int).binding(Binding::Sum))
            }
            (Type::Int, Type::Int, Operator::Subtract) => {
                let (a, b) = (a.at(Binding::Sum), b.at(Binding::Product));
                Ok(Value::owned(quote!(#a - #b), Type::Int).binding(Binding::Sum))
            }
            (Type::Int, Type::Int, Operator::Multiply) => {
                let (a, b) = (a.at(Binding::Product), b.at(Binding::Prefix));
                Ok(Value::owned(quote!(#a * #b), Type::Int).binding(Binding::Product))
            }
            (Type::Text, Type::Text, Operator::Add) => self.concatenation(e),
            _ => refuse(
                e.span,
                "this operator has no Rust form for values of these types",
            ),
        }
    }

    fn call(
        &mut self,
        e: &Expression,
        callee: &Expression,
        arguments: &[BodyArgument],
    ) -> Result<Value> {
        let positional: Option<Vec<&Expression>> = arguments
            .iter()
            .map(|a| matches!(a.passed, Passed::Position(_)).then_some(&a.value))
            .collect();
        if let ExpressionKind::Attribute { value, name } = &callee.kind
            && name == "format"
            && let ExpressionKind::Constant(Constant::Str(pattern)) = &value.kind
        {
            return self.braces(e, pattern, arguments);
        }
        if let Some(value) = self.own_call(e, callee, arguments)? {
            return Ok(value);
        }
        if let (ExpressionKind::Name(name), Some(positional)) = (&callee.kind, &positional)
            && !self.is_local(name)
            && let Some(value) = self.built_in(name, positional)?
        {
            return Ok(value);
        }
        if let (ExpressionKind::Attribute { value, name }, Some(positional)) =
            (&callee.kind, &positional)
            && self.is_collection(value)
        {
            let on = self.value(value)?;
            if let Some(found) = self.collection_method(&on, name, positional)? {
                return Ok(found);
            }
        }
        if let (ExpressionKind::Attribute { value, name }, Some(positional)) =
            (&callee.kind, &positional)
            && name == "get"
            && let Some(found) = self.environment(value, positional)?
        {
            return Ok(found);
        }
        if let (ExpressionKind::Attribute { value, name }, Some(positional)) =
            (&callee.kind, &positional)
            && self.is_known(value)
            && let Some(found) = self.method(value, name, positional)?
        {
            return Ok(found);
        }
        let shown = self.text(callee.span).to_owned();
        refuse(e.span, format!("calls `{shown}`, which has no Rust form"))
    }

    /// `isinstance(value, dict)` of a value of JSON.
    fn instance_of(&mut self, value: &Expression, class: &Expression) -> Result<Option<Value>> {
        let value = self.value(value)?;
        let ExpressionKind::Name(class) = &class.kind else {
            return Ok(None);
        };
        let method = match class.as_str() {
            "dict" => "is_object",
            "list" => "is_array",
            "str" => "is_string",
            _ => return Ok(None),
        };
        if value.ty != Type::Json {
            return Ok(None);
        }
        let (receiver, method) = (value.receiver(), ident(method));
        Ok(Some(Value::owned(quote!(#receiver.#method()), Type::Bool)))
    }

    /// Whether a method's receiver is a collection of the app's, or of a known type.
    fn is_collection(&self, e: &Expression) -> bool {
        if matches!(self.own(e), Some(Named::Data(_))) {
            return true;
        }
        match &e.kind {
            ExpressionKind::Name(name) => {
                let local = self.locals.visible(name).map(|l| &l.ty);
                let ty = local.or_else(|| self.unit.parameters.get(name).map(|p| &p.ty));
                matches!(ty, Some(Type::Dict(..) | Type::Json))
            }
            _ => false,
        }
    }

    /// Whether a method's receiver may be text, and is no module or object of the app.
    fn is_known(&self, e: &Expression) -> bool {
        match &e.kind {
            ExpressionKind::Name(name) => {
                self.locals.visible(name).is_some()
                    || self.unit.parameters.contains_key(name)
                    || self.global_constant(name).is_some()
            }
            ExpressionKind::Call { callee, .. } => match &callee.kind {
                ExpressionKind::Attribute { value, .. } => self.is_known(value),
                ExpressionKind::Name(name) => matches!(name.as_str(), "str"),
                _ => false,
            },
            ExpressionKind::Attribute { value, .. } => {
                self.own(e).is_none() && self.is_known(value)
            }
            ExpressionKind::Subscript { .. } | ExpressionKind::Opaque => false,
            _ => true,
        }
    }

    /// `request.environ.get("HTTP_X", default)`: a header, by its CGI name (PEP 3333).
    fn environment(
        &self,
        receiver: &Expression,
        arguments: &[&Expression],
    ) -> Result<Option<Value>> {
        let ExpressionKind::Touch { touch, .. } = &receiver.kind else {
            return Ok(None);
        };
        if !matches!(&self.touch(*touch).op, Op::RequestAttribute { name } if name == "environ") {
            return Ok(None);
        }
        let Some(ExpressionKind::Constant(Constant::Str(key))) = arguments.first().map(|a| &a.kind)
        else {
            return Ok(None);
        };
        let header = match key.as_str() {
            "CONTENT_TYPE" | "CONTENT_LENGTH" => key.as_str(),
            key => match key.strip_prefix("HTTP_") {
                Some(header) => header,
                None => return Ok(None),
            },
        };
        let header = header.to_ascii_lowercase().replace('_', "-");
        let value = Value::borrowed(quote!(ctx.header(#header)), Type::Text.maybe());
        self.with_default(receiver, value, arguments.get(1).copied())
            .map(Some)
    }

    /// `len(x)`, `str(x)`.
    fn built_in(&mut self, name: &str, arguments: &[&Expression]) -> Result<Option<Value>> {
        if self.unit.surroundings.resolve(name).is_some() {
            return Ok(None);
        }
        match (name, arguments) {
            ("bool", [one]) => return Ok(Some(self.condition(one)?)),
            ("isinstance", [value, class]) => return self.instance_of(value, class),
            ("next", [generator, default]) if is_none(default) => {
                return self.first_of(generator, generator);
            }
            ("min" | "max", [a, b]) => {
                let (a, b) = (self.value(a)?, self.value(b)?);
                if a.ty != Type::Int || b.ty != Type::Int {
                    return Ok(None);
                }
                let (receiver, other) = (a.receiver(), b.code);
                let method = ident(name);
                // A literal alone has no method of one type.
                let receiver = if receiver.to_string().parse::<i64>().is_ok() {
                    let literal =
                        Literal::i64_suffixed(receiver.to_string().parse().unwrap_or_default());
                    quote!(#literal)
                } else {
                    receiver
                };
                return Ok(Some(Value::owned(
                    quote!(#receiver.#method(#other)),
                    Type::Int,
                )));
            }
            (_, [_]) => {}
            _ => return Ok(None),
        }
        if !matches!(name, "len" | "str" | "list" | "min" | "max") {
            return Ok(None);
        }
        let value = self.value(arguments[0])?;
        let receiver = value.receiver();
        // What a cast is compared with must not look like its type's arguments.
        let count = |code| Value::owned(code, Type::Int).binding(Binding::Comparison);
        Ok(match (name, &value.ty) {
            ("len", Type::Text) => Some(count(quote!(#receiver.chars().count() as i64))),
            ("len", Type::List(_) | Type::Dict(..)) => Some(count(quote!(#receiver.len() as i64))),
            ("list", Type::List(_)) => Some(value),
            ("min" | "max", Type::Dict(key, _)) if **key == Type::Int => {
                let method = ident(name);
                let code = quote!(#receiver.keys().copied().#method().ok_or_else(|| abort(500))?);
                Some(Value::owned(code, Type::Int))
            }
            ("str", Type::Text) => Some(value),
            ("str", Type::Int | Type::Date) => {
                Some(Value::owned(quote!(#receiver.to_string()), Type::Text))
            }
            ("str", Type::Raised) => Some(Value::borrowed(quote!(#receiver.message()), Type::Text)),
            ("str", Type::Json) => {
                let lent = value.lent();
                Some(Value::owned(quote!(python::text(#lent)), Type::Text))
            }
            _ => None,
        })
    }
}

/// Whether an expression is a literal, a variable or a field, which may be evaluated without need.
fn is_at_hand(code: &TokenStream) -> bool {
    let Ok(expression) = syn::parse2::<syn::Expr>(code.clone()) else {
        return false;
    };
    match &expression {
        syn::Expr::Lit(_) | syn::Expr::Path(_) => true,
        syn::Expr::Field(field) => matches!(*field.base, syn::Expr::Path(_)),
        syn::Expr::Unary(unary) => matches!(*unary.expr, syn::Expr::Lit(_)),
        _ => false,
    }
}

/// A string literal.
pub(super) fn string(text: &str) -> Literal {
    Literal::string(text)
}
