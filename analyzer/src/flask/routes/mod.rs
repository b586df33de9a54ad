//! From what the evaluation saw to the model's apps, blueprints and routes.

mod applications;
mod collector;
mod definitions;
mod folders;
mod hooks;
mod mounts;
mod roots;
mod rules;
mod values;

use model::{Finding, Hook, Role, Route};

use crate::flask::restful;
use crate::flask::world::Flask;
use crate::python::eval::Interpreter;
use crate::python::facts::FunctionId;
use crate::python::project::{ModuleId, Project};

use collector::Collector;
use roots::{is_test, run_app_classes, run_deferred, run_uncalled};

/// What a source tree registers.
#[derive(Debug, Default)]
pub struct Registrations {
    /// Apps.
    pub apps: Vec<model::App>,
    /// Blueprints.
    pub blueprints: Vec<model::Blueprint>,
    /// Routes in order of registration.
    pub routes: Vec<Route>,
    /// Hooks in order of registration.
    pub hooks: Vec<Hook>,
    /// The functions of these hooks, and what they are.
    pub roles: Vec<(ModuleId, FunctionId, Role)>,
    /// Findings of family M01.
    pub findings: Vec<Finding>,
}

/// Runs the tree's modules and collects what they register. Imports nest as deep as the app's modules
/// do: whoever calls this gives it a stack of [`crate::python::eval::STACK`] bytes.
#[must_use]
pub fn registrations(project: &Project) -> Registrations {
    let world = Flask {
        skipped: project.modules.iter().map(|m| is_test(&m.path)).collect(),
        ..Flask::default()
    };
    let mut it = Interpreter::new(project, world);
    for id in project.ids() {
        it.run_module(id);
    }
    run_deferred(&mut it);
    run_uncalled(&mut it);
    run_app_classes(&mut it);
    restful::finish(&mut it);
    Collector::new(&mut it).collect()
}
