//! Six apps that people run, ported and proven: the figures of docs/matrix.md.
//!
//! Takes long and needs a network, so it runs when asked: `cargo test -p cli --test matrix -- --ignored`. With
//! `UPDATE_GOLDENS=1` the figures are written down; without, none may be worse than what stands there. `MATRIX=flaskr,bepasty`
//! runs these alone, and leaves what is written of the others.

mod support;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use support::{environments, migrate, target, tree, workspace};

/// An app: its folder in fixtures/matrix, its project on PyPI, its source distribution with SHA-256, and where in it the
/// app lies.
struct App {
    name: &'static str,
    project: &'static str,
    file: &'static str,
    sha256: &'static str,
    below: &'static str,
    /// What runs its own tests, where they run here.
    suite: Option<&'static str>,
}

const APPS: [App; 6] = [
    App {
        name: "flaskr",
        project: "flask",
        file: "flask-3.1.3.tar.gz",
        sha256: "0ef0e52b8a9cd932855379197dd8f94047b359ca0a78695144304cb45f87c9eb",
        below: "examples/tutorial",
        suite: Some("pytest -q"),
    },
    App {
        name: "httpbin",
        project: "httpbin",
        file: "httpbin-0.10.4.tar.gz",
        sha256: "6023a5a2e8fb8e91abdd6d34d1f1f455092f97d567c25600e1b48ee1178aa738",
        below: "",
        suite: Some("python -m pytest -q -p no:cacheprovider tests"),
    },
    App {
        name: "bepasty",
        project: "bepasty",
        file: "bepasty-1.2.2.tar.gz",
        sha256: "b5e6b33e3f88ae06d5794916aa05a1a4895d81f0936d960902a9f94396e5726f",
        below: "",
        suite: Some("python -m pytest -q -p no:cacheprovider -m 'not needs_server' bepasty/tests"),
    },
    App {
        name: "sqlite_web",
        project: "sqlite-web",
        file: "sqlite_web-0.8.2.tar.gz",
        sha256: "ef4348978c16f81e809f2bfc1905cbfad2b381ad4f532e30c27afd702ffc6283",
        below: "",
        suite: None,
    },
    App {
        name: "otterwiki",
        project: "otterwiki",
        file: "otterwiki-2.26.1.tar.gz",
        sha256: "a67fcc30f7a2e50f3569b30ad7d0c87b641b38cd9a3eb71c969161fe8930a34f",
        below: "",
        suite: None,
    },
    App {
        name: "archivy",
        project: "archivy",
        file: "archivy-1.7.7.tar.gz",
        sha256: "5c5cd60f82805b98ede41c1766f3b48997492a9cc2e9d464c4d2efe4df1751f7",
        below: "",
        suite: None,
    },
];

/// The targets; more come when they have an emitter.
const TARGETS: [&str; 2] = ["fastapi", "starlette"];

impl App {
    /// A copy of its source with the settings of its fixture.
    fn source(&self, folder: &Path) -> PathBuf {
        let sdist = environments::sdist(self.project, self.file, self.sha256);
        let copy = folder.join(self.name);
        tree::copy(&sdist.join(self.below), &copy);
        tree::copy(&workspace().join("fixtures/matrix").join(self.name), &copy);
        copy
    }
}

/// `migrate verify`, as JSON; in words why there is none.
fn verify(port: &Path, original: &Path, more: &[&str]) -> Result<Value, String> {
    let output = Command::new(env!("CARGO_BIN_EXE_migrate"))
        .arg("verify")
        .arg(port)
        .arg("--original")
        .arg(original)
        .args(["--format", "json"])
        .args(more)
        .env("NO_COLOR", "1")
        .env("MIGRATE_CACHE_DIR", target().join("test-cache"))
        .output()
        .expect("the binary runs");
    serde_json::from_slice(&output.stdout).map_err(|_| {
        let text = String::from_utf8_lossy(&output.stderr);
        text.lines().last().unwrap_or_default().to_owned()
    })
}

