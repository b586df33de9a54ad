//! Command lines: which server a command starts, through everything that may stand in front of it.

use model::{CommandArgument, CommandForm, CommandLine, CommandVariable, Server, Span, Task};

use super::options::{Field, Program};
use super::settings::{self, At, Setting};
use super::shell::{self, Command};
use super::text::{Mark, Text, Word};
use super::wrappers::{base, inline, is_python, is_shell, within};
use super::{Found, Starts, configs};

/// Shells in shells deeper than this are nobody's command.
const DEPTH: u32 = 4;

/// What is known around a command.
struct Site<'a> {
    /// Variables set for it.
    assignments: Vec<(String, String)>,
    line: u32,
    file: &'a str,
    starts: &'a Starts<'a>,
    form: CommandForm,
    /// Places of the assignments that stand directly in front.
    assigned: &'a [Mark],
    /// Places of the command's words, from the first.
    marks: &'a [Mark],
}

impl Site<'_> {
    fn variable(&self, name: &str) -> Option<&String> {
        let mut found = self.assignments.iter().rev().filter(|(n, _)| n == name);
        found.next().map(|(_, value)| value)
    }
}

/// What a script starts.
pub fn scripted(text: &Text, line: u32, file: &str, starts: &Starts<'_>) -> Vec<Found> {
    shell::commands(text, line)
        .iter()
        .flat_map(|command| parse(command, file, starts, CommandForm::Shell, 0))
        .collect()
}

/// What a list of words starts, no shell between.
pub fn listed(words: Vec<Word>, line: u32, file: &str, starts: &Starts<'_>) -> Vec<Found> {
    let (words, marks) = words.into_iter().map(|w| (w.text, w.mark)).unzip();
    let command = Command {
        words,
        marks,
        line,
        ..Command::default()
    };
    parse(&command, file, starts, CommandForm::List, 0)
}

/// What a command starts; a shell in it may start several things.
fn parse(
    command: &Command,
    file: &str,
    starts: &Starts<'_>,
    form: CommandForm,
    depth: u32,
) -> Vec<Found> {
    let mut inner = None;
    let found = single(command, file, starts, form, &mut inner);
    let Some((text, mark)) = inner else {
        return found.into_iter().collect();
    };
    if depth >= DEPTH {
        return Vec::new();
    }
    shell::commands(&mark.text(text), command.line)
        .iter()
        .flat_map(|c| parse(c, file, starts, CommandForm::Shell, depth + 1))
        .collect()
}

