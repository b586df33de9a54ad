//! A function of the app beside what stands for it, for ports that are files of their own.

use std::path::Path;

use model::{Lines, PortDocument, ReviewPair};
use serde::Serialize;

use super::{is_as_written, relocate};
use crate::project::output::RECORDS;

/// A function of the app and what stands for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pair {
    /// Id of the function.
    pub function: String,
    /// Its lines in the original.
    pub original: Excerpt,
    /// The port's lines.
    pub port: Excerpt,
    /// How sure it is that those are the right ones.
    pub state: State,
}

/// Whole lines of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Excerpt {
    /// The file.
    pub file: String,
    /// Its first line, 1-based.
    pub line: u32,
    /// The lines, joined by `\n`.
    pub text: String,
}

/// How the port's lines of a pair were found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// The file is as it was written.
    Written,
    /// The file was edited since; the function was found again by its name.
    Found,
    /// The file was edited since and has no function, or several, of that name: these are the lines of then.
    Recorded,
    /// The file is gone.
    Gone,
}

/// The pairs of the port in `dir`, in the document's order.
pub(super) fn read(dir: &Path, document: &PortDocument) -> Vec<Pair> {
    let originals = dir.join(RECORDS).join("originals");
    let places: Vec<(Lines, State)> = document
        .pairs
        .iter()
        .map(|pair| place(dir, document, pair))
        .collect();
    // What two functions are found at, and were not written at, belongs to one of them at most.
    let doubtful = |i: usize| {
        places[i].1 == State::Found
            && (0..places.len())
                .any(|j| places[j] == places[i] && document.pairs[j].port != document.pairs[i].port)
    };
    document
        .pairs
        .iter()
        .enumerate()
        .map(|(i, pair)| {
            let (lines, state) = if doubtful(i) {
                (&pair.port, State::Recorded)
            } else {
                (&places[i].0, places[i].1)
            };
            Pair {
                function: pair.function.clone(),
                original: excerpt(&originals, &pair.original),
                port: excerpt(dir, lines),
                state,
            }
        })
        .collect()
}

/// Where what stands for a function is now.
fn place(dir: &Path, document: &PortDocument, pair: &ReviewPair) -> (Lines, State) {
    let recorded = |state| (pair.port.clone(), state);
    let Ok(bytes) = std::fs::read(dir.join(&pair.port.file)) else {
        return recorded(State::Gone);
    };
    if is_as_written(document, &pair.port.file, &bytes) {
        return recorded(State::Written);
    }
    let text = String::from_utf8_lossy(&bytes);
    let found = names(&pair.function)
        .iter()
        .find_map(|name| relocate::function(&text, name));
    match found {
        Some(lines) => (
            Lines {
                file: pair.port.file.clone(),
                line: *lines.start(),
                end_line: *lines.end(),
            },
            State::Found,
        ),
        None => recorded(State::Recorded),
    }
}

/// What a function may be called in a port: `show`, `show_` where that is a keyword, `class_method`. Of a method the own
/// name alone says too little.
fn names(function: &str) -> Vec<String> {
    let qualname = function.rsplit(':').next().unwrap_or(function);
    let parts: Vec<&str> = qualname.split('.').filter(|p| *p != "<locals>").collect();
    let path = parts.join("_");
    let mut snake = String::new();
    for c in path.chars() {
        if c.is_uppercase() && !snake.is_empty() && !snake.ends_with('_') {
            snake.push('_');
        }
        snake.extend(c.to_lowercase());
    }
    vec![path.clone(), format!("{path}_"), snake]
}

fn excerpt(root: &Path, lines: &Lines) -> Excerpt {
    let bytes = std::fs::read(root.join(&lines.file)).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let first = lines.line.max(1) as usize;
    let taken: Vec<&str> = text
        .lines()
        .take(lines.end_line as usize)
        .skip(first - 1)
        .collect();
    Excerpt {
        file: lines.file.clone(),
        line: lines.line,
        text: taken.join("\n"),
    }
}
