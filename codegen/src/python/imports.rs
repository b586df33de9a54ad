//! Imports, rewritten in a file's own style.

use std::collections::BTreeSet;

use model::Span;
use model::analysis::ImportStatement;

use super::edits::{Edit, EditSet, Overlap, indent, whole_lines};

/// Import lines longer than this are wrapped (the line length of black and ruff).
const WIDTH: usize = 88;

/// A name to import.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wanted {
    /// From where (`fastapi.responses`); empty for `import name`.
    pub module: String,
    /// What.
    pub name: String,
    /// As what, where it differs.
    pub alias: Option<String>,
}

impl Wanted {
    /// `from module import name`.
    #[must_use]
    pub fn from(module: &str, name: &str) -> Self {
        Self {
            module: module.into(),
            name: name.into(),
            alias: None,
        }
    }

    fn clause(&self) -> String {
        match &self.alias {
            Some(alias) => format!("{} as {alias}", self.name),
            None => self.name.clone(),
        }
    }
}

/// Replaces import statements of the framework by imports of what the port needs.
///
/// `gone` are the statements that disappear; the new imports stand where the first `from … import …` of them stood (or
/// the first of any kind), or after the last import of the file. One name a line when the file does so, else one line a module.
///
/// # Errors
/// When another rewrite touches an import.
pub fn replace(
    text: &str,
    gone: &[&ImportStatement],
    imports_end: u32,
    wanted: &BTreeSet<Wanted>,
    edits: &mut EditSet,
) -> Result<(), Overlap> {
    if gone.is_empty() && wanted.is_empty() {
        return Ok(());
    }
    let single = gone.len() > 1 && gone.iter().all(|s| s.names.len() == 1);
    let place = gone.iter().position(|s| s.from).unwrap_or(0);
    let mut pending: Vec<String> = lines(wanted, single);
    for (i, statement) in gone.iter().enumerate() {
        let blanks = indent(text, statement.span.start).to_owned();
        let edit = if i == place && !pending.is_empty() {
            let new = std::mem::take(&mut pending);
            let text = if alone_before(text, statement.span.start) {
                new.join("\n").replace('\n', &format!("\n{blanks}"))
            } else {
                // After `if x:` or another statement: a second line would leave that suite.
                new.join("; ")
            };
            Edit {
                span: statement.span,
                text,
                code: "R0101",
                function: None,
            }
        } else {
            let span = whole_lines(text, with_separator(text, statement.span));
            Edit {
                span,
                text: String::new(),
                code: "R0101",
                function: None,
            }
        };
        edits.add(edit)?;
    }
    if !pending.is_empty() {
        let body = pending.join("\n");
        let (at, text) = if imports_end == 0 {
            let head = head(text);
            let above = text[..head.end].trim_start_matches('\u{feff}');
            let ended = above.is_empty() || above.ends_with('\n');
            let before = if ended { "" } else { "\n" };
            let blank = if head.docstring { "\n" } else { "" };
            (head.end as u32, format!("{before}{blank}{body}\n"))
        } else {
            (imports_end, format!("\n{body}"))
        };
        edits.add(Edit {
            span: Span::new(at, at),
            text,
            code: "R0101",
            function: None,
        })?;
    }
    Ok(())
}

/// Whether nothing but blanks stands before `at` on its line.
fn alone_before(text: &str, at: u32) -> bool {
    let head = text.get(..at as usize).unwrap_or("");
    let line = head.rfind('\n').map_or(0, |i| i + 1);
    head[line..].trim().is_empty()
}

/// The span of a statement that goes, with one `;` that parted it from a neighbour on its line.
fn with_separator(text: &str, span: Span) -> Span {
    let blank = [' ', '\t'];
    let tail = text.get(span.end as usize..).unwrap_or("");
    let rest = tail.trim_start_matches(blank);
    if let Some(next) = rest.strip_prefix(';') {
        let next = next.trim_start_matches(blank);
        return Span::new(span.start, span.end + (tail.len() - next.len()) as u32);
    }
    let head = text.get(..span.start as usize).unwrap_or("");
    match head.trim_end_matches(blank).strip_suffix(';') {
        Some(previous) => Span::new(previous.len() as u32, span.end),
        None => span,
    }
}

/// What stands at the top of a file that has no imports.
struct Head {
    /// Where its first statement may stand.
    end: usize,
    /// It has a docstring, which must stay the first statement.
    docstring: bool,
}

/// The byte order mark, the comments and the docstring at the top of a file. Read by letter: the model
/// says only where imports end, and here there are none.
fn head(text: &str) -> Head {
    let mut end = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let mut at = end;
    loop {
        let line = text[at..].split_inclusive('\n').next().unwrap_or("");
        let trimmed = line.trim();
        if trimmed.starts_with('#') {
            at += line.len();
            end = at;
        } else if trimmed.is_empty() && !line.is_empty() {
            at += line.len();
        } else {
            break;
        }
    }
    let literal = text[at..].trim_start_matches(['r', 'R', 'u', 'U']);
    for quote in ["\"\"\"", "'''", "\"", "'"] {
        let Some(content) = literal.strip_prefix(quote) else {
            continue;
        };
        let Some(after) = past(content, quote) else {
            break;
        };
        let line = after.split_inclusive('\n').next().unwrap_or("");
        if line.trim().is_empty() || line.trim().starts_with('#') {
            return Head {
                end: text.len() - after.len() + line.len(),
                docstring: true,
            };
        }
        break;
    }
    Head {
        end,
        docstring: false,
    }
}

