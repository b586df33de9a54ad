//! The app's own tests: they come along, with the port's client in the place of Flask's.

use std::collections::BTreeMap;

use model::touch::Op;
use model::{FileInfo, Function, Span, Touch};

use super::Port;
use super::names::{self, Fate};
use super::registrations::method;
use crate::error::PortError;
use crate::targets::is_test;

impl Port<'_> {
    /// Rewrites the files of tests that ask of the framework only what the port's own client and contexts have.
    pub(super) fn suite(&mut self) -> Result<(), PortError> {
        let analysis = self.analysis;
        let mut files: BTreeMap<&str, Vec<&Function>> = BTreeMap::new();
        for function in analysis.functions.iter().filter(|f| is_test(&f.file)) {
            files.entry(&function.file).or_default().push(function);
        }
        for (file, functions) in files {
            if let Some(why) = self.obstacle_of(file, &functions) {
                self.remarks
                    .push(format!("{file}: these tests stay as they are: {why}"));
                continue;
            }
            self.tests.insert(file.to_owned());
            let info = self.analysis.files.get(file);
            for (line, name) in info.into_iter().flat_map(unknown_imports) {
                self.remarks.push(format!(
                    "{file}:{line}: `{name}` has no counterpart: the test that uses it stays as it is"
                ));
            }
            let uses_request = functions.iter().any(|f| {
                f.touches.iter().any(|t| {
                    t.subject == model::Subject::Request && !matches!(t.op, Op::Import { .. })
                })
            });
            self.file(file).ambient_request |= uses_request;
            for function in functions {
                for touch in &function.touches {
                    self.test_touch(function, touch)?;
                }
            }
        }
        Ok(())
    }

    /// Why a file of tests cannot be rewritten.
    fn obstacle_of(&self, file: &str, functions: &[&Function]) -> Option<String> {
        let info = self.analysis.files.get(file)?;
        if !info.editable {
            return Some("the file is not plain UTF-8".into());
        }
        if let Some(why) = self.framework.without_client() {
            return Some(why.into());
        }
        if self.is_quart() {
            return Some("Quart's client is awaited, and has no counterpart yet".into());
        }
        let top = |line: u32| info.imports.iter().any(|s| s.line == line && s.top_level);
        if let Some((_, name)) = unknown_imports(info).find(|(line, _)| top(*line)) {
            return Some(format!("`{name}` has no counterpart"));
        }
        let makes = functions.iter().flat_map(|f| &f.touches).find(|t| {
            matches!(t.op, Op::CreateBlueprint | Op::Mount)
                || t.op == Op::Route && in_flask_words(t, self.text(file)).is_none()
        });
        makes.map(|t| format!("routes of their own are made in line {}", t.line))
    }

    /// An app that a test makes, or a rule that it adds, in Flask's own words: nothing is known of it before the test
    /// runs, and a test is no place to put it better.
    fn test_touch(&mut self, function: &Function, touch: &Touch) -> Result<(), PortError> {
        let text = self.text(&function.file);
        let Some((name, receiver)) = in_flask_words(touch, text) else {
            return self.touch(function, touch);
        };
        let module = match touch.op {
            Op::CreateApp => self.framework.support(),
            _ => "flask_parity.testing_rules",
        };
        let name = self.named(&function.file, module, name);
        let span = Span::new(touch.span.start, open_of(touch, text));
        let new = match receiver {
            Some(receiver) => format!("{name}({receiver}, "),
            None => format!("{name}("),
        };
        self.edit(function, span, new, "R0105")
    }
}

/// Names of the framework that the port does not have, with the lines in which they are imported.
fn unknown_imports(info: &FileInfo) -> impl Iterator<Item = (u32, &str)> {
    let statements = info.imports.iter().filter(|s| s.from && names::concerns(s));
    statements.flat_map(|s| {
        let unknown = s
            .names
            .iter()
            .filter(|n| names::fate(&s.module, &n.name) == Fate::Unknown);
        unknown.map(|n| (s.line, n.name.as_str()))
    })
}

/// The port's function for what a test makes, and the app that comes first.
fn in_flask_words<'t>(touch: &Touch, text: &'t str) -> Option<(&'static str, Option<&'t str>)> {
    match touch.op {
        Op::CreateApp => Some(("new_app", None)),
        Op::Route => match method(touch, text) {
            "route" => Some(("route", Some(touch.receiver.of(text)))),
            "add_url_rule" => Some(("add_url_rule", Some(touch.receiver.of(text)))),
            _ => None,
        },
        _ => None,
    }
}

/// Where the arguments of a call begin.
fn open_of(touch: &Touch, text: &str) -> u32 {
    let from = touch.receiver.end.max(touch.span.start);
    let found = text[from as usize..touch.span.end as usize].find('(');
    found.map_or(touch.span.end, |i| from + i as u32 + 1)
}
