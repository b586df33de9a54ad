//! Every Python file that a port writes is Python: for ruff's parser, and for the interpreters that there are.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use ruff_python_parser::parse_module;

use support::{environments, migrate_ok, tree, workspace};

/// Versions that ports are written for.
const VERSIONS: [&str; 3] = ["3.11", "3.12", "3.13"];

/// Reads files named on its input and compiles each; writes nothing.
const COMPILE: &str = "import sys, warnings
warnings.simplefilter('ignore')
for path in sys.stdin.read().splitlines():
    compile(open(path, 'rb').read(), path, 'exec')";

/// Interpreters on PATH, and those that pyenv keeps.
fn interpreters() -> Vec<PathBuf> {
    let kept = std::env::var_os("HOME").map(|h| PathBuf::from(h).join(".pyenv/versions"));
    let kept: Vec<PathBuf> = kept
        .and_then(|folder| fs::read_dir(folder).ok())
        .into_iter()
        .flatten()
        .filter_map(|e| Some(e.ok()?.path().join("bin/python")))
        .collect();
    let is_version = |python: &Path, version: &str| {
        let output = Command::new(python).arg("--version").output();
        output.is_ok_and(|o| {
            o.status.success()
                && String::from_utf8_lossy(&o.stdout).starts_with(&format!("Python {version}."))
        })
    };
    let of = |version: &str| {
        let named = PathBuf::from(format!("python{version}"));
        let mut all = std::iter::once(&named).chain(&kept);
        all.find(|python| is_version(python, version)).cloned()
    };
    VERSIONS.iter().filter_map(|v| of(v)).collect()
}

#[test]
fn what_is_written_is_python() {
    let interpreters = interpreters();
    assert!(!interpreters.is_empty(), "no interpreter of {VERSIONS:?}");
    let apps: BTreeMap<&str, PathBuf> = BTreeMap::from([
        ("blog", workspace().join("fixtures/blog")),
        ("flaskr", environments::flaskr()),
        ("httpbin", environments::wheel("httpbin", "0.10.4")),
        ("otterwiki", environments::wheel("otterwiki", "2.26.1")),
        ("podcast", workspace().join("fixtures/podcast")),
        ("shop", workspace().join("fixtures/shop")),
    ]);
    let folder = tempfile::tempdir().expect("a folder");
    for (name, source) in &apps {
        tree::copy(source, &folder.path().join(name));
        for target in ["fastapi", "starlette"] {
            migrate_ok(folder.path(), &["port", name, "--to", target]);
            let port = folder.path().join(format!("{name}-{target}"));
            let files: Vec<PathBuf> = tree::read(&port)
                .into_keys()
                .filter(|path| path.ends_with(".py") && !path.starts_with(".migrate/"))
                .map(|path| port.join(path))
                .collect();
            assert!(files.len() > 20, "{name}: {}", files.len());
            for file in &files {
                let text = fs::read_to_string(file).expect("text");
                if let Err(error) = parse_module(&text) {
                    panic!("{}: {error}", file.display());
                }
            }
            compiled(&files, &interpreters);
        }
    }
}

fn compiled(files: &[PathBuf], interpreters: &[PathBuf]) {
    let list = tempfile::NamedTempFile::new().expect("a file");
    let lines: Vec<String> = files.iter().map(|f| f.display().to_string()).collect();
    fs::write(list.path(), lines.join("\n")).expect("a file");
    for python in interpreters {
        let output = Command::new(python)
            .args(["-c", COMPILE])
            .stdin(fs::File::open(list.path()).expect("a file"))
            .output()
            .expect("it runs");
        assert!(
            output.status.success(),
            "{}: {}",
            python.display(),
            String::from_utf8_lossy(&output.stderr)
        );
    }
}
