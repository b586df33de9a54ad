//! Verdicts: what is translated, what is left, and what waits for a hook.

use std::collections::BTreeMap;

use model::function::Role;
use model::port::{FunctionVerdict, RouteVerdict};
use model::{Certainty, Extension, Op, Reason, Verdict};

use super::Port;
use super::errors::{Answers, answers};
use super::items::{Item, Purpose, error_key, key_of};
use crate::plan::extensions::acts;
use crate::targets::{is_test, reason};

impl Port<'_> {
    /// Hooks that every request runs into and that are not translated, with what they serve.
    fn blocking(&self) -> Vec<(&Item<'_>, Option<&str>)> {
        self.items
            .list
            .iter()
            .filter(|i| {
                matches!(i.purpose, Purpose::Before(_) | Purpose::After(_)) && !i.is_whole()
            })
            .map(|i| (i, i.purpose.hook().and_then(|h| h.blueprint.as_deref())))
            .collect()
    }

    pub(super) fn verdicts(&self, support: &[String]) -> (Vec<FunctionVerdict>, Vec<RouteVerdict>) {
        let blocking = self.blocking();
        let foreign = self.foreign();
        let waits = |blueprint: Option<&str>| -> Vec<Reason> {
            let serves = |hook: &Option<&str>| match (hook, blueprint) {
                (None, _) => true,
                (Some(hook), Some(own)) => own == *hook || own.starts_with(&format!("{hook}.")),
                (Some(_), None) => false,
            };
            let hooks = blocking
                .iter()
                .filter(|(_, hook)| serves(hook))
                .map(|(item, _)| Reason {
                    through: item.function.map(|f| f.id.clone()),
                    ..reason(
                        "M0305",
                        format!(
                            "waits for {}, which is not translated and runs around it",
                            item.label
                        ),
                    )
                });
            let foreign = foreign.iter().map(|f| {
                let message = format!(
                    "waits for {}, which may act on every request and is not in the port",
                    f.label
                );
                Reason {
                    through: Some(f.name.clone()),
                    ..reason("M0305", message)
                }
            });
            hooks.chain(foreign).collect()
        };
        let mut functions: BTreeMap<String, FunctionVerdict> = BTreeMap::new();
        for item in &self.items.list {
            let Some(function) = item.function else {
                continue;
            };
            let blueprint = self
                .routes()
                .find(|r| key_of(r).as_deref() == Some(&function.id))
                .and_then(|r| r.blueprint.as_deref());
            let mut reasons = item.reasons().to_vec();
            if matches!(item.purpose, Purpose::View) {
                reasons.extend(waits(blueprint));
            }
            let verdict = if !reasons.is_empty() {
                Verdict::Refused
            } else if self.is_supported(item) {
                Verdict::Supported
            } else {
                Verdict::Native
            };
            functions
                .entry(function.id.clone())
                .or_insert(FunctionVerdict {
                    id: function.id.clone(),
                    verdict,
                    reasons,
                    support: support.to_vec(),
                    changed_lines: 0,
                });
        }
        for instance in self.library.written() {
            functions
                .entry(instance.source.id.clone())
                .or_insert(FunctionVerdict {
                    id: instance.source.id.clone(),
                    verdict: Verdict::Native,
                    reasons: Vec::new(),
                    support: support.to_vec(),
                    changed_lines: 0,
                });
        }
        let left = self
            .analysis
            .functions
            .iter()
            .filter(|f| !is_test(&f.file) && f.role != Role::Module);
        for function in left {
            // What a guard wraps is written with it.
            let inside = self
                .items
                .by_function
                .keys()
                .any(|id| function.id.starts_with(&format!("{id}.<locals>.")));
            if inside || function.role == Role::Factory {
                continue;
            }
            functions.entry(function.id.clone()).or_insert_with(|| FunctionVerdict {
                id: function.id.clone(),
                verdict: Verdict::Refused,
                reasons: vec![reason("M0305", "only what answers requests is translated; this is called by it, or by nobody".into())],
                support: Vec::new(),
                changed_lines: 0,
            });
        }
        let routes = self
            .routes()
            .filter(|r| !r.is_static && r.view.is_some())
            .map(|r| {
                let view = r.view.as_ref().and_then(|v| v.function.clone());
                let known = view
                    .as_deref()
                    .and_then(|v| functions.get(v))
                    .map(|f| f.verdict);
                let conditional = r.certainty == Certainty::Conditional;
                let verdict = if conditional {
                    Verdict::Refused
                } else {
                    known.unwrap_or(Verdict::Refused)
                };
                RouteVerdict {
                    rule: r.rule.clone(),
                    methods: r.methods.clone(),
                    endpoint: r.endpoint.clone(),
                    verdict,
                    view,
                }
            })
            .collect();
        (functions.into_values().collect(), routes)
    }

    /// Reaches the session or `g`, itself or through a guard.
    fn is_supported(&self, item: &Item<'_>) -> bool {
        let touches = |i: &Item<'_>| {
            let source = match i.purpose {
                Purpose::Guard { wrapper } => Some(wrapper),
                _ => i.function,
            };
            source.is_some_and(|f| {
                f.touches.iter().any(|t| {
                    matches!(
                        t.op,
                        Op::Session { .. } | Op::Globals { .. } | Op::Flash | Op::FlashedMessages
                    )
                })
            })
        };
        touches(item) || item.guards.iter().any(|&g| touches(&self.items.list[g]))
    }

    /// What a person has to know beside the verdicts.
    pub(super) fn notes(&mut self) {
        let mut notes = Vec::new();
        for item in &self.items.list {
            match item.purpose {
                Purpose::Aside(_) => notes.push(format!("{} is left out: it runs where nothing of an answer hangs on it", item.label)),
                Purpose::Error(hook)
                    if matches!(error_key(hook).map(answers), Some(Answers::Class(_))) && !item.is_whole() =>
                {
                    notes.push(format!("{} answers an exception of the app's own and is not translated", item.label));
                }
                Purpose::Before(_) | Purpose::After(_) | Purpose::Guard { .. }
                    if item.is_whole() && !item.reasons().is_empty() =>
                {
                    let reasons: Vec<String> = item.reasons().iter().map(Reason::text).collect();
                    notes.push(format!(
                        "{} answers 501 to requests for which it gets to {}",
                        item.label,
                        reasons.join("; ")
                    ));
                }
                Purpose::Before(_) | Purpose::After(_) if !item.is_whole() => notes.push(format!(
                    "begin with {}: it runs around requests, so translated handlers answer 501 until it is translated too",
                    item.label
                )),
                _ => {}
            }
        }
        let odd = self
            .analysis
            .routes
            .iter()
            .filter(|r| r.app == Some(self.index) && (r.websocket || r.rule.contains("<?")));
        for route in odd {
            notes.push(format!(
                "the rule `{}` ({}) is not in the port",
                route.rule, route.endpoint
            ));
        }
        let conditional = self
            .routes()
            .filter(|r| r.certainty == Certainty::Conditional && !r.is_static);
        for route in conditional {
            notes.push(format!(
                "the rule `{}` ({}) answers 501: whether it exists depends on what is known when the app runs",
                route.rule, route.endpoint
            ));
        }
        for foreign in self.foreign() {
            notes.push(format!(
                "begin with {}: it may act on every request and is not in the port, so translated handlers answer 501 until its stub in src/application.rs is gone",
                foreign.label
            ));
        }
        let passive = |e: &&Extension| !acts(e) && !e.uses.iter().all(|u| is_test(&u.file));
        for extension in self.analysis.extensions.iter().filter(passive) {
            notes.push(format!(
                "{} ({}:{}) is not in the port, and nothing of what it does is",
                extension.name, extension.place.file, extension.place.line
            ));
        }
        self.remarks.extend(notes);
    }
}
