//! One request in Flask's order (flask.Flask.full_dispatch_request, wsgi_app): match, before hooks, routing error or view,
//! error page, after hooks, session.

use std::any::Any;
use std::convert::Infallible;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use http_body::Frame;
use http_body_util::BodyExt;

use super::application::{App, Application};
use super::body::receive;
use super::building::find;
use super::context::Ctx;
use super::error::{Abort, Reply, abort, failure, not_ported};
use super::matching::Match;
use super::quoting::unquote;
use super::responses::{empty, redirect};

/// The middleware that `serve` puts around the router.
pub async fn around<A: Application>(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    // As a WSGI server decodes it, then as Werkzeug does.
    let path = String::from_utf8_lossy(&unquote(parts.uri.path().as_bytes())).into_owned();
    let found = find(&app.map, &path, parts.method.as_str());
    let body = receive(&parts.headers, body, &app.settings).await;
    let ctx = Ctx::new(app, &parts, body, path, &found);
    parts.extensions.insert(ctx.clone());

    let answer = guarded(async {
        if let Some(response) = checked(&ctx, A::before_request(&ctx).await)? {
            return Ok(response);
        }
        checked(&ctx, dispatch(&ctx, parts, &found, next).await)
    })
    .await;
    let response = match answer {
        Ok(response) => response,
        Err(error) => error_response::<A>(&ctx, error).await,
    };
    let hooked = guarded(async { checked(&ctx, A::after_request(&ctx, response).await) }).await;
    let mut response = match hooked {
        Ok(response) => response,
        Err(error) if error.is_not_ported() => return finished(&ctx, error.into_response()),
        // An error of an after hook: the page of a 500 goes through the hooks, or past them if they fail again. Flask sends
        // it with what they had done to it by then, which nobody knows here.
        Err(error) => {
            let cause = error.cause().unwrap_or(error.name()).to_owned();
            let (page, copy) = doubled(error_response::<A>(&ctx, failure(cause)).await).await;
            match guarded(async { checked(&ctx, A::after_request(&ctx, page).await) }).await {
                Ok(response) => response,
                Err(error) if error.is_not_ported() => {
                    return finished(&ctx, error.into_response());
                }
                Err(_) if !A::AFTER_REQUEST_CHANGES => return finished(&ctx, copy),
                Err(_) => {
                    let error =
                        not_ported("after_request", "it fails on the page of its own error");
                    return finished(&ctx, error.into_response());
                }
            }
        }
    };
    let app = ctx.app();
    ctx.session
        .save(&app.signers, &app.settings, response.headers_mut());
    finished(&ctx, response)
}

/// Werkzeug's last step before the wire (`Response.get_wsgi_headers`): a 304 says nothing of its body, a 204 nothing of its length.
fn finished(ctx: &Ctx, mut response: Response) -> Response {
    let status = response.status();
    let length = response.body().size_hint().exact();
    let headers = response.headers_mut();
    match status {
        StatusCode::NOT_MODIFIED => {
            for name in OF_BODIES {
                headers.remove(name);
            }
        }
        StatusCode::NO_CONTENT => {
            headers.remove(header::CONTENT_LENGTH);
        }
        _ if ctx.method() == "HEAD" => {
            // What the body would have been.
            if let Some(length) = length {
                headers
                    .entry(header::CONTENT_LENGTH)
                    .or_insert(length.into());
            }
        }
        _ => return response,
    }
    response.map(|_| Body::new(Nothing))
}

/// werkzeug.http.remove_entity_headers
const OF_BODIES: [&str; 8] = [
    "allow",
    "content-encoding",
    "content-language",
    "content-length",
    "content-md5",
    "content-range",
    "content-type",
    "last-modified",
];

/// No body, of which nobody could tell the length: axum would add `Content-Length: 0` to the answer of a `HEAD`.
struct Nothing;

impl HttpBody for Nothing {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(None)
    }

    fn is_end_stream(&self) -> bool {
        true
    }
}

