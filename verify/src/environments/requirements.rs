//! Requirements files, as pip reads them (pip/_internal/req/req_file.py).
//!
//! A file becomes one flat list: included files are followed, constraints kept apart, local paths made absolute, so
//! that it means the same wherever it is written to, and its text is all that it depends on.

use std::path::{Path, PathBuf};

use super::EnvironmentError;

/// Requirements of a file and of those that it includes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct List {
    /// The files, absolute.
    pub files: Vec<PathBuf>,
    /// Requirements.
    pub lines: Vec<String>,
    /// Options.
    pub options: Vec<String>,
    /// Constraints.
    pub constraints: Vec<String>,
    /// Extras of the app itself that are wanted: `-e .[postgres]`.
    pub extras: Vec<String>,
}

/// A package's name as PEP 503 compares it.
pub(super) fn normal(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.trim().chars() {
        if !matches!(c, '-' | '_' | '.') {
            out.push(c.to_ascii_lowercase());
        } else if !out.ends_with('-') {
            out.push('-');
        }
    }
    out
}

/// The package that a requirement names; `None` for an option, or for a path or URL without `#egg=`.
pub(super) fn package(requirement: &str) -> Option<String> {
    let requirement = requirement.trim();
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if let Some((_, egg)) = requirement.split_once("#egg=") {
        return Some(normal(egg.split(|c| !is_name(c)).next()?));
    }
    let end = requirement
        .find(|c| !is_name(c))
        .unwrap_or(requirement.len());
    let (name, rest) = requirement.split_at(end);
    let starts = name.starts_with(|c: char| c.is_ascii_alphanumeric());
    // `https://…`, `git+ssh://…`, `wheels/x.whl`.
    let path = rest.starts_with([':', '/', '+', '\\']);
    (starts && !path).then(|| normal(name))
}

/// The list of a requirements file, local paths looked for from `root` as pip does from where it runs.
pub(super) fn read(root: &Path, file: &Path) -> Result<List, EnvironmentError> {
    let mut reader = Reader {
        root,
        list: List::default(),
    };
    reader.file(file, Role::Requirements)?;
    Ok(reader.list)
}

/// What the lines of a file are.
#[derive(Clone, Copy)]
enum Role {
    Requirements,
    Constraints,
}

struct Reader<'a> {
    root: &'a Path,
    list: List,
}

impl Reader<'_> {
    fn file(&mut self, file: &Path, role: Role) -> Result<(), EnvironmentError> {
        // One path a file, so that a circle of includes ends.
        let file = file.canonicalize().unwrap_or_else(|_| file.to_owned());
        if self.list.files.contains(&file) {
            return Ok(());
        }
        let text = text(&file)?;
        self.list.files.push(file.clone());
        let folder = file.parent().unwrap_or(self.root).to_owned();
        for line in logical(&text) {
            if let Some((value, role)) = included(&line, role) {
                if value.contains("://") {
                    self.list.options.push(line);
                    continue;
                }
                let path = folder.join(&value);
                if !path.is_file() {
                    return Err(EnvironmentError::Declaration {
                        path: file,
                        why: format!("`{line}` names no file"),
                    });
                }
                self.file(&path, role)?;
            } else if let Some(value) = option(&line, &["-f", "--find-links"]) {
                let path = folder.join(&value);
                self.list.options.push(if path.exists() {
                    format!("--find-links {}", path.display())
                } else {
                    line
                });
            } else if line == "--require-hashes" {
                // Those that have hashes are checked without it; servers that are added have none.
            } else if let Some(value) = option(&line, &["-e", "--editable"]) {
                match self.local(&value, &folder) {
                    _ if matches!(role, Role::Constraints) => self.list.constraints.push(line),
                    // An editable one would be built in its own folder, which is the user's.
                    Local::Path(path) => self.list.lines.push(path),
                    Local::App => {}
                    Local::Elsewhere => self.list.lines.push(line),
                }
            } else if line.starts_with('-') {
                self.list.options.push(line);
            } else {
                match (role, self.local(&line, &folder)) {
                    (_, Local::App) => {}
                    (Role::Constraints, _) => self.list.constraints.push(line),
                    (Role::Requirements, Local::Path(path)) => self.list.lines.push(path),
                    (Role::Requirements, Local::Elsewhere) => self.list.lines.push(line),
                }
            }
        }
        Ok(())
    }

    /// A requirement that may be a path on this machine: `.`, `./lib`, `.[extra]`, `wheels/x.whl`.
    fn local(&mut self, requirement: &str, folder: &Path) -> Local {
        let first = requirement.split_whitespace().next().unwrap_or("");
        let rest = &requirement[first.len()..];
        let (path, extras) = match first.split_once('[') {
            Some((path, extras)) => (path, extras.strip_suffix(']').unwrap_or(extras)),
            None => (first, ""),
        };
        let written = path.strip_prefix("file://").or(path.strip_prefix("file:"));
        let written = written.unwrap_or(path);
        if written.is_empty()
            || written.contains("://")
            || !(written.contains('/') || written.starts_with('.'))
        {
            return Local::Elsewhere;
        }
        let candidates = [self.root.join(written), folder.join(written)];
        let Some(found) = candidates.iter().find_map(|p| p.canonicalize().ok()) else {
            return Local::Elsewhere;
        };
        if self.root.canonicalize().is_ok_and(|root| root == found) {
            let extras = extras.split(',').map(str::trim).filter(|e| !e.is_empty());
            self.list.extras.extend(extras.map(normal));
            return Local::App;
        }
        let extras = if extras.is_empty() {
            String::new()
        } else {
            format!("[{extras}]")
        };
        Local::Path(format!("{}{extras}{rest}", found.display()))
    }
}

