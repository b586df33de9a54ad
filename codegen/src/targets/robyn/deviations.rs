//! What Robyn 0.88 does otherwise, and nothing in Python can close (measured on the wire).

use std::collections::BTreeSet;

use model::touch::Access;
use model::{Deviation, DeviationWhen, Function, Op, Route};

use crate::python::rules;
use crate::targets::parity::Port;

/// Headers that Robyn puts on every stream (src/types/response.rs).
const STREAM: &[(&str, &str)] = &[
    ("cache-control", "no-cache, no-store, must-revalidate"),
    ("expires", "0"),
    ("pragma", "no-cache"),
    ("x-accel-buffering", "no"),
];

/// Methods that Robyn has no name for.
const VERBS: &[&str] = &[
    "LINK", "LOCK", "MKCOL", "MOVE", "PROPFIND", "PURGE", "REPORT", "SEARCH",
];

/// One thing that is otherwise, of these routes.
struct Otherwise {
    code: &'static str,
    what: &'static str,
    routes: Vec<String>,
}

impl Otherwise {
    /// In one field of an answer.
    fn at(&self, when: DeviationWhen, field: &str, original: &str, port: &str) -> Deviation {
        Deviation {
            code: self.code.into(),
            routes: self.routes.clone(),
            when,
            field: field.into(),
            original: original.into(),
            port: port.into(),
            what: self.what.into(),
        }
    }

    /// In one field of every answer.
    fn always(&self, field: &str, original: &str, port: &str) -> Deviation {
        self.at(DeviationWhen::default(), field, original, port)
    }
}

/// The deviations that an app can show.
pub(super) fn of(port: &Port<'_>) -> Vec<Deviation> {
    let mut out = slashes(port);
    out.push(queries(port));
    out.extend(headers(port));
    out.push(encoding(port));
    out.extend(unread(port));
    out.extend(streams(port));
    out.extend(verbs(port));
    out
}

/// Endpoints, each once, with the requests that match no route.
fn and_none<'a>(endpoints: impl Iterator<Item = &'a Route>) -> Vec<String> {
    let names = endpoints.map(|r| r.endpoint.as_str()).chain(["*"]);
    let names: BTreeSet<&str> = names.collect();
    names.into_iter().map(str::to_owned).collect()
}

fn routes<'a>(port: &'a Port<'_>) -> impl Iterator<Item = &'a Route> {
    port.analysis.routes.iter().filter(|r| r.app.is_some())
}

fn everywhere(port: &Port<'_>, code: &'static str, what: &'static str) -> Otherwise {
    Otherwise {
        code,
        what,
        routes: and_none(routes(port)),
    }
}

/// Robyn cuts one slash off the end of a path before anybody sees it (src/types/request.rs). What the port makes of it:
/// `flask_parity.robynslashes`.
fn slashes(port: &Port<'_>) -> Vec<Deviation> {
    let code = "D-robyn-slash";
    let path = |pattern: &str| DeviationWhen {
        path: Some(pattern.into()),
        ..DeviationWhen::default()
    };
    let without = || path("[^/]$");
    let (branches, leaves): (Vec<&Route>, Vec<&Route>) =
        routes(port).partition(|r| r.rule.ends_with('/') && r.rule != "/");
    // Where a rule without a slash may take the URL, nobody is sent away.
    let (moved, open): (Vec<&Route>, Vec<&Route>) = branches.into_iter().partition(|branch| {
        let may_take = |leaf: &&Route| rules::hides(&leaf.rule, &branch.rule);
        // Of what is left to Flask, only Flask knows which values fit.
        let view = branch.view.as_ref().and_then(|v| v.function.as_ref());
        let is_left = view.is_some_and(|id| port.unported.contains_key(id));
        let only_flask_knows = port.is_whole || is_left && branch.rule.contains('<');
        let answers_get = branch.methods.iter().any(|m| m == "GET");
        answers_get && !only_flask_knows && !leaves.iter().any(may_take)
    });
    let mut out = Vec::new();
    if !moved.is_empty() {
        let moved = Otherwise {
            code,
            what: "a URL that lacks its slash is moved with a 302, without its query, and no hook runs; methods other than \
                   GET and HEAD are refused",
            routes: and_none(moved.into_iter()),
        };
        out.push(moved.at(without(), "status", "308", "302, or 405"));
        out.push(moved.at(without(), "status", "404", "405"));
        let options = DeviationWhen {
            method: Some("OPTIONS".into()),
            ..without()
        };
        out.push(moved.at(options, "status", "308", WITH));
    }
    if !open.is_empty() {
        let open = Otherwise {
            code,
            what: "a URL that lacks its slash is answered as the one that has it",
            routes: and_none(open.into_iter()),
        };
        out.push(open.at(without(), "status", "308", WITH));
        out.push(open.at(without(), "status", "404", "405"));
    }
    let what = "a URL with a slash too many is the one without it, where the app's 404 is not the same for everybody";
    let too_many = everywhere(port, code, what);
    for status in ["404", "405"] {
        out.push(too_many.at(path("./$"), "status", status, WITHOUT));
    }
    let takes_rest = |route: &&Route| {
        let parts = rules::parse(&route.rule).unwrap_or_default();
        matches!(parts.last(), Some(rules::Part::Variable { converter, .. }) if converter == "path")
    };
    let rest = Otherwise {
        routes: and_none(routes(port).filter(takes_rest)),
        ..too_many
    };
    let (original, new) = ("the path with its slash", "the path without it");
    out.push(rest.at(path("./$"), "body", original, new));
    out
}

