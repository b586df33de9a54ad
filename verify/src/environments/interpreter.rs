//! Interpreters: finding one, and asking it what it is.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::str::FromStr;

use pep440_rs::{Version, VersionSpecifiers};

use super::{Asked, EnvironmentError, Installer};

/// An interpreter with everything that a side needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interpreter {
    /// Its file, absolute.
    pub python: PathBuf,
    /// The folder with the commands of installed packages: `gunicorn`, `flask`.
    pub bin: PathBuf,
}

impl Interpreter {
    /// The interpreter at `path` (`--original-python`), as it is: nothing is installed. A name without `/` is looked up on PATH.
    ///
    /// # Errors
    /// [`EnvironmentError::NotPython`] when it does not run or is older than 3.8.
    pub fn at(path: &Path) -> Result<Self, EnvironmentError> {
        let base = Base::at(path)?;
        Ok(Self {
            bin: base.python.parent().unwrap_or(Path::new("")).to_owned(),
            python: base.python,
        })
    }
}

/// An interpreter as it describes itself.
#[derive(Clone, Debug)]
pub(super) struct Base {
    /// Its file (`sys.executable`), which for the shims of version managers is not the one that was asked.
    pub python: PathBuf,
    version: Version,
    /// Whether it can make an environment that has pip: Debian splits that off (`python3-venv`).
    makes_venv: bool,
}

/// Python 2 can answer it too, so that its age is what it is refused for.
const QUESTION: &str = "import sys, pkgutil
print('.'.join(map(str, sys.version_info[:3])))
print(sys.executable)
print(pkgutil.find_loader('ensurepip') is not None if sys.version_info < (3, 4) else __import__('importlib.util').util.find_spec('ensurepip') is not None)";

/// Where a tree does not say what it runs with: the versions that Python itself still mends, and that the targets run with.
const USUAL: &str = ">=3.11";

impl Base {
    /// What the interpreter at `path` is.
    pub fn at(path: &Path) -> Result<Self, EnvironmentError> {
        let not = |why: String| EnvironmentError::NotPython {
            path: path.to_owned(),
            why,
        };
        // A path of several parts would be looked for in the folder that the command runs in.
        let program = if path.components().count() > 1 {
            std::path::absolute(path).map_err(|e| not(e.to_string()))?
        } else {
            path.to_owned()
        };
        let base = Self::ask(&program).map_err(&not)?;
        if base.version < Version::new([3, 8]) {
            return Err(not(format!("it is Python {}", base.version)));
        }
        Ok(base)
    }

    fn ask(program: &Path) -> Result<Self, String> {
        let output = Command::new(program)
            // Without the user's site-packages and PYTHONPATH: what is asked is not theirs to answer.
            .args(["-E", "-s", "-c", QUESTION])
            .stdin(Stdio::null())
            .output()
            .map_err(|e| e.to_string())?;
        let text = String::from_utf8_lossy(&output.stdout);
        let mut lines = text.lines();
        let version = lines.next().and_then(|v| Version::from_str(v).ok());
        let (Some(version), Some(python), Some(makes_venv)) = (version, lines.next(), lines.next())
        else {
            let said = String::from_utf8_lossy(&output.stderr);
            let said = said.lines().rfind(|l| !l.trim().is_empty());
            return Err(said.map_or_else(
                || "it did not answer as Python does".to_owned(),
                |line| line.trim().to_owned(),
            ));
        };
        Ok(Self {
            python: if python.is_empty() {
                program.to_owned()
            } else {
                PathBuf::from(python)
            },
            version,
            makes_venv: makes_venv == "True",
        })
    }

    /// The newest interpreter of this machine that the tree allows: on PATH, else one that uv knows.
    pub fn find(asked: Option<&Asked>, installer: &Installer) -> Result<Self, EnvironmentError> {
        let written = asked.map_or(USUAL, |a| a.versions.as_str());
        let allowed =
            VersionSpecifiers::from_str(written).map_err(|e| EnvironmentError::Declaration {
                path: asked.map(|a| a.file.clone()).unwrap_or_default(),
                why: format!(
                    "`{written}` is no list of Python versions: {}",
                    e.to_string().lines().next().unwrap_or_default()
                ),
            })?;
        let mut found: Vec<String> = Vec::new();
        for candidate in candidates() {
            // A version manager's shim of a version that is not chosen does not run: no news.
            let Ok(base) = Self::ask(&candidate) else {
                continue;
            };
            let able = base.makes_venv || matches!(installer, Installer::Uv(_));
            if able && allowed.contains(&base.version) {
                return Ok(base);
            }
            let mut version = base.version.to_string();
            if !able {
                version.push_str(" without its venv module");
            }
            if !found.contains(&version) {
                found.push(version);
            }
        }
        if let Installer::Uv(uv) = installer {
            let output = Command::new(uv)
                .args(["python", "find", "--no-python-downloads", written])
                .stdin(Stdio::null())
                .output();
            let path = output.ok().filter(|o| o.status.success());
            let path = path.and_then(|o| String::from_utf8(o.stdout).ok());
            if let Some(base) = path.and_then(|p| Self::ask(Path::new(p.trim())).ok()) {
                return Ok(base);
            }
        }
        Err(EnvironmentError::NoPython {
            asked: asked.map_or_else(
                || written.to_owned(),
                |a| format!("{written} (which {} asks for)", a.file.display()),
            ),
            found,
        })
    }

    /// What tells environments of this interpreter from those of another.
    pub fn identity(&self) -> String {
        format!("{} {}", self.version, self.python.display())
    }
}

/// Files on PATH that are interpreters by their names, newest first.
fn candidates() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).filter(|folder| folder.is_absolute());
    let folders: Vec<PathBuf> = folders.collect();
    let numbered = (8..20).rev().map(|minor| format!("python3.{minor}"));
    let plain = ["python3", "python"].map(str::to_owned);
    numbered
        .chain(plain)
        .flat_map(|name| folders.iter().map(move |f| f.join(&name)))
        .filter(|file| file.is_file())
        .collect()
}
