//! `Set-Cookie`, cookie by cookie.
//!
//! - Cookies of different names come in any order; one that is sent twice is not one that is sent once.
//! - Attributes come in any order, their names without case; `SameSite` without case (RFC 6265bis 5.6.7); `Expires`
//!   within five seconds, told from the answer's `Date`. Other values are exact.
//! - A cookie that is over when it comes (`Max-Age` of none, `Expires` in the past) deletes: value and moment then say
//!   nothing, the other attributes count.
//! - A Flask session is compared by content, key by key, without the order of keys or the time it was signed at. Where the
//!   secret is known and the original is signed with it, the port must be too: else users are logged out at the switch.
//!   Without the secret, other signatures of the same content in the same second tell.

use std::collections::{BTreeMap, BTreeSet};

use super::dates::Dated;
use super::headers::ABSENT;
use super::json::{Document, Findings};
use super::mask::Mask;
use super::session::Session;
use super::{FieldDifference, Found, Replies, clock, shown};
use crate::http::Reply;

/// A cookie as it was set.
struct Cookie<'a> {
    name: &'a str,
    value: &'a str,
    /// Names in lower case, sorted; with their values.
    attributes: Vec<(String, &'a str)>,
    answered: Option<&'a str>,
}

impl<'a> Cookie<'a> {
    fn read(header: &'a str, answered: Option<&'a str>) -> Self {
        let (pair, rest) = header.split_once(';').unwrap_or((header, ""));
        let (name, value) = pair.split_once('=').unwrap_or(("", pair));
        let attributes = rest.split(';').map(str::trim).filter(|a| !a.is_empty());
        let mut attributes: Vec<(String, &str)> = attributes
            .map(|a| a.split_once('=').unwrap_or((a, "")))
            .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim()))
            .collect();
        attributes.sort();
        Self {
            name: name.trim(),
            value: value.trim(),
            attributes,
            answered,
        }
    }

    fn attribute(&self, name: &str) -> Option<&'a str> {
        let named = self.attributes.iter().find(|(n, _)| n == name);
        named.map(|(_, value)| *value)
    }

    /// Whether a client forgets the cookie. `Max-Age` goes before `Expires` (RFC 6265 5.3).
    fn deletes(&self) -> bool {
        if let Some(age) = self
            .attribute("max-age")
            .and_then(|a| a.parse::<i64>().ok())
        {
            return age <= 0;
        }
        self.attribute("expires").is_some_and(|value| {
            let answered = self.answered;
            Dated { value, answered }.is_past()
        })
    }

    /// The values of an attribute, once for each time that it is there.
    fn values(&self, name: &str) -> Vec<&'a str> {
        let named = self.attributes.iter().filter(|(n, _)| n == name);
        named.map(|(_, value)| *value).collect()
    }

    fn agrees_in(&self, attribute: &str, other: &Self) -> bool {
        let (mine, its) = (self.values(attribute), other.values(attribute));
        if mine.len() != its.len() {
            return false;
        }
        mine.iter().zip(its).all(|(&x, y)| match attribute {
            "samesite" => x.eq_ignore_ascii_case(y),
            "expires" => {
                let dated = |value, answered| Dated { value, answered };
                dated(x, self.answered).agrees(dated(y, other.answered))
            }
            _ => x == y,
        })
    }

    /// The cookie for people: a session by its content.
    fn text(&self) -> String {
        let value = Session::read(self.value).map_or_else(|| self.value.to_owned(), |s| s.content);
        let mut text = format!("{}={}", self.name, shown::short(&value));
        for (name, value) in &self.attributes {
            text.push_str("; ");
            text.push_str(&super::headers::display(name));
            if !value.is_empty() {
                text.push('=');
                text.push_str(value);
            }
        }
        text
    }
}

pub(super) fn compare(replies: Replies<'_>, secret: Option<&str>, found: &mut Found) {
    let [a, b, p] = [replies.original, replies.again, replies.port].map(by_name);
    let names: BTreeSet<&str> = [&a, &b, &p]
        .iter()
        .flat_map(|s| s.keys().copied())
        .collect();
    let (mut original, mut port) = (Vec::new(), Vec::new());
    for name in names {
        let [a, b, p] = [&a, &b, &p].map(|side| side.get(name).map_or(&[][..], Vec::as_slice));
        if a.len() != b.len() {
            found.noise.insert(format!("cookie:{name}"));
            let counts = a.len().min(b.len())..=a.len().max(b.len());
            if counts.contains(&p.len()) {
                continue;
            }
        }
        let mut remark = None;
        if a.len() == b.len() && a.len() == p.len() {
            for ((a, b), p) in a.iter().zip(b).zip(p) {
                if let Err(why) = cookie(a, b, p, secret, &mut found.noise) {
                    remark = remark.or(Some(why));
                }
            }
            if remark.is_none() {
                continue;
            }
        }
        original.push(texts(name, a));
        port.push(match remark {
            Some(Mismatch::Key) => format!("{} (signed with another key)", texts(name, p)),
            _ => texts(name, p),
        });
    }
    if !original.is_empty() {
        found.differences.push(FieldDifference::new(
            "header:Set-Cookie",
            original.join("\n"),
            port.join("\n"),
        ));
    }
}

