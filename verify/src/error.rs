//! Why there is no proof.

use std::io;
use std::path::PathBuf;

use crate::compare::BadDeviation;
use crate::environments::EnvironmentError;
use crate::serve::copies::CopyError;
use crate::serve::{RunError, StartError};
use crate::settings::SettingsError;
use crate::traffic::RequestsError;

/// Why there is no proof.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The app's settings are wrong.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// A requests file is wrong.
    #[error(transparent)]
    Requests(#[from] RequestsError),
    /// No route is asked for.
    #[error("no route fits `{0}`")]
    NoRoute(String),
    /// A declared deviation cannot be read.
    #[error(transparent)]
    Deviation(#[from] BadDeviation),
    /// A side has no environment.
    #[error(transparent)]
    Environment(#[from] EnvironmentError),
    /// A tree cannot be copied.
    #[error(transparent)]
    Copy(#[from] CopyError),
    /// A side does not start.
    #[error(transparent)]
    Start(#[from] Box<StartError>),
    /// The supervisor of all servers is gone, or could not be started.
    #[error("the servers' supervisor: {0}")]
    Supervisor(#[from] RunError),
    /// A command of `setup` failed.
    #[error("setup `{command}` {ending}")]
    Setup {
        /// The command.
        command: String,
        /// How it ended.
        ending: String,
        /// The last lines of its log.
        tail: Vec<String>,
    },
    /// The original died while it was asked.
    #[error("{side} died of request {number}, {request}")]
    Died {
        /// Which side.
        side: String,
        /// Method, path and query.
        request: String,
        /// Its place among all requests.
        number: u32,
        /// The last lines of its log.
        tail: Vec<String>,
    },
    /// A side's suite gives nothing to compare.
    #[error("the suite of {side} {why}")]
    Suite {
        /// Which side.
        side: String,
        /// How it ended.
        why: String,
        /// The last lines of its log.
        tail: Vec<String>,
    },
    /// The suite has no tests.
    #[error("`{0}` runs no test of the original")]
    NoTests(String),
    /// The system refused something.
    #[error("{path}: {error}", path = path.display())]
    System {
        /// What it was about.
        path: PathBuf,
        /// What it said.
        error: io::Error,
    },
}

impl VerifyError {
    /// What to do about it.
    #[must_use]
    pub fn mend(&self) -> String {
        match self {
            Self::Settings(e) => e.mend().into(),
            Self::Requests(e) => e.mend().into(),
            Self::NoRoute(_) => "see `migrate analyze` for endpoints and rules; `*` is any text".into(),
            Self::Deviation(e) => e.mend(),
            Self::Environment(e) => e.mend(),
            Self::Copy(e) => e.mend().into(),
            Self::Start(e) => e.mend().into(),
            Self::Supervisor(e) => e.mend().into(),
            Self::Setup { .. } => "correct `setup` in migrate.toml".into(),
            Self::Died { .. } => {
                "an app that ends itself cannot be proven: leave such requests out with --only or --requests"
                    .into()
            }
            Self::Suite { .. } => {
                "--suite takes a command that runs pytest, as you run it in the original's root; --suite-limit is its time"
                    .into()
            }
            Self::NoTests(_) => "name the folder of the tests: --suite 'pytest -q tests'".into(),
            Self::System { .. } => "check the folder and its permissions".into(),
        }
    }

    /// The last lines of the log of what failed; none where nothing ran.
    #[must_use]
    pub fn tail(&self) -> &[String] {
        match self {
            Self::Environment(e) => e.last_lines(),
            Self::Start(e) => &e.tail,
            Self::Setup { tail, .. } | Self::Died { tail, .. } | Self::Suite { tail, .. } => tail,
            _ => &[],
        }
    }
}

/// For `map_err`: what the system said of `path`.
pub fn at(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> VerifyError {
    let path = path.into();
    move |error| VerifyError::System { path, error }
}
