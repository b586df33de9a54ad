//! Differences that a port's server makes of every answer, undone in the original's before both are compared.
//!
//! `query`: the text of the request's own query is, wherever the original shows it, the same as that text with its keys
//! sorted, `a` written as `a=`, and what is empty left out. `utf-8`: headers that are not ASCII are sent in UTF-8, where
//! WSGI has Latin-1. Nothing else of an answer may differ for that.

use sha2::{Digest, Sha256};

use crate::http::{Answer, Body, Reply, Request};

/// What is undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    /// A query's order.
    Query,
    /// The encoding of headers.
    Utf8,
}

impl Level {
    /// By the field of a declaration.
    pub(super) fn of(field: &str) -> Option<Self> {
        match field {
            "query" => Some(Self::Query),
            "utf-8" => Some(Self::Utf8),
            _ => None,
        }
    }
}

/// An answer with differences undone, and the codes of those that it had.
pub(super) struct Levelled {
    pub(super) answer: Answer,
    pub(super) codes: Vec<String>,
}

/// The answer as the port's server would show it, by what is declared.
pub(super) fn levelled(answer: &Answer, request: &Request, levels: &[(Level, &str)]) -> Levelled {
    let mut out = Levelled {
        answer: answer.clone(),
        codes: Vec::new(),
    };
    let Answer::Reply(reply) = &mut out.answer else {
        return out;
    };
    for (level, code) in levels {
        let is_changed = match level {
            Level::Query => sort_queries(reply, request),
            Level::Utf8 => encode(reply),
        };
        if is_changed && out.codes.iter().all(|c| c != code) {
            out.codes.push((*code).to_owned());
        }
    }
    out
}

/// Headers in UTF-8, seen as Latin-1.
fn encode(reply: &mut Reply) -> bool {
    let mut is_changed = false;
    for (_, value) in &mut reply.headers {
        if !value.is_ascii() {
            *value = value.bytes().map(char::from).collect();
            is_changed = true;
        }
    }
    is_changed
}

fn sort_queries(reply: &mut Reply, request: &Request) -> bool {
    let Some((_, query)) = request.target.split_once('?') else {
        return false;
    };
    let sorted = sorted(query);
    if sorted == query {
        return false;
    }
    let mut is_changed = false;
    for (was, now) in spellings(query, &sorted) {
        for (_, value) in &mut reply.headers {
            if let Some(new) = replaced(value.as_bytes(), was.as_bytes(), now.as_bytes()) {
                *value = String::from_utf8_lossy(&new).into_owned();
                is_changed = true;
            }
        }
        is_changed |= replace(reply, was.as_bytes(), now.as_bytes());
    }
    is_changed
}

/// Pairs by their keys, in the order that Robyn's table and the port agree on.
fn sorted(query: &str) -> String {
    let mut pairs: Vec<(&str, &str)> = query
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .filter(|(key, value)| !key.is_empty() || !value.is_empty())
        .collect();
    pairs.sort_by_key(|(key, _)| *key);
    let texts: Vec<String> = pairs.iter().map(|(k, v)| format!("{k}={v}")).collect();
    texts.join("&")
}

/// A query and its new text as they stand in HTML, in JSON that is safe in HTML, and in another URL.
fn spellings(was: &str, now: &str) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = Vec::new();
    // One key alone is a word that may stand anywhere.
    let marks: &[&str] = if was.contains('&') {
        &["?", ""]
    } else {
        &["?"]
    };
    for mark in marks {
        for spell in [
            |q: &str| q.to_owned(),
            |q: &str| q.replace('&', "&amp;"),
            |q: &str| q.replace('&', "\\u0026"),
            |q: &str| quoted(q, ""),
            |q: &str| quoted(q, "/:=&?"),
            readable,
            |q: &str| readable(q).replace('&', "&amp;"),
            |q: &str| escaped(&readable(q)),
        ] {
            let pair = (
                spell(&format!("{mark}{was}")),
                spell(&format!("{mark}{now}")),
            );
            if out.iter().all(|(known, _)| *known != pair.0) {
                out.push(pair);
            }
        }
    }
    out
}

