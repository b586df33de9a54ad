//! `application.rs` and `routes.rs`: settings, hooks, error pages, the URL map.

use std::collections::BTreeMap;

use model::hook::ErrorKey;
use model::touch::{Constant, Op};
use model::{Extension, HookKind, Route};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::items::{Item, Purpose, error_key};
use super::modules::{imports, rendered};
use super::{Port, TARGET};
use crate::error::PortError;
use crate::plan::extensions::{acts, offer};
use crate::rust::draft::Draft;
use crate::rust::names::{ident, snake};
use crate::targets::is_test;

/// Settings that Flask itself reads: key, field of `Settings`, whether it is optional there.
const SETTINGS: &[(&str, &str, bool)] = &[
    ("SECRET_KEY", "secret_key", true),
    ("SESSION_COOKIE_NAME", "session_cookie_name", false),
    ("SESSION_COOKIE_PATH", "session_cookie_path", true),
    ("SESSION_COOKIE_DOMAIN", "session_cookie_domain", true),
    ("SESSION_COOKIE_SECURE", "session_cookie_secure", false),
    ("SESSION_COOKIE_HTTPONLY", "session_cookie_httponly", false),
    ("SESSION_COOKIE_SAMESITE", "session_cookie_samesite", true),
    (
        "SESSION_REFRESH_EACH_REQUEST",
        "session_refresh_each_request",
        false,
    ),
    (
        "PERMANENT_SESSION_LIFETIME",
        "permanent_session_lifetime",
        false,
    ),
    ("MAX_CONTENT_LENGTH", "max_content_length", true),
    ("MAX_FORM_MEMORY_SIZE", "max_form_memory_size", true),
    ("MAX_FORM_PARTS", "max_form_parts", true),
    ("APPLICATION_ROOT", "application_root", false),
    ("PREFERRED_URL_SCHEME", "preferred_url_scheme", false),
    ("SERVER_NAME", "server_name", true),
    ("SEND_FILE_MAX_AGE_DEFAULT", "send_file_max_age", true),
];

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
        let after = self.after_request();
        let errors = self.error_page();
        let context = self.template_context();
        let setup = self.template_setup();
        let extensions = self.extension_stubs(draft);
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
                #before #after #errors #context
            }
            /// Every handler by its path. [`crate::flask_parity::application::serve`] puts the rest of the application around it.
            pub fn router() -> Router {
                #init
                Router::new() #(#merges)*
            }
            #setup
            #extensions
        };
        let imports = imports(&body, draft, &std::collections::BTreeSet::new());
        let file = quote! {
            #![doc = " The application: settings, hooks, error pages."]
            #imports
            #body
        };
        Ok(self.with_modules(&rendered(draft, file, "application")?))
    }

    fn has_routes(&self, module: &str) -> bool {
        self.routers().contains_key(module)
    }

    fn settings(&mut self, draft: &Draft) -> TokenStream {
        let mut fields: Vec<TokenStream> = Vec::new();
        let mut config: Vec<String> = Vec::new();
        let defaults = [("APPLICATION_ROOT", "/")];
        for (key, value) in &self.app.config {
            if defaults
                .iter()
                .any(|(k, v)| k == key && *value == Constant::Str((*v).to_owned()))
            {
                continue;
            }
            match SETTINGS.iter().find(|(k, ..)| k == key) {
                Some((_, field, optional)) => {
                    let Some(code) = setting(value, *optional) else {
                        let remark = format!(
                            "the setting {key} has a value that the port does not have; set `{field}` in src/application.rs"
                        );
                        self.remarks.push(remark);
                        continue;
                    };
                    let field = ident(field);
                    fields.push(quote!(#field: #code));
                }
                None => config.push(format!(
                    "({}, {})",
                    Literal::string(key),
                    config_value(value)
                )),
            }
        }
        let json = self.knowledge.json.clone().unwrap_or_default();
        for (name, field) in [
            ("sort_keys", "json_sort_keys"),
            ("ensure_ascii", "json_ascii"),
            ("compact", "json_compact"),
        ] {
            if let Some(flag) = json.get(name) {
                let field = ident(field);
                fields.push(quote!(#field: #flag));
            }
        }
        if !config.is_empty() {
            let list = draft.verbatim(format!("&[{}]", config.join(", ")));
            fields.push(quote!(config: #list));
        }
        if self.reads_configuration() {
            self.remarks.push("settings that the app reads from files, objects or the environment are not in the port: see `SETTINGS` in src/application.rs; the environment's SECRET_KEY wins over it".into());
        }
        if !self.app.config.contains_key("SECRET_KEY") {
            self.remarks.push("no SECRET_KEY is known: give it to the port in its environment, or sessions and flash answer 500".into());
        }
        if fields.is_empty() {
            quote!(Settings::new())
        } else {
            quote!(Settings { #(#fields,)* ..Settings::new() })
        }
    }

    fn reads_configuration(&self) -> bool {
        self.analysis
            .functions
            .iter()
            .filter(|f| !is_test(&f.file))
            .any(|f| {
                let text = self.source.texts.get(&f.file).map_or("", String::as_str);
                f.touches.iter().any(|t| {
                    t.op == Op::Config
                        && text.get(t.span.end as usize..).is_some_and(|rest| {
                            rest.starts_with(".from_") && !rest.starts_with(".from_mapping")
                        })
                })
            })
    }

    fn hooked(&self, wanted: fn(&Purpose<'_>) -> bool) -> Vec<&Item<'_>> {
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
        let extensions = self.acting_extensions();
        let stubs = extensions.iter().map(|e| {
            let name = ident(&snake(&e.package));
            quote!(#name()?;)
        });
        let body = match (hooks.as_slice(), extensions.is_empty()) {
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

    /// Extensions that may act on every request.
    pub(super) fn acting_extensions(&self) -> Vec<&Extension> {
        let own = |e: &&Extension| !e.uses.iter().all(|u| is_test(&u.file));
        self.analysis
            .extensions
            .iter()
            .filter(own)
            .filter(|e| acts(e))
            .collect()
    }

    /// What stands in their place until somebody has thought of it.
    fn extension_stubs(&self, draft: &Draft) -> TokenStream {
        let stubs = self.acting_extensions().into_iter().map(|e| {
            let offer = offer(&e.package, TARGET.name).map_or_else(
                || "nothing is known that takes its place".to_owned(),
                |o| format!("in its place: {}", o.what),
            );
            let note = draft.comment(format!(
                "TODO(migrate): {offer}. Then drop this function and its call."
            ));
            let docs = [
                format!(" {} ({}:{})", e.name, e.place.file, e.place.line),
                String::new(),
                " It may act on every request and is not in the port, so every request is refused."
                    .to_owned(),
            ];
            let (function, name) = (ident(&snake(&e.package)), &e.name);
            quote! {
                #(#[doc = #docs])*
                fn #function() -> Result<(), Abort> {
                    #note
                    Err(not_ported(#name, "it may act on every request and is not in the port"))
                }
            }
        });
        quote!(#(#stubs)*)
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

    fn error_page(&self) -> Option<TokenStream> {
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
                    Some(quote!(env.add_filter(#name, #path);))
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

fn blueprint_of<'i>(item: &'i Item<'_>) -> Option<&'i str> {
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
        Literal::string(&route.rule),
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

/// A default as the support files read it: JSON, or text that is none.
fn default(value: &Constant) -> String {
    match value {
        Constant::Str(text) if serde_json::from_str::<serde_json::Value>(text).is_err() => {
            text.clone()
        }
        other => serde_json::to_string(other).unwrap_or_default(),
    }
}

fn setting(value: &Constant, optional: bool) -> Option<TokenStream> {
    let code = match value {
        Constant::None if optional => return Some(quote!(None)),
        Constant::Bool(flag) => quote!(#flag),
        Constant::Int(number) if *number >= 0 => {
            let number = Literal::i64_unsuffixed(*number);
            quote!(#number)
        }
        Constant::Str(text) => quote!(#text),
        _ => return None,
    };
    Some(if optional { quote!(Some(#code)) } else { code })
}

fn config_value(value: &Constant) -> String {
    match value {
        Constant::None => "ConfigValue::None".into(),
        Constant::Bool(flag) => format!("ConfigValue::Bool({flag})"),
        Constant::Int(number) => format!("ConfigValue::Int({number})"),
        Constant::Float(number) => format!("ConfigValue::Float({number:?})"),
        Constant::Str(text) => format!("ConfigValue::Str({})", Literal::string(text)),
        Constant::List(items) => {
            let items: Vec<String> = items.iter().map(config_value).collect();
            format!("ConfigValue::List(&[{}])", items.join(", "))
        }
        Constant::Map(entries) => {
            let entries: Vec<String> = entries
                .iter()
                .map(|(k, v)| format!("({}, {})", Literal::string(k), config_value(v)))
                .collect();
            format!("ConfigValue::Dict(&[{}])", entries.join(", "))
        }
    }
}
