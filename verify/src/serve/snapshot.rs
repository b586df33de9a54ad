//! What a command made or changed in a folder, laid over other folders.
//!
//! Setup commands (`flask init-db`) run once, in one copy of the original; every side then starts from the same files, to
//! the byte. Run once a side, they would give each its own random keys and times.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::copies;

/// The files of a folder as they were.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    files: BTreeMap<PathBuf, Print>,
}

/// What tells a file from itself before it was written to: number, size, seconds and nanoseconds of modification and of
/// the change of its data or times (`mtime` can be set back, `ctime` cannot).
type Print = (u64, u64, (i64, i64), (i64, i64));

impl Snapshot {
    /// The files of `folder` now. Links, and what a copy leaves out, do not count.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn of(folder: &Path) -> io::Result<Self> {
        let mut files = BTreeMap::new();
        for path in copies::files(folder)? {
            let meta = fs::symlink_metadata(folder.join(&path))?;
            let print = (
                meta.ino(),
                meta.len(),
                (meta.mtime(), meta.mtime_nsec()),
                (meta.ctime(), meta.ctime_nsec()),
            );
            files.insert(path, print);
        }
        Ok(Self { files })
    }

    /// What is new or different in `folder` since.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn changes(&self, folder: &Path) -> io::Result<Changes> {
        let now = Self::of(folder)?.files;
        let files = now
            .into_iter()
            .filter(|(path, print)| self.files.get(path) != Some(print));
        Ok(Changes {
            folder: folder.to_owned(),
            files: files.map(|(path, _)| path).collect(),
        })
    }
}

/// Files that a command made or changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    /// Where they are.
    pub folder: PathBuf,
    /// Their paths in it, sorted.
    pub files: BTreeSet<PathBuf>,
}

impl Changes {
    /// Copies them to the same places in another folder, over what is there, with permissions and times.
    ///
    /// # Errors
    /// When a file cannot be read or written.
    pub fn lay_over(&self, other: &Path) -> io::Result<()> {
        for path in &self.files {
            let to = other.join(path);
            if let Some(parent) = to.parent() {
                fs::create_dir_all(parent)?;
            }
            copies::file(&self.folder.join(path), &to)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_command_made_is_laid_over() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (one, other) = (one.path(), other.path());
        for folder in [one, other] {
            fs::write(folder.join("kept.py"), "kept").unwrap();
            fs::write(folder.join("data.json"), "[0]").unwrap();
        }
        let before = Snapshot::of(one).unwrap();
        assert!(before.changes(one).unwrap().files.is_empty());
        fs::create_dir_all(one.join("instance")).unwrap();
        fs::write(one.join("instance/app.sqlite"), "tables").unwrap();
        fs::write(one.join("data.json"), "[1]").unwrap();
        fs::create_dir_all(one.join("__pycache__")).unwrap();
        fs::write(one.join("__pycache__/kept.pyc"), "").unwrap();
        fs::write(other.join("kept.py"), "the port's own").unwrap();
        let changes = before.changes(one).unwrap();
        let names: Vec<_> = changes.files.iter().map(|p| p.to_str().unwrap()).collect();
        assert_eq!(names, ["data.json", "instance/app.sqlite"]);
        changes.lay_over(other).unwrap();
        let read = |path: &str| fs::read_to_string(other.join(path)).unwrap();
        assert_eq!(read("instance/app.sqlite"), "tables");
        assert_eq!(read("data.json"), "[1]");
        assert_eq!(read("kept.py"), "the port's own");
        let time = |folder: &Path| fs::metadata(folder.join("data.json")).unwrap().modified();
        assert_eq!(time(one).unwrap(), time(other).unwrap());
    }
}
