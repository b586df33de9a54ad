//! Which files can matter: those that name the framework, closed over the import graph.
//!
//! The seed is every file with one of the framework's words in it. That alone is unsound: a module
//! that imports the project's own wrapper of a blueprint need not name the framework. So three
//! more kinds are kept:
//!
//! - files that import a kept file and have a word of registration in them,
//! - files that a registering file imports: constants, base classes, wrappers; through files that
//!   register themselves, transitively,
//! - every package `__init__` on the way to a kept file, since importing runs it.

use std::collections::HashMap;

use aho_corasick::AhoCorasick;

/// The framework's own words.
const SEEDS: &[&str] = &["flask", "Flask", "quart", "Quart", "werkzeug"];

/// Words without which a file registers nothing.
const REGISTRATION: &[&str] = &[
    "route(",
    "add_url_rule",
    "register_blueprint",
    "Blueprint",
    "expose(",
    "MethodView",
    "as_view",
    "url_prefix",
    "Resource",
    "add_resource",
    "add_view",
    "add_api",
    "Flask(",
    "Quart(",
    "create_app",
];

/// A file as the filter sees it.
pub(super) struct Candidate<'a> {
    /// Dotted import name.
    pub name: &'a str,
    /// Is an `__init__.py`.
    pub is_package: bool,
    /// Its bytes.
    pub bytes: &'a [u8],
}

/// Which of the files are kept.
pub(super) fn keep(files: &[Candidate<'_>]) -> Vec<bool> {
    use rayon::prelude::*;
    let seeds = AhoCorasick::new(SEEDS).expect("the words are plain");
    let words = AhoCorasick::new(REGISTRATION).expect("the words are plain");
    let is_seed: Vec<bool> = files.par_iter().map(|f| seeds.is_match(f.bytes)).collect();
    let registers: Vec<bool> = files.par_iter().map(|f| words.is_match(f.bytes)).collect();
    let mut by_name: HashMap<&str, usize> = HashMap::new();
    let mut by_tail: HashMap<&str, Vec<usize>> = HashMap::new();
    for (i, file) in files.iter().enumerate() {
        by_name.entry(file.name).or_insert(i);
        by_tail
            .entry(file.name.rsplit('.').next().unwrap_or(""))
            .or_default()
            .push(i);
    }
    let resolve = |dotted: &str| -> Option<usize> {
        by_name.get(dotted).copied().or_else(|| {
            let tail = dotted.rsplit('.').next()?;
            let suffix = format!(".{dotted}");
            by_tail
                .get(tail)?
                .iter()
                .copied()
                .find(|&i| files[i].name.ends_with(&suffix))
        })
    };
    // Edges are read only of files that can pull others in: registering ones.
    let edges: Vec<Vec<usize>> = (0..files.len())
        .into_par_iter()
        .map(|i| {
            if !is_seed[i] && !registers[i] {
                return Vec::new();
            }
            let mut out: Vec<usize> = imports(&files[i])
                .iter()
                .filter_map(|name| resolve(name))
                .filter(|&j| j != i)
                .collect();
            out.sort_unstable();
            out.dedup();
            out
        })
        .collect();
    let mut kept = is_seed.clone();
    // Importers of kept files that register something, until nothing changes.
    // A wrapper is a seed that registers: whoever imports a mere user of the framework does not.
    loop {
        let mut changed = false;
        for i in 0..files.len() {
            if !kept[i] && registers[i] && edges[i].iter().any(|&j| kept[j] && registers[j]) {
                kept[i] = true;
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    // What registering files import, transitively.
    let mut pending: Vec<usize> = (0..files.len())
        .filter(|&i| kept[i] && registers[i])
        .collect();
    let mut seen = vec![false; files.len()];
    while let Some(i) = pending.pop() {
        if std::mem::replace(&mut seen[i], true) {
            continue;
        }
        kept[i] = true;
        // What neither names the framework nor registers holds constants at most: it is kept, and
        // what it imports is not.
        if registers[i] {
            pending.extend(edges[i].iter().copied().filter(|&j| !seen[j]));
        }
    }
    // Packages around kept files.
    for i in 0..files.len() {
        if kept[i] {
            let mut name = files[i].name;
            while let Some((up, _)) = name.rsplit_once('.') {
                if let Some(&j) = by_name.get(up) {
                    kept[j] = true;
                }
                name = up;
            }
        }
    }
    kept
}

/// The dotted names that a file imports, read from its import lines.
fn imports(file: &Candidate<'_>) -> Vec<String> {
    let mut out = Vec::new();
    let package: &str = if file.is_package {
        file.name
    } else {
        file.name.rsplit_once('.').map_or("", |(p, _)| p)
    };
    let bytes = file.bytes;
    let mut at = 0;
    while at < bytes.len() {
        let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |i| at + i);
        let line = bytes[at..end].trim_ascii_start();
        at = end + 1;
        if !(line.starts_with(b"from ") || line.starts_with(b"import ")) {
            continue;
        }
        let mut text = String::from_utf8_lossy(line).into_owned();
        // A parenthesised list goes on.
        if text.contains('(') && !text.contains(')') {
            let close = memchr::memchr(b')', &bytes[end..]).map_or(end, |i| end + i);
            if close - end < 20_000 {
                text.push_str(&String::from_utf8_lossy(&bytes[end..close]).replace('\n', " "));
            }
        } else if text.trim_end().ends_with('\\') {
            let next = memchr::memchr(b'\n', bytes.get(at..).unwrap_or(&[]))
                .map_or(bytes.len(), |i| at + i);
            text.push_str(&String::from_utf8_lossy(&bytes[at.min(next)..next]));
        }
        if let Some(rest) = text.strip_prefix("import ") {
            for name in rest.split(',') {
                if let Some(name) = name.split_whitespace().next() {
                    out.push(name.to_owned());
                }
            }
            continue;
        }
        let Some((module, names)) = text[5..].split_once(" import") else {
            continue;
        };
        let module = module.trim();
        let dots = module.len() - module.trim_start_matches('.').len();
        let base = if dots == 0 {
            module.to_owned()
        } else {
            let mut base = package;
            for _ in 1..dots {
                base = base.rsplit_once('.').map_or("", |(up, _)| up);
            }
            match (base, &module[dots..]) {
                (b, "") => b.to_owned(),
                ("", m) => m.to_owned(),
                (b, m) => format!("{b}.{m}"),
            }
        };
        for name in names.split([',', '(', ')', '\\']) {
            if let Some(name) = name
                .split('#')
                .next()
                .and_then(|n| n.split_whitespace().next())
            {
                out.push(if base.is_empty() {
                    name.to_owned()
                } else {
                    format!("{base}.{name}")
                });
            }
        }
        if !base.is_empty() {
            out.push(base);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closure() {
        let files = [
            ("pkg", true, ""),
            ("pkg.wrap", false, "from flask import Blueprint\n"),
            ("pkg.consts", false, "PREFIX = '/a'\n"),
            (
                "pkg.views",
                false,
                "from .wrap import (\n  Thing,\n)\nfrom . import consts\n@x.route('/')\n",
            ),
            ("pkg.other", false, "import os\n"),
        ];
        let list: Vec<Candidate<'_>> = files
            .iter()
            .map(|(name, is_package, text)| Candidate {
                name,
                is_package: *is_package,
                bytes: text.as_bytes(),
            })
            .collect();
        assert_eq!(keep(&list), [true, true, true, true, false]);
    }
}
