//! `request`, `session`, `g` and `config` as templates see them.

use std::fmt;
use std::sync::Arc;

use minijinja::value::{Enumerator, Kwargs, Object, ObjectRepr, Serde, Tuple};
use minijinja::{Environment, Error, ErrorKind, State, Value};
use serde_json::{Map, Value as Json, json};

use super::application::Settings;
use super::context::Ctx;
use super::inputs::{MultiDict, PyParse};
use super::python::{self, repr_str};
use super::templates::current;

/// Adds them.
pub fn add_objects(env: &mut Environment<'static>) {
    env.add_global("request", Value::from_object(Request));
    env.add_global("session", Value::from_object(Session));
    env.add_global("g", Value::from_object(Globals));
    env.add_global("config", Value::from_object(Config));
}

/// A value of a template as JSON; undefined is null.
pub fn to_json(value: &Value) -> Json {
    serde_json::to_value(value).unwrap_or(Json::Null)
}

/// JSON as a value of a template.
pub fn from_json(value: &Json) -> Value {
    Value::from(Serde(value))
}

/// How Python prints a value that is one of Flask's own.
pub fn printed(value: &Value) -> Option<String> {
    if let Some(fields) = value.downcast_object_ref::<Fields>() {
        let pairs: Vec<_> = fields
            .0
            .iter()
            .map(|(key, item)| format!("({}, {})", repr_str(key), repr_str(item)))
            .collect();
        return Some(format!("ImmutableMultiDict([{}])", pairs.join(", ")));
    }
    if value.downcast_object_ref::<Session>().is_some() {
        let session = current().ok()?.session;
        let class = if session.is_null() {
            "NullSession"
        } else {
            "SecureCookieSession"
        };
        return Some(format!("<{class} {}>", python::repr(&session.to_value())));
    }
    None
}

fn unknown() -> Error {
    Error::from(ErrorKind::UnknownMethod)
}

/// `flask.request`
#[derive(Debug)]
struct Request;

impl Object for Request {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        attribute(&current().ok()?, key.as_str()?)
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State,
        method: &str,
        _: &[Value],
    ) -> Result<Value, Error> {
        let ctx = current()?;
        match method {
            "get_json" => Ok(ctx
                .json_silent()
                .ok()
                .flatten()
                .as_ref()
                .map_or_else(|| Value::from(()), from_json)),
            _ => Err(unknown()),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(ctx) = current() else { return Ok(()) };
        write!(f, "<Request '{}' [{}]>", ctx.url(), ctx.method())
    }
}

fn attribute(ctx: &Ctx, name: &str) -> Option<Value> {
    let optional = |text: Option<&str>| text.map_or_else(|| Value::from(()), Value::from);
    let fields = |values: MultiDict| Value::from_object(Fields(values));
    Some(match name {
        "method" => Value::from(ctx.method()),
        "path" => Value::from(ctx.path()),
        "full_path" => Value::from(ctx.full_path()),
        "url" => Value::from(ctx.url()),
        "base_url" => Value::from(ctx.base_url()),
        "url_root" | "host_url" | "root_url" => Value::from(ctx.url_root()),
        "host" => Value::from(ctx.host()),
        "scheme" => Value::from(ctx.scheme()),
        "is_secure" => Value::from(ctx.is_secure()),
        "is_json" => Value::from(ctx.is_json()),
        "script_root" | "root_path" => Value::from(""),
        "remote_addr" => optional(Some(ctx.remote_addr()).filter(|addr| !addr.is_empty())),
        "endpoint" => optional(ctx.endpoint()),
        "blueprint" => optional(ctx.blueprint()),
        "blueprints" => {
            let mut names = Vec::new();
            let mut rest = ctx.blueprint();
            while let Some(name) = rest {
                names.push(name.to_owned());
                rest = name.rsplit_once('.').map(|(outer, _)| outer);
            }
            Value::from(names)
        }
        "view_args" if ctx.endpoint().is_none() => Value::from(()),
        "view_args" => from_json(&Json::Object(ctx.view_args().clone())),
        "args" => fields(ctx.args.as_ref().clone()),
        "form" => fields(ctx.form().cloned().unwrap_or_default()),
        "values" => fields(ctx.values().unwrap_or_default()),
        "cookies" => fields(ctx.cookies().clone()),
        "headers" => Value::from_object(Headers),
        "mimetype" => Value::from(ctx.mimetype()),
        "content_type" => optional(ctx.header("content-type")),
        "content_length" => ctx
            .header("content-length")
            .and_then(i64::py_parse)
            .map_or_else(|| Value::from(()), Value::from),
        "referrer" => optional(ctx.header("referer")),
        "origin" => optional(ctx.header("origin")),
        "user_agent" => Value::from(ctx.header("user-agent").unwrap_or_default()),
        "query_string" => Value::from_bytes(ctx.query_string().to_vec()),
        "json" => ctx
            .json_silent()
            .ok()
            .flatten()
            .as_ref()
            .map_or_else(|| Value::from(()), from_json),
        _ => return None,
    })
}

/// A `MultiDict`.
#[derive(Debug)]
struct Fields(MultiDict);

impl Object for Fields {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.0.get(key.as_str()?).map(Value::from)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.0.keys().into_iter().map(Value::from).collect())
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let key = args.first().and_then(Value::as_str).unwrap_or_default();
        match method {
            "get" => Ok(self.0.get(key).map_or_else(|| default(args), Value::from)),
            "getlist" => Ok(self.0.all(key).into_iter().map(Value::from).collect()),
            "to_dict" => Ok(from_json(&self.0.to_value())),
            "items" => {
                let multi = args.first().is_some_and(|arg| {
                    Kwargs::try_from(arg.clone())
                        .is_ok_and(|args| args.get::<bool>("multi").unwrap_or(false))
                });
                let pairs = if multi {
                    self.0.iter().collect()
                } else {
                    self.0.items()
                };
                Ok(pairs
                    .into_iter()
                    .map(|(key, value)| pair(key, value))
                    .collect())
            }
            _ => Err(unknown()),
        }
    }
}

