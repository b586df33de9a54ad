//! Abstract evaluation of a source tree: what its modules do when they are imported.
//!
//! Modules are run in import order, functions at their calls (one call site at a time, with the
//! arguments of that call), loops over known collections element by element. What is not known is
//! [`Value::Unknown`]; both branches of an unknown condition are run, one after the other, and
//! what happens there is marked conditional. Nothing of the app is executed: this interpreter
//! knows constants, containers, classes and calls, and nothing that reaches outside the process.
//!
//! The framework's meaning is not here: names outside the tree are handed to a [`World`].
//!
//! Invariants: evaluation always ends (fuel, depth and loop limits) and never fails; it is
//! deterministic; it names no framework.

mod attributes;
mod builtins;
mod calls;
mod classes;
mod comparison;
mod comprehensions;
mod containers;
mod contexts;
mod expressions;
mod imports;
mod instances;
mod interpreter;
mod methods;
mod operators;
mod statements;
mod text;
mod value;
mod world;

pub use interpreter::{Frame, Interpreter, STACK};
pub use text::{concat, from_pieces, pieces};
pub use value::{
    Args, Attributes, Closure, DescriptorKind, Kind, Object, ObjectId, Piece, Scope, ScopeId, Site,
    Value,
};
pub use world::World;
