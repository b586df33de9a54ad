//! Settings laid into a [`Server`]: those of its configuration file first, then those of the command.

use model::{Bind, BindKind, Server, ServerOption, Span};

use super::options::{Field, Program, is_switch};

/// One option or one line of a configuration file.
#[derive(Clone, Debug)]
pub struct Setting {
    /// What it sets.
    pub field: Option<Field>,
    /// Its name as written; empty for what stands by position.
    pub name: String,
    /// Its value; `None` for a switch.
    pub value: Option<String>,
    /// Where it stands, when that is in the command itself.
    pub at: Option<At>,
}

/// Where an option stands: as [`model::CommandArgument`] has it.
#[derive(Clone, Copy, Debug)]
pub struct At {
    /// The whole, quotes included.
    pub span: Span,
    /// The word of the option.
    pub option: Option<Span>,
    /// The option's letters.
    pub letters: Option<Span>,
    /// The value's letters.
    pub text: Option<Span>,
}

impl Setting {
    /// A setting.
    #[must_use]
    pub fn new(field: Option<Field>, name: &str, value: Option<String>) -> Self {
        Self {
            field,
            name: name.to_owned(),
            value,
            at: None,
        }
    }

    /// The setting at its place.
    #[must_use]
    pub fn at(self, at: Option<At>) -> Self {
        Self { at, ..self }
    }
}

/// Lays both lists into `server`. What the command says wins.
pub fn apply(server: &mut Server, program: &Program, config: Vec<Setting>, command: Vec<Setting>) {
    let is_address = |f: Option<Field>| {
        matches!(
            f,
            Some(Field::Bind | Field::Host | Field::Port | Field::Unix | Field::Fd)
        )
    };
    let bound = command.iter().any(|s| is_address(s.field));
    let mut host = None;
    let mut port = None;
    let mut attribute = None;
    let config = config
        .into_iter()
        .filter(|s| !(bound && is_address(s.field)) && s.field != Some(Field::Config));
    for setting in config.chain(command) {
        let value = setting.value.clone();
        match setting.field {
            Some(Field::Host) => host = value,
            Some(Field::Port) => port = value,
            Some(Field::Attribute) => attribute = value,
            Some(field) if is_switch(field) => switch(server, field, is_on(value.as_deref())),
            Some(field) => valued(server, program, field, &setting),
            None => server.options.push(ServerOption {
                name: setting.name,
                value,
            }),
        }
    }
    if host.is_some() || port.is_some() {
        let host = host.unwrap_or_default();
        // IPv6 hosts have colons of their own.
        let host = if host.contains(':') && !host.starts_with('[') {
            format!("[{host}]")
        } else {
            host
        };
        let address = port.map_or(host.clone(), |port| format!("{host}:{port}"));
        server.bind.push(bind(BindKind::Tcp, &address));
    }
    if let Some(app) = &mut server.app {
        if let Some(attribute) = attribute
            && !app.contains(':')
        {
            app.push(':');
            app.push_str(&attribute);
        }
        server.factory |= app.ends_with(')') && app.contains(':');
    }
    // These replace dead workers without being asked.
    server.recycling.respawn |= match program.name {
        "gunicorn" => true,
        "uwsgi" => server
            .options
            .iter()
            .any(|o| matches!(o.name.as_str(), "-M" | "--master" | "master")),
        "uvicorn" => server.workers.as_deref().is_some_and(|w| w != "1"),
        _ => false,
    };
}

fn bind(kind: BindKind, address: &str) -> Bind {
    Bind {
        kind,
        address: address.to_owned(),
    }
}

/// A switch is on unless a file or `=` says otherwise.
fn is_on(value: Option<&str>) -> bool {
    !matches!(
        value.map(str::to_ascii_lowercase).as_deref(),
        Some("false" | "0" | "none" | "no" | "off")
    )
}

fn switch(server: &mut Server, field: Field, on: bool) {
    match field {
        Field::Factory => server.factory = on,
        Field::Respawn => server.recycling.respawn = on,
        Field::ProxyHeaders => server.proxies.headers = Some(on),
        Field::NoProxyHeaders => server.proxies.headers = Some(!on),
        Field::ProxyProtocol => server.proxies.protocol = on,
        Field::Reload => server.reload = on,
        Field::Preload => server.preload = on,
        _ => {}
    }
}

fn valued(server: &mut Server, program: &Program, field: Field, setting: &Setting) {
    let value = setting.value.clone();
    let text = value.as_deref().unwrap_or("");
    match field {
        Field::App => {
            // A file of uWSGI's, with the object's name apart, is still a file.
            server.app = value;
        }
        Field::Interface => server.interface = value,
        Field::Workers => server.workers = value,
        Field::Threads => server.threads = value,
        Field::WorkerClass => server.worker_class = value,
        Field::Bind if !text.is_empty() => address(server, program, setting, text),
        Field::Unix if !text.is_empty() => server.bind.push(bind(BindKind::Unix, text)),
        Field::Fd if !text.is_empty() => server.bind.push(bind(BindKind::Fd, text)),
        Field::MaxRequests => server.recycling.max_requests = value,
        Field::Jitter => server.recycling.jitter = value,
        Field::Lifetime => server.recycling.lifetime = value,
        Field::MaxRss => server.recycling.max_rss = value,
        Field::Timeout => server.timeouts.worker = value,
        Field::Graceful => server.timeouts.graceful = value,
        Field::KeepAlive => server.timeouts.keep_alive = value,
        Field::Allowed => server.proxies.allowed = value,
        Field::Certificate => server.tls.certificate = value,
        Field::Key => server.tls.key = value,
        Field::ClientCa => server.tls.client_ca = value,
        Field::BodyLimit => server.body_limit = value,
        Field::Config => server.config = value,
        _ => {}
    }
}

fn address(server: &mut Server, program: &Program, setting: &Setting, text: &str) {
    let mut parts = text.split(',').map(str::trim).filter(|p| !p.is_empty());
    // `--https :443,cert.pem,key.pem`
    if program.name == "uwsgi" {
        if let Some(first) = parts.next() {
            server.bind.push(kind_of(first, program));
        }
        if setting.name.ends_with("https") {
            server.tls.certificate = parts.next().map(str::to_owned);
            server.tls.key = parts.next().map(str::to_owned);
        }
        return;
    }
    // An expression of a configuration file is shown as it is written.
    if text.contains('(') {
        server.bind.push(bind(BindKind::Tcp, text));
        return;
    }
    server.bind.extend(parts.map(|part| kind_of(part, program)));
}

fn kind_of(text: &str, program: &Program) -> Bind {
    if let Some(path) = text.strip_prefix("unix:") {
        return bind(BindKind::Unix, path.strip_prefix("//").unwrap_or(path));
    }
    if let Some(number) = text.strip_prefix("fd://") {
        return bind(BindKind::Fd, number);
    }
    let is_path = text.starts_with(['/', '.', '%']) || text.ends_with(".sock");
    if is_path && program.name == "uwsgi" {
        return bind(BindKind::Unix, text);
    }
    bind(BindKind::Tcp, text)
}
