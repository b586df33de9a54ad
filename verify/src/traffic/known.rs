//! Values that the app is seen to know: a name in a link, an id in a redirect. A route whose plain path (`/1`) leads
//! nowhere is asked for with these.

use std::collections::{BTreeMap, BTreeSet};

use super::plan::Plan;
use super::rule::Variable;
use super::samples;
use super::walk::path_of;

/// Values of one variable that are kept.
const KEPT: usize = 3;

/// What was learned of the app's own names.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// By name and converter of a variable.
    values: BTreeMap<(String, String), Vec<String>>,
    /// Whole paths that answered, by route: values that go together.
    paths: BTreeMap<usize, String>,
    /// Routes that answered with success, or a redirect to a request that changes something.
    answered: BTreeSet<usize>,
}

impl Known {
    /// Learns from a link, or from a target that was asked for.
    pub fn see(&mut self, plan: &Plan, target: &str) {
        let path = samples::decoded(path_of(target));
        let Some(route) = plan.find(&path) else {
            return;
        };
        let rule = &plan.routes[route].rule;
        for (variable, value) in rule.variables().zip(rule.values(&path)) {
            let values = self.values.entry(key(variable)).or_default();
            if values.len() < KEPT
                && !values.contains(&value)
                && value != variable.converter.plain()
            {
                values.push(value);
            }
        }
        if rule.variables().next().is_some() {
            let path = path_of(target).to_owned();
            self.paths.entry(route).or_insert(path);
        }
    }

    /// Notes that a route's view answered.
    pub fn answered(&mut self, route: usize) {
        self.answered.insert(route);
    }

    /// Better paths than the plain ones, for routes that have not answered yet, or whose values are known now.
    pub fn paths(&self, plan: &Plan) -> Vec<(usize, String)> {
        let routes = plan.routes.iter().enumerate();
        let unanswered = routes.filter(|(i, _)| !self.answered.contains(i));
        unanswered
            .filter_map(|(i, planned)| {
                let path = match self.paths.get(&i) {
                    Some(path) => path.clone(),
                    None => {
                        let known = |v: &Variable| self.values.get(&key(v)).and_then(|v| v.first());
                        planned.rule.variables().find_map(known)?;
                        planned.rule.path(|_, v| {
                            known(v)
                                .map_or_else(|| v.converter.plain(), |v| samples::encoded_path(v))
                        })
                    }
                };
                (path != planned.path).then_some((i, path))
            })
            .collect()
    }
}

fn key(variable: &Variable) -> (String, String) {
    (variable.name.clone(), variable.kind.clone())
}

#[cfg(test)]
mod tests {
    use model::{Analysis, Route, Words};

    use super::*;
    use crate::traffic::Source;

    #[test]
    fn values_of_links_serve_other_routes() {
        let route = |rule: &str, method: &str| -> Route {
            serde_json::from_value(serde_json::json!({
                "rule": rule, "methods": [method], "endpoint": rule, "view": null, "blueprint": null, "defaults": {},
                "strict_slashes": true, "host": null, "subdomain": null, "websocket": false, "static": false,
                "certainty": "certain", "app": 0, "registration": null
            }))
            .unwrap()
        };
        let analysis = Analysis {
            routes: vec![
                route("/<item:name>", "GET"),
                route("/<item:name>/lock", "POST"),
                route("/<name>/other", "POST"),
            ],
            ..Analysis::default()
        };
        let words = Words::default();
        let plan = Plan::new(&Source {
            analysis: &analysis,
            words: &words,
            root: None,
            login: Vec::new(),
            seed: 1,
            only: None,
        });
        let mut known = Known::default();
        known.see(&plan, "/Ab3x?raw=1");
        let path = |i: usize, path: &str| (i, path.to_owned());
        assert_eq!(
            known.paths(&plan),
            [path(0, "/Ab3x"), path(1, "/Ab3x/lock")]
        );
        known.answered(0);
        assert_eq!(known.paths(&plan), [path(1, "/Ab3x/lock")]);
    }
}
