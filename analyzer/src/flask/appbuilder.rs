//! Flask-AppBuilder: `@expose` on methods of own classes, registered by `add_view` and `add_api`.

use super::owners::{Owner, OwnerId, OwnerKind, Rule};
use super::rules;
use super::world::{Machine, object_of};
use crate::python::eval::{Args, Kind, ObjectId, Site, Value};

/// Classes that were registered, so that none is twice.
#[derive(Default)]
pub(super) struct Builder {
    seen: Vec<ObjectId>,
}

/// Calls of names of Flask-AppBuilder.
pub(super) fn call<'p>(
    it: &mut Machine<'p>,
    path: &str,
    _receiver: Option<&Value<'p>>,
    args: &Args<'p>,
    site: Site,
) -> Option<Value<'p>> {
    if !path.starts_with("flask_appbuilder") {
        return None;
    }
    match path.rsplit('.').next()? {
        "expose" | "expose_api" => Some(it.callable("migrate.expose()", None, args.clone(), site)),
        method @ ("add_view" | "add_view_no_menu" | "add_api") => {
            call_unknown(it, method, args, site)
        }
        _ => None,
    }
}

/// The method under `@expose(url, methods)` arrives.
pub(super) fn exposed<'p>(it: &mut Machine<'p>, args: &Args<'p>) -> Option<Value<'p>> {
    let mut args = args.clone();
    let function = args.positional.pop()?;
    let id = object_of(&function)?;
    let url = args
        .get(0, "url")
        .cloned()
        .unwrap_or_else(|| Value::text("/"));
    let methods = args
        .get(1, "methods")
        .cloned()
        .unwrap_or_else(|| Value::Tuple(vec![Value::text("GET")].into()));
    let entry = Value::Tuple(vec![url, methods].into());
    match it.object(id).attributes.get("_urls").cloned() {
        Some(Value::Ref(list)) => {
            if let Kind::List { items, .. } = &mut it.object_mut(list).kind {
                items.push(entry);
            }
        }
        _ => {
            let list = it.list(vec![entry]);
            it.object_mut(id).attributes.set("_urls", list);
        }
    }
    Some(function)
}

/// `add_view`, `add_api`, `add_view_no_menu` with a class of the tree that derives from
/// Flask-AppBuilder's.
pub(super) fn call_unknown<'p>(
    it: &mut Machine<'p>,
    method: &str,
    args: &Args<'p>,
    site: Site,
) -> Option<Value<'p>> {
    if !matches!(
        method,
        "add_view" | "add_view_no_menu" | "add_api" | "add_link_view"
    ) {
        return None;
    }
    let first = args.positional.first()?;
    let Value::Ref(class) = it.class_of(first)? else {
        return None;
    };
    if !it
        .external_bases(class)
        .iter()
        .any(|b| b.starts_with("flask_appbuilder"))
    {
        return None;
    }
    if !it.world.builder.seen.contains(&class) {
        it.world.builder.seen.push(class);
        register(it, class, site);
    }
    Some(Value::None)
}

/// `appbuilder.indexview = Class`: registered by the builder itself.
pub(super) fn index_view<'p>(it: &mut Machine<'p>, value: &Value<'p>, site: Site) {
    call_unknown(it, "add_view_no_menu", &Args::of(vec![value.clone()]), site);
}

fn register(it: &mut Machine<'_>, class: ObjectId, site: Site) {
    let value = Value::Ref(class);
    let Some(name) = it.name_of(&value) else {
        return;
    };
    let text = |it: &Machine<'_>, attribute: &str| {
        it.class_attribute(class, attribute)
            .and_then(|v| v.as_str().map(str::to_owned))
    };
    let is_api = it.external_bases(class).iter().any(|b| {
        matches!(
            b.rsplit('.').next(),
            Some("BaseApi" | "ModelRestApi" | "BaseModelApi")
        )
    });
    let is_index = it
        .external_bases(class)
        .iter()
        .any(|b| b.ends_with("IndexView"));
    let base = text(it, "route_base").unwrap_or_else(|| {
        // flask_appbuilder.base.BaseView: `IndexView.route_base` is empty.
        if is_index {
            return String::new();
        }
        if is_api {
            let version = text(it, "version").unwrap_or_else(|| "v1".into());
            let resource = text(it, "resource_name").unwrap_or_else(|| name.to_string());
            format!("/api/{version}/{}", resource.to_lowercase())
        } else {
            format!("/{}", name.to_lowercase())
        }
    });
    let endpoint = text(it, "endpoint").unwrap_or_else(|| name.to_string());
    let owner = OwnerId(it.world.owners.len() as u32);
    it.world.owners.push(Owner {
        kind: OwnerKind::Blueprint,
        framework: "flask",
        object: None,
        site: Some(site),
        name: Value::text(&endpoint),
        prefix: Value::text(&base),
        subdomain: Value::None,
        import_name: Value::Unknown,
        own_root: false,
        static_folder: None,
        static_path: None,
        entries: Vec::new(),
        conditional: it.is_conditional(),
    });
    let listed = |it: &mut Machine<'_>, attribute: &str| -> Option<Vec<String>> {
        let value = it.class_attribute(class, attribute)?;
        let Value::Ref(id) = value else { return None };
        match &it.object(id).kind {
            Kind::List { items, open: false } => Some(
                items
                    .iter()
                    .filter_map(|v| v.as_str().map(str::to_owned))
                    .collect(),
            ),
            _ => None,
        }
    };
    let include = listed(it, "include_route_methods");
    let exclude = listed(it, "exclude_route_methods").unwrap_or_default();
    let mut methods = Vec::new();
    for entry in it.mro(class) {
        let Value::Ref(c) = entry else { continue };
        for (name, value) in it.object(c).attributes.iter() {
            if !methods.iter().any(|(n, _)| n == name) {
                methods.push((name.clone(), value.clone()));
            }
        }
    }
    let conditional = it.is_conditional();
    for (name, function) in methods {
        if include
            .as_ref()
            .is_some_and(|list| !list.iter().any(|n| **n == *name))
            || exclude.iter().any(|n| **n == *name)
        {
            continue;
        }
        let Some(id) = object_of(&function) else {
            continue;
        };
        let Some(Value::Ref(list)) = it.object(id).attributes.get("_urls").cloned() else {
            continue;
        };
        let Kind::List { items, .. } = it.object(list).kind.clone() else {
            continue;
        };
        for item in items {
            let Value::Tuple(pair) = item else { continue };
            let methods = rules::methods_of(it, &pair[1]);
            let rule = Rule {
                rule: pair[0].clone(),
                inner_prefix: Vec::new(),
                methods,
                endpoint: Value::Str(name.clone()),
                explicit_endpoint: true,
                view: Some(function.clone()),
                defaults: Value::None,
                strict_slashes: None,
                host: Value::None,
                subdomain: Value::None,
                websocket: false,
                site,
                calls: it.call_sites(),
                decorator: false,
                conditional,
                in_unknown_loop: it.in_unknown_loop(),
                is_static: false,
            };
            rules::push(it, owner, rule);
        }
    }
    let mount = super::owners::Mount {
        blueprint: Some(owner),
        prefix: None,
        name: None,
        site,
        conditional,
    };
    // An app of the tree has the builder; which one hardly ever matters.
    let app = (0..it.world.owners.len() as u32)
        .map(OwnerId)
        .find(|&id| it.world.owner(id).kind == OwnerKind::App)
        .unwrap_or_else(|| it.world.unknown_owner());
    it.world
        .owner_mut(app)
        .entries
        .push(super::owners::Entry::Mount(mount));
}
