//! Blueprints with a setup state of their own (`Blueprint.make_setup_state`).
//!
//! Flask hands every rule of a blueprint to `BlueprintSetupState.add_url_rule` when it is mounted
//! (flask.sansio.blueprints). A subclass may change rule and prefix there: it is run for each rule, and
//! what reaches Flask's own method counts.

use super::world::{Machine, object_of};
use crate::python::eval::{Args, Site, Value};

/// A rule as it reached Flask's own method.
#[derive(Clone, Debug)]
pub(super) struct Captured<'p> {
    /// The rule.
    pub rule: Value<'p>,
    /// The prefix that applies to it.
    pub prefix: Value<'p>,
}

/// The method of Flask's own class that a dotted name means.
pub(super) fn method(path: &str) -> Option<&str> {
    let (before, method) = path.rsplit_once('.')?;
    before.ends_with("BlueprintSetupState").then_some(method)
}

/// A call of it.
pub(super) fn call<'p>(
    it: &mut Machine<'p>,
    method: &str,
    receiver: Option<&Value<'p>>,
    args: &Args<'p>,
) -> Option<Value<'p>> {
    let receiver = receiver?.clone();
    match method {
        "__init__" => {
            for (i, name) in ["blueprint", "app", "options"].into_iter().enumerate() {
                let value = args.get(i, name).cloned().unwrap_or_default();
                it.set_attribute(&receiver, name, value);
            }
        }
        "add_url_rule" => {
            let rule = args.get(0, "rule")?.clone();
            let prefix = it.attribute(&receiver, "url_prefix");
            it.world.captured.push(Captured { rule, prefix });
        }
        _ => return None,
    }
    Some(Value::None)
}

/// The setup state that a blueprint makes for itself; `None` when it has Flask's own.
pub(super) fn state<'p>(
    it: &mut Machine<'p>,
    blueprint: &Value<'p>,
    site: Site,
) -> Option<Value<'p>> {
    let Value::Ref(class) = it.class_of(blueprint)? else {
        return None;
    };
    let make = it.class_attribute(class, "make_setup_state")?;
    let options = it.dict(Vec::new(), true);
    let args = Args::of(vec![
        blueprint.clone(),
        Value::Unknown,
        options,
        Value::Bool(true),
    ]);
    let state = it.apart(|it| it.call(&make, &args, site));
    object_of(&state).map(|_| state)
}

/// Hands one rule to a setup state; what reaches Flask's own method.
pub(super) fn add<'p>(
    it: &mut Machine<'p>,
    state: &Value<'p>,
    prefix: Value<'p>,
    args: &Args<'p>,
    site: Site,
) -> Vec<Captured<'p>> {
    it.set_attribute(state, "url_prefix", prefix);
    it.world.captured.clear();
    let method = it.attribute(state, "add_url_rule");
    it.apart(|it| it.call(&method, args, site));
    std::mem::take(&mut it.world.captured)
}
