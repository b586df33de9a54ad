//! The port's folder: never inside the app, written whole or not at all, nothing of the user's lost.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use model::PortDocument;
use sha2::{Digest, Sha256};

use crate::error::OutputError;

/// Where the port's own records lie in it.
pub const RECORDS: &str = ".migrate";

/// A file of the port.
#[derive(Clone, Debug)]
pub enum Content {
    /// Bytes of our own.
    Bytes(Vec<u8>),
    /// A copy of a file of the app, its mode kept.
    Copy(PathBuf),
    /// A symbolic link.
    Link(PathBuf),
}

/// `sha256` of some bytes, in hex.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect()
}

fn io(path: &Path, error: &std::io::Error) -> OutputError {
    OutputError::Io {
        path: path.display().to_string(),
        why: error.to_string(),
    }
}

/// The folder that a port of `source` goes to.
///
/// # Errors
/// When it lies in the app, or the app is a port itself.
pub fn folder(source: &Path, out: Option<&Path>, target: &str) -> Result<PathBuf, OutputError> {
    let root = source.canonicalize().map_err(|e| io(source, &e))?;
    let base = if root.is_file() {
        root.with_extension("")
    } else {
        root.clone()
    };
    if root.join(RECORDS).join("port.json").exists() {
        return Err(OutputError::IsPort(source.display().to_string()));
    }
    let dir = match out {
        Some(dir) => dir.to_path_buf(),
        None => {
            let name = base.file_name().and_then(|n| n.to_str()).unwrap_or("app");
            base.with_file_name(format!("{name}-{target}"))
        }
    };
    let absolute = absolute(&dir);
    if root.is_dir() && absolute.starts_with(&root) {
        return Err(OutputError::Inside(dir.display().to_string()));
    }
    if root.starts_with(&absolute) {
        return Err(OutputError::Around(dir.display().to_string()));
    }
    if let Some(file) = absolute.ancestors().find(|path| path.exists())
        && file.is_file()
    {
        return Err(OutputError::File(file.display().to_string()));
    }
    Ok(absolute)
}

/// The path with its existing part resolved.
fn absolute(dir: &Path) -> PathBuf {
    let full = std::path::absolute(dir).unwrap_or_else(|_| dir.to_path_buf());
    let mut existing = full.as_path();
    let mut rest = Vec::new();
    while !existing.exists() {
        let (Some(parent), Some(name)) = (existing.parent(), existing.file_name()) else {
            break;
        };
        rest.push(name.to_owned());
        existing = parent;
    }
    let mut out = existing
        .canonicalize()
        .unwrap_or_else(|_| existing.to_path_buf());
    out.extend(rest.iter().rev());
    out
}

/// Whether the folder may be written: absent, empty, or an earlier port without edits.
///
/// # Errors
/// When it holds something else.
pub fn check(dir: &Path, force: bool) -> Result<(), OutputError> {
    if !dir.exists() {
        return Ok(());
    }
    let shown = dir.display().to_string();
    let mut entries = std::fs::read_dir(dir).map_err(|e| io(dir, &e))?;
    if entries.next().is_none() {
        return Ok(());
    }
    let Some(earlier) = earlier(dir) else {
        return Err(OutputError::Foreign(shown));
    };
    if force {
        return Ok(());
    }
    let edited: Vec<String> = earlier
        .files
        .iter()
        .filter(|(path, sum)| {
            std::fs::read(dir.join(path))
                .is_ok_and(|bytes| format!("sha256 {}", sha256(&bytes)) != **sum)
        })
        .map(|(path, _)| path.clone())
        .collect();
    if edited.is_empty() {
        Ok(())
    } else {
        Err(OutputError::Edited {
            dir: shown,
            files: edited,
        })
    }
}

fn earlier(dir: &Path) -> Option<PortDocument> {
    let text = std::fs::read(dir.join(RECORDS).join("port.json")).ok()?;
    serde_json::from_slice(&text).ok()
}

