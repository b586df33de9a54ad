//! What attributes of the template language say (`chameleon/tal.py`, `i18n.py`).

use std::borrow::Cow;

use super::Fault;
use super::document::Namespace;
use super::markup::is_unicode_space;

/// A piece of an attribute and where it stands in the template.
#[derive(Clone, Debug)]
pub(super) struct Clause<'t> {
    pub text: Cow<'t, str>,
    pub at: usize,
}

impl Clause<'_> {
    fn part(&self, start: usize, end: usize) -> Self {
        Self {
            text: Cow::Owned(self.text[start..end].to_owned()),
            at: self.at + start,
        }
    }
}

/// One definition of `tal:define`, or what `tal:repeat` says.
#[derive(Clone, Debug)]
pub(super) struct Definition<'t> {
    pub local: bool,
    pub names: Vec<String>,
    pub expression: Clause<'t>,
}

/// Attributes that each namespace has; others are an error.
pub(super) fn is_known(namespace: Namespace<'_>, name: &str) -> bool {
    match namespace {
        Namespace::Tal => matches!(
            name,
            "define"
                | "comment"
                | "condition"
                | "content"
                | "replace"
                | "repeat"
                | "attributes"
                | "on-error"
                | "omit-tag"
                | "script"
                | "switch"
                | "case"
                | "xmlns"
                | "xml"
        ),
        Namespace::Metal => matches!(
            name,
            "define-macro"
                | "extend-macro"
                | "use-macro"
                | "define-slot"
                | "fill-slot"
                | "xmlns"
                | "xml"
        ),
        Namespace::I18n => matches!(
            name,
            "translate"
                | "domain"
                | "context"
                | "target"
                | "source"
                | "attributes"
                | "data"
                | "name"
                | "mode"
                | "xmlns"
                | "xml"
                | "comment"
                | "ignore"
                | "ignore-attributes"
        ),
        _ => true,
    }
}

/// The entity at the start of `text`: its character (`None` where it is kept as it is) and length.
/// `Err` where Chameleon fails over its number.
pub(super) fn entity(text: &str) -> Option<Result<(Option<char>, usize), ()>> {
    let body = text.strip_prefix('&')?;
    let (number, body) = body.strip_prefix('#').map_or((false, body), |b| (true, b));
    let word = |s: &str| {
        let chars = s.chars().take_while(|c| c.is_alphanumeric() || *c == '_');
        let (count, length) = chars.fold((0, 0), |(n, l), c| (n + 1, l + c.len_utf8()));
        ((1..=8).contains(&count) && s[length..].starts_with(';')).then_some(length)
    };
    // An `x` in front is a sign of its own to Chameleon, of names too.
    let (hex, rest) = match body.strip_prefix('x') {
        Some(rest) if word(rest).is_some() => (true, rest),
        _ => (false, body),
    };
    let name = &rest[..word(rest)?];
    let length = text.len() - rest.len() + name.len() + 1;
    let c = if number {
        let code = if hex {
            u32::from_str_radix(name, 16)
        } else {
            name.parse()
        };
        match code {
            // Half of a pair is no character in Rust; Python has it and nobody writes it.
            Ok(code @ 0xD800..=0xDFFF) => Some(char::from_u32(code).unwrap_or('\u{FFFD}')),
            Ok(code) => match char::from_u32(code) {
                Some(c) => Some(c),
                None => return Some(Err(())),
            },
            Err(_) => return Some(Err(())),
        }
    } else {
        // Others stand for letters and signs that mean nothing in an expression.
        match name {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "nbsp" => Some('\u{A0}'),
            _ => None,
        }
    };
    Some(Ok((c, length)))
}

/// `text` with its entities decoded.
pub(super) fn decode(text: &str, at: usize) -> Result<Cow<'_, str>, Fault> {
    if !text.contains('&') {
        return Ok(Cow::Borrowed(text));
    }
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(i) = rest.find('&') {
        decoded.push_str(&rest[..i]);
        rest = &rest[i..];
        match entity(rest) {
            Some(Ok((c, length))) => {
                match c {
                    Some(c) => decoded.push(c),
                    None => decoded.push_str(&rest[..length]),
                }
                rest = &rest[length..];
            }
            Some(Err(())) => {
                let at = at + text.len() - rest.len();
                return Err(Fault::hard(at, "not a character's number"));
            }
            None => {
                decoded.push('&');
                rest = &rest[1..];
            }
        }
    }
    decoded.push_str(rest);
    Ok(Cow::Owned(decoded))
}

/// Cuts at semicolons; `;;` stands for one, and the semicolon of an entity does not count.
fn split<'t>(clause: &Clause<'t>) -> Vec<Clause<'t>> {
    let text = &*clause.text;
    let mut parts = Vec::new();
    let mut part = String::new();
    let mut start = 0;
    let mut at = 0;
    while let Some(i) = text[at..].find(['&', ';']) {
        part.push_str(&text[at..at + i]);
        at += i;
        if text[at..].starts_with('&') {
            let length = length_of(&text[at..]);
            part.push_str(&text[at..at + length]);
            at += length;
        } else if text[at..].starts_with(";;") {
            part.push(';');
            at += 2;
        } else {
            at += 1;
            parts.push(Clause {
                text: Cow::Owned(std::mem::take(&mut part)),
                at: clause.at + start,
            });
            start = at;
        }
    }
    part.push_str(&text[at..]);
    if parts.is_empty() || !part.trim_matches(is_unicode_space).is_empty() {
        parts.push(Clause {
            text: Cow::Owned(part),
            at: clause.at + start,
        });
    }
    parts
}

