//! Ports to axum compile without a warning, answer as their originals do where they are translated, and say why where
//! they are not.

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use support::environments::environment;
use support::http::{Answer, Client, Request, difference};
use support::routes::{is_stub, misses, routes};
use support::rust_ports::{APPS, ports, program, run_cargo, source};
use support::servers::Server;
use support::{port_document, serve, tree, workspace};

/// Requests of `fixtures/blog/requests.ndjson` that the blog's port answers as the original does, as it is written.
const BLOG_EQUAL: usize = 0;
/// The same once its hook is written.
const BLOG_EQUAL_OPENED: usize = 0;

/// What became of some requests.
#[derive(Default)]
struct Tally {
    equal: usize,
    stubs: usize,
    different: Vec<String>,
}

impl Tally {
    fn add(&mut self, left: &Answer, right: &Answer, request: &Request) {
        if is_stub(right, request) {
            self.stubs += 1;
        } else if let Some(text) = difference(left, right, request) {
            self.different.push(text);
        } else {
            self.equal += 1;
        }
    }

    /// Prints the counts, and fails when an answer differs or fewer are equal than were.
    fn judge(&self, what: &str, floor: usize, log: &str) {
        println!(
            "{what}: {} equal, {} stubs, {} different",
            self.equal,
            self.stubs,
            self.different.len()
        );
        let list = self.different.join("\n");
        assert!(self.different.is_empty(), "{what}:\n{list}\n{log}");
        let equal = self.equal;
        assert!(equal >= floor, "{what}: {equal} equal, {floor} expected");
    }
}

/// A port and its original, both running.
struct Sides {
    left: Server,
    right: Server,
    _folder: tempfile::TempDir,
}

impl Sides {
    fn start(app: &str, opened: bool) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let original = folder.path().join("original");
        tree::copy(&source(app), &original);
        let python = environment(if app == "httpbin" {
            "httpbin"
        } else {
            "original"
        });
        if app == "flaskr" {
            let output = Command::new(&python)
                .args(["-m", "flask", "--app", "flaskr", "init-db"])
                .current_dir(&original)
                .output()
                .expect("flask runs");
            assert!(output.status.success(), "{output:?}");
        }
        let command = serve(&port_document(&ports().join(app)), "original");
        Self {
            left: Server::start(&python, &original, &command),
            right: start_port(app, opened, folder.path()),
            _folder: folder,
        }
    }
}

/// Starts a port in a copy of its folder.
fn start_port(app: &str, opened: bool, folder: &Path) -> Server {
    let program: PathBuf = program(app, opened);
    let port = folder.join("port");
    tree::copy(&ports().join(app), &port);
    Server::start_program(&program, &port)
}

#[test]
fn no_lint_complains() {
    run_cargo(&[
        "clippy",
        "--quiet",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]);
}

#[test]
fn the_support_package_passes_its_tests() {
    run_cargo(&["test", "--quiet", "-p", "flask_parity"]);
}

/// Each request is sent to both sides with the cookies that the original's client has by then: after a stub, the port
/// would not have them.
#[test]
fn blog_answers_the_same_or_says_why_not() {
    let lines = source("blog").join("requests.ndjson");
    let lines = std::fs::read_to_string(lines).expect("requests");
    let requests: Vec<Request> = lines.lines().map(Request::from_json).collect();
    assert_eq!(requests.len(), 71);
    for (opened, floor) in [(false, BLOG_EQUAL), (true, BLOG_EQUAL_OPENED)] {
        let sides = Sides::start("blog", opened);
        let mut original = Client::new(sides.left.port);
        let mut port = Client::new(sides.right.port);
        let mut tally = Tally::default();
        for request in &requests {
            port.take_cookies_of(&original);
            tally.add(&original.send(request), &port.send(request), request);
        }
        let what = if opened { "blog, opened" } else { "blog" };
        tally.judge(what, floor, &sides.right.log());
    }
}

