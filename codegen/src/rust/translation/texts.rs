//! Text: f-strings, `%`, `+`, methods of `str`.

use model::body::{BodyArgument, Expression, ExpressionKind, FormatPart, Operator};
use model::touch::{Constant, Passed};
use proc_macro2::TokenStream;
use quote::quote;

use super::super::values::{Form, Type, Value};
use super::expressions::string;
use super::{Result, Translator, refuse};

/// Text with holes: what `format!` takes.
#[derive(Default)]
struct Format {
    pattern: String,
    arguments: Vec<TokenStream>,
    /// How many holes there are, and what is in the last of them where it is text.
    holes: usize,
    text: Option<Value>,
}

impl Format {
    fn text(&mut self, text: &str) {
        self.pattern
            .push_str(&text.replace('{', "{{").replace('}', "}}"));
    }

    fn hole(&mut self, value: Value) {
        let argument = value.code.clone();
        if let Ok(literal) = syn::parse2::<syn::LitStr>(argument.clone()) {
            self.text(&literal.value());
            return;
        }
        self.holes += 1;
        self.text = Some(value).filter(|v| v.ty == Type::Text);
        if let Some((pattern, arguments)) = formatted(&argument) {
            self.pattern.push_str(&pattern);
            self.arguments.extend(arguments);
            return;
        }
        let argument = without_to_string(argument);
        let name = argument.to_string();
        let is_variable = syn::parse_str::<syn::Ident>(&name).is_ok();
        if is_variable {
            self.pattern.push_str(&format!("{{{name}}}"));
        } else {
            self.pattern.push_str("{}");
            self.arguments.push(argument);
        }
    }