const WITH: &str = "as the URL with the slash";
const WITHOUT: &str = "as the URL without the slash";

/// Robyn keeps a query as a table without an order, in which `a` and `a=` are one (src/types/multimap.rs).
fn queries(port: &Port<'_>) -> Deviation {
    let what = "Robyn keeps the keys of a query in no order, and `a` as `a=`: where the query itself is shown, its keys are sorted";
    let when = DeviationWhen {
        query: Some("&|^[^=]+$".into()),
        ..DeviationWhen::default()
    };
    everywhere(port, "D-robyn-query", what).at(when, "query", "as it was sent", "its keys sorted")
}

/// A header whose value is not ASCII is not in the table (src/types/headers.rs, `from_actix_headers`).
fn unread(port: &Port<'_>) -> [Deviation; 2] {
    let what = "a header of a request that is not ASCII, a cookie for instance, is not there";
    let all = everywhere(port, "D-robyn-ascii", what);
    ["status", "body"].map(|field| {
        let when = DeviationWhen {
            header: Some("[^ -~]".into()),
            ..DeviationWhen::default()
        };
        all.at(when, field, "as with the header", "as without the header")
    })
}

/// Headers are Rust's strings.
fn encoding(port: &Port<'_>) -> Deviation {
    let what = "values of headers that are not ASCII are sent in UTF-8, where WSGI has Latin-1";
    everywhere(port, "D-robyn-utf-8", what).always("utf-8", "Latin-1", "UTF-8")
}

/// Robyn keeps a request's headers as a table without an order (src/types/headers.rs): whoever goes through all of them
/// shows it.
fn headers(port: &Port<'_>) -> Option<Deviation> {
    let lists = |function: &Function| {
        function.touches.iter().any(|t| {
            let by_key = |access: &Access| {
                matches!(
                    access,
                    Access::Item { .. }
                        | Access::Get { .. }
                        | Access::All { .. }
                        | Access::Contains { .. }
                )
            };
            matches!(&t.op, Op::Headers { access } if !by_key(access))
                || matches!(&t.op, Op::RequestAttribute { name } if name == "environ")
        })
    };
    let mut reached: BTreeSet<&str> = port
        .functions()
        .filter(|f| lists(f))
        .map(|f| f.id.as_str())
        .collect();
    loop {
        let more: Vec<&str> = port
            .functions()
            .filter(|f| !reached.contains(f.id.as_str()))
            .filter(|f| f.calls.iter().any(|id| reached.contains(id.as_str())))
            .map(|f| f.id.as_str())
            .collect();
        if more.is_empty() {
            break;
        }
        reached.extend(more);
    }
    let shows = |route: &&Route| {
        let view = route.view.as_ref().and_then(|v| v.function.as_deref());
        view.is_some_and(|id| reached.contains(id))
    };
    let names: BTreeSet<&str> = port
        .analysis
        .routes
        .iter()
        .filter(shows)
        .map(|r| r.endpoint.as_str())
        .collect();
    let shown = Otherwise {
        code: "D-robyn-headers",
        what: "Robyn keeps the headers of a request in no order: what goes through all of them finds them in another one",
        routes: names.into_iter().map(str::to_owned).collect(),
    };
    (!shown.routes.is_empty())
        .then(|| shown.always("order", "as they were sent", "in another order"))
}

/// Streams get headers that tell every cache to keep away, behind the app's own.
fn streams(port: &Port<'_>) -> Vec<Deviation> {
    let what = "Robyn adds `Cache-Control`, `Expires`, `Pragma` and `X-Accel-Buffering` to what is streamed";
    let all = everywhere(port, "D-robyn-stream", what);
    let of = |(name, value): &(&str, &str)| {
        let field = format!("header:{name}");
        let behind = format!("{{}}, {value}");
        [
            all.always(&field, "absent", value),
            all.always(&field, "{}", &behind),
        ]
    };
    STREAM.iter().flat_map(of).collect()
}

/// What Robyn does not know by name is answered before the app is asked (src/server.rs, `index`).
fn verbs(port: &Port<'_>) -> Vec<Deviation> {
    let what = "methods that HTTP itself has no name for are answered by Robyn, whatever the app does with them";
    let all = everywhere(port, "D-robyn-verb", what);
    let of = |verb: &&str| {
        let when = DeviationWhen {
            method: Some((*verb).into()),
            ..DeviationWhen::default()
        };
        all.at(when, "status", "as the app answers", "405")
    };
    VERBS.iter().map(of).collect()
}
