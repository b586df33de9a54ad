//! Routes of a port as its records tell them, and requests that they match.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::http::{Answer, Request};
use super::port_document;

/// A route of a port.
#[derive(Clone, Debug)]
pub struct Route {
    pub rule: String,
    pub methods: Vec<String>,
    pub endpoint: String,
    pub refused: bool,
    /// Reasons of the view itself.
    pub own: Vec<String>,
    /// Reasons of the hooks that it waits for.
    pub hooks: Vec<String>,
}

impl Route {
    /// Whether the view is translated, hooks or not.
    pub fn is_translated(&self) -> bool {
        self.own.is_empty() && (!self.refused || !self.hooks.is_empty())
    }

    /// A request that matches.
    pub fn request(&self, method: &str) -> Request {
        Request::new(method, &sample(&self.rule))
    }
}

/// The routes of a port that have a view.
pub fn routes(port: &Path) -> Vec<Route> {
    let document = port_document(port);
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let reasons = |id: &Value, through: bool| -> Vec<Value> {
        let functions = list(&document["functions"]);
        let function = functions.iter().find(|f| f["id"] == *id);
        let reasons = function.map(|f| list(&f["reasons"])).unwrap_or_default();
        reasons
            .into_iter()
            .filter(|r| r["through"].is_string() == through)
            .collect()
    };
    let messages = |id: &Value| -> Vec<String> {
        reasons(id, false)
            .iter()
            .map(|r| text(&r["message"]))
            .collect()
    };
    list(&document["routes"])
        .iter()
        .map(|route| Route {
            rule: text(&route["rule"]),
            methods: list(&route["methods"]).iter().map(text).collect(),
            endpoint: text(&route["endpoint"]),
            refused: route["verdict"] == "refused",
            own: messages(&route["view"]),
            hooks: reasons(&route["view"], true)
                .iter()
                .flat_map(|r| messages(&r["through"]))
                .collect(),
        })
        .collect()
}

/// A path that matches a rule, with a value for each of its variables.
pub fn sample(rule: &str) -> String {
    let mut out = String::new();
    let mut rest = rule;
    while let Some((before, after)) = rest.split_once('<') {
        let (variable, after) = after.split_once('>').expect("a well-formed rule");
        out.push_str(before);
        let converter = variable.split_once(':').map_or("string", |(c, _)| c);
        let (name, arguments) = converter.split_once('(').unwrap_or((converter, ""));
        let first = arguments.trim_end_matches(')').split(',').next();
        out.push_str(match name {
            "int" => "3",
            "float" => "1.5",
            "path" => "some/path",
            "uuid" => "12345678-1234-5678-1234-567812345678",
            "any" => first.unwrap_or_default().trim_matches(['\'', '"']),
            _ => "some",
        });
        rest = after;
    }
    out + rest
}

/// Whether an answer is that of a stub. `HEAD` shows no reason.
pub fn is_stub(answer: &Answer, request: &Request) -> bool {
    let body = String::from_utf8_lossy(&answer.body);
    answer.status == 501
        && answer.header("content-type") == Some("text/plain; charset=utf-8")
        && (request.method == "HEAD" || body.contains("` is not ported: "))
}

/// What is wrong with the answer of a stub that may give any of these reasons; `None` when nothing is.
pub fn misses(answer: &Answer, request: &Request, reasons: &[String]) -> Option<String> {
    let body = String::from_utf8_lossy(&answer.body);
    let known = request.method == "HEAD" || reasons.iter().any(|r| body.contains(r.as_str()));
    let all: BTreeSet<&String> = reasons.iter().collect();
    (!is_stub(answer, request) || !known).then(|| {
        format!(
            "{} {}: {} {body:.300}\n    should say one of {all:?}",
            request.method, request.path, answer.status
        )
    })
}
