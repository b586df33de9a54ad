//! Data-driven: files as people write them, and what they start, in one line each.

mod commands;
mod damaged;
mod files;
mod spans;

use std::fmt::Write;

use model::{BindKind, Server};

use super::files::kind;
use super::{Found, Starts, read};

/// The servers of a file named `path`, briefly: line, program, app, and what is set.
fn brief_of(path: &str, text: &str, starts: &Starts<'_>) -> Vec<String> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let kind = kind(name).unwrap_or_else(|| panic!("{path} is looked at"));
    let found = read(kind, text, path, starts).into_iter();
    found
        .filter_map(|found| match found {
            Found::Server(server) => Some(brief(&server)),
            Found::Task(_) => None,
        })
        .collect()
}

fn brief(server: &Server) -> String {
    let mut out = format!("{} {}", server.place.line, server.program);
    let mut put = |name: &str, value: &Option<String>| {
        if let Some(value) = value {
            let _ = write!(out, " {name}={value}");
        }
    };
    put("app", &server.app);
    put("interface", &server.interface);
    put("workers", &server.workers);
    put("threads", &server.threads);
    put("class", &server.worker_class);
    for bind in &server.bind {
        let kind = match bind.kind {
            BindKind::Tcp => "tcp",
            BindKind::Unix => "unix",
            BindKind::Fd => "fd",
        };
        put(kind, &Some(bind.address.clone()));
    }
    put("requests", &server.recycling.max_requests);
    put("jitter", &server.recycling.jitter);
    put("lifetime", &server.recycling.lifetime);
    put("rss", &server.recycling.max_rss);
    put("timeout", &server.timeouts.worker);
    put("graceful", &server.timeouts.graceful);
    put("keep", &server.timeouts.keep_alive);
    put("allowed", &server.proxies.allowed);
    put("cert", &server.tls.certificate);
    put("key", &server.tls.key);
    put("body", &server.body_limit);
    put("config", &server.config);
    for (name, on) in [
        ("factory", server.factory),
        ("proxy-headers", server.proxies.headers == Some(true)),
        ("no-proxy-headers", server.proxies.headers == Some(false)),
        ("reload", server.reload),
        ("preload", server.preload),
        (
            "respawn",
            server.recycling.respawn && server.program == "granian",
        ),
    ] {
        if on {
            let _ = write!(out, " {name}");
        }
    }
    for option in &server.options {
        let _ = write!(out, " [{}", option.name);
        if let Some(value) = &option.value {
            let _ = write!(out, "={value}");
        }
        out.push(']');
    }
    out
}

#[track_caller]
fn check(path: &str, text: &str, expected: &[&str]) {
    assert_eq!(
        brief_of(path, text, &Starts::default()),
        expected,
        "{path}:\n{text}"
    );
}
