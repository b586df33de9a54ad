//! A side: a server that is started from its own folder, and that is ready when it answers.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use model::Serve;

use super::command::{self, Entry, Invocation, Program};
use super::diagnosis::{Diagnosis, diagnose};
use super::failure::{StartCause, StartError, mend};
use super::log::Log;
use super::protocol::Ending;
use super::readiness::{self, Loopback};
use super::supervisor::{Process, RunError, Supervisor};
use super::surroundings::Surroundings;

/// How often a starting server is looked at.
const TICK: Duration = Duration::from_millis(50);

/// How often another port is tried when somebody was quicker.
const TRIES: usize = 3;

/// How long a build may take: hundreds of crates on a slow machine.
const BUILD: Duration = Duration::from_secs(3600);

/// How many lines of its log a side that does not start is reported with.
const LINES: usize = 15;

/// What a side is a side of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The original.
    Original,
    /// The port.
    Port,
}

impl Role {
    /// The option of `migrate` that names this side's interpreter.
    pub(super) const fn flag(self) -> &'static str {
        match self {
            Self::Original => "--original-python",
            Self::Port => "--port-python",
        }
    }
}

/// How a side is started.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Its name: `original-1`.
    pub name: String,
    /// What it is.
    pub role: Role,
    /// Its command, with `{host}` and `{port}`.
    pub serve: Serve,
    /// What the command serves, if it is only the app's own `app.run()`.
    pub entry: Option<Entry>,
    /// Where it runs.
    pub surroundings: Surroundings,
    /// What it prints goes to the end of this file; what a build prints, to the one beside it that ends in `.build.log`.
    pub log: PathBuf,
    /// Where Cargo keeps what it builds (`CARGO_TARGET_DIR`), for sides that it runs.
    pub cargo_target: PathBuf,
    /// How long it may take until it answers.
    pub limit: Duration,
}

impl Plan {
    /// The time that a side has to answer if nobody says otherwise.
    pub const LIMIT: Duration = Duration::from_secs(60);
}

/// A server that answered.
#[derive(Debug)]
#[must_use = "it runs until it is stopped or its supervisor ends"]
pub struct Side<'s> {
    /// Its name.
    pub name: String,
    /// Where it listens.
    pub address: Loopback,
    /// The command that runs, as a person would type it.
    pub command: String,
    supervisor: &'s Supervisor,
    process: Process,
    log: Log,
}

