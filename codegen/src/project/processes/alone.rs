//! A command that serves by `flask_parity.serve` alone: one process, nothing that replaces it.

use super::asked::{Asked, Command};
use super::fates::{self, Fate, dropped};
use super::values::Value;
use crate::plan::lost::used;
use crate::plan::servers::{Ability, Feature, ability, title};
use crate::project::translation::Notes;
use crate::targets::Serving;

/// The words of such a command.
#[derive(Debug, Default)]
pub(super) struct Alone {
    /// Variables in front of the interpreter: `NAME=value`.
    pub before: Vec<String>,
    /// Behind the module.
    pub words: Vec<String>,
    /// What has no equal.
    pub notes: Notes,
}

impl Alone {
    /// Translates a command.
    ///
    /// # Errors
    /// When its address is known to whoever runs it.
    pub fn of(command: &Command<'_>) -> Result<Self, String> {
        let server = command.server;
        let listening = command.listening()?;
        let mut out = Self::default();
        out.words.push(command.app().word);
        match &listening.descriptor {
            Some(descriptor) => out.put(command, "--fd", descriptor),
            None => {
                out.put(command, "--host", &listening.host);
                out.put(command, "--port", &listening.port);
            }
        }
        out.notes.notes.extend(listening.lost);
        for (option, what, text) in [
            ("--workers", "threads", &server.threads),
            ("--graceful-timeout", "graceful", &server.timeouts.graceful),
        ] {
            match command.number(what, text.as_ref(), "1") {
                Some(asked) if matches!(asked.value, Value::Computed(_)) => {
                    out.notes.notes.push(format!(
                        "`{}` is computed: `{option}` takes a number",
                        asked.from
                    ));
                }
                Some(asked) => out.put(command, option, &asked),
                None if server.program == "waitress" && what == "threads" => {
                    out.put(command, option, &command.unasked("4"));
                }
                None => {}
            }
        }
        for option in &server.options {
            let fate = Fate::of(&server.program, &option.name, option.value.as_deref());
            match (fate, command.option(option)) {
                (Fate::Unasked, _) => {}
                (Fate::Setting("backlog"), Some(asked)) if is_known(&asked) => {
                    out.put(command, "--backlog", &asked);
                }
                (Fate::Setting("working_dir"), Some(asked)) if is_known(&asked) => {
                    out.set("PYTHONPATH", &asked.word);
                    out.notes.notes.push(format!(
                        "`{}` is where modules are found now; the process stays in the folder that it is started in",
                        option.name
                    ));
                }
                (Fate::Setting("[env:web]"), _) => match command.pairs(option) {
                    Some(pairs) => out.before.extend(pairs.into_iter().map(|(.., word)| word)),
                    None => out.notes.notes.push(dropped(
                        &option.name,
                        "its value is not plain: set it where the port is started",
                    )),
                },
                (Fate::Setting(_), _) => out.notes.notes.push(dropped(
                    &option.name,
                    "what starts the process can do that, as systemd does; `--server circus` does it too",
                )),
                (Fate::Lost(reason), _) => {
                    out.notes.notes.push(dropped(&option.name, reason));
                }
            }
        }
        out.notes.notes.extend(fates::fields(command));
        let settings = fates::settings(command, "the command");
        out.notes.notes.extend(settings);
        out.notes.notes.extend(fates::unknown_words(command));
        out.notes.notes.extend(lost(command));
        Ok(out)
    }

    fn put(&mut self, command: &Command<'_>, name: &str, asked: &Asked) {
        self.words.push(command.unasked(name).word);
        self.words.push(asked.word.clone());
    }

    fn set(&mut self, name: &str, word: &str) {
        // The quote goes around the whole, so that a list has one word.
        let quote = word.chars().next().filter(|c| matches!(c, '"' | '\''));
        self.before.push(match quote {
            Some(quote) => format!("{quote}{name}={}", &word[1..]),
            None => format!("{name}={word}"),
        });
    }
}

fn is_known(asked: &Asked) -> bool {
    !matches!(asked.value, Value::Computed(_))
}

/// What the old server did for its processes.
fn lost(command: &Command<'_>) -> Option<String> {
    let (alone, circus) = (Serving::Alone.name(), Serving::Circus.name());
    let titles: Vec<String> = used(command.server)
        .into_iter()
        .filter(|feature| matches!(ability(alone, *feature), Some(Ability::No(_))))
        .filter(|feature| *feature != Feature::UnixSocket)
        .filter_map(|feature| match ability(circus, feature)? {
            Ability::Yes(_) => Some(title(feature).to_owned()),
            Ability::Partly(how) => Some(format!("{} ({how})", title(feature))),
            Ability::No(_) => None,
        })
        .collect();
    (!titles.is_empty()).then(|| {
        format!(
            "lost: {}; `migrate port --server {circus}` keeps that",
            titles.join(", ")
        )
    })
}
