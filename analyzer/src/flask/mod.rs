//! What a Flask or Quart idiom means, recognised on facts and values, never on syntax.

mod appbuilder;
mod names;
mod owners;
mod restful;
mod routes;
mod rules;
mod views;
mod world;

pub use routes::{Registrations, registrations};
