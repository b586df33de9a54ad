//! REST extensions: `Api` and `Resource` of Flask-RESTful, `Namespace` of Flask-RESTX, `Api` of
//! flask-smorest.
//!
//! What is added to an API is kept until the evaluation is done, because an API may meet its app
//! (or blueprint) before or after its resources.

use std::collections::HashMap;

use super::names::Class;
use super::owners::{OwnerId, Rule};
use super::world::{Machine, is_class, object_of, owner_method};
use super::{rules, views};
use crate::python::eval::{Args, ObjectId, Site, Value};

/// APIs and namespaces that were made.
#[derive(Default)]
pub(super) struct Apis<'p> {
    list: Vec<Api<'p>>,
    by_object: HashMap<ObjectId, usize>,
}

struct Api<'p> {
    class: Class,
    owners: Vec<OwnerId>,
    prefix: Value<'p>,
    /// A namespace's name and path.
    name: Value<'p>,
    path: Value<'p>,
    resources: Vec<Added<'p>>,
    /// Namespaces with the path that they were added under.
    namespaces: Vec<(usize, Option<Value<'p>>)>,
}

#[derive(Clone)]
struct Added<'p> {
    resource: Value<'p>,
    urls: Vec<Value<'p>>,
    endpoint: Option<Value<'p>>,
    open: bool,
    site: Site,
    calls: Vec<Site>,
    conditional: bool,
    in_unknown_loop: bool,
}

fn make<'p>(it: &mut Machine<'p>, class: Class, object: ObjectId, args: &Args<'p>) -> usize {
    if let Some(&i) = it.world.apis.by_object.get(&object) {
        return i;
    }
    let keyword = |name: &str| args.keyword(name).cloned();
    let app = match class {
        Class::RestxNamespace => None,
        _ => args.get(0, "app").and_then(|v| it.world.owner_of(v)),
    };
    let app = app.or_else(|| args.keyword("blueprint").and_then(|v| it.world.owner_of(v)));
    let prefix = match class {
        Class::RestfulApi => args.get(1, "prefix").cloned(),
        _ => keyword("prefix"),
    };
    let i = it.world.apis.list.len();
    it.world.apis.list.push(Api {
        class,
        owners: app.into_iter().collect(),
        prefix: prefix.unwrap_or(Value::None),
        name: if class == Class::RestxNamespace {
            args.get(0, "name").cloned().unwrap_or_default()
        } else {
            Value::None
        },
        path: args
            .get(2, "path")
            .cloned()
            .filter(|_| class == Class::RestxNamespace)
            .unwrap_or(Value::None),
        resources: Vec::new(),
        namespaces: Vec::new(),
    });
    it.world.apis.by_object.insert(object, i);
    i
}

/// Calls of APIs and namespaces.
pub(super) fn call<'p>(
    it: &mut Machine<'p>,
    class: Class,
    path: &str,
    method: &str,
    receiver: Option<&Value<'p>>,
    args: &Args<'p>,
    site: Site,
) -> Option<Value<'p>> {
    if method.is_empty() || method == "__init__" {
        let value = match receiver {
            Some(value) => value.clone(),
            None => it.instance(path),
        };
        make(it, class, object_of(&value)?, args);
        return Some(value);
    }
    let receiver = receiver?.clone();
    let object = object_of(&receiver)?;
    let api = make(
        it,
        class,
        object,
        &Args {
            open: true,
            ..Args::default()
        },
    );
    match method {
        "init_app" => {
            if let Some(owner) = args.get(0, "app").and_then(|v| it.world.owner_of(v)) {
                it.world.apis.list[api].owners.push(owner);
            }
            Some(Value::None)
        }
        "add_resource" => {
            let added = added(it, args, site)?;
            it.world.apis.list[api].resources.push(added);
            Some(Value::None)
        }
        "resource" | "route" => {
            let callable = it.callable("migrate.resource()", Some(&receiver), args.clone(), site);
            Some(callable)
        }
        "add_namespace" => {
            let ns = args.get(0, "ns")?.clone();
            let i = *it.world.apis.by_object.get(&object_of(&ns)?)?;
            let path = args
                .get(1, "path")
                .cloned()
                .filter(|v| !matches!(v, Value::None));
            it.world.apis.list[api].namespaces.push((i, path));
            Some(Value::None)
        }
        "namespace" => {
            let ns = it.instance("flask_restx.Namespace");
            let i = make(it, Class::RestxNamespace, object_of(&ns)?, args);
            it.world.apis.list[api].namespaces.push((i, None));
            Some(ns)
        }
        "register_blueprint" => {
            for owner in it.world.apis.list[api].owners.clone() {
                owner_method(it, owner, "register_blueprint", args, site);
            }
            if it.world.apis.list[api].owners.is_empty() {
                let owner = it.world.unknown_owner();
                it.conditionally(|it| owner_method(it, owner, "register_blueprint", args, site));
            }
            Some(Value::None)
        }
        // Documentation decorators hand on what they decorate.
        _ => match args.positional.first() {
            Some(v) if it.closure(v).is_some() || is_class(it, v) => Some(v.clone()),
            _ => None,
        },
    }
}

/// Attributes of an API.
pub(super) fn attribute<'p>(
    _: &mut Machine<'p>,
    _: ObjectId,
    _: Class,
    _: &str,
) -> Option<Value<'p>> {
    None
}

