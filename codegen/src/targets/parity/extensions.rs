//! Extensions that stay Flask's own, on the app that a port embeds for what it leaves to Flask.

use std::collections::BTreeMap;

use model::extension::ExtensionStep;
use model::touch::Op;
use model::{Function, Reason, Span, Touch};

use super::Port;
use crate::error::PortError;
use crate::targets::{is_test, reason};

/// Extensions that answer only on routes of their own or where they are called: what they do to the embedded app
/// changes nothing of what the port answers by itself. (`flasgger` and `bugsnag` are no `flask_…`.)
const EMBEDDED: &[&str] = &[
    "bugsnag",
    "flasgger",
    "flask_admin",
    "flask_debugtoolbar",
    "flask_httpauth",
    "flask_mailman",
    "flask_smorest",
    "flask_swagger_ui",
    "sentry_sdk",
];

/// Servers that speak WSGI: what they are given is served by the port's own server instead.
const WSGI_SERVERS: &[&str] = &[
    "bjoern", "cheroot", "cherrypy", "eventlet", "gevent", "meinheld", "paste", "tornado",
    "waitress", "werkzeug", "wsgiref",
];

/// Packages that are named like extensions and touch no app.
const HARMLESS: &[&str] = &["flask_parity"];

pub(super) fn is_embedded(package: &str) -> bool {
    EMBEDDED.contains(&package)
}

pub(super) fn is_harmless(package: &str) -> bool {
    HARMLESS.contains(&package)
}

/// Whether a finding tells of an app that is passed to one of them (`bugsnag.flask.handle_exceptions`).
pub(super) fn is_embedded_call(message: &str) -> bool {
    message
        .split('`')
        .nth(1)
        .and_then(|callee| callee.split('.').next())
        .is_some_and(is_embedded)
}

/// Whether a finding tells of an app that is passed to a server.
pub(super) fn is_served(message: &str) -> bool {
    message
        .split('`')
        .nth(1)
        .and_then(|callee| callee.split('.').next())
        .is_some_and(|package| WSGI_SERVERS.contains(&package))
}

impl Port<'_> {
    /// Functions that use an object or a name of an embedded extension: they need Flask's context.
    pub(super) fn users_of_embedded(&self) -> BTreeMap<String, Reason> {
        let mut objects: BTreeMap<String, &str> = BTreeMap::new();
        for extension in &self.analysis.extensions {
            if !is_embedded(&extension.package) {
                continue;
            }
            for used in extension.uses.iter().filter(|u| !is_test(&u.file)) {
                let line = self
                    .text(&used.file)
                    .lines()
                    .nth(used.line.saturating_sub(1) as usize)
                    .unwrap_or("");
                match used.how {
                    ExtensionStep::Constructed => {
                        if let Some((name, _)) = line.split_once('=')
                            && self.is_module_name(&used.file, name.trim())
                        {
                            objects.insert(name.trim().to_owned(), &extension.package);
                        }
                    }
                    ExtensionStep::Imported => {
                        for name in imported(line) {
                            objects.insert(name.to_owned(), &extension.package);
                        }
                    }
                    ExtensionStep::InitApp => {}
                }
            }
        }
        let mut out = BTreeMap::new();
        if objects.is_empty() {
            return out;
        }
        for function in self.functions() {
            if function.role == model::function::Role::Module {
                continue;
            }
            // Whoever gives it the app is rewritten.
            if function
                .touches
                .iter()
                .any(|t| self.is_attached(function, t))
            {
                continue;
            }
            if let Some((name, package)) = objects.iter().find(|(n, _)| function.names.contains(*n))
            {
                let message = format!("`{name}` of {package} needs Flask's context");
                out.insert(function.id.clone(), reason("M0302", message));
            }
        }
        out
    }

    fn is_module_name(&self, file: &str, name: &str) -> bool {
        self.analysis
            .files
            .get(file)
            .is_some_and(|info| info.names.iter().any(|n| n == name))
    }

    /// Whether a touch is the app that an embedded extension is given.
    pub(super) fn is_attached(&self, function: &Function, touch: &Touch) -> bool {
        if touch.op != Op::App && touch.op != Op::CurrentApp {
            return false;
        }
        let by_extension = self
            .analysis
            .extensions
            .iter()
            .filter(|e| is_embedded(&e.package))
            .flat_map(|e| &e.uses)
            .any(|u| {
                u.file == function.file && u.line == touch.line && u.how != ExtensionStep::Imported
            });
        by_extension
            || self.analysis.findings.iter().any(|f| {
                matches!(f.code, model::Code::M0203 | model::Code::M0204)
                    && f.place.file == function.file
                    && f.place.line == touch.line
                    && is_embedded_call(&f.message)
            })
    }

    /// Whether a touch is the app that goes to code which is found only at run time.
    pub(super) fn is_handed_on(&self, function: &Function, touch: &Touch) -> bool {
        touch.op == Op::App
            && self.analysis.findings.iter().any(|f| {
                f.code == model::Code::M0204
                    && f.place.file == function.file
                    && f.place.line == touch.line
            })
    }

    /// `plugin.setup(app)` becomes `plugin.setup(FlaskShape(app))`.
    pub(super) fn hand_on(&mut self, function: &Function, touch: &Touch) -> Result<(), PortError> {
        let text = self.text(&function.file);
        let app = touch.span.of(text).to_owned();
        self.want(&function.file, "flask_parity.shape", "FlaskShape");
        self.remarks.push(format!(
            "{}:{}: code that is found only at run time gets the port's app with Flask's attributes; see that it adds no routes",
            function.file, touch.line
        ));
        self.edit(function, touch.span, format!("FlaskShape({app})"), "R0118")
    }

    /// `Mail(app)` becomes `Mail(embedded(app))`.
    pub(super) fn attach(&mut self, function: &Function, touch: &Touch) -> Result<(), PortError> {
        let text = self.text(&function.file);
        let app = touch.span.of(text).to_owned();
        self.want(&function.file, self.framework.relay(), "embedded");
        self.relays = true;
        self.edit(
            function,
            Span::new(touch.span.start, touch.span.end),
            format!("embedded({app})"),
            "R0118",
        )
    }
}

/// The names that a line of one import statement binds.
fn imported(line: &str) -> Vec<&str> {
    let line = line.trim();
    let Some((_, names)) = line.split_once(" import ") else {
        return line.strip_prefix("import ").into_iter().collect();
    };
    names
        .trim_matches(['(', ')', ' '])
        .split(',')
        .map(|n| n.rsplit(" as ").next().unwrap_or(n).trim())
        .filter(|n| !n.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_an_import() {
        assert_eq!(imported("from a import B, c as d"), ["B", "d"]);
        assert_eq!(imported("import flasgger"), ["flasgger"]);
        assert!(is_embedded_call(
            "the app is passed to `bugsnag.flask.handle_exceptions`, which is not in this source"
        ));
        assert!(!is_embedded_call(
            "the app is passed to `a.b`, which is not in this source"
        ));
    }
}