/// A port that is the app itself: what differs then is noise that `verify` does not know.
fn itself(source: &Path, folder: &Path) -> PathBuf {
    let output = migrate(source, &["analyze", ".", "--format", "json"]);
    let analysis: Value = serde_json::from_slice(&output.stdout).expect("an analysis");
    let apps = analysis["apps"].as_array().expect("apps");
    let app = apps.last().expect("an app");
    let text = |key: &str| app[key].as_str().unwrap_or_default();
    let name = match app["factory"].as_str() {
        Some(factory) => format!("{}:{factory}()", text("module")),
        None => format!("{}:{}", text("module"), text("name")),
    };
    let routes = analysis["routes"].as_array().expect("routes").iter();
    let routes: Vec<Value> = routes
        .filter(|r| r["static"] != json!(true) && r["websocket"] != json!(true))
        .map(|r| {
            json!({"rule": r["rule"], "methods": r["methods"], "endpoint": r["endpoint"], "verdict": "native",
                "view": null})
        })
        .collect();
    // Threads, since a view that waits would hold up the others.
    let serve =
        json!({"serve": ["gunicorn", "-w", "1", "--threads", "8", "-b", "{host}:{port}", name]});
    let document = json!({
        "schema": "migrate/port/1", "source": source, "target": "flask", "migrate_version": "0", "functions": [],
        "routes": routes, "deviations": [], "run": {"original": serve, "port": serve}, "files": {}, "left_out": {},
        "rewrites": {}, "summary": {"routes": routes.len(), "native": routes.len(), "supported": 0, "relayed": 0,
            "refused": 0, "changed_lines_per_route": 0.0},
    });
    let port = folder.join("itself");
    tree::copy(source, &port);
    fs::create_dir_all(port.join(".migrate")).expect("a folder");
    fs::write(port.join(".migrate/port.json"), document.to_string()).expect("a file");
    port
}

fn count(value: &Value) -> u64 {
    value.as_u64().unwrap_or_default()
}

/// A row of what an app comes to against itself.
fn control(app: &App) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let source = app.source(folder.path());
    let port = itself(&source, folder.path());
    match verify(&port, &source, &[]) {
        Ok(proof) => format!(
            "| {} | {} | {} | {} | {} |",
            app.name,
            count(&proof["routes"]["total"]),
            count(&proof["routes"]["with_2xx"]),
            count(&proof["requests"]),
            count(&proof["different"])
        ),
        Err(why) => format!("| {} | - | - | - | {why} |", app.name),
    }
}

/// Of the app's own tests those that pass on both sides, of those that pass on the original.
fn own_tests(app: &App, port: &Path, source: &Path) -> String {
    let Some(suite) = app.suite else {
        return "not run".into();
    };
    match verify(port, source, &["--suite", suite]) {
        Ok(proof) => {
            let of = |verdict: &str| count(&proof["suite"][verdict]);
            format!(
                "{} of {}",
                of("equal"),
                of("equal") + of("different") + of("lost")
            )
        }
        Err(why) => why,
    }
}

/// Rules of routes that gave no 2xx.
fn unreached(proof: &Value) -> String {
    let routes = proof["by_route"].as_array().cloned().unwrap_or_default();
    let without = routes.iter().filter(|r| r["with_2xx"] == json!(0));
    let rules = without.map(|r| {
        let redirects = if r["only_redirects"] == json!(true) {
            " (redirects)"
        } else {
            ""
        };
        format!("`{}`{redirects}", r["rule"].as_str().unwrap_or_default())
    });
    rules.collect::<Vec<_>>().join(", ")
}

/// A row of what an app's port to a target comes to, and the routes that gave no 2xx.
fn ported(app: &App, framework: &str) -> (String, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let source = app.source(folder.path());
    let port = folder.path().join("port");
    let out = port.to_str().expect("UTF-8");
    let output = migrate(&source, &["port", ".", "--to", framework, "--out", out]);
    let start = format!("| {} | {framework} |", app.name);
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        let places = text.lines().filter(|l| !l.starts_with("error:")).count();
        let dashes = " - |".repeat(12);
        return (
            format!("{start}{dashes} refused: {places} places |"),
            String::new(),
        );
    }
    let text = fs::read_to_string(port.join(".migrate/port.json")).expect("records");
    let document: Value = serde_json::from_str(&text).expect("records");
    let summary = &document["summary"];
    let of_functions = |verdict: &str| {
        let functions = document["functions"].as_array().expect("functions").iter();
        functions.filter(|f| f["verdict"] == verdict).count()
    };
    let mut row = format!("{start} {} |", count(&summary["routes"]));
    for verdict in ["native", "supported", "relayed", "refused"] {
        let _ = write!(
            row,
            " {} ({}) |",
            count(&summary[verdict]),
            of_functions(verdict)
        );
    }
    let _ = write!(row, " {} |", summary["changed_lines_per_route"]);
    let mut without = String::new();
    match verify(&port, &source, &[]) {
        Ok(proof) => {
            without = unreached(&proof);
            for key in ["requests", "equal", "declared", "different"] {
                let _ = write!(row, " {} |", count(&proof[key]));
            }
            let routes = &proof["routes"];
            let (reached, total) = (count(&routes["with_2xx"]), count(&routes["total"]));
            let tests = own_tests(app, &port, &source);
            let _ = write!(row, " {reached} of {total} | {tests} | |");
        }
        Err(why) => {
            let _ = write!(row, " - | - | - | - | - | not run | {why} |");
        }
    }
    (row, without)
}

const HEAD: &str = "# Six apps

