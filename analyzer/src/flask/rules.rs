//! Rules: `route` and its shortcuts, `add_url_rule`, `endpoint`.

use super::owners::{Entry, OwnerId, Rule};
use super::views;
use super::world::{Machine, is_class};
use crate::python::eval::{Args, Kind, Site, Value};

/// `@owner.route(rule, **options)`: a callable that registers what it decorates.
pub(super) fn decorator<'p>(
    it: &mut Machine<'p>,
    owner: OwnerId,
    method: &str,
    args: &Args<'p>,
    site: Site,
) -> Value<'p> {
    let mut stored = args.clone();
    // flask_openapi3 and others add keywords; only ours are read later.
    match method {
        "route" => {}
        "websocket" => stored
            .keywords
            .push(("websocket".into(), Value::Bool(true))),
        verb => {
            let methods = Value::Tuple(vec![Value::text(&verb.to_uppercase())].into());
            stored.keywords.retain(|(k, _)| &**k != "methods");
            stored.keywords.push(("methods".into(), methods));
        }
    }
    stored
        .keywords
        .push(("migrate owner".into(), Value::Int(i64::from(owner.0))));
    it.callable("migrate.route()", None, stored, site)
}

/// The decorated function arrives.
pub(super) fn decorate<'p>(it: &mut Machine<'p>, args: &Args<'p>, site: Site) -> Option<Value<'p>> {
    let mut args = args.clone();
    let view = args.positional.pop()?;
    let Some(Value::Int(owner)) = args.keyword("migrate owner").cloned() else {
        return None;
    };
    let websocket = args.keyword("websocket").is_some();
    let owner = OwnerId(owner as u32);
    let mut endpoint = args.keyword("endpoint").cloned();
    let mut target = view.clone();
    // flask-smorest and others let `route` decorate a view class.
    if is_class(it, &view) {
        let name = it.name_of(&view).map_or(Value::Unknown, Value::Str);
        let name = endpoint.clone().unwrap_or(name);
        endpoint = Some(name.clone());
        target = views::as_view(it, &view, &Args::of(vec![name]), site)?;
    }
    let mut rule = rule_of(it, &args, site, endpoint, Some(target), websocket);
    rule.decorator = true;
    push(it, owner, rule);
    Some(view)
}

/// `owner.add_url_rule(rule, endpoint=None, view_func=None, provide_automatic_options=None, …)`
pub(super) fn add_url_rule<'p>(
    it: &mut Machine<'p>,
    owner: OwnerId,
    args: &Args<'p>,
    site: Site,
    websocket: bool,
) {
    let endpoint = args.get(1, "endpoint").cloned();
    let view = args
        .get(2, "view_func")
        .cloned()
        .filter(|v| !matches!(v, Value::None));
    let mut rule = rule_of(it, args, site, endpoint, view, websocket);
    if args.open && rule.view.is_none() {
        rule.view = Some(Value::Unknown);
    }
    push(it, owner, rule);
}

/// `@owner.endpoint("name")`: the view of rules that were added without one.
pub(super) fn endpoint<'p>(
    it: &mut Machine<'p>,
    _owner: OwnerId,
    args: &Args<'p>,
    site: Site,
) -> Value<'p> {
    it.callable("migrate.endpoint()", None, args.clone(), site)
}

fn rule_of<'p>(
    it: &mut Machine<'p>,
    args: &Args<'p>,
    site: Site,
    endpoint: Option<Value<'p>>,
    view: Option<Value<'p>>,
    websocket: bool,
) -> Rule<'p> {
    let rule = args.get(0, "rule").cloned().unwrap_or_default();
    let endpoint = endpoint.filter(|v| !matches!(v, Value::None));
    let explicit_endpoint = endpoint.is_some();
    let endpoint = endpoint.unwrap_or_else(|| match &view {
        Some(view) => it.name_of(view).map_or(Value::Unknown, Value::Str),
        None => Value::Unknown,
    });
    let methods = match args.keyword("methods") {
        Some(value) if !matches!(value, Value::None) => methods_of(it, value),
        _ if websocket => Some(vec!["GET".into()]),
        // Whatever it is, it may have methods of its own.
        _ if view.as_ref().is_some_and(Value::is_unknown) => None,
        _ => view_methods(it, view.as_ref()),
    };
    let strict_slashes = match args.keyword("strict_slashes") {
        Some(Value::Bool(b)) => Some(*b),
        _ => None,
    };
    Rule {
        rule,
        inner_prefix: Vec::new(),
        methods,
        endpoint,
        explicit_endpoint,
        view,
        defaults: args.keyword("defaults").cloned().unwrap_or(Value::None),
        strict_slashes,
        host: args.keyword("host").cloned().unwrap_or(Value::None),
        subdomain: args.keyword("subdomain").cloned().unwrap_or(Value::None),
        websocket,
        site,
        calls: it.call_sites(),
        decorator: false,
        conditional: it.is_conditional(),
        in_unknown_loop: it.in_unknown_loop(),
        is_static: false,
    }
}

/// Registers a rule; what it is worth (holes, choices) is decided when routes are made.
pub(super) fn push<'p>(it: &mut Machine<'p>, owner: OwnerId, rule: Rule<'p>) {
    it.world
        .owner_mut(owner)
        .entries
        .push(Entry::Rule(Box::new(rule)));
}

/// A list of methods, upper case and sorted; `None` when it is not known whole.
pub(super) fn methods_of<'p>(it: &mut Machine<'p>, value: &Value<'p>) -> Option<Vec<String>> {
    let items = match value {
        Value::Tuple(items) => items.to_vec(),
        Value::Ref(id) => match &it.object(*id).kind {
            Kind::List { items, open: false } => items.clone(),
            Kind::Dict {
                entries,
                open: false,
            } => entries.iter().map(|(k, _)| k.clone()).collect(),
            _ => return None,
        },
        Value::Choice(list) => {
            // `methods or ["GET"]` and the like: the first that is known.
            let list = list.clone();
            return list.iter().find_map(|v| methods_of(it, v));
        }
        _ => return None,
    };
    let mut methods: Vec<String> = Vec::new();
    for item in items {
        // An enum member stands for its value.
        let item = match &item {
            Value::Ref(_) => it.attribute(&item, "value"),
            _ => item,
        };
        methods.push(item.as_str()?.to_uppercase());
    }
    methods.sort();
    methods.dedup();
    if methods.iter().any(|m| m == "GET") {
        methods.retain(|m| m != "HEAD");
    }
    Some(methods)
}

/// `view.methods`, else GET.
fn view_methods<'p>(it: &mut Machine<'p>, view: Option<&Value<'p>>) -> Option<Vec<String>> {
    if let Some(Value::Ref(id)) = view {
        let id = match &it.object(*id).kind {
            Kind::Bound {
                function: Value::Ref(f),
                ..
            } => *f,
            _ => *id,
        };
        if let Some(methods) = it.object(id).attributes.get("methods").cloned()
            && !matches!(methods, Value::None)
        {
            return methods_of(it, &methods);
        }
    }
    Some(vec!["GET".into()])
}
