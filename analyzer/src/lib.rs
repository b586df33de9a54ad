//! Reads a Flask or Quart app without running it and builds the framework-neutral model.
//!
//! ```text
//! files ──source──▶ text ──python──▶ facts ──python::eval──▶ values ──flask──▶ model::Analysis
//!                                                                   templates ──▲
//! ```
//!
//! Parsing never fails: the result is a model and findings, never an error for one file's sake.

pub mod deploy;
pub mod flask;
mod part;
pub mod python;
pub mod source;
pub mod templates;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use model::{Analysis, Code, Finding, Place, Severity};

use part::Part;
use python::body::File;
use source::Problem;

/// Why there is nothing to analyse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InputError {
    /// The path does not exist.
    Missing(String),
    /// The path is neither a folder nor a Python file.
    NotPython(String),
    /// The system gives no threads.
    Threads(String),
    /// No app, blueprint or route in it.
    NoApp {
        /// The path.
        path: String,
        /// How many Python files were looked at.
        files: usize,
    },
}

impl std::fmt::Display for InputError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing(path) => write!(f, "{path}: no such file or folder"),
            Self::NotPython(path) => write!(f, "{path}: not a folder or a .py file"),
            Self::Threads(why) => write!(f, "no threads could be started: {why}"),
            Self::NoApp { path, files: 0 } => write!(f, "{path}: no Python file in it"),
            Self::NoApp { path, files } => {
                let s = if *files == 1 { "" } else { "s" };
                write!(f, "{path}: no Flask or Quart app in {files} Python file{s}")
            }
        }
    }
}

impl std::error::Error for InputError {}

impl InputError {
    /// What to do about it.
    #[must_use]
    pub const fn mend(&self) -> &'static str {
        match self {
            Self::Missing(_) => "check the spelling",
            Self::NotPython(_) => "name the app's folder, its package, or one .py file",
            Self::Threads(_) => "raise the limit of virtual memory (`ulimit -v`)",
            Self::NoApp { .. } => "name the folder that holds `Flask(...)` or `Quart(...)`",
        }
    }
}

/// Analyses the app in a folder, a package or one file.
///
/// # Errors
/// When there is nothing to analyse; never for the sake of one bad file.
pub fn analyze(path: &Path) -> Result<Analysis, InputError> {
    let shown = path.display().to_string();
    let metadata = std::fs::metadata(path).map_err(|_| InputError::Missing(shown.clone()))?;
    if !metadata.is_dir() && path.extension().is_none_or(|e| e != "py") {
        return Err(InputError::NotPython(shown));
    }
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads())
        .stack_size(STACK)
        .build()
        .map_err(|e| InputError::Threads(e.to_string()))?;
    pool.install(|| whole(path, shown))
}

/// Every thread may have to evaluate deeply nested imports, or parse deeply nested source. One set of
/// threads does it all: what one step frees, the next one uses.
const STACK: usize = if python::eval::STACK > python::extract::STACK {
    python::eval::STACK
} else {
    python::extract::STACK
};

/// More than these gain nothing: the evaluation of a part is one thread's work.
const MOST_THREADS: usize = 8;

fn threads() -> usize {
    std::thread::available_parallelism().map_or(2, |n| n.get().min(MOST_THREADS))
}

fn whole(path: &Path, shown: String) -> Result<Analysis, InputError> {
    let survey = source::survey(path, flask::vocabulary::OUTSIDE);
    let mut parts: Vec<(&str, Part)> = survey
        .parts()
        .map(|part| (part.first(), Part::new(&part)))
        .collect();
    // The largest part came first; what people and programs see goes by path.
    parts.sort_by_key(|(first, _)| *first);
    let mut analysis = Analysis {
        schema: Analysis::SCHEMA.into(),
        root: shown,
        ..Analysis::default()
    };
    analysis.findings = survey.problems().iter().map(problem).collect();
    let mut namings = Vec::new();
    for (_, mut part) in parts {
        namings.append(&mut part.take_namings());
        part.join(&mut analysis);
    }
    if analysis.apps.is_empty() && analysis.routes.is_empty() && analysis.blueprints.is_empty() {
        return Err(InputError::NoApp {
            path: analysis.root,
            files: survey.files(),
        });
    }
    analysis.functions.sort_by(|a, b| a.file.cmp(&b.file));
    (analysis.servers, analysis.tasks) = deploy::commands(path, &analysis);
    templates::fill(&mut analysis, path, &namings);
    analysis.findings.sort_by(|a, b| a.place.cmp(&b.place));
    Ok(analysis)
}

/// Reads from the files below `root` what an analysis of it does not hold; each file once.
pub struct Reading<'a> {
    root: &'a Path,
    analysis: &'a Analysis,
    files: RefCell<BTreeMap<String, Option<Rc<File>>>>,
}

impl<'a> Reading<'a> {
    /// Of the tree that was analysed.
    #[must_use]
    pub fn new(root: &'a Path, analysis: &'a Analysis) -> Self {
        Self {
            root,
            analysis,
            files: RefCell::default(),
        }
    }

    /// The body of a function; `None` when its file is gone or is not what was analysed.
    #[must_use]
    pub fn body(&self, function: &model::Function) -> Option<model::Body> {
        self.file(&function.file)?.body(function)
    }

    /// What a module defines at its top level; `None` when its file is gone or cannot be read.
    #[must_use]
    pub fn definitions(&self, file: &str) -> Option<model::body::Definitions> {
        let name = &self.analysis.files.get(file)?.module;
        let functions = self.analysis.functions.iter();
        let known: Vec<&model::Function> = functions.filter(|f| f.file == file).collect();
        self.file(file)?.definitions(file, name, &known)
    }

    /// Words of the tree's Python files, those that touch no framework too; see [`model::Words`]. Reads every file.
    #[must_use]
    pub fn words(&self) -> model::Words {
        python::words::collect(source::texts(self.root))
    }

    fn file(&self, path: &str) -> Option<Rc<File>> {
        if let Some(known) = self.files.borrow().get(path) {
            return known.clone();
        }
        let base = if self.root.is_file() {
            self.root.parent()?
        } else {
            self.root
        };
        let text = std::fs::read_to_string(base.join(path)).ok();
        let read = text.and_then(File::read).map(Rc::new);
        self.files
            .borrow_mut()
            .insert(path.to_owned(), read.clone());
        read
    }
}

fn problem((file, problem): &(String, Problem)) -> Finding {
    let place = Place {
        file: file.clone(),
        line: 1,
        ..Place::default()
    };
    let (code, message, help) = match problem {
        Problem::Unreadable(why) => (
            Code::M0001,
            format!("this file could not be read: {why}"),
            "Make it readable, or remove it.",
        ),
        Problem::Encoding(name) => (
            Code::M0002,
            format!("this file is not valid {name}"),
            "Save it as UTF-8, or correct its `coding` comment.",
        ),
        Problem::TooLarge(bytes) => (
            Code::M0003,
            format!("this file is too large to be source ({} MiB)", bytes >> 20),
            "Nothing in it is analysed; split it if it holds routes.",
        ),
    };
    Finding {
        code,
        severity: Severity::Warning,
        place,
        message,
        help: help.into(),
    }
}
