//! What runs while an app is imported, and whether it changes a module's data: a static starts as the literal says.

use std::collections::BTreeSet;
use std::rc::Rc;

use model::body::Definitions;
use model::function::Role;
use model::touch::HookTime;
use model::{Analysis, HookKind, Span};

use super::super::words::occurrences;
use super::Home;
use crate::targets::is_test;

/// Calls that only read what they get.
const READERS: &[&str] = &[
    "all",
    "any",
    "bool",
    "dict",
    "enumerate",
    "frozenset",
    "iter",
    "jsonify",
    "len",
    "list",
    "max",
    "min",
    "next",
    "print",
    "range",
    "repr",
    "set",
    "sorted",
    "str",
    "sum",
    "tuple",
    "zip",
];

/// Methods that only read.
const READING: &[&str] = &["copy", "count", "get", "index", "items", "keys", "values"];

/// The Python that runs before the first request, or beside all of them, by file.
#[derive(Debug, Default)]
pub(super) struct Startup {
    texts: Vec<(String, String)>,
}

/// A function of the app.
struct Known<'a> {
    name: &'a str,
    file: &'a str,
    span: Span,
    runs: bool,
}

impl Startup {
    pub fn of(
        analysis: &Analysis,
        home: &dyn Home,
        definitions: &dyn Fn(&str) -> Option<Rc<Definitions>>,
    ) -> Self {
        let modules: Vec<Rc<Definitions>> = analysis
            .files
            .iter()
            .filter(|(file, _)| !is_test(file))
            .filter_map(|(_, info)| definitions(&info.module))
            .collect();
        let beside: BTreeSet<&str> = analysis
            .hooks
            .iter()
            .filter(|h| {
                matches!(&h.kind, HookKind::Request { when } if !matches!(
                    when,
                    HookTime::Before | HookTime::After | HookTime::TemplateContext
                ))
            })
            .filter_map(|h| h.function.as_ref()?.function.as_deref())
            .collect();
        let functions = analysis.functions.iter().filter(|f| !is_test(&f.file));
        let mut known: Vec<Known<'_>> = functions
            .filter(|f| f.role != Role::Module)
            .map(|f| Known {
                name: f.qualname.rsplit('.').next().unwrap_or(&f.qualname),
                file: &f.file,
                span: f.span,
                runs: f.role == Role::Factory || beside.contains(f.id.as_str()),
            })
            .collect();
        // The analysis has those that touch the framework; the others are in the modules.
        for module in &modules {
            for function in &module.functions {
                let is_known = |k: &Known<'_>| k.file == module.file && k.span == function.span;
                if !known.iter().any(is_known) {
                    known.push(Known {
                        name: &function.name,
                        file: &module.file,
                        span: function.span,
                        runs: false,
                    });
                }
            }
        }
        let files: Vec<&str> = analysis
            .files
            .keys()
            .map(String::as_str)
            .filter(|f| !is_test(f))
            .collect();
        let mut texts: Vec<(String, String)> = files
            .iter()
            .map(|file| {
                let text = home.text(file);
                let all = Span::new(0, text.len() as u32);
                ((*file).to_owned(), without(&text, all, file, &known))
            })
            .collect();
        // What is called there runs too, and what that calls.
        loop {
            let called = |name: &str| texts.iter().any(|(_, text)| is_called(text, name));
            let more: Vec<usize> = (0..known.len())
                .filter(|&i| known[i].runs || called(known[i].name))
                .collect();
            if more.is_empty() {
                return Self { texts };
            }
            for &i in &more {
                let function = &known[i];
                let text = home.text(function.file);
                let own = without(&text, function.span, function.file, &known);
                texts.push((function.file.to_owned(), own));
            }
            let mut index = 0;
            known.retain(|_| {
                index += 1;
                !more.contains(&(index - 1))
            });
        }
    }

    /// Whether some of it may change what `name` is bound to in a file. `defined` is where it is bound.
    pub fn changes(&self, file: &str, name: &str) -> bool {
        self.texts
            .iter()
            .filter(|(f, _)| f == file)
            .any(|(_, text)| occurrences(text, name).any(|at| !reads(text, at, name)))
    }
}

