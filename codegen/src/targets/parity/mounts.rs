//! Mounts: blueprints on apps and on other blueprints.

use std::collections::BTreeSet;

use model::touch::Op;
use model::{Blueprint, Constant, Function, Passed, Span, Subject, Touch};

use super::registrations::argument;
use super::{Mounted, Port, Prefix};
use crate::error::PortError;
use crate::python::edits::{indent, kept};

impl<'a> Port<'a> {
    /// `app.register_blueprint(auth.bp)` becomes what the framework has for it, and takes over its hooks.
    pub(super) fn mount(&mut self, function: &Function, touch: &Touch) -> Result<(), PortError> {
        let text = self.text(&function.file);
        let app = touch.receiver.of(text);
        let Some(router) = argument(touch, 0, "blueprint").map(|a| a.value.of(text)) else {
            return Ok(());
        };
        let mounted = self.mounted_at(&function.file, touch.span);
        // Mounted on an app that is not known there: by its name in the same file.
        let by_name = || {
            self.analysis
                .blueprints
                .iter()
                .find(|b| b.variable == router && b.place.file == function.file)
        };
        let Some(blueprint) = mounted.first().copied().or_else(by_name) else {
            self.obstacle(
                &function.file,
                touch.line,
                "M0302",
                format!("`{router}` could not be resolved"),
            );
            return Ok(());
        };
        let have_own = mounted.iter().any(|b| b.url_prefix.is_some());
        let mut prefix = None;
        for argument in touch.arguments.iter().skip(1) {
            match (&argument.passed, &argument.constant) {
                (Passed::Keyword(k), Some(Constant::Str(s))) if k == "url_prefix" && !have_own => {
                    prefix = Some(Prefix::Known(s));
                }
                (Passed::Keyword(k), Some(Constant::None)) if k == "url_prefix" => {}
                (Passed::Keyword(k), None) if k == "url_prefix" && !have_own => {
                    prefix = Some(Prefix::Computed(kept(argument.value)));
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
        if mounted.len() > 1 && mounted.iter().any(|b| self.must_say_more(b)) {
            if prefix.is_some() {
                let message = "several blueprints, of which some have hooks, are registered here with one prefix";
                self.obstacle(&function.file, touch.line, "M0302", message.into());
                return Ok(());
            }
            let include = self.named(&function.file, self.framework.support(), "include");
            return self.edit(
                function,
                touch.span,
                format!("{include}({app}, {router})"),
                "R0104",
            );
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

    /// The blueprints that a statement mounts: several, where it stands in a loop.
    fn mounted_at(&self, file: &str, span: Span) -> Vec<&'a Blueprint> {
        let analysis = self.analysis;
        let on_apps = analysis.apps.iter().flat_map(|a| &a.mounts);
        let mounts = on_apps.chain(analysis.blueprints.iter().flat_map(|b| &b.mounts));
        let mut indices: Vec<usize> = mounts
            .filter(|m| m.place.file == file && m.place.span == span)
            .map(|m| m.blueprint)
            .collect();
        let mut seen = BTreeSet::new();
        indices.retain(|i| seen.insert(*i));
        indices.iter().map(|i| &analysis.blueprints[*i]).collect()
    }

    /// Whether a blueprint is mounted with others by one statement, which has to find out about each.
    pub(super) fn is_one_of_several(&self, blueprint: &Blueprint) -> bool {
        let analysis = self.analysis;
        let on_apps = analysis.apps.iter().flat_map(|a| &a.mounts);
        let mounts = on_apps.chain(analysis.blueprints.iter().flat_map(|b| &b.mounts));
        let is_it = |i: usize| std::ptr::eq(&raw const analysis.blueprints[i], blueprint);
        mounts.filter(|m| is_it(m.blueprint)).any(|m| {
            let all = self.mounted_at(&m.place.file, m.place.span);
            all.len() > 1 && all.iter().any(|b| self.must_say_more(b))
        })
    }

    /// Whether a blueprint has more than its object in the port and its routes tell.
    pub(super) fn must_say_more(&self, blueprint: &Blueprint) -> bool {
        let prefix = blueprint.url_prefix.as_deref().unwrap_or("");
        !self.framework.keeps_prefix() && !matches!(prefix, "" | "/")
            || self.brings_more_than_routes(blueprint)
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
            .filter(|(_, t)| {
                matches!(
                    t.op,
                    Op::Hook { .. } | Op::ErrorHandler { .. } | Op::TemplateExtension { .. }
                )
            })
            .any(|(f, t)| match t.subject {
                Subject::Blueprint(Some(i)) => {
                    std::ptr::eq(&raw const self.analysis.blueprints[i], blueprint)
                }
                // Whoever is not known by name may be any of them: taking over no hooks costs nothing.
                Subject::Blueprint(None) => {
                    let mut all = self.analysis.blueprints.iter();
                    self.is_named(blueprint, f, t) || !all.any(|b| self.is_named(b, f, t))
                }
                _ => false,
            })
    }

    /// Whether a touch names a blueprint by its variable, in its file or as `auth.bp` in one that imports the module.
    fn is_named(&self, blueprint: &Blueprint, function: &Function, touch: &Touch) -> bool {
        let receiver = touch.receiver.of(self.text(&function.file));
        let last = receiver.rsplit('.').next().unwrap_or(receiver);
        last == blueprint.variable
            && (function.module == blueprint.module
                || receiver.strip_suffix(last).is_some_and(|m| {
                    let m = m.trim_end_matches('.');
                    !m.is_empty() && blueprint.module.ends_with(m)
                }))
    }
}