/// As people read it: letters outside of ASCII as they are (werkzeug.urls.uri_to_iri).
fn readable(query: &str) -> String {
    let mut out = String::new();
    let mut rest = query;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let bytes: Vec<u8> = rest.as_bytes()[at..]
            .chunks(3)
            .map_while(|code| match code {
                [b'%', a, b] => {
                    let text = [*a, *b];
                    let text = std::str::from_utf8(&text).ok()?;
                    u8::from_str_radix(text, 16).ok().filter(|b| *b >= 0x80)
                }
                _ => None,
            })
            .collect();
        match std::str::from_utf8(&bytes) {
            Ok(text) if !text.is_empty() => {
                out.push_str(text);
                rest = &rest[at + 3 * bytes.len()..];
            }
            _ => {
                out.push('%');
                rest = &rest[at + 1..];
            }
        }
    }
    out + rest
}

/// As JSON of ASCII alone has it.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for unit in text.encode_utf16() {
        match char::from_u32(u32::from(unit)).filter(char::is_ascii) {
            Some(c) => out.push(c),
            None => out.push_str(&format!("\\u{unit:04x}")),
        }
    }
    out
}

fn quoted(text: &str, safe: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'_' | b'.' | b'-' | b'~' => {
                char::from(byte).to_string()
            }
            _ if safe.as_bytes().contains(&byte) => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// Puts one text in the place of another in a body that is there as a whole; `Content-Length` follows.
fn replace(reply: &mut Reply, was: &[u8], now: &[u8]) -> bool {
    let body = &reply.body;
    if !body.is_kept() {
        return false;
    }
    let Some(start) = replaced(&body.start, was, now) else {
        return false;
    };
    let length = start.len() as u64;
    for (name, value) in &mut reply.headers {
        if name == "content-length" && *value == reply.body.length.to_string() {
            *value = length.to_string();
        }
    }
    reply.body = Body {
        length,
        digest: Sha256::digest(&start).into(),
        start,
        end: reply.body.end,
    };
    true
}

/// A text with another in the place of one that ends where it stands; `None` where it does not stand there.
fn replaced(text: &[u8], was: &[u8], now: &[u8]) -> Option<Vec<u8>> {
    let goes_on = |byte: &u8| byte.is_ascii_alphanumeric() || b"=%+-_.".contains(byte);
    let mut out = Vec::with_capacity(text.len());
    let mut place = 0;
    let mut is_found = false;
    while let Some(at) = text[place..].windows(was.len()).position(|w| w == was) {
        let (at, end) = (place + at, place + at + was.len());
        let ends = !text.get(end).is_some_and(goes_on);
        out.extend_from_slice(&text[place..at]);
        out.extend_from_slice(if ends { now } else { was });
        is_found |= ends;
        place = end;
    }
    out.extend_from_slice(&text[place..]);
    is_found.then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_sorted_and_their_values_keep_their_order() {
        for (query, expected) in [
            ("a=1&b=2", "a=1&b=2"),
            ("b=2&a=1&b=1", "a=1&b=2&b=1"),
            ("flag", "flag="),
            ("&&x=1&=", "x=1"),
            ("", ""),
        ] {
            assert_eq!(sorted(query), expected, "{query}");
        }
    }

    #[test]
    fn only_a_whole_query_gives_way() {
        let replaced = |text: &str| {
            let new = replaced(text.as_bytes(), b"?sort", b"?sort=")?;
            String::from_utf8(new).ok()
        };
        assert_eq!(replaced("a?sort\"").as_deref(), Some("a?sort=\""));
        assert_eq!(replaced("a?sort=x"), None);
        assert_eq!(
            replaced("?sorted, ?sort").as_deref(),
            Some("?sorted, ?sort=")
        );
    }
}
