//! Reads a Flask or Quart app without running it and builds the framework-neutral model.
//!
//! ```text
//! files ──source──▶ text ──python──▶ facts ──python::eval──▶ values ──flask──▶ model::Analysis
//!                                                                   templates ──▲
//! ```
//!
//! Parsing never fails: the result is a model and findings, never an error for one file's sake.

pub mod flask;
pub mod python;
pub mod source;
pub mod templates;

use std::path::Path;

use model::{Analysis, Code, Finding, Place, Severity};

use source::Problem;

/// Why there is nothing to analyse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InputError {
    /// The path does not exist.
    Missing(String),
    /// The path is neither a folder nor a Python file.
    NotPython(String),
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
    let source = source::load(path, flask::vocabulary::OUTSIDE);
    let mut found = flask::registrations(&source.project);
    if found.apps.is_empty() && found.routes.is_empty() && found.blueprints.is_empty() {
        return Err(InputError::NoApp {
            path: shown,
            files: source.files,
        });
    }
    let mut findings: Vec<Finding> = source.problems.iter().map(problem).collect();
    findings.extend(source.project.modules.iter().filter_map(syntax_error));
    findings.append(&mut found.findings);
    let (functions, mut remarks) = flask::functions(&source.project);
    findings.append(&mut remarks);
    let mut analysis = Analysis {
        schema: Analysis::SCHEMA.into(),
        root: shown,
        apps: found.apps,
        blueprints: found.blueprints,
        routes: found.routes,
        functions,
        templates: Vec::new(),
        findings,
        files: flask::file_infos(&source.project),
    };
    templates::fill(&mut analysis, path, &source.project);
    Ok(analysis)
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

fn syntax_error(module: &python::project::Module) -> Option<Finding> {
    let first = module.facts.errors.first()?;
    Some(Finding {
        code: Code::M0004,
        severity: Severity::Warning,
        place: Place {
            file: module.path.clone(),
            line: module.line(first.start),
            column: module.column(first.start),
            span: model::Span {
                start: first.start,
                end: first.end,
            },
        },
        message: "syntax error: this part could not be read".into(),
        help: "Correct it; Python could not import this file either.".into(),
    })
}
