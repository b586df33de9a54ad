//! What takes the place of each name that the app imports from the framework.

use model::analysis::{ImportStatement, ImportedName};

use super::{quart, replaced};

/// What becomes of an imported name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It works without the framework: a library of helpers.
    Library,
    /// Nothing: the rewrites of its uses import what they need.
    Gone,
    /// This name of this module.
    New(&'static str, &'static str),
    /// It has no counterpart: what uses it is left to the framework.
    Unknown,
}

/// Modules of Flask whose names are the package's own, by another address.
const ADDRESSES: &[&str] = &[
    "flask",
    "flask.app",
    "flask.blueprints",
    "flask.config",
    "flask.ctx",
    "flask.globals",
    "flask.helpers",
    "flask.templating",
    "flask.wrappers",
];

const CONTEXT: &str = "flask_parity.context";
const RESPONSES: &str = "flask_parity.responses";
const TEMPLATING: &str = "flask_parity.templating";
const CLI: &str = "flask_parity.cli";
const JSON: &str = "flask_parity.jsontext";

/// Names of the package itself.
const FLASK: &[(&str, &str, &str)] = &[
    ("Blueprint", "", ""),
    ("Flask", "", ""),
    ("Markup", "markupsafe", "Markup"),
    ("Request", "flask_parity.request", "CurrentRequest"),
    ("Response", RESPONSES, "Response"),
    ("abort", "flask_parity.errors", "abort"),
    ("after_this_request", CONTEXT, "after_this_request"),
    (
        "copy_current_request_context",
        CONTEXT,
        "copy_current_request_context",
    ),
    ("current_app", CONTEXT, "current_app"),
    ("escape", "markupsafe", "escape"),
    ("flash", "flask_parity.flashing", "flash"),
    ("g", CONTEXT, "g"),
    (
        "get_flashed_messages",
        "flask_parity.flashing",
        "get_flashed_messages",
    ),
    (
        "get_template_attribute",
        TEMPLATING,
        "get_template_attribute",
    ),
    ("has_app_context", CONTEXT, "has_app_context"),
    ("has_request_context", CONTEXT, "has_request_context"),
    ("json", "flask_parity", "jsontext"),
    ("jsonify", RESPONSES, "jsonify"),
    ("make_response", RESPONSES, "make_response"),
    ("redirect", RESPONSES, "redirect"),
    ("render_template", TEMPLATING, "render_template"),
    (
        "render_template_string",
        TEMPLATING,
        "render_template_string",
    ),
    ("request", CONTEXT, "request"),
    ("send_file", "flask_parity.files", "send_file"),
    (
        "send_from_directory",
        "flask_parity.files",
        "send_from_directory",
    ),
    ("session", CONTEXT, "session"),
    ("stream_template", TEMPLATING, "stream_template"),
    (
        "stream_template_string",
        TEMPLATING,
        "stream_template_string",
    ),
    ("stream_with_context", CONTEXT, "stream_with_context"),
    ("url_for", "flask_parity.urls", "url_for"),
];

/// Names of other modules, with those modules.
const OTHERS: &[(&str, &str, &str, &str)] = &[
    ("flask.cli", "AppGroup", CLI, "AppGroup"),
    ("flask.cli", "FlaskGroup", CLI, "ServerGroup"),
    ("flask.cli", "load_dotenv", CLI, "load_dotenv"),
    ("flask.cli", "run_command", CLI, "run_command"),
    ("flask.cli", "shell_command", CLI, "shell_command"),
    ("flask.cli", "with_appcontext", CLI, "with_appcontext"),
    ("flask.json", "dump", JSON, "dump"),
    ("flask.json", "dumps", JSON, "dumps"),
    ("flask.json", "jsonify", RESPONSES, "jsonify"),
    ("flask.json", "load", JSON, "load"),
    ("flask.json", "loads", JSON, "loads"),
    (
        "flask.json.provider",
        "DefaultJSONProvider",
        JSON,
        "JSONProvider",
    ),
    ("flask.json.provider", "JSONProvider", JSON, "JSONProvider"),
    (
        "flask.logging",
        "default_handler",
        "flask_parity.logs",
        "default_handler",
    ),
    (
        "flask.testing",
        "FlaskCliRunner",
        "flask_parity.testing",
        "CommandRunner",
    ),
    (
        "flask.testing",
        "FlaskClient",
        "flask_parity.testing",
        "Client",
    ),
    (
        "flask.views",
        "MethodView",
        "flask_parity.views",
        "MethodView",
    ),
    ("flask.views", "View", "flask_parity.views", "View"),
    (
        "werkzeug.exceptions",
        "abort",
        "flask_parity.errors",
        "abort",
    ),
    ("werkzeug.middleware.proxy_fix", "ProxyFix", "", ""),
    (
        "werkzeug.routing",
        "BaseConverter",
        "flask_parity.converters",
        "BaseConverter",
    ),
    (
        "werkzeug.routing",
        "BuildError",
        "flask_parity.urls",
        "BuildError",
    ),
    (
        "werkzeug.routing",
        "RequestRedirect",
        "flask_parity.exceptions",
        "RequestRedirect",
    ),
    (
        "werkzeug.routing",
        "ValidationError",
        "flask_parity.converters",
        "ValidationError",
    ),
    ("werkzeug.utils", "redirect", RESPONSES, "redirect"),
    (
        "werkzeug.utils",
        "send_file",
        "flask_parity.files",
        "send_file",
    ),
    (
        "werkzeug.utils",
        "send_from_directory",
        "flask_parity.files",
        "send_from_directory",
    ),
    (
        "werkzeug.wrappers",
        "BaseResponse",
        RESPONSES,
        "PlainResponse",
    ),
    (
        "werkzeug.wrappers",
        "Request",
        "flask_parity.request",
        "CurrentRequest",
    ),
    ("werkzeug.wrappers", "Response", RESPONSES, "PlainResponse"),
];

