//! The request's body: form fields and raw bytes (werkzeug.formparser, werkzeug.wrappers.Request).

use std::convert::Infallible;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, header};
use futures_util::stream;
use http_body_util::{BodyExt, Limited};

use super::application::Settings;
use super::error::{Abort, abort};
use super::inputs::MultiDict;
use super::quoting::parse_pairs;

/// What came with a request. An error is one for those who read it: Flask reads late, so an oversized body that nobody
/// asks for does no harm.
#[derive(Clone, Debug)]
pub struct Received {
    /// The raw body.
    pub raw: Result<Bytes, Abort>,
    /// Text fields.
    pub form: Result<MultiDict, Abort>,
    /// Whether the form parser has consumed the body, which leaves `request.data` empty.
    pub is_form: bool,
}

/// Reads and parses a body up to the limits of the settings.
pub async fn receive(headers: &HeaderMap, body: Body, settings: &Settings) -> Received {
    let raw = read(headers, body, settings.max_content_length).await;
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .map(|value| String::from_utf8_lossy(value.as_bytes()));
    let content_type = content_type.unwrap_or_default();
    let kind = mimetype(&content_type);
    let boundary = option(&content_type, "boundary")
        .filter(|boundary| kind == "multipart/form-data" && boundary.is_ascii());
    let is_form = kind == "application/x-www-form-urlencoded" || boundary.is_some();
    let form = match &raw {
        // A declared length is refused before the type of the body is looked at.
        Err(error) if is_form || declared_length(headers).is_some() => Err(error.clone()),
        // A body that is no UTF-8 gives no fields.
        Ok(bytes) if kind == "application/x-www-form-urlencoded" => Ok(std::str::from_utf8(bytes)
            .map(|text| MultiDict::new(parse_pairs(text.as_bytes())))
            .unwrap_or_default()),
        Ok(bytes) => match boundary {
            Some(boundary) => multipart(bytes.clone(), boundary, settings).await,
            None => Ok(MultiDict::default()),
        },
        Err(_) => Ok(MultiDict::default()),
    };
    Received { raw, form, is_form }
}

/// `request.mimetype`: small letters, without parameters.
pub fn mimetype(content_type: &str) -> String {
    content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}

/// A parameter of a header: a token, or text in quotes (werkzeug.http.parse_options_header).
fn option(header: &str, name: &str) -> Option<String> {
    let token = |c: &char| c.is_ascii_alphanumeric() || "_!#$%&'*+-.^`|~".contains(*c);
    let mut found = None;
    let (_, mut rest) = header.split_once(';')?;
    loop {
        rest = rest.trim_start_matches([' ', '\t']);
        let key: String = rest.chars().take_while(token).collect();
        if let Some(value) = rest
            .get(key.len()..)
            .and_then(|rest| rest.strip_prefix('='))
            && !key.is_empty()
        {
            let plain: String = value.chars().take_while(token).collect();
            rest = value.get(plain.len()..).unwrap_or_default();
            let value = if !plain.is_empty() {
                Some(plain)
            } else {
                in_quotes(&mut rest)
            };
            if let Some(value) =
                value.filter(|value| key.eq_ignore_ascii_case(name) && !value.is_empty())
            {
                found = Some(value);
            }
        }
        match rest.split_once(';') {
            Some((_, after)) => rest = after,
            None => return found,
        }
    }
}

/// Takes quoted text off the front; a backslash escapes itself and quotes.
fn in_quotes(rest: &mut &str) -> Option<String> {
    let inner = rest.strip_prefix('"')?;
    let mut out = String::new();
    let mut letters = inner.char_indices().peekable();
    while let Some((at, c)) = letters.next() {
        match (c, letters.peek()) {
            ('\\', Some((_, next @ ('\\' | '"')))) => {
                out.push(*next);
                letters.next();
            }
            ('"', _) => {
                *rest = inner.get(at + 1..).unwrap_or_default();
                return Some(out);
            }
            _ => out.push(c),
        }
    }
    None
}

fn declared_length(headers: &HeaderMap) -> Option<u64> {
    headers
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

async fn read(headers: &HeaderMap, body: Body, limit: Option<u64>) -> Result<Bytes, Abort> {
    let declared = declared_length(headers);
    if limit.is_some_and(|limit| declared.is_some_and(|declared| declared > limit)) {
        return Err(abort(413));
    }
    let limit = limit
        .and_then(|limit| usize::try_from(limit).ok())
        .unwrap_or(usize::MAX);
    match Limited::new(body, limit).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => Err(abort(413)),
        // werkzeug's ClientDisconnected
        Err(_) => Err(abort(400)),
    }
}

/// What Werkzeug reads of a multipart body at once, and compares with `max_form_memory_size`.
const CHUNK: usize = 64 * 1024;

/// Text fields of a multipart body; a malformed one has none, one above the limits is a 413.
async fn multipart(
    bytes: Bytes,
    boundary: String,
    settings: &Settings,
) -> Result<MultiDict, Abort> {
    let too_large = |size: usize| {
        let size = u64::try_from(size).unwrap_or(u64::MAX);
        settings
            .max_form_memory_size
            .is_some_and(|most| size > most)
    };
    if too_large(bytes.len().min(CHUNK)) {
        return Err(abort(413));
    }
    let mut parts = multer::Multipart::new(stream::iter([Ok::<_, Infallible>(bytes)]), boundary);
    let mut pairs = Vec::new();
    let mut count = 0;
    loop {
        let field = match parts.next_field().await {
            Ok(Some(field)) => field,
            Ok(None) => return Ok(MultiDict::new(pairs)),
            Err(_) => return Ok(MultiDict::default()),
        };
        count += 1;
        if settings.max_form_parts.is_some_and(|most| count > most) {
            return Err(abort(413));
        }
        let is_file = field.file_name().is_some() || has_extended_name(field.headers());
        let name = field.name().unwrap_or_default().to_owned();
        let charset = field
            .content_type()
            .and_then(|kind| kind.get_param("charset"));
        let charset = charset
            .map(|set| set.as_str().to_ascii_lowercase())
            .unwrap_or_default();
        let Ok(value) = field.bytes().await else {
            return Ok(MultiDict::default());
        };
        if is_file {
            continue;
        }
        if too_large(value.len()) {
            return Err(abort(413));
        }
        let value = match charset.as_str() {
            "iso-8859-1" => value.iter().copied().map(char::from).collect(),
            "ascii" | "us-ascii" => value.iter().map(|byte| ascii(*byte)).collect(),
            _ => String::from_utf8_lossy(&value).into_owned(),
        };
        pairs.push((name, value));
    }
}

fn ascii(byte: u8) -> char {
    if byte.is_ascii() {
        char::from(byte)
    } else {
        char::REPLACEMENT_CHARACTER
    }
}

/// `filename*=`, which makes a file of a part too.
fn has_extended_name(headers: &HeaderMap) -> bool {
    let value = headers
        .get(header::CONTENT_DISPOSITION)
        .map(|value| value.as_bytes());
    let spelled = |bytes: &[u8]| {
        bytes
            .windows(10)
            .any(|part| part.eq_ignore_ascii_case(b"filename*="))
    };
    value.is_some_and(spelled)
}