/// Whether every file of the port finds its place free: the user may have added one of that name to an
/// earlier port.
///
/// # Errors
/// With the files that the port would overwrite.
pub fn check_added(dir: &Path, files: &BTreeMap<String, Content>) -> Result<(), OutputError> {
    let Some(earlier) = earlier(dir) else {
        return Ok(());
    };
    let foreign = |(path, content): &(&String, &Content)| {
        if earlier.files.contains_key(*path) || path.starts_with(RECORDS) {
            return false;
        }
        let here = dir.join(path);
        let Ok(metadata) = std::fs::symlink_metadata(&here) else {
            return false;
        };
        let new = match content {
            // Links are not among the records: one for another is no loss.
            Content::Link(_) => return !metadata.is_symlink(),
            Content::Bytes(bytes) => Some(bytes.clone()),
            Content::Copy(from) => std::fs::read(from).ok(),
        };
        new != std::fs::read(&here).ok()
    };
    let taken: Vec<String> = files
        .iter()
        .filter(foreign)
        .map(|(path, _)| path.clone())
        .collect();
    if taken.is_empty() {
        return Ok(());
    }
    Err(OutputError::Edited {
        dir: dir.display().to_string(),
        files: taken,
    })
}

/// Writes the port: into a folder beside it first, which then takes its place.
///
/// Files that the user added to an earlier port are carried over; see [`check_added`] for those in the way.
///
/// # Errors
/// When the system refuses; the folder is then what it was.
pub fn write(dir: &Path, files: &BTreeMap<String, Content>) -> Result<(), OutputError> {
    let parent = dir.parent().unwrap_or(Path::new("/"));
    std::fs::create_dir_all(parent).map_err(|e| io(parent, &e))?;
    let staging = tempfile::Builder::new()
        .prefix(".migrate-")
        .tempdir_in(parent)
        .map_err(|e| io(parent, &e))?;
    let root = staging.path().join("port");
    for (path, content) in files {
        let to = root.join(path);
        if let Some(folder) = to.parent() {
            std::fs::create_dir_all(folder).map_err(|e| io(folder, &e))?;
        }
        match content {
            Content::Bytes(bytes) => {
                std::fs::write(&to, bytes).map_err(|e| io(&to, &e))?;
                // An edited script can still be run.
                let original = format!("{RECORDS}/originals/{path}");
                if let Some(Content::Copy(from)) = files.get(&original) {
                    let mode = std::fs::metadata(from).map_err(|e| io(from, &e))?;
                    std::fs::set_permissions(&to, mode.permissions()).map_err(|e| io(&to, &e))?;
                }
            }
            Content::Copy(from) => {
                std::fs::copy(from, &to).map_err(|e| io(from, &e))?;
            }
            Content::Link(target) => {
                std::os::unix::fs::symlink(target, &to).map_err(|e| io(&to, &e))?;
            }
        }
    }
    if !dir.exists() {
        return std::fs::rename(&root, dir).map_err(|e| io(dir, &e));
    }
    if let Some(earlier) = earlier(dir) {
        keep_foreign(dir, &root, &earlier, files)?;
    }
    let aside = staging.path().join("earlier");
    std::fs::rename(dir, &aside).map_err(|e| io(dir, &e))?;
    if let Err(e) = std::fs::rename(&root, dir) {
        // Back to what it was.
        std::fs::rename(&aside, dir).map_err(|e| io(dir, &e))?;
        return Err(io(dir, &e));
    }
    Ok(())
}

