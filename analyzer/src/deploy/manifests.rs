//! Compose files, manifests of Kubernetes and of hosts, `package.json`: commands under known keys.

use model::Server;

use super::Starts;
use super::command::{listed, scripted};
use super::yaml::{self, Kind, Node};

/// Keys that hold a whole command.
const COMMANDS: &[&str] = &["startCommand", "dockerCommand", "run_command"];

/// Every command of a YAML or JSON file.
pub fn yaml(text: &str, path: &str, starts: &Starts<'_>) -> Vec<Server> {
    let mut out = Vec::new();
    for document in yaml::documents(text) {
        node(&document, path, starts, &mut out);
    }
    out
}

/// As deep as [`yaml::documents`] lets a tree be.
fn node(at: &Node, path: &str, starts: &Starts<'_>, out: &mut Vec<Server>) {
    match &at.kind {
        Kind::List(items) => {
            for item in items {
                node(item, path, starts, out);
            }
        }
        Kind::Map(pairs) => {
            container(at, path, starts, out);
            for (key, value) in pairs {
                let is_command = COMMANDS.contains(&key.as_str());
                if is_command {
                    out.extend(run(value, path, starts));
                } else if key == "scripts" {
                    if let Kind::Map(scripts) = &value.kind {
                        out.extend(scripts.iter().flat_map(|(_, v)| run(v, path, starts)));
                    }
                } else {
                    node(value, path, starts, out);
                }
            }
        }
        Kind::Text(_) | Kind::Alias => {}
    }
}

/// `entrypoint` and `command` of compose, `command` and `args` of Kubernetes: the first runs with the
/// second as its arguments.
fn container(at: &Node, path: &str, starts: &Starts<'_>, out: &mut Vec<Server>) {
    for (first, second) in [("entrypoint", "command"), ("command", "args")] {
        if let (Some(a), Some(b)) = (at.get(first), at.get(second))
            && let (Some(mut words), Some(more)) = (a.words(), b.words())
        {
            words.extend(more);
            if let Some(server) = listed(words, a.line, path, starts) {
                out.push(server);
                return;
            }
        }
    }
    for key in ["entrypoint", "command", "args"] {
        if let Some(value) = at.get(key) {
            out.extend(run(value, path, starts));
        }
    }
}

fn run(value: &Node, path: &str, starts: &Starts<'_>) -> Vec<Server> {
    match &value.kind {
        // Compose writes `$$` for the shell's `$`.
        Kind::Text(text) => scripted(&text.replace("$$", "$"), value.line, path, starts),
        Kind::List(_) => {
            let words = value.words().unwrap_or_default();
            let words = words.iter().map(|w| w.replace("$$", "$")).collect();
            listed(words, value.line, path, starts)
                .into_iter()
                .collect()
        }
        Kind::Map(_) | Kind::Alias => Vec::new(),
    }
}

/// `[processes]` of fly.toml, `startCommand` of railway.toml, `cmd` of nixpacks.toml.
pub fn toml(text: &str, path: &str, starts: &Starts<'_>) -> Vec<Server> {
    let Ok(table) = text.parse::<toml::Table>() else {
        return Vec::new();
    };
    let mut out = Vec::new();
    for (name, section) in &table {
        let Some(section) = section.as_table() else {
            continue;
        };
        for (key, value) in section {
            if name != "processes" && !matches!(key.as_str(), "cmd" | "startCommand") {
                continue;
            }
            let line = line_of(text, name, key);
            match value {
                toml::Value::String(command) => out.extend(scripted(command, line, path, starts)),
                toml::Value::Array(items) => {
                    let words = items.iter().filter_map(|i| i.as_str()).map(str::to_owned);
                    out.extend(listed(words.collect(), line, path, starts));
                }
                _ => {}
            }
        }
    }
    out
}

/// The line that sets a key of a section.
fn line_of(text: &str, section: &str, key: &str) -> u32 {
    let sets = |row: &str| {
        row.strip_prefix(key)
            .is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    let header = format!("[{section}]");
    (1..)
        .zip(text.lines().map(str::trim))
        .skip_while(|(_, row)| !row.starts_with(&header))
        .find(|(_, row)| sets(row))
        .map_or(1, |(line, _)| line)
}
