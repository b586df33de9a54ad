//! The collector: every owner once, apps first.

use std::collections::HashMap;

use model::{Code, Finding, Place, Severity};

use crate::flask::owners::{Entry, OwnerId, OwnerKind};
use crate::flask::world::Machine;
use crate::python::eval::Site;
use crate::python::project::ModuleId;

use super::Registrations;
use super::values::model_span;

pub(super) struct Collector<'a, 'p> {
    pub(super) it: &'a mut Machine<'p>,
    pub(super) out: Registrations,
    pub(super) blueprint_index: HashMap<OwnerId, usize>,
    pub(super) app_index: HashMap<OwnerId, usize>,
    pub(super) seen: HashMap<(String, Vec<String>, String, bool), usize>,
    pub(super) seen_hooks: super::hooks::Seen,
    /// Qualified names of functions, by module.
    pub(super) qualnames: HashMap<ModuleId, Vec<String>>,
    pub(super) mounted: Vec<OwnerId>,
    /// An app on which blueprints are mounted that could not be resolved.
    pub(super) discovers: Option<Around>,
}

/// What applies to the rules of an owner where it is mounted.
#[derive(Clone, Default)]
pub(super) struct Around {
    pub(super) prefix: Option<String>,
    pub(super) names: Vec<String>,
    pub(super) conditional: bool,
    pub(super) app: Option<usize>,
    pub(super) subdomain: Option<String>,
    pub(super) depth: u32,
    pub(super) unmounted: bool,
}

impl<'a, 'p> Collector<'a, 'p> {
    pub(super) fn new(it: &'a mut Machine<'p>) -> Self {
        Self {
            it,
            out: Registrations::default(),
            blueprint_index: HashMap::new(),
            app_index: HashMap::new(),
            seen: HashMap::new(),
            seen_hooks: super::hooks::Seen::default(),
            qualnames: HashMap::new(),
            mounted: Vec::new(),
            discovers: None,
        }
    }

    pub(super) fn collect(mut self) -> Registrations {
        let ids: Vec<OwnerId> = (0..self.it.world.owners.len() as u32)
            .map(OwnerId)
            .collect();
        for &id in &ids {
            match self.it.world.owner(id).kind {
                OwnerKind::App => self.app(id),
                OwnerKind::Blueprint => self.blueprint(id),
                OwnerKind::Unknown => {}
            }
        }
        for &id in &ids {
            let kind = self.it.world.owner(id).kind;
            if kind == OwnerKind::App || kind == OwnerKind::Unknown {
                let app = self.app_index.get(&id).copied();
                let conditional = kind == OwnerKind::Unknown || self.it.world.owner(id).conditional;
                let around = Around {
                    app,
                    conditional,
                    ..Around::default()
                };
                if kind == OwnerKind::App {
                    self.static_route(id, &around);
                }
                self.owner(id, &around);
            }
        }
        self.fill_mounts();
        // Blueprints that nothing mounts.
        for &id in &ids {
            let owner = self.it.world.owner(id);
            let registers = |e: &Entry<'_>| matches!(e, Entry::Rule(_) | Entry::Hook(_));
            let has_rules = owner.entries.iter().any(registers);
            if owner.kind == OwnerKind::Blueprint
                && !self.mounted.contains(&id)
                && has_rules
                && !self.has_mounted_twin(id, &ids)
            {
                self.unmounted(id);
            }
        }
        let foreign = std::mem::take(&mut self.it.world.foreign);
        for (path, site) in foreign {
            self.finding(
                Code::M0106,
                Severity::Note,
                site,
                format!("`{path}` registers routes of its own"),
                "They are not in this source; check them against `app.url_map`.".into(),
            );
        }
        let place = |p: &Place| (p.file.clone(), p.line, p.column);
        self.out.findings.sort_by_key(|f| (place(&f.place), f.code));
        self.out
            .findings
            .dedup_by(|a, b| a.place == b.place && a.code == b.code);
        self.out
    }

    pub(super) fn place(&self, site: Site) -> Place {
        let module = self.it.module(site.module);
        Place {
            file: module.path.clone(),
            line: module.line(site.span.start),
            column: module.column(site.span.start),
            span: model_span(site.span),
        }
    }

    pub(super) fn finding(
        &mut self,
        code: Code,
        severity: Severity,
        site: Site,
        message: String,
        help: String,
    ) {
        let place = self.place(site);
        self.out.findings.push(Finding {
            code,
            severity,
            place,
            message,
            help,
        });
    }
}
