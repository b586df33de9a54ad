//! What a port can count on: servers under a target, and what a target has in an extension's place.

pub mod extensions;
pub mod lost;
pub mod servers;
pub mod tables;
