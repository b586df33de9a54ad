//! The meaning of the framework's names, for the evaluation.

use std::collections::HashMap;
use std::rc::Rc;

use super::names::{Class, class_of, framework};
use super::owners::{Entry, Mount, Owner, OwnerId, OwnerKind};
use super::{appbuilder, hooks, restful, rules, setup, views};
use crate::python::eval::{Args, Interpreter, Kind, ObjectId, Site, Value, World};
use crate::python::project::ModuleId;

/// What the evaluation has seen of the framework.
#[derive(Default)]
pub(super) struct Flask<'p> {
    /// Apps and blueprints in the order in which they were made.
    pub owners: Vec<Owner<'p>>,
    /// Owners by object.
    pub by_object: HashMap<ObjectId, OwnerId>,
    /// The owner that stands for receivers that are not known.
    pub unknown: Option<OwnerId>,
    /// Flask-RESTful and Flask-RESTX.
    pub apis: restful::Apis<'p>,
    /// Flask-AppBuilder.
    pub builder: appbuilder::Builder,
    /// Subclasses of the app class in the tree.
    pub app_classes: Vec<(ObjectId, Site)>,
    /// Functions to be called when the evaluation is done (`before_serving`).
    pub deferred: Vec<(Value<'p>, Site)>,
    /// What a blueprint's own setup state handed on.
    pub captured: Vec<setup::Captured<'p>>,
    /// Modules that are left alone.
    pub skipped: Vec<bool>,
    /// Extensions that register routes of their own, with the place.
    pub foreign: Vec<(Rc<str>, Site)>,
}

/// An interpreter with this world.
pub(super) type Machine<'p> = Interpreter<'p, Flask<'p>>;

impl<'p> Flask<'p> {
    pub fn owner(&self, id: OwnerId) -> &Owner<'p> {
        &self.owners[id.0 as usize]
    }

    pub fn owner_mut(&mut self, id: OwnerId) -> &mut Owner<'p> {
        &mut self.owners[id.0 as usize]
    }

    /// The owner that an object is.
    pub fn owner_of(&self, value: &Value<'p>) -> Option<OwnerId> {
        match value {
            Value::Ref(id) => self.by_object.get(id).copied(),
            _ => None,
        }
    }

    /// The owner of receivers that are not known.
    pub fn unknown_owner(&mut self) -> OwnerId {
        if let Some(id) = self.unknown {
            return id;
        }
        let id = OwnerId(self.owners.len() as u32);
        self.owners.push(Owner {
            kind: OwnerKind::Unknown,
            framework: "flask",
            object: None,
            site: None,
            name: Value::None,
            prefix: Value::None,
            subdomain: Value::None,
            import_name: Value::Unknown,
            own_root: false,
            static_folder: None,
            static_path: None,
            entries: Vec::new(),
            conditional: true,
        });
        self.unknown = Some(id);
        id
    }
}