Apps that people run, from their source distributions on PyPI (flaskr is the tutorial in Flask's), with no more than the settings of
`fixtures/matrix`: a folder for data, a user, a login (of archivy a newer setuptools too, without which its pages are errors here).
`cli/tests/matrix.rs` makes these tables.

## Ports

Routes, and functions in brackets. A port that is refused as a whole has no figures yet: the number of places that stand in its way is given.

| app | target | routes | native | supported | relayed | refused | changed lines a route | requests | equal | declared | different | routes with a 2xx | own tests | |
|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|
";

const UNREACHED: &str = "
## Routes without a 2xx

Routes that gave no 2xx on the original, in the run of the port to FastAPI; those that only redirect are said to.

";

const CONTROL: &str = "
## The apps against themselves

What `verify` has to say when the port is the app itself: every difference would be a false one.

| app | routes | with a 2xx | requests | differences |
|---|---|---|---|---|
";

/// The cells of a table's rows, by their first `keys` cells.
fn cells(text: &str, row: &str) -> Option<Vec<String>> {
    let keys = |line: &str| {
        line.split('|')
            .take(3)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let found = text.lines().find(|line| keys(line) == keys(row))?;
    Some(found.split('|').map(|c| c.trim().to_owned()).collect())
}

/// Whether a row's figures are no worse than those that stand in the docs: `better` names columns that may only grow,
/// `worse` those that may only fall.
fn check(old: &str, row: &str, better: &[usize], worse: &[usize]) {
    let Some(before) = cells(old, row) else {
        return;
    };
    let now: Vec<&str> = row.split('|').map(str::trim).collect();
    let number = |text: &str| -> Option<u64> { text.split(' ').next()?.parse().ok() };
    for (columns, grows) in [(better, true), (worse, false)] {
        for &column in columns {
            let was = before.get(column).and_then(|t| number(t));
            let is = now.get(column).and_then(|t| number(t));
            let Some(was) = was else {
                continue;
            };
            let is_fine = is.is_some_and(|is| if grows { is >= was } else { is <= was });
            assert!(is_fine, "column {column} was {was}: {row}");
        }
    }
}

/// Whether an app is to be run.
fn is_wanted(app: &App) -> bool {
    let wanted = std::env::var("MATRIX").unwrap_or_default();
    wanted.is_empty() || wanted.split(',').any(|name| name == app.name)
}

/// What is written of an app that is not run.
fn written<'t>(section: &'t str, start: &str) -> &'t str {
    let found = section.lines().find(|line| line.starts_with(start));
    found.unwrap_or_default()
}

#[test]
#[ignore = "long, and needs a network"]
fn six_apps() {
    let file = workspace().join("docs/matrix.md");
    let old = fs::read_to_string(&file).unwrap_or_default();
    let (ports, rest) = old.split_once("## Routes without").unwrap_or((&old, ""));
    let (unreached, controls) = rest.split_once("## The apps").unwrap_or((rest, ""));
    let (mut text, mut without) = (String::from(HEAD), String::from(UNREACHED));
    let is_update = std::env::var_os("UPDATE_GOLDENS").is_some();
    for app in &APPS {
        for framework in TARGETS {
            let name = format!("- {}: ", app.name);
            let (row, rules) = if is_wanted(app) {
                let (row, rules) = ported(app, framework);
                println!("{row}");
                (row, format!("{name}{rules}"))
            } else {
                let row = written(ports, &format!("| {} | {framework} |", app.name));
                (row.to_owned(), written(unreached, &name).to_owned())
            };
            if !is_update {
                // Native and supported routes, equal answers and reached routes; differences.
                check(ports, &row, &[4, 10, 13], &[7, 12]);
            }
            let _ = writeln!(text, "{row}");
            if framework == TARGETS[0] {
                let _ = writeln!(without, "{rules}");
            }
        }
    }
    text.push_str(&without);
    text.push_str(CONTROL);
    for app in &APPS {
        let row = if is_wanted(app) {
            control(app)
        } else {
            written(controls, &format!("| {} |", app.name)).to_owned()
        };
        println!("{row}");
        if !is_update {
            check_control(controls, &row);
        }
        let _ = writeln!(text, "{row}");
    }
    if is_update {
        fs::write(file, text).expect("docs can be written");
    }
}

/// Rows of the second table have one key.
fn check_control(old: &str, row: &str) {
    let name = |line: &str| line.split('|').nth(1).map(str::to_owned);
    let Some(before) = old.lines().find(|line| name(line) == name(row)) else {
        return;
    };
    let number = |line: &str, column: usize| -> Option<u64> {
        line.split('|').nth(column)?.trim().parse().ok()
    };
    assert!(number(row, 3) >= number(before, 3), "{row} after {before}");
    if let Some(differences) = number(before, 5) {
        assert!(
            number(row, 5).is_some_and(|n| n <= differences),
            "{row} after {before}"
        );
    }
}
