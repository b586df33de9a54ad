//! axum: a Cargo project with a handler for each view, translated whole or left as a stub that answers 501.

mod application;
mod cargo;
mod configuration;
mod deviations;
mod errors;
mod foreign;
mod guide;
mod handlers;
mod homes;
mod items;
mod judgement;
mod modules;
mod routing;
mod settings;
mod verdicts;

use std::collections::BTreeMap;

use model::{Analysis, App, Obstacle};

use super::{Carried, Draft, Language, Serving, Source, Target, one_app};
use crate::error::PortError;
use crate::rust::library::Library;
use crate::rust::templates::Templates;
use configuration::Configured;
use homes::Homes;
use items::Items;
use judgement::Knowledge;

/// The registry's entry.
pub const TARGET: Target = Target {
    name: "axum",
    summary: "axum, a Rust project: handlers translated or left as stubs",
    sources: &["flask"],
    language: Language::Rust,
    servings: &[Serving::Program],
    guide: guide::GUIDE,
    hazard: None,
    lower,
};

/// A port in the making.
struct Port<'a> {
    source: &'a Source<'a>,
    analysis: &'a Analysis,
    app: &'a App,
    /// Index of the app in the analysis.
    index: usize,
    homes: &'a Homes<'a>,
    library: &'a Library<'a>,
    templates: Templates<'a>,
    items: Items<'a>,
    knowledge: Knowledge,
    /// Keys of the configuration that are set by name.
    configured: BTreeMap<String, Configured>,
    remarks: Vec<String>,
}

fn lower(source: &Source<'_>) -> Result<Draft, PortError> {
    let analysis = source.analysis;
    let (index, app) = one_app(analysis, TARGET.name)?;
    let homes = Homes::new(analysis, app, source.texts);
    let read = |file: &str| source.reader.definitions(file);
    let library = Library::new(analysis, &read, &homes);
    let mut port = Port {
        source,
        analysis,
        app,
        index,
        homes: &homes,
        library: &library,
        templates: Templates::of(analysis),
        items: Items::default(),
        knowledge: Knowledge::of(analysis, source),
        configured: configuration::read(analysis, app, source, &library),
        remarks: Vec::new(),
    };
    port.items = items::collect(&port);
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
