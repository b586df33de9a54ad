//! Turns an analysis into a port, and a port into a diff.
//!
//! Codegen reads only the model and the source text; it parses no Python. What it writes is span edits
//! of the user's files, support files of this project, and the port's records.

pub mod diff;
mod error;
pub mod plan;
pub mod project;
pub mod python;
pub mod rust;
pub mod support;
pub mod targets;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use model::port::Rewrite;
use model::{Analysis, BindKind, PortDocument, Recycling, Server, Summary, Verdict};
use similar::TextDiff;

pub use error::{OutputError, PortError};
pub use targets::{Language, Reader, TARGETS, Target};

use project::output::{Content, RECORDS, sha256};
use project::{files, guide, output, requirements};
use targets::{Carried, Draft, Source};

/// What `port` is asked.
#[derive(Clone, Debug)]
pub struct PortOptions {
    /// The app.
    pub source: PathBuf,
    /// Where to; beside the app when absent.
    pub out: Option<PathBuf>,
    /// Name of the target.
    pub target: String,
    /// Overwrite files of an earlier port that were edited.
    pub force: bool,
    /// Write nothing.
    pub dry_run: bool,
    /// Answer 501 where a route could be relayed to the original. No target relays yet.
    pub no_relay: bool,
}

/// A port that was written.
#[derive(Clone, Debug)]
pub struct Written {
    /// Its folder.
    pub folder: PathBuf,
    /// Its records.
    pub document: PortDocument,
    /// What is left to do by hand.
    pub remarks: Vec<String>,
}

/// The folder that a port would be written to.
///
/// # Errors
/// When the source is a port itself, or the folder lies inside the source or around it.
pub fn output_folder(options: &PortOptions) -> Result<PathBuf, PortError> {
    output::folder(&options.source, options.out.as_deref(), &options.target)
        .map_err(PortError::Output)
}

/// Writes a port.
///
/// # Errors
/// When the app cannot be ported or the folder cannot be written; nothing is written then.
pub fn port(
    analysis: &Analysis,
    options: &PortOptions,
    reader: &dyn Reader,
) -> Result<Written, PortError> {
    let target =
        targets::find(&options.target).ok_or_else(|| PortError::Target(options.target.clone()))?;
    if analysis.apps.iter().any(|a| a.framework == target.name) {
        return Err(PortError::SameFramework(target.name.into()));
    }
    let folder = output_folder(options)?;
    output::check(&folder, options.force).map_err(PortError::Output)?;
    let root = if options.source.is_file() {
        options
            .source
            .parent()
            .unwrap_or(Path::new("."))
            .to_path_buf()
    } else {
        options.source.clone()
    };
    let texts = read(analysis, &root)?;
    let listed = files::list(&options.source);
    let mut draft = (target.lower)(&Source {
        analysis,
        texts: &texts,
        listed: &listed.files,
        reader,
    })?;
    if !draft.obstacles.is_empty() {
        return Err(PortError::Unsupported {
            target: target.name.into(),
            obstacles: draft.obstacles,
        });
    }
    draft.remarks.extend(
        plan::lost::lost(&analysis.servers, target.name)
            .iter()
            .map(|f| {
                format!(
                    "{}:{}: {} ({}). {}",
                    f.place.file, f.place.line, f.message, f.code, f.help
                )
            }),
    );
    draft.remarks.extend(commands(analysis, &draft));
    if target.language == Language::Python && !listed.files.iter().any(|f| f == "requirements.txt")
    {
        draft.remarks.push(
            "requirements.txt is new and holds only what the port itself needs: the app's own dependencies stay where they are declared, and Flask is still named there"
                .into(),
        );
    }
    let assembled = assemble(
        analysis,
        target,
        &options.source,
        &root,
        &texts,
        &draft,
        listed,
    )?;
    if !options.force {
        output::check_added(&folder, &assembled.files).map_err(PortError::Output)?;
    }
    if !options.dry_run {
        output::write(&folder, &assembled.files).map_err(PortError::Output)?;
    }
    Ok(Written {
        folder,
        document: assembled.document,
        remarks: draft.remarks,
    })
}

/// The texts of the files that were analysed and may be edited.
pub(crate) fn read(
    analysis: &Analysis,
    root: &Path,
) -> Result<BTreeMap<String, String>, PortError> {
    let mut texts = BTreeMap::new();
    for (path, info) in &analysis.files {
        if !info.editable {
            continue;
        }
        let text = std::fs::read_to_string(root.join(path)).map_err(|e| PortError::Read {
            path: path.clone(),
            why: e.to_string(),
        })?;
        texts.insert(path.clone(), text);
    }
    Ok(texts)
}

struct Assembled {
    files: BTreeMap<String, Content>,
    document: PortDocument,
}

