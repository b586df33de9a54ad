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

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use model::{Analysis, Code, PortDocument, Summary, Verdict};
use similar::TextDiff;

pub use error::{OutputError, PortError};
pub use targets::{Language, Reader, TARGETS, Target};

use project::{Around, around, assemble, files, named, output};
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
    /// Answer 501 where a route could be left to the original.
    pub no_relay: bool,
    /// Port only routes whose endpoint or rule fits one of these globs, and relay the others; all when there are none.
    pub only: Vec<String>,
    /// Answers of the port say in `x-served-by` who served them.
    pub trace: bool,
    /// Another engine for the app's templates.
    pub templates: Option<String>,
    /// What starts the port, by its name; the target's own choice when absent.
    pub server: Option<String>,
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

/// Whether a choice of routes is one that the target can make, and chooses any.
fn selected(analysis: &Analysis, target: &Target, options: &PortOptions) -> Result<(), PortError> {
    if target.language != Language::Python && (options.trace || !options.only.is_empty()) {
        return Err(PortError::NoRelay(target.name.into()));
    }
    let fits = |glob: &str| {
        let mut routes = analysis.routes.iter();
        routes.any(|r| model::glob::names(glob, &r.endpoint, &r.rule))
    };
    match options.only.iter().find(|glob| !fits(glob)) {
        Some(glob) => Err(PortError::NoRoute(glob.clone())),
        None => Ok(()),
    }
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
    let serving = target.serving(options.server.as_deref())?;
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
    selected(analysis, target, options)?;
    let listed = files::list(&options.source);
    let read_listed = |path: &str| std::fs::read_to_string(root.join(path)).ok();
    let mut draft = (target.lower)(&Source {
        analysis,
        texts: &texts,
        listed: &listed.files,
        reader,
        no_relay: options.no_relay,
        only: &options.only,
        trace: options.trace,
        held_back: &project::pins::held_back(&listed.files, read_listed),
    })?;
    draft.remarks.extend(
        target
            .hazard
            .map(|hazard| format!("{}: {}. {}", Code::M0701, hazard.what, hazard.mend)),
    );
    if let Some(name) = &options.templates {
        project::engine::exchange(&mut draft, name)?;
    }
    if !draft.obstacles.is_empty() {
        return Err(PortError::Unsupported {
            target: target.name.into(),
            obstacles: draft.obstacles,
        });
    }
    let around = if target.language == Language::Python && draft.carried == Carried::All {
        let around = around(analysis, &draft, serving, &root, &listed.files);
        draft.remarks.extend(around.remarks.iter().cloned());
        around
    } else {
        let lost = plan::lost::lost(&analysis.servers, target.name);
        draft.remarks.extend(lost.iter().map(|f| {
            format!(
                "{}:{}: {} ({}). {}",
                f.place.file, f.place.line, f.message, f.code, f.help
            )
        }));
        draft.remarks.extend(named(analysis, &draft));
        Around::default()
    };
    let assembled = assemble(
        analysis,
        target,
        &options.source,
        &root,
        &texts,
        &draft,
        &around,
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
