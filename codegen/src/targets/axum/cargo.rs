//! The Cargo project around the handlers, and which files of the app come along.

use std::collections::{BTreeMap, BTreeSet};

use model::{Run, Serve};

use super::Port;
use crate::rust::names::snake;
use crate::rust::support;

impl Port<'_> {
    /// The package's name.
    fn package(&self) -> String {
        let module = &self.app.module;
        let name = snake(module.split('.').next().unwrap_or(module));
        // Cargo does not take these (cargo-util-schemas, restricted_names).
        if matches!(
            name.as_str(),
            "test"
                | "core"
                | "std"
                | "alloc"
                | "main"
                | "build"
                | "deps"
                | "examples"
                | "incremental"
        ) {
            format!("{name}_app")
        } else {
            name
        }
    }

    /// Writes manifest, `main.rs`, `lib.rs` and the support modules; gives the modules' names.
    pub(super) fn cargo(&self, files: &mut BTreeMap<String, String>) -> Vec<String> {
        let package = self.package();
        let mut used: BTreeSet<&str> = BTreeSet::new();
        for text in files.values() {
            used.extend(text.split("flask_parity::").skip(1).filter_map(|rest| {
                let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
                Some(&rest[..end])
            }));
            for (call, module) in [("ctx.render(", "templates"), ("ctx.flash(", "session")] {
                if text.contains(call)
                    || text.contains(&call.replace("ctx.", "ctx\n"))
                    || text.contains(".render(") && module == "templates"
                {
                    used.insert(module);
                }
            }
        }
        let carried = support::closure(&used);
        let names = carried
            .iter()
            .filter_map(|(path, _)| path.rsplit('/').next()?.strip_suffix(".rs"))
            .filter(|name| *name != "mod")
            .map(str::to_owned)
            .collect();
        let modules: BTreeSet<String> = self
            .module_names()
            .into_iter()
            .chain(["application".into(), "flask_parity".into(), "routes".into()])
            .collect();
        let modules: String = modules.iter().map(|m| format!("pub mod {m};\n")).collect();
        let title = format!(
            "The Flask app `{}`, ported to axum.",
            self.app.import_name()
        );
        files.insert("src/lib.rs".into(), format!("//! {title}\n\n{modules}"));
        files.insert(
            "src/main.rs".into(),
            format!(
                "//! Serves the app on `$BIND`, or on 127.0.0.1:8000.\n\nuse std::process::ExitCode;\n\nuse {package}::application::{{App, router}};\nuse {package}::flask_parity::application::run;\n\n#[tokio::main]\nasync fn main() -> ExitCode {{\n    run::<App>(router()).await\n}}\n"
            ),
        );
        files.insert(
            "Cargo.toml".into(),
            format!(
                "[package]\nname = \"{package}\"\nversion = \"0.1.0\"\nedition = \"2024\"\nrust-version = \"1.95\"\npublish = false\n\n{}\n# Where Python's integers grow, these end the request and do not wrap.\n[profile.release]\noverflow-checks = true\n",
                support::dependencies(&carried)
            ),
        );
        files.insert(".gitignore".into(), "/target\n".into());
        for (path, text) in carried {
            files.insert(format!("src/{path}"), text);
        }
        names
    }

    /// What lies in the folders of templates and static files, by path in the port.
    pub(super) fn carried(&self) -> BTreeMap<String, String> {
        let mut out = BTreeMap::new();
        let mut folders = BTreeSet::new();
        for (name, file) in self.templates.files() {
            out.insert(format!("templates/{name}"), file.to_owned());
            folders.extend(file.strip_suffix(name).filter(|f| !f.is_empty()));
        }
        // Templates of other suffixes are no text that the analysis knows, and wanted all the same.
        for file in self.source.listed.iter().filter(|f| !f.ends_with(".py")) {
            for inside in folders.iter().filter_map(|f| file.strip_prefix(*f)) {
                let path = format!("templates/{inside}");
                out.entry(path).or_insert_with(|| file.clone());
            }
        }
        for route in self.static_routes() {
            let Some(folder) = &route.folder else {
                continue;
            };
            let prefix = if folder.is_empty() {
                String::new()
            } else {
                format!("{folder}/")
            };
            for file in self.source.listed.iter().filter(|f| f.starts_with(&prefix)) {
                let inside = &file[prefix.len()..];
                out.insert(
                    format!("{}/{inside}", self.static_folder(route)),
                    file.clone(),
                );
            }
        }
        out
    }

    pub(super) fn run(&self) -> Run {
        let words = |words: &[&str]| Serve {
            serve: words.iter().map(|w| (*w).to_owned()).collect(),
        };
        Run {
            original: words(&[
                "gunicorn",
                "-w",
                "1",
                "-b",
                "{host}:{port}",
                &self.app.import_name(),
            ]),
            port: words(&[
                "env",
                "BIND={host}:{port}",
                "cargo",
                "run",
                "--release",
                "--quiet",
            ]),
        }
    }
}
