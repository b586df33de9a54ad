//! The port of the blog with its `before_request` function written by hand, as its reader would: what waits for it answers.

use axum::response::Response;
use serde_json::{Map, Value, json};

use blog::application::{App, router};
use blog::flask_parity::application::{Application, Settings, run};
use blog::flask_parity::context::Ctx;
use blog::flask_parity::error::{Abort, Reply};
use blog::flask_parity::responses::{html, with_status};
use blog::flask_parity::rule::Rule;

struct Opened;

impl Application for Opened {
    const RULES: &'static [Rule] = App::RULES;
    const SETTINGS: Settings = App::SETTINGS;

    async fn before_request(ctx: &Ctx) -> Result<Option<Response>, Abort> {
        let user = match ctx.session.get("uid") {
            Some(uid) if uid == 1 => json!({"id": 1, "name": "ann", "password": "pw"}),
            _ => Value::Null,
        };
        ctx.g.set("user", user);
        match ctx.header("X-Maintenance") {
            None | Some("") => Ok(None),
            Some(_) => with_status(html("down for maintenance"), 503).map(Some),
        }
    }

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
