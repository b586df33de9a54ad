//! Plans: what a port would come to, from the same code that writes it.

pub mod effort;
pub mod readiness;

pub use readiness::readiness;
