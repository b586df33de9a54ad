//! The support package against Flask and Werkzeug themselves, by pytest.

mod support;

use std::process::Command;

use support::environments::environment;
use support::workspace;

#[test]
fn it_writes_what_flask_writes() {
    let folder = workspace().join("codegen/support/python");
    let output = Command::new(environment("support"))
        .args(["-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"])
        .current_dir(&folder)
        .env("PYTHONPATH", ".")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .expect("pytest runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
}