#[test]
fn flask_reads_the_session_of_the_port() {
    let sides = Sides::start("blog", true);
    let mut original = Client::new(sides.left.port);
    let mut port = Client::new(sides.right.port);
    let login = Request::form("/login", "name=ann&password=pw");
    assert_eq!(original.send(&login).status, 302);

    // The port takes the user out of Flask's session and leaves the greeting.
    port.take_cookies_of(&original);
    let answer = port.send(&Request::new("GET", "/logout"));
    assert_eq!(answer.status, 302, "{answer:?}");
    let cookie = answer.header("set-cookie").expect("a session");
    assert!(cookie.starts_with("session=ey"), "{cookie}");

    let page = |client: &mut Client| {
        let answer = client.send(&Request::new("GET", "/blog/"));
        assert_eq!(answer.status, 200);
        String::from_utf8(answer.body).expect("UTF-8")
    };
    original.take_cookies_of(&port);
    let greeted = page(&mut original);
    assert!(greeted.contains("Welcome ann"), "{greeted}");
    assert!(!greeted.contains("logout"), "{greeted}");
    let after = page(&mut original);
    assert!(!after.contains("Welcome ann"), "{after}");
}

#[test]
fn every_stub_says_why() {
    let folder = tempfile::tempdir().expect("a folder");
    for app in APPS {
        let dir = folder.path().join(app);
        std::fs::create_dir(&dir).expect("a folder");
        let server = start_port(app, false, &dir);
        let mut found = Vec::new();
        let mut sent = 0;
        for route in routes(&ports().join(app)).iter().filter(|r| r.refused) {
            let reasons = if route.hooks.is_empty() {
                &route.own
            } else {
                &route.hooks
            };
            for method in &route.methods {
                let request = route.request(method);
                let answer = Client::new(server.port).send(&request);
                found.extend(misses(&answer, &request, reasons));
                sent += 1;
            }
        }
        println!("{app}: {sent} requests to stubs");
        let log = server.log();
        assert!(found.is_empty(), "{app}:\n{}\n{log}", found.join("\n"));
    }
}

/// With the hooks written, whatever is translated answers as the original; what is not says why, or a guard before it
/// answers as the original's.
#[test]
fn translated_routes_answer_the_same() {
    for (app, floor) in [("flaskr", 0), ("httpbin", 0)] {
        let sides = Sides::start(app, true);
        let mut tally = Tally::default();
        let mut compare = |request: &Request, stub: Option<&[String]>| {
            let left = Client::new(sides.left.port).send(request);
            let right = Client::new(sides.right.port).send(request);
            tally.add(&left, &right, request);
            if is_stub(&right, request) {
                let trouble = match stub {
                    Some(reasons) => misses(&right, request, reasons),
                    None => Some(format!("{} {}: a stub", request.method, request.path)),
                };
                tally.different.extend(trouble);
            }
        };
        for route in routes(&ports().join(app)) {
            let stub = (!route.is_translated()).then_some(route.own.as_slice());
            for method in ["GET", "HEAD", "OPTIONS", "POST", "DELETE"] {
                let request = route.request(method);
                let matches = route.methods.iter().any(|m| m == method)
                    || method == "HEAD" && route.methods.iter().any(|m| m == "GET");
                // Another rule may take another method.
                if matches {
                    compare(&request, stub);
                } else if method == "OPTIONS" {
                    compare(&request, None);
                }
            }
        }
        for path in ["/nowhere", "/static/none.css", "/static/", "/%ff"] {
            compare(&Request::new("GET", path), None);
        }
        tally.judge(&format!("{app}, opened"), floor, &sides.right.log());
    }
}

/// What is particular to a target is known to its folder and to tables, and asked nowhere else.
#[test]
fn nobody_asks_whether_the_target_is_axum() {
    let mut found = Vec::new();
    for part in ["analyzer", "cli", "codegen", "model"] {
        for (path, bytes) in tree::read(&workspace().join(part).join("src")) {
            let own = ["targets/axum/", "rust/"];
            if part == "codegen" && own.iter().any(|f| path.starts_with(f)) {
                continue;
            }
            let text = String::from_utf8_lossy(&bytes);
            let asked = text.lines().enumerate().filter(|(_, line)| {
                ["== \"axum\"", "!= \"axum\"", "\"axum\" =>", "\"axum\" |"]
                    .iter()
                    .any(|c| line.contains(c))
            });
            found.extend(asked.map(|(i, line)| format!("{part}/src/{path}:{}: {line}", i + 1)));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
