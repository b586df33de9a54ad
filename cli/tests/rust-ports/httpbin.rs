//! The port of httpbin without its `before_request` function, which minds only bodies of unknown length.

use axum::response::Response;
use serde_json::{Map, Value};

use httpbin::application::{App, router};
use httpbin::flask_parity::application::{Application, Settings, run};
use httpbin::flask_parity::context::Ctx;
use httpbin::flask_parity::error::{Abort, Reply};
use httpbin::flask_parity::rule::Rule;

struct Opened;

impl Application for Opened {
    const RULES: &'static [Rule] = App::RULES;
    const SETTINGS: Settings = App::SETTINGS;

    async fn after_request(ctx: &Ctx, response: Response) -> Reply {
        App::after_request(ctx, response).await
    }

    async fn error_page(ctx: &Ctx, error: &Abort) -> Option<Reply> {
        App::error_page(ctx, error).await
    }

    fn template_context(ctx: &Ctx, template: &str) -> Result<Map<String, Value>, Abort> {
        App::template_context(ctx, template)
    }
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    run::<Opened>(router()).await
}
