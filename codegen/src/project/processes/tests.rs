//! Commands as the model has them, and the configurations that they become.

use model::{
    Bind, BindKind, CommandArgument, CommandLine, Recycling, ServerOption, Span, Timeouts,
};

use super::*;

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn tcp(address: &str) -> Vec<Bind> {
    vec![Bind {
        kind: BindKind::Tcp,
        address: address.into(),
    }]
}

fn option(name: &str, value: &str) -> ServerOption {
    ServerOption {
        name: name.into(),
        value: (!value.is_empty()).then(|| value.to_owned()),
    }
}

fn site(target: &[String]) -> Site<'_> {
    Site {
        own: None,
        target,
        port_variable: false,
        flask_run: (None, None),
    }
}

/// The garden of a command, with its file named circus.ini.
fn garden(server: &Server) -> (String, Garden) {
    let target = ["app:app".to_owned()];
    let garden = Garden::of(&Command {
        server,
        editor: None,
        site: &site(&target),
    })
    .unwrap();
    (garden.ini.text("circus", &[]), garden)
}

/// What it sets, without comments and without what is the same for all.
fn settings(text: &str) -> Vec<&str> {
    let always = [
        "[circus]",
        "check_delay = 1",
        "endpoint = ipc://.circus/circus.ctl",
        "pubsub_endpoint = ipc://.circus/circus.pub",
        "[socket:web]",
        "[watcher:web]",
        "--fd $(circus.sockets.web)",
        "respawn = True",
        "copy_env = True",
        "use_sockets = True",
    ];
    text.lines()
        .filter(|line| !line.starts_with(';') && !line.is_empty())
        .map(str::trim)
        .filter(|line| !always.contains(line))
        .collect()
}

#[track_caller]
fn check(server: &Server, expected: &[&str]) -> Vec<String> {
    let (text, garden) = garden(server);
    assert_eq!(settings(&text), expected, "{text}");
    garden.notes
}

#[test]
fn granian() {
    let argument = |sets: &str, name: &str, value: &str| CommandArgument {
        sets: some(sets),
        name: name.into(),
        value: some(value),
        span: Span::new(0, 0),
        option: None,
        letters: None,
        text: None,
    };
    let server = Server {
        program: "granian".into(),
        app: some("podcast:app"),
        interface: some("asgi"),
        workers: some("2"),
        bind: tcp("0.0.0.0:8000"),
        recycling: Recycling {
            lifetime: some("6h"),
            respawn: true,
            ..Recycling::default()
        },
        written: Some(CommandLine {
            arguments: vec![
                argument("interface", "--interface", "asgi"),
                argument("host", "--host", "0.0.0.0"),
                argument("port", "--port", "8000"),
                argument("workers", "--workers", "2"),
                argument("lifetime", "--workers-lifetime", "6h"),
                argument("respawn", "--respawn-failed-workers", ""),
            ],
            ..CommandLine::default()
        }),
        ..Server::default()
    };
    let (text, garden) = garden(&server);
    assert_eq!(
        text,
        "; circusd circus.ini, of circus 0.19.0; as `migrate port` has translated it from
; nothing: the app has no command of a server

[circus]
; How soon a process that has ended is replaced; unasked, 5 seconds.
check_delay = 1
; Not the port 5555, by which any user of the machine may run commands.
; circusctl --endpoint ipc://.circus/circus.ctl status
endpoint = ipc://.circus/circus.ctl
pubsub_endpoint = ipc://.circus/circus.pub

; circus owns the port: what waits in its queue is not lost when a process ends.
[socket:web]
; granian --host 0.0.0.0
host = 0.0.0.0
; granian --port 8000
port = 8000
; Unasked.
backlog = 2048

[watcher:web]
cmd = python -m flask_parity.serve
    podcast:app
    --fd $(circus.sockets.web)
; granian --workers-lifetime 6h
    --lifetime 21600
; Up to that much more, so that not all of them end at once.
    --lifetime-jitter 2160
; granian was given no limit.
    --graceful-timeout 30
; granian --workers 2
numprocesses = 2
; granian --respawn-failed-workers
respawn = True
; Longer than --graceful-timeout; SIGKILL then.
graceful_timeout = 35
; The folder that circusd is started in, as granian was.
working_dir = .
; What circusd is given.
copy_env = True
use_sockets = True
"
    );
    assert_eq!(
        garden.notes,
        ["`--interface` is dropped: Robyn is served by its own protocol"]
    );
}

