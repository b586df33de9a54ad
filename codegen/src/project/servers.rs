//! The command lines around an app, for its port: servers, the app's own commands, and installations in images.

use std::collections::BTreeMap;

use model::{Analysis, BindKind, CommandLine, Place, Recycling, Server, Span, Task};

use super::command;
use super::commandline::{Cuts, Editor, applied};
use super::declared::Change;
use super::processes::{self, Gardens};
use super::requirements::{Dependencies, package};
use super::sites::{Site, home, serves, sets_port, stays_itself, variable};
use super::translation::{Notes, translate};
use crate::targets::{Draft, Serving, is_test};

/// Commands of Flask's own that the port has nothing for.
const FLASKS_OWN: &[&str] = &["run", "shell", "routes"];

/// What became of the commands.
#[derive(Debug, Default)]
pub(crate) struct Commands {
    /// New texts of files, by path.
    pub texts: BTreeMap<String, String>,
    /// What changed.
    pub changes: Vec<Change>,
    /// What is left to do by hand.
    pub remarks: Vec<String>,
    /// What the port needs installed, now that it is known which servers are used.
    pub dependencies: Dependencies,
    /// What a person types to serve the port, where that is not its own command.
    pub start: Option<String>,
}

/// What the port does with the command lines of a target that does not take deployments along.
pub(crate) fn named(analysis: &Analysis, draft: &Draft) -> Vec<String> {
    let new = command::shown(&draft.run.port.serve);
    analysis
        .servers
        .iter()
        .filter(|server| server.program != "python" && !is_plain(server))
        .map(|server| {
            format!(
                "{} still starts the original, by `{}`; the port starts by `{new}`",
                place(&server.place),
                server.command.join(" ")
            )
        })
        .collect()
}

/// Whether a command line of a Procfile says no more than what is served, by one process: whoever starts the port knows.
fn is_plain(server: &Server) -> bool {
    let plain = server.program == "gunicorn" && server.place.file.ends_with("Procfile");
    if !plain {
        return false;
    }
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
        written: server.written.clone(),
        ..Server::default()
    };
    *server == plain
}

fn place(place: &Place) -> String {
    format!("{}:{}", place.file, place.line)
}

