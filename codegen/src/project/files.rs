//! Which files of the app come along.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

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
    let mut unreadable: Vec<PathBuf> = Vec::new();
    let kept: Vec<ignore::DirEntry> = WalkBuilder::new(root)
        .standard_filters(false)
        .git_ignore(true)
        .require_git(false)
        .parents(false)
        .follow_links(false)
        .filter_entry(|entry| entry.depth() == 0 || why_not(entry.path()).is_none())
        .build()
        .filter_map(|entry| match entry {
            Ok(entry) => Some(entry),
            Err(error) => {
                unreadable.extend(path_of(&error).map(Path::to_path_buf));
                None
            }
        })
        .filter(|e| e.depth() > 0)
        .collect();
    for path in &unreadable {
        if let Ok(relative) = path.strip_prefix(root) {
            let relative = relative.to_string_lossy().into_owned();
            out.left_out.insert(relative, "could not be read".into());
        }
    }
    for entry in &kept {
        let path = entry.path();
        let Some(relative) = relative(root, path) else {
            if !entry.file_type().is_some_and(|k| k.is_dir())
                && let Ok(odd) = path.strip_prefix(root)
            {
                let odd = odd.to_string_lossy().into_owned();
                out.left_out.insert(odd, "its name is not UTF-8".into());
            }
            continue;
        };
        let Some(kind) = entry.file_type() else {
            continue;
        };
        if kind.is_symlink() {
            match link(path, &relative, &canonical) {
                Ok(target) => {
                    out.links.insert(relative, target);
                }
                Err(why) => {
                    out.left_out.insert(relative, why.into());
                }
            }
        } else if kind.is_file() {
            out.files.push(relative);
        } else if !kind.is_dir() {
            out.left_out.insert(relative, "not a regular file".into());
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
        if out.left_out.contains_key(relative.trim_end_matches('/')) {
            continue;
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

/// The target of a link that works in a copy of the project as it does in the project.
fn link(path: &Path, relative: &str, root: &Path) -> Result<PathBuf, &'static str> {
    let target = std::fs::read_link(path).map_err(|_| "could not be read")?;
    let resolved = path.canonicalize().map_err(|_| "a broken link")?;
    let out = "a link out of the project";
    if !resolved.starts_with(root) || target.is_absolute() {
        return Err(out);
    }
    // One that leaves the project and comes back by name would lead from the port to the original.
    let mut depth = relative.matches('/').count();
    for part in target.components() {
        match part {
            Component::ParentDir => depth = depth.checked_sub(1).ok_or(out)?,
            Component::Normal(_) => depth += 1,
            _ => {}
        }
    }
    Ok(target)
}

/// The path that a walk could not go into.
fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            path_of(err)
        }
        _ => None,
    }
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
        assert!(found.links.contains_key("app/loop"));
        let out: Vec<&str> = found.left_out.keys().map(String::as_str).collect();
        assert_eq!(
            out,
            [".git/", "app/__pycache__/", "c.txt", "data/", "venv/"]
        );
    }

    #[test]
    fn what_is_left_out_has_its_own_reason() {
        use std::os::unix::ffi::OsStrExt as _;
        use std::os::unix::fs::symlink;
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("app");
        std::fs::create_dir(&root).unwrap();
        std::fs::write(root.join("a.txt"), "x").unwrap();
        std::fs::write(root.join(std::ffi::OsStr::from_bytes(b"n\xff")), "x").unwrap();
        symlink("nowhere", root.join("broken")).unwrap();
        symlink("../app/a.txt", root.join("back")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(root.join("socket")).unwrap();
        let found = list(&root);
        assert_eq!(found.files, ["a.txt"]);
        assert!(found.links.is_empty());
        let reasons: Vec<(&str, &str)> = found
            .left_out
            .iter()
            .map(|(k, v)| (k.as_str(), v.as_str()))
            .collect();
        assert_eq!(
            reasons,
            [
                ("back", "a link out of the project"),
                ("broken", "a broken link"),
                ("n\u{fffd}", "its name is not UTF-8"),
                ("socket", "not a regular file"),
            ]
        );
    }
}
