//! What is written: views, hooks, guards, error handlers and template functions, each with its module and name.

use std::collections::{BTreeMap, BTreeSet};

use model::function::Role;
use model::touch::{HookTime, TemplateExtensionKind};
use model::{Body, ErrorKey, Function, Hook, HookKind, Reason, Route};
use proc_macro2::TokenStream;

use super::Port;
use crate::rust::inputs::{Fields, Place};
use crate::rust::library::Home;
use crate::rust::names::snake;
use crate::rust::paths::Variables;
use crate::targets::is_test;

/// Everything that is written.
#[derive(Default)]
pub(super) struct Items<'a> {
    pub list: Vec<Item<'a>>,
    pub by_function: BTreeMap<String, usize>,
}

/// A function of the app and what stands for it.
pub(super) struct Item<'a> {
    /// Absent for views that are no function of this app.
    pub function: Option<&'a Function>,
    pub purpose: Purpose<'a>,
    /// Module and name in the port.
    pub module: String,
    pub name: String,
    /// As people call it: `show` (blog/posts.py:33).
    pub label: String,
    /// Guards around a view, outermost first.
    pub guards: Vec<usize>,
    pub path: Variables,
    pub query: Fields,
    pub form: Fields,
    pub body: Option<Body>,
    pub made: Made,
}

/// What an item is called for.
#[derive(Clone, Copy)]
pub(super) enum Purpose<'a> {
    View,
    /// A decorator that answers in the view's place or hands on to it; the wrapper's function and its parameter.
    Guard {
        wrapper: &'a Function,
    },
    Before(&'a Hook),
    After(&'a Hook),
    /// Changes nothing that is sent.
    Aside(&'a Hook),
    Error(&'a Hook),
    Context(&'a Hook),
    Filter(&'a Hook),
    /// A hook of a kind that no port has.
    Other(&'a Hook),
}

impl<'a> Purpose<'a> {
    pub fn hook(&self) -> Option<&'a Hook> {
        match self {
            Self::View | Self::Guard { .. } => None,
            Self::Before(h)
            | Self::After(h)
            | Self::Aside(h)
            | Self::Error(h)
            | Self::Context(h)
            | Self::Filter(h)
            | Self::Other(h) => Some(h),
        }
    }
}

/// What became of an item.
pub(super) enum Made {
    /// Translated: the code between its braces, and whether it changes the response that it takes.
    /// The branches of a hook that are missing answer 501 where they are reached.
    Whole {
        code: TokenStream,
        changes_response: bool,
        gaps: Vec<Reason>,
    },
    /// A stub, with its reasons.
    Stub(Vec<Reason>),
}

impl Item<'_> {
    pub fn is_whole(&self) -> bool {
        matches!(self.made, Made::Whole { .. })
    }

    pub fn reasons(&self) -> &[Reason] {
        match &self.made {
            Made::Whole { gaps, .. } => gaps,
            Made::Stub(reasons) => reasons,
        }
    }
}

/// All items, with their bodies and nothing translated yet.
pub(super) fn collect<'a>(port: &Port<'a>) -> Items<'a> {
    let functions: BTreeMap<&str, &Function> = port
        .analysis
        .functions
        .iter()
        .filter(|f| !is_test(&f.file))
        .map(|f| (f.id.as_str(), f))
        .collect();
    let mut items = Items::default();
    views(port, &functions, &mut items);
    hooks(port, &functions, &mut items);
    guards(port, &functions, &mut items);
    items
}

fn views<'a>(port: &Port<'a>, functions: &BTreeMap<&str, &'a Function>, items: &mut Items<'a>) {
    for route in port.routes() {
        let key = key_of(route);
        let Some(key) = key else { continue };
        if items.by_function.contains_key(&key) {
            continue;
        }
        let function = functions.get(key.as_str()).copied();
        let file = route.view.as_ref().map_or("", |v| v.file.as_str());
        let module = port.homes.of(route.blueprint.as_deref(), file);
        let wanted = match function {
            Some(f) => f.qualname.rsplit('.').next().unwrap_or(&f.qualname),
            None => route.endpoint.rsplit('.').next().unwrap_or(&route.endpoint),
        };
        let name = port.homes.fresh(&module, &snake(wanted));
        let rules = port
            .routes()
            .filter(|r| key_of(r).as_ref() == Some(&key))
            .map(|r| r.rule.as_str())
            .collect::<Vec<_>>();
        let label = match (function, &route.view) {
            (Some(f), _) => label(f),
            (None, Some(view)) => format!("`{}` ({}:{})", view.qualname, view.file, view.line),
            (None, None) => format!("`{}`", route.endpoint),
        };
        items.by_function.insert(key, items.list.len());
        items.list.push(Item {
            path: Variables::of(rules.iter().copied()),
            ..item(port, function, Purpose::View, module, name, label)
        });
    }
}

fn hooks<'a>(port: &Port<'a>, functions: &BTreeMap<&str, &'a Function>, items: &mut Items<'a>) {
    for hook in port
        .analysis
        .hooks
        .iter()
        .filter(|h| h.app.is_none_or(|a| a == port.index))
    {
        if is_test(&hook.place.file) {
            continue;
        }
        let id = hook.function.as_ref().and_then(|f| f.function.as_deref());
        let function = id.and_then(|id| functions.get(id).copied());
        let purpose = match &hook.kind {
            // One that changes URL values runs before the view too; it takes arguments, so it is never translated.
            HookKind::Request {
                when: HookTime::Before | HookTime::UrlValues,
            } => Purpose::Before(hook),
            HookKind::Request {
                when: HookTime::After,
            } => Purpose::After(hook),
            HookKind::Request {
                when: HookTime::TemplateContext,
            } => Purpose::Context(hook),
            HookKind::Request { .. } => Purpose::Aside(hook),
            HookKind::Error { .. } => Purpose::Error(hook),
            HookKind::Template {
                extension: TemplateExtensionKind::Filter,
                ..
            } => Purpose::Filter(hook),
            HookKind::Template { .. } => Purpose::Other(hook),
        };
        let file = function.map_or(hook.place.file.as_str(), |f| f.file.as_str());
        let module = port.homes.of(None, file);
        let wanted = match (function, &hook.function) {
            (Some(f), _) => f.qualname.rsplit('.').next().unwrap_or("hook").to_owned(),
            (None, Some(view)) => view
                .qualname
                .rsplit('.')
                .next()
                .unwrap_or("hook")
                .to_owned(),
            (None, None) => "hook".to_owned(),
        };
        let name = port.homes.fresh(&module, &snake(&wanted));
        let label = function.map_or_else(
            || format!("`{wanted}` ({}:{})", hook.place.file, hook.place.line),
            label,
        );
        // A function may be registered several times.
        let same = |i: &Item<'_>| {
            i.function.is_some_and(|f| Some(f.id.as_str()) == id)
                && std::mem::discriminant(&i.purpose) == std::mem::discriminant(&purpose)
        };
        if let (Some(id), false) = (id, items.list.iter().any(same)) {
            items
                .by_function
                .entry(id.to_owned())
                .or_insert(items.list.len());
        }
        items
            .list
            .push(item(port, function, purpose, module, name, label));
    }
}

