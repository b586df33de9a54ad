//! Plans: what a port would come to, from the same code that writes it, and what it can count on:
//! servers under a target, and what a target has in an extension's place.

pub mod effort;
pub mod extensions;
pub mod lost;
pub mod readiness;
pub mod servers;
pub mod tables;

pub use readiness::readiness;
