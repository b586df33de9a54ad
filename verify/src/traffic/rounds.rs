//! Rounds after the walk: routes that have not answered once more with what was learned, then what deletes, what
//! changes settings, and what leaves.

use std::collections::BTreeMap;

use super::challenge;
use super::draft::Draft;
use super::made::{Made, VISITOR};

/// Links and forms of pages that are put off to the end of a session.
const LATER: usize = 40;

impl Made<'_> {
    /// Asks routes that have not answered for paths that the walk has found.
    pub(super) fn probe(&mut self) {
        self.probed.clear();
        for route in self.known.unanswered(&self.plan) {
            let inputs = &mut self.plan.routes[route].inputs;
            let names = inputs.form.iter().map(|k| &k.name).chain(&inputs.json);
            let offered: BTreeMap<String, String> = names
                .filter_map(|name| Some((name.clone(), self.offers.value(name)?.to_owned())))
                .collect();
            let is_new = offered != inputs.offered;
            inputs.offered = offered;
            let mut paths = self.known.candidates(&self.plan, route);
            if is_new && paths.is_empty() {
                paths.push(self.plan.routes[route].path.clone());
            }
            if !self.plan.routes[route].is_destructive {
                for path in &paths {
                    let probes = self.plan.probes(route, path);
                    self.list(probes);
                }
            }
            if !paths.is_empty() {
                self.probed.push((route, is_new));
            }
        }
    }

    /// Asks them in every way, for the path that led somewhere or is likeliest to.
    pub(super) fn ask_again(&mut self) {
        for (route, is_new) in std::mem::take(&mut self.probed) {
            // A path that was proven in another session may be gone.
            let proven = self.known.proven(route).map(str::to_owned);
            let likely = || self.known.candidates(&self.plan, route).into_iter().next();
            let path = proven.or_else(likely);
            let is_better = path
                .as_ref()
                .is_some_and(|p| *p != self.plan.routes[route].path);
            if let Some(path) = path {
                self.plan.routes[route].path = path;
            }
            if is_better || is_new {
                let drafts = self.plan.again(route);
                self.list(drafts);
            }
        }
    }

    /// What comes last in a session: what deletes, then what changes settings, since it may lock the session out, then what
    /// ends it.
    pub(super) fn end(&mut self) {
        let later = std::mem::take(&mut self.later);
        let is_settings =
            |draft: &Draft| draft.route.is_some_and(|r| self.plan.routes[r].is_settings);
        let (mut settings, mut later): (Vec<Draft>, Vec<Draft>) =
            later.into_iter().partition(is_settings);
        settings.truncate(LATER);
        later.truncate(LATER);
        let spent: Vec<String> = later.iter().filter_map(challenge::path_of_draft).collect();
        self.list(later);
        for (route, path) in self.known.share_out(&self.plan, &spent) {
            self.plan.routes[route].path = path;
        }
        let last = self.plan.destructive(false);
        self.list(last);
        self.list(settings);
        let settings = self.plan.settings(self.session != VISITOR);
        self.list(settings);
        let last = self.plan.destructive(true);
        self.list(last);
    }
}
