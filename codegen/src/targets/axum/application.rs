//! `application.rs` and `routes.rs`: settings, hooks, error pages, the URL map.

use std::collections::BTreeMap;

use model::touch::Constant;
use model::{HookKind, Route};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::Port;
use super::items::{Item, Made, Purpose};
use super::modules::{imports, rendered};
use crate::error::PortError;
use crate::python::rules::{self, Part};
use crate::rust::draft::Draft;
use crate::rust::library::Home;
use crate::rust::names::ident;
use crate::rust::words;

impl Port<'_> {
    /// Writes both files.
    pub(super) fn application(
        &mut self,
        files: &mut BTreeMap<String, String>,
    ) -> Result<(), PortError> {
        let draft = Draft::default();
        files.insert("src/routes.rs".into(), self.rules(&draft)?);
        files.insert("src/application.rs".into(), self.application_file(&draft)?);
        Ok(())
    }

    fn rules(&self, draft: &Draft) -> Result<String, PortError> {
        let dispatched = self.dispatched();
        let rules: Vec<String> = self
            .routes()
            .map(|route| {
                let at = dispatched.get(route.rule.as_str());
                let at = at.map(|path| format!(".dispatched_at({})", Literal::string(path)));
                rule(route) + &at.unwrap_or_default()
            })
            .collect();
        let list = rules
            .iter()
            .map(|r| format!("    {r},\n"))
            .collect::<String>();
        let list = draft.verbatim(format!("&[\n{list}]"));
        let file = quote! {
            #![doc = " The URL map: every rule of the Flask application by its endpoint, in the order of registration."]
            #![doc = ""]
            #![doc = " `ctx.url_for` builds URLs from it; what matches, 404, 405, `OPTIONS` and slash redirects follow from it too."]
            use crate::flask_parity::rule::Rule;
            /// Every rule.
            pub const RULES: &[Rule] = #list;
        };
        rendered(draft, file, "routes")
    }

    fn application_file(&mut self, draft: &Draft) -> Result<String, PortError> {
        let settings = self.settings(draft);
        let before = self.before_request();
        let (changes, after) = (self.after_request_changes(), self.after_request());
        let errors = self.error_page();
        let context = self.template_context();
        let setup = self.template_setup();
        let foreign = self.foreign_stubs(draft);
        let merges = self
            .module_names()
            .into_iter()
            .filter(|m| self.has_routes(m))
            .map(|m| {
                let module = ident(&m);
                quote!(.merge(crate::#module::routes()))
            });
        let init = setup
            .is_some()
            .then(|| quote!(templates::init(add_to_templates);));
        let body = quote! {
            /// The application.
            pub struct App;
            impl Application for App {
                const RULES: &'static [Rule] = crate::routes::RULES;
                const SETTINGS: Settings = #settings;
                #changes
                #before #after #errors #context
            }
            /// Every handler by its path. [`crate::flask_parity::application::serve`] puts the rest of the application around it.
            pub fn router() -> Router {
                #init
                Router::new() #(#merges)*
            }
            #setup
            #foreign
        };
        let imports = imports(&body, draft, &std::collections::BTreeSet::new());
        let file = quote! {
            #![doc = " The application: settings, hooks, error pages."]
            #imports
            #body
        };
        let text = rendered(draft, file, "application")?;
        Ok(self.with_modules(&text, "application"))
    }

    fn has_routes(&self, module: &str) -> bool {
        self.routers().contains_key(module)
    }

    pub(super) fn hooked(&self, wanted: fn(&Purpose<'_>) -> bool) -> Vec<&Item<'_>> {
        self.items
            .list
            .iter()
            .filter(|i| wanted(&i.purpose))
            .collect()
    }

    fn before_request(&self) -> Option<TokenStream> {
        let mut hooks = self.hooked(|p| matches!(p, Purpose::Before(_)));
        // flask.app.Flask.preprocess_request: the app's own, then those of blueprints, the outer one first.
        hooks.sort_by_key(|i| blueprint_of(i).map_or(0, |b| b.split('.').count()));
        let calls = hooks.iter().map(|hook| {
            let path = self.path_to(hook, "application");
            match blueprint_of(hook) {
                None => quote! { if let Some(answer) = #path(ctx).await? { return Ok(Some(answer)); } },
                Some(name) => quote! {
                    if ctx.in_blueprint(#name) && let Some(answer) = #path(ctx).await? { return Ok(Some(answer)); }
                },
            }
        });
        let foreign = self.foreign();
        let stubs = foreign.iter().map(|f| {
            let name = ident(&f.name);
            quote!(#name()?;)
        });
        let body = match (hooks.as_slice(), foreign.is_empty()) {
            ([], true) => return None,
            ([one], true) if blueprint_of(one).is_none() => {
                let path = self.path_to(one, "application");
                quote!(#path(ctx).await)
            }
            _ => quote!(#(#stubs)* #(#calls)* Ok(None)),
        };
        let ctx = if hooks.is_empty() {
            quote!(_)
        } else {
            quote!(ctx)
        };
        Some(quote! {
            async fn before_request(#ctx: &Ctx) -> Result<Option<Response>, Abort> { #body }
        })
    }

    /// Whether an after hook may fail when the response is not what it was.
    fn after_request_changes(&self) -> Option<TokenStream> {
        let hooks = self.hooked(|p| matches!(p, Purpose::After(_)));
        let whole = hooks.iter().filter_map(|i| match &i.made {
            Made::Whole {
                code,
                changes_response,
                ..
            } => Some((
                words::may_end(code, &self.homes.draft(&i.module)),
                *changes_response,
            )),
            Made::Stub(_) => None,
        });
        let (ends, changes) = whole.fold((false, false), |a, b| (a.0 || b.0, a.1 || b.1));
        (ends && changes).then(|| {
            quote!(
                const AFTER_REQUEST_CHANGES: bool = true;
            )
        })
    }

    fn after_request(&self) -> Option<TokenStream> {
        let mut hooks = self.hooked(|p| matches!(p, Purpose::After(_)));
        // flask.app.Flask.process_response: those of blueprints, the inner one first, then the app's; each
        // in reverse.
        hooks.reverse();
        hooks.sort_by_key(|i| {
            std::cmp::Reverse(blueprint_of(i).map_or(0, |b| b.split('.').count()))
        });
        let calls = hooks.iter().map(|hook| {
            let path = self.path_to(hook, "application");
            match blueprint_of(hook) {
                None => quote! { let response = #path(ctx, response).await?; },
                Some(name) => quote! {
                    let response = if ctx.in_blueprint(#name) { #path(ctx, response).await? } else { response };
                },
            }
        });
        let body = match hooks.as_slice() {
            [] => return None,
            [one] if blueprint_of(one).is_none() => {
                let path = self.path_to(one, "application");
                quote!(#path(ctx, response).await)
            }
            _ => quote!(#(#calls)* Ok(response)),
        };
        Some(quote! { async fn after_request(ctx: &Ctx, response: Response) -> Reply { #body } })
    }

    fn template_context(&self) -> Option<TokenStream> {
        let hooks = self.hooked(|p| matches!(p, Purpose::Context(_)));
        if hooks.is_empty() {
            return None;
        }
        let calls = hooks.iter().map(|hook| {
            let path = self.path_to(hook, "application");
            let condition = blueprint_of(hook).map(|name| quote!(ctx.in_blueprint(#name) &&));
            quote! { if #condition let Value::Object(more) = #path(ctx)? { names.extend(more); } }
        });
        Some(quote! {
            fn template_context(ctx: &Ctx, _: &str) -> Result<Map<String, Value>, Abort> {
                let mut names = Map::new();
                #(#calls)*
                Ok(names)
            }
        })
    }

    fn template_setup(&self) -> Option<TokenStream> {
        let filters: Vec<TokenStream> = self
            .hooked(|p| matches!(p, Purpose::Filter(_)))
            .into_iter()
            .filter(|i| i.is_whole())
            .filter_map(|item| match &item.purpose.hook()?.kind {
                HookKind::Template {
                    name: Some(name), ..
                } => {
                    let path = self.path_to(item, "application");
                    Some(quote!(templates::add_text_filter(env, #name, #path);))
                }
                _ => None,
            })
            .collect();
        (!filters.is_empty()).then(|| {
            quote! {
                /// The application's own filters.
                fn add_to_templates(env: &mut minijinja::Environment<'static>) { #(#filters)* }
            }
        })
    }
}

pub(super) fn blueprint_of<'i>(item: &'i Item<'_>) -> Option<&'i str> {
    item.purpose.hook().and_then(|h| h.blueprint.as_deref())
}

/// A rule as `routes.rs` has it.
fn rule(route: &Route) -> String {
    let methods: Vec<String> = route
        .methods
        .iter()
        .map(|m| Literal::string(m).to_string())
        .collect();
    let mut out = format!(
        "Rule::new({}, {}, &[{}])",
        Literal::string(&known_converters(&route.rule)),
        Literal::string(&route.endpoint),
        methods.join(", ")
    );
    if !route.strict_slashes {
        out.push_str(".loose_slashes()");
    }
    if !route.defaults.is_empty() {
        let defaults: Vec<String> = route
            .defaults
            .iter()
            .map(|(k, v)| format!("({}, {})", Literal::string(k), Literal::string(&default(v))))
            .collect();
        out.push_str(&format!(".defaults(&[{}])", defaults.join(", ")));
    }
    out
}

/// A rule whose converters the support files all know: one of the app's own takes what a string takes, and its handler
/// is a stub.
fn known_converters(rule: &str) -> String {
    let Some(parts) = rules::parse(rule) else {
        return rule.to_owned();
    };
    let known = ["string", "default", "int", "float", "path", "any", "uuid"];
    let is_known = |p: &Part| match p {
        Part::Text(_) => true,
        Part::Variable { converter, .. } => known.contains(&converter.as_str()),
    };
    if parts.iter().all(is_known) {
        return rule.to_owned();
    }
    let shown = parts.iter().map(|part| match part {
        Part::Text(text) => text.clone(),
        Part::Variable { name, .. } if !is_known(part) => format!("<{name}>"),
        Part::Variable {
            converter,
            arguments,
            name,
        } => {
            let arguments = arguments
                .as_ref()
                .map_or(String::new(), |a| format!("({a})"));
            format!("<{converter}{arguments}:{name}>")
        }
    });
    shown.collect()
}

/// A default as the support files read it: JSON, or text that is none.
fn default(value: &Constant) -> String {
    match value {
        Constant::Str(text) if serde_json::from_str::<serde_json::Value>(text).is_err() => {
            text.clone()
        }
        other => serde_json::to_string(other).unwrap_or_default(),
    }
}
