//! Flask's, Quart's and Werkzeug's names, brought to one canonical spelling and to neutral ops.
//!
//! `flask.globals.request`, `quart.request` and `flask.request` are one `request`;
//! `werkzeug.exceptions.abort` is `abort`. Helpers of Werkzeug that work without any framework
//! (`secure_filename`, `security`, data structures) are the app's own business and no touch.

use model::Op;

/// Packages that are never looked for in the tree.
pub const OUTSIDE: &[&str] = &["flask", "quart", "werkzeug", "jinja2", "markupsafe"];

/// Modules of the framework that are nothing but another address of the package's own names.
const ADDRESSES: &[&str] = &[
    "app",
    "blueprints",
    "config",
    "ctx",
    "globals",
    "helpers",
    "scaffold",
    "signals",
    "sansio",
    "templating",
    "wrappers",
    "utils",
    "local",
    "datastructures",
];

/// Modules of the framework whose names keep the module in front.
const MODULES: &[&str] = &[
    "cli",
    "json",
    "sessions",
    "typing",
    "views",
    "exceptions",
    "routing",
    "testing",
    "provider",
    "tag",
];

/// What a dotted name of outside is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Canonical {
    /// A module of the framework.
    Module,
    /// A name of the framework: `request`, `json.dumps`, `exceptions.NotFound`.
    Name(String),
    /// Nothing of the framework.
    Foreign,
}

/// Whether a dotted name is of Flask or Quart proper, or of Werkzeug.
#[must_use]
pub fn is_framework(dotted: &str) -> bool {
    matches!(
        dotted.split('.').next(),
        Some("flask" | "quart" | "werkzeug")
    )
}

/// The canonical name of `dotted`.
#[must_use]
pub fn canonical(dotted: &str) -> Canonical {
    let (root, rest) = dotted.split_once('.').unwrap_or((dotted, ""));
    match root {
        "flask" | "quart" => {}
        "werkzeug" => return werkzeug(rest),
        _ => return Canonical::Foreign,
    }
    let mut rest = rest;
    loop {
        if rest.is_empty() {
            return Canonical::Module;
        }
        let (head, tail) = rest.split_once('.').unwrap_or((rest, ""));
        if ADDRESSES.contains(&head) {
            rest = tail;
            continue;
        }
        if MODULES.contains(&head) && tail.is_empty() {
            return Canonical::Module;
        }
        return Canonical::Name(match rest {
            "json.jsonify" => "jsonify".into(),
            _ => rest.into(),
        });
    }
}

fn werkzeug(rest: &str) -> Canonical {
    let (head, tail) = rest.split_once('.').unwrap_or((rest, ""));
    match (head, tail) {
        ("", _) => Canonical::Module,
        ("security" | "datastructures" | "http" | "urls" | "local" | "formparser" | "test", _)
        | ("FileStorage" | "secure_filename" | "LocalProxy" | "Local", "")
        | (
            "utils",
            "secure_filename" | "cached_property" | "import_string" | "find_modules" | "safe_join"
            | "escape" | "unescape",
        ) => Canonical::Foreign,
        ("exceptions", "abort") => Canonical::Name("abort".into()),
        ("utils", "redirect" | "send_file" | "send_from_directory")
        | ("wrappers", "Response" | "Request") => Canonical::Name(tail.into()),
        ("wrappers", "BaseResponse") => Canonical::Name("Response".into()),
        ("wrappers", "BaseRequest") => Canonical::Name("Request".into()),
        ("Response" | "Request" | "redirect" | "abort", "") => Canonical::Name(head.into()),
        ("exceptions" | "utils" | "wrappers" | "routing" | "middleware" | "serving", "") => {
            Canonical::Module
        }
        ("middleware", module) if !module.contains('.') => Canonical::Module,
        _ => Canonical::Name(rest.into()),
    }
}

