//! Where the evaluation starts besides the modules: functions and classes that nobody used.

use crate::flask::world::Machine;
use crate::python::eval::Value;
use crate::python::facts::FunctionId;
use crate::python::project::ModuleId;

/// Words that a function must hold to be worth running although nobody calls it.
const REGISTRATION: &[&str] = &[
    ".route(",
    "add_url_rule",
    "register_blueprint",
    "add_resource",
    "add_namespace",
    "Flask(",
    "Quart(",
    "add_view",
    "add_api",
    "Blueprint(",
    ".before_",
    ".after_request",
    ".after_app_request",
    ".teardown_",
    ".errorhandler(",
    ".app_errorhandler(",
    "register_error_handler",
    "context_processor",
    "template_filter",
    "template_test",
    "template_global",
    ".jinja_env",
];

/// Files that pytest would collect: their apps are not the app.
pub(super) fn is_test(path: &str) -> bool {
    let mut parts = path.split('/').rev();
    let file = parts.next().unwrap_or("");
    file == "conftest.py"
        || (file.starts_with("test_") || file.ends_with("_test.py"))
        || parts.any(|folder| matches!(folder, "tests" | "test"))
}

pub(super) fn run_deferred(it: &mut Machine<'_>) {
    let mut rounds = 0;
    while !it.world.deferred.is_empty() && rounds < 1000 {
        rounds += 1;
        let (function, site) = it.world.deferred.remove(0);
        it.run_root(&function, site);
    }
}

/// Subclasses of the app class that nobody made an instance of.
pub(super) fn run_app_classes(it: &mut Machine<'_>) {
    for (class, site) in it.world.app_classes.clone() {
        let used = it.world.owners.iter().any(|o| {
            let of = o.object.and_then(|id| it.class_of(&Value::Ref(id)));
            match of {
                Some(Value::Ref(c)) => it.mro(c).iter().any(|v| v.same(&Value::Ref(class))),
                _ => false,
            }
        });
        if !used {
            it.run_root(&Value::Ref(class), site);
            run_deferred(it);
        }
    }
}

/// Functions that nobody called and that may register something: factories first, since they call
/// the others with what they made.
pub(super) fn run_uncalled(it: &mut Machine<'_>) {
    let project = it.project;
    for round in 0..3 {
        let mut candidates: Vec<(u8, ModuleId, FunctionId)> = Vec::new();
        for id in project.ids() {
            let module = project.module(id);
            if it.world.skipped[id.0 as usize] {
                continue;
            }
            if !REGISTRATION.iter().any(|w| module.text.contains(w)) {
                continue;
            }
            for (f, function) in module.facts.functions.iter().enumerate() {
                let text = function.span.of(&module.text);
                let makes_app = text.contains("Flask(") || text.contains("Quart(");
                if makes_app || REGISTRATION.iter().any(|w| text.contains(w)) {
                    candidates.push((u8::from(!makes_app), id, FunctionId(f as u32)));
                }
            }
        }
        candidates.sort();
        let mut ran = false;
        for (rank, module, function) in candidates {
            if it.was_called(module, function) || it.closure_value(module, function).is_none() {
                continue;
            }
            ran = true;
            if rank == 0 {
                it.run_factory(module, function);
            } else {
                it.run_uncalled(module, function);
            }
            run_deferred(it);
        }
        if !ran || round == 2 {
            break;
        }
    }
}
