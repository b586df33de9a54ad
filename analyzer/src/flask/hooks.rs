//! Hooks: functions around requests, handlers of errors, and what is added to templates.
//!
//! Which method registers what is in [`method`] (flask.sansio.scaffold, flask.sansio.app,
//! flask.sansio.blueprints, and the same of Quart). What is put into the environment of the templates itself
//! (`app.jinja_env.filters["x"] = f`) arrives through the dicts that [`environment`] makes.

use model::touch::{HookTime, TemplateExtensionKind};
use model::{ErrorKey, HookKind};

use super::owners::{Entry, Hook, HookWhat, OwnerId};
use super::shapes::http_status;
use super::vocabulary::{self, Canonical};
use super::world::Machine;
use crate::python::eval::{Args, Kind, ObjectId, Site, Value};

/// How a method takes the function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// `before_request(f)`, by decorator or by call.
    Function,
    /// `errorhandler(code)`, which gives a decorator.
    Decorator,
    /// `register_error_handler(code, f)`.
    KeyFirst,
    /// `add_template_filter(f, name=None)`.
    KeyLast,
}

/// A method that registers a hook.
#[derive(Clone, Copy, Debug)]
pub(super) struct Method {
    /// What it registers.
    pub what: HookWhat,
    form: Form,
    /// It serves the whole app also when it is a blueprint's.
    whole_app: bool,
    /// Its function is worth calling: it runs when the server starts.
    pub starts: bool,
}

impl Method {
    /// Where the function stands among the arguments of a call; nowhere for one that gives a decorator.
    pub(super) const fn position(&self) -> usize {
        match self.form {
            Form::Function | Form::KeyLast => 0,
            Form::KeyFirst => 1,
            Form::Decorator => match self.what {
                // `template_filter(f)` without parentheses.
                HookWhat::Template(_) => 0,
                _ => usize::MAX,
            },
        }
    }
}

/// Whether it is a blueprint's method that registers for the whole app.
pub(super) fn is_for_app(method: &str) -> bool {
    method.starts_with("app_") || method.contains("_app_")
}

/// What a method of an app or blueprint registers; nothing for one that registers no hook.
pub(super) fn method(name: &str) -> Option<Method> {
    let of = |what, form, whole_app| {
        Some(Method {
            what,
            form,
            whole_app,
            starts: what == HookWhat::Request(HookTime::Startup),
        })
    };
    let request = |when, whole_app| of(HookWhat::Request(when), Form::Function, whole_app);
    let template = |kind, form| of(HookWhat::Template(kind), form, true);
    match name {
        "before_request" => request(HookTime::Before, false),
        "before_app_request" => request(HookTime::Before, true),
        "after_request" => request(HookTime::After, false),
        "after_app_request" => request(HookTime::After, true),
        "teardown_request" => request(HookTime::Teardown, false),
        "teardown_app_request" => request(HookTime::Teardown, true),
        "teardown_appcontext" => request(HookTime::TeardownApp, true),
        "context_processor" => request(HookTime::TemplateContext, false),
        "app_context_processor" => request(HookTime::TemplateContext, true),
        "url_value_preprocessor" | "url_defaults" => request(HookTime::UrlValues, false),
        "app_url_value_preprocessor" | "app_url_defaults" => request(HookTime::UrlValues, true),
        "before_first_request"
        | "before_app_first_request"
        | "before_serving"
        | "before_app_serving"
        | "while_serving"
        | "while_app_serving" => request(HookTime::Startup, true),
        "after_serving" | "after_app_serving" => request(HookTime::Shutdown, true),
        "errorhandler" => of(HookWhat::Error, Form::Decorator, false),
        "app_errorhandler" => of(HookWhat::Error, Form::Decorator, true),
        "register_error_handler" => of(HookWhat::Error, Form::KeyFirst, false),
        "template_filter" | "app_template_filter" => {
            template(TemplateExtensionKind::Filter, Form::Decorator)
        }
        "template_test" | "app_template_test" => {
            template(TemplateExtensionKind::Test, Form::Decorator)
        }
        "template_global" | "app_template_global" => {
            template(TemplateExtensionKind::Global, Form::Decorator)
        }
        "add_template_filter" | "add_app_template_filter" => {
            template(TemplateExtensionKind::Filter, Form::KeyLast)
        }
        "add_template_test" | "add_app_template_test" => {
            template(TemplateExtensionKind::Test, Form::KeyLast)
        }
        "add_template_global" | "add_app_template_global" => {
            template(TemplateExtensionKind::Global, Form::KeyLast)
        }
        _ => None,
    }
}

