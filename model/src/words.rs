//! Words of an app's own source: what its code compares with, hands on and asks for. Made-up requests use them where
//! a value of no meaning would always take the same branch.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::function::Function;

/// Short printable texts of a source tree, a bounded number of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// Texts that something is compared with: `state == "closed"`, `state in ("open", "closed")`, `case "closed":`.
    pub compared: BTreeSet<String>,
    /// Literal texts that stand together, in their order: arguments of one call (`User(1, "ann", "pw")` gives `ann`,
    /// `pw`), values of one dict.
    pub passed: Vec<Vec<String>>,
    /// Keys that something is asked for, by file, in the order of their places: `data["title"]`, `data.get("title")`,
    /// `"title" in data`.
    pub asked: BTreeMap<String, Vec<Asked>>,
}

/// A key that something is asked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Asked {
    /// Byte of the file where the expression begins.
    pub at: u32,
    /// The key.
    pub key: String,
}

impl Words {
    /// The keys that a function's own text asks for, in order.
    pub fn asked_in<'a>(&'a self, function: &Function) -> impl Iterator<Item = &'a Asked> {
        let span = function.span;
        let keys = self.asked.get(&function.file).into_iter().flatten();
        keys.filter(move |asked| span.start <= asked.at && asked.at < span.end)
    }
}