/// Rewrites the commands. `read` gives the text of a listed file.
pub(crate) fn rewrite(
    analysis: &Analysis,
    draft: &Draft,
    serving: Serving,
    listed: &[String],
    read: impl Fn(&str) -> Option<String>,
) -> Commands {
    let home = home(analysis);
    let mut gardens = Gardens::new(&home, listed);
    let mut stays = false;
    let mut left: Vec<&str> = Vec::new();
    let mut out = Commands::default();
    let last = |words: &[String]| words.last().map_or("", String::as_str).to_owned();
    let (original, port) = (last(&draft.run.original.serve), last(&draft.run.port.serve));
    let factory = draft.run.port.serve.iter().any(|w| w == "--factory");
    let mut target = vec![port.clone()];
    if factory {
        target.insert(0, "--factory".into());
    }
    // The port serves a file of its own, and the app in it is still the framework's.
    let own = original.trim_end_matches("()") != port.trim_end_matches("()");
    let mut cuts: BTreeMap<String, Cuts> = BTreeMap::new();
    let mut heads: BTreeMap<String, BTreeMap<u32, Vec<(u32, String)>>> = BTreeMap::new();
    let mut texts: BTreeMap<&str, Option<String>> = BTreeMap::new();
    let places = analysis.servers.iter().map(|s| s.place.file.as_str());
    for file in places.chain(analysis.tasks.iter().map(|t| t.place.file.as_str())) {
        let came = listed.iter().any(|f| f == file);
        texts
            .entry(file)
            .or_insert_with(|| came.then(|| read(file)).flatten());
    }
    let mut record = |place: &Place, editor: &Editor<'_>, line: &CommandLine, was: bool| {
        let text = editor.shown(false);
        cuts.entry(place.file.clone())
            .or_default()
            .extend(editor.cuts.iter().cloned());
        if let Some(head) = line.head
            && was
        {
            heads
                .entry(place.file.clone())
                .or_default()
                .entry(head)
                .or_default()
                .push((line.program.start, text));
        }
    };
    for server in &analysis.servers {
        let at = place(&server.place);
        let shown = server.command.join(" ");
        let Some(Some(text)) = texts.get(server.place.file.as_str()) else {
            continue;
        };
        if server.program == "python" {
            out.changes.push(Change {
                place: at,
                was: shown.clone(),
                now: shown,
                notes: vec![format!(
                    "as it was: `app.run(…)` in that file starts {} now",
                    serving.development()
                )],
            });
            continue;
        }
        let site = Site {
            own: own.then_some(port.as_str()),
            target: &target,
            port_variable: sets_port(server),
            flask_run: (
                variable(text, "FLASK_RUN_HOST"),
                variable(text, "FLASK_RUN_PORT"),
            ),
        };
        let served = stays_itself(server, serving).and_then(|()| serves(server, analysis));
        let done = match (&server.written, served) {
            (_, Err(why)) => Err(why),
            (None, _) => Err("it does not stand there as it is run".to_owned()),
            (Some(line), Ok(())) => {
                let mut editor = Editor::new(text, line);
                let notes = match serving {
                    Serving::Asgi | Serving::Program => translate(server, &mut editor, &site),
                    Serving::Alone => processes::alone(server, &mut editor, &site),
                    Serving::Circus => gardens.serve(server, &mut editor, &site),
                };
                notes.map(|notes| (notes, editor, line))
            }
        };
        match done {
            Ok((Notes { notes, gunicorn }, editor, line)) => {
                stays |= gunicorn;
                record(&server.place, &editor, line, true);
                out.changes.push(Change {
                    place: at,
                    was: editor.shown(false),
                    now: editor.shown(true),
                    notes,
                });
            }
            Err(why) => {
                left.push(&server.program);
                out.remarks.push(format!(
                    "{at}: `{shown}` is left as it is ({why}); the port starts by `{}`",
                    command::shown(&draft.run.port.serve)
                ));
            }
        }
    }
    out.dependencies = draft.dependencies.clone();
    let dependencies = &mut out.dependencies;
    if stays || left.contains(&"gunicorn") {
        dependencies.remove.retain(|name| name != "gunicorn");
    }
    if stays {
        dependencies
            .add
            .push(("uvicorn-worker".into(), String::new()));
    }
    replaced(analysis, serving, &left, dependencies);
    if serving == Serving::Circus {
        let site = Site {
            own: None,
            target: &target,
            port_variable: false,
            flask_run: (None, None),
        };
        gardens.complete(&site);
        out.start = gardens.start();
        out.changes.extend(gardens.changes());
        out.texts.extend(gardens.files());
    }
    let dependencies = out.dependencies.clone();
    for task in &analysis.tasks {
        let Some(Some(text)) = texts.get(task.place.file.as_str()) else {
            continue;
        };
        let Some(line) = &task.written else {
            out.remarks.push(format!(
                "{}: `{}` is left as it is: look it over",
                place(&task.place),
                task.command.join(" ")
            ));
            continue;
        };
        let mut editor = Editor::new(text, line);
        match task.program.as_str() {
            "pip" if install(task, line, &dependencies, &mut editor) => {
                record(&task.place, &editor, line, true);
            }
            "flask" if own => continue,
            "flask" if FLASKS_OWN.contains(&task.name.as_str()) => {
                out.remarks.push(format!(
                    "{}: `{}` is a command of Flask's own: the port has none like it",
                    place(&task.place),
                    task.command.join(" ")
                ));
                continue;
            }
            "flask" => {
                own_command(line, port.trim_end_matches("()"), &mut editor);
                record(&task.place, &editor, line, true);
            }
            _ => continue,
        }
        out.changes.push(Change {
            place: place(&task.place),
            was: editor.shown(false),
            now: editor.shown(true),
            notes: Vec::new(),
        });
    }
    out.changes.sort_by_cached_key(|change| {
        let (file, line) = change.place.rsplit_once(':').unwrap_or((&change.place, ""));
        (file.to_owned(), line.parse::<u32>().unwrap_or(0))
    });
    for (file, mut cuts) in cuts {
        let Some(Some(text)) = texts.get(file.as_str()) else {
            continue;
        };
        for (head, mut was) in heads.remove(&file).unwrap_or_default() {
            was.sort();
            // In front of what is put at the same place.
            cuts.insert(0, (Span::new(head, head), comment(text, head, &file, &was)));
        }
        let new = applied(text, &cuts, 0, text.len() as u32);
        if new != *text {
            out.texts.insert(file, new);
        }
    }
    out
}