/// Makes the owner data of an object.
pub(super) fn adopt<'p>(
    it: &mut Machine<'p>,
    class: Class,
    path: &str,
    object: ObjectId,
    args: &Args<'p>,
    site: Site,
) -> OwnerId {
    if let Some(&id) = it.world.by_object.get(&object) {
        return id;
    }
    let blueprint = class == Class::Blueprint;
    let id = OwnerId(it.world.owners.len() as u32);
    let keyword = |name: &str| args.keyword(name).cloned();
    let name = args.get(0, "name").cloned().unwrap_or_default();
    // Blueprint(name, import_name, static_folder, static_url_path, template_folder, url_prefix, …)
    // Flask(import_name, static_url_path, static_folder, …)
    let static_folder = args
        .get(2, "static_folder")
        .cloned()
        .filter(|_| blueprint || !args.open || keyword("static_folder").is_some());
    let static_path = if blueprint {
        args.get(3, "static_url_path")
    } else {
        args.get(1, "static_url_path")
    };
    let prefix = if blueprint {
        args.get(5, "url_prefix").cloned()
    } else {
        None
    };
    let prefix = match prefix {
        Some(p) => p,
        None if args.open && blueprint => Value::None.join(Value::Unknown),
        None => Value::None,
    };
    it.world.owners.push(Owner {
        kind: if blueprint {
            OwnerKind::Blueprint
        } else {
            OwnerKind::App
        },
        framework: framework(path),
        object: Some(object),
        site: Some(site),
        name: if blueprint { name.clone() } else { Value::None },
        prefix,
        subdomain: keyword("subdomain").unwrap_or(Value::None),
        import_name: args
            .get(usize::from(blueprint), "import_name")
            .cloned()
            .unwrap_or_default(),
        own_root: keyword("root_path").is_some_and(|v| !matches!(v, Value::None)),
        static_folder,
        static_path: static_path.cloned(),
        entries: Vec::new(),
        conditional: it.is_conditional(),
    });
    it.world.by_object.insert(object, id);
    it.object_mut(object).native = Some(id.0);
    if blueprint {
        it.object_mut(object).attributes.set("name", name);
        let prefix = it.world.owner(id).prefix.clone();
        it.object_mut(object).attributes.set("url_prefix", prefix);
    } else {
        let defaults = vec![
            (Value::text("APPLICATION_ROOT"), Value::text("/")),
            (Value::text("TESTING"), Value::Unknown),
            (Value::text("DEBUG"), Value::Unknown),
        ];
        let config = it.dict(defaults, true);
        it.object_mut(object).attributes.set("config", config);
        let extensions = it.dict(Vec::new(), true);
        it.object_mut(object)
            .attributes
            .set("extensions", extensions);
    }
    id
}

