//! Functions: the unit of analysis and of verdicts.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::place::Span;
use crate::port::Verdict;
use crate::touch::Touch;

/// A function of the app that touches the framework or calls one that does.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Function {
    /// `module:qualname`; unique. The module's own statements are `module:<module>`.
    pub id: String,
    /// What it is for.
    pub role: Role,
    /// Dotted import name of the module.
    pub module: String,
    /// `Class.method`, `outer.<locals>.inner`, or `<module>`.
    pub qualname: String,
    /// Relative to the root.
    pub file: String,
    /// Line of `def`.
    pub line: u32,
    /// `async def`.
    #[serde(rename = "async")]
    pub is_async: bool,
    /// A generator.
    pub generator: bool,
    /// From `def` to the end of the body.
    pub span: Span,
    /// The text between the parentheses of its parameter list.
    pub params_span: Span,
    /// From its first statement after the docstring to the end of its last one; absent when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_span: Option<Span>,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// Decorators, top to bottom.
    pub decorators: Vec<Decoration>,
    /// Local names that its body binds or reads (so that codegen can choose fresh ones).
    pub names: BTreeSet<String>,
    /// Its return statements.
    pub returns: Vec<ReturnSite>,
    /// Touches in source order, those of nested functions left out.
    pub touches: Vec<Touch>,
    /// Ids of functions of the app that it calls or refers to.
    pub calls: BTreeSet<String>,
    /// What it needs, itself or through calls.
    pub effects: BTreeSet<Effect>,
    /// Called or referred to elsewhere than by its registration.
    pub referenced: bool,
    /// Verdicts by target; filled by codegen's plan.
    #[serde(default)]
    pub verdicts: BTreeMap<String, Verdict>,
}

/// A parameter.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Parameter {
    /// Without stars.
    pub name: String,
    /// `*` (1), `**` (2), or neither (0).
    pub stars: u8,
    /// Its annotation's text.
    pub annotation: Option<Span>,
    /// Has a default value.
    pub has_default: bool,
    /// The whole parameter.
    pub span: Span,
}

/// A decorator of a function.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Decoration {
    /// The expression without `@`.
    pub span: Span,
    /// Id of the app's own function that it calls or names, where resolved.
    pub function: Option<String>,
    /// Belongs to the framework (a touch stands at the same span).
    pub framework: bool,
    /// Dotted name as far as it resolves (`functools.wraps`, `click.command`).
    pub name: Option<String>,
    /// What the decorator hands on when it is called with keyword arguments.
    pub forwards: Forwarding,
}

/// Whether a decorator's wrapper shows the view's signature and hands on what it gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Forwarding {
    /// Returns the function itself, or a `functools.wraps` wrapper that takes `**kwargs` and
    /// passes them on unread.
    Transparent,
    /// The wrapper hides the signature, or looks into the arguments.
    Opaque,
    /// Not resolved.
    Unknown,
}

/// What a function is for.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Answers a route.
    View,
    /// Runs around requests.
    Hook,
    /// Answers an error.
    ErrorHandler,
    /// Wraps functions.
    Decorator,
    /// Adds variables to templates.
    ContextProcessor,
    /// A template filter, test or global.
    TemplateFilter,
    /// A command-line command.
    Command,
    /// A method of a class.
    Method,
    /// Makes an app.
    Factory,
    /// A module's own statements.
    Module,
    /// Any other.
    Helper,
}

/// What a function needs from the framework, itself or through calls.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// The current request (head).
    Request,
    /// The request's body.
    Body,
    /// The session.
    Session,
    /// The per-request namespace.
    Globals,
    /// The application object.
    App,
    /// The URL map.
    UrlMap,
    /// Templates.
    Templates,
    /// A response in the making.
    Response,
    /// May end the request.
    Abort,
}

/// A `return` of a function.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ReturnSite {
    /// The whole statement.
    pub span: Span,
    /// 1-based line.
    pub line: u32,
    /// The returned expression; absent for a bare `return`.
    pub value: Option<Span>,
    /// What it is.
    pub shape: Shape,
}

/// What a returned expression is, as far as its form tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// Text: a literal, an f-string, a rendered template, a text method.
    Text,
    /// Bytes.
    Bytes,
    /// A dict or list: JSON.
    Json,
    /// A response object (redirect, jsonify, send_file, make_response, …).
    Response,
    /// `None`.
    Nothing,
    /// `body, status` and the like: spans of the elements, and the body's own shape.
    Tuple {
        /// The elements.
        elements: Vec<Span>,
        /// Shape of the first.
        body: Box<Shape>,
        /// Status, where constant.
        status: Option<i64>,
        /// Shape of the second element: true when it is a status, false when headers, absent
        /// when unknown.
        second_is_status: Option<bool>,
    },
    /// `a if c else b`, `a or b` where the sides differ.
    Mixed,
    /// A call of a function of the app (its id), or of the wrapped view (`<wrapped>`).
    Call(String),
    /// Not known.
    Unknown,
}