fn assemble(
    analysis: &Analysis,
    target: &Target,
    source: &Path,
    root: &Path,
    texts: &BTreeMap<String, String>,
    draft: &Draft,
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
                .sorted()
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
    if draft.carried == Carried::All {
        dependency_files(root, draft, &listed.files, &mut out, &mut originals)?;
    }
    if draft.carried == Carried::All {
        let prefix = import_root(analysis, draft);
        for (path, text) in support::closure(&draft.support) {
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
        summary: summary(draft, changed.values().sum()),
    };
    count_function_lines(analysis, texts, draft, &mut document);
    out.insert(
        "MIGRATION.md".into(),
        Content::Bytes(guide::text(&document, target, &draft.remarks, tests_kept).into_bytes()),
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

/// Dependency files and the Procfile.
fn dependency_files(
    root: &Path,
    draft: &Draft,
    listed: &[String],
    out: &mut BTreeMap<String, Content>,
    originals: &mut Vec<String>,
) -> Result<(), PortError> {
    let read = |path: &str| {
        std::fs::read_to_string(root.join(path)).map_err(|e| PortError::Read {
            path: path.to_owned(),
            why: e.to_string(),
        })
    };
    let mut named = false;
    for path in listed {
        let name = path.rsplit('/').next().unwrap_or(path);
        let new = if path == "requirements.txt" {
            named = true;
            Some(requirements::rewrite(&read(path)?, &draft.dependencies))
        } else if path == "pyproject.toml" {
            requirements::rewrite_pyproject(&read(path)?, &draft.dependencies)
        } else if name == "Procfile" {
            procfile(&read(path)?, draft)
        } else {
            None
        };
        if let Some(new) = new {
            originals.push(path.clone());
            out.insert(path.clone(), Content::Bytes(new.into_bytes()));
        }
    }
    if !named {
        let new = requirements::rewrite("", &draft.dependencies);
        out.insert("requirements.txt".into(), Content::Bytes(new.into_bytes()));
    }
    Ok(())
}

/// What the port does with the command lines that serve the app: options that the new one lacks, and
/// commands that are left as they are.
fn commands(analysis: &Analysis, draft: &Draft) -> Vec<String> {
    let new = project::command::shown(&draft.run.port.serve);
    let mut out = Vec::new();
    for server in &analysis.servers {
        let place = format!("{}:{}", server.place.file, server.place.line);
        let old = server.command.join(" ");
        if server.place.file.ends_with("Procfile") && server.program == "gunicorn" {
            if is_plain(server) {
                continue;
            }
            out.push(format!(
                "{place}: options of `{old}` are not carried over; give the new command its own (`migrate targets` says what it can do)"
            ));
        } else if server.program != "python" {
            out.push(format!(
                "{place} still starts the original, by `{old}`; the port starts by `{new}`"
            ));
        }
    }
    out
}

/// Whether a command line says no more than what is served, by one process.
fn is_plain(server: &Server) -> bool {
    let plain = Server {
        program: server.program.clone(),
        place: server.place.clone(),
        command: server.command.clone(),
        app: server.app.clone(),
        factory: server.factory,
        interface: server.interface.clone(),
        workers: server.workers.clone().filter(|n| n == "1"),
        bind: server
            .bind
            .iter()
            .filter(|b| b.kind == BindKind::Tcp)
            .cloned()
            .collect(),
        // It comes with the program.
        recycling: Recycling {
            respawn: server.recycling.respawn,
            ..Recycling::default()
        },
        ..Server::default()
    };
    *server == plain
}

/// The web process of a Procfile; what it was is kept in a comment.
fn procfile(text: &str, draft: &Draft) -> Option<String> {
    let command: Vec<String> = draft
        .run
        .port
        .serve
        .iter()
        .map(|w| {
            w.replace("{host}", "0.0.0.0")
                .replace("{port}", "${PORT:-8000}")
        })
        .collect();
    let mut found = false;
    let mut out = String::new();
    for line in text.split_inclusive('\n') {
        if line.starts_with("web:") && line.contains("gunicorn") {
            found = true;
            out.push_str(&format!(
                "# was: {}\nweb: {}\n",
                line[4..].trim(),
                command.join(" ")
            ));
        } else {
            out.push_str(line);
        }
    }
    found.then_some(out)
}

pub(crate) fn changed_lines(before: &str, after: &str) -> u32 {
    TextDiff::from_lines(before, after)
        .iter_all_changes()
        .filter(|c| c.tag() != similar::ChangeTag::Equal)
        .count() as u32
}

pub(crate) fn summary(draft: &Draft, changed: u32) -> Summary {
    let count = |v: Verdict| draft.routes.iter().filter(|r| r.verdict == v).count() as u32;
    let (native, supported) = (count(Verdict::Native), count(Verdict::Supported));
    let ported = native + supported;
    Summary {
        routes: draft.routes.len() as u32,
        native,
        supported,
        relayed: count(Verdict::Relayed),
        refused: count(Verdict::Refused),
        changed_lines_per_route: if ported == 0 {
            0.0
        } else {
            (f64::from(changed) / f64::from(ported) * 10.0).round() / 10.0
        },
    }
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
        for edit in edits.sorted() {
            if edit.function.as_deref() == Some(verdict.id.as_str()) {
                lines.insert(text[..edit.span.start as usize].matches('\n').count());
            }
        }
        // A changed line is one removed and one added.
        verdict.changed_lines = lines.len() as u32 * 2;
    }
}
