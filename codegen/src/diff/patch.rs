//! A patch that `git apply` accepts on a copy of the original.

use std::fmt::Write as _;

use similar::{ChangeTag, TextDiff};

use super::{Comparison, FilePair};

/// The whole port as one patch, `.migrate/` left out.
#[must_use]
pub fn patch(comparison: &Comparison) -> String {
    let mut out = String::new();
    for (path, pair) in &comparison.files {
        file(path, pair, &mut out);
    }
    out
}

fn file(path: &str, pair: &FilePair, out: &mut String) {
    let text = |b: &Option<Vec<u8>>| {
        b.as_deref()
            .map(|b| String::from_utf8_lossy(b).into_owned())
            .unwrap_or_default()
    };
    let (before, after) = (text(&pair.before), text(&pair.after));
    let _ = writeln!(
        out,
        "diff --git {} {}",
        quoted("a/", path),
        quoted("b/", path)
    );
    match (&pair.before, &pair.after) {
        (None, _) => {
            let _ = writeln!(out, "new file mode 100644");
        }
        (_, None) => {
            let _ = writeln!(out, "deleted file mode 100644");
        }
        _ => {}
    }
    if before == after {
        return;
    }
    let from = if pair.before.is_some() {
        quoted("a/", path)
    } else {
        "/dev/null".into()
    };
    let to = if pair.after.is_some() {
        quoted("b/", path)
    } else {
        "/dev/null".into()
    };
    let _ = writeln!(out, "--- {from}\n+++ {to}");
    let diff = TextDiff::from_lines(&before, &after);
    for group in diff.grouped_ops(3) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else {
            continue;
        };
        let old = first.old_range().start..last.old_range().end;
        let new = first.new_range().start..last.new_range().end;
        let _ = writeln!(out, "@@ -{} +{} @@", range(&old), range(&new));
        for op in &group {
            for change in diff.iter_changes(op) {
                let sign = match change.tag() {
                    ChangeTag::Equal => ' ',
                    ChangeTag::Delete => '-',
                    ChangeTag::Insert => '+',
                };
                let line = change.value();
                out.push(sign);
                out.push_str(line);
                if !line.ends_with('\n') {
                    out.push_str("\n\\ No newline at end of file\n");
                }
            }
        }
    }
}

fn range(r: &std::ops::Range<usize>) -> String {
    let len = r.end - r.start;
    let start = if len == 0 { r.start } else { r.start + 1 };
    if len == 1 {
        start.to_string()
    } else {
        format!("{start},{len}")
    }
}

/// A path as git writes it: in quotes, with octal escapes, when it holds odd characters.
fn quoted(prefix: &str, path: &str) -> String {
    let odd = path
        .bytes()
        .any(|b| b < 0x20 || b == b'"' || b == b'\\' || b >= 0x7f);
    if !odd {
        return format!("{prefix}{path}");
    }
    let mut out = format!("\"{prefix}");
    for b in path.bytes() {
        match b {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            0x20..0x7f => out.push(b as char),
            _ => {
                let _ = write!(out, "\\{b:03o}");
            }
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::process::Command;

    use model::PortDocument;
    use proptest::prelude::*;

    use super::*;

    fn comparison(files: BTreeMap<String, FilePair>) -> Comparison {
        let document = PortDocument {
            schema: String::new(),
            source: String::new(),
            target: String::new(),
            migrate_version: String::new(),
            functions: Vec::new(),
            routes: Vec::new(),
            deviations: Vec::new(),
            run: model::Run::default(),
            files: BTreeMap::new(),
            left_out: BTreeMap::new(),
            rewrites: BTreeMap::new(),
            copied: BTreeMap::new(),
            pairs: Vec::new(),
            summary: model::Summary::default(),
        };
        Comparison { document, files }
    }

    fn check(path: &str, before: Option<&str>, after: Option<&str>) {
        let dir = tempfile::tempdir().unwrap();
        let full = dir.path().join(path);
        std::fs::create_dir_all(full.parent().unwrap()).unwrap();
        if let Some(text) = before {
            std::fs::write(&full, text).unwrap();
        }
        let bytes = |s: Option<&str>| s.map(|s| s.as_bytes().to_vec());
        let pair = FilePair {
            before: bytes(before),
            after: bytes(after),
        };
        let patch = patch(&comparison(BTreeMap::from([(path.to_owned(), pair)])));
        let file = dir.path().join("the.patch");
        std::fs::write(&file, &patch).unwrap();
        let result = Command::new("git")
            .args(["apply", "--whitespace=nowarn", "the.patch"])
            .current_dir(dir.path())
            .env("GIT_CEILING_DIRECTORIES", dir.path())
            .output()
            .unwrap();
        assert!(
            result.status.success(),
            "{}\n{patch}",
            String::from_utf8_lossy(&result.stderr)
        );
        assert_eq!(
            std::fs::read_to_string(&full).ok().as_deref(),
            after,
            "{patch}"
        );
    }

    #[test]
    fn git_applies_it() {
        check("a.py", Some("a\nb\nc\n"), Some("a\nB\nc\nd\n"));
        check("a.py", Some("a\nb"), Some("a\nb\nc"));
        check("a.py", Some("a\r\nb\r\n"), Some("a\r\nB\r\n"));
        check("new/deep/x y.py", None, Some("x\n"));
        check("ünï\"code.py", Some("a\n"), Some("b\n"));
        check("a.py", Some("a\n"), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn git_applies_any_edit(
            before in proptest::collection::vec("[ab]{0,2}", 1..30),
            after in proptest::collection::vec("[ab]{0,2}", 1..30),
        ) {
            let (before, after) = (before.join("\n"), after.join("\n"));
            prop_assume!(before != after && !before.is_empty() && !after.is_empty());
            check("a.py", Some(&before), Some(&after));
        }
    }
}
