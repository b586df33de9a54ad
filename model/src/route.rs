//! Routes: what the app's URL map holds.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::place::{Place, Span};
use crate::touch::Constant;

/// One rule of the URL map with its view.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Route {
    /// The full rule, every prefix applied, in the source framework's converter syntax
    /// (`/user/<int:id>`). An unknown part is `<?>` or `<?name>`.
    pub rule: String,
    /// Sorted; without the HEAD and OPTIONS that the framework adds by itself.
    pub methods: Vec<String>,
    /// As the URL map has it; nested blueprints dotted.
    pub endpoint: String,
    /// The function or class that answers; absent for rules that only build URLs.
    pub view: Option<ViewRef>,
    /// Dotted name of the blueprint it was registered on.
    pub blueprint: Option<String>,
    /// `defaults=`.
    pub defaults: BTreeMap<String, Constant>,
    /// Whether a missing slash is redirected rather than answered.
    pub strict_slashes: bool,
    /// `host=`.
    pub host: Option<String>,
    /// `subdomain=`.
    pub subdomain: Option<String>,
    /// A websocket rule.
    pub websocket: bool,
    /// The automatic static route of an app or blueprint.
    #[serde(rename = "static")]
    pub is_static: bool,
    /// Of a static route: the folder whose files it serves, relative to the root with `/`; absent when it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    /// How sure the analysis is.
    pub certainty: Certainty,
    /// Index into [`crate::Analysis::apps`]; absent when the app is not known.
    pub app: Option<usize>,
    /// Where and how it was registered.
    pub registration: Option<Registration>,
}

/// Where a view is defined.
#[derive(
    Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub struct ViewRef {
    /// Dotted import name of the module.
    pub module: String,
    /// `Class.method` or `outer.<locals>.inner`.
    pub qualname: String,
    /// Relative to the root.
    pub file: String,
    /// Line of `def` or `class`.
    pub line: u32,
    /// Id of the [`crate::Function`], where the view is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
}

/// How sure the analysis is of a route.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Certainty {
    /// The URL map has it.
    Certain,
    /// Only under an `if` or a configuration flag.
    Conditional,
    /// A part of the rule is unknown.
    Partial,
}

/// The place in the source that made a route.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Registration {
    /// The decorator expression (without `@`) or the call.
    pub place: Place,
    /// The rule as written there, before any prefix; absent when it is not one plain literal.
    pub local_rule: Option<String>,
    /// Byte span of the rule's literal.
    pub rule_span: Option<Span>,
    /// A decorator on the view (else a call).
    pub decorator: bool,
    /// `endpoint=` was given.
    pub explicit_endpoint: bool,
}

impl Route {
    /// Methods as a person writes them: `GET,POST`, or `WS` for a websocket.
    #[must_use]
    pub fn verbs(&self) -> String {
        if self.websocket {
            "WS".into()
        } else {
            self.methods.join(",")
        }
    }
}