impl<'p> World<'p> for Flask<'p> {
    fn call(
        it: &mut Machine<'p>,
        path: &str,
        receiver: Option<&Value<'p>>,
        args: &Args<'p>,
        site: Site,
    ) -> Option<Value<'p>> {
        if let Some(rest) = path.strip_prefix("migrate.") {
            return own_callable(it, rest, receiver, args, site);
        }
        if let Some(method) = setup::method(path) {
            return setup::call(it, method, receiver, args);
        }
        if let Some(result) = appbuilder::call(it, path, receiver, args, site) {
            return Some(result);
        }
        let Some((class, method)) = class_of(path) else {
            return library(it, path, receiver, args, site);
        };
        // `Flask.__init__(self, …)`: a method called on its class.
        if receiver.is_none()
            && !method.is_empty()
            && let Some(first @ Value::Ref(object)) = args.positional.first()
            && matches!(it.object(*object).kind, Kind::Instance { .. })
        {
            let first = first.clone();
            let mut rest = args.clone();
            rest.positional.remove(0);
            return Self::call(it, path, Some(&first), &rest, site);
        }
        match (class, method) {
            (Class::App | Class::Blueprint, "" | "__init__") => {
                let value = match receiver {
                    Some(value) => value.clone(),
                    None => it.instance(path),
                };
                if let Value::Ref(object) = value {
                    adopt(it, class, path, object, args, site);
                }
                Some(value)
            }
            (Class::App | Class::Blueprint, method) => {
                let receiver = receiver?.clone();
                let Value::Ref(object) = receiver else {
                    return None;
                };
                // A subclass whose `__init__` did not reach ours.
                let owner = match it.world.owner_of(&receiver) {
                    Some(owner) => owner,
                    None => {
                        let open = Args {
                            open: true,
                            ..Args::default()
                        };
                        adopt(it, class, path, object, &open, site)
                    }
                };
                owner_method(it, owner, method, args, site)
            }
            (Class::View, "as_view") => views::as_view(it, receiver?, args, site),
            (Class::View, _) => None,
            (Class::AppBuilder, _) => None,
            (
                Class::RestfulApi | Class::RestxApi | Class::RestxNamespace | Class::SmorestApi,
                method,
            ) => restful::call(it, class, path, method, receiver, args, site),
        }
    }

    fn call_unknown(
        it: &mut Machine<'p>,
        method: &str,
        _receiver: &Value<'p>,
        args: &Args<'p>,
        site: Site,
    ) -> Option<Value<'p>> {
        match method {
            "route" | "add_url_rule" | "register_blueprint" => {
                // Only what looks like a rule: other things are called `route` too.
                let looks = match (method, args.positional.first().or(args.keyword("rule"))) {
                    ("register_blueprint", Some(v)) => it.world.owner_of(v).is_some(),
                    (_, Some(Value::Str(s))) => s.starts_with('/'),
                    (_, Some(Value::Text(_))) => true,
                    _ => false,
                };
                if !looks {
                    return None;
                }
                let owner = it.world.unknown_owner();
                it.conditionally(|it| owner_method(it, owner, method, args, site))
            }
            "add_resource" => restful::add_unknown(it, args, site),
            "init_app" | "register" => None,
            _ if hooks::method(method).is_some() => {
                let owner = it.world.unknown_owner();
                it.conditionally(|it| owner_method(it, owner, method, args, site))
            }
            _ => appbuilder::call_unknown(it, method, args, site),
        }
    }

    fn attribute(
        it: &mut Machine<'p>,
        object: ObjectId,
        class: &str,
        name: &str,
    ) -> Option<Value<'p>> {
        let (kind, _) = class_of(class)?;
        match (kind, name) {
            (Class::App, "config") => {
                // Before `__init__` ran.
                let config = it.dict(Vec::new(), true);
                it.object_mut(object)
                    .attributes
                    .set("config", config.clone());
                Some(config)
            }
            (Class::App, "jinja_env") => {
                let owner = it.world.by_object.get(&object).copied()?;
                let environment = hooks::environment(it, owner);
                it.object_mut(object)
                    .attributes
                    .set("jinja_env", environment.clone());
                Some(environment)
            }
            (Class::App, "debug" | "testing" | "secret_key" | "name" | "import_name") => {
                Some(Value::Unknown)
            }
            (Class::View, "methods") => Some(Value::None),
            (Class::View, "decorators") => Some(it.list(Vec::new())),
            _ => restful::attribute(it, object, kind, name),
        }
    }

    fn global(_: &mut Machine<'p>, path: &str) -> Option<Value<'p>> {
        match path {
            "os.sep" | "posixpath.sep" => Some(Value::text("/")),
            "typing.TYPE_CHECKING" | "typing_extensions.TYPE_CHECKING" => Some(Value::Bool(false)),
            "flask.current_app" | "quart.current_app" | "flask.request" | "quart.request" => None,
            _ => None,
        }
    }

    fn attribute_set(it: &mut Machine<'p>, name: &str, value: &Value<'p>) {
        if name == "indexview"
            && let Some(site) = it.call_sites().first().copied()
        {
            appbuilder::index_view(it, value, site);
        }
    }

    fn knows(path: &str) -> bool {
        class_of(path).is_some() || path.ends_with("BlueprintSetupState")
    }

    fn item_set(
        it: &mut Machine<'p>,
        container: ObjectId,
        key: &Value<'p>,
        value: &Value<'p>,
        site: Site,
    ) {
        hooks::item_set(it, container, key, value, site);
    }

    fn unknown_attribute(it: &mut Machine<'p>, name: &str) -> Option<Value<'p>> {
        if name != "jinja_env" {
            return None;
        }
        let owner = it.world.unknown_owner();
        Some(hooks::environment(it, owner))
    }

    fn class_made(it: &mut Machine<'p>, class: ObjectId, site: Site) {
        views::class_made(it, class);
        let is_app = |b: &Rc<str>| matches!(class_of(b), Some((Class::App, "")));
        if it.external_bases(class).iter().any(is_app) {
            it.world.app_classes.push((class, site));
        }
    }

    fn skips(&self, module: ModuleId) -> bool {
        self.skipped
            .get(module.0 as usize)
            .copied()
            .unwrap_or(false)
    }
}

/// Methods of apps and blueprints.
pub(super) fn owner_method<'p>(
    it: &mut Machine<'p>,
    owner: OwnerId,
    method: &str,
    args: &Args<'p>,
    site: Site,
) -> Option<Value<'p>> {
    match method {
        "route" | "get" | "post" | "put" | "delete" | "patch" | "websocket" => {
            Some(rules::decorator(it, owner, method, args, site))
        }
        "add_url_rule" | "add_websocket" => {
            rules::add_url_rule(it, owner, args, site, method == "add_websocket");
            Some(Value::None)
        }
        "register_blueprint" | "register_api" => {
            mount(it, owner, args, site);
            Some(Value::None)
        }
        "record" | "record_once" => {
            // The state that a deferred function gets has the app.
            let function = args.positional.first()?.clone();
            it.world.deferred.push((function, site));
            Some(Value::None)
        }
        "shell_context_processor" | "app_shell_context_processor" => {
            args.positional.first().cloned()
        }
        "endpoint" => Some(rules::endpoint(it, owner, args, site)),
        "app_context" | "test_request_context" | "test_client" => Some(Value::Unknown),
        _ => {
            let hook = hooks::method(method)?;
            let result = hooks::call(it, owner, method, hook, args, site);
            if hook.starts {
                it.world.deferred.push((result.clone(), site));
            }
            Some(result)
        }
    }
}

