//! Trees of files that are read, and environments that are really made.

mod declarations;
mod making;

use std::fs;

use tempfile::TempDir;

/// A tree of files.
fn tree(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}
