//! Times of installed files.
//!
//! Packages bring files that apps serve (style sheets, pictures); their `Last-Modified` and `ETag` tell when they were
//! installed, which is no property of an app.

use std::fs::{self, File, FileTimes};
use std::path::Path;
use std::time::{Duration, SystemTime};

/// 1 January 2020, as if everything had been installed then.
const INSTALLED: Duration = Duration::from_secs(1_577_836_800);

/// Gives every file below a folder one and the same time, except what Python compiles: a `.pyc` holds its source's time. What
/// cannot be changed stays; its headers are a difference then, and seen.
pub(super) fn level(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    let times = FileTimes::new().set_modified(SystemTime::UNIX_EPOCH + INSTALLED);
    for entry in entries.flatten() {
        let Ok(kind) = entry.file_type() else {
            continue;
        };
        let path = entry.path();
        if kind.is_dir() {
            if path.file_name().is_some_and(|name| name != "__pycache__") {
                level(&path);
            }
        } else if kind.is_file() && path.extension().is_none_or(|e| e != "py" && e != "pyc") {
            let _ = File::open(&path).and_then(|file| file.set_times(times));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_have_one_time_and_sources_their_own() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir_all(path("site-packages/__pycache__")).unwrap();
        let names = [
            "site-packages/a.css",
            "site-packages/a.py",
            "site-packages/__pycache__/a.pyc",
        ];
        for name in names {
            fs::write(path(name), "x").unwrap();
        }
        level(folder.path());
        let changed = names.map(|name| {
            let modified = fs::metadata(path(name)).unwrap().modified().unwrap();
            modified == SystemTime::UNIX_EPOCH + INSTALLED
        });
        assert_eq!(changed, [true, false, false]);
    }
}
