//! The app object: how it is made, configured and started.

use model::touch::Op;
use model::{Argument, Function, Outcome, Passed, Role, Span, Touch};

use super::Port;
use crate::error::PortError;
use crate::python::edits::indent;

/// Arguments of `Flask(...)` that `prepare` takes too.
const PREPARED: &[&str] = &[
    "static_url_path",
    "static_folder",
    "template_folder",
    "instance_path",
    "instance_relative_config",
    "root_path",
];

impl Port<'_> {
    /// Rewrites whatever concerns the app as a whole in one function (or a module's statements).
    pub(super) fn application(&mut self, function: &Function) -> Result<(), PortError> {
        if function.role != Role::Module && self.is_refused(&function.file, function.span) {
            return Ok(());
        }
        // The arguments of `app.run(...)` go with it.
        let gone: Vec<Span> = function
            .touches
            .iter()
            .filter(|t| t.op == Op::RunServer)
            .map(|t| t.span)
            .collect();
        for touch in &function.touches {
            if gone
                .iter()
                .any(|s| s.contains(touch.span) && *s != touch.span)
            {
                continue;
            }
            match &touch.op {
                Op::CreateApp => self.create_app(function, touch)?,
                Op::CreateBlueprint => self.create_router(function, touch)?,
                Op::Mount => self.mount(function, touch)?,
                Op::NameUrl => self.name_url(function, touch)?,
                Op::Route if touch.context != model::Context::Decorator => {
                    self.add_route(function, touch)?;
                }
                Op::Hook { when, .. } => self.hook(function, touch, *when)?,
                Op::ErrorHandler { scope } => self.error_handler(function, touch, *scope)?,
                Op::TemplateExtension { .. } => self.template_extension(function, touch)?,
                Op::Command => self.command(function, touch)?,
                Op::Config | Op::InstancePath | Op::RootPath => {
                    let at = Span::new(touch.receiver.end, touch.receiver.end);
                    self.edit(function, at, ".state".into(), "R0110")?;
                }
                Op::SecretKey => {
                    let span = Span::new(touch.receiver.end, touch.span.end);
                    let text = ".state.config[\"SECRET_KEY\"]".to_owned();
                    self.edit(function, span, text, "R0110")?;
                }
                Op::OpenResource => {
                    self.receiver_first(function, touch, "flask_parity.context", "open_resource")?;
                }
                Op::AppContext => {
                    self.receiver_first(function, touch, "flask_parity.context", "app_context")?;
                }
                Op::Type { .. } => {
                    if let Some(new) = annotation(touch) {
                        self.edit(function, touch.span, new.into(), "R0110")?;
                        self.want(&function.file, "fastapi", new);
                    }
                }
                Op::RunServer => {
                    let app = touch.receiver.of(self.text(&function.file)).to_owned();
                    let text = format!("uvicorn.run({app})");
                    self.edit(function, touch.span, text, "R0116")?;
                    self.want(&function.file, "", "uvicorn");
                    self.remarks.push(format!(
                        "{}:{}: `app.run(...)` became `uvicorn.run(...)`; its options were dropped",
                        function.file, touch.line
                    ));
                }
                _ => {}
            }
        }
        if self.keeps_ambient_request_later(function) {
            let file = function.file.clone();
            self.file(&file).ambient_request = true;
        }
        Ok(())
    }

    /// Whether a function will go on using the ambient request, asked before views are rewritten.
    fn keeps_ambient_request_later(&self, function: &Function) -> bool {
        if function.role == Role::View {
            return !self.will_take_parameters(function)
                && !self.refused.contains_key(&function.id)
                && function
                    .touches
                    .iter()
                    .any(|t| t.subject == model::Subject::Request);
        }
        self.keeps_ambient_request(function)
    }

    /// `app.method(x)` becomes `function(app, x)`.
    pub(super) fn receiver_first(
        &mut self,
        function: &Function,
        touch: &Touch,
        module: &str,
        name: &str,
    ) -> Result<(), PortError> {
        let text = self.text(&function.file);
        let receiver = touch.receiver.of(text);
        let rest: Vec<&str> = touch.arguments.iter().map(|a| a.span.of(text)).collect();
        let mut arguments = vec![receiver];
        arguments.extend(rest);
        let new = format!("{name}({})", arguments.join(", "));
        self.edit(function, touch.span, new, "R0110")?;
        self.want(&function.file, module, name);
        Ok(())
    }

    /// `Flask(__name__, …)` becomes `FastAPI(…)` and a line that gives it what Flask's constructor
    /// sets up.
    fn create_app(&mut self, function: &Function, touch: &Touch) -> Result<(), PortError> {
        let text = self.text(&function.file);
        let Outcome::Bound(name) = &touch.outcome else {
            self.obstacle(
                &function.file,
                touch.line,
                "M0304",
                "the app is not bound to a name where it is made".into(),
            );
            return Ok(());
        };
        let unknown = touch.arguments.iter().find(|a| match &a.passed {
            Passed::Position(0) => false,
            Passed::Keyword(k) => !PREPARED.contains(&k.as_str()) && k != "import_name",
            _ => true,
        });
        if let Some(argument) = unknown {
            self.obstacle(
                &function.file,
                touch.line,
                "M0304",
                format!("`Flask({})` has no counterpart", argument.span.of(text)),
            );
            return Ok(());
        }
        let arguments: Vec<&str> = touch
            .arguments
            .iter()
            .map(|a| match &a.passed {
                Passed::Keyword(k) if k == "import_name" => a.value.of(text),
                _ => a.span.of(text),
            })
            .collect();
        let new = "FastAPI(openapi_url=None, default_response_class=HTMLResponse)".to_owned();
        self.edit(function, touch.span, new, "R0102")?;
        let blanks = indent(text, touch.span.start);
        let line = format!("\n{blanks}prepare({name}, {})", arguments.join(", "));
        let end = Span::new(touch.span.end, touch.span.end);
        self.edit(function, end, line, "R0102")?;
        let file = function.file.clone();
        self.want(&file, "fastapi", "FastAPI");
        self.want(&file, "fastapi.responses", "HTMLResponse");
        self.want(&file, "flask_parity.setup", "prepare");
        Ok(())
    }

    /// `Blueprint("auth", __name__, url_prefix="/auth")` becomes `APIRouter(prefix="/auth", …)`.
    fn create_router(&mut self, function: &Function, touch: &Touch) -> Result<(), PortError> {
        let text = self.text(&function.file);
        let mut prefix = String::new();
        for argument in &touch.arguments {
            match &argument.passed {
                Passed::Position(0 | 1) => {}
                Passed::Keyword(k) if k == "name" || k == "import_name" => {}
                Passed::Keyword(k) if k == "url_prefix" => match prefix_of(argument, text) {
                    Some(p) => prefix = p,
                    None => self.obstacle(
                        &function.file,
                        touch.line,
                        "M0302",
                        "the blueprint's prefix is not written as a literal".into(),
                    ),
                },
                _ => self.obstacle(
                    &function.file,
                    touch.line,
                    "M0302",
                    format!(
                        "`Blueprint({})` has no counterpart yet",
                        argument.span.of(text)
                    ),
                ),
            }
        }
        let new = format!(
            "APIRouter({prefix}route_class=FlaskRoute, default_response_class=HTMLResponse)"
        );
        self.edit(function, touch.span, new, "R0103")?;
        let file = function.file.clone();
        self.want(&file, "fastapi", "APIRouter");
        self.want(&file, "fastapi.responses", "HTMLResponse");
        self.want(&file, "flask_parity.routing", "FlaskRoute");
        Ok(())
    }
}

/// The target's class for one of Flask's that an annotation names.
pub(super) fn annotation(touch: &Touch) -> Option<&'static str> {
    match &touch.op {
        Op::Type { name } if touch.context == model::Context::Annotation => match name.as_str() {
            "Flask" => Some("FastAPI"),
            "Blueprint" => Some("APIRouter"),
            _ => None,
        },
        _ => None,
    }
}

/// `prefix="/auth", `; FastAPI refuses a slash at the end, which joins away in Flask.
fn prefix_of(argument: &Argument, text: &str) -> Option<String> {
    match &argument.constant {
        Some(model::Constant::Str(s)) => {
            let raw = argument.value.of(text);
            let quote = raw.chars().next().filter(|c| matches!(c, '"' | '\''))?;
            let trimmed = s.trim_end_matches('/');
            if trimmed.is_empty() {
                return Some(String::new());
            }
            if trimmed.contains(['<', '{']) {
                return None;
            }
            Some(format!("prefix={quote}{trimmed}{quote}, "))
        }
        Some(model::Constant::None) => Some(String::new()),
        _ => None,
    }
}
