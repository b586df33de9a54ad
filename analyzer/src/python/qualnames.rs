//! Qualified names of functions, as `__qualname__` has them.

use super::facts::{ClassId, FunctionId};
use super::project::Module;

/// The qualified name of every function of a module, by [`FunctionId`]; a name that an earlier
/// function has already is told apart by its line (`get@42`), so that they are unique.
#[must_use]
pub fn qualnames(module: &Module) -> Vec<String> {
    let facts = &module.facts;
    let mut seen = std::collections::HashSet::with_capacity(facts.functions.len());
    let mut out: Vec<String> = Vec::with_capacity(facts.functions.len());
    for (i, function) in facts.functions.iter().enumerate() {
        let mut name = match (function.class, function.parent_function) {
            (Some(class), _) => format!("{}.", class_qualname(module, class)),
            (None, Some(parent)) => format!("{}.<locals>.", plain(module, &out, parent)),
            (None, None) => String::new(),
        };
        let own = function.name.of(&module.text);
        name.push_str(if own == "lambda" { "<lambda>" } else { own });
        if !seen.insert(name.clone()) {
            name = format!("{name}@{}", module.line(function.span.start));
            // Two of a kind on one line.
            if !seen.insert(name.clone()) {
                name = format!("{name}.{i}");
            }
        }
        out.push(name);
    }
    out
}

/// The qualified name of a class.
#[must_use]
pub fn class_qualname(module: &Module, id: ClassId) -> String {
    let class = module.facts.class(id);
    let own = class.name.of(&module.text);
    match (class.class, class.parent_function) {
        (Some(outer), _) => format!("{}.{own}", class_qualname(module, outer)),
        (None, Some(parent)) => {
            format!("{}.<locals>.{own}", function_qualname(module, parent))
        }
        (None, None) => own.to_owned(),
    }
}

/// The qualified name of one function, as Python has it.
#[must_use]
pub fn function_qualname(module: &Module, id: FunctionId) -> String {
    let function = module.facts.function(id);
    let own = function.name.of(&module.text);
    let own = if own == "lambda" { "<lambda>" } else { own };
    match (function.class, function.parent_function) {
        (Some(class), _) => format!("{}.{own}", class_qualname(module, class)),
        (None, Some(parent)) => format!("{}.<locals>.{own}", function_qualname(module, parent)),
        (None, None) => own.to_owned(),
    }
}

/// The parent's name: functions stand in source order, so it is there already.
fn plain(module: &Module, names: &[String], id: FunctionId) -> String {
    names
        .get(id.0 as usize)
        .map_or_else(|| function_qualname(module, id), Clone::clone)
}
