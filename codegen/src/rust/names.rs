//! Names as Rust spells them.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Span};

/// Words that Rust does not take as names, strict and reserved (Rust Reference, "Keywords"), and names
/// that emitted code needs for itself.
const TAKEN: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "union", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// A Python name as a Rust function, variable or field: ASCII, snake case, no keyword.
#[must_use]
pub fn snake(name: &str) -> String {
    let mut out = String::new();
    let mut previous_lower = false;
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            if c.is_ascii_uppercase() && previous_lower {
                out.push('_');
            }
            previous_lower = c.is_ascii_lowercase() || c.is_ascii_digit();
            out.push(c.to_ascii_lowercase());
        } else {
            previous_lower = false;
            out.push('_');
        }
    }
    while out.contains("__") {
        out = out.replace("__", "_");
    }
    let out = out.trim_end_matches('_');
    // Leading underscores silence warnings that one wants to have.
    let trimmed = out.trim_start_matches('_');
    let mut out = if trimmed.is_empty() {
        "x".to_owned()
    } else {
        trimmed.to_owned()
    };
    if out.starts_with(|c: char| c.is_ascii_digit()) {
        out.insert(0, 'n');
    }
    if TAKEN.contains(&out.as_str()) {
        out.push('_');
    }
    out
}

/// A name as a Rust type: `api_posts` is `ApiPosts`.
#[must_use]
pub fn camel(name: &str) -> String {
    let mut out = String::new();
    for word in snake(name).split('_').filter(|w| !w.is_empty()) {
        let mut chars = word.chars();
        out.extend(chars.next().map(|c| c.to_ascii_uppercase()));
        out.push_str(chars.as_str());
    }
    if out.starts_with(|c: char| c.is_ascii_digit()) {
        out.insert(0, 'N');
    }
    out
}

/// An identifier.
#[must_use]
pub fn ident(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}

/// Names that were given, each once.
#[derive(Clone, Debug, Default)]
pub struct Names {
    taken: BTreeSet<String>,
}

impl Names {
    /// Names of which some are taken.
    #[must_use]
    pub fn with(taken: &[&str]) -> Self {
        Self {
            taken: taken.iter().map(|t| (*t).to_owned()).collect(),
        }
    }

    /// `name`, or the first of `name_2`, `name_3`, … that is free.
    pub fn fresh(&mut self, name: &str) -> String {
        let mut out = name.to_owned();
        let mut n = 1;
        while !self.taken.insert(out.clone()) {
            n += 1;
            out = format!("{}_{n}", name.trim_end_matches('_'));
        }
        out
    }

    /// The same for a type: `Name`, `Name2`, ….
    pub fn fresh_type(&mut self, name: &str) -> String {
        let mut out = name.to_owned();
        let mut n = 1;
        while !self.take(&out) {
            n += 1;
            out = format!("{name}{n}");
        }
        out
    }

    /// Takes a name; false when it is taken.
    pub fn take(&mut self, name: &str) -> bool {
        self.taken.insert(name.to_owned())
    }

    /// Whether a name is free.
    #[must_use]
    pub fn is_free(&self, name: &str) -> bool {
        !self.taken.contains(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling() {
        assert_eq!(snake("getItems"), "get_items");
        assert_eq!(snake("match"), "match_");
        assert_eq!(snake("_redirect"), "redirect");
        assert_eq!(snake("größe"), "gr_e");
        assert_eq!(snake("_a__b_"), "a_b");
        assert_eq!(snake("__"), "x");
        assert_eq!(snake("order[0][column]"), "order_0_column");
        assert_eq!(snake("2fa"), "n2fa");
        assert_eq!(camel("api_posts"), "ApiPosts");
        let mut names = Names::default();
        assert_eq!(names.fresh("a"), "a");
        assert_eq!(names.fresh("a"), "a_2");
        assert_eq!(
            (names.fresh("in_"), names.fresh("in_")),
            ("in_".into(), "in_2".into())
        );
        assert_eq!(names.fresh_type("Post"), "Post");
        assert_eq!(names.fresh_type("Post"), "Post2");
    }
}
