//! Extensions: packages that add something to the framework's app.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::place::Place;

/// An extension that the app imports or attaches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Extension {
    /// The distribution that pip installs (`Flask-Login`); of an unknown one what its import name suggests.
    pub name: String,
    /// Its import name (`flask_login`).
    pub package: String,
    /// Where it is first imported.
    #[serde(flatten)]
    pub place: Place,
    /// Every place that imports, constructs or attaches it, by file and line.
    pub uses: Vec<ExtensionUse>,
    /// What it is made of (`SQLAlchemy`, `WTForms`, `itsdangerous`); empty when that is not known.
    pub underneath: Vec<String>,
    /// Whether it is one that `migrate` knows.
    pub known: bool,
    /// What each target has in its place, by the target's name. The analysis itself knows no target.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub targets: BTreeMap<String, ExtensionOffer>,
}

/// A place that uses an extension.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct ExtensionUse {
    /// Path relative to the analysis' root.
    pub file: String,
    /// 1-based.
    pub line: u32,
    /// How.
    pub how: ExtensionStep,
}

/// How a place uses an extension.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ExtensionStep {
    /// `import` or `from … import`.
    Imported,
    /// A class or function of it is called: `LoginManager()`, `CORS(app)`.
    Constructed,
    /// `extension.init_app(app)`.
    InitApp,
}

/// What a target has in an extension's place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExtensionOffer {
    /// Which kind of replacement.
    pub kind: OfferKind,
    /// Which, or why there is none.
    pub what: String,
}

/// Kinds of replacement for an extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OfferKind {
    /// It works there as it is.
    Same,
    /// The library underneath is used without the extension.
    Library,
    /// A support file of the port.
    Support,
    /// Another package, or the target's own way, with other answers or other data.
    Other,
    /// Nothing: to be rewritten, or left on the original.
    Nothing,
}

impl OfferKind {
    /// One word for people.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Library => "library",
            Self::Support => "support",
            Self::Other => "other",
            Self::Nothing => "nothing",
        }
    }
}
