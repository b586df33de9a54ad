//! Headers.
//!
//! Names are compared without case; values of a repeated header in their order; headers of different names in any order.
//!
//! - `Date`, `Server`, `Connection`, `Keep-Alive` and `Transfer-Encoding` are the server's business, not the app's.
//! - `Allow` is a set (Werkzeug makes it from one, in no order).
//! - `Vary` is a list of tokens, joined over repeated headers, without case (RFC 9110 12.5.5); order and doubles count.
//! - `Content-Type` is compared without the optional white space around `;` (RFC 9110 5.6.6).
//! - `Expires` depends on the moment and is told from the answer's own `Date`, within five seconds.
//! - `Content-Length` is out for 204 and 304 (servers disagree on whether these have one) and for HEAD where only one
//!   side sends it (RFC 9110 8.6 leaves that open). Otherwise having one or not is a difference: a client shows
//!   progress with it. Where on every side it is the length of the body that came, its value says no more than
//!   the body does, and is not reported beside it.
//! - `Set-Cookie`: see [`super::cookies`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;

use super::dates::Dated;
use super::mask::Mask;
use super::{FieldDifference, Found, Replies, clock, cookies, shown};
use crate::http::{End, Reply};

/// Names that are not compared.
const OUT: [&str; 5] = [
    "connection",
    "date",
    "keep-alive",
    "server",
    "transfer-encoding",
];

/// What stands for a header that a side does not send.
pub(super) const ABSENT: &str = "absent";

pub(super) fn compare(replies: Replies<'_>, secret: Option<&str>, found: &mut Found) {
    let sides = [replies.original, replies.again, replies.port].map(by_name);
    let names: BTreeSet<&str> = sides.iter().flat_map(|s| s.keys().copied()).collect();
    for name in names {
        let [a, b, p] = [0, 1, 2].map(|i| sides[i].get(name).map_or(&[][..], Vec::as_slice));
        match name {
            _ if OUT.contains(&name) => {}
            "set-cookie" => cookies::compare(replies, secret, found),
            "content-length" => content_length(replies, [a, b, p], found),
            _ => values(name, replies, [a, b, p], found),
        }
    }
}

fn by_name(reply: &Reply) -> BTreeMap<&str, Vec<&str>> {
    let mut named: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, value) in &reply.headers {
        named.entry(name).or_default().push(value.trim());
    }
    named
}

fn content_length(replies: Replies<'_>, sides: [&[&str]; 3], found: &mut Found) {
    let is_bodiless = |reply: &Reply| matches!(reply.status, 204 | 304);
    if is_bodiless(replies.original) && is_bodiless(replies.port) {
        return;
    }
    let is_head = replies.request.method == "HEAD";
    if is_head && sides.iter().any(|s| s.is_empty()) {
        return;
    }
    let follows = |(values, reply): (&&[&str], &Reply)| {
        reply.body.end == End::Complete
            && matches!(values, [value] if value.parse() == Ok(reply.body.length))
    };
    let replies_of = [replies.original, replies.again, replies.port];
    if sides.iter().zip(replies_of).all(follows) {
        return;
    }
    values("content-length", replies, sides, found);
}

fn values(name: &str, replies: Replies<'_>, sides: [&[&str]; 3], found: &mut Found) {
    let [a, b, p] = [
        (sides[0], replies.original),
        (sides[1], replies.again),
        (sides[2], replies.port),
    ]
    .map(|(values, reply)| (canonical(name, values), reply.header("date")));
    let same = |x: &(Vec<String>, Option<&str>), y: &(Vec<String>, Option<&str>)| {
        x.0 == y.0 || name == "expires" && agree(x, y)
    };
    let field = format!("header:{}", display(name));
    let is_noise = !same(&a, &b);
    if is_noise {
        found.noise.insert(field.clone());
    }
    if same(&a, &p) || same(&b, &p) || is_noise && passes(&a.0, &b.0, &p.0) {
        return;
    }
    if name == "etag" && is_same_file(&a.0, &p.0) {
        found.noise.insert(field);
        return;
    }
    let joined = [&a, &p].map(|(values, _)| values.join(", "));
    if clock::agree((&joined[0], a.1), (&joined[1], p.1)) {
        found.noise.insert("clock".into());
        return;
    }
    let text = |values: &[&str]| {
        if values.is_empty() {
            ABSENT.into()
        } else {
            values.join(", ")
        }
    };
    let (original, port) = shown::pair(&text(sides[0]), &text(sides[2]));
    found
        .differences
        .push(FieldDifference::new(&field, original, port));
}

