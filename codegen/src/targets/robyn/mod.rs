//! Robyn: decorators on an app and on routers, the URL's values by name.

mod deviations;
mod paths;

use std::collections::BTreeSet;

use model::{Deviation, Function, Touch};

use super::parity::views::touches_request;
use super::parity::{self, Framework, Made, Mounted, Port, Prefix, Registered, Unsendable};
use super::{Draft, Hazard, Language, Serving, Source, Target};
use crate::error::PortError;
use crate::project::guide::Guide;
use crate::python::edits::indent;
use crate::support::Ground;

/// The registry's entry.
pub const TARGET: Target = Target {
    name: "robyn",
    summary: "Robyn on its own server",
    sources: &["flask", "quart"],
    language: Language::Python,
    servings: &[Serving::Alone, Serving::Circus],
    guide: Guide {
        native: "the request and the URL's values in, responses out, by Robyn's own decorators.",
        tests: "The tests came along as they are, for Flask's client: Robyn has none that answers as its server does. `migrate verify .` compares the servers themselves.",
        ..parity::guide::GUIDE
    },
    hazard: Some(Hazard {
        what: "one request with a malformed chunk, on any path, ends the process of Robyn 0.88, and no body is too large for it",
        mend: "Let only a proxy reach it that buffers requests and limits their bodies (nginx: `proxy_request_buffering on`, \
               `client_max_body_size`), and have it started again: `--server circus`, or `Restart=always` of systemd.",
    }),
    lower,
};

fn lower(source: &Source<'_>) -> Result<Draft, PortError> {
    parity::lower(source, &Robyn)
}

struct Robyn;

const SUPPORT: &str = "flask_parity.robyn";

/// Methods that have a decorator of their own.
const VERBS: &[&str] = &["delete", "get", "head", "options", "patch", "post", "put"];

impl Framework for Robyn {
    fn package(&self) -> (&'static str, &'static str) {
        ("robyn", "==0.88.0")
    }

    fn prefix(&self) -> &'static str {
        "Robyn"
    }

    fn server(&self) -> Option<(&'static str, &'static str)> {
        None
    }

    /// Robyn's server comes with it; the module in front of it imports the app, shares its port and ends well.
    fn serve(&self, target: &str, is_factory: bool, threads: u32) -> Vec<String> {
        let call = if is_factory { "()" } else { "" };
        let words = ["python", "-m", "flask_parity.serve"];
        let address = ["--host", "{host}", "--port", "{port}"];
        let workers = match threads {
            1 => Vec::new(),
            many => vec!["--workers".to_owned(), many.to_string()],
        };
        words
            .into_iter()
            .chain(address)
            .map(str::to_owned)
            .chain(workers)
            .chain([format!("{target}{call}")])
            .collect()
    }

    fn runs(&self, app: &str, arguments: &[String]) -> (String, Option<&'static str>) {
        (format!("{app}.start({})", arguments.join(", ")), None)
    }

    fn carried(&self) -> &'static [&'static str] {
        &["serve"]
    }

    fn ground(&self) -> Ground {
        Ground::Robyn
    }

    fn path(&self, literal: &str) -> Option<String> {
        paths::path(literal)
    }

    fn spelling(&self) -> &'static str {
        "flask_parity.robynpaths"
    }

    fn urls(&self) -> &'static str {
        SUPPORT
    }

    fn layer(&self) -> &'static str {
        "flask_parity.robynwsgi"
    }

    fn relay(&self) -> &'static str {
        "flask_parity.robynflask"
    }

    fn adapter(&self) -> Option<(&'static str, &'static str)> {
        None
    }

    fn unsendable(&self) -> Unsendable {
        Unsendable {
            code: "D-robyn-unsendable",
            port: "as the app answers, or its own page for an error",
            what: "a header beyond Latin-1, for which gunicorn has a page of its own, is sent in UTF-8; a status outside of \
                   100 to 599 is the port's own page for an error 500",
        }
    }

    fn deviations(&self, port: &Port<'_>) -> Vec<Deviation> {
        deviations::of(port)
    }

    fn classes(&self) -> [(&'static str, &'static str); 2] {
        [(SUPPORT, "FlaskRobyn"), (SUPPORT, "FlaskSubRouter")]
    }

    fn support(&self) -> &'static str {
        SUPPORT
    }

    fn taken(&self) -> &'static [&'static str] {
        TAKEN
    }

    fn app(&self) -> Made {
        Made {
            text: "FlaskRobyn(__file__)".into(),
            imports: &[(SUPPORT, "FlaskRobyn")],
        }
    }

    fn blueprint(&self, prefix: &str) -> Made {
        let prefix = prefix.trim_end_matches(", ");
        Made {
            text: format!("FlaskSubRouter({prefix})"),
            imports: &[(SUPPORT, "FlaskSubRouter")],
        }
    }

    fn keeps_prefix(&self) -> bool {
        true
    }

    fn hosts(&self, app: &str) -> (&'static str, String) {
        (
            "from flask_parity.robynflask import FlaskOnRobyn\n",
            format!("app = FlaskOnRobyn(__file__, {app})"),
        )
    }

    fn host(&self) -> &'static str {
        "robyn_app"
    }

    fn host_modules(&self) -> BTreeSet<String> {
        ["robynflask", "serve"].map(str::to_owned).into()
    }

    /// `@bp.get("/x", name="bp.x")`, one decorator a method, or `@rule(bp, …)`.
    fn decorate(
        &self,
        port: &mut Port<'_>,
        view: &Function,
        touch: &Touch,
        registered: &Registered<'_>,
    ) -> Result<(), PortError> {
        let Registered { owner, path, .. } = registered;
        let name = named(registered);
        let verbs: Option<Vec<String>> = registered.methods.iter().map(|m| verb(m)).collect();
        let new = match verbs.filter(|_| registered.options.is_none()) {
            Some(verbs) => {
                let start = touch.span.start;
                let next = format!("\n{}@", indent(port.text(&view.file), start));
                let calls = verbs
                    .iter()
                    .map(|verb| format!("{owner}.{verb}({path}{name})"));
                calls.collect::<Vec<_>>().join(&next)
            }
            None => {
                let register = port.named(&view.file, SUPPORT, "rule");
                let rest = rest(registered);
                format!("{register}({owner}, {path}{rest})")
            }
        };
        port.edit(view, touch.span, new, "R0105")
    }

    /// `app.add_route("GET", "/x", view, name="x")`.
    fn add(
        &self,
        port: &mut Port<'_>,
        file: &str,
        registered: &Registered<'_>,
        view: &str,
    ) -> String {
        let Registered {
            owner,
            path,
            methods,
            ..
        } = registered;
        if registered.options.is_some() {
            let register = port.named(file, SUPPORT, "rule");
            let rest = rest(registered);
            return format!("{register}({owner}, {path}{rest})({view})");
        }
        let methods = match methods.as_slice() {
            [one] => one.clone(),
            many => format!("[{}]", many.join(", ")),
        };
        let name = named(registered);
        format!("{owner}.add_route({methods}, {path}, {view}{name})")
    }

    /// `app.include_router(auth.bp)`; the router has its own prefix, unless another is written at the mount.
    fn include(&self, _port: &mut Port<'_>, mount: &Mounted<'_>) -> String {
        let Mounted {
            owner, blueprint, ..
        } = mount;
        let prefix = match &mount.prefix {
            Some(Prefix::Known(prefix)) => format!(", \"{prefix}\""),
            Some(Prefix::Computed(prefix)) => format!(", {prefix}"),
            None => String::new(),
        };
        format!("{owner}.include_router({blueprint}{prefix})")
    }

    fn takes_request(&self, port: &Port<'_>, function: &Function) -> bool {
        port.will_take_parameters(function)
    }

    /// `request` comes first; the URL's values come by name, as under Flask.
    fn parameters(&self, port: &mut Port<'_>, function: &Function) -> Result<(), PortError> {
        if touches_request(function) && port.will_take_parameters(function) {
            return port.parameter(function, "request".into());
        }
        Ok(())
    }

    /// Robyn's own client is not its server: slashes, static paths and queries differ there.
    fn without_client(&self) -> Option<&'static str> {
        Some("Robyn has no client that answers as its server does")
    }

    /// The app puts its routes in Werkzeug's order before it starts.
    fn sorts_itself(&self) -> bool {
        true
    }
}

