//! Compose files, manifests of Kubernetes and of hosts, `package.json`: commands under known keys.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::command::{listed, scripted};
use super::text::{Mark, Text, Word};
use super::yaml::{self, Kind, Node};
use super::{Found, Starts};

/// Keys that hold a whole command.
const COMMANDS: &[&str] = &[
    "startCommand",
    "dockerCommand",
    "run_command",
    "preDeployCommand",
    "buildCommand",
];

/// Keys that a command may stand under.
pub const KEYS: &[&str] = &[
    "command",
    "entrypoint",
    "args",
    "startCommand",
    "dockerCommand",
    "run_command",
    "preDeployCommand",
    "buildCommand",
];

/// Every command of a YAML or JSON file.
pub fn yaml(text: &str, path: &str, starts: &Starts<'_>) -> Vec<Found> {
    let mut out = Vec::new();
    for document in yaml::documents(&Text::whole(text)) {
        node(&document, path, starts, &mut out);
    }
    out
}

/// As deep as [`yaml::documents`] lets a tree be.
fn node(at: &Node, path: &str, starts: &Starts<'_>, out: &mut Vec<Found>) {
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
fn container(at: &Node, path: &str, starts: &Starts<'_>, out: &mut Vec<Found>) {
    for (first, second) in [("entrypoint", "command"), ("command", "args")] {
        if let (Some(a), Some(b)) = (at.get(first), at.get(second))
            && let (Some(mut words), Some(more)) = (a.words(), b.words())
        {
            words.extend(more);
            let found = listed(words, a.line, path, starts);
            if !found.is_empty() {
                out.extend(found);
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

fn run(value: &Node, path: &str, starts: &Starts<'_>) -> Vec<Found> {
    match &value.kind {
        // Compose writes `$$` for the shell's `$`.
        Kind::Text(_) => {
            let text = value.located().unwrap_or_default();
            scripted(&text.single_dollars(), value.line, path, starts)
        }
        Kind::List(_) => {
            let words = value.words().unwrap_or_default();
            let words = words.iter().map(single_dollars).collect();
            listed(words, value.line, path, starts)
        }
        Kind::Map(_) | Kind::Alias => Vec::new(),
    }
}

fn single_dollars(word: &Word) -> Word {
    let text = word.mark.text(&word.text).single_dollars();
    Word {
        text: text.to_string(),
        mark: Mark {
            outer: word.mark.outer,
            chars: (0..text.chars().len()).map(|i| text.place(i)).collect(),
        },
    }
}

/// `[processes]` of fly.toml, `startCommand` of railway.toml, `cmd` of nixpacks.toml.
pub fn toml(text: &str, path: &str, starts: &Starts<'_>) -> Vec<Found> {
    let Ok(table) = DeTable::parse(text) else {
        return Vec::new();
    };
    let mut out = Vec::new();
    for (name, section) in table.get_ref() {
        let Some(section) = section.get_ref().as_table() else {
            continue;
        };
        for (key, value) in section {
            let key = key.get_ref().as_ref();
            let wanted = matches!(key, "cmd" | "startCommand" | "release_command");
            if name.get_ref() != "processes" && !wanted {
                continue;
            }
            let line = text[..value.span().start].matches('\n').count() as u32 + 1;
            match value.get_ref() {
                DeValue::String(command) => {
                    let command = toml_text(text, value.span(), command);
                    out.extend(scripted(&command, line, path, starts));
                }
                DeValue::Array(items) => {
                    let words = items.iter().filter_map(|item| {
                        let word = item.get_ref().as_str()?;
                        let span = item.span();
                        let located = toml_text(text, span.clone(), word);
                        let chars = (0..located.chars().len()).map(|i| located.place(i));
                        Some(Word {
                            text: word.to_owned(),
                            mark: Mark {
                                outer: (span.start as u32, span.end as u32),
                                chars: chars.collect(),
                            },
                        })
                    });
                    out.extend(listed(words.collect(), line, path, starts));
                }
                _ => {}
            }
        }
    }
    out
}

/// A string of a TOML file, which means `value`.
fn toml_text(file: &str, span: Range<usize>, value: &str) -> Text {
    Text::of(file, span.start, span.end).meaning(value)
}
