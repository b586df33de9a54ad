//! What a view reads of a request, itself and through whatever runs for it.

use std::collections::{BTreeMap, BTreeSet};

use model::touch::Access;
use model::{Analysis, Constant, Effect, Function, HookKind, Op, Passed, Route, Touch, Words};

/// What is read of a request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inputs {
    /// Keys of the query.
    pub query: Vec<Key>,
    /// Fields of the form.
    pub form: Vec<Key>,
    /// Names of uploaded files.
    pub files: Vec<String>,
    /// Keys of the JSON body; none may be known though the body is read.
    pub json: Vec<String>,
    /// The JSON body is read.
    pub reads_json: bool,
    /// The raw body is read.
    pub reads_body: bool,
    /// The query is read as a whole.
    pub whole_query: bool,
    /// The form is read as a whole.
    pub whole_form: bool,
    /// Names of headers.
    pub headers: BTreeSet<String>,
    /// Names of cookies.
    pub cookies: BTreeSet<String>,
    /// It hangs on who asks: the session or what a hook found about the user is read or written.
    pub personal: bool,
    /// Name and password are read from the header for them (`request.authorization`).
    pub asks_password: bool,
    /// Values that pages offer for fields, by name.
    pub offered: BTreeMap<String, String>,
    /// The session is written.
    pub writes_session: bool,
    /// It may end the request, redirect, or reach for anything that a guard reaches for.
    pub guarded: bool,
}

/// A key of a query or a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its name.
    pub name: String,
    /// Its kind, as an HTML input has it; empty when nothing tells.
    pub kind: String,
    /// It is converted (`type=int`).
    pub is_converted: bool,
    /// The value that stands for a missing one, where it is a text or a number.
    pub default: Option<String>,
}

/// Functions by id, and what runs for every request.
pub struct Site<'a> {
    analysis: &'a Analysis,
    words: &'a Words,
    functions: BTreeMap<&'a str, &'a Function>,
}

impl<'a> Site<'a> {
    /// Of an app.
    #[must_use]
    pub fn new(analysis: &'a Analysis, words: &'a Words) -> Self {
        let functions = analysis.functions.iter();
        Self {
            analysis,
            words,
            functions: functions.map(|f| (f.id.as_str(), f)).collect(),
        }
    }

    /// What a route's view reads, with its helpers, its decorators and the hooks of its blueprint.
    #[must_use]
    pub fn of_route(&self, route: &Route) -> Inputs {
        let mut roots = self.view(route);
        if let Some(blueprint) = &route.blueprint {
            roots.extend(self.hooks(|of| of.as_deref() == Some(blueprint)));
        }
        let reached = self.reached(roots);
        let mut inputs = self.inputs(&reached);
        for template in &self.analysis.templates {
            let rendered = template
                .renders
                .iter()
                .any(|r| reached.iter().any(|f| f.id == r.function));
            let forms = template
                .forms
                .iter()
                .filter(|form| form.method == "POST" && rendered);
            for field in forms.flat_map(|form| &form.fields) {
                inputs.add_field(&field.name, &field.kind);
            }
        }
        inputs
    }

    /// What hooks and error handlers of the whole app read.
    #[must_use]
    pub fn of_app(&self) -> Inputs {
        self.inputs(&self.reached(self.hooks(Option::is_none)))
    }

    fn hooks(&self, wanted: impl Fn(&Option<String>) -> bool) -> Vec<&'a Function> {
        let hooks = self.analysis.hooks.iter().filter(|h| {
            matches!(h.kind, HookKind::Request { .. } | HookKind::Error { .. })
                && wanted(&h.blueprint)
        });
        let ids = hooks.filter_map(|h| h.function.as_ref()?.function.as_deref());
        ids.filter_map(|id| self.functions.get(id).copied())
            .collect()
    }

    /// The view's function, or the methods of its class.
    fn view(&self, route: &Route) -> Vec<&'a Function> {
        let Some(view) = &route.view else {
            return Vec::new();
        };
        if let Some(function) = view
            .function
            .as_deref()
            .and_then(|id| self.functions.get(id))
        {
            return vec![*function];
        }
        let methods = format!("{}:{}.", view.module, view.qualname);
        let of_class = self
            .functions
            .range(methods.as_str()..)
            .take_while(|(id, _)| id.starts_with(&methods));
        of_class.map(|(_, f)| *f).collect()
    }

    fn reached(&self, mut todo: Vec<&'a Function>) -> Vec<&'a Function> {
        let mut seen: Vec<&Function> = Vec::new();
        while let Some(function) = todo.pop() {
            if seen.iter().any(|f| f.id == function.id) {
                continue;
            }
            seen.push(function);
            let decorators = function
                .decorators
                .iter()
                .filter_map(|d| d.function.as_ref());
            // What stands inside a function runs with it: the wrapper of a decorator.
            let inner = format!("{}.<locals>.", function.id);
            let within = self
                .functions
                .range(inner.as_str()..)
                .take_while(|(id, _)| id.starts_with(&inner));
            todo.extend(within.map(|(_, f)| *f));
            let called = function.calls.iter().chain(decorators);
            todo.extend(called.filter_map(|id| self.functions.get(id.as_str())));
        }
        seen.reverse();
        seen
    }

    fn inputs(&self, functions: &[&Function]) -> Inputs {
        let mut inputs = Inputs::default();
        for function in functions {
            for touch in &function.touches {
                inputs.add(touch);
            }
            inputs.guarded |= function.effects.contains(&Effect::Session);
            if function.touches.iter().any(|t| t.op == Op::Json) {
                // What the framework is asked for is no key of the body.
                let touched = |at: u32| {
                    function
                        .touches
                        .iter()
                        .any(|t| t.op != Op::Json && t.span.start <= at && at < t.span.end)
                };
                for asked in self.words.asked_in(function) {
                    if !touched(asked.at) && !inputs.json.contains(&asked.key) {
                        inputs.json.push(asked.key.clone());
                    }
                }
            }
        }
        inputs
    }
}

