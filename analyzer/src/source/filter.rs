//! Which files can matter: those that import the framework, closed over the import graph.
//!
//! The seed is every file that imports something with one of the framework's words in its name
//! (`flask`, `flask_login`, `chameleon_flask`). That alone is unsound: a module that imports the
//! project's own wrapper of a blueprint need not name the framework. So five more kinds are kept:
//!
//! - files that import, from a kept file, a name that stands for something of the framework:
//!   `from .compat import request`, `from app import app`,
//! - files that import a file that registers and have a word of registration in them,
//! - files that a registering file imports: constants, base classes, wrappers; through files that
//!   register themselves, transitively,
//! - files that a file that uses the framework imports and that have one of the words of what it may
//!   pass on to them, an app or a request: `app.logger`, `request.args`,
//! - every package `__init__` on the way to a kept file, since importing runs it.

use aho_corasick::AhoCorasick;
use rustc_hash::FxHashSet;

use crate::python::module_index::{Importable, ModuleIndex};

use super::imports::Scanner;

/// The framework's own words.
const SEEDS: &[&str] = &["flask", "Flask", "quart", "Quart", "werkzeug"];

/// Words without which a file registers nothing.
const REGISTRATION: &[&str] = &[
    "route(",
    "add_url_rule",
    "register_blueprint",
    "Blueprint",
    "expose(",
    "MethodView",
    "as_view",
    "url_prefix",
    "Resource",
    "add_resource",
    "add_view",
    "add_api",
    "Flask(",
    "Quart(",
    "create_app",
    ".before_request",
    ".before_app_request",
    ".before_first_request",
    ".before_serving",
    ".after_request",
    ".after_app_request",
    ".teardown_request",
    ".teardown_appcontext",
    ".errorhandler(",
    ".app_errorhandler(",
    ".register_error_handler(",
    ".context_processor",
    ".app_context_processor",
    ".template_filter",
    ".app_template_filter",
    ".add_template_",
    ".template_test",
    ".template_global",
    ".jinja_env",
];

/// What is asked of an app or request that a file gets from others.
const HANDED_ON: &[&str] = &[
    "app.config",
    "app.logger",
    "request.args",
    "request.cookies",
    "request.files",
    "request.form",
    "request.get_json",
    "request.headers",
    "request.json",
    "request.method",
    "request.values",
];

/// Names that stand for something of the framework wherever they are imported from.
const EXPORTED: &[&str] = &[
    "*",
    "Blueprint",
    "Flask",
    "Quart",
    "Response",
    "abort",
    "api",
    "app",
    "application",
    "blueprint",
    "bp",
    "create_app",
    "current_app",
    "flash",
    "flask",
    "flask_app",
    "g",
    "jsonify",
    "make_response",
    "quart",
    "redirect",
    "render_template",
    "render_template_string",
    "request",
    "send_file",
    "send_from_directory",
    "server",
    "session",
    "url_for",
];

/// A file by its place and its import name.
pub(super) struct Named {
    /// Path relative to the root.
    pub path: String,
    /// Dotted import name.
    pub name: String,
    /// Is an `__init__.py`.
    pub is_package: bool,
}

impl Named {
    /// The folder that must be on `sys.path` for this file to be imported by its name.
    pub fn import_root(&self) -> &str {
        let tail = if self.is_package {
            "/__init__.py".len()
        } else {
            ".py".len()
        };
        let named = self.path.len().saturating_sub(self.name.len() + tail);
        self.path.get(..named).unwrap_or("")
    }

    /// The outermost package or module, where it lies and its name.
    pub fn top(&self) -> (&str, &str) {
        let top = self.name.split('.').next().unwrap_or("");
        (self.import_root(), top)
    }
}

impl Importable for Named {
    fn name(&self) -> &str {
        &self.name
    }
    fn is_package(&self) -> bool {
        self.is_package
    }
    fn path(&self) -> &str {
        &self.path
    }
}

/// What one file says of itself.
#[derive(Default)]
pub(super) struct Sight {
    /// How long it is.
    pub bytes: u32,
    /// Imports something of the framework.
    is_seed: bool,
    /// Has a word of registration.
    registers: bool,
    /// Has a word of what is asked of an app or request.
    takes_over: bool,
    /// Files that it imports.
    pub imports: Vec<u32>,
    /// Of these, files from which it imports a name that stands for something of the framework.
    takes: Vec<u32>,
}

/// Decides which files of a tree are kept.
pub(super) struct Filter<'a> {
    files: &'a [Named],
    outside: &'static [&'static str],
    index: ModuleIndex,
    seeds: AhoCorasick,
    words: AhoCorasick,
    scanner: Scanner,
}

