//! The options of a command that served the app, for the server under the port, one by one.

use model::{CommandArgument, CommandForm, Server};

use super::addresses::Address;
use super::commandline::Editor;
use super::sites::Site;
use super::uwsgi::uwsgi;
use crate::plan::servers::equal;

/// What to know of a translated command.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Notes {
    /// Options without an equal, and what is different about others.
    pub notes: Vec<String>,
    /// It stays with gunicorn, with a worker for ASGI.
    pub gunicorn: bool,
}

/// The worker by which gunicorn serves ASGI: of the package `uvicorn-worker`.
const WORKER: &str = "uvicorn_worker.UvicornWorker";

/// What gunicorn does for the process, so that a command with it stays with gunicorn.
const PROCESS: &[&str] = &[
    "-u",
    "--user",
    "-g",
    "--group",
    "-D",
    "--daemon",
    "-p",
    "--pid",
    "-m",
    "--umask",
    "-e",
    "--env",
    "--statsd-host",
    "--statsd-prefix",
    "--logger-class",
    "--log-config",
    "--log-config-json",
    "--log-syslog",
    "--reuse-port",
    "--paste",
    "--paster",
];

/// Options that go without a word: uvicorn has no need of them, or does the same unasked.
pub(super) const SILENT: &[&str] = &[
    "--capture-output",
    "--enable-stdio-inheritance",
    "--no-sendfile",
    "--worker-tmp-dir",
    "--no-control-socket",
    "-M",
    "--master",
    "--die-on-term",
    "--vacuum",
    "-T",
    "--enable-threads",
    "--need-app",
    "--single-interpreter",
    "--lazy-apps",
    "--lazy",
    "--thunder-lock",
    "--no-orphans",
    "--strict",
    "--protocol",
    "--plugin",
    "--plugins",
    "--ipv4",
    "--ipv6",
    "--no-ipv4",
    "--no-ipv6",
    "--asyncore-use-poll",
    "--log-socket-errors",
    "--debugger",
    "--no-debugger",
    "--with-threads",
    "--without-threads",
    "--eager-loading",
    "--lazy-loading",
    "--no-debug",
    "--no-reload",
];

/// Where gunicorn's and uvicorn's logs go unasked.
pub(super) fn is_standard(value: Option<&str>) -> bool {
    matches!(value, None | Some("-" | "/dev/stdout" | "/dev/stderr"))
}

/// Changes a command into one that serves the port. `None` when it is left as it is, for the reason of [`Notes`]
/// that `Err` holds.
pub(super) fn translate(
    server: &Server,
    editor: &mut Editor<'_>,
    site: &Site<'_>,
) -> Result<Notes, String> {
    let Some(line) = &server.written else {
        return Err("it does not stand in the file as it is run".into());
    };
    match server.program.as_str() {
        "gunicorn" => match gunicorn_stays(server, editor) {
            Some(why) => stay(server, editor, site, &why),
            None => uvicorn(server, editor, site),
        },
        "waitress" | "flask" => uvicorn(server, editor, site),
        "uwsgi" => uwsgi(server, editor, site),
        "granian" => {
            own_app(server, editor, site)?;
            let mut notes = Notes::default();
            match line.arguments.iter().find(|a| sets(a) == "interface") {
                Some(a) => editor.value(a, "asgi"),
                None => editor.insert(&[editor.word("--interface"), editor.word("asgi")]),
            }
            for a in line.arguments.iter().filter(|a| sets(a) == "threads") {
                editor.drop(a);
                notes.no_equal(a, "plain functions run in the app's own pool of threads");
            }
            Ok(notes)
        }
        "hypercorn" => {
            own_app(server, editor, site)?;
            for a in line.arguments.iter().filter(|a| sets(a) == "app") {
                if let Some(rest) = editor.raw(a).and_then(|raw| raw.strip_prefix("wsgi:")) {
                    let rest = rest.to_owned();
                    editor.value(a, &rest);
                }
            }
            Ok(Notes::default())
        }
        other => Err(format!("{other} goes on serving what it is told")),
    }
}

impl Notes {
    fn no_equal(&mut self, argument: &CommandArgument, instead: &str) {
        let name = match argument.name.as_str() {
            "" => argument.value.as_deref().unwrap_or(""),
            name => name,
        };
        self.notes.push(format!("`{name}` is dropped: {instead}"));
    }
}

pub(super) fn sets(argument: &CommandArgument) -> &str {
    argument.sets.as_deref().unwrap_or("")
}

/// `module:function(…)` with something in the parentheses.
fn called_with(app: &str) -> bool {
    app.split_once('(')
        .is_some_and(|(_, rest)| rest.trim_end_matches(')').trim() != "")
}

