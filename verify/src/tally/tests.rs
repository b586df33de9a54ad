//! What counts, and what stays when everything was sent again.

use super::*;
use crate::http::{Body, End, Reply};

fn answer() -> Answer {
    Answer::Reply(Reply {
        status: 200,
        headers: Vec::new(),
        body: Body {
            start: Vec::new(),
            length: 0,
            digest: [0; 32],
            end: End::Complete,
        },
    })
}

fn request(method: &str) -> Request {
    Request {
        method: method.into(),
        target: "/".into(),
        headers: Vec::new(),
        body: Vec::new(),
        session: "main".into(),
    }
}

fn field(name: &str, at: Option<&str>) -> FieldDifference {
    FieldDifference {
        field: name.into(),
        original: "a".into(),
        port: "b".into(),
        at: at.map(str::to_owned),
        is_order: false,
    }
}

/// A tally of requests, each with the field in which it differs and the noise that it showed.
fn tally(requests: &[(&str, Option<FieldDifference>, Option<&str>)]) -> Tally {
    let mut tally = Tally::default();
    for (method, difference, noise) in requests {
        let comparison = Comparison {
            differences: difference.clone().into_iter().collect(),
            declared: Vec::new(),
            noise: noise.iter().map(|n| (*n).to_owned()).collect(),
        };
        tally.add(
            &request(method),
            "",
            Reached::View(0),
            &answer(),
            comparison,
        );
    }
    tally
}

#[test]
fn only_what_recurs_counts() {
    let status = || Some(field("status", None));
    let mut first = tally(&[("GET", status(), None), ("GET", status(), None)]);
    first.confirm(tally(&[("GET", None, None), ("GET", status(), None)]));
    assert_eq!((first.differing(), first.last()), (1, Some(2)));
    assert_eq!(first.remarks.len(), 1);
}

#[test]
fn what_the_second_run_did_not_come_to_stays() {
    let status = || Some(field("status", None));
    let mut first = tally(&[("GET", None, None), ("GET", status(), None)]);
    let mut second = tally(&[("GET", None, None)]);
    second.died(&request("GET"), "", Reached::View(0));
    first.confirm(second);
    assert_eq!(first.differing(), 2, "the difference and the death");
}

#[test]
fn a_death_counts_though_it_does_not_recur() {
    let mut first = tally(&[("GET", None, None)]);
    first.died(&request("GET"), "", Reached::View(0));
    first.confirm(tally(&[("GET", None, None)]));
    assert_eq!(first.differing(), 1);
}

#[test]
fn what_is_noise_at_other_times_is_noise() {
    for (method, difference, noise, left) in [
        ("GET", field("body", Some("$.n")), "json:$.n", 0),
        ("GET", field("body", Some("$.n")), "json:$.m", 1),
        ("GET", field("body", Some("$.n, $.m")), "json:$.n", 1),
        ("GET", field("body", None), "json:$.n", 1),
        ("GET", field("header:X-Id", None), "header:X-Id", 1),
        ("HEAD", field("header:Content-Length", None), "json:$.n", 0),
        ("GET", field("header:Content-Length", None), "json:$.n", 1),
        ("GET", field("status", None), "json:$.n", 1),
    ] {
        let what = format!("{difference:?} {noise}");
        let mut first = tally(&[(method, Some(difference.clone()), None)]);
        let second = tally(&[(method, Some(difference), None), ("GET", None, Some(noise))]);
        first.confirm(second);
        assert_eq!(first.differing(), left, "{what}");
    }
}

#[test]
fn an_order_that_the_original_does_not_keep_is_noise() {
    for (is_order, noise, left) in [
        (true, "text:order", 0),
        (true, "text:line 1", 1),
        (false, "text:order", 1),
    ] {
        let difference = FieldDifference {
            is_order,
            ..field("body", Some("line 3"))
        };
        let mut first = tally(&[("GET", Some(difference.clone()), None)]);
        let second = tally(&[("GET", Some(difference), None), ("GET", None, Some(noise))]);
        first.confirm(second);
        assert_eq!(first.differing(), left, "{is_order} {noise}");
    }
}

#[test]
fn beyond_what_is_told_everything_is_counted() {
    let many = vec![("GET", Some(field("status", None)), None); TOLD + 5];
    let mut first = tally(&many);
    first.confirm(tally(&many));
    let proof = first.proof(
        &document(),
        &[],
        &Routes::new(&document(), &model::Analysis::default()),
    );
    assert_eq!(proof.different as usize, TOLD + 5);
    assert_eq!(proof.differences.len(), TOLD);
    assert_eq!(proof.by_route[0].different as usize, TOLD + 5);
}

#[test]
fn what_routes_answered_is_told() {
    let mut tally = Tally::default();
    for (method, target, status, location) in [
        ("GET", "/", 200, None),
        ("GET", "/", 404, None),
        ("POST", "/delete", 302, Some("/")),
        ("POST", "/edit", 302, Some("/auth/login?next=/edit")),
        ("GET", "/old", 301, Some("/")),
    ] {
        let Answer::Reply(mut reply) = answer() else {
            panic!("an answer");
        };
        reply.status = status;
        let headers = location.map(|l: &str| ("location".to_owned(), l.to_owned()));
        reply.headers.extend(headers);
        let routes = ["/", "/delete", "/edit", "/old"];
        let route = routes.iter().position(|r| *r == target).expect("a route");
        let comparison = Comparison {
            differences: Vec::new(),
            declared: Vec::new(),
            noise: BTreeSet::new(),
        };
        let request = request(method);
        tally.add(
            &request,
            "",
            Reached::View(route),
            &Answer::Reply(reply),
            comparison,
        );
    }
    let mut document = document();
    let first = document.routes[0].clone();
    let route = |rule: &str, method: &str| model::RouteVerdict {
        rule: rule.into(),
        methods: vec![method.into()],
        endpoint: rule.into(),
        ..first.clone()
    };
    document.routes.extend([
        route("/delete", "POST"),
        route("/edit", "POST"),
        route("/old", "GET"),
        route("/", "GET"),
    ]);
    let routes = Routes::new(&document, &model::Analysis::default());
    let proof = tally.proof(&document, &[], &routes);
    let Coverage {
        total,
        with_2xx,
        with_success,
        shadowed,
        ..
    } = proof.routes;
    assert_eq!((total, with_2xx, with_success, shadowed), (5, 1, 2, 1));
    assert_eq!(proof.by_route[0].statuses, [(200, 1), (404, 1)].into());
    let redirects: Vec<bool> = proof.by_route.iter().map(|r| r.only_redirects).collect();
    assert_eq!(redirects, [false, true, false, true, false]);
    assert_eq!(proof.by_route[4].shadowed_by.as_deref(), Some("e"));
}

fn document() -> PortDocument {
    let text = r#"{"schema": "migrate/port/1", "source": "a", "target": "b", "migrate_version": "0",
        "functions": [], "routes": [{"rule": "/", "methods": ["GET"], "endpoint": "e", "verdict": "native", "view": null}],
        "deviations": [], "run": {"original": {"serve": []}, "port": {"serve": []}}, "files": {}, "left_out": {},
        "rewrites": {}, "summary": {"routes": 1, "native": 1, "supported": 0, "relayed": 0, "refused": 0, "changed_lines_per_route": 0.0}}"#;
    serde_json::from_str(text).expect("a port's records")
}
