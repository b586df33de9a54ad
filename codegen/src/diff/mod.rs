//! `migrate diff DIR`: original against port, by route and by file.

mod pairs;
mod patch;
mod relocate;
mod routes;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::Path;

use model::PortDocument;
use serde::Serialize;

pub use pairs::{Excerpt, Pair, State};
pub use patch::patch;
pub use routes::{Hunk, Line, Section, by_route};

use crate::project::output::{RECORDS, sha256};

/// A port and its original, file by file.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The port's records.
    pub document: PortDocument,
    /// Files that differ, are new or are gone, by path.
    pub files: BTreeMap<String, FilePair>,
    /// Copies that have another path than in the original, with that one.
    pub moved: BTreeMap<String, String>,
    /// Functions beside what stands for them.
    pub pairs: Vec<Pair>,
}

/// A file before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilePair {
    /// Absent when the port added it.
    pub before: Option<Vec<u8>>,
    /// Absent when the port has no such file.
    pub after: Option<Vec<u8>>,
}

/// Added and removed lines of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stat {
    /// The file.
    pub file: String,
    /// Added lines.
    pub added: u32,
    /// Removed lines.
    pub removed: u32,
    /// The port added the file.
    pub new: bool,
    /// The port has no such file: another one stands in its place.
    pub gone: bool,
}

/// The folder is no port.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}: not a port that migrate wrote")]
pub struct NotAPort(pub String);

/// Reads a port.
///
/// # Errors
/// When the folder has no records of a port.
pub fn read(dir: &Path) -> Result<Comparison, NotAPort> {
    let wrong = || NotAPort(dir.display().to_string());
    let json = std::fs::read(dir.join(RECORDS).join("port.json")).map_err(|_| wrong())?;
    let document: PortDocument = serde_json::from_slice(&json).map_err(|_| wrong())?;
    let originals = dir.join(RECORDS).join("originals");
    let moved: BTreeMap<String, String> = document
        .copied
        .iter()
        .filter(|(path, source)| path != source)
        .filter(|(path, _)| {
            std::fs::read(dir.join(path)).is_ok_and(|b| is_as_written(&document, path, &b))
        })
        .map(|(path, source)| (path.clone(), source.clone()))
        .collect();
    let mut files = BTreeMap::new();
    for path in document.files.keys() {
        let before = std::fs::read(originals.join(path)).ok();
        let copy = document
            .copied
            .get(path)
            .is_some_and(|source| source == path);
        // Of a copy there is no original to compare with.
        if before.is_none() && (copy || moved.contains_key(path)) {
            continue;
        }
        let after = std::fs::read(dir.join(path)).ok();
        if before != after {
            files.insert(path.clone(), FilePair { before, after });
        }
    }
    for path in below(&originals) {
        // What moved is still there.
        let gone = !document.files.contains_key(&path) && !moved.values().any(|s| *s == path);
        if gone {
            let before = std::fs::read(originals.join(&path)).ok();
            let pair = FilePair {
                before,
                after: None,
            };
            files.insert(path, pair);
        }
    }
    let pairs = pairs::read(dir, &document);
    Ok(Comparison {
        document,
        files,
        moved,
        pairs,
    })
}

/// Whether a file of the port holds what was written to it.
fn is_as_written(document: &PortDocument, path: &str, bytes: &[u8]) -> bool {
    let sum = format!("sha256 {}", sha256(bytes));
    document.files.get(path) == Some(&sum)
}

/// The files below a folder, relative to it.
fn below(root: &Path) -> Vec<String> {
    ignore::WalkBuilder::new(root)
        .standard_filters(false)
        .build()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()))
        .filter_map(|entry| {
            let path = entry.path().strip_prefix(root).ok()?;
            Some(path.to_str()?.replace('\\', "/"))
        })
        .collect()
}

/// Lines added and removed, by file: the app's own first, then those that are gone, then what the port added.
#[must_use]
pub fn stat(comparison: &Comparison) -> Vec<Stat> {
    let mut out: Vec<Stat> = comparison
        .files
        .iter()
        .map(|(file, pair)| {
            let text = |b: &Option<Vec<u8>>| {
                b.as_deref()
                    .map(|b| String::from_utf8_lossy(b).into_owned())
                    .unwrap_or_default()
            };
            let (before, after) = (text(&pair.before), text(&pair.after));
            let diff = similar::TextDiff::from_lines(&before, &after);
            let count = |tag| diff.iter_all_changes().filter(|c| c.tag() == tag).count() as u32;
            Stat {
                file: file.clone(),
                added: count(similar::ChangeTag::Insert),
                removed: count(similar::ChangeTag::Delete),
                new: pair.before.is_none(),
                gone: pair.after.is_none(),
            }
        })
        .collect();
    out.sort_by(|a, b| (a.new, a.gone, &a.file).cmp(&(b.new, b.gone, &b.file)));
    out
}