/// The text of a span with the functions inside of it left out.
fn without(text: &str, span: Span, file: &str, known: &[Known<'_>]) -> String {
    let mut out = span.of(text).as_bytes().to_vec();
    for function in known.iter().filter(|k| k.file == file && k.span != span) {
        if function.span.start >= span.start && function.span.end <= span.end {
            let (start, end) = (
                (function.span.start - span.start) as usize,
                (function.span.end - span.start) as usize,
            );
            out[start..end].fill(b' ');
        }
    }
    code(&String::from_utf8(out).unwrap_or_default())
}

/// Python with its comments and what stands in its strings left out; f-strings stay, since they hold code.
fn code(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['#', '"', '\'']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let length = if from.starts_with('#') {
            from.find('\n').unwrap_or(from.len())
        } else {
            let quotes = if from.starts_with("\"\"\"") || from.starts_with("'''") {
                3
            } else {
                1
            };
            literal(from, quotes)
        };
        let (literal, after) = from.split_at(length);
        let prefix = before.rsplit(|c: char| !c.is_ascii_alphabetic()).next();
        let is_format = prefix.is_some_and(|p| p.len() < 3 && p.contains(['f', 'F', 't', 'T']));
        if is_format {
            out.push_str(literal);
        } else if !literal.starts_with('#') {
            out.push_str("\"\"");
        }
        rest = after;
    }
    out + rest
}

/// How long the string is that begins with so many quotes.
fn literal(text: &str, quotes: usize) -> usize {
    let closing = &text[..quotes];
    let mut at = quotes;
    while at < text.len() {
        let rest = &text[at..];
        if let Some(escaped) = rest.strip_prefix('\\') {
            at += 1 + escaped.chars().next().map_or(0, char::len_utf8);
        } else if rest.starts_with(closing) {
            return at + quotes;
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// `name(`, `@name`
fn is_called(text: &str, name: &str) -> bool {
    occurrences(text, name).any(|at| {
        let (before, after) = (&text[..at], &text[at + name.len()..]);
        after.trim_start_matches(' ').starts_with('(') && !before.ends_with("def ")
            || before.ends_with('@')
    })
}

/// Whether `name` at a place is read and not changed, or bound, or handed to who knows whom.
fn reads(text: &str, at: usize, name: &str) -> bool {
    let (before, after) = (&text[..at], &text[at + name.len()..]);
    let line = before.rsplit('\n').next().unwrap_or("");
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let imports = ["import ", "from "]
        .iter()
        .any(|w| line.trim_start().starts_with(w));
    // `from x import (a,\n b)`
    let imports = imports
        || before
            .rsplit_once("import (")
            .is_some_and(|(_, list)| !list.contains(')'));
    let is_binding = line.trim().is_empty() && is_assignment(after);
    if imports || is_binding {
        return true;
    }
    let method = |rest: &str| {
        rest.strip_prefix('.').is_some_and(|rest| {
            let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            READING.contains(&&rest[..end]) && rest[end..].starts_with('(')
        })
    };
    if let Some(inside) = after.strip_prefix('[') {
        let Some(end) = closing(inside) else {
            return false;
        };
        let rest = inside[end + 1..].trim_start_matches(' ');
        let is_part = rest.starts_with(['.', '[']) && !method(rest);
        return !is_assignment(rest) && !is_part && !line.trim_end().ends_with("del");
    }
    if after.starts_with('.') {
        return method(after);
    }
    let before = line.trim_end();
    let callee = before.strip_suffix('(').unwrap_or("");
    let callee = callee.rsplit(|c| !is_word(c)).next().unwrap_or("");
    let word = before.rsplit(|c| !is_word(c)).next().unwrap_or("");
    READERS.contains(&callee) || ["in", "if", "not", "and", "or", "while"].contains(&word)
}

/// `= …`, `+= …`, `: type = …`
fn is_assignment(after: &str) -> bool {
    let after = after.trim_start_matches(' ');
    let rest = after.trim_start_matches(['+', '-', '*', '/', '|', '&', '^', '%', '@', '<', '>']);
    rest.starts_with('=') && !rest.starts_with("==") || after.starts_with(':')
}

/// Where the bracket ends that is open.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '[' => depth += 1,
            ']' if depth == 0 => return Some(at),
            ']' => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readings() {
        let reads = |text: &str| occurrences(text, "A").all(|at| reads(text, at, "A"));
        assert!(reads(
            "A = {1: 2}\nB = len(A)\nfor x in A: pass\nC = A[1]\nA.get(2)"
        ));
        assert!(reads("from x import (B,\n  A)\nif A[1] == 2: pass"));
        for text in [
            "A[1] = 2",
            "A.append(1)",
            "seed(A)",
            "del A[1]",
            "B = A",
            "A[1].x = 2",
            "A[1] += 1",
        ] {
            assert!(!reads(text), "{text}");
        }
        assert_eq!(
            code("a = 'it\\\'s' # b\nc = \"\"\"d\ne\"\"\" + f'{g}'"),
            "a = \"\" \nc = \"\" + f'{g}'"
        );
        assert!(is_called("x = seed()", "seed") && is_called("@seed\ndef f(): 1", "seed"));
        assert!(!is_called("def seed(): 1", "seed"));
    }
}