fn mount<'p>(it: &mut Machine<'p>, owner: OwnerId, args: &Args<'p>, site: Site) {
    let blueprint = args.get(0, "blueprint").cloned().unwrap_or_default();
    let conditional = it.is_conditional();
    for value in blueprint.alternatives() {
        if matches!(value, Value::None) {
            continue;
        }
        let found = it.world.owner_of(&value);
        // A blueprint of a package outside the tree has its own routes.
        if found.is_none() && matches!(value, Value::External(_)) {
            if let Value::External(path) = value {
                it.world.foreign.push((path, site));
            }
            continue;
        }
        // Keyword options of a `setattr`-like helper may be `None`: as if not given.
        let option = |name: &str| {
            args.keyword(name)
                .cloned()
                .filter(|v| !matches!(v, Value::None))
        };
        let prefix = option("url_prefix").or_else(|| args.open.then_some(Value::Unknown));
        it.world.owner_mut(owner).entries.push(Entry::Mount(Mount {
            blueprint: found,
            prefix,
            name: option("name").or_else(|| option("name_prefix")),
            site,
            conditional,
        }));
    }
}

/// Callables that this world made itself.
fn own_callable<'p>(
    it: &mut Machine<'p>,
    name: &str,
    receiver: Option<&Value<'p>>,
    args: &Args<'p>,
    site: Site,
) -> Option<Value<'p>> {
    match name {
        "hook()" => hooks::decorate(it, args, site),
        "route()" => rules::decorate(it, args, site),
        "endpoint()" => args.positional.last().cloned(),
        "resource()" => restful::decorate(it, receiver, args, site),
        "expose()" => appbuilder::exposed(it, args),
        _ => None,
    }
}

/// Functions of libraries that hand on what they get.
fn library<'p>(
    it: &mut Machine<'p>,
    path: &str,
    _receiver: Option<&Value<'p>>,
    args: &Args<'p>,
    _site: Site,
) -> Option<Value<'p>> {
    let _ = it;
    match path {
        "werkzeug.local.LocalProxy" => Some(Value::Unknown),
        "flask_babel.lazy_gettext" | "flask_babel.gettext" => args.positional.first().cloned(),
        _ => None,
    }
}

/// The object of a value.
pub(super) fn object_of(value: &Value<'_>) -> Option<ObjectId> {
    match value {
        Value::Ref(id) => Some(*id),
        _ => None,
    }
}

/// Whether a value is a class of the tree.
pub(super) fn is_class(it: &Machine<'_>, value: &Value<'_>) -> bool {
    object_of(value).is_some_and(|id| matches!(it.object(id).kind, Kind::Class { .. }))
}
