//! The Cargo project around the handlers, and which files of the app come along.

use std::collections::{BTreeMap, BTreeSet};

use model::{Run, Serve};

use super::Port;
use crate::rust::names::snake;
use crate::rust::support;

/// Lints of clippy that speak of what the Python says: a port keeps its shape.
const SHAPES: &[&str] = &[
    "absurd_extreme_comparisons",
    "almost_swapped",
    "approx_constant",
    "assign_op_pattern",
    "bool_comparison",
    "collapsible_else_if",
    "collapsible_if",
    "comparison_to_empty",
    "const_is_empty",
    "double_comparisons",
    "eq_op",
    "erasing_op",
    "excessive_precision",
    "identity_op",
    "if_same_then_else",
    "ifs_same_cond",
    "int_plus_one",
    "len_zero",
    "let_and_return",
    "manual_clamp",
    "manual_range_contains",
    "manual_strip",
    "misrefactored_assign_op",
    "needless_bool",
    "needless_bool_assign",
    "needless_else",
    "needless_ifs",
    "needless_return",
    "neg_cmp_op_on_partial_ord",
    "neg_multiply",
    "no_effect",
    "nonminimal_bool",
    "overly_complex_bool_expr",
    "question_mark",
    "redundant_locals",
    "self_assignment",
    "single_char_add_str",
    "single_element_loop",
    "to_string_in_format_args",
    "too_many_arguments",
    "unnecessary_lazy_evaluations",
    "unnecessary_min_or_max",
    "unnecessary_to_owned",
];

/// The same of rustc.
const RUST_SHAPES: &[&str] = &["double_negations", "unused_assignments"];

/// The `[lints]` of a port.
fn lints() -> String {
    let table = |lints: &[&str]| {
        lints
            .iter()
            .map(|lint| format!("{lint} = \"allow\"\n"))
            .collect::<String>()
    };
    format!(
        "# What the Python says in its own way, this says in the same.\n[lints.rust]\n{}\n[lints.clippy]\n{}",
        table(RUST_SHAPES),
        table(SHAPES)
    )
}

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
                "[package]\nname = \"{package}\"\nversion = \"0.1.0\"\nedition = \"2024\"\nrust-version = \"1.95\"\npublish = false\n\n{}\n# Where Python's integers grow, these end the request and do not wrap.\n[profile.release]\noverflow-checks = true\n\n{}",
                support::dependencies(&carried),
                lints()
            ),
        );
        files.insert(".gitignore".into(), "/target\n".into());
        for (path, text) in carried {
            files.insert(format!("src/{path}"), text);
        }
        names
    }

    /// Templates and static files, by path in the port.
    pub(super) fn carried(&self) -> BTreeMap<String, String> {
        let mut out = BTreeMap::new();
        for (name, file) in self.templates.files() {
            out.insert(format!("templates/{name}"), file.to_owned());
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
