//! What a port says about itself, and how it is served.

use std::future::Future;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use axum::response::Response;
use axum::{Router, middleware};
use serde_json::{Map, Value, json};

use super::around::around;
use super::context::Ctx;
use super::error::{Abort, Reply};
use super::matching::UrlMap;
use super::rule::Rule;
use super::signing::Signer;

/// A Flask application: its URL map, its settings and its hooks.
pub trait Application: Send + Sync + 'static {
    /// Every rule, in the order of registration.
    const RULES: &'static [Rule];
    /// The part of `app.config` that Flask itself reads.
    const SETTINGS: Settings;

    /// Whether an `after_request` function may fail when the response has been changed already, by itself or by another.
    const AFTER_REQUEST_CHANGES: bool = false;

    /// The `before_request` functions: a response ends the request. They see 404, 405 and `OPTIONS` too.
    fn before_request(_: &Ctx) -> impl Future<Output = Result<Option<Response>, Abort>> + Send {
        async { Ok(None) }
    }

    /// The `after_request` functions.
    fn after_request(_: &Ctx, response: Response) -> impl Future<Output = Reply> + Send {
        async { Ok(response) }
    }

    /// The error handlers; `None` is werkzeug's own page.
    fn error_page(_: &Ctx, _: &Abort) -> impl Future<Output = Option<Reply>> + Send {
        async { None }
    }

    /// The context processors: names for a template.
    fn template_context(_: &Ctx, _: &str) -> Result<Map<String, Value>, Abort> {
        Ok(Map::new())
    }
}

/// A constant of `app.config`, for templates.
#[derive(Clone, Copy, Debug)]
pub enum ConfigValue {
    /// `None`
    None,
    /// `True`, `False`
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A float.
    Float(f64),
    /// A string.
    Str(&'static str),
    /// A list or a tuple.
    List(&'static [ConfigValue]),
    /// A dict with string keys.
    Dict(&'static [(&'static str, ConfigValue)]),
}

impl ConfigValue {
    /// As a value.
    pub fn to_value(&self) -> Value {
        match self {
            Self::None => Value::Null,
            Self::Bool(flag) => json!(flag),
            Self::Int(number) => json!(number),
            Self::Float(number) => json!(number),
            Self::Str(text) => json!(text),
            Self::List(items) => items.iter().map(Self::to_value).collect(),
            Self::Dict(items) => Value::Object(
                items
                    .iter()
                    .map(|(key, value)| ((*key).to_owned(), value.to_value()))
                    .collect(),
            ),
        }
    }
}

/// Flask's settings by the names of `app.config`, in small letters.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Signs the session cookie.
    pub secret_key: Option<&'static str>,
    /// Keys that were used before; cookies that they signed are still read.
    pub secret_key_fallbacks: &'static [&'static str],
    /// Name of the session cookie.
    pub session_cookie_name: &'static str,
    /// `None`: `application_root`.
    pub session_cookie_path: Option<&'static str>,
    /// Domain of the session cookie.
    pub session_cookie_domain: Option<&'static str>,
    /// Only over HTTPS.
    pub session_cookie_secure: bool,
    /// Hidden from scripts.
    pub session_cookie_httponly: bool,
    /// `Lax`, `Strict` or `None`.
    pub session_cookie_samesite: Option<&'static str>,
    /// Whether a permanent session is sent with every answer.
    pub session_refresh_each_request: bool,
    /// Seconds.
    pub permanent_session_lifetime: u64,
    /// Bytes; a larger body is a 413 for those who read it.
    pub max_content_length: Option<u64>,
    /// Bytes of text fields in a multipart form.
    pub max_form_memory_size: Option<u64>,
    /// Parts of a multipart form.
    pub max_form_parts: Option<u64>,
    /// `app.json.sort_keys`
    pub json_sort_keys: bool,
    /// `app.json.ensure_ascii`
    pub json_ascii: bool,
    /// `app.json.compact`: no line ends and blanks in JSON replies.
    pub json_compact: bool,
    /// Path of the session cookie, unless that has one of its own.
    pub application_root: &'static str,
    /// Scheme of URLs outside of a request.
    pub preferred_url_scheme: &'static str,
    /// Host of absolute URLs, in place of the request's.
    pub server_name: Option<&'static str>,
    /// Seconds for which browsers keep files; `None`: they ask every time.
    pub send_file_max_age: Option<u32>,
    /// What templates see as `config`, beyond the above.
    pub config: &'static [(&'static str, ConfigValue)],
}