/// A tuple of two.
pub fn pair(first: &str, second: &str) -> Value {
    Value::from_object(Tuple::from([Value::from(first), Value::from(second)]))
}

/// The default of `get(key, default)`, positional or named.
fn default(args: &[Value]) -> Value {
    let Some(second) = args.get(1) else {
        return Value::from(());
    };
    match Kwargs::try_from(second.clone()) {
        Ok(named) if second.is_kwargs() => named
            .get::<Value>("default")
            .unwrap_or_else(|_| Value::from(())),
        _ => second.clone(),
    }
}

/// `request.headers`: names of any case.
#[derive(Debug)]
struct Headers;

impl Object for Headers {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        current().ok()?.header(key.as_str()?).map(Value::from)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let names = current().map(|ctx| {
            ctx.headers()
                .iter()
                .map(|(name, _)| Value::from(title(name)))
                .collect()
        });
        Enumerator::Values(names.unwrap_or_default())
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let key = args.first().and_then(Value::as_str).unwrap_or_default();
        match method {
            "get" => Ok(current()?
                .header(key)
                .map_or_else(|| default(args), Value::from)),
            _ => Err(unknown()),
        }
    }
}

/// `x-request-id` as `X-Request-Id`.
fn title(name: &str) -> String {
    let parts = name.split('-').map(|part| {
        let (first, rest) = part.split_at(part.len().min(1));
        format!("{}{rest}", first.to_ascii_uppercase())
    });
    parts.collect::<Vec<_>>().join("-")
}

/// `flask.session`
#[derive(Debug)]
struct Session;

impl Object for Session {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let session = current().ok()?.session;
        match key.as_str()? {
            "permanent" => Some(Value::from(session.permanent())),
            key => session.get(key).as_ref().map(from_json),
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let keys = current().map(|ctx| ctx.session.keys()).unwrap_or_default();
        Enumerator::Values(keys.into_iter().map(Value::from).collect())
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let session = current()?.session;
        let key = args.first().and_then(Value::as_str).unwrap_or_default();
        match method {
            "get" => Ok(session
                .get(key)
                .as_ref()
                .map_or_else(|| default(args), from_json)),
            "pop" => Ok(session
                .pop(key)
                .as_ref()
                .map_or_else(|| default(args), from_json)),
            _ => Err(unknown()),
        }
    }
}

/// `flask.g`
#[derive(Debug)]
struct Globals;

impl Object for Globals {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        current().ok()?.g.get(key.as_str()?).as_ref().map(from_json)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let names = current().map(|ctx| ctx.g.names()).unwrap_or_default();
        Enumerator::Values(names.into_iter().map(Value::from).collect())
    }

    /// The proxy is always there.
    fn is_true(self: &Arc<Self>) -> bool {
        true
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let globals = current()?.g;
        let name = args.first().and_then(Value::as_str).unwrap_or_default();
        match method {
            "get" => Ok(globals
                .get(name)
                .as_ref()
                .map_or_else(|| default(args), from_json)),
            "pop" => Ok(globals
                .pop(name)
                .as_ref()
                .map_or_else(|| default(args), from_json)),
            _ => Err(unknown()),
        }
    }
}

/// `app.config`
#[derive(Debug)]
struct Config;

impl Object for Config {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        config(current().ok()?.settings())
            .get(key.as_str()?)
            .map(from_json)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let config = current()
            .map(|ctx| config(ctx.settings()))
            .unwrap_or_default();
        Enumerator::Values(config.keys().map(|key| Value::from(key.as_str())).collect())
    }
}

/// The application's own values win over those that Flask reads.
fn config(settings: &Settings) -> Map<String, Json> {
    let mut config = Map::new();
    let mut set = |name: &str, value: Json| {
        config.insert(name.to_owned(), value);
    };
    set("DEBUG", json!(false));
    set("TESTING", json!(false));
    set("SECRET_KEY", json!(settings.secret_key));
    set("SERVER_NAME", json!(settings.server_name));
    set("APPLICATION_ROOT", json!(settings.application_root));
    set("PREFERRED_URL_SCHEME", json!(settings.preferred_url_scheme));
    set("MAX_CONTENT_LENGTH", json!(settings.max_content_length));
    set("MAX_FORM_MEMORY_SIZE", json!(settings.max_form_memory_size));
    set("MAX_FORM_PARTS", json!(settings.max_form_parts));
    set("SESSION_COOKIE_NAME", json!(settings.session_cookie_name));
    set("SESSION_COOKIE_PATH", json!(settings.session_cookie_path));
    set(
        "SESSION_COOKIE_DOMAIN",
        json!(settings.session_cookie_domain),
    );
    set(
        "SESSION_COOKIE_SECURE",
        json!(settings.session_cookie_secure),
    );
    set(
        "SESSION_COOKIE_HTTPONLY",
        json!(settings.session_cookie_httponly),
    );
    set(
        "SESSION_COOKIE_SAMESITE",
        json!(settings.session_cookie_samesite),
    );
    set(
        "SESSION_REFRESH_EACH_REQUEST",
        json!(settings.session_refresh_each_request),
    );
    set(
        "SEND_FILE_MAX_AGE_DEFAULT",
        json!(settings.send_file_max_age),
    );
    for (name, value) in settings.config {
        set(name, value.to_value());
    }
    config
}
