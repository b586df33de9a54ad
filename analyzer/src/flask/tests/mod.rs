//! Data-driven tests: small sources, several files in one text under `# file: path` headings.

mod bodies;
mod extensions;
mod functions;
mod hooks;
mod names;
mod namings;
mod replace;
mod routes;
mod touches;

use std::fmt::Write;

use model::{Function, Op};

use super::vocabulary;
use crate::python::extract::Extractor;
use crate::python::project::{Module, Project};
use crate::python::scopes::Scopes;

/// A project of the files in `source`; without a heading they are one `app.py`.
pub(super) fn project(source: &str) -> Project {
    let mut files: Vec<(String, String)> = Vec::new();
    for line in source.lines() {
        if let Some(path) = line.strip_prefix("# file: ") {
            files.push((path.trim().to_owned(), String::new()));
        } else {
            if files.is_empty() {
                files.push(("app.py".into(), String::new()));
            }
            let (_, text) = files.last_mut().expect("one was pushed");
            text.push_str(line);
            text.push('\n');
        }
    }
    files.sort();
    let modules = files
        .into_iter()
        .map(|(path, text)| module(path, text))
        .collect();
    Project::new(modules, vocabulary::OUTSIDE)
}

fn module(path: String, text: String) -> Module {
    let stem = path.strip_suffix(".py").expect("a Python file");
    let is_package = stem == "__init__" || stem.ends_with("/__init__");
    let name = stem.trim_end_matches("/__init__").replace('/', ".");
    let facts = Extractor::new().extract(&text);
    let mut line_starts = vec![0];
    line_starts.extend(text.match_indices('\n').map(|(i, _)| i as u32 + 1));
    Module {
        path,
        name,
        is_package,
        text,
        facts,
        line_starts,
        verbatim: true,
    }
}

/// `Query { access: Get { key: Some("q") } }` as `Query Get q`.
fn brief(op: &impl std::fmt::Debug) -> String {
    let mut text = format!("{op:?}");
    for noise in [
        "access: ",
        "key: ",
        "name: ",
        "part: ",
        "template: ",
        "endpoint: ",
        "status: ",
        "kind: ",
        "when: ",
        "scope: ",
        "Some(",
        "{",
        "}",
        "(",
        ")",
        "\"",
        ",",
    ] {
        text = text.replace(noise, " ");
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Functions of a source with the touches that are not imports, a line each:
/// `qualname | op | span | receiver | context outcome`.
fn touch_lines(source: &str) -> String {
    let project = project(source);
    let (functions, _) = crate::flask::functions(&Scopes::new(&project), &[]);
    let mut out = String::new();
    for f in &functions {
        let text = &project
            .modules
            .iter()
            .find(|m| m.path == f.file)
            .expect("its module")
            .text;
        for t in &f.touches {
            let setup = matches!(
                t.op,
                Op::Import { .. } | Op::CreateApp | Op::CreateBlueprint | Op::Route
            );
            if setup && f.qualname == "<module>" || matches!(t.op, Op::Import { .. }) {
                continue;
            }
            writeln!(
                out,
                "{} | {} | {} | {} | {:?} {}",
                f.qualname,
                brief(&t.op),
                t.span.of(text),
                t.receiver.of(text),
                t.context,
                brief(&t.outcome)
            )
            .expect("a string takes it");
        }
    }
    out
}

/// Functions of a source, a line each, as `show` puts them.
fn function_lines(source: &str, show: impl Fn(&Function, &str) -> String) -> String {
    let project = project(source);
    let (functions, _) = crate::flask::functions(&Scopes::new(&project), &[]);
    let mut out = String::new();
    for f in &functions {
        let text = &project
            .modules
            .iter()
            .find(|m| m.path == f.file)
            .expect("its module")
            .text;
        let line = show(f, text);
        if !line.is_empty() {
            out.push_str(&line);
            out.push('\n');
        }
    }
    out
}

fn assert_lines(source: &str, found: &str, expected: &str) {
    let trim = |s: &str| {
        s.lines()
            .map(str::trim)
            .filter(|l| !l.is_empty())
            .collect::<Vec<_>>()
            .join("\n")
    };
    let (found, expected) = (trim(found), trim(expected));
    assert!(
        found == expected,
        "\n--- source\n{source}\n--- found\n{found}\n--- expected\n{expected}\n"
    );
}
