//! Where sides are made ready: interpreters, copies, results of setup.

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use model::Serve;

use crate::environments::{self, Ended, Environments, Interpreter, Reach, Runner, Wanted};
use crate::error::{VerifyError, at};
use crate::http::Client;
use crate::job::Job;
use crate::run::{Observer, Seat, Stage};
use crate::serve::{
    Changes, Entry, Interface, Launch, Plan, Role, Side, Snapshot, Supervisor, Surroundings,
};
use crate::serve::{command, copies};
use crate::settings::Settings;
use crate::suite;

/// How long a setup command may take.
const SETUP: Duration = Duration::from_secs(600);

/// How long an installation may take.
const INSTALL: Duration = Duration::from_secs(3600);

/// Prepared sides, from which as many stages as are needed start afresh.
pub struct Workshop<'a> {
    job: &'a Job<'a>,
    settings: &'a Settings,
    supervisor: &'a Supervisor,
    folder: PathBuf,
    logs: PathBuf,
    original: Prepared,
    port: Prepared,
    stages: Cell<u32>,
}

/// A side that can be started.
struct Prepared {
    role: Role,
    /// Its tree, as every start finds it.
    tree: PathBuf,
    serve: Serve,
    interpreter: Option<Interpreter>,
}

impl<'a> Workshop<'a> {
    /// Makes environments, copies both trees, and runs the setup commands.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn open(
        job: &'a Job<'a>,
        settings: &'a Settings,
        supervisor: &'a Supervisor,
        observer: &dyn Observer,
    ) -> Result<Self, VerifyError> {
        let folder = tempfile::Builder::new().prefix("migrate-verify-").tempdir();
        let folder = folder.map_err(at(std::env::temp_dir()))?.keep();
        supervisor.remove_at_end(&folder)?;
        let logs = job.port.join(".migrate/verify");
        let _ = fs::remove_dir_all(&logs);
        fs::create_dir_all(&logs).map_err(at(&logs))?;
        let run = &job.document.run;
        let mut workshop = Self {
            job,
            settings,
            supervisor,
            original: Prepared {
                role: Role::Original,
                tree: folder.join("original"),
                serve: served(&run.original, settings),
                interpreter: None,
            },
            port: Prepared {
                role: Role::Port,
                tree: folder.join("port"),
                serve: served(&run.port, settings),
                interpreter: None,
            },
            folder,
            logs,
            stages: Cell::new(0),
        };
        observer.step("copying both sides");
        let source = root(&job.original);
        copies::copy(&source, &workshop.original.tree)?;
        copies::copy(&job.port, &workshop.port.tree)?;
        copies::level_times(
            &workshop.original.tree,
            &workshop.port.tree,
            &job.document.copied,
        )?;
        observer.step("preparing the original's environment");
        workshop.original.interpreter = workshop.interpreter(Role::Original)?;
        observer.step("preparing the port's environment");
        workshop.port.interpreter = workshop.interpreter(Role::Port)?;
        workshop.set_up(observer)?;
        Ok(workshop)
    }

    /// Starts all three sides from fresh copies.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn stage(&self) -> Result<Stage<'a>, VerifyError> {
        let number = self.stages.get() + 1;
        self.stages.set(number);
        let folder = self.folder.join(format!("stage-{number}"));
        // Folders differ by a digit alone: where an app shows its path, the port's passes for another run's.
        let plans = [
            self.plan("original-1", &self.original, &folder.join("1"))?,
            self.plan("original-2", &self.original, &folder.join("2"))?,
            self.plan("port", &self.port, &folder.join("3"))?,
        ];
        let supervisor = self.supervisor;
        // Most of a start is waiting for an interpreter that imports.
        let started = std::thread::scope(|scope| {
            let starts = plans.map(|plan| scope.spawn(move || Side::start(supervisor, &plan)));
            starts.map(|s| s.join().unwrap_or_else(|e| std::panic::resume_unwind(e)))
        });
        let [original, again, port] = started;
        let seat = |side: Result<Side<'a>, _>| -> Result<Seat<'a>, VerifyError> {
            let side = side?;
            Ok(Seat {
                client: Client::new(side.address, &self.job.host(), self.job.limit),
                side,
            })
        };
        Ok(Stage {
            original: seat(original)?,
            again: seat(again)?,
            port: seat(port)?,
        })
    }

    fn plan(&self, name: &str, prepared: &Prepared, tree: &Path) -> Result<Plan, VerifyError> {
        let tree = tree.to_owned();
        copies::copy(&prepared.tree, &tree)?;
        Ok(Plan {
            name: name.into(),
            role: prepared.role,
            serve: prepared.serve.clone(),
            entry: self.entry(prepared.role),
            surroundings: self.surroundings(prepared, tree),
            log: self.logs.join(format!("{name}.log")),
            cargo_target: environments::cache_folder().join("cargo-target"),
            limit: Plan::LIMIT,
        })
    }

    /// What the app's own `app.run()` would serve.
    fn entry(&self, role: Role) -> Option<Entry> {
        if role == Role::Port {
            return None;
        }
        let app = self.job.analysis.serving_apps().next()?;
        let interface = match app.framework.as_str() {
            "quart" => Interface::Asgi,
            _ => Interface::Wsgi,
        };
        let named = self.settings.app.app.clone();
        Some(Entry {
            app: named.unwrap_or_else(|| app.import_name()),
            interface,
        })
    }

    fn surroundings(&self, prepared: &Prepared, tree: PathBuf) -> Surroundings {
        let folder = match &self.settings.app.cwd {
            Some(below) => tree.join(below),
            None => tree,
        };
        let mut variables = self.settings.app.env.clone();
        // `src/` is on the path of an app that is installed; here its files are where they are.
        let app = self.job.analysis.serving_apps().next();
        let root = app.map_or("", |app| app.import_root());
        if self.settings.app.cwd.is_none() && !root.is_empty() && prepared.interpreter.is_some() {
            let path = folder.join(root.trim_end_matches('/'));
            let path = path.display().to_string();
            variables.entry("PYTHONPATH".into()).or_insert(path);
        }
        Surroundings {
            folder,
            python: prepared.interpreter.as_ref().map(|i| i.python.clone()),
            variables,
        }
    }

    /// Where a command runs that is no server, in a fresh copy of a side, and where what it prints goes.
    ///
    /// # Errors
    /// [`VerifyError::Copy`].
    pub fn surroundings_for(
        &self,
        role: Role,
        name: &str,
    ) -> Result<(Surroundings, PathBuf), VerifyError> {
        let prepared = match role {
            Role::Original => &self.original,
            Role::Port => &self.port,
        };
        let tree = self.folder.join(name);
        copies::copy(&prepared.tree, &tree)?;
        let surroundings = self.surroundings(prepared, tree);
        Ok((surroundings, self.logs.join(format!("{name}.log"))))
    }

    fn interpreter(&self, role: Role) -> Result<Option<Interpreter>, VerifyError> {
        let (given, prepared, side) = match role {
            Role::Original => (&self.job.original_python, &self.original, "original"),
            Role::Port => (&self.job.port_python, &self.port, "port"),
        };
        if let Some(path) = given {
            return Ok(Some(Interpreter::at(path)?));
        }
        let Some(requirements) = environments::declared(&prepared.tree)? else {
            return Ok(None);
        };
        let framework = match role {
            Role::Original => self.job.analysis.apps.first().map(|a| a.framework.clone()),
            Role::Port => Some(self.job.document.target.clone()),
        };
        let root = root(&self.job.original);
        let app = root
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let mut added = environments::server_packages(&prepared.serve.serve);
        if self.job.with_suite {
            added.extend(suite::packages(&root, role == Role::Port));
        }
        let wanted = Wanted {
            name: format!("{app}-{side}"),
            python: None,
            requirements,
            server: added,
            framework: framework.into_iter().collect(),
        };
        let runner = Supervised(self.supervisor);
        let mut environments = Environments::new(&runner);
        if self.job.offline {
            environments.reach = Reach::Cache;
        }
        let log = self.logs.join(format!("{side}-environment.log"));
        Ok(Some(environments.make(&wanted, &log)?))
    }

    fn set_up(&self, observer: &dyn Observer) -> Result<(), VerifyError> {
        let verify = &self.settings.verify;
        let made = self.commands(&self.original, &verify.setup, observer)?;
        match &verify.port_setup {
            Some(commands) => drop(self.commands(&self.port, commands, observer)?),
            None => made
                .lay_over(&self.port.tree)
                .map_err(at(&self.port.tree))?,
        }
        Ok(())
    }

    /// Runs commands in a side's prepared tree, one after the other; what they made or changed.
    fn commands(
        &self,
        prepared: &Prepared,
        commands: &[String],
        observer: &dyn Observer,
    ) -> Result<Changes, VerifyError> {
        let before = Snapshot::of(&prepared.tree).map_err(at(&prepared.tree))?;
        let surroundings = self.surroundings(prepared, prepared.tree.clone());
        let log = self.logs.join("setup.log");
        for command in commands {
            observer.step(command);
            let ending = self
                .supervisor
                .run(&surroundings.shell(command, &log), SETUP)?;
            if !ending.is_success() {
                return Err(VerifyError::Setup {
                    command: command.clone(),
                    ending: ending.to_string(),
                    tail: tail(&log),
                });
            }
        }
        before.changes(&prepared.tree).map_err(at(&prepared.tree))
    }
}

