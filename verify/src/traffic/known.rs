//! Values that the app is seen to know: a name in a link, an id in a redirect or in JSON. A route whose plain path (`/1`)
//! leads nowhere is asked for with these, those first that led somewhere before.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::converter::Converter;
use super::plan::Plan;
use super::rule::{Rule, Variable};
use super::samples;
use super::walk::{path_of, within};

/// Values of one variable that are kept.
const KEPT: usize = 24;

/// Paths of one route that are tried.
const TRIED: usize = 4;

/// Values that were seen together, kept for all variables.
const TOGETHER: usize = 400;

/// How a value was come by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    /// It stands in a link, a redirect or a document.
    Told,
    /// A view answered for it with success.
    Answered,
}

/// Name and converter of a variable.
type Key = (String, String);

/// What was learned of the app's own names.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// By variable, in the order in which they were seen.
    values: BTreeMap<Key, Vec<Found>>,
    /// Values of one path each.
    together: Vec<Vec<(Key, String)>>,
    /// Whole paths that were told, by route.
    paths: BTreeMap<usize, Vec<String>>,
    /// Paths that answered with success, by route.
    proven: BTreeMap<usize, String>,
    /// Paths that led nowhere in this session.
    missing: BTreeSet<String>,
    /// Routes that answered with success, or a redirect to a request that changes something.
    answered: BTreeSet<usize>,
}

/// A value of a variable.
#[derive(Debug)]
struct Found {
    text: String,
    /// The rule in which it was seen first; empty for one of a document.
    rule: String,
    /// Routes that answered for it.
    answered: BTreeSet<usize>,
}

impl Known {
    /// Learns from a link, or from a target that was asked for.
    pub fn see(&mut self, plan: &Plan, target: &str, proof: Proof) {
        let path = samples::decoded(path_of(target));
        let Some(route) = plan.find(&path) else {
            return;
        };
        let rule = &plan.routes[route].rule;
        let mut together = Vec::new();
        for (variable, value) in rule.variables().zip(rule.values(&path)) {
            let is_plain = value == variable.plain();
            if proof == Proof::Answered || !is_plain {
                let found = self.found(key(variable), &value, &rule.text);
                if let Some(found) = found.filter(|_| proof == Proof::Answered) {
                    found.answered.insert(route);
                }
                together.push((key(variable), value));
            }
        }
        if together.len() > 1
            && self.together.len() < TOGETHER
            && !self.together.contains(&together)
        {
            self.together.push(together);
        }
        if rule.variables().next().is_some() {
            let path = path_of(target).to_owned();
            let paths = self.paths.entry(route).or_default();
            if paths.len() < KEPT && !paths.contains(&path) {
                paths.push(path);
            }
        }
    }

    fn found(&mut self, key: Key, value: &str, rule: &str) -> Option<&mut Found> {
        let values = self.values.entry(key).or_default();
        let at = values.iter().position(|f| f.text == value);
        if at.is_none() && values.len() >= KEPT {
            return None;
        }
        let at = at.unwrap_or_else(|| {
            values.push(Found {
                text: value.to_owned(),
                rule: rule.to_owned(),
                answered: BTreeSet::new(),
            });
            values.len() - 1
        });
        values.get_mut(at)
    }

    /// Learns from a document: what is named like a variable is a value for it, and what looks like a path is a link.
    pub fn read(&mut self, plan: &Plan, target: &str, document: &Value) {
        match document {
            Value::Array(items) => {
                for item in items.iter().take(KEPT) {
                    self.read(plan, target, item);
                }
            }
            Value::Object(members) => {
                for (name, value) in members {
                    let text = match value {
                        Value::String(text) if text.len() < 200 && !text.is_empty() => text.clone(),
                        Value::Number(number) => number.to_string(),
                        other => {
                            self.read(plan, target, other);
                            continue;
                        }
                    };
                    if text.starts_with(['/', 'h'])
                        && text.contains('/')
                        && let Some(link) = within(target, &text)
                    {
                        self.see(plan, &link, Proof::Told);
                    }
                    self.found((name.clone(), String::new()), &text, "");
                }
            }
            _ => {}
        }
    }

    /// Notes that a route's view answered, and for which path.
    pub fn answered(&mut self, route: usize, path: &str) {
        self.answered.insert(route);
        self.proven
            .entry(route)
            .or_insert_with(|| path_of(path).to_owned());
    }

    /// Routes that have not answered yet.
    pub fn unanswered(&self, plan: &Plan) -> Vec<usize> {
        let routes = 0..plan.routes.len();
        routes.filter(|i| !self.answered.contains(i)).collect()
    }

    /// The path for which a route answered.
    pub fn proven(&self, route: usize) -> Option<&str> {
        self.proven.get(&route).map(String::as_str)
    }

    /// Paths for a route that may lead somewhere, other than its plain one, the likeliest first.
    pub fn candidates(&self, plan: &Plan, route: usize) -> Vec<String> {
        let planned = &plan.routes[route];
        let rule = &planned.rule;
        if rule.variables().next().is_none() {
            return Vec::new();
        }
        let mut told: Vec<&String> = self.paths.get(&route).into_iter().flatten().collect();
        told.sort_by_key(|path| std::cmp::Reverse(self.worth(rule, path)));
        let told = told
            .into_iter()
            .filter(|path| !self.missing.contains(*path));
        let told = told.take(TRIED / 2).cloned();
        let made = self.combined(rule).into_iter();
        let mut paths: Vec<String> = Vec::new();
        for path in told.chain(made.filter(|path| !self.missing.contains(path))) {
            if path != planned.path && !paths.contains(&path) {
                paths.push(path);
            }
        }
        paths.truncate(TRIED);
        paths
    }

