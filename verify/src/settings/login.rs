//! Logging in: the requests of `[verify.login]` as recipes.
//!
//! A form is posted as a browser does it: its page is got first, and values that the page holds go back with it.
//! Where a path or a value has `{field:NAME}`, the field NAME of the page that was got last stands in its
//! place. The tokens of [`TOKENS`] need not be written: every form gets those that it does not name itself, since the
//! page cannot be looked into before the request is made. An app without such tokens sees empty fields of these names at most.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::http::{Content, Piece, Recipe, Text};

/// The session of the requests that log in.
pub const SESSION: &str = "login";

/// Hidden fields that guard forms: Flask-WTF's (flask_wtf/csrf.py, `WTF_CSRF_FIELD_NAME`), Flask-SeaSurf's
/// (flask_seasurf.py, `CSRF_COOKIE_NAME`), Django's (django/middleware/csrf.py).
pub const TOKENS: [&str; 3] = ["csrf_token", "_csrf_token", "csrfmiddlewaretoken"];

/// A request of `[verify.login]`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "Written")]
pub struct LoginRequest {
    /// The method, in capitals.
    pub method: String,
    /// Path and query; may have holes.
    pub path: String,
    /// Headers.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: Body,
}

/// The body of a login request.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// None.
    None,
    /// Fields, whose values may have holes.
    Form(BTreeMap<String, String>),
    /// A document.
    Json(serde_json::Value),
    /// Text as it stands.
    Text(String),
}

/// A request as the file has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    method: Option<String>,
    path: WrittenPath,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    form: Option<BTreeMap<String, String>>,
    json: Option<serde_json::Value>,
    body: Option<String>,
}

/// A path, checked by itself so that the error has its line.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct WrittenPath(String);

impl TryFrom<String> for WrittenPath {
    type Error = String;

    fn try_from(path: String) -> Result<Self, String> {
        if path.starts_with('/') {
            Ok(Self(path))
        } else {
            Err(format!("the path `{path}` does not begin with `/`"))
        }
    }
}

impl TryFrom<Written> for LoginRequest {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let Written {
            method,
            path: WrittenPath(path),
            headers,
            form,
            json,
            body,
        } = written;
        let body = match (form, json, body) {
            (None, None, None) => Body::None,
            (Some(form), None, None) => Body::Form(form),
            (None, Some(json), None) => Body::Json(json),
            (None, None, Some(text)) => Body::Text(text),
            _ => {
                return Err(format!(
                    "the request of `{path}` has more than one of `form`, `json` and `body`"
                ));
            }
        };
        let usual = if body == Body::None { "GET" } else { "POST" };
        Ok(Self {
            method: method.map_or_else(|| usual.to_owned(), |m| m.to_ascii_uppercase()),
            path,
            headers,
            body,
        })
    }
}

/// The recipes of requests, pages of posted forms got before them.
pub(super) fn recipes(requests: &[LoginRequest]) -> Vec<Recipe> {
    let mut out: Vec<Recipe> = Vec::new();
    // What the holes are filled from: the name of the page that was got last.
    let mut page = String::new();
    for request in requests {
        let target = text(&request.path, &page);
        let mut get = |target: &Text, aim: &str, headers| {
            page = format!("{SESSION} {}", out.len() + 1);
            out.push(Recipe {
                session: SESSION.into(),
                method: "GET".into(),
                target: target.clone(),
                headers,
                keep: Some(page.clone()),
                aim: aim.into(),
                ..Recipe::default()
            });
        };
        let mut headers: Vec<(String, Text)> = request
            .headers
            .iter()
            .map(|(name, value)| (name.clone(), value.as_str().into()))
            .collect();
        if request.method == "GET" && request.body == Body::None {
            get(&target, "login", headers);
            continue;
        }
        let content = match &request.body {
            Body::None => Content::None,
            Body::Form(form) => {
                if request.method == "POST" {
                    get(&target, "page of the login form", headers.clone());
                }
                Content::Form(fields(form, &page))
            }
            Body::Json(json) => {
                typed(&mut headers, "application/json");
                Content::Bytes(json.to_string().into_bytes())
            }
            Body::Text(text) => {
                typed(&mut headers, "text/plain; charset=utf-8");
                Content::Bytes(text.clone().into_bytes())
            }
        };
        out.push(Recipe {
            session: SESSION.into(),
            method: request.method.clone(),
            target,
            headers,
            content,
            keep: None,
            aim: "login".into(),
        });
    }
    out
}

/// The `Content-Type`, where the request does not say it.
fn typed(headers: &mut Vec<(String, Text)>, usual: &str) {
    let said = |(name, _): &(String, Text)| name.eq_ignore_ascii_case("content-type");
    if !headers.iter().any(said) {
        headers.push(("Content-Type".into(), usual.into()));
    }
}

/// The fields of a form, tokens of its page after them.
fn fields(form: &BTreeMap<String, String>, page: &str) -> Vec<(String, Text)> {
    let own = form
        .iter()
        .map(|(name, value)| (name.clone(), text(value, page)));
    let tokens = TOKENS
        .iter()
        .filter(|name| !form.contains_key(**name))
        .map(|name| ((*name).to_owned(), Text(vec![field(name, page)])));
    own.chain(tokens).collect()
}

fn field(name: &str, page: &str) -> Piece {
    Piece::Field {
        of: page.to_owned(),
        name: name.to_owned(),
    }
}

/// A text with its holes `{field:NAME}`.
fn text(written: &str, page: &str) -> Text {
    let mut pieces = Vec::new();
    let mut rest = written;
    while let Some((before, after)) = rest.split_once("{field:") {
        let Some((name, after)) = after.split_once('}') else {
            break;
        };
        if !before.is_empty() {
            pieces.push(Piece::Literal(before.to_owned()));
        }
        pieces.push(field(name, page));
        rest = after;
    }
    if !rest.is_empty() || pieces.is_empty() {
        pieces.push(Piece::Literal(rest.to_owned()));
    }
    Text(pieces)
}
