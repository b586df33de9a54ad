//! How the app is started: command lines of servers in files for deployment.
//!
//! Only files at the places where such files are kept are read, by name, at most two folders below the
//! root. What cannot be read says nothing: a broken Dockerfile is no reason to stop an analysis.

mod command;
mod configs;
mod dockerfile;
mod files;
mod gunicorn_config;
mod manifests;
mod options;
mod programs;
mod scripts;
mod settings;
mod shell;
mod systemd;
mod text;
mod wrappers;
mod yaml;

#[cfg(test)]
mod tests;

use std::path::Path;

use model::touch::Op;
use model::{Analysis, CommandLine, Place, Server, Task};

use files::Kind;
use text::Text;

/// What commands are read against.
#[derive(Debug, Default)]
pub struct Starts<'a> {
    /// The tree's root, where configuration files are looked for.
    root: Option<&'a Path>,
    /// Python files that start the framework's own server, with their modules.
    running: Vec<(&'a str, &'a str)>,
}

impl<'a> Starts<'a> {
    /// Commands of the tree at `root`, of which `analysis` is.
    #[must_use]
    pub fn new(root: &'a Path, analysis: &'a Analysis) -> Self {
        let mut running: Vec<(&str, &str)> = analysis
            .functions
            .iter()
            .filter(|f| f.touches.iter().any(|t| t.op == Op::RunServer))
            .filter_map(|f| {
                let info = analysis.files.get(&f.file)?;
                Some((f.file.as_str(), info.module.as_str()))
            })
            .collect();
        running.dedup();
        Self {
            root: Some(root),
            running,
        }
    }

    /// Whether a script, by its path on whatever machine, starts the framework's own server.
    fn runs_file(&self, script: &str) -> bool {
        let script = script.trim_start_matches("./").trim_start_matches('/');
        let ends = |long: &str, short: &str| {
            long.strip_suffix(short)
                .is_some_and(|front| front.is_empty() || front.ends_with('/'))
        };
        self.running
            .iter()
            .any(|(file, _)| ends(file, script) || ends(script, file))
    }

    /// Whether `python -m module` does.
    fn runs_module(&self, module: &str) -> bool {
        self.running
            .iter()
            .any(|(_, name)| *name == module || name.strip_suffix(".__main__") == Some(module))
    }
}

/// What a command does.
#[derive(Clone, Debug)]
pub enum Found {
    /// Starts a server.
    Server(Box<Server>),
    /// Runs something else that is of interest.
    Task(Box<Task>),
}

impl Found {
    fn written(&mut self) -> Option<(&mut CommandLine, u32)> {
        let (written, place) = match self {
            Self::Server(server) => (&mut server.written, &server.place),
            Self::Task(task) => (&mut task.written, &task.place),
        };
        Some((written.as_mut()?, place.line))
    }
}

/// The servers that the files below `root` start, and the other commands that are of interest, by place.
#[must_use]
pub fn commands(root: &Path, analysis: &Analysis) -> (Vec<Server>, Vec<Task>) {
    let base = if root.is_file() {
        root.parent().unwrap_or(root)
    } else {
        root
    };
    let starts = Starts::new(base, analysis);
    let depth = if root.is_file() { 0 } else { files::DEPTH };
    let mut out = Vec::new();
    let mut tasks = Vec::new();
    let mut configs = Vec::new();
    for (path, kind) in files::list(base, depth) {
        match kind {
            Kind::Config(program) => configs.push((path, program)),
            kind => {
                let Some(text) = files::read(&base.join(&path)) else {
                    continue;
                };
                for found in read(kind, &text, &path, &starts) {
                    match found {
                        Found::Server(server) => out.push(*server),
                        Found::Task(task) => tasks.push(*task),
                    }
                }
            }
        }
    }
    // A configuration that no command names is the only trace of a command that stands elsewhere.
    for (path, program) in configs {
        if !out.iter().any(|s| s.program == program)
            && let Some(server) = configs::alone(&path, program, &starts)
        {
            out.push(server);
        }
    }
    out.sort_by(|a, b| (&a.place.file, a.place.line).cmp(&(&b.place.file, b.place.line)));
    (out, tasks)
}

/// The commands of one file.
fn read(kind: Kind, text: &str, path: &str, starts: &Starts<'_>) -> Vec<Found> {
    let mut out = match kind {
        Kind::Procfile => scripts::procfile(text, path, starts),
        Kind::Dockerfile => dockerfile::servers(text, path, starts),
        Kind::Yaml => manifests::yaml(text, path, starts),
        Kind::Toml => manifests::toml(text, path, starts),
        Kind::Unit => systemd::servers(text, path, starts),
        Kind::Script => command::scripted(&Text::whole(text), 1, path, starts),
        Kind::Makefile => scripts::makefile(text, path, starts),
        Kind::Config(_) => Vec::new(),
    };
    for (written, line) in out.iter_mut().filter_map(Found::written) {
        written.head = head(kind, text, path, written.program.start, line);
    }
    out
}

/// Where the statement begins that has a command at some byte and line.
fn head(kind: Kind, text: &str, path: &str, at: u32, line: u32) -> Option<u32> {
    let rows: Vec<(u32, usize, &str)> = scripts::rows(text).collect();
    let of = |line: u32| rows.get(line.checked_sub(1)? as usize);
    let mut line = match kind {
        Kind::Dockerfile => return of(line).map(|row| row.1 as u32),
        Kind::Yaml => {
            if path.ends_with(".json") {
                return None;
            }
            // A block of text may not have a comment in it: it goes above the key.
            let named = |row: &str| {
                let row = row.trim_start().trim_start_matches("- ").trim_start();
                manifests::KEYS.iter().any(|key| {
                    row.strip_prefix(key)
                        .is_some_and(|rest| rest.starts_with(':'))
                })
            };
            let above = rows.iter().take(line as usize).rev();
            return above
                .clone()
                .find(|row| named(row.2))
                .map(|row| row.1 as u32);
        }
        _ => text.get(..at as usize)?.matches('\n').count() as u32 + 1,
    };
    while of(line - 1).is_some_and(|row| row.2.ends_with('\\')) {
        line -= 1;
    }
    of(line).map(|row| row.1 as u32)
}

/// A line of a file. Columns are of no use here: commands are spread over lines.
fn place(file: &str, line: u32) -> Place {
    Place {
        file: file.to_owned(),
        line: line.max(1),
        ..Place::default()
    }
}
