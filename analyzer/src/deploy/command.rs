//! Command lines: which server a command starts, through everything that may stand in front of it.

use model::Server;

use super::options::{Field, Program};
use super::settings::{self, Setting};
use super::shell::{self, Command};
use super::wrappers::{base, inline, is_python, is_shell, within};
use super::{Starts, configs};

/// Shells in shells deeper than this are nobody's command.
const DEPTH: u32 = 4;

/// What is known around a command.
struct Site<'a> {
    /// Variables set for it.
    assignments: Vec<(String, String)>,
    line: u32,
    file: &'a str,
    starts: &'a Starts<'a>,
}

impl Site<'_> {
    fn variable(&self, name: &str) -> Option<&String> {
        let mut found = self.assignments.iter().rev().filter(|(n, _)| n == name);
        found.next().map(|(_, value)| value)
    }
}

/// The servers that a script starts.
pub fn scripted(text: &str, line: u32, file: &str, starts: &Starts<'_>) -> Vec<Server> {
    shell::commands(text, line)
        .into_iter()
        .filter_map(|command| parse(&command, file, starts, 0))
        .collect()
}

/// The server that a list of words starts, no shell between.
pub fn listed(words: Vec<String>, line: u32, file: &str, starts: &Starts<'_>) -> Option<Server> {
    let command = Command {
        assignments: Vec::new(),
        words,
        line,
    };
    parse(&command, file, starts, 0)
}

/// The server that a command starts.
fn parse(command: &Command, file: &str, starts: &Starts<'_>, depth: u32) -> Option<Server> {
    let mut site = Site {
        assignments: command.assignments.clone(),
        line: command.line,
        file,
        starts,
    };
    let mut words = command.words.as_slice();
    loop {
        let (first, rest) = words.split_first()?;
        let name = base(first);
        if let Some(program) = Program::find(name) {
            return server(program, first, rest, &site);
        }
        if is_python(name) {
            return python(first, rest, &site);
        }
        if is_shell(name) {
            let text = inline(rest)?;
            if depth >= DEPTH {
                return None;
            }
            return shell::commands(text, command.line)
                .iter()
                .find_map(|c| parse(c, file, starts, depth + 1));
        }
        words = match within(name, rest, &mut site.assignments) {
            Some(inner) => inner,
            // `wait-for-it.sh db:5432 -- gunicorn …`
            None => {
                let at = rest.iter().position(|w| w == "--")?;
                &rest[at + 1..]
            }
        };
    }
}

/// `python -m gunicorn …`, `python app.py`.
fn python(first: &str, rest: &[String], site: &Site<'_>) -> Option<Server> {
    let mut at = 0;
    while let Some(word) = rest.get(at) {
        match word.as_str() {
            "-m" => {
                let module = rest.get(at + 1)?;
                if let Some(program) = Program::find(module) {
                    let rest = rest.get(at + 2..).unwrap_or(&[]);
                    return server(program, module, rest, site);
                }
                // Debuggers and the like are told of a module in the same way.
                if rest.get(at + 2..)?.iter().any(|w| w == "-m") {
                    at += 2;
                    continue;
                }
                return site
                    .starts
                    .runs_module(module)
                    .then(|| development(first, rest, module, site));
            }
            "-W" | "-X" => at += 2,
            "-c" => return None,
            option if option.starts_with('-') => at += 1,
            script => {
                if let Some(program) = Program::find(base(script)) {
                    let rest = rest.get(at + 1..).unwrap_or(&[]);
                    return server(program, script, rest, site);
                }
                if rest[at + 1..].iter().any(|w| w == "-m") {
                    at += 1;
                    continue;
                }
                return site
                    .starts
                    .runs_file(script)
                    .then(|| development(first, rest, script, site));
            }
        }
    }
    None
}

/// A file that calls `app.run()`.
fn development(first: &str, rest: &[String], app: &str, site: &Site<'_>) -> Server {
    Server {
        program: "python".into(),
        place: super::place(site.file, site.line),
        command: std::iter::once(first)
            .chain(rest.iter().map(String::as_str))
            .map(str::to_owned)
            .collect(),
        app: Some(app.to_owned()),
        ..Server::default()
    }
}

