//! Commands that serve, as a side runs them: on its address, by one worker process, without what restarts or hides it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use regex::Regex;

use super::servers::server;

/// What an app's own `app.run()` would serve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// `module:attr`, or `module:create_app()`.
    pub app: String,
    /// What a server calls it by.
    pub interface: Interface,
}

/// How a server calls an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interface {
    /// Flask: served by gunicorn.
    Wsgi,
    /// Quart: served by hypercorn.
    Asgi,
}

/// A command taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Invocation {
    /// Variables set (`NAME=VALUE`) or taken away (`-u NAME`) by an `env` in front.
    pub variables: BTreeMap<String, Option<String>>,
    /// What runs.
    pub program: Program,
    /// Its arguments.
    pub arguments: Vec<String>,
}

/// What a command runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Program {
    /// A program by name or path.
    Named(String),
    /// A command that a Python package brings: its script, or `python -m` it.
    Package(String),
    /// The interpreter itself; its arguments say what it runs.
    Python,
}

impl Default for Program {
    fn default() -> Self {
        Self::Named(String::new())
    }
}

/// Why a command cannot serve a side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommandError {
    /// It has no words.
    Empty,
    /// Nothing in it says where to listen, and nobody knows how to tell its program.
    NoAddress,
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "there is no command that serves it",
            Self::NoAddress => "its command does not say where to listen",
        })
    }
}

impl CommandError {
    /// What to do about it.
    #[must_use]
    pub const fn mend(self) -> &'static str {
        "write a command with {host} and {port} in it into `run` of .migrate/port.json"
    }
}

/// Takes a command apart, as it stands.
///
/// # Errors
/// [`CommandError::Empty`].
pub fn taken_apart(words: &[String]) -> Result<Invocation, CommandError> {
    let (variables, words) = without_env(words);
    let (first, rest) = words.split_first().ok_or(CommandError::Empty)?;
    let name = first.rsplit('/').next().unwrap_or(first);
    let (program, arguments) = if is_python(name) {
        match rest {
            [m, module, rest @ ..] if m == "-m" => (Program::Package(module.clone()), rest),
            _ => (Program::Python, rest),
        }
    } else if server(name).is_some() {
        (Program::Package(name.to_owned()), rest)
    } else {
        (Program::Named(first.clone()), rest)
    };
    Ok(Invocation {
        variables,
        program,
        arguments: arguments.to_vec(),
    })
}

/// The command that serves a side: `words` on `host` and `port` with one worker process. `flask run`, `quart run` and
/// `python file.py` become gunicorn or hypercorn where `entry` says what they serve: a development server's answers
/// are not what users of the app get.
///
/// # Errors
/// [`CommandError`].
pub fn serving(
    words: &[String],
    entry: Option<&Entry>,
    host: &str,
    port: u16,
) -> Result<Invocation, CommandError> {
    let mut invocation = taken_apart(words)?;
    if let Some(entry) = entry.filter(|_| runs_itself(&invocation)) {
        let (name, arguments) = entry.command();
        invocation.program = Program::Package(name.into());
        invocation.arguments = arguments;
    }
    if let Program::Package(name) = &invocation.program
        && let Some(server) = server(name)
    {
        invocation.arguments = server.alone(&invocation.arguments);
    }
    let variables = invocation.variables.values_mut().flatten();
    let texts: Vec<&mut String> = invocation.arguments.iter_mut().chain(variables).collect();
    if !texts.iter().any(|t| t.contains("{port}")) {
        return Err(CommandError::NoAddress);
    }
    for text in texts {
        *text = text
            .replace("{host}", host)
            .replace("{port}", &port.to_string());
    }
    Ok(invocation)
}

/// `words` with the app that they serve replaced by one that settings name, `module:attr` or `module:create_app()`. Where
/// no word names an app (`flask run`, a compiled port), they stay.
#[must_use]
pub fn of_app(words: &[String], app: &str) -> Vec<String> {
    static NAME: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^[A-Za-z_][\w.]*:[A-Za-z_][\w.]*(\(.*\))?$").ok());
    let is_name = |word: &String| NAME.as_ref().is_some_and(|n| n.is_match(word));
    let Some(at) = words.iter().rposition(is_name) else {
        return words.to_vec();
    };
    let mut out = words.to_vec();
    out[at] = app.to_owned();
    // ASGI servers are told by an option that it is a factory, others by its parentheses.
    let by_option = words.iter().any(|word| {
        let name = word.rsplit('/').next();
        name.is_some_and(|name| matches!(name, "granian" | "hypercorn" | "uvicorn"))
    });
    if by_option {
        out.retain(|word| word != "--factory");
        if let Some(factory) = app.strip_suffix("()") {
            let at = out.iter().rposition(|word| word == app);
            let at = at.unwrap_or(out.len() - 1);
            out[at] = factory.to_owned();
            out.insert(at, "--factory".into());
        }
    }
    out
}

