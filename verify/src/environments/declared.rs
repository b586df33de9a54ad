//! What a tree declares to be installed.
//!
//! Three kinds of files count, in this order, and a package that an earlier one names is not taken from a later one:
//!
//! 1. `requirements.txt`, since that is what deployments install, most often with exact versions.
//! 2. The first of the files of [`NAMED`]: how deployments name it when there are several.
//! 3. The project's own list, ranges as a rule: `[project]` of pyproject.toml, else Poetry's, else setup.cfg's, else a Pipfile's.
//!
//! All three are needed: a port has the original's files, and a requirements.txt with no more than the
//! target's packages when the original had none. The app itself is never installed, it runs from its tree.
//! Lock files of Poetry, Pipenv, PDM and uv are not read.

use std::path::{Path, PathBuf};

use super::requirements::{self, List};
use super::{EnvironmentError, manifests};

/// What a tree declares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declared {
    /// The tree.
    pub root: PathBuf,
    /// The files that declare something, relative to the tree where they lie in it, included ones too. Empty when nothing is declared.
    pub files: Vec<PathBuf>,
    /// Requirements, a line each as pip reads them (PEP 508, hashes kept), local paths absolute.
    pub lines: Vec<String>,
    /// Options of requirements files: `--index-url …`, `--pre`.
    pub options: Vec<String>,
    /// Constraints: versions for packages that something else requires.
    pub constraints: Vec<String>,
    /// The versions of Python that it runs with.
    pub python: Option<Asked>,
    /// What the reader has to know when the app turns out to lack a package.
    pub remark: Option<String>,
}

/// Versions of Python that a file asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// PEP 440 specifiers: `>=3.9,<4`.
    pub versions: String,
    /// The file.
    pub file: PathBuf,
}

impl Declared {
    /// Whether no package is declared.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Whether a package is declared by its name; `name` as PEP 503 normalises it.
    #[must_use]
    pub fn names(&self, name: &str) -> bool {
        let mut named = self.lines.iter().filter_map(|l| requirements::package(l));
        named.any(|n| n == name)
    }

    /// What declares it, in words for an error.
    #[must_use]
    pub fn origin(&self) -> String {
        let root = self.root.display();
        match self.files.as_slice() {
            [] => format!("{root} (which declares nothing)"),
            [file] => format!("{} of {root}", file.display()),
            [file, rest @ ..] => {
                let files = if rest.len() == 1 { "file" } else { "files" };
                format!(
                    "{} and {} more {files} of {root}",
                    file.display(),
                    rest.len()
                )
            }
        }
    }

    /// Adds a list's packages that are not named yet.
    fn add(&mut self, list: List) {
        let new: Vec<String> = list
            .lines
            .into_iter()
            .filter(|line| requirements::package(line).is_none_or(|name| !self.names(&name)))
            .collect();
        self.lines.extend(new);
        for (mine, its) in [
            (&mut self.options, list.options),
            (&mut self.constraints, list.constraints),
        ] {
            for line in its {
                if !mine.contains(&line) {
                    mine.push(line);
                }
            }
        }
        for file in list.files {
            let file = file.strip_prefix(&self.root).unwrap_or(&file).to_owned();
            if !self.files.contains(&file) {
                self.files.push(file);
            }
        }
    }
}

/// Files for production first, then the common base of several; never those for development, tests or documentation.
pub const NAMED: [&str; 8] = [
    "prod",
    "production",
    "deploy",
    "base",
    "common",
    "main",
    "app",
    "requirements",
];

/// The first of [`NAMED`]: `requirements/prod.txt`, `requirements-prod.txt`, `requirements_prod.txt`,
/// `requirements.prod.txt`, `prod-requirements.txt`.
fn named(root: &Path) -> Option<PathBuf> {
    let paths = NAMED.iter().flat_map(|name| {
        [
            format!("requirements/{name}.txt"),
            format!("requirements-{name}.txt"),
            format!("requirements_{name}.txt"),
            format!("requirements.{name}.txt"),
            format!("{name}-requirements.txt"),
        ]
    });
    paths
        .map(|path| root.join(path))
        .find(|path| path.is_file())
}

/// What the tree at `root` declares, a folder or a single Python file (then what is beside it counts). `None` for a
/// tree that needs no Python: one with a Cargo.toml that declares no package, as compiled ports are. A Python tree without
/// any list gives an empty [`Declared`].
///
/// # Errors
/// [`EnvironmentError::Declaration`] when a file cannot be read or understood.
pub fn declared(root: &Path) -> Result<Option<Declared>, EnvironmentError> {
    let folder = if root.is_file() {
        root.parent().unwrap_or(root)
    } else {
        root
    };
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let root = folder
        .canonicalize()
        .map_err(|e| EnvironmentError::Declaration {
            path: folder.to_owned(),
            why: e.to_string(),
        })?;
    let mut out = Declared {
        root: root.clone(),
        ..Declared::default()
    };
    let mut extras = Vec::new();
    let first = Some(root.join("requirements.txt")).filter(|path| path.is_file());
    for file in first.into_iter().chain(named(&root)) {
        let mut list = requirements::read(&root, &file)?;
        extras.append(&mut list.extras);
        out.add(list);
    }
    let mut manifests = manifests::read(&root, &extras)?;
    out.python = manifests.iter_mut().find_map(|m| m.python.take());
    if let Some(list) = manifests.into_iter().find_map(|m| m.requirements) {
        out.add(list);
    }
    if out.is_empty() && root.join("Cargo.toml").is_file() {
        return Ok(None);
    }
    if out.is_empty() && root.join("setup.py").is_file() {
        out.remark = Some(
            "setup.py is not run to learn what it requires: list that in a requirements.txt beside it, or name an interpreter that has everything, with --original-python or --port-python"
                .into(),
        );
    }
    Ok(Some(out))
}
