//! The support modules that Rust ports carry: real files of this project, compiled and tested on their own.

use std::collections::BTreeSet;

/// Their folder in a port, below `src`.
pub const FOLDER: &str = "flask_parity";

macro_rules! files {
    ($($name:literal,)+) => {
        /// Every module with its source.
        const FILES: &[(&str, &str)] = &[
            $(($name, include_str!(concat!("../../support/rust/src/flask_parity/", $name, ".rs"))),)+
        ];
    };
}

files! {
    "application", "around", "body", "building", "calendar", "conditions", "context", "converters", "cookies", "dates", "dispatch", "environ", "error", "files", "globals", "inputs", "json", "json_reading", "matching", "mimetypes", "numbers", "python", "quoting", "responses", "rule", "session", "shared", "signing", "template_filters", "template_methods", "template_objects", "template_text", "templates",
}

/// What every port has; `building` adds to what `matching` defines and is named by nobody.
const BASE: [&str; 2] = ["application", "building"];

/// The manifest that the modules are compiled with here.
const MANIFEST: &str = include_str!("../../support/rust/Cargo.toml");

/// Crates by the modules that need them; a crate that is not here is needed by what every port carries.
const OPTIONAL: &[(&str, &[&str])] = &[
    ("indexmap", &["shared"]),
    ("minijinja", TEMPLATES),
    ("minijinja-contrib", TEMPLATES),
    ("tower", &["dispatch"]),
    ("unicode-normalization", &["files"]),
];

const TEMPLATES: &[&str] = &[
    "templates",
    "template_filters",
    "template_objects",
    "template_text",
];

/// The modules that `used` ones need, themselves included, with their sources, by path below `src`.
#[must_use]
pub fn closure(used: &BTreeSet<&str>) -> Vec<(String, String)> {
    let mut wanted: BTreeSet<&str> = BTreeSet::new();
    let mut pending: Vec<&str> = used.iter().copied().chain(BASE).collect();
    while let Some(name) = pending.pop() {
        let Some((name, text)) = FILES.iter().find(|(n, _)| *n == name) else {
            continue;
        };
        if wanted.insert(name) {
            pending.extend(needs(text));
        }
    }
    let list: String = wanted
        .iter()
        .map(|name| format!("pub mod {name};\n"))
        .collect();
    let docs = "//! Flask's answers on axum: what axum answers otherwise, module by module.\n\n";
    let mut out = vec![(format!("{FOLDER}/mod.rs"), format!("{docs}{list}"))];
    let sources = FILES.iter().filter(|(name, _)| wanted.contains(name));
    out.extend(sources.map(|(name, text)| (format!("{FOLDER}/{name}.rs"), untested(text))));
    out
}

/// Modules beside it that a module names.
fn needs(text: &str) -> impl Iterator<Item = &str> {
    text.split("super::").skip(1).filter_map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
        Some(&rest[..end])
    })
}

/// A module without its tests, which stay with this project.
fn untested(text: &str) -> String {
    match text.find("\n#[cfg(test)]\nmod tests {") {
        Some(at) => text[..at + 1].trim_end().to_owned() + "\n",
        None => text.to_owned(),
    }
}

/// The `[dependencies]` of a manifest for modules in `files` (paths as [`closure`] gives them).
#[must_use]
pub fn dependencies(files: &[(String, String)]) -> String {
    let has = |module: &str| {
        files
            .iter()
            .any(|(path, _)| *path == format!("{FOLDER}/{module}.rs"))
    };
    let lines = MANIFEST
        .lines()
        .skip_while(|l| *l != "[dependencies]")
        .skip(1);
    let mut out = String::from("[dependencies]\n");
    for line in lines.take_while(|l| !l.is_empty() && !l.starts_with('[')) {
        let name = line.split([' ', '=']).next().unwrap_or("");
        let needed = OPTIONAL
            .iter()
            .find(|(krate, _)| *krate == name)
            .is_none_or(|(_, modules)| modules.iter().any(|m| has(m)));
        if needed {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_module_is_listed() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/support/rust/src/flask_parity");
        let mut there: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter_map(|name| name.strip_suffix(".rs").map(str::to_owned))
            .filter(|name| name != "mod")
            .collect();
        there.sort();
        let listed: Vec<&str> = FILES.iter().map(|(name, _)| *name).collect();
        assert_eq!(listed, there);
    }

    #[test]
    fn a_port_gets_what_it_uses_and_no_more() {
        let plain = closure(&BTreeSet::from(["responses"]));
        assert!(plain.iter().any(|(p, _)| p == "flask_parity/around.rs"));
        assert!(!plain.iter().any(|(p, _)| p == "flask_parity/templates.rs"));
        assert!(!dependencies(&plain).contains("minijinja"));
        let pages = closure(&BTreeSet::from(["templates"]));
        assert!(
            pages
                .iter()
                .any(|(p, _)| p == "flask_parity/template_filters.rs")
        );
        assert!(dependencies(&pages).contains("minijinja-contrib"));
        assert!(pages.iter().all(|(_, text)| !text.contains("#[cfg(test)]")));
    }
}
