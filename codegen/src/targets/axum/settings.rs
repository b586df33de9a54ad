//! What the app's configuration says that is known before it runs.

use model::Op;
use model::touch::Constant;
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::Port;
use crate::rust::draft::Draft;
use crate::rust::names::ident;
use crate::targets::is_test;

/// What a setting holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    Text,
    Flag,
    Number,
}

/// Settings that Flask itself reads: key, field of `Settings`, what it holds, whether it is optional there.
const SETTINGS: &[(&str, &str, Holds, bool)] = &[
    ("SECRET_KEY", "secret_key", Holds::Text, true),
    (
        "SESSION_COOKIE_NAME",
        "session_cookie_name",
        Holds::Text,
        false,
    ),
    (
        "SESSION_COOKIE_PATH",
        "session_cookie_path",
        Holds::Text,
        true,
    ),
    (
        "SESSION_COOKIE_DOMAIN",
        "session_cookie_domain",
        Holds::Text,
        true,
    ),
    (
        "SESSION_COOKIE_SECURE",
        "session_cookie_secure",
        Holds::Flag,
        false,
    ),
    (
        "SESSION_COOKIE_HTTPONLY",
        "session_cookie_httponly",
        Holds::Flag,
        false,
    ),
    (
        "SESSION_COOKIE_SAMESITE",
        "session_cookie_samesite",
        Holds::Text,
        true,
    ),
    (
        "SESSION_REFRESH_EACH_REQUEST",
        "session_refresh_each_request",
        Holds::Flag,
        false,
    ),
    (
        "PERMANENT_SESSION_LIFETIME",
        "permanent_session_lifetime",
        Holds::Number,
        false,
    ),
    (
        "MAX_CONTENT_LENGTH",
        "max_content_length",
        Holds::Number,
        true,
    ),
    (
        "MAX_FORM_MEMORY_SIZE",
        "max_form_memory_size",
        Holds::Number,
        true,
    ),
    ("MAX_FORM_PARTS", "max_form_parts", Holds::Number, true),
    ("APPLICATION_ROOT", "application_root", Holds::Text, false),
    (
        "PREFERRED_URL_SCHEME",
        "preferred_url_scheme",
        Holds::Text,
        false,
    ),
    ("SERVER_NAME", "server_name", Holds::Text, true),
    (
        "SEND_FILE_MAX_AGE_DEFAULT",
        "send_file_max_age",
        Holds::Number,
        true,
    ),
];

/// Settings that Flask reads and the support files do not know.
const UNKNOWN: &[&str] = &[
    "PROVIDE_AUTOMATIC_OPTIONS",
    "SECRET_KEY_FALLBACKS",
    "SESSION_COOKIE_PARTITIONED",
    "TRAP_BAD_REQUEST_ERRORS",
    "TRAP_HTTP_EXCEPTIONS",
    "TRUSTED_HOSTS",
    "USE_X_SENDFILE",
];

/// Whether Flask's answers hang on a setting that the port cannot have as it is: one that the support files do not
/// know, or whose value only running tells. The signing key comes from the environment too.
pub(super) fn is_missing(key: &str, value: Option<&Constant>) -> bool {
    if UNKNOWN.contains(&key) {
        return !matches!(value, Some(Constant::None | Constant::Bool(false)));
    }
    let known = SETTINGS
        .iter()
        .find(|(k, ..)| *k == key && key != "SECRET_KEY");
    known.is_some_and(|(_, _, holds, optional)| {
        value.is_none_or(|v| setting(v, *holds, *optional).is_none())
    })
}

impl Port<'_> {
    pub(super) fn settings(&mut self, draft: &Draft) -> TokenStream {
        let mut fields: Vec<TokenStream> = Vec::new();
        let mut config: Vec<String> = Vec::new();
        let defaults = [("APPLICATION_ROOT", "/")];
        let mut unknown: Vec<String> = Vec::new();
        for (key, configured) in &self.configured {
            let Some(value) = &configured.value else {
                unknown.push(format!("{key} ({}:{})", configured.file, configured.line));
                continue;
            };
            if defaults
                .iter()
                .any(|(k, v)| k == key && *value == Constant::Str((*v).to_owned()))
            {
                continue;
            }
            match SETTINGS.iter().find(|(k, ..)| k == key) {
                Some((_, field, holds, optional)) => {
                    if let Some(code) = setting(value, *holds, *optional) {
                        let field = ident(field);
                        fields.push(quote!(#field: #code));
                    }
                }
                None => config.push(format!(
                    "({}, {})",
                    Literal::string(key),
                    config_value(value)
                )),
            }
        }
        if !unknown.is_empty() {
            self.remarks.push(format!(
                "settings whose values only running tells are not in the port: {}",
                unknown.join(", ")
            ));
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
        let has_key = self
            .configured
            .get("SECRET_KEY")
            .is_some_and(|c| c.value.is_some());
        if !has_key && self.uses_sessions() {
            self.remarks.push("no SECRET_KEY is known: give it to the port in its environment, or sessions and flash answer 500".into());
        }
        if fields.is_empty() {
            quote!(Settings::new())
        } else {
            quote!(Settings { #(#fields,)* ..Settings::new() })
        }
    }

    fn uses_sessions(&self) -> bool {
        let functions = self.analysis.functions.iter().filter(|f| !is_test(&f.file));
        functions
            .flat_map(|f| &f.touches)
            .any(|t| matches!(t.op, Op::Session { .. } | Op::Flash | Op::FlashedMessages))
    }

    pub(super) fn reads_configuration(&self) -> bool {
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
}

fn setting(value: &Constant, holds: Holds, optional: bool) -> Option<TokenStream> {
    let code = match value {
        Constant::None if optional => return Some(quote!(None)),
        Constant::Bool(flag) if holds == Holds::Flag => quote!(#flag),
        Constant::Int(number) if *number >= 0 && holds == Holds::Number => {
            let number = Literal::i64_unsuffixed(*number);
            quote!(#number)
        }
        Constant::Str(text) if holds == Holds::Text => quote!(#text),
        _ => return None,
    };
    Some(if optional { quote!(Some(#code)) } else { code })
}

pub(super) fn config_value(value: &Constant) -> String {
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
