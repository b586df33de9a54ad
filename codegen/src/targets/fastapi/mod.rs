//! FastAPI: routers and decorators in place of blueprints and rules, dependencies for bodies.

mod inputs;

use model::{Function, Touch};

use super::parity::views::touches_request;
use super::parity::{self, Framework, Made, Mounted, Port, Prefix, Registered};
use super::{Draft, Language, Serving, Source, Target};
use crate::error::PortError;
use crate::project::guide::Guide;

/// The registry's entry.
pub const TARGET: Target = Target {
    name: "fastapi",
    summary: "FastAPI on uvicorn",
    sources: &["flask", "quart"],
    language: Language::Python,
    servings: &[Serving::Asgi],
    guide: Guide {
        native: "parameters in, responses out, as FastAPI has them.",
        ..parity::guide::GUIDE
    },
    hazard: None,
    lower,
};

fn lower(source: &Source<'_>) -> Result<Draft, PortError> {
    parity::lower(source, &FastApi)
}

struct FastApi;

const SUPPORT: &str = "flask_parity.fastapi";

/// Methods that have a decorator of their own.
const VERBS: &[&str] = &["get", "post", "put", "delete", "patch"];

impl Framework for FastApi {
    fn package(&self) -> (&'static str, &'static str) {
        ("fastapi", "==0.165.0")
    }

    fn prefix(&self) -> &'static str {
        "FastAPI"
    }

    fn companions(&self) -> &'static [(&'static str, &'static str)] {
        &[("python-multipart", ">=0.0.20")]
    }

    fn classes(&self) -> [(&'static str, &'static str); 2] {
        [("fastapi", "FastAPI"), ("fastapi", "APIRouter")]
    }

    fn support(&self) -> &'static str {
        SUPPORT
    }

    fn taken(&self) -> &'static [&'static str] {
        TAKEN
    }

    fn app(&self) -> Made {
        Made {
            text: "FastAPI(openapi_url=None, default_response_class=HTMLResponse)".into(),
            imports: &[
                ("fastapi", "FastAPI"),
                ("fastapi.responses", "HTMLResponse"),
            ],
        }
    }

    fn blueprint(&self, prefix: &str) -> Made {
        Made {
            text: format!(
                "APIRouter({prefix}route_class=FlaskRoute, default_response_class=HTMLResponse)"
            ),
            imports: &[
                ("fastapi", "APIRouter"),
                ("fastapi.responses", "HTMLResponse"),
                (SUPPORT, "FlaskRoute"),
            ],
        }
    }

    fn keeps_prefix(&self) -> bool {
        true
    }

    fn hosts(&self, app: &str) -> (&'static str, String) {
        (
            "from a2wsgi import WSGIMiddleware\nfrom fastapi import FastAPI\n",
            format!(
                "app = FastAPI(openapi_url=None)\napp.mount(\"/\", WSGIMiddleware({app}, workers=40))"
            ),
        )
    }

    /// `@bp.get("/x", name="bp.x")`, `@bp.api_route(…)`, `@rule(bp, …)`.
    fn decorate(
        &self,
        port: &mut Port<'_>,
        view: &Function,
        touch: &Touch,
        registered: &Registered<'_>,
    ) -> Result<(), PortError> {
        let Registered { owner, path, .. } = registered;
        let listed = format!(", methods=[{}]", registered.methods.join(", "));
        let name = match &registered.name {
            Some(name) => format!(", name=\"{name}\""),
            None => String::new(),
        };
        let new = match &registered.options {
            Some(options) => {
                let register = port.named(&view.file, SUPPORT, "rule");
                format!("{register}({owner}, {path}{listed}{name}{options})")
            }
            None => {
                let verb = match registered.methods.as_slice() {
                    [one] => Some(one.trim_matches('"').to_lowercase()),
                    _ => None,
                };
                match verb.filter(|v| VERBS.contains(&v.as_str())) {
                    Some(verb) => format!("{owner}.{verb}({path}{name})"),
                    None => format!("{owner}.api_route({path}{listed}{name})"),
                }
            }
        };
        port.edit(view, touch.span, new, "R0105")
    }

    /// `app.add_api_route("/x", view, …)`.
    fn add(
        &self,
        port: &mut Port<'_>,
        file: &str,
        registered: &Registered<'_>,
        view: &str,
    ) -> String {
        let Registered { owner, path, .. } = registered;
        let rest = format!(
            "methods=[{}], name=\"{}\"",
            registered.methods.join(", "),
            registered.name.as_deref().unwrap_or_default()
        );
        match &registered.options {
            None => format!("{owner}.add_api_route({path}, {view}, {rest})"),
            Some(options) => {
                let register = port.named(file, SUPPORT, "rule");
                format!("{register}({owner}, {path}, {rest}{options})({view})")
            }
        }
    }

    /// `app.include_router(auth.bp)`; the router has its own prefix.
    fn include(&self, _port: &mut Port<'_>, mount: &Mounted<'_>) -> String {
        let Mounted {
            owner, blueprint, ..
        } = mount;
        // A slash at the end is refused, which Flask joins away.
        let prefix = match &mount.prefix {
            Some(Prefix::Known(prefix)) => match prefix.trim_end_matches('/') {
                "" => String::new(),
                trimmed => format!(", prefix=\"{trimmed}\""),
            },
            Some(Prefix::Computed(prefix)) => format!(", prefix=({prefix}).rstrip(\"/\")"),
            None => String::new(),
        };
        format!("{owner}.include_router({blueprint}{prefix})")
    }

    fn takes_request(&self, port: &Port<'_>, function: &Function) -> bool {
        port.will_take_parameters(function)
    }

    fn parameters(&self, port: &mut Port<'_>, function: &Function) -> Result<(), PortError> {
        if touches_request(function) && port.will_take_parameters(function) {
            inputs::give(port, function)?;
        }
        Ok(())
    }
}

/// Attributes of the app object.
const TAKEN: &[&str] = &[
    "add_api_route",
    "add_exception_handler",
    "add_middleware",
    "api_route",
    "build_middleware_stack",
    "contact",
    "delete",
    "dependency_overrides",
    "description",
    "docs_url",
    "exception_handler",
    "exception_handlers",
    "extra",
    "get",
    "head",
    "host",
    "include_router",
    "license_info",
    "middleware",
    "middleware_stack",
    "mount",
    "on_event",
    "openapi",
    "openapi_schema",
    "openapi_tags",
    "openapi_url",
    "openapi_version",
    "options",
    "patch",
    "post",
    "put",
    "redoc_url",
    "root_path_in_servers",
    "route",
    "router",
    "routes",
    "separate_input_output_schemas",
    "servers",
    "setup",
    "state",
    "summary",
    "swagger_ui_init_oauth",
    "swagger_ui_oauth2_redirect_url",
    "swagger_ui_parameters",
    "terms_of_service",
    "title",
    "trace",
    "url_path_for",
    "user_middleware",
    "version",
    "webhooks",
    "websocket",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted() {
        assert!(TAKEN.is_sorted());
    }
}
