//! Sides start from `run` commands, answer, and stop; one that does not start says why.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use model::Serve;
use support::environments::environment;
use verify::serve::{Entry, Interface, Plan, Role, Side, StartError, Supervisor, Surroundings};

/// An HTTP server of the standard library; `python serve.py PORT`.
const SERVER: &str = "
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_error(404)
print('starts', flush=True)
http.server.HTTPServer(('127.0.0.1', int(sys.argv[1])), Handler).serve_forever()
";

fn supervisor() -> Supervisor {
    let program = Path::new(env!("CARGO_BIN_EXE_migrate"));
    Supervisor::start(program, &["__supervise".into()]).unwrap()
}

fn plan(folder: &Path, command: &str) -> Plan {
    Plan {
        name: "port".into(),
        role: Role::Port,
        serve: Serve {
            serve: command.split(' ').map(str::to_owned).collect(),
        },
        entry: None,
        surroundings: Surroundings {
            folder: folder.to_owned(),
            python: None,
            variables: BTreeMap::new(),
        },
        log: folder.join("logs/port.log"),
        cargo_target: folder.join("target"),
        limit: Duration::from_secs(20),
    }
}

/// What a side that runs `code` as `app.py` in `folder` fails with.
fn failure(folder: &Path, code: &str) -> Box<StartError> {
    fs::write(folder.join("app.py"), code).unwrap();
    let mut plan = plan(folder, "python app.py {port}");
    plan.limit = Duration::from_secs(3);
    Side::start(&supervisor(), &plan).unwrap_err()
}

#[test]
fn a_side_runs_until_it_is_stopped() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("serve.py"), SERVER).unwrap();
    let supervisor = supervisor();
    let plan = plan(folder.path(), "python serve.py {port}");
    let sides: Vec<Side> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..3)
            .map(|_| scope.spawn(|| Side::start(&supervisor, &plan).unwrap()))
            .collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    for side in &sides {
        assert!(side.is_running() && side.address.address().ip().is_loopback());
    }
    let addresses: Vec<_> = sides.iter().map(|s| s.address.address()).collect();
    Side::stop_all(sides).unwrap();
    for address in addresses {
        assert!(
            TcpListener::bind(address).is_ok(),
            "{address} is free again"
        );
    }
    let again = Side::start(&supervisor, &plan).unwrap();
    assert_eq!(
        again.log_tail(10).first().map(String::as_str),
        Some("starts"),
        "only what this start printed"
    );
    again.stop().unwrap();
}

#[test]
fn a_side_that_does_not_start_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let failure = |code| failure(folder.path(), code);
    let error = failure("import flask_nowhere.views");
    assert_eq!(
        error.to_string(),
        "port does not start: module `flask_nowhere` is not installed"
    );
    assert!(error.mend().contains("--port-python"), "{}", error.mend());
    assert!(error.tail.iter().any(|l| l.starts_with("ModuleNotFound")));

    let error = failure("import os\nkey = os.environ['NOWHERE_KEY']");
    assert!(
        error
            .to_string()
            .ends_with("variable NOWHERE_KEY is not set")
    );

    let error = failure("print('no\\n' * 100)\nraise SystemExit(7)");
    assert!(
        error.to_string().ends_with("ended with status 7"),
        "{error}"
    );
    assert_eq!(error.tail.len(), 15);

    let error = failure("import time; time.sleep(600)");
    assert!(error.to_string().ends_with("does not answer within 3 s"));

    let error = failure("");
    assert!(error.mend().contains("foreground"), "{}", error.mend());

    let error = failure("print('try')\nraise OSError(98, 'Address already in use')");
    assert!(error.to_string().ends_with("its port is taken"));
    let printed = fs::read_to_string(&error.log).unwrap_or_default();
    assert_eq!(printed.matches("try\n").count(), 3);
}

#[test]
fn another_port_is_tried_when_one_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let code = format!(
        "import os\nif not os.path.exists('tried'):\n    open('tried', 'w')\n    raise OSError(98, 'Address already in use')\n{SERVER}"
    );
    fs::write(folder.path().join("serve.py"), code).unwrap();
    let supervisor = supervisor();
    let plan = plan(folder.path(), "python serve.py {port}");
    Side::start(&supervisor, &plan).unwrap().stop().unwrap();
}

