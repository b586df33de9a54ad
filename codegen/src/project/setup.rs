//! Dependencies in setup.cfg and setup.py.

use super::manifests::Rewritten;
use super::requirements::{Dependencies, Share, package, quoted};

/// `install_requires` and extras of a setup.cfg, one requirement a line or several with `;` between; `None` when
/// nothing in it changes.
#[must_use]
pub(super) fn rewrite_cfg(
    text: &str,
    dependencies: &Dependencies,
    forced: bool,
) -> Option<Rewritten> {
    let mut out = Rewritten::default();
    let mut section = String::new();
    let mut lines = text.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        let row = line.trim();
        if let Some(name) = row.strip_prefix('[').and_then(|r| r.strip_suffix(']')) {
            section = name.trim().to_owned();
        }
        let own = section == "options" && is_key(line, "install_requires");
        let extra = section == "options.extras_require"
            && !line.starts_with([' ', '\t', '#', ';', '['])
            && line.contains('=');
        if !own && !extra {
            out.text.push_str(line);
            continue;
        }
        let mut block = vec![line];
        while let Some(next) = lines.next_if(|l| {
            l.starts_with([' ', '\t']) || l.starts_with(['#', ';']) || l.trim().is_empty()
        }) {
            block.push(next);
        }
        // Blank lines before the next key are nobody's.
        let end = block
            .iter()
            .rposition(|l| !l.trim().is_empty())
            .unwrap_or(0);
        let behind: String = block.split_off(end + 1).concat();
        let share = share(&block[1..], dependencies, own && forced);
        out.whole |= share == Share::All;
        out.text.push_str(&cfg_list(&block, dependencies, share));
        out.text.push_str(&behind);
    }
    (out.text != text).then_some(out)
}

fn is_key(line: &str, key: &str) -> bool {
    line.strip_prefix(key)
        .is_some_and(|rest| rest.trim_start().starts_with('='))
}

fn share(lines: &[&str], dependencies: &Dependencies, forced: bool) -> Share {
    if forced {
        Share::All
    } else {
        dependencies.share(lines.iter().map(|l| l.trim()))
    }
}

/// A key with its lines. One whose value stands beside it is left alone.
fn cfg_list(block: &[&str], dependencies: &Dependencies, share: Share) -> String {
    let kept: Vec<String> = block[1..]
        .iter()
        .filter(|l| !dependencies.removes(l))
        .filter_map(|l| package(l))
        .collect();
    let indent = block
        .get(1)
        .map_or("    ", |l| &l[..l.len() - l.trim_start().len()]);
    let end = if block[0].ends_with("\r\n") {
        "\r\n"
    } else {
        "\n"
    };
    let mut new: String = dependencies
        .requirements(&kept, share)
        .iter()
        .map(|r| format!("{indent}{r}{end}"))
        .collect();
    let mut out = block[0].to_owned();
    for line in &block[1..] {
        if dependencies.removes(line) {
            out.push_str(&std::mem::take(&mut new));
        } else {
            out.push_str(line);
        }
    }
    if !new.is_empty() && !out.ends_with('\n') {
        out.push_str(end);
    }
    out + &new
}

/// `install_requires=[…]` of a setup.py, when it is a list of texts and nothing else. `None` when there is none;
/// [`Rewritten::left`] says when there is one that is not.
#[must_use]
pub(super) fn rewrite_py(
    text: &str,
    dependencies: &Dependencies,
    forced: bool,
) -> Option<Rewritten> {
    let at = text.find("install_requires")?;
    let rest = text[at + "install_requires".len()..].trim_start();
    let rest = rest.strip_prefix('=')?.trim_start();
    let left = || {
        Some(Rewritten {
            text: text.to_owned(),
            whole: false,
            left: vec!["`install_requires`, which is no plain list".into()],
        })
    };
    if !rest.starts_with('[') {
        return left();
    }
    let start = text.len() - rest.len() + 1;
    let Some(items) = texts(text, start) else {
        return left();
    };
    let of = |item: &(usize, usize)| &text[item.0 + 1..item.1 - 1];
    let share = if forced {
        Share::All
    } else {
        dependencies.share(items.iter().map(of))
    };
    let present: Vec<String> = items
        .iter()
        .map(of)
        .filter(|r| !dependencies.removes(r))
        .filter_map(package)
        .collect();
    let new = dependencies.requirements(&present, share);
    let gone: Vec<&(usize, usize)> = items
        .iter()
        .filter(|item| dependencies.removes(of(item)))
        .collect();
    if gone.is_empty() && new.is_empty() {
        return None;
    }
    let anchor = gone.first().copied().or(items.last());
    let quote = anchor.map_or("\"", |(start, _)| &text[*start..=*start]);
    let line = anchor.map_or(0, |(start, _)| {
        text[..*start].rfind('\n').map_or(0, |i| i + 1)
    });
    let blanks = anchor.map_or("", |(start, _)| &text[line..*start]);
    let separator = if anchor.is_some() && blanks.trim().is_empty() && line > start {
        format!(",\n{blanks}")
    } else {
        ", ".to_owned()
    };
    let new: Vec<String> = new.iter().map(|r| quoted(r, quote)).collect();
    let mut new = new.join(&separator);
    let mut out = String::new();
    let mut from = 0;
    if gone.is_empty() {
        let at = anchor.map_or(start, |(_, end)| *end);
        let before = if anchor.is_some() {
            separator.as_str()
        } else {
            ""
        };
        out = format!("{}{before}{new}", &text[..at]);
        from = at;
    }
    for (item_start, item_end) in gone {
        let first = std::mem::take(&mut new);
        if first.is_empty() {
            // With the comma behind, and its line when nothing else is on it.
            let mut end = *item_end;
            let behind = text[end..].trim_start_matches([' ', '\t']);
            if let Some(behind) = behind.strip_prefix(',') {
                end = text.len() - behind.trim_start_matches([' ', '\t']).len();
            }
            let line = text[..*item_start].rfind('\n').map_or(0, |i| i + 1);
            let alone = text[line..*item_start].trim().is_empty() && line >= start;
            if alone && text[end..].starts_with('\n') {
                out.push_str(&text[from..line.max(from)]);
                end += 1;
            } else {
                out.push_str(&text[from..*item_start]);
            }
            from = end;
        } else {
            out.push_str(&text[from..*item_start]);
            out.push_str(&first);
            from = *item_end;
        }
    }
    out.push_str(&text[from..]);
    Some(Rewritten {
        text: out,
        whole: share == Share::All,
        left: Vec::new(),
    })
}

