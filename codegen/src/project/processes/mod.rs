//! Servers whose processes are `python -m flask_parity.serve`: one of them alone, or several under circus.

mod address;
mod alone;
mod asked;
mod fates;
mod garden;
mod ini;
mod values;

use std::collections::BTreeMap;

use model::{CommandForm, Server};

use super::commandline::Editor;
use super::declared::Change;
use super::sites::Site;
use super::translation::Notes;
use alone::Alone;
use asked::Command;
use garden::Garden;
use ini::{FOLDER, Ini};
use values::Variable;

/// Changes a command into one that serves the port by one process.
pub(super) fn alone(
    server: &Server,
    editor: &mut Editor<'_>,
    site: &Site<'_>,
) -> Result<Notes, String> {
    names_app(server)?;
    let Alone {
        before,
        words,
        mut notes,
    } = Alone::of(&Command {
        server,
        editor: Some(editor),
        site,
    })?;
    drop_variables(server, editor);
    in_environment(before, server, editor);
    editor.module("flask_parity.serve");
    let comments = editor.arguments(&words);
    notes.notes.extend(comments.iter().map(|c| gone(c)));
    Ok(notes)
}

/// A command without an app was not read whole, or its app is known to whoever runs it. Those of frameworks find theirs.
fn names_app(server: &Server) -> Result<(), String> {
    let finds = matches!(server.program.as_str(), "flask" | "quart" | "uwsgi");
    if finds || server.app.is_some() {
        return Ok(());
    }
    Err("it names no app".into())
}

/// The note on a comment between options.
fn gone(comment: &str) -> String {
    format!("a comment went with the options: `{comment}`")
}

/// Puts variables in front of the command, each as it is to be written.
fn in_environment(variables: Vec<String>, server: &Server, editor: &mut Editor<'_>) {
    if variables.is_empty() {
        return;
    }
    // systemd has no shell, and may want whole paths.
    let env = if server.place.file.ends_with(".service") {
        "/usr/bin/env"
    } else {
        "env"
    };
    let words: Vec<String> = std::iter::once(editor.word(env)).chain(variables).collect();
    editor.prefix(&words);
}

/// Variables that told Flask's own command what to do.
fn drop_variables(server: &Server, editor: &mut Editor<'_>) {
    let line = server.written.as_ref();
    let has = line.is_some_and(|l| l.variables.iter().any(|v| v.name.starts_with("FLASK_")));
    if server.program == "flask" && has {
        for name in ["FLASK_APP", "FLASK_DEBUG", "FLASK_ENV"] {
            editor.drop_variable(name);
        }
    }
}

/// Configurations of circus for an app's commands.
#[derive(Debug)]
pub(super) struct Gardens<'a> {
    /// Where the app is imported from, and its commands run.
    home: &'a str,
    /// Files that are there already.
    listed: &'a [String],
    inis: Vec<Configured<'a>>,
}

/// One file, and the commands that it stands for.
#[derive(Debug)]
struct Configured<'a> {
    folder: &'a str,
    stem: String,
    ini: Ini,
    variables: Vec<Variable>,
    origins: Vec<String>,
}

impl<'a> Gardens<'a> {
    pub fn new(home: &'a str, listed: &'a [String]) -> Self {
        Self {
            home,
            listed,
            inis: Vec::new(),
        }
    }

    /// Changes a command into `circusd circus.ini`.
    pub fn serve(
        &mut self,
        server: &Server,
        editor: &mut Editor<'_>,
        site: &Site<'_>,
    ) -> Result<Notes, String> {
        let line = server.written.as_ref().ok_or("")?;
        // Whoever develops wants one process that can be stopped and looked at.
        if server.reload && matches!(server.program.as_str(), "flask" | "quart") {
            return alone(server, editor, site);
        }
        names_app(server)?;
        let garden = Garden::of(&Command {
            server,
            editor: Some(editor),
            site,
        })?;
        let origin = format!(
            "{}:{}: {}",
            server.place.file,
            server.place.line,
            editor.shown(false)
        );
        let given: Vec<String> = garden
            .variables
            .iter()
            .filter(|variable| !is_there(variable, &server.place.file))
            .map(|variable| format!("{}={}", variable.name, variable.raw))
            .collect();
        let daemon = garden.daemon;
        let notes = garden.notes.clone();
        let file = self.add(garden, Some(origin));
        drop_variables(server, editor);
        let given = match line.form {
            CommandForm::Shell => given,
            CommandForm::List => given.iter().map(|w| editor.word(w)).collect(),
        };
        in_environment(given, server, editor);
        if line.python.is_some() {
            editor.replace_program(&["circus.circusd".into()]);
        } else {
            editor.rename("circusd");
        }
        let words = daemon.then(|| editor.word("--daemon"));
        let words: Vec<String> = words.into_iter().chain([editor.word(&file)]).collect();
        let comments = editor.arguments(&words);
        Ok(Notes {
            notes: notes
                .into_iter()
                .chain(comments.iter().map(|c| gone(c)))
                .collect(),
            gunicorn: false,
        })
    }

