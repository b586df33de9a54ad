//! What a command asks of its server, and who asks: an option, or a configuration file under it.

use model::{CommandArgument, CommandLine, Server, ServerOption};

use super::values::{Value, Variable, seconds};
use crate::project::commandline::Editor;
use crate::project::sites::Site;
use crate::project::translation::sets;

/// A command of the app's, with the text that it stands in.
pub(super) struct Command<'a> {
    pub server: &'a Server,
    pub editor: Option<&'a Editor<'a>>,
    pub site: &'a Site<'a>,
}

/// A value that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub value: Value,
    /// Who asks: `granian --port 8000`. Empty when nobody does.
    pub from: String,
    /// As a word of another command, quoted as it was.
    pub word: String,
}

impl<'a> Command<'a> {
    pub fn line(&self) -> Option<&'a CommandLine> {
        self.server.written.as_ref()
    }

    /// The last argument that sets something.
    pub fn argument(&self, what: &str) -> Option<&'a CommandArgument> {
        let arguments = self.line()?.arguments.iter().rev();
        arguments
            .filter(|a| sets(a) == what)
            .find(|a| !a.name.is_empty() || a.value.is_some())
    }

    /// The file that the command names for its settings.
    pub fn file(&self) -> &'a str {
        match (&self.server.config, self.server.program.as_str()) {
            (Some(config), _) => config,
            (None, "gunicorn") => "gunicorn.conf.py",
            (None, _) => "its settings",
        }
    }

    /// The pairs that an option sets in the environment, each as a word too; `None` where one is computed.
    pub fn pairs(&self, option: &ServerOption) -> Option<Vec<(String, String, String)>> {
        let text = option.value.as_deref()?;
        let pair = |text: &str, word: String| {
            let (name, value) = text.split_once('=')?;
            let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
            (!name.is_empty() && name.chars().all(is_name))
                .then(|| (name.to_owned(), value.to_owned(), word))
        };
        if option.name.starts_with('-') {
            let asked = self.option(option)?;
            return Some(vec![pair(text, asked.word)?]);
        }
        if text.contains(['(', '[', '{']) {
            return None;
        }
        text.split(',').map(|p| pair(p, self.word(p))).collect()
    }

    /// What people call the option that sets something: `--workers`, or `workers of gunicorn.conf.py`.
    pub fn named(&self, what: &str) -> String {
        match self.argument(what) {
            Some(a) if a.name.is_empty() => a.value.clone().unwrap_or_default(),
            Some(a) => a.name.clone(),
            None => format!("{} of {}", setting(what), self.file()),
        }
    }

    /// Who asks for a value, in one line of a comment.
    pub fn from(&self, what: &str, text: &str) -> String {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        match self.argument(what) {
            Some(_) => format!("{} {} {text}", self.server.program, self.named(what)),
            None => format!("{}: {} = {text}", self.file(), setting(what)),
        }
    }

    /// A value that has no place in the command.
    pub fn unasked(&self, text: &str) -> Asked {
        Asked {
            value: Value::Letters(text.to_owned()),
            from: String::new(),
            word: self.word(text),
        }
    }

    pub fn word(&self, text: &str) -> String {
        self.editor
            .map_or_else(|| text.to_owned(), |editor| editor.word(text))
    }

    /// What the model has for a field, as the command has it.
    pub fn asked(&self, what: &str, text: Option<&String>, fallback: &str) -> Option<Asked> {
        let text = text?;
        let argument = self.argument(what);
        let raw = argument.and_then(|a| self.editor?.raw(a));
        Some(self.part(what, text, argument, raw.unwrap_or(text), fallback))
    }

    /// A part of a value.
    pub fn part(
        &self,
        what: &str,
        text: &str,
        argument: Option<&CommandArgument>,
        raw: &str,
        fallback: &str,
    ) -> Asked {
        // `%(ENV_PORT)s` is supervisord's.
        let is_open = |t: &str| t.contains(['$', '`']) || t.contains("%(ENV_");
        let is_open = is_open(text) || is_open(raw);
        let in_command = argument.is_some() || self.line().is_none();
        let value = if is_open && in_command {
            Value::Filled(Variable::new(raw, what, fallback))
        } else if text.contains(['(', '{', '[', ' ', '$', '%', '@']) {
            Value::Computed(text.to_owned())
        } else {
            Value::Letters(text.to_owned())
        };
        let word = match (argument, self.editor) {
            (Some(argument), Some(editor)) => editor.part(argument, raw),
            _ => self.word(text),
        };
        Asked {
            value,
            from: self.from(what, text),
            word,
        }
    }

    /// A count or a time; what is no number is computed by whoever reads it.
    pub fn number(&self, what: &str, text: Option<&String>, fallback: &str) -> Option<Asked> {
        let mut asked = self.asked(what, text, fallback)?;
        if let Value::Letters(letters) = &asked.value {
            match seconds(letters) {
                Some(number) => {
                    if number != *letters {
                        asked.word = self.word(&number);
                    }
                    asked.value = Value::Letters(number);
                }
                None => asked.value = Value::Computed(letters.clone()),
            }
        }
        Some(asked)
    }

    /// An option that the model has no field for.
    pub fn option(&self, option: &ServerOption) -> Option<Asked> {
        let text = option.value.as_ref()?;
        let arguments = self.line().map_or(&[][..], |line| &line.arguments);
        let argument = arguments.iter().rev().find(|a| a.name == option.name);
        let raw = argument.and_then(|a| self.editor?.raw(a)).unwrap_or(text);
        let field = option.name.trim_start_matches('-').replace('-', "_");
        Some(Asked {
            from: match argument {
                Some(_) => format!("{} {} {text}", self.server.program, option.name),
                None => format!("{}: {} = {text}", self.file(), option.name),
            },
            ..self.part(&field, text, argument, raw, text)
        })
    }

    /// The interpreter beside the program of the command.
    pub fn python(&self) -> Asked {
        let written = self.line().zip(self.editor);
        let found = written.and_then(|(line, editor)| editor.interpreter(line));
        match found {
            Some(path) if path.contains('$') => Asked {
                value: Value::Filled(Variable {
                    name: "SERVE_PYTHON".into(),
                    raw: path,
                    fallback: "python".into(),
                }),
                ..self.unasked("python")
            },
            Some(path) => self.unasked(&path),
            None => self.unasked("python"),
        }
    }

    /// What is served, in the words of `flask_parity.serve`.
    pub fn app(&self) -> Asked {
        let target = self.site.target.last().cloned().unwrap_or_default();
        let from_target = self.unasked(&target);
        let own = matches!(self.server.program.as_str(), "flask" | "quart" | "uwsgi");
        let (Some(app), None, false) = (&self.server.app, self.site.own, own) else {
            return from_target;
        };
        let bare = ["wsgi:", "asgi:"]
            .iter()
            .find_map(|prefix| app.strip_prefix(prefix))
            .unwrap_or(app);
        let default = if self.server.program == "gunicorn" && !app.starts_with('$') {
            "application"
        } else {
            "app"
        };
        let named = if bare.contains(':') || bare.starts_with('$') {
            bare.to_owned()
        } else {
            format!("{bare}:{default}")
        };
        if named.contains('$') {
            return self.asked("app", Some(app), &target).unwrap_or(from_target);
        }
        Asked {
            from: String::new(),
            ..self.unasked(&named)
        }
    }
}

/// gunicorn's name for what a field of the model's is called otherwise.
fn setting(what: &str) -> &str {
    match what {
        "allowed" => "forwarded_allow_ips",
        "app" => "wsgi_app",
        "certificate" => "certfile",
        "client_ca" => "ca_certs",
        "graceful" => "graceful_timeout",
        "jitter" => "max_requests_jitter",
        "keep_alive" => "keepalive",
        "key" => "keyfile",
        "preload" => "preload_app",
        other => other,
    }
}
