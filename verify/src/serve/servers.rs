//! Servers and those of their options that matter when a side is started.
//!
//! As their own help has them: gunicorn 27, uvicorn 0.54, hypercorn 0.18, granian 2.8, Flask 3.1, Quart 0.20, uWSGI 2.0.

/// A server whose options are known.
pub(super) struct Server {
    name: &'static str,
    /// Options with a value that go.
    valued: &'static [&'static str],
    /// Options without one that go.
    switches: &'static [&'static str],
    /// Options that say where to listen: they go where they have no `{port}`.
    binds: &'static [&'static str],
    /// What is added for one worker process. The last option wins over environment and configuration file with all of them.
    one_worker: &'static [&'static str],
    /// What is added when nothing says where to listen.
    address: &'static [&'static str],
}

const SERVERS: &[Server] = &[
    Server {
        name: "gunicorn",
        valued: &[
            "-w",
            "--workers",
            "-p",
            "--pid",
            "--reload-engine",
            "--reload-extra-file",
            // A worker that is replaced in the middle of it forgets its state on one side only.
            "--max-requests",
            "--max-requests-jitter",
        ],
        switches: &["-D", "--daemon", "--reload"],
        binds: &["-b", "--bind"],
        one_worker: &["-w", "1"],
        address: &["-b", "{host}:{port}"],
    },
    Server {
        name: "uvicorn",
        valued: &[
            "--workers",
            "--reload-dir",
            "--reload-include",
            "--reload-exclude",
            "--reload-delay",
            "--limit-max-requests",
            "--limit-max-requests-jitter",
        ],
        switches: &["--reload"],
        binds: &["--host", "--port", "--uds", "--fd"],
        one_worker: &["--workers", "1"],
        address: &["--host", "{host}", "--port", "{port}"],
    },
    Server {
        name: "hypercorn",
        valued: &[
            "-w",
            "--workers",
            "-p",
            "--pid",
            "--max-requests",
            "--max-requests-jitter",
        ],
        switches: &["-D", "--daemon", "--reload"],
        binds: &["-b", "--bind", "--insecure-bind", "--quic-bind"],
        one_worker: &["-w", "1"],
        address: &["-b", "{host}:{port}"],
    },
    Server {
        name: "granian",
        valued: &[
            "--workers",
            "--pid-file",
            "--workers-lifetime",
            "--workers-max-rss",
            "--reload-paths",
            "--reload-ignore-dirs",
            "--reload-ignore-patterns",
            "--reload-ignore-paths",
            "--reload-tick",
        ],
        switches: &["--reload", "--no-reload"],
        binds: &["--host", "--port", "--uds"],
        one_worker: &["--workers", "1", "--no-reload"],
        address: &["--host", "{host}", "--port", "{port}"],
    },
    Server {
        name: "waitress-serve",
        valued: &[],
        switches: &[],
        binds: &["--host", "--port", "--listen", "--unix-socket"],
        one_worker: &[],
        address: &["--listen", "{host}:{port}"],
    },
    Server {
        name: "uwsgi",
        valued: &[
            "-p",
            "--processes",
            "--workers",
            "--cheaper",
            "-d",
            "--daemonize",
            "--daemonize2",
            "--pidfile",
            "--pidfile2",
            "--py-autoreload",
            "-R",
            "--max-requests",
        ],
        switches: &[],
        binds: &[],
        one_worker: &["--processes", "1"],
        address: &[],
    },
    Server {
        name: "flask",
        valued: &["--extra-files", "--exclude-patterns"],
        switches: &["--reload", "--debug", "--debugger"],
        binds: &["-h", "--host", "-p", "--port"],
        one_worker: &["--no-reload"],
        address: &["--host", "{host}", "--port", "{port}"],
    },
    Server {
        name: "quart",
        valued: &[],
        switches: &["--reload", "--debug", "--debugger"],
        binds: &["-h", "--host", "-p", "--port"],
        one_worker: &["--no-reload"],
        address: &["--host", "{host}", "--port", "{port}"],
    },
];

/// The server of that name.
pub(super) fn server(name: &str) -> Option<&'static Server> {
    SERVERS.iter().find(|s| s.name == name)
}

impl Server {
    /// Arguments with this server's options for one process that stays in the foreground.
    pub(super) fn alone(&self, arguments: &[String]) -> Vec<String> {
        let mut out = Vec::new();
        let mut rest = arguments.iter();
        while let Some(word) = rest.next() {
            let (goes, valued) = if self.switches.contains(&word.as_str()) {
                (true, None)
            } else if let Some(value) = value(word, self.valued) {
                (true, Some(value))
            } else if let Some(value) = value(word, self.binds) {
                let next = rest.as_slice().first().map(String::as_str);
                let text = value.or(next).unwrap_or_default();
                (
                    !text.contains("{port}") && !text.contains("{host}"),
                    Some(value),
                )
            } else {
                (false, None)
            };
            let separate = valued == Some(None);
            let follower = separate.then(|| rest.next()).flatten();
            if !goes {
                out.push(word.clone());
                out.extend(follower.cloned());
            }
        }
        if !out.iter().any(|a| a.contains("{port}")) {
            out.extend(self.address.iter().map(|a| (*a).to_owned()));
        }
        out.extend(self.one_worker.iter().map(|a| (*a).to_owned()));
        out
    }
}

/// Whether `word` is one of `options`, and the value that is written in the same word: `--workers=4`, `-w4`.
fn value<'a>(word: &'a str, options: &[&str]) -> Option<Option<&'a str>> {
    options.iter().find_map(|option| {
        let rest = word.strip_prefix(option)?;
        if rest.is_empty() {
            return Some(None);
        }
        if option.starts_with("--") {
            rest.strip_prefix('=').map(Some)
        } else {
            Some(Some(rest))
        }
    })
}
