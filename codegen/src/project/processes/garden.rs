//! What a command asked of its server, as settings of circus and options of `flask_parity.serve`.

use std::fmt::Write as _;

use super::asked::{Asked, Command};
use super::fates::{self, Fate, dropped};
use super::ini::{Entry, Ini, set};
use super::values::{Value, Variable};
use crate::project::command::quoted;

/// Seconds that circus waits longer than the process itself before it kills it.
const MARGIN: f64 = 5.0;

/// What a command becomes under circus.
#[derive(Debug, Default)]
pub(super) struct Garden {
    pub ini: Ini,
    /// What the configuration takes from the environment.
    pub variables: Vec<Variable>,
    /// circusd goes to the background, as the old server did.
    pub daemon: bool,
    /// What has no equal.
    pub notes: Vec<String>,
}

impl Garden {
    /// Translates a command.
    ///
    /// # Errors
    /// When its address is known to whoever runs it.
    pub fn of(command: &Command<'_>) -> Result<Self, String> {
        let mut out = Self::default();
        out.address(command)?;
        let python = command.python();
        let app = command.app();
        let start = format!("{} -m flask_parity.serve", out.shell_word(&python.value));
        set(&mut out.ini.words, "cmd", &start, "");
        let app = Asked {
            from: String::new(),
            ..app
        };
        out.option("", &app);
        out.ini.words.push(Entry {
            key: String::new(),
            value: "--fd $(circus.sockets.web)".into(),
            why: String::new(),
        });
        out.processes(command);
        out.recycling(command);
        out.stopping(command);
        out.settings(command);
        out.notes.extend(fates::fields(command));
        if command.server.preload {
            out.notes.push(dropped(
                &command.named("preload"),
                "circus starts each process anew, none is forked: each imports the app for itself",
            ));
        }
        out.notes.extend(fates::settings(command, "its own file"));
        out.notes.extend(fates::unknown_words(command));
        Ok(out)
    }

    /// A value as circus reads it; what comes from the environment is remembered.
    fn configured(&mut self, value: &Value) -> Option<String> {
        if let Value::Filled(variable) = value
            && !self.variables.contains(variable)
        {
            self.variables.push(variable.clone());
        }
        value.configured()
    }

    /// A value as a word of the processes' command.
    fn shell_word(&mut self, value: &Value) -> String {
        let text = self.configured(value).unwrap_or_default();
        match value {
            Value::Filled(_) => text,
            _ => quoted(&text),
        }
    }

    /// An option of the processes' command.
    fn option(&mut self, name: &str, asked: &Asked) {
        let word = self.shell_word(&asked.value);
        self.ini.words.push(Entry {
            key: String::new(),
            value: format!("{name} {word}").trim().to_owned(),
            why: asked.from.clone(),
        });
    }

    /// A remark between the options.
    fn remark(&mut self, why: String) {
        self.ini.words.push(Entry {
            key: String::new(),
            value: String::new(),
            why,
        });
    }

    fn computed(&mut self, asked: &Asked, instead: &str) {
        self.notes.push(format!(
            "`{}` is computed, and circus takes a number: {instead}",
            asked.from
        ));
    }

    fn address(&mut self, command: &Command<'_>) -> Result<(), String> {
        let listening = command.listening()?;
        self.notes.extend(listening.lost);
        if let Some(descriptor) = &listening.descriptor {
            self.notes.push(format!(
                "`{}` is dropped: circus listens itself, and takes no socket from outside",
                descriptor.from
            ));
        }
        let unasked = format!("{} listens there unasked.", command.server.program);
        let why = |asked: &Asked| match asked.from.as_str() {
            "" => unasked.clone(),
            from => from.to_owned(),
        };
        let computed = |asked: &Asked| format!("`{}` is computed", asked.from);
        let host = self.configured(&listening.host.value);
        let host = host.ok_or_else(|| computed(&listening.host))?;
        let port = self.configured(&listening.port.value);
        let port = port.ok_or_else(|| computed(&listening.port))?;
        set(&mut self.ini.socket, "host", &host, &why(&listening.host));
        if host.contains(':') && !host.contains('$') {
            set(&mut self.ini.socket, "family", "AF_INET6", "");
        }
        set(&mut self.ini.socket, "port", &port, &why(&listening.port));
        Ok(())
    }

