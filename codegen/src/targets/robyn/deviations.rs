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

/// The deviations that an app can show.
pub(super) fn of(port: &Port<'_>) -> Vec<Deviation> {
    let mut out = slashes(port);
    out.extend(queries(port));
    out.extend(headers(port));
    out.push(encoding(port));
    out.extend(unread(port));
    out.extend(streams(port));
    out.extend(verbs(port));
    out
}

/// Robyn cuts one slash off the end of a path before anybody sees it (src/types/request.rs). What the port makes of it:
/// `flask_parity.robynslashes`.
fn slashes(port: &Port<'_>) -> Vec<Deviation> {
    let code = "D-robyn-slash";
    let when = |method: Option<&str>, path: &str| DeviationWhen {
        method: method.map(str::to_owned),
        path: Some(path.into()),
        ..DeviationWhen::default()
    };
    let routes: Vec<&Route> = port
        .analysis
        .routes
        .iter()
        .filter(|r| r.app.is_some())
        .collect();
    let (branches, leaves): (Vec<&Route>, Vec<&Route>) = routes
        .iter()
        .partition(|r| r.rule.ends_with('/') && r.rule != "/");
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
    let named = |routes: &[&Route]| -> Vec<String> {
        // Without its slash a URL is that of no route.
        let names = routes.iter().map(|r| r.endpoint.as_str()).chain(["*"]);
        let names: BTreeSet<&str> = names.collect();
        names.into_iter().map(str::to_owned).collect()
    };
    let mut out = Vec::new();
    let without = "[^/]$";
    if !moved.is_empty() {
        let what = "a URL that lacks its slash is moved with a 302, without its query, and no hook runs; methods other than \
                    GET and HEAD are refused";
        let names = named(&moved);
        out.push(deviation(
            code,
            &names,
            when(None, without),
            "status",
            "308",
            "302, or 405",
            what,
        ));
        let other = when(None, without);
        out.push(deviation(code, &names, other, "status", "404", "405", what));
        let options = when(Some("OPTIONS"), without);
        out.push(deviation(
            code, &names, options, "status", "308", WITH, what,
        ));
    }
    if !open.is_empty() {
        let what = "a URL that lacks its slash is answered as the one that has it";
        let names = named(&open);
        out.push(deviation(
            code,
            &names,
            when(None, without),
            "status",
            "308",
            WITH,
            what,
        ));
        out.push(deviation(
            code,
            &names,
            when(None, without),
            "status",
            "404",
            "405",
            what,
        ));
    }
    let what = "a URL with a slash too many is the one without it, where the app's 404 is not the same for everybody";
    let all = endpoints(port);
    for status in ["404", "405"] {
        let with = when(None, "./$");
        out.push(deviation(code, &all, with, "status", status, WITHOUT, what));
    }
    let takes_rest = |route: &&Route| {
        let parts = rules::parse(&route.rule).unwrap_or_default();
        matches!(parts.last(), Some(rules::Part::Variable { converter, .. }) if converter == "path")
    };
    let rest = routes.iter().copied().filter(takes_rest);
    let none: Vec<String> = rest
        .map(|r| r.endpoint.clone())
        .chain(["*".to_owned()])
        .collect();
    let (original, new) = ("the path with its slash", "the path without it");
    out.push(deviation(
        code,
        &none,
        when(None, "./$"),
        "body",
        original,
        new,
        what,
    ));
    out
}

const WITH: &str = "as the URL with the slash";
const WITHOUT: &str = "as the URL without the slash";

/// Robyn keeps a query as a table without an order, in which `a` and `a=` are one (src/types/multimap.rs).
fn queries(port: &Port<'_>) -> Vec<Deviation> {
    let what = "Robyn keeps the keys of a query in no order, and `a` as `a=`: where the query itself is shown, its keys are sorted";
    let when = DeviationWhen {
        query: Some("&|^[^=]+$".into()),
        ..DeviationWhen::default()
    };
    let (original, new) = ("as it was sent", "its keys sorted");
    vec![deviation(
        "D-robyn-query",
        &endpoints(port),
        when,
        "query",
        original,
        new,
        what,
    )]
}

/// A header whose value is not ASCII is not in the table (src/types/headers.rs, `from_actix_headers`).
fn unread(port: &Port<'_>) -> Vec<Deviation> {
    let what = "a header of a request that is not ASCII, a cookie for instance, is not there";
    let when = || DeviationWhen {
        header: Some("[^ -~]".into()),
        ..DeviationWhen::default()
    };
    let all = endpoints(port);
    let (original, new) = ("as with the header", "as without the header");
    ["status", "body"]
        .into_iter()
        .map(|field| deviation("D-robyn-ascii", &all, when(), field, original, new, what))
        .collect()
}

/// Headers are Rust's strings.
fn encoding(port: &Port<'_>) -> Deviation {
    let what = "values of headers that are not ASCII are sent in UTF-8, where WSGI has Latin-1";
    let when = DeviationWhen::default();
    let all = endpoints(port);
    deviation(
        "D-robyn-utf-8",
        &all,
        when,
        "utf-8",
        "Latin-1",
        "UTF-8",
        what,
    )
}

/// Robyn keeps a request's headers as a table without an order (src/types/headers.rs): whoever goes through all of them
/// shows it.
fn headers(port: &Port<'_>) -> Option<Deviation> {
    let what = "Robyn keeps the headers of a request in no order: what goes through all of them finds them in another one";
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
    let routes = port.analysis.routes.iter().filter(shows);
    let names: BTreeSet<&str> = routes.map(|r| r.endpoint.as_str()).collect();
    let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
    let when = DeviationWhen::default();
    let (original, new) = ("as they were sent", "in another order");
    (!names.is_empty()).then(|| {
        deviation(
            "D-robyn-headers",
            &names,
            when,
            "order",
            original,
            new,
            what,
        )
    })
}

/// Streams get headers that tell every cache to keep away, behind the app's own.
fn streams(port: &Port<'_>) -> Vec<Deviation> {
    let what = "Robyn adds `Cache-Control`, `Expires`, `Pragma` and `X-Accel-Buffering` to what is streamed";
    let all = endpoints(port);
    let mut out = Vec::new();
    for (name, value) in STREAM {
        let field = format!("header:{name}");
        let when = DeviationWhen::default;
        out.push(deviation(
            "D-robyn-stream",
            &all,
            when(),
            &field,
            "absent",
            value,
            what,
        ));
        let behind = format!("{{}}, {value}");
        out.push(deviation(
            "D-robyn-stream",
            &all,
            when(),
            &field,
            "{}",
            &behind,
            what,
        ));
    }
    out
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