/// Werkzeug's exceptions that the port has under their own names.
const EXCEPTIONS: &[&str] = &[
    "BadGateway",
    "BadHost",
    "BadRequest",
    "BadRequestKeyError",
    "ClientDisconnected",
    "Conflict",
    "ExpectationFailed",
    "FailedDependency",
    "Forbidden",
    "GatewayTimeout",
    "Gone",
    "HTTPException",
    "HTTPVersionNotSupported",
    "ImATeapot",
    "InternalServerError",
    "LengthRequired",
    "Locked",
    "MethodNotAllowed",
    "MisdirectedRequest",
    "NotAcceptable",
    "NotFound",
    "NotImplemented",
    "PreconditionFailed",
    "PreconditionRequired",
    "RequestEntityTooLarge",
    "RequestHeaderFieldsTooLarge",
    "RequestTimeout",
    "RequestURITooLarge",
    "RequestedRangeNotSatisfiable",
    "SecurityError",
    "ServiceUnavailable",
    "TooManyRequests",
    "Unauthorized",
    "UnavailableForLegalReasons",
    "UnprocessableEntity",
    "UnsupportedMediaType",
    "default_exceptions",
];

/// Names of `flask.typing` that the port has under their own names, for annotations.
const TYPES: &[&str] = &[
    "AfterRequestCallable",
    "AppOrBlueprintKey",
    "BeforeFirstRequestCallable",
    "BeforeRequestCallable",
    "ErrorHandlerCallable",
    "HeaderValue",
    "HeadersValue",
    "ResponseClass",
    "ResponseReturnValue",
    "ResponseValue",
    "RouteCallable",
    "ShellContextProcessorCallable",
    "StatusCode",
    "TeardownCallable",
    "TemplateContextProcessorCallable",
    "TemplateFilterCallable",
    "TemplateGlobalCallable",
    "TemplateTestCallable",
    "URLDefaultCallable",
    "URLValuePreprocessorCallable",
];

/// Modules of Werkzeug that work without an app of it.
const LIBRARIES: &[&str] = &[
    "werkzeug",
    "werkzeug.datastructures",
    "werkzeug.formparser",
    "werkzeug.http",
    "werkzeug.local",
    "werkzeug.middleware.dispatcher",
    "werkzeug.middleware.http_proxy",
    "werkzeug.middleware.lint",
    "werkzeug.middleware.profiler",
    "werkzeug.middleware.shared_data",
    "werkzeug.security",
    "werkzeug.serving",
    "werkzeug.urls",
    "werkzeug.utils",
    "werkzeug.wsgi",
];

