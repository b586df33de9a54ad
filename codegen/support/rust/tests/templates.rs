//! Templates against Jinja2 in Flask (written by `vectors/templates.py`), byte by byte.

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::routing::post;
use flask_parity::flask_parity::application::{Application, Settings, serve};
use flask_parity::flask_parity::context::Ctx;
use flask_parity::flask_parity::error::{Abort, Reply};
use flask_parity::flask_parity::responses::{html, with_status};
use flask_parity::flask_parity::rule::Rule;
use flask_parity::flask_parity::{python, templates};
use http_body_util::BodyExt;
use serde_json::{Map, Value, json};
use tower::ServiceExt;

struct Kitchen;

impl Application for Kitchen {
    const RULES: &'static [Rule] = &[
        Rule::new("/static/<path:filename>", "static", &["GET"]),
        Rule::new("/e/", "r1", &["GET"]),
        Rule::new("/e/<x>", "r2", &["GET"]),
        Rule::new("/e/<int:x>/", "r3", &["GET"]),
        Rule::new("/bp/", "bp.r0", &["GET"]),
        Rule::new("/tpl", "tpl", &["POST"]),
    ];
    const SETTINGS: Settings = Settings {
        secret_key: Some("dev"),
        max_content_length: Some(10_000),
        ..Settings::new()
    };

    async fn error_page(_: &Ctx, error: &Abort) -> Option<Reply> {
        (error.status() == 500).then(|| with_status(html("custom 500"), 500))
    }

    fn template_context(_: &Ctx, _: &str) -> Result<Map<String, Value>, Abort> {
        let mut names = Map::new();
        names.insert("site".to_owned(), json!("S & <T>"));
        names.insert("over".to_owned(), json!("processor"));
        Ok(names)
    }
}

#[tokio::test]
async fn templates_as_jinja2() {
    templates::init(|env| {
        env.add_filter("shout", |text: String| format!("{}!", text.to_uppercase()))
    });
    let data: Value = serde_json::from_str(include_str!("vectors/templates.json")).expect("JSON");
    let context = data["context"].clone();
    let tpl = async move |ctx: Ctx| -> Reply {
        let source: Value = ctx.json()?;
        ctx.g.set("user", json!({"name": "ann <x>"}));
        let page = ctx.render_string(&python::text(&source["src"]), context.clone())?;
        Ok(html(page))
    };
    let app = serve::<Kitchen>(Router::new().route("/tpl", post(tpl)));
    let (mut alike, mut different) = (0, Vec::new());
    for case in data["cases"].as_array().expect("cases") {
        let request = Request::post("/tpl?q=1&q=%3C2")
            .header("host", "h.example:8080")
            .header("content-type", "application/json")
            .header("cookie", "a=1")
            .header("x-test", "<h>")
            .header("user-agent", "test");
        let body = json!({"src": case["src"]}).to_string();
        let request = request.body(Body::from(body)).expect("a request");
        let response = app.clone().oneshot(request).await.expect("an answer");
        let status = response.status().as_u16();
        let vary = response
            .headers()
            .get("vary")
            .map(|value| value.to_str().expect("ASCII").to_owned());
        let body = response
            .into_body()
            .collect()
            .await
            .expect("a body")
            .to_bytes();
        let ours = json!([status, String::from_utf8_lossy(&body), vary]);
        let flask = json!([case["status"], case["body"], case["vary"]]);
        if ours == flask {
            alike += 1;
        } else if case["known"] != true {
            different.push(format!(
                "{}\n   ours  {ours}\n   flask {flask}",
                case["src"]
            ));
        }
    }
    assert!(
        different.is_empty(),
        "{} differ\n{}",
        different.len(),
        different.join("\n")
    );
    println!("{alike} alike");
}
