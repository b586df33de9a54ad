//! The analysis of one part of a tree, and how parts become one analysis.

use std::collections::BTreeMap;

use model::{Analysis, Code, Extension, FileInfo, Finding, Function, Place, Severity};

use crate::flask::{self, Naming, Registrations};
use crate::{problem, python, source};

/// What is known of one part.
pub struct Part {
    registered: Registrations,
    functions: Vec<Function>,
    extensions: Vec<Extension>,
    namings: Vec<Naming>,
    files: BTreeMap<String, FileInfo>,
    findings: Vec<Finding>,
}

impl Part {
    /// Parses and analyses a part; of its text and facts nothing is left afterwards.
    pub fn new(part: &source::Part<'_>) -> Self {
        let (project, problems) = part.project();
        let mut findings: Vec<Finding> = problems.iter().map(problem).collect();
        findings.extend(project.modules.iter().filter_map(syntax_error));
        let mut registered = flask::registrations(&project);
        findings.append(&mut registered.findings);
        let scopes = python::scopes::Scopes::new(&project);
        let (functions, mut remarks) = flask::functions(&scopes, &registered.roles);
        findings.append(&mut remarks);
        let (extensions, mut unknown) = flask::extensions(&scopes);
        findings.append(&mut unknown);
        Self {
            registered,
            functions,
            extensions,
            files: flask::file_infos(&scopes),
            namings: flask::namings(&scopes),
            findings,
        }
    }

    /// Places that may name a template.
    pub fn take_namings(&mut self) -> Vec<Naming> {
        std::mem::take(&mut self.namings)
    }

    /// Adds it to the analysis of the whole tree: what refers to apps and blueprints by number is
    /// counted on.
    pub fn join(self, analysis: &mut Analysis) {
        let (apps, blueprints) = (analysis.apps.len(), analysis.blueprints.len());
        let Registrations {
            apps: mut new_apps,
            blueprints: mut new_blueprints,
            routes,
            hooks,
            ..
        } = self.registered;
        let mounts = new_apps
            .iter_mut()
            .flat_map(|app| &mut app.mounts)
            .chain(new_blueprints.iter_mut().flat_map(|b| &mut b.mounts));
        for mount in mounts {
            mount.blueprint += blueprints;
        }
        analysis.apps.append(&mut new_apps);
        analysis.blueprints.append(&mut new_blueprints);
        analysis.routes.extend(routes.into_iter().map(|mut route| {
            route.app = route.app.map(|app| app + apps);
            route
        }));
        analysis.hooks.extend(hooks.into_iter().map(|mut hook| {
            hook.app = hook.app.map(|app| app + apps);
            hook
        }));
        analysis.functions.extend(self.functions);
        analysis.extensions.extend(self.extensions);
        analysis.files.extend(self.files);
        analysis.findings.extend(self.findings);
    }
}

fn syntax_error(module: &python::project::Module) -> Option<Finding> {
    let first = module.facts.errors.first()?;
    Some(Finding {
        code: Code::M0004,
        severity: Severity::Warning,
        place: Place {
            file: module.path.clone(),
            line: module.line(first.start),
            column: module.column(first.start),
            span: model::Span {
                start: first.start,
                end: first.end,
            },
        },
        message: "syntax error: this part could not be read".into(),
        help: "Correct it; Python could not import this file either.".into(),
    })
}
