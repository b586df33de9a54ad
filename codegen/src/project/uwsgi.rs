//! uWSGI's command, made anew for uvicorn.

use model::Server;

use super::addresses::Address;
use super::commandline::Editor;
use super::sites::Site;
use super::translation::{Notes, SILENT};

/// uWSGI's options are many, and half of them stand in its file: the new command is made of what is known.
pub(super) fn uwsgi(
    server: &Server,
    editor: &mut Editor<'_>,
    site: &Site<'_>,
) -> Result<Notes, String> {
    let line = server.written.as_ref().ok_or("")?;
    let mut notes = Notes::default();
    let unclear = |value: &str| value.contains(['%', '@', '(']);
    let mut words: Vec<String> = Vec::new();
    let mut put = |name: &str, value: &str| {
        words.push(name.to_owned());
        words.push(value.to_owned());
    };
    for bind in &server.bind {
        if unclear(&bind.address) {
            return Err(format!("`{}` is known to uWSGI alone", bind.address));
        }
        match bind.kind {
            model::BindKind::Unix => put("--uds", &bind.address),
            model::BindKind::Fd => put("--fd", &bind.address),
            model::BindKind::Tcp => match Address::parse(&bind.address) {
                Some(Address::Tcp(host, number)) => {
                    put("--host", if host.is_empty() { "0.0.0.0" } else { host });
                    if let Some(number) = number {
                        put("--port", number);
                    }
                }
                _ => return Err(format!("`{}` may be any address", bind.address)),
            },
        }
    }
    if server.bind.len() > 1 {
        return Err("it listens at several addresses".into());
    }
    for (value, name) in [
        (&server.workers, "--workers"),
        (&server.recycling.max_requests, "--limit-max-requests"),
        (&server.recycling.jitter, "--limit-max-requests-jitter"),
        (&server.timeouts.graceful, "--timeout-graceful-shutdown"),
        (&server.timeouts.keep_alive, "--timeout-keep-alive"),
        (&server.tls.certificate, "--ssl-certfile"),
        (&server.tls.key, "--ssl-keyfile"),
    ] {
        if let Some(value) = value {
            if unclear(value) {
                return Err(format!("`{value}` is known to uWSGI alone"));
            }
            put(name, value);
        }
    }
    for (value, what) in [
        (
            &server.threads,
            "threads: plain functions run in the app's own pool of threads",
        ),
        (
            &server.timeouts.worker,
            "harakiri: uvicorn has no limit for a request",
        ),
        (
            &server.recycling.lifetime,
            "max-worker-lifetime: uvicorn replaces workers by requests alone",
        ),
        (
            &server.recycling.max_rss,
            "reload-on-rss: uvicorn replaces workers by requests alone",
        ),
        (
            &server.body_limit,
            "limit-post: set a limit in the app or in the proxy in front",
        ),
    ] {
        if value.is_some() {
            notes.notes.push(format!("no equal of {what}"));
        }
    }
    let lost: Vec<&str> = server
        .options
        .iter()
        .map(|o| o.name.as_str())
        .filter(|name| {
            let long = format!("--{}", name.trim_start_matches('-'));
            !SILENT.contains(name) && !SILENT.contains(&long.as_str())
        })
        .collect();
    if !lost.is_empty() {
        notes.notes.push(format!("no equal of {}", lost.join(", ")));
    }
    let socket = line.arguments.iter().map(|a| a.name.as_str());
    if line.configured
        || socket
            .clone()
            .any(|n| matches!(n, "-s" | "--socket" | "--uwsgi-socket"))
    {
        notes.notes.push(
            "uvicorn speaks HTTP: a proxy in front that says `uwsgi_pass` has to say `proxy_pass`"
                .into(),
        );
    }
    words.extend(site.target.iter().cloned());
    let words: Vec<String> = words.iter().map(|w| editor.word(w)).collect();
    for argument in &line.arguments {
        editor.drop(argument);
    }
    editor.rename("uvicorn");
    editor.insert(&words);
    Ok(notes)
}
