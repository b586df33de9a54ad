//! Dockerfiles: what each stage's `ENTRYPOINT` and `CMD` start.

use model::Server;

use super::command::{listed, scripted};
use super::{Starts, yaml};

/// An instruction's argument and its line.
type Argument = Option<(String, u32)>;

/// The servers of every stage.
pub fn servers(text: &str, path: &str, starts: &Starts<'_>) -> Vec<Server> {
    let mut out = Vec::new();
    let (mut entry, mut command): (Argument, Argument) = (None, None);
    for (name, argument, line) in instructions(text) {
        match name.to_ascii_uppercase().as_str() {
            "FROM" => stage(&mut out, &entry.take(), &command.take(), path, starts),
            // The last one counts, and a new entry point forgets the command of the stage below.
            "ENTRYPOINT" => entry = Some((argument, line)),
            "CMD" => command = Some((argument, line)),
            _ => {}
        }
    }
    stage(&mut out, &entry, &command, path, starts);
    out
}

fn stage(
    out: &mut Vec<Server>,
    entry: &Argument,
    command: &Argument,
    path: &str,
    starts: &Starts<'_>,
) {
    let words = |a: &Argument| a.as_ref().and_then(|(text, _)| exec(text));
    if let (Some(mut first), Some(second)) = (words(entry), words(command)) {
        first.extend(second);
        let line = entry.as_ref().map_or(1, |(_, line)| *line);
        if let Some(server) = listed(first, line, path, starts) {
            out.push(server);
            return;
        }
    }
    for argument in [entry, command] {
        let Some((text, line)) = argument else {
            continue;
        };
        match exec(text) {
            Some(words) => out.extend(listed(words, *line, path, starts)),
            None => out.extend(scripted(text, *line, path, starts)),
        }
    }
}

/// The words of the form `["gunicorn", "app:app"]`.
fn exec(text: &str) -> Option<Vec<String>> {
    if !text.trim_start().starts_with('[') {
        return None;
    }
    yaml::documents(text).first()?.words()
}

/// Name, argument and line of each instruction, lines that go on joined.
fn instructions(text: &str) -> Vec<(&str, String, u32)> {
    let mut out: Vec<(&str, String, u32)> = Vec::new();
    let mut goes_on = false;
    let mut here: Option<String> = None;
    for (line, row) in (1..).zip(text.lines()) {
        if let Some(end) = &here {
            if row.trim() == end {
                here = None;
            }
            continue;
        }
        let row = row.trim();
        if row.starts_with('#') || row.is_empty() {
            continue;
        }
        let (part, more) = match row.strip_suffix('\\') {
            Some(part) => (part, true),
            None => (row, false),
        };
        if goes_on {
            if let Some((_, argument, _)) = out.last_mut() {
                argument.push(' ');
                argument.push_str(part.trim());
            }
        } else {
            let (name, argument) = part.split_once(char::is_whitespace).unwrap_or((part, ""));
            if name.eq_ignore_ascii_case("RUN") || name.eq_ignore_ascii_case("COPY") {
                here = here_document(argument);
            }
            out.push((name, argument.trim().to_owned(), line));
        }
        goes_on = more;
    }
    out
}

/// The word that ends the text of `RUN <<EOF`.
fn here_document(argument: &str) -> Option<String> {
    let (_, after) = argument.split_once("<<")?;
    let word: String = after
        .trim_start_matches('-')
        .trim_start_matches(['"', '\''])
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect();
    (!word.is_empty()).then_some(word)
}
