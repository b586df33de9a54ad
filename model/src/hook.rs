//! Hooks: what is registered beside routes, in the order in which the framework keeps it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::place::Place;
use crate::route::{Certainty, ViewRef};
use crate::touch::{HookTime, TemplateExtensionKind};

/// A function that runs around requests, answers an error, or serves templates.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Hook {
    /// What it does.
    #[serde(flatten)]
    pub kind: HookKind,
    /// The function; absent when it is not known, is a lambda or comes from outside the tree.
    pub function: Option<ViewRef>,
    /// Dotted name of the blueprint whose requests it serves, as in [`crate::Route::blueprint`]; absent when it
    /// serves those of the whole app.
    pub blueprint: Option<String>,
    /// Index into [`crate::Analysis::apps`]; absent when the app is not known.
    pub app: Option<usize>,
    /// How sure the analysis is that it is registered.
    pub certainty: Certainty,
    /// The decorator expression (without `@`) or the call.
    pub place: Place,
}

/// What a hook does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum HookKind {
    /// Runs around requests or the app's life.
    Request {
        /// When.
        when: HookTime,
    },
    /// Answers an error.
    Error {
        /// Which.
        error: ErrorKey,
    },
    /// Serves templates.
    Template {
        /// As what.
        extension: TemplateExtensionKind,
        /// The name that templates use; absent when it is not known.
        name: Option<String>,
    },
}

/// Which errors an error handler answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKey {
    /// Those of a status, `404`.
    Status(i64),
    /// Those of an exception class: dotted import name (`blog.store.Closed`,
    /// `werkzeug.exceptions.NotFound`, `Exception`).
    Class(String),
    /// Not known.
    Unknown,
}
