//! Flask's request context: `request`, `session` and `g` of one request.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::application::{App, Settings};
use super::body::{Received, mimetype};
use super::building::build;
use super::cookies::parse_cookies;
use super::environ::{find, host_of, scheme_of, wsgi_headers};
use super::error::{Abort, abort_with, failure};
use super::globals::Globals;
use super::inputs::MultiDict;
use super::json_reading::loads;
use super::matching::Match;
use super::python::{text, truthy};
use super::quoting::{ANCHOR_SAFE, iri_path, iri_query, parse_pairs, quote};
use super::session::Session;

/// One request, as Flask's `request`, `session` and `g` show it. Clones are cheap and share everything.
#[derive(Clone)]
pub struct Ctx {
    /// `request.args`
    pub args: Arc<MultiDict>,
    /// `flask.session`
    pub session: Session,
    /// `flask.g`
    pub g: Globals,
    inner: Arc<Inner>,
}

struct Inner {
    app: Arc<App>,
    method: String,
    path: String,
    query: Vec<u8>,
    headers: Vec<(String, String)>,
    cookies: OnceLock<MultiDict>,
    remote_addr: Option<String>,
    scheme: &'static str,
    host: String,
    endpoint: Option<&'static str>,
    view_args: Map<String, Value>,
    body: Received,
}

impl Ctx {
    /// The context of a request whose URL was matched.
    pub fn new(app: Arc<App>, parts: &Parts, body: Received, path: String, found: &Match) -> Self {
        let headers = wsgi_headers(&parts.headers);
        let query = parts.uri.query().unwrap_or_default().as_bytes().to_vec();
        let (endpoint, view_args) = match found {
            Match::Found { entry, values, .. } => (
                app.map.entries.get(*entry).map(|entry| entry.rule.endpoint),
                values.clone(),
            ),
            _ => (None, Map::new()),
        };
        let remote = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map(|info| info.0.ip());
        let scheme = scheme_of(&headers, remote.is_some_and(|ip| ip.is_loopback()));
        let inner = Inner {
            method: parts.method.as_str().to_owned(),
            host: host_of(find(&headers, "host"), scheme),
            app,
            path: format!("/{}", path.trim_start_matches('/')),
            query,
            headers,
            cookies: OnceLock::new(),
            remote_addr: remote.map(|ip| ip.to_string()),
            scheme,
            endpoint,
            view_args,
            body,
        };
        let args = Arc::new(MultiDict::new(parse_pairs(&inner.query)));
        let ctx = Self {
            args,
            session: Session::default(),
            g: Globals::default(),
            inner: Arc::new(inner),
        };
        let settings = ctx.settings();
        let cookie = ctx
            .cookies()
            .get(settings.session_cookie_name)
            .map(str::to_owned);
        let lifetime = settings.permanent_session_lifetime;
        let session = Session::open(&ctx.inner.app.signers, cookie.as_deref(), lifetime);
        Self { session, ..ctx }
    }

    /// The application that answers.
    pub fn app(&self) -> &Arc<App> {
        &self.inner.app
    }

    /// `app.config`, the part that Flask itself reads.
    pub fn settings(&self) -> &Settings {
        &self.inner.app.settings
    }

    /// `request.method`
    pub fn method(&self) -> &str {
        &self.inner.method
    }

    /// `request.path`: decoded, with one slash at the front.
    pub fn path(&self) -> &str {
        &self.inner.path
    }

    /// `request.query_string`
    pub fn query_string(&self) -> &[u8] {
        &self.inner.query
    }

    /// `request.full_path`: with a question mark, even without a query.
    pub fn full_path(&self) -> String {
        format!(
            "{}?{}",
            self.path(),
            String::from_utf8_lossy(&self.inner.query)
        )
    }

    /// `request.url`: an IRI.
    pub fn url(&self) -> String {
        let query = iri_query(&self.inner.query);
        if query.is_empty() {
            self.base_url()
        } else {
            format!("{}?{query}", self.base_url())
        }
    }

    /// `request.base_url`: without the query.
    pub fn base_url(&self) -> String {
        format!(
            "{}{}",
            self.url_root(),
            iri_path(self.path().trim_start_matches('/'))
        )
    }

    /// `request.url_root`, `request.host_url`
    pub fn url_root(&self) -> String {
        format!("{}://{}/", self.scheme(), self.host())
    }

    /// `request.host`: empty when the header is absent or has characters that a host cannot have.
    pub fn host(&self) -> &str {
        &self.inner.host
    }

    /// `request.scheme`
    pub fn scheme(&self) -> &str {
        self.inner.scheme
    }

    /// `request.is_secure`
    pub fn is_secure(&self) -> bool {
        self.scheme() == "https"
    }

    /// `request.remote_addr`; empty when the server does not tell.
    pub fn remote_addr(&self) -> &str {
        self.inner.remote_addr.as_deref().unwrap_or_default()
    }

    /// `request.endpoint`
    pub fn endpoint(&self) -> Option<&str> {
        self.inner.endpoint
    }

    /// `request.blueprint`
    pub fn blueprint(&self) -> Option<&str> {
        self.endpoint()?
            .rsplit_once('.')
            .map(|(blueprint, _)| blueprint)
    }

