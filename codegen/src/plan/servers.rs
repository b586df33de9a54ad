//! What each server can do, as data: granian 2.8, gunicorn 27, uvicorn 0.54, hypercorn 0.18, waitress 3.0, Robyn's own
//! as `flask_parity.serve` runs it, and circus 0.19 with processes of that. Read from their help and source, or
//! measured; what is said of programs that were not run here (uWSGI, the Rust targets' own servers) is general
//! knowledge.

use Ability::{No, Partly, Yes};

/// Something that a server may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feature {
    /// More than one process.
    Workers,
    /// Threads in a process.
    Threads,
    /// Workers are replaced after so many requests.
    RecycleRequests,
    /// Workers are replaced at some age.
    RecycleAge,
    /// Workers are replaced above some memory.
    RecycleMemory,
    /// Dead workers are replaced.
    Respawn,
    /// Listens on a Unix socket.
    UnixSocket,
    /// Listens on a descriptor that it is given.
    Descriptor,
    /// Certificates.
    Tls,
    /// Refuses bodies above a size.
    BodyLimit,
    /// Lets requests under way end before it stops.
    GracefulStop,
    /// Replaces workers without a refused connection when it is told to.
    GracefulReload,
    /// Takes scheme and client from a proxy that it trusts.
    ForwardedHeaders,
    /// PROXY protocol.
    ProxyProtocol,
    /// Restarts when source changes.
    DevReload,
}

/// Whether a server can do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ability {
    /// By this option, or as it is said.
    Yes(&'static str),
    /// With this restriction.
    Partly(&'static str),
    /// Not at all; what does it instead.
    No(&'static str),
}

impl Ability {
    /// `yes`, `partly` or `no`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Yes(_) => "yes",
            Partly(_) => "partly",
            No(_) => "no",
        }
    }

    /// How, or what instead.
    #[must_use]
    pub const fn how(self) -> &'static str {
        match self {
            Yes(how) | Partly(how) | No(how) => how,
        }
    }
}

/// The columns of [`ABILITIES`]. `own` is the process of a Rust target, `robyn` one process of
/// `flask_parity.serve`, `circus` several under circus.
pub const SERVERS: [&str; 8] = [
    "granian",
    "gunicorn",
    "uvicorn",
    "hypercorn",
    "waitress",
    "robyn",
    "circus",
    "own",
];

/// A row: the feature, its name for people, and each server's ability in the order of [`SERVERS`].
#[derive(Debug)]
pub struct Row {
    /// Which.
    pub feature: Feature,
    /// Its name for people.
    pub title: &'static str,
    /// By server.
    pub abilities: [Ability; SERVERS.len()],
}

const MANAGER: &str = "the service manager, one process a unit";
const PROXY: &str = "the proxy in front";
const APP: &str = "the app itself";

