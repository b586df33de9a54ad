//! What no request may do to a port, and what the blog has not.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Uri};
use axum::response::Response;
use axum::routing::get;
use flask_parity::flask_parity::application::{Application, Settings, serve, serve_with};
use flask_parity::flask_parity::context::Ctx;
use flask_parity::flask_parity::error::{Abort, Reply, abort, not_ported};
use flask_parity::flask_parity::inputs::{Form, MultiDict, Path, Query};
use flask_parity::flask_parity::responses::{html, json};
use flask_parity::flask_parity::rule::Rule;
use http_body_util::BodyExt;
use serde::Deserialize;
use serde_json::json;
use tower::ServiceExt;

struct Small;

impl Application for Small {
    const RULES: &'static [Rule] = &[
        Rule::new("/panic", "panic", &["GET"]),
        Rule::new("/report", "report", &["GET"]),
        Rule::new("/write", "write", &["GET"]),
        Rule::new("/read", "read", &["GET"]),
        Rule::new("/a/<int:x>/", "a", &["GET"]),
        Rule::new("/a/<path:x>/end", "b", &["GET"]).dispatched_at("/~b"),
        Rule::new("/loose/", "loose", &["GET"]).loose_slashes(),
        Rule::new("/pair/<int:x>/<y>", "pair", &["GET"]),
        Rule::new("/query", "query", &["GET", "POST"]),
    ];
    const SETTINGS: Settings = Settings {
        max_content_length: Some(100),
        ..Settings::new()
    };

    async fn after_request(ctx: &Ctx, response: Response) -> Reply {
        match ctx.header("x-fail") {
            Some("after") => Err(not_ported("after", "a stub")),
            Some("error") | None => Ok(response),
            Some(_) => Err(abort(403)),
        }
    }

    async fn error_page(ctx: &Ctx, error: &Abort) -> Option<Reply> {
        if ctx.header("x-fail") == Some("error") {
            return Some(Err(not_ported("error", "a stub")));
        }
        Some(Ok(html(format!("handled {}", error.status()))))
    }
}

#[derive(Deserialize)]
struct Pair {
    x: i64,
    y: String,
}

struct Page(i64, Vec<String>);

impl From<&MultiDict> for Page {
    fn from(values: &MultiDict) -> Self {
        Self(
            values.get_as("page").unwrap_or(1),
            values.all("tag").into_iter().map(str::to_owned).collect(),
        )
    }
}

async fn boom() -> Reply {
    panic!("boom")
}

async fn pair(
    Path(Pair { x, y }): Path<Pair>,
    Path((first, second)): Path<(i64, String)>,
) -> String {
    format!("{x} {y} {first} {second}")
}

fn router() -> Router {
    Router::new()
        .route("/panic", get(boom))
        .route(
            "/report",
            get(async || -> Reply { Err(not_ported("report", "calls pandas.read_sql")) }),
        )
        .route(
            "/write",
            get(async |ctx: Ctx| -> Reply {
                ctx.session.set("a", 1);
                Ok(html("written"))
            }),
        )
        .route(
            "/read",
            get(async |ctx: Ctx| json(&ctx, &json!(ctx.session.get("a")))),
        )
        .route("/a/{x}/", get(async |Path(x): Path<i64>| x.to_string()))
        .route("/~b", get(async |Path(x): Path<String>| x))
        .route("/loose/", get(async |ctx: Ctx| ctx.path().to_owned()))
        .route("/pair/{x}/{y}", get(pair))
        .route(
            "/query",
            get(async |Query(page): Query<Page>| format!("{} {:?}", page.0, page.1))
                .post(async |Form(page): Form<Page>| format!("{} {:?}", page.0, page.1)),
        )
}

async fn answer(request: Request<Body>) -> (u16, String) {
    let response = serve::<Small>(router())
        .oneshot(request)
        .await
        .expect("an answer");
    let status = response.status().as_u16();
    let bytes = response
        .into_body()
        .collect()
        .await
        .expect("a body")
        .to_bytes();
    (status, String::from_utf8_lossy(&bytes).into_owned())
}

async fn ask(path: &str) -> (u16, String) {
    answer(Request::get(path).body(Body::empty()).expect("a request")).await
}

fn is(status: u16, body: &str) -> (u16, String) {
    (status, body.to_owned())
}

#[tokio::test]
async fn stubs_around_a_view_say_so() {
    for (path, stub) in [("/read", "after"), ("/nope", "after"), ("/nope", "error")] {
        let request = Request::get(path).header("x-fail", stub);
        let request = request.body(Body::empty()).expect("a request");
        let reason = format!("`{stub}` is not ported: a stub\n");
        assert_eq!(answer(request).await, is(501, &reason), "{path}");
    }
}

