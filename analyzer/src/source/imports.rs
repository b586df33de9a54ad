//! What a file imports, read from its import lines without parsing it.

use memchr::memmem::Finder;

/// One name that a file imports.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Import<'a> {
    /// Leading dots.
    pub level: u32,
    /// The module, without its dots.
    pub module: &'a str,
    /// What is imported of it; `None` for `import module`.
    pub name: Option<&'a str>,
}

/// Finds import lines.
pub(super) struct Scanner {
    word: Finder<'static>,
}

/// A parenthesised list is not followed further than this, in bytes.
const LIST: usize = 20_000;

impl Scanner {
    pub(super) fn new() -> Self {
        Self {
            word: Finder::new("import"),
        }
    }

    /// Calls `see` with every name that the import lines of `bytes` name.
    pub(super) fn scan<'a>(&self, bytes: &'a [u8], mut see: impl FnMut(Import<'a>)) {
        let mut from = 0;
        while let Some(at) = self.word.find(&bytes[from..]).map(|i| from + i) {
            let start = memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |i| i + 1);
            let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |i| at + i);
            from = end;
            let line = bytes[start..end].trim_ascii_start();
            if !(line.starts_with(b"from ") || line.starts_with(b"import ")) {
                continue;
            }
            let end = statement_end(bytes, start, end);
            let Ok(text) = std::str::from_utf8(&bytes[start..end]) else {
                continue;
            };
            statement(text.trim_start(), &mut see);
            from = end;
        }
    }
}

/// Where the statement on `start..end` ends: it goes on within parentheses and after a backslash.
fn statement_end(bytes: &[u8], start: usize, end: usize) -> usize {
    let line = &bytes[start..end];
    if line.contains(&b'(') && !line.contains(&b')') {
        return memchr::memchr(b')', &bytes[end..])
            .filter(|&i| i < LIST)
            .map_or(end, |i| end + i);
    }
    let mut end = end;
    while bytes[..end].trim_ascii_end().ends_with(b"\\") && end < bytes.len() {
        end = memchr::memchr(b'\n', &bytes[end + 1..]).map_or(bytes.len(), |i| end + 1 + i);
    }
    end
}

fn statement<'a>(text: &'a str, see: &mut impl FnMut(Import<'a>)) {
    if let Some(rest) = text.strip_prefix("import ") {
        for module in rest.split(',').filter_map(|m| m.split_whitespace().next()) {
            see(Import {
                level: 0,
                module,
                name: None,
            });
        }
        return;
    }
    let Some((module, names)) = text["from ".len()..].split_once("import") else {
        return;
    };
    let module = module.trim();
    let name = module.trim_start_matches('.');
    let level = (module.len() - name.len()) as u32;
    for line in names.lines() {
        let line = line.split('#').next().unwrap_or("");
        for item in line.split([',', '(', ')', '\\']) {
            if let Some(item) = item.split_whitespace().next() {
                see(Import {
                    level,
                    module: name,
                    name: Some(item),
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements() {
        let text = "import os, a.b as c\n  from ..x import (\n  one,  # not, these\n  two as t)\n\
                    from y import p, \\\n   q\n# from z import r\nimportant = from_\n";
        let mut seen = Vec::new();
        Scanner::new().scan(text.as_bytes(), |i| {
            seen.push((i.level, i.module.to_owned(), i.name.map(str::to_owned)));
        });
        let expected = [
            (0, "os", None),
            (0, "a.b", None),
            (2, "x", Some("one")),
            (2, "x", Some("two")),
            (0, "y", Some("p")),
            (0, "y", Some("q")),
        ]
        .map(|(l, m, n): (u32, &str, Option<&str>)| (l, m.to_owned(), n.map(str::to_owned)));
        assert_eq!(seen, expected);
    }
}