/// `cargo build` with the options of a `cargo run`; `None` when it is another command.
#[must_use]
pub fn build(invocation: &Invocation) -> Option<Invocation> {
    let Program::Named(name) = &invocation.program else {
        return None;
    };
    let run = invocation.arguments.iter().position(|a| a == "run")?;
    if name.rsplit('/').next() != Some("cargo") {
        return None;
    }
    let options = invocation.arguments.iter().take_while(|a| *a != "--");
    let mut arguments: Vec<String> = options.cloned().collect();
    arguments[run] = "build".into();
    Some(Invocation {
        arguments,
        ..invocation.clone()
    })
}

impl Entry {
    /// Threads stand for those of Flask's development server, which starts one a request.
    fn command(&self) -> (&'static str, Vec<String>) {
        let (name, options): (_, &[&str]) = match self.interface {
            Interface::Wsgi => ("gunicorn", &["--threads", "8"]),
            Interface::Asgi => ("hypercorn", &[]),
        };
        let words = options.iter().copied().chain([self.app.as_str()]);
        (name, words.map(str::to_owned).collect())
    }
}

/// Whether a command is the app's own: `flask run`, `quart run`, `python file.py`.
fn runs_itself(invocation: &Invocation) -> bool {
    match &invocation.program {
        Program::Python => invocation.arguments.iter().any(|a| a.ends_with(".py")),
        Program::Package(name) => {
            matches!(name.as_str(), "flask" | "quart")
                && invocation.arguments.iter().any(|a| a == "run")
        }
        Program::Named(_) => false,
    }
}

/// The words after an `env` with plain settings, and these. Other options of env(1) are left to it.
fn without_env(words: &[String]) -> (BTreeMap<String, Option<String>>, &[String]) {
    let mut variables = BTreeMap::new();
    let Some(("env", mut rest)) = words.split_first().map(|(w, r)| (w.as_str(), r)) else {
        return (variables, words);
    };
    loop {
        match rest {
            [option, name, after @ ..] if option == "-u" => {
                variables.insert(name.clone(), None);
                rest = after;
            }
            [option, ..] if option.starts_with('-') => return (BTreeMap::new(), words),
            [word, after @ ..] => match word.split_once('=') {
                Some((name, value)) => {
                    variables.insert(name.to_owned(), Some(value.to_owned()));
                    rest = after;
                }
                None => return (variables, rest),
            },
            [] => return (variables, rest),
        }
    }
}

