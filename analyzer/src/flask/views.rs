//! Class-based views: `View`, `MethodView`, and `Resource` of the REST extensions.

use super::world::{Machine, object_of};
use crate::python::eval::{Args, Kind, ObjectId, Site, Value};

/// Methods that a `MethodView` answers by a method of that name.
pub(super) const VERBS: &[&str] = &[
    "get", "post", "head", "options", "delete", "put", "trace", "patch",
];

/// `Class.as_view(name, …)`: a function with the class's methods and that name.
pub(super) fn as_view<'p>(
    it: &mut Machine<'p>,
    class: &Value<'p>,
    args: &Args<'p>,
    site: Site,
) -> Option<Value<'p>> {
    let class_id = object_of(class)?;
    let name = args.get(0, "name").cloned().unwrap_or_default();
    let view = it.callable("migrate.view()", None, Args::default(), site);
    let id = object_of(&view)?;
    let methods = class_methods(it, class_id);
    let list: Vec<Value<'p>> = methods.iter().map(|m| Value::text(m)).collect();
    let methods = if methods.is_empty() {
        Value::None
    } else {
        it.list(list)
    };
    let attributes = &mut it.object_mut(id).attributes;
    attributes.set("view_class", class.clone());
    attributes.set("methods", methods);
    attributes.set("__name__", name);
    Some(view)
}

/// `methods` of a view class: set explicitly, else one for each verb method that it or a base of it
/// in the tree has (werkzeug: `MethodView.__init_subclass__`).
pub(super) fn class_methods<'p>(it: &mut Machine<'p>, class: ObjectId) -> Vec<String> {
    let mro = it.mro(class);
    // The nearest class that says something decides.
    for value in &mro {
        let Value::Ref(id) = value else { continue };
        if let Some(methods) = it.object(*id).attributes.get("methods").cloned()
            && !matches!(methods, Value::None)
        {
            return super::rules::methods_of(it, &methods).unwrap_or_default();
        }
    }
    let mut methods: Vec<String> = VERBS
        .iter()
        .filter(|verb| it.class_attribute(class, verb).is_some())
        .map(|verb| verb.to_uppercase())
        .collect();
    methods.sort();
    if methods.iter().any(|m| m == "GET") {
        methods.retain(|m| m != "HEAD");
    }
    methods
}

/// A class of the tree was made: nothing to do but for `View` subclasses that copy methods from
/// their bases, which [`class_methods`] sees through the bases.
pub(super) fn class_made(it: &mut Machine<'_>, class: ObjectId) {
    debug_assert!(matches!(it.object(class).kind, Kind::Class { .. }));
}
