//! Jinja2 templates: what they need, and where they lead.
//!
//! ```text
//! text ──mask──▶ parts, tokens ──statements──▶ tree ──scopes──▶ names from outside
//!      └─────────────── html ──────────────▶ forms, links
//! ```
//!
//! Statements are ours, since a project's extensions add tags of their own and a mistake must not cost
//! what stands before it. Expressions are minijinja's, and only this folder names it. What Jinja2 itself
//! says of thousands of real templates is the measure: `bench/templates`.

mod expressions;
mod html;
mod mask;
mod pieces;
mod scopes;
mod specials;
mod statements;
mod tags;
mod tokens;
mod translations;
mod tree;

use model::{Engine, Place, Span, Template, TemplateError};

use statements::Statements;

/// A mistake in a template.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Fault {
    /// Where.
    at: usize,
    /// What is wrong there.
    message: String,
}

impl Fault {
    fn new(at: usize, message: impl Into<String>) -> Self {
        Self {
            at,
            message: message.into(),
        }
    }
}

/// Reads a Jinja2 template. Whatever the text is, there is an answer.
#[must_use]
pub fn read(name: &str, path: &str, text: &str) -> Template {
    let masked = mask::mask(text);
    let mut statements = Statements::new(text, &masked);
    let result = statements.read();
    let page = html::scan(text, &masked.parts, |at| statements.expressions.line(at));
    let error = result
        .err()
        .or_else(|| masked.fault.clone())
        .map(|fault| TemplateError {
            line: statements.expressions.line(fault.at),
            message: fault.message,
        });
    let free = scopes::free(&statements.expressions, &statements.nodes);
    let owned = |names: &std::collections::BTreeSet<&str>| -> Vec<String> {
        names.iter().map(|n| (*n).to_owned()).collect()
    };
    Template {
        name: name.to_owned(),
        place: Place {
            file: path.to_owned(),
            line: 1,
            column: 0,
            span: Span::new(0, u32::try_from(text.len()).unwrap_or(u32::MAX)),
        },
        engine: Engine::Jinja,
        optional: owned(&(&statements.expressions.optional & &free)),
        free: owned(&free),
        binds: owned(&statements.binds),
        filters: owned(&statements.expressions.filters),
        tests: owned(&statements.expressions.tests),
        tags: owned(&statements.extensions),
        edges: statements.edges,
        blocks: statements.blocks,
        macros: statements.macros,
        attributes: statements.expressions.attributes.iter().cloned().collect(),
        calls: statements.expressions.calls(),
        formats: statements.expressions.formats(),
        urls: statements.expressions.urls,
        forms: page.forms,
        links: page.links,
        renders: Vec::new(),
        error,
    }
}

/// The 1-based line where a template first reads `name`; nothing where only text names it.
#[must_use]
pub fn line_of(text: &str, name: &str) -> Option<u32> {
    let masked = mask::mask(text);
    let written = |i: usize| {
        let token = masked.tokens.get(i)?;
        text.get(token.start as usize..token.end as usize)
    };
    let at = masked.parts.iter().find_map(|part| {
        let (from, to) = (part.tokens.0 as usize, part.tokens.1 as usize);
        (from..to).find(|&i| {
            let before = (i > from).then(|| written(i - 1)).flatten();
            let after = (i + 1 < to).then(|| written(i + 1)).flatten();
            // Neither an attribute, nor an argument's name, nor a block's.
            written(i) == Some(name)
                && !matches!(before, Some("." | "block" | "endblock"))
                && after != Some("=")
        })
    })?;
    let start = masked.tokens[at].start as usize;
    Some(memchr::memchr_iter(b'\n', text.as_bytes().get(..start)?).count() as u32 + 1)
}

#[cfg(test)]
mod tests;
