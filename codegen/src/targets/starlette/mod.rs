//! Starlette: lists of routes after the views, which get the request.

mod endpoints;
mod tables;

use model::{Function, Route, Touch};

use super::parity::{self, Framework, Made, Mounted, Port, Prefix, Registered};
use super::{Draft, Language, Serving, Source, Target};
use crate::error::PortError;
use crate::project::guide::Guide;

/// The registry's entry.
pub const TARGET: Target = Target {
    name: "starlette",
    summary: "Starlette on uvicorn",
    sources: &["flask", "quart"],
    language: Language::Python,
    servings: &[Serving::Asgi],
    guide: Guide {
        native: "the request in, responses out, as Starlette has them.",
        ..parity::guide::GUIDE
    },
    hazard: None,
    lower,
};

fn lower(source: &Source<'_>) -> Result<Draft, PortError> {
    parity::lower(source, &Starlette)
}

struct Starlette;

const SUPPORT: &str = "flask_parity.starlette";

impl Framework for Starlette {
    fn package(&self) -> (&'static str, &'static str) {
        ("starlette", "==1.10.0")
    }

    fn prefix(&self) -> &'static str {
        "Starlette"
    }

    fn classes(&self) -> [(&'static str, &'static str); 2] {
        [
            ("starlette.applications", "Starlette"),
            ("starlette.routing", "Router"),
        ]
    }

    fn support(&self) -> &'static str {
        SUPPORT
    }

    fn taken(&self) -> &'static [&'static str] {
        TAKEN
    }

    fn app(&self) -> Made {
        Made {
            text: "Starlette()".into(),
            imports: &[("starlette.applications", "Starlette")],
        }
    }

    /// Its prefix is put before the paths where it is mounted, as that of a `Mount`.
    fn blueprint(&self, _prefix: &str) -> Made {
        Made {
            text: "Router()".into(),
            imports: &[("starlette.routing", "Router")],
        }
    }

    fn keeps_prefix(&self) -> bool {
        false
    }

    fn hosts(&self, app: &str) -> (&'static str, String) {
        (
            "from a2wsgi import WSGIMiddleware\nfrom starlette.applications import Starlette\nfrom starlette.routing import Mount\n",
            format!("app = Starlette(routes=[Mount(\"/\", WSGIMiddleware({app}, workers=40))])"),
        )
    }

    fn decorate(
        &self,
        port: &mut Port<'_>,
        view: &Function,
        touch: &Touch,
        registered: &Registered<'_>,
    ) -> Result<(), PortError> {
        if tables::is_listed(port, view, touch) {
            return tables::take_down(port, view, touch);
        }
        let Registered { owner, path, .. } = registered;
        let register = port.named(&view.file, SUPPORT, "rule");
        let rest = tables::rest(registered);
        let options = registered.options.as_deref().unwrap_or_default();
        let new = format!("{register}({owner}, {path}{rest}{options})");
        port.edit(view, touch.span, new, "R0105")
    }

    /// `bp.routes.append(FlaskRoute("/x", view, …))`.
    fn add(
        &self,
        port: &mut Port<'_>,
        file: &str,
        registered: &Registered<'_>,
        view: &str,
    ) -> String {
        let Registered { owner, path, .. } = registered;
        let rest = tables::rest(registered);
        match &registered.options {
            None => {
                let route = port.named(file, SUPPORT, "FlaskRoute");
                format!("{owner}.routes.append({route}({path}, {view}{rest}))")
            }
            Some(options) => {
                let register = port.named(file, SUPPORT, "rule");
                format!("{register}({owner}, {path}{rest}{options})({view})")
            }
        }
    }

    /// `app.router.routes += at("/auth", auth.bp.routes)`.
    fn include(&self, port: &mut Port<'_>, mount: &Mounted<'_>) -> String {
        let own = || mount.own_prefix.map(Prefix::Known);
        let prefix = match mount.prefix.clone().or_else(own) {
            None | Some(Prefix::Known("" | "/")) => None,
            Some(Prefix::Known(prefix)) => Some(format!("\"{prefix}\"")),
            Some(Prefix::Computed(prefix)) => Some(prefix),
        };
        let routes = format!("{}.routes", mount.blueprint);
        let routes = match prefix {
            None => routes,
            Some(prefix) => {
                let at = port.named(mount.file, SUPPORT, "at");
                format!("{at}({prefix}, {routes})")
            }
        };
        if mount.on_app {
            format!("{}.router.routes += {routes}", mount.owner)
        } else {
            format!("{}.routes += {routes}", mount.owner)
        }
    }

    fn takes_request(&self, port: &Port<'_>, function: &Function) -> bool {
        endpoints::takes_request(port, function)
    }

    fn parameters(&self, port: &mut Port<'_>, function: &Function) -> Result<(), PortError> {
        endpoints::give(port, function)
    }

    fn conclude(&self, port: &mut Port<'_>) -> Result<(), PortError> {
        tables::write(port);
        Ok(())
    }

    fn keeps_order(&self, port: &Port<'_>, first: &Route, second: &Route) -> bool {
        first.is_static || tables::are_listed_together(port, first, second)
    }
}

/// Attributes of the app object.
const TAKEN: &[&str] = &[
    "add_exception_handler",
    "add_middleware",
    "add_route",
    "build_middleware_stack",
    "exception_handlers",
    "host",
    "max_body_size",
    "middleware_stack",
    "mount",
    "router",
    "routes",
    "state",
    "url_path_for",
    "user_middleware",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted() {
        assert!(TAKEN.is_sorted());
    }
}
