//! The readiness report: verdicts, what blocks most, what the port carries, what is left to do.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use model::port::FunctionVerdict;
use model::{
    Analysis, Blocker, Code, ExtensionFate, Finding, Function, Readiness, Severity, SupportModule,
    Verdict,
};

use super::lost::lost;
use super::{effort, extensions::offer};
use crate::error::PortError;
use crate::project::files;
use crate::targets::is_test;
use crate::targets::{self, Draft, Reader, Source};
use crate::{rust, support};

/// Blockers that are listed.
const BLOCKERS: usize = 10;

/// What a port of the app at `path` to `target` would come to.
///
/// # Errors
/// When there is no such target, the app is written in it already, or a file cannot be read.
pub fn readiness(
    analysis: &Analysis,
    path: &Path,
    target: &str,
    reader: &dyn Reader,
) -> Result<Readiness, PortError> {
    let mut report = Readiness {
        target: target.to_owned(),
        ..Readiness::default()
    };
    if analysis.apps.iter().any(|a| a.framework == target) {
        return Err(PortError::SameFramework(target.into()));
    }
    report.servers = lost(&analysis.servers, target);
    report.servers.extend(hazard(analysis, target));
    report.extensions = extensions(analysis, target);
    let Some(known) = targets::find(target) else {
        if !targets::PLANNED.contains(&target) {
            return Err(PortError::Target(target.into()));
        }
        report.unavailable = Some(format!(
            "`migrate` has no plan code for {target} yet, so there are no verdicts"
        ));
        report.effort = effort::of(analysis, &report);
        return Ok(report);
    };
    let root = if path.is_file() {
        path.parent().unwrap_or(Path::new("."))
    } else {
        path
    };
    let texts = crate::read(analysis, root)?;
    let listed = files::list(path).files;
    let source = Source {
        analysis,
        texts: &texts,
        listed: &listed,
        reader,
        no_relay: false,
        only: &[],
        trace: false,
        held_back: &BTreeSet::new(),
    };
    match (known.lower)(&source) {
        Ok(draft) => fill(&mut report, analysis, &texts, draft),
        Err(PortError::Unsupported { obstacles, .. }) => report.obstacles = obstacles,
        Err(error @ (PortError::NoApp | PortError::ManyApps(_))) => {
            report.unavailable = Some(format!("{error}; {}", error.mend()));
        }
        Err(error) => return Err(error),
    }
    report.portable = report.obstacles.is_empty() && report.unavailable.is_none();
    if report.portable && report.summary.routes > 0 {
        let good = report.summary.native + report.summary.supported;
        let share = f64::from(good) / f64::from(report.summary.routes) * 100.0;
        report.percentage = (share * 10.0).round() / 10.0;
    }
    report.effort = effort::of(analysis, &report);
    Ok(report)
}

/// What can be done to the server of the target's ports, as a finding at the app.
fn hazard(analysis: &Analysis, target: &str) -> Option<Finding> {
    let hazard = targets::find(target)?.hazard?;
    Some(Finding {
        code: Code::M0701,
        severity: Severity::Warning,
        place: analysis.apps.first()?.place.clone(),
        message: hazard.what.into(),
        help: hazard.mend.into(),
    })
}

/// The extensions of the app itself, each with what the target has in its place.
fn extensions(analysis: &Analysis, target: &str) -> Vec<ExtensionFate> {
    analysis
        .extensions
        .iter()
        .filter(|e| !e.uses.iter().all(|u| is_test(&u.file)))
        .map(|e| ExtensionFate {
            name: e.name.clone(),
            file: e.place.file.clone(),
            line: e.place.line,
            offer: offer(&e.package, target),
        })
        .collect()
}

fn fill(
    report: &mut Readiness,
    analysis: &Analysis,
    texts: &BTreeMap<String, String>,
    draft: Draft,
) {
    let changed = draft
        .edits
        .iter()
        .map(|(path, edits)| {
            let before = texts.get(path).map_or("", String::as_str);
            crate::changed_lines(before, &edits.apply(before))
        })
        .sum();
    report.summary = crate::summary(&draft, changed);
    report.blockers = blockers(analysis, &draft);
    let python = support::closure(&draft.support, draft.ground, draft.engine);
    let folder = format!("src/{}/", rust::support::FOLDER);
    let rust = draft
        .files
        .iter()
        .filter(|(path, _)| path.starts_with(&folder));
    report.support = python
        .iter()
        .map(|(path, text)| (path, *text))
        .chain(rust.map(|(path, text)| (path, text.as_str())))
        .filter_map(|(path, text)| module(path, text))
        .collect();
    report.obstacles = draft.obstacles;
    report.deviations = draft.deviations;
    report.routes = draft.routes;
    report.functions = draft.functions;
}

