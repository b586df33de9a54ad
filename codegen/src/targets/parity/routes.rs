//! Routes: what decorators and calls register.

use std::collections::BTreeSet;

use model::touch::Op;
use model::{Constant, Function, Passed, Route, Subject, Touch};

use super::registrations::{argument, method};
use super::{Port, Registered};
use crate::error::PortError;
use crate::python::edits::kept;
use crate::python::rules::{self, Part};

impl<'a> Port<'a> {
    /// `@bp.route("/x", methods=[…])` becomes what the framework has for it.
    pub(super) fn route_decorators(&mut self, view: &Function) -> Result<(), PortError> {
        for (touch, routes) in self.registrations_of(view) {
            let Some(route) = routes.first() else {
                continue;
            };
            match self.registered(view, touch, &routes) {
                Some(registered) => {
                    self.framework.decorate(self, view, touch, &registered)?;
                }
                None => self.unknown_rule(view, touch, route),
            }
        }
        Ok(())
    }

    /// What a decorator registers a view with; `None` when its rule is not known.
    pub(in crate::targets) fn registered(
        &mut self,
        view: &Function,
        touch: &Touch,
        routes: &[&Route],
    ) -> Option<Registered<'a>> {
        let text = self.text(&view.file);
        let route = routes.first()?;
        let path = self.path_of(touch, routes)?;
        let own = view.qualname.rsplit('.').next().unwrap_or(&view.qualname);
        let endpoints: BTreeSet<&str> = routes.iter().map(|r| r.endpoint.as_str()).collect();
        // Mounted several times: each mount gives its own.
        let named = endpoints.len() == 1 && route.endpoint != own;
        Some(Registered {
            owner: touch.receiver.of(text),
            path,
            methods: methods(&route.methods, touch),
            name: named.then(|| route.endpoint.clone()),
            options: options(route, touch),
        })
    }

    /// The decorators that register a view, each with the routes that it makes. Those of a nested view are the
    /// enclosing function's touches.
    pub(in crate::targets) fn registrations_of(
        &self,
        view: &Function,
    ) -> Vec<(&'a Touch, Vec<&'a Route>)> {
        let analysis = self.analysis;
        let mut out: Vec<(&Touch, Vec<&Route>)> = Vec::new();
        for route in analysis.routes.iter().filter(|r| r.app.is_some()) {
            let answers = route.view.as_ref().and_then(|v| v.function.as_ref()) == Some(&view.id);
            let Some(place) = route
                .registration
                .as_ref()
                .filter(|r| r.decorator && answers)
                .map(|r| &r.place)
            else {
                continue;
            };
            let touch = self
                .functions()
                .filter(|f| f.file == place.file)
                .flat_map(|f| &f.touches)
                .find(|t| t.op == Op::Route && t.span == place.span);
            let Some(touch) = touch else { continue };
            match out.iter_mut().find(|(t, _)| t.span == touch.span) {
                Some((_, routes)) => routes.push(route),
                None => out.push((touch, vec![route])),
            }
        }
        out
    }

    /// A decorator in code that does not run as far as is known, or one of two branches: it registers where it stands.
    pub(super) fn unseen_route(
        &mut self,
        function: &Function,
        touch: &Touch,
    ) -> Result<(), PortError> {
        let mut mounted = self.analysis.routes.iter().filter(|r| r.app.is_some());
        let seen = mounted.any(|r| {
            r.registration
                .as_ref()
                .is_some_and(|o| o.place.file == function.file && o.place.span == touch.span)
        });
        let text = self.text(&function.file);
        let Some(rule) = argument(touch, 0, "rule")
            .map(|a| a.value)
            .filter(|_| !seen)
        else {
            return Ok(());
        };
        let rule = match self.framework.path(rule.of(text)) {
            Some(path) => path,
            None => format!(
                "{}({})",
                self.named(&function.file, self.framework.spelling(), "path"),
                kept(rule)
            ),
        };
        let register = self.named(&function.file, self.framework.support(), "rule");
        let mut rest = String::new();
        let verb = method(touch, text);
        if verb != "route" {
            rest.push_str(&format!(", methods=[{}]", quoted(&verb.to_uppercase())));
        }
        let view = self
            .functions()
            .filter(|f| f.file == function.file)
            .find(|f| f.decorators.iter().any(|d| d.span == touch.span));
        let own = view.map_or("", |f| f.qualname.rsplit('.').next().unwrap_or(&f.qualname));
        let endpoint = argument(touch, 1, "endpoint").and_then(|a| match &a.constant {
            Some(Constant::Str(s)) => Some(s.as_str()),
            _ => None,
        });
        let endpoint = endpoint.unwrap_or(own);
        match touch.subject {
            Subject::Blueprint(Some(i)) => {
                let blueprint = &self.analysis.blueprints[i].name;
                rest.push_str(&format!(", name=\"{blueprint}.{endpoint}\""));
            }
            _ if endpoint != own => rest.push_str(&format!(", name=\"{endpoint}\"")),
            _ => {}
        }
        for argument in &touch.arguments {
            if let Passed::Keyword(k) = &argument.passed
                && !matches!(k.as_str(), "rule" | "endpoint")
            {
                rest.push_str(", ");
                rest.push_str(&kept(argument.span));
            }
        }
        let new = format!("{register}({}, {rule}{rest})", touch.receiver.of(text));
        self.edit(function, touch.span, new, "R0105")
    }

    fn unknown_rule(&mut self, function: &Function, touch: &Touch, route: &Route) {
        let message = self
            .unsupported_route(route)
            .unwrap_or_else(|| format!("the rule `{}` is not written as a literal", route.rule));
        self.obstacle(&function.file, touch.line, "M0302", message);
    }

    /// A rule as the framework has it: a literal where it is one, else what the source writes, translated when the port
    /// starts.
    fn path_of(&mut self, touch: &Touch, routes: &[&Route]) -> Option<String> {
        let route = routes.first()?;
        let file = route.registration.as_ref()?.place.file.clone();
        let text = self.text(&file);
        let written = argument(touch, 0, "rule")?.value;
        if let Some(path) = self.framework.path(written.of(text)) {
            return Some(path);
        }
        // A literal that Flask would refuse too, or one that is put together.
        rules::parse(&route.rule)?;
        let path = self.named(&file, self.framework.spelling(), "path");
        Some(format!("{path}({})", kept(written)))
    }

    /// `app.add_url_rule("/x", "x", view)` becomes a call of the framework's.
    pub(super) fn add_route(
        &mut self,
        function: &Function,
        touch: &Touch,
    ) -> Result<(), PortError> {
        let text = self.text(&function.file);
        let analysis = self.analysis;
        let routes: Vec<&Route> = analysis
            .routes
            .iter()
            .filter(|r| {
                r.registration
                    .as_ref()
                    .is_some_and(|o| o.place.file == function.file && o.place.span == touch.span)
            })
            .collect();
        let view = argument(touch, 2, "view_func").map(|a| kept(a.value));
        let Some(route) = routes.first() else {
            let message = "this registration is not one rule and one view, written out";
            self.obstacle(&function.file, touch.line, "M0302", message.into());
            return Ok(());
        };
        if self.is_left(route) {
            return self.leave_rule(function, touch, route);
        }
        let rule = self.path_of(touch, &routes);
        let (Some(view), Some(rule)) = (view, rule) else {
            let message = "this registration is not one rule and one view, written out";
            self.obstacle(&function.file, touch.line, "M0302", message.into());
            return Ok(());
        };
        let registered = Registered {
            owner: touch.receiver.of(text),
            path: rule,
            methods: route.methods.iter().map(|m| quoted(m)).collect(),
            name: Some(route.endpoint.clone()),
            options: options(route, touch),
        };
        let framework = self.framework;
        let new = framework.add(self, &function.file, &registered, &view);
        self.edit(function, touch.span, new, "R0106")
    }

    /// `app.add_url_rule("/", endpoint="index")` becomes `add_url(app, "/", "index")`.
    pub(super) fn name_url(&mut self, function: &Function, touch: &Touch) -> Result<(), PortError> {
        let text = self.text(&function.file);
        let rule = argument(touch, 0, "rule").and_then(|a| self.framework.path(a.value.of(text)));
        let endpoint = argument(touch, 1, "endpoint").map(|a| a.value.of(text));
        let (Some(rule), Some(endpoint)) = (rule, endpoint) else {
            self.obstacle(
                &function.file,
                touch.line,
                "M0302",
                "a URL is named here by something that is not a literal".into(),
            );
            return Ok(());
        };
        let app = touch.receiver.of(text);
        let new = format!("add_url({app}, {rule}, {endpoint})");
        self.edit(function, touch.span, new, "R0106")?;
        self.want(&function.file, self.framework.urls(), "add_url");
        Ok(())
    }
}

