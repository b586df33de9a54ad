//! A port's files: what comes along, what is written, what is recorded.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use model::port::Rewrite;
use model::{Analysis, PortDocument};

use super::output::{Content, RECORDS, sha256};
use super::{Around, files, guide};
use crate::error::PortError;
use crate::targets::{self, Carried, Draft, Target};
use crate::{changed_lines, summary, support};

/// A port before it is written.
pub(crate) struct Assembled {
    pub files: BTreeMap<String, Content>,
    pub document: PortDocument,
}

#[expect(
    clippy::too_many_arguments,
    reason = "each is another side of the port"
)]
pub(crate) fn assemble(
    analysis: &Analysis,
    target: &Target,
    source: &Path,
    root: &Path,
    texts: &BTreeMap<String, String>,
    draft: &Draft,
    around: &Around,
    mut listed: files::ProjectFiles,
) -> Result<Assembled, PortError> {
    let mut out: BTreeMap<String, Content> = BTreeMap::new();
    let mut originals: Vec<String> = Vec::new();
    let mut tests_kept = false;
    for path in &listed.files {
        tests_kept |= path.ends_with(".py") && targets::is_test(path);
    }
    match &draft.carried {
        Carried::All => {
            for path in &listed.files {
                out.insert(path.clone(), Content::Copy(root.join(path)));
            }
            for (path, link) in &listed.links {
                out.insert(path.clone(), Content::Link(link.clone()));
            }
        }
        Carried::Only(carried) => {
            for (path, from) in carried {
                out.insert(path.clone(), Content::Copy(root.join(from)));
            }
            let left = listed
                .files
                .iter()
                .filter(|f| !carried.values().any(|c| c == *f));
            for path in left.chain(listed.links.keys()) {
                let why = if path.ends_with(".py") {
                    "Python"
                } else {
                    "neither a template nor a static file"
                };
                listed.left_out.insert(path.clone(), why.into());
                if !listed.links.contains_key(path) {
                    originals.push(path.clone());
                }
            }
        }
    }
    for (path, text) in &draft.files {
        out.insert(path.clone(), Content::Bytes(text.as_bytes().to_vec()));
    }
    let mut rewrites: BTreeMap<String, Vec<Rewrite>> = BTreeMap::new();
    let mut changed: BTreeMap<String, u32> = BTreeMap::new();
    for (path, edits) in &draft.edits {
        let before = texts.get(path).map_or("", String::as_str);
        let after = edits.apply(before);
        let line = |offset: u32| before[..offset as usize].matches('\n').count() as u32 + 1;
        rewrites.insert(
            path.clone(),
            edits
                .sorted(before)
                .iter()
                .map(|e| Rewrite {
                    code: e.code.to_owned(),
                    line: line(e.span.start),
                    end_line: line(e.span.end),
                    function: e.function.clone(),
                })
                .collect(),
        );
        changed.insert(path.clone(), changed_lines(before, &after));
        originals.push(path.clone());
        out.insert(path.clone(), Content::Bytes(after.into_bytes()));
    }
    for (path, text) in &around.texts {
        if listed.files.contains(path) && !originals.contains(path) {
            originals.push(path.clone());
        }
        out.insert(path.clone(), Content::Bytes(text.as_bytes().to_vec()));
    }
    if draft.carried == Carried::All {
        let prefix = import_root(analysis, draft);
        for (path, text) in support::closure(&draft.support, draft.ground, draft.engine) {
            out.insert(
                format!("{prefix}{path}"),
                Content::Bytes(text.as_bytes().to_vec()),
            );
        }
    }
    let paired: BTreeSet<&String> = draft.pairs.iter().map(|p| &p.original.file).collect();
    originals.extend(paired.into_iter().cloned());
    for path in &originals {
        out.insert(
            format!("{RECORDS}/originals/{path}"),
            Content::Copy(root.join(path)),
        );
    }
    let mut document = PortDocument {
        schema: PortDocument::SCHEMA.into(),
        source: source.display().to_string(),
        target: target.name.into(),
        migrate_version: env!("CARGO_PKG_VERSION").into(),
        functions: draft.functions.clone(),
        routes: draft.routes.clone(),
        deviations: draft.deviations.clone(),
        run: draft.run.clone(),
        files: BTreeMap::new(),
        copied: copied(&out, root),
        left_out: listed.left_out,
        rewrites,
        pairs: draft.pairs.clone(),
        install: around.install.clone(),
        start: around.start.clone(),
        summary: summary(draft, changed.values().sum()),
    };
    count_function_lines(analysis, texts, draft, &mut document);
    out.insert(
        "MIGRATION.md".into(),
        Content::Bytes(
            guide::text(
                &document,
                target,
                &around.changes,
                &draft.remarks,
                tests_kept,
            )
            .into_bytes(),
        ),
    );
    for (path, content) in &out {
        if path.starts_with(RECORDS) {
            continue;
        }
        let bytes = match content {
            Content::Bytes(bytes) => sha256(bytes),
            Content::Copy(from) => sha256(&std::fs::read(from).map_err(|e| PortError::Read {
                path: from.display().to_string(),
                why: e.to_string(),
            })?),
            Content::Link(_) => continue,
        };
        document
            .files
            .insert(path.clone(), format!("sha256 {bytes}"));
    }
    let mut json = serde_json::to_string_pretty(&document).unwrap_or_default();
    json.push('\n');
    out.insert(
        format!("{RECORDS}/port.json"),
        Content::Bytes(json.into_bytes()),
    );
    Ok(Assembled {
        files: out,
        document,
    })
}

/// The files of a port that are copies, with their paths in the source.
fn copied(files: &BTreeMap<String, Content>, root: &Path) -> BTreeMap<String, String> {
    files
        .iter()
        .filter(|(path, _)| !path.starts_with(RECORDS))
        .filter_map(|(path, content)| match content {
            Content::Copy(from) => {
                let from = from.strip_prefix(root).ok()?;
                Some((path.clone(), from.to_str()?.replace('\\', "/")))
            }
            Content::Bytes(_) | Content::Link(_) => None,
        })
        .collect()
}

/// Where the app's top-level packages lie: the support package goes beside them.
fn import_root(analysis: &Analysis, draft: &Draft) -> String {
    let edited = draft.edits.keys().find_map(|path| {
        let info = analysis.files.get(path)?;
        let module = info.module.replace('.', "/");
        let stem = path.strip_suffix(".py")?;
        let stem = stem.strip_suffix("/__init__").unwrap_or(stem);
        stem.strip_suffix(module.as_str()).map(str::to_owned)
    });
    edited.unwrap_or_default()
}

/// Changed lines inside each function: those of the edits that belong to it.
fn count_function_lines(
    analysis: &Analysis,
    texts: &BTreeMap<String, String>,
    draft: &Draft,
    document: &mut PortDocument,
) {
    for verdict in &mut document.functions {
        let Some(function) = analysis.functions.iter().find(|f| f.id == verdict.id) else {
            continue;
        };
        let (Some(edits), Some(text)) =
            (draft.edits.get(&function.file), texts.get(&function.file))
        else {
            continue;
        };
        let mut lines = BTreeSet::new();
        for edit in edits.sorted(text) {
            if edit.function.as_deref() == Some(verdict.id.as_str()) {
                lines.insert(text[..edit.span.start as usize].matches('\n').count());
            }
        }
        // A changed line is one removed and one added.
        verdict.changed_lines = lines.len() as u32 * 2;
    }
}