/// What follows the literal that `content` is inside of.
fn past<'a>(content: &'a str, quote: &str) -> Option<&'a str> {
    let mut at = 0;
    while at < content.len() {
        let rest = &content[at..];
        if let Some(escaped) = rest.strip_prefix('\\') {
            at += 1 + escaped.chars().next().map_or(0, char::len_utf8);
        } else if let Some(after) = rest.strip_prefix(quote) {
            return Some(after);
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    None
}

fn lines(wanted: &BTreeSet<Wanted>, single: bool) -> Vec<String> {
    let mut out: Vec<String> = wanted
        .iter()
        .filter(|w| w.module.is_empty())
        .map(|w| format!("import {}", w.clause()))
        .collect();
    let mut modules: Vec<&str> = wanted
        .iter()
        .map(|w| w.module.as_str())
        .filter(|m| !m.is_empty())
        .collect();
    modules.dedup();
    for module in modules {
        let mut names: Vec<String> = wanted
            .iter()
            .filter(|w| w.module == module)
            .map(Wanted::clause)
            .collect();
        // isort's order within a statement: CONSTANTS, Classes, functions.
        names.sort_by_key(|n| (rank(n), n.clone()));
        if single {
            out.extend(names.iter().map(|n| format!("from {module} import {n}")));
        } else {
            let line = format!("from {module} import {}", names.join(", "));
            // The layout that black and ruff give a list that does not fit.
            out.push(if line.len() > WIDTH {
                format!("from {module} import (\n    {},\n)", names.join(",\n    "))
            } else {
                line
            });
        }
    }
    out
}

fn rank(name: &str) -> u8 {
    if name.chars().next().is_some_and(char::is_uppercase) {
        u8::from(name.chars().any(char::is_lowercase))
    } else {
        2
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::analysis::ImportedName;

    fn statement(text: &str, source: &str) -> ImportStatement {
        let start = text.find(source).unwrap() as u32;
        let span = Span::new(start, start + source.len() as u32);
        let names = source
            .rsplit("import ")
            .next()
            .unwrap()
            .split(", ")
            .map(|n| ImportedName {
                name: n.into(),
                bound: n.into(),
                span,
            })
            .collect();
        ImportStatement {
            span,
            line: 1,
            module: "flask".into(),
            from: true,
            names,
            top_level: true,
        }
    }

    fn check(before: &str, gone: &[&str], wanted: &[(&str, &str)], after: &str) {
        let gone: Vec<_> = gone.iter().map(|g| statement(before, g)).collect();
        let wanted = wanted.iter().map(|(m, n)| Wanted::from(m, n)).collect();
        let mut edits = EditSet::default();
        replace(
            before,
            &gone.iter().collect::<Vec<_>>(),
            0,
            &wanted,
            &mut edits,
        )
        .unwrap();
        assert_eq!(edits.apply(before), after);
    }

    #[test]
    fn one_line_a_module() {
        check(
            "import os\nfrom flask import Flask, g\n\nx = 1\n",
            &["from flask import Flask, g"],
            &[("fastapi", "FastAPI"), ("flask_parity.context", "g")],
            "import os\nfrom fastapi import FastAPI\nfrom flask_parity.context import g\n\nx = 1\n",
        );
    }

    #[test]
    fn one_line_a_name() {
        check(
            "from flask import Flask\nfrom flask import g\n\nx = 1\n",
            &["from flask import Flask", "from flask import g"],
            &[("fastapi", "FastAPI"), ("fastapi", "Request")],
            "from fastapi import FastAPI\nfrom fastapi import Request\n\nx = 1\n",
        );
    }

    #[test]
    fn several_statements_on_a_line() {
        let wanted = [("fastapi", "FastAPI"), ("m", "g")];
        check(
            "from flask import Flask; x = 1\nfrom flask import g; y = 2\n",
            &["from flask import Flask", "from flask import g"],
            &wanted,
            "from fastapi import FastAPI\nfrom m import g; x = 1\ny = 2\n",
        );
        check(
            "from flask import Flask\nimport os; from flask import g\n",
            &["from flask import Flask", "from flask import g"],
            &wanted,
            "from fastapi import FastAPI\nfrom m import g\nimport os\n",
        );
        check(
            "if x: from flask import Flask, g\n",
            &["from flask import Flask, g"],
            &wanted,
            "if x: from fastapi import FastAPI; from m import g\n",
        );
        check(
            "def f():\n    from flask import Flask, g\n    return g\n",
            &["from flask import Flask, g"],
            &wanted,
            "def f():\n    from fastapi import FastAPI\n    from m import g\n    return g\n",
        );
    }

    #[test]
    fn below_the_head_of_a_file_without_imports() {
        let wanted = [("m", "g")];
        let all = [
            ("x = 1\n", "from m import g\nx = 1\n"),
            (
                "#!/bin/python\n# -*- coding: utf-8 -*-\nx = 1\n",
                "#!/bin/python\n# -*- coding: utf-8 -*-\nfrom m import g\nx = 1\n",
            ),
            (
                "#!/bin/python\n\n\"\"\"Doc\n\"quoted\" \\\"\"\"\n\"\"\"\n\nx = 1\n",
                "#!/bin/python\n\n\"\"\"Doc\n\"quoted\" \\\"\"\"\n\"\"\"\n\nfrom m import g\n\nx = 1\n",
            ),
            (
                "'doc'  # why\nx = 1\n",
                "'doc'  # why\n\nfrom m import g\nx = 1\n",
            ),
            ("'not'.join(x)\n", "from m import g\n'not'.join(x)\n"),
            ("\"doc\"", "\"doc\"\n\nfrom m import g\n"),
            ("r\"\"\"open", "from m import g\nr\"\"\"open"),
            ("", "from m import g\n"),
        ];
        for (before, after) in all {
            check(before, &[], &wanted, after);
        }
        let mark = "\u{feff}x = 1\n";
        check(mark, &[], &wanted, "\u{feff}from m import g\nx = 1\n");
    }
}