    /// The file that says what a garden says, as the command names it.
    fn add(&mut self, garden: Garden, origin: Option<String>) -> String {
        let base = garden.ini.base();
        let folder = match garden.ini.working_dir() {
            // `--chdir`: the command itself is run at the root.
            relative if relative != "." && base.is_empty() => "",
            _ => self.home,
        };
        let same = |c: &&mut Configured<'_>| c.ini == garden.ini && c.folder == folder;
        if let Some(same) = self.inis.iter_mut().find(same) {
            same.origins.extend(origin);
            return format!("{base}{}.ini", same.stem);
        }
        let stem = std::iter::once("circus".to_owned())
            .chain((2..).map(|n| format!("circus-{n}")))
            .find(|stem| {
                let path = format!("{folder}{stem}.ini");
                !self.listed.contains(&path) && self.inis.iter().all(|c| c.stem != *stem)
            })
            .unwrap_or_default();
        let file = format!("{base}{stem}.ini");
        self.inis.push(Configured {
            folder,
            stem,
            ini: garden.ini,
            variables: garden.variables,
            origins: origin.into_iter().collect(),
        });
        file
    }

    /// What there is where no command was translated: the address of every port's own command.
    pub fn complete(&mut self, site: &Site<'_>) {
        if !self.inis.is_empty() {
            return;
        }
        let server = Server {
            program: "circus".into(),
            ..Server::default()
        };
        let garden = Garden::of(&Command {
            server: &server,
            editor: None,
            site,
        });
        if let Ok(garden) = garden {
            self.add(garden, None);
        }
    }

    /// What a person types to serve the port, in its folder.
    pub fn start(&self) -> Option<String> {
        let first = self.inis.first()?;
        let mut out = String::new();
        if !first.folder.is_empty() {
            out = format!("cd {} && ", first.folder.trim_end_matches('/'));
        }
        for variable in &first.variables {
            out.push_str(&format!("{}={} ", variable.name, variable.fallback));
        }
        Some(format!("{out}circusd {}.ini", first.stem))
    }

    /// The files, by path.
    pub fn files(&self) -> BTreeMap<String, String> {
        let mut out = BTreeMap::new();
        for c in &self.inis {
            let (folder, stem) = (c.folder, &c.stem);
            out.insert(format!("{folder}{stem}.ini"), c.ini.text(stem, &c.origins));
            // The folder has to be there, and what lies in it is nobody's.
            let keep = format!("{folder}{FOLDER}/.gitignore");
            out.insert(keep, "*\n!.gitignore\n".into());
        }
        out
    }

    /// The files, for people.
    pub fn changes(&self) -> Vec<Change> {
        let told = |c: &Configured<'_>| {
            let control = format!(
                "`circusctl --endpoint {} status` (`reload`, `stats`)",
                c.ini.control(&c.stem)
            );
            let names: Vec<String> = c
                .variables
                .iter()
                .map(|v| format!("`{}`", v.name))
                .collect();
            let needs = (!names.is_empty())
                .then(|| format!("it takes {} from the environment", names.join(", ")));
            Change {
                place: format!("{}{}.ini", c.folder, c.stem),
                was: String::new(),
                now: format!("circusd {}.ini", c.stem),
                notes: std::iter::once("new".to_owned())
                    .chain(needs)
                    .chain([control])
                    .collect(),
            }
        };
        self.inis.iter().map(told).collect()
    }
}

/// Whether what reads a file hands a variable on to its commands by that name.
fn is_there(variable: &Variable, file: &str) -> bool {
    let name = file.rsplit('/').next().unwrap_or(file).to_ascii_lowercase();
    let hands_on = name.starts_with("procfile")
        || name.contains("dockerfile")
        || name.contains("containerfile")
        || name.ends_with(".service");
    let plain = [
        format!("${}", variable.name),
        format!("${{{}}}", variable.name),
    ];
    hands_on && plain.contains(&variable.raw)
}

#[cfg(test)]
mod tests;