/// Decorators around views, in the form of guards.
fn guards<'a>(port: &Port<'a>, functions: &BTreeMap<&str, &'a Function>, items: &mut Items<'a>) {
    let wanted: BTreeSet<&str> = items
        .list
        .iter()
        .filter(|i| matches!(i.purpose, Purpose::View))
        .filter_map(|i| i.function)
        .flat_map(|f| &f.decorators)
        .filter(|d| !d.framework)
        .filter_map(|d| d.function.as_deref())
        .collect();
    for id in wanted {
        let Some(&decorator) = functions.get(id) else {
            continue;
        };
        let prefix = format!("{id}.<locals>.");
        let mut inner = functions.iter().filter(|(id, _)| {
            id.strip_prefix(&prefix)
                .is_some_and(|rest| !rest.contains('.'))
        });
        let (Some((_, wrapper)), None) = (inner.next(), inner.next()) else {
            continue;
        };
        if decorator.role != Role::Decorator {
            continue;
        }
        let module = port.homes.of(None, &decorator.file);
        let name = port.homes.fresh(
            &module,
            &snake(decorator.qualname.rsplit('.').next().unwrap_or("guard")),
        );
        items.by_function.insert(id.to_owned(), items.list.len());
        items.list.push(item(
            port,
            Some(decorator),
            Purpose::Guard { wrapper },
            module,
            name,
            label(decorator),
        ));
    }
    for at in 0..items.list.len() {
        let Some(function) = items.list[at].function else {
            continue;
        };
        if !matches!(items.list[at].purpose, Purpose::View) {
            continue;
        }
        items.list[at].guards = inner_decorators(function)
            .filter_map(|d| items.by_function.get(d.function.as_deref()?).copied())
            .collect();
    }
}

/// The decorators that the framework gets to see: those below its own, or all when the view is registered by a call.
pub(super) fn inner_decorators(function: &Function) -> impl Iterator<Item = &model::Decoration> {
    let last = function.decorators.iter().rposition(|d| d.framework);
    let from = last.map_or(0, |i| i + 1);
    function.decorators[from..].iter()
}

fn item<'a>(
    port: &Port<'a>,
    function: Option<&'a Function>,
    purpose: Purpose<'a>,
    module: String,
    name: String,
    label: String,
) -> Item<'a> {
    let source = match purpose {
        Purpose::Guard { wrapper } => Some(wrapper),
        _ => function,
    };
    let text = source
        .and_then(|f| port.source.texts.get(&f.file))
        .map_or("", String::as_str);
    let read = |span: model::Span| span.of(text).to_owned();
    let fields = |place| {
        source
            .map(|f| Fields::of(f, place, &read))
            .unwrap_or_default()
    };
    Item {
        function,
        purpose,
        module,
        name,
        label,
        guards: Vec::new(),
        path: Variables::default(),
        query: fields(Place::Query),
        form: fields(Place::Form),
        body: source.and_then(|f| port.source.reader.body(f)),
        made: Made::Stub(Vec::new()),
    }
}

fn label(function: &Function) -> String {
    format!(
        "`{}` ({}:{})",
        function.qualname.rsplit('.').next().unwrap_or(""),
        function.file,
        function.line
    )
}

/// What a route's handler is known by: its function, or the class and endpoint.
pub(super) fn key_of(route: &Route) -> Option<String> {
    let view = route.view.as_ref()?;
    Some(
        view.function
            .clone()
            .unwrap_or_else(|| format!("{} {}", view.qualname, route.endpoint)),
    )
}

/// Which errors a handler answers.
pub(super) fn error_key(hook: &Hook) -> Option<&ErrorKey> {
    match &hook.kind {
        HookKind::Error { error } => Some(error),
        _ => None,
    }
}

impl<'a> Port<'a> {
    /// The routes that are written: those of the app with a view, websockets left out.
    pub(super) fn routes(&self) -> impl Iterator<Item = &'a Route> + Clone + use<'a> {
        let index = self.index;
        self.analysis
            .routes
            .iter()
            .filter(move |r| r.app == Some(index) && !r.websocket && !r.rule.contains("<?"))
    }
}
