//! From a recipe to the request for one side.

use scraper::{Html, Selector};

use super::answer::Reply;
use super::digest;
use super::recipe::{Content, Part, Piece, Recipe, Request, Text};

/// What a side knows: the answers that it gave and the cookies that it set.
pub trait Memory {
    /// An answer that was kept.
    fn kept(&self, name: &str) -> Option<&Reply>;
    /// The value of a cookie in a session's jar.
    fn cookie(&self, session: &str, name: &str) -> Option<String>;
}

/// Fills the holes of a recipe.
pub fn fill(recipe: &Recipe, memory: &impl Memory) -> Request {
    let text = |text: &Text| filled(text, &recipe.session, memory);
    let mut headers: Vec<(String, String)> = recipe
        .headers
        .iter()
        .filter(|(_, value)| credentials(value).is_none())
        .map(|(name, value)| (name.clone(), text(value)))
        .collect();
    let mut typed = |value: String| {
        if !headers
            .iter()
            .any(|(n, _)| n.eq_ignore_ascii_case("content-type"))
        {
            headers.push(("Content-Type".into(), value));
        }
    };
    let body = match &recipe.content {
        Content::None => Vec::new(),
        Content::Bytes(bytes) => bytes.clone(),
        Content::Form(fields) => {
            typed("application/x-www-form-urlencoded".into());
            let mut form = url::form_urlencoded::Serializer::new(String::new());
            for (name, value) in fields {
                if !is_missing(value, &recipe.session, memory) {
                    form.append_pair(name, &text(value));
                }
            }
            form.finish().into_bytes()
        }
        Content::Multipart(parts) => {
            let parts: Vec<(&Part, String)> = parts
                .iter()
                .filter(|p| !is_missing(&p.value, &recipe.session, memory))
                .map(|p| (p, text(&p.value)))
                .collect();
            let boundary = boundary(&parts);
            typed(format!("multipart/form-data; boundary={boundary}"));
            multipart(&parts, &boundary)
        }
    };
    let target = encoded(&text(&recipe.target));
    for (name, value) in &recipe.headers {
        let Some((of, user, password)) = credentials(value) else {
            continue;
        };
        let challenges = memory.kept(of).into_iter();
        let mut challenges = challenges.flat_map(|r| r.all("www-authenticate"));
        let asked = (recipe.method.as_str(), target.as_str(), body.as_slice());
        let answer = challenges.find_map(|c| digest::answer(c, user, password, asked));
        headers.extend(answer.map(|a| (name.clone(), a)));
    }
    Request {
        method: recipe.method.clone(),
        target,
        headers,
        body,
        session: recipe.session.clone(),
    }
}

/// The hole for an answer to a challenge: where it is kept, user and password.
fn credentials(text: &Text) -> Option<(&str, &str, &str)> {
    match text.0.as_slice() {
        [Piece::Digest { of, user, password }] => Some((of, user, password)),
        _ => None,
    }
}

/// Whether a field's value is one hole for which this side has nothing: a page without a token sends none back.
fn is_missing(text: &Text, session: &str, memory: &impl Memory) -> bool {
    match text.0.as_slice() {
        [
            piece @ (Piece::Header { .. }
            | Piece::Field { .. }
            | Piece::Meta { .. }
            | Piece::Cookie(_)),
        ] => value(piece, session, memory).is_none(),
        _ => false,
    }
}

fn filled(text: &Text, session: &str, memory: &impl Memory) -> String {
    let pieces = text.0.iter();
    pieces
        .filter_map(|piece| value(piece, session, memory))
        .collect()
}

fn value(piece: &Piece, session: &str, memory: &impl Memory) -> Option<String> {
    match piece {
        Piece::Literal(text) => Some(text.clone()),
        Piece::Header { of, name } => memory.kept(of)?.header(name).map(str::to_owned),
        Piece::Field { of, name } => field(&page(of, memory)?, name),
        Piece::Meta { of, name } => meta(&page(of, memory)?, name),
        Piece::Cookie(name) => memory.cookie(session, name),
        Piece::Digest { .. } => None,
    }
}

fn page(of: &str, memory: &impl Memory) -> Option<Html> {
    let reply = memory.kept(of)?;
    let text = String::from_utf8_lossy(&reply.body.start);
    Some(Html::parse_document(&text))
}

fn field(page: &Html, name: &str) -> Option<String> {
    let fields = Selector::parse("input[name], button[name]").ok()?;
    let named = |e: &scraper::ElementRef<'_>| e.attr("name") == Some(name);
    let found = page.select(&fields).find(named)?;
    Some(found.attr("value").unwrap_or_default().to_owned())
}

fn meta(page: &Html, name: &str) -> Option<String> {
    let all = Selector::parse("meta[name]").ok()?;
    let named = |e: &scraper::ElementRef<'_>| e.attr("name") == Some(name);
    let found = page.select(&all).find(named)?;
    found.attr("content").map(str::to_owned)
}

/// A boundary that no part contains; the same for every side as long as their values have none.
fn boundary(parts: &[(&Part, String)]) -> String {
    let mut boundary = String::from("----migrate");
    while parts.iter().any(|(_, value)| value.contains(&boundary)) {
        boundary.push('x');
    }
    boundary
}

/// As browsers write it: names and file names in UTF-8, `"` and line ends escaped (WHATWG HTML, "multipart form data").
fn multipart(parts: &[(&Part, String)], boundary: &str) -> Vec<u8> {
    let escaped = |name: &str| {
        name.replace('"', "%22")
            .replace('\r', "%0D")
            .replace('\n', "%0A")
    };
    let mut body = String::new();
    for (part, value) in parts {
        let name = escaped(&part.name);
        body.push_str(&format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\""
        ));
        if let Some((file, kind)) = &part.file {
            let file = escaped(file);
            body.push_str(&format!("; filename=\"{file}\"\r\nContent-Type: {kind}"));
        }
        body.push_str("\r\n\r\n");
        body.push_str(value);
        body.push_str("\r\n");
    }
    body.push_str(&format!("--{boundary}--\r\n"));
    body.into_bytes()
}

/// A target that can stand in a request line: what RFC 3986 allows nowhere is percent-encoded, everything else stays.
fn encoded(target: &str) -> String {
    let mut out = String::with_capacity(target.len());
    for byte in target.bytes() {
        match byte {
            b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' | b'#' => {
                out.push_str(&format!("%{byte:02X}"));
            }
            0x21..=0x7e => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    if out.starts_with('/') || out == "*" {
        out
    } else {
        format!("/{out}")
    }
}