/// Why a command of gunicorn's stays with it.
fn gunicorn_stays(server: &Server, editor: &Editor<'_>) -> Option<String> {
    let line = server.written.as_ref()?;
    if line.configured {
        return Some("its settings stand in a configuration file or a variable too".into());
    }
    let many = server.workers.as_deref().is_some_and(|n| n != "1");
    let mut binds = 0;
    for a in &line.arguments {
        let value = a.value.as_deref().unwrap_or("");
        let name = a.name.as_str();
        match sets(a) {
            "" if name.is_empty() => return Some(format!("`{value}` may be any option")),
            "" if PROCESS.contains(&name) => {
                return Some(format!("uvicorn has nothing like `{name}`"));
            }
            "" if matches!(
                name,
                "--access-logfile" | "--error-logfile" | "--log-file" | "--access-logformat"
            ) && !is_standard(a.value.as_deref()) =>
            {
                return Some(format!("uvicorn has nothing like `{name} {value}`"));
            }
            "bind" => {
                binds += 1;
                if binds > 1 || value.contains(',') {
                    return Some("it listens at several addresses".into());
                }
                if editor.raw(a).and_then(Address::parse).is_none() {
                    return Some(format!("`{value}` may be any address"));
                }
            }
            "preload" if many => {
                return Some("`--preload` runs the app's start once for all workers".into());
            }
            "app" if called_with(value) => {
                return Some("uvicorn calls factories without arguments".into());
            }
            "app" if value.starts_with('$') => return Some(format!("`{value}` may be any app")),
            _ => {}
        }
    }
    None
}

fn stay(
    server: &Server,
    editor: &mut Editor<'_>,
    site: &Site<'_>,
    why: &str,
) -> Result<Notes, String> {
    let line = server.written.as_ref().ok_or("")?;
    own_app(server, editor, site)?;
    let mut notes = Notes {
        notes: vec![format!(
            "gunicorn stays, with the worker of `uvicorn-worker`: {why}"
        )],
        gunicorn: true,
    };
    match line.arguments.iter().find(|a| sets(a) == "worker_class") {
        Some(a) => editor.value(a, WORKER),
        None => editor.insert(&[editor.word("-k"), editor.word(WORKER)]),
    }
    for a in line.arguments.iter().filter(|a| sets(a) == "threads") {
        editor.drop(a);
        notes.no_equal(a, "plain functions run in the app's own pool of threads");
    }
    Ok(notes)
}

/// Another thing to serve, where the port's own command has one.
fn own_app(server: &Server, editor: &mut Editor<'_>, site: &Site<'_>) -> Result<(), String> {
    let Some(own) = site.own else { return Ok(()) };
    let line = server.written.as_ref().ok_or("")?;
    match line.arguments.iter().find(|a| sets(a) == "app") {
        Some(a) => editor.replace(a, &[editor.word(own)]),
        None => return Err("it names no app".into()),
    }
    Ok(())
}

