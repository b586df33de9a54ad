//! `examples/blog.rs` against what the original answered to the fixture's requests (written by `vectors/record.py`).

use axum::body::Body;
use axum::http::{HeaderMap, Request};
use flask_parity::flask_parity::application::serve;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

#[allow(dead_code, reason = "its main is for those who run it")]
#[path = "../examples/blog.rs"]
mod blog;

/// Not compared: what the server or the clock gives, and what depends on where files are.
const LEFT_OUT: [&str; 3] = ["etag", "last-modified", "set-cookie"];

fn comparable(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |name: &str, value: &str| match name {
        "allow" => {
            let mut methods: Vec<_> = value.split(", ").collect();
            methods.sort_unstable();
            methods.join(", ")
        }
        _ => value.to_owned(),
    };
    let kept = headers
        .iter()
        .filter(|(name, _)| !LEFT_OUT.contains(&name.as_str()));
    kept.map(|(name, value)| {
        (
            name.to_string(),
            text(name.as_str(), &String::from_utf8_lossy(value.as_bytes())),
        )
    })
    .collect()
}

#[tokio::test]
async fn answers_as_the_original() {
    let text = include_str!("vectors/blog.json");
    let recorded: Vec<Value> = serde_json::from_str(text).expect("JSON");
    let app = serve::<blog::Blog>(blog::router());
    let mut cookie: Option<String> = None;
    for case in &recorded {
        let (method, path) = (
            case["method"].as_str().expect("a method"),
            case["path"].as_str().expect("a path"),
        );
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "blog.example:8080");
        for header in case["headers"].as_array().into_iter().flatten() {
            request = request.header(
                header[0].as_str().expect("a name"),
                header[1].as_str().expect("a value"),
            );
        }
        if let Some(cookie) = &cookie {
            request = request.header("cookie", cookie);
        }
        let body = case["body"]
            .as_str()
            .map_or_else(Body::empty, |body| Body::from(body.to_owned()));
        let response = app
            .clone()
            .oneshot(request.body(body).expect("a request"))
            .await
            .expect("an answer");

        let status = response.status().as_u16();
        let mut headers = comparable(response.headers());
        let set_cookie = response
            .headers()
            .get("set-cookie")
            .map(|value| value.to_str().expect("ASCII").to_owned());
        let bytes = response
            .into_body()
            .collect()
            .await
            .expect("a body")
            .to_bytes();
        // The server adds the length.
        if !headers.iter().any(|(name, _)| name == "content-length") && status != 304 {
            headers.push(("content-length".to_owned(), bytes.len().to_string()));
        }
        headers.sort();
        if let Some(set_cookie) = set_cookie {
            let (value, attributes) = set_cookie.split_once("; ").expect("attributes");
            cookie = Some(value.to_owned()).filter(|value| value != "session=");
            let value = if cookie.is_some() {
                "session=…"
            } else {
                value
            };
            headers.push(("set-cookie".to_owned(), format!("{value}; {attributes}")));
        }
        let ours =
            json!({"status": status, "headers": headers, "body": String::from_utf8_lossy(&bytes)});
        assert_eq!(ours, case["answer"], "{method} {path}");
    }
    assert_eq!(recorded.len(), 71);
}
