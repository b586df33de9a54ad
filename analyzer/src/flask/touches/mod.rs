//! Touches: where app code meets the framework, what it asks, and what becomes of the answer.
//!
//! Every name is resolved once; one that stands for something of the framework is followed upwards
//! (`request` → `request.args` → `request.args.get("q")`) as far as the op goes. Functions of the
//! framework that work without it (`secure_filename`, password hashes) are no touches.

mod application;
mod collector;
mod framework;
mod mapping;
mod parameters;
mod place;
mod request;
mod response;

pub use collector::{Edge, FileTouches, How, collect};
pub use parameters::infer;
pub use place::{Site, span};
