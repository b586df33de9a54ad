//! Values for fields and keys: likely ones by name, and those that servers like to read differently.

use std::fmt::Write as _;

/// Kinds of value that a name or an HTML input type suggests.
const LIKELY: &[(&[&str], &str)] = &[
    (&["email", "mail"], "ann@example.org"),
    (&["password", "passwd", "pwd", "confirm"], PASSWORD),
    (&["username", "user_name", "login", "nick"], USER),
    (&["next", "redirect", "return_to", "continue"], "/"),
    (
        &["url", "link", "website", "homepage"],
        "https://example.org/a",
    ),
    (&["datetime"], "2024-02-03T04:05"),
    (&["date", "day", "birthday", "since", "until"], "2024-02-03"),
    (&["time"], "04:05"),
    (&["month"], "2024-02"),
    (&["year"], "2024"),
    (&["phone", "tel"], "+49301234567"),
    (&["color", "colour"], "#aabbcc"),
    (&["price", "amount", "total"], "12.50"),
    (
        &[
            "id", "count", "number", "limit", "page", "size", "qty", "quantity", "age", "offset",
            "per_page", "num",
        ],
        "1",
    ),
    (&["title", "subject"], "A title"),
    (
        &[
            "body",
            "text",
            "content",
            "message",
            "comment",
            "description",
        ],
        "Some text",
    ),
    (&["name"], "Ann"),
    (&["lang", "locale", "language"], "en"),
    (&["remember", "agree", "accept", "checkbox"], "y"),
];

/// Name of a user that is registered by the way.
pub const USER: &str = "traveller";

/// Their password: long, with letters of both cases, a digit and a sign, since many apps ask for these.
pub const PASSWORD: &str = "Secret-1234";

/// Whether a key asks for a password.
#[must_use]
pub fn is_password(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    ["password", "passwd", "pwd", "passphrase"]
        .iter()
        .any(|p| key.contains(p))
        || key == "pass"
        || key == "pw"
}

/// A likely value for a key; `kind` is an HTML input type or empty.
#[must_use]
pub fn likely(name: &str, kind: &str) -> String {
    let name = name.to_ascii_lowercase();
    let fits = |words: &[&str], text: &str| words.contains(&text);
    let parts = |words: &[&str]| {
        let mut parts = name.split(['_', '-', '.', '[', ']']);
        parts.any(|part| words.contains(&part))
    };
    let by_kind = LIKELY
        .iter()
        .find(|(words, _)| kind != "text" && fits(words, kind));
    let by_name = LIKELY.iter().find(|(words, _)| fits(words, &name));
    let by_part = LIKELY.iter().find(|(words, _)| parts(words));
    let found = by_kind.or(by_name).or(by_part);
    found.map_or_else(|| "some".to_owned(), |(_, value)| (*value).to_owned())
}

/// Percent-encodes text for a query, a form or a part of a path: everything but letters, digits and `-._~`.
#[must_use]
pub fn encoded(text: &str) -> String {
    keeping(text, b"-._~")
}

/// Percent-encodes a path; slashes and what else may stand in it stay.
#[must_use]
pub fn encoded_path(text: &str) -> String {
    keeping(text, b"-._~/:@!$&'()*+,;=%")
}

fn keeping(text: &str, kept: &[u8]) -> String {
    let mut out = String::with_capacity(text.len());
    for &byte in text.as_bytes() {
        if byte.is_ascii_alphanumeric() || kept.contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// Undoes percent codes; bytes that are no UTF-8 become replacement characters, as werkzeug reads a path.
#[must_use]
pub fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        let code = (bytes[i] == b'%').then(|| text.get(i + 1..i + 3)).flatten();
        match code.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                i += 3;
            }
            None => {
                out.push(bytes[i]);
                i += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// `a=1&b=2`, encoded.
#[must_use]
pub fn pairs<'p>(pairs: impl IntoIterator<Item = (&'p str, &'p str)>) -> String {
    let pairs = pairs.into_iter();
    let text: Vec<String> = pairs
        .map(|(k, v)| format!("{}={}", encoded(k), encoded(v)))
        .collect();
    text.join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_likely_for_their_name() {
        for (name, kind, value) in [
            ("email", "", "ann@example.org"),
            ("user_email", "text", "ann@example.org"),
            ("anything", "date", "2024-02-03"),
            ("post_id", "", "1"),
            ("title", "", "A title"),
            ("password2", "password", PASSWORD),
            ("zzz", "text", "some"),
        ] {
            assert_eq!(likely(name, kind), value, "{name}");
        }
        assert!(is_password("pw") && is_password("new_password") && !is_password("compass"));
    }

    proptest::proptest! {
        #[test]
        fn what_is_encoded_is_decoded(text in ".*") {
            proptest::prop_assert_eq!(decoded(&encoded(&text)), text);
        }
    }
}
