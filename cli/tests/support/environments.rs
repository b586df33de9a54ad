//! Virtual environments under `target/`, made once from pinned requirement files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::{target, workspace};

/// The newest interpreter on this machine that is at least 3.11.
pub fn python() -> PathBuf {
    for name in [
        "python3.13",
        "python3.12",
        "python3.11",
        "python3",
        "python",
    ] {
        let probe = "import sys; print(sys.executable if sys.version_info >= (3, 11) else '')";
        if let Ok(output) = Command::new(name).args(["-c", probe]).output()
            && output.status.success()
        {
            let path = String::from_utf8_lossy(&output.stdout).trim().to_owned();
            if !path.is_empty() {
                return PathBuf::from(path);
            }
        }
    }
    panic!("the tests need Python 3.11 or newer on PATH");
}

fn run(command: &mut Command) {
    let output = command
        .output()
        .unwrap_or_else(|e| panic!("{command:?}: {e}"));
    assert!(
        output.status.success(),
        "{command:?}\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Runs `make` once for all test binaries: whoever comes later waits.
fn once(folder: &Path, make: impl FnOnce(&Path)) {
    let done = folder.with_extension("done");
    let lock = folder.with_extension("lock");
    fs::create_dir_all(folder.parent().expect("a parent")).expect("target can be written");
    for _ in 0..3000 {
        if done.exists() {
            return;
        }
        if fs::create_dir(&lock).is_ok() {
            if !done.exists() {
                let _ = fs::remove_dir_all(folder);
                make(folder);
                fs::write(&done, "").expect("target can be written");
            }
            let _ = fs::remove_dir(&lock);
            return;
        }
        // A run that was killed leaves its lock behind.
        let stale = fs::metadata(&lock)
            .and_then(|m| m.modified())
            .is_ok_and(|t| t.elapsed().is_ok_and(|e| e > Duration::from_secs(600)));
        if stale {
            let _ = fs::remove_dir(&lock);
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    panic!(
        "{} is locked for ten minutes; remove {}",
        folder.display(),
        lock.display()
    );
}

/// The interpreter of the environment with the packages of `requirements/NAME.txt`.
pub fn environment(name: &str) -> PathBuf {
    let requirements = workspace()
        .join("cli/tests/requirements")
        .join(format!("{name}.txt"));
    let text = fs::read(&requirements).expect("the requirement file");
    // Another list of pins is another environment.
    let sum = text.iter().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| {
        (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3)
    });
    let folder = target()
        .join("test-environments")
        .join(format!("{name}-{sum:016x}"));
    once(&folder, |folder| {
        let base = python();
        let has_uv = Command::new("uv")
            .arg("--version")
            .output()
            .is_ok_and(|o| o.status.success());
        if has_uv {
            run(Command::new("uv")
                .args(["venv", "-q", "--python"])
                .arg(&base)
                .arg(folder));
            run(Command::new("uv")
                .args(["pip", "install", "-q", "--python"])
                .arg(folder.join("bin/python"))
                .arg("-r")
                .arg(&requirements));
        } else {
            run(Command::new(&base).args(["-m", "venv"]).arg(folder));
            run(Command::new(folder.join("bin/python"))
                .args([
                    "-m",
                    "pip",
                    "install",
                    "-q",
                    "--disable-pip-version-check",
                    "-r",
                ])
                .arg(&requirements));
        }
    });
    folder.join("bin/python")
}

/// The app of Flask's tutorial, from the source distribution of Flask 3.1.3.
pub fn flaskr() -> PathBuf {
    let folder = target().join("test-data").join("flask-3.1.3");
    once(&folder, |folder| {
        fs::create_dir_all(folder).expect("target can be written");
        let original = environment("original");
        // `pip` of the base interpreter: environments made by uv have none.
        run(Command::new(python())
            .args(["-m", "pip", "download", "-q", "--disable-pip-version-check"])
            .args(["--no-deps", "--no-binary", ":all:", "flask==3.1.3", "-d"])
            .arg(folder));
        run(Command::new(original)
            .arg("-c")
            .arg("import glob, tarfile; tarfile.open(glob.glob('*.tar.gz')[0]).extractall('.', filter='data')")
            .current_dir(folder));
    });
    folder.join("flask-3.1.3/examples/tutorial")
}

/// A source distribution, as PyPI's simple index has it, checked against its SHA-256.
pub fn sdist(project: &str, file: &str, sha256: &str) -> PathBuf {
    const FETCH: &str = r#"
import hashlib, io, json, sys, tarfile, urllib.request
project, file, sha256 = sys.argv[1:]
index = urllib.request.Request(
    f"https://pypi.org/simple/{project}/",
    headers={"Accept": "application/vnd.pypi.simple.v1+json"},
)
files = json.load(urllib.request.urlopen(index))["files"]
url = next(f["url"] for f in files if f["filename"] == file)
data = urllib.request.urlopen(url).read()
assert hashlib.sha256(data).hexdigest() == sha256, url
tarfile.open(fileobj=io.BytesIO(data)).extractall(".", filter="data")
"#;
    let name = file.trim_end_matches(".tar.gz");
    let folder = target().join("test-data").join(format!("{name}-sdist"));
    once(&folder, |folder| {
        fs::create_dir_all(folder).expect("target can be written");
        run(Command::new(python())
            .args(["-c", FETCH, project, file, sha256])
            .current_dir(folder));
    });
    folder.join(name)
}

/// The files of a package's wheel, as PyPI has it.
pub fn wheel(name: &str, version: &str) -> PathBuf {
    let folder = target()
        .join("test-data")
        .join(format!("{name}-{version}-wheel"));
    once(&folder, |folder| {
        fs::create_dir_all(folder).expect("target can be written");
        run(Command::new(python())
            .args(["-m", "pip", "download", "-q", "--disable-pip-version-check"])
            .args(["--no-deps", "--only-binary", ":all:"])
            .arg(format!("{name}=={version}"))
            .arg("-d")
            .arg(folder));
        run(Command::new(python())
            .arg("-c")
            .arg("import glob, os, zipfile; w = glob.glob('*.whl')[0]; zipfile.ZipFile(w).extractall('files'); os.remove(w)")
            .current_dir(folder));
    });
    folder.join("files")
}
