//! Flask's answers on axum: URL map, request context, session cookie, error pages, files, templates.

pub mod application;
pub mod around;
pub mod body;
pub mod building;
pub mod context;
pub mod cookies;
pub mod dispatch;
pub mod error;
pub mod files;
pub mod globals;
pub mod inputs;
pub mod json;
pub mod matching;
pub mod mimetypes;
pub mod python;
pub mod quoting;
pub mod responses;
pub mod rule;
pub mod session;
pub mod signing;
pub mod template_filters;
pub mod template_methods;
pub mod template_objects;
pub mod template_text;
pub mod templates;
