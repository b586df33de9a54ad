//! Dockerfiles: what each stage's `ENTRYPOINT` and `CMD` start.

use super::command::{listed, scripted};
use super::scripts::rows;
use super::text::{Text, Word};
use super::{Found, Starts, yaml};

/// An instruction's argument and its line.
type Argument = Option<(Text, u32)>;

/// The servers of every stage, and the commands that it is built with.
pub fn servers(text: &str, path: &str, starts: &Starts<'_>) -> Vec<Found> {
    let mut out = Vec::new();
    let (mut entry, mut command): (Argument, Argument) = (None, None);
    for (name, argument, line) in instructions(text) {
        match name.to_ascii_uppercase().as_str() {
            "FROM" => stage(&mut out, &entry.take(), &command.take(), path, starts),
            // The last one counts, and a new entry point forgets the command of the stage below.
            "ENTRYPOINT" => entry = Some((argument, line)),
            "CMD" => command = Some((argument, line)),
            // What runs while an image is built is no server.
            "RUN" => {
                let found = run(&argument, line, path, starts);
                out.extend(found.into_iter().filter(|f| matches!(f, Found::Task(_))));
            }
            _ => {}
        }
    }
    stage(&mut out, &entry, &command, path, starts);
    out
}

fn run(argument: &Text, line: u32, path: &str, starts: &Starts<'_>) -> Vec<Found> {
    match exec(argument) {
        Some(words) => listed(words, line, path, starts),
        None => scripted(argument, line, path, starts),
    }
}

fn stage(
    out: &mut Vec<Found>,
    entry: &Argument,
    command: &Argument,
    path: &str,
    starts: &Starts<'_>,
) {
    let words = |a: &Argument| a.as_ref().and_then(|(text, _)| exec(text));
    if let (Some(mut first), Some(second)) = (words(entry), words(command)) {
        first.extend(second);
        let line = entry.as_ref().map_or(1, |(_, line)| *line);
        let found = listed(first, line, path, starts);
        if !found.is_empty() {
            out.extend(found);
            return;
        }
    }
    for (text, line) in [entry, command].into_iter().flatten() {
        out.extend(run(text, *line, path, starts));
    }
}

/// The words of the form `["gunicorn", "app:app"]`.
fn exec(text: &Text) -> Option<Vec<Word>> {
    let text = text.trimmed();
    if text.chars().first() != Some(&'[') {
        return None;
    }
    yaml::documents(&text).first()?.words()
}

/// Name, argument and line of each instruction, lines that go on joined.
fn instructions(text: &str) -> Vec<(&str, Text, u32)> {
    let mut out: Vec<(&str, Text, u32)> = Vec::new();
    let mut goes_on = false;
    let mut here: Option<String> = None;
    for (line, start, written) in rows(text) {
        if let Some(end) = &here {
            if written.trim() == end {
                here = None;
            }
            continue;
        }
        let row = written.trim();
        if row.starts_with('#') || row.is_empty() {
            continue;
        }
        let start = start + (written.len() - written.trim_start().len());
        let (part, more) = match row.strip_suffix('\\') {
            Some(part) => (part, true),
            None => (row, false),
        };
        if goes_on {
            if let Some((_, argument, _)) = out.last_mut() {
                argument.push_own(' ');
                argument.push_part(text, start, start + part.trim_end().len());
            }
        } else {
            let (name, argument) = part.split_once(char::is_whitespace).unwrap_or((part, ""));
            if name.eq_ignore_ascii_case("RUN") || name.eq_ignore_ascii_case("COPY") {
                here = here_document(argument);
            }
            let end = start + part.len();
            let argument = Text::of(text, end - argument.len(), end).trimmed();
            out.push((name, argument, line));
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
