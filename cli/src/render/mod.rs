//! How results look.

pub mod findings;
pub mod report;
pub mod style;
