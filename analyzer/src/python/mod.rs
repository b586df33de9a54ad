//! Python alone: one walk a file emits owned facts; everything else works on facts.

pub mod body;
pub mod constants;
mod definitions;
pub mod eval;
pub mod extract;
pub mod facts;
pub mod literal;
pub mod module_index;
pub mod names;
pub mod project;
pub mod qualnames;
pub mod scopes;
pub mod tree;
pub mod words;