/// Names that a star import of the package brings.
#[must_use]
pub fn is_exported(name: &str) -> bool {
    matches!(
        name,
        "Flask"
            | "Quart"
            | "Blueprint"
            | "Response"
            | "Request"
            | "request"
            | "session"
            | "g"
            | "current_app"
            | "websocket"
            | "render_template"
            | "render_template_string"
            | "url_for"
            | "redirect"
            | "abort"
            | "flash"
            | "get_flashed_messages"
            | "jsonify"
            | "make_response"
            | "send_file"
            | "send_from_directory"
            | "stream_with_context"
            | "after_this_request"
            | "has_request_context"
            | "has_app_context"
            | "escape"
            | "Markup"
            | "json"
            | "stream_template"
            | "stream_template_string"
            | "copy_current_request_context"
    )
}

/// Types that extensions derive from the framework's own and that are used as those.
#[must_use]
pub fn derived(dotted: &str) -> Option<&'static str> {
    Some(match dotted {
        "apiflask.APIFlask"
        | "flask_openapi3.OpenAPI"
        | "flask_appbuilder.Flask"
        | "flask_api.FlaskAPI"
        | "connexion.FlaskApp" => "Flask",
        "apiflask.APIBlueprint" | "flask_smorest.Blueprint" | "flask_openapi3.APIBlueprint" => {
            "Blueprint"
        }
        _ => return None,
    })
}

/// The status that an exception class of the framework stands for.
#[must_use]
pub fn exception_status(canonical: &str) -> Option<i64> {
    Some(match canonical.strip_prefix("exceptions.")? {
        "BadRequest" | "BadRequestKeyError" | "SecurityError" | "BadHost"
        | "ClientDisconnected" => 400,
        "Unauthorized" => 401,
        "Forbidden" => 403,
        "NotFound" => 404,
        "MethodNotAllowed" => 405,
        "NotAcceptable" => 406,
        "RequestTimeout" => 408,
        "Conflict" => 409,
        "Gone" => 410,
        "LengthRequired" => 411,
        "PreconditionFailed" => 412,
        "RequestEntityTooLarge" => 413,
        "RequestURITooLarge" => 414,
        "UnsupportedMediaType" => 415,
        "RequestedRangeNotSatisfiable" => 416,
        "ExpectationFailed" => 417,
        "ImATeapot" => 418,
        "MisdirectedRequest" => 421,
        "UnprocessableEntity" => 422,
        "Locked" => 423,
        "FailedDependency" => 424,
        "PreconditionRequired" => 428,
        "TooManyRequests" => 429,
        "RequestHeaderFieldsTooLarge" => 431,
        "UnavailableForLegalReasons" => 451,
        "InternalServerError" => 500,
        "NotImplemented" => 501,
        "BadGateway" => 502,
        "ServiceUnavailable" => 503,
        "GatewayTimeout" => 504,
        "HTTPVersionNotSupported" => 505,
        _ => return None,
    })
}

/// Whether a name of the framework is a type (of annotations, `isinstance`, `except`, bases).
#[must_use]
pub fn is_type(canonical: &str) -> bool {
    let (module, name) = canonical.rsplit_once('.').unwrap_or(("", canonical));
    match module {
        "exceptions" | "views" | "sessions" | "typing" | "routing" | "wrappers" => true,
        "json" | "json.provider" | "json.tag" => name.starts_with(char::is_uppercase),
        "" => matches!(
            name,
            "Flask" | "Quart" | "Blueprint" | "Request" | "Response" | "Config" | "Websocket"
        ),
        _ => false,
    }
}

