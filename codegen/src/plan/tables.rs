//! The tables of servers and extensions, for people (`migrate targets`), programs and docs/targets.md.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::extensions::{COLUMNS, OFFERS};
use super::servers::{ABILITIES, SERVERS, hosts};
use crate::TARGETS;

/// Terminals are at least that wide.
const COLUMN_LIMIT: usize = 100;

/// Targets of a column that exist.
fn present(names: &[&str]) -> String {
    let present: Vec<&str> = TARGETS
        .iter()
        .map(|t| t.name)
        .filter(|name| names.contains(name))
        .collect();
    present.join(", ")
}

/// What each server can do, a line a feature, in 100 columns.
#[must_use]
pub fn servers_text() -> String {
    let title = ABILITIES.iter().map(|row| row.title.len()).max();
    let title = title.unwrap_or(0);
    // "partly" is the longest word.
    let widths = SERVERS.map(|server| server.len().max("partly".len()));
    let mut out = " ".repeat(title);
    for (server, width) in SERVERS.iter().zip(widths) {
        let _ = write!(out, " {server:<width$}");
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    for row in ABILITIES {
        let mut line = format!("{:<title$}", row.title);
        for (ability, width) in row.abilities.iter().zip(widths) {
            let _ = write!(line, " {:<width$}", ability.word());
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// What each target has in an extension's place, a line a group of targets, in 100 columns.
#[must_use]
pub fn extensions_text() -> String {
    let groups: Vec<String> = COLUMNS.iter().map(|(_, names)| present(names)).collect();
    let width = groups.iter().map(String::len).max().unwrap_or(0);
    let mut out = String::new();
    for row in OFFERS {
        let mut name = row.name;
        for (group, (kind, what)) in groups.iter().zip(row.offers) {
            if group.is_empty() {
                continue;
            }
            let front = format!("{name:<20} {group:<width$}  {:<8} ", kind.word());
            wrapped(&mut out, &front, what);
            name = "";
        }
    }
    out
}

/// A line, and what does not fit into it below.
fn wrapped(out: &mut String, front: &str, text: &str) {
    let indent = front.chars().count();
    let mut line = front.to_owned();
    let mut is_new = true;
    for word in text.split(' ') {
        if !is_new && line.chars().count() + 1 + word.chars().count() > COLUMN_LIMIT {
            out.push_str(line.trim_end());
            out.push('\n');
            line = " ".repeat(indent);
            is_new = true;
        }
        if !is_new {
            line.push(' ');
        }
        line.push_str(word);
        is_new = false;
    }
    out.push_str(line.trim_end());
    out.push('\n');
}

/// Both tables and the targets, whole.
#[must_use]
pub fn document() -> Value {
    let targets: Vec<Value> = TARGETS
        .iter()
        .map(|t| json!({"name": t.name, "summary": t.summary, "sources": t.sources, "servers": hosts(t.name)}))
        .collect();
    let servers: Vec<Value> = ABILITIES
        .iter()
        .map(|row| {
            let by: serde_json::Map<String, Value> = SERVERS
                .iter()
                .zip(row.abilities)
                .map(|(s, a)| ((*s).to_owned(), json!({"can": a.word(), "how": a.how()})))
                .collect();
            json!({"feature": row.title, "servers": by})
        })
        .collect();
    let extensions: Vec<Value> = OFFERS
        .iter()
        .map(|row| {
            let by: serde_json::Map<String, Value> = TARGETS
                .iter()
                .filter_map(|t| {
                    let offer = super::extensions::offer(row.package, t.name)?;
                    Some((
                        t.name.to_owned(),
                        json!({"kind": offer.kind, "what": offer.what}),
                    ))
                })
                .collect();
            json!({"name": row.name, "package": row.package, "targets": by})
        })
        .collect();
    json!({"schema": "migrate/targets/1", "targets": targets, "servers": servers, "extensions": extensions})
}

/// docs/targets.md.
#[must_use]
pub fn markdown() -> String {
    let mut out = String::from(
        "# Targets, servers, extensions\n\nMade from `codegen/src/plan`; `UPDATE_GOLDENS=1 cargo test -p codegen plan` refreshes it.\n\n| target | | from | servers |\n|---|---|---|---|\n",
    );
    for target in TARGETS {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} |",
            target.name,
            target.summary,
            target.sources.join(", "),
            hosts(target.name).join(", ")
        );
    }
    out.push_str(
        "\n## What each server can do\n\n`own` is the process of a Rust target, `robyn` one process of `flask_parity.serve`, `circus` several under circus\n(`--server circus`). After \"no\" stands what does it instead. A port is told (M0601) when\nthe app's server does now what the port's cannot.\n\n",
    );
    let _ = writeln!(out, "| | {} |", SERVERS.join(" | "));
    let _ = writeln!(out, "|---|{}", "---|".repeat(SERVERS.len()));
    for row in ABILITIES {
        let cells: Vec<String> = row
            .abilities
            .iter()
            .map(|a| match a.word() {
                "yes" if a.how().starts_with("--") => format!("`{}`", a.how()),
                "yes" => a.how().to_owned(),
                word => format!("{word}: {}", a.how()),
            })
            .collect();
        let _ = writeln!(out, "| {} | {} |", row.title, cells.join(" | "));
    }
    out.push_str(
        "\n## What stands in an extension's place\n\n\"Same\": works as it is. \"Library\": the library underneath without the extension. \"Other\": another package or\nthe target's own way, with other answers or data. None of these is written by `port`: a use of an extension is\nnamed in the port's report and left to you.\n\n",
    );
    let groups: Vec<(usize, String)> = COLUMNS
        .iter()
        .enumerate()
        .map(|(i, (_, names))| (i, present(names)))
        .filter(|(_, names)| !names.is_empty())
        .collect();
    let heads: Vec<&str> = groups.iter().map(|(_, names)| names.as_str()).collect();
    let _ = writeln!(out, "| | {} |", heads.join(" | "));
    let _ = writeln!(out, "|---|{}", "---|".repeat(groups.len()));
    for row in OFFERS {
        let cells: Vec<String> = groups
            .iter()
            .filter_map(|(i, _)| row.offers.get(*i))
            .map(|(kind, what)| {
                if what.is_empty() {
                    kind.word().to_owned()
                } else {
                    format!("{}: {what}", kind.word())
                }
            })
            .collect();
        let _ = writeln!(out, "| {} | {} |", row.name, cells.join(" | "));
    }
    out
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn docs_are_current() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/targets.md");
        if std::env::var_os("UPDATE_GOLDENS").is_some() {
            std::fs::write(&path, markdown()).expect("docs can be written");
        }
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            written == markdown(),
            "docs/targets.md is stale: UPDATE_GOLDENS=1 cargo test -p codegen plan"
        );
    }

    #[test]
    fn text_fits() {
        for line in servers_text().lines().chain(extensions_text().lines()) {
            assert!(line.chars().count() <= COLUMN_LIMIT, "{line}");
        }
    }
}
