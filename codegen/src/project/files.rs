//! Which files of the app come along.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ignore::WalkBuilder;

/// Folders that are never part of a project.
const LEFT_OUT: &[(&str, &str)] = &[
    (".git", "version control"),
    (".hg", "version control"),
    (".svn", "version control"),
    ("__pycache__", "cache"),
    (".pytest_cache", "cache"),
    (".mypy_cache", "cache"),
    (".ruff_cache", "cache"),
    (".tox", "virtual environments"),
    (".nox", "virtual environments"),
    (".venv", "virtual environment"),
    ("node_modules", "packages"),
];

/// The files of a project.
#[derive(Debug, Default)]
pub struct ProjectFiles {
    /// Paths relative to the root, with `/`, sorted.
    pub files: Vec<String>,
    /// Symbolic links that stay inside, with their targets.
    pub links: BTreeMap<String, PathBuf>,
    /// What is left out, and why (a folder ends in `/`).
    pub left_out: BTreeMap<String, String>,
}

/// Lists a project: everything but version control, environments, caches, and what git ignores.
#[must_use]
pub fn list(root: &Path) -> ProjectFiles {
    let mut out = ProjectFiles::default();
    if root.is_file() {
        if let Some(name) = root.file_name().and_then(|n| n.to_str()) {
            out.files.push(name.to_owned());
        }
        return out;
    }
    let canonical = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
    let kept: Vec<ignore::DirEntry> = WalkBuilder::new(root)
        .standard_filters(false)
        .git_ignore(true)
        .require_git(false)
        .parents(false)
        .follow_links(false)
        .filter_entry(|entry| entry.depth() == 0 || why_not(entry.path()).is_none())
        .build()
        .filter_map(Result::ok)
        .filter(|e| e.depth() > 0)
        .collect();
    for entry in &kept {
        let path = entry.path();
        let Some(relative) = relative(root, path) else {
            continue;
        };
        let Some(kind) = entry.file_type() else {
            continue;
        };
        if kind.is_symlink() {
            let inside = path.canonicalize().is_ok_and(|t| t.starts_with(&canonical));
            match std::fs::read_link(path) {
                Ok(target) if inside && target.is_relative() => {
                    out.links.insert(relative, target);
                }
                _ => {
                    out.left_out
                        .insert(relative, "a link out of the project".into());
                }
            }
        } else if kind.is_file() {
            out.files.push(relative);
        }
    }
    out.files.sort();
    // Named for the reader: what the walk passed over.
    let names: std::collections::HashSet<&Path> = kept.iter().map(ignore::DirEntry::path).collect();
    for entry in WalkBuilder::new(root)
        .standard_filters(false)
        .follow_links(false)
        .filter_entry(|e| {
            // Not below what is left out.
            e.path().parent().is_none_or(|p| why_not(p).is_none())
        })
        .build()
        .filter_map(Result::ok)
    {
        let path = entry.path();
        if entry.depth() == 0 || names.contains(path) {
            continue;
        }
        let Some(mut relative) = relative(root, path) else {
            continue;
        };
        if path.is_dir() {
            relative.push('/');
        }
        let covered = out
            .left_out
            .keys()
            .any(|k| k.ends_with('/') && relative.starts_with(k.as_str()));
        if !covered {
            let why = why_not(path).unwrap_or("ignored by git");
            out.left_out.insert(relative, why.to_owned());
        }
    }
    out
}

fn why_not(path: &Path) -> Option<&'static str> {
    let name = path.file_name().and_then(|n| n.to_str()).unwrap_or("");
    if let Some((_, why)) = LEFT_OUT.iter().find(|(n, _)| *n == name) {
        return Some(why);
    }
    if path.extension().is_some_and(|e| e == "pyc" || e == "pyo") {
        return Some("cache");
    }
    path.join("pyvenv.cfg")
        .exists()
        .then_some("virtual environment")
}

fn relative(root: &Path, path: &Path) -> Option<String> {
    Some(path.strip_prefix(root).ok()?.to_str()?.replace('\\', "/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_along() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        let write = |p: &str| {
            let path = root.join(p);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "x").unwrap();
        };
        for p in [
            "app/__init__.py",
            ".git/HEAD",
            "venv/pyvenv.cfg",
            "app/__pycache__/a.pyc",
            "data/x.db",
            "a.txt",
        ] {
            write(p);
        }
        std::fs::write(root.join(".gitignore"), "data/\n").unwrap();
        std::os::unix::fs::symlink("a.txt", root.join("b.txt")).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", root.join("c.txt")).unwrap();
        std::os::unix::fs::symlink("..", root.join("app/loop")).unwrap();
        let found = list(root);
        assert_eq!(found.files, [".gitignore", "a.txt", "app/__init__.py"]);
        assert!(found.links.contains_key("b.txt"));
        let out: Vec<&str> = found.left_out.keys().map(String::as_str).collect();
        assert_eq!(
            out,
            [".git/", "app/__pycache__/", "c.txt", "data/", "venv/"]
        );
    }
}
