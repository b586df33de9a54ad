//! Options without an equal in `flask_parity.serve` and circus, with the reason: Robyn 0.88.0's server is built with
//! fixed settings (actix-http 3.11), and circus 0.19.0 knows processes, not requests.

use super::asked::Command;
use crate::plan::servers::equal;
use crate::project::translation::{SILENT, is_standard};
use crate::targets::Serving;

/// What becomes of an option that has no field in the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// This setting of circus', or of the same meaning for `flask_parity.serve`.
    Setting(&'static str),
    /// The same unasked, or no need of it.
    Unasked,
    /// No equal, and why.
    Lost(&'static str),
}

const LOGGING: &str = "Robyn's log is kept at warnings; the app sets `logging` up itself, and circusd has `--log-level` for its own";
const ACCESS: &str =
    "Robyn logs no requests; the proxy in front does, or a hook of the app after each request";
const LIMITS: &str =
    "Robyn's limits of connections and headers are fixed; the proxy in front has its own";
const PLAIN: &str = "Robyn speaks plain HTTP/1.1; the proxy in front does the rest";
const HOOKS: &str = "the app's own handlers for startup and shutdown run in each process; circus' `hooks.*` run in circusd";
const STATISTICS: &str = "`circusctl stats` tells of the processes";
const PREFIX: &str = "Robyn knows no prefix; the proxy in front takes it off, and APPLICATION_ROOT puts it into URLs";
const NO_TITLE: &str = "processes have no title of their own";
const FILES: &str = "no such file is read; EnvironmentFile= of systemd, or the environment that the port is started in";
const STATIC: &str = "the port's own routes answer static files, or the proxy in front";
const WORKER: &str = "Robyn has one kind of worker, and a loop of its own";

/// Names of options and settings, and why they have no equal.
const REASONS: &[(&[&str], &str)] = &[
    (
        &[
            "--access-log",
            "--no-access-log",
            "--access-log-fmt",
            "--access-logfile",
            "--access-logformat",
            "accesslog",
            "access_log_format",
            "--disable-redirect-access-to-syslog",
        ],
        ACCESS,
    ),
    (
        &[
            "--log",
            "--no-log",
            "--log-level",
            "--log-config",
            "--log-config-json",
            "--log-syslog",
            "-R",
            "--logger-class",
            "--use-colors",
            "--no-use-colors",
            "loglevel",
            "logconfig",
            "logconfig_dict",
            "logger_class",
        ],
        LOGGING,
    ),
    (
        &[
            "--backpressure",
            "--worker-connections",
            "worker_connections",
            "--limit-concurrency",
            "--connection-limit",
            "--limit-request-line",
            "--limit-request-fields",
            "--limit-request-field_size",
            "limit_request_line",
            "limit_request_fields",
            "limit_request_field_size",
            "--h11-max-incomplete-event-size",
            "--read-timeout",
            "--http1-header-read-timeout",
            "--http1-buffer-size",
            "--http1-keep-alive",
            "--no-http1-keep-alive",
            "--http1-pipeline-flush",
        ],
        LIMITS,
    ),
    (
        &[
            "--http",
            "--http2",
            "--http-protocols",
            "--ssl-keyfile-password",
            "--ssl-client-verify",
            "--ws",
            "--no-ws",
            "--server-name",
            "--server-names",
        ],
        PLAIN,
    ),
    (
        &[
            "child_exit",
            "nworkers_changed",
            "on_exit",
            "on_reload",
            "on_starting",
            "post_fork",
            "post_request",
            "post_worker_init",
            "pre_exec",
            "pre_fork",
            "pre_request",
            "ssl_context",
            "when_ready",
            "worker_abort",
            "worker_exit",
            "worker_int",
        ],
        HOOKS,
    ),
    (
        &[
            "--metrics",
            "--no-metrics",
            "--metrics-address",
            "--metrics-port",
            "--metrics-scrape-interval",
            "--statsd-host",
            "--statsd-prefix",
            "statsd_host",
            "statsd_prefix",
            "--control-socket",
        ],
        STATISTICS,
    ),
    (
        &[
            "--url-path-prefix",
            "--root-path",
            "root_path",
            "--url-prefix",
        ],
        PREFIX,
    ),
    (&["--process-name", "--name", "-n", "proc_name"], NO_TITLE),
    (&["--env-files", "--env-file"], FILES),
    (
        &[
            "--static-path-mount",
            "--static-path-route",
            "--static-path-expires",
        ],
        STATIC,
    ),
    (
        &[
            "--runtime-mode",
            "--runtime-threads",
            "--runtime-blocking-threads",
            "--task-impl",
            "--lifespan",
        ],
        WORKER,
    ),
    (
        &["--respawn-interval"],
        "circus looks every `check_delay` seconds which processes have ended",
    ),
    (
        &["--reuse-port", "reuse_port"],
        "circus' own socket is shared by its processes, and a process alone shares its port unasked",
    ),
];

/// Settings of gunicorn's file that the port has no need of.
const UNASKED: &[&str] = &[
    "capture_output",
    "reload_extra_files",
    "sendfile",
    "tmp_upload_dir",
    "worker_tmp_dir",
];

impl Fate {
    /// What becomes of an option.
    pub fn of(program: &str, name: &str, value: Option<&str>) -> Self {
        let long = format!("--{}", name.trim_start_matches('-'));
        if SILENT.contains(&name)
            || UNASKED.contains(&name)
            || program == "uwsgi" && SILENT.contains(&long.as_str())
        {
            return Self::Unasked;
        }
        let logs = ["--access-logfile", "--access-log", "accesslog"];
        if logs.contains(&name) && program != "granian" && is_standard(value) {
            return Self::Unasked;
        }
        match equal(program, name, Serving::Circus.name()) {
            Some("stderr_stream.filename") if program == "granian" => {}
            Some("stderr_stream.filename") if is_standard(value) => return Self::Unasked,
            // uvicorn and granian read it from files.
            Some("[env:web]") if name.contains("env-file") => {}
            Some(setting) => return Self::Setting(setting),
            None => {}
        }
        let reason = REASONS.iter().find(|(names, _)| names.contains(&name));
        Self::Lost(reason.map_or(
            "neither circus nor `flask_parity.serve` has anything like it",
            |(_, reason)| reason,
        ))
    }
}

/// The note on an option that goes.
pub(super) fn dropped(name: &str, reason: &str) -> String {
    format!("`{name}` is dropped: {reason}")
}

/// Notes on what the model has fields for, and neither way of serving has an equal of.
pub(super) fn fields(command: &Command<'_>) -> Vec<String> {
    let server = command.server;
    let is_set = |value: &Option<String>| value.as_deref().is_some_and(|v| v != "0");
    let class = server.worker_class.as_deref();
    let tls = &server.tls;
    let proxies = &server.proxies;
    [
        (
            class.is_some_and(|c| !matches!(c, "sync" | "gthread" | "auto")),
            "worker_class",
            WORKER,
        ),
        (
            server.interface.is_some(),
            "interface",
            "Robyn is served by its own protocol",
        ),
        (
            is_set(&server.timeouts.worker),
            "timeout",
            "nobody asks whether a process still answers; the proxy in front may limit a request",
        ),
        (
            server.timeouts.keep_alive.is_some(),
            "keep_alive",
            "Robyn keeps idle connections until the client closes them; the proxy in front may limit them",
        ),
        (
            proxies.allowed.is_some(),
            "allowed",
            "which proxies are believed is the app's business: a port reads the Host header and its configuration",
        ),
        (
            proxies.headers.is_some() && command.argument("proxy_headers").is_some(),
            "proxy_headers",
            "forwarded headers are the app's business: a port reads the Host header and its configuration",
        ),
        (
            proxies.protocol,
            "proxy_protocol",
            "Robyn does not speak it; let the proxy in front send forwarded headers",
        ),
        (tls.certificate.is_some(), "certificate", PLAIN),
        (tls.key.is_some(), "key", PLAIN),
        (tls.client_ca.is_some(), "client_ca", PLAIN),
        (
            is_set(&server.body_limit),
            "body_limit",
            "MAX_CONTENT_LENGTH in the app, ROBYN_MAX_PAYLOAD_SIZE for all routes, or the proxy in front",
        ),
        (
            server.reload,
            "reload",
            "nothing restarts the port when its source changes; while developing: `python -m robyn FILE --dev`",
        ),
    ]
    .into_iter()
    .filter(|(is_used, ..)| *is_used)
    .map(|(_, what, reason)| dropped(&command.named(what), reason))
    .collect()
}

/// The note on a file of settings that the port does not read; `now` is where they stand.
pub(super) fn settings(command: &Command<'_>, now: &str) -> Option<String> {
    let server = command.server;
    let is_read = command.line().is_some_and(|line| line.configured);
    let reason = || format!("what {} sets stands in {now}", command.file());
    if server.config.is_some() {
        return Some(dropped(&command.named("config"), &reason()));
    }
    (is_read && server.program == "gunicorn").then(|| {
        format!("`gunicorn.conf.py` and GUNICORN_CMD_ARGS are not read any more: what they set stands in {now}")
    })
}

/// Notes on words that may be any option.
pub(super) fn unknown_words(command: &Command<'_>) -> Vec<String> {
    let arguments = command.line().map_or(&[][..], |line| &line.arguments);
    arguments
        .iter()
        .filter(|a| a.sets.is_none() && a.name.is_empty())
        .filter_map(|a| a.value.as_deref())
        .filter(|value| value.starts_with('$'))
        .map(|value| dropped(value, "it may be any option of the old server"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_options() {
        for (program, name, value, expected) in [
            (
                "gunicorn",
                "--backlog",
                Some("64"),
                Fate::Setting("backlog"),
            ),
            (
                "gunicorn",
                "chdir",
                Some("/srv"),
                Fate::Setting("working_dir"),
            ),
            ("hypercorn", "--umask", Some("7"), Fate::Setting("umask")),
            ("gunicorn", "-D", None, Fate::Setting("--daemon")),
            ("gunicorn", "--error-logfile", Some("-"), Fate::Unasked),
            (
                "gunicorn",
                "errorlog",
                Some("/var/log/e"),
                Fate::Setting("stderr_stream.filename"),
            ),
            ("gunicorn", "--access-logfile", Some("-"), Fate::Unasked),
            (
                "gunicorn",
                "accesslog",
                Some("/var/log/a"),
                Fate::Lost(ACCESS),
            ),
            ("granian", "--access-log", None, Fate::Lost(ACCESS)),
            ("granian", "--no-log", None, Fate::Lost(LOGGING)),
            ("uvicorn", "--env-file", Some(".env"), Fate::Lost(FILES)),
            ("uwsgi", "master", Some("true"), Fate::Unasked),
            ("gunicorn", "post_fork", None, Fate::Lost(HOOKS)),
        ] {
            assert_eq!(Fate::of(program, name, value), expected, "{program} {name}");
        }
    }

    #[test]
    fn one_reason_each() {
        let mut names: Vec<&str> = REASONS
            .iter()
            .flat_map(|(names, _)| *names)
            .copied()
            .collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
