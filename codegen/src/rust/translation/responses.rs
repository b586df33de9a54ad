//! What a function returns.

use model::Span;
use model::body::{BodyArgument, Expression, ExpressionKind};
use model::touch::{Constant, Op, Passed};
use proc_macro2::TokenStream;
use quote::quote;

use super::super::values::Type;
use super::requests::argument;
use super::{Purpose, Result, Translator, refuse};

impl Translator<'_> {
    /// The Rust value of `return e`.
    pub(super) fn returned(&mut self, e: Option<&Expression>, at: Span) -> Result<TokenStream> {
        let is_none = e.is_none_or(|e| matches!(e.kind, ExpressionKind::Constant(Constant::None)));
        match (self.unit.purpose, e) {
            (Purpose::Before, _) if is_none && self.unit.view.is_none() => Ok(quote!(Ok(None))),
            // flask.app.Flask.make_response: None is a TypeError, also where a guard gives it in the view's place.
            (Purpose::Before | Purpose::View | Purpose::Error | Purpose::After, _) if is_none => {
                Ok(quote!(Err(abort(500))))
            }
            (Purpose::View | Purpose::Error | Purpose::After, Some(e)) => self.reply(e),
            (Purpose::Before, Some(e)) => {
                if self.hands_on(e) {
                    return Ok(quote!(Ok(None)));
                }
                if let ExpressionKind::Touch { touch, arguments } = &e.kind
                    && matches!(self.touch(*touch).op, Op::Abort { .. })
                {
                    let abort = self.abort(e, *touch, arguments)?;
                    return Ok(quote!(Err(#abort)));
                }
                let response = self.response(e)?;
                Ok(quote!(Ok(Some(#response))))
            }
            (Purpose::Context, Some(e)) => {
                let layout = self.layout(e)?;
                if self.lays_out_dates {
                    return refuse(e.span, "gives dates to all templates");
                }
                let value = self.draft.verbatim(format!("json!({})", layout.print(24)));
                Ok(quote!(Ok(#value)))
            }
            (Purpose::Filter, Some(e)) => {
                let value = self.value(e)?;
                if value.ty != Type::Text {
                    return refuse(e.span, "gives a template what is not known to be text");
                }
                Ok(value.given())
            }
            (Purpose::Helper, _) => self.helper_result(e.filter(|_| !is_none)),
            (_, None) => refuse(at, "may return nothing"),
        }
    }

    /// Whether a wrapper calls its view with what it got: `view(*args, **kwargs)`.
    fn hands_on(&self, e: &Expression) -> bool {
        let Some(view) = self.unit.view else {
            return false;
        };
        let ExpressionKind::Call { callee, arguments } = &e.kind else {
            return false;
        };
        // Flask passes keywords only.
        matches!(&callee.kind, ExpressionKind::Name(name) if name == view)
            && arguments.iter().any(|a| a.passed == Passed::DoubleStar)
            && arguments.iter().all(|a| {
                let is_own = |p: &model::Parameter| matches!(&a.value.kind, ExpressionKind::Name(n) if *n == p.name);
                matches!(a.passed, Passed::Star | Passed::DoubleStar)
                    && self.unit.function.parameters.iter().any(is_own)
            })
    }

    /// An expression of type `Reply`.
    fn reply(&mut self, e: &Expression) -> Result<TokenStream> {
        match &e.kind {
            ExpressionKind::Touch { touch, arguments }
                if matches!(self.touch(*touch).op, Op::Abort { .. }) =>
            {
                let abort = self.abort(e, *touch, arguments)?;
                Ok(quote!(Err(#abort)))
            }
            ExpressionKind::Conditional { test, body, orelse } => {
                let test = self.condition(test)?.code;
                let (body, orelse) = (self.reply(body)?, self.reply(orelse)?);
                Ok(quote!(if #test { #body } else { #orelse }))
            }
            _ => {
                let response = self.response(e)?;
                Ok(flattened(&response))
            }
        }
    }

    /// An expression of type `Response`, as `flask.app.Flask.make_response` makes it.
    pub(super) fn response(&mut self, e: &Expression) -> Result<TokenStream> {
        match &e.kind {
            ExpressionKind::Tuple(parts) => self.tuple(e, parts),
            ExpressionKind::Dict(_) | ExpressionKind::List(_) => {
                if let Err(why) = self.unit.surroundings.json() {
                    return refuse(e.span, why);
                }
                let layout = self.replying(|this| this.layout(e))?;
                Ok(self.json_reply(&layout))
            }
            ExpressionKind::Touch { touch, arguments } => match self.touch(*touch).op.clone() {
                Op::Redirect => self.redirect(e, arguments),
                Op::Reply => self.jsonified(e, arguments),
                Op::MakeResponse => self.made_response(e, arguments),
                Op::NewResponse => self.new_response(e, arguments),
                _ => self.value_response(e),
            },
            _ => self.value_response(e),
        }
    }

    fn value_response(&mut self, e: &Expression) -> Result<TokenStream> {
        let value = self.value(e)?;
        match value.ty {
            Type::Text => {
                let body = match value.form {
                    super::super::values::Form::Place => value.given(),
                    _ => value.code,
                };
                Ok(quote!(html(#body)))
            }
            Type::Response => Ok(value.code),
            _ => {
                let shown = self.shown(e.span);
                refuse(
                    e.span,
                    format!("what is returned by {shown} is not known to be text or a response"),
                )
            }
        }
    }

    /// `body, status`, `body, headers`, `body, status, headers`.
    fn tuple(&mut self, e: &Expression, parts: &[Expression]) -> Result<TokenStream> {
        let [body, rest @ ..] = parts else {
            return refuse(e.span, "returns an empty tuple");
        };
        let response = self.response(body)?;
        match rest {
            [second] if matches!(second.kind, ExpressionKind::Dict(_)) => {
                self.headers(response, second)
            }
            [second] => {
                let value = self.status(second)?;
                Ok(quote!(with_status(#response, #value)?))
            }
            [second, third] => {
                let value = self.status(second)?;
                self.headers(quote!(with_status(#response, #value)?), third)
            }
            _ => refuse(e.span, "returns a tuple that is no response"),
        }
    }

    fn status(&mut self, e: &Expression) -> Result<TokenStream> {
        let status = self.value(e)?;
        if status.ty != Type::Int {
            return refuse(e.span, "a status that is not known to be a number");
        }
        Ok(status.code)
    }

    fn headers(&mut self, response: TokenStream, e: &Expression) -> Result<TokenStream> {
        let ExpressionKind::Dict(entries) = &e.kind else {
            return refuse(e.span, "headers that are no dict of their own");
        };
        let mut response = response;
        for entry in entries {
            let (Some(key), value) = (&entry.key, &entry.value) else {
                return refuse(e.span, "headers that are not all named");
            };
            let (key, value) = (self.value(key)?, self.value(value)?);
            if key.ty != Type::Text || value.ty != Type::Text {
                return refuse(e.span, "a header that is not known to be text");
            }
            let (key, value) = (key.lent(), value.lent());
            response = quote!(with_header(#response, #key, #value)?);
        }
        Ok(response)
    }

    /// `redirect(location, code=302)`
    fn redirect(&mut self, e: &Expression, arguments: &[BodyArgument]) -> Result<TokenStream> {
        let Some(location) = argument(arguments, 0, "location") else {
            return refuse(e.span, "redirects to nothing");
        };
        let location = self.value(location)?;
        if location.ty != Type::Text {
            return refuse(e.span, "redirects to what is not known to be text");
        }
        let location = location.lent();
        let code = match argument(arguments, 1, "code").map(|c| &c.kind) {
            None => quote!(302),
            Some(ExpressionKind::Constant(Constant::Int(code))) if (300..400).contains(code) => {
                let code = proc_macro2::Literal::i64_unsuffixed(*code);
                quote!(#code)
            }
            Some(_) => return refuse(e.span, "redirects with a status that is not constant"),
        };
        Ok(quote!(redirect(#location, #code)))
    }

    /// `make_response(body, status)`, as a returned tuple of its arguments.
    fn made_response(&mut self, e: &Expression, arguments: &[BodyArgument]) -> Result<TokenStream> {
        let positional: Option<Vec<Expression>> = arguments
            .iter()
            .map(|a| matches!(a.passed, Passed::Position(_)).then(|| a.value.clone()))
            .collect();
        match positional.as_deref() {
            Some([]) => Ok(quote!(html(""))),
            Some([one]) => self.response(one),
            Some(many) => self.tuple(e, many),
            None => refuse(
                e.span,
                "these arguments of `make_response` have no Rust form",
            ),
        }
    }

    /// `Response(body, status, headers, mimetype, content_type)`
    fn new_response(&mut self, e: &Expression, arguments: &[BodyArgument]) -> Result<TokenStream> {
        let allowed = |a: &BodyArgument| match &a.passed {
            Passed::Position(p) => *p < 4,
            Passed::Keyword(k) => {
                matches!(
                    k.as_str(),
                    "response" | "status" | "headers" | "mimetype" | "content_type"
                )
            }
            _ => false,
        };
        if !arguments.iter().all(allowed) {
            return refuse(e.span, "these arguments of the response have no Rust form");
        }
        let body = match argument(arguments, 0, "response") {
            None => quote!(""),
            Some(body) => {
                let value = self.value(body)?;
                if value.ty != Type::Text {
                    return refuse(e.span, "the body of the response is not known to be text");
                }
                match value.form {
                    super::super::values::Form::Place => value.given(),
                    _ => value.code,
                }
            }
        };
        let mut response = match argument(arguments, 3, "mimetype").map(|m| &m.kind) {
            None => quote!(html(#body)),
            Some(ExpressionKind::Constant(Constant::Str(mimetype))) => {
                quote!(responses::text(#body, #mimetype))
            }
            Some(_) => return refuse(e.span, "a mimetype that is not constant"),
        };
        if let Some(status) = argument(arguments, 1, "status") {
            let status = self.status(status)?;
            response = quote!(with_status(#response, #status)?);
        }
        if let Some(headers) = argument(arguments, 2, "headers") {
            response = self.headers(response, headers)?;
        }
        if let Some(ty) = argument(arguments, 4, "content_type") {
            let ty = self.value(ty)?;
            if ty.ty != Type::Text {
                return refuse(e.span, "a content type that is not known to be text");
            }
            let ty = ty.lent();
            response = quote!(with_header(#response, "Content-Type", #ty)?);
        }
        Ok(response)
    }

    /// `response.headers["X"] = value` and the like.
    pub(super) fn assign_response(
        &mut self,
        target: &Expression,
        index: usize,
        name: &str,
        value: &Expression,
    ) -> Result<TokenStream> {
        let touch = self.touch(index).clone();
        let receiver = self.text(touch.receiver).to_owned();
        let Some(local) = self
            .locals
            .reassign(&receiver)
            .filter(|l| l.ty == Type::Response)
        else {
            return refuse(
                target.span,
                format!("`{receiver}` is not known to be a response"),
            );
        };
        self.locals.read(&receiver);
        let response = local.name;
        let header = touch.arguments.first().and_then(|a| a.constant.clone());
        let value_code = self.value(value)?;
        let text = |this: &Self| {
            if value_code.ty == Type::Text {
                Ok(value_code.lent())
            } else {
                let shown = this.shown(value.span);
                refuse(value.span, format!("{shown} is not known to be text"))
            }
        };
        Ok(match (name, header) {
            ("headers", Some(Constant::Str(header))) => {
                let value = text(self)?;
                quote!(#response = with_header(#response, #header, #value)?;)
            }
            ("content_type", None) => {
                let value = text(self)?;
                quote!(#response = with_header(#response, "Content-Type", #value)?;)
            }
            ("data", None) => {
                let value = text(self)?;
                quote!(#response = with_body(#response, #value);)
            }
            ("status_code", None) if value_code.ty == Type::Int => {
                let value = value_code.code;
                quote!(#response = with_status(#response, #value)?;)
            }
            _ => {
                let shown = self.shown(target.span);
                return refuse(target.span, format!("{shown} has no Rust form"));
            }
        })
    }
}

/// A response as a `Reply`: `f(…)?` is `f(…)`, anything else is `Ok(…)`.
fn flattened(response: &TokenStream) -> TokenStream {
    match syn::parse2::<syn::Expr>(response.clone()) {
        Ok(syn::Expr::Try(inner)) => {
            let inner = inner.expr;
            quote!(#inner)
        }
        _ => quote!(Ok(#response)),
    }
}
