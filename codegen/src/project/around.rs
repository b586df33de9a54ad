//! What is around an app's code: what it needs installed, and the commands that run it.

use std::collections::BTreeMap;
use std::path::Path;

use model::Analysis;

use super::declared::{self, Change};
use super::mentions::mentions;
use super::servers;
use crate::targets::{Draft, Serving};

/// The files around the code, for a port.
#[derive(Debug, Default)]
pub(crate) struct Around {
    /// New texts of files, by path.
    pub texts: BTreeMap<String, String>,
    /// What changed, for people.
    pub changes: Vec<Change>,
    /// What is left to do by hand.
    pub remarks: Vec<String>,
    /// What installs what the port needs.
    pub install: Option<String>,
    /// What serves it, where that is not its own command.
    pub start: Option<String>,
}

/// Rewrites the files around the code of the app at `root`.
pub(crate) fn around(
    analysis: &Analysis,
    draft: &Draft,
    serving: Serving,
    root: &Path,
    listed: &[String],
) -> Around {
    let read = |path: &str| std::fs::read_to_string(root.join(path)).ok();
    let commands = servers::rewrite(analysis, draft, serving, listed, read);
    let declared = declared::rewrite(listed, read, &commands.dependencies);
    let mut out = Around {
        texts: declared.texts,
        changes: declared.changes,
        remarks: commands.remarks,
        install: declared.install,
        start: commands.start,
    };
    out.texts.extend(commands.texts);
    out.changes.extend(commands.changes);
    out.remarks.extend(declared.remarks);
    let rest: Vec<String> = listed
        .iter()
        .filter(|path| !out.texts.contains_key(*path))
        .cloned()
        .collect();
    out.remarks
        .extend(mentions(&rest, read, &draft.dependencies, serving));
    out
}