impl Settings {
    /// Flask's defaults.
    pub const fn new() -> Self {
        Self {
            secret_key: None,
            secret_key_fallbacks: &[],
            session_cookie_name: "session",
            session_cookie_path: None,
            session_cookie_domain: None,
            session_cookie_secure: false,
            session_cookie_httponly: true,
            session_cookie_samesite: None,
            session_refresh_each_request: true,
            permanent_session_lifetime: 31 * 24 * 3600,
            max_content_length: None,
            max_form_memory_size: Some(500_000),
            max_form_parts: Some(1_000),
            json_sort_keys: true,
            json_ascii: true,
            json_compact: true,
            application_root: "/",
            preferred_url_scheme: "http",
            server_name: None,
            send_file_max_age: None,
            config: &[],
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self::new()
    }
}

/// Names for a template.
pub type TemplateContext = fn(&Ctx, &str) -> Result<Map<String, Value>, Abort>;

/// A running application: what `Application` says, made ready once.
pub struct App {
    /// As the application says.
    pub settings: Settings,
    /// All rules.
    pub map: UrlMap,
    /// The secret key first, then its fallbacks; none without a secret key.
    pub signers: Vec<Signer>,
    /// The context processors.
    pub template_context: TemplateContext,
}

impl App {
    /// `secret_key` replaces that of the settings.
    pub fn new<A: Application>(secret_key: Option<&str>) -> Self {
        let settings = A::SETTINGS;
        let secret_key = secret_key
            .or(settings.secret_key)
            .filter(|key| !key.is_empty());
        let older = settings.secret_key_fallbacks.iter().copied();
        let keys = secret_key
            .into_iter()
            .flat_map(|key| std::iter::once(key).chain(older.clone()));
        Self {
            settings,
            map: UrlMap::new(A::RULES),
            signers: keys.filter_map(Signer::new).collect(),
            template_context: A::template_context,
        }
    }
}

/// `router` with Flask around it: matching, hooks, errors, session. The router itself only dispatches on the paths of rules.
pub fn serve<A: Application>(router: Router) -> Router {
    serve_with::<A>(router, None)
}

/// The same with another secret key.
pub fn serve_with<A: Application>(router: Router, secret_key: Option<&str>) -> Router {
    let app = Arc::new(App::new::<A>(secret_key));
    Router::new()
        .fallback_service(router)
        .layer(middleware::from_fn_with_state(app, around::<A>))
}

/// Serves on `$BIND`, or 127.0.0.1:8000, until SIGTERM or SIGINT. `$SECRET_KEY` replaces the setting. An address that
/// cannot be had is one line on standard error.
pub async fn run<A: Application>(router: Router) -> ExitCode {
    let bind = std::env::var("BIND").unwrap_or_else(|_| "127.0.0.1:8000".to_owned());
    match listen::<A>(router, &bind).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: cannot serve on {bind}: {error}; set BIND to another address");
            ExitCode::FAILURE
        }
    }
}

async fn listen<A: Application>(router: Router, bind: &str) -> std::io::Result<()> {
    let secret_key = std::env::var("SECRET_KEY").ok();
    let listener = tokio::net::TcpListener::bind(bind).await?;
    eprintln!(
        "Listening on http://{}, with the files of {}",
        listener.local_addr()?,
        std::env::current_dir()?.display()
    );
    let service = serve_with::<A>(router, secret_key.as_deref())
        .into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service)
        .with_graceful_shutdown(asked_to_stop())
        .await
}

async fn asked_to_stop() {
    #[cfg(unix)]
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        () = terminated => {}
        () = interrupted => {}
    }
}
