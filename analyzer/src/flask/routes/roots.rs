//! Where the evaluation starts besides the modules: functions and classes that nobody used.

use aho_corasick::AhoCorasick;

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
    ".before_request",
    ".before_app_request",
    ".before_first_request",
    ".before_serving",
    ".after_request",
    ".after_app_request",
    ".teardown_request",
    ".teardown_appcontext",
    ".errorhandler(",
    ".app_errorhandler(",
    ".register_error_handler(",
    ".context_processor",
    ".app_context_processor",
    ".template_filter",
    ".app_template_filter",
    ".add_template_",
    ".template_test",
    ".template_global",
    ".jinja_env",
];

/// Those of them that make an app.
const MAKES_APP: &[&str] = &["Flask(", "Quart("];

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
    let candidates = candidates(it);
    for round in 0..3 {
        let mut ran = false;
        for &(rank, module, function) in &candidates {
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

/// Functions with a word of registration in them; those that make an app have rank 0.
fn candidates(it: &Machine<'_>) -> Vec<(u8, ModuleId, FunctionId)> {
    let words = AhoCorasick::new(REGISTRATION).expect("the words are plain");
    let mut out: Vec<(u8, ModuleId, FunctionId)> = Vec::new();
    for id in it.project.ids() {
        if it.world.skipped[id.0 as usize] {
            continue;
        }
        let module = it.project.module(id);
        let found: Vec<(u32, bool)> = words
            .find_iter(&module.text)
            .map(|m| {
                let makes_app = MAKES_APP.contains(&REGISTRATION[m.pattern().as_usize()]);
                (m.start() as u32, makes_app)
            })
            .collect();
        if found.is_empty() {
            continue;
        }
        for (f, function) in module.facts.functions.iter().enumerate() {
            let first = found.partition_point(|(at, _)| *at < function.span.start);
            let inside = found[first..]
                .iter()
                .take_while(|(at, _)| *at < function.span.end);
            if let Some(rank) = inside.map(|(_, makes_app)| u8::from(!makes_app)).min() {
                out.push((rank, id, FunctionId(f as u32)));
            }
        }
    }
    out.sort();
    out
}