impl<'s> Side<'s> {
    /// Builds it where it has to be built, starts it, and waits until it answers a request.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn start(supervisor: &'s Supervisor, plan: &Plan) -> Result<Self, Box<StartError>> {
        let fail = |command: &str, log: &Log, cause| {
            Box::new(StartError {
                side: plan.name.clone(),
                command: command.into(),
                tail: log.tail(LINES),
                log: log.path.clone(),
                mend: mend(&cause, plan),
                cause,
            })
        };
        let mut surroundings = plan.surroundings.clone();
        let log = Log::at(&plan.log);
        let parsed = command::taken_apart(&plan.serve.serve)
            .map_err(|e| fail("", &log, StartCause::Command(e)))?;
        if let Some(build) = command::build(&parsed) {
            let target = plan.cargo_target.to_string_lossy().into_owned();
            surroundings
                .variables
                .insert("CARGO_TARGET_DIR".into(), target);
            let log = Log::at(&plan.log.with_extension("build.log"));
            let done = supervisor.run(&surroundings.launch(&build, &log.path), BUILD);
            let cause = match done {
                Ok(ending) if ending.is_success() => None,
                Ok(ending) => Some(StartCause::Build(ending)),
                Err(error) => Some(StartCause::Run(error)),
            };
            if let Some(cause) = cause {
                return Err(fail(&shown(&build), &log, cause));
            }
        }
        let mut tries = TRIES;
        loop {
            tries -= 1;
            let log = Log::at(&plan.log);
            let started = Self::attempt(supervisor, plan, &surroundings, log.clone());
            match started {
                Ok(side) => return Ok(side),
                Err((_, StartCause::Ended(_, Some(Diagnosis::AddressInUse)))) if tries > 0 => {}
                Err((command, cause)) => return Err(fail(&command, &log, cause)),
            }
        }
    }

    /// Starts it on one port.
    fn attempt(
        supervisor: &'s Supervisor,
        plan: &Plan,
        surroundings: &Surroundings,
        log: Log,
    ) -> Result<Self, (String, StartCause)> {
        let plain = |cause| (plan.serve.serve.join(" "), cause);
        let address = Loopback::free()
            .map_err(|e| plain(StartCause::Run(RunError::NotStarted(e.to_string()))))?;
        let (host, port) = (address.address().ip().to_string(), address.address().port());
        let mut invocation = command::serving(&plan.serve.serve, plan.entry.as_ref(), &host, port)
            .map_err(|e| plain(StartCause::Command(e)))?;
        spare_control_socket(&mut invocation, surroundings);
        let command = shown(&invocation);
        let with = |cause| (command.clone(), cause);
        let process = supervisor
            .spawn(&surroundings.launch(&invocation, &log.path))
            .map_err(|e| with(StartCause::Run(e)))?;
        let last = Instant::now() + plan.limit;
        let cause = loop {
            let ready = readiness::answers(address, last.saturating_duration_since(Instant::now()));
            match supervisor.ending(&process) {
                Err(error) => return Err(with(StartCause::Run(error))),
                Ok(Some(ending)) => break StartCause::Ended(ending, diagnose(&log.text())),
                Ok(None) => {}
            }
            // gunicorn tries a taken port for five seconds; meanwhile somebody else answers there.
            let port = port.to_string();
            let taken = |line: &str| line.contains("in use") && line.contains(&port);
            if log.text().lines().any(taken) {
                break StartCause::Ended(Ending::Exited(1), Some(Diagnosis::AddressInUse));
            }
            if ready {
                return Ok(Self {
                    name: plan.name.clone(),
                    address,
                    command,
                    supervisor,
                    process,
                    log,
                });
            }
            if Instant::now() >= last {
                break StartCause::Silent(plan.limit, diagnose(&log.text()));
            }
            std::thread::sleep(TICK);
        };
        // What it started goes too.
        match supervisor.stop(&[&process]) {
            Ok(()) => Err(with(cause)),
            Err(error) => Err(with(StartCause::Run(error))),
        }
    }

    /// How it ended; `None` while it runs. A supervisor that is gone has taken it along.
    #[must_use]
    pub fn ending(&self) -> Option<Ending> {
        let gone = Some(Ending::Killed(9));
        self.supervisor.ending(&self.process).unwrap_or(gone)
    }

    /// Its process group.
    #[must_use]
    pub const fn group(&self) -> i32 {
        self.process.pid()
    }

    /// Whether it runs.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.ending().is_none()
    }

    /// The last lines that it printed since this start.
    #[must_use]
    pub fn log_tail(&self, lines: usize) -> Vec<String> {
        self.log.tail(lines)
    }

    /// Stops it with all that it started; two seconds at most for one that does not end by itself.
    ///
    /// # Errors
    /// [`RunError::Gone`]; it is stopped even so.
    pub fn stop(self) -> Result<(), RunError> {
        self.supervisor.stop(&[&self.process])
    }

    /// Stops sides of one supervisor side by side: two seconds for all of them.
    ///
    /// # Errors
    /// [`RunError::Gone`]; they are stopped even so.
    pub fn stop_all(sides: impl IntoIterator<Item = Self>) -> Result<(), RunError> {
        let sides: Vec<Self> = sides.into_iter().collect();
        let Some(first) = sides.first() else {
            return Ok(());
        };
        let processes: Vec<&Process> = sides.iter().map(|s| &s.process).collect();
        first.supervisor.stop(&processes)
    }
}

/// gunicorn 27 listens on a control socket, one a user (gunicorn/config.py, `ControlSocket`): three sides would take it from
/// each other, and from a gunicorn that runs here anyway. Versions that do bring a command `gunicornc`, which speaks to it.
fn spare_control_socket(invocation: &mut Invocation, surroundings: &Surroundings) {
    let is_gunicorn = invocation.program == Program::Package("gunicorn".into());
    if is_gunicorn && surroundings.script("gunicornc").is_some() {
        invocation.arguments.push("--no-control-socket".into());
    }
}

/// A command as a person would type it, quotes apart.
fn shown(invocation: &Invocation) -> String {
    let variables = invocation.variables.iter();
    let settings = variables.filter_map(|(n, v)| Some(format!("{n}={}", v.as_ref()?)));
    let program = match &invocation.program {
        Program::Named(name) | Program::Package(name) => name.clone(),
        Program::Python => "python".into(),
    };
    settings
        .chain([program])
        .chain(invocation.arguments.iter().cloned())
        .collect::<Vec<_>>()
        .join(" ")
}
