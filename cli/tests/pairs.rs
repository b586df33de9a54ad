//! `migrate diff` of a port whose functions stand in files of their own.

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use support::{migrate, migrate_ok};

const APP: &str = "from flask import Flask\n\napp = Flask(__name__)\n\n\n@app.route(\"/\")\n@app.route(\"/home\")\ndef index():\n\treturn \"\u{1b}[31m\"\n";
const RUST: &str = "/// The index.\npub async fn index() -> Reply {\n    Ok(\"x\")\n}\n";

/// A port by hand, of which src/app.rs was edited since.
fn port(root: &Path) {
    let route = |rule: &str| {
        serde_json::json!({
            "rule": rule, "methods": ["GET"], "endpoint": "index", "verdict": "native", "view": "app:index",
        })
    };
    let document = serde_json::json!({
        "schema": "migrate/port/1", "source": "app", "target": "axum", "migrate_version": "0",
        "functions": [], "routes": [route("/"), route("/home")], "deviations": [],
        "run": {"original": {"serve": []}, "port": {"serve": []}},
        "files": {"src/app.rs": "sha256 7d82e0b4"},
        "left_out": {}, "rewrites": {},
        "pairs": [{
            "function": "app:index",
            "original": {"file": "app.py", "line": 6, "end_line": 9},
            "port": {"file": "src/app.rs", "line": 1, "end_line": 4},
        }],
        "summary": {
            "routes": 2, "native": 2, "supported": 0, "relayed": 0, "refused": 0, "changed_lines_per_route": 0.0,
        },
    });
    for (path, text) in [
        (".migrate/port.json", document.to_string().as_str()),
        (".migrate/originals/app.py", APP),
        ("src/app.rs", RUST),
    ] {
        let path = root.join("port").join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
}

#[test]
fn text_fits_its_width() {
    let dir = tempfile::tempdir().expect("a folder");
    port(dir.path());
    let run = |width: Option<&str>, args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_migrate"));
        command.args(["diff", "port"]).args(args);
        command.current_dir(dir.path()).env("NO_COLOR", "1");
        match width {
            Some(width) => command.env("COLUMNS", width),
            None => command.env_remove("COLUMNS"),
        };
        let output = command.output().expect("the binary runs");
        assert!(output.status.success());
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    let note = "  src/app.rs was edited since the port was written: the function was found again by its name\n";
    let stacked = format!(
        "GET /  index  native\n  app.py:6  index\n  6  @app.route(\"/\")\n  7  @app.route(\"/home\")\n  8  def index():\n  9      return \"\\u{{1b}}[31m\"\n  src/app.rs:1\n  1  /// The index.\n  2  pub async fn index() -> Reply {{\n  3      Ok(\"x\")\n  4  }}\n{note}\nGET /home  index  native\n  shown above, at GET /  index  native\n\n"
    );
    assert_eq!(run(None, &[]), stacked);
    assert_eq!(run(Some("119"), &[]), stacked);
    let beside = run(Some("120"), &[]);
    assert!(beside.contains("  8 def index():  "), "{beside}");
    assert!(beside.contains("│ 3     Ok(\"x\")\n"), "{beside}");
    assert!(beside.contains(note), "{beside}");
    let home = run(Some("200"), &["--route", "/home"]);
    assert!(
        !home.contains("shown above") && home.contains("def index"),
        "{home}"
    );

    assert_eq!(run(Some("200"), &["--output", "out.txt"]), "");
    let written = fs::read_to_string(dir.path().join("out.txt")).expect("a file");
    assert_eq!(written, stacked);
}

#[test]
fn programs_get_the_pairs() {
    let dir = tempfile::tempdir().expect("a folder");
    port(dir.path());
    let json = |args: &[&str]| -> serde_json::Value {
        let args = [&["diff", "port", "--format", "json"], args].concat();
        serde_json::from_str(&migrate_ok(dir.path(), &args)).expect("JSON")
    };
    let sections = json(&["--route", "/"]);
    assert_eq!(sections.as_array().map(Vec::len), Some(1));
    let pair = &sections[0]["pairs"][0];
    assert_eq!(pair["function"], "app:index");
    assert_eq!(pair["original"]["line"], 6);
    assert_eq!(pair["port"]["text"], RUST.trim_end());
    assert_eq!(pair["state"], "found");
    let output = migrate(dir.path(), &["diff", "port", "--route", "nothing"]);
    assert_eq!(output.status.code(), Some(2));

    let stat = migrate_ok(dir.path(), &["diff", "port", "--stat"]);
    let expected = "not in the port\n app.py     |    9 ---------\nadded by the port\n src/app.rs |    4 ++++\n 0 of the app's files changed, 0 lines added, 0 removed; 1 file with 9 lines not in the port, 1 file with 4 lines added\n 4 of those lines stand beside 4 of the app's functions\n";
    assert_eq!(stat, expected);
    assert_eq!(json(&["--stat"])[0]["gone"], true);
}
