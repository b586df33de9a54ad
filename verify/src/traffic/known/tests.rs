//! Which paths are made of what was seen.

use model::{Analysis, Route, Words};

use super::*;
use crate::traffic::Source;

fn route(rule: &str, method: &str) -> Route {
    serde_json::from_value(serde_json::json!({
        "rule": rule, "methods": [method], "endpoint": rule, "view": null, "blueprint": null, "defaults": {},
        "strict_slashes": true, "host": null, "subdomain": null, "websocket": false, "static": false,
        "certainty": "certain", "app": 0, "registration": null
    }))
    .unwrap()
}

/// Calls `check` with a plan of these routes.
fn with(routes: &[(&str, &str)], check: impl FnOnce(&Plan)) {
    let analysis = Analysis {
        routes: routes.iter().map(|(rule, m)| route(rule, m)).collect(),
        ..Analysis::default()
    };
    let words = Words::default();
    check(&Plan::new(&Source {
        analysis: &analysis,
        words: &words,
        root: None,
        login: Vec::new(),
        seed: 1,
        only: None,
    }));
}

#[test]
fn values_of_links_serve_other_routes() {
    let routes = [
        ("/<item:name>", "GET"),
        ("/<item:name>/lock", "POST"),
        ("/<other>/other", "POST"),
    ];
    with(&routes, |plan| {
        let mut known = Known::default();
        known.see(plan, "/Ab3x?raw=1", Proof::Told);
        assert_eq!(known.candidates(plan, 0), ["/Ab3x"]);
        assert_eq!(known.candidates(plan, 1), ["/Ab3x/lock"]);
        assert!(known.candidates(plan, 2).is_empty());
        assert_eq!(known.unanswered(plan), [0, 1, 2]);
        known.answered(0, "/Ab3x?raw=1");
        assert_eq!(known.unanswered(plan), [1, 2]);
        assert_eq!(known.proven(0), Some("/Ab3x"));
    });
}

#[test]
fn what_answered_is_tried_before_what_was_told() {
    let routes = [
        ("/<path:path>", "GET"),
        ("/<path:path>/history", "GET"),
        ("/<path:page>/a/<file>", "GET"),
        ("/<path:page>/t/<file>", "GET"),
    ];
    with(&routes, |plan| {
        let mut known = Known::default();
        known.see(plan, "/new", Proof::Told);
        known.see(plan, "/first", Proof::Told);
        known.see(plan, "/first", Proof::Answered);
        known.see(plan, "/first/a/n.txt", Proof::Told);
        let wanted = ["/first/history", "/new/history"];
        assert_eq!(known.candidates(plan, 1), wanted);
        assert_eq!(known.candidates(plan, 3)[0], "/first/t/n.txt");
    });
}

#[test]
fn documents_tell_values() {
    let routes = [
        ("/up/<name>", "POST"),
        ("/up/<name>/abort", "GET"),
        ("/user/<uuid:user_id>", "GET"),
        ("/n/<int:number>", "GET"),
    ];
    with(&routes, |plan| {
        let mut known = Known::default();
        let id = "0d6b7c4e-4a53-4f0c-9f3e-7a8d5a1f2b3c";
        let document = serde_json::json!({"url": "/up/x7", "users": [{"id": id}], "number": "no"});
        known.read(plan, "/up", &document);
        assert_eq!(known.candidates(plan, 1), ["/up/x7/abort"]);
        assert_eq!(known.candidates(plan, 2), [format!("/user/{id}")]);
        assert!(known.candidates(plan, 3).is_empty());
    });
}

#[test]
fn each_that_destroys_has_its_own() {
    let routes = [
        ("/<int:id>", "GET"),
        ("/<int:id>/delete", "POST"),
        ("/api/<int:id>", "DELETE"),
    ];
    with(&routes, |plan| {
        let mut known = Known::default();
        for path in ["/3", "/4", "/5"] {
            known.see(plan, path, Proof::Answered);
        }
        let of = |spent: &[String]| known.share_out(plan, spent);
        let path = |i: usize, path: &str| (i, path.to_owned());
        assert_eq!(of(&[]), [path(1, "/3/delete"), path(2, "/api/4")]);
        let spent = ["/4/delete".to_owned()];
        assert_eq!(of(&spent), [path(1, "/3/delete"), path(2, "/api/5")]);
    });
}