/// Carries over what the user added to an earlier port.
fn keep_foreign(
    dir: &Path,
    root: &Path,
    earlier: &PortDocument,
    files: &BTreeMap<String, Content>,
) -> Result<(), OutputError> {
    let mut pending = vec![dir.to_path_buf()];
    while let Some(folder) = pending.pop() {
        for entry in std::fs::read_dir(&folder).map_err(|e| io(&folder, &e))? {
            let entry = entry.map_err(|e| io(&folder, &e))?;
            let path = entry.path();
            let Ok(relative) = path.strip_prefix(dir) else {
                continue;
            };
            if relative == Path::new(RECORDS) {
                continue;
            }
            let kind = entry.file_type().map_err(|e| io(&path, &e))?;
            let to = root.join(relative);
            if kind.is_dir() {
                pending.push(path);
                continue;
            }
            // A name that is not UTF-8 is never one of ours.
            let ours = relative
                .to_str()
                .is_some_and(|n| earlier.files.contains_key(n) || files.contains_key(n));
            if ours {
                continue;
            }
            if let Some(folder) = to.parent() {
                std::fs::create_dir_all(folder).map_err(|e| io(folder, &e))?;
            }
            if kind.is_symlink() {
                let target = std::fs::read_link(&path).map_err(|e| io(&path, &e))?;
                std::os::unix::fs::symlink(target, &to).map_err(|e| io(&to, &e))?;
            } else if kind.is_file() {
                std::fs::copy(&path, &to).map_err(|e| io(&path, &e))?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    /// Files of a port, with the records that `write` goes by.
    fn port(texts: &[(&str, &str)]) -> BTreeMap<String, Content> {
        let sums: serde_json::Map<String, serde_json::Value> = texts
            .iter()
            .map(|(p, t)| {
                let sum = format!("sha256 {}", sha256(t.as_bytes()));
                ((*p).to_owned(), sum.into())
            })
            .collect();
        let records = serde_json::json!({
            "schema": "", "source": "", "target": "", "migrate_version": "", "functions": [],
            "routes": [], "deviations": [], "left_out": {}, "rewrites": {}, "files": sums,
            "run": {"original": {"serve": []}, "port": {"serve": []}},
            "summary": {"routes": 0, "native": 0, "supported": 0, "relayed": 0, "refused": 0,
                        "changed_lines_per_route": 0.0},
        });
        let mut out: BTreeMap<String, Content> = texts
            .iter()
            .map(|(p, t)| ((*p).to_owned(), Content::Bytes(t.as_bytes().to_vec())))
            .collect();
        let records = Content::Bytes(records.to_string().into_bytes());
        out.insert(format!("{RECORDS}/port.json"), records);
        out
    }

    #[test]
    fn what_the_user_added_is_carried_over() {
        let base = tempfile::tempdir().unwrap();
        let dir = base.path().join("app-fastapi");
        write(&dir, &port(&[("a.py", "1"), ("gone.py", "1")])).unwrap();
        std::fs::create_dir_all(dir.join(".venv/bin")).unwrap();
        symlink("/usr/bin/python3", dir.join(".venv/bin/python")).unwrap();
        symlink("nowhere", dir.join("broken")).unwrap();
        let odd = std::ffi::OsStr::from_bytes(b"odd\xff");
        std::fs::write(dir.join(odd), "mine").unwrap();
        std::fs::write(dir.join("run.sh"), "mine").unwrap();
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(dir.join("run.sh"), mode).unwrap();

        write(&dir, &port(&[("a.py", "2")])).unwrap();
        assert_eq!(std::fs::read_to_string(dir.join("a.py")).unwrap(), "2");
        assert!(!dir.join("gone.py").exists());
        assert!(dir.join(".venv/bin/python").is_symlink());
        assert!(dir.join("broken").is_symlink());
        assert_eq!(std::fs::read_to_string(dir.join(odd)).unwrap(), "mine");
        let mode = std::fs::metadata(dir.join("run.sh")).unwrap().permissions();
        assert_eq!(mode.mode() & 0o777, 0o755);
        assert_eq!(std::fs::read_dir(base.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_of_the_user_is_not_overwritten() {
        let base = tempfile::tempdir().unwrap();
        let dir = base.path().join("app-fastapi");
        write(&dir, &port(&[("a.py", "1")])).unwrap();
        std::fs::write(dir.join("b.py"), "mine").unwrap();
        std::fs::write(dir.join("c.py"), "same").unwrap();
        let new = port(&[("a.py", "2"), ("b.py", "theirs"), ("c.py", "same")]);
        let error = check_added(&dir, &new).unwrap_err().to_string();
        assert!(error.ends_with(": b.py"), "{error}");
        assert_eq!(std::fs::read_to_string(dir.join("a.py")).unwrap(), "1");
        assert_eq!(std::fs::read_to_string(dir.join("b.py")).unwrap(), "mine");
        assert_eq!(std::fs::read_dir(base.path()).unwrap().count(), 1);
        write(&dir, &new).unwrap();
        assert_eq!(std::fs::read_to_string(dir.join("b.py")).unwrap(), "theirs");
    }

    #[test]
    fn an_edited_script_keeps_its_mode() {
        let base = tempfile::tempdir().unwrap();
        let source = base.path().join("manage.py");
        std::fs::write(&source, "old").unwrap();
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(&source, mode).unwrap();
        let mut files = port(&[("manage.py", "new")]);
        let original = format!("{RECORDS}/originals/manage.py");
        files.insert(original, Content::Copy(source));
        let dir = base.path().join("port");
        write(&dir, &files).unwrap();
        let mode = std::fs::metadata(dir.join("manage.py"))
            .unwrap()
            .permissions();
        assert_eq!(mode.mode() & 0o777, 0o755);
    }
}
