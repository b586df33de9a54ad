//! Reads a Flask or Quart app without running it and builds the framework-neutral model.

pub mod python;
pub mod source;
