//! What the app's configuration says that is known before it runs.

use model::Op;
use model::touch::Constant;
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::Port;
use crate::rust::draft::Draft;
use crate::rust::names::ident;
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

impl Port<'_> {
    pub(super) fn settings(&mut self, draft: &Draft) -> TokenStream {
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
