//! Where something stands in the user's source.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Bytes `start..end` of a file's text as it lies on disk (a file that is not UTF-8 is never edited,
/// so text and bytes agree wherever codegen uses a span).
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    JsonSchema,
)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A span of `start..end`.
    #[must_use]
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// The text it covers; empty when it lies outside.
    #[must_use]
    pub fn of(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize)
            .unwrap_or("")
    }

    /// Whether `other` lies in it.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

/// A place a person can go to.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub struct Place {
    /// Path relative to the analysis' root, with `/`.
    pub file: String,
    /// 1-based.
    pub line: u32,
    /// 0-based, in characters.
    #[serde(default)]
    pub column: u32,
    /// The bytes meant.
    #[serde(default)]
    pub span: Span,
}