    fn finish(self) -> Value {
        if self.holes == 0 {
            let text = string(&self.pattern.replace("{{", "{").replace("}}", "}"));
            return Value::borrowed(quote!(#text), Type::Text);
        }
        // Text that stands alone is itself.
        let inside = self
            .pattern
            .strip_prefix('{')
            .and_then(|p| p.strip_suffix('}'));
        let is_alone = self.holes == 1 && inside.is_some_and(|i| !i.contains(['{', '}']));
        if is_alone && let Some(text) = self.text {
            return text;
        }
        let pattern = string(&self.pattern);
        let arguments = self.arguments;
        Value::owned(quote!(format!(#pattern #(, #arguments)*)), Type::Text)
    }
}

impl Translator<'_> {
    /// An f-string.
    pub(super) fn format(&mut self, parts: &[FormatPart], e: &Expression) -> Result<Value> {
        let mut format = Format::default();
        for part in parts {
            match part {
                FormatPart::Text(text) => format.text(text),
                FormatPart::Value(value) => {
                    let value = self.value(value)?;
                    let shown = self.displayed(&value, e)?;
                    format.hole(shown);
                }
                FormatPart::Formatted { span, .. } => {
                    let shown = self.shown(*span);
                    return refuse(*span, format!("the format of {shown} has no Rust form"));
                }
            }
        }
        Ok(format.finish())
    }

    /// A value as `str()` shows it, as an argument of `format!`.
    fn displayed(&self, value: &Value, e: &Expression) -> Result<Value> {
        match &value.ty {
            Type::Text | Type::Int => Ok(value.clone()),
            Type::Json => {
                let lent = value.lent();
                Ok(Value::owned(quote!(python::text(#lent)), Type::Text))
            }
            Type::Bool | Type::Maybe(_) if is_shown(&value.ty) => {
                let json = self.json_of(value);
                Ok(Value::owned(quote!(python::text(&#json)), Type::Text))
            }
            _ => refuse(e.span, "how a value in this text is shown is not known"),
        }
    }

    /// `"…%s…" % value`.
    pub(super) fn percent(
        &mut self,
        e: &Expression,
        pattern: &str,
        right: &Expression,
    ) -> Result<Value> {
        let values: Vec<&Expression> = match &right.kind {
            ExpressionKind::Tuple(items) => items.iter().collect(),
            _ => vec![right],
        };
        let mut values = values.into_iter();
        let mut format = Format::default();
        let mut rest = pattern;
        while let Some((before, after)) = rest.split_once('%') {
            format.text(before);
            match after.chars().next() {
                Some('%') => format.text("%"),
                Some(kind @ ('s' | 'd')) => {
                    let Some(argument) = values.next() else {
                        return refuse(e.span, "has more holes than values");
                    };
                    let value = self.value(argument)?;
                    if kind == 'd' && value.ty != Type::Int
                        || matches!(right.kind, ExpressionKind::Dict(_))
                    {
                        return refuse(e.span, "this format has no Rust form");
                    }
                    let shown = self.displayed(&value, e)?;
                    format.hole(shown);
                }
                _ => return refuse(e.span, "this format has no Rust form"),
            }
            rest = &after[1..];
        }
        format.text(rest);
        if values.next().is_some() {
            return refuse(e.span, "has more values than holes");
        }
        Ok(format.finish())
    }

    /// `"…{}…{0}…{name}…".format(…)`: holes without formats.
    pub(super) fn braces(
        &mut self,
        e: &Expression,
        pattern: &str,
        arguments: &[BodyArgument],
    ) -> Result<Value> {
        let mut format = Format::default();
        let mut next = 0;
        let mut rest = pattern;
        while let Some(at) = rest.find(['{', '}']) {
            format.text(&rest[..at]);
            let (brace, after) = rest[at..].split_at(1);
            rest = after;
            if let Some(after) = rest.strip_prefix(brace) {
                format.text(brace);
                rest = after;
                continue;
            }
            let Some((hole, after)) = rest.split_once('}').filter(|_| brace == "{") else {
                return refuse(e.span, "this format has no Rust form");
            };
            rest = after;
            let position = if hole.is_empty() {
                Some(next)
            } else {
                hole.parse().ok()
            };
            next += u32::from(hole.is_empty());
            let argument = arguments.iter().find(|a| match &a.passed {
                Passed::Position(p) => Some(*p) == position,
                Passed::Keyword(k) => position.is_none() && k == hole,
                _ => false,
            });
            let Some(argument) = argument else {
                return refuse(e.span, "this format has no Rust form");
            };
            let value = self.value(&argument.value)?;
            let shown = self.displayed(&value, e)?;
            format.hole(shown);
        }
        format.text(rest);
        let plain = |a: &BodyArgument| matches!(a.passed, Passed::Position(_) | Passed::Keyword(_));
        if !arguments.iter().all(plain) {
            return refuse(e.span, "this format has no Rust form");
        }
        // Arguments that no hole takes are evaluated all the same.
        for argument in arguments {
            self.value(&argument.value)?;
        }
        Ok(format.finish())
    }

    /// `a + b + c` of text.
    pub(super) fn concatenation(&mut self, e: &Expression) -> Result<Value> {
        let mut parts = Vec::new();
        flatten(e, &mut parts);
        let mut format = Format::default();
        for part in parts {
            if let ExpressionKind::Constant(Constant::Str(text)) = &part.kind {
                format.text(text);
                continue;
            }
            let value = self.value(part)?;
            if value.ty != Type::Text {
                return refuse(part.span, "adds what is no text to text");
            }
            format.hole(value);
        }
        Ok(format.finish())
    }

    /// A method of `str`; `None` when it has no Rust form.
    pub(super) fn method(
        &mut self,
        receiver: &Expression,
        name: &str,
        arguments: &[&Expression],
    ) -> Result<Option<Value>> {
        let value = self.value(receiver)?;
        if value.ty != Type::Text {
            return Ok(None);
        }
        let on = value.receiver();
        let mut lent = Vec::new();
        for argument in arguments {
            let argument = self.value(argument)?;
            if argument.ty != Type::Text {
                return Ok(None);
            }
            lent.push(argument.lent());
        }
        Ok(Some(match (name, lent.as_slice()) {
            ("upper", []) => Value::owned(quote!(#on.to_uppercase()), Type::Text),
            ("lower", []) => Value::owned(quote!(#on.to_lowercase()), Type::Text),
            ("strip", []) if value.form == Form::Owned => {
                let lent = value.lent();
                Value::owned(quote!(python::strip(#lent).to_owned()), Type::Text)
            }
            ("strip", []) => {
                let lent = value.lent();
                Value::borrowed(quote!(python::strip(#lent)), Type::Text)
            }
            ("split", [separator]) if matches!(&arguments[0].kind, ExpressionKind::Constant(Constant::Str(s)) if !s.is_empty()) => {
                Value::owned(
                    quote!(#on.split(#separator).map(str::to_owned).collect::<Vec<_>>()),
                    Type::List(Box::new(Type::Text)),
                )
            }
            ("startswith", [prefix]) => Value::owned(quote!(#on.starts_with(#prefix)), Type::Bool),
            ("endswith", [suffix]) => Value::owned(quote!(#on.ends_with(#suffix)), Type::Bool),
            ("replace", [old, new]) => Value::owned(quote!(#on.replace(#old, #new)), Type::Text),
            _ => return Ok(None),
        }))
    }
}

/// What `format!` shows by itself.
fn without_to_string(argument: TokenStream) -> TokenStream {
    match syn::parse2(argument.clone()) {
        Ok(syn::Expr::MethodCall(call)) if call.method == "to_string" => {
            let shown = call.receiver;
            quote!(#shown)
        }
        _ => argument,
    }
}

/// Pattern and arguments of `format!(…)`.
fn formatted(tokens: &TokenStream) -> Option<(String, Vec<TokenStream>)> {
    let syn::Expr::Macro(call) = syn::parse2(tokens.clone()).ok()? else {
        return None;
    };
    if !call.mac.path.is_ident("format") {
        return None;
    }
    let parser = syn::punctuated::Punctuated::<syn::Expr, syn::Token![,]>::parse_terminated;
    let mut arguments = call.mac.parse_body_with(parser).ok()?.into_iter();
    let syn::Expr::Lit(syn::ExprLit {
        lit: syn::Lit::Str(pattern),
        ..
    }) = arguments.next()?
    else {
        return None;
    };
    Some((pattern.value(), arguments.map(|a| quote!(#a)).collect()))
}

/// Whether a value is shown as its JSON is.
fn is_shown(ty: &Type) -> bool {
    match ty {
        Type::Maybe(inner) => is_shown(inner),
        ty => matches!(ty, Type::Bool | Type::Int | Type::Text | Type::Json),
    }
}

fn flatten<'e>(e: &'e Expression, parts: &mut Vec<&'e Expression>) {
    if let ExpressionKind::Binary {
        left,
        operator: Operator::Add,
        right,
    } = &e.kind
    {
        flatten(left, parts);
        parts.push(right);
    } else {
        parts.push(e);
    }
}