/// The view, or what stands in its place.
async fn dispatch(ctx: &Ctx, mut parts: Parts, found: &Match, next: Next) -> Reply {
    let map = &ctx.app().map;
    let (number, route) = match found {
        Match::Redirect(path) => return redirect_to(ctx, path),
        Match::Methods(methods) => return Err(abort(405).with_header("allow", methods.join(", "))),
        Match::Nothing => return Err(abort(404)),
        Match::Found { entry, route, .. } => (*entry, route),
    };
    let entry = map
        .entries
        .get(number)
        .ok_or_else(|| failure("no such rule"))?;
    if entry.automatic_options && ctx.method() == "OPTIONS" {
        return Ok(empty(&map.allowed(ctx.path()).join(", ")));
    }
    let target = match parts.uri.query() {
        Some(query) => format!("{route}?{query}"),
        None => route.clone(),
    };
    parts.uri = target.parse::<Uri>().map_err(|_| abort(414))?;
    // The view of a `GET` answers `HEAD`; the server sends no body.
    if parts.method == Method::HEAD && !entry.rule.methods.contains(&"HEAD") {
        parts.method = Method::GET;
    }
    let mut response = next.run(Request::from_parts(parts, Body::empty())).await;
    match response.extensions_mut().remove::<Abort>() {
        Some(error) => Err(error),
        None => Ok(response),
    }
}

/// `RequestRedirect`, which no error handler sees.
fn redirect_to(ctx: &Ctx, path: &str) -> Reply {
    let mut url = ctx.absolute(None, path);
    let query = String::from_utf8_lossy(ctx.query_string());
    if !query.is_empty() {
        url = format!("{url}?{query}");
    }
    Ok(redirect(&url, 308))
}

/// The application's page for an error, or werkzeug's.
async fn error_response<A: Application>(ctx: &Ctx, error: Abort) -> Response {
    if error.is_not_ported() {
        return error.into_response();
    }
    log(ctx, &error);
    let page = |error: Abort| async move {
        let own = guarded(async { Ok(A::error_page(ctx, &error).await) }).await;
        match own {
            Ok(Some(reply)) => checked(ctx, reply),
            Ok(None) => Ok(error.into_response()),
            Err(panic) => Err(panic),
        }
    };
    match page(error).await {
        Ok(response) => response,
        Err(error) if error.is_not_ported() => error.into_response(),
        // An error of an error handler.
        Err(error) => {
            log(ctx, &error);
            let cause = error.cause().unwrap_or(error.name()).to_owned();
            page(failure(cause))
                .await
                .unwrap_or_else(|_| failure("").into_response())
        }
    }
}

/// A response and its copy.
async fn doubled(response: Response) -> (Response, Response) {
    let (parts, body) = response.into_parts();
    let bytes = body
        .collect()
        .await
        .map(|body| body.to_bytes())
        .unwrap_or_default();
    let mut copy = Response::new(Body::from(bytes.clone()));
    *copy.status_mut() = parts.status;
    *copy.headers_mut() = parts.headers.clone();
    (Response::from_parts(parts, Body::from(bytes)), copy)
}

fn log(ctx: &Ctx, error: &Abort) {
    if let Some(cause) = error.cause() {
        eprintln!("Exception on {} [{}]: {cause}", ctx.path(), ctx.method());
    }
}

/// A write to a session without secret key is an error, wherever it happened.
fn checked<T>(ctx: &Ctx, result: Result<T, Abort>) -> Result<T, Abort> {
    match ctx.session.failed() {
        Some(error) => Err(error),
        None => result,
    }
}

/// A panic as the error that it would be in Python.
async fn guarded<T>(work: impl Future<Output = Result<T, Abort>>) -> Result<T, Abort> {
    match AssertUnwindSafe(work).catch_unwind().await {
        Ok(result) => result,
        Err(panic) => Err(failure(format!("panic: {}", message(panic.as_ref())))),
    }
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("of unknown kind")
}