#[tokio::test]
async fn failures() {
    assert_eq!(ask("/panic").await, is(200, "handled 500"));
    assert_eq!(ask("/nope").await, is(200, "handled 404"));
    let reason = "`report` is not ported: calls pandas.read_sql\n";
    assert_eq!(
        ask("/report").await,
        is(501, reason),
        "no error handler takes it"
    );
    let failing = Request::get("/read")
        .header("x-fail", "1")
        .body(Body::empty())
        .expect("a request");
    assert_eq!(answer(failing).await, is(200, "handled 500"));
}

#[tokio::test]
async fn sessions_need_a_key() {
    assert_eq!(ask("/read").await, is(200, "null\n"));
    assert_eq!(ask("/write").await, is(200, "handled 500"));
    let request = Request::get("/write")
        .body(Body::empty())
        .expect("a request");
    let response = serve_with::<Small>(router(), Some("key"))
        .oneshot(request)
        .await
        .expect("an answer");
    assert!(response.headers().contains_key("set-cookie"));
}

#[tokio::test]
async fn dispatching() {
    assert_eq!(ask("/a/5/").await, is(200, "5"));
    assert_eq!(ask("/a/5/6/end").await, is(200, "5/6"));
    assert_eq!(
        ask("/~b").await,
        is(200, "handled 404"),
        "not reached from outside"
    );
    assert_eq!(ask("/loose").await, is(200, "/loose"));
    assert_eq!(
        ask("/a/99999999999999999999/").await,
        is(200, "handled 404")
    );
    assert_eq!(ask("/pair/7/a%20b").await, is(200, "7 a b 7 a b"));
    assert_eq!(
        ask("/query?page=x&tag=a&tag=b").await,
        is(200, "1 [\"a\", \"b\"]")
    );
}

#[tokio::test]
async fn forms() {
    let post = |body: String| {
        let request =
            Request::post("/query").header("content-type", "application/x-www-form-urlencoded");
        answer(request.body(Body::from(body)).expect("a request"))
    };
    assert_eq!(
        post("page=2&tag=%C3%A9".to_owned()).await,
        is(200, "2 [\"é\"]")
    );
    assert_eq!(post("x".repeat(101)).await, is(200, "handled 413"));
}

/// Requests that a careless port would panic at.
#[tokio::test]
async fn odd_requests() {
    let long = format!("/{}", "a/".repeat(20_000));
    let paths = [
        "/%",
        "/%ff%fe",
        "/%00",
        "//",
        "/a/%2F/",
        "/a/-1/",
        "*",
        "/?%",
        "/query?page=%ff&&==",
        "/\u{7f}",
        &long,
    ];
    for path in paths {
        let Ok(uri) = path.parse::<Uri>() else {
            continue;
        };
        for method in ["GET", "HEAD", "OPTIONS", "BREW", "CONNECT", "TRACE"] {
            let request = Request::builder().method(method).uri(uri.clone());
            let request = request
                .header("cookie", b"=; ;;\xff=\"\\9; session=.x.y".as_slice())
                .header("host", b"\xff:99999".as_slice())
                .header("content-type", "multipart/form-data; boundary=\"")
                .header("range", "bytes=-")
                .header("content-length", "x");
            let (status, _) = answer(request.body(Body::from("--\r\n")).expect("a request")).await;
            assert!(status < 500, "{method} {path}: {status}");
        }
    }
}

struct Rotated;

impl Application for Rotated {
    const RULES: &'static [Rule] = Small::RULES;
    const SETTINGS: Settings = Settings {
        secret_key: Some("new"),
        secret_key_fallbacks: &["key"],
        ..Settings::new()
    };
}

/// A cookie of an older key is read, and signed anew when the session changes.
#[tokio::test]
async fn older_keys() {
    let request = |path: &str, cookie: &str| {
        let request = Request::get(path).header("cookie", cookie);
        request.body(Body::empty()).expect("a request")
    };
    let cookie_of = |response: &Response| {
        let value = response
            .headers()
            .get("set-cookie")
            .expect("a cookie")
            .to_str()
            .expect("ASCII");
        value.split(';').next().unwrap_or_default().to_owned()
    };
    let old = serve_with::<Small>(router(), Some("key"))
        .oneshot(request("/write", ""))
        .await
        .expect("an answer");
    let old = cookie_of(&old);
    let app = serve::<Rotated>(router());
    let read = app
        .clone()
        .oneshot(request("/read", &old))
        .await
        .expect("an answer");
    let bytes = read.into_body().collect().await.expect("a body").to_bytes();
    assert_eq!(bytes.as_ref(), b"1\n");
    let new = app
        .oneshot(request("/write", &old))
        .await
        .expect("an answer");
    assert_ne!(cookie_of(&new).rsplit('.').next(), old.rsplit('.').next());
}
