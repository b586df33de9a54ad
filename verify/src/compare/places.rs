//! Names for places in a text, so that people know what was masked.

use std::sync::LazyLock;

use regex::bytes::Regex;

use super::shown;

/// How far back, in bytes, a name may stand.
const BACK: usize = 300;

/// Names of places (ascending): `text:csrf_token` for the value of a form's field or a `<meta>` of that name, `text:nonce`
/// for an attribute or key, `text:line 12` for all else.
pub(super) fn names(text: &[u8], places: impl Iterator<Item = usize>) -> Vec<String> {
    let (mut line, mut counted) = (1, 0);
    places
        .map(|at| {
            line += shown::line_number(&text[counted..], at - counted) - 1;
            counted = at;
            name_before(&text[at.saturating_sub(BACK)..at])
                .unwrap_or_else(|| format!("text:line {line}"))
        })
        .collect()
}

fn name_before(before: &[u8]) -> Option<String> {
    static ATTRIBUTE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r#"([A-Za-z_][A-Za-z0-9_-]*)["']?\s*[=:]\s*["']([^"'<>]*)$"#).ok()
    });
    static NAME: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#"<[^<>]*\sname=["']?([A-Za-z0-9_.-]+)[^<>]*$"#).ok());
    let attribute = ATTRIBUTE.as_ref()?.captures(before)?.get(1)?.as_bytes();
    let named = match attribute {
        b"value" | b"content" => NAME.as_ref()?.captures(before),
        _ => None,
    };
    let name = named
        .as_ref()
        .and_then(|c| c.get(1))
        .map_or(attribute, |m| m.as_bytes());
    Some(format!("text:{}", String::from_utf8_lossy(name)))
}