/// The op of a function of the framework, constants of its arguments still open.
#[must_use]
pub fn function_op(canonical: &str) -> Option<Op> {
    Some(match canonical {
        "Flask" | "Quart" => Op::CreateApp,
        "Blueprint" => Op::CreateBlueprint,
        "render_template" => Op::Render { template: None },
        "render_template_string" => Op::RenderSource,
        "url_for" => Op::UrlFor { endpoint: None },
        "redirect" => Op::Redirect,
        "abort" => Op::Abort { status: None },
        "flash" => Op::Flash,
        "get_flashed_messages" => Op::FlashedMessages,
        "jsonify" => Op::Reply,
        "make_response" => Op::MakeResponse,
        "Response" => Op::NewResponse,
        "send_file" => Op::SendFile,
        "send_from_directory" => Op::SendFromDirectory,
        "stream_with_context" => Op::Stream,
        "after_this_request" => Op::AfterThisRequest,
        "Markup" | "escape" => Op::Markup,
        "cli.AppGroup" | "cli.FlaskGroup" => Op::Command,
        "cli.with_appcontext" => Op::AppContext,
        "has_request_context" => Op::HasContext { request: true },
        "has_app_context" => Op::HasContext { request: false },
        "json.dumps" | "json.loads" | "json.dump" | "json.load" => Op::JsonText {
            name: canonical["json.".len()..].to_owned(),
        },
        _ => return None,
    })
}

/// Whether calling it gives a response object.
#[must_use]
pub fn makes_response(canonical: &str) -> bool {
    matches!(
        canonical,
        "jsonify" | "make_response" | "Response" | "redirect" | "send_file" | "send_from_directory"
    )
}

/// Attributes of a request that the framework itself has, without those that have an op.
#[must_use]
pub fn is_request_attribute(name: &str) -> bool {
    matches!(
        name,
        "accept_charsets"
            | "accept_encodings"
            | "accept_languages"
            | "accept_mimetypes"
            | "access_control_request_headers"
            | "access_control_request_method"
            | "access_route"
            | "authorization"
            | "cache_control"
            | "charset"
            | "close"
            | "content_encoding"
            | "content_length"
            | "content_md5"
            | "content_type"
            | "date"
            | "environ"
            | "if_match"
            | "if_modified_since"
            | "if_none_match"
            | "if_range"
            | "if_unmodified_since"
            | "is_json"
            | "is_xhr"
            | "json_module"
            | "max_content_length"
            | "max_form_memory_size"
            | "max_form_parts"
            | "max_forwards"
            | "mimetype"
            | "mimetype_params"
            | "on_json_loading_failure"
            | "origin"
            | "pragma"
            | "range"
            | "referrer"
            | "remote_user"
            | "routing_exception"
            | "shallow"
            | "trusted_hosts"
            | "user_agent"
            | "want_form_data_parsed"
            | "wsgi"
            | "is_multiprocess"
            | "is_multithread"
            | "is_run_once"
            | "server"
            | "application"
            | "make_form_data_parser"
            | "scope"
            | "http_version"
            | "body_timeout"
            | "send_push_promise"
            | "accept"
            | "dict_storage_class"
            | "parameter_storage_class"
    )
}

/// Attributes that other objects have too (settings, template environments of an app's own): they
/// tell of a parameter only if it is named like an app.
#[must_use]
pub fn is_app_like(name: &str) -> bool {
    matches!(
        name,
        "route"
            | "cli"
            | "jinja_env"
            | "jinja_options"
            | "url_map"
            | "secret_key"
            | "session_interface"
            | "instance_path"
    )
}

/// Attributes that only an application object has: a parameter that one of them is taken of is an app.
#[must_use]
pub fn is_app_only(name: &str) -> bool {
    matches!(
        name,
        "register_blueprint"
            | "wsgi_app"
            | "teardown_appcontext"
            | "before_request"
            | "after_request"
            | "teardown_request"
            | "context_processor"
            | "errorhandler"
            | "register_error_handler"
            | "add_url_rule"
            | "view_functions"
            | "before_serving"
            | "after_serving"
            | "app_context"
            | "test_cli_runner"
            | "test_client"
            | "test_request_context"
            | "add_template_filter"
            | "add_template_global"
            | "template_filter"
            | "template_global"
            | "url_value_preprocessor"
            | "url_defaults"
            | "before_first_request"
            | "make_shell_context_processor"
            | "shell_context_processor"
            | "add_template_test"
    )
}
