//! What is to be proven, and how.

use std::path::PathBuf;
use std::time::Duration;

use model::{Analysis, Constant, PortDocument, Route, Words};

/// What is to be proven, and how.
pub struct Job<'a> {
    /// The original, as the analyzer read it.
    pub analysis: &'a Analysis,
    /// The port's records.
    pub document: &'a PortDocument,
    /// The original: a folder or one Python file.
    pub original: PathBuf,
    /// The port's folder.
    pub port: PathBuf,
    /// Where requests come from.
    pub requests: Requests,
    /// Seed of the traffic.
    pub seed: u64,
    /// An interpreter with everything that the original needs.
    pub original_python: Option<PathBuf>,
    /// An interpreter with everything that the port needs.
    pub port_python: Option<PathBuf>,
    /// Install nothing.
    pub offline: bool,
    /// How long an answer may take.
    pub limit: Duration,
    /// Whether the app's own tests are run: environments then hold what they need.
    pub with_suite: bool,
    /// How long a run of the suite may take.
    pub suite_limit: Duration,
    /// Stop at the first difference that recurs.
    pub fail_fast: bool,
    /// The program that supervises servers, with its arguments: see [`crate::serve::supervise`].
    pub supervisor: (PathBuf, Vec<String>),
}

/// Where requests come from.
pub enum Requests {
    /// They are made from the model.
    Model {
        /// Words of the source.
        words: Words,
        /// Only routes whose endpoint or rule fits (`*` is any text).
        only: Option<String>,
    },
    /// They stand in files, a JSON document a line.
    Files(Vec<PathBuf>),
}

impl Job<'_> {
    /// What every request says in `Host`: the app's own `SERVER_NAME` where it has one, since it may answer to no other.
    #[must_use]
    pub fn host(&self) -> String {
        self.constant("SERVER_NAME")
            .unwrap_or_else(|| "localhost".into())
    }

    /// The secret that the app's source sets, where it is a constant.
    #[must_use]
    pub fn secret(&self) -> Option<String> {
        self.constant("SECRET_KEY")
    }

    /// Whether a route is asked for.
    pub(crate) fn asks(&self, route: &Route) -> bool {
        match &self.requests {
            Requests::Model {
                only: Some(glob), ..
            } => model::glob::names(glob, &route.endpoint, &route.rule),
            _ => true,
        }
    }

    fn constant(&self, key: &str) -> Option<String> {
        let mut apps = self.analysis.serving_apps();
        apps.find_map(|app| match app.config.get(key) {
            Some(Constant::Str(text)) => Some(text.clone()),
            _ => None,
        })
    }
}
