//! Declared deviations take exactly what they declare.

use model::{Deviation, DeviationWhen};

use super::*;

fn deviation(route: &str, field: &str, original: &str, port: &str) -> Deviation {
    Deviation {
        code: "D-test".into(),
        routes: vec![route.into()],
        when: DeviationWhen::default(),
        field: field.into(),
        original: original.into(),
        port: port.into(),
        what: "a test".into(),
    }
}

fn judge(
    deviation: &Deviation,
    target: &str,
    endpoint: Option<&str>,
    a: &str,
    p: &str,
) -> (Vec<String>, Vec<String>) {
    let comparer = Comparer::new(None, std::slice::from_ref(deviation)).expect("expressions");
    let comparison = comparer.compare(&Exchange {
        request: &request("GET", target),
        sent: &request("GET", target),
        original: &reply(a),
        again: &reply(a),
        port: &reply(p),
        endpoint,
    });
    (names(&comparison), comparison.declared)
}

#[test]
fn status() {
    let redirect = "308\nLocation: /x/\n\nmoved";
    let declared = deviation("view", "status", "308", "404");
    let (rest, codes) = judge(&declared, "/x", Some("view"), redirect, "404\n\nno");
    assert!(rest.is_empty());
    assert_eq!(codes, ["D-test"]);
    for (endpoint, a, p) in [
        (Some("view"), redirect, "500"),
        (Some("view"), "301", "404"),
        (Some("other"), redirect, "404"),
        (None, redirect, "404"),
    ] {
        let (rest, codes) = judge(&declared, "/x", endpoint, a, p);
        assert!(
            rest.contains(&"status".into()) && codes.is_empty(),
            "{endpoint:?} {p}"
        );
    }
    // Equal answers occasion nothing, and other fields are not the status.
    assert_eq!(
        judge(&declared, "/x", Some("view"), "308", "308"),
        (vec![], vec![])
    );
    assert_eq!(
        judge(&declared, "/x", Some("view"), "308\nX: 1", "308").0,
        ["header:X"]
    );
}

#[test]
fn words() {
    let impossible = deviation("view", "status", "700", "404");
    assert_eq!(
        judge(&impossible, "/x", Some("view"), "200", "404").0,
        ["status"]
    );
    let declared = deviation(
        "view",
        "status",
        "as for any number",
        "404, or 500 where it is counted with",
    );
    for (p, accepted) in [("404", true), ("500", true), ("400", false)] {
        let (rest, _) = judge(&declared, "/x", Some("view"), "200", p);
        assert_eq!(rest.is_empty(), accepted, "{p}");
    }
}

#[test]
fn requests() {
    let mut declared = deviation("*", "status", "404", "400");
    declared.when.path = Some("[<>]".into());
    let accepted =
        |d: &Deviation, target, endpoint| judge(d, target, endpoint, "404", "400").0.is_empty();
    assert!(accepted(&declared, "/a<b", None));
    assert!(!accepted(&declared, "/ab?x=<", None));
    assert!(!accepted(&declared, "/a<b", Some("view")));
    declared.when.query = Some("^x=".into());
    assert!(accepted(&declared, "/a<b?x=1", None));
    assert!(!accepted(&declared, "/a<b?y=1", None));
    declared.when.method = Some("POST".into());
    assert!(!accepted(&declared, "/a<b?x=1", None));
}

#[test]
fn headers_and_bodies() {
    let declared = deviation("view", "header:x-y", "1", "absent");
    assert!(
        judge(&declared, "/", Some("view"), "200\nX-Y: 1", "200")
            .0
            .is_empty()
    );
    assert_eq!(
        judge(&declared, "/", Some("view"), "200\nX-Y: 1", "200\n\nz").0,
        ["body"]
    );
    assert_eq!(
        judge(&declared, "/", Some("view"), "200\nX-Y: 2", "200").0,
        ["header:X-Y"]
    );
    let declared = deviation("view", "body", "the page", "another page");
    let (rest, codes) = judge(&declared, "/", Some("view"), "200\n\na", "200\n\nb");
    assert!(rest.is_empty());
    assert_eq!(codes, ["D-test"]);
    assert_eq!(
        judge(&declared, "/", Some("view"), "200\n\na", "404\n\nb").0,
        ["status"]
    );
}

