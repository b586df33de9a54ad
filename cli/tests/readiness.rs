//! Readiness reports. `UPDATE_GOLDENS=1 cargo test -p cli --test readiness` refreshes the examples in docs/readiness.

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use support::{environments, migrate, migrate_ok, tree, workspace};

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
    for target in ["fastapi", "starlette", "axum"] {
        verdicts(target);
    }
}

fn verdicts(target: &str) {
    let fixtures = workspace().join("fixtures");
    let json = |args: &[&str]| -> serde_json::Value {
        serde_json::from_str(&migrate_ok(&fixtures, args)).expect("JSON")
    };
    let analysis = json(&["analyze", "blog", "--to", target, "--format", "json"]);
    let dir = tempfile::tempdir().expect("a folder");
    let out = dir.path().join("port");
    let out_text = out.to_str().expect("UTF-8");
    let port = ["port", "blog", "--to", target, "--out", out_text];
    let port = json(&[&port[..], &["--format", "json"]].concat());
    let report = &analysis["readiness"];
    assert_eq!(report["routes"], port["routes"]);
    assert_eq!(report["summary"], port["summary"]);
    let count = |what: &str| port["summary"][what].as_f64().expect("a number");
    let share = (count("native") + count("supported")) / count("routes");
    assert_eq!(report["percentage"], (share * 1000.0).round() / 10.0);
    for function in port["functions"].as_array().expect("functions") {
        let mut functions = analysis["functions"].as_array().expect("functions").iter();
        match functions.find(|f| f["id"] == function["id"]) {
            Some(same) => assert_eq!(same["verdicts"][target], function["verdict"]),
            // What touches no framework is not in the analysis; only a port in another language translates it.
            None => assert_eq!(target, "axum", "{function}"),
        }
    }

    let listed: BTreeSet<&str> = report["support"]
        .as_array()
        .expect("modules")
        .iter()
        .map(|module| {
            let summary = module["summary"].as_str().expect("a summary");
            assert!(summary.len() > 10, "{module}");
            module["name"].as_str().expect("a name")
        })
        .collect();
    let files = tree::read(&out);
    let carried: BTreeSet<&str> = files
        .keys()
        .filter(|path| path.contains("flask_parity/"))
        .filter_map(|path| path.rsplit('/').next()?.split('.').next())
        .filter(|name| !matches!(*name, "__init__" | "mod"))
        .collect();
    assert_eq!(listed, carried);
}

/// A hook blocks every route, though no view calls it.
#[test]
fn hooks_block() {
    let dir = tempfile::tempdir().expect("a folder");
    let app = "from flask import Flask, request\n\napp = Flask(__name__)\n\n\n@app.before_request\ndef check():\n    yield request\n\n\n@app.route(\"/\")\ndef a():\n    return \"a\"\n\n\n@app.route(\"/b\")\ndef b():\n    return \"b\"\n";
    fs::write(dir.path().join("app.py"), app).expect("a file");
    let args = ["analyze", ".", "--to", "axum", "--format", "json"];
    let analysis: serde_json::Value =
        serde_json::from_str(&migrate_ok(dir.path(), &args)).expect("JSON");
    let blockers = &analysis["readiness"]["blockers"];
    assert_eq!(blockers[0]["function"], "app:check", "{blockers}");
    assert_eq!(blockers[0]["routes"], serde_json::json!(["a", "b"]));
}

#[test]
fn exit_codes() {
    let dir = tempfile::tempdir().expect("a folder");
    let app = "from flask import Flask\n\napp = Flask(__name__)\n\n\n@app.route(\"/\")\ndef good():\n    return \"x\"\n\n\n@app.route(\"/y\")\ndef bad():\n    return str(app.session_interface)\n";
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
        message.contains(
            "no target `rails` (targets are: axum, fastapi, robyn, starlette; planned: actix"
        ),
        "{message}"
    );
    assert_eq!(code(&["analyze", ".", "--to", "flask"]).0, 2);
}
