//! A small port by hand, of files of its own, and what is shown of it.

use std::fs;
use std::path::Path;

use model::{Lines, ReviewPair, RouteVerdict, Run, Summary, Verdict};
use tempfile::TempDir;

use super::*;

const APP: &str = "from flask import Flask\n\napp = Flask(__name__)\n\n\n@app.route(\"/\")\n@app.route(\"/home\")\ndef index():\n    return \"x\"\n\n\n@app.route(\"/a\")\ndef a():\n    return \"a\"\n\n\n@app.before_request\ndef load():\n    pass\n";
const RUST: &str = "//! Views.\n\n/// The index.\npub async fn index() -> Reply {\n    Ok(\"x\")\n}\n\npub async fn a() -> Reply {\n    Ok(\"a\")\n}\n\npub async fn load() {}\n";

/// The original's files.
const SOURCE: &[(&str, &str)] = &[
    ("Procfile", "web: gunicorn app:app\n"),
    ("README.md", "Read me.\n"),
    ("app.py", APP),
    ("templates/x.html", "<p>x</p>\n"),
    ("tests/__init__.py", ""),
];

struct Port {
    dir: TempDir,
    document: PortDocument,
}

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn lines(file: &str, line: u32, end_line: u32) -> Lines {
    Lines {
        file: file.into(),
        line,
        end_line,
    }
}

/// README.md comes along, a template under another path, the Procfile is edited, Python files are left.
fn port() -> Port {
    let pair = |name: &str, original: (u32, u32), port: (u32, u32)| ReviewPair {
        function: format!("app:{name}"),
        original: lines("app.py", original.0, original.1),
        port: lines("src/app.rs", port.0, port.1),
    };
    let route = |rule: &str, endpoint: &str| RouteVerdict {
        rule: rule.into(),
        methods: vec!["GET".into()],
        endpoint: endpoint.into(),
        verdict: Verdict::Native,
        view: Some(format!("app:{endpoint}")),
    };
    let mut port = Port {
        dir: tempfile::tempdir().unwrap(),
        document: PortDocument {
            schema: PortDocument::SCHEMA.into(),
            source: "app".into(),
            target: "axum".into(),
            migrate_version: String::new(),
            functions: Vec::new(),
            routes: vec![
                route("/a", "a"),
                route("/", "index"),
                route("/home", "index"),
            ],
            deviations: Vec::new(),
            run: Run::default(),
            files: BTreeMap::new(),
            copied: BTreeMap::from([
                ("README.md".into(), "README.md".into()),
                ("src/x.html".into(), "templates/x.html".into()),
            ]),
            left_out: BTreeMap::new(),
            rewrites: BTreeMap::new(),
            pairs: vec![
                pair("load", (17, 19), (12, 12)),
                pair("index", (6, 9), (3, 6)),
                pair("a", (12, 14), (8, 10)),
            ],
            install: None,
            start: None,
            summary: Summary::default(),
        },
    };
    for (path, text) in [
        ("Cargo.toml", "[package]\nname = \"app\"\n"),
        ("Procfile", "web: target/release/app\n"),
        ("README.md", "Read me.\n"),
        ("src/app.rs", RUST),
        ("src/x.html", "<p>x</p>\n"),
    ] {
        write(port.dir.path(), path, text);
        let sum = format!("sha256 {}", sha256(text.as_bytes()));
        port.document.files.insert(path.into(), sum);
    }
    for path in ["Procfile", "app.py", "tests/__init__.py"] {
        let (_, text) = SOURCE.iter().find(|(p, _)| *p == path).unwrap();
        write(&port.dir.path().join(".migrate/originals"), path, text);
    }
    port
}

impl Port {
    fn read(&self) -> Comparison {
        let json = serde_json::to_string(&self.document).unwrap();
        write(self.dir.path(), ".migrate/port.json", &json);
        read(self.dir.path()).unwrap()
    }

    fn edit(&self, old: &str, new: &str) {
        assert!(RUST.contains(old));
        write(self.dir.path(), "src/app.rs", &RUST.replace(old, new));
    }

    /// The states of the pairs with their first lines in the port.
    fn states(&self) -> Vec<(State, u32)> {
        let pairs = self.read().pairs;
        pairs.iter().map(|p| (p.state, p.port.line)).collect()
    }
}

#[test]
fn pairs_stand_under_their_routes() {
    let comparison = port().read();
    let shown: Vec<(String, Vec<String>)> = by_route(&comparison, None)
        .into_iter()
        .map(|s| (s.title, s.pairs.into_iter().map(|p| p.function).collect()))
        .collect();
    let section = |title: &str, pairs: &[&str]| {
        let pairs = pairs.iter().map(|p| (*p).to_owned()).collect();
        (title.to_owned(), pairs)
    };
    assert_eq!(
        shown,
        [
            section("GET /a  a  native", &["app:a"]),
            section("GET /  index  native", &["app:index"]),
            section("GET /home  index  native", &["app:index"]),
            section("Procfile", &[]),
            section("app.py", &["app:load"]),
        ]
    );
    let of_index = by_route(&comparison, Some("/home"));
    assert_eq!(of_index.len(), 1);
    assert_eq!(
        serde_json::to_value(&of_index[0].pairs).unwrap(),
        serde_json::json!([{
            "function": "app:index",
            "original": {
                "file": "app.py",
                "line": 6,
                "text": "@app.route(\"/\")\n@app.route(\"/home\")\ndef index():\n    return \"x\"",
            },
            "port": {
                "file": "src/app.rs",
                "line": 3,
                "text": "/// The index.\npub async fn index() -> Reply {\n    Ok(\"x\")\n}",
            },
            "state": "written",
        }])
    );
    assert!(by_route(&comparison, Some("load")).is_empty());
}

