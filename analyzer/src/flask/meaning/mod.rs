//! What an expression of the app stands for, as far as the framework is concerned.
//!
//! Value flow by single steps: names to what they are bound to, attributes and calls of what is
//! known, returns of the tree's own functions. Each name of a scope is looked at once a reader.

mod calls;
mod kinds;
mod members;
mod reader;

pub use kinds::{Kind, Mapping};
pub use reader::Reader;

use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::flask::vocabulary::{self, Canonical};
use crate::python::facts::{ClassId, FunctionId};
use crate::python::project::ModuleId;

/// What an expression stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// A value of the framework.
    Value(Kind),
    /// A function or type of the framework, by canonical name.
    Framework(Rc<str>),
    /// A module of the framework, by dotted name.
    FrameworkModule(Rc<str>),
    /// Anything else outside the tree, by dotted name.
    External(Rc<str>),
    /// A folder of the tree, by dotted name.
    Namespace(Rc<str>),
    /// A module of the tree.
    Module(ModuleId),
    /// A function of the tree.
    Function(ModuleId, FunctionId),
    /// A class of the tree.
    Class(ModuleId, ClassId),
    /// An object of a class of the tree.
    Instance(ModuleId, ClassId),
    /// A parameter of which nothing is known.
    Parameter(ModuleId, FunctionId, u32),
    /// A builtin.
    Builtin,
    /// Anything.
    Unknown,
}

/// What call sites and uses tell of parameters.
pub type ParameterKinds = FxHashMap<(ModuleId, FunctionId, u32), Kind>;

fn join(first: Meaning, second: impl FnOnce() -> Meaning) -> Meaning {
    if matches!(first, Meaning::Value(_)) {
        return first;
    }
    let second = second();
    if matches!(second, Meaning::Value(_)) || first == second {
        second
    } else {
        Meaning::Unknown
    }
}

/// What an outside dotted name stands for.
#[must_use]
pub fn external(dotted: Rc<str>) -> Meaning {
    match vocabulary::canonical(&dotted) {
        Canonical::Module => Meaning::FrameworkModule(dotted),
        Canonical::Foreign => match vocabulary::derived(&dotted) {
            Some(name) => Meaning::Framework(name.into()),
            None => Meaning::External(dotted),
        },
        Canonical::Name(name) => match name.as_str() {
            "request" => Meaning::Value(Kind::Request),
            "session" => Meaning::Value(Kind::Session),
            "g" => Meaning::Value(Kind::Globals),
            "current_app" => Meaning::Value(Kind::CurrentApp),
            _ => Meaning::Framework(name.into()),
        },
    }
}
