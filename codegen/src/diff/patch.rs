//! A patch that `git apply` accepts on a copy of the original.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use similar::{ChangeTag, TextDiff};

use super::{Comparison, FilePair};

/// After a line without an end.
const NO_END: &str = "\n\\ No newline at end of file\n";

/// The whole port as one patch, `.migrate/` left out.
#[must_use]
pub fn patch(comparison: &Comparison) -> Vec<u8> {
    let mut out = Vec::new();
    for (path, pair) in &comparison.files {
        file(path, pair, &mut out);
    }
    moves(comparison, &mut out);
    out
}

/// Copies under another path: the last one of a file that the port does not have is that file, renamed.
fn moves(comparison: &Comparison, out: &mut Vec<u8>) {
    let mut by_source: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (path, source) in &comparison.moved {
        by_source.entry(source).or_default().push(path);
    }
    for (source, paths) in by_source {
        let stays = comparison.document.files.contains_key(source);
        for (i, path) in paths.iter().enumerate() {
            let word = if stays || i + 1 < paths.len() {
                "copy"
            } else {
                "rename"
            };
            out.extend(
                format!(
                    "diff --git {} {}\nsimilarity index 100%\n{word} from {}\n{word} to {}\n",
                    quoted("a/", source),
                    quoted("b/", path),
                    quoted("", source),
                    quoted("", path)
                )
                .into_bytes(),
            );
        }
    }
}

fn file(path: &str, pair: &FilePair, out: &mut Vec<u8>) {
    let mut head = format!("diff --git {} {}\n", quoted("a/", path), quoted("b/", path));
    match (&pair.before, &pair.after) {
        (None, Some(after)) => {
            head.push_str("new file mode 100644\n");
            out.extend(head.into_bytes());
            whole(
                &format!("--- /dev/null\n+++ {}", quoted("b/", path)),
                '+',
                after,
                out,
            );
        }
        (Some(before), None) => {
            head.push_str("deleted file mode 100644\n");
            out.extend(head.into_bytes());
            whole(
                &format!("--- {}\n+++ /dev/null", quoted("a/", path)),
                '-',
                before,
                out,
            );
        }
        (Some(before), Some(after)) => {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            edited(path, &text(before), &text(after), &mut head);
            out.extend(head.into_bytes());
        }
        (None, None) => {}
    }
}

/// A file that is new or gone, byte for byte whatever its encoding.
fn whole(head: &str, sign: char, bytes: &[u8], out: &mut Vec<u8>) {
    if bytes.is_empty() {
        return;
    }
    let lines: Vec<&[u8]> = bytes.split_inclusive(|b| *b == b'\n').collect();
    let (none, all) = (range(&(0..0)), range(&(0..lines.len())));
    let (old, new) = if sign == '-' {
        (all, none)
    } else {
        (none, all)
    };
    out.extend(format!("{head}\n@@ -{old} +{new} @@\n").into_bytes());
    for line in lines {
        out.push(sign as u8);
        out.extend(line);
        if !line.ends_with(b"\n") {
            out.extend(NO_END.bytes());
        }
    }
}

fn edited(path: &str, before: &str, after: &str, out: &mut String) {
    if before == after {
        return;
    }
    let _ = writeln!(
        out,
        "--- {}\n+++ {}",
        quoted("a/", path),
        quoted("b/", path)
    );
    let diff = TextDiff::from_lines(before, after);
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
                    out.push_str(NO_END);
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
    use std::path::Path;
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
            install: None,
            start: None,
            summary: model::Summary::default(),
        };
        Comparison {
            document,
            files,
            moved: BTreeMap::new(),
            pairs: Vec::new(),
        }
    }

    fn apply(dir: &Path, comparison: &Comparison) {
        let patch = patch(comparison);
        std::fs::write(dir.join("the.patch"), &patch).unwrap();
        let result = Command::new("git")
            .args(["apply", "--whitespace=nowarn", "the.patch"])
            .current_dir(dir)
            .env("GIT_CEILING_DIRECTORIES", dir)
            .output()
            .unwrap();
        assert!(
            result.status.success(),
            "{}\n{}",
            String::from_utf8_lossy(&result.stderr),
            String::from_utf8_lossy(&patch)
        );
    }

    fn check(path: &str, before: Option<&str>, after: Option<&str>) {
        check_bytes(path, before.map(str::as_bytes), after.map(str::as_bytes));
    }

    fn check_bytes(path: &str, before: Option<&[u8]>, after: Option<&[u8]>) {
        let dir = tempfile::tempdir().unwrap();
        let full = dir.path().join(path);
        std::fs::create_dir_all(full.parent().unwrap()).unwrap();
        if let Some(bytes) = before {
            std::fs::write(&full, bytes).unwrap();
        }
        let pair = FilePair {
            before: before.map(<[u8]>::to_vec),
            after: after.map(<[u8]>::to_vec),
        };
        apply(
            dir.path(),
            &comparison(BTreeMap::from([(path.to_owned(), pair)])),
        );
        assert_eq!(std::fs::read(&full).ok().as_deref(), after);
    }

    #[test]
    fn whole_files_of_any_bytes() {
        check("a.py", Some(""), None);
        check("a.py", None, Some(""));
        check("a.py", Some("a\nb"), None);
        check("a.py", None, Some("a\r\nb\rc"));
        check_bytes("a.py", Some(b"# \xe9\n\x00\n"), None);
        check_bytes("a.bin", None, Some(b"\xff\x00\n\n\xfe"));
    }

    #[test]
    fn copies_under_another_path() {
        let dir = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &[u8]| {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("app/templates/a b.html", b"a\n");
        write("app/static/x.png", b"\x00\xff");
        write("README", b"r\n");
        let mut comparison = comparison(BTreeMap::new());
        for (path, source) in [
            ("templates/a b.html", "app/templates/a b.html"),
            ("static/x.png", "app/static/x.png"),
            ("static/y.png", "app/static/x.png"),
            ("docs/README", "README"),
        ] {
            comparison.moved.insert(path.into(), source.into());
        }
        comparison
            .document
            .files
            .insert("README".into(), String::new());
        apply(dir.path(), &comparison);
        let read = |path: &str| std::fs::read(dir.path().join(path)).ok();
        assert_eq!(read("templates/a b.html").as_deref(), Some(&b"a\n"[..]));
        assert_eq!(read("static/x.png").as_deref(), Some(&b"\x00\xff"[..]));
        assert_eq!(read("static/x.png"), read("static/y.png"));
        assert_eq!(read("README"), read("docs/README"));
        assert_eq!(read("app/templates/a b.html"), None);
        assert_eq!(read("app/static/x.png"), None);
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