/// `@api.resource(...)` and `@ns.route(...)` get their class.
pub(super) fn decorate<'p>(
    it: &mut Machine<'p>,
    receiver: Option<&Value<'p>>,
    args: &Args<'p>,
    site: Site,
) -> Option<Value<'p>> {
    let mut args = args.clone();
    let resource = args.positional.pop()?;
    let api = *it.world.apis.by_object.get(&object_of(receiver?)?)?;
    args.positional.insert(0, resource.clone());
    let added = added(it, &args, site)?;
    it.world.apis.list[api].resources.push(added);
    Some(resource)
}

fn added<'p>(it: &mut Machine<'p>, args: &Args<'p>, site: Site) -> Option<Added<'p>> {
    let resource = args.get(0, "resource")?.clone();
    Some(Added {
        resource,
        urls: args.positional.get(1..).unwrap_or(&[]).to_vec(),
        endpoint: args
            .keyword("endpoint")
            .cloned()
            .filter(|v| !matches!(v, Value::None)),
        open: args.open,
        site,
        calls: it.call_sites(),
        conditional: it.is_conditional(),
        in_unknown_loop: it.in_unknown_loop(),
    })
}

/// `add_resource` on a receiver that is not known.
pub(super) fn add_unknown<'p>(
    it: &mut Machine<'p>,
    args: &Args<'p>,
    site: Site,
) -> Option<Value<'p>> {
    let first = args.positional.first()?;
    if !is_class(it, first) {
        return None;
    }
    let added = added(it, args, site)?;
    let owner = it.world.unknown_owner();
    register(it, &[owner], &added, &[], None, Class::RestfulApi);
    Some(Value::None)
}

/// Registers everything that was added to APIs.
pub(super) fn finish(it: &mut Machine<'_>) {
    for i in 0..it.world.apis.list.len() {
        let api = &it.world.apis.list[i];
        if api.class == Class::RestxNamespace {
            continue;
        }
        let (class, prefix) = (api.class, api.prefix.clone());
        let mut owners = api.owners.clone();
        let resources = api.resources.clone();
        let namespaces = api.namespaces.clone();
        if owners.is_empty() {
            owners.push(it.world.unknown_owner());
        }
        for added in &resources {
            register(
                it,
                &owners,
                added,
                std::slice::from_ref(&prefix),
                None,
                class,
            );
        }
        for (n, path) in namespaces {
            let ns = &it.world.apis.list[n];
            let name = ns.name.clone();
            let path = path.unwrap_or_else(|| match (&ns.path, &ns.name) {
                (Value::None, Value::Str(name)) => Value::text(&format!("/{name}")),
                (Value::None, _) => Value::Unknown,
                (path, _) => path.clone(),
            });
            for added in &ns.resources.clone() {
                register(
                    it,
                    &owners,
                    added,
                    &[prefix.clone(), path.clone()],
                    Some(&name),
                    class,
                );
            }
        }
    }
}

fn register<'p>(
    it: &mut Machine<'p>,
    owners: &[OwnerId],
    added: &Added<'p>,
    prefixes: &[Value<'p>],
    namespace: Option<&Value<'p>>,
    class: Class,
) {
    let name = it.name_of(&added.resource);
    let endpoint = match (&added.endpoint, &name, class) {
        (Some(e), ..) => e.clone(),
        (None, Some(name), Class::RestxApi) => {
            let dashed = snake(name);
            match namespace {
                Some(Value::Str(ns)) => Value::text(&format!("{ns}_{dashed}")),
                Some(_) => Value::Unknown,
                None => Value::text(&dashed),
            }
        }
        (None, Some(name), _) => Value::text(&name.to_lowercase()),
        _ => Value::Unknown,
    };
    let args = Args::of(vec![endpoint.clone()]);
    let view = views::as_view(it, &added.resource, &args, added.site);
    let methods = object_of(&added.resource)
        .filter(|_| view.is_some())
        .map(|c| views::class_methods(it, c));
    let urls = if added.urls.is_empty() && added.open {
        vec![Value::Unknown]
    } else {
        added.urls.clone()
    };
    for owner in owners {
        for url in &urls {
            let rule = Rule {
                rule: url.clone(),
                inner_prefix: prefixes.to_vec(),
                methods: methods.clone(),
                endpoint: endpoint.clone(),
                explicit_endpoint: added.endpoint.is_some(),
                view: view.clone().or(Some(Value::Unknown)),
                defaults: Value::None,
                strict_slashes: None,
                host: Value::None,
                subdomain: Value::None,
                websocket: false,
                site: added.site,
                calls: added.calls.clone(),
                decorator: false,
                conditional: added.conditional,
                in_unknown_loop: added.in_unknown_loop,
                is_static: false,
            };
            rules::push(it, *owner, rule);
        }
    }
}

/// `FooBarAPI` as Flask-RESTX writes it: `foo_bar_api` (`flask_restx.utils.camel_to_dash`).
fn snake(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (i, &c) in chars.iter().enumerate() {
        if i > 0 && c.is_ascii_uppercase() {
            let before = chars[i - 1];
            let after = chars.get(i + 1).copied().unwrap_or(' ');
            if before.is_ascii_lowercase()
                || before.is_ascii_digit()
                || (after.is_ascii_lowercase() && before != '_')
            {
                out.push('_');
            }
        }
        out.extend(c.to_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::snake;

    #[test]
    fn names_as_restx_writes_them() {
        assert_eq!(snake("FooBarAPI"), "foo_bar_api");
        assert_eq!(snake("UserList"), "user_list");
        assert_eq!(snake("HTMLPage"), "html_page");
    }
}
