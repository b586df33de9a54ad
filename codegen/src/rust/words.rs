//! Which names some tokens use.

use proc_macro2::TokenStream;

use super::draft::Draft;

/// The identifiers in some tokens, and in what they print verbatim: `name`, also `name()` where it is called, or `name!`.
#[must_use]
pub fn words(tokens: &TokenStream, draft: &Draft) -> Vec<String> {
    let mut out = Vec::new();
    collect(tokens.clone(), draft, &mut out);
    out
}

fn collect(tokens: TokenStream, draft: &Draft, out: &mut Vec<String>) {
    use proc_macro2::{Delimiter, Spacing, TokenTree};
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
                let is_macro = next.is_some_and(|(c, _)| c == '!');
                if name.to_string().starts_with("__text__") && is_macro {
                    tokens.next();
                    if let Some(TokenTree::Group(group)) = tokens.next()
                        && let Ok(number) = group.stream().to_string().parse::<usize>()
                        && let Ok(inner) = draft.text(number).parse::<TokenStream>()
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
