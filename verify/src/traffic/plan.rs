//! What is asked of each route, and in which order.

use model::{Constant, Route};

use super::draft::{self, Draft, Weight};
use super::inputs::{Inputs, Site};
use super::names::{self, DESTRUCTIVE, LEAVING, is_named};
use super::random::Random;
use super::rule::Rule;
use super::{Source, contents, headers};

/// Requests of a visitor for all routes together: an app of 300 routes gets about these, a small one fewer.
const VISITOR: usize = 5000;

/// Those of a user.
const USER: usize = 2500;

/// More requests for one route tell nothing new.
const MOST_A_ROUTE: usize = 320;

/// A route with what is known of it.
pub struct Planned<'a> {
    /// The route.
    pub route: &'a Route,
    /// Its rule.
    pub rule: Rule,
    /// What it reads.
    pub inputs: Inputs,
    /// Its path with plain values.
    pub path: String,
    /// Methods of every route with this rule.
    pub allowed: Vec<String>,
    /// After it nothing is as before: it deletes, or ends the session.
    pub is_destructive: bool,
    /// It ends the session.
    pub is_leaving: bool,
    /// It changes how the app behaves, or who somebody is.
    pub is_settings: bool,
}

impl Planned<'_> {
    /// Whether it answers a method.
    #[must_use]
    pub fn answers(&self, method: &str) -> bool {
        self.route.methods.iter().any(|m| m == method)
    }

    /// Whether its rule or endpoint holds one of these words.
    #[must_use]
    pub fn is_named(&self, words: &[&str]) -> bool {
        is_named(self.route, words)
    }
}

/// Everything that is known before the first request.
pub struct Plan<'a> {
    /// Routes that are asked for, in order of registration.
    pub routes: Vec<Planned<'a>>,
    /// What hooks and error handlers of the whole app read.
    pub app: Inputs,
    /// Name of the session cookie.
    pub cookie: String,
    /// The largest body that the app takes, in bytes.
    pub(super) limit: Option<u64>,
    /// Names and passwords of those who may come in.
    pub people: Vec<(String, String)>,
    /// There is a session of somebody who has come in.
    pub has_user: bool,
    pub(super) words: Vec<&'a str>,
    pub(super) prefixes: Vec<String>,
    pub(super) seed: u64,
}

impl<'a> Plan<'a> {
    /// Reads the model.
    #[must_use]
    pub fn new(source: &Source<'a>) -> Self {
        let site = Site::new(source.analysis, source.words);
        let all = source.analysis.routes.iter().filter(|r| !r.websocket);
        let wanted = all.filter(|r| source.only.is_none_or(|only| only(r)));
        let routes: Vec<Planned> = wanted.filter_map(|r| planned(r, source, &site)).collect();
        let configured = |key: &str| {
            source
                .analysis
                .apps
                .iter()
                .find_map(|app| app.config.get(key))
        };
        let mut prefixes: Vec<String> = vec![String::new()];
        for planned in &routes {
            let prefix = planned.rule.prefix();
            let prefix = prefix.rsplit_once('/').map_or("", |(folder, _)| folder);
            if prefixes.len() < 12 && !prefixes.iter().any(|p| p == prefix) {
                prefixes.push(prefix.to_owned());
            }
        }
        Self {
            app: site.of_app(),
            cookie: match configured("SESSION_COOKIE_NAME") {
                Some(Constant::Str(name)) => name.clone(),
                _ => "session".into(),
            },
            limit: match configured("MAX_CONTENT_LENGTH") {
                Some(Constant::Int(limit)) => u64::try_from(*limit).ok(),
                _ => None,
            },
            people: Vec::new(),
            has_user: !source.login.is_empty(),
            words: source.compared(),
            prefixes,
            seed: source.seed,
            routes,
        }
    }