#[test]
fn gunicorn() {
    let notes = check(
        &Server {
            program: "gunicorn".into(),
            app: some("app:make('x')"),
            workers: some("4"),
            threads: some("8"),
            bind: tcp(":80"),
            timeouts: Timeouts {
                worker: some("120"),
                graceful: some("20"),
                keep_alive: some("5"),
            },
            recycling: Recycling {
                max_requests: some("1000"),
                jitter: some("50"),
                respawn: true,
                ..Recycling::default()
            },
            preload: true,
            options: vec![
                option("--backlog", "64"),
                option("-u", "www"),
                option("-g", "web"),
                option("-m", "007"),
                option("-p", "/run/x.pid"),
                option("--error-logfile", "/var/log/e.log"),
                option("--capture-output", ""),
                option("-e", "A=b c"),
                option("--chdir", "/srv/site"),
                option("--access-logfile", "/var/log/a.log"),
            ],
            ..Server::default()
        },
        &[
            "endpoint = ipc:///srv/site/.circus/circus.ctl",
            "pubsub_endpoint = ipc:///srv/site/.circus/circus.pub",
            "umask = 007",
            "pidfile = /run/x.pid",
            "host = 0.0.0.0",
            "port = 80",
            "backlog = 64",
            "cmd = python -m flask_parity.serve",
            "'app:make('\\''x'\\'')'",
            "--workers 8",
            "--graceful-timeout 20",
            "numprocesses = 4",
            "graceful_timeout = 25",
            "uid = www",
            "gid = web",
            "stderr_stream.class = FileStream",
            "stderr_stream.filename = /var/log/e.log",
            "stdout_stream.class = FileStream",
            "stdout_stream.filename = /var/log/e.log",
            "working_dir = /srv/site",
            "[env:web]",
            "A = b c",
        ],
    );
    let named: Vec<&str> = notes.iter().map(|n| n.split('`').nth(1).unwrap()).collect();
    assert_eq!(
        named,
        [
            "max_requests of gunicorn.conf.py",
            "max_requests_jitter of gunicorn.conf.py",
            "--access-logfile",
            "timeout of gunicorn.conf.py",
            "keepalive of gunicorn.conf.py",
            "preload_app of gunicorn.conf.py",
        ]
    );
}

#[test]
fn others() {
    let hypercorn = Server {
        program: "hypercorn".into(),
        app: some("asgi:app:app"),
        workers: some("${WEB_CONCURRENCY:-3}"),
        bind: tcp("[::]:$PORT"),
        ..Server::default()
    };
    check(
        &hypercorn,
        &[
            "host = ::",
            "family = AF_INET6",
            "port = $(circus.env.port)",
            "backlog = 2048",
            "cmd = python -m flask_parity.serve",
            "app:app",
            "--graceful-timeout 3",
            "numprocesses = $(circus.env.web_concurrency)",
            "graceful_timeout = 8",
            "working_dir = .",
        ],
    );
    let (_, found) = garden(&hypercorn);
    let variables: Vec<String> = found
        .variables
        .iter()
        .map(|v| format!("{}={} {}", v.name, v.raw, v.fallback))
        .collect();
    assert_eq!(
        variables,
        ["PORT=$PORT 8000", "WEB_CONCURRENCY=${WEB_CONCURRENCY:-3} 3"]
    );
    let notes = check(
        &Server {
            program: "uvicorn".into(),
            app: some("app:app"),
            bind: vec![Bind {
                kind: BindKind::Unix,
                address: "/run/x.sock".into(),
            }],
            ..Server::default()
        },
        &[
            "host = 127.0.0.1",
            "port = 8000",
            "backlog = 2048",
            "cmd = python -m flask_parity.serve",
            "app:app",
            "--graceful-timeout 30",
            "numprocesses = 1",
            "graceful_timeout = 35",
            "working_dir = .",
        ],
    );
    assert_eq!(notes.len(), 1, "{notes:?}");
    let notes = check(
        &Server {
            program: "gunicorn".into(),
            app: some("app"),
            workers: some("multiprocessing.cpu_count() * 2 + 1"),
            options: vec![
                option("raw_env", "A=1,B=2"),
                option("post_fork", ""),
                option("accesslog", "-"),
                option("daemon", "true"),
            ],
            written: Some(CommandLine {
                configured: true,
                ..CommandLine::default()
            }),
            ..Server::default()
        },
        &[
            "host = 127.0.0.1",
            "port = 8000",
            "backlog = 2048",
            "cmd = python -m flask_parity.serve",
            "app:application",
            "--graceful-timeout 30",
            "numprocesses = 2",
            "graceful_timeout = 35",
            "working_dir = .",
            "[env:web]",
            "A = 1",
            "B = 2",
        ],
    );
    assert_eq!(notes.len(), 3, "{notes:?}");
}

#[test]
fn one_process() {
    let target = ["app:app".to_owned()];
    let server = Server {
        program: "gunicorn".into(),
        app: some("app:app"),
        workers: some("4"),
        threads: some("2"),
        bind: tcp("0.0.0.0:${PORT:-80}"),
        timeouts: Timeouts {
            graceful: some("9"),
            ..Timeouts::default()
        },
        recycling: Recycling {
            max_requests: some("10"),
            respawn: true,
            ..Recycling::default()
        },
        options: vec![
            option("--backlog", "7"),
            option("-e", "A=1"),
            option("-u", "www"),
            option("--chdir", "srv"),
        ],
        ..Server::default()
    };
    let found = Alone::of(&Command {
        server: &server,
        editor: None,
        site: &site(&target),
    })
    .unwrap();
    assert_eq!(found.before.join(" "), "A=1 PYTHONPATH=srv");
    assert_eq!(
        found.words.join(" "),
        "app:app --host 0.0.0.0 --port ${PORT:-80} --workers 2 --graceful-timeout 9 --backlog 7"
    );
    assert_eq!(found.notes.notes.len(), 3, "{:?}", found.notes.notes);
    assert_eq!(
        found.notes.notes[2],
        "lost: worker processes, recycling by requests (by age only), respawn of dead workers; `migrate port --server circus` keeps that"
    );
}
