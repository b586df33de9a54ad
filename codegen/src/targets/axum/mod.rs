//! axum: a Cargo project with a handler for each view, translated whole or left as a stub that answers 501.

mod application;
mod cargo;
mod guide;
mod handlers;
mod items;
mod judgement;
mod modules;
mod routing;
mod verdicts;

use std::collections::BTreeMap;

use model::{Analysis, App, Obstacle};

use super::{Carried, Draft, Language, Source, Target, one_app};
use crate::error::PortError;
use crate::rust;
use crate::rust::templates::Templates;
use items::Items;
use judgement::Knowledge;

/// The registry's entry.
pub const TARGET: Target = Target {
    name: "axum",
    summary: "axum, a Rust project: handlers translated or left as stubs",
    sources: &["flask"],
    language: Language::Rust,
    guide: guide::GUIDE,
    lower,
};

/// A port in the making.
struct Port<'a> {
    source: &'a Source<'a>,
    analysis: &'a Analysis,
    app: &'a App,
    /// Index of the app in the analysis.
    index: usize,
    templates: Templates<'a>,
    items: Items<'a>,
    /// What is known of the whole app; from `judge` on.
    knowledge: Option<Knowledge>,
    /// Files under construction, by module.
    drafts: BTreeMap<String, rust::draft::Draft>,
    remarks: Vec<String>,
}

fn lower(source: &Source<'_>) -> Result<Draft, PortError> {
    let analysis = source.analysis;
    let (index, app) = one_app(analysis, TARGET.name)?;
    let mut port = Port {
        source,
        analysis,
        app,
        index,
        templates: Templates::default(),
        items: Items::default(),
        knowledge: None,
        drafts: BTreeMap::new(),
        remarks: Vec::new(),
    };
    port.items = items::collect(&port);
    for item in &port.items.list {
        port.drafts.entry(item.module.clone()).or_default();
    }
    port.judge();
    let obstacles: Vec<Obstacle> = Vec::new();
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    let mut pairs = Vec::new();
    port.modules(&mut files, &mut pairs)?;
    port.application(&mut files)?;
    let support = port.cargo(&mut files);
    port.notes();
    let carried = port.carried();
    let (functions, routes) = port.verdicts(&support);
    let run = port.run();
    Ok(Draft {
        functions,
        routes,
        run,
        obstacles,
        pairs,
        files,
        carried: Carried::Only(carried),
        deviations: port.deviations(),
        remarks: port.remarks,
        ..Draft::default()
    })
}
