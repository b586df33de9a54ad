//! What acts on every request and is no function of the app's: extensions, and what the app object is made of.

use model::touch::{Context, Op};
use model::{Function, Touch};
use proc_macro2::TokenStream;
use quote::quote;

use super::settings::is_missing;
use super::{Port, TARGET};
use crate::plan::extensions::{acts, offer};
use crate::rust::draft::Draft;
use crate::rust::names::{Names, ident, snake};
use crate::targets::is_test;

/// Attributes of the app object that change what every request meets, when they are set.
const ATTRIBUTES: &[&str] = &[
    "after_request_funcs",
    "before_request_funcs",
    "error_handler_spec",
    "jinja_environment",
    "make_response",
    "process_response",
    "request_class",
    "response_class",
    "session_interface",
    "template_context_processors",
    "url_build_error_handlers",
    "url_map_class",
    "url_rule_class",
    "view_functions",
    "wsgi_app",
];

/// Attributes of the URL map that change how every rule matches.
const MAP: &[&str] = &[
    ".default_subdomain",
    ".host_matching",
    ".merge_slashes",
    ".strict_slashes",
];

/// Something that acts on every request.
pub(super) struct Foreign {
    /// Its function in the port.
    pub name: String,
    /// As people call it, and where it is.
    pub label: String,
    /// What to do about it.
    advice: String,
}

impl Port<'_> {
    /// All of it, extensions first.
    pub(super) fn foreign(&self) -> Vec<Foreign> {
        let mut names = Names::default();
        let mut out = Vec::new();
        for e in &self.analysis.extensions {
            if !acts(e) || e.uses.iter().all(|u| is_test(&u.file)) {
                continue;
            }
            let advice = offer(&e.package, TARGET.name).map_or_else(
                || "nothing is known that takes its place".to_owned(),
                |o| format!("in its place: {}", o.what),
            );
            out.push(Foreign {
                name: names.fresh(&snake(&e.package)),
                label: format!("{} ({}:{})", e.name, e.place.file, e.place.line),
                advice,
            });
        }
        let functions = self.analysis.functions.iter().filter(|f| !is_test(&f.file));
        for function in functions {
            for touch in &function.touches {
                if let Some((what, advice)) = self.of_the_app(function, touch) {
                    out.push(Foreign {
                        name: names.fresh(&format!("app_{}", snake(&what))),
                        label: format!("`{what}` of the app ({}:{})", function.file, touch.line),
                        advice: advice.to_owned(),
                    });
                }
            }
        }
        for (key, configured) in &self.configured {
            if is_missing(key, configured.value.as_ref()) {
                out.push(Foreign {
                    name: names.fresh(&format!("setting_{}", snake(key))),
                    label: format!(
                        "the setting {key} ({}:{})",
                        configured.file, configured.line
                    ),
                    advice: "say it in `SETTINGS`, or write what it does".to_owned(),
                });
            }
        }
        out
    }

    /// What a touch sets of the app object that every request meets.
    fn of_the_app(&self, function: &Function, touch: &Touch) -> Option<(String, &'static str)> {
        let text = self
            .source
            .texts
            .get(&function.file)
            .map_or("", String::as_str);
        let behind = text.get(touch.span.end as usize..).unwrap_or("");
        match &touch.op {
            Op::AppAttribute { name }
                if touch.context == Context::Target && ATTRIBUTES.contains(&name.as_str()) =>
            {
                Some((name.clone(), "write what it does around `serve`"))
            }
            Op::AppAttribute { name }
                if name == "url_map" && MAP.iter().any(|m| behind.starts_with(m)) =>
            {
                Some((name.clone(), "say it of each rule in src/routes.rs"))
            }
            Op::CreateApp => {
                let class = touch.receiver.of(text);
                let definitions = self.source.reader.definitions(&function.file)?;
                let is_own = definitions.classes.iter().any(|c| c.name == class)
                    || definitions
                        .imports
                        .iter()
                        .any(|i| i.bound == class && !is_framework(&i.module));
                is_own.then(|| {
                    (
                        class.to_owned(),
                        "write what its methods do other than Flask's",
                    )
                })
            }
            _ => None,
        }
    }

    /// Why Jinja2 itself is not set as minijinja is: `app.jinja_env.trim_blocks = True`.
    pub(super) fn environment_trouble(&self) -> Option<String> {
        let functions = self.analysis.functions.iter().filter(|f| !is_test(&f.file));
        for function in functions {
            let text = self
                .source
                .texts
                .get(&function.file)
                .map_or("", String::as_str);
            for touch in &function.touches {
                let behind = text.get(touch.span.end as usize..).unwrap_or("");
                // Those are hooks of the app.
                let is_hook = [".filters", ".globals", ".tests"]
                    .iter()
                    .any(|h| behind.starts_with(h));
                if matches!(&touch.op, Op::AppAttribute { name } if name == "jinja_env" || name == "jinja_options")
                    && !is_hook
                {
                    return Some(format!(
                        "the app sets how Jinja2 works ({}:{}), which minijinja does not follow",
                        function.file, touch.line
                    ));
                }
            }
        }
        None
    }

    /// What stands in their place until somebody has thought of it.
    pub(super) fn foreign_stubs(&self, draft: &Draft) -> TokenStream {
        let stubs = self.foreign().into_iter().map(|f| {
            let note = draft.comment(format!(
                "TODO(migrate): {}. Then drop this function and its call.",
                f.advice
            ));
            let docs = [
                format!(" {}", f.label),
                String::new(),
                " It may act on every request and is not in the port, so every request is refused."
                    .to_owned(),
            ];
            let (function, label) = (ident(&f.name), &f.label);
            quote! {
                #(#[doc = #docs])*
                fn #function() -> Result<(), Abort> {
                    #note
                    Err(not_ported(#label, "it may act on every request and is not in the port"))
                }
            }
        });
        quote!(#(#stubs)*)
    }
}

fn is_framework(module: &str) -> bool {
    matches!(module.split('.').next(), Some("flask" | "quart"))
}