fn server(
    program: &'static Program,
    first: &str,
    rest: &[String],
    site: &Site<'_>,
) -> Option<Server> {
    let command: Vec<String> = std::iter::once(first)
        .chain(rest.iter().map(String::as_str))
        .map(str::to_owned)
        .collect();
    let mut list = Vec::new();
    let mut positional = Vec::new();
    match program.name {
        "gunicorn" => {
            if let Some(more) = site.variable("GUNICORN_CMD_ARGS") {
                for command in shell::commands(more, site.line) {
                    split(program, &command.words, &mut list, &mut positional);
                }
            }
        }
        "flask" | "quart" => {
            if let Some(app) = site
                .variable("FLASK_APP")
                .or_else(|| site.variable("QUART_APP"))
            {
                list.push(Setting::new(Some(Field::App), "app", Some(app.clone())));
            }
        }
        _ => {}
    }
    split(program, rest, &mut list, &mut positional);
    if asks_for_text(&list) || rest.is_empty() {
        return None;
    }
    if matches!(program.name, "flask" | "quart") {
        if positional
            .iter()
            .find(|p| !p.starts_with('$'))
            .map(String::as_str)
            != Some("run")
        {
            return None;
        }
        positional.clear();
    }
    let mut server = Server {
        program: program.name.into(),
        place: super::place(site.file, site.line),
        command,
        ..Server::default()
    };
    if program.name == "uwsgi" {
        uwsgi_positional(&mut list, &positional);
    } else if let Some(app) = positional.iter().find(|p| !p.starts_with('$')).or_else(|| {
        positional
            .iter()
            .find(|p| !matches!(p.as_str(), "$@" | "$*" | "${@}"))
    }) {
        list.push(Setting::new(Some(Field::App), "", Some(app.clone())));
    }
    let named = list.iter().find(|s| s.field == Some(Field::Config));
    let named = named.and_then(|s| s.value.clone());
    let configured = configs::settings(site.starts, program, named.as_deref(), site.file);
    settings::apply(&mut server, program, configured, list);
    Some(server)
}

fn asks_for_text(list: &[Setting]) -> bool {
    list.iter().any(|s| {
        s.field.is_none()
            && matches!(
                s.name.as_str(),
                "--help" | "--version" | "-v" | "--check-config" | "--print-config"
            )
    })
}

/// uWSGI takes files by position: configuration, or the app itself.
fn uwsgi_positional(list: &mut Vec<Setting>, positional: &[String]) {
    for word in positional {
        let field = match word.rsplit('.').next() {
            Some("ini" | "yaml" | "yml" | "json" | "xml") => Field::Config,
            Some("py" | "wsgi") => Field::App,
            _ if word.contains(':') && !word.contains('/') => Field::Bind,
            _ => continue,
        };
        list.push(Setting::new(Some(field), "", Some(word.clone())));
    }
}

/// Options with their values, and what stands by position.
fn split(
    program: &Program,
    words: &[String],
    list: &mut Vec<Setting>,
    positional: &mut Vec<String>,
) {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        at += 1;
        if word == "--" {
            positional.extend(words[at..].iter().cloned());
            return;
        }
        if !word.starts_with('-') || word.len() < 2 {
            positional.push(word.clone());
            continue;
        }
        if let Some(long) = word.strip_prefix("--")
            && let Some((name, value)) = long.split_once('=')
        {
            let name = format!("--{name}");
            list.push(Setting::new(
                program.field(&name),
                &name,
                Some(value.to_owned()),
            ));
            continue;
        }
        // `-w4`, `-b0.0.0.0:80`; `-w=4` as well, as argparse has it.
        if !word.starts_with("--")
            && word.chars().count() > 2
            && let Some((end, _)) = word.char_indices().nth(2)
            && (program.field(&word[..end]).is_some() || program.is_switch(&word[..end]))
            && !program.is_switch(word)
            && program.field(word).is_none()
        {
            let (name, value) = word.split_at(end);
            if program.is_switch(name) {
                list.push(Setting::new(program.field(name), name, None));
            } else {
                let value = value.strip_prefix('=').unwrap_or(value);
                list.push(Setting::new(
                    program.field(name),
                    name,
                    Some(value.to_owned()),
                ));
            }
            continue;
        }
        let field = program.field(word);
        let next = words.get(at);
        // A value never looks like an option; some options of uWSGI have none.
        let value = if program.is_switch(word) {
            None
        } else {
            next.filter(|n| !n.starts_with('-') || n.len() == 1 || n[1..].parse::<f64>().is_ok())
        };
        at += usize::from(value.is_some());
        list.push(Setting::new(field, word, value.cloned()));
    }
}
