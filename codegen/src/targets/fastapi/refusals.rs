//! What cannot be ported, and who depends on it.

use std::collections::{BTreeMap, BTreeSet};

use model::function::{Forwarding, Role};
use model::touch::{Access, Op};
use model::{Function, Reason, Route, Subject, Touch};

use super::Port;
use super::application::annotation;
use crate::error::PortError;
use crate::python::edits::indent;
use crate::python::rules::{self, Part};
use crate::targets::{is_test, reason};

/// Attributes that the ambient request has.
const REQUEST_ATTRIBUTES: &[&str] = &[
    "authorization",
    "content_length",
    "content_type",
    "is_json",
    "is_secure",
    "mimetype",
    "referrer",
    "user_agent",
];

impl Port<'_> {
    /// Finds what cannot be ported: views are refused, the rest is an obstacle.
    pub(super) fn judge(&mut self) {
        let mut bad: BTreeMap<String, Vec<Reason>> = BTreeMap::new();
        let functions: Vec<&Function> = self.functions().collect();
        for function in &functions {
            for touch in &function.touches {
                if let Some(message) = unsupported(touch) {
                    let at = Reason {
                        line: Some(touch.line),
                        ..reason("M0302", message)
                    };
                    bad.entry(function.id.clone()).or_default().push(at);
                }
            }
            if function.role == Role::View && function.generator {
                bad.entry(function.id.clone())
                    .or_default()
                    .push(reason("M0302", "the view is a generator".into()));
            }
        }
        for route in &self.analysis.routes {
            if route.is_static || route.app.is_none() {
                continue;
            }
            if let Some(message) = self.unsupported_route(route) {
                match route.view.as_ref().and_then(|v| v.function.clone()) {
                    Some(id) => bad.entry(id).or_default().push(reason("M0302", message)),
                    None => {
                        if let Some(place) = route.registration.as_ref().map(|r| r.place.clone())
                            && route.view.is_some()
                        {
                            self.obstacle(&place.file, place.line, "M0302", message);
                        }
                    }
                }
            }
        }
        // A registration somewhere inside a decorator is nothing that is rewritten.
        let decorators: BTreeSet<(&str, model::Span)> = functions
            .iter()
            .flat_map(|f| f.decorators.iter().map(|d| (f.file.as_str(), d.span)))
            .collect();
        for function in &functions {
            for touch in &function.touches {
                let whole = decorators.contains(&(function.file.as_str(), touch.span));
                if touch.op == Op::Route && touch.context == model::Context::Decorator && !whole {
                    let message = "the decorator is more than the registration of a route";
                    self.obstacle(&function.file, touch.line, "M0302", message.into());
                }
            }
        }
        for finding in &self.analysis.findings {
            if finding.code == model::Code::M0203 && !is_test(&finding.place.file) {
                let (file, line) = (&finding.place.file, finding.place.line);
                self.obstacle(file, line, "M0203", finding.message.clone());
            }
        }
        let extensions = self.analysis.extensions.iter();
        for extension in extensions.filter(|e| !is_test(&e.place.file)) {
            // Those that are named like extensions are found at each import.
            let named =
                extension.package.starts_with("flask_") || extension.package.starts_with("quart");
            if !named {
                let message = format!("the extension `{}` cannot be ported yet", extension.package);
                let (file, line) = (&extension.place.file, extension.place.line);
                self.obstacle(file, line, "M0502", message);
            }
        }
        // Whoever calls what cannot be ported cannot be either.
        let mut changed = true;
        while changed {
            changed = false;
            for function in &functions {
                if bad.contains_key(&function.id) || function.role == Role::Module {
                    continue;
                }
                let culprit = function
                    .calls
                    .iter()
                    .chain(
                        function
                            .decorators
                            .iter()
                            .filter_map(|d| d.function.as_ref()),
                    )
                    .find(|id| bad.contains_key(*id));
                if let Some(id) = culprit {
                    let message = format!("uses `{id}`, which cannot be ported");
                    let through = Reason {
                        through: Some(id.clone()),
                        ..reason("M0302", message)
                    };
                    bad.insert(function.id.clone(), vec![through]);
                    changed = true;
                }
            }
        }
        for function in &functions {
            let Some(reasons) = bad.get(&function.id) else {
                continue;
            };
            match function.role {
                Role::View => {
                    self.refused.insert(function.id.clone(), reasons.clone());
                }
                // Reached only through views: they are refused, it stays as it is.
                Role::Helper | Role::Decorator | Role::Method | Role::Command => {
                    self.refused.insert(function.id.clone(), reasons.clone());
                }
                _ => {
                    for r in reasons {
                        let who = match function.role {
                            Role::Module => String::new(),
                            _ => format!(" in `{}`, which serves the whole app", function.qualname),
                        };
                        self.obstacle(
                            &function.file,
                            r.line.unwrap_or(function.line),
                            "M0304",
                            format!("{}{who}", r.message),
                        );
                    }
                }
            }
        }
    }

    pub(super) fn unsupported_route(&self, route: &Route) -> Option<String> {
        let Some(parts) = rules::parse(&route.rule) else {
            return Some(format!("only a part of `{}` is known", route.rule));
        };
        for part in &parts {
            match part {
                Part::Text(text) if text.contains(['{', '}']) => {
                    return Some(format!("`{}` has braces", route.rule));
                }
                Part::Variable {
                    arguments: Some(_),
                    converter,
                    ..
                } => {
                    return Some(format!("the converter `{converter}` has arguments"));
                }
                Part::Variable { converter, .. }
                    if !matches!(
                        converter.as_str(),
                        "string" | "default" | "int" | "float" | "path" | "uuid"
                    ) =>
                {
                    return Some(format!("the converter `{converter}` is the app's own"));
                }
                _ => {}
            }
        }
        if !route.defaults.is_empty() {
            return Some("the route has `defaults`".into());
        }
        if !route.strict_slashes {
            return Some("the route has `strict_slashes=False`".into());
        }
        if route.host.is_some() || route.subdomain.is_some() {
            return Some("the route is bound to a host".into());
        }
        if route.websocket {
            return Some("the route is a websocket".into());
        }
        let view = route.view.as_ref()?;
        if view.function.is_none() {
            return Some(format!("the view `{}` is a class", view.qualname));
        }
        let registration = route.registration.as_ref()?;
        if registration.decorator && registration.rule_span.is_none() {
            return Some("the rule is not written as a literal".into());
        }
        // One decorator is one route here; mounted twice it is two.
        let same = self
            .analysis
            .routes
            .iter()
            .filter(|r| {
                r.registration
                    .as_ref()
                    .is_some_and(|o| o.place == registration.place)
            })
            .count();
        (same > 1).then(|| "the registration makes several routes".into())
    }

    /// A refused view answers 501 and names the reason; the original stands beside it.
    pub(super) fn refuse(&mut self, function: &Function) -> Result<(), PortError> {
        let text = self.text(&function.file);
        let reasons = self.refused[&function.id].clone();
        let why: Vec<String> = reasons.iter().map(Reason::text).collect();
        let why = why.join("; ").replace('\\', "/").replace('"', "'");
        let source = function.span.of(text);
        // The body only: `def` line and decorators stay where they are.
        let body = source
            .find(":\n")
            .or_else(|| source.find(":\r\n"))
            .map(|i| i + 1);
        let Some(body) = body else {
            self.obstacle(
                &function.file,
                function.line,
                "M0302",
                format!("`{}` cannot be ported: {why}", function.qualname),
            );
            return Ok(());
        };
        let blanks = format!("{}    ", indent(text, function.span.start));
        let mut new = format!(
            "\n{blanks}\"\"\"Not ported: {why}.\"\"\"\n{blanks}abort(501, \"Not ported: {why}.\")\n{blanks}# The original:"
        );
        for line in source[body..].trim_start_matches(['\r', '\n']).lines() {
            new.push('\n');
            new.push_str(&blanks);
            new.push_str(format!("# {}", line.strip_prefix(&blanks).unwrap_or(line)).trim_end());
        }
        let start = function.span.start + body as u32;
        let end = function.span.start + source.trim_end().len() as u32;
        self.want(&function.file.clone(), "flask_parity.errors", "abort");
        self.route_decorators(function)?;
        self.edit(function, model::Span::new(start, end), new, "R0190")
    }

    /// Static rules behind parameter rules that would take their requests.
    pub(super) fn precedence(&mut self) {
        let routes: Vec<&Route> = self
            .analysis
            .routes
            .iter()
            .filter(|r| r.app.is_some() && (r.is_static || r.view.is_some()))
            .collect();
        let mut found: BTreeMap<(String, u32, String), Vec<String>> = BTreeMap::new();
        for (i, first) in routes.iter().enumerate() {
            for second in &routes[i + 1..] {
                let meet = first.methods.iter().any(|m| second.methods.contains(m));
                if meet && rules::shadows(&first.rule, &second.rule) {
                    let Some(r) = &second.registration else {
                        continue;
                    };
                    let rule = second.rule.clone();
                    found
                        .entry((r.place.file.clone(), r.place.line, rule))
                        .or_default()
                        .push(first.rule.clone());
                }
            }
        }
        for ((file, line, rule), mut before) in found {
            before.dedup();
            let more = match before.len() {
                1 => String::new(),
                n => format!(" and {} more", n - 1),
            };
            let message = format!(
                "`{rule}` would be answered by `{}`{more}, registered before it; register it first",
                before[0]
            );
            self.obstacle(&file, line, "M0303", message);
        }
    }

    /// Whether every decorator shows the view's signature.
    pub(super) fn shows_signature(&self, function: &Function) -> bool {
        function
            .decorators
            .iter()
            .all(|d| d.framework || d.forwards == Forwarding::Transparent)
    }
}