/// A comment that says what stood in the lines below it.
fn comment(text: &str, head: u32, file: &str, was: &[(u32, String)]) -> String {
    let line = &text[head as usize..];
    let line = line.split('\n').next().unwrap_or("");
    let end = if line.ends_with('\r') { "\r\n" } else { "\n" };
    let name = file.rsplit('/').next().unwrap_or(file).to_ascii_lowercase();
    // A recipe's line with a tab would be run.
    let makefile = name.contains("makefile") || name == "justfile" || name.ends_with(".mk");
    let blanks = if makefile {
        ""
    } else {
        &line[..line.len() - line.trim_start().len()]
    };
    was.iter()
        .map(|(_, was)| format!("{blanks}# was: {was}{end}"))
        .collect()
}

/// `flask NAME …` becomes `python -m flask_parity.cli MODULE:APP NAME …`.
fn own_command(line: &CommandLine, app: &str, editor: &mut Editor<'_>) {
    for name in ["FLASK_APP", "FLASK_DEBUG", "FLASK_ENV"] {
        editor.drop_variable(name);
    }
    editor.module("flask_parity.cli");
    editor.insert(&[editor.word(app)]);
    for argument in line.arguments.iter().filter(|a| !a.name.is_empty()) {
        editor.drop(argument);
    }
}

/// `pip install flask gunicorn`; whether anything of it goes.
fn install(
    task: &Task,
    line: &CommandLine,
    dependencies: &Dependencies,
    editor: &mut Editor<'_>,
) -> bool {
    debug_assert_eq!(task.program, "pip");
    let value = |a: &model::CommandArgument| a.value.clone().unwrap_or_default();
    let values: Vec<String> = line.arguments.iter().map(value).collect();
    let (gone, kept): (Vec<_>, Vec<_>) = line
        .arguments
        .iter()
        .partition(|a| dependencies.removes(&value(a)));
    let Some((first, rest)) = gone.split_first() else {
        return false;
    };
    let share = dependencies.share(values.iter().map(String::as_str));
    let present: Vec<String> = kept.iter().filter_map(|a| package(&value(a))).collect();
    let new = dependencies.requirements(&present, share);
    let new: Vec<String> = new.iter().map(|w| editor.word(w)).collect();
    editor.replace(first, &new);
    for argument in rest {
        editor.drop(argument);
    }
    true
}

/// Servers that the port has no use for: those whose commands were all rewritten, unless the app names them itself.
fn replaced(analysis: &Analysis, serving: Serving, left: &[&str], dependencies: &mut Dependencies) {
    if dependencies.remove.is_empty() {
        return;
    }
    let names = |package: &str| {
        let module = package.replace('-', "_");
        let mut files = analysis.files.iter().filter(|(path, _)| !is_test(path));
        files.any(|(_, info)| info.names.contains(&module))
    };
    for (program, packages) in serving.replaces() {
        let used = analysis.servers.iter().any(|s| s.program == *program);
        // Beside an ASGI server nothing is known of those that no command names.
        if left.contains(program) || serving == Serving::Asgi && !used {
            continue;
        }
        for package in *packages {
            let is_named = serving != Serving::Asgi && names(package);
            if !is_named && !dependencies.remove.iter().any(|r| r == package) {
                dependencies.remove.push((*package).to_owned());
            }
        }
    }
    dependencies.add.extend(
        serving
            .package()
            .map(|(name, version)| (name.to_owned(), version.to_owned())),
    );
}
