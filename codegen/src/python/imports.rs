//! Imports, rewritten in a file's own style.

use std::collections::BTreeSet;

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
/// `gone` are the statements that disappear; the new imports stand where the first of them stood, or
/// after the last import of the file. One name a line when the file does so, else one line a module.
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
    let mut pending: Vec<String> = lines(wanted, single);
    for (i, statement) in gone.iter().enumerate() {
        let blanks = indent(text, statement.span.start).to_owned();
        let edit = if i == 0 && !pending.is_empty() {
            let text = std::mem::take(&mut pending)
                .join("\n")
                .replace('\n', &format!("\n{blanks}"));
            Edit {
                span: statement.span,
                text,
                code: "R0101",
                function: None,
            }
        } else {
            let span = whole_lines(text, statement.span);
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
        let at = model::Span::new(imports_end, imports_end);
        let body = pending.join("\n");
        let text = if imports_end == 0 {
            format!("{body}\n")
        } else {
            format!("\n{body}")
        };
        edits.add(Edit {
            span: at,
            text,
            code: "R0101",
            function: None,
        })?;
    }
    Ok(())
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
    use model::Span;
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
}