fn by_name(reply: &Reply) -> BTreeMap<&str, Vec<Cookie<'_>>> {
    let answered = reply.header("date");
    let mut named: BTreeMap<&str, Vec<Cookie<'_>>> = BTreeMap::new();
    for header in reply.all("set-cookie") {
        let cookie = Cookie::read(header, answered);
        named.entry(cookie.name).or_default().push(cookie);
    }
    named
}

fn texts(name: &str, cookies: &[Cookie<'_>]) -> String {
    if cookies.is_empty() {
        return format!("{name}: {ABSENT}");
    }
    cookies
        .iter()
        .map(Cookie::text)
        .collect::<Vec<_>>()
        .join("\n")
}

/// In what two cookies of a name differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mismatch {
    Attribute,
    Value,
    /// The session's signature.
    Key,
}

fn cookie(
    a: &Cookie<'_>,
    b: &Cookie<'_>,
    p: &Cookie<'_>,
    secret: Option<&str>,
    noise: &mut BTreeSet<String>,
) -> Result<(), Mismatch> {
    let mut mismatch = None;
    let is_deletion = a.deletes() && b.deletes() && p.deletes();
    let attributes: BTreeSet<&str> = [a, b, p]
        .iter()
        .flat_map(|c| c.attributes.iter().map(|(name, _)| name.as_str()))
        .collect();
    for name in attributes {
        if is_deletion && matches!(name, "expires" | "max-age") {
            continue;
        }
        if !a.agrees_in(name, b) {
            noise.insert(format!(
                "cookie:{}:{}",
                a.name,
                super::headers::display(name)
            ));
        } else if !a.agrees_in(name, p) {
            mismatch = Some(Mismatch::Attribute);
        }
    }
    if !is_deletion {
        let value = value(a, b, p, secret, noise);
        mismatch = mismatch.or(value.err());
    }
    mismatch.map_or(Ok(()), Err)
}

fn value(
    a: &Cookie<'_>,
    b: &Cookie<'_>,
    p: &Cookie<'_>,
    secret: Option<&str>,
    noise: &mut BTreeSet<String>,
) -> Result<(), Mismatch> {
    let sessions = [a, b, p].map(|c| Session::read(c.value));
    if let [Some(original), Some(again), port] = &sessions {
        let Some(port) = port else {
            return Err(Mismatch::Value);
        };
        contents([a, b, p], [original, again, port], noise)?;
        return if is_signed_otherwise(original, again, port, secret) {
            Err(Mismatch::Key)
        } else {
            Ok(())
        };
    }
    if a.value != b.value {
        noise.insert(format!("cookie:{}", a.name));
    }
    let mask = || Mask::of(a.value.as_bytes(), b.value.as_bytes());
    if [a, b].iter().any(|c| c.value == p.value) || mask().check(p.value.as_bytes()).is_ok() {
        return Ok(());
    }
    if clock::agree((a.value, a.answered), (p.value, p.answered)) {
        noise.insert("clock".into());
        return Ok(());
    }
    Err(Mismatch::Value)
}

/// Compares what sessions hold, key by key.
fn contents(
    cookies: [&Cookie<'_>; 3],
    sessions: [&Session<'_>; 3],
    noise: &mut BTreeSet<String>,
) -> Result<(), Mismatch> {
    let texts = sessions.map(|s| s.content.clone());
    let findings = differing(&texts).ok_or(Mismatch::Value)?;
    let name = cookies[0].name;
    noise.extend(
        findings
            .noise
            .iter()
            .map(|path| format!("cookie:{name}:{path}")),
    );
    if findings.values.is_empty() {
        return Ok(());
    }
    let relative = |i: usize| clock::relative(&texts[i], cookies[i].answered);
    if let (Some(a), Some(b), Some(p)) = (relative(0), relative(1), relative(2))
        && differing(&[a, b, p]).is_some_and(|f| f.values.is_empty())
    {
        noise.insert("clock".into());
        return Ok(());
    }
    Err(Mismatch::Value)
}

fn differing(texts: &[String; 3]) -> Option<Findings> {
    let [a, b, p] = texts.each_ref().map(|text| Document::read(text));
    Some(a?.compare(&b?, &p?))
}

/// Whether the port signs with another key than the original: seen with the secret, and without it where all sides signed
/// the same content in the same second and only the port's signature is another.
fn is_signed_otherwise(
    original: &Session<'_>,
    again: &Session<'_>,
    port: &Session<'_>,
    secret: Option<&str>,
) -> bool {
    if let Some(secret) = secret
        && original.is_signed_with(secret)
    {
        return !port.is_signed_with(secret);
    }
    original.is_signed_like(again) == Some(true) && original.is_signed_like(port) == Some(false)
}
