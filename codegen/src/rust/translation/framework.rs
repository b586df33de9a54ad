//! What a handler asks of the framework: URLs, flash, templates, errors.

use model::body::{BodyArgument, Expression, ExpressionKind};
use model::touch::{Constant, Op, Passed};
use proc_macro2::TokenStream;
use quote::quote;

use super::super::draft::Layout;
use super::super::values::{Type, Value};
use super::expressions::string;
use super::requests::argument;
use super::{Result, Translator, refuse};

impl Translator<'_> {
    pub(super) fn framework_value(
        &mut self,
        e: &Expression,
        index: usize,
        op: &Op,
        arguments: &[BodyArgument],
    ) -> Result<Value> {
        match op {
            Op::Json => self.json_body(e, arguments),
            Op::UrlFor { .. } => self.url_for(e, arguments),
            Op::Render { template } => self.render(e, template.as_deref(), arguments),
            Op::Redirect | Op::Reply | Op::MakeResponse | Op::NewResponse => {
                let code = self.response(e)?;
                Ok(Value::owned(code, Type::Response))
            }
            Op::Abort { .. } => {
                let abort = self.abort(e, index, arguments)?;
                refuse(e.span, format!("uses the value of `{abort}`"))
            }
            _ => {
                let shown = self.shown(e.span);
                refuse(e.span, format!("{shown} has no Rust form"))
            }
        }
    }

    pub(super) fn framework_effect(
        &mut self,
        e: &Expression,
        op: &Op,
        arguments: &[BodyArgument],
    ) -> Result<TokenStream> {
        let Op::Flash = op else {
            let shown = self.shown(e.span);
            return refuse(e.span, format!("{shown} has no Rust form"));
        };
        let Some(message) = argument(arguments, 0, "message") else {
            return refuse(e.span, "flashes nothing");
        };
        let message = self.value(message)?;
        let category = argument(arguments, 1, "category")
            .map(|c| self.value(c))
            .transpose()?;
        if message.ty != Type::Text || category.as_ref().is_some_and(|c| c.ty != Type::Text) {
            return refuse(e.span, "flashes what is not known to be text");
        }
        let message = match message.form {
            super::super::values::Form::Borrowed => message.code,
            _ => message.given(),
        };
        let category = category.map_or_else(|| quote!("message"), |c| c.lent());
        Ok(quote!(ctx.flash(#message, #category);))
    }

    /// `request.get_json(force=False, silent=False)`
    fn json_body(&self, e: &Expression, arguments: &[BodyArgument]) -> Result<Value> {
        let code = match arguments {
            [] => quote!(ctx.json::<Value>()?),
            [one] if one.value.kind == ExpressionKind::Constant(Constant::Bool(true)) => {
                match &one.passed {
                    Passed::Keyword(name) if name == "silent" => {
                        quote!(ctx.json_silent()?.unwrap_or_default())
                    }
                    Passed::Keyword(name) if name == "force" => quote!(ctx.json_forced::<Value>()?),
                    _ => return refuse(e.span, "these arguments of `get_json` have no Rust form"),
                }
            }
            _ => return refuse(e.span, "these arguments of `get_json` have no Rust form"),
        };
        Ok(Value::owned(code, Type::Json))
    }

    /// `url_for(endpoint, **values)`
    fn url_for(&mut self, e: &Expression, arguments: &[BodyArgument]) -> Result<Value> {
        let mut endpoint = None;
        let mut values = Vec::new();
        for argument in arguments {
            match &argument.passed {
                Passed::Position(0) => endpoint = Some(self.value(&argument.value)?),
                Passed::Keyword(name) if name == "endpoint" => {
                    endpoint = Some(self.value(&argument.value)?);
                }
                Passed::Keyword(name) => {
                    let value = self.value(&argument.value)?;
                    if value.ty == Type::Response {
                        return refuse(e.span, "a response in a URL");
                    }
                    let (name, value) = (string(name), self.json_of(&value));
                    values.push(quote!((#name, #value)));
                }
                _ => return refuse(e.span, "passes values to `url_for` that are not named"),
            }
        }
        let Some(endpoint) = endpoint.filter(|e| e.ty == Type::Text) else {
            return refuse(e.span, "the endpoint of `url_for` is not known to be text");
        };
        let endpoint = endpoint.lent();
        Ok(Value::owned(
            quote!(ctx.url_for(#endpoint, &[#(#values),*])?),
            Type::Text,
        ))
    }

    /// `render_template(name, **values)`
    fn render(
        &mut self,
        e: &Expression,
        template: Option<&str>,
        arguments: &[BodyArgument],
    ) -> Result<Value> {
        let Some(template) = template else {
            return refuse(e.span, "renders a template whose name is not constant");
        };
        let named: Vec<BodyArgument> = arguments
            .iter()
            .filter(|a| a.passed != Passed::Position(0))
            .cloned()
            .collect();
        let outer = std::mem::take(&mut self.lays_out_dates);
        let Some(layout) = self.keywords(&named)? else {
            return refuse(e.span, "passes values to a template that are not named");
        };
        let has_dates = std::mem::replace(&mut self.lays_out_dates, outer);
        if let Err(why) = self.unit.surroundings.template(template, has_dates) {
            return refuse(e.span, why);
        }
        let values = self.draft.verbatim(format!("json!({})", layout.print(28)));
        let name = string(template);
        Ok(Value::owned(
            quote!(ctx.render(#name, #values)?),
            Type::Text,
        ))
    }

    /// `abort(status, description)` as an `Abort`.
    pub(super) fn abort(
        &mut self,
        e: &Expression,
        index: usize,
        arguments: &[BodyArgument],
    ) -> Result<TokenStream> {
        let Op::Abort {
            status: Some(status),
        } = self.touch(index).op
        else {
            return refuse(e.span, "aborts with what is not known to be a status");
        };
        if !(400..600).contains(&status) {
            return refuse(
                e.span,
                format!("aborts with {status}, for which Werkzeug has no exception"),
            );
        }
        let status = proc_macro2::Literal::i64_unsuffixed(status);
        match arguments {
            [_] => Ok(quote!(abort(#status))),
            [_, second]
                if second.passed == Passed::Position(1)
                    || second.passed == Passed::Keyword("description".into()) =>
            {
                let description = self.value(&second.value)?;
                if description.ty != Type::Text {
                    return refuse(e.span, "a description that is not known to be text");
                }
                let description = match description.form {
                    super::super::values::Form::Place => description.given(),
                    _ => description.code,
                };
                Ok(quote!(abort_with(#status, #description)))
            }
            _ => refuse(e.span, "these arguments of `abort` have no Rust form"),
        }
    }

    /// The body of `jsonify`.
    pub(super) fn jsonified(
        &mut self,
        e: &Expression,
        arguments: &[BodyArgument],
    ) -> Result<TokenStream> {
        if let Err(why) = self.unit.surroundings.json() {
            return refuse(e.span, why);
        }
        let layout = self.replying(|this| match arguments {
            [] => Ok(Some(Layout::Map(Vec::new()))),
            [one] if one.passed == Passed::Position(0) => this.layout(&one.value).map(Some),
            many => this.keywords(many),
        })?;
        match layout {
            Some(layout) => Ok(self.json_reply(&layout)),
            None => refuse(e.span, "these arguments of `jsonify` have no Rust form"),
        }
    }

    /// What `make` makes inside of a JSON reply.
    pub(super) fn replying<T>(&mut self, make: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let before = std::mem::replace(&mut self.is_reply, true);
        let made = make(self);
        self.is_reply = before;
        made
    }

    pub(super) fn json_reply(&self, layout: &Layout) -> TokenStream {
        let value = self.draft.verbatim(format!("json!({})", layout.print(24)));
        let ctx = if self.unit.context_lent {
            quote!(ctx)
        } else {
            quote!(&ctx)
        };
        quote!(json(#ctx, &#value))
    }
}
