//! Import statements of the framework, exchanged for what the files need now.

use std::collections::BTreeSet;

use model::FileInfo;
use model::analysis::ImportStatement;

use super::Port;
use super::names::{self, Fate};
use super::replaced;
use crate::error::PortError;
use crate::python::edits::Edit;
use crate::python::imports::{self, Wanted};
use crate::targets::is_test;

/// Modules of Quart that work without an app.
const APARTS: &[&str] = &["quart.datastructures", "quart.typing", "quart.utils"];

/// What becomes of a whole statement.
enum Statement {
    /// Not a byte changes.
    Stays,
    /// These take its place.
    Becomes(BTreeSet<Wanted>),
}

impl Port<'_> {
    pub(super) fn imports(&mut self) -> Result<(), PortError> {
        let analysis = self.analysis;
        for (path, info) in &analysis.files {
            if !is_test(path) || self.tests.contains(path) {
                self.imports_of(path, info)?;
            }
        }
        Ok(())
    }

    fn imports_of(&mut self, path: &str, info: &FileInfo) -> Result<(), PortError> {
        let text = self.text(path);
        let mut top: Vec<&ImportStatement> = Vec::new();
        let mut taken: BTreeSet<Wanted> = BTreeSet::new();
        for statement in &info.imports {
            // Stands in a comment now.
            if self.is_refused(path, statement.span) {
                continue;
            }
            let Statement::Becomes(wanted) = self.statement(path, statement) else {
                if names::is_of_framework(&statement.module) && !is_test(path) {
                    self.goes_on_importing(path, statement);
                }
                continue;
            };
            if wanted.iter().any(|w| names::is_of_framework(&w.module)) && !is_test(path) {
                self.goes_on_importing(path, statement);
            }
            for w in &wanted {
                self.support_of(w);
            }
            if statement.top_level {
                taken.extend(wanted);
                top.push(statement);
            } else {
                self.inner_import(path, statement, &wanted)?;
            }
        }
        if !self.files.contains_key(path) && top.is_empty() {
            return Ok(());
        }
        if !info.editable {
            let message = "this file is not plain UTF-8, so it is never edited; save it as UTF-8";
            self.obstacle(path, 1, "M0302", message.into());
            return Ok(());
        }
        let file = self.files.entry(path.to_owned()).or_default();
        let mut wanted = std::mem::take(&mut file.wanted);
        wanted.extend(taken);
        imports::replace(text, &top, info.imports_end, &wanted, &mut file.edits).map_err(
            |overlap| PortError::Overlap {
                file: path.to_owned(),
                overlap,
            },
        )
    }

    /// What has no counterpart is used by what is left to the framework, or by nobody: it has to be there.
    fn goes_on_importing(&mut self, path: &str, statement: &ImportStatement) {
        let root = statement.module.split('.').next().unwrap_or("flask");
        let module = &statement.module;
        let is_star = statement.names.iter().any(|n| n.name == "*");
        // What is left to Flask may be who uses it; of Quart nothing is left.
        let is_used = match root {
            "quart" => !APARTS.contains(&module.as_str()),
            _ => is_star || !statement.from && !self.relays,
        };
        if is_used {
            let message = format!(
                "not every use of this import of `{module}` has a counterpart; import the names one by one, from `{root}`"
            );
            self.obstacle(path, statement.line, "M0302", message);
            return;
        }
        self.imports_framework = true;
        if !self.relays {
            self.remarks.push(format!(
                "{path}:{}: this import of `{}` stays, and with it {root} in the requirements: not every name of it has a counterpart",
                statement.line, statement.module
            ));
        }
    }

    fn statement(&self, path: &str, statement: &ImportStatement) -> Statement {
        if !names::concerns(statement) {
            return Statement::Stays;
        }
        if !statement.from {
            return self.module_import(path, statement);
        }
        let ambient = self.files.get(path).is_some_and(|f| f.ambient_request);
        let mut out = BTreeSet::new();
        let mut changed = false;
        for name in &statement.names {
            let (module, new) = match names::fate(&statement.module, &name.name) {
                Fate::Gone => {
                    changed = true;
                    continue;
                }
                Fate::New(..) if name.name == "request" && !ambient => {
                    changed = true;
                    continue;
                }
                Fate::New(module, new) => {
                    changed = true;
                    (module, new)
                }
                // What has no counterpart is used only by what is left to Flask.
                Fate::Library | Fate::Unknown => (statement.module.as_str(), name.name.as_str()),
            };
            out.insert(names::wanted(name, module, new));
        }
        if changed {
            Statement::Becomes(out)
        } else {
            Statement::Stays
        }
    }

    /// `import flask` goes when every use of it was rewritten; `import flask_login` becomes the port's module by that
    /// name.
    fn module_import(&self, path: &str, statement: &ImportStatement) -> Statement {
        if let Some((to, _)) = replaced::module(&statement.module)
            && let [name] = statement.names.as_slice()
            && let Some((package, module)) = to.rsplit_once('.')
        {
            return Statement::Becomes(BTreeSet::from([names::wanted(name, package, module)]));
        }
        if let Some(module) = names::whole(&statement.module)
            && let [name] = statement.names.as_slice()
            && name.bound != name.name
            && !name.bound.contains('.')
        {
            let wanted = names::wanted(name, "flask_parity", module);
            return Statement::Becomes(BTreeSet::from([wanted]));
        }
        if matches!(statement.module.as_str(), "flask" | "quart")
            && !self.keeps_module(path, statement)
        {
            return Statement::Becomes(BTreeSet::new());
        }
        Statement::Stays
    }

    /// Whether something still reaches the framework through the module's name.
    fn keeps_module(&self, path: &str, statement: &ImportStatement) -> bool {
        let Some(bound) = statement.names.first().map(|n| n.bound.as_str()) else {
            return true;
        };
        let text = self.text(path);
        if passes_on(text, bound) {
            return true;
        }
        let dotted = format!("{bound}.");
        self.functions()
            .filter(|f| f.file == path)
            .flat_map(|f| &f.touches)
            .filter(|t| super::attributes::unawaited(t.span.of(text)).starts_with(&dotted))
            .any(|t| super::attributes::dotted(&statement.module, t, text, &dotted).is_none())
    }

    /// An import inside a function or block is rewritten where it stands.
    fn inner_import(
        &mut self,
        path: &str,
        statement: &ImportStatement,
        wanted: &BTreeSet<Wanted>,
    ) -> Result<(), PortError> {
        let text = self.text(path);
        let done = if wanted.is_empty() {
            let edit = Edit {
                span: statement.span,
                text: "pass".into(),
                code: "R0101",
                function: None,
            };
            self.file(path).edits.add(edit)
        } else {
            let file = self.files.entry(path.to_owned()).or_default();
            imports::replace(text, &[statement], 0, wanted, &mut file.edits)
        };
        done.map_err(|overlap| PortError::Overlap {
            file: path.to_owned(),
            overlap,
        })
    }

    fn support_of(&mut self, wanted: &Wanted) {
        if let Some(support) = wanted.module.strip_prefix("flask_parity.") {
            self.support.insert(support.to_owned());
        } else if wanted.module == "flask_parity" {
            self.support.insert(wanted.name.clone());
        }
    }
}

