//! Responses with Flask's bytes (flask.json, werkzeug.utils.redirect, werkzeug.wrappers.Response).

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::context::Ctx;
use super::error::{Reply, failure};
use super::json::{Style, dumps, dumps_indented};
use super::quoting::{escape, iri_to_uri};

/// What a view returns as a string: 200, `text/html; charset=utf-8`.
pub fn html(body: impl Into<String>) -> Response {
    text(body, "text/html")
}

/// `Response(body, mimetype=…)`.
pub fn text(body: impl Into<String>, mimetype: &str) -> Response {
    bytes(body.into().into_bytes(), mimetype)
}

/// `Response(bytes, mimetype=…)`.
pub fn bytes(body: impl Into<Vec<u8>>, mimetype: &str) -> Response {
    let mut response = Response::new(Body::from(body.into()));
    match HeaderValue::from_str(&content_type(mimetype)) {
        Ok(value) => {
            response.headers_mut().insert(header::CONTENT_TYPE, value);
            response
        }
        Err(_) => failure(format!("ValueError: content type {mimetype:?}")).into_response(),
    }
}

/// `jsonify(value)`, and what a view returns as a dict or a list.
pub fn json(ctx: &Ctx, value: &Value) -> Response {
    let settings = ctx.settings();
    let style = Style {
        sort_keys: settings.json_sort_keys,
        ascii: settings.json_ascii,
        ..Style::COMPACT
    };
    let body = if settings.json_compact {
        dumps(value, style)
    } else {
        dumps_indented(value, Style { colon: ": ", ..style }, 2)
    };
    text(format!("{body}\n"), "application/json")
}

/// `redirect(location, status)`: a page that names its target.
pub fn redirect(location: &str, status: u16) -> Response {
    let url = escape(location);
    let mut response = html(format!(
        "<!doctype html>\n<html lang=en>\n<title>Redirecting...</title>\n<h1>Redirecting...</h1>\n\
         <p>You should be redirected automatically to the target URL: <a href=\"{url}\">{url}</a>. If not, click the link.\n"
    ));
    let target = location_value(location);
    let (Some(target), Ok(status)) = (target, StatusCode::from_u16(status)) else {
        return failure(format!("ValueError: redirect to {location:?}")).into_response();
    };
    *response.status_mut() = status;
    response.headers_mut().insert(header::LOCATION, target);
    response
}

/// `None` for what Werkzeug refuses: a port that is no number, or the end of a line.
fn location_value(location: &str) -> Option<HeaderValue> {
    let uri = iri_to_uri(location).filter(|_| !location.contains(['\r', '\n']))?;
    HeaderValue::from_str(&uri).ok()
}

/// The answer to `OPTIONS`: empty, with `Allow`.
pub fn empty(allow: &str) -> Response {
    let mut response = html("");
    if let Ok(value) = HeaderValue::from_str(allow)
        && !allow.is_empty()
    {
        response.headers_mut().insert(header::ALLOW, value);
    }
    response
}

/// `return response, status`. A status that HTTP cannot send is a 500.
pub fn with_status(mut response: Response, status: i64) -> Reply {
    let known = u16::try_from(status)
        .ok()
        .and_then(|status| StatusCode::from_u16(status).ok());
    *response.status_mut() = known
        .filter(|status| status.as_u16() >= 200)
        .ok_or_else(|| failure(format!("status {status}")))?;
    Ok(response)
}

/// `response.headers[name] = value`. What cannot stand in a header is a 500.
pub fn with_header(mut response: Response, name: &str, value: &str) -> Reply {
    let name: HeaderName = name
        .parse()
        .map_err(|_| failure(format!("header {name:?}")))?;
    let value = if name == header::LOCATION {
        location_value(value)
    } else {
        header_value(value)
    };
    let value = value.ok_or_else(|| failure(format!("value of header {name}")))?;
    response.headers_mut().insert(name, value);
    Ok(response)
}

/// `response.headers.add(name, value)`.
pub fn add_header(mut response: Response, name: &str, value: &str) -> Reply {
    let name: HeaderName = name
        .parse()
        .map_err(|_| failure(format!("header {name:?}")))?;
    let value = header_value(value).ok_or_else(|| failure(format!("value of header {name}")))?;
    response.headers_mut().append(name, value);
    Ok(response)
}

/// WSGI sends Latin-1.
fn header_value(text: &str) -> Option<HeaderValue> {
    let bytes: Option<Vec<u8>> = text
        .chars()
        .map(|c| u8::try_from(u32::from(c)).ok())
        .collect();
    HeaderValue::from_bytes(&bytes?).ok()
}

/// With a charset where it is text (werkzeug.utils.get_content_type).
pub fn content_type(mimetype: &str) -> String {
    let others = [
        "application/ecmascript",
        "application/javascript",
        "application/sql",
        "application/xml",
        "application/xml-dtd",
        "application/xml-external-parsed-entity",
    ];
    if mimetype.starts_with("text/") || others.contains(&mimetype) || mimetype.ends_with("+xml") {
        return format!("{mimetype}; charset=utf-8");
    }
    mimetype.to_owned()
}

/// A response with another body: `response.data = …`.
pub fn with_body(mut response: Response, body: impl Into<String>) -> Response {
    *response.body_mut() = Body::from(body.into());
    response.headers_mut().remove(header::CONTENT_LENGTH);
    response
}
