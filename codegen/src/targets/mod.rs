//! Targets: one folder each, and one line each in [`TARGETS`].

pub mod axum;
pub mod fastapi;
mod parity;
pub mod robyn;
mod serving;
pub mod starlette;

use std::collections::{BTreeMap, BTreeSet};

use model::body::Definitions;
use model::port::{FunctionVerdict, ReviewPair, RouteVerdict, Run};
use model::{Analysis, App, Body, Code, Deviation, Function, Obstacle, Reason};

use crate::error::PortError;
use crate::project::guide::Guide;
use crate::project::requirements::Dependencies;
use crate::python::edits::EditSet;
use crate::support::{Engine, Ground};

pub use serving::Serving;

/// A target that `migrate port --to` knows.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// The name on the command line.
    pub name: &'static str,
    /// One line for people.
    pub summary: &'static str,
    /// Source frameworks that it ports.
    pub sources: &'static [&'static str],
    /// What its ports are written in.
    pub language: Language,
    /// What starts its ports: the first, unless `--server` names another.
    pub servings: &'static [Serving],
    /// What a port says of itself to people.
    pub guide: Guide,
    /// What can be done to the server of its ports from outside, whatever the app does (M0701).
    pub hazard: Option<Hazard>,
    /// Writes the port in memory.
    pub lower: fn(&Source<'_>) -> Result<Draft, PortError>,
}

/// A danger to a server.
#[derive(Clone, Copy, Debug)]
pub struct Hazard {
    /// What can be done, in words.
    pub what: &'static str,
    /// What keeps it away.
    pub mend: &'static str,
}

/// The language of a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// The app's own files, edited.
    Python,
    /// New files; each function of the app stands beside one of them (`Draft::pairs`).
    Rust,
}

impl Language {
    /// The word that people read.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Python => "Python",
            Self::Rust => "Rust",
        }
    }
}

/// Every target. The command line's values, the docs and the tests come from here.
pub const TARGETS: &[Target] = &[
    axum::TARGET,
    fastapi::TARGET,
    robyn::TARGET,
    starlette::TARGET,
];

/// Targets that have a name and no plan code yet.
pub const PLANNED: &[&str] = &["actix", "litestar", "quart"];

/// The target of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|t| t.name == name)
}

/// Reads from the source what the analysis does not hold, for targets that write in another language.
pub trait Reader {
    /// The neutral body of a function, when its file still is what was analysed.
    fn body(&self, function: &Function) -> Option<Body>;
    /// What a file defines at its top level.
    fn definitions(&self, file: &str) -> Option<Definitions>;
}

/// What a target reads: the model and the source text.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// The analysis.
    pub analysis: &'a Analysis,
    /// Texts of the analysed files, by path.
    pub texts: &'a BTreeMap<String, String>,
    /// Files of the project, relative to its root.
    pub listed: &'a [String],
    /// Reads what the analysis does not hold.
    pub reader: &'a dyn Reader,
    /// Answer 501 where a route could be left to the original.
    pub no_relay: bool,
    /// Port only routes whose endpoint or rule fits one of these; all when there are none.
    pub only: &'a [String],
    /// Answers of the port say who served them.
    pub trace: bool,
    /// Packages of the framework that the app keeps below the versions that ports were measured against.
    pub held_back: &'a BTreeSet<&'static str>,
}

/// The app to port: the only one, or the only one that answers more than static files; its index in the analysis.
pub(crate) fn one_app<'a>(
    analysis: &'a Analysis,
    target: &str,
) -> Result<(usize, &'a App), PortError> {
    let apps: Vec<&App> = analysis
        .serving_apps()
        .filter(|app| !is_test(&app.place.file))
        .collect();
    match apps.as_slice() {
        [] => Err(PortError::NoApp),
        [app] if find(target).is_some_and(|t| !t.sources.contains(&app.framework.as_str())) => {
            Err(PortError::Unsupported {
                target: target.into(),
                obstacles: vec![Obstacle {
                    file: app.place.file.clone(),
                    line: app.place.line,
                    reason: reason(
                        "M0304",
                        format!("no port of a Quart app to `{target}` is written yet"),
                    ),
                }],
            })
        }
        [app] => {
            let damaged = damaged(analysis, app);
            if !damaged.is_empty() {
                return Err(PortError::Unsupported {
                    target: target.into(),
                    obstacles: damaged,
                });
            }
            let index = analysis.apps.iter().position(|a| std::ptr::eq(a, *app));
            Ok((index.unwrap_or(0), app))
        }
        many => Err(PortError::ManyApps(
            many.iter()
                .map(|app| format!("{}:{}", app.place.file, app.place.line))
                .collect(),
        )),
    }
}

/// Syntax errors in the files of the app, its views and its hooks: Python could not import them, and what the parser
/// skipped would be missing.
fn damaged(analysis: &Analysis, app: &App) -> Vec<Obstacle> {
    let views = analysis.routes.iter().filter_map(|r| r.view.as_ref());
    let hooks = analysis.hooks.iter().filter_map(|h| h.function.as_ref());
    let files: BTreeSet<&str> = views
        .chain(hooks)
        .map(|view| view.file.as_str())
        .chain([app.place.file.as_str()])
        .collect();
    analysis
        .findings
        .iter()
        .filter(|f| f.code == Code::M0004 && files.contains(f.place.file.as_str()))
        .map(|f| Obstacle {
            file: f.place.file.clone(),
            line: f.place.line,
            reason: reason("M0004", f.message.clone()),
        })
        .collect()
}

/// The user's tests stay as they are.
pub(crate) fn is_test(file: &str) -> bool {
    let mut parts = file.split('/').rev();
    let name = parts.next().unwrap_or("");
    name == "conftest.py"
        || name.starts_with("test_")
        || name.ends_with("_test.py")
        || parts.any(|p| matches!(p, "tests" | "test"))
}

pub(crate) fn reason(code: &str, message: String) -> Reason {
    Reason {
        code: code.into(),
        message,
        line: None,
        through: None,
    }
}

/// A port in memory.
#[derive(Debug, Default)]
pub struct Draft {
    /// Edits by file.
    pub edits: BTreeMap<String, EditSet>,
    /// Support modules.
    pub support: BTreeSet<String>,
    /// What they stand on.
    pub ground: Ground,
    /// What renders page templates.
    pub engine: Engine,
    /// Verdicts of functions.
    pub functions: Vec<FunctionVerdict>,
    /// Verdicts of routes.
    pub routes: Vec<RouteVerdict>,
    /// What is known to differ.
    pub deviations: Vec<Deviation>,
    /// What the port needs installed.
    pub dependencies: Dependencies,
    /// How to start both sides.
    pub run: Run,
    /// What stands in the way of the whole app: with any, no port is written.
    pub obstacles: Vec<Obstacle>,
    /// Remarks for MIGRATION.md.
    pub remarks: Vec<String>,
    /// Functions beside what stands for them, of a target that writes files of its own.
    pub pairs: Vec<ReviewPair>,
    /// Which of the app's files come along.
    pub carried: Carried,
    /// Files of the port's own, by path, besides support files in Python.
    pub files: BTreeMap<String, String>,
}

/// Which of the app's files come along.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Carried {
    /// All of them, some edited.
    #[default]
    All,
    /// These, by path in the port with their path in the source. The files of paired functions are kept among the
    /// port's records.
    Only(BTreeMap<String, String>),
}
