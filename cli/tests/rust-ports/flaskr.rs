//! The port of flaskr with its `before_request` function written by hand, for visitors who are not logged in.

use axum::response::Response;
use serde_json::{Map, Value};

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
        // Nobody has a `user_id`: the port's login is a stub.
        if ctx.session.get("user_id").is_none() {
            ctx.g.set("user", Value::Null);
        }
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
async fn main() -> std::io::Result<()> {
    run::<Opened>(router()).await
}
