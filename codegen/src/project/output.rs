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

/// Writes the port: into a folder beside it first, which then takes its place.
///
/// Files of an earlier port that the user added are carried over.
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
            Content::Bytes(bytes) => std::fs::write(&to, bytes).map_err(|e| io(&to, &e))?,
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
            let Some(name) = relative.to_str() else {
                continue;
            };
            if name == RECORDS {
                continue;
            }
            let kind = entry.file_type().map_err(|e| io(&path, &e))?;
            if kind.is_dir() {
                pending.push(path);
            } else if !earlier.files.contains_key(name)
                && !files.contains_key(name)
                && kind.is_file()
            {
                let to = root.join(relative);
                if let Some(folder) = to.parent() {
                    std::fs::create_dir_all(folder).map_err(|e| io(folder, &e))?;
                }
                std::fs::copy(&path, &to).map_err(|e| io(&path, &e))?;
            }
        }
    }
    Ok(())
}
