//! What Robyn 0.88 does otherwise, and nothing in Python can close (measured on the wire).

use std::collections::BTreeSet;

use model::{Deviation, DeviationWhen};

use crate::targets::parity::Port;

/// Headers that Robyn puts on every stream (src/types/response.rs).
const STREAM: &[(&str, &str)] = &[
    ("cache-control", "no-cache, no-store, must-revalidate"),
    ("expires", "0"),
    ("pragma", "no-cache"),
    ("x-accel-buffering", "no"),
];

/// Methods that Robyn has no name for.
const VERBS: &[&str] = &["LINK", "LOCK", "MKCOL", "MOVE", "PROPFIND", "PURGE", "REPORT", "SEARCH"];

/// The deviations that an app can show.
pub(super) fn of(port: &Port<'_>) -> Vec<Deviation> {
    let mut out = slashes(port);
    out.extend(queries(port));
    out.extend(verbs(port));
    out
}

/// Robyn cuts one slash off the end of a path before anybody sees it (src/types/request.rs).
fn slashes(port: &Port<'_>) -> Vec<Deviation> {
    let what = "Robyn cuts the slash off the end of a URL before the app sees it: with and without it, the URL is one, and \
                nobody is sent from one to the other";
    let with = || DeviationWhen {
        path: Some("./$".into()),
        ..DeviationWhen::default()
    };
    let without = || DeviationWhen {
        path: Some("[^/]$".into()),
        ..DeviationWhen::default()
    };
    let all = endpoints(port);
    let answer = "as the URL without the slash";
    vec![
        deviation("D-robyn-slash", &all, with(), "status", "404", answer, what),
        deviation("D-robyn-slash", &all, with(), "status", "405", answer, what),
        deviation(
            "D-robyn-slash",
            &["*".to_owned()],
            with(),
            "body",
            "the path with its slash",
            "the path without it",
            what,
        ),
        deviation(
            "D-robyn-slash",
            &all,
            without(),
            "status",
            "308",
            "as the URL with the slash",
            what,
        ),
    ]
}

/// Robyn keeps a query as a table without an order, in which `a` and `a=` are one (src/types/multimap.rs).
fn queries(port: &Port<'_>) -> Vec<Deviation> {
    let what = "Robyn keeps the keys of a query in no order, and `a` as `a=`: where the query itself is shown, its keys are sorted";
    let when = || DeviationWhen {
        query: Some("&|^[^=]+$".into()),
        ..DeviationWhen::default()
    };
    let all = endpoints(port);
    ["body", "header:location", "header:content-length"]
        .into_iter()
        .map(|field| {
            let (original, new) = ("the query as it was sent", "its keys sorted");
            deviation("D-robyn-query", &all, when(), field, original, new, what)
        })
        .collect()
}

/// What Robyn does not know by name is answered before the app is asked (src/server.rs, `index`).
fn verbs(port: &Port<'_>) -> Vec<Deviation> {
    let what = "methods that HTTP itself has no name for are answered by Robyn, whatever the app does with them";
    let all = endpoints(port);
    VERBS
        .iter()
        .map(|verb| {
            let when = DeviationWhen {
                method: Some((*verb).into()),
                ..DeviationWhen::default()
            };
            let original = "as the app answers";
            deviation("D-robyn-verb", &all, when, "status", original, "405", what)
        })
        .collect()
}

fn endpoints(port: &Port<'_>) -> Vec<String> {
    let routes = port.analysis.routes.iter().filter(|r| r.app.is_some());
    let found: BTreeSet<&str> = routes.map(|r| r.endpoint.as_str()).chain(["*"]).collect();
    found.into_iter().map(str::to_owned).collect()
}

fn deviation(
    code: &str,
    routes: &[String],
    when: DeviationWhen,
    field: &str,
    original: &str,
    port: &str,
    what: &str,
) -> Deviation {
    Deviation {
        code: code.into(),
        routes: routes.to_vec(),
        when,
        field: field.into(),
        original: original.into(),
        port: port.into(),
        what: what.into(),
    }
}