/// What a name outside the tree is as the key of an error handler.
pub(super) fn error_key(path: &str) -> ErrorKey {
    let path = path.strip_prefix("builtins.").unwrap_or(path);
    if let Canonical::Name(name) = vocabulary::canonical(path)
        && let class = name.strip_prefix("exceptions.").unwrap_or(&name)
        && vocabulary::exception_status(&format!("exceptions.{class}")).is_some()
    {
        return ErrorKey::Class(format!("werkzeug.exceptions.{class}"));
    }
    let status = path.strip_suffix(".value").unwrap_or(path);
    let status = status
        .strip_prefix("http.HTTPStatus.")
        .or_else(|| status.strip_prefix("http.client."))
        .and_then(http_status);
    if let Some(status) = status {
        return ErrorKey::Status(status);
    }
    // A constant of a package outside the tree is no class.
    let last = path.rsplit('.').next().unwrap_or(path);
    if last.chars().any(char::is_lowercase) {
        ErrorKey::Class(path.to_owned())
    } else {
        ErrorKey::Unknown
    }
}

/// What there can be only one of: the handler of an error, the filter of a name.
pub(super) fn slot(kind: &HookKind) -> Option<String> {
    match kind {
        HookKind::Request { .. } => None,
        HookKind::Error { error } => match error {
            ErrorKey::Status(status) => Some(format!("error {status}")),
            ErrorKey::Class(class) => {
                // `errorhandler(NotFound)` is `errorhandler(404)`; of the classes that share a status
                // only one stands for it.
                let status = class
                    .strip_prefix("werkzeug.")
                    .filter(|name| !SHARING.contains(name))
                    .and_then(vocabulary::exception_status);
                Some(match status {
                    Some(status) => format!("error {status}"),
                    None => format!("error {class}"),
                })
            }
            ErrorKey::Unknown => None,
        },
        HookKind::Template { extension, name } => {
            name.as_ref().map(|name| format!("{extension:?} {name}"))
        }
    }
}

/// Classes that have the status of another one.
const SHARING: &[&str] = &[
    "exceptions.BadRequestKeyError",
    "exceptions.SecurityError",
    "exceptions.BadHost",
    "exceptions.ClientDisconnected",
];

/// A call of the method `name`.
pub(super) fn call<'p>(
    it: &mut Machine<'p>,
    owner: OwnerId,
    name: &str,
    method: Method,
    args: &Args<'p>,
    site: Site,
) -> Value<'p> {
    match method.form {
        Form::Function => {
            let function = args.get(0, "f").cloned().unwrap_or_default();
            push(it, owner, method, Value::None, function.clone(), site);
            function
        }
        Form::KeyFirst => {
            let key = args
                .get(0, "code_or_exception")
                .cloned()
                .unwrap_or_default();
            let function = args.get(1, "f").cloned().unwrap_or_default();
            push(it, owner, method, key, function, site);
            Value::None
        }
        Form::KeyLast => {
            let function = args.get(0, "f").cloned().unwrap_or_default();
            let key = args.get(1, "name").cloned().unwrap_or(Value::None);
            push(it, owner, method, key, function, site);
            Value::None
        }
        Form::Decorator => {
            let key = args.get(0, "name").or(args.keyword("code_or_exception"));
            let key = key.cloned().unwrap_or(Value::None);
            // `@app.template_filter` without parentheses.
            if matches!(method.what, HookWhat::Template(_)) && is_function(it, &key) {
                push(it, owner, method, Value::None, key.clone(), site);
                return key;
            }
            let mut stored = Args::of(vec![key]);
            stored
                .keywords
                .push(("migrate owner".into(), Value::Int(i64::from(owner.0))));
            stored
                .keywords
                .push(("migrate method".into(), Value::text(name)));
            it.callable("migrate.hook()", None, stored, site)
        }
    }
}