    fn processes(&mut self, command: &Command<'_>) {
        let server = command.server;
        let workers = command.number("workers", server.workers.as_ref(), "1");
        let workers = workers.unwrap_or_else(|| command.unasked("1"));
        let why = match workers.from.as_str() {
            "" => format!("{} has one process unasked.", server.program),
            from => from.to_owned(),
        };
        let number = self.configured(&workers.value);
        if number.is_none() {
            self.computed(&workers, "2 here, to be mended in `numprocesses`");
        }
        let number = number.unwrap_or_else(|| "2".into());
        set(&mut self.ini.watcher, "numprocesses", &number, &why);
        let threads = command.number("threads", server.threads.as_ref(), "1");
        match threads {
            Some(threads) if matches!(threads.value, Value::Computed(_)) => {
                self.computed(&threads, "`--workers` of flask_parity.serve is 1");
            }
            Some(threads) => self.option("--workers", &threads),
            None if server.program == "waitress" => self.option(
                "--workers",
                &Asked {
                    from: "waitress has 4 threads unasked.".into(),
                    ..command.unasked("4")
                },
            ),
            None => {}
        }
        let respawn = match (command.argument("respawn"), server.recycling.respawn) {
            (Some(argument), _) => format!("{} {}", server.program, argument.name),
            (None, true) => format!("{} does so unasked.", server.program),
            (None, false) => {
                format!(
                    "{} was not asked to; a lifetime hangs on it.",
                    server.program
                )
            }
        };
        set(&mut self.ini.watcher, "respawn", "True", &respawn);
    }

    fn is_alone(&self) -> bool {
        self.ini
            .watcher
            .iter()
            .any(|entry| entry.key == "numprocesses" && entry.value == "1")
    }

    fn recycling(&mut self, command: &Command<'_>) {
        let recycling = &command.server.recycling;
        if let Some(lifetime) = command.number("lifetime", recycling.lifetime.as_ref(), "3600") {
            match &lifetime.value {
                Value::Computed(_) => self.computed(&lifetime, "no `--lifetime` is given"),
                value => {
                    let jitter = value.number().map(|seconds| (seconds / 10.0).ceil());
                    self.option("--lifetime", &lifetime);
                    if let Some(jitter) = jitter.filter(|_| !self.is_alone()) {
                        let jitter = Asked {
                            from: "Up to that much more, so that not all of them end at once."
                                .into(),
                            ..command.unasked(&jitter.to_string())
                        };
                        self.option("--lifetime-jitter", &jitter);
                    }
                }
            }
        }
        let asked = |value: &Option<String>| value.clone().filter(|v| v != "0");
        if let Some(most) = asked(&recycling.max_requests) {
            let name = command.named("max_requests");
            let jitter = asked(&recycling.jitter);
            let processes = self.ini.watcher.iter().find(|e| e.key == "numprocesses");
            let processes = processes.map_or("1", |entry| entry.value.as_str());
            let mut why = format!(
                "{name} {most}: nothing counts requests here. The lifetime that keeps its bound, in seconds:\n    --lifetime {most} / (requests a second in the busiest hour / {processes})",
            );
            if let Some(jitter) = &jitter {
                let _ = write!(why, "\n    --lifetime-jitter {jitter} / (the same rate)");
            }
            self.remark(why);
            self.notes.push(format!(
                "`{name}` has no exact equal: processes end by age, and the configuration says how to derive `--lifetime` from the rate of requests"
            ));
            if jitter.is_some() {
                self.notes.push(dropped(
                    &command.named("jitter"),
                    "`--lifetime-jitter` is its equal once there is a `--lifetime`",
                ));
            }
        }
        if asked(&recycling.max_rss).is_some() {
            self.notes.push(dropped(
                &command.named("max_rss"),
                "circus' plugin ResourceWatcher (`max_mem`) restarts all processes at once; `--lifetime` bounds what they can grow to",
            ));
        }
    }