    /// How many routes answered for the values of a path.
    fn worth(&self, rule: &Rule, path: &str) -> usize {
        let values = rule.values(&samples::decoded(path));
        let pairs = rule.variables().zip(values);
        pairs
            .filter_map(|(variable, value)| {
                let mut found = self.values.get(&key(variable))?.iter();
                Some(found.find(|f| f.text == value)?.answered.len())
            })
            .sum()
    }

    /// Notes that a path leads nowhere.
    pub fn missed(&mut self, path: &str) {
        self.missing.insert(path_of(path).to_owned());
    }

    /// Forgets what led nowhere: another session may see more.
    pub fn start(&mut self) {
        self.missing.clear();
    }

    /// Paths from values of other routes: those of the nearest rule and those that most routes answered for, in turn.
    fn combined(&self, rule: &Rule) -> Vec<String> {
        let variables: Vec<&Variable> = rule.variables().collect();
        let known: Vec<Vec<&Found>> = variables.iter().map(|v| self.known(v)).collect();
        let Some(lead) = known.iter().position(|k| !k.is_empty()) else {
            return Vec::new();
        };
        let mut proven = known[lead].clone();
        proven.sort_by_key(|f| std::cmp::Reverse(f.answered.len()));
        let mut near = known[lead].clone();
        near.sort_by_key(|f| std::cmp::Reverse(shared(&f.rule, &rule.text)));
        let mut leads: Vec<&str> = Vec::new();
        for found in proven.iter().zip(&near).flat_map(|(a, b)| [a, b]) {
            if !leads.contains(&found.text.as_str()) {
                leads.push(&found.text);
            }
        }
        let path = |value: &&str| {
            rule.path(|number, variable| {
                if number == lead {
                    return samples::encoded_path(value);
                }
                let best = known[number].iter().max_by_key(|f| f.answered.len());
                let with = self.beside(variables[lead], value, variable);
                let found = with.or_else(|| best.map(|f| f.text.as_str()));
                found.map_or_else(|| variable.plain(), samples::encoded_path)
            })
        };
        leads.iter().take(TRIED).map(path).collect()
    }

    /// What is known for a variable: by its name and converter, by its name, by a converter that only few variables have,
    /// or as an id of anything.
    fn known(&self, variable: &Variable) -> Vec<&Found> {
        let exact = self.values.get(&key(variable));
        let fitting = |wanted: &dyn Fn(&Key) -> bool| -> Vec<&Found> {
            let entries = self.values.iter().filter(|(k, _)| wanted(k));
            let values = entries.flat_map(|(_, v)| v);
            values.filter(|f| variable.accepts(&f.text)).collect()
        };
        let mut found: Vec<&Found> = exact.into_iter().flatten().collect();
        // What a converter of the app's own takes is not known, but for what the app itself says.
        let is_own = variable.converter == Converter::Custom;
        if found.is_empty() {
            found = fitting(&|k| k.0 == variable.name && (!is_own || k.1.is_empty()));
        }
        let is_telling = matches!(variable.converter, Converter::Path | Converter::Custom);
        if found.is_empty() && is_telling {
            found = fitting(&|k| k.1 == variable.kind);
        }
        if found.is_empty() && variable.name.ends_with("id") {
            found = fitting(&|k| k.0 == "id");
        }
        found
    }

    /// A value that was seen for `other` where `variable` had `value`.
    fn beside(&self, variable: &Variable, value: &str, other: &Variable) -> Option<&str> {
        let is_alike = |k: &Key, v: &Variable| k.0 == v.name || k.1 == v.kind && k.1 == "path";
        let mut lists = self.together.iter().filter(|list| {
            let mut values = list.iter();
            values.any(|(k, text)| text == value && is_alike(k, variable))
        });
        lists.find_map(|list| {
            let mut values = list.iter();
            let found = values.find(|(k, _)| k.0 == other.name)?;
            Some(found.1.as_str())
        })
    }

    /// Gives each route that destroys something a path of its own, as far as values go: what is gone is gone for the next
    /// one too. `spent` are paths that were told to destroy before.
    pub fn share_out(&self, plan: &Plan, spent: &[String]) -> Vec<(usize, String)> {
        let mut spent: BTreeSet<String> = spent
            .iter()
            .filter_map(|path| {
                let path = samples::decoded(path_of(path));
                let rule = &plan.routes[plan.find(&path)?].rule;
                Some(rule.values(&path))
            })
            .flatten()
            .collect();
        let mut paths = Vec::new();
        let routes = plan.routes.iter().enumerate();
        for (i, planned) in routes.filter(|(_, r)| r.is_destructive) {
            let mut all: Vec<String> = self.proven(i).map(str::to_owned).into_iter().collect();
            all.extend(self.candidates(plan, i));
            let values = |path: &String| planned.rule.values(&samples::decoded(path));
            let last = |path: &&String| values(path).last().is_none_or(|v| !spent.contains(v));
            let Some(path) = all.iter().find(last).or(all.first()).cloned() else {
                continue;
            };
            spent.extend(values(&path).pop());
            paths.push((i, path));
        }
        paths
    }
}

/// How many characters two rules have in common at their beginning.
fn shared(one: &str, other: &str) -> usize {
    let pairs = one.bytes().zip(other.bytes());
    pairs.take_while(|(a, b)| a == b).count()
}

fn key(variable: &Variable) -> Key {
    (variable.name.clone(), variable.kind.clone())
}

#[cfg(test)]
mod tests;
