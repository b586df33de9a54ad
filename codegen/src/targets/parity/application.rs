//! The app object: how it is made, configured and started.

use model::touch::Op;
use model::{Function, Passed, Role, Span, Touch};

use super::Port;
use super::registrations::method;
use crate::error::PortError;
use crate::python::edits::kept;

impl Port<'_> {
    /// Rewrites whatever concerns the app as a whole in one function (or a module's statements).
    pub(super) fn application(&mut self, function: &Function) -> Result<(), PortError> {
        if function.role != Role::Module && self.is_refused(&function.file, function.span) {
            return Ok(());
        }
        for touch in &function.touches {
            self.touch(function, touch)?;
        }
        if self.keeps_ambient_request_later(function) {
            let file = function.file.clone();
            self.file(&file).ambient_request = true;
        }
        Ok(())
    }

    pub(super) fn touch(&mut self, function: &Function, touch: &Touch) -> Result<(), PortError> {
        if self.is_attached(function, touch) {
            return self.attach(function, touch);
        }
        if self.is_handed_on(function, touch) {
            return self.hand_on(function, touch);
        }
        match &touch.op {
            Op::Mount => self.mount(function, touch),
            Op::NameUrl => self.name_url(function, touch),
            Op::Route if touch.context != model::Context::Decorator => {
                self.add_route(function, touch)
            }
            Op::Route => self.unseen_route(function, touch),
            Op::Hook { when, .. } => self.hook(function, touch, *when),
            Op::ErrorHandler { scope } => self.error_handler(function, touch, *scope),
            Op::TemplateExtension { .. } => self.template_extension(function, touch),
            Op::Command => self.command(function, touch),
            Op::Config | Op::InstancePath | Op::RootPath | Op::Logger => {
                if !is_read_off(touch, self.text(&function.file)) {
                    return Ok(());
                }
                let at = Span::new(touch.receiver.end, touch.receiver.end);
                self.edit(function, at, ".state".into(), "R0110")
            }
            Op::SecretKey => {
                let span = Span::new(touch.receiver.end, touch.span.end);
                let text = ".state.config[\"SECRET_KEY\"]".to_owned();
                self.edit(function, span, text, "R0110")
            }
            Op::AppAttribute { name } => self.app_attribute(function, touch, name),
            Op::OpenResource => {
                self.receiver_first(function, touch, "flask_parity.context", "open_resource")
            }
            Op::AppContext => {
                let text = self.text(&function.file);
                let (module, name) = match method(touch, text) {
                    _ if self.is_quart() => ("flask_parity.quart_context", "app_context"),
                    "test_request_context" => ("flask_parity.testing", "test_request_context"),
                    _ => ("flask_parity.context", "app_context"),
                };
                self.receiver_first(function, touch, module, name)
            }
            Op::Type { .. } => {
                if let Some((module, new)) = self.annotation(touch) {
                    self.edit(function, touch.span, new.into(), "R0110")?;
                    self.want(&function.file, module, new);
                }
                Ok(())
            }
            Op::RunServer => self.run_server(function, touch),
            Op::MakeResponse
            | Op::Redirect
            | Op::UrlFor { .. }
            | Op::NewResponse
            | Op::SendFromDirectory => self.app_function(function, touch),
            _ => Ok(()),
        }
    }

    /// `app.make_response(x)` becomes `make_response(x)`: what Flask has as a method of the app too.
    fn app_function(&mut self, function: &Function, touch: &Touch) -> Result<(), PortError> {
        let text = self.text(&function.file);
        let rest = text.get(touch.receiver.end as usize..).unwrap_or("");
        if let Some(written) = rest.strip_prefix(".response_class")
            && !written.starts_with(|c: char| c.is_alphanumeric() || c == '_')
        {
            let at = Span::new(touch.receiver.end, touch.receiver.end);
            return self.edit(function, at, ".state".into(), "R0110");
        }
        for (name, module) in [
            ("make_response", "flask_parity.responses"),
            ("redirect", "flask_parity.responses"),
            ("url_for", "flask_parity.urls"),
            ("send_static_file", "flask_parity.files"),
        ] {
            let called = rest
                .strip_prefix('.')
                .and_then(|r| r.strip_prefix(name))
                .is_some_and(|r| r.starts_with('('));
            if called && touch.receiver != touch.span {
                // A function of that name, not the method of a module: `flask.url_for(…)`.
                let receiver = touch.receiver.of(text);
                let module_name = self.analysis.files.get(&function.file).is_some_and(|i| {
                    i.imports
                        .iter()
                        .any(|s| !s.from && s.names.iter().any(|n| n.bound == receiver))
                });
                if module_name {
                    return Ok(());
                }
                let end = touch.receiver.end + 1 + name.len() as u32;
                let new = self.named(&function.file, module, name);
                return self.edit(function, Span::new(touch.receiver.start, end), new, "R0110");
            }
        }
        Ok(())
    }

    /// `app.run(host=h, port=p, debug=d)` becomes what serves the framework: `uvicorn.run(app, host=h, port=p)`.
    fn run_server(&mut self, function: &Function, touch: &Touch) -> Result<(), PortError> {
        let text = self.text(&function.file);
        let app = touch.receiver.of(text).to_owned();
        let mut arguments = Vec::new();
        let mut lost: Vec<&str> = Vec::new();
        for (i, argument) in touch.arguments.iter().enumerate() {
            let name = match &argument.passed {
                Passed::Position(0) => "host",
                Passed::Position(1) => "port",
                Passed::Keyword(k) if k == "host" || k == "port" => k.as_str(),
                _ => {
                    lost.push(touch.arguments[i].span.of(text));
                    continue;
                }
            };
            arguments.push(format!("{name}={}", kept(argument.value)));
        }
        let (new, module) = self.framework.runs(&app, &arguments);
        if let Some(module) = module {
            self.want(&function.file, "", module);
        }
        if !lost.is_empty() {
            let called = new.split('(').next().unwrap_or(&new);
            self.remarks.push(format!(
                "{}:{}: `app.run(...)` became `{called}(...)`, which has no `{}`",
                function.file,
                touch.line,
                lost.join("`, `")
            ));
        }
        self.edit(function, touch.span, new, "R0116")
    }

    /// The framework's class, with its module, for one of Flask's that an annotation names.
    fn annotation(&self, touch: &Touch) -> Option<(&'static str, &'static str)> {
        let [app, blueprint] = self.framework.classes();
        match &touch.op {
            Op::Type { name } if touch.context == model::Context::Annotation => {
                match name.as_str() {
                    "Flask" => Some(app),
                    "Blueprint" => Some(blueprint),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Whether a function will go on using the ambient request, asked before views are rewritten.
    fn keeps_ambient_request_later(&self, function: &Function) -> bool {
        if self.answers(function) {
            let refused = self.no_relay && self.unported.contains_key(&function.id);
            return !self.framework.takes_request(self, function)
                && !refused
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
        let mut arguments = vec![receiver.to_owned()];
        arguments.extend(touch.arguments.iter().map(|a| kept(a.span)));
        let name = self.named(&function.file, module, name);
        let new = format!("{name}({})", arguments.join(", "));
        self.edit(function, touch.span, new, "R0110")
    }
}

/// Whether a touch reads its attribute off the app: `app.config["A"]`. A function that was handed the configuration
/// itself (`conf.items()`) has the same object in the port.
fn is_read_off(touch: &Touch, text: &str) -> bool {
    let attribute = match touch.op {
        Op::Config => "config",
        Op::InstancePath => "instance_path",
        Op::RootPath => "root_path",
        Op::Logger => "logger",
        _ => return false,
    };
    text.get(touch.receiver.end as usize..)
        .map(|rest| rest.trim_start_matches([')', ' ', '\t', '\r', '\n', '\\']))
        .and_then(|rest| rest.strip_prefix('.'))
        .is_some_and(|rest| rest.trim_start().starts_with(attribute))
}
