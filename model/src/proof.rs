//! The proof: how a port answered beside its original, as `migrate verify --format json` prints it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What `migrate verify` found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Proof {
    /// `migrate/verify/1`.
    pub schema: String,
    /// The original, as given or as the port's records name it.
    pub source: String,
    /// The port's folder, as given.
    pub port: String,
    /// Seed of the traffic: the same seed makes the same requests.
    pub seed: u64,
    /// Requests that were sent to every side.
    pub requests: u32,
    /// Those answered the same.
    pub equal: u32,
    /// Those that differ only as the port declares.
    pub declared: u32,
    /// Those that differ otherwise.
    pub different: u32,
    /// What differed between two runs of the original and was masked, sorted: `header:Date`, `json:$.now`, `text`.
    pub noise: Vec<String>,
    /// How much of the app was exercised.
    pub routes: Coverage,
    /// Every route with what became of it, in the order of the port's records.
    pub by_route: Vec<RouteProof>,
    /// Every difference, in the order of requests.
    pub differences: Vec<Difference>,
    /// Declared deviations with the requests that showed them; one that never occurred has none.
    pub deviations: Vec<Occurrence>,
    /// How the app's own tests fared, where they were run (`--suite`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suite: Option<SuiteProof>,
    /// What the reader has to know: a side that was restarted, requests that were left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
}

impl Proof {
    /// The schema's name.
    pub const SCHEMA: &'static str = "migrate/verify/1";
}

/// How many routes were exercised.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Coverage {
    /// Routes of the port's records.
    pub total: u32,
    /// Those that at least one request reached.
    pub exercised: u32,
    /// Those that answered at least one request with a 2xx.
    pub with_2xx: u32,
    /// Those, and those that answered a request that changes something (any but `GET`, `HEAD`, `OPTIONS`) with a redirect:
    /// a view may have no other way to say that it is done.
    #[serde(default)]
    pub with_success: u32,
    /// Those that no request can reach, since an earlier one has the same rule and methods.
    #[serde(default)]
    pub shadowed: u32,
}

/// What became of a route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RouteProof {
    /// Full rule.
    pub rule: String,
    /// Methods.
    pub methods: Vec<String>,
    /// Endpoint.
    pub endpoint: String,
    /// The worst that happened.
    pub outcome: Outcome,
    /// Requests that reached it.
    pub requests: u32,
    /// Those of them that the original answered with a 2xx.
    pub with_2xx: u32,
    /// Those that differ undeclared.
    pub different: u32,
    /// How often the original's view answered with which status; a request that got no answer counts under 0.
    #[serde(default)]
    pub statuses: BTreeMap<u16, u32>,
    /// It answered no request with a 2xx, and some with redirects, other than to a form to log in.
    #[serde(default)]
    pub only_redirects: bool,
    /// Endpoint of an earlier route with the same rule and methods: no request reaches this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shadowed_by: Option<String>,
}

/// How a route fared.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// No request reached it.
    Unexercised,
    /// Every answer was the same.
    Equal,
    /// Some differ as declared.
    Declared,
    /// Some differ otherwise.
    Different,
}

/// An answer of the port that differs in one field from the original's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Difference {
    /// The request, as it was sent to the original.
    pub request: SentRequest,
    /// Rule of the route that it reached; absent when it matches none.
    pub route: Option<String>,
    /// Endpoint of that route.
    pub endpoint: Option<String>,
    /// Id of the view.
    pub function: Option<String>,
    /// File of the view, relative to the original's root.
    pub file: Option<String>,
    /// Line of its `def`.
    pub line: Option<u32>,
    /// `status`, `header:X`, `body`, `answer` (one side gave none), `concurrency`.
    pub field: String,
    /// What the original answered there.
    pub original: String,
    /// What the port answered there.
    pub port: String,
    /// Where in the body: a JSON path or a line; absent for other fields.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Codes of rewrites of that function, those that touch this field first: one of them probably caused it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rewrites: Vec<String>,
    /// Why this request was made (`missing slash`).
    pub aim: String,
}

/// A request as a line of a requests file has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SentRequest {
    /// Its place among all requests, from 1.
    #[serde(default)]
    pub number: u32,
    /// The method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// Headers, without those that every client sends.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// The body, when it is text.
    #[serde(default)]
    pub body: Option<String>,
    /// The body, when it is not.
    #[serde(default)]
    pub body_base64: Option<String>,
    /// Requests of one session share cookies.
    #[serde(default = "main_session")]
    pub session: String,
}

fn main_session() -> String {
    "main".into()
}

/// How often a declared deviation occurred.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Occurrence {
    /// `D-target-name`.
    pub code: String,
    /// Requests whose answers differ by it.
    pub requests: u32,
}

/// The app's own tests, run against the original and against the port.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SuiteProof {
    /// The command, as given.
    pub command: String,
    /// Tests that ran on either side.
    pub tests: u32,
    /// Those that pass on both.
    pub equal: u32,
    /// Those that pass on the original and fail in the port.
    pub different: u32,
    /// Those that pass on the original and were not run, or skipped, in the port.
    pub lost: u32,
    /// Those that the original skips.
    pub skipped: u32,
    /// Those that fail on the original: they say nothing of the port.
    pub broken: u32,
    /// Those that only the port has.
    pub new: u32,
    /// Every test, by name.
    pub cases: Vec<SuiteCase>,
}

impl SuiteProof {
    /// Tests that speak against the port.
    #[must_use]
    pub const fn failing(&self) -> u32 {
        self.different + self.lost
    }
}

/// One test on both sides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SuiteCase {
    /// Module, class and name: `tests.test_auth::test_login[a]`.
    pub name: String,
    /// What it says of the port.
    pub verdict: SuiteVerdict,
    /// How it ended on the original; absent where it did not run.
    pub original: Option<TestOutcome>,
    /// How it ended in the port; absent where it did not run.
    pub port: Option<TestOutcome>,
    /// The first line of why it failed, was skipped or did not run in the port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What a test says of the port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SuiteVerdict {
    /// It passes on both.
    Equal,
    /// It passes on the original and fails in the port.
    Different,
    /// It passes on the original and was not run, or skipped, in the port.
    Lost,
    /// The original skips it.
    Skipped,
    /// It fails on the original.
    Broken,
    /// Only the port has it.
    New,
}

impl SuiteVerdict {
    /// Whether it speaks against the port.
    #[must_use]
    pub const fn is_failing(self) -> bool {
        matches!(self, Self::Different | Self::Lost)
    }
}

/// How a test ended, the worst last.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum TestOutcome {
    /// It passed.
    Passed,
    /// It was skipped.
    Skipped,
    /// It failed.
    Failed,
    /// What it needs failed: a fixture, its module.
    Error,
}
