//! What is asked of one route, and of the app as a whole.

use super::draft::{Draft, Weight};
use super::plan::{Plan, Planned};
use super::random::Random;
use super::{contents, forms, headers, names, paths, query};

/// Words of the app that a key is tried with.
const WORDS: usize = 6;

impl<'a> Plan<'a> {
    /// What is asked of a route, in every way.
    pub(super) fn of_route(&self, planned: &Planned, number: usize) -> Vec<Draft> {
        let Planned {
            route,
            rule,
            inputs,
            path,
            allowed,
            ..
        } = planned;
        let words = &self.words_for(number);
        let mut drafts = paths::methods(path, &route.methods, allowed);
        drafts.extend(paths::spellings(rule, &route.methods));
        drafts.extend(paths::converters(rule, allowed, words));
        let fields = forms::plain(inputs);
        for (i, method) in route.methods.iter().enumerate() {
            let has_content = matches!(method.as_str(), "POST" | "PUT" | "PATCH" | "DELETE");
            let mut queries = query::queries(path, method, inputs, words, |draft| {
                if has_content && !fields.is_empty() {
                    draft.form(fields.iter().map(|(k, v)| (*k, v.as_str())))
                } else {
                    draft
                }
            });
            if i > 0 {
                queries.retain(|d| d.weight == Weight::Plain);
            }
            drafts.extend(queries);
            if has_content {
                // Bodies of some size are made for the first routes only.
                let limit = self.limit.filter(|l| *l <= 100_000 || number < 4);
                drafts.extend(contents::all(path, method, inputs, words, limit));
            }
        }
        let first = route.methods.first().map_or("GET", String::as_str);
        drafts.extend(headers::asked(path, first, inputs));
        for method in route.methods.iter().skip(1).filter(|m| names::is_change(m)) {
            let mut asked = headers::asked(path, method, inputs);
            asked.retain(|d| d.weight == Weight::Plain);
            let asked = asked.into_iter();
            drafts.extend(asked.map(|d| contents::plain(d, inputs)));
        }
        drafts.extend(headers::credentials(rule, first));
        if inputs.asks_password {
            drafts.extend(headers::people(path, first, &self.people));
        }
        drafts.extend(headers::common(path, first));
        drafts
    }

    /// Words of the app that a route is tried with: chance chooses where there are many.
    fn words_for(&self, number: usize) -> Vec<&'a str> {
        let mut random = Random::new(self.seed ^ !(number as u64));
        let mut words: Vec<(u64, &str)> = self.words.iter().map(|w| (random.next(), *w)).collect();
        if words.len() > WORDS {
            words.sort_unstable();
            words.truncate(WORDS);
        }
        words.into_iter().map(|(_, word)| word).collect()
    }

    /// Unknown paths, headers that hooks read on every kind of answer, and broken sessions.
    pub(super) fn of_app(&self) -> Vec<Draft> {
        let mut drafts = paths::unknown(self.prefixes.iter().map(String::as_str));
        let mut targets: Vec<(String, &str)> = vec![
            ("/no-such-page".into(), "GET"),
            ("/no-such-page".into(), "POST"),
        ];
        for prefix in self.prefixes.iter().skip(1).take(4) {
            targets.push((format!("{prefix}/no-such-page"), "GET"));
        }
        for route in &self.routes {
            let few = self.routes.len() <= 40;
            if few || route.inputs.personal {
                targets.push((
                    route.path.clone(),
                    route.route.methods.first().map_or("GET", String::as_str),
                ));
            }
            if few
                && let Some(m) = ["PUT", "DELETE"]
                    .iter()
                    .find(|m| !route.allowed.iter().any(|a| a == *m))
            {
                targets.push((route.path.clone(), m));
            }
        }
        targets.truncate(60);
        for (target, method) in &targets {
            let asked = headers::asked(target, method, &self.app);
            drafts.extend(asked.into_iter().filter(|d| d.weight == Weight::Plain));
        }
        drafts.extend(self.sessions(false));
        drafts
    }

    /// Broken and doubled session cookies on some pages.
    #[must_use]
    pub fn sessions(&self, own: bool) -> Vec<Draft> {
        let personal = self
            .pages()
            .filter(|(_, r)| r.inputs.personal || r.inputs.guarded);
        let others = self
            .pages()
            .filter(|(_, r)| !(r.inputs.personal || r.inputs.guarded));
        let targets = personal.take(3).chain(others.take(2));
        targets
            .flat_map(|(_, r)| headers::sessions(&r.path, &self.cookie, own))
            .collect()
    }
}
