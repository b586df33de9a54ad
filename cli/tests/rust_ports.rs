//! Ports to axum compile without a warning, answer as their originals do where they are translated, and say why where
//! they are not.
//!
//! A port is run as it is written, or *opened*: with its hook written by hand (`cli/tests/rust-ports`), so that what
//! waits for it answers too.

mod support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::environments::environment;
use support::http::{Answer, Client, Request, difference};
use support::routes::{Records, is_stub};
use support::rust_ports::{ports, program, run_cargo, run_cargo_in_support, source};
use support::servers::Server;
use support::{migrate_ok, port_document, serve, tree, workspace};

/// How many requests a fixture's `requests.ndjson` has, and how many of them its port answers as the original does.
const WALKS: &[(&str, usize, usize)] = &[("blog", 71, 60), ("shop", 383, 377)];

/// Requests to the routes of each app that its port answers as the original does; whether the port is opened.
const EQUAL: &[(&str, bool, usize)] = &[
    ("blog", false, 60),
    ("flaskr", false, 23),
    ("flaskr", true, 35),
    ("httpbin", false, 76),
    ("shop", false, 48),
];

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
    let lints = ["clippy", "--quiet", "--all-targets"];
    let warnings = ["--", "-D", "warnings"];
    run_cargo(&[&lints[..], &["--workspace"], &warnings].concat());
    run_cargo_in_support(&[&lints[..], &warnings].concat());
}

#[test]
fn the_support_package_passes_its_tests() {
    run_cargo_in_support(&["test", "--quiet"]);
}

/// Each request is sent to both sides with the cookies that the original's client has by then: after a stub, the port
/// would not have them.
#[test]
fn walks_are_answered_the_same_or_by_a_reason() {
    for &(app, count, floor) in WALKS {
        let lines = source(app).join("requests.ndjson");
        let lines = std::fs::read_to_string(lines).expect("requests");
        let requests: Vec<Request> = lines.lines().map(Request::from_json).collect();
        assert_eq!(requests.len(), count);
        let sides = Sides::start(app, false);
        let mut original = Client::new(sides.left.port);
        let mut port = Client::new(sides.right.port);
        let mut tally = Tally::default();
        for request in &requests {
            port.take_cookies_of(&original);
            tally.add(&original.send(request), &port.send(request), request);
        }
        tally.judge(
            &format!("{app}, {count} requests"),
            floor,
            &sides.right.log(),
        );
    }
}

#[test]
fn flask_reads_the_session_of_the_port() {
    let sides = Sides::start("blog", false);
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

/// Every route, by a visitor and by a user: what is translated answers as the original, what is not says why, as
/// port.json records it, or a guard before it answers as the original's.
#[test]
fn routes_answer_the_same_or_say_why_not() {
    let mut silent: BTreeSet<String> = BTreeSet::new();
    let mut heard: BTreeSet<String> = BTreeSet::new();
    for &(app, opened, floor) in EQUAL {
        let what = format!("{app}{}", if opened { ", opened" } else { "" });
        let records = Records::read(&ports().join(app));
        let sides = Sides::start(app, opened);
        let mut tally = Tally::default();
        let mut user = Client::new(sides.left.port);
        for request in logins(app) {
            let status = user.send(&request).status;
            assert!(matches!(status, 302 | 303), "{status}: {request:?}");
        }
        for route in &records.routes {
            let key = format!("{app} {}", route.rule);
            let who: &[bool] = if logins(app).is_empty() {
                &[true]
            } else {
                &[true, false]
            };
            for (visitor, method) in who.iter().flat_map(|v| METHODS.map(|m| (*v, m))) {
                let takes = |wanted: &str| route.methods.iter().any(|m| m == wanted);
                // An `OPTIONS` that no view takes is answered for it.
                let own = takes(method) || method == "HEAD" && takes("GET");
                if !own && method != "OPTIONS" {
                    continue;
                }
                let request = route.request(method);
                let send = |port: u16| {
                    let mut client = Client::new(port);
                    if !visitor {
                        client.take_cookies_of(&user);
                    }
                    client.send(&request)
                };
                let right = send(sides.right.port);
                if !is_stub(&right, &request) {
                    tally.add(&send(sides.left.port), &right, &request);
                    continue;
                }
                tally.stubs += 1;
                let may = !visitor
                    || !own
                    || !records.is_translated(route)
                    || !opened && !records.waits(route).is_empty();
                let waits = !opened && !records.waits(route).is_empty();
                if !may || method != "HEAD" && !records.know(&right, route, waits) {
                    let body = String::from_utf8_lossy(&right.body).into_owned();
                    let who = if visitor { "a visitor" } else { "a user" };
                    let text = format!("{method} {} by {who}: {body}", request.path);
                    tally.different.push(text);
                }
                heard.insert(key.clone());
            }
            if route.refused {
                silent.insert(key);
            }
        }
        for path in ["/nowhere", "/static/none.css", "/static/", "/%ff"] {
            let request = Request::new("GET", path);
            let left = Client::new(sides.left.port).send(&request);
            let right = Client::new(sides.right.port).send(&request);
            tally.add(&left, &right, &request);
        }
        tally.judge(&what, floor, &sides.right.log());
    }
    silent.retain(|route| !heard.contains(route));
    assert!(silent.is_empty(), "refused and never a 501: {silent:?}");
}

const METHODS: [&str; 7] = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"];

/// Requests after which the original knows a user.
fn logins(app: &str) -> Vec<Request> {
    let flaskr = "username=ann&password=pw";
    match app {
        "blog" => vec![Request::form("/login", "name=ann&password=pw")],
        "flaskr" => vec![
            Request::form("/auth/register", flaskr),
            Request::form("/auth/login", flaskr),
        ],
        "shop" => vec![Request::form("/cart/hello?back=/cart/", "name=bob")],
        _ => Vec::new(),
    }
}

/// Middleware, an app class of one's own, settings of the URL map, extensions, hooks that change URL values: each is
/// asked first and refuses, and no route is said to be translated.
#[test]
fn what_acts_on_every_request_holds_the_port_back() {
    const APP: &str = r#"
from flask import Flask
from flask_cors import CORS
from werkzeug.middleware.proxy_fix import ProxyFix


class Mine(Flask):
    pass


app = Mine(__name__)
app.wsgi_app = ProxyFix(app.wsgi_app)
app.url_map.strict_slashes = False
app.jinja_env.trim_blocks = True
CORS(app)


@app.url_value_preprocessor
def pull(endpoint, values):
    pass


@app.route("/x")
def x():
    return "x"
"#;
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("app")).expect("a folder");
    std::fs::write(folder.path().join("app/app.py"), APP).expect("a file");
    migrate_ok(
        folder.path(),
        &["port", "app", "--to", "axum", "--out", "port"],
    );
    let port = folder.path().join("port");
    let document = port_document(&port);
    assert_eq!(document["summary"]["refused"], 1, "{document}");
    let text = std::fs::read_to_string(port.join("src/application.rs")).expect("a file");
    for call in [
        "flask_cors()?;",
        "app_mine()?;",
        "app_wsgi_app()?;",
        "app_url_map()?;",
        "app::pull(ctx)",
    ] {
        assert!(text.contains(call), "{call} is not in\n{text}");
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