/// The decorated function arrives.
pub(super) fn decorate<'p>(it: &mut Machine<'p>, args: &Args<'p>, site: Site) -> Option<Value<'p>> {
    let [key, function] = args.positional.as_slice() else {
        return args.positional.last().cloned();
    };
    let Some(Value::Int(owner)) = args.keyword("migrate owner") else {
        return None;
    };
    let method = method(args.keyword("migrate method")?.as_str()?)?;
    let owner = OwnerId(*owner as u32);
    push(it, owner, method, key.clone(), function.clone(), site);
    Some(function.clone())
}

fn is_function<'p>(it: &Machine<'p>, value: &Value<'p>) -> bool {
    matches!(value, Value::Ref(id) if matches!(
        it.object(*id).kind,
        Kind::Function(_) | Kind::Bound { .. } | Kind::Partial { .. }
    ))
}

fn push<'p>(
    it: &mut Machine<'p>,
    owner: OwnerId,
    method: Method,
    key: Value<'p>,
    function: Value<'p>,
    site: Site,
) {
    let key = match (method.what, key) {
        (HookWhat::Template(_), Value::None) => match it.name_of(&function) {
            Some(name) if &*name == "lambda" => Value::text("<lambda>"),
            Some(name) => Value::Str(name),
            None => Value::Unknown,
        },
        (_, key) => key,
    };
    let hook = Hook {
        what: method.what,
        key,
        function,
        whole_app: method.whole_app,
        site,
        calls: it.call_sites(),
        conditional: it.is_conditional() || it.in_unknown_loop(),
    };
    let entries = &mut it.world.owner_mut(owner).entries;
    entries.push(Entry::Hook(Box::new(hook)));
}

// ---- the environment of the templates

const DICTS: [(&str, TemplateExtensionKind); 3] = [
    ("filters", TemplateExtensionKind::Filter),
    ("tests", TemplateExtensionKind::Test),
    ("globals", TemplateExtensionKind::Global),
];

/// `app.jinja_env`: an object with dicts that know whose they are.
pub(super) fn environment<'p>(it: &mut Machine<'p>, owner: OwnerId) -> Value<'p> {
    let value = it.instance("jinja2.Environment");
    let Value::Ref(object) = value else {
        return value;
    };
    for (i, (name, _)) in DICTS.iter().enumerate() {
        let dict = it.dict(Vec::new(), true);
        if let Value::Ref(id) = dict {
            it.object_mut(id).native = Some(owner.0 * DICTS.len() as u32 + i as u32);
        }
        it.object_mut(object).attributes.set(name, dict);
    }
    value
}

/// Something is put into a dict that [`environment`] made.
pub(super) fn item_set<'p>(
    it: &mut Machine<'p>,
    dict: ObjectId,
    key: &Value<'p>,
    value: &Value<'p>,
    site: Site,
) {
    let object = it.object(dict);
    let (Some(native), Kind::Dict { .. }) = (object.native, &object.kind) else {
        return;
    };
    let (owner, kind) = (native / DICTS.len() as u32, native % DICTS.len() as u32);
    let method = Method {
        what: HookWhat::Template(DICTS[kind as usize].1),
        form: Form::KeyLast,
        whole_app: true,
        starts: false,
    };
    push(it, OwnerId(owner), method, key.clone(), value.clone(), site);
}
