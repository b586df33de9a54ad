//! Bad input: a clear message with the mend, the contract's exit code, and nothing written.

mod support;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use support::{migrate, migrate_ok, tree, workspace};

const APP: &str = "from flask import Flask\n\napp = Flask(__name__)\n\n\n@app.route(\"/\")\ndef index():\n    return \"x\"\n";

/// Runs in `dir` and expects exit code 2 and a message that holds every word of `wanted`.
fn refused(dir: &Path, args: &[&str], wanted: &[&str]) {
    let before = tree::read(dir);
    let output = migrate(dir, args);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{args:?}\n{stderr}");
    for word in wanted {
        assert!(
            stderr.contains(word),
            "{args:?}: `{word}` is not in: {stderr}"
        );
    }
    assert!(!stderr.contains("panicked"), "{stderr}");
    assert_eq!(tree::read(dir), before, "{args:?} wrote something");
}

fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    for (path, bytes) in files {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, bytes).expect("a file");
    }
    dir
}

fn analysis(dir: &Path, path: &str) -> serde_json::Value {
    let text = migrate_ok(dir, &["analyze", path, "--format", "json"]);
    serde_json::from_str(&text).expect("JSON")
}

fn codes(analysis: &serde_json::Value) -> Vec<String> {
    analysis["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .map(|f| f["code"].as_str().expect("a code").to_owned())
        .collect()
}

#[test]
fn paths_that_hold_no_app() {
    let dir = folder(&[
        ("empty/readme.txt", b"x"),
        ("plain/a.py", b"x = 1\n"),
        ("a.txt", b"x"),
    ]);
    refused(
        dir.path(),
        &["analyze", "nowhere"],
        &["nowhere", "no such file", "spelling"],
    );
    refused(dir.path(), &["analyze", "empty"], &["no Python file"]);
    refused(
        dir.path(),
        &["analyze", "plain"],
        &["no Flask or Quart app", "Flask(...)"],
    );
    refused(
        dir.path(),
        &["analyze", "a.txt"],
        &["not a folder or a .py file"],
    );
    refused(
        dir.path(),
        &["port", "plain", "--to", "fastapi"],
        &["no Flask or Quart app"],
    );
}

#[test]
fn one_bad_file_never_stops_the_others() {
    let dir = folder(&[
        ("app/__init__.py", APP.as_bytes()),
        ("app/broken.py", b"from flask import x\ndef f(:\n  pass\n"),
        (
            "app/latin.py",
            b"# -*- coding: latin-1 -*-\nfrom flask import g\nNAME = '\xe9'\n",
        ),
        ("app/bytes.py", b"from flask import g\nNAME = '\xe9\xff'\n"),
    ]);
    fs::write(dir.path().join("app/huge.py"), vec![b'#'; 50 << 20]).expect("a large file");
    symlink("..", dir.path().join("app/loop")).expect("a link");
    symlink("nowhere", dir.path().join("app/dangling.py")).expect("a link");
    let analysis = analysis(dir.path(), "app");
    assert_eq!(analysis["routes"].as_array().expect("routes").len(), 2);
    let codes = codes(&analysis);
    assert!(codes.contains(&"M0002".to_owned()), "{codes:?}");
    assert!(codes.contains(&"M0003".to_owned()), "{codes:?}");
    assert!(codes.contains(&"M0004".to_owned()), "{codes:?}");
    assert!(!codes.iter().any(|c| c == "M0001"), "{codes:?}");
}

#[test]
fn output_folders() {
    let dir = folder(&[("app/app.py", APP.as_bytes()), ("taken/other.txt", b"mine")]);
    let here = dir.path();
    refused(
        here,
        &["port", "app", "--to", "django"],
        &["no target `django`", "fastapi"],
    );
    refused(
        here,
        &["port", "app", "--to", "fastapi", "--out", "taken"],
        &["is not a port", "--out"],
    );
    refused(
        here,
        &["port", "app", "--to", "fastapi", "--out", "app/port"],
        &["inside the app"],
    );
    refused(
        here,
        &["port", "app", "--to", "fastapi", "--out", "."],
        &["contains the app"],
    );

    refused(
        here,
        &[
            "port",
            "app",
            "--to",
            "axum",
            "--out",
            "taken/other.txt/port",
        ],
        &["taken/other.txt is a file", "--out"],
    );

    migrate_ok(here, &["port", "app", "--to", "fastapi", "--dry-run"]);
    assert!(
        !here.join("app-fastapi").exists(),
        "a dry run writes nothing"
    );

    migrate_ok(here, &["port", "app", "--to", "fastapi"]);
    refused(
        here,
        &["port", "app-fastapi", "--to", "fastapi"],
        &["a port that migrate wrote"],
    );
    // A file that the user added stays; one that the user edited is not lost.
    fs::write(here.join("app-fastapi/notes.txt"), "mine").expect("a file");
    migrate_ok(here, &["port", "app", "--to", "fastapi"]);
    assert_eq!(
        fs::read_to_string(here.join("app-fastapi/notes.txt")).expect("kept"),
        "mine"
    );
    fs::write(here.join("app-fastapi/app.py"), "edited").expect("a file");
    refused(
        here,
        &["port", "app", "--to", "fastapi"],
        &["app.py", "--force"],
    );
    migrate_ok(here, &["port", "app", "--to", "fastapi", "--force"]);
    assert_ne!(
        fs::read_to_string(here.join("app-fastapi/app.py")).expect("a file"),
        "edited"
    );
    refused(here, &["diff", "taken"], &["not a port"]);
}

#[test]
fn routes_that_are_chosen() {
    let dir = tempfile::tempdir().expect("a folder");
    tree::copy(&workspace().join("fixtures/blog"), &dir.path().join("blog"));
    let port = [
        "port",
        "blog",
        "--to",
        "fastapi",
        "--dry-run",
        "--format",
        "json",
    ];
    let verdicts = |more: &[&str]| -> Vec<(String, String)> {
        let text = migrate_ok(dir.path(), &[&port, more].concat());
        let document: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let word = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let routes = document["routes"].as_array().expect("routes").iter();
        routes
            .map(|r| (word(&r["endpoint"]), word(&r["verdict"])))
            .collect()
    };
    for (endpoint, verdict) in verdicts(&["--only", "blog.*", "--only", "/api/*"]) {
        let is_chosen = endpoint.starts_with("blog.") || endpoint.starts_with("api_");
        assert_eq!(verdict != "relayed", is_chosen, "{endpoint} is {verdict}");
    }
    assert!(
        verdicts(&[])
            .iter()
            .all(|(_, verdict)| verdict != "relayed")
    );
    refused(
        dir.path(),
        &["port", "blog", "--to", "fastapi", "--only", "nothing.*"],
        &["no route fits `nothing.*`", "migrate analyze"],
    );
    refused(
        dir.path(),
        &["port", "blog", "--to", "axum", "--trace"],
        &["relays nothing", "--only", "--trace"],
    );
}

#[test]
fn an_app_with_a_syntax_error_is_no_port() {
    let broken =
        "from flask import Flask\n\napp = Flask(__name__)\n\n\n@app.route(\"/\")\ndef x(:\n";
    let dir = folder(&[("app/app.py", broken.as_bytes())]);
    for target in ["fastapi", "starlette", "axum"] {
        refused(
            dir.path(),
            &["port", "app", "--to", target],
            &["app.py:7", "syntax error", "M0004"],
        );
    }
    // A helper's file may be damaged, but then nothing of it is translated.
    let app = "from flask import Flask\nfrom helper import shout\n\napp = Flask(__name__)\n\n\n@app.route(\"/\")\ndef x():\n    return shout(\"a\")\n";
    let dir = folder(&[
        ("app/app.py", app.as_bytes()),
        (
            "app/helper.py",
            b"def shout(text):\n    return text.upper(\n",
        ),
    ]);
    let text = migrate_ok(dir.path(), &["port", "app", "--to", "axum"]);
    assert!(text.contains("calls `shout`"), "{text}");
}

#[test]
fn what_cannot_be_ported_is_refused_by_name() {
    let talisman = "from flask import Flask\nfrom flask_talisman import Talisman\n\napp = Flask(__name__)\nTalisman(app)\n";
    let dir = folder(&[("app/app.py", talisman.as_bytes())]);
    refused(
        dir.path(),
        &["port", "app", "--to", "fastapi", "--no-relay"],
        &["app.py:2", "flask_talisman", "M0502"],
    );

    let source =
        format!("{APP}\n\n@app.route(\"/s\")\ndef odd():\n    return str(app.session_interface)\n");
    let dir = folder(&[("app/app.py", source.as_bytes())]);
    let text = migrate_ok(
        dir.path(),
        &["port", "app", "--to", "fastapi", "--no-relay"],
    );
    assert!(
        text.contains("refused") && text.contains("session_interface"),
        "{text}"
    );
    let port = fs::read_to_string(dir.path().join("app-fastapi/app.py")).expect("the port");
    assert!(
        port.contains("abort(501") && port.contains("# return str(app.session_interface)"),
        "{port}"
    );
}

#[test]
fn codes_and_colours() {
    let dir = folder(&[("app/app.py", APP.as_bytes())]);
    refused(
        dir.path(),
        &["explain", "M0199"],
        &["no code `M0199`", "M0101"],
    );
    assert!(migrate_ok(dir.path(), &["explain", "m0101"]).contains("What to do"));
    for code in model::Code::ALL {
        let page = migrate_ok(dir.path(), &["explain", code.name()]);
        assert!(
            page.contains("What it means") && page.contains("What to do"),
            "{code}"
        );
    }
    assert!(!migrate_ok(dir.path(), &["analyze", "app"]).contains('\u{1b}'));
    let schema = migrate_ok(dir.path(), &["schema", "analysis"]);
    assert!(schema.contains("\"routes\""));
    assert!(migrate_ok(&workspace(), &["completions", "bash"]).contains("migrate"));
}

/// Somebody's copy of Flask beside the app is a library, not the app.
#[test]
fn a_vendored_framework_hides_nothing() {
    let dir = folder(&[
        ("vendor/flask/__init__.py", b"from .app import Flask\n"),
        (
            "vendor/flask/app.py",
            b"from werkzeug.routing import Map\n\nclass Flask:\n    def route(self, rule): return lambda f: f\n",
        ),
        ("site/app.py", APP.as_bytes()),
    ]);
    let analysis = analysis(dir.path(), ".");
    let routes = analysis["routes"].as_array().expect("routes");
    assert!(
        routes.iter().any(|r| r["endpoint"] == "index"),
        "{routes:?}"
    );
}

/// What a person may write by machine: no stack is deep enough for everything.
#[test]
fn a_file_nested_too_deeply() {
    let deep = format!("from flask import g\nx = {}\n", "(".repeat(200_000));
    let dir = folder(&[("app.py", APP.as_bytes()), ("deep.py", deep.as_bytes())]);
    assert_eq!(codes(&analysis(dir.path(), ".")), ["M0004"]);
}

/// Notepad puts a byte order mark before a file; Python skips it, and the port keeps it.
#[test]
fn a_byte_order_mark() {
    let app = format!("\u{feff}{APP}");
    let dir = folder(&[("site/app.py", app.as_bytes())]);
    migrate_ok(
        dir.path(),
        &["port", "site", "--to", "fastapi", "--out", "out"],
    );
    let ported = fs::read_to_string(dir.path().join("out/app.py")).expect("the port");
    assert!(ported.starts_with("\u{feff}from "), "{ported}");
    assert!(ported.contains("FastAPI("), "{ported}");
}

/// What a library does with the app object nobody can tell.
#[test]
fn an_app_that_is_handed_on() {
    let app = APP.replace(
        "app = Flask(__name__)\n",
        "from somewhere import Swagger\n\napp = Flask(__name__)\nSwagger(app)\n",
    );
    let dir = folder(&[("site/app.py", app.as_bytes())]);
    refused(
        dir.path(),
        &["port", "site", "--to", "fastapi", "--no-relay"],
        &["app.py:6", "Swagger", "M0203"],
    );
    assert_eq!(codes(&analysis(dir.path(), "site")), ["M0203"]);
    // Left to Flask as a whole, it is served.
    let text = migrate_ok(dir.path(), &["port", "site", "--to", "fastapi"]);
    assert!(
        text.contains("1 relayed") && text.contains("M0203"),
        "{text}"
    );
    let port = dir.path().join("site-fastapi");
    assert_eq!(
        fs::read_to_string(port.join("app.py")).expect("the app"),
        app
    );
    let server = fs::read_to_string(port.join("asgi.py")).expect("its server");
    assert!(
        server.contains("Swagger") && server.contains("WSGIMiddleware(flask_app"),
        "{server}"
    );
}

/// A port inside the analysed tree is not part of the app.
#[test]
fn ports_are_no_source() {
    let dir = folder(&[("site/app.py", APP.as_bytes())]);
    migrate_ok(dir.path(), &["port", "site/app.py", "--to", "fastapi"]);
    let routes = analysis(dir.path(), "site")["routes"]
        .as_array()
        .expect("routes")
        .len();
    assert_eq!(routes, 2);
}

/// A rule may hold anything; a terminal does not obey it.
#[test]
fn control_characters_are_shown() {
    let app = APP.replace("\"/\"", "\"/\\x1b[31mred\"");
    let dir = folder(&[("site/app.py", app.as_bytes())]);
    for format in ["text", "markdown"] {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_migrate"))
            .args(["analyze", "site", "--format", format])
            .current_dir(dir.path())
            .env("CLICOLOR_FORCE", "1")
            .output()
            .expect("the binary runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(text.contains("\\u{1b}[31mred"), "{text}");
        assert!(!text.contains("\u{1b}[31mred"), "{text}");
    }
}

/// Which route it is hangs on a condition: nothing that can be written out.
#[test]
fn a_decorator_that_chooses() {
    let app = APP.replace(
        "@app.route(\"/\")",
        "@(app.route(\"/\") if __debug__ else app.route(\"/b\"))",
    );
    let dir = folder(&[("site/app.py", app.as_bytes())]);
    refused(
        dir.path(),
        &["port", "site", "--to", "fastapi", "--no-relay"],
        &["app.py:6", "decorator", "M0302"],
    );
}

#[test]
fn what_is_refused_is_not_relayed() {
    let refused = "from flask import Flask\n\napp = Flask(__name__)\n\n\n@app.route(\"/\")\ndef index():\n    return \"x\"\n\n\n@app.route(\"/odd\")\ndef odd():\n    return str(app.session_interface)\n";
    let dir = folder(&[
        ("app/app.py", refused.as_bytes()),
        ("fine/app.py", APP.as_bytes()),
    ]);
    let here = dir.path();
    let said = "these routes answer 501, as `--no-relay` asks";
    let args = ["port", "app", "--to", "fastapi", "--out"];
    let printed = migrate_ok(here, &[&args[..], &["without", "--no-relay"]].concat());
    let last = printed.lines().last().expect("a line");
    assert!(
        last.starts_with("1 route refused: ") && last.contains(said),
        "{printed}"
    );
    let guide = fs::read_to_string(here.join("without/MIGRATION.md")).expect("a guide");
    assert!(guide.to_lowercase().contains(said), "{guide}");

    let printed = migrate_ok(here, &[&args[..], &["with"]].concat());
    assert!(
        printed.contains("1 relayed") && !printed.contains("501"),
        "{printed}"
    );
    let port = fs::read_to_string(here.join("with/app.py")).expect("the port");
    assert!(
        port.contains("@relayed(app, \"/odd\", endpoint=\"odd\")"),
        "{port}"
    );
    let guide = fs::read_to_string(here.join("with/MIGRATION.md")).expect("a guide");
    assert!(
        guide.contains("1 relayed") && guide.contains("session_interface"),
        "{guide}"
    );

    let printed = migrate_ok(here, &["port", "fine", "--to", "fastapi", "--no-relay"]);
    assert!(!printed.contains("501"), "{printed}");
}
