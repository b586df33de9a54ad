//! Folders as data.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Every file below `root` by relative path; caches left out.
pub fn read(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut out = BTreeMap::new();
    collect(root, root, &mut out);
    out
}

fn collect(root: &Path, folder: &Path, out: &mut BTreeMap<String, Vec<u8>>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path
            .file_name()
            .is_some_and(|n| n == "__pycache__" || n == ".git")
        {
            continue;
        }
        if path.is_dir() {
            collect(root, &path, out);
        } else if let Ok(bytes) = fs::read(&path) {
            let relative = path.strip_prefix(root).expect("below the root");
            out.insert(relative.to_string_lossy().into_owned(), bytes);
        }
    }
}

/// Copies a folder.
pub fn copy(from: &Path, to: &Path) {
    for (path, bytes) in read(from) {
        let target = to.join(path);
        fs::create_dir_all(target.parent().expect("a parent")).expect("a folder");
        fs::write(target, bytes).expect("a file");
    }
}
