//! Chameleon page templates: TAL, METAL and `${…}` in HTML or XML.
//!
//! ```text
//! text ──markup──▶ tokens ──tags, document──▶ elements ──analysis──▶ model::Template
//!       directives, statements, expressions, python, names, scope, page ──┘
//! ```
//!
//! The rules are those of Chameleon 4 itself, its corners included: a template that Chameleon refuses is
//! one with an error here, and no other is.

mod analysis;
mod directives;
mod document;
mod elements;
mod expressions;
mod markup;
mod names;
mod page;
mod python;
mod scope;
mod spelling;
mod statements;
mod tags;
#[cfg(test)]
mod tests;

use model::{Engine, Place, Span, Template, TemplateError};

pub use document::Settings;

/// What is wrong with a template, and at which byte.
#[derive(Clone, Debug)]
struct Fault {
    at: usize,
    message: String,
    /// An expression that cannot be read: in `${…}` it may still be read up to another brace.
    soft: bool,
}

impl Fault {
    fn hard(at: usize, message: impl Into<String>) -> Self {
        let message = message.into();
        let soft = false;
        Self { at, message, soft }
    }

    fn soft(at: usize, message: impl Into<String>) -> Self {
        let message = message.into();
        let soft = true;
        Self { at, message, soft }
    }
}

/// Reads the template `text`, which others call `name` and which lies at `path`, with Chameleon's
/// default settings.
///
/// Never fails: the place where Chameleon would refuse the template is its `error`. `free` has the names
/// without which rendering fails; one that only stands before a `|` or in `exists:` may be missing, and
/// is left out.
#[must_use]
pub fn read(name: &str, path: &str, text: &str) -> Template {
    read_with(name, path, text, Settings::default())
}

/// [`read`] with other settings.
#[must_use]
pub fn read_with(name: &str, path: &str, text: &str, settings: Settings) -> Template {
    let lines = Lines::new(text);
    let mut template = Template {
        name: name.to_owned(),
        place: Place {
            file: path.to_owned(),
            line: 1,
            column: 0,
            span: Span::new(0, u32::try_from(text.len()).unwrap_or(u32::MAX)),
        },
        engine: Engine::Chameleon,
        edges: Vec::new(),
        blocks: Vec::new(),
        macros: Vec::new(),
        free: Vec::new(),
        filters: Vec::new(),
        tests: Vec::new(),
        urls: Vec::new(),
        forms: Vec::new(),
        links: Vec::new(),
        renders: Vec::new(),
        error: None,
        binds: Vec::new(),
        optional: Vec::new(),
        tags: Vec::new(),
        attributes: Vec::new(),
        calls: Vec::new(),
        formats: Vec::new(),
    };
    let document = document::Document::read(text, settings);
    let fault = analysis::analyse(text, &document, &lines, &mut template);
    template.error = fault.or(document.fault).map(|fault| TemplateError {
        line: lines.of(fault.at),
        message: fault.message,
    });
    template
}

/// Where lines begin.
struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    fn new(text: &str) -> Self {
        let newlines = memchr::memchr_iter(b'\n', text.as_bytes());
        let starts = std::iter::once(0).chain(newlines.map(|i| i + 1)).collect();
        Self { starts }
    }

    /// The 1-based line of a byte.
    fn of(&self, at: usize) -> u32 {
        self.starts.partition_point(|s| *s <= at) as u32
    }
}
