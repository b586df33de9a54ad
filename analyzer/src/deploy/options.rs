//! What the options of a server mean; which it has is told in [`super::programs`].

use super::programs::PROGRAMS;

/// A field of [`model::Server`] that an option sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// `module:attr`, by an option instead of by position.
    App,
    /// The name in the module, apart from it.
    Attribute,
    /// `app` is a function to call.
    Factory,
    /// `asgi`, `wsgi`, `rsgi`.
    Interface,
    /// Worker processes.
    Workers,
    /// Threads.
    Threads,
    /// Worker class.
    WorkerClass,
    /// A whole address.
    Bind,
    /// Host alone.
    Host,
    /// Port alone.
    Port,
    /// Path of a Unix socket.
    Unix,
    /// File descriptor.
    Fd,
    /// Requests before a worker is replaced.
    MaxRequests,
    /// Chance added to that.
    Jitter,
    /// Age at which a worker is replaced.
    Lifetime,
    /// Memory at which a worker is replaced.
    MaxRss,
    /// Dead workers are replaced.
    Respawn,
    /// Limit for a silent worker.
    Timeout,
    /// Limit for requests under way at the end.
    Graceful,
    /// Limit of an idle connection.
    KeepAlive,
    /// Addresses of proxies.
    Allowed,
    /// Forwarded headers are taken.
    ProxyHeaders,
    /// Forwarded headers are not taken.
    NoProxyHeaders,
    /// PROXY protocol.
    ProxyProtocol,
    /// Certificate.
    Certificate,
    /// Its key.
    Key,
    /// Who signs clients.
    ClientCa,
    /// Limit of a body.
    BodyLimit,
    /// Restarts at changes.
    Reload,
    /// App is loaded before forking.
    Preload,
    /// Configuration file.
    Config,
}

impl Field {
    /// Its word in [`model::CommandArgument::sets`].
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Attribute => "attribute",
            Self::Factory => "factory",
            Self::Interface => "interface",
            Self::Workers => "workers",
            Self::Threads => "threads",
            Self::WorkerClass => "worker_class",
            Self::Bind => "bind",
            Self::Host => "host",
            Self::Port => "port",
            Self::Unix => "unix",
            Self::Fd => "fd",
            Self::MaxRequests => "max_requests",
            Self::Jitter => "jitter",
            Self::Lifetime => "lifetime",
            Self::MaxRss => "max_rss",
            Self::Respawn => "respawn",
            Self::Timeout => "timeout",
            Self::Graceful => "graceful",
            Self::KeepAlive => "keep_alive",
            Self::Allowed => "allowed",
            Self::ProxyHeaders => "proxy_headers",
            Self::NoProxyHeaders => "no_proxy_headers",
            Self::ProxyProtocol => "proxy_protocol",
            Self::Certificate => "certificate",
            Self::Key => "key",
            Self::ClientCa => "client_ca",
            Self::BodyLimit => "body_limit",
            Self::Reload => "reload",
            Self::Preload => "preload",
            Self::Config => "config",
        }
    }
}

/// Whether an option that sets this field has no value.
#[must_use]
pub const fn is_switch(field: Field) -> bool {
    matches!(
        field,
        Field::Factory
            | Field::Respawn
            | Field::ProxyHeaders
            | Field::NoProxyHeaders
            | Field::ProxyProtocol
            | Field::Reload
            | Field::Preload
    )
}

/// What the table has on one server.
#[derive(Debug)]
pub struct Program {
    /// As [`model::Server::program`] has it.
    pub name: &'static str,
    /// Names of its command.
    pub commands: &'static [&'static str],
    /// Options that set a field: names and the field.
    pub fields: &'static [(&'static [&'static str], Field)],
    /// Options without a value, besides those of `fields` that are switches by nature.
    pub switches: &'static [&'static str],
    /// Names of its configuration file's settings, where they are not its options' names.
    pub settings: &'static [(&'static str, Field)],
}

impl Program {
    /// The server of a command's name.
    #[must_use]
    pub fn find(command: &str) -> Option<&'static Self> {
        PROGRAMS.iter().find(|p| p.commands.contains(&command))
    }

    /// The field that an option sets.
    #[must_use]
    pub fn field(&self, option: &str) -> Option<Field> {
        let of = |option: &str| {
            self.fields
                .iter()
                .find(|(names, _)| names.contains(&option))
                .map(|(_, field)| *field)
        };
        // uWSGI takes its long options with underscores as well.
        of(option).or_else(|| {
            (self.name == "uwsgi" && option.contains('_')).then(|| of(&option.replace('_', "-")))?
        })
    }

    /// The field that a setting of its configuration file sets.
    #[must_use]
    pub fn setting(&self, name: &str) -> Option<Field> {
        if self.name == "uwsgi" {
            return self.field(&format!("--{name}"));
        }
        let found = self.settings.iter().find(|(n, _)| *n == name);
        found.map(|(_, field)| *field)
    }

    /// Whether an option has no value.
    #[must_use]
    pub fn is_switch(&self, option: &str) -> bool {
        match self.field(option) {
            Some(field) => is_switch(field),
            None => {
                let positive = option.replacen("--no-", "--", 1);
                self.switches.contains(&option)
                    || self.switches.contains(&positive.as_str())
                    || option != positive && self.field(&positive).is_some_and(is_switch)
            }
        }
    }
}
