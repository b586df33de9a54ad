//! Rust source from tokens, with comments.
//!
//! `quote!` drops comments, so tokens carry numbered marks (`__mark__!(3);`), and [`Draft::render`] puts the
//! text back. A mark is a number and not the text, because prettyplease breaks a long macro argument
//! over lines.

use std::cell::RefCell;

use proc_macro2::{Group, Literal, TokenStream, TokenTree};
use quote::{format_ident, quote};
use syn::parse::Parser;
use syn::punctuated::Punctuated;

/// Columns that a line of emitted code may have, as rustfmt has it.
const WIDTH: usize = 100;

/// Texts of one Rust file under construction.
#[derive(Debug, Default)]
pub struct Draft {
    texts: RefCell<Vec<String>>,
}

impl Draft {
    /// A comment of one or more lines, placed where a statement or an item can stand; an empty one is a blank line.
    pub fn comment(&self, text: impl Into<String>) -> TokenStream {
        let number = self.keep(text.into());
        quote!(__mark__!(#number);)
    }

    /// An expression printed as it stands, for what prettyplease cannot lay out (`json!`).
    pub fn verbatim(&self, text: impl Into<String>) -> TokenStream {
        let text = text.into();
        let width = text.lines().next().map_or(0, |l| l.chars().count());
        let number = self.keep(text);
        // As wide as what it stands for, so that lines are broken where they should be.
        let pad = width.saturating_sub("__text__!()".len() + number.to_string().len());
        let mark = format_ident!("__text__{}", "_".repeat(pad));
        quote!(#mark!(#number))
    }

    /// The text of a mark.
    #[must_use]
    pub fn text(&self, number: usize) -> String {
        self.texts.borrow().get(number).cloned().unwrap_or_default()
    }

    fn keep(&self, text: String) -> Literal {
        let mut texts = self.texts.borrow_mut();
        texts.push(text);
        Literal::usize_unsuffixed(texts.len() - 1)
    }

    /// Every `format!` printed here: prettyplease leaves what stands in a macro as tokens.
    fn laid_out(&self, tokens: TokenStream) -> TokenStream {
        let mut out: Vec<TokenTree> = Vec::new();
        for token in tokens {
            let TokenTree::Group(group) = token else {
                out.push(token);
                continue;
            };
            let is_format = matches!(out.as_slice(), [.., TokenTree::Ident(name), TokenTree::Punct(bang)]
                if name == "format" && bang.as_char() == '!');
            let parser = Punctuated::<syn::Expr, syn::Token![,]>::parse_terminated;
            if is_format && let Ok(arguments) = parser.parse2(group.stream()) {
                let arguments: Vec<String> = arguments
                    .iter()
                    .map(|a| self.expression(&quote!(#a)))
                    .collect();
                let flat = format!("format!({})", arguments.join(", "));
                let is_short = flat.chars().count() <= WIDTH - 30 && !flat.contains('\n');
                let text = if is_short {
                    flat
                } else {
                    let lines: String = arguments
                        .iter()
                        .map(|a| format!("    {},\n", a.replace('\n', "\n    ")))
                        .collect();
                    format!("format!(\n{lines})")
                };
                out.truncate(out.len() - 2);
                out.extend(self.verbatim(text));
                continue;
            }
            let mut inner = Group::new(group.delimiter(), self.laid_out(group.stream()));
            inner.set_span(group.span());
            out.push(TokenTree::Group(inner));
        }
        out.into_iter().collect()
    }

    /// An expression as text.
    #[must_use]
    pub fn expression(&self, tokens: &TokenStream) -> String {
        let tokens = self.laid_out(tokens.clone());
        let function = quote!(fn f() { let x = #tokens; });
        let Ok(file) = syn::parse2(function) else {
            return tokens.to_string();
        };
        let printed = joined(&prettyplease::unparse(&file));
        let body = printed
            .trim()
            .trim_start_matches("fn f() {")
            .trim_end_matches('}')
            .trim();
        let text = body.trim_start_matches("let x = ").trim_end_matches(';');
        fill(&text.replace("\n    ", "\n"), "", &self.texts.borrow())
    }

    /// Formats a file, puts the comments in, and sets blank lines between its items.
    ///
    /// # Errors
    /// When the tokens are no Rust file: a defect of whoever made them.
    pub fn render(&self, tokens: TokenStream) -> syn::Result<String> {
        let tokens = self.laid_out(tokens);
        let texts = self.texts.borrow();
        let file: syn::File = syn::parse2(tokens)?;
        let printed = joined(&prettyplease::unparse(&file));
        let mut text = String::new();
        let mut last = "";
        for line in printed.lines() {
            if needs_blank_line(last, line) {
                text.push('\n');
            }
            last = line;
            let body = line.trim_start();
            let mark = body
                .strip_prefix("__mark__!(")
                .and_then(|rest| rest.strip_suffix(");"))
                .and_then(|number| number.parse::<usize>().ok());
            let indent = &line[..line.len() - body.len()];
            let Some(note) = mark.and_then(|n| texts.get(n)) else {
                text.push_str(&plain(&fill(line, indent, &texts)));
                text.push('\n');
                continue;
            };
            if note.is_empty() {
                text.push('\n');
            }
            for line in plain(note).lines() {
                text.push_str(format!("{indent}// {line}").trim_end());
                text.push('\n');
            }
        }
        Ok(text)
    }
}

/// Text without what rustc does not take in comments: a lone carriage return, characters that turn the direction of text
/// (`text_direction_codepoint_in_comment`).
fn plain(text: &str) -> String {
    let turns = |c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if !text.contains(|c| c == '\r' || turns(c)) {
        return text.to_owned();
    }
    let mut out = String::new();
    for c in text.chars().filter(|c| *c != '\r') {
        if turns(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// Marks of [`Draft::verbatim`] on one line each: a wide one may have been broken.
fn joined(printed: &str) -> String {
    let mut out = String::new();
    let mut rest = printed;
    while let Some((before, after)) = rest.split_once("__text__") {
        out.push_str(before);
        let inner = after.trim_start_matches('_').strip_prefix("!(");
        let Some((number, after)) = inner.and_then(|i| i.split_once(')')) else {
            out.push_str("__text__");
            rest = after;
            continue;
        };
        out.push_str(&format!("__text__!({})", number.trim()));
        rest = after;
    }
    out + rest
}

/// Whether a blank line stands between two lines of what prettyplease prints: between items, between methods, and
/// between groups of imports.
fn needs_blank_line(last: &str, line: &str) -> bool {
    if last.is_empty() || line.is_empty() {
        return false;
    }
    let group = |line: &str| {
        let groups = ["use crate", "use ", "mod ", "pub mod "];
        groups.iter().position(|prefix| line.starts_with(prefix))
    };
    let starts_item = !line.starts_with([' ', '}', ')', ']']) && !line.starts_with("//!");
    let ends_item = last == "}"
        || last == "};"
        || last.starts_with("//!")
        || last.starts_with("pub struct ") && last.ends_with(';');
    let is_constant = last.starts_with("    const ") && last.ends_with(';');
    let ends_method = (last == "    }" || last == "    };" || is_constant)
        && line.starts_with("    ")
        && !line.starts_with("     ")
        && line != "    }";
    let leaves_group =
        (group(last).is_some() || group(line).is_some()) && group(last) != group(line);
    let starts_docs = line.starts_with("///") && !last.starts_with(['/', '#', '{']);
    starts_docs
        || starts_item && (ends_item || leaves_group && !last.starts_with([' ', '/', '#']))
        || ends_method && is_method(line)
}

fn is_method(line: &str) -> bool {
    let line = line.trim_start();
    ["fn ", "async fn ", "pub fn ", "pub async fn ", "///", "#["]
        .iter()
        .any(|p| line.starts_with(p))
}

/// Puts the texts of [`Draft::verbatim`] in place of their marks, which may hold marks themselves.
fn fill(line: &str, indent: &str, texts: &[String]) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("__text__") {
        let Some(after) = after.trim_start_matches('_').strip_prefix("!(") else {
            break;
        };
        text.push_str(before);
        let (number, after) = after.split_once(')').unwrap_or((after, ""));
        let note = number
            .trim()
            .parse::<usize>()
            .ok()
            .and_then(|n| texts.get(n));
        let note = note.map_or("", String::as_str);
        text.push_str(&fill(note, "", texts).replace('\n', &format!("\n{indent}")));
        rest = after;
    }
    text + rest
}

/// A literal of JSON as `json!` takes it: on one line when it fits, else an entry a line.
#[derive(Clone, Debug)]
pub enum Layout {
    /// Something whole.
    Text(String),
    /// `[…]`
    List(Vec<Layout>),
    /// `{…}`: keys as written, and values.
    Map(Vec<(String, Layout)>),
}

impl Layout {
    /// As the argument of a macro that stands `column` columns from the left.
    #[must_use]
    pub fn print(&self, column: usize) -> String {
        let flat = self.flat();
        if !flat.contains('\n') && column + flat.chars().count() <= WIDTH - 20 {
            return flat;
        }
        let broken = |text: String| text.replace('\n', "\n    ");
        match self {
            Self::Text(text) => text.clone(),
            Self::List(items) if items.is_empty() => "[]".into(),
            Self::Map(entries) if entries.is_empty() => "{}".into(),
            Self::List(items) => {
                let lines = items
                    .iter()
                    .map(|i| format!("    {},\n", broken(i.print(column + 4))));
                format!("[\n{}]", lines.collect::<String>())
            }
            Self::Map(entries) => {
                let lines = entries.iter().map(|(key, value)| {
                    let at = column + 6 + key.chars().count();
                    format!("    {key}: {},\n", broken(value.print(at)))
                });
                format!("{{\n{}}}", lines.collect::<String>())
            }
        }
    }

    fn flat(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::List(items) => {
                let items: Vec<String> = items.iter().map(Self::flat).collect();
                format!("[{}]", items.join(", "))
            }
            Self::Map(entries) => {
                let entries: Vec<String> = entries
                    .iter()
                    .map(|(k, v)| format!("{k}: {}", v.flat()))
                    .collect();
                format!("{{{}}}", entries.join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_layout_survive() {
        let draft = Draft::default();
        let note = draft.comment("for p in POSTS:  # \"{}\" */");
        let blank = draft.comment("");
        let inner = draft.verbatim("json!([1, 2])");
        let map = Layout::Map(vec![
            (
                "\"post\"".into(),
                Layout::Text(draft.expression(&quote!(render(#inner)))),
            ),
            (
                "\"long\"".into(),
                Layout::Text(format!("\"{}\"", "x".repeat(70))),
            ),
        ]);
        let scope = draft.verbatim(format!("json!({})", map.print(8)));
        let file = quote! {
            //! A module.
            use crate::web::Reply;
            /// `blog.detail` (app.py:36)
            pub async fn detail(ctx: Ctx) -> Reply {
                #note
                if found {
                    return ctx.render("detail.html", #scope);
                }
                #blank
                Err(abort(404))
            }
            pub fn two() {}
        };
        let expected = format!(
            r#"//! A module.

use crate::web::Reply;

/// `blog.detail` (app.py:36)
pub async fn detail(ctx: Ctx) -> Reply {{
    // for p in POSTS:  # "{{}}" */
    if found {{
        return ctx.render("detail.html", json!({{
            "post": render(json!([1, 2])),
            "long": "{}",
        }}));
    }}

    Err(abort(404))
}}

pub fn two() {{}}
"#,
            "x".repeat(70)
        );
        assert_eq!(draft.render(file).unwrap(), expected);
    }
}
