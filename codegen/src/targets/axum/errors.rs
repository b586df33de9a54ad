//! Which error handler answers which error.

use model::hook::ErrorKey;
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::Port;
use super::application::blueprint_of;
use super::items::{Purpose, error_key};

/// Statuses of Werkzeug's exceptions (`werkzeug.exceptions`).
const EXCEPTIONS: &[(&str, i64)] = &[
    ("BadRequest", 400),
    ("Unauthorized", 401),
    ("Forbidden", 403),
    ("NotFound", 404),
    ("MethodNotAllowed", 405),
    ("NotAcceptable", 406),
    ("RequestTimeout", 408),
    ("Conflict", 409),
    ("Gone", 410),
    ("LengthRequired", 411),
    ("PreconditionFailed", 412),
    ("RequestEntityTooLarge", 413),
    ("RequestURITooLarge", 414),
    ("UnsupportedMediaType", 415),
    ("RequestedRangeNotSatisfiable", 416),
    ("ExpectationFailed", 417),
    ("ImATeapot", 418),
    ("MisdirectedRequest", 421),
    ("UnprocessableEntity", 422),
    ("Locked", 423),
    ("FailedDependency", 424),
    ("PreconditionRequired", 428),
    ("TooManyRequests", 429),
    ("RequestHeaderFieldsTooLarge", 431),
    ("UnavailableForLegalReasons", 451),
    ("InternalServerError", 500),
    ("NotImplemented", 501),
    ("BadGateway", 502),
    ("ServiceUnavailable", 503),
    ("GatewayTimeout", 504),
    ("HTTPVersionNotSupported", 505),
];

/// Which errors of a port an error handler answers.
pub(super) enum Answers {
    Status(i64),
    All,
    /// Exceptions of a class of the app's, by its dotted name.
    Class(String),
}

pub(super) fn answers(key: &ErrorKey) -> Answers {
    match key {
        ErrorKey::Status(status) => Answers::Status(*status),
        ErrorKey::Unknown => Answers::All,
        ErrorKey::Class(name) => {
            let short = name.rsplit('.').next().unwrap_or(name);
            let known = EXCEPTIONS.iter().find(|(class, _)| *class == short);
            match known {
                Some((_, status)) if name.starts_with("werkzeug.") => Answers::Status(*status),
                _ if matches!(short, "HTTPException" | "Exception") => Answers::All,
                _ => Answers::Class(name.clone()),
            }
        }
    }
}

impl Port<'_> {
    pub(super) fn error_page(&self) -> Option<TokenStream> {
        let mut arms: Vec<(i64, TokenStream)> = Vec::new();
        let mut rest = None;
        let mut classes: Vec<(i64, TokenStream)> = Vec::new();
        for item in self.hooked(|p| matches!(p, Purpose::Error(_))) {
            let Some(key) = item.purpose.hook().and_then(error_key) else {
                continue;
            };
            let path = self.path_to(item, "application");
            let call = quote!(Some(#path(ctx, error).await));
            let depth = blueprint_of(item).map_or(0, |b| b.split('.').count() as i64);
            let guard = blueprint_of(item).map(|name| quote!(if ctx.in_blueprint(#name)));
            match answers(key) {
                Answers::Status(status) => {
                    let status = Literal::i64_unsuffixed(status);
                    // Of two for the same error the last one registered answers.
                    arms.retain(|(d, a)| {
                        *d != depth || a.to_string() != quote!(#status #guard => #call,).to_string()
                    });
                    arms.push((depth, quote!(#status #guard => #call,)));
                }
                Answers::All if guard.is_some() => arms.push((-1, quote!(_ #guard => #call,))),
                Answers::All => rest = Some(call),
                Answers::Class(class) => {
                    let condition = guard.map_or_else(
                        || quote!(error.is(#class)),
                        |_| {
                            let name = blueprint_of(item).unwrap_or_default();
                            quote!(error.is(#class) && ctx.in_blueprint(#name))
                        },
                    );
                    classes.push((depth, quote!(if #condition { return #call; })));
                }
            }
        }
        if arms.is_empty() && rest.is_none() && classes.is_empty() {
            return None;
        }
        arms.sort_by_key(|(depth, _)| std::cmp::Reverse(*depth));
        let arms: Vec<&TokenStream> = arms.iter().map(|(_, arm)| arm).collect();
        let rest = rest.unwrap_or_else(|| quote!(None));
        classes.sort_by_key(|(depth, _)| std::cmp::Reverse(*depth));
        let classes = classes.iter().map(|(_, class)| class);
        let body = if arms.is_empty() {
            quote!(#rest)
        } else {
            quote!(match error.status() { #(#arms)* _ => #rest, })
        };
        Some(quote! {
            async fn error_page(ctx: &Ctx, error: &Abort) -> Option<Reply> { #(#classes)* #body }
        })
    }
}