enum Local {
    /// The app itself.
    App,
    /// Something else here, with its path absolute.
    Path(String),
    /// Not a path of this machine.
    Elsewhere,
}

/// The file that a line includes, and what that file's lines are.
fn included(line: &str, role: Role) -> Option<(String, Role)> {
    if let Some(value) = option(line, &["-r", "--requirement"]) {
        return Some((value, role));
    }
    let value = option(line, &["-c", "--constraint"])?;
    Some((value, Role::Constraints))
}

/// The value of an option, in each of the ways to write it: `-r x`, `-rx`, `--requirement x`, `--requirement=x`.
fn option(line: &str, names: &[&str; 2]) -> Option<String> {
    let [short, long] = names;
    let value = match line.strip_prefix(long) {
        Some(rest) if rest.starts_with(['=', ' ', '\t']) => &rest[1..],
        Some(_) => return None,
        None if line.starts_with("--") => return None,
        None => line.strip_prefix(short)?,
    };
    Some(value.trim().trim_matches(['"', '\'']).to_owned())
}

/// Lines without comments, those joined that a backslash joins. A comment ends with its line.
fn logical(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut joined = String::new();
    for line in text.lines() {
        let comment = line.trim_start().starts_with('#');
        if let Some(start) = line.strip_suffix('\\').filter(|_| !comment) {
            joined.push_str(start);
            continue;
        }
        if !comment {
            joined.push_str(line);
        }
        out.push(std::mem::take(&mut joined));
    }
    out.push(joined);
    out.iter()
        .map(|line| uncommented(line).trim().to_owned())
        .filter(|line| !line.is_empty())
        .collect()
}

/// A `#` begins a comment at the start of a line and after a blank; elsewhere it is a part of a URL.
fn uncommented(line: &str) -> &str {
    let starts = |at: usize| at == 0 || line[..at].ends_with(char::is_whitespace);
    let mut hashes = line.match_indices('#').map(|(at, _)| at);
    hashes.find(|at| starts(*at)).map_or(line, |at| &line[..at])
}

/// A file's text; pip takes UTF-16 with its mark too, which is what PowerShell's `pip freeze > requirements.txt` writes.
pub(super) fn text(path: &Path) -> Result<String, EnvironmentError> {
    let wrong = |why: String| EnvironmentError::Declaration {
        path: path.to_owned(),
        why,
    };
    let bytes = std::fs::read(path).map_err(|e| wrong(e.to_string()))?;
    let units = |from: fn([u8; 2]) -> u16| -> Vec<u16> {
        let pairs = bytes[2..].chunks_exact(2);
        pairs.map(|pair| from([pair[0], pair[1]])).collect()
    };
    let decoded = match bytes.as_slice() {
        [0xff, 0xfe, ..] => String::from_utf16(&units(u16::from_le_bytes)).ok(),
        [0xfe, 0xff, ..] => String::from_utf16(&units(u16::from_be_bytes)).ok(),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8(rest.to_vec()).ok(),
        _ => String::from_utf8(bytes).ok(),
    };
    decoded.ok_or_else(|| wrong("it is neither UTF-8 nor UTF-16 with a mark".into()))
}
