//! Why a side has no environment.

use std::path::PathBuf;

/// Why a side has no environment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnvironmentError {
    /// A file that declares requirements cannot be read or understood.
    #[error("{path}: {why}", path = path.display())]
    Declaration {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// No interpreter on this machine is what the tree asks for.
    #[error("no Python {asked} was found; there is {}", if .found.is_empty() { "none at all".to_owned() } else { .found.join(", ") })]
    NoPython {
        /// The versions that would do, and the file that says so.
        asked: String,
        /// Versions that there are.
        found: Vec<String>,
    },
    /// A path that was given as an interpreter is none.
    #[error("{path} is no Python 3.8 or later: {why}", path = path.display())]
    NotPython {
        /// The path.
        path: PathBuf,
        /// What happened when it was run.
        why: String,
    },
    /// The environment was not made before, and may not be made now.
    #[error("no environment for {declared} is in the cache, and --offline forbids making one")]
    Offline {
        /// What declares it.
        declared: String,
    },
    /// The environment could not be made, before anything was installed.
    #[error("{python} cannot make a virtual environment: {}", told(.last, .ended))]
    Make {
        /// The interpreter.
        python: PathBuf,
        /// How the command ended.
        ended: String,
        /// The last lines that it printed.
        last: Vec<String>,
        /// All that it printed.
        log: PathBuf,
    },
    /// What is declared could not be installed.
    #[error("what {declared} requires cannot be installed: {}", told(.last, .ended))]
    Install {
        /// What declares it.
        declared: String,
        /// How the command ended.
        ended: String,
        /// The last lines that it printed.
        last: Vec<String>,
        /// All that it printed.
        log: PathBuf,
    },
    /// The cache cannot be used.
    #[error("{path}: {why}", path = path.display())]
    Cache {
        /// Where.
        path: PathBuf,
        /// What the system said.
        why: String,
    },
}

/// What a command that failed said of it: its last line that speaks of an error, else its last line.
fn told(last: &[String], ended: &str) -> String {
    let speaks = |line: &&String| line.to_ascii_lowercase().contains("error");
    let line = last.iter().rev().find(speaks).or(last.last());
    line.map_or_else(|| ended.to_owned(), |line| line.trim().to_owned())
}

impl EnvironmentError {
    /// What to do about it.
    #[must_use]
    pub fn mend(&self) -> String {
        let instead =
            "or name an interpreter that has everything, with --original-python or --port-python";
        match self {
            Self::Declaration { .. } => format!("correct the file, {instead}"),
            Self::NoPython { .. } => format!("install one and put it on PATH, {instead}"),
            Self::NotPython { .. } => {
                "name the interpreter's own file, such as venv/bin/python".into()
            }
            Self::Offline { .. } => format!("run once without --offline, {instead}"),
            Self::Make { log, .. } => format!(
                "{} has the whole story; install Python's venv module or uv, {instead}",
                log.display()
            ),
            Self::Install { log, .. } => format!(
                "{} has the whole story; correct the requirements, {instead}",
                log.display()
            ),
            Self::Cache { .. } => "set MIGRATE_CACHE_DIR to a folder that can be written".into(),
        }
    }

    /// The last lines that a failed command printed; none for other errors.
    #[must_use]
    pub fn last_lines(&self) -> &[String] {
        match self {
            Self::Make { last, .. } | Self::Install { last, .. } => last,
            _ => &[],
        }
    }
}