/// Whether a file hands the module itself on: `helper(flask)`, `f = flask`.
fn passes_on(text: &str, bound: &str) -> bool {
    let lines = text
        .lines()
        .map(|line| line.split('#').next().unwrap_or(line));
    let code = lines.filter(|line| {
        let line = line.trim_start();
        !line.starts_with("import ") && !line.starts_with("from ")
    });
    code.flat_map(|line| line.match_indices(bound).map(move |(at, _)| (line, at)))
        .any(|(line, at)| {
            let before = line[..at].trim_end();
            let after = line[at + bound.len()..].trim_start();
            before.ends_with(['(', ',', '=', '[', ':'])
                && (after.is_empty() || after.starts_with([')', ',', ']']))
        })
}

#[cfg(test)]
mod tests {
    use super::passes_on;

    #[test]
    fn a_module_that_is_handed_on() {
        for (line, wanted) in [
            ("helper(flask)", true),
            ("x = flask", true),
            ("f(1, flask, 2)", true),
            ("import flask", false),
            ("flask.g.x = 1", false),
            ("\"\"\"An app of flask, and more.\"\"\"", false),
            ("x = 1  # helper(flask)", false),
            ("y = my_flask", false),
        ] {
            assert_eq!(passes_on(line, "flask"), wanted, "{line}");
        }
    }
}
