//! Routes that are left to Flask: served by an embedded app in the port's own tree, or answered with a 501.

use model::{Function, Reason, Route, Span, Touch};

use super::Port;
use super::registrations::argument;
use crate::error::PortError;
use crate::python::edits::{indent, kept};

impl Port<'_> {
    /// A view that cannot be ported.
    pub(super) fn leave(&mut self, view: &Function) -> Result<(), PortError> {
        if self.no_relay {
            return self.refuse(view);
        }
        self.relays = true;
        for (touch, routes) in self.registrations_of(view) {
            let text = self.text(&view.file);
            let receiver = touch.receiver.of(text);
            let Some(route) = routes.first() else {
                continue;
            };
            let rest = options(touch, route);
            let relayed = self.named(&view.file, self.framework.relay(), "relayed");
            let new = format!("{relayed}({receiver}, {rest})");
            self.edit(view, touch.span, new, "R0118")?;
        }
        Ok(())
    }

    /// Whether a route's view is left to Flask.
    pub(super) fn is_left(&self, route: &Route) -> bool {
        let Some(view) = &route.view else {
            return false;
        };
        let id = match &view.function {
            Some(id) => id.clone(),
            None => format!("{}:{}", view.module, view.qualname),
        };
        self.unported.contains_key(&id)
    }

    /// `bp.add_url_rule("/x", view_func=f)` of a view that cannot be ported.
    pub(super) fn leave_rule(
        &mut self,
        function: &Function,
        touch: &Touch,
        route: &Route,
    ) -> Result<(), PortError> {
        let text = self.text(&function.file);
        let receiver = touch.receiver.of(text);
        let Some(view) = argument(touch, 2, "view_func").map(|a| kept(a.value)) else {
            let message = "this registration is not one rule and one view, written out";
            self.obstacle(&function.file, touch.line, "M0302", message.into());
            return Ok(());
        };
        if self.no_relay {
            let message = format!("`{}` cannot be ported", route.rule);
            self.obstacle(&function.file, touch.line, "M0302", message);
            return Ok(());
        }
        self.relays = true;
        let rest = options(touch, route);
        let relayed = self.named(&function.file, self.framework.relay(), "relayed");
        let new = format!("{relayed}({receiver}, {rest})({view})");
        self.edit(function, touch.span, new, "R0118")
    }

    /// A refused view answers 501 and names the reason; the original stands beside it.
    fn refuse(&mut self, function: &Function) -> Result<(), PortError> {
        let text = self.text(&function.file);
        let reasons = self.unported[&function.id].clone();
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
        self.edit(function, Span::new(start, end), new, "R0190")
    }
}

/// The arguments of Flask's registration as they are written, without the view; the endpoint in full.
fn options(touch: &Touch, route: &Route) -> String {
    let mut out: Vec<String> = Vec::new();
    for (i, argument) in touch.arguments.iter().enumerate() {
        let dropped = match &argument.passed {
            model::Passed::Position(_) => i > 0,
            model::Passed::Keyword(k) => k == "view_func" || k == "endpoint",
            _ => false,
        };
        if !dropped {
            out.push(kept(argument.span));
        }
    }
    out.push(format!("endpoint=\"{}\"", route.endpoint));
    out.join(", ")
}
