//! Ports to Robyn: what they answer otherwise is declared, and nothing else.

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use support::chance;
use support::environments::environment;
use support::{migrate, migrate_ok, port_document, target, tree, workspace};

/// A page, two views that only Flask can answer (one with a slash at its end, one that streams), and hooks around all.
const LEFT: &str = r#"from flask import Flask, g, redirect, request, session, url_for

app = Flask(__name__)
app.secret_key = "not a secret"


@app.before_request
def note():
    g.seen = request.path


@app.after_request
def tell(response):
    response.headers["X-Seen"] = str(g.seen.isascii())
    return response


@app.errorhandler(404)
def missing(error):
    return "nothing here", 404


@app.route("/")
def index():
    number = session.get("number", 0)
    return f"<a href='{url_for('old', number=3)}'>{number}</a>"


@app.route("/old/<int:number>/", methods=["GET", "POST"])
def old(number):
    session["number"] = number + len(request.form)
    if request.method == "POST":
        return redirect(url_for("index"))
    return f"{type(app.session_interface).__name__} {url_for('index')}"


@app.route("/stream")
def stream():
    name = type(app.session_interface).__name__
    return (part for part in (name, " ", "end")), {"Content-Type": "text/plain"}
"#;

#[test]
fn what_is_left_to_flask_answers_as_before() {
    let dir = tempfile::tempdir().expect("a folder");
    let source = dir.path().join("site");
    fs::create_dir(&source).expect("a folder");
    fs::write(source.join("app.py"), LEFT).expect("a file");
    fs::write(source.join("requirements.txt"), "flask==3.1.3\n").expect("a file");
    migrate_ok(dir.path(), &["port", "site", "--to", "robyn"]);
    let document = port_document(&dir.path().join("site-robyn"));
    assert_eq!(document["summary"]["relayed"], 2, "{document:#}");
    verify(dir.path(), "site", "original", &[]);
}

#[test]
fn an_app_is_left_to_flask_as_a_whole() {
    let dir = tempfile::tempdir().expect("a folder");
    let source = dir.path().join("site");
    fs::create_dir(&source).expect("a folder");
    let sessions = "app.session_interface = type(app.session_interface)()\n";
    let text = LEFT.replace("\n\n\n@app.before", &format!("\n{sessions}\n\n@app.before"));
    fs::write(source.join("app.py"), text).expect("a file");
    fs::write(source.join("requirements.txt"), "flask==3.1.3\n").expect("a file");
    migrate_ok(dir.path(), &["port", "site", "--to", "robyn"]);
    let document = port_document(&dir.path().join("site-robyn"));
    assert_eq!(document["summary"]["relayed"], 3, "{document:#}");
    verify(dir.path(), "site", "original", &[]);
}

#[test]
fn templates_by_another_engine() {
    let dir = tempfile::tempdir().expect("a folder");
    for name in ["podcast", "blog"] {
        tree::copy(
            &workspace().join("fixtures").join(name),
            &dir.path().join(name),
        );
    }
    let arguments = ["--to", "robyn", "--templates", "chameleon-rs"];
    migrate_ok(dir.path(), &[&["port", "podcast"][..], &arguments].concat());
    let read = |file: &str| fs::read_to_string(dir.path().join("podcast-robyn").join(file));
    let engine = read("flask_parity/pages.py").expect("a file");
    assert!(engine.contains("from chameleon_rs import"), "{engine}");
    let requirements = read("requirements.txt").expect("a file");
    assert!(
        requirements.contains("chameleon-rs==0.1.51"),
        "{requirements}"
    );
    assert!(!requirements.contains("chameleon=="), "{requirements}");
    let output = migrate(dir.path(), &[&["port", "blog"][..], &arguments].concat());
    assert_eq!(output.status.code(), Some(2));
    assert!(!dir.path().join("blog-robyn").exists());
}

/// What a proof of a fixture has to say.
struct Proof {
    requests: u64,
    declared: u64,
}

#[test]
fn podcast_answers_as_declared() {
    // Routes whose slash comes and goes: `/episodes`, `/about/`.
    let found = proven("podcast", "podcast", &chance::PODCAST);
    assert_eq!(found.requests, 63 + 200);
    assert!(found.declared <= 45, "{} declared", found.declared);
}

#[test]
fn blog_answers_as_declared() {
    let found = proven("blog", "original", &chance::BLOG);
    assert_eq!(found.requests, 71 + 200);
    assert!(found.declared <= 45, "{} declared", found.declared);
}

/// Requests that were written down, and 200 by chance; then whatever the model gives.
fn proven(name: &str, original: &str, site: &chance::Site) -> Proof {
    let dir = tempfile::tempdir().expect("a folder");
    let source = dir.path().join(name);
    tree::copy(&workspace().join("fixtures").join(name), &source);
    migrate_ok(dir.path(), &["port", name, "--to", "robyn"]);
    let requests: Vec<String> = chance::requests(site, 1, 200)
        .iter()
        .map(|request| request.to_json("chance"))
        .collect();
    fs::write(dir.path().join("chance.ndjson"), requests.join("\n")).expect("a file");
    let written = format!("{name}/requests.ndjson");
    let files = ["--requests", &written, "--requests", "chance.ndjson"];
    let found = verify(dir.path(), name, original, &files);
    let made = verify(dir.path(), name, original, &[]);
    assert!(made["requests"].as_u64() > Some(1_000), "{made}");
    Proof {
        requests: found["requests"].as_u64().expect("a number"),
        declared: found["declared"].as_u64().expect("a number"),
    }
}

/// The document of `migrate verify`, without a difference that is not declared.
fn verify(dir: &Path, name: &str, original: &str, more: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_migrate"))
        .args(["verify", &format!("{name}-robyn"), "--format", "json"])
        .arg("--original-python")
        .arg(environment(original))
        .arg("--port-python")
        .arg(environment("robyn"))
        .args(more)
        .current_dir(dir)
        .env("NO_COLOR", "1")
        .env("MIGRATE_CACHE_DIR", target().join("test-cache"))
        .output()
        .expect("the binary runs");
    let document: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&output.stderr)));
    assert_eq!(
        document["differences"].as_array().map(Vec::len),
        Some(0),
        "{document:#}"
    );
    document
}
