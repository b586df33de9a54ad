//! Which error handler answers which error.

use model::hook::ErrorKey;
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use model::Analysis;

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

/// Why exceptions that Python raises by itself (`KeyError` of a dict) are not answered as a 500 is: a handler for their class
/// gets them, or one for `Exception` before those for 500 and for `HTTPException`.
pub(super) fn failures(analysis: &Analysis) -> Option<String> {
    let keys = || {
        let hooks = analysis.hooks.iter();
        hooks.filter_map(|h| Some((error_key(h)?, h.blueprint.is_some())))
    };
    let classes = keys().filter_map(|(key, is_inner)| match key {
        ErrorKey::Class(name) => Some((name.as_str(), is_inner)),
        _ => None,
    });
    let is_werkzeug = |name: &str| name.starts_with("werkzeug.");
    let of_python = classes
        .clone()
        .find(|(name, _)| !name.contains('.') && *name != "Exception");
    if let Some((name, _)) = of_python {
        return Some(format!(
            "an error handler for {name} may answer what it raises"
        ));
    }
    let all = classes.clone().filter(|(name, _)| *name == "Exception");
    let other = classes
        .clone()
        .any(|(name, _)| is_werkzeug(name) && !name.ends_with("NotFound"))
        || keys().any(|(key, _)| *key == ErrorKey::Status(500));
    let is_mixed = all.clone().any(|(_, is_inner)| is_inner)
        && classes
            .clone()
            .any(|(name, _)| !is_werkzeug(name) && name != "Exception");
    (all.clone().next().is_some() && other || all.clone().count() > 1 || is_mixed).then(|| {
        "which of the error handlers for Exception and for others answers what it raises is not known".into()
    })
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
                // Of both, what is nearer to an error with a status.
                Answers::All if rest.is_some() && *key == ErrorKey::Class("Exception".into()) => {}
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