/// Length of the entity at the start of `text`, of `&` alone where there is none.
fn length_of(text: &str) -> usize {
    let length = text[1..]
        .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '#'))
        .filter(|i| text[1 + i..].starts_with(';') && entity(text).is_some());
    length.map_or(1, |i| i + 2)
}

fn skip_space(text: &str, at: usize) -> usize {
    text.len() - text[at..].trim_start_matches(is_unicode_space).len()
}

/// The end of a variable's name at `at`.
fn name(text: &str, at: usize) -> Option<usize> {
    let rest = &text[at..];
    if !rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        return None;
    }
    let stop = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    Some(at + rest.find(stop).unwrap_or(rest.len()))
}

/// Names, one or `(several, of, them)`, then a blank: the names and the byte after the blanks.
fn names(text: &str, mut at: usize) -> Option<(Vec<String>, usize)> {
    let mut found = Vec::new();
    if text[at..].starts_with('(') {
        at += 1;
        loop {
            let end = name(text, at)?;
            found.push(text[at..end].to_owned());
            if text[end..].starts_with(')') {
                at = end + 1;
                break;
            }
            text[end..].strip_prefix(',')?;
            at = skip_space(text, end + 1);
        }
    } else {
        let end = name(text, at)?;
        found.push(text[at..end].to_owned());
        at = end;
    }
    let after = skip_space(text, at);
    (after > at).then_some((found, after))
}

/// What `tal:define` or `tal:repeat` says.
pub(super) fn definitions<'t>(clause: &Clause<'t>) -> Result<Vec<Definition<'t>>, Fault> {
    let mut found = Vec::new();
    for part in split(clause) {
        let text = &*part.text;
        let start = skip_space(text, 0);
        let with_context = ["global", "local"].into_iter().find_map(|word| {
            let end = start + word.len();
            let after = text[start..]
                .starts_with(word)
                .then(|| skip_space(text, end))?;
            let (names, at) = (after > end).then(|| names(text, after))??;
            Some((word == "local", names, at))
        });
        let plain = || names(text, start).map(|(names, at)| (true, names, at));
        let Some((local, names, at)) = with_context.or_else(plain) else {
            return Err(Fault::hard(part.at, "invalid define syntax"));
        };
        found.push(Definition {
            local,
            names,
            expression: part.part(at, text.len()),
        });
    }
    Ok(found)
}

/// `text` or `structure` in front of an expression, and the expression.
pub(super) fn substitution<'t>(clause: &Clause<'t>) -> Clause<'t> {
    let text = &*clause.text;
    let start = skip_space(text, 0);
    let at = ["text", "structure"].into_iter().find_map(|word| {
        let end = start + word.len();
        let after = text[start..]
            .starts_with(word)
            .then(|| skip_space(text, end))?;
        (after > end).then_some(after)
    });
    clause.part(at.unwrap_or(start), text.len())
}

/// What `tal:attributes` says: names (`None` for a mapping of several) and expressions.
pub(super) fn attributes<'t>(
    clause: &Clause<'t>,
) -> Result<Vec<(Option<String>, Clause<'t>)>, Fault> {
    let mut seen = std::collections::HashSet::new();
    let mut found = Vec::new();
    for part in split(clause) {
        let text = &*part.text;
        let start = skip_space(text, 0);
        let stop = |c: char| is_unicode_space(c) || matches!(c, '{' | '}' | '\'' | '"');
        let end = start + text[start..].find(stop).unwrap_or(text.len() - start);
        let after = skip_space(text, end);
        let (name, expression) = if end > start && after > end && after < text.len() {
            (
                Some(text[start..end].to_owned()),
                part.part(after, text.len()),
            )
        } else {
            let end = text.trim_end_matches(is_unicode_space).len().max(start);
            (None, part.part(start, end))
        };
        if !seen.insert(name.clone()) {
            return Err(Fault::hard(
                part.at,
                "duplicate attribute name in attributes",
            ));
        }
        found.push((name, expression));
    }
    Ok(found)
}

/// Checks what `i18n:attributes` says.
pub(super) fn check_translated(clause: &str, at: usize) -> Result<(), Fault> {
    let mut seen = std::collections::HashSet::new();
    for part in clause.split(';').filter(|p| !p.is_empty()) {
        let words: Vec<&str> = part
            .split(is_unicode_space)
            .filter(|w| !w.is_empty())
            .collect();
        if part.contains(',') || !(1..=2).contains(&words.len()) {
            return Err(Fault::hard(at, "illegal i18n:attributes specification"));
        }
        if !seen.insert(words[0].to_lowercase()) {
            let message = "attribute may only be specified once in i18n:attributes";
            return Err(Fault::hard(at, message));
        }
    }
    Ok(())
}
