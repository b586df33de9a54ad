//! Readiness reports. `UPDATE_GOLDENS=1 cargo test -p cli --test readiness` refreshes the examples in docs/readiness.

mod support;

use std::fs;
use std::path::Path;

use support::{environments, migrate, migrate_ok, workspace};

/// The report of an app, as it stands in the docs.
fn example(name: &str, app: &Path, target: &str) {
    let text = migrate_ok(
        app,
        &["analyze", ".", "--to", target, "--format", "markdown"],
    );
    let file = workspace()
        .join("docs/readiness")
        .join(format!("{name}.md"));
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        fs::create_dir_all(file.parent().expect("a folder")).expect("docs can be written");
        fs::write(&file, text).expect("docs can be written");
        return;
    }
    let expected = fs::read_to_string(&file).unwrap_or_default();
    if text != expected {
        let diff = similar::TextDiff::from_lines(&expected, &text);
        panic!(
            "docs/readiness/{name}.md is stale:\n{}",
            diff.unified_diff()
        );
    }
}

#[test]
fn flaskr() {
    example("flaskr", &environments::flaskr(), "fastapi");
}

#[test]
fn httpbin() {
    example(
        "httpbin",
        &environments::wheel("httpbin", "0.10.4"),
        "fastapi",
    );
}

#[test]
fn otterwiki() {
    example(
        "otterwiki",
        &environments::wheel("otterwiki", "2.26.1"),
        "fastapi",
    );
}

#[test]
fn podcast() {
    example("podcast", &workspace().join("fixtures/podcast"), "robyn");
}

/// What the report says is what `port` does.
#[test]
fn verdicts_are_those_of_the_port() {
    let fixtures = workspace().join("fixtures");
    let json = |args: &[&str]| -> serde_json::Value {
        serde_json::from_str(&migrate_ok(&fixtures, args)).expect("JSON")
    };
    let analysis = json(&["analyze", "blog", "--to", "fastapi", "--format", "json"]);
    let dir = tempfile::tempdir().expect("a folder");
    let out = dir.path().join("port");
    let out = out.to_str().expect("UTF-8");
    let port = json(&[
        "port",
        "blog",
        "--to",
        "fastapi",
        "--out",
        out,
        "--dry-run",
        "--format",
        "json",
    ]);
    let report = &analysis["readiness"];
    assert_eq!(report["routes"], port["routes"]);
    assert_eq!(report["summary"], port["summary"]);
    assert_eq!(report["percentage"], 100.0);
    for function in port["functions"].as_array().expect("functions") {
        let same = analysis["functions"]
            .as_array()
            .expect("functions")
            .iter()
            .find(|f| f["id"] == function["id"])
            .expect("the function");
        assert_eq!(same["verdicts"]["fastapi"], function["verdict"]);
    }
}

#[test]
fn exit_codes() {
    let dir = tempfile::tempdir().expect("a folder");
    let app = "from flask import Flask\n\napp = Flask(__name__)\n\n\n@app.route(\"/\")\ndef good():\n    return \"x\"\n\n\n@app.route(\"/y\")\ndef bad():\n    yield \"y\"\n";
    fs::write(dir.path().join("app.py"), app).expect("a file");
    let code = |args: &[&str]| {
        let output = migrate(dir.path(), args);
        (
            output.status.code().expect("an exit code"),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    let at = |pct: &str| code(&["analyze", ".", "--to", "fastapi", "--fail-under", pct]).0;
    assert_eq!(at("50"), 0);
    assert_eq!(at("50.1"), 1);
    assert_eq!(at("101"), 2);
    assert_eq!(code(&["analyze", ".", "--fail-under", "50"]).0, 2);
    assert_eq!(code(&["analyze", ".", "--to", "robyn"]).0, 0);
    let (exit, message) = code(&["analyze", ".", "--to", "rails"]);
    assert_eq!(exit, 2);
    assert!(
        message.contains("no target `rails` (targets are: fastapi; planned: actix"),
        "{message}"
    );
    assert_eq!(code(&["analyze", ".", "--to", "flask"]).0, 2);
}