/// Runs commands of an installation so that they end with `migrate`.
struct Supervised<'a>(&'a Supervisor);

impl Runner for Supervised<'_> {
    fn run(&self, launch: &environments::Launch, log: &Path) -> Result<(), Ended> {
        let text = |word: &std::ffi::OsString| word.to_string_lossy().into_owned();
        let variables = launch.variables.iter().cloned();
        let launch = Launch {
            program: launch.program.clone(),
            arguments: launch.arguments.iter().map(text).collect(),
            folder: launch.folder.clone(),
            variables: variables.map(|(name, value)| (name, Some(value))).collect(),
            log: log.to_owned(),
        };
        match self.0.run(&launch, INSTALL) {
            Ok(ending) if ending.is_success() => Ok(()),
            Ok(ending) => Err(Ended(ending.to_string())),
            Err(error) => Err(Ended(error.to_string())),
        }
    }
}

/// A side's command, of the app that settings name.
fn served(serve: &Serve, settings: &Settings) -> Serve {
    match &settings.app.app {
        Some(app) => Serve {
            serve: command::of_app(&serve.serve, app),
        },
        None => serve.clone(),
    }
}

/// The folder that an app lies in: itself, or that of its only file.
fn root(path: &Path) -> PathBuf {
    let folder = if path.is_file() {
        path.parent().filter(|p| !p.as_os_str().is_empty())
    } else {
        Some(path)
    };
    let folder = folder.unwrap_or(Path::new("."));
    folder.canonicalize().unwrap_or_else(|_| folder.to_owned())
}

/// The last lines of a log.
pub fn tail(log: &Path) -> Vec<String> {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let mut lines: Vec<String> = text.lines().rev().take(15).map(str::to_owned).collect();
    lines.reverse();
    lines
}
