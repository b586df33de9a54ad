//! Golden ports: `UPDATE_GOLDENS=1 cargo test -p cli --test goldens` refreshes them.

mod support;

use std::fs;

use support::{migrate_ok, tree, workspace};

#[test]
fn blog_to_fastapi() {
    golden("blog", "fastapi");
}

#[test]
fn blog_to_robyn() {
    golden("blog", "robyn");
}

#[test]
fn podcast_to_robyn() {
    golden("podcast", "robyn");
}

#[test]
fn blog_to_starlette() {
    golden("blog", "starlette");
}

#[test]
fn podcast_to_fastapi() {
    golden("podcast", "fastapi");
}

#[test]
fn podcast_to_starlette() {
    golden("podcast", "starlette");
}

#[test]
fn blog_to_axum() {
    golden("blog", "axum");
}

/// What was written for this app alone: the support files are those of the blog's port.
#[test]
fn shop_to_axum() {
    golden("shop", "axum");
}

/// The port of a fixture, as it stands beside it.
fn golden(app: &str, target: &str) {
    let name = format!("{app}-{target}");
    let fixtures = workspace().join("fixtures");
    let dir = tempfile::tempdir().expect("a folder");
    let out = dir.path().join(&name);
    let out_text = out.to_str().expect("UTF-8");
    migrate_ok(&fixtures, &["port", app, "--to", target, "--out", out_text]);
    let golden = fixtures.join(&name);
    if app != "blog" {
        let support = ["flask_parity", "src/flask_parity"].map(|folder| out.join(folder));
        let support = support.iter().find(|folder| folder.exists());
        fs::remove_dir_all(support.expect("support files")).expect("a folder");
        fs::remove_dir_all(out.join(".migrate")).expect("records");
    }
    let made = tree::read(&out);
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        let _ = fs::remove_dir_all(&golden);
        tree::copy(&out, &golden);
        return;
    }
    let expected = tree::read(&golden);
    for (path, bytes) in &made {
        let wanted = expected
            .get(path)
            .unwrap_or_else(|| panic!("{path} is new"));
        let (made, wanted) = (
            String::from_utf8_lossy(bytes),
            String::from_utf8_lossy(wanted),
        );
        if made != wanted {
            let diff = similar::TextDiff::from_lines(&*wanted, &*made);
            panic!("{path} differs from its golden:\n{}", diff.unified_diff());
        }
    }
    for path in expected.keys() {
        assert!(made.contains_key(path), "{path} is gone");
    }
}
