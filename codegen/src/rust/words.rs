//! Which names some tokens use.

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};

use super::draft::Draft;

/// The identifiers in some tokens, and in what they print verbatim: `name`, also `name()` where it is called, or `name!`.
#[must_use]
pub fn words(tokens: &TokenStream, draft: &Draft) -> Vec<String> {
    let mut out = Vec::new();
    collect(tokens.clone(), draft, &mut out);
    out
}

fn collect(tokens: TokenStream, draft: &Draft, out: &mut Vec<String>) {
    let mut tokens = tokens.into_iter().peekable();
    // What stands before: nothing of interest, a dot, or `::`.
    let (mut dot, mut colons) = (false, 0);
    while let Some(token) = tokens.next() {
        let (after_dot, after_path) = (dot, colons == 2);
        dot = false;
        if !matches!(&token, TokenTree::Punct(p) if p.as_char() == ':') {
            colons = 0;
        }
        match token {
            TokenTree::Ident(name) => {
                let next = match tokens.peek() {
                    Some(TokenTree::Punct(p)) => Some((p.as_char(), p.spacing())),
                    _ => None,
                };
                // `x!=y` is no macro.
                let is_macro = next == Some(('!', Spacing::Alone));
                if name.to_string().starts_with("__text__") && is_macro {
                    tokens.next();
                    if let Some(TokenTree::Group(group)) = tokens.next()
                        && let Some(inner) = text_of(&group, draft)
                    {
                        collect(inner, draft, out);
                    }
                    continue;
                }
                // Methods, fields, and what is named by a path are no names of their own.
                let is_field = next == Some((':', Spacing::Alone));
                if after_dot || after_path || is_field {
                    continue;
                }
                let is_called = matches!(
                    tokens.peek(),
                    Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis
                );
                if is_called {
                    out.push(format!("{name}()"));
                }
                out.push(if is_macro {
                    format!("{name}!")
                } else {
                    name.to_string()
                });
            }
            TokenTree::Group(group) => collect(group.stream(), draft, out),
            TokenTree::Literal(literal) => {
                let text = literal.to_string();
                // Names in the text of a format are variables.
                if text.starts_with('"') && text.contains('{') {
                    out.extend(
                        text.split('{')
                            .skip(1)
                            .filter_map(|p| Some(p.split_once('}')?.0.to_owned())),
                    );
                }
            }
            TokenTree::Punct(punct) => {
                dot = punct.as_char() == '.';
                if punct.as_char() == ':' {
                    colons += 1;
                }
            }
        }
    }
}

/// Whether `?` or `Err` stands in some tokens, or in what they print verbatim.
#[must_use]
pub fn fails(tokens: &TokenStream, draft: &Draft) -> bool {
    let mut tokens = tokens.clone().into_iter();
    while let Some(token) = tokens.next() {
        let found = match token {
            TokenTree::Punct(punct) => punct.as_char() == '?',
            TokenTree::Ident(name) if name.to_string().starts_with("__text__") => {
                tokens.next();
                match tokens.next() {
                    Some(TokenTree::Group(group)) => {
                        text_of(&group, draft).is_some_and(|inner| fails(&inner, draft))
                    }
                    _ => false,
                }
            }
            TokenTree::Ident(name) => name == "Err",
            TokenTree::Group(group) => fails(&group.stream(), draft),
            TokenTree::Literal(_) => false,
        };
        if found {
            return true;
        }
    }
    false
}

/// Whether an error that is no `abort` of the app's may leave some tokens: after `?` other than those of `ctx.form()` and of `json`.
#[must_use]
pub fn raises(tokens: &TokenStream, draft: &Draft) -> bool {
    let spelled = expanded(tokens, draft).replace(' ', "");
    let plain = [
        "ctx.form()?",
        "ctx.json::<Value>()?",
        "ctx.json_forced::<Value>()?",
    ];
    let rest = plain
        .iter()
        .fold(spelled, |text, part| text.replace(part, ""));
    // Headers and statuses that are constant are no error.
    rest.match_indices(")?").any(|(at, _)| {
        let before = &rest[..at];
        let digits = before.trim_end_matches(|c: char| c.is_ascii_digit());
        let is_status = digits.len() < before.len() && digits.ends_with(',');
        !before.ends_with(",\"\",\"\"") && !is_status
    }) || rest.replace(")?", "").contains('?')
}

/// Whether an error may leave some tokens, other than what constant headers and statuses would be.
#[must_use]
pub fn may_end(tokens: &TokenStream, draft: &Draft) -> bool {
    raises(tokens, draft)
        || expanded(tokens, draft)
            .replace(' ', "")
            .contains("Err(abort")
}

/// Some tokens as text, with what they print verbatim.
fn expanded(tokens: &TokenStream, draft: &Draft) -> String {
    let mut out = String::new();
    let mut tokens = tokens.clone().into_iter();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(name) if name.to_string().starts_with("__text__") => {
                tokens.next();
                if let Some(TokenTree::Group(group)) = tokens.next()
                    && let Some(inner) = text_of(&group, draft)
                {
                    out.push_str(&expanded(&inner, draft));
                }
            }
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ('(', ')'),
                    Delimiter::Brace => ('{', '}'),
                    Delimiter::Bracket => ('[', ']'),
                    Delimiter::None => (' ', ' '),
                };
                out.push(open);
                out.push_str(&expanded(&group.stream(), draft));
                out.push(close);
            }
            // What stands in text is no code.
            TokenTree::Literal(literal) if literal.to_string().starts_with('"') => {
                out.push_str("\"\"");
            }
            other => out.push_str(&other.to_string()),
        }
    }
    out
}

/// Whether something of the app is called in some tokens: `crate::…(…)`.
#[must_use]
pub fn calls(tokens: &TokenStream) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Ident(name) => name == "crate",
        TokenTree::Group(group) => calls(&group.stream()),
        _ => false,
    })
}

/// Where a word stands in Python: whole, and no attribute of something.
pub fn occurrences<'t>(text: &'t str, word: &'t str) -> impl Iterator<Item = usize> + 't {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word)
        .map(|(at, _)| at)
        .filter(move |&at| {
            let (before, after) = (&text[..at], &text[at + word.len()..]);
            !before.ends_with(is_part) && !before.ends_with('.') && !after.starts_with(is_part)
        })
}

/// The tokens that a mark stands for.
fn text_of(mark: &Group, draft: &Draft) -> Option<TokenStream> {
    let number = mark.stream().to_string().parse().ok()?;
    draft.text(number).parse().ok()
}
