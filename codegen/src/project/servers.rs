//! What a port does with the command lines that serve the app.

use model::{Analysis, BindKind, Recycling, Server};

use super::command;
use crate::targets::Draft;

/// What the port does with the command lines that serve the app: options that the new one lacks, and
/// commands that are left as they are.
pub(crate) fn commands(analysis: &Analysis, draft: &Draft) -> Vec<String> {
    let new = command::shown(&draft.run.port.serve);
    let mut out = Vec::new();
    for server in &analysis.servers {
        let place = format!("{}:{}", server.place.file, server.place.line);
        let old = server.command.join(" ");
        if server.place.file.ends_with("Procfile") && server.program == "gunicorn" {
            if is_plain(server) {
                continue;
            }
            out.push(format!(
                "{place}: options of `{old}` are not carried over; give the new command its own (`migrate targets` says what it can do)"
            ));
        } else if server.program != "python" {
            out.push(format!(
                "{place} still starts the original, by `{old}`; the port starts by `{new}`"
            ));
        }
    }
    out
}

/// Whether a command line says no more than what is served, by one process.
fn is_plain(server: &Server) -> bool {
    let plain = Server {
        program: server.program.clone(),
        place: server.place.clone(),
        command: server.command.clone(),
        app: server.app.clone(),
        factory: server.factory,
        interface: server.interface.clone(),
        workers: server.workers.clone().filter(|n| n == "1"),
        bind: server
            .bind
            .iter()
            .filter(|b| b.kind == BindKind::Tcp)
            .cloned()
            .collect(),
        // It comes with the program.
        recycling: Recycling {
            respawn: server.recycling.respawn,
            ..Recycling::default()
        },
        ..Server::default()
    };
    *server == plain
}
