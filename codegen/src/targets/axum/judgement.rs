//! Which items are translated, and why the others are not.

use std::collections::{BTreeMap, BTreeSet};

use model::body::{Expression, ExpressionKind, Statement, StatementKind};
use model::touch::{Constant, Op};
use model::{Body, ErrorKey, Function, HookKind, Reason, Span};
use quote::quote;

use super::Port;
use super::items::{Made, Purpose, error_key, inner_decorators};
use crate::rust::draft::Draft;
use crate::rust::templates::Templates;
use crate::rust::translation::{self, Surroundings, Unit, translate};
use crate::rust::values::{Form, Type, Value};
use crate::targets::{is_test, reason};

/// Code of a function that is left as a stub.
const STUB: &str = "M0305";

/// What is known of the whole app before the first function is translated.
pub(super) struct Knowledge {
    /// Constants of modules, by module and name.
    constants: BTreeMap<(String, String), Constant>,
    /// How `app.json` is set: attribute and value; absent where it is not understood.
    pub json: Option<BTreeMap<String, bool>>,
    /// Classes of exceptions that have a handler.
    handled: BTreeSet<String>,
}

impl Knowledge {
    pub fn of(port: &Port<'_>) -> Self {
        let mut constants = BTreeMap::new();
        let mut json = Some(BTreeMap::new());
        for function in &port.analysis.functions {
            if is_test(&function.file) {
                continue;
            }
            let asks_json = function
                .touches
                .iter()
                .filter(|t| matches!(&t.op, Op::AppAttribute { name } if name.starts_with("json")))
                .count();
            let is_module = function.role == model::Role::Module;
            if asks_json == 0 && !is_module {
                continue;
            }
            let body = (port.source.bodies)(function);
            let statements = body.as_ref().map_or(&[][..], |b| &b.statements);
            let mut understood = 0;
            let mut assigned: BTreeMap<&str, Vec<&Expression>> = BTreeMap::new();
            for statement in statements {
                let StatementKind::Assign { targets, value } = &statement.kind else {
                    continue;
                };
                for target in targets {
                    match &target.kind {
                        ExpressionKind::Name(name) => assigned.entry(name).or_default().push(value),
                        ExpressionKind::Attribute { value: on, name } if is_json(function, on) => {
                            if let (Some(json), ExpressionKind::Constant(Constant::Bool(flag))) =
                                (&mut json, &value.kind)
                                && matches!(name.as_str(), "sort_keys" | "ensure_ascii" | "compact")
                            {
                                json.insert(name.clone(), *flag);
                                understood += 1;
                            }
                        }
                        _ => {}
                    }
                }
            }
            if understood != asks_json {
                json = None;
            }
            if !is_module {
                continue;
            }
            for (name, values) in assigned {
                // A name in capitals that is bound once is a constant.
                if let [value] = values.as_slice()
                    && name.chars().all(|c| !c.is_lowercase())
                    && let Some(constant) = constant(value)
                {
                    constants.insert((function.module.clone(), name.to_owned()), constant);
                }
            }
        }
        let handled = port
            .analysis
            .hooks
            .iter()
            .filter_map(|h| match error_key(h) {
                Some(ErrorKey::Class(name)) => {
                    Some(name.rsplit('.').next().unwrap_or(name).to_owned())
                }
                Some(ErrorKey::Unknown) => Some("Exception".to_owned()),
                _ => None,
            });
        Self {
            constants,
            json,
            handled: handled.collect(),
        }
    }
}

fn is_json(function: &Function, on: &Expression) -> bool {
    matches!(&on.kind, ExpressionKind::Touch { touch, .. }
        if matches!(&function.touches[*touch].op, Op::AppAttribute { name } if name == "json"))
}

fn constant(e: &Expression) -> Option<Constant> {
    Some(match &e.kind {
        ExpressionKind::Constant(constant) => constant.clone(),
        ExpressionKind::List(items) => {
            Constant::List(items.iter().map(constant).collect::<Option<_>>()?)
        }
        ExpressionKind::Dict(entries) => {
            let pairs = entries
                .iter()
                .map(|entry| match entry.key.as_ref().map(|k| &k.kind) {
                    Some(ExpressionKind::Constant(Constant::Str(key))) => {
                        Some((key.clone(), constant(&entry.value)?))
                    }
                    _ => None,
                });
            Constant::Map(pairs.collect::<Option<_>>()?)
        }
        _ => return None,
    })
}

/// What surrounds one function.
struct Around<'a> {
    knowledge: &'a Knowledge,
    templates: &'a Templates<'a>,
    module: &'a str,
    /// Why templates do not have the names that they need.
    context: Option<&'a str>,
}