impl Inputs {
    fn add(&mut self, touch: &Touch) {
        let key = |access: &Access| key(access, touch);
        match &touch.op {
            Op::Query { access } => match key(access) {
                Some(key) => add(&mut self.query, key),
                None => self.whole_query = true,
            },
            Op::Values { access } => match key(access) {
                Some(key) => {
                    add(&mut self.query, key.clone());
                    add(&mut self.form, key);
                }
                None => (self.whole_query, self.whole_form) = (true, true),
            },
            Op::Form { access } => match key(access) {
                Some(key) => add(&mut self.form, key),
                None => self.whole_form = true,
            },
            Op::Files { access } => {
                if let Some(key) = key(access).filter(|k| !self.files.contains(&k.name)) {
                    self.files.push(key.name);
                }
            }
            Op::Json => self.reads_json = true,
            Op::RawBody => self.reads_body = true,
            Op::Headers { access } => self.headers.extend(key(access).map(|k| k.name)),
            Op::Cookies { access } => self.cookies.extend(key(access).map(|k| k.name)),
            Op::Session { access } => {
                self.personal = true;
                self.writes_session |= matches!(access, Access::Set { .. } | Access::Method { .. });
            }
            Op::RequestAttribute { name } if name == "authorization" => self.asks_password = true,
            Op::Flash | Op::Globals { .. } | Op::RequestAttribute { .. } => self.personal = true,
            Op::Abort { .. } => self.guarded = true,
            _ => {}
        }
    }

    /// A field of a template's form; one whose name is made by the template is left to the walk.
    fn add_field(&mut self, name: &str, kind: &str) {
        let is_made = name.contains(['{', '$', '}']);
        if is_made || matches!(kind, "submit" | "button" | "image" | "reset") {
            return;
        }
        if kind == "file" {
            if !self.files.iter().any(|f| f == name) {
                self.files.push(name.to_owned());
            }
            return;
        }
        match self.form.iter_mut().find(|k| k.name == name) {
            Some(known) => kind.clone_into(&mut known.kind),
            None => self.form.push(Key {
                name: name.to_owned(),
                kind: kind.to_owned(),
                is_converted: false,
                default: None,
            }),
        }
    }

    /// Whether it reads a form, a file, JSON or a raw body.
    #[must_use]
    pub const fn reads_content(&self) -> bool {
        !self.form.is_empty()
            || !self.files.is_empty()
            || self.reads_json
            || self.reads_body
            || self.whole_form
    }

    /// The name of its password field.
    #[must_use]
    pub fn password(&self) -> Option<&str> {
        let form = self.form.iter().map(|k| k.name.as_str());
        let mut names = form.chain(self.json.iter().map(String::as_str));
        names.find(|name| super::samples::is_password(name))
    }
}

fn add(keys: &mut Vec<Key>, key: Key) {
    match keys.iter_mut().find(|k| k.name == key.name) {
        Some(known) => {
            known.is_converted |= key.is_converted;
            if known.default.is_none() {
                known.default = key.default;
            }
        }
        None => keys.push(key),
    }
}

fn key(access: &Access, touch: &Touch) -> Option<Key> {
    let (Access::Item { key }
    | Access::Get { key }
    | Access::All { key }
    | Access::Contains { key }
    | Access::Delete { key }) = access
    else {
        return None;
    };
    let position = |p: u32| {
        touch
            .arguments
            .iter()
            .find(|a| a.passed == Passed::Position(p))
    };
    let named = |name: &str| {
        touch
            .arguments
            .iter()
            .find(|a| a.passed == Passed::Keyword(name.to_owned()))
    };
    let is_get = matches!(access, Access::Get { .. } | Access::All { .. });
    let default = named("default").or_else(|| position(1).filter(|_| is_get));
    Some(Key {
        name: key.clone()?,
        kind: String::new(),
        is_converted: is_get && (named("type").is_some() || position(2).is_some()),
        default: default.and_then(|d| match d.constant.as_ref()? {
            Constant::Str(text) if !text.is_empty() => Some(text.clone()),
            Constant::Int(number) => Some(number.to_string()),
            _ => None,
        }),
    })
}
