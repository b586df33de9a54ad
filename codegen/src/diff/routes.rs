//! Changes grouped by route: the view, then its templates, hooks and helpers; the rest by file. Functions that stand
//! beside those of the port belong to their routes likewise.

use std::collections::BTreeSet;

use serde::Serialize;
use similar::{ChangeTag, TextDiff};

use super::{Comparison, Pair};

/// A heading with its hunks.
#[derive(Clone, Debug, Serialize)]
pub struct Section {
    /// `GET /x  (bp.x)  native`, or a file.
    pub title: String,
    /// Endpoint, for a route.
    pub endpoint: Option<String>,
    /// Rule, for a route.
    pub rule: Option<String>,
    /// The changes.
    pub hunks: Vec<Hunk>,
    /// Functions of the original beside those of the port.
    pub pairs: Vec<Pair>,
}

/// Adjacent changes of a file.
#[derive(Clone, Debug, Serialize)]
pub struct Hunk {
    /// The file.
    pub file: String,
    /// First line in the original, 1-based.
    pub line: u32,
    /// The rewrites that made it.
    pub rewrites: Vec<String>,
    /// Its lines, context included.
    pub lines: Vec<Line>,
}

/// A line of a hunk.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// ` `, `-` or `+`.
    pub sign: char,
    /// Without its line end.
    pub text: String,
}

/// Hunks by the function that they belong to.
struct Piece {
    functions: BTreeSet<String>,
    hunk: Hunk,
}

/// The changes of the app's own files and the functions that others stand for, grouped by route. What belongs to no
/// route stands under its file; `wanted` filters routes by endpoint or rule (`*` is any text).
#[must_use]
pub fn by_route(comparison: &Comparison, wanted: Option<&str>) -> Vec<Section> {
    let document = &comparison.document;
    let mut pieces: Vec<Piece> = Vec::new();
    for (file, pair) in &comparison.files {
        let (Some(before), Some(after)) = (&pair.before, &pair.after) else {
            continue;
        };
        let before = String::from_utf8_lossy(before).into_owned();
        let after = String::from_utf8_lossy(after).into_owned();
        let rewrites = document.rewrites.get(file).map_or(&[][..], Vec::as_slice);
        let diff = TextDiff::from_lines(&before, &after);
        for group in diff.grouped_ops(1) {
            let Some(first) = group.first() else { continue };
            let start = first.old_range().start as u32 + 1;
            let end = group.last().map_or(start, |op| op.old_range().end as u32);
            let mut lines = Vec::new();
            for op in &group {
                for change in diff.iter_changes(op) {
                    let sign = match change.tag() {
                        ChangeTag::Equal => ' ',
                        ChangeTag::Delete => '-',
                        ChangeTag::Insert => '+',
                    };
                    let text = change.value().trim_end_matches(['\n', '\r']).to_owned();
                    lines.push(Line { sign, text });
                }
            }
            let mine: Vec<_> = rewrites
                .iter()
                .filter(|r| r.line <= end && r.end_line >= start)
                .collect();
            let codes: BTreeSet<String> = mine.iter().map(|r| r.code.clone()).collect();
            pieces.push(Piece {
                functions: mine.iter().filter_map(|r| r.function.clone()).collect(),
                hunk: Hunk {
                    file: file.clone(),
                    line: start,
                    rewrites: codes.into_iter().collect(),
                    lines,
                },
            });
        }
    }
    let mut out = Vec::new();
    let mut shown = vec![false; pieces.len()];
    let mut paired = vec![false; comparison.pairs.len()];
    for route in &document.routes {
        let matches =
            wanted.is_none_or(|glob| model::glob::names(glob, &route.endpoint, &route.rule));
        let Some(view) = &route.view else { continue };
        let mut hunks = Vec::new();
        for (i, piece) in pieces.iter().enumerate() {
            if piece.functions.contains(view) {
                shown[i] = true;
                hunks.push(piece.hunk.clone());
            }
        }
        let mut pairs = Vec::new();
        for (i, pair) in comparison.pairs.iter().enumerate() {
            if pair.function == *view {
                paired[i] = true;
                pairs.push(pair.clone());
            }
        }
        if matches && !(hunks.is_empty() && pairs.is_empty()) {
            out.push(Section {
                title: format!(
                    "{} {}  {}  {}",
                    route.methods.join(","),
                    route.rule,
                    route.endpoint,
                    route.verdict.word()
                ),
                endpoint: Some(route.endpoint.clone()),
                rule: Some(route.rule.clone()),
                hunks,
                pairs,
            });
        }
    }
    if wanted.is_some() {
        return out;
    }
    let of_hunks = pieces.iter().map(|p| p.hunk.file.as_str());
    let of_pairs = comparison.pairs.iter().map(|p| p.original.file.as_str());
    let files: BTreeSet<&str> = of_hunks.chain(of_pairs).collect();
    for file in files {
        let hunks: Vec<Hunk> = pieces
            .iter()
            .zip(&shown)
            .filter(|(p, shown)| p.hunk.file == file && !**shown)
            .map(|(p, _)| p.hunk.clone())
            .collect();
        let mut pairs: Vec<Pair> = comparison
            .pairs
            .iter()
            .zip(&paired)
            .filter(|(p, paired)| p.original.file == file && !**paired)
            .map(|(p, _)| p.clone())
            .collect();
        pairs.sort_by_key(|p| p.original.line);
        if !(hunks.is_empty() && pairs.is_empty()) {
            out.push(Section {
                title: file.to_owned(),
                endpoint: None,
                rule: None,
                hunks,
                pairs,
            });
        }
    }
    out
}
