//! Registrations beside routes: hooks, error handlers, template extensions, commands.

use model::touch::{HookScope, HookTime};
use model::{Constant, Function, Passed, Span, Touch};

use super::Port;
use crate::error::PortError;
use crate::python::edits::kept;

impl Port<'_> {
    /// `@app.before_request` becomes `@before_request(app)`; called with a function, so is the result.
    pub(super) fn hook(
        &mut self,
        function: &Function,
        touch: &Touch,
        when: HookTime,
    ) -> Result<(), PortError> {
        let text = self.text(&function.file);
        if let Some(name) = self.serving_hook(when, method(touch, text)) {
            let owner = touch.receiver.of(text);
            let name = self.named(&function.file, "flask_parity.quart", name);
            let arguments: Vec<String> = touch.arguments.iter().map(|a| kept(a.span)).collect();
            let call = match arguments.as_slice() {
                [] => String::new(),
                some => format!("({})", some.join(", ")),
            };
            return self.edit(
                function,
                touch.span,
                format!("{name}({owner}){call}"),
                "R0107",
            );
        }
        if matches!(when, HookTime::Startup | HookTime::Shutdown) {
            self.obstacle(
                &function.file,
                touch.line,
                "M0304",
                format!("`{}` has no counterpart yet", touch.span.of(text)),
            );
            return Ok(());
        }
        let owner = touch.receiver.of(text);
        let name = method(touch, text);
        let arguments: Vec<String> = touch.arguments.iter().map(|a| kept(a.span)).collect();
        let call = if arguments.is_empty() {
            String::new()
        } else {
            format!("({})", arguments.join(", "))
        };
        let name = self.named(&function.file, "flask_parity.hooks", name);
        let new = format!("{name}({owner}){call}");
        self.edit(function, touch.span, new, "R0107")
    }

    /// `@app.errorhandler(404)` becomes `@errorhandler(app, 404)`.
    pub(super) fn error_handler(
        &mut self,
        function: &Function,
        touch: &Touch,
        scope: HookScope,
    ) -> Result<(), PortError> {
        let text = self.text(&function.file);
        let owner = touch.receiver.of(text);
        let arguments: Vec<String> = touch.arguments.iter().map(|a| kept(a.span)).collect();
        let name = match scope {
            HookScope::AppFromBlueprint => "app_errorhandler",
            _ => "errorhandler",
        };
        let registers = matches!(arguments.as_slice(), [_, _]);
        let name = if registers {
            String::new()
        } else {
            self.named(&function.file, "flask_parity.errors", name)
        };
        let new = match arguments.as_slice() {
            [key] => format!("{name}({owner}, {key})"),
            [key, handler] => {
                self.want(
                    &function.file,
                    "flask_parity.errors",
                    "register_error_handler",
                );
                let new = format!("register_error_handler({owner}, {key}, {handler})");
                return self.edit(function, touch.span, new, "R0108");
            }
            _ => return Ok(()),
        };
        self.edit(function, touch.span, new, "R0108")
    }

    /// `@app.template_filter("x")` becomes `@template_filter(app, "x")`.
    pub(super) fn template_extension(
        &mut self,
        function: &Function,
        touch: &Touch,
    ) -> Result<(), PortError> {
        let text = self.text(&function.file);
        let owner = touch.receiver.of(text);
        if method(touch, text).starts_with("jinja_env") {
            return self.app_attribute(function, touch, "jinja_env");
        }
        let name = method(touch, text)
            .trim_start_matches("add_")
            .trim_start_matches("app_")
            .to_owned();
        let mut arguments = vec![owner.to_owned()];
        let mut call = String::new();
        for argument in &touch.arguments {
            match (&argument.passed, &argument.constant) {
                (_, Some(Constant::Str(_))) => arguments.push(argument.value.of(text).to_owned()),
                _ => call = format!("({})", kept(argument.value)),
            }
        }
        let name = self.named(&function.file, "flask_parity.hooks", &name);
        let new = format!("{name}({}){call}", arguments.join(", "));
        self.edit(function, touch.span, new, "R0109")
    }

    /// `app.cli.add_command(x)` becomes `commands(app).add_command(x)`.
    pub(super) fn command(&mut self, function: &Function, touch: &Touch) -> Result<(), PortError> {
        let text = self.text(&function.file);
        let receiver = touch.receiver.of(text);
        let owner = receiver.strip_suffix(".cli").unwrap_or(receiver);
        let on_blueprint = self
            .analysis
            .blueprints
            .iter()
            .any(|b| b.variable == owner && b.place.file == function.file);
        if on_blueprint {
            self.remarks.push(format!(
                "{}:{}: commands of a blueprint are not taken over when it is included: call `adopt_commands` of `flask_parity.cli`",
                function.file, touch.line
            ));
        }
        let Some(app) = receiver.strip_suffix(".cli") else {
            let span = touch.receiver;
            let whole = touch.span.of(text);
            if let Some(at) = whole.find(".cli") {
                let app = &whole[..at];
                let name = self.named(&function.file, "flask_parity.cli", "commands");
                let new = format!("{name}({app})");
                let end = span.start + at as u32 + 4;
                self.edit(function, Span::new(span.start, end), new, "R0115")?;
            }
            return Ok(());
        };
        let name = self.named(&function.file, "flask_parity.cli", "commands");
        let new = format!("{name}({app})");
        self.edit(function, touch.receiver, new, "R0115")
    }
}

/// The method's name: what stands between the receiver and the arguments.
pub(super) fn method<'t>(touch: &Touch, text: &'t str) -> &'t str {
    let rest = &text[touch.receiver.end as usize..touch.span.end as usize];
    let rest = rest.trim_start_matches([' ', '.']);
    rest.split(['(', ' ']).next().unwrap_or(rest)
}

pub(in crate::targets) fn argument<'t>(
    touch: &'t Touch,
    position: u32,
    name: &str,
) -> Option<&'t model::Argument> {
    touch.arguments.iter().find(|a| match &a.passed {
        Passed::Position(p) => *p == position,
        Passed::Keyword(k) => k == name,
        _ => false,
    })
}
