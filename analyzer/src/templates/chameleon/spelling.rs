//! How expressions are written: types in front of them, pipes, lines.

use std::borrow::Cow;

use super::markup::is_unicode_space;

/// Where the name of the first `$name` begins.
pub(super) fn first_variable(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'$', bytes)
        .map(|i| i + 1)
        .find(|i| bytes.get(*i).is_some_and(u8::is_ascii_alphabetic))
}

/// The expression type in front of an expression, and the length of both.
pub(super) fn prefix(text: &str) -> Option<(&str, usize)> {
    let word = text.trim_start_matches(is_unicode_space);
    if !word.starts_with(|c: char| c.is_ascii_lowercase()) {
        return None;
    }
    let stop = |c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_'));
    let length = word.find(stop)?;
    let after = text.len() - word.len() + length + 1;
    word[length..]
        .starts_with(':')
        .then_some((&word[..length], after))
}

pub(super) fn known(kind: &str) -> Option<&'static str> {
    let types = [
        "python",
        "string",
        "not",
        "exists",
        "import",
        "structure",
        "load",
    ];
    types.into_iter().find(|k| *k == kind)
}

/// The first pipe without a backslash in front.
pub(super) fn pipe(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'|', bytes).find(|i| *i == 0 || bytes[i - 1] != b'\\')
}

/// Newlines and continuations as blanks, so that every byte stays where it is.
pub(super) fn one_line(text: &str) -> Cow<'_, str> {
    if !text.contains(['\n', '\r']) && !text.ends_with('\\') {
        return Cow::Borrowed(text);
    }
    let mut line = String::with_capacity(text.len());
    for part in text.split_inclusive(['\n', '\r']) {
        let body = part.trim_end_matches(['\n', '\r']);
        let trimmed = body.trim_end_matches(is_unicode_space);
        match trimmed.strip_suffix('\\') {
            Some(before) => {
                line.push_str(before);
                line.extend(std::iter::repeat_n(' ', part.len() - before.len()));
            }
            None => {
                line.push_str(body);
                line.extend(std::iter::repeat_n(' ', part.len() - body.len()));
            }
        }
    }
    Cow::Owned(line)
}

/// Code without the indentation that all of its lines have, as `textwrap.dedent` does it.
pub(super) fn dedent(text: &str) -> String {
    let text = text.trim_matches('\n');
    let mut margin: Option<&str> = None;
    for line in text.lines().filter(|l| !l.trim().is_empty()) {
        let indent = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
        margin = Some(margin.map_or(indent, |m| {
            let same = m.bytes().zip(indent.bytes()).take_while(|(a, b)| a == b);
            &m[..same.count()]
        }));
    }
    let margin = margin.unwrap_or("");
    let mut code = String::with_capacity(text.len());
    for line in text.lines() {
        let line = if line.trim().is_empty() { "" } else { line };
        code.push_str(line.strip_prefix(margin).unwrap_or(line));
        code.push('\n');
    }
    code
}

/// An expression for a message.
pub(super) fn shown(text: &str) -> String {
    const LONG: usize = 60;
    let mut shown: String = text.chars().take(LONG).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}
