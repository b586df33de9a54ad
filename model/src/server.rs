//! Servers: the command lines that start the app, as its files for deployment have them.
//!
//! Values are text as it is written (`$PORT`, `${WEB_CONCURRENCY:-2}`, `cpu_count() * 2 + 1`): what they
//! come to is the machine's business.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::place::{Place, Span};

/// One command line, with the configuration file that it names laid under it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Server {
    /// `granian`, `gunicorn`, `uvicorn`, `hypercorn`, `waitress`, `uwsgi`; `flask` and `quart` for
    /// their `run` command, `python` for a file that calls `app.run()`.
    pub program: String,
    /// Where the command stands.
    #[serde(flatten)]
    pub place: Place,
    /// The command from the program on, as the shell would split it.
    pub command: Vec<String>,
    /// What is served, as written: `module:attr`, a file for `python`.
    pub app: Option<String>,
    /// `app` is called to get the app (`--factory`, `--call`, or parentheses).
    #[serde(default)]
    pub factory: bool,
    /// `asgi`, `wsgi`, `rsgi`, where the command says so.
    pub interface: Option<String>,
    /// Worker processes.
    pub workers: Option<String>,
    /// Threads of a worker.
    pub threads: Option<String>,
    /// Worker class or event loop.
    pub worker_class: Option<String>,
    /// Where it listens.
    pub bind: Vec<Bind>,
    /// When workers are replaced.
    pub recycling: Recycling,
    /// Time limits.
    pub timeouts: Timeouts,
    /// What it believes of a proxy in front.
    pub proxies: Proxies,
    /// Certificates.
    pub tls: Tls,
    /// Limit of a request's body.
    #[serde(default)]
    pub body_limit: Option<String>,
    /// Restarts when source changes.
    pub reload: bool,
    /// The app is loaded before workers fork.
    pub preload: bool,
    /// Configuration file that the command names, as written.
    pub config: Option<String>,
    /// Every other option, in order.
    pub options: Vec<ServerOption>,
    /// The command as it stands in its file; absent when it stands in none, or behind escapes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written: Option<CommandLine>,
}

/// A command that starts no server and yet needs the framework or names its packages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Task {
    /// `flask` for the app's own commands, `pip` for an installation.
    pub program: String,
    /// Where it stands.
    #[serde(flatten)]
    pub place: Place,
    /// The command from the program on, as the shell would split it.
    pub command: Vec<String>,
    /// The command of that program: `db`, `install`.
    pub name: String,
    /// The app that it names, by an option or by the environment.
    pub app: Option<String>,
    /// The command as it stands in its file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written: Option<CommandLine>,
}

/// A command as it stands in its file, for who wants to change it. Spans are bytes of that file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CommandLine {
    /// How words are told apart.
    pub form: CommandForm,
    /// First byte of the statement that it is part of: a line above it may be a comment. `None` in a
    /// format without comments.
    pub head: Option<u32>,
    /// The word that names the program, quotes included.
    pub program: Span,
    /// The name itself: `gunicorn` of `/srv/venv/bin/gunicorn`.
    pub name: Span,
    /// One past its last byte.
    pub end: u32,
    /// The interpreter's word, when the program is a module: that of `python -m gunicorn`.
    pub python: Option<Span>,
    /// Variables set in front of the command.
    pub variables: Vec<CommandVariable>,
    /// Options and arguments, in order.
    pub arguments: Vec<CommandArgument>,
    /// Settings from elsewhere count too: a configuration file, or a variable with options.
    pub configured: bool,
}

/// How the words of a command are told apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CommandForm {
    /// By blanks, as a shell reads them.
    #[default]
    Shell,
    /// Each is an item of a list.
    List,
}

/// `NAME=value` in front of a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CommandVariable {
    /// Its name.
    pub name: String,
    /// The whole.
    pub span: Span,
}

/// An option with its value, or an argument by position.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CommandArgument {
    /// What it sets, in one word for all servers: `workers`, `bind`, `app`.
    pub sets: Option<String>,
    /// The option as written; empty by position.
    pub name: String,
    /// The value without quotes; `None` for a switch.
    pub value: Option<String>,
    /// The whole, quotes included.
    pub span: Span,
    /// The word of the option alone, quotes included; that of the value when both are one.
    pub option: Option<Span>,
    /// The option's letters.
    pub letters: Option<Span>,
    /// The value's letters, quotes around them off.
    pub text: Option<Span>,
}

/// An address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Bind {
    /// What it is.
    pub kind: BindKind,
    /// `host:port` (either may be missing), a path, a number.
    pub address: String,
}

/// Kinds of address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BindKind {
    /// Host and port.
    Tcp,
    /// A Unix domain socket.
    Unix,
    /// A file descriptor.
    Fd,
}

/// When workers are replaced.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Recycling {
    /// After that many requests.
    pub max_requests: Option<String>,
    /// With so much chance added.
    pub jitter: Option<String>,
    /// After that time.
    pub lifetime: Option<String>,
    /// Above that much memory.
    pub max_rss: Option<String>,
    /// When they die.
    pub respawn: bool,
}

/// Time limits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Timeouts {
    /// Of a silent worker.
    pub worker: Option<String>,
    /// For requests under way when the server stops.
    pub graceful: Option<String>,
    /// Of an idle connection.
    pub keep_alive: Option<String>,
}

/// What a server believes of a proxy in front of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Proxies {
    /// Addresses whose forwarded headers are taken.
    pub allowed: Option<String>,
    /// Forwarded headers are switched on or off.
    pub headers: Option<bool>,
    /// The PROXY protocol is spoken.
    pub protocol: bool,
}

/// Certificates.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tls {
    /// Its certificate.
    pub certificate: Option<String>,
    /// Its key.
    pub key: Option<String>,
    /// Who signs clients' certificates.
    pub client_ca: Option<String>,
}

/// An option that has no field of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServerOption {
    /// As written: `--access-logfile`, `accesslog` in a configuration file.
    pub name: String,
    /// Its value; `None` for a switch.
    pub value: Option<String>,
}
