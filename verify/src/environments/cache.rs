//! Where environments are kept, and how two runs share them.
//!
//! An environment cannot be moved, since its commands hold its path. So it is made where it stays, under a lock
//! beside it, and a marker in it, written last, says that it is whole.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::install::Contents;
use super::{EnvironmentError, Interpreter};

/// Written last.
const MARKER: &str = "complete";

/// The folder that keeps what can be made again: `MIGRATE_CACHE_DIR`, else `migrate` in `XDG_CACHE_HOME` or
/// `~/.cache` (XDG Base Directory Specification), else in the folder for temporary files.
#[must_use]
pub fn folder() -> PathBuf {
    choose(|name| std::env::var_os(name).map(PathBuf::from))
}

fn choose(variable: impl Fn(&str) -> Option<PathBuf>) -> PathBuf {
    let set = |name: &str| variable(name).filter(|p| !p.as_os_str().is_empty());
    if let Some(own) = set("MIGRATE_CACHE_DIR") {
        return std::path::absolute(&own).unwrap_or(own);
    }
    // The specification: a relative path is invalid and to be ignored.
    let shared = set("XDG_CACHE_HOME").filter(|p| p.is_absolute());
    let home = || set("HOME").map(|home| home.join(".cache"));
    shared
        .or_else(home)
        .unwrap_or_else(std::env::temp_dir)
        .join("migrate")
}

/// The place of one environment.
#[derive(Debug)]
pub(super) struct Place {
    /// Its folder.
    pub folder: PathBuf,
}

impl Place {
    /// The place of an environment of an interpreter with these contents.
    pub fn new(cache: &Path, name: &str, interpreter: &str, contents: &Contents) -> Self {
        let mut hash = Sha256::new();
        for part in [
            interpreter,
            &contents.requirements,
            &contents.hashed,
            &contents.constraints,
        ] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
        let hash: String = hash.finalize()[..8]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let name = name.replace(|c| !fits(c), "-");
        Self {
            folder: cache.join("environments").join(format!("{name}-{hash}")),
        }
    }

    /// The environment, when it is whole; one whose base interpreter is gone is not.
    pub fn made(&self) -> Option<Interpreter> {
        let bin = self.folder.join("bin");
        let python = bin.join("python");
        (self.folder.join(MARKER).is_file() && python.exists())
            .then_some(Interpreter { python, bin })
    }

    /// Waits for the right to make it. It ends with the file, and with the process in any case.
    pub fn lock(&self) -> Result<File, EnvironmentError> {
        let path = self.folder.with_added_extension("lock");
        let lock = || -> io::Result<File> {
            fs::create_dir_all(path.parent().unwrap_or(&path))?;
            let file = File::create(&path)?;
            file.lock()?;
            Ok(file)
        };
        lock().map_err(|e| refused(&path, &e))
    }

    /// Takes away what an earlier run left half made.
    pub fn clear(&self) -> Result<(), EnvironmentError> {
        match fs::remove_dir_all(&self.folder) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(refused(&self.folder, &e)),
            _ => Ok(()),
        }
    }

    /// Says that it is whole.
    pub fn complete(&self) -> Result<Interpreter, EnvironmentError> {
        let marker = self.folder.join(MARKER);
        fs::write(&marker, "").map_err(|e| refused(&marker, &e))?;
        self.made().ok_or_else(|| EnvironmentError::Cache {
            path: self.folder.join("bin/python"),
            why: "the interpreter is missing from the environment just made".into(),
        })
    }
}

/// What the system refused in the cache.
pub(super) fn refused(path: &Path, error: &io::Error) -> EnvironmentError {
    EnvironmentError::Cache {
        path: path.to_owned(),
        why: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders() {
        let none: [(&str, &str); 0] = [];
        let chosen = |variables: &[(&str, &str)]| {
            choose(|name| {
                let found = variables.iter().find(|(n, _)| *n == name);
                found.map(|(_, v)| PathBuf::from(v))
            })
        };
        let all = [
            ("MIGRATE_CACHE_DIR", "/m"),
            ("XDG_CACHE_HOME", "/x"),
            ("HOME", "/h"),
        ];
        assert_eq!(chosen(&all), Path::new("/m"));
        assert_eq!(chosen(&all[1..]), Path::new("/x/migrate"));
        assert_eq!(chosen(&all[2..]), Path::new("/h/.cache/migrate"));
        assert_eq!(
            chosen(&[("XDG_CACHE_HOME", "relative"), ("HOME", "/h")]),
            Path::new("/h/.cache/migrate")
        );
        assert_eq!(
            chosen(&[("MIGRATE_CACHE_DIR", ""), ("HOME", "/h")]),
            Path::new("/h/.cache/migrate")
        );
        assert_eq!(chosen(&none), std::env::temp_dir().join("migrate"));
    }

    #[test]
    fn everything_that_goes_into_one_is_in_its_name() {
        let contents = |requirements: &str, hashed: &str, constraints: &str| Contents {
            requirements: requirements.into(),
            hashed: hashed.into(),
            constraints: constraints.into(),
        };
        let place = |interpreter: &str, contents: &Contents| {
            let place = Place::new(Path::new("/c"), "a/b", interpreter, contents);
            place.folder.to_str().unwrap().to_owned()
        };
        let places = [
            place("3.11", &contents("a", "", "")),
            place("3.12", &contents("a", "", "")),
            place("3.11", &contents("b", "", "")),
            place("3.11", &contents("", "a", "")),
            place("3.11", &contents("", "", "a")),
            place("3.11a", &contents("", "", "")),
        ];
        let distinct: std::collections::BTreeSet<_> = places.iter().collect();
        assert_eq!(distinct.len(), places.len());
        assert_eq!(places[0], place("3.11", &contents("a", "", "")));
        assert!(places[0].starts_with("/c/environments/a-b-"), "{places:?}");
    }
}
