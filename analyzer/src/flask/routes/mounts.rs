//! Mounts: which blueprint stands where, and its rules there.

use std::collections::HashSet;

use model::{Code, Severity};

use crate::flask::owners::{Entry, Mount, Owner, OwnerId, OwnerKind};
use crate::flask::setup;
use crate::python::eval::{Args, Site, Value};

use super::collector::{Around, Collector};
use super::values::{alternatives, shown, shown_option};

impl<'p> Collector<'_, 'p> {
    /// Mounts of apps and blueprints, as codegen wants them.
    pub(super) fn fill_mounts(&mut self) {
        let ids: Vec<OwnerId> = (0..self.it.world.owners.len() as u32)
            .map(OwnerId)
            .collect();
        for id in ids {
            let owner = self.it.world.owner(id).clone();
            for entry in &owner.entries {
                let Entry::Mount(mount) = entry else { continue };
                let Some(&blueprint) = mount.blueprint.and_then(|b| self.blueprint_index.get(&b))
                else {
                    continue;
                };
                let made = model::Mount {
                    blueprint,
                    prefix: mount.prefix.as_ref().map(|v| shown(v).0),
                    name: mount.name.as_ref().map(|v| shown(v).0),
                    place: self.place(mount.site),
                };
                let list = match owner.kind {
                    OwnerKind::App => self
                        .app_index
                        .get(&id)
                        .map(|&i| &mut self.out.apps[i].mounts),
                    OwnerKind::Blueprint => self
                        .blueprint_index
                        .get(&id)
                        .map(|&i| &mut self.out.blueprints[i].mounts),
                    OwnerKind::Unknown => None,
                };
                if let Some(list) = list
                    && !list
                        .iter()
                        .any(|m| m.place == made.place && m.blueprint == made.blueprint)
                {
                    list.push(made);
                }
            }
        }
    }

    pub(super) fn owner(&mut self, id: OwnerId, around: &Around) {
        if around.depth > 20 {
            return;
        }
        let entries = self.it.world.owner(id).entries.clone();
        let blueprint = self.it.world.owner(id).kind == OwnerKind::Blueprint;
        for (i, entry) in entries.iter().enumerate() {
            match entry {
                Entry::Rule(rule) => self.rule(id, rule, around),
                Entry::Mount(mount) => self.mount(mount, around),
                // Those of a blueprint were all collected before.
                Entry::Hook(hook) if !blueprint => self.hook((id, i), hook, around),
                Entry::Hook(_) => {}
            }
        }
    }

    fn mount(&mut self, mount: &Mount<'p>, around: &Around) {
        let Some(id) = mount.blueprint else {
            if around.depth == 0 {
                if mount.prefix.is_none() {
                    self.discovers.get_or_insert_with(|| around.clone());
                }
                self.finding(
                    Code::M0104,
                    Severity::Warning,
                    mount.site,
                    "the blueprint that is registered here could not be resolved".into(),
                    "Its routes may be missing; import the blueprint by name where it is registered."
                        .into(),
                );
            }
            return;
        };
        self.mounted.push(id);
        let owner = self.it.world.owner(id).clone();
        // flask.sansio.blueprints.Blueprint.register: the option wins over the constructor; a
        // nested blueprint's prefix is joined behind its parent's.
        let own = match &mount.prefix {
            Some(v) => v.clone(),
            None => owner.prefix.clone(),
        };
        for prefix in alternatives(&own) {
            let own = match &prefix {
                Value::None => None,
                v => Some(shown(v).0),
            };
            let prefix = match (&around.prefix, own) {
                (Some(outer), Some(own)) => Some(format!(
                    "{}/{}",
                    outer.trim_end_matches('/'),
                    own.trim_start_matches('/')
                )),
                (outer, own) => own.or_else(|| outer.clone()),
            };
            let name = match &mount.name {
                Some(v) => shown(v).0,
                None => shown(&owner.name).0,
            };
            let mut names = around.names.clone();
            names.push(name);
            let many = alternatives(&own_of(mount, &owner)).len() > 1;
            let inner = Around {
                prefix,
                names,
                conditional: around.conditional || mount.conditional || many,
                app: around.app,
                subdomain: match shown_option(&owner.subdomain) {
                    Some(s) => Some(s),
                    None => around.subdomain.clone(),
                },
                depth: around.depth + 1,
                unmounted: around.unmounted,
            };
            self.static_route(id, &inner);
            self.hooks(id, &inner);
            self.blueprint_rules(id, &inner, mount.site);
        }
    }

    /// The rules of a mounted blueprint, through its setup state if it has one of its own.
    fn blueprint_rules(&mut self, id: OwnerId, around: &Around, site: Site) {
        let blueprint = self.it.world.owner(id).object.map(Value::Ref);
        let state = blueprint.and_then(|b| setup::state(self.it, &b, site));
        let Some(state) = state else {
            self.owner(id, around);
            return;
        };
        let entries = self.it.world.owner(id).entries.clone();
        for entry in &entries {
            let rule = match entry {
                Entry::Rule(rule) => rule,
                Entry::Mount(mount) => {
                    self.mount(mount, around);
                    continue;
                }
                Entry::Hook(_) => continue,
            };
            let prefix = around.prefix.as_deref().map_or(Value::None, Value::text);
            let view = rule.view.clone().unwrap_or(Value::None);
            let args = Args::of(vec![rule.rule.clone(), rule.endpoint.clone(), view]);
            let captured = setup::add(self.it, &state, prefix, &args, rule.site);
            if captured.is_empty() {
                self.rule(id, rule, around);
            }
            for found in captured {
                let mut rule = rule.clone();
                rule.rule = found.rule;
                let prefix = shown_option(&found.prefix);
                let around = Around {
                    prefix,
                    ..around.clone()
                };
                self.rule(id, &rule, &around);
            }
        }
    }

    /// Whether the same source made a blueprint that is mounted and has the same rules: a function
    /// that makes it was called for the app, and once more on its own.
    pub(super) fn has_mounted_twin(&self, id: OwnerId, ids: &[OwnerId]) -> bool {
        let world = &self.it.world;
        let owner = world.owner(id);
        let rules = |of: OwnerId| -> HashSet<(Site, String)> {
            let rules = world.owner(of).entries.iter();
            rules
                .filter_map(|entry| match entry {
                    Entry::Rule(rule) => Some((rule.site, shown(&rule.rule).0)),
                    Entry::Mount(_) | Entry::Hook(_) => None,
                })
                .collect()
        };
        owner.site.is_some()
            && owner.name.as_str().is_some()
            && ids.iter().any(|&twin| {
                twin != id
                    && world.owner(twin).site == owner.site
                    && world.owner(twin).name.same(&owner.name)
                    && self.mounted.contains(&twin)
                    && rules(id).is_subset(&rules(twin))
            })
    }

    pub(super) fn unmounted(&mut self, id: OwnerId) {
        // Where some mount was not resolved (blueprints found by walking the packages), this may
        // well be what it mounts.
        if let Some(around) = self.discovers.clone() {
            let site = self.it.world.owner(id).site;
            let Some(site) = site else { return };
            let mount = Mount {
                blueprint: Some(id),
                prefix: None,
                name: None,
                site,
                conditional: true,
            };
            self.mount(&mount, &around);
            return;
        }
        let owner = self.it.world.owner(id).clone();
        let own = shown_option(&owner.prefix).unwrap_or_default();
        let around = Around {
            prefix: Some(format!("<?>{own}")),
            names: vec![shown(&owner.name).0],
            conditional: true,
            unmounted: true,
            ..Around::default()
        };
        self.hooks(id, &around);
        let before = self.out.routes.len();
        self.owner(id, &around);
        if self.out.routes.len() > before
            && let Some(site) = owner.site
        {
            self.finding(
                Code::M0105,
                Severity::Warning,
                site,
                format!(
                    "blueprint `{}` is never registered on an app",
                    shown(&owner.name).0
                ),
                "Its routes are listed under an unknown prefix.".into(),
            );
        }
    }
}

fn own_of<'p>(mount: &Mount<'p>, owner: &Owner<'p>) -> Value<'p> {
    mount.prefix.clone().unwrap_or_else(|| owner.prefix.clone())
}
