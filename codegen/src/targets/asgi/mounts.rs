//! Mounts: blueprints on apps and on other blueprints.

use model::touch::Op;
use model::{Blueprint, Constant, Function, Passed, Span, Subject, Touch};

use super::registrations::argument;
use super::{Mounted, Port, Prefix};
use crate::error::PortError;
use crate::python::edits::indent;

impl Port<'_> {
    /// `app.register_blueprint(auth.bp)` becomes what the framework has for it, and takes over its hooks.
    pub(super) fn mount(&mut self, function: &Function, touch: &Touch) -> Result<(), PortError> {
        let text = self.text(&function.file);
        let app = touch.receiver.of(text);
        let Some(router) = argument(touch, 0, "blueprint").map(|a| a.value.of(text)) else {
            return Ok(());
        };
        let mount = self
            .analysis
            .apps
            .iter()
            .flat_map(|a| &a.mounts)
            .chain(self.analysis.blueprints.iter().flat_map(|b| &b.mounts))
            .find(|m| m.place.file == function.file && m.place.span == touch.span);
        // Mounted on an app that is not known there: by its name in the same file.
        let by_name = || {
            self.analysis
                .blueprints
                .iter()
                .find(|b| b.variable == router && b.place.file == function.file)
        };
        let Some(blueprint) = mount
            .map(|m| &self.analysis.blueprints[m.blueprint])
            .or_else(by_name)
        else {
            self.obstacle(
                &function.file,
                touch.line,
                "M0302",
                format!("`{router}` could not be resolved"),
            );
            return Ok(());
        };
        let mut prefix = None;
        for argument in touch.arguments.iter().skip(1) {
            match (&argument.passed, &argument.constant) {
                (Passed::Keyword(k), Some(Constant::Str(s)))
                    if k == "url_prefix" && blueprint.url_prefix.is_none() =>
                {
                    prefix = Some(Prefix::Known(s));
                }
                (Passed::Keyword(k), Some(Constant::None)) if k == "url_prefix" => {}
                (Passed::Keyword(k), None)
                    if k == "url_prefix" && blueprint.url_prefix.is_none() =>
                {
                    prefix = Some(Prefix::Computed(argument.value.of(text)));
                }
                _ => self.obstacle(
                    &function.file,
                    touch.line,
                    "M0302",
                    format!(
                        "`register_blueprint(…, {})` has no counterpart yet",
                        argument.span.of(text)
                    ),
                ),
            }
        }
        let mount = Mounted {
            file: &function.file,
            owner: app,
            on_app: matches!(touch.subject, Subject::App(_)),
            blueprint: router,
            prefix,
            own_prefix: blueprint.url_prefix.as_deref(),
        };
        let framework = self.framework;
        let new = framework.include(self, &mount);
        self.edit(function, touch.span, new, "R0104")?;
        if self.brings_more_than_routes(blueprint) {
            let blanks = indent(text, touch.span.start);
            let line = format!(
                "\n{blanks}adopt_hooks({app}, {router}, \"{}\")",
                blueprint.name
            );
            let end = Span::new(touch.span.end, touch.span.end);
            self.edit(function, end, line, "R0104")?;
            self.want(&function.file, "flask_parity.hooks", "adopt_hooks");
        }
        Ok(())
    }

    /// Whether the app has to take over hooks or templates of a blueprint, or of one inside it.
    fn brings_more_than_routes(&self, blueprint: &Blueprint) -> bool {
        let mut inner = blueprint
            .mounts
            .iter()
            .map(|m| &self.analysis.blueprints[m.blueprint])
            .filter(|b| b.place != blueprint.place);
        let has_templates = |b: &Blueprint| b.options.iter().any(|o| o.name == "template_folder");
        has_templates(blueprint)
            || self.has_hooks(blueprint)
            || inner.any(|b| self.brings_more_than_routes(b))
    }

    fn has_hooks(&self, blueprint: &Blueprint) -> bool {
        self.functions()
            .flat_map(|f| f.touches.iter().map(move |t| (f, t)))
            .any(|(f, t)| {
                matches!(t.subject, Subject::Blueprint(_))
                    && matches!(
                        t.op,
                        Op::Hook { .. } | Op::ErrorHandler { .. } | Op::TemplateExtension { .. }
                    )
                    && {
                        let receiver = t.receiver.of(self.text(&f.file));
                        let last = receiver.rsplit('.').next().unwrap_or(receiver);
                        last == blueprint.variable
                            && (f.module == blueprint.module
                            // `auth.bp`, in a file that imports the module.
                            || receiver.strip_suffix(last).is_some_and(|m| {
                                let m = m.trim_end_matches('.');
                                !m.is_empty() && blueprint.module.ends_with(m)
                            }))
                    }
            })
    }
}