impl Surroundings for Around<'_> {
    fn template(&self, name: &str) -> Result<(), String> {
        if let Some(why) = self.context {
            return Err(why.to_owned());
        }
        self.templates.check(name)
    }

    fn constant(&self, name: &str) -> Option<Constant> {
        let key = (self.module.to_owned(), name.to_owned());
        self.knowledge.constants.get(&key).cloned()
    }

    fn is_handled(&self, class: &str) -> bool {
        self.knowledge.handled.contains(class) || self.knowledge.handled.contains("Exception")
    }

    fn json(&self) -> Result<(), String> {
        match self.knowledge.json {
            Some(_) => Ok(()),
            None => Err("how the app writes JSON (`app.json`) is not known".into()),
        }
    }
}

impl Port<'_> {
    /// Translates what can be translated: template functions and hooks first, since views hang on them.
    pub(super) fn judge(&mut self) {
        self.knowledge = Some(Knowledge::of(self));
        self.templates = Templates::of(self.analysis);
        let order = |purpose: &Purpose<'_>| match purpose {
            Purpose::Filter(_) => 0,
            Purpose::Context(_) => 1,
            Purpose::View => 3,
            _ => 2,
        };
        let mut indexes: Vec<usize> = (0..self.items.list.len()).collect();
        indexes.sort_by_key(|&i| order(&self.items.list[i].purpose));
        for index in indexes {
            let made = self.make(index);
            if let (Purpose::Filter(hook), Made::Whole { .. }) =
                (self.items.list[index].purpose, &made)
                && let HookKind::Template {
                    name: Some(name), ..
                } = &hook.kind
            {
                self.templates.filters.insert(name.clone());
            }
            self.items.list[index].made = made;
        }
    }

    fn make(&self, index: usize) -> Made {
        let item = &self.items.list[index];
        if let Some(why) = self.outside(index) {
            return Made::Stub(vec![reason(STUB, why)]);
        }
        let (Some(function), Some(body)) = (item.function, item.body.as_ref()) else {
            return Made::Stub(vec![reason(STUB, "its source could not be read".into())]);
        };
        let source = match item.purpose {
            Purpose::Guard { wrapper } => wrapper,
            _ => function,
        };
        let text = self
            .source
            .texts
            .get(&source.file)
            .map_or("", String::as_str);
        let at = |span: Span| Some(line(text, span.start));
        let parameters = match self.parameters(index) {
            Ok(parameters) => parameters,
            Err(why) => {
                return Made::Stub(vec![Reason {
                    line: Some(function.line),
                    ..reason(STUB, why)
                }]);
            }
        };
        let Some(knowledge) = &self.knowledge else {
            return Made::Stub(Vec::new());
        };
        let context = self.items.list.iter().find_map(|i| match i.purpose {
            Purpose::Context(_) if !i.is_whole() => Some(format!(
                "the context processor {} is not translated",
                i.label
            )),
            _ => None,
        });
        let surroundings = Around {
            knowledge,
            templates: &self.templates,
            module: &source.module,
            context: context
                .as_deref()
                .filter(|_| !matches!(item.purpose, Purpose::Context(_))),
        };
        let unit = Unit {
            function: source,
            body,
            text,
            purpose: match item.purpose {
                Purpose::View => translation::Purpose::View,
                Purpose::Guard { .. } | Purpose::Before(_) => translation::Purpose::Before,
                Purpose::After(_) => translation::Purpose::After,
                Purpose::Error(_) => translation::Purpose::Error,
                Purpose::Context(_) => translation::Purpose::Context,
                Purpose::Filter(_) => translation::Purpose::Filter,
                Purpose::Aside(_) | Purpose::Other(_) => return Made::Stub(Vec::new()),
            },
            statements: &body.statements,
            parameters,
            query: &item.query,
            form: &item.form,
            context_lent: !matches!(item.purpose, Purpose::View),
            view: matches!(item.purpose, Purpose::Guard { .. })
                .then(|| function.parameters.first().map(|p| p.name.as_str()))
                .flatten(),
            response: matches!(item.purpose, Purpose::After(_))
                .then(|| function.parameters.first().map(|p| p.name.as_str()))
                .flatten(),
            surroundings: &surroundings,
        };
        let fallback = Draft::default();
        let draft = self.drafts.get(&item.module).unwrap_or(&fallback);
        match translate(&unit, draft) {
            Ok(translated) => Made::Whole {
                code: translated.code,
                changes_response: translated.changes_response,
                gaps: translated
                    .gaps
                    .into_iter()
                    .map(|gap| Reason {
                        line: at(gap.span),
                        ..reason(STUB, gap.reason)
                    })
                    .collect(),
            },
            Err(refusal) => Made::Stub(vec![Reason {
                line: at(refusal.span),
                ..reason(STUB, refusal.reason)
            }]),
        }
    }

    /// Why an item cannot be translated whatever its body says.
    fn outside(&self, index: usize) -> Option<String> {
        let item = &self.items.list[index];
        let Some(function) = item.function else {
            return Some("the view is no function of this app".into());
        };
        if function.generator {
            return Some("it is a generator".into());
        }
        if function.is_async {
            return Some("it is a coroutine".into());
        }
        match item.purpose {
            Purpose::Other(_) => return Some("hooks of this kind are not translated".into()),
            Purpose::Aside(_) => return Some("it does not change what is sent".into()),
            Purpose::Guard { wrapper } => return self.unguarded(function, wrapper),
            Purpose::View => {}
            _ if inner_decorators(function).next().is_some() => {
                return Some("a decorator around it is not translated".into());
            }
            _ => {}
        }
        if let Purpose::Error(hook) = item.purpose
            && !matches!(error_key(hook), Some(ErrorKey::Status(_)))
        {
            return Some("handlers of exception classes are not translated".into());
        }
        if let Some(hook) = item.purpose.hook()
            && hook.certainty != model::Certainty::Certain
        {
            return Some(
                "whether it is registered depends on what is known when the app runs".into(),
            );
        }
        if !matches!(item.purpose, Purpose::View) {
            return None;
        }
        for decoration in inner_decorators(function) {
            let guard = decoration
                .function
                .as_ref()
                .and_then(|f| self.items.by_function.get(f));
            let whole =
                guard.is_some_and(|&g| item.guards.contains(&g) && self.items.list[g].is_whole());
            if decoration.framework || !whole {
                let text = self
                    .source
                    .texts
                    .get(&function.file)
                    .map_or("", String::as_str);
                let shown = decoration
                    .span
                    .of(text)
                    .lines()
                    .next()
                    .unwrap_or("")
                    .to_owned();
                return Some(format!(
                    "the decorator `@{shown}` around it is not translated"
                ));
            }
        }
        None
    }

    /// Why a decorator is no guard: one function inside that ends by calling the view with what it got.
    fn unguarded(&self, function: &Function, wrapper: &Function) -> Option<String> {
        let body = (self.source.bodies)(function)?;
        let name = wrapper.qualname.rsplit('.').next().unwrap_or("");
        let returns_wrapper = matches!(
            body.statements.as_slice(),
            [Statement { kind: StatementKind::Opaque, .. }, Statement { kind: StatementKind::Return(Some(Expression { kind: ExpressionKind::Name(returned), .. })), .. }]
                if returned == name
        );
        let wraps = wrapper
            .decorators
            .iter()
            .all(|d| d.name.as_deref() == Some("functools.wraps"));
        let starred = wrapper.parameters.iter().all(|p| p.stars > 0);
        let one = function.parameters.len() == 1;
        if returns_wrapper && wraps && starred && one {
            None
        } else {
            Some("it does more than answer in the view's place or call it with what it got".into())
        }
    }

    /// What the parameters of a function are in Rust.
    fn parameters(&self, index: usize) -> Result<BTreeMap<String, Value>, String> {
        let item = &self.items.list[index];
        let Some(function) = item.function else {
            return Ok(BTreeMap::new());
        };
        let mut out = BTreeMap::new();
        match item.purpose {
            Purpose::View => {
                if let Some(trouble) = &item.path.trouble {
                    return Err(trouble.clone());
                }
                for parameter in &function.parameters {
                    if parameter.stars > 0 {
                        return Err(format!("takes `*{}`", parameter.name));
                    }
                    match item.path.value(&parameter.name) {
                        Some(value) => out.insert(parameter.name.clone(), value),
                        None => {
                            return Err(format!(
                                "`{}` does not come from its rule alone",
                                parameter.name
                            ));
                        }
                    };
                }
            }
            Purpose::Filter(_) => {
                let [parameter] = function.parameters.as_slice() else {
                    return Err("takes more than the value that it filters".into());
                };
                let name = super::handlers::filter_parameter(&parameter.name);
                out.insert(
                    parameter.name.clone(),
                    Value {
                        form: Form::Borrowed,
                        ..Value::place(quote!(#name), Type::Text)
                    },
                );
            }
            Purpose::After(_) if function.parameters.len() != 1 => {
                return Err("takes other things than a response".into());
            }
            _ => {}
        }
        Ok(out)
    }
}

fn line(text: &str, at: u32) -> u32 {
    text.get(..at as usize)
        .map_or(0, |t| t.matches('\n').count() as u32)
        + 1
}

/// The body of a documentation string's function, for the item's comment.
pub(super) fn documentation(body: Option<&Body>) -> Option<String> {
    body.and_then(|b| b.documentation.clone())
}
