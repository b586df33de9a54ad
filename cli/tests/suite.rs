//! `migrate verify --suite`: an app's own tests on both sides, compared test by test.

mod support;

use std::process::{Command, Output};

use serde_json::Value;

use support::{target, tree, workspace};

fn suite(original: &str, command: &str, format: &str) -> Output {
    let folder = tempfile::tempdir().expect("a folder");
    let port = folder.path().join("port");
    tree::copy(&workspace().join("fixtures/suite/port"), &port);
    Command::new(env!("CARGO_BIN_EXE_migrate"))
        .arg("verify")
        .arg(&port)
        .args(["--original", original, "--suite", command])
        .args(["--format", format])
        .current_dir(workspace())
        .env("NO_COLOR", "1")
        .env("MIGRATE_CACHE_DIR", target().join("test-cache"))
        .output()
        .expect("the binary runs")
}

#[test]
fn tests_are_compared_one_by_one() {
    let output = suite("fixtures/suite/original", "pytest -q", "json");
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{error}");
    let proof: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let suite = &proof["suite"];
    let told: Vec<String> = suite["cases"]
        .as_array()
        .expect("cases")
        .iter()
        .map(|case| {
            let text = |key: &str| case[key].as_str().unwrap_or("-").to_owned();
            let keys = ["name", "verdict", "original", "port", "reason"];
            keys.map(text).join(" | ")
        })
        .collect();
    assert_eq!(
        told,
        [
            "tests.test_double::test_broken | broken | failed | failed | AssertionError: assert '2' == '3'",
            "tests.test_double::test_double[100] | different | passed | failed | AssertionError: assert '100' == '200'",
            "tests.test_double::test_double[1] | equal | passed | passed | -",
            "tests.test_double::test_double[21] | equal | passed | passed | -",
            "tests.test_double::test_new | new | - | passed | -",
            "tests.test_double::test_skipped | skipped | skipped | skipped | not on this machine",
            "tests.test_double::test_sometimes | equal | passed | passed | -",
            "tests.test_flask::test_flask | lost | passed | - | ModuleNotFoundError: No module named 'flask'",
        ]
    );
    assert_eq!(suite["equal"], 3);
    let remark = proof["remarks"][0].as_str().expect("a remark");
    assert!(
        remark.contains("test_sometimes failed in the port once"),
        "{remark}"
    );
}

#[test]
fn people_and_servers_are_told_too() {
    // `double` is a part of the module's name too.
    let only = "python -m pytest -q tests/test_double.py -k 'double and not 100 and not sometimes'";
    let output = suite("fixtures/suite/original", only, "text");
    let text = String::from_utf8_lossy(&output.stdout);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{text}{error}");
    assert!(
        text.contains("pass on both · 0 different · 0 not run"),
        "{text}"
    );
    let output = suite("fixtures/suite/original", "pytest -q", "junit");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        text.contains(r#"<testcase name="test_double[100]" classname="tests.test_double"><failure message="AssertionError"#),
        "{text}"
    );
}

#[test]
fn a_suite_that_does_not_run_on_the_original_is_no_proof() {
    for (command, why) in [
        ("true", "left no report of its tests"),
        ("pytest -q -k nothing", "runs no test of the original"),
        ("no-such-program", "ended with status 127"),
    ] {
        let output = suite("fixtures/suite/original", command, "json");
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{command}: {error}");
        assert!(error.contains(why), "{command}: {error}");
    }
}