impl<'a> Filter<'a> {
    /// A filter of `files`. Packages named in `outside` are never looked for among them.
    pub(super) fn new(files: &'a [Named], outside: &'static [&'static str]) -> Self {
        Self {
            files,
            outside,
            index: ModuleIndex::new(files),
            seeds: AhoCorasick::new(SEEDS).expect("the words are plain"),
            words: AhoCorasick::new(REGISTRATION.iter().chain(HANDED_ON))
                .expect("the words are plain"),
            scanner: Scanner::new(),
        }
    }

    /// What the file at `i` says with these bytes.
    pub(super) fn look(&self, i: usize, bytes: &[u8]) -> Sight {
        let file = &self.files[i];
        let mut sight = Sight {
            is_seed: self
                .seeds
                .find_iter(bytes)
                .any(|found| is_on_import_line(bytes, found.start())),
            bytes: bytes.len() as u32,
            ..Sight::default()
        };
        for found in self.words.find_iter(bytes) {
            if found.pattern().as_usize() < REGISTRATION.len() {
                sight.registers = true;
            } else {
                sight.takes_over = true;
            }
            if sight.registers && sight.takes_over {
                break;
            }
        }
        self.scanner.scan(bytes, |import| {
            let root = import.module.split('.').next().unwrap_or("");
            if import.level == 0 && self.outside.contains(&root) {
                return;
            }
            let module = file.absolute(import.level, import.module);
            if let Some(j) = self.index.find(self.files, file, &module) {
                sight.imports.push(j);
                if import.name.is_some_and(stands_for_framework) {
                    sight.takes.push(j);
                }
            }
            if let Some(name) = import.name
                && let Some(j) = self
                    .index
                    .find(self.files, file, &format!("{module}.{name}"))
            {
                sight.imports.push(j);
            }
        });
        sight.imports.sort_unstable();
        sight.imports.dedup();
        sight
    }

    /// Which of the files are kept.
    pub(super) fn keep(&self, sights: &[Sight]) -> Vec<bool> {
        let files = self.files;
        let mut kept: Vec<bool> = sights.iter().map(|s| s.is_seed).collect();
        // Importers of kept files, until nothing changes. A wrapper is a file that registers: whoever
        // imports a mere user of the framework does not.
        loop {
            let mut changed = false;
            for (i, sight) in sights.iter().enumerate() {
                let registers_through = |&j: &u32| kept[j as usize] && sights[j as usize].registers;
                if !kept[i]
                    && (sight.takes.iter().any(|&j| kept[j as usize])
                        || sight.registers && sight.imports.iter().any(registers_through))
                {
                    kept[i] = true;
                    changed = true;
                }
            }
            if !changed {
                break;
            }
        }
        // What registering files import. What neither uses the framework nor registers holds constants
        // and base classes at most: it is kept, and what it imports is not.
        // A library beside the app that has nothing to do with the framework holds neither.
        let of_framework: FxHashSet<(&str, &str)> = files
            .iter()
            .zip(&kept)
            .filter(|(_, kept)| **kept)
            .map(|(file, _)| file.top())
            .collect();
        let mut pending: Vec<usize> = (0..files.len())
            .filter(|&i| kept[i] && sights[i].registers)
            .collect();
        while let Some(i) = pending.pop() {
            for &j in &sights[i].imports {
                let (j, imported) = (j as usize, &files[j as usize]);
                if !kept[j]
                    && (imported.import_root() == files[i].import_root()
                        || of_framework.contains(&imported.top()))
                {
                    kept[j] = true;
                    if sights[j].registers {
                        pending.push(j);
                    }
                }
            }
        }
        // What files that use the framework may pass its values on to.
        let users: Vec<usize> = (0..files.len()).filter(|&i| kept[i]).collect();
        for i in users {
            for &j in &sights[i].imports {
                let (j, imported) = (j as usize, &files[j as usize]);
                if !kept[j]
                    && sights[j].takes_over
                    && imported.import_root() == files[i].import_root()
                {
                    kept[j] = true;
                }
            }
        }
        // Packages around kept files.
        for (i, file) in files.iter().enumerate() {
            let mut name = file.name.as_str();
            while kept[i]
                && let Some((up, _)) = name.rsplit_once('.')
            {
                if let Some(j) = self.index.exact(up) {
                    kept[j as usize] = true;
                }
                name = up;
            }
        }
        kept
    }
}

/// Whether a name stands for something of the framework wherever it is imported from.
fn stands_for_framework(name: &str) -> bool {
    EXPORTED.contains(&name)
        || name.ends_with("_app")
        || name.ends_with("_bp")
        || name.ends_with("_blueprint")
}

/// The line around `at` imports something, by statement or by call.
fn is_on_import_line(bytes: &[u8], at: usize) -> bool {
    let start = memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |i| i + 1);
    let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |i| at + i);
    memchr::memmem::find(&bytes[start..end], b"import").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closure() {
        let files = [
            ("pkg", true, ""),
            ("pkg.wrap", false, "from flask import Blueprint, request\n"),
            ("pkg.consts", false, "PREFIX = '/a'\n"),
            (
                "pkg.views",
                false,
                "from .wrap import (\n  Thing,\n)\nfrom . import consts\n@x.route('/')\n",
            ),
            ("pkg.other", false, "import os  # not flask\n"),
            ("pkg.told", false, "'''As flask does.'''\n"),
            ("pkg.helper", false, "from pkg.wrap import request\n"),
            ("pkg.plugin", false, "f = __import__('flask')\n"),
        ];
        let list = files.map(|(name, is_package, _)| Named {
            path: name.replace('.', "/") + if is_package { "/__init__.py" } else { ".py" },
            name: name.into(),
            is_package,
        });
        let filter = Filter::new(&list, &["flask"]);
        let sights: Vec<Sight> = (0..files.len())
            .map(|i| filter.look(i, files[i].2.as_bytes()))
            .collect();
        let kept = filter.keep(&sights);
        assert_eq!(kept, [true, true, true, true, true, false, true, true]);
    }
}
