//! Units of systemd (`ExecStart=`) and programs of supervisor (`command=`).

use super::command::scripted;
use super::scripts::rows;
use super::text::Text;
use super::{Found, Starts};

/// The servers that a unit or a supervisor file starts.
pub fn servers(text: &str, path: &str, starts: &Starts<'_>) -> Vec<Found> {
    let mut out = Vec::new();
    let mut lines = rows(text);
    while let Some((line, start, row)) = lines.next() {
        let Some((key, value)) = row.split_once('=') else {
            continue;
        };
        if !matches!(key.trim(), "ExecStart" | "ExecStartPre" | "command") {
            continue;
        }
        let end = start + row.len();
        let mut command = Text::of(text, end - value.len(), end)
            .trimmed()
            .without_front(&['-', '@', ':', '+', '!']);
        while command.chars().last() == Some(&'\\') {
            command = command.part(0, command.chars().len() - 1);
            let Some((_, start, next)) = lines.next() else {
                break;
            };
            command.push_own(' ');
            command.push_part(text, start, start + next.trim_end().len());
        }
        out.extend(scripted(&command, line, path, starts));
    }
    out
}