/// What a command starts, or the text that it gives to a shell.
fn single<'c>(
    command: &'c Command,
    file: &str,
    starts: &Starts<'_>,
    form: CommandForm,
    inner: &mut Option<(&'c str, &'c Mark)>,
) -> Option<Found> {
    let mut site = Site {
        assignments: command.assignments.clone(),
        line: command.line,
        file,
        starts,
        form,
        assigned: &command.assigned,
        marks: &command.marks,
    };
    let mut words = command.words.as_slice();
    loop {
        let (first, rest) = words.split_first()?;
        let name = base(first);
        if let Some(program) = Program::find(name) {
            return server(program, first, rest, false, &site);
        }
        if matches!(name, "pip" | "pip3") {
            return install(first, rest, false, &site).map(|t| Found::Task(Box::new(t)));
        }
        if is_python(name) {
            return python(first, rest, &site);
        }
        if is_shell(name) {
            let text = inline(rest)?;
            let at = command
                .words
                .iter()
                .position(|w| std::ptr::eq(w.as_str(), text))?;
            *inner = Some((text, command.marks.get(at)?));
            return None;
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
fn python(first: &str, rest: &[String], site: &Site<'_>) -> Option<Found> {
    let mut at = 0;
    while let Some(word) = rest.get(at) {
        match word.as_str() {
            "-m" => {
                let module = rest.get(at + 1)?;
                if let Some(program) = Program::find(module) {
                    let rest = rest.get(at + 2..).unwrap_or(&[]);
                    return server(program, module, rest, true, site);
                }
                if module == "pip" {
                    let rest = rest.get(at + 2..).unwrap_or(&[]);
                    return install(module, rest, true, site).map(|t| Found::Task(Box::new(t)));
                }
                // Debuggers and the like are told of a module in the same way.
                if rest.get(at + 2..)?.iter().any(|w| w == "-m") {
                    at += 2;
                    continue;
                }
                return site
                    .starts
                    .runs_module(module)
                    .then(|| Found::Server(Box::new(development(first, rest, module, site))));
            }
            "-W" | "-X" => at += 2,
            "-c" => return None,
            option if option.starts_with('-') => at += 1,
            script => {
                if let Some(program) = Program::find(base(script)) {
                    let rest = rest.get(at + 1..).unwrap_or(&[]);
                    return server(program, script, rest, false, site);
                }
                if rest[at + 1..].iter().any(|w| w == "-m") {
                    at += 1;
                    continue;
                }
                return site
                    .starts
                    .runs_file(script)
                    .then(|| Found::Server(Box::new(development(first, rest, script, site))));
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
    module: bool,
    site: &Site<'_>,
) -> Option<Found> {
    let marks = site
        .marks
        .get(site.marks.len().checked_sub(rest.len())?..)?;
    let command: Vec<String> = std::iter::once(first)
        .chain(rest.iter().map(String::as_str))
        .map(str::to_owned)
        .collect();
    let mut list = Vec::new();
    let mut positional: Vec<Setting> = Vec::new();
    let mut configured = false;
    match program.name {
        "gunicorn" => {
            if let Some(more) = site.variable("GUNICORN_CMD_ARGS") {
                configured = true;
                for command in shell::commands(&Text::nowhere(more), site.line) {
                    split(program, &command.words, &[], &mut list, &mut positional);
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
    split(program, rest, marks, &mut list, &mut positional);
    if asks_for_text(&list) || rest.is_empty() {
        return None;
    }
    let mut written = written(first, rest, module, site);
    let word = |p: &Setting| p.value.clone().unwrap_or_default();
    if matches!(program.name, "flask" | "quart") {
        let name = positional.iter().map(word).find(|p| !p.starts_with('$'))?;
        if name != "run" {
            if program.name != "flask" {
                return None;
            }
            let app = list.iter().find(|s| s.field == Some(Field::App));
            // What stands behind the name is the business of that command.
            let at = positional.iter().position(|p| word(p) == name)?;
            let behind = positional[at].at.map_or(u32::MAX, |at| at.span.start);
            let before = |s: &&Setting| s.at.is_some_and(|at| at.span.start < behind);
            let options: Vec<&Setting> = list.iter().filter(before).collect();
            arguments(&mut written, options.into_iter().chain([&positional[at]]));
            return Some(Found::Task(Box::new(Task {
                program: program.name.into(),
                place: super::place(site.file, site.line),
                command,
                name,
                app: app.and_then(|s| s.value.clone()),
                written,
            })));
        }
        arguments(&mut written, list.iter().chain(&positional));
        positional.clear();
    }
    let mut server = Server {
        program: program.name.into(),
        place: super::place(site.file, site.line),
        command,
        ..Server::default()
    };
    if program.name == "uwsgi" {
        uwsgi_positional(&mut positional);
    } else if let Some(at) = positional
        .iter()
        .position(|p| !word(p).starts_with('$'))
        .or_else(|| {
            positional
                .iter()
                .position(|p| !matches!(word(p).as_str(), "$@" | "$*" | "${@}"))
        })
    {
        positional[at].field = Some(Field::App);
    }
    if !matches!(program.name, "flask" | "quart") {
        arguments(&mut written, list.iter().chain(&positional));
    }
    list.extend(positional.into_iter().filter(|p| p.field.is_some()));
    let named = list.iter().find(|s| s.field == Some(Field::Config));
    let named = named.and_then(|s| s.value.clone());
    let settings = configs::settings(site.starts, program, named.as_deref(), site.file);
    if let Some(written) = &mut written {
        written.configured = configured || named.is_some() || !settings.is_empty();
    }
    server.written = written;
    settings::apply(&mut server, program, settings, list);
    Some(Found::Server(Box::new(server)))
}

/// `pip install …`
fn install(first: &str, rest: &[String], module: bool, site: &Site<'_>) -> Option<Task> {
    let at = rest.iter().position(|w| w == "install")?;
    let mut line = written(first, rest, module, site);
    if let Some(line) = &mut line {
        let marks = site
            .marks
            .get(site.marks.len().checked_sub(rest.len())?..)?;
        for (word, mark) in rest.iter().zip(marks).skip(at + 1) {
            line.arguments.push(CommandArgument {
                sets: None,
                name: String::new(),
                value: Some(word.clone()),
                span: mark.whole()?,
                option: None,
                letters: None,
                text: mark.inner(),
            });
        }
    }
    Some(Task {
        program: "pip".into(),
        place: super::place(site.file, site.line),
        command: std::iter::once(first)
            .chain(rest.iter().map(String::as_str))
            .map(str::to_owned)
            .collect(),
        name: "install".into(),
        app: None,
        written: line,
    })
}

/// The command in its file, without its arguments. `rest` is what stands behind the program's word.
fn written(first: &str, rest: &[String], module: bool, site: &Site<'_>) -> Option<CommandLine> {
    let at = site.marks.len().checked_sub(rest.len() + 1)?;
    let mark = &site.marks[at];
    // The last part of a path, as `base` has it.
    let chars = first.chars().count();
    let name = first
        .rsplit(['/', '\\'])
        .next()
        .map_or(chars, |name| name.chars().count());
    let python = match module {
        true => Some(site.marks.get(at.checked_sub(2)?)?.whole()?),
        false => None,
    };
    // All of it stands in the file, or it is not to be edited.
    for mark in &site.marks[at..] {
        mark.whole()?;
    }
    Some(CommandLine {
        form: site.form,
        head: None,
        program: mark.whole()?,
        name: mark.part(chars - name, chars)?,
        end: site.marks.last()?.whole()?.end,
        python,
        variables: site
            .assignments
            .iter()
            .zip(site.assigned)
            .filter_map(|((name, _), mark)| {
                Some(CommandVariable {
                    name: name.clone(),
                    span: mark.whole()?,
                })
            })
            .collect(),
        arguments: Vec::new(),
        configured: false,
    })
}

/// Fills in the options that stand in the command itself, by place.
fn arguments<'s>(line: &mut Option<CommandLine>, list: impl Iterator<Item = &'s Setting>) {
    let Some(line) = line else { return };
    line.arguments = list
        .filter_map(|setting| {
            let at = setting.at?;
            Some(CommandArgument {
                sets: setting.field.map(|f| f.word().to_owned()),
                name: setting.name.clone(),
                value: setting.value.clone(),
                span: at.span,
                option: at.option,
                letters: at.letters,
                text: at.text,
            })
        })
        .collect();
    line.arguments.sort_by_key(|a| a.span.start);
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
fn uwsgi_positional(positional: &mut [Setting]) {
    for setting in positional {
        let word = setting.value.as_deref().unwrap_or("");
        setting.field = match word.rsplit('.').next() {
            Some("ini" | "yaml" | "yml" | "json" | "xml") => Some(Field::Config),
            Some("py" | "wsgi") => Some(Field::App),
            _ if word.contains(':') && !word.contains('/') => Some(Field::Bind),
            _ => None,
        };
    }
}

/// Options with their values, and what stands by position. `marks` are the places of `words`, or nothing.
fn split(
    program: &Program,
    words: &[String],
    marks: &[Mark],
    list: &mut Vec<Setting>,
    positional: &mut Vec<Setting>,
) {
    // The option's letters end, and its value begins, at these characters of one word.
    let joined = |at: usize, end: usize, start: usize| {
        let (mark, word) = (marks.get(at)?, words.get(at)?);
        let span = mark.whole()?;
        Some(At {
            span,
            option: Some(span),
            letters: mark.part(0, end),
            text: mark.part(start, word.chars().count()),
        })
    };
    let apart = |at: usize, value: bool| {
        let mark = marks.get(at)?;
        let option = mark.whole()?;
        let of = if value { marks.get(at + 1) } else { None };
        let end = of.map_or(Some(option), Mark::whole)?.end;
        Some(At {
            span: Span::new(option.start, end),
            option: Some(option),
            letters: mark.inner(),
            text: of.and_then(Mark::inner),
        })
    };
    let alone = |at: usize| {
        let mark = marks.get(at)?;
        Some(At {
            span: mark.whole()?,
            option: None,
            letters: None,
            text: mark.inner(),
        })
    };
    let argument = |at: usize| Setting::new(None, "", words.get(at).cloned()).at(alone(at));
    let mut at = 0;
    while let Some(word) = words.get(at) {
        at += 1;
        if word == "--" {
            positional.extend((at..words.len()).map(argument));
            return;
        }
        if !word.starts_with('-') || word.len() < 2 {
            positional.push(argument(at - 1));
            continue;
        }
        if let Some(long) = word.strip_prefix("--")
            && let Some((name, value)) = long.split_once('=')
        {
            let name = format!("--{name}");
            let end = name.chars().count();
            let setting = Setting::new(program.field(&name), &name, Some(value.to_owned()));
            list.push(setting.at(joined(at - 1, end, end + 1)));
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
                list.push(Setting::new(program.field(name), name, None).at(apart(at - 1, false)));
            } else {
                let start = 2 + usize::from(value.starts_with('='));
                let value = value.strip_prefix('=').unwrap_or(value);
                let setting = Setting::new(program.field(name), name, Some(value.to_owned()));
                list.push(setting.at(joined(at - 1, 2, start)));
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
        let setting = Setting::new(field, word, value.cloned());
        list.push(setting.at(apart(at - 1, value.is_some())));
        at += usize::from(value.is_some());
    }
}
