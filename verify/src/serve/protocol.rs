//! What `migrate` and its supervisor say to each other: a JSON document a line, each order answered once, in order.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How long a process that was asked to end (SIGTERM) may take before it is killed.
pub(super) const GRACE: Duration = Duration::from_secs(2);

/// The variable that marks every process of a supervisor, with what they start: it is inherited where
/// process groups and parents are given up.
pub(super) const MARK: &str = "MIGRATE_SUPERVISED";

/// A command to start. It gets no input, and a process group of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Launch {
    /// The program: a path, or a name to look up on PATH.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// The folder that it runs in.
    pub folder: PathBuf,
    /// Variables on top of those of `migrate`; none as value takes one away.
    pub variables: BTreeMap<String, Option<String>>,
    /// What it prints, on both streams, goes to the end of this file.
    pub log: PathBuf,
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// With this status.
    Exited(i32),
    /// By the signal of this number.
    Killed(i32),
}

impl Ending {
    /// Whether it ended with status 0.
    #[must_use]
    pub const fn is_success(self) -> bool {
        matches!(self, Self::Exited(0))
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exited(status) => write!(f, "ended with status {status}"),
            Self::Killed(signal) => write!(f, "was ended by signal {signal}"),
        }
    }
}

/// What `migrate` asks for.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Order {
    /// Start a process; answered by `Started` or `Failed`.
    Start {
        /// Its mark, unique.
        mark: String,
        /// The command.
        launch: Launch,
    },
    /// Tell how a process does; answered by `Running`, `Ended` or `Failed`.
    Tell {
        /// The process's mark.
        mark: String,
    },
    /// Begin to stop a process; answered by `Done` at once. [`Order::Tell`] says when nothing of it is left.
    Stop {
        /// The process's mark.
        mark: String,
    },
    /// Remove this folder at the end; answered by `Done`.
    Remove {
        /// An absolute path.
        folder: PathBuf,
    },
}

/// What the supervisor answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reply {
    /// It runs, in the process group of this number.
    Started {
        /// The group, and the process's own number.
        group: i32,
    },
    /// It still runs.
    Running,
    /// It ended.
    Ended {
        /// How.
        ending: Ending,
        /// It is being stopped, and some of what it started still runs.
        stopping: bool,
    },
    /// As asked.
    Done,
    /// Not as asked.
    Failed {
        /// Why.
        why: String,
    },
}