#[test]
fn what_is_missing_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let supervisor = supervisor();
    let error = Side::start(&supervisor, &plan(folder.path(), "nowhere-serve {port}")).unwrap_err();
    assert!(error.to_string().contains("nowhere-serve: No such file"));
    let error = Side::start(&supervisor, &plan(folder.path(), "./serve --fixed")).unwrap_err();
    assert!(error.mend().contains("{port}"), "{}", error.mend());
}

/// The test's own environments have these servers; hypercorn and granian were tried by hand.
#[test]
fn real_servers() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        (
            "blog.py",
            "from flask import Flask\napp = Flask(__name__)\n",
        ),
        (
            "plain.py",
            "async def app(scope, receive, send):
    if scope['type'] == 'http':
        await send({'type': 'http.response.start', 'status': 404, 'headers': []})
        await send({'type': 'http.response.body', 'body': b''})
",
        ),
        ("conf.py", "bind = '127.0.0.1:1'\nworkers = 3\n"),
    ] {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let entry = Entry {
        app: "blog:app".into(),
        interface: Interface::Wsgi,
    };
    let supervisor = supervisor();
    for (environment_name, line, entry) in [
        ("original", "gunicorn -w 1 -b {host}:{port} blog:app", None),
        ("original", "gunicorn -c conf.py -w 4 -D blog:app", None),
        ("original", "python blog.py", Some(entry)),
        ("original", "flask --app blog run --debug", None),
        ("fastapi", "python -m uvicorn --workers 4 plain:app", None),
    ] {
        let mut plan = plan(folder.path(), line);
        plan.entry = entry;
        plan.surroundings.python = Some(environment(environment_name));
        let side = Side::start(&supervisor, &plan)
            .unwrap_or_else(|e| panic!("{line}: {e} ({})\n{}", e.mend(), e.tail.join("\n")));
        let booted = side
            .log_tail(50)
            .join("\n")
            .matches("Booting worker")
            .count();
        assert_eq!(
            booted,
            usize::from(side.command.starts_with("gunicorn")),
            "{line}"
        );
        let address = side.address.address();
        side.stop().unwrap();
        assert!(TcpListener::bind(address).is_ok(), "{line}");
    }
    let mut plan = plan(folder.path(), "gunicorn blog:nothing");
    plan.surroundings.python = Some(environment("original"));
    let error = Side::start(&supervisor, &plan).unwrap_err();
    assert!(error.mend().contains("`app` under [app]"), "{error}");
}

#[test]
fn what_cargo_runs_is_built_into_the_given_folder() {
    let folder = tempfile::tempdir().unwrap();
    let manifest =
        "[package]\nname = \"port\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[workspace]\n";
    fs::write(folder.path().join("Cargo.toml"), manifest).unwrap();
    fs::create_dir(folder.path().join("src")).unwrap();
    let main = folder.path().join("src/main.rs");
    fs::write(
        &main,
        r#"use std::io::{Read, Write};
fn main() {
    let address = std::env::var("BIND").unwrap();
    for stream in std::net::TcpListener::bind(address).unwrap().incoming() {
        let mut stream = stream.unwrap();
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n");
    }
}
"#,
    )
    .unwrap();
    let supervisor = supervisor();
    let mut plan = plan(
        folder.path(),
        "env BIND={host}:{port} cargo run --quiet --offline",
    );
    plan.cargo_target = folder.path().join("kept");
    Side::start(&supervisor, &plan).unwrap().stop().unwrap();
    assert!(plan.cargo_target.join("debug/port").is_file());
    fs::write(&main, "fn main() { nowhere() }").unwrap();
    let error = Side::start(&supervisor, &plan).unwrap_err();
    assert_eq!(
        error.to_string(),
        "port does not build: cargo ended with status 101"
    );
    assert!(error.tail.join("\n").contains("nowhere"));
    assert!(error.mend().ends_with("port.build.log"));
}
