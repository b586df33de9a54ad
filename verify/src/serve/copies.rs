//! Copies of trees: each side runs in its own, so that what it writes stays there.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File, FileTimes, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Component, Path, PathBuf};

/// Folders at an app's root that are no part of it: version control of its source. Further down they are data, as of a wiki.
const VERSION_CONTROL: &[&str] = &[".git", ".hg", ".svn", ".bzr"];

/// Folders that are no part of an app, by name: caches and what tools install.
const LEFT_OUT: &[&str] = &[
    "__pycache__",
    "node_modules",
    ".tox",
    ".nox",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".hypothesis",
];

/// How a folder that may be made anew at any time says so (<https://bford.info/cachedir/>); Cargo's `target` does.
const CACHE_TAG: &[u8] = b"Signature: 8a477f597d28d172789f06886806bc55";

/// A file that could not be copied.
#[derive(Debug)]
pub struct CopyError {
    /// The file or folder.
    pub path: PathBuf,
    /// Why.
    pub error: io::Error,
}

impl fmt::Display for CopyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} cannot be copied: {}",
            self.path.display(),
            self.error
        )
    }
}

impl std::error::Error for CopyError {}

impl CopyError {
    /// What to do about it.
    #[must_use]
    pub fn mend(&self) -> &'static str {
        match self.error.kind() {
            io::ErrorKind::PermissionDenied => "make it readable, or move it out of the app",
            io::ErrorKind::StorageFull => "make room, or set TMPDIR to a disk with room",
            _ => "check the file and the folder for temporary files (TMPDIR)",
        }
    }
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> CopyError {
    let path = path.to_owned();
    |error| CopyError { path, error }
}

/// Copies a tree into `to`, a folder that exists or can be made: content, permissions and modification times
/// (`Last-Modified` and `ETag` of static files depend on them: werkzeug/utils.py, `send_file`).
///
/// A symbolic link stays one when it points into the tree; otherwise what it points at is copied. Version control of the
/// tree itself, virtual environments, caches and the records of a port (`.migrate`) are left out; so is what is neither
/// file, folder nor link.
///
/// # Errors
/// [`CopyError`], at the first file that cannot be read or written.
pub fn copy(from: &Path, to: &Path) -> Result<(), CopyError> {
    let from = from.canonicalize().map_err(at(from))?;
    fs::create_dir_all(to).map_err(at(to))?;
    let to = to.canonicalize().map_err(at(to))?;
    let work = Work {
        from: &from,
        to: &to,
    };
    work.folder(&from, &to, &mut Vec::new())
}

/// Whether a folder below `root` is none of an app's own: by its name, as a virtual environment, as a cache.
pub(super) fn is_left_out(root: &Path, folder: &Path) -> bool {
    let is_one_of = |names: &[&str]| {
        let name = folder.file_name();
        name.is_some_and(|n| names.iter().any(|l| n == *l))
    };
    let versions = folder.parent() == Some(root) && is_one_of(VERSION_CONTROL);
    versions || is_one_of(LEFT_OUT) || folder.join("pyvenv.cfg").is_file() || is_cache(folder)
}

fn is_cache(folder: &Path) -> bool {
    let mut start = Vec::new();
    File::open(folder.join("CACHEDIR.TAG")).is_ok_and(|f| {
        let read = f.take(CACHE_TAG.len() as u64).read_to_end(&mut start);
        read.is_ok() && start == CACHE_TAG
    })
}

/// A tree that is being copied.
struct Work<'a> {
    from: &'a Path,
    to: &'a Path,
}