/// Every feature.
#[rustfmt::skip]
pub const ABILITIES: &[Row] = &[
    Row { feature: Feature::Workers, title: "worker processes", abilities: [
        Yes("--workers"), Yes("--workers"), Yes("--workers"), Yes("--workers"), No(MANAGER), No("one process"), Yes("numprocesses"), Partly("one process, a thread a core") ] },
    Row { feature: Feature::Threads, title: "threads", abilities: [
        Yes("--blocking-threads with WSGI, else the app's own thread pool"), Yes("--threads"), Yes("the app's own thread pool"), Yes("the app's own thread pool"), Yes("--threads"), Yes("--workers"), Yes("--workers of flask_parity.serve"), Yes("a thread a core") ] },
    Row { feature: Feature::RecycleRequests, title: "recycling by requests", abilities: [
        Partly("by age or memory only"), Yes("--max-requests"), Yes("--limit-max-requests"), Yes("--max-requests"), No(MANAGER), No(MANAGER), Partly("by age only"), No(MANAGER) ] },
    Row { feature: Feature::RecycleAge, title: "recycling by age", abilities: [
        Yes("--workers-lifetime"), No("by requests"), No("by requests"), No("by requests"), No(MANAGER), No("RuntimeMaxSec= of systemd"), Yes("--lifetime of flask_parity.serve"), No("RuntimeMaxSec= of systemd") ] },
    Row { feature: Feature::RecycleMemory, title: "recycling by memory", abilities: [
        Yes("--workers-max-rss"), No("by requests"), No("by requests"), No("by requests"), No(MANAGER), No("MemoryMax= of systemd"), Partly("its ResourceWatcher, which restarts all processes at once"), No("MemoryMax= of systemd") ] },
    Row { feature: Feature::Respawn, title: "respawn of dead workers", abilities: [
        Yes("--respawn-failed-workers"), Yes("always"), Yes("with --workers"), No("a crash ends the server: Restart=always of systemd"), No("Restart=always of systemd"), No("Restart=always of systemd"), Yes("respawn"), No("Restart=always of systemd") ] },
    Row { feature: Feature::UnixSocket, title: "a Unix socket", abilities: [
        Yes("--uds"), Yes("--bind unix:PATH"), Yes("--uds"), Yes("--bind unix:PATH"), Yes("--unix-socket"), No("a loopback port"), No("a loopback port"), Partly("in code") ] },
    Row { feature: Feature::Descriptor, title: "an inherited socket", abilities: [
        No("a Unix socket"), Yes("--bind fd://N"), Yes("--fd"), Yes("--bind fd://N"), No("a Unix socket"), Yes("--fd, TCP only"), No("a loopback port"), Partly("in code") ] },
    Row { feature: Feature::Tls, title: "TLS", abilities: [
        Yes("--ssl-certificate"), Yes("--certfile"), Yes("--ssl-certfile"), Yes("--certfile"), No(PROXY), No(PROXY), No(PROXY), Partly("in code") ] },
    Row { feature: Feature::BodyLimit, title: "a body limit", abilities: [
        No(APP), No(APP), No(APP), No(APP), Yes("--max-request-body-size"), Partly("ROBYN_MAX_PAYLOAD_SIZE, for all routes"), Partly("ROBYN_MAX_PAYLOAD_SIZE, for all routes"), Yes(APP) ] },
    Row { feature: Feature::GracefulStop, title: "a graceful stop", abilities: [
        Yes("--workers-kill-timeout"), Yes("--graceful-timeout"), Yes("--timeout-graceful-shutdown"), Yes("--graceful-timeout"), Partly("no limit of time"), Yes("--graceful-timeout"), Yes("--graceful-timeout of flask_parity.serve, graceful_timeout"), Yes("in code") ] },
    Row { feature: Feature::GracefulReload, title: "a graceful reload by signal", abilities: [
        Yes("HUP"), Yes("HUP"), Yes("HUP, with --workers"), Partly("HUP, all workers at once"), No("two units, one after the other"), No("two units, one after the other"), Yes("HUP, or circusctl reload"), No("two units, one after the other") ] },
    Row { feature: Feature::ForwardedHeaders, title: "headers of a trusted proxy", abilities: [
        Partly("in the app: granian.utils.proxies"), Yes("--forwarded-allow-ips"), Yes("--forwarded-allow-ips"), Partly("in the app: ProxyFixMiddleware"), Yes("--trusted-proxy"), Partly("scheme and host, from anyone"), Partly("scheme and host, from anyone"), Partly("in the app") ] },
    Row { feature: Feature::ProxyProtocol, title: "PROXY protocol", abilities: [
        No("forwarded headers"), Yes("--proxy-protocol"), No("forwarded headers"), No("forwarded headers"), No("forwarded headers"), No("forwarded headers"), No("forwarded headers"), No("forwarded headers") ] },
    Row { feature: Feature::DevReload, title: "reload at changes", abilities: [
        Yes("--reload"), Yes("--reload"), Yes("--reload"), Yes("--reload"), No("watchfiles"), No("python -m robyn app.py --dev"), No("python -m robyn app.py --dev"), No("cargo watch") ] },
];

/// What a server can do of something; `None` for a server without a column.
#[must_use]
pub fn ability(server: &str, feature: Feature) -> Option<Ability> {
    let column = SERVERS.iter().position(|s| *s == server)?;
    let row = ABILITIES.iter().find(|r| r.feature == feature)?;
    row.abilities.get(column).copied()
}

/// The name of a feature for people.
#[must_use]
pub fn title(feature: Feature) -> &'static str {
    ABILITIES
        .iter()
        .find(|r| r.feature == feature)
        .map_or("", |r| r.title)
}

/// The servers that can run each target's port; the port's own command names the first.
pub const HOSTS: &[(&str, &[&str])] = &[
    ("fastapi", &["uvicorn", "granian", "hypercorn", "gunicorn"]),
    (
        "starlette",
        &["uvicorn", "granian", "hypercorn", "gunicorn"],
    ),
    ("litestar", &["uvicorn", "granian", "hypercorn", "gunicorn"]),
    ("quart", &["hypercorn", "granian", "uvicorn", "gunicorn"]),
    ("robyn", &["robyn", "circus"]),
    ("axum", &["own"]),
    ("actix", &["own"]),
];

