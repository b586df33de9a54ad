//! What runs while an app is imported, and whether it changes a module's data: a static starts as the literal says.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use model::body::Definitions;
use model::function::Role;
use model::touch::HookTime;
use model::{Analysis, Function, HookKind, Span};

use super::super::python::code;
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
    texts: BTreeMap<String, Vec<String>>,
}

/// A function of the app.
struct Known {
    span: Span,
    name: String,
    /// The framework calls it; nobody calls it through an object.
    is_view: bool,
}

/// The functions of each file.
type Functions<'a> = BTreeMap<&'a str, Vec<Known>>;

impl Startup {
    pub fn of(
        analysis: &Analysis,
        home: &dyn Home,
        definitions: &dyn Fn(&str) -> Option<Rc<Definitions>>,
    ) -> Self {
        let sources: BTreeMap<&str, String> = analysis
            .files
            .keys()
            .filter(|file| !is_test(file))
            .map(|file| (file.as_str(), home.text(file)))
            .collect();
        let functions = functions(analysis, definitions);
        let mut by_name: BTreeMap<&str, Vec<(&str, &Known)>> = BTreeMap::new();
        for (file, known) in &functions {
            for function in known {
                let same = by_name.entry(&function.name).or_default();
                same.push((file, function));
            }
        }
        let whole = |text: &String| Span::new(0, text.len() as u32);
        let modules = sources.iter().map(|(file, text)| (*file, whole(text)));
        let mut runs: Vec<(&str, Span)> = modules.collect();
        runs.extend(started(analysis).map(|f| (f.file.as_str(), f.span)));
        let mut seen = BTreeSet::new();
        let mut out = Self::default();
        // What is called there runs too, and what that calls.
        while let Some((file, span)) = runs.pop() {
            let Some(text) = sources.get(file).filter(|_| seen.insert((file, span))) else {
                continue;
            };
            let own = without(text, span, functions.get(file).map_or(&[], Vec::as_slice));
            for call in calls(&own) {
                let same = by_name.get(call.name).map_or(&[][..], Vec::as_slice);
                let same = same.iter().filter(|(_, f)| !(call.on_object && f.is_view));
                runs.extend(same.map(|(file, f)| (*file, f.span)));
            }
            out.texts.entry(file.to_owned()).or_default().push(own);
        }
        out
    }

    /// Whether some of it may change what `name` is bound to in a file. `defined` is where it is bound.
    pub fn changes(&self, file: &str, name: &str) -> bool {
        self.texts
            .get(file)
            .into_iter()
            .flatten()
            .any(|text| occurrences(text, name).any(|at| !reads(text, at, name)))
    }
}

/// Factories, and hooks that do not run in a request that the port sees.
fn started(analysis: &Analysis) -> impl Iterator<Item = &Function> {
    let is_beside = |kind: &HookKind| {
        matches!(kind, HookKind::Request { when } if !matches!(
            when,
            HookTime::Before | HookTime::After | HookTime::TemplateContext
        ))
    };
    let hooks = analysis.hooks.iter().filter(move |h| is_beside(&h.kind));
    let beside: BTreeSet<&str> = hooks
        .filter_map(|h| h.function.as_ref()?.function.as_deref())
        .collect();
    let functions = analysis.functions.iter().filter(|f| !is_test(&f.file));
    functions.filter(move |f| f.role == Role::Factory || beside.contains(f.id.as_str()))
}

/// The analysis has those that touch the framework; the others are in the modules.
fn functions<'a>(
    analysis: &'a Analysis,
    definitions: &dyn Fn(&str) -> Option<Rc<Definitions>>,
) -> Functions<'a> {
    let mut out = Functions::new();
    for function in analysis.functions.iter().filter(|f| f.role != Role::Module) {
        let name = function.qualname.rsplit('.').next();
        out.entry(&function.file).or_default().push(Known {
            span: function.span,
            name: name.unwrap_or(&function.qualname).to_owned(),
            is_view: function.role == Role::View,
        });
    }
    for (file, info) in analysis.files.iter().filter(|(file, _)| !is_test(file)) {
        let known = out.entry(file).or_default();
        let spans: BTreeSet<Span> = known.iter().map(|k| k.span).collect();
        let defined = definitions(&info.module);
        let defined = defined.iter().flat_map(|d| &d.functions);
        known.extend(defined.filter(|f| !spans.contains(&f.span)).map(|f| Known {
            span: f.span,
            name: f.name.clone(),
            is_view: false,
        }));
    }
    out
}

/// The code of a span, the functions inside of it left out.
fn without(text: &str, span: Span, functions: &[Known]) -> String {
    let mut out = span.of(text).as_bytes().to_vec();
    for function in functions.iter().filter(|k| k.span != span) {
        if function.span.start >= span.start && function.span.end <= span.end {
            let (start, end) = (
                (function.span.start - span.start) as usize,
                (function.span.end - span.start) as usize,
            );
            out[start..end].fill(b'\n');
        }
    }
    code(&String::from_utf8(out).unwrap_or_default())
}

/// A call by the name of what is called.
struct Call<'t> {
    name: &'t str,
    /// `x.name(`
    on_object: bool,
}

/// `name(`, `x.name(`, `@name`
fn calls(code: &str) -> impl Iterator<Item = Call<'_>> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut at = 0;
    let parts = code.split_inclusive(move |c| !is_word(c)).map(move |part| {
        at += part.len();
        (at - part.len(), part.trim_end_matches(|c| !is_word(c)))
    });
    parts
        .filter(|(_, name)| !name.is_empty())
        .filter_map(|(start, name)| {
            let (before, after) = (&code[..start], &code[start + name.len()..]);
            let is_called = after.trim_start_matches(' ').starts_with('(')
                && !before.trim_end_matches(' ').ends_with("def");
            let on_object = before.ends_with('.');
            (is_called || before.ends_with('@')).then_some(Call { name, on_object })
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
        let named = |text| calls(text).map(|c| c.name).collect::<Vec<_>>();
        assert_eq!(
            named("x = seed()\n@wrap\ndef f(): g (h).i()"),
            ["seed", "wrap", "g", "i"]
        );
    }
}
