//! What a Flask or Quart idiom means, recognised on facts and values, never on syntax.

mod appbuilder;
pub mod decorators;
pub mod effects;
pub mod extensions;
pub mod files;
pub mod functions;
mod hooks;
mod known_extensions;
pub mod meaning;
mod names;
mod namings;
mod owners;
mod restful;
mod routes;
mod rules;
mod setup;
pub mod shapes;
pub mod sight;
pub mod touches;
mod views;
pub mod vocabulary;
mod world;

pub use extensions::extensions;
pub use files::file_infos;
pub use functions::functions;
pub use namings::{Naming, namings};
pub use routes::{Registrations, registrations};

#[cfg(test)]
mod tests;
