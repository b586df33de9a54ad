//! Which items are translated, and why the others are not.

use std::collections::{BTreeMap, BTreeSet};

use model::body::{Expression, ExpressionKind, Statement, StatementKind};
use model::touch::{Constant, Op, Touch};
use model::{Analysis, ErrorKey, Function, HookKind, Reason, Span};
use quote::quote;

use super::Port;
use super::errors::{Answers, answers, failures};
use super::items::{Made, Purpose, error_key, inner_decorators, key_of};
use crate::rust::library::{AppKnowledge, Home, View};
use crate::rust::templates::Templates;
use crate::rust::translation::{self, Unit, translate};
use crate::rust::values::{Form, Type, Value};
use crate::targets::{Source, is_test, reason};

/// Code of a function that is left as a stub.
const STUB: &str = "M0305";

/// What is known of the whole app before the first function is translated.
pub(super) struct Knowledge {
    /// How `app.json` is set: attribute and value; absent where it is not understood.
    pub json: Option<BTreeMap<String, bool>>,
    /// Classes of exceptions that have a handler.
    handled: BTreeSet<String>,
    /// Why exceptions that Python raises by itself are not answered as errors with a status are.
    failures: Option<String>,
}

impl Knowledge {
    pub fn of(analysis: &Analysis, source: &Source<'_>) -> Self {
        let mut json = Some(BTreeMap::new());
        for function in analysis.functions.iter().filter(|f| !is_test(&f.file)) {
            let is_asked =
                |t: &&Touch| matches!(&t.op, Op::AppAttribute { name } if name.starts_with("json"));
            let asked = function.touches.iter().filter(is_asked).count();
            if asked == 0 {
                continue;
            }
            let body = source.reader.body(function);
            let statements = body.as_ref().map_or(&[][..], |b| &b.statements);
            let found: Vec<(String, bool)> = statements
                .iter()
                .filter_map(|s| json_setting(function, s))
                .collect();
            if found.len() == asked {
                json.iter_mut().for_each(|json| json.extend(found.clone()));
            } else {
                json = None;
            }
        }
        let handled = analysis.hooks.iter().filter_map(|h| match error_key(h) {
            Some(ErrorKey::Class(name)) => Some(name.rsplit('.').next().unwrap_or(name).to_owned()),
            Some(ErrorKey::Unknown) => Some("Exception".to_owned()),
            _ => None,
        });
        Self {
            json,
            handled: handled.collect(),
            failures: failures(analysis),
        }
    }
}

/// `app.json.compact = False`
fn json_setting(function: &Function, statement: &Statement) -> Option<(String, bool)> {
    let StatementKind::Assign { targets, value } = &statement.kind else {
        return None;
    };
    match (targets.as_slice(), &value.kind) {
        (
            [
                Expression {
                    kind: ExpressionKind::Attribute { value: on, name },
                    ..
                },
            ],
            ExpressionKind::Constant(Constant::Bool(flag)),
        ) if is_json(function, on)
            && matches!(name.as_str(), "sort_keys" | "ensure_ascii" | "compact") =>
        {
            Some((name.clone(), *flag))
        }
        _ => None,
    }
}

fn is_json(function: &Function, on: &Expression) -> bool {
    matches!(&on.kind, ExpressionKind::Touch { touch, .. }
        if matches!(&function.touches[*touch].op, Op::AppAttribute { name } if name == "json"))
}

/// What the app says, for one function.
struct Around<'a> {
    knowledge: &'a Knowledge,
    templates: &'a Templates<'a>,
    /// Why templates do not have the names that they need.
    context: Option<&'a str>,
}

impl AppKnowledge for Around<'_> {
    fn template(&self, name: &str, has_dates: bool) -> Result<(), String> {
        if let Some(why) = self.context {
            return Err(why.to_owned());
        }
        self.templates.check(name, has_dates)
    }

    fn is_handled(&self, class: &str) -> bool {
        self.knowledge.handled.contains(class)
    }

    fn failures(&self) -> Result<(), String> {
        self.knowledge.failures.clone().map_or(Ok(()), Err)
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
        for item in &self.items.list {
            if let Purpose::Other(hook) = item.purpose
                && let HookKind::Template {
                    name: Some(name), ..
                } = &hook.kind
            {
                self.templates.missing.insert(name.clone());
            }
        }
        self.templates.trouble = self.environment_trouble();
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
        let context = self.items.list.iter().find_map(|i| match i.purpose {
            Purpose::Context(_) if !i.is_whole() => Some(format!(
                "the context processor {} is not translated",
                i.label
            )),
            _ => None,
        });
        let app = Around {
            knowledge: &self.knowledge,
            templates: &self.templates,
            context: context
                .as_deref()
                .filter(|_| !matches!(item.purpose, Purpose::Context(_))),
        };
        let surroundings = View {
            library: self.library,
            module: &source.module,
            app: &app,
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
        let draft = self.homes.draft(&item.module);
        match translate(&unit, &draft) {
            Ok(translated) => {
                self.library.uses(&translated.uses);
                Made::Whole {
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
                }
            }
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
            return Some("classes, lambdas and functions from elsewhere are not translated".into());
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
            Purpose::Error(hook) if error_key(hook) == Some(&ErrorKey::Unknown) => {
                return Some("which errors it answers is not known".into());
            }
            Purpose::Guard { wrapper } => return self.unguarded(function, wrapper),
            Purpose::View => {}
            _ if inner_decorators(function).next().is_some() => {
                return Some("a decorator around it is not translated".into());
            }
            _ => {}
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
        let body = self.source.reader.body(function)?;
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

    /// The constant default of a view's parameter.
    fn default_of(&self, function: &Function, name: &str) -> Option<Constant> {
        let parameters = self
            .library
            .parameters(&function.module, &function.qualname)?;
        let default = parameters.into_iter().find(|p| p.name == name)?.default?;
        match default.kind {
            ExpressionKind::Constant(constant) => Some(constant),
            _ => None,
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
                    // `defaults=` of a rule wins over what the function says.
                    let by_rule = self.routes().any(|r| {
                        key_of(r).as_deref() == Some(&function.id)
                            && r.defaults.iter().any(|(name, _)| *name == parameter.name)
                    });
                    let default = self
                        .default_of(function, &parameter.name)
                        .filter(|_| !by_rule);
                    match item.path.value_or(&parameter.name, default.as_ref()) {
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
            Purpose::Error(hook) => {
                let [parameter] = function.parameters.as_slice() else {
                    return Err("takes other things than the error".into());
                };
                let ty = match error_key(hook).map(answers) {
                    Some(Answers::Class(_)) => Type::Raised,
                    _ => Type::HttpError,
                };
                let value = Value::place(quote!(error), ty);
                out.insert(
                    parameter.name.clone(),
                    Value {
                        form: Form::Borrowed,
                        ..value
                    },
                );
            }
            Purpose::Before(_) | Purpose::Context(_) if !function.parameters.is_empty() => {
                return Err("takes arguments".into());
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
