//! Hooks, in the order in which the framework keeps them.

use std::collections::HashMap;

use model::{Certainty, ErrorKey, HookKind, ViewRef};

use crate::flask::hooks;
use crate::flask::owners::{Entry, Hook, HookWhat, OwnerId};
use crate::python::eval::{Kind, Site, Value};
use crate::python::facts::{ArgKind, Expr, ExprId, ExprKind, StmtKind};

use super::collector::{Around, Collector};
use super::definitions::enclosing_function;
use super::values::alternatives;

/// Where a hook stands among those of its owner.
type Origin = (OwnerId, usize);

/// A hook that was collected: its index, where it was registered, and the calls that led there.
type Known = (usize, Origin, Vec<Site>);

/// Where hooks are that were collected already.
#[derive(Default)]
pub(super) struct Seen {
    /// By app and place.
    at: HashMap<(Option<usize>, Site), Vec<Known>>,
    /// The only handler of an error, the only filter of a name: by app, blueprint and that.
    slots: HashMap<(usize, Option<String>, String), usize>,
}

impl<'p> Collector<'_, 'p> {
    /// The hooks of a blueprint: all of them before those of the blueprints inside it
    /// (flask.sansio.blueprints.Blueprint.register).
    pub(super) fn hooks(&mut self, id: OwnerId, around: &Around) {
        for i in 0..self.it.world.owner(id).entries.len() {
            if let Entry::Hook(hook) = &self.it.world.owner(id).entries[i] {
                let hook = hook.clone();
                self.hook((id, i), &hook, around);
            }
        }
    }

    pub(super) fn hook(&mut self, origin: Origin, hook: &Hook<'p>, around: &Around) {
        let mut hook = hook.clone();
        self.settle(&mut hook);
        let functions: Vec<Value<'p>> = hook
            .function
            .alternatives()
            .into_iter()
            .filter(|v| !matches!(v, Value::None) || matches!(hook.what, HookWhat::Template(_)))
            .collect();
        let keys = alternatives(&hook.key);
        let many = functions.len() * keys.len() > 1;
        for function in &functions {
            for key in &keys {
                self.one_hook(origin, &hook, function, key, around, many);
            }
        }
    }

    /// What was not known when it was registered, since modules import each other in a circle, may be
    /// known now that all have run.
    fn settle(&self, hook: &mut Hook<'p>) {
        let key_missing = hook.what == HookWhat::Error && hook.key.is_unknown();
        if !hook.function.is_unknown() && !key_missing {
            return;
        }
        let facts = &self.it.module(hook.site.module).facts;
        let at = |e: &&Expr| e.span == hook.site.span;
        let written: Vec<(Option<&str>, ExprId)> =
            match facts.exprs.iter().find(at).map(|e| &e.kind) {
                Some(ExprKind::Call { args, .. }) => facts
                    .args_of(*args)
                    .iter()
                    .map(|arg| match arg.kind {
                        ArgKind::Keyword(name) => {
                            (Some(self.it.text(hook.site.module, name)), arg.value)
                        }
                        _ => (None, arg.value),
                    })
                    .collect(),
                // `filters["x"] = f`
                Some(ExprKind::Subscript { .. }) => facts
                    .stmts
                    .iter()
                    .filter_map(|stmt| match stmt.kind {
                        StmtKind::Assign { targets, value } => Some((targets, value)),
                        _ => None,
                    })
                    .filter(|(targets, _)| {
                        let targets = facts.exprs_of(*targets);
                        targets
                            .iter()
                            .any(|&t| facts.expr(t).span == hook.site.span)
                    })
                    .map(|(_, value)| (None, value))
                    .collect(),
                _ => return,
            };
        for (name, value) in written {
            let named = name.is_none() || name == Some("f") || name == hook.key.as_str();
            let Some(value @ Value::Ref(id)) = self.in_the_end(hook.site, value) else {
                continue;
            };
            match self.it.object(id).kind {
                Kind::Function(_) if hook.function.is_unknown() && named => {
                    if hook.what != HookWhat::Error && hook.key.is_unknown() {
                        hook.key = self.it.name_of(&value).map_or(Value::Unknown, Value::Str);
                    }
                    hook.function = value;
                }
                Kind::Class { .. } if key_missing => hook.key = value,
                _ => {}
            }
        }
    }

    /// What a name of a module is after everything has run; nothing for a local one.
    fn in_the_end(&self, site: Site, e: ExprId) -> Option<Value<'p>> {
        let module = self.it.module(site.module);
        let expr = module.facts.expr(e);
        if !matches!(expr.kind, ExprKind::Name) {
            return None;
        }
        let name = self.it.text(site.module, expr.span);
        let local = enclosing_function(&module.facts, site.span)
            .is_some_and(|f| self.it.last_value(site.module, f, name).is_some());
        (!local)
            .then(|| self.it.module_value(site.module, name))
            .flatten()
    }

    fn one_hook(
        &mut self,
        origin: Origin,
        hook: &Hook<'p>,
        function: &Value<'p>,
        key: &Value<'p>,
        around: &Around,
        many: bool,
    ) {
        let kind = match hook.what {
            HookWhat::Request(when) => HookKind::Request { when },
            HookWhat::Error => HookKind::Error {
                error: self.error(key),
            },
            HookWhat::Template(extension) => HookKind::Template {
                extension,
                name: key.as_str().map(str::to_owned),
            },
        };
        let view = self.view(function);
        let function = view.filter(|v| !v.qualname.ends_with("<lambda>"));
        if function.as_ref().is_some_and(|v| v.function.is_some()) {
            self.note_role(hook);
        }
        // A receiver that is not known can only be the one app that there is.
        let only = !around.unmounted && self.out.apps.len() == 1;
        let blueprint = !hook.whole_app && !around.names.is_empty();
        let made = model::Hook {
            kind,
            function,
            blueprint: blueprint.then(|| around.names.join(".")),
            app: around.app.or_else(|| only.then_some(0)),
            certainty: if hook.conditional || around.conditional || many {
                Certainty::Conditional
            } else {
                Certainty::Certain
            },
            place: self.place(hook.site),
        };
        self.push_hook(origin, hook.site, hook.calls.clone(), made);
    }

    /// Functions of hooks are functions of the app, whatever they touch.
    fn note_role(&mut self, hook: &Hook<'p>) {
        for value in hook.function.alternatives() {
            if let Some((module, function)) = self.written(&value) {
                self.out.roles.push((module, function, hook.what.role()));
            }
        }
    }

    fn push_hook(&mut self, origin: Origin, site: Site, calls: Vec<Site>, hook: model::Hook) {
        // The same one again: its blueprint is mounted twice, the factory ran twice, or two ways lead to
        // a helper and only one of them is gone.
        let known = self.seen_hooks.at.entry((hook.app, site)).or_default();
        for (i, from, way) in known.iter() {
            let old = &mut self.out.hooks[*i];
            let sure = old.certainty.max(hook.certainty) == Certainty::Certain;
            let same = old.kind == hook.kind
                && old.function == hook.function
                && old.blueprint == hook.blueprint;
            if same && (*from == origin || from.0 != origin.0 || !sure && *way != calls) {
                old.certainty = old.certainty.min(hook.certainty);
                return;
            }
        }
        // A later handler of the same error, or filter of the same name, takes the place of the first.
        let slot = hook
            .app
            .zip(hooks::slot(&hook.kind))
            .map(|(app, slot)| (app, hook.blueprint.clone(), slot));
        if let Some(slot) = &slot
            && hook.certainty == Certainty::Certain
            && let Some(&i) = self.seen_hooks.slots.get(slot)
        {
            self.out.hooks[i] = hook;
            known.push((i, origin, calls));
            return;
        }
        let i = self.out.hooks.len();
        known.push((i, origin, calls));
        if let Some(slot) = slot {
            self.seen_hooks.slots.insert(slot, i);
        }
        self.out.hooks.push(hook);
    }

    /// What an error handler is registered for.
    fn error(&mut self, key: &Value<'p>) -> ErrorKey {
        match key {
            Value::Int(status) => ErrorKey::Status(*status),
            Value::External(path) => hooks::error_key(path),
            Value::Ref(id) => match &self.it.object(*id).kind {
                Kind::Class { .. } => match self.class_ref(key) {
                    Some(ViewRef {
                        module, qualname, ..
                    }) => ErrorKey::Class(format!("{module}.{qualname}")),
                    None => ErrorKey::Unknown,
                },
                // A member of an enum.
                Kind::Instance { .. } => match self.it.attribute(key, "value") {
                    Value::Int(status) => ErrorKey::Status(status),
                    _ => ErrorKey::Unknown,
                },
                _ => ErrorKey::Unknown,
            },
            _ => ErrorKey::Unknown,
        }
    }
}