    /// The route that answers a path (its percent codes undone), whatever the method.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<usize> {
        let matching = self
            .routes
            .iter()
            .enumerate()
            .filter(|(_, r)| r.rule.matches(path));
        // The first of equals, as werkzeug keeps their order.
        matching
            .min_by_key(|(_, r)| r.rule.weight())
            .map(|(i, _)| i)
    }

    /// Plain pages, in order.
    pub fn pages(&self) -> impl Iterator<Item = (usize, &Planned<'a>)> {
        let pages = self.routes.iter().enumerate();
        pages.filter(|(_, r)| r.answers("GET") && !r.is_destructive && !r.route.is_static)
    }

    /// What a visitor asks.
    #[must_use]
    pub fn visitor(&self) -> Vec<Draft> {
        let mut drafts = Vec::new();
        for (i, _) in self.lasting() {
            drafts.extend(self.reads(i, self.of_visitor(i)));
        }
        drafts.extend(self.of_app());
        draft::unique(drafts)
    }

    fn of_visitor(&self, number: usize) -> Vec<Draft> {
        let mut drafts = self.of_route(&self.routes[number], number);
        // A visitor who comes in is none.
        if self.has_user {
            drafts.retain(|d| d.recipe.aim != headers::OF_PEOPLE);
        }
        self.trimmed(number, drafts, VISITOR)
    }

    /// What a user asks: everything of routes that hang on who asks, and the plain requests of the others.
    #[must_use]
    pub fn user(&self) -> Vec<Draft> {
        let mut drafts = Vec::new();
        for (i, _) in self.lasting() {
            drafts.extend(self.reads(i, self.of_user(i)));
        }
        draft::unique(drafts)
    }

    fn of_user(&self, number: usize) -> Vec<Draft> {
        let route = &self.routes[number];
        let mut made = self.of_route(route, number);
        // A visitor tries the doors; a user who does would be another one behind them.
        let is_door = route.inputs.password().is_some();
        if is_door && !route.is_settings {
            made.retain(|d| d.recipe.method != "POST");
        }
        let is_personal = route.inputs.personal || route.inputs.guarded;
        if is_door || !is_personal {
            made.retain(|d| d.weight == Weight::Plain);
        }
        self.trimmed(number, made, USER)
    }

    /// What changes nothing, of a route that changes settings: others would be asked in an app that behaves otherwise.
    fn reads(&self, number: usize, mut drafts: Vec<Draft>) -> Vec<Draft> {
        if self.routes[number].is_settings {
            drafts.retain(|d| !names::is_change(&d.recipe.method));
        }
        drafts
    }

    /// What changes settings, which comes late.
    #[must_use]
    pub fn settings(&self, is_user: bool) -> Vec<Draft> {
        let late = self.lasting().filter(|(_, r)| r.is_settings);
        late.flat_map(|(i, _)| {
            let mut drafts = if is_user {
                self.of_user(i)
            } else {
                self.of_visitor(i)
            };
            drafts.retain(|d| names::is_change(&d.recipe.method));
            drafts
        })
        .collect()
    }

    /// The plainest request of each of a route's methods, for another path.
    #[must_use]
    pub fn probes(&self, number: usize, path: &str) -> Vec<Draft> {
        let planned = &self.routes[number];
        let methods = planned.route.methods.iter();
        let asked = methods.filter(|m| {
            let is_left_out = planned.is_settings && names::is_change(m);
            !is_left_out && !matches!(m.as_str(), "HEAD" | "OPTIONS" | "TRACE")
        });
        asked
            .map(|method| {
                let mut draft = Draft::new(method, path, "a path that may lead somewhere");
                if names::is_change(method) {
                    draft = contents::plain(draft, &planned.inputs);
                }
                draft.route = Some(number);
                draft.weighing(Weight::Plain)
            })
            .collect()
    }

    /// What is asked last: routes that delete, or those that end the session.
    #[must_use]
    pub fn destructive(&self, leaving: bool) -> Vec<Draft> {
        let mut drafts = Vec::new();
        let routes = self.routes.iter().enumerate();
        for (i, route) in routes.filter(|(_, r)| r.is_destructive && r.is_leaving == leaving) {
            // One that does delete first, as a page would: what comes then finds nothing.
            if !leaving {
                drafts.extend(self.probes(i, &route.path));
            }
            drafts.extend(self.trimmed(i, self.of_route(route, i), USER));
            drafts.extend(
                self.pages()
                    .take(2)
                    .map(|(_, r)| Draft::new("GET", r.path.clone(), "a page behind it")),
            );
        }
        drafts
    }

    /// What is asked of a route once more, when a better path than its plain one is known. What deletes comes later.
    #[must_use]
    pub fn again(&self, number: usize) -> Vec<Draft> {
        let planned = &self.routes[number];
        if planned.is_destructive {
            return Vec::new();
        }
        let mut drafts = self.of_route(planned, number);
        drafts.retain(|d| d.weight != Weight::Rare);
        let drafts = self.trimmed(number, drafts, USER);
        draft::unique(self.reads(number, drafts))
    }

    fn lasting(&self) -> impl Iterator<Item = (usize, &Planned<'a>)> {
        self.routes
            .iter()
            .enumerate()
            .filter(|(_, r)| !r.is_destructive)
    }

    /// A route's share of `total` requests.
    fn trimmed(&self, number: usize, drafts: Vec<Draft>, total: usize) -> Vec<Draft> {
        let share = (total / self.routes.len().max(1)).clamp(6, MOST_A_ROUTE);
        let mut random = Random::new(self.seed ^ ((number as u64) << 32));
        let mut drafts = draft::most_missed(drafts, share, &mut random);
        for draft in &mut drafts {
            draft.route = Some(number);
        }
        drafts
    }
}

fn planned<'a>(route: &'a Route, source: &Source<'a>, site: &Site<'a>) -> Option<Planned<'a>> {
    let rule = Rule::parse(&route.rule)?;
    let same = source
        .analysis
        .routes
        .iter()
        .filter(|r| r.rule == route.rule && !r.websocket);
    let mut allowed: Vec<String> = same.flat_map(|r| r.methods.iter().cloned()).collect();
    allowed.sort();
    allowed.dedup();
    let file = route.is_static.then(|| source.file_of(route)).flatten();
    let path = match file {
        Some(file) => rule.path(|_, _| super::samples::encoded_path(&file)),
        None => rule.path(|_, v| v.plain()),
    };
    let is_destructive = only_deletes(route) || is_named(route, DESTRUCTIVE);
    Some(Planned {
        inputs: if route.is_static {
            Inputs::default()
        } else {
            site.of_route(route)
        },
        is_destructive,
        is_settings: !is_destructive && names::is_settings(route),
        is_leaving: is_named(route, LEAVING),
        route,
        rule,
        path,
        allowed,
    })
}

fn only_deletes(route: &Route) -> bool {
    route.methods.iter().all(|m| m == "DELETE") && !route.methods.is_empty()
}
