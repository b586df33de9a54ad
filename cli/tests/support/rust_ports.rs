//! Ports to axum as members of one Cargo workspace below `target/`: they share what they depend on, and files that did not
//! change keep their times, so that a second run compiles little.
//!
//! The versions are those of `cli/tests/rust-ports/Cargo.lock`, which `UPDATE_GOLDENS=1` takes from the support package's, so
//! that its tests and the ports share what is built. Beside it, `APP.rs` becomes
//! an example of a port: a server with the hook written by hand, on which everything else of the port waits.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock, PoisonError};

use super::environments::{flaskr, wheel};
use super::{migrate_ok, target, tree, workspace};

/// The apps; a port's package is called as its app.
pub const APPS: [&str; 4] = ["blog", "flaskr", "httpbin", "shop"];

/// The source of an app.
pub fn source(app: &str) -> PathBuf {
    match app {
        "blog" | "shop" => workspace().join("fixtures").join(app),
        "flaskr" => flaskr(),
        "httpbin" => wheel("httpbin", "0.10.4"),
        _ => panic!("no app {app}"),
    }
}

/// The package of the support files.
fn support() -> PathBuf {
    workspace().join("codegen/support/rust")
}

/// The workspace of all ports, written once for each run of a test binary.
pub fn ports() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = target().join("rust-ports");
        let made = tempfile::tempdir().expect("a folder");
        let own = workspace().join("cli/tests/rust-ports");
        for app in APPS {
            let port = made.path().join(app);
            let (source, out) = (source(app), port.to_str().expect("UTF-8").to_owned());
            migrate_ok(
                &source,
                &["port", ".", "--to", "axum", "--no-relay", "--out", &out],
            );
            let opened = own.join(format!("{app}.rs"));
            if opened.exists() {
                let example = port.join(format!("examples/opened_{app}.rs"));
                fs::create_dir_all(example.parent().expect("a parent")).expect("a folder");
                fs::copy(opened, example).expect("a file");
            }
        }
        let members = APPS.map(|app| format!("{app:?}")).join(", ");
        let manifest = format!("[workspace]\nresolver = \"3\"\nmembers = [{members}]\n");
        fs::write(made.path().join("Cargo.toml"), manifest).expect("a file");
        let (lock, support) = (own.join("Cargo.lock"), support().join("Cargo.lock"));
        let renew = std::env::var_os("UPDATE_GOLDENS").is_some();
        let versions = if renew { &support } else { &lock };
        fs::copy(versions, made.path().join("Cargo.lock")).expect("a file");
        sync(made.path(), &folder);
        if renew {
            run(cargo(&folder).args(["update", "--workspace"]));
            fs::copy(folder.join("Cargo.lock"), lock).expect("the lock file can be written");
        }
        folder
    })
}

/// Makes `to` the same as `from`, without touching what is the same already and without `target`.
fn sync(from: &Path, to: &Path) {
    let wanted = tree::read(from);
    for (path, bytes) in &wanted {
        let file = to.join(path);
        if fs::read(&file).is_ok_and(|old| old == *bytes) {
            continue;
        }
        fs::create_dir_all(file.parent().expect("a parent")).expect("target can be written");
        fs::write(file, bytes).expect("target can be written");
    }
    let folders: BTreeSet<&str> = wanted
        .keys()
        .filter_map(|path| Some(path.split_once('/')?.0))
        .collect();
    for folder in folders {
        for path in tree::read(&to.join(folder)).keys() {
            let path = format!("{folder}/{path}");
            if !wanted.contains_key(&path) {
                fs::remove_file(to.join(path)).expect("target can be written");
            }
        }
    }
}

/// Cargo in a folder, with the profile and the target folder of the ports, without what the outer Cargo says to this test.
fn cargo(folder: &Path) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy().into_owned();
        let foreign = [
            "CARGO_TARGET_",
            "CARGO_BUILD_",
            "CARGO_PROFILE_",
            "CARGO_PKG_",
            "CARGO_MANIFEST_",
            "CARGO_BIN_",
            "CARGO_ENCODED_",
            "CARGO_CRATE_",
            "RUSTFLAGS",
            "RUSTDOCFLAGS",
        ];
        if foreign.iter().any(|prefix| text.starts_with(prefix)) {
            command.env_remove(name);
        }
    }
    command
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", target().join("rust-ports/target"))
        .env("CARGO_INCREMENTAL", "0")
        .env("CARGO_PROFILE_DEV_DEBUG", "false")
        .env("CARGO_PROFILE_DEV_OPT_LEVEL", "0")
        .env("CARGO_TERM_COLOR", "never");
    command
}

/// Runs Cargo in the workspace of ports with the pinned versions, and expects that it succeeds.
pub fn run_cargo(args: &[&str]) -> String {
    locked(ports(), args)
}

/// The same in the package of the support files, with what was built for the ports.
pub fn run_cargo_in_support(args: &[&str]) -> String {
    locked(&support(), args)
}

fn locked(folder: &Path, args: &[&str]) -> String {
    let split = args.iter().position(|a| *a == "--").unwrap_or(args.len());
    let (own, rest) = args.split_at(split);
    run(cargo(folder).args(own).arg("--locked").args(rest))
}

fn run(command: &mut Command) -> String {
    output(command).unwrap_or_else(|trouble| panic!("{trouble}"))
}

/// The output of a command, or what went wrong.
fn output(command: &mut Command) -> Result<String, String> {
    let output = command
        .output()
        .unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr),
    );
    if output.status.success() {
        return Ok(out);
    }
    Err(format!(
        "{:?}\n{out}{err}\nIf only the lock file is stale: UPDATE_GOLDENS=1 cargo test -p cli --test rust_ports",
        command.get_args()
    ))
}

/// The program of a port, or that of its port with the hooks written by hand.
pub fn program(app: &str, opened: bool) -> PathBuf {
    static BUILT: Mutex<BTreeMap<String, Result<String, String>>> = Mutex::new(BTreeMap::new());
    let built = {
        let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
        let build = || {
            let args = ["build", "--quiet", "--locked", "--bins", "--examples", "-p"];
            output(cargo(ports()).args(args).arg(app))
        };
        built.entry(app.to_owned()).or_insert_with(build).clone()
    };
    built.unwrap_or_else(|trouble| panic!("{app}: {trouble}"));
    let debug = ports().join("target/debug");
    if opened {
        debug.join(format!("examples/opened_{app}"))
    } else {
        debug.join(app)
    }
}