/// What becomes of a name of a module of the framework or of an extension.
pub(super) fn fate(module: &str, name: &str) -> Fate {
    if let Some(rest) = quart::inside(module) {
        return quart::own(rest, name).unwrap_or_else(|| fate(&format!("flask{rest}"), name));
    }
    if ADDRESSES.contains(&module) {
        return match FLASK.iter().find(|(n, ..)| *n == name) {
            Some((_, "", _)) => Fate::Gone,
            Some((_, module, new)) => Fate::New(module, new),
            None => Fate::Unknown,
        };
    }
    if let Some((.., to, new)) = OTHERS.iter().find(|(m, n, ..)| *m == module && *n == name) {
        return if to.is_empty() {
            Fate::Gone
        } else {
            Fate::New(to, new)
        };
    }
    if module == "flask.typing" {
        return match TYPES.iter().find(|n| **n == name) {
            Some(new) => Fate::New("flask_parity.typing", new),
            None => Fate::Unknown,
        };
    }
    if module == "werkzeug.exceptions" {
        return match EXCEPTIONS.iter().find(|n| **n == name) {
            Some(new) => Fate::New("flask_parity.exceptions", new),
            None => Fate::Unknown,
        };
    }
    if let Some((to, names)) = replaced::module(module) {
        return match names.iter().find(|n| **n == name) {
            Some(new) => Fate::New(to, new),
            None => Fate::Unknown,
        };
    }
    if LIBRARIES.contains(&module) {
        return Fate::Library;
    }
    Fate::Unknown
}

/// Whether a module is the framework's, or one of its own.
pub(super) fn is_of_framework(module: &str) -> bool {
    matches!(module.split('.').next(), Some("flask" | "quart"))
}

/// The support module that has all names of a module of the framework that an app may reach through it.
pub(super) fn whole(module: &str) -> Option<&'static str> {
    match module {
        "flask.typing" => Some("typing"),
        "flask.views" => Some("views"),
        _ => None,
    }
}

/// Whether a statement imports from the framework, Werkzeug or an extension that the port replaces.
pub(super) fn concerns(statement: &ImportStatement) -> bool {
    let root = statement.module.split('.').next().unwrap_or("");
    matches!(root, "flask" | "quart" | "werkzeug") || replaced::is_replaced(root)
}

/// Whether a statement imports nothing but what works without an app.
pub(super) fn is_library(statement: &ImportStatement) -> bool {
    LIBRARIES.contains(&statement.module.as_str())
        && statement
            .names
            .iter()
            .any(|n| fate(&statement.module, &n.name) == Fate::Library)
}

/// The name as the port has it, for a name of `framework` in canonical spelling
/// (`Response`, `exceptions.NotFound`, `views.MethodView`).
pub(super) fn canonical(framework: &str, name: &str) -> Fate {
    match name.rsplit_once('.') {
        None => match fate(framework, name) {
            Fate::Unknown => fate("werkzeug.utils", name),
            known => known,
        },
        Some((module, last)) => {
            for root in [framework, "werkzeug"] {
                let found = fate(&format!("{root}.{module}"), last);
                if found != Fate::Unknown {
                    return found;
                }
            }
            Fate::Unknown
        }
    }
}

/// The import that stands for an imported name, where one does. A name that is bound here under another one keeps
/// it.
pub(super) fn wanted(name: &ImportedName, to: &str, new: &str) -> crate::python::imports::Wanted {
    crate::python::imports::Wanted {
        module: to.into(),
        name: new.into(),
        alias: (name.bound != new).then(|| name.bound.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_by_any_address() {
        assert_eq!(fate("flask", "g"), Fate::New("flask_parity.context", "g"));
        assert_eq!(
            fate("flask.globals", "g"),
            Fate::New("flask_parity.context", "g")
        );
        assert_eq!(fate("flask", "Flask"), Fate::Gone);
        assert_eq!(fate("quart.globals", "g"), fate("flask", "g"));
        assert_eq!(
            fate("quart", "flash"),
            Fate::New("flask_parity.quart_context", "flash")
        );
        assert_eq!(fate("quart", "Flask"), Fate::Unknown);
        assert_eq!(fate("flask", "signals"), Fate::Unknown);
        assert_eq!(
            fate("werkzeug.security", "check_password_hash"),
            Fate::Library
        );
        assert_eq!(
            canonical("flask", "exceptions.NotFound"),
            Fate::New("flask_parity.exceptions", "NotFound")
        );
        assert_eq!(
            canonical("flask", "views.MethodView"),
            Fate::New("flask_parity.views", "MethodView")
        );
        assert_eq!(
            canonical("flask", "sessions.SessionInterface"),
            Fate::Unknown
        );
    }

    #[test]
    fn tables_are_sorted() {
        assert!(FLASK.is_sorted_by_key(|(n, ..)| *n));
        assert!(OTHERS.is_sorted_by_key(|(m, n, ..)| (*m, *n)));
        assert!(EXCEPTIONS.is_sorted());
        assert!(TYPES.is_sorted());
    }
}