/// A support module by the first sentence of its documentation.
fn module(path: &str, text: &str) -> Option<SupportModule> {
    let (name, extension) = path.rsplit('/').next()?.rsplit_once('.')?;
    if matches!(name, "__init__" | "mod") {
        return None;
    }
    let doc = if extension == "rs" {
        let lines = text.lines().map_while(|line| line.strip_prefix("//!"));
        lines.map(str::trim).collect::<Vec<_>>().join("\n")
    } else {
        let doc = text.trim_start().strip_prefix("\"\"\"")?;
        doc.split("\"\"\"").next()?.to_owned()
    };
    let sentence = doc.split("\n\n").next()?.split(". ").next()?;
    Some(SupportModule {
        name: name.to_owned(),
        summary: sentence
            .replace("``", "`")
            .replace('\n', " ")
            .trim_end_matches('.')
            .to_owned(),
        lines: text.lines().count() as u32,
    })
}

/// Functions that are refused for reasons of their own, by the number of routes that reach them.
fn blockers(analysis: &Analysis, draft: &Draft) -> Vec<Blocker> {
    let functions: BTreeMap<&str, &Function> = analysis
        .functions
        .iter()
        .map(|f| (f.id.as_str(), f))
        .collect();
    let refused: BTreeMap<&str, &FunctionVerdict> = draft
        .functions
        .iter()
        .filter(|f| f.verdict == Verdict::Refused)
        .map(|f| (f.id.as_str(), f))
        .collect();
    // Who uses whom, backwards, among the refused.
    let mut users: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (&id, verdict) in &refused {
        // Hooks run around a view that does not call them.
        for hook in verdict.reasons.iter().filter_map(|r| r.through.as_deref()) {
            users.entry(hook).or_default().push(id);
        }
        let Some(function) = functions.get(id) else {
            continue;
        };
        let decorators = function
            .decorators
            .iter()
            .filter_map(|d| d.function.as_ref());
        for used in function.calls.iter().chain(decorators) {
            users.entry(used).or_default().push(id);
        }
    }
    let mut out: Vec<Blocker> = Vec::new();
    for (&id, verdict) in &refused {
        let reasons: Vec<_> = verdict
            .reasons
            .iter()
            .filter(|r| r.through.is_none())
            .cloned()
            .collect();
        let Some(function) = functions.get(id).filter(|_| !reasons.is_empty()) else {
            continue;
        };
        let mut reached = BTreeSet::new();
        let mut pending = vec![id];
        while let Some(at) = pending.pop() {
            if reached.insert(at) {
                pending.extend(users.get(at).into_iter().flatten());
            }
        }
        let routes: BTreeSet<String> = draft
            .routes
            .iter()
            .filter(|r| r.view.as_deref().is_some_and(|v| reached.contains(v)))
            .map(|r| r.endpoint.clone())
            .collect();
        out.push(Blocker {
            function: id.to_owned(),
            file: function.file.clone(),
            line: function.line,
            routes: routes.into_iter().collect(),
            reasons,
        });
    }
    out.retain(|b| !b.routes.is_empty());
    out.sort_by(|a, b| (b.routes.len(), &a.function).cmp(&(a.routes.len(), &b.function)));
    out.truncate(BLOCKERS);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_by_their_first_sentence() {
        let python = module(
            "flask_parity/cli.py",
            "\"\"\"Runs ``commands``\nof the app. More.\"\"\"\n",
        );
        let python = python.unwrap();
        assert_eq!(python.name, "cli");
        assert_eq!(python.summary, "Runs `commands` of the app");
        let rust = module(
            "src/flask_parity/files.rs",
            "//! Files as Flask\n//! sends them (werkzeug.utils).\n//!\n//! More.\n\nuse a;\n",
        );
        let rust = rust.unwrap();
        assert_eq!((rust.name.as_str(), rust.lines), ("files", 6));
        assert_eq!(rust.summary, "Files as Flask sends them (werkzeug.utils)");
        assert!(module("src/flask_parity/mod.rs", "//! All.\n").is_none());
    }
}
