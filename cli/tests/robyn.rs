//! Ports to Robyn: what they answer otherwise is declared, and nothing else.

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use support::chance;
use support::environments::environment;
use support::{migrate_ok, target, tree, workspace};

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