/// The servers that can run a target's port.
#[must_use]
pub fn hosts(target: &str) -> &'static [&'static str] {
    HOSTS
        .iter()
        .find(|(name, _)| *name == target)
        .map_or(&[], |(_, servers)| servers)
}

/// Options that tune or report: what is one thing by different names, in the order of [`SERVERS`]
/// (`None` where the server has none). Settings of gunicorn's configuration file follow its option.
pub const EQUALS: &[[Option<&str>; SERVERS.len()]] = &[
    [
        Some("--backlog"),
        Some("--backlog backlog"),
        Some("--backlog"),
        Some("--backlog"),
        Some("--backlog"),
        Some("--backlog"),
        Some("backlog"),
        None,
    ],
    [
        Some("--log-level"),
        Some("--log-level loglevel"),
        Some("--log-level"),
        Some("--log-level loglevel"),
        None,
        None,
        None,
        None,
    ],
    [
        Some("--access-log --no-access-log"),
        Some("--access-logfile accesslog"),
        Some("--access-log --no-access-log"),
        Some("--access-logfile --access-log accesslog"),
        None,
        None,
        None,
        None,
    ],
    [
        Some("--access-log-fmt"),
        Some("--access-logformat access_log_format"),
        None,
        Some("--access-logformat access_log_format"),
        None,
        None,
        None,
        None,
    ],
    [
        Some("--log --no-log"),
        Some("--error-logfile --log-file errorlog"),
        None,
        Some("--error-logfile --error-log --log-file errorlog"),
        None,
        None,
        Some("stderr_stream.filename"),
        None,
    ],
    [
        Some("--log-config"),
        Some("--log-config --log-config-json logconfig logconfig_dict"),
        Some("--log-config"),
        Some("--log-config logconfig"),
        None,
        None,
        None,
        None,
    ],
    [
        Some("--url-path-prefix"),
        Some("--root-path root_path"),
        Some("--root-path"),
        Some("--root-path root_path"),
        Some("--url-prefix"),
        None,
        None,
        None,
    ],
    [
        Some("--backpressure"),
        Some("--worker-connections worker_connections"),
        Some("--limit-concurrency"),
        None,
        Some("--connection-limit"),
        None,
        None,
        None,
    ],
    [
        Some("--working-dir"),
        Some("--chdir chdir --pythonpath pythonpath"),
        Some("--app-dir"),
        None,
        None,
        None,
        Some("working_dir"),
        None,
    ],
    [
        Some("--pid-file"),
        Some("--pid -p pidfile"),
        None,
        Some("--pid -p pid_path"),
        None,
        None,
        Some("pidfile"),
        None,
    ],
    [
        Some("--process-name"),
        Some("--name -n proc_name"),
        None,
        None,
        None,
        None,
        None,
        None,
    ],
    [
        Some("--http"),
        Some("--http-protocols"),
        Some("--http --http2"),
        Some("always"),
        None,
        None,
        None,
        None,
    ],
    [
        Some("--ws --no-ws"),
        None,
        Some("--ws"),
        None,
        None,
        None,
        None,
        None,
    ],
    [
        Some("--uds-permissions"),
        Some("--umask -m umask"),
        None,
        Some("--umask -m umask"),
        Some("--unix-socket-perms"),
        None,
        Some("umask"),
        None,
    ],
    [
        None,
        Some("--user -u user"),
        None,
        Some("--user -u user"),
        None,
        None,
        Some("uid"),
        None,
    ],
    [
        None,
        Some("--group -g group"),
        None,
        Some("--group -g group"),
        None,
        None,
        Some("gid"),
        None,
    ],
    [
        None,
        Some("--statsd-host statsd_host"),
        None,
        Some("--statsd-host statsd_host"),
        None,
        None,
        None,
        None,
    ],
    [
        None,
        Some("--daemon -D daemon"),
        None,
        Some("--daemon -D"),
        None,
        None,
        Some("--daemon"),
        None,
    ],
    [
        Some("--env-files"),
        Some("--env -e raw_env"),
        Some("--env-file"),
        None,
        None,
        None,
        Some("[env:web]"),
        None,
    ],
];

/// What a server calls the option that another calls `option`.
#[must_use]
pub fn equal(from: &str, option: &str, to: &str) -> Option<&'static str> {
    let column = |server: &str| SERVERS.iter().position(|s| *s == server);
    let (from, to) = (column(from)?, column(to)?);
    let row = EQUALS
        .iter()
        .find(|row| row[from].is_some_and(|names| names.split(' ').any(|name| name == option)))?;
    row[to].and_then(|names| names.split(' ').next())
}
