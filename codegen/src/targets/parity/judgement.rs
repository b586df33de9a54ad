//! What cannot be ported, and who depends on it.

use std::collections::{BTreeMap, BTreeSet};

use model::function::{Effect, Forwarding, Role};
use model::touch::Op;
use model::{Code, Context, Function, Reason, Route, Touch};

use super::Port;
use super::names::{self, Fate};
use super::{attributes, extensions, replaced};
use crate::python::rules::{self, Part};
use crate::targets::{is_test, reason};

/// Attributes that the ambient request has (`flask_parity.request`).
const REQUEST_ATTRIBUTES: &[&str] = &[
    "accept_charsets",
    "accept_encodings",
    "accept_languages",
    "accept_mimetypes",
    "access_control_request_headers",
    "access_control_request_method",
    "access_route",
    "authorization",
    "blueprints",
    "cache_control",
    "charset",
    "content_encoding",
    "content_length",
    "content_md5",
    "content_type",
    "date",
    "environ",
    "if_match",
    "if_modified_since",
    "if_none_match",
    "if_range",
    "if_unmodified_since",
    "is_json",
    "is_multiprocess",
    "is_multithread",
    "is_run_once",
    "is_secure",
    "max_content_length",
    "max_form_memory_size",
    "max_form_parts",
    "max_forwards",
    "mimetype",
    "mimetype_params",
    "origin",
    "pragma",
    "range",
    "referrer",
    "remote_addr",
    "remote_user",
    "root_path",
    "routing_exception",
    "scheme",
    "stream",
    "user_agent",
    "want_form_data_parsed",
];

/// Attributes of werkzeug's and flask's requests that the port's has not.
const UNKNOWN_REQUEST_ATTRIBUTES: &[&str] = &[
    "application",
    "close",
    "dict_storage_class",
    "encoding_errors",
    "form_data_parser_class",
    "from_values",
    "input_stream",
    "is_xhr",
    "json_module",
    "list_storage_class",
    "make_form_data_parser",
    "on_json_loading_failure",
    "parameter_storage_class",
    "server",
    "shallow",
    "trusted_hosts",
    "url_charset",
    "user_agent_class",
];

