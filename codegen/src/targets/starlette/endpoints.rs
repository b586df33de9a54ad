//! Views as endpoints of Starlette: the request is what they get, the URL's values are in it.

use std::collections::BTreeSet;

use model::function::Role;
use model::{Function, Parameter, Route, Span};

use crate::error::PortError;
use crate::python::edits::indent;
use crate::python::rules::{self, Part};
use crate::targets::parity::Port;
use crate::targets::parity::views::touches_request;

/// Whether a function's uses of the request come through a parameter.
pub(super) fn takes_request(port: &Port<'_>, function: &Function) -> bool {
    match function.role {
        Role::View => is_endpoint(port, function),
        _ => port.will_take_parameters(function),
    }
}

/// Whether a view becomes `def view(request)`; any other gets the URL's values by name, as under Flask.
fn is_endpoint(port: &Port<'_>, view: &Function) -> bool {
    let hidden = view.names.contains("request") && !asks_for_request(port, view);
    // An error handler too, for instance, gets something else.
    let hook = port
        .analysis
        .hooks
        .iter()
        .any(|h| h.function.as_ref().and_then(|f| f.function.as_ref()) == Some(&view.id));
    !hidden
        && !hook
        && port.will_take_parameters(view)
        && view.parameters.iter().all(|p| p.stars == 0)
        && (view.parameters.is_empty()
            || begins_below(port, view) && view.parameters.iter().all(|p| is_value(port, view, p)))
}

/// Whether `request` is the framework's in a view, or in a function inside it.
fn asks_for_request(port: &Port<'_>, view: &Function) -> bool {
    let nested = format!("{}.<locals>.", view.id);
    port.functions()
        .any(|f| (f.id == view.id || f.id.starts_with(&nested)) && touches_request(f))
}

/// Whether the body stands on lines of its own.
fn begins_below(port: &Port<'_>, view: &Function) -> bool {
    let text = port.text(&view.file);
    view.body_span.is_some_and(|body| {
        let line = text[..body.start as usize].rfind('\n').map_or(0, |i| i + 1);
        line as u32 > view.params_span.end && text[line..body.start as usize].trim().is_empty()
    })
}

/// Whether a parameter is a value of the URL in each of the view's rules, or has a plain default.
fn is_value(port: &Port<'_>, view: &Function, parameter: &Parameter) -> bool {
    let text = port.text(&view.file);
    if parameter.has_default {
        return default(text, parameter).is_some();
    }
    let mut routes = port
        .analysis
        .routes
        .iter()
        .filter(|r| r.view.as_ref().and_then(|v| v.function.as_ref()) == Some(&view.id))
        .peekable();
    routes.peek().is_some()
        && routes.all(|r| {
            values(r).contains(&parameter.name) || r.defaults.contains_key(&parameter.name)
        })
}

fn values(route: &Route) -> BTreeSet<String> {
    let parts = rules::parse(&route.rule).unwrap_or_default();
    parts
        .into_iter()
        .filter_map(|part| match part {
            Part::Variable { name, .. } => Some(name),
            Part::Text(_) => None,
        })
        .collect()
}

/// The text of a default that means the same at every call.
fn default<'t>(text: &'t str, parameter: &Parameter) -> Option<&'t str> {
    let (_, value) = parameter.span.of(text).split_once('=')?;
    let value = value.trim();
    (!value.contains(['(', '[', '{', '='])).then_some(value)
}

/// Gives a view its request, and takes the URL's values out of it.
pub(super) fn give(port: &mut Port<'_>, function: &Function) -> Result<(), PortError> {
    if function.role != Role::View {
        if touches_request(function) && takes_request(port, function) {
            return port.parameter(function, "request".into());
        }
        return Ok(());
    }
    if !is_endpoint(port, function) {
        return Ok(());
    }
    port.edit(function, function.params_span, "request".into(), "R0111")?;
    let text = port.text(&function.file);
    let Some(body) = function
        .body_span
        .filter(|_| !function.parameters.is_empty())
    else {
        return Ok(());
    };
    let blanks = indent(text, body.start);
    let mut lines = String::new();
    for parameter in &function.parameters {
        let name = &parameter.name;
        let value = match default(text, parameter) {
            Some("None") => format!("request.path_params.get(\"{name}\")"),
            Some(value) => format!("request.path_params.get(\"{name}\", {value})"),
            None => format!("request.path_params[\"{name}\"]"),
        };
        let annotation = parameter
            .annotation
            .map_or_else(String::new, |a| format!(": {}", a.of(text)));
        lines.push_str(&format!("{name}{annotation} = {value}\n{blanks}"));
    }
    let start = Span::new(body.start, body.start);
    port.edit(function, start, lines, "R0111")
}
