//! Apps and blueprints, with the options they are made with.

use std::collections::BTreeMap;

use model::{AppOption, Constant};

use crate::flask::owners::{Owner, OwnerId};
use crate::python::eval::{Kind, Site, Value};
use crate::python::facts::ExprKind;
use crate::python::project::Module;

use super::collector::Collector;
use super::definitions::{assigned_name, enclosing_function, qualname};
use super::values::{model_span, shown};

impl<'p> Collector<'_, 'p> {
    pub(super) fn app(&mut self, id: OwnerId) {
        let owner = self.it.world.owner(id).clone();
        let Some(site) = owner.site else { return };
        let place = self.place(site);
        // The same factory run twice makes the same app.
        if let Some(i) = self.out.apps.iter().position(|a| a.place == place) {
            self.app_index.insert(id, i);
            return;
        }
        let module = self.it.module(site.module);
        let (factory, plain) = match enclosing_function(&module.facts, site.span) {
            Some(f) => {
                let required = module
                    .facts
                    .params_of(module.facts.function(f).params)
                    .iter()
                    .any(|p| {
                        p.default.is_none() && p.kind == crate::python::facts::ParamKind::Plain
                    });
                (Some(qualname(module, f)), !required)
            }
            None => (None, false),
        };
        let name = assigned_name(module, site.span).unwrap_or_else(|| "app".into());
        let options = self.options(module, site);
        let config = self.config(&owner);
        self.app_index.insert(id, self.out.apps.len());
        self.out.apps.push(model::App {
            name,
            framework: owner.framework.into(),
            module: module.name.clone(),
            factory,
            factory_plain: plain,
            place,
            options,
            mounts: Vec::new(),
            config,
        });
    }

    pub(super) fn blueprint(&mut self, id: OwnerId) {
        let owner = self.it.world.owner(id).clone();
        let Some(site) = owner.site else { return };
        let place = self.place(site);
        if let Some(i) = self.out.blueprints.iter().position(|b| b.place == place) {
            self.blueprint_index.insert(id, i);
            return;
        }
        let module = self.it.module(site.module);
        self.blueprint_index.insert(id, self.out.blueprints.len());
        let options = self.options(module, site);
        self.out.blueprints.push(model::Blueprint {
            name: shown(&owner.name).0,
            variable: assigned_name(module, site.span).unwrap_or_default(),
            module: module.name.clone(),
            place,
            url_prefix: match owner.prefix {
                Value::None => None,
                ref v => Some(shown(v).0),
            },
            options,
            mounts: Vec::new(),
        });
    }

    fn options(&self, module: &Module, site: Site) -> Vec<AppOption> {
        let facts = &module.facts;
        let Some(call) = facts
            .exprs
            .iter()
            .find(|e| e.span == site.span && matches!(e.kind, ExprKind::Call { .. }))
        else {
            return Vec::new();
        };
        let ExprKind::Call { args, .. } = call.kind else {
            return Vec::new();
        };
        facts
            .args_of(args)
            .iter()
            .enumerate()
            .map(|(i, arg)| AppOption {
                name: match arg.kind {
                    crate::python::facts::ArgKind::Keyword(name) => {
                        name.of(&module.text).to_owned()
                    }
                    crate::python::facts::ArgKind::Positional => i.to_string(),
                    crate::python::facts::ArgKind::Star => "*".into(),
                    crate::python::facts::ArgKind::DoubleStar => "**".into(),
                },
                value: model_span(facts.expr(arg.value).span),
                span: model_span(arg.span),
                constant: match facts.expr(arg.value).kind {
                    ExprKind::Str => {
                        crate::python::literal::string(facts.expr(arg.value).span.of(&module.text))
                            .map(Constant::Str)
                    }
                    ExprKind::True => Some(Constant::Bool(true)),
                    ExprKind::False => Some(Constant::Bool(false)),
                    ExprKind::None => Some(Constant::None),
                    _ => None,
                },
            })
            .collect()
    }

    fn config(&self, owner: &Owner<'p>) -> BTreeMap<String, Constant> {
        let Some(object) = owner.object else {
            return BTreeMap::new();
        };
        let Some(Value::Ref(config)) = self.it.object(object).attributes.get("config") else {
            return BTreeMap::new();
        };
        match &self.it.object(*config).kind {
            Kind::Dict { entries, .. } => entries
                .iter()
                .filter_map(|(k, v)| Some((k.as_str()?.to_owned(), self.constant(v)?)))
                .collect(),
            _ => BTreeMap::new(),
        }
    }
}
