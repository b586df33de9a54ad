//! Targets: one folder each, and one line each in [`TARGETS`].

pub mod fastapi;

use std::collections::{BTreeMap, BTreeSet};

use model::port::{FunctionVerdict, ReviewPair, RouteVerdict, Run};
use model::{Analysis, Deviation, Obstacle};

use crate::error::PortError;
use crate::project::guide::Guide;
use crate::project::requirements::Dependencies;
use crate::python::edits::EditSet;

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
    /// What a port says of itself to people.
    pub guide: Guide,
    /// Writes the port in memory.
    pub lower: fn(&Source<'_>) -> Result<Draft, PortError>,
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
pub const TARGETS: &[Target] = &[fastapi::TARGET];

/// Targets that have a name and no plan code yet.
pub const PLANNED: &[&str] = &["actix", "axum", "litestar", "quart", "robyn", "starlette"];

/// The target of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|t| t.name == name)
}

/// What a target reads: the model and the source text.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The analysis.
    pub analysis: &'a Analysis,
    /// Texts of the analysed files, by path.
    pub texts: &'a BTreeMap<String, String>,
}

/// A port in memory.
#[derive(Debug, Default)]
pub struct Draft {
    /// Edits by file.
    pub edits: BTreeMap<String, EditSet>,
    /// Support modules.
    pub support: BTreeSet<String>,
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
}