fn uvicorn(server: &Server, editor: &mut Editor<'_>, site: &Site<'_>) -> Result<Notes, String> {
    let line = server.written.as_ref().ok_or("")?;
    let program = server.program.as_str();
    let mut notes = Notes::default();
    let mut host = false;
    let mut port = false;
    let mut reload = false;
    let mut served = false;
    editor.rename("uvicorn");
    for a in &line.arguments {
        let value = a.value.as_deref();
        match sets(a) {
            "app" if program == "flask" => editor.drop(a),
            "" if program == "flask" && a.name.is_empty() && value == Some("run") => {
                served = true;
                let words: Vec<String> = site.target.iter().map(|w| editor.word(w)).collect();
                editor.replace(a, &words);
            }
            "app" => {
                served = true;
                let words = app_words(server, a, editor, site)?;
                if let Some(words) = words {
                    editor.replace(a, &words);
                }
            }
            "bind" => {
                let Some(address) = editor.raw(a).and_then(Address::parse) else {
                    return Err(format!("`{}` may be any address", value.unwrap_or("")));
                };
                let mut words = Vec::new();
                let mut put = |name: &str, value: &str| {
                    words.push(editor.word(name));
                    words.push(editor.part(a, value));
                };
                match address {
                    Address::Unix(path) => put("--uds", path),
                    Address::Descriptor(number) => put("--fd", number),
                    Address::Tcp(name, number) => {
                        put("--host", if name.is_empty() { "0.0.0.0" } else { name });
                        if let Some(number) = number {
                            put("--port", number);
                        }
                    }
                }
                (host, port) = (true, true);
                editor.replace(a, &words);
            }
            "host" => {
                host = true;
                editor.letters(a, "--host");
            }
            "port" => {
                port = true;
                editor.letters(a, "--port");
            }
            "unix" => {
                (host, port) = (true, true);
                editor.letters(a, "--uds");
            }
            "workers" => editor.letters(a, "--workers"),
            "max_requests" => editor.letters(a, "--limit-max-requests"),
            "jitter" => editor.letters(a, "--limit-max-requests-jitter"),
            "graceful" => editor.letters(a, "--timeout-graceful-shutdown"),
            "keep_alive" => editor.letters(a, "--timeout-keep-alive"),
            "certificate" => editor.letters(a, "--ssl-certfile"),
            "key" => editor.letters(a, "--ssl-keyfile"),
            "client_ca" => editor.letters(a, "--ssl-ca-certs"),
            "factory" => editor.letters(a, "--factory"),
            "allowed" => {
                editor.letters(a, "--forwarded-allow-ips");
                notes.notes.push(format!(
                    "uvicorn takes the client's address from the proxy too, where {program} took {}",
                    if program == "gunicorn" { "the scheme alone" } else { "what it was told to" }
                ));
            }
            "reload" if reload => editor.drop(a),
            "reload" => {
                reload = true;
                editor.letters(a, "--reload");
            }
            "timeout" if value == Some("0") => editor.drop(a),
            "timeout" if server.workers.as_deref().is_some_and(|n| n != "1") => {
                editor.letters(a, "--timeout-worker-healthcheck");
                notes.notes.push(format!(
                    "`{}` ends workers that no longer answer; it is no limit for a request any more",
                    a.name
                ));
            }
            "timeout" => {
                editor.drop(a);
                notes.no_equal(
                    a,
                    "uvicorn has no limit for a request; the proxy in front may have one",
                );
            }
            "threads" => {
                editor.drop(a);
                notes.no_equal(a, "plain functions run in the app's own pool of threads, 40 unless told otherwise");
            }
            "worker_class" => {
                editor.drop(a);
                if !matches!(value, Some("sync" | "gthread")) {
                    notes.no_equal(a, "uvicorn has an event loop of its own");
                }
            }
            // One process loads the app once.
            "preload" => editor.drop(a),
            "body_limit" => {
                editor.drop(a);
                notes.no_equal(
                    a,
                    "uvicorn has no limit for bodies; set one in the app or in the proxy in front",
                );
            }
            "proxy_protocol" => {
                editor.drop(a);
                notes.no_equal(
                    a,
                    "uvicorn does not speak it; let the proxy in front send forwarded headers",
                );
            }
            _ => other(server, a, editor, &mut notes),
        }
    }
    if !served {
        return Err("it names no app".into());
    }
    let mut extra = Vec::new();
    let mut put = |name: &str, value: &str| {
        extra.push(editor.word(name));
        extra.push(editor.word(value));
    };
    match program {
        "gunicorn" if !host && site.port_variable => {
            put("--host", "0.0.0.0");
            put("--port", "${PORT:-8000}");
        }
        "gunicorn" if !host && line.form == CommandForm::List => notes.notes.push(
            "gunicorn listens at `0.0.0.0:$PORT` where that variable is set, uvicorn never does: give it `--host` and `--port`".into(),
        ),
        "waitress" => {
            if !host {
                put("--host", "0.0.0.0");
            }
            if !port {
                put("--port", "8080");
            }
        }
        "flask" => {
            if let (false, Some(value)) = (host, &site.flask_run.0) {
                put("--host", value);
            }
            if !port {
                put("--port", site.flask_run.1.as_deref().unwrap_or("5000"));
            }
        }
        _ => {}
    }
    if program == "flask" && line.variables.iter().any(|v| v.name.starts_with("FLASK_")) {
        for name in ["FLASK_APP", "FLASK_DEBUG", "FLASK_ENV"] {
            editor.drop_variable(name);
        }
    }
    editor.insert(&extra);
    Ok(notes)
}

/// What an app's word becomes; `None` when it stays.
fn app_words(
    server: &Server,
    argument: &CommandArgument,
    editor: &Editor<'_>,
    site: &Site<'_>,
) -> Result<Option<Vec<String>>, String> {
    if site.own.is_some() {
        return Ok(Some(site.target.iter().map(|w| editor.word(w)).collect()));
    }
    let value = argument.value.as_deref().unwrap_or("");
    if called_with(value) {
        return Err("uvicorn calls factories without arguments".into());
    }
    if let Some(name) = value.strip_suffix("()") {
        return Ok(Some(vec![editor.word("--factory"), editor.word(name)]));
    }
    if !value.contains(':') && server.program == "gunicorn" {
        return Ok(Some(vec![editor.word(&format!("{value}:application"))]));
    }
    Ok(None)
}

/// An option that sets no field.
fn other(server: &Server, argument: &CommandArgument, editor: &mut Editor<'_>, notes: &mut Notes) {
    let name = argument.name.as_str();
    let standard = matches!(
        name,
        "--access-logfile" | "--error-logfile" | "--log-file" | "--access-logformat"
    );
    if standard || SILENT.contains(&name) {
        editor.drop(argument);
        return;
    }
    match name {
        "--worker-connections" => {
            editor.drop(argument);
            notes.no_equal(
                argument,
                "uvicorn takes every connection; `--limit-concurrency` would answer 503 above a number",
            );
        }
        "--chdir" | "--pythonpath" => {
            editor.letters(argument, "--app-dir");
            if name == "--chdir" {
                notes.notes.push(
                    "`--app-dir` is where modules are found; the process stays in the folder that it is started in".into(),
                );
            }
        }
        _ => match equal(&server.program, name, "uvicorn") {
            Some(same) if same == name => {}
            Some(new) => editor.letters(argument, new),
            None => {
                editor.drop(argument);
                notes.no_equal(argument, "uvicorn has no equal");
            }
        },
    }
}
