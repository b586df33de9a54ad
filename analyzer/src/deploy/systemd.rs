//! Units of systemd (`ExecStart=`) and programs of supervisor (`command=`).

use model::Server;

use super::Starts;
use super::command::scripted;

/// The servers that a unit or a supervisor file starts.
pub fn servers(text: &str, path: &str, starts: &Starts<'_>) -> Vec<Server> {
    let mut out = Vec::new();
    let mut lines = (1..).zip(text.lines());
    while let Some((line, row)) = lines.next() {
        let Some((key, value)) = row.split_once('=') else {
            continue;
        };
        if !matches!(key.trim(), "ExecStart" | "command") {
            continue;
        }
        let mut command = value
            .trim()
            .trim_start_matches(['-', '@', ':', '+', '!'])
            .to_owned();
        while command.ends_with('\\') {
            command.pop();
            let Some((_, next)) = lines.next() else { break };
            command.push(' ');
            command.push_str(next.trim());
        }
        out.extend(scripted(&command, line, path, starts));
    }
    out
}