/// The literal of a rule with its converters in Starlette's spelling; quotes stay.
pub(in crate::targets) fn path(literal: &str) -> Option<String> {
    let quote = literal.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let inner = literal.strip_prefix(quote)?.strip_suffix(quote)?;
    if inner.contains(['\\', quote]) {
        return None;
    }
    let mut out = String::new();
    for part in rules::parse(inner)? {
        match part {
            Part::Text(text) => out.push_str(&text),
            Part::Variable {
                converter,
                arguments: None,
                name,
            } => match converter.as_str() {
                "string" | "default" => out.push_str(&format!("{{{name}}}")),
                other => out.push_str(&format!("{{{name}:{other}}}")),
            },
            Part::Variable { .. } => return None,
        }
    }
    Some(format!("{quote}{out}{quote}"))
}

/// What Flask's options of a rule become beside its path and methods; `None` when there are none.
fn options(route: &Route, touch: &Touch) -> Option<String> {
    let mut out = String::new();
    for argument in &touch.arguments {
        if let Passed::Keyword(k) = &argument.passed
            && matches!(
                k.as_str(),
                "defaults" | "strict_slashes" | "redirect_to" | "provide_automatic_options"
            )
        {
            out.push_str(", ");
            out.push_str(&kept(argument.span));
        }
    }
    if out.is_empty() && !route.strict_slashes {
        out.push_str(", strict_slashes=False");
    }
    (!out.is_empty()).then_some(out)
}

/// The methods of a route in the order in which they were written, quoted.
fn methods(methods: &[String], touch: &Touch) -> Vec<String> {
    let written = argument(touch, u32::MAX, "methods").and_then(|a| match &a.constant {
        Some(Constant::List(list)) if methods.len() > 1 => list
            .iter()
            .map(|c| match c {
                Constant::Str(s) => Some(s.to_uppercase()),
                _ => None,
            })
            .collect::<Option<Vec<String>>>(),
        _ => None,
    });
    let list = written.unwrap_or_else(|| methods.to_vec());
    list.iter().map(|m| quoted(m)).collect()
}

/// A string literal of text that has neither quotes nor backslashes.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_in_the_spelling_of_starlette() {
        for (flask, starlette) in [
            (r#""/""#, Some(r#""/""#)),
            ("'/<int:id>/update'", Some("'/{id:int}/update'")),
            (r#""/<name>/<path:p>""#, Some(r#""/{name}/{p:path}""#)),
            (r#""/<any(a,b):x>""#, None),
            ("prefix + '/x'", None),
        ] {
            assert_eq!(path(flask).as_deref(), starlette, "{flask}");
        }
    }
}