    fn stopping(&mut self, command: &Command<'_>) {
        let program = &command.server.program;
        let unasked = match program.as_str() {
            "hypercorn" => ("3", "hypercorn waits that long unasked.".to_owned()),
            "gunicorn" => ("30", "gunicorn waits that long unasked.".to_owned()),
            _ => ("30", format!("{program} was given no limit.")),
        };
        let graceful = command.server.timeouts.graceful.as_ref();
        let mut graceful = command
            .number("graceful", graceful, unasked.0)
            .unwrap_or_else(|| Asked {
                from: unasked.1.clone(),
                ..command.unasked(unasked.0)
            });
        if graceful.value.number().is_none() {
            self.computed(&graceful, &format!("{} here", unasked.0));
            graceful.value = Value::Letters(unasked.0.into());
        }
        self.option("--graceful-timeout", &graceful);
        let limit = graceful.value.number().unwrap_or(30.0) + MARGIN;
        set(
            &mut self.ini.watcher,
            "graceful_timeout",
            &limit.to_string(),
            "Longer than --graceful-timeout; SIGKILL then.",
        );
    }

    /// Options without a field of their own.
    fn settings(&mut self, command: &Command<'_>) {
        let server = command.server;
        let program = server.program.as_str();
        set(
            &mut self.ini.watcher,
            "working_dir",
            ".",
            &format!("The folder that circusd is started in, as {program} was."),
        );
        set(&mut self.ini.socket, "backlog", "2048", "Unasked.");
        let captured = server.options.iter().any(|o| {
            matches!(o.name.as_str(), "--capture-output" | "capture_output")
                && o.value.as_deref() != Some("false")
        });
        for option in &server.options {
            match Fate::of(program, &option.name, option.value.as_deref()) {
                Fate::Unasked => {}
                Fate::Lost(reason) => self.notes.push(dropped(&option.name, reason)),
                Fate::Setting("--daemon") => {
                    self.daemon = option.value.as_deref() != Some("false");
                }
                Fate::Setting("[env:web]") => self.variable(command, option),
                Fate::Setting(key) => {
                    let asked = command.option(option);
                    let value = asked.as_ref().and_then(|a| self.configured(&a.value));
                    let (Some(asked), Some(value)) = (asked, value) else {
                        self.notes.push(dropped(
                            &option.name,
                            "it is computed, and circus takes letters",
                        ));
                        continue;
                    };
                    self.setting(key, &value, &asked.from, captured);
                }
            }
        }
        set(
            &mut self.ini.watcher,
            "copy_env",
            "True",
            "What circusd is given.",
        );
        set(&mut self.ini.watcher, "use_sockets", "True", "");
    }

    fn setting(&mut self, key: &str, value: &str, from: &str, captured: bool) {
        match key {
            "backlog" => set(&mut self.ini.socket, key, value, from),
            "pidfile" | "umask" => set(&mut self.ini.circus, key, value, from),
            "stderr_stream.filename" => {
                let streams: &[&str] = if captured {
                    &["stderr_stream", "stdout_stream"]
                } else {
                    &["stderr_stream"]
                };
                for stream in streams {
                    let list = &mut self.ini.watcher;
                    set(list, &format!("{stream}.class"), "FileStream", from);
                    set(list, &format!("{stream}.filename"), value, "");
                }
            }
            _ => set(&mut self.ini.watcher, key, value, from),
        }
    }

    /// `NAME=value` of gunicorn's `--env` and `raw_env`.
    fn variable(&mut self, command: &Command<'_>, option: &model::ServerOption) {
        let from = command.option(option).map_or_else(String::new, |a| a.from);
        let is_plain = |value: &str| !value.contains(['$', '\n']) && !value.contains(" ;");
        match command.pairs(option) {
            Some(pairs) if pairs.iter().all(|(_, value, _)| is_plain(value)) => {
                for (name, value, _) in pairs {
                    set(&mut self.ini.environment, &name, &value, &from);
                }
            }
            _ => self.notes.push(dropped(
                &option.name,
                "its value is not plain: set it where circusd is started, which hands its environment on",
            )),
        }
    }
}
