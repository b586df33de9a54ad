//! What Rust targets share: the neutral body of a function as Rust, files with comments, names.

pub mod draft;
pub mod inputs;
pub mod library;
pub mod names;
pub mod paths;
pub mod python;
pub mod support;
pub mod templates;
pub mod translation;
pub mod values;
pub mod walk;
pub mod words;
