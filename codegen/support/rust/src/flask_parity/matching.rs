//! Which rule answers a path: werkzeug's matcher, with its precedence (werkzeug.routing.matcher).

use std::collections::HashMap;

use regex::Regex;
use serde_json::{Map, Value};

use super::converters::to_python;
use super::quoting::{PATH_SAFE, quote};
use super::rule::{Compiled, Part, Piece, Rule, Variable, compile, default_value};

/// A rule in a map.
#[derive(Clone, Debug)]
pub struct Entry {
    /// As the port writes it.
    pub rule: Rule,
    /// With the methods that Flask adds.
    pub methods: Vec<String>,
    /// `OPTIONS` is answered without the view.
    pub automatic_options: bool,
    /// Taken apart.
    pub compiled: Compiled,
    /// Default values.
    pub defaults: Vec<(&'static str, Value)>,
}

impl Entry {
    /// The variable of that name.
    pub fn variable(&self, name: &str) -> Option<&Variable> {
        self.compiled
            .variables
            .iter()
            .find(|variable| variable.name == name)
    }

    /// The default of that name.
    pub fn default(&self, name: &str) -> Option<&Value> {
        self.defaults
            .iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value)
    }

    /// Names of variables and defaults, sorted (werkzeug's `Rule.arguments`).
    pub fn arguments(&self) -> Vec<&str> {
        let variables = self
            .compiled
            .variables
            .iter()
            .map(|variable| variable.name.as_str());
        let mut names: Vec<_> = variables
            .chain(self.defaults.iter().map(|(key, _)| *key))
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

#[derive(Debug, Default)]
struct State {
    plain: HashMap<String, usize>,
    dynamic: Vec<(Part, Option<Regex>, usize)>,
    rules: Vec<usize>,
}

/// All rules of an application.
#[derive(Debug)]
pub struct UrlMap {
    /// In the order of registration; those that never match are there too.
    pub entries: Vec<Entry>,
    /// For building: by endpoint, those with more arguments first.
    pub by_endpoint: HashMap<&'static str, Vec<usize>>,
    states: Vec<State>,
}

/// What the map says of a path.
#[derive(Clone, Debug, PartialEq)]
pub enum Match {
    /// A rule, by its number in `entries`.
    Found {
        /// Number of the entry.
        entry: usize,
        /// `request.view_args`
        values: Map<String, Value>,
        /// The path as the rule has it, quoted: what the router dispatches on.
        route: String,
    },
    /// Redirect to this path, quoted.
    Redirect(String),
    /// No rule for this method, but for these.
    Methods(Vec<String>),
    /// No rule.
    Nothing,
}

struct SlashRequired;

type Found = Result<Option<(usize, Vec<String>)>, SlashRequired>;

impl UrlMap {
    /// Builds the map once, when the application starts.
    pub fn new(rules: &[Rule]) -> Self {
        let mut map = Self {
            entries: Vec::new(),
            by_endpoint: HashMap::new(),
            states: vec![State::default()],
        };
        for &rule in rules {
            map.add(rule);
        }
        for state in &mut map.states {
            state
                .dynamic
                .sort_by(|left, right| left.0.weight.cmp(&right.0.weight));
        }
        let entries = &map.entries;
        for numbers in map.by_endpoint.values_mut() {
            numbers.sort_by_key(|&number| {
                let entry = &entries[number];
                (
                    usize::MAX - entry.arguments().len(),
                    usize::MAX - entry.defaults.len(),
                )
            });
        }
        map
    }

    fn add(&mut self, rule: Rule) {
        let compiled = compile(rule.rule);
        let mut methods: Vec<String> = rule
            .methods
            .iter()
            .map(|method| method.to_ascii_uppercase())
            .collect();
        let has = |methods: &[String], name: &str| methods.iter().any(|method| method == name);
        if has(&methods, "GET") && !has(&methods, "HEAD") {
            methods.push("HEAD".to_owned());
        }
        let automatic_options = rule.options && !has(&methods, "OPTIONS");
        if automatic_options {
            methods.push("OPTIONS".to_owned());
        }
        let number = self.entries.len();
        if let Some(compiled) = &compiled
            && !rule.build_only
        {
            self.link(number, &compiled.parts);
        }
        if compiled.is_some() {
            self.by_endpoint
                .entry(rule.endpoint)
                .or_default()
                .push(number);
        }
        let defaults = rule
            .defaults
            .iter()
            .map(|&(key, text)| (key, default_value(text)))
            .collect();
        let compiled = compiled.unwrap_or_default();
        self.entries.push(Entry {
            rule,
            methods,
            automatic_options,
            compiled,
            defaults,
        });
    }

    fn link(&mut self, number: usize, parts: &[Part]) {
        let mut at = 0;
        for part in parts {
            let known = if part.plain {
                self.states[at].plain.get(&part.content).copied()
            } else {
                self.states[at]
                    .dynamic
                    .iter()
                    .find(|(other, _, _)| other == part)
                    .map(|(_, _, next)| *next)
            };
            at = known.unwrap_or_else(|| {
                let next = self.states.len();
                self.states.push(State::default());
                if part.plain {
                    self.states[at].plain.insert(part.content.clone(), next);
                } else {
                    let pattern = Regex::new(&format!(r"\A(?:{})\z", part.content)).ok();
                    self.states[at].dynamic.push((part.clone(), pattern, next));
                }
                next
            });
        }
        self.states[at].rules.push(number);
    }

    /// `MapAdapter.match`, without the redirects of `defaults`, which `building` adds.
    pub fn find_rule(&self, path: &str, method: &str) -> Match {
        let path = if path.is_empty() {
            String::new()
        } else {
            format!("/{}", path.trim_start_matches('/'))
        };
        let mut others = Vec::new();
        let found = match self.walk_path(&path, method, &mut others) {
            Ok(found) => found,
            Err(SlashRequired) => return redirect(&format!("{path}/")),
        };
        if let Some((number, raw)) = found {
            return self
                .converted(number, &raw)
                .unwrap_or_else(|| refusal(others));
        }
        let merged = merge_slashes(&path);
        match self.walk_path(&merged, method, &mut others) {
            Err(SlashRequired) => redirect(&format!("{merged}/")),
            Ok(Some(_)) => redirect(&merged),
            Ok(None) => refusal(others),
        }
    }

    /// `MapAdapter.allowed_methods`.
    pub fn allowed(&self, path: &str) -> Vec<String> {
        match self.find_rule(path, "--") {
            Match::Methods(methods) => methods,
            _ => Vec::new(),
        }
    }

    fn walk_path(&self, path: &str, method: &str, others: &mut Vec<String>) -> Found {
        let parts: Vec<&str> = path.split('/').collect();
        self.walk(0, &parts, &[], method, others)
    }

    fn walk(
        &self,
        state: usize,
        parts: &[&str],
        values: &[String],
        method: &str,
        others: &mut Vec<String>,
    ) -> Found {
        let state = &self.states[state];
        let Some((&part, rest)) = parts.split_first() else {
            return self.arrive(state, values, method, others);
        };
        if let Some(&next) = state.plain.get(part) {
            let found = self.walk(next, rest, values, method, others)?;
            if found.is_some() {
                return Ok(found);
            }
        }
        for (test, pattern, next) in &state.dynamic {
            let Some(pattern) = pattern else { continue };
            let (target, mut rest) = if test.last {
                (parts.join("/"), &[][..])
            } else {
                (part.to_owned(), rest)
            };
            let mut text = target.as_str();
            if test.suffixed {
                // werkzeug's `(?<!/)(/?)` at the end.
                if let Some(without) = text.strip_suffix('/') {
                    text = without;
                    rest = &[""];
                }
                if text.ends_with('/') {
                    continue;
                }
            }
            if let Some(groups) = pattern.captures(text) {
                let mut values = values.to_vec();
                values.extend(
                    groups
                        .iter()
                        .skip(1)
                        .flatten()
                        .map(|group| group.as_str().to_owned()),
                );
                let found = self.walk(*next, rest, &values, method, others)?;
                if found.is_some() {
                    return Ok(found);
                }
            }
        }
        if parts == [""] {
            for &number in &state.rules {
                let entry = &self.entries[number];
                if entry.rule.strict_slashes {
                    continue;
                }
                if self.takes(entry, method, others) {
                    return Ok(Some((number, values.to_vec())));
                }
            }
        }
        Ok(None)
    }

    fn arrive(
        &self,
        state: &State,
        values: &[String],
        method: &str,
        others: &mut Vec<String>,
    ) -> Found {
        for &number in &state.rules {
            if self.takes(&self.entries[number], method, others) {
                return Ok(Some((number, values.to_vec())));
            }
        }
        let behind_slash = state
            .plain
            .get("")
            .map(|&next| self.states[next].rules.as_slice());
        for &number in behind_slash.unwrap_or_default() {
            let entry = &self.entries[number];
            if entry.methods.iter().any(|own| own == method) {
                if entry.rule.strict_slashes {
                    return Err(SlashRequired);
                }
                return Ok(Some((number, values.to_vec())));
            }
        }
        Ok(None)
    }

    fn takes(&self, entry: &Entry, method: &str, others: &mut Vec<String>) -> bool {
        if entry.methods.iter().any(|own| own == method) {
            return true;
        }
        others.extend(entry.methods.iter().cloned());
        false
    }

    fn converted(&self, number: usize, raw: &[String]) -> Option<Match> {
        let entry = &self.entries[number];
        let mut values = Map::new();
        for (variable, text) in entry.compiled.variables.iter().zip(raw) {
            values.insert(variable.name.clone(), to_python(&variable.kind, text)?);
        }
        for (name, value) in &entry.defaults {
            values.insert((*name).to_owned(), value.clone());
        }
        if let Some(path) = entry.rule.dispatch {
            let route = path.to_owned();
            return Some(Match::Found {
                entry: number,
                values,
                route,
            });
        }
        let mut route = String::new();
        for piece in &entry.compiled.pieces {
            let text = match piece {
                Piece::Static(text) => text,
                Piece::Variable(number) => raw.get(*number)?,
            };
            route.push_str(&quote(text, PATH_SAFE));
        }
        Some(Match::Found {
            entry: number,
            values,
            route,
        })
    }
}

fn redirect(path: &str) -> Match {
    Match::Redirect(quote(path, PATH_SAFE))
}

fn refusal(mut methods: Vec<String>) -> Match {
    methods.sort_unstable();
    methods.dedup();
    if methods.is_empty() {
        Match::Nothing
    } else {
        Match::Methods(methods)
    }
}

/// Runs of slashes as one.
pub fn merge_slashes(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for c in path.chars() {
        if c != '/' || !out.ends_with('/') {
            out.push(c);
        }
    }
    out
}
