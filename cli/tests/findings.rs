//! The pages of docs/findings, one a code. `UPDATE_GOLDENS=1 cargo test -p cli --test findings` refreshes them.

mod support;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use model::Code;
use support::{migrate_ok, workspace};

const INDEX: &str = "# Findings\n\nWhat `migrate` has to say about an app, by code. `migrate explain CODE` prints the same pages. They are made from \
the doc comments of `model/src/finding.rs`.\n\nFamilies: M00 input, M01 routes, M02 touches, M03 plan, M04 templates, M05 extensions, M06 servers, M07 security.\n\n| code | |\n|---|---|\n";

#[test]
fn one_page_a_code() {
    let folder = workspace().join("docs/findings");
    let mut pages = vec![];
    let mut index = INDEX.to_owned();
    for code in Code::ALL {
        let lines = code.page().lines();
        let body: String = lines
            .map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line)))
            .collect();
        let page = format!("# {code}\n\n{}\n", body.trim());
        let explained = migrate_ok(&workspace(), &["explain", code.name()]);
        assert_eq!(
            explained.trim(),
            page[2..]
                .trim()
                .replace("\n## ", "\n")
                .replacen("\n\n", "\n", 1)
        );
        let title = code.page().lines().next().unwrap_or("").trim();
        let _ = writeln!(index, "| [{0}]({0}.md) | {title} |", code.name());
        pages.push((format!("{}.md", code.name()), page));
    }
    pages.push(("README.md".to_owned(), index));
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("docs can be written");
        for (name, text) in &pages {
            fs::write(folder.join(name), text).expect("docs can be written");
        }
        return;
    }
    for (name, text) in &pages {
        let there = fs::read_to_string(folder.join(name)).unwrap_or_default();
        assert_eq!(&there, text, "docs/findings/{name} is stale");
    }
    let files: BTreeSet<String> = fs::read_dir(&folder)
        .expect("docs/findings")
        .filter_map(|e| e.ok()?.file_name().into_string().ok())
        .collect();
    assert_eq!(files, pages.into_iter().map(|(name, _)| name).collect());
}

/// A page says what a code means and what to do about it.
#[test]
fn pages_are_complete() {
    for code in Code::ALL {
        let page = code.page();
        assert!(page.contains("## What it means"), "{code}");
        assert!(page.contains("## What to do"), "{code}");
    }
}