/// Why a touch has no counterpart.
fn unsupported(touch: &Touch) -> Option<String> {
    let mapping = |access: &Access| match access {
        Access::Method { name }
            if !matches!(
                name.as_str(),
                "items"
                    | "keys"
                    | "values"
                    | "to_dict"
                    | "lists"
                    | "listvalues"
                    | "copy"
                    | "clear"
                    | "update"
                    | "setdefault"
                    | "getlist"
                    | "popitem"
            ) =>
        {
            Some(format!("`.{name}` of a mapping of the request"))
        }
        _ => None,
    };
    // Only a dotted name can stand in a class pattern.
    if touch.context == model::Context::Pattern {
        return Some("a `case` names a type of the framework".into());
    }
    match &touch.op {
        Op::Query { access }
        | Op::Form { access }
        | Op::Files { access }
        | Op::Values { access }
        | Op::Cookies { access }
        | Op::Headers { access } => mapping(access),
        Op::Session { .. } | Op::Globals { .. } => None,
        Op::RequestAttribute { name } if REQUEST_ATTRIBUTES.contains(&name.as_str()) => None,
        Op::RequestAttribute { name } => Some(format!("`request.{name}`")),
        Op::Matched { part } if part == "url_rule" => Some("`request.url_rule`".into()),
        Op::AppAttribute { name } if name == "debug" || name == "testing" => {
            Some(format!("`app.{name}`"))
        }
        Op::AppAttribute { name } => Some(format!("`app.{name}`")),
        Op::Request => Some("the request is passed on as a whole".into()),
        Op::MakeResponse => Some("`make_response`".into()),
        Op::NewResponse => Some("`Response`".into()),
        Op::Cookie | Op::ResponseAttribute { .. }
            if !matches!(&touch.subject, Subject::Response(_)) =>
        {
            Some("a response of the framework is changed".into())
        }
        Op::Stream => Some("a stream that keeps the request's context".into()),
        Op::Logger => Some("`app.logger`".into()),
        Op::SecretKey => None,
        Op::JsonText { name } => Some(format!("`flask.json.{name}`")),
        Op::Type { .. } if annotation(touch).is_some() => None,
        Op::Type { name } => Some(format!("the type `{name}`")),
        Op::Markup => Some("`flask.Markup`; import it from markupsafe".into()),
        Op::Other { name } => Some(format!("`{name}`")),
        Op::RunServer => None,
        _ => None,
    }
}