#[test]
fn bad_expressions() {
    let mut declared = deviation("*", "status", "404", "400");
    declared.when.path = Some("[".into());
    let error = Comparer::new(None, &[declared]).expect_err("no expression");
    assert_eq!(
        error.to_string(),
        "deviation D-test: `[` is no regular expression"
    );
    assert!(error.mend().contains("port.json"));
}

#[test]
fn a_header_with_something_around_it() {
    let declared = deviation("view", "header:vary", "{}", "{}, Cookie");
    let rest = |a: &str, p: &str| judge(&declared, "/", Some("view"), a, p).0;
    assert!(rest("200\nVary: Origin", "200\nVary: Origin, Cookie").is_empty());
    for (a, p) in [
        ("200\nVary: Origin", "200\nVary: Accept, Cookie"),
        ("200\nVary: Origin", "200\nVary: Origin"),
        ("200", "200\nVary: , Cookie"),
    ] {
        assert_eq!(
            rest(a, p).is_empty(),
            a == p.replace(", Cookie", ""),
            "{a} {p}"
        );
    }
}

#[test]
fn a_header_of_the_request() {
    let mut declared = deviation("view", "status", "206", "416");
    declared.when.header = Some("^range: bytes=-0$".into());
    let comparer = Comparer::new(None, std::slice::from_ref(&declared)).expect("expressions");
    for (range, accepted) in [("bytes=-0", true), ("bytes=0-3", false)] {
        let mut request = request("GET", "/x");
        request.headers.push(("Range".into(), range.into()));
        let comparison = comparer.compare(&Exchange {
            request: &request,
            sent: &request,
            original: &reply("206"),
            again: &reply("206"),
            port: &reply("416"),
            endpoint: Some("view"),
        });
        assert_eq!(comparison.differences.is_empty(), accepted, "{range}");
    }
    assert_eq!(
        judge(&declared, "/x", Some("view"), "206", "416").0,
        ["status"]
    );
}

#[test]
fn what_the_server_would_not_send() {
    let declared = deviation("view", "answer", "the server's own page", "500");
    let page = "500\nContent-Type: text/html\n\n<html>\n  <head>\n    <title>Internal Server Error</title>\n";
    let ours = "500\nServer: uvicorn\n\n<!doctype html>";
    let rest = |a: &str, p: &str| judge(&declared, "/", Some("view"), a, p).0;
    assert!(rest(page, ours).is_empty());
    assert!(rest("700\n\nx", ours).is_empty());
    for (a, p) in [
        (page, "404\n\nx"),
        ("500\nServer: gunicorn\n\nthe app's own", ours),
        (
            "500\nServer: gunicorn\nDate: x\n\n<html>\n  <head>\n    <title>Internal Server Error</title>\n",
            ours,
        ),
        ("200\n\nx", ours),
    ] {
        assert!(!rest(a, p).is_empty(), "{a} {p}");
    }
}

#[test]
fn an_order_of_words() {
    let declared = deviation("view", "order", "as they were sent", "in another order");
    let text = |body: &str| format!("200\n\n{body}");
    let judged = |a: &str, p: &str| judge(&declared, "/x", Some("view"), &text(a), &text(p)).0;
    assert!(judged("Host: me\nAge: 12", "Age: 12\nHost: me").is_empty());
    for other in ["Age: 21\nHost: me", "Age: 12\nHost: em", "Age: 12"] {
        assert_eq!(judged("Host: me\nAge: 12", other), ["body"], "{other}");
    }
}

#[test]
fn what_is_undone_first() {
    let declared = deviation("view", "query", "as it was sent", "its keys sorted");
    let judged = |a: &str, p: &str| judge(&declared, "/x?b=1&a=2", Some("view"), a, p);
    let shown = "200\n\nhttp://x/x?b=1&a=2 here";
    let (rest, codes) = judged(shown, "200\n\nhttp://x/x?a=2&b=1 here");
    assert!(rest.is_empty(), "{rest:?}");
    assert_eq!(codes, ["D-test"]);
    for other in ["http://x/x?a=2&b=1 there", "http://x/x?a=1&b=2 here"] {
        assert_eq!(judged(shown, &format!("200\n\n{other}")).0, ["body"]);
    }
    let declared = deviation("view", "utf-8", "Latin-1", "UTF-8");
    let judged = |p: &str| judge(&declared, "/x", Some("view"), "200\nX: \u{e9}", p).0;
    assert!(judged("200\nX: \u{c3}\u{a9}").is_empty());
    assert_eq!(judged("200\nX: e"), ["header:X"]);
}
