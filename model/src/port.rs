//! The port: what codegen decided and wrote, as `.migrate/port.json` holds it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a function or route fares in a port.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The target's own routing, its request or parameters in, its response class out.
    Native,
    /// Reads the ambient request, session or globals of a support file; equal all the same.
    Supported,
    /// Left to the source framework.
    Relayed,
    /// The route is there and fails loudly.
    Refused,
}

impl Verdict {
    /// The word that people read.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Supported => "supported",
            Self::Relayed => "relayed",
            Self::Refused => "refused",
        }
    }
}

/// `.migrate/port.json`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct PortDocument {
    /// `migrate/port/1`.
    pub schema: String,
    /// The source path as given.
    pub source: String,
    /// The target's name.
    pub target: String,
    /// Version of `migrate` that wrote it.
    pub migrate_version: String,
    /// Verdicts of functions.
    pub functions: Vec<FunctionVerdict>,
    /// Verdicts of routes.
    pub routes: Vec<RouteVerdict>,
    /// Behaviours known to differ.
    pub deviations: Vec<Deviation>,
    /// How to start both sides.
    pub run: Run,
    /// sha256 of every file written.
    pub files: BTreeMap<String, String>,
    /// Files that are verbatim copies of the source's, with their paths there. One of `files` that is neither here
    /// nor below `.migrate/originals` was added by the port.
    #[serde(default)]
    pub copied: BTreeMap<String, String>,
    /// Files of the source that the port leaves out, and why (a directory ends in `/`).
    pub left_out: BTreeMap<String, String>,
    /// Rewrites by file, in order of place.
    pub rewrites: BTreeMap<String, Vec<Rewrite>>,
    /// Functions of the original beside what stands for them, where a port is another file and not
    /// the edited one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pairs: Vec<ReviewPair>,
    /// What installs what the port needs, in its folder; the target's own way when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub install: Option<String>,
    /// What a person types to serve it, in its folder; the command under `run` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    /// Totals.
    pub summary: Summary,
}

impl PortDocument {
    /// The schema's name.
    pub const SCHEMA: &'static str = "migrate/port/1";

    /// Why functions are refused or left to the source framework, as people are told. Where functions stand beside others, only those that do, with
    /// reasons of their own: whoever waits for a hook is told by the hook.
    pub fn refusals(&self) -> impl Iterator<Item = (&FunctionVerdict, &Reason)> {
        let paired =
            |id: &str| self.pairs.is_empty() || self.pairs.iter().any(|p| p.function == id);
        self.functions
            .iter()
            .filter(move |f| {
                matches!(f.verdict, Verdict::Refused | Verdict::Relayed) && paired(&f.id)
            })
            .flat_map(|f| f.reasons.iter().map(move |r| (f, r)))
            .filter(|(_, r)| self.pairs.is_empty() || r.through.is_none())
    }

    /// The refusals by what stands in the way (code and message), the most frequent first.
    #[must_use]
    pub fn causes(&self) -> Vec<Vec<(&FunctionVerdict, &Reason)>> {
        let mut causes: Vec<Vec<(&FunctionVerdict, &Reason)>> = Vec::new();
        let mut known: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for (function, reason) in self.refusals() {
            let at = *known
                .entry((&reason.code, &reason.message))
                .or_insert(causes.len());
            if at == causes.len() {
                causes.push(Vec::new());
            }
            causes[at].push((function, reason));
        }
        causes.sort_by_key(|cause| std::cmp::Reverse(cause.len()));
        causes
    }
}

/// A function of the original and the item of the port that stands for it, for review side by side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReviewPair {
    /// Id of the function.
    pub function: String,
    /// The original's lines; the file lies below `.migrate/originals`.
    pub original: Lines,
    /// The port's lines.
    pub port: Lines,
}

/// Whole lines of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Lines {
    /// Relative to its root.
    pub file: String,
    /// First line, 1-based.
    pub line: u32,
    /// Last line.
    pub end_line: u32,
}

/// An edit as `diff` names it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Rewrite {
    /// Code of the rewrite, `R0101`.
    pub code: String,
    /// First line in the original, 1-based.
    pub line: u32,
    /// Last line in the original.
    pub end_line: u32,
    /// Id of the function it belongs to; absent for module level.
    pub function: Option<String>,
}

/// The verdict of a function.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct FunctionVerdict {
    /// Id of the function.
    pub id: String,
    /// How it fares.
    pub verdict: Verdict,
    /// Why not better.
    pub reasons: Vec<Reason>,
    /// Support modules that it uses.
    pub support: Vec<String>,
    /// Added and removed lines inside it.
    pub changed_lines: u32,
}

/// Why a verdict is not better.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    /// Code of a finding of family M03.
    pub code: String,
    /// One sentence.
    pub message: String,
    /// 1-based line in the function's file that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Id of the function that it comes from, when it is not a reason of the function itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub through: Option<String>,
}

impl Reason {
    /// The sentence with its line.
    #[must_use]
    pub fn text(&self) -> String {
        match self.line {
            Some(line) => format!("line {line}: {}", self.message),
            None => self.message.clone(),
        }
    }
}

/// The verdict of a route.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct RouteVerdict {
    /// Full rule.
    pub rule: String,
    /// Methods.
    pub methods: Vec<String>,
    /// Endpoint.
    pub endpoint: String,
    /// How it fares.
    pub verdict: Verdict,
    /// Id of its view.
    pub view: Option<String>,
}

/// A behaviour known to differ on this target.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Deviation {
    /// `D-target-name`.
    pub code: String,
    /// Endpoints; `*` for URLs that match none.
    pub routes: Vec<String>,
    /// Which requests.
    pub when: DeviationWhen,
    /// `status`, `header:X` or `body`; `answer`, of a server's own; `concurrency`; `query`, of the request's own wherever it
    /// is shown; `order`, of what a body holds; `utf-8`, of headers.
    pub field: String,
    /// What the original answers.
    pub original: String,
    /// What the port answers.
    pub port: String,
    /// In words.
    pub what: String,
}

impl Deviation {
    /// Deviations in words, each once with its code: several declarations may say one thing of several fields.
    pub fn told(deviations: &[Self]) -> Vec<(&str, &str)> {
        let mut told: Vec<(&str, &str)> = Vec::new();
        for deviation in deviations {
            let one = (deviation.code.as_str(), deviation.what.as_str());
            if !told.contains(&one) {
                told.push(one);
            }
        }
        told
    }
}

/// Which requests a deviation concerns.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct DeviationWhen {
    /// The method.
    pub method: Option<String>,
    /// A regular expression for the path.
    pub path: Option<String>,
    /// A regular expression for the query.
    pub query: Option<String>,
    /// A regular expression for one of the request's headers, as `range: bytes=-0` (the name in small letters).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
}

/// How to start both sides, with `{host}` and `{port}` in the arguments.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    /// In the original's root.
    pub original: Serve,
    /// In the port's folder.
    pub port: Serve,
}

/// A command that serves an app.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Serve {
    /// Program and arguments.
    pub serve: Vec<String>,
}

/// Totals of a port.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// Routes with a view.
    pub routes: u32,
    /// Native ones.
    pub native: u32,
    /// Supported ones.
    pub supported: u32,
    /// Relayed ones.
    pub relayed: u32,
    /// Refused ones.
    pub refused: u32,
    /// Added and removed lines in the app's own files, over native and supported routes.
    pub changed_lines_per_route: f64,
}