/// `python`, `python3`, `python3.12`.
fn is_python(name: &str) -> bool {
    name.strip_prefix("python")
        .is_some_and(|v| v.chars().all(|c| c.is_ascii_digit() || c == '.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    fn shown(invocation: &Invocation) -> String {
        let mut out: Vec<String> = invocation
            .variables
            .iter()
            .map(|(n, v)| v.as_ref().map_or(format!("-{n}"), |v| format!("{n}={v}")))
            .collect();
        out.push(match &invocation.program {
            Program::Named(name) => name.clone(),
            Program::Package(name) => format!("[{name}]"),
            Program::Python => "[python]".into(),
        });
        out.extend(invocation.arguments.iter().cloned());
        out.join(" ")
    }

    #[test]
    fn the_app_that_settings_name_is_served() {
        for (line, app, expected) in [
            (
                "gunicorn -w 1 -b {host}:{port} x.core:app",
                "served:app",
                "gunicorn -w 1 -b {host}:{port} served:app",
            ),
            (
                "gunicorn -b {host}:{port} x:app",
                "x:create_app()",
                "gunicorn -b {host}:{port} x:create_app()",
            ),
            (
                "uvicorn --port {port} --factory x:create_app",
                "served:app",
                "uvicorn --port {port} served:app",
            ),
            (
                "uvicorn --port {port} x:app",
                "x:make()",
                "uvicorn --port {port} --factory x:make",
            ),
            (
                "python -m some.server --port {port} x:app",
                "x:make()",
                "python -m some.server --port {port} x:make()",
            ),
            ("cargo run --release", "served:app", "cargo run --release"),
        ] {
            assert_eq!(of_app(&words(line), app).join(" "), expected, "{line}");
        }
    }

    #[test]
    fn one_worker_on_its_address_whatever_a_command_says() {
        for (line, expected) in [
            (
                "gunicorn -w 1 -b {host}:{port} blog:app",
                "[gunicorn] -b H:80 blog:app -w 1",
            ),
            (
                "gunicorn -w4 --workers=3 -D --pid x.pid --reload -c conf.py -b unix:/run/s -b{host}:{port} blog:app",
                "[gunicorn] -c conf.py -bH:80 blog:app -w 1",
            ),
            (
                "gunicorn --bind 0.0.0.0:8000 --max-requests 100 --threads 2 blog:app",
                "[gunicorn] --threads 2 blog:app -b H:80 -w 1",
            ),
            (
                "/srv/env/bin/gunicorn --bind=0.0.0.0:8000 blog:app",
                "[gunicorn] blog:app -b H:80 -w 1",
            ),
            (
                "uvicorn --host {host} --port {port} --reload --reload-dir src blog:app",
                "[uvicorn] --host H --port 80 blog:app --workers 1",
            ),
            (
                "python3 -m uvicorn blog:app --host 0.0.0.0",
                "[uvicorn] blog:app --host H --port 80 --workers 1",
            ),
            (
                "hypercorn -b {host}:{port} --debug -w 8 blog:app",
                "[hypercorn] -b H:80 --debug blog:app -w 1",
            ),
            (
                "granian --interface asgi --host {host} --port {port} --workers 4 --reload blog:app",
                "[granian] --interface asgi --host H --port 80 blog:app --workers 1 --no-reload",
            ),
            (
                "env BIND={host}:{port} cargo run --release --quiet",
                "BIND=H:80 cargo run --release --quiet",
            ),
            (
                "env -u DEBUG A=b=c ./serve {port}",
                "A=b=c -DEBUG ./serve 80",
            ),
            ("env -i ./serve {port}", "env -i ./serve 80"),
            ("python app.py --port {port}", "[python] app.py --port 80"),
            (
                "flask --app blog run --debug -p 5000",
                "[flask] --app blog run --host H --port 80 --no-reload",
            ),
        ] {
            let invocation = serving(&words(line), None, "H", 80).unwrap();
            assert_eq!(shown(&invocation), expected, "{line}");
        }
    }

    #[test]
    fn an_app_that_runs_itself_is_served_by_a_server() {
        let entry = |app: &str, interface| Entry {
            app: app.into(),
            interface,
        };
        let flask = entry("blog:create_app()", Interface::Wsgi);
        let quart = entry("blog:app", Interface::Asgi);
        for (line, entry, expected) in [
            (
                "python app.py",
                &flask,
                "[gunicorn] --threads 8 blog:create_app() -b H:80 -w 1",
            ),
            (
                "env DEBUG=1 flask --app blog run --debug",
                &flask,
                "DEBUG=1 [gunicorn] --threads 8 blog:create_app() -b H:80 -w 1",
            ),
            ("quart run", &quart, "[hypercorn] blog:app -b H:80 -w 1"),
            (
                "gunicorn -b {host}:{port} other:app",
                &flask,
                "[gunicorn] -b H:80 other:app -w 1",
            ),
        ] {
            let invocation = serving(&words(line), Some(entry), "H", 80).unwrap();
            assert_eq!(shown(&invocation), expected, "{line}");
        }
    }

    #[test]
    fn a_command_without_an_address_is_refused() {
        let error = |line| serving(&words(line), None, "H", 80).unwrap_err();
        assert_eq!(error(""), CommandError::Empty);
        assert_eq!(error("env A=1"), CommandError::Empty);
        assert_eq!(error("python app.py"), CommandError::NoAddress);
        assert_eq!(error("./serve --host {host}"), CommandError::NoAddress);
    }

    #[test]
    fn what_cargo_runs_is_built_first() {
        let built = |line| build(&taken_apart(&words(line)).unwrap()).map(|i| shown(&i));
        assert_eq!(
            built("env BIND=a cargo run --release --quiet -- --verbose").as_deref(),
            Some("BIND=a cargo build --release --quiet")
        );
        assert_eq!(built("cargo test"), None);
        assert_eq!(built("gunicorn run"), None);
    }
}
