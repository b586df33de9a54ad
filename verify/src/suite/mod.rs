//! The app's own tests, run against the original and against the port, and compared test by test.
//!
//! ```text
//! copy of a side ──pytest──▶ JUnit report ──report──▶ outcomes ──judge──▶ model::SuiteProof
//! ```

mod judge;
mod packages;
mod report;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use model::{Proof, SuiteProof};

use crate::error::{VerifyError, at};
use crate::job::Job;
use crate::run::Observer;
use crate::serve::{Role, RunError, Supervisor, Surroundings};
use crate::settings::Settings;
use crate::workshop::{Workshop, tail};

pub use packages::packages;
use report::{Report, TestRun};

/// Runs the suite `command` against both sides.
///
/// # Errors
/// [`VerifyError`] when there is nothing to compare: the original's suite does not run, or runs no test.
pub fn suite(job: &Job<'_>, command: &str, observer: &dyn Observer) -> Result<Proof, VerifyError> {
    let settings = Settings::read(&job.original)?;
    let (program, arguments) = &job.supervisor;
    let supervisor = Supervisor::start(program, arguments)
        .map_err(|e| RunError::NotStarted(format!("{}: {e}", program.display())))?;
    let workshop = Workshop::open(job, &settings, &supervisor, observer)?;
    let bench = Bench {
        workshop: &workshop,
        supervisor: &supervisor,
        command,
        limit: job.suite_limit,
    };
    observer.step("running the suite against the original");
    let original = bench.run(Role::Original, "suite-original")?;
    let Ended::Reported(original) = original else {
        return Err(original.into_error());
    };
    if original.tests.is_empty() {
        return Err(VerifyError::NoTests(command.to_owned()));
    }
    observer.step("running the suite against the port");
    let (mut found, mut remarks) = bench.compare(&original, "suite-port")?;
    if found.failing() > 0 && !job.fail_fast {
        // A test that fails now and then says nothing of the port.
        observer.step("running it again, from a fresh copy");
        let (second, _) = bench.compare(&original, "suite-port-again")?;
        remarks.extend(judge::keep_recurring(&mut found, &second));
    }
    Ok(Proof {
        schema: Proof::SCHEMA.into(),
        source: job.original.display().to_string(),
        port: job.port.display().to_string(),
        seed: job.seed,
        suite: Some(found),
        remarks,
        ..Proof::default()
    })
}

/// How a run of the suite ended.
enum Ended {
    /// With a report.
    Reported(Report),
    /// Without one: why, and the last lines of its log.
    Silent {
        side: String,
        why: String,
        tail: Vec<String>,
    },
}

impl Ended {
    fn into_error(self) -> VerifyError {
        match self {
            Self::Reported(_) => VerifyError::NoTests(String::new()),
            Self::Silent { side, why, tail } => VerifyError::Suite { side, why, tail },
        }
    }
}

/// Where a suite runs.
struct Bench<'a> {
    workshop: &'a Workshop<'a>,
    supervisor: &'a Supervisor,
    command: &'a str,
    limit: Duration,
}

impl Bench<'_> {
    fn run(&self, role: Role, name: &str) -> Result<Ended, VerifyError> {
        let (mut surroundings, log) = self.workshop.surroundings_for(role, name)?;
        let reported = log.with_extension("xml");
        let _ = fs::remove_file(&reported);
        let reported = absolute(&reported)?;
        surroundings
            .variables
            .extend(variables(&surroundings, &reported));
        let launch = surroundings.shell(self.command, &log);
        let side = match role {
            Role::Original => "the original",
            Role::Port => "the port",
        };
        let silent = |why: String| Ended::Silent {
            side: side.into(),
            why,
            tail: tail(&log),
        };
        let ending = match self.supervisor.run(&launch, self.limit) {
            Ok(ending) => ending,
            Err(error @ RunError::TimeUp(_)) => return Ok(silent(error.to_string())),
            Err(error) => return Err(error.into()),
        };
        let Ok(text) = fs::read_to_string(&reported) else {
            return Ok(silent(format!("{ending} and left no report of its tests")));
        };
        match Report::read(&text) {
            Ok(report) => Ok(Ended::Reported(report)),
            Err(error) => Ok(silent(format!(
                "left a report that cannot be read: {error}"
            ))),
        }
    }

    /// Runs the port's suite; without a report of it every test counts as not run.
    fn compare(
        &self,
        original: &Report,
        name: &str,
    ) -> Result<(SuiteProof, Vec<String>), VerifyError> {
        let mut remarks = Vec::new();
        let port = match self.run(Role::Port, name)? {
            Ended::Reported(report) => report,
            Ended::Silent { why, tail, .. } => {
                let cause = cause(&tail).unwrap_or_default();
                remarks.push(format!("the port's suite {why}: {cause}"));
                Report {
                    broken: BTreeMap::from([(String::new(), cause)]),
                    ..Report::default()
                }
            }
        };
        Ok((judge::judge(self.command, original, &port), remarks))
    }
}

/// The line of a log that says most: pytest's `E   …`, else the last one.
fn cause(tail: &[String]) -> Option<String> {
    let error = tail.iter().rev().find(|line| line.starts_with("E  "));
    let line = error.or_else(|| tail.iter().rev().find(|line| !line.trim().is_empty()))?;
    Some(line.trim_start_matches("E ").trim().to_owned())
}

/// What makes pytest write its report however the command calls it, and find the app from its root; the same order of sets
/// gives the same names of tests on both sides.
fn variables(surroundings: &Surroundings, report: &Path) -> BTreeMap<String, String> {
    let folder = &surroundings.folder;
    let source = folder.join("src");
    let mut paths = vec![folder.display().to_string()];
    if source.is_dir() {
        paths.push(source.display().to_string());
    }
    let set = |name: &str, value: String| (name.to_owned(), value);
    BTreeMap::from([
        set(
            "PYTEST_ADDOPTS",
            format!(
                // A module that cannot be imported stops no other one.
                "--continue-on-collection-errors --junitxml='{}'",
                report.display()
            ),
        ),
        set("PYTHONPATH", paths.join(":")),
        set("PYTHONHASHSEED", "0".into()),
    ])
}

fn absolute(path: &Path) -> Result<std::path::PathBuf, VerifyError> {
    std::path::absolute(path).map_err(at(path))
}

/// Outcomes by the test's name.
type Tests = BTreeMap<String, TestRun>;
