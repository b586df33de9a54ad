//! Poetry's dependencies as PEP 508 has them (python-poetry.org, "Dependency specification"); a Pipfile's have the same form.

use std::path::Path;
use std::str::FromStr;
use std::sync::LazyLock;

use pep440_rs::Version;
use regex::Regex;
use toml::{Table, Value};

/// One constraint: an operator, perhaps, and a version.
static CONSTRAINT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(\^|~=|~|===|==|=|!=|>=|<=|>|<)?\s*([^\s,<>=!~^|]+)").ok());

/// Keys of a Pipfile's package that are markers (PEP 508).
const MARKERS: [&str; 6] = [
    "os_name",
    "platform_machine",
    "platform_python_implementation",
    "platform_system",
    "python_version",
    "sys_platform",
];

/// A constraint as PEP 440 specifiers; empty when every version will do. Of alternatives (`^1 || ^2`), which PEP 440
/// does not have, the last one, which is the newest as a rule.
pub(super) fn specifiers(constraint: &str) -> String {
    let last = constraint.rsplit('|').next().unwrap_or_default();
    let Some(regex) = &*CONSTRAINT else {
        return String::new();
    };
    let parts = regex.captures_iter(last).filter_map(|found| {
        let operator = found.get(1).map_or("", |m| m.as_str());
        specifier(operator, &found[2])
    });
    parts.collect::<Vec<_>>().join(",")
}

fn specifier(operator: &str, version: &str) -> Option<String> {
    if version == "*" {
        return None;
    }
    let upper = |place: &dyn Fn(&[u64]) -> usize| {
        let parsed = Version::from_str(version).ok()?;
        let release = parsed.release();
        let place = place(release);
        let next: Vec<String> = release[..=place]
            .iter()
            .enumerate()
            .map(|(i, n)| (if i == place { n.saturating_add(1) } else { *n }).to_string())
            .collect();
        Some(format!(">={version},<{}", next.join(".")))
    };
    match operator {
        // Up to the next change of the first part that is not 0.
        "^" => upper(&|r| r.iter().position(|n| *n != 0).unwrap_or(r.len() - 1)),
        // Up to the next minor version, or major one where that is all that is said.
        "~" => upper(&|r| 1.min(r.len() - 1)),
        "" | "=" => Some(format!("=={version}")),
        _ => Some(format!("{operator}{version}")),
    }
}

/// The requirements of one entry: a version, a table, or a list of tables for different circumstances.
pub(super) fn requirements(name: &str, value: &Value, root: &Path) -> Vec<String> {
    match value {
        Value::String(version) => vec![format!("{name}{}", specifiers(version))],
        Value::Table(table) => detailed(name, table, root).into_iter().collect(),
        Value::Array(list) => list
            .iter()
            .flat_map(|item| requirements(name, item, root))
            .collect(),
        _ => Vec::new(),
    }
}

/// `None` for an optional one.
fn detailed(name: &str, table: &Table, root: &Path) -> Option<String> {
    let text = |key: &str| table.get(key).and_then(Value::as_str);
    if table.get("optional").and_then(Value::as_bool) == Some(true) {
        return None;
    }
    let extras = table.get("extras").and_then(Value::as_array);
    let extras: Vec<&str> = extras
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let extras = if extras.is_empty() {
        String::new()
    } else {
        format!("[{}]", extras.join(","))
    };
    let place = if let Some(git) = text("git") {
        let at = ["rev", "tag", "branch", "ref"].into_iter().find_map(text);
        let at = at.map_or_else(String::new, |at| format!("@{at}"));
        let scheme = if git.contains("://") {
            "git+"
        } else {
            "git+ssh://"
        };
        // `git@host:path`, as scp has it.
        let git = if scheme == "git+" {
            git.to_owned()
        } else {
            git.replacen(':', "/", 1)
        };
        let folder =
            text("subdirectory").map_or_else(String::new, |s| format!("#subdirectory={s}"));
        format!(" @ {scheme}{git}{at}{folder}")
    } else if let Some(url) = text("url").or_else(|| text("file")) {
        format!(" @ {url}")
    } else if let Some(path) = text("path") {
        let path = root
            .join(path)
            .canonicalize()
            .unwrap_or_else(|_| root.join(path));
        // The app itself, as Pipfiles have it.
        if root.canonicalize().is_ok_and(|root| root == path) {
            return None;
        }
        format!(" @ file://{}", path.display())
    } else {
        specifiers(text("version").unwrap_or("*"))
    };
    let mut markers: Vec<String> = text("markers")
        .map(|m| format!("({m})"))
        .into_iter()
        .collect();
    if let Some(python) = text("python") {
        let each = specifiers(python);
        markers.extend(each.split(',').filter(|s| !s.is_empty()).map(python_marker));
    }
    if let Some(platform) = text("platform") {
        markers.push(format!("sys_platform == \"{platform}\""));
    }
    // `sys_platform = "== 'win32'"`.
    markers.extend(
        MARKERS
            .iter()
            .filter_map(|key| Some(format!("{key} {}", text(key)?))),
    );
    let markers = if markers.is_empty() {
        String::new()
    } else {
        format!(" ; {}", markers.join(" and "))
    };
    Some(format!("{name}{extras}{place}{markers}"))
}

/// `>=3.8` as a marker.
fn python_marker(specifier: &str) -> String {
    let at = specifier.find(|c: char| !"<>=!~".contains(c)).unwrap_or(0);
    let (operator, version) = specifier.split_at(at);
    let key = if version.matches('.').count() > 1 && !version.ends_with('*') {
        "python_full_version"
    } else {
        "python_version"
    };
    format!("{key} {operator} \"{version}\"")
}