/// Whether two entity tags are Werkzeug's of one file at two places: `"TIME-SIZE-CHECKSUM"`, with the checksum of its path
/// (`werkzeug/utils.py`, `send_file`; `http.py` quotes it). Files of packages lie in each side's own environment.
fn is_same_file(a: &[String], p: &[String]) -> bool {
    static FORM: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#"^((?:W/)?"\d+\.\d+-\d+)-\d+"$"#).ok());
    let file = |values: &[String]| {
        let [value] = values else {
            return None;
        };
        let found = FORM.as_ref()?.captures(value)?;
        Some(found[1].to_owned())
    };
    file(a).is_some_and(|a| file(p) == Some(a))
}

/// Whether dates agree, each with the `Date` of its answer.
fn agree(x: &(Vec<String>, Option<&str>), y: &(Vec<String>, Option<&str>)) -> bool {
    let dated = |value, answered| Dated { value, answered };
    let (values, others) = (&x.0, &y.0);
    values.len() == others.len()
        && values
            .iter()
            .zip(others)
            .all(|(v, w)| dated(v, x.1).agrees(dated(w, y.1)))
}

/// Whether a port's values pass for those that differ between two runs.
fn passes(a: &[String], b: &[String], p: &[String]) -> bool {
    if a.len() != b.len() {
        return (a.len().min(b.len())..=a.len().max(b.len())).contains(&p.len());
    }
    p.len() == a.len()
        && a.iter().zip(b).zip(p).all(|((a, b), p)| {
            Mask::of(a.as_bytes(), b.as_bytes())
                .check(p.as_bytes())
                .is_ok()
        })
}

/// A header's values with all that does not count made equal.
fn canonical(name: &str, values: &[&str]) -> Vec<String> {
    let tokens = || {
        let tokens = values.iter().flat_map(|v| v.split(','));
        tokens.map(str::trim).filter(|t| !t.is_empty())
    };
    match name {
        "allow" if !values.is_empty() => {
            let set: BTreeSet<&str> = tokens().collect();
            vec![set.into_iter().collect::<Vec<_>>().join(", ")]
        }
        "vary" => tokens().map(str::to_ascii_lowercase).collect(),
        "content-type" => values.iter().map(|v| parameters(v)).collect(),
        _ => values.iter().map(|&v| v.to_owned()).collect(),
    }
}

/// A value with parameters, without the white space around `;` outside of quotes.
fn parameters(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let (mut quoted, mut escaped) = (false, false);
    for c in value.chars() {
        if !quoted && c == ';' {
            out.truncate(out.trim_end().len());
        }
        if !quoted && c.is_ascii_whitespace() && out.ends_with(';') {
            continue;
        }
        quoted ^= c == '"' && !escaped;
        escaped = quoted && c == '\\' && !escaped;
        out.push(c);
    }
    out
}

/// The name of a header or a cookie's attribute as people write it: `ETag`, `Content-Type`.
pub(super) fn display(name: &str) -> String {
    match name {
        "etag" => return "ETag".into(),
        "www-authenticate" => return "WWW-Authenticate".into(),
        "httponly" => return "HttpOnly".into(),
        "samesite" => return "SameSite".into(),
        _ => {}
    }
    let mut start = true;
    let letters = name.chars().map(|c| {
        let shown = if start { c.to_ascii_uppercase() } else { c };
        start = c == '-';
        shown
    });
    letters.collect()
}
