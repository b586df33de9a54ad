//! Sides that do not start.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::command::CommandError;
use super::diagnosis::Diagnosis;
use super::protocol::Ending;
use super::side::Plan;
use super::supervisor::RunError;

/// Why a side did not start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StartCause {
    /// Its command serves nothing here.
    Command(CommandError),
    /// It was not run, or its supervisor went.
    Run(RunError),
    /// It was not built.
    Build(Ending),
    /// It ended before it answered, and why.
    Ended(Ending, Option<Diagnosis>),
    /// It did not answer in this time, and why.
    Silent(Duration, Option<Diagnosis>),
}

/// A side that did not start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartError {
    /// Its name.
    pub side: String,
    /// The command that ran, as a person would type it.
    pub command: String,
    /// Why.
    pub cause: StartCause,
    /// Its log.
    pub log: PathBuf,
    /// The last lines of the log.
    pub tail: Vec<String>,
    pub(super) mend: String,
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = &self.side;
        match &self.cause {
            StartCause::Command(error) => write!(f, "{side} does not start: {error}"),
            StartCause::Run(error) => write!(f, "{side} does not start: {error}"),
            StartCause::Build(ending) => write!(f, "{side} does not build: cargo {ending}"),
            StartCause::Ended(_, Some(why)) => write!(f, "{side} does not start: {}", why.text()),
            StartCause::Ended(ending, None) => {
                write!(f, "{side} does not start: `{}` {ending}", self.command)
            }
            StartCause::Silent(limit, why) => {
                write!(f, "{side} does not answer within {} s", limit.as_secs())?;
                why.as_ref().map_or(Ok(()), |w| write!(f, ": {}", w.text()))
            }
        }
    }
}

impl std::error::Error for StartError {}

impl StartError {
    /// What to do about it.
    #[must_use]
    pub fn mend(&self) -> &str {
        &self.mend
    }
}

/// What to do about a side of `plan` that did not start.
pub(super) fn mend(cause: &StartCause, plan: &Plan) -> String {
    let log = plan.log.display();
    match cause {
        StartCause::Command(error) => error.mend().into(),
        StartCause::Run(error) => error.mend().into(),
        StartCause::Build(_) => {
            format!("see {}", plan.log.with_extension("build.log").display())
        }
        StartCause::Ended(_, Some(why)) | StartCause::Silent(_, Some(why)) => {
            why.mend(plan.role.flag(), &plan.surroundings.folder)
        }
        StartCause::Ended(ending, None) if ending.is_success() => {
            "it has to stay in the foreground: take `daemon` out of its configuration".into()
        }
        StartCause::Ended(..) | StartCause::Silent(..) => format!("see {log}"),
    }
}
