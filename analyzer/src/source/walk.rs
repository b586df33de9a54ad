//! Which files of a tree are looked at.

use std::path::{Path, PathBuf};

use ignore::WalkBuilder;

/// Folders that hold no source of the app.
const SKIPPED: &[&str] = &[
    "__pycache__",
    "node_modules",
    "site-packages",
    ".git",
    ".hg",
    ".svn",
    ".tox",
    ".nox",
    ".venv",
    ".eggs",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".migrate",
];

/// The `.py` files below `root` (or `root` itself), sorted by path.
#[must_use]
pub fn python_files(root: &Path) -> Vec<PathBuf> {
    if root.is_file() {
        return vec![root.to_path_buf()];
    }
    files(root, |path| path.extension().is_some_and(|e| e == "py"))
}

/// The files below `root` that `wanted` accepts, sorted by path.
///
/// Virtual environments, caches and version control are left out; what git ignores is not,
/// since generated code may hold routes. Symbolic links to files are followed, links to folders are
/// not: what they show inside the tree is found there anyway, and loops cannot arise.
#[must_use]
pub fn files(root: &Path, wanted: impl Fn(&Path) -> bool) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = WalkBuilder::new(root)
        .standard_filters(false)
        .follow_links(false)
        .filter_entry(|entry| {
            let Some(name) = entry.file_name().to_str() else {
                return false;
            };
            if entry.depth() == 0 || !entry.file_type().is_some_and(|t| t.is_dir()) {
                return true;
            }
            // Neither an environment nor a port that was written beside the app is part of it.
            !SKIPPED.contains(&name)
                && !entry.path().join("pyvenv.cfg").exists()
                && !entry.path().join(".migrate/port.json").exists()
        })
        .build()
        .filter_map(Result::ok)
        .filter(|entry| {
            wanted(entry.path())
                && entry.path().to_str().is_some()
                && !entry.file_type().is_some_and(|t| t.is_dir())
                && entry.path().is_file()
        })
        .map(ignore::DirEntry::into_path)
        .collect();
    files.sort();
    files
}
