//! Routes of a port as its records tell them, requests that they match, and what their stubs have to say.

use std::path::Path;

use serde_json::Value;

use super::http::{Answer, Request};
use super::port_document;

/// A route of a port.
#[derive(Clone, Debug)]
pub struct Route {
    pub rule: String,
    pub methods: Vec<String>,
    pub refused: bool,
    /// Id of the view.
    pub view: String,
}

impl Route {
    /// A request that matches.
    pub fn request(&self, method: &str) -> Request {
        Request::new(method, &sample(&self.rule))
    }
}

/// What a port says about itself.
pub struct Records {
    pub routes: Vec<Route>,
    functions: Vec<Function>,
}

struct Function {
    id: String,
    own: Vec<String>,
    /// Ids of the functions that it waits for.
    waits: Vec<String>,
}

impl Function {
    fn is_called(&self, name: &str) -> bool {
        self.id.rsplit(['.', ':']).next() == Some(name)
    }
}

impl Records {
    pub fn read(port: &Path) -> Self {
        let document = port_document(port);
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let route = |route: &Value| Route {
            rule: text(&route["rule"]),
            methods: list(&route["methods"]).iter().map(text).collect(),
            refused: route["verdict"] == "refused",
            view: text(&route["view"]),
        };
        let function = |function: &Value| {
            let (waits, own): (Vec<Value>, Vec<Value>) = list(&function["reasons"])
                .into_iter()
                .partition(|r| r["through"].is_string());
            Function {
                id: text(&function["id"]),
                own: own.iter().map(|r| text(&r["message"])).collect(),
                waits: waits.iter().map(|r| text(&r["through"])).collect(),
            }
        };
        Self {
            routes: list(&document["routes"]).iter().map(route).collect(),
            functions: list(&document["functions"]).iter().map(function).collect(),
        }
    }

    fn function(&self, id: &str) -> Option<&Function> {
        self.functions.iter().find(|f| f.id == id)
    }

    /// Whether a view itself is translated, whatever runs around it.
    pub fn is_translated(&self, route: &Route) -> bool {
        let waits = |f: &Function| f.own.is_empty() && (!route.refused || !f.waits.is_empty());
        self.function(&route.view).is_some_and(waits)
    }

    /// The hooks that a route waits for.
    pub fn waits(&self, route: &Route) -> &[String] {
        self.function(&route.view).map_or(&[], |f| &f.waits)
    }

    /// Whether what a stub says is recorded, of the view or of what runs around it.
    pub fn know(&self, answer: &Answer, route: &Route, hooks_only: bool) -> bool {
        let body = String::from_utf8_lossy(&answer.body);
        let Some((name, why)) = body
            .strip_prefix('`')
            .and_then(|b| b.split_once("` is not ported: "))
        else {
            return false;
        };
        if why.trim_end()
            == format!(
                "whether the rule {} exists depends on what is known when the app runs",
                route.rule
            )
        {
            return route.refused && !hooks_only;
        }
        let is_view = |id: &str| self.routes.iter().any(|r| r.view == id);
        self.functions
            .iter()
            .filter(|f| f.is_called(name))
            .filter(|f| !is_view(&f.id) || f.id == route.view && !hooks_only)
            .any(|f| f.own.iter().any(|own| why.contains(own.as_str())))
    }
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
            "int" => "1",
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
