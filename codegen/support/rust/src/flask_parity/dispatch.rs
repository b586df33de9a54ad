//! One axum route for several rules: axum tells paths apart by their shape, Werkzeug by converters and methods too.

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, any};
use tower::ServiceExt;

use super::context::Ctx;
use super::error::abort;

/// The handlers of rules that have the same shape for axum: the one of the endpoint that Werkzeug's order
/// chose answers.
pub fn by_endpoint<const N: usize>(handlers: [(&'static str, MethodRouter); N]) -> MethodRouter {
    any(async move |ctx: Ctx, request: Request| -> Response {
        let endpoint = ctx.endpoint();
        let found = handlers.into_iter().find(|(name, _)| Some(*name) == endpoint);
        match found {
            Some((_, handler)) => handler.oneshot(request).await.into_response(),
            None => abort(404).into_response(),
        }
    })
}
