//! circus.ini as text: settings of circus 0.19.0 with what each stands for.

use std::fmt::Write as _;

use crate::targets::Serving;

/// The folder of the sockets by which circusd is told what to do, beside its configuration.
pub(super) const FOLDER: &str = ".circus";

/// A setting, or an option of the processes' command.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub key: String,
    pub value: String,
    /// What it stands for.
    pub why: String,
}

/// Two are the same when the same is set, whatever it stands for.
impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        (&self.key, &self.value) == (&other.key, &other.value)
    }
}

/// A configuration of circus for one command of the app's.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Ini {
    pub circus: Vec<Entry>,
    pub socket: Vec<Entry>,
    pub words: Vec<Entry>,
    pub watcher: Vec<Entry>,
    pub environment: Vec<Entry>,
}

pub(super) fn set(list: &mut Vec<Entry>, key: &str, value: &str, why: &str) {
    list.retain(|entry| entry.key != key || key.is_empty());
    list.push(Entry {
        key: key.into(),
        value: value.into(),
        why: why.into(),
    });
}

impl Ini {
    /// The folder that processes are started in.
    pub fn working_dir(&self) -> &str {
        let found = self.watcher.iter().find(|e| e.key == "working_dir");
        found.map_or(".", |entry| entry.value.as_str())
    }

    /// What stands before the names of files, where circusd may be started anywhere.
    pub fn base(&self) -> String {
        match self.working_dir() {
            folder if folder.starts_with('/') => format!("{}/", folder.trim_end_matches('/')),
            _ => String::new(),
        }
    }

    /// Where circusd is told what to do.
    pub fn control(&self, stem: &str) -> String {
        format!("ipc://{}{FOLDER}/{stem}.ctl", self.base())
    }

    /// The file, for the commands at these places. `stem` is its name without the ending.
    pub fn text(&self, stem: &str, origins: &[String]) -> String {
        let (_, version) = Serving::Circus.package().unwrap_or_default();
        let mut out = format!(
            "; circusd {stem}.ini, of circus {}; as `migrate port` has translated it from\n",
            version.trim_start_matches('=')
        );
        for origin in origins {
            comment(&mut out, origin);
        }
        if origins.is_empty() {
            out.push_str("; nothing: the app has no command of a server\n");
        }
        out.push_str("\n[circus]\n; How soon a process that has ended is replaced; unasked, 5 seconds.\ncheck_delay = 1\n");
        let control = self.control(stem);
        let _ = writeln!(
            out,
            "; Not the port 5555, by which any user of the machine may run commands.\n; circusctl --endpoint {control} status\nendpoint = {control}\npubsub_endpoint = ipc://{}{FOLDER}/{stem}.pub",
            self.base()
        );
        entries(&mut out, &self.circus);
        out.push_str("\n; circus owns the port: what waits in its queue is not lost when a process ends.\n[socket:web]\n");
        entries(&mut out, &self.socket);
        out.push_str("\n[watcher:web]\n");
        words(&mut out, &self.words);
        entries(&mut out, &self.watcher);
        if !self.environment.is_empty() {
            out.push_str("\n[env:web]\n");
            entries(&mut out, &self.environment);
        }
        out
    }
}

fn comment(out: &mut String, text: &str) {
    for line in text.lines() {
        let _ = writeln!(out, "; {line}");
    }
}

fn entries(out: &mut String, list: &[Entry]) {
    for entry in list {
        comment(out, &entry.why);
        let _ = writeln!(out, "{} = {}", entry.key, entry.value);
    }
}

/// The command over several lines; comments may stand between them.
fn words(out: &mut String, list: &[Entry]) {
    for entry in list {
        comment(out, &entry.why);
        match (entry.key.as_str(), entry.value.as_str()) {
            ("", "") => {}
            ("", value) => {
                let _ = writeln!(out, "    {value}");
            }
            (key, value) => {
                let _ = writeln!(out, "{key} = {value}");
            }
        }
    }
}
