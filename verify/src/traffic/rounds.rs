//! Rounds before and after the walk: a look at what there is, routes that have not answered once more with what was learned, then what deletes, what
//! changes settings, and what leaves.

use std::collections::BTreeMap;

use super::draft::{Draft, Weight};
use super::made::{Made, Purpose, VISITOR};
use super::page::Page;
use super::walk::{Walk, path_of, within};
use super::{challenge, names, samples};

/// Pages that are looked at beyond the plain ones.
const LOOKS: usize = 60;

/// Those of one rule.
const LOOKS_A_RULE: usize = 3;

/// Links and forms of pages that are put off to the end of a session.
const LATER: usize = 40;

impl Made<'_> {
    /// Pages are looked at first, and where their links lead.
    pub(super) fn start_to_look(&mut self) {
        self.looked = Walk::default();
        self.looks = 0;
        let paths: Vec<String> = self.plan.pages().map(|(_, r)| r.path.clone()).collect();
        for path in paths {
            self.looked.is_new(&self.plan, &path);
            let draft = Draft::new("GET", path, "a page").weighing(Weight::Plain);
            self.queue.push_back((draft, Purpose::Looking));
        }
    }

    /// Looks at what a page links, a few of each rule.
    pub(super) fn look_beyond(&mut self, target: &str, page: &Page) {
        for link in &page.links {
            let Some(linked) = within(target, link) else {
                continue;
            };
            let route = self.plan.find(&samples::decoded(path_of(&linked)));
            let is_page = route.is_some_and(|r| {
                let planned = &self.plan.routes[r];
                planned.answers("GET") && !planned.is_destructive && !planned.route.is_static
            });
            if !is_page || names::is_destructive_path(&linked) || self.looks >= LOOKS {
                continue;
            }
            if self.looked.is_one_of(&self.plan, &linked, LOOKS_A_RULE) {
                self.looks += 1;
                let draft = Draft::new("GET", linked, "a link of a page");
                self.queue.push_back((draft, Purpose::Looking));
            }
        }
    }

    /// Gives routes whose plain path led nowhere one that is likelier to.
    pub(super) fn settle(&mut self) {
        for route in 0..self.plan.routes.len() {
            let planned = &self.plan.routes[route];
            let is_fixed = planned.rule.variables().next().is_none() || planned.route.is_static;
            if is_fixed || self.known.proven(route) == Some(&planned.path) {
                continue;
            }
            let proven = self.known.proven(route).map(str::to_owned);
            let likely = || self.known.candidates(&self.plan, route).into_iter().next();
            if let Some(path) = proven.or_else(likely) {
                self.plan.routes[route].path = path;
            }
        }
    }

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
            let is_fixed = self.plan.routes[route].rule.variables().next().is_none();
            let proven = self.known.proven(route).filter(|_| !is_fixed);
            let proven = proven.map(str::to_owned);
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
        let is_leaving = |draft: &Draft| {
            challenge::path_of_draft(draft).is_some_and(|path| names::is_leaving_path(&path))
        };
        let mut leaving: Vec<Draft>;
        (leaving, later) = later.into_iter().partition(is_leaving);
        leaving.truncate(LATER);
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
        self.list(leaving);
        let last = self.plan.destructive(true);
        self.list(last);
    }
}
