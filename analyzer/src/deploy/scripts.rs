//! Procfiles and Makefiles: shell commands, one a line.

use model::Server;

use super::Starts;
use super::command::scripted;

/// `web: gunicorn app:app`
pub fn procfile(text: &str, path: &str, starts: &Starts<'_>) -> Vec<Server> {
    let mut out = Vec::new();
    for (line, row) in (1..).zip(text.lines()) {
        if row.trim_start().starts_with('#') {
            continue;
        }
        if let Some((name, command)) = row.split_once(':')
            && !name.contains(char::is_whitespace)
        {
            out.extend(scripted(command, line, path, starts));
        }
    }
    out
}

/// Recipes: what is indented, lines that go on joined by the shell's own rule.
pub fn makefile(text: &str, path: &str, starts: &Starts<'_>) -> Vec<Server> {
    let mut out = Vec::new();
    let mut recipe = String::new();
    let mut from = 0;
    for (line, row) in (1..).zip(text.lines()) {
        if recipe.is_empty() {
            if !row.starts_with(['\t', ' ']) {
                continue;
            }
            from = line;
            recipe.push_str(row.trim_start().trim_start_matches(['@', '-', '+']));
        } else {
            recipe.push_str(row);
        }
        if recipe.ends_with('\\') {
            recipe.push('\n');
        } else {
            out.extend(scripted(&recipe.replace("$$", "$"), from, path, starts));
            recipe.clear();
        }
    }
    out.extend(scripted(&recipe.replace("$$", "$"), from, path, starts));
    out
}