impl Port<'_> {
    /// Finds what cannot be ported: views are left to Flask (or refused), the rest is an obstacle.
    pub(super) fn judge(&mut self) {
        let mut bad: BTreeMap<String, Vec<Reason>> = BTreeMap::new();
        let functions: Vec<&Function> = self.functions().collect();
        for function in &functions {
            for touch in &function.touches {
                let of_quart = self.unsupported_of_quart(touch, self.text(&function.file));
                if let Some(message) = of_quart.or_else(|| self.unsupported(touch)) {
                    let at = Reason {
                        line: Some(touch.line),
                        ..reason("M0302", message)
                    };
                    bad.entry(function.id.clone()).or_default().push(at);
                }
            }
            // Flask runs it in the request's thread, where reading may wait; the port runs it on the server's loop.
            if !self.is_quart() && function.is_async && function.effects.contains(&Effect::Body) {
                let message = "an `async def` that reads the request's body".into();
                bad.entry(function.id.clone())
                    .or_default()
                    .push(reason("M0302", message));
            }
        }
        for (id, why) in self.users_of_embedded() {
            bad.entry(id).or_default().push(why);
        }
        self.judge_routes(&mut bad);
        self.judge_decorators(&functions);
        self.judge_surroundings();
        spread(&functions, &mut bad);
        for function in &functions {
            let Some(reasons) = bad.get(&function.id) else {
                continue;
            };
            match function.role {
                // Reached only through views: they are left to Flask, it stays as it is.
                Role::View | Role::Helper | Role::Decorator | Role::Method | Role::Command => {
                    self.unported.insert(function.id.clone(), reasons.clone());
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
        self.not_chosen();
        self.unported_routes();
    }

    /// Views that only routes beside the chosen ones have. Whoever calls them may be ported: they work under Flask.
    fn not_chosen(&mut self) {
        let only = self.only;
        if only.is_empty() {
            return;
        }
        let is_chosen = |r: &&Route| {
            only.iter()
                .any(|glob| model::glob::names(glob, &r.endpoint, &r.rule))
        };
        let analysis = self.analysis;
        let routes = || {
            analysis
                .routes
                .iter()
                .filter(|r| !r.is_static && r.app.is_some())
        };
        let chosen: BTreeSet<String> = routes().filter(is_chosen).filter_map(view_of).collect();
        for id in routes()
            .filter_map(view_of)
            .filter(|id| !chosen.contains(id))
        {
            let methods = format!("{id}.");
            let why = || vec![reason("M0306", "was not chosen with `--only`".into())];
            for function in self.functions() {
                if function.role == Role::Method && function.id.starts_with(&methods) {
                    self.unported.insert(function.id.clone(), why());
                }
            }
            self.unported.entry(id).or_insert_with(why);
        }
    }

    fn judge_routes(&mut self, bad: &mut BTreeMap<String, Vec<Reason>>) {
        let analysis = self.analysis;
        for route in &analysis.routes {
            if route.is_static || route.app.is_none() {
                continue;
            }
            let Some(message) = self.unsupported_route(route) else {
                continue;
            };
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

    /// A registration somewhere inside a decorator is nothing that is rewritten.
    fn judge_decorators(&mut self, functions: &[&Function]) {
        let decorators: BTreeSet<(&str, model::Span)> = functions
            .iter()
            .flat_map(|f| f.decorators.iter().map(|d| (f.file.as_str(), d.span)))
            .collect();
        for function in functions {
            for touch in &function.touches {
                let whole = decorators.contains(&(function.file.as_str(), touch.span));
                if touch.op == Op::Route && touch.context == Context::Decorator && !whole {
                    let message = "the decorator is more than the registration of a route";
                    self.obstacle(&function.file, touch.line, "M0302", message.into());
                }
            }
        }
    }

    /// Code from elsewhere that the app is given to, and extensions.
    fn judge_surroundings(&mut self) {
        let analysis = self.analysis;
        for finding in &analysis.findings {
            if is_test(&finding.place.file) {
                continue;
            }
            let (file, line) = (finding.place.file.clone(), finding.place.line);
            if finding.code != Code::M0203 || extensions::is_embedded_call(&finding.message) {
                continue;
            }
            if extensions::is_served(&finding.message) {
                self.remarks.push(format!(
                    "{file}:{line}: {}: it speaks WSGI; the port is served by the command that MIGRATION.md names",
                    finding.message
                ));
            } else {
                self.obstacle(&file, line, "M0203", finding.message.clone());
            }
        }
        for extension in &analysis.extensions {
            if is_test(&extension.place.file)
                || replaced::is_replaced(&extension.package)
                || extensions::is_embedded(&extension.package)
                || extensions::is_harmless(&extension.package)
            {
                continue;
            }
            let message = format!(
                "the extension `{}` acts on the whole app and has no counterpart",
                extension.package
            );
            let (file, line) = (extension.place.file.clone(), extension.place.line);
            self.obstacle(&file, line, "M0502", message);
        }
    }

    /// Routes whose view is no function that can be left to Flask by itself.
    fn unported_routes(&mut self) {
        let analysis = self.analysis;
        for route in &analysis.routes {
            let (Some(view), Some(_)) = (&route.view, route.app) else {
                continue;
            };
            if view.function.is_some() || route.is_static {
                continue;
            }
            let class = format!("{}:{}.", view.module, view.qualname);
            let reasons: Vec<Reason> = self
                .unported
                .iter()
                .filter(|(id, _)| id.starts_with(&class))
                .flat_map(|(_, reasons)| reasons.iter().cloned())
                .collect();
            if !reasons.is_empty() {
                let id = format!("{}:{}", view.module, view.qualname);
                self.unported.insert(id, reasons);
            }
        }
    }

    pub(super) fn unsupported_route(&self, route: &Route) -> Option<String> {
        let Some(parts) = rules::parse(&route.rule) else {
            return Some(format!("only a part of `{}` is known", route.rule));
        };
        for part in &parts {
            if let Part::Text(text) = part
                && text.contains(['{', '}'])
            {
                return Some(format!("`{}` has braces", route.rule));
            }
        }
        if route.host.is_some() || route.subdomain.is_some() {
            return Some("the route is bound to a host".into());
        }
        if route.websocket {
            return Some("the route is a websocket".into());
        }
        let registration = route.registration.as_ref()?;
        if registration.decorator && registration.rule_span.is_none() {
            // A name or an expression that came to one rule here: the port computes it at run time.
            return None;
        }
        None
    }

    /// Why a touch has no counterpart.
    fn unsupported(&self, touch: &Touch) -> Option<String> {
        // Only a dotted name can stand in a class pattern.
        if touch.context == Context::Pattern {
            return Some("a `case` names a type of the framework".into());
        }
        match &touch.op {
            Op::RequestAttribute { name } if REQUEST_ATTRIBUTES.contains(&name.as_str()) => None,
            Op::RequestAttribute { name }
                if UNKNOWN_REQUEST_ATTRIBUTES.contains(&name.as_str())
                    || name.starts_with("__") =>
            {
                Some(format!("`request.{name}`"))
            }
            Op::AppAttribute { name } => attributes::unsupported(name, self.framework.taken()),
            Op::Type { name } | Op::Other { name } => {
                let is_made = matches!(name.as_str(), "Flask" | "Quart" | "Blueprint");
                match names::canonical(&self.app.framework, name) {
                    Fate::Unknown if !is_made => match &touch.op {
                        Op::Type { .. } => Some(format!("the type `{name}`")),
                        _ => Some(format!("`{name}`")),
                    },
                    _ => None,
                }
            }
            _ => None,
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

/// The function or class that answers a route.
fn view_of(route: &Route) -> Option<String> {
    let view = route.view.as_ref()?;
    let class = || format!("{}:{}", view.module, view.qualname);
    Some(view.function.clone().unwrap_or_else(class))
}

/// Whoever calls what cannot be ported cannot be either.
fn spread(functions: &[&Function], bad: &mut BTreeMap<String, Vec<Reason>>) {
    let mut changed = true;
    while changed {
        changed = false;
        for function in functions {
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted() {
        assert!(REQUEST_ATTRIBUTES.is_sorted());
        assert!(UNKNOWN_REQUEST_ATTRIBUTES.is_sorted());
    }
}