impl Work<'_> {
    /// Copies a folder; `above` are those that links have led out of, for links that go round.
    fn folder(&self, from: &Path, to: &Path, above: &mut Vec<PathBuf>) -> Result<(), CopyError> {
        fs::create_dir_all(to).map_err(at(to))?;
        let mut entries = fs::read_dir(from)
            .and_then(Iterator::collect::<io::Result<Vec<_>>>)
            .map_err(at(from))?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let (from, to) = (entry.path(), to.join(entry.file_name()));
            let kind = entry.file_type().map_err(at(&from))?;
            if kind.is_symlink() {
                self.link(&from, &to, above)?;
            } else if kind.is_dir() {
                let records = from == self.from.join(".migrate");
                if !records && from != self.to && !is_left_out(self.from, &from) {
                    self.folder(&from, &to, above)?;
                }
            } else if kind.is_file() {
                file(&from, &to).map_err(at(&from))?;
            }
        }
        let meta = fs::metadata(from).map_err(at(from))?;
        // Its owner may write, so that the copy can be removed.
        let mode = fs::Permissions::from_mode(meta.permissions().mode() | 0o700);
        fs::set_permissions(to, mode)
            .and_then(|()| set_time(to, &meta))
            .map_err(at(to))
    }

    fn link(&self, from: &Path, to: &Path, above: &mut Vec<PathBuf>) -> Result<(), CopyError> {
        let text = fs::read_link(from).map_err(at(from))?;
        let Ok(target) = from.canonicalize() else {
            // It points nowhere, and does so in the copy.
            return symlink(text, to).map_err(at(to));
        };
        if let Ok(inside) = target.strip_prefix(self.from) {
            let text = if self.stays(from, &text) {
                text
            } else {
                self.to.join(inside)
            };
            return symlink(text, to).map_err(at(to));
        }
        if target.is_file() {
            return file(&target, to).map_err(at(&target));
        }
        let goes_round = self.from.starts_with(&target) || above.contains(&target);
        if target.is_dir() && !goes_round && !is_left_out(self.from, &target) {
            above.push(target.clone());
            self.folder(&target, to, above)?;
            above.pop();
        }
        Ok(())
    }

    /// Whether a link's text leads from its folder to its target without leaving the tree on the way, so that it means the same in the copy.
    fn stays(&self, link: &Path, text: &Path) -> bool {
        let Some(folder) = link.parent().and_then(|p| p.strip_prefix(self.from).ok()) else {
            return false;
        };
        let mut depth = folder.components().count();
        text.components().all(|part| match part {
            Component::Normal(_) => {
                depth += 1;
                true
            }
            Component::CurDir => true,
            Component::ParentDir => {
                let inside = depth > 0;
                depth = depth.saturating_sub(1);
                inside
            }
            Component::RootDir | Component::Prefix(_) => false,
        })
    }
}

/// Copies a file with permissions and modification time, over one that is there.
pub(super) fn file(from: &Path, to: &Path) -> io::Result<()> {
    if to.symlink_metadata().is_ok() {
        fs::remove_file(to)?;
    }
    fs::copy(from, to)?;
    set_time(to, &fs::metadata(from)?)
}

fn set_time(path: &Path, like: &Metadata) -> io::Result<()> {
    // Its owner may set times without a right to write.
    File::open(path)?.set_times(FileTimes::new().set_modified(like.modified()?))
}

/// Gives each file of a port's copy the modification time of its counterpart in the original's, where both hold the
/// same bytes: a static file then has the same `Last-Modified` and `ETag` on all sides. The
/// counterpart has the same path, or the one that `copied` (port's path to original's, with `/`) names.
///
/// # Errors
/// [`CopyError`] for a file that cannot be read.
pub fn level_times(
    original: &Path,
    port: &Path,
    copied: &BTreeMap<String, String>,
) -> Result<(), CopyError> {
    for path in files(port).map_err(at(port))? {
        let source = path
            .to_str()
            .and_then(|p| copied.get(p))
            .map_or(path.as_path(), Path::new);
        let (ours, theirs) = (port.join(&path), original.join(source));
        let Ok(meta) = fs::metadata(&theirs) else {
            continue;
        };
        if meta.is_file() && same(&ours, &theirs).map_err(at(&ours))? {
            set_time(&ours, &meta).map_err(at(&ours))?;
        }
    }
    Ok(())
}

/// Whether two files hold the same bytes.
fn same(a: &Path, b: &Path) -> io::Result<bool> {
    if fs::metadata(a)?.len() != fs::metadata(b)?.len() {
        return Ok(false);
    }
    let (mut a, mut b) = (File::open(a)?, File::open(b)?);
    let (mut left, mut right) = (Vec::new(), Vec::new());
    loop {
        left.clear();
        right.clear();
        Read::by_ref(&mut a).take(1 << 16).read_to_end(&mut left)?;
        Read::by_ref(&mut b).take(1 << 16).read_to_end(&mut right)?;
        if left != right || left.is_empty() {
            return Ok(left == right);
        }
    }
}