/// `, name="bp.x"`, where the endpoint is not the view's own name.
fn named(registered: &Registered<'_>) -> String {
    match &registered.name {
        Some(name) => format!(", name=\"{name}\""),
        None => String::new(),
    }
}

/// What follows the path in a call of `rule`.
fn rest(registered: &Registered<'_>) -> String {
    let options = registered.options.as_deref().unwrap_or_default();
    let methods = match registered.methods.as_slice() {
        [one] if one == "\"GET\"" => String::new(),
        many => format!(", methods=[{}]", many.join(", ")),
    };
    format!("{methods}{}{options}", named(registered))
}

/// The decorator for a method, quoted.
fn verb(method: &str) -> Option<String> {
    let verb = method.trim_matches('"').to_lowercase();
    VERBS.binary_search(&verb.as_str()).is_ok().then_some(verb)
}

/// Attributes of the app object.
const TAKEN: &[&str] = &[
    "add_middleware",
    "add_request_header",
    "add_response_header",
    "add_route",
    "add_web_socket",
    "after_request",
    "ai_agent",
    "authentication_handler",
    "before_request",
    "config",
    "configure_authentication",
    "configure_sessions",
    "connect",
    "debug",
    "delete",
    "dependencies",
    "directories",
    "directory_path",
    "event_handlers",
    "exception",
    "exception_handler",
    "exclude_response_headers_for",
    "excluded_response_headers_paths",
    "file_path",
    "get",
    "head",
    "include_router",
    "included_routers",
    "init_openapi",
    "inject",
    "inject_global",
    "is_port_in_use",
    "layers",
    "mcp",
    "middleware_router",
    "openapi",
    "options",
    "patch",
    "post",
    "put",
    "request_headers",
    "response_headers",
    "router",
    "routes",
    "serve_directory",
    "session_manager",
    "set_request_header",
    "set_response_header",
    "shutdown_handler",
    "start",
    "startup_handler",
    "state",
    "trace",
    "view",
    "web_socket_router",
    "websocket",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted() {
        assert!(TAKEN.is_sorted());
        assert!(VERBS.is_sorted());
    }
}
