//! Where a command listens.

use model::{BindKind, CommandArgument, CommandForm};

use super::asked::{Asked, Command};
use super::values::{Value, Variable};
use crate::project::addresses::Address;
use crate::project::translation::sets;

/// Where it listens.
pub(super) struct Listening {
    pub host: Asked,
    pub port: Asked,
    /// An inherited socket in the place of both.
    pub descriptor: Option<Asked>,
    /// Addresses that are not listened at, with the reason.
    pub lost: Vec<String>,
}

impl Command<'_> {
    /// Where the command listens; what each server does unasked where it says nothing.
    ///
    /// # Errors
    /// When the address is known to whoever runs the command, host and port in one.
    pub fn listening(&self) -> Result<Listening, String> {
        let server = self.server;
        let (host, port) = match server.program.as_str() {
            "waitress" => ("0.0.0.0", "8080"),
            "flask" | "quart" => ("127.0.0.1", "5000"),
            _ => ("127.0.0.1", "8000"),
        };
        let mut out = Listening {
            host: self.unasked(host),
            port: self.unasked(port),
            descriptor: None,
            lost: Vec::new(),
        };
        if server.program == "flask" {
            let (host, port) = &self.site.flask_run;
            let set = |asked: &mut Asked, value: &Option<String>, name: &str| {
                if let Some(value) = value {
                    *asked = Asked {
                        from: format!("{name}={value}"),
                        ..self.unasked(value)
                    };
                }
            };
            set(&mut out.host, host, "FLASK_RUN_HOST");
            set(&mut out.port, port, "FLASK_RUN_PORT");
        }
        let mut tcp = 0;
        for bind in &server.bind {
            let address = &bind.address;
            match bind.kind {
                BindKind::Tcp if tcp == 0 => {
                    tcp += 1;
                    self.tcp(address, port, &mut out)?;
                }
                BindKind::Tcp => out.lost.push(format!(
                    "`{address}` is not listened at any more: a process of Robyn's has one address; let a proxy listen there too"
                )),
                BindKind::Unix => out.lost.push(format!(
                    "`{address}` is not listened at any more: Robyn has no Unix sockets; the proxy in front has to speak to the port"
                )),
                BindKind::Fd => {
                    out.descriptor = self.asked("bind", Some(address), "3").map(|asked| Asked {
                        word: self.word(address),
                        ..asked
                    });
                }
            }
        }
        let shell = self.line().is_some_and(|l| l.form == CommandForm::Shell);
        if server.program == "gunicorn" && server.bind.is_empty() {
            if self.site.port_variable && shell {
                out.host = self.unasked("0.0.0.0");
                out.port = self.port_variable();
            } else if self.line().is_some_and(|l| l.form == CommandForm::List) {
                out.lost.push("gunicorn listens at `0.0.0.0:$PORT` where that variable is set, the port never does: give it host and port".into());
            }
        }
        Ok(out)
    }

    /// What platforms set, and gunicorn takes unasked.
    fn port_variable(&self) -> Asked {
        let raw = "${PORT:-8000}";
        Asked {
            value: Value::Filled(Variable::new(raw, "port", "8000")),
            from: format!("{} listens there where PORT is set", self.server.program),
            word: raw.to_owned(),
        }
    }

    fn tcp(&self, address: &str, port: &str, out: &mut Listening) -> Result<(), String> {
        let arguments = self.line().map_or(&[][..], |line| &line.arguments);
        let holds = |a: &&CommandArgument| {
            sets(a) == "bind" && a.value.as_deref().is_some_and(|v| v.contains(address))
        };
        let bind = arguments.iter().find(holds);
        let host_argument = self.argument("host");
        let port_argument = self.argument("port");
        if bind.is_none() && (host_argument.is_some() || port_argument.is_some()) {
            let value = |a: Option<&CommandArgument>| a.and_then(|a| a.value.clone());
            if let Some(host) = self.asked("host", value(host_argument).as_ref(), "0.0.0.0") {
                out.host = host;
            }
            if let Some(found) = self.asked("port", value(port_argument).as_ref(), port) {
                out.port = found;
            }
            return Ok(());
        }
        let raw = bind.and_then(|a| self.editor?.raw(a));
        // Of several, the one that is meant.
        let raw = raw.filter(|raw| !raw.contains(',')).unwrap_or(address);
        // An expression of a configuration file.
        if bind.is_none() && self.line().is_some() && address.contains(['(', '{', '"', '\'']) {
            let shell = self.line().is_some_and(|l| l.form == CommandForm::Shell);
            if address.contains("PORT") && shell {
                out.host = self.unasked("0.0.0.0");
                out.port = Asked {
                    from: self.from("bind", address),
                    ..self.port_variable()
                };
                return Ok(());
            }
            out.lost.push(format!(
                "`{address}` of {} is computed there: say host and port here",
                self.file()
            ));
            return Ok(());
        }
        let unclear = || format!("`{address}` may be any address");
        let Some(Address::Tcp(raw_host, raw_port)) = Address::parse(raw) else {
            return Err(unclear());
        };
        let Some(Address::Tcp(host, number)) = Address::parse(address) else {
            return Err(unclear());
        };
        fn everywhere(host: &str) -> &str {
            if host.is_empty() { "0.0.0.0" } else { host }
        }
        let from = self.from("bind", address);
        out.host = Asked {
            from: from.clone(),
            ..self.part(
                "host",
                everywhere(host),
                bind,
                everywhere(raw_host),
                "0.0.0.0",
            )
        };
        if let (Some(raw), Some(number)) = (raw_port, number) {
            out.port = Asked {
                from,
                ..self.part("port", number, bind, raw, port)
            };
        }
        Ok(())
    }
}
