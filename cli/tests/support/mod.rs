//! What the tests with real servers share: environments, sources, servers, requests.

#![allow(dead_code, reason = "each test binary uses a part of it")]

pub mod chance;
pub mod environments;
pub mod http;
pub mod routes;
pub mod rust_ports;
pub mod servers;
pub mod tree;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The workspace's root.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the workspace")
        .to_path_buf()
}

/// The target folder, where everything that tests make lies.
pub fn target() -> PathBuf {
    let bin = PathBuf::from(env!("CARGO_BIN_EXE_migrate"));
    bin.parent()
        .and_then(Path::parent)
        .expect("target/debug/migrate")
        .to_path_buf()
}

/// Runs the binary in `dir`.
pub fn migrate(dir: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_migrate"))
        .args(args)
        .current_dir(dir)
        .env("NO_COLOR", "1")
        .output()
        .expect("the binary runs")
}

/// Runs the binary and expects that it succeeds; its standard output.
pub fn migrate_ok(dir: &Path, args: &[&str]) -> String {
    let output = migrate(dir, args);
    assert!(
        output.status.success(),
        "migrate {args:?}: {}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The command that serves a side, as port.json has it.
pub fn serve(document: &serde_json::Value, side: &str) -> Vec<String> {
    document["run"][side]["serve"]
        .as_array()
        .expect("a command")
        .iter()
        .map(|w| w.as_str().expect("a word").to_owned())
        .collect()
}

/// A port's records.
pub fn port_document(port: &Path) -> serde_json::Value {
    let text = std::fs::read(port.join(".migrate/port.json")).expect("port.json");
    serde_json::from_slice(&text).expect("JSON")
}
