//! What the app's servers do now that the server under a port cannot.

use model::{BindKind, Code, Finding, Server, Severity};

use super::servers::{self, Ability, Feature, ability};

/// What is lost when the app of these servers is served as a port to `target`, by place.
///
/// An app that is on a server which can run the port stays there; otherwise the port's own command
/// counts.
#[must_use]
pub fn lost(list: &[Server], target: &str) -> Vec<Finding> {
    let hosts = servers::hosts(target);
    let Some(default) = hosts.first() else {
        return Vec::new();
    };
    let mut out = Vec::new();
    for server in list {
        if hosts.contains(&server.program.as_str()) && speaks_asgi(server) {
            continue;
        }
        let next = default;
        for feature in used(server) {
            if let Some(finding) = feature_lost(server, feature, next, hosts, target) {
                out.push(finding);
            }
        }
        // Those of development servers and of uWSGI are not known one by one.
        if servers::SERVERS.contains(&server.program.as_str()) {
            out.extend(
                server
                    .options
                    .iter()
                    .filter(|o| servers::equal(&server.program, &o.name, next).is_none())
                    .map(|o| Finding {
                        code: Code::M0602,
                        severity: Severity::Note,
                        place: server.place.clone(),
                        message: format!(
                            "`{}` of {} has no equal in {}, which serves {target}",
                            o.name,
                            server.program,
                            shown(next)
                        ),
                        help: "Drop it, or look for the new server's own way.".into(),
                    }),
            );
        }
    }
    out
}

/// gunicorn runs an ASGI app only by a worker class for it; the others are told by the interface.
fn speaks_asgi(server: &Server) -> bool {
    server.program != "gunicorn"
        || server
            .worker_class
            .as_deref()
            .is_some_and(|class| class.contains("uvicorn") || class.contains("asgi"))
}

fn feature_lost(
    server: &Server,
    feature: Feature,
    next: &str,
    hosts: &[&str],
    target: &str,
) -> Option<Finding> {
    let (what, instead) = match ability(next, feature)? {
        Ability::Yes(_) => return None,
        Ability::Partly(how) => ("can do only in part", how),
        Ability::No(instead) => ("cannot do", instead),
    };
    let whole = hosts.iter().find_map(|host| match ability(host, feature) {
        Some(Ability::Yes(how)) => Some((*host, how)),
        _ => None,
    });
    let partly = || {
        hosts.iter().find_map(|host| match ability(host, feature) {
            Some(Ability::Partly(how)) if *host != next => Some((*host, how)),
            _ => None,
        })
    };
    let chosen = crate::targets::find(target).map_or_else(Vec::new, crate::Target::choices);
    let help = match whole.or_else(partly) {
        Some((host, how)) if chosen.contains(&host) => {
            format!("Port it with `--server {host}` ({how}), or use: {instead}.")
        }
        Some((host, how)) => format!("Serve the port with {host} ({how}), or use: {instead}."),
        None => format!("Use instead: {instead}."),
    };
    Some(Finding {
        code: Code::M0601,
        severity: Severity::Warning,
        place: server.place.clone(),
        message: format!(
            "{} uses {}, which {}, serving {target}, {what}",
            server.program,
            servers::title(feature),
            shown(next)
        ),
        help,
    })
}

fn shown(server: &str) -> &str {
    match server {
        "own" => "the port's own process",
        "robyn" => "Robyn's own server",
        other => other,
    }
}

/// What a command line asks for.
#[must_use]
pub fn used(server: &Server) -> Vec<Feature> {
    let many = |count: &Option<String>| count.as_deref().is_some_and(|n| n != "1" && n != "0");
    let asked = |value: &Option<String>| value.as_deref().is_some_and(|v| v != "0");
    let bound = |kind| server.bind.iter().any(|b| b.kind == kind);
    let recycling = &server.recycling;
    [
        (many(&server.workers), Feature::Workers),
        (many(&server.threads), Feature::Threads),
        (asked(&recycling.max_requests), Feature::RecycleRequests),
        (asked(&recycling.lifetime), Feature::RecycleAge),
        (asked(&recycling.max_rss), Feature::RecycleMemory),
        (recycling.respawn, Feature::Respawn),
        (bound(BindKind::Unix), Feature::UnixSocket),
        (bound(BindKind::Fd), Feature::Descriptor),
        (server.tls.certificate.is_some(), Feature::Tls),
        (asked(&server.body_limit), Feature::BodyLimit),
        (server.timeouts.graceful.is_some(), Feature::GracefulStop),
        (
            server.proxies.allowed.is_some() || server.proxies.headers == Some(true),
            Feature::ForwardedHeaders,
        ),
        (server.proxies.protocol, Feature::ProxyProtocol),
        (server.reload, Feature::DevReload),
    ]
    .into_iter()
    .filter_map(|(is_used, feature)| is_used.then_some(feature))
    .collect()
}

#[cfg(test)]
mod tests {
    use model::{Bind, Recycling, ServerOption};

    use super::*;
    use crate::plan::servers::{ABILITIES, EQUALS, HOSTS, SERVERS};

    fn podcast() -> Server {
        Server {
            program: "granian".into(),
            workers: Some("1".into()),
            recycling: Recycling {
                lifetime: Some("21600".into()),
                respawn: true,
                ..Recycling::default()
            },
            options: vec![ServerOption {
                name: "--metrics".into(),
                value: None,
            }],
            ..Server::default()
        }
    }

    fn codes(server: &Server, target: &str) -> Vec<String> {
        lost(std::slice::from_ref(server), target)
            .iter()
            .map(|f| format!("{} {} {}", f.code, f.message, f.help))
            .collect()
    }

    #[test]
    fn robyn_does_not_replace_workers() {
        assert_eq!(
            codes(&podcast(), "robyn"),
            [
                "M0601 granian uses recycling by age, which Robyn's own server, serving robyn, cannot do Port it with `--server circus` (--lifetime of flask_parity.serve), or use: RuntimeMaxSec= of systemd.",
                "M0601 granian uses respawn of dead workers, which Robyn's own server, serving robyn, cannot do Port it with `--server circus` (respawn), or use: Restart=always of systemd.",
                "M0602 `--metrics` of granian has no equal in Robyn's own server, which serves robyn Drop it, or look for the new server's own way.",
            ]
        );
    }

    #[test]
    fn a_server_that_can_run_the_port_stays() {
        assert!(codes(&podcast(), "fastapi").is_empty());
        assert!(codes(&podcast(), "unheard of").is_empty());
    }

    #[test]
    fn another_server_is_named() {
        let server = Server {
            program: "uwsgi".into(),
            threads: Some("8".into()),
            recycling: Recycling {
                lifetime: Some("3600".into()),
                ..Recycling::default()
            },
            bind: vec![Bind {
                kind: BindKind::Unix,
                address: "/a".into(),
            }],
            ..Server::default()
        };
        let found = codes(&server, "fastapi");
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains("Serve the port with granian (--workers-lifetime)"));
    }

    #[test]
    fn tables_fit_each_other() {
        for (target, hosts) in HOSTS {
            assert!(hosts.iter().all(|h| SERVERS.contains(h)), "{target}");
        }
        for target in crate::TARGETS {
            assert!(!servers::hosts(target.name).is_empty(), "{}", target.name);
        }
        assert!(
            ABILITIES
                .iter()
                .all(|r| r.abilities.iter().all(|a| !a.how().is_empty()))
        );
        assert!(EQUALS.iter().all(|row| row.iter().flatten().count() > 1));
    }
}
