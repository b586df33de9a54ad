//! Rules and static routes as routes of the model.

use std::collections::BTreeMap;

use model::{Certainty, Code, Registration, Route, Severity};

use crate::flask::owners::{OwnerId, OwnerKind, Rule};
use crate::python::eval::{Kind, Value};
use crate::python::facts::{ExprKind, Span};
use crate::python::project::Module;

use super::collector::{Around, Collector};
use super::values::{alternatives, model_span, shown, shown_option};

impl<'p> Collector<'_, 'p> {
    /// The automatic static route (flask.sansio.scaffold, `Flask.__init__`).
    pub(super) fn static_route(&mut self, id: OwnerId, around: &Around) {
        let owner = self.it.world.owner(id).clone();
        let folder = match (&owner.static_folder, owner.kind) {
            (Some(Value::None), _) | (None, OwnerKind::Blueprint | OwnerKind::Unknown) => return,
            (Some(v), _) => shown(v).0,
            (None, OwnerKind::App) => "static".into(),
        };
        let path = match &owner.static_path {
            Some(v) if !matches!(v, Value::None) => shown(v).0,
            _ => {
                let base = folder
                    .trim_end_matches('/')
                    .rsplit('/')
                    .next()
                    .unwrap_or("static");
                format!("/{base}")
            }
        };
        let rule = format!("{}/<path:filename>", path.trim_end_matches('/'));
        let (rule, endpoint) = self.full(&rule, "static", around);
        let Some(site) = owner.site else { return };
        let route = Route {
            rule,
            methods: vec!["GET".into()],
            endpoint,
            view: None,
            blueprint: (!around.names.is_empty()).then(|| around.names.join(".")),
            defaults: BTreeMap::new(),
            strict_slashes: true,
            host: None,
            subdomain: None,
            websocket: false,
            is_static: true,
            folder: None,
            certainty: if around.conditional {
                Certainty::Conditional
            } else {
                Certainty::Certain
            },
            app: around.app,
            registration: Some(Registration {
                place: self.place(site),
                local_rule: None,
                rule_span: None,
                decorator: false,
                explicit_endpoint: false,
            }),
        };
        self.push(route);
    }

    pub(super) fn rule(&mut self, _owner: OwnerId, rule: &Rule<'p>, around: &Around) {
        let rules = alternatives(&rule.rule);
        let many = rules.len() > 1;
        for value in rules {
            self.one_rule(rule, &value, around, many);
        }
    }

    fn one_rule(&mut self, rule: &Rule<'p>, value: &Value<'p>, around: &Around, many: bool) {
        let (mut text, mut known) = shown(value);
        // Prefixes inside the owner: an API's, a namespace's.
        for prefix in rule.inner_prefix.iter().rev() {
            if let Some(p) = shown_option(prefix) {
                known &= !matches!(prefix, Value::Unknown | Value::Text(_));
                text = format!("{p}{text}");
            }
        }
        if let Some(first) = text.chars().next()
            && first != '/'
            && first != '<'
            && around.prefix.is_none()
        {
            // Werkzeug refuses such a rule: whatever this is, it is no route.
            return;
        }
        let (endpoint, endpoint_known) = shown(&rule.endpoint);
        let (full, endpoint) = self.full(&text, &endpoint, around);
        let view = rule.view.as_ref().and_then(|v| self.view(v));
        let view_missing = rule.view.as_ref().is_some_and(Value::is_unknown);
        let partial = !known
            || full.contains("<?")
            || rule.methods.is_none()
            || around.unmounted
            || !endpoint_known && view.is_none();
        let certainty = if partial {
            Certainty::Partial
        } else if rule.conditional || around.conditional || rule.in_unknown_loop || many {
            Certainty::Conditional
        } else {
            Certainty::Certain
        };
        if !known || (partial && !around.unmounted) {
            let place_site = rule.site;
            let (code, message) = if rule.in_unknown_loop && value.is_unknown() {
                (
                    Code::M0102,
                    "routes are registered here from data that is not known".to_owned(),
                )
            } else {
                (
                    Code::M0101,
                    format!("only a part of this route is known: `{full}`"),
                )
            };
            self.finding(
                code,
                Severity::Warning,
                place_site,
                message,
                "Check what it makes against `app.url_map`.".into(),
            );
            // The call that led here tells more when a helper registers for many.
            if let Some(call) = rule.calls.first()
                && value.is_unknown()
            {
                self.finding(
                    code,
                    Severity::Warning,
                    *call,
                    "what this call registers is not known whole".into(),
                    "Check what it makes against `app.url_map`.".into(),
                );
            }
        } else if view_missing {
            self.finding(
                Code::M0103,
                Severity::Note,
                rule.site,
                format!("the view of `{full}` could not be resolved"),
                "Name the function at the registration.".into(),
            );
        }
        let module = self.it.module(rule.site.module);
        let registration = Registration {
            place: self.place(rule.site),
            local_rule: (rule.inner_prefix.is_empty())
                .then(|| value.as_str().map(str::to_owned))
                .flatten(),
            rule_span: rule_span(module, rule.site.span),
            decorator: rule.decorator,
            explicit_endpoint: rule.explicit_endpoint,
        };
        let defaults = match &rule.defaults {
            Value::Ref(id) => match &self.it.object(*id).kind {
                Kind::Dict { entries, .. } => entries
                    .iter()
                    .filter_map(|(k, v)| Some((k.as_str()?.to_owned(), self.constant(v)?)))
                    .collect(),
                _ => BTreeMap::new(),
            },
            _ => BTreeMap::new(),
        };
        let route = Route {
            rule: full,
            methods: rule.methods.clone().unwrap_or_default(),
            endpoint,
            view,
            blueprint: (!around.names.is_empty()).then(|| around.names.join(".")),
            defaults,
            strict_slashes: rule.strict_slashes.unwrap_or(true),
            host: shown_option(&rule.host),
            subdomain: shown_option(&rule.subdomain).or_else(|| around.subdomain.clone()),
            websocket: rule.websocket,
            is_static: rule.is_static,
            folder: None,
            certainty,
            app: around.app,
            registration: Some(registration),
        };
        self.push(route);
    }

    fn push(&mut self, route: Route) {
        let key = (
            route.rule.clone(),
            route.methods.clone(),
            route.endpoint.clone(),
            route.websocket,
        );
        match self.seen.get(&key) {
            Some(&i) => {
                let old = &mut self.out.routes[i];
                if route.certainty < old.certainty {
                    *old = route;
                }
            }
            None => {
                self.seen.insert(key, self.out.routes.len());
                self.out.routes.push(route);
            }
        }
    }

    /// The full rule and endpoint (flask.sansio.blueprints.BlueprintSetupState.add_url_rule).
    fn full(&self, rule: &str, endpoint: &str, around: &Around) -> (String, String) {
        let full = match &around.prefix {
            None => rule.to_owned(),
            Some(prefix) if rule.is_empty() => prefix.clone(),
            Some(prefix) => {
                format!(
                    "{}/{}",
                    prefix.trim_end_matches('/'),
                    rule.trim_start_matches('/')
                )
            }
        };
        let mut name = around.names.join(".");
        if !name.is_empty() {
            name.push('.');
        }
        name.push_str(endpoint);
        (full, name)
    }
}

/// The span of the first argument of the call at `span`, when it is a plain literal.
fn rule_span(module: &Module, span: Span) -> Option<model::Span> {
    let facts = &module.facts;
    facts.exprs.iter().rev().find_map(|e| match e.kind {
        ExprKind::Call { args, .. } if e.span == span => {
            let first = facts.args_of(args).first()?;
            let value = facts.expr(first.value);
            matches!(value.kind, ExprKind::Str).then(|| model_span(value.span))
        }
        _ => None,
    })
}
