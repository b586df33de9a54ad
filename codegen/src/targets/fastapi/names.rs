//! What takes the place of each name that the app imports from the framework.

use model::analysis::ImportStatement;

/// What becomes of an import statement.
pub(super) enum Fate {
    /// It is no concern of the port.
    Stays,
    /// It is replaced.
    Goes,
    /// It has no counterpart, for this reason.
    Unknown(String),
    /// It is an extension that the port cannot carry yet.
    Extension(String),
}

/// Flask's name, and the module and name that replace it. An empty module: nothing replaces it, the
/// rewrites of its uses import what they need.
const FLASK: &[(&str, &str, &str)] = &[
    ("Flask", "", ""),
    ("Blueprint", "", ""),
    ("abort", "flask_parity.errors", "abort"),
    (
        "after_this_request",
        "flask_parity.context",
        "after_this_request",
    ),
    ("current_app", "flask_parity.context", "current_app"),
    ("flash", "flask_parity.flashing", "flash"),
    ("g", "flask_parity.context", "g"),
    (
        "get_flashed_messages",
        "flask_parity.flashing",
        "get_flashed_messages",
    ),
    ("has_app_context", "flask_parity.context", "has_app_context"),
    (
        "has_request_context",
        "flask_parity.context",
        "has_request_context",
    ),
    ("jsonify", "flask_parity.responses", "jsonify"),
    ("redirect", "flask_parity.responses", "redirect"),
    (
        "render_template",
        "flask_parity.templating",
        "render_template",
    ),
    (
        "render_template_string",
        "flask_parity.templating",
        "render_template_string",
    ),
    ("request", "flask_parity.context", "request"),
    ("send_file", "flask_parity.files", "send_file"),
    (
        "send_from_directory",
        "flask_parity.files",
        "send_from_directory",
    ),
    ("session", "flask_parity.context", "session"),
    ("url_for", "flask_parity.urls", "url_for"),
];

fn known(name: &str) -> Option<&'static (&'static str, &'static str, &'static str)> {
    FLASK.iter().find(|(n, ..)| *n == name)
}

/// What becomes of an import statement.
pub(super) fn fate(statement: &ImportStatement) -> Fate {
    let module = statement.module.as_str();
    let root = module.split('.').next().unwrap_or("");
    match root {
        "flask" if statement.from && module == "flask" => {
            match statement.names.iter().find(|n| known(&n.name).is_none()) {
                Some(name) => {
                    Fate::Unknown(format!("`{}` of Flask has no counterpart yet", name.name))
                }
                None => Fate::Goes,
            }
        }
        "flask" => Fate::Unknown(format!(
            "`{module}` is imported as a whole; import the names that are used from `flask`"
        )),
        "werkzeug" => match module {
            "werkzeug.exceptions" | "werkzeug.utils" => {
                let replaced = statement
                    .names
                    .iter()
                    .filter(|n| matches!(n.name.as_str(), "abort" | "redirect"))
                    .count();
                if replaced == statement.names.len() {
                    Fate::Goes
                } else if module == "werkzeug.utils" && replaced == 0 {
                    Fate::Stays
                } else {
                    Fate::Unknown(format!(
                        "errors of `{module}` are not raised by the port's router"
                    ))
                }
            }
            // A library of helpers, not the framework.
            "werkzeug.security" | "werkzeug.utils.secure_filename" => Fate::Stays,
            _ => Fate::Unknown(format!("`{module}` has no counterpart yet")),
        },
        _ if root.starts_with("flask_") || root.starts_with("quart") => {
            Fate::Extension(format!("the extension `{root}` cannot be ported yet"))
        }
        _ => Fate::Stays,
    }
}

/// What an imported name is replaced by; `None` when its uses import what they need.
pub(super) fn replacement(
    _module: &str,
    name: &str,
    ambient_request: bool,
) -> Option<(&'static str, &'static str)> {
    let (name, module, new) = known(name)?;
    if module.is_empty() || (*name == "request" && !ambient_request) {
        return None;
    }
    Some((module, new))
}
