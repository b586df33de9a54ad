//! The port of flaskr with its `before_request` function written by hand: a database of one user.

use axum::response::Response;
use serde_json::{Map, Value, json};

use flaskr::application::{App, router};
use flaskr::flask_parity::application::{Application, Settings, run};
use flaskr::flask_parity::context::Ctx;
use flaskr::flask_parity::error::{Abort, Reply};
use flaskr::flask_parity::rule::Rule;

struct Opened;

impl Application for Opened {
    const RULES: &'static [Rule] = App::RULES;
    const SETTINGS: Settings = App::SETTINGS;

    async fn before_request(ctx: &Ctx) -> Result<Option<Response>, Abort> {
        let user = match ctx.session.get("user_id") {
            Some(id) if id == 1 => json!({"id": 1, "username": "ann"}),
            _ => Value::Null,
        };
        ctx.g.set("user", user);
        Ok(None)
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
async fn main() -> std::process::ExitCode {
    run::<Opened>(router()).await
}
