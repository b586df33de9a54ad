//! A tag's name and attributes, exactly as Chameleon tells them apart (`chameleon/parser.py`).

use super::markup::is_unicode_space;

/// An attribute as written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attribute<'t> {
    pub name: &'t str,
    pub value: &'t str,
    /// Where the value stands in the template.
    pub at: usize,
}

/// A tag.
#[derive(Clone, Debug)]
pub(super) struct Tag<'t> {
    pub name: &'t str,
    pub attributes: Vec<Attribute<'t>>,
    /// Chameleon knows how the tag ends. It does not for a tag that ends after an attribute which it
    /// cannot make out, and fails when it puts that out.
    pub ends: bool,
}

/// Reads the tag that the token `text` is, which stands at byte `at`. `None` for `</` alone.
pub(super) fn read(text: &str, at: usize) -> Option<Tag<'_>> {
    let rest = text.strip_prefix("</").or_else(|| text.strip_prefix('<'))?;
    let stop = |c: char| matches!(c, ' ' | '\n' | '\t' | '\r' | '>' | '/');
    let length = rest.find(stop).unwrap_or(rest.len());
    if length == 0 {
        return None;
    }
    let name = &rest[..length];
    let rest = &rest[length..];
    let tail = rest.trim_start_matches(is_unicode_space);
    if tail.starts_with('>') || tail.starts_with("/>") {
        return Some(Tag {
            name,
            attributes: Vec::new(),
            ends: true,
        });
    }
    let base = at + text.len() - rest.len();
    let attributes = attributes(rest, base);
    Some(Tag {
        name,
        ends: !attributes.is_empty(),
        attributes,
    })
}

fn attributes(text: &str, base: usize) -> Vec<Attribute<'_>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(space) = text[at..].find(is_unicode_space) {
        let rest = text[at + space..].trim_start_matches(is_unicode_space);
        let start = text.len() - rest.len();
        match attribute(text, start) {
            Some((name, value, end)) => {
                found.push(Attribute {
                    name: &text[name.0..name.1],
                    value: &text[value.0..value.1],
                    at: base + value.0,
                });
                at = end;
            }
            None => at = start,
        }
    }
    found
}

type Range = (usize, usize);

/// The attribute whose name begins at `start`: name, value, end of both.
fn attribute(text: &str, start: usize) -> Option<(Range, Range, usize)> {
    let rest = &text[start..];
    if rest.starts_with(|c: char| c.is_numeric()) {
        return None;
    }
    let stop = |c: char| matches!(c, ' ' | '=' | '/' | '>' | '\n' | '\t' | '\r');
    let end = start + rest.find(stop).unwrap_or(rest.len());
    if end == start {
        return None;
    }
    let after = text[end..].trim_start_matches(is_unicode_space);
    if let Some(value) = after.strip_prefix('=') {
        let value = value.trim_start_matches(is_unicode_space);
        let at = text.len() - value.len();
        if let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\''))
            && let Some(length) = value[1..].find(quote)
        {
            return Some(((start, end), (at + 1, at + 1 + length), at + length + 2));
        }
        let bare = |c: char| is_unicode_space(c) || matches!(c, '\'' | '"' | '>' | '/');
        let length = value.find(bare).unwrap_or(value.len());
        if length > 0 {
            return Some(((start, end), (at, at + length), at + length));
        }
    }
    // A name alone must not be followed by `=`. Chameleon means blanks in between, but its character
    // class says ` `, `\`, `n`, `t`, `r`, and so it takes the name shorter where one of these is near.
    let near = |c: char| matches!(c, ' ' | '\\' | 'n' | 't' | 'r');
    let blocked = |at: usize| text[at..].trim_start_matches(near).starts_with('=');
    if !blocked(end) {
        return Some(((start, end), (end, end), end));
    }
    // So the name ends before its last character that is none of these.
    let name = text[start..end].trim_end_matches(near);
    let (last, _) = name.char_indices().next_back()?;
    let at = start + last;
    (last > 0).then_some(((start, at), (at, at), at))
}