/// Every regular file of a tree, relative, sorted; what a copy leaves out is left out.
pub(super) fn files(root: &Path) -> io::Result<Vec<PathBuf>> {
    let mut out = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root.join(&folder))? {
            let entry = entry?;
            let path = folder.join(entry.file_name());
            let kind = entry.file_type()?;
            if kind.is_file() {
                out.push(path);
            } else if kind.is_dir() && !is_left_out(root, &entry.path()) {
                folders.push(path);
            }
        }
    }
    out.sort();
    Ok(out)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    fn write(root: &Path, path: &str, text: &str) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn age(path: &Path, seconds: u64) -> SystemTime {
        let time = SystemTime::UNIX_EPOCH + Duration::new(seconds, 123_456_789);
        let times = FileTimes::new().set_modified(time);
        File::open(path).unwrap().set_times(times).unwrap();
        time
    }

    fn modified(path: &Path) -> SystemTime {
        fs::metadata(path).unwrap().modified().unwrap()
    }

    #[test]
    fn what_is_an_apps_own_is_copied_with_its_times() {
        let place = tempfile::tempdir().unwrap();
        let (from, to) = (place.path().join("app"), place.path().join("copy"));
        for path in [
            "app.py",
            "static/style.css",
            "target/page.html",
            "sub/.migrate/kept",
            ".git/config",
            "wiki/.git/config",
            ".migrate/port.json",
            "pkg/__pycache__/a.pyc",
            "front/node_modules/x.js",
            "myenv/pyvenv.cfg",
            "myenv/bin/python",
            "native/target/debug/app",
        ] {
            write(&from, path, path);
        }
        write(
            &from,
            "native/target/CACHEDIR.TAG",
            "Signature: 8a477f597d28d172789f06886806bc55\n# by cargo",
        );
        fs::create_dir(from.join("empty")).unwrap();
        let css = from.join("static/style.css");
        fs::set_permissions(&css, fs::Permissions::from_mode(0o440)).unwrap();
        let time = age(&css, 1_000_000);
        copy(&from, &to).unwrap();
        let paths = files(&to).unwrap();
        let paths: Vec<&str> = paths.iter().map(|p| p.to_str().unwrap()).collect();
        assert_eq!(
            paths,
            [
                "app.py",
                "static/style.css",
                "sub/.migrate/kept",
                "target/page.html",
                "wiki/.git/config"
            ]
        );
        assert!(to.join("empty").is_dir() && !to.join("myenv").exists());
        let css = to.join("static/style.css");
        assert_eq!(modified(&css), time);
        let mode = fs::metadata(&css).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o440);
    }

    #[test]
    fn links_mean_in_the_copy_what_they_meant() {
        let place = tempfile::tempdir().unwrap();
        let (from, to) = (place.path().join("app"), place.path().join("copy"));
        write(&from, "a/one.txt", "one");
        write(place.path(), "outside/two.txt", "two");
        let link = |text: &Path, name: &str| symlink(text, from.join(name)).unwrap();
        link(Path::new("a/one.txt"), "relative");
        link(Path::new("../app/a/one.txt"), "around");
        link(&from.join("a/one.txt"), "absolute");
        link(Path::new("../outside/two.txt"), "file");
        link(Path::new("../outside"), "folder");
        link(Path::new("nowhere"), "dangling");
        link(Path::new(".."), "up");
        symlink("..", place.path().join("outside/round")).unwrap();
        copy(&from, &to).unwrap();
        fs::remove_dir_all(&from).unwrap();
        fs::remove_dir_all(place.path().join("outside")).unwrap();
        for (name, text) in [
            ("relative", "one"),
            ("around", "one"),
            ("absolute", "one"),
            ("file", "two"),
            ("folder/two.txt", "two"),
        ] {
            let read = fs::read_to_string(to.join(name));
            assert_eq!(read.ok().as_deref(), Some(text), "{name}");
        }
        let is_link = |name: &str| to.join(name).is_symlink();
        assert!(is_link("relative") && is_link("around") && is_link("dangling"));
        assert!(!is_link("file") && !to.join("up").exists());
    }

    #[test]
    fn equal_files_get_equal_times() {
        let place = tempfile::tempdir().unwrap();
        let (original, port) = (place.path().join("o"), place.path().join("p"));
        for (folder, path, text, seconds) in [
            (&original, "static/a.css", "a", 1),
            (&port, "static/a.css", "a", 2),
            (&original, "static/b.css", "b", 3),
            (&port, "static/b.css", "c", 4),
            (&original, "app/templates/t.html", "t", 5),
            (&port, "templates/t.html", "t", 6),
            (&port, "new.py", "n", 7),
        ] {
            write(folder, path, text);
            age(&folder.join(path), seconds);
        }
        let copied = BTreeMap::from([("templates/t.html".into(), "app/templates/t.html".into())]);
        level_times(&original, &port, &copied).unwrap();
        let second = |path: &str| {
            let since = modified(&port.join(path)).duration_since(SystemTime::UNIX_EPOCH);
            since.unwrap().as_secs()
        };
        assert_eq!(second("static/a.css"), 1);
        assert_eq!(second("static/b.css"), 4, "it differs");
        assert_eq!(second("templates/t.html"), 5);
        assert_eq!(second("new.py"), 7);
    }
}
