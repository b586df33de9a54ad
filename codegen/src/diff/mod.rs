//! `migrate diff DIR`: original against port, by route and by file.

mod patch;
mod routes;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use model::PortDocument;
use serde::Serialize;

pub use patch::patch;
pub use routes::{Hunk, Line, Section, by_route};

use crate::project::output::RECORDS;

/// A port and its original, file by file.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The port's records.
    pub document: PortDocument,
    /// Files that differ or are new, by path.
    pub files: BTreeMap<String, FilePair>,
}

/// A file before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilePair {
    /// Absent when the port added it.
    pub before: Option<Vec<u8>>,
    /// Absent when it was deleted from the port.
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
    let mut paths: BTreeSet<String> = BTreeSet::new();
    for (path, sum) in &document.files {
        let now = std::fs::read(dir.join(path)).ok();
        let original = originals.join(path).exists();
        let untouched = now
            .as_ref()
            .is_some_and(|b| format!("sha256 {}", crate::project::output::sha256(b)) == *sum);
        // Copied and still the same: nothing to show.
        if original || added(path) || !untouched {
            paths.insert(path.clone());
        }
    }
    let files = paths
        .into_iter()
        .map(|path| {
            let before = std::fs::read(originals.join(&path)).ok();
            let after = std::fs::read(dir.join(&path)).ok();
            (path, FilePair { before, after })
        })
        .filter(|(path, pair)| pair.before.is_some() || added(path) || new_requirements(path))
        .filter(|(_, pair)| pair.before != pair.after)
        .collect();
    Ok(Comparison { document, files })
}

/// Files that a port adds.
fn added(path: &str) -> bool {
    path == "MIGRATION.md"
        || path == "requirements.txt"
        || path.split('/').any(|p| p == crate::support::PACKAGE)
}

fn new_requirements(path: &str) -> bool {
    path == "requirements.txt"
}

/// Lines added and removed, by file: the app's own first, then what the port added.
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
            }
        })
        .collect();
    out.sort_by(|a, b| (a.new, &a.file).cmp(&(b.new, &b.file)));
    out
}
