//! Readiness: what a port to one target would come to, before anybody starts it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::extension::ExtensionOffer;
use crate::finding::Finding;
use crate::port::{Deviation, FunctionVerdict, Reason, RouteVerdict, Summary};

/// What a port to one target would come to. Verdicts are those of the plan code that `port` runs.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Readiness {
    /// The target's name.
    pub target: String,
    /// Whether `migrate port` writes this port today.
    pub portable: bool,
    /// Percentage of the routes that the port answers as the original does: native and supported
    /// ones, and 0 while something stands in the way of the whole app.
    pub percentage: f64,
    /// What stands in the way of the whole app. The verdicts below count once it is gone.
    pub obstacles: Vec<Obstacle>,
    /// Why there are no verdicts: the target has no plan code yet, or there is no app to port.
    pub unavailable: Option<String>,
    /// Verdicts of routes.
    pub routes: Vec<RouteVerdict>,
    /// Verdicts of functions.
    pub functions: Vec<FunctionVerdict>,
    /// Functions that block routes by themselves, those that block most first.
    pub blockers: Vec<Blocker>,
    /// Support modules that the port carries.
    pub support: Vec<SupportModule>,
    /// Extensions of the app that the target has nothing for, or something else.
    pub extensions: Vec<ExtensionFate>,
    /// What is known to differ on the target and cannot be closed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deviations: Vec<Deviation>,
    /// What the app's servers do now that the server under the port cannot (M06), and what can be done to that server
    /// (M07).
    pub servers: Vec<Finding>,
    /// What is left for a person to do, by points.
    pub effort: Effort,
    /// Totals.
    pub summary: Summary,
}

/// Something that stands in the way of a port.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Obstacle {
    /// The file.
    pub file: String,
    /// 1-based.
    pub line: u32,
    /// Why.
    pub reason: Reason,
}

/// A function that cannot be ported for reasons of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Blocker {
    /// Its id.
    pub function: String,
    /// Its file.
    pub file: String,
    /// 1-based.
    pub line: u32,
    /// Endpoints of the routes that reach it.
    pub routes: Vec<String>,
    /// Why.
    pub reasons: Vec<Reason>,
}

/// A support module that a port carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SupportModule {
    /// Its name.
    pub name: String,
    /// What it is for, in one sentence.
    pub summary: String,
    /// Lines of source.
    pub lines: u32,
}

/// What becomes of an extension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExtensionFate {
    /// The distribution's name.
    pub name: String,
    /// Where the app first imports it.
    pub file: String,
    /// 1-based.
    pub line: u32,
    /// What the target has in its place; absent for one that `migrate` does not know.
    pub offer: Option<ExtensionOffer>,
}

/// Work that is left for a person, in the fixed points of Konveyor's rules: 0 information, 1 trivial,
/// 3 a change that is known, 5 a redesign, 7 a change of architecture, 13 unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Effort {
    /// The sum over all items.
    pub points: u32,
    /// The items, the most expensive first.
    pub items: Vec<EffortItem>,
}

/// One piece of work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EffortItem {
    /// 0, 1, 3, 5, 7 or 13.
    pub points: u32,
    /// What is to be done.
    pub what: String,
    /// The file, where there is one.
    pub file: Option<String>,
    /// 1-based line in it.
    pub line: Option<u32>,
}
