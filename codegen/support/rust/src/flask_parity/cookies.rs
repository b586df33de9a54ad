//! Cookies as Werkzeug reads and writes them (werkzeug.http.parse_cookie, dump_cookie).

use std::sync::LazyLock;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::http::{HeaderMap, HeaderValue, header};
use regex::Regex;

use super::dates::{http_date, in_seconds};
use super::inputs::MultiDict;
use super::quoting::quote;

static COOKIE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"\A[ \t]*([^ \t=";]+)(?:[ \t]*=[ \t]*("(?:[^\\"]|\\.)*"|[^ \t";]*))?[ \t]*(?:;|\z)"#,
    )
    .ok()
});

/// The `Cookie` header; of repeated cookies the first counts.
pub fn parse_cookies(header: &str) -> MultiDict {
    let mut pairs = Vec::new();
    let mut rest = header;
    while !rest.is_empty() {
        let Some(found) = COOKIE.as_ref().and_then(|pattern| pattern.captures(rest)) else {
            let Some((_, after)) = rest.split_once(';') else {
                break;
            };
            rest = after;
            continue;
        };
        let value = found.get(2).map_or("", |value| value.as_str());
        let quoted = value.len() >= 2 && value.starts_with('"') && value.ends_with('"');
        let value = if quoted {
            unquote(&value[1..value.len() - 1])
        } else {
            value.to_owned()
        };
        pairs.push((found[1].to_owned(), value));
        rest = &rest[found[0].len()..];
    }
    MultiDict::new(pairs)
}

/// `\054` and `\"` in a quoted value.
fn unquote(value: &str) -> String {
    let bytes = value.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let octal = |at: usize| {
            bytes
                .get(at)
                .filter(|byte| (b'0'..=b'7').contains(byte))
                .map(|byte| byte - b'0')
        };
        match (bytes[at], bytes.get(at + 1)) {
            (b'\\', Some(next)) => match (
                octal(at + 1).filter(|high| *high < 4),
                octal(at + 2),
                octal(at + 3),
            ) {
                (Some(high), Some(middle), Some(low)) => {
                    out.push(high << 6 | middle << 3 | low);
                    at += 4;
                }
                _ => {
                    out.push(*next);
                    at += 2;
                }
            },
            (byte, _) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Attributes of a cookie to be set; the defaults are those of `response.set_cookie`.
#[derive(Clone, Debug)]
pub struct Cookie<'a> {
    /// `max_age=`, in seconds; sets `Expires` too.
    pub max_age: Option<i64>,
    /// `expires=`
    pub expires: Option<SystemTime>,
    /// `path=`
    pub path: Option<&'a str>,
    /// `domain=`
    pub domain: Option<&'a str>,
    /// `secure=`
    pub secure: bool,
    /// `httponly=`
    pub httponly: bool,
    /// `samesite=`
    pub samesite: Option<&'a str>,
}

impl Default for Cookie<'_> {
    fn default() -> Self {
        Self {
            max_age: None,
            expires: None,
            path: Some("/"),
            domain: None,
            secure: false,
            httponly: false,
            samesite: None,
        }
    }
}

impl Cookie<'_> {
    /// The same as `response.delete_cookie` sends it: empty, and expired since 1970.
    pub fn expired(mut self) -> Self {
        self.max_age = Some(0);
        self.expires = Some(UNIX_EPOCH);
        self
    }

    /// A `Set-Cookie` value.
    pub fn dump(&self, name: &str, value: &str) -> String {
        let mut out = format!("{name}={}", quoted(value));
        let mut add = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                out = format!("{out}; {name}={value}");
            }
        };
        let by_age = self
            .max_age
            .map(|age| in_seconds(u64::try_from(age).unwrap_or(0)));
        add(
            "Domain",
            self.domain
                .map(|domain| domain.trim_start_matches('.').to_owned()),
        );
        add("Expires", self.expires.or(by_age).map(http_date));
        add("Max-Age", self.max_age.map(|age| age.to_string()));
        if self.secure {
            out.push_str("; Secure");
        }
        if self.httponly {
            out.push_str("; HttpOnly");
        }
        if let Some(path) = self.path {
            out = format!("{out}; Path={}", quote(path, "%!$&'()*+,/:=@"));
        }
        if let Some(samesite) = self.samesite {
            let (first, rest) = samesite.split_at(samesite.len().min(1));
            out = format!(
                "{out}; SameSite={}{}",
                first.to_ascii_uppercase(),
                rest.to_ascii_lowercase()
            );
        }
        out
    }

    /// Adds the cookie to a response.
    pub fn set(&self, headers: &mut HeaderMap, name: &str, value: &str) {
        if let Ok(value) = HeaderValue::from_str(&self.dump(name, value)) {
            headers.append(header::SET_COOKIE, value);
        }
    }
}

fn quoted(value: &str) -> String {
    let plain =
        |byte: u8| byte.is_ascii_alphanumeric() || b"_!#$%&'()*+-./:<=>?@[]^`{|}~".contains(&byte);
    if value.bytes().all(plain) {
        return value.to_owned();
    }
    let mut out = String::from('"');
    for byte in value.bytes() {
        match byte {
            b'"' | b'\\' => out.extend(['\\', char::from(byte)]),
            0..=0x19 | b',' | b';' | 0x7F..=0xFF => out.push_str(&format!("\\{byte:03o}")),
            _ => out.push(char::from(byte)),
        }
    }
    out.push('"');
    out
}