#[test]
fn an_edited_file_never_shows_other_lines_unsaid() {
    use State::{Found, Gone, Recorded, Written};
    let port = port();
    assert_eq!(port.states(), [(Written, 12), (Written, 3), (Written, 8)]);
    port.edit("//! Views.\n", "//! Views.\n\nuse std::fmt;\n");
    assert_eq!(port.states(), [(Found, 14), (Found, 5), (Found, 10)]);
    port.edit("fn a()", "fn b()");
    assert_eq!(port.states(), [(Found, 12), (Found, 3), (Recorded, 8)]);
    port.edit("pub async fn load() {}\n", "");
    assert_eq!(port.states(), [(Recorded, 12), (Found, 3), (Found, 8)]);
    assert_eq!(port.read().pairs[0].port.text, "");
    fs::remove_file(port.dir.path().join("src/app.rs")).unwrap();
    assert!(port.states().iter().all(|(state, _)| *state == Gone));
}

#[test]
fn two_functions_are_not_found_at_one_place() {
    let mut port = port();
    // `a` of another module, which the port calls otherwise.
    port.document.pairs[0].function = "other:a".into();
    port.edit("//! Views.\n", "//! Views.\n\n");
    assert_eq!(
        port.states(),
        [
            (State::Recorded, 12),
            (State::Found, 4),
            (State::Recorded, 8)
        ]
    );
}

#[test]
fn methods_and_keywords_are_found_by_their_names() {
    let mut port = port();
    port.document.pairs[0].function = "app:UserView.get".into();
    port.document.pairs[1].function = "app:type".into();
    port.document.pairs[2].function = "app:make.<locals>.a".into();
    let text = "\nfn get() {}\n\nfn user_view_get() {}\n\nfn r#type() {}\n\nfn make_a() {}\n";
    write(port.dir.path(), "src/app.rs", text);
    assert_eq!(
        port.states(),
        [(State::Found, 4), (State::Found, 6), (State::Found, 8)]
    );
}

#[test]
fn counts_tell_what_is_new_and_what_is_gone() {
    let stats: Vec<(String, u32, u32, bool, bool)> = stat(&port().read())
        .into_iter()
        .map(|s| (s.file, s.added, s.removed, s.new, s.gone))
        .collect();
    let row = |file: &str, added, removed, new, gone| (file.to_owned(), added, removed, new, gone);
    assert_eq!(
        stats,
        [
            row("Procfile", 1, 1, false, false),
            row("app.py", 0, 19, false, true),
            row("tests/__init__.py", 0, 0, false, true),
            row("Cargo.toml", 2, 0, true, false),
            row("src/app.rs", 12, 0, true, false),
        ]
    );
}

#[test]
fn the_patch_gives_the_port() {
    let port = port();
    let patch = patch(&port.read());
    let copy = tempfile::tempdir().unwrap();
    for (path, text) in SOURCE {
        write(copy.path(), path, text);
    }
    let file = port.dir.path().join(".migrate/the.patch");
    fs::write(&file, &patch).unwrap();
    let result = std::process::Command::new("git")
        .args(["apply", "--whitespace=nowarn"])
        .arg(&file)
        .current_dir(copy.path())
        .env("GIT_CEILING_DIRECTORIES", copy.path())
        .output()
        .unwrap();
    let patch = String::from_utf8_lossy(&patch);
    assert!(
        result.status.success(),
        "{}\n{patch}",
        String::from_utf8_lossy(&result.stderr)
    );
    let mut expected = below(port.dir.path());
    expected.retain(|path| !path.starts_with(RECORDS));
    expected.sort();
    let mut made = below(copy.path());
    made.sort();
    assert_eq!(made, expected, "{patch}");
    for path in expected {
        let read = |root: &Path| fs::read(root.join(&path)).unwrap();
        assert_eq!(read(copy.path()), read(port.dir.path()), "{path}");
    }
}

#[test]
fn a_moved_copy_that_was_edited_is_new() {
    let port = port();
    write(port.dir.path(), "src/x.html", "<p>y</p>\n");
    write(port.dir.path(), "README.md", "Read you.\n");
    let comparison = port.read();
    assert!(comparison.moved.is_empty());
    assert!(comparison.files["src/x.html"].before.is_none());
    assert!(!comparison.files.contains_key("README.md"));
}
