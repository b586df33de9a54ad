//! Procfiles and Makefiles: shell commands, one a line.

use super::command::scripted;
use super::text::Text;
use super::{Found, Starts};

/// `web: gunicorn app:app`
pub fn procfile(text: &str, path: &str, starts: &Starts<'_>) -> Vec<Found> {
    let mut out = Vec::new();
    for (line, start, row) in rows(text) {
        if row.trim_start().starts_with('#') {
            continue;
        }
        if let Some((name, _)) = row.split_once(':')
            && !name.contains(char::is_whitespace)
        {
            let command = Text::of(text, start + name.len() + 1, start + row.len());
            out.extend(scripted(&command, line, path, starts));
        }
    }
    out
}

/// Recipes: what is indented, lines that go on joined by the shell's own rule.
pub fn makefile(text: &str, path: &str, starts: &Starts<'_>) -> Vec<Found> {
    let mut out = Vec::new();
    let mut recipe = Text::default();
    let mut from = 0;
    for (line, start, row) in rows(text) {
        let end = start + row.len();
        if recipe.chars().is_empty() {
            if !row.starts_with(['\t', ' ']) {
                continue;
            }
            from = line;
            let command = row.trim_start().trim_start_matches(['@', '-', '+']);
            recipe = Text::of(text, end - command.len(), end);
        } else {
            recipe.push_part(text, start, end);
        }
        if row.ends_with('\\') {
            recipe.push('\n', (end as u32, end as u32 + 1));
        } else {
            out.extend(scripted(&recipe.single_dollars(), from, path, starts));
            recipe = Text::default();
        }
    }
    out.extend(scripted(&recipe.single_dollars(), from, path, starts));
    out
}

/// Each line with its number and where it begins, line ends off.
pub fn rows(text: &str) -> impl Iterator<Item = (u32, usize, &str)> {
    let mut at = 0;
    (1..)
        .zip(text.split_inclusive('\n'))
        .map(move |(line, row)| {
            let start = at;
            at += row.len();
            let row = row.strip_suffix('\n').unwrap_or(row);
            (line, start, row.strip_suffix('\r').unwrap_or(row))
        })
}