/// The texts of a list that begins at `start`, quotes included; `None` when there is anything else in it.
fn texts(text: &str, start: usize) -> Option<Vec<(usize, usize)>> {
    let mut out = Vec::new();
    let bytes = text.as_bytes();
    let mut at = start;
    let mut comma = true;
    loop {
        match *bytes.get(at)? {
            b']' => return Some(out),
            b'#' => at += text[at..].find('\n')?,
            b',' => {
                comma = true;
                at += 1;
            }
            quote @ (b'"' | b'\'') if comma => {
                let length = text[at + 1..].find(quote as char)?;
                let inside = &text[at + 1..at + 1 + length];
                if length == 0 || inside.contains(['\\', '\n']) {
                    return None;
                }
                out.push((at, at + length + 2));
                at += length + 2;
                comma = false;
            }
            c if c.is_ascii_whitespace() => at += 1,
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dependencies() -> Dependencies {
        Dependencies {
            remove: vec!["flask".into(), "gunicorn".into()],
            add: vec![
                ("fastapi".into(), "==1".into()),
                ("uvicorn".into(), "==2".into()),
            ],
        }
    }

    #[test]
    fn cfg() {
        let new = |text: &str| rewrite_cfg(text, &dependencies(), false).map(|r| r.text);
        assert_eq!(
            new("[metadata]\nname = x\n\n[options]\ninstall_requires =\n    Flask>=2\n    # a comment\n    gunicorn\n    requests\n\n[options.extras_require]\nprod =\n    gunicorn\ntest = pytest\n")
                .unwrap(),
            "[metadata]\nname = x\n\n[options]\ninstall_requires =\n    fastapi==1\n    uvicorn==2\n    # a comment\n    requests\n\n[options.extras_require]\nprod =\n    uvicorn==2\ntest = pytest\n"
        );
        assert_eq!(new("[options]\npackages = find:\n"), None);
        assert_eq!(new("[x]\ninstall_requires =\n  flask\n"), None);
    }

    #[test]
    fn py() {
        let new = |text: &str| rewrite_py(text, &dependencies(), false);
        for (before, after) in [
            (
                "setup(\n    install_requires=[\n        'flask',  # web\n        'gunicorn',\n        'x',\n    ],\n)\n",
                "setup(\n    install_requires=[\n        'fastapi==1',\n        'uvicorn==2',  # web\n        'x',\n    ],\n)\n",
            ),
            (
                "setup(install_requires=[\"x\", \"flask\", \"gunicorn\"])",
                "setup(install_requires=[\"x\", \"fastapi==1\", \"uvicorn==2\", ])",
            ),
        ] {
            assert_eq!(new(before).unwrap().text, after);
        }
        for left in [
            "setup(install_requires=read('r.txt'))",
            "setup(install_requires=['flask'] + MORE)",
            "setup(install_requires=['flask', VERSION])",
        ] {
            let found = new(left);
            if left.contains("+ MORE") {
                // The list itself is plain; what is added to it is not ours.
                assert!(found.unwrap().text.contains("fastapi"));
            } else {
                assert_eq!(found.unwrap().left.len(), 1, "{left}");
            }
        }
        assert_eq!(new("setup()"), None);
        assert_eq!(new("setup(install_requires=['x'])"), None);
    }
}