    /// `name in request.blueprints`: the blueprint, or one that it is nested in.
    pub fn in_blueprint(&self, name: &str) -> bool {
        let inside = |own: &str| {
            own.strip_prefix(name)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.blueprint().is_some_and(inside)
    }

    /// `request.view_args`; empty when no rule matched.
    pub fn view_args(&self) -> &Map<String, Value> {
        &self.inner.view_args
    }

    /// `request.headers.get(name)`; repeated headers are joined by a comma, as WSGI servers do.
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.inner.headers, name)
    }

    /// `request.headers`: names in small letters.
    pub fn headers(&self) -> &[(String, String)] {
        &self.inner.headers
    }

    /// `request.cookies`: letters beyond ASCII are Latin-1, as WSGI has them.
    pub fn cookies(&self) -> &MultiDict {
        let header = || self.header("cookie").unwrap_or_default();
        self.inner.cookies.get_or_init(|| parse_cookies(header()))
    }

    /// `request.mimetype`
    pub fn mimetype(&self) -> String {
        mimetype(self.header("content-type").unwrap_or_default())
    }

    /// `request.is_json`
    pub fn is_json(&self) -> bool {
        let kind = self.mimetype();
        kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
    }

    /// `request.form`: text fields; empty for other types of bodies. A body above the limits is a 413.
    pub fn form(&self) -> Result<&MultiDict, Abort> {
        self.inner.body.form.as_ref().map_err(Abort::clone)
    }

    /// `request.values`: query arguments, then form fields unless this is a `GET`.
    pub fn values(&self) -> Result<MultiDict, Abort> {
        let form = if self.method() == "GET" {
            None
        } else {
            Some(self.form()?.iter())
        };
        let pairs = self.args.iter().chain(form.into_iter().flatten());
        Ok(MultiDict::new(
            pairs
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .collect(),
        ))
    }

    /// `request.data`: empty when the form parser has consumed the body.
    pub fn data(&self) -> Result<&[u8], Abort> {
        if self.inner.body.is_form {
            return self.form().map(|_| [].as_slice());
        }
        self.raw_data()
    }

    /// `request.get_data()`: the raw body.
    pub fn raw_data(&self) -> Result<&[u8], Abort> {
        self.inner
            .body
            .raw
            .as_ref()
            .map(AsRef::as_ref)
            .map_err(Abort::clone)
    }

    /// `request.get_json()`: 415 on another mimetype, 400 when malformed. JSON that does not fit `T` is a 500.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Abort> {
        if !self.is_json() {
            return Err(abort_with(
                415,
                "Did not attempt to load JSON data because the request Content-Type was not 'application/json'.",
            ));
        }
        self.json_forced()
    }

    /// `request.get_json(force=True)`.
    pub fn json_forced<T: DeserializeOwned>(&self) -> Result<T, Abort> {
        let value = loads(self.raw_data()?)?;
        serde_json::from_value(value).map_err(|error| failure(format!("request.json: {error}")))
    }

    /// `request.get_json(silent=True)`: `None` where the other one has an error.
    pub fn json_silent(&self) -> Result<Option<Value>, Abort> {
        if !self.is_json() {
            return Ok(None);
        }
        match self.json_forced() {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.is_not_ported() => Err(error),
            Err(_) => Ok(None),
        }
    }

    /// `url_for(endpoint, **values)`: `.name` is one of the current blueprint, a null value is left out,
    /// `_anchor`, `_external`, `_scheme` and `_method` as in Flask.
    pub fn url_for(&self, endpoint: &str, values: &[(&str, Value)]) -> Result<String, Abort> {
        let endpoint = match (endpoint.strip_prefix('.'), self.blueprint()) {
            (Some(name), Some(blueprint)) => format!("{blueprint}.{name}"),
            (Some(name), None) => name.to_owned(),
            (None, _) => endpoint.to_owned(),
        };
        let option = |name: &str| {
            values
                .iter()
                .find(|(key, value)| *key == name && !value.is_null())
                .map(|(_, value)| value)
        };
        let scheme = option("_scheme").map(text);
        let external = option("_external").map_or(scheme.is_some(), truthy);
        if scheme.is_some() && !external {
            return Err(failure(
                "ValueError: When specifying '_scheme', '_external' must be True.",
            ));
        }
        let special = ["_anchor", "_external", "_scheme", "_method"];
        let plain: Map<String, Value> = values
            .iter()
            .filter(|(key, _)| !special.contains(key))
            .map(|(key, value)| ((*key).to_owned(), value.clone()))
            .collect();
        let method = option("_method").map(text);
        let mut url = build(
            &self.app().map,
            &endpoint,
            &plain,
            method.as_deref(),
            self.method(),
        )?;
        if external {
            url = self.absolute(scheme.as_deref(), &url);
        }
        if let Some(anchor) = option("_anchor") {
            url = format!("{url}#{}", quote(&text(anchor), ANCHOR_SAFE));
        }
        Ok(url)
    }

    /// A URL of this server (werkzeug.routing.MapAdapter): `SERVER_NAME` when it is set, else the request's host.
    pub fn absolute(&self, scheme: Option<&str>, path: &str) -> String {
        let own = self.scheme();
        let scheme = match scheme.unwrap_or(own) {
            "https" | "wss" => "https:",
            "" => "",
            _ => "http:",
        };
        let server = self
            .settings()
            .server_name
            .unwrap_or(self.host())
            .to_ascii_lowercase();
        let server = server
            .strip_suffix(if own == "https" { ":443" } else { ":80" })
            .unwrap_or(&server);
        format!("{scheme}//{server}/{}", path.trim_start_matches('/'))
    }

    /// `flask.flash`.
    pub fn flash(&self, message: impl Into<String>, category: &str) {
        self.session.flash(message, category);
    }

    /// `get_flashed_messages(with_categories=True)`: pairs of category and message.
    pub fn flashed_messages(&self, category_filter: &[&str]) -> Vec<(String, String)> {
        self.session.flashed(category_filter)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Ctx {
    type Rejection = Abort;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Abort> {
        parts
            .extensions
            .get::<Ctx>()
            .cloned()
            .ok_or_else(|| failure("no request context: is the router served by `serve`?"))
    }
}
