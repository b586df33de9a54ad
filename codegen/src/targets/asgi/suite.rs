//! The app's own tests: they come along, with the port's client in the place of Flask's.

use std::collections::BTreeMap;

use model::Function;
use model::touch::Op;

use super::Port;
use super::names::{self, Fate};
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
            let uses_request = functions.iter().any(|f| {
                f.touches.iter().any(|t| {
                    t.subject == model::Subject::Request && !matches!(t.op, Op::Import { .. })
                })
            });
            self.file(file).ambient_request |= uses_request;
            for function in functions {
                for touch in &function.touches {
                    self.touch(function, touch)?;
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
        for statement in info.imports.iter().filter(|s| names::concerns(s)) {
            if !statement.from {
                continue;
            }
            for name in &statement.names {
                if names::fate(&statement.module, &name.name) == Fate::Unknown {
                    return Some(format!("`{}` has no counterpart", name.name));
                }
            }
        }
        let makes = functions.iter().flat_map(|f| &f.touches).find(|t| {
            matches!(
                t.op,
                Op::CreateApp | Op::CreateBlueprint | Op::Route | Op::Mount | Op::Hook { .. }
            )
        });
        makes.map(|t| format!("an app of their own is made in line {}", t.line))
    }
}
