//! Where apps and blueprints are made.

use model::touch::Op;
use model::{Argument, Function, Outcome, Passed, Role, Span, Touch};

use super::Port;
use crate::error::PortError;
use crate::python::edits::{Edit, indent, kept};

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
    /// The apps and blueprints that are made, when all is known that they need.
    pub(super) fn creations(&mut self, functions: &[&Function]) -> Result<(), PortError> {
        for function in functions {
            if function.role != Role::Module && self.is_refused(&function.file, function.span) {
                continue;
            }
            for touch in &function.touches {
                match &touch.op {
                    Op::CreateApp => self.create_app(function, touch)?,
                    Op::CreateBlueprint => self.create_router(function, touch)?,
                    _ => {}
                }
            }
        }
        for function in functions {
            self.undot(function);
        }
        Ok(())
    }

    /// `flask.flash(…)` becomes `flash(…)`.
    fn undot(&mut self, function: &Function) {
        let text = self.text(&function.file);
        let Some(info) = self.analysis.files.get(&function.file) else {
            return;
        };
        let prefixes: Vec<(String, String)> = info
            .imports
            .iter()
            .filter(|i| !i.from && matches!(i.module.as_str(), "flask" | "quart"))
            .filter_map(|i| Some((i.module.clone(), format!("{}.", i.names.first()?.bound))))
            .collect();
        for (package, prefix) in &prefixes {
            for touch in &function.touches {
                let Some((span, fate)) = super::attributes::dotted(package, touch, text, prefix)
                else {
                    continue;
                };
                let super::names::Fate::New(module, new) = fate else {
                    continue;
                };
                let id = (function.role != Role::Module).then(|| function.id.clone());
                let edit = Edit {
                    span,
                    text: String::new(),
                    code: "R0101",
                    function: id,
                };
                // Where another rewrite has exchanged the whole, nothing is left of the prefix.
                let file = function.file.clone();
                if self.file(&file).edits.add(edit).is_ok() {
                    self.want(&file, module, new);
                }
            }
        }
    }

    /// `Flask(__name__, …)` becomes the framework's app and a line that gives it what Flask's constructor sets up.
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
        let class = touch.span.of(text).split('(').next().unwrap_or("").trim();
        if !self.is_frameworks(&function.file, class) {
            self.obstacle(
                &function.file,
                touch.line,
                "M0304",
                format!("`{class}` is a class of the app's own, under the framework's"),
            );
            return Ok(());
        }
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
        let arguments: Vec<String> = touch
            .arguments
            .iter()
            .map(|a| match &a.passed {
                Passed::Keyword(k) if k == "import_name" => kept(a.value),
                _ => kept(a.span),
            })
            .collect();
        let made = self.framework.app();
        let text_of_app = self.made(&function.file.clone(), &made);
        self.edit(function, touch.span, text_of_app, "R0102")?;
        let blanks = indent(text, touch.span.start);
        // A second app, of a command for instance, has no routes to speak of.
        let main = self.app.place.file == function.file && self.app.place.line == touch.line;
        let mut options = String::new();
        if self.sorts && main {
            options.push_str(", sort_routes=True");
        }
        if main {
            options.push_str(self.threads());
        }
        if self.is_quart() {
            let like = match self.held_back.contains("quart") {
                true => "QUART_0_22",
                false => "QUART",
            };
            let like = self.named(&function.file, "flask_parity.quart", like);
            options.push_str(&format!(", like={like}"));
        }
        if self.trace && main {
            options.push_str(", trace=True");
        }
        let mut lines = format!(
            "\n{blanks}prepare({name}, {}{options})",
            arguments.join(", ")
        );
        let file = function.file.clone();
        if self.wsgi_layers && main {
            lines.push_str(&format!(
                "\n{blanks}{name}.state.wsgi_app = WsgiLayer({name})"
            ));
            self.want(&file, self.framework.layer(), "WsgiLayer");
        }
        let end = Span::new(touch.span.end, touch.span.end);
        self.edit(function, end, lines, "R0102")?;
        self.want(&file, self.framework.support(), "prepare");
        Ok(())
    }

    /// Whether a name is the framework's own class of apps, by whatever name it was imported.
    fn is_frameworks(&self, file: &str, class: &str) -> bool {
        let last = class.rsplit('.').next().unwrap_or(class);
        let is_it = |name: &str| matches!(name, "Flask" | "Quart");
        let imports = self.analysis.files.get(file).map(|info| &info.imports);
        let mut names = imports.into_iter().flatten().flat_map(|i| &i.names);
        is_it(last) || names.any(|n| n.bound == class && is_it(&n.name))
    }

    /// The expression of an object, with the names that its parts have in a file.
    fn made(&mut self, file: &str, made: &super::Made) -> String {
        let mut text = made.text.clone();
        for (module, name) in made.imports {
            let bound = self.named(file, module, name);
            if bound != *name {
                text = text.replace(name, &bound);
            }
        }
        text
    }

    /// `Blueprint("auth", __name__, url_prefix="/auth")` becomes a router.
    fn create_router(&mut self, function: &Function, touch: &Touch) -> Result<(), PortError> {
        let text = self.text(&function.file);
        let mut prefix = String::new();
        let mut name = String::new();
        let mut import_name = "__name__".to_owned();
        let mut folders: Vec<String> = Vec::new();
        let mut own_prefix = None;
        for argument in &touch.arguments {
            match &argument.passed {
                Passed::Position(0) => name = kept(argument.value),
                Passed::Position(1) => import_name = kept(argument.value),
                Passed::Keyword(k) if k == "name" => name = kept(argument.value),
                Passed::Keyword(k) if k == "import_name" => import_name = kept(argument.value),
                Passed::Keyword(k) if k == "url_prefix" => match prefix_of(argument, text) {
                    Some(p) => {
                        prefix = p;
                        own_prefix = Some(kept(argument.span));
                    }
                    None => self.obstacle(
                        &function.file,
                        touch.line,
                        "M0302",
                        "the blueprint's prefix is not written as a literal".into(),
                    ),
                },
                Passed::Keyword(k)
                    if matches!(
                        k.as_str(),
                        "static_folder" | "static_url_path" | "template_folder" | "root_path"
                    ) =>
                {
                    folders.push(kept(argument.span));
                }
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
        let made = self.framework.blueprint(&prefix);
        let file = function.file.clone();
        let text_of_router = self.made(&file, &made);
        self.edit(function, touch.span, text_of_router, "R0103")?;
        let is_told = self
            .analysis
            .blueprints
            .iter()
            .find(|b| b.place.file == function.file && b.place.span == touch.span)
            .is_some_and(|b| self.is_one_of_several(b) && self.must_say_more(b));
        if is_told && !self.framework.keeps_prefix() {
            folders.extend(own_prefix);
        }
        if !folders.is_empty() || is_told {
            let Outcome::Bound(variable) = &touch.outcome else {
                let message = "a blueprint with folders or hooks of its own is not bound to a name where it is made";
                self.obstacle(&file, touch.line, "M0302", message.into());
                return Ok(());
            };
            let blanks = indent(text, touch.span.start);
            let line = format!(
                "\n{blanks}prepare_router({})",
                [variable.clone(), name, import_name]
                    .into_iter()
                    .chain(folders)
                    .collect::<Vec<String>>()
                    .join(", ")
            );
            self.edit(
                function,
                Span::new(touch.span.end, touch.span.end),
                line,
                "R0103",
            )?;
            self.want(&file, self.framework.support(), "prepare_router");
        }
        Ok(())
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
