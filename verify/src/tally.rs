//! What a run comes to: counts by route, noise, differences.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::{
    Coverage, Deviation, Difference, Occurrence, PortDocument, Proof, RouteOutcome, RouteProof,
    SentRequest,
};

use crate::compare::{Comparison, FieldDifference};
use crate::http::{Answer, Request};
use crate::routes::{Reached, Routes};

/// So many differing requests are told in full; of more, only their number.
const TOLD: usize = 1_000;

/// The counts of a run.
#[derive(Default)]
pub struct Tally {
    sent: u32,
    counts: BTreeMap<usize, Count>,
    declared: BTreeMap<String, u32>,
    declared_requests: BTreeSet<u32>,
    noise: BTreeSet<String>,
    differing: Vec<Differing>,
    untold: u32,
    remarks: Vec<String>,
}

#[derive(Clone, Copy, Default)]
struct Count {
    requests: u32,
    with_2xx: u32,
    declared: u32,
}

/// A request whose answers differ.
pub struct Differing {
    /// Its place among all requests, from 1.
    pub number: u32,
    request: Request,
    aim: String,
    reached: Reached,
    fields: Vec<FieldDifference>,
}

impl Tally {
    /// Counts a request with what comparing its answers gave.
    pub fn add(
        &mut self,
        request: &Request,
        aim: &str,
        reached: Reached,
        original: &Answer,
        comparison: Comparison,
    ) {
        self.sent += 1;
        if let Reached::View(route) = reached {
            let count = self.counts.entry(route).or_default();
            count.requests += 1;
            let status = original.reply().map_or(0, |r| r.status);
            count.with_2xx += u32::from((200..300).contains(&status));
            count.declared += u32::from(!comparison.declared.is_empty());
        }
        self.noise.extend(comparison.noise);
        if !comparison.declared.is_empty() {
            self.declared_requests.insert(self.sent);
        }
        for code in comparison.declared {
            *self.declared.entry(code).or_default() += 1;
        }
        if comparison.differences.is_empty() {
            return;
        }
        if self.differing.len() == TOLD {
            self.untold += 1;
            return;
        }
        self.differing.push(Differing {
            number: self.sent,
            request: request.clone(),
            aim: aim.to_owned(),
            reached,
            fields: comparison.differences,
        });
    }

    /// How many requests were sent.
    #[must_use]
    pub const fn sent(&self) -> u32 {
        self.sent
    }

    /// How many of them differ so far.
    #[must_use]
    pub fn differing(&self) -> u32 {
        u32::try_from(self.differing.len()).unwrap_or(u32::MAX) + self.untold
    }

    /// The last request that differs and is told in full.
    #[must_use]
    pub fn last(&self) -> Option<u32> {
        self.differing.last().map(|d| d.number)
    }

    /// Something that the reader has to know.
    pub fn remark(&mut self, text: String) {
        self.remarks.push(text);
    }

    /// Drops what did not recur in a second run from a fresh start.
    pub fn confirm(&mut self, second: &Self) {
        let before = self.differing.len();
        for differing in &mut self.differing {
            let again = second
                .differing
                .iter()
                .find(|d| d.number == differing.number);
            let recurs = |f: &FieldDifference| {
                again.is_some_and(|a| a.fields.iter().any(|g| g.field == f.field))
            };
            differing.fields.retain(recurs);
        }
        self.differing.retain(|d| !d.fields.is_empty());
        let gone = before - self.differing.len();
        if gone > 0 {
            let (differences, were) = if gone == 1 {
                ("request", "was")
            } else {
                ("requests", "were")
            };
            self.remark(format!(
                "{gone} {differences} differed once and {were} answered the same when everything was sent again from a fresh start"
            ));
        }
    }

    /// Adds a difference that no single request shows.
    pub fn add_probe(&mut self, request: Request, reached: Reached, field: FieldDifference) {
        self.differing.push(Differing {
            number: self.sent,
            request,
            aim: "20 requests at once".into(),
            reached,
            fields: vec![field],
        });
    }

    /// The document.
    #[must_use]
    pub fn proof(self, document: &PortDocument, declared: &[Deviation], routes: &Routes) -> Proof {
        let different = self.differing();
        let by_route = self.by_route(routes);
        let exercised = by_route.iter().filter(|r| r.requests > 0).count();
        let with_2xx = by_route.iter().filter(|r| r.with_2xx > 0).count();
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let only_declared = self
            .declared_requests
            .iter()
            .filter(|n| !self.differing.iter().any(|d| d.number == **n))
            .count();
        let mut remarks = self.remarks;
        if self.untold > 0 {
            remarks.push(format!(
                "{} more requests differ and are not told one by one",
                self.untold
            ));
        }
        Proof {
            schema: Proof::SCHEMA.into(),
            requests: self.sent,
            equal: self
                .sent
                .saturating_sub(number(only_declared))
                .saturating_sub(different),
            declared: number(only_declared),
            different,
            noise: self.noise.into_iter().collect(),
            routes: Coverage {
                total: number(by_route.len()),
                exercised: number(exercised),
                with_2xx: number(with_2xx),
            },
            by_route,
            differences: self
                .differing
                .iter()
                .flat_map(|d| d.told(document, routes))
                .collect(),
            deviations: occurrences(declared, &self.declared),
            remarks,
            ..Proof::default()
        }
    }

    fn by_route(&self, routes: &Routes) -> Vec<RouteProof> {
        let mut different: BTreeMap<usize, u32> = BTreeMap::new();
        for route in self.differing.iter().filter_map(|d| d.reached.route()) {
            *different.entry(route).or_default() += 1;
        }
        let all = routes.all().iter().enumerate();
        all.map(|(i, known)| {
            let count = self.counts.get(&i).copied().unwrap_or_default();
            let different = different.get(&i).copied().unwrap_or(0);
            RouteProof {
                rule: known.verdict.rule.clone(),
                methods: known.verdict.methods.clone(),
                endpoint: known.verdict.endpoint.clone(),
                outcome: match (different, count) {
                    (1.., _) => RouteOutcome::Different,
                    (0, Count { declared: 1.., .. }) => RouteOutcome::Declared,
                    (0, Count { requests: 1.., .. }) => RouteOutcome::Equal,
                    _ => RouteOutcome::Unexercised,
                },
                requests: count.requests,
                with_2xx: count.with_2xx,
                different,
            }
        })
        .collect()
    }
}

/// Declared deviations in order of code, each once, with the requests that showed them.
fn occurrences(declared: &[Deviation], seen: &BTreeMap<String, u32>) -> Vec<Occurrence> {
    let codes: BTreeSet<&String> = declared.iter().map(|d| &d.code).collect();
    codes
        .into_iter()
        .map(|code| Occurrence {
            code: code.clone(),
            requests: seen.get(code).copied().unwrap_or(0),
        })
        .collect()
}

impl Differing {
    fn told(&self, document: &PortDocument, routes: &Routes) -> Vec<Difference> {
        let known = self.reached.route().map(|i| &routes.all()[i]);
        let place = known.and_then(|k| k.place.clone());
        let verdict = known.map(|k| &k.verdict);
        let view = verdict.and_then(|v| v.view.clone());
        let request = sent(&self.request, self.number);
        let tell = |field: &FieldDifference| Difference {
            request: request.clone(),
            route: verdict.map(|v| v.rule.clone()),
            endpoint: verdict.map(|v| v.endpoint.clone()),
            function: view.clone(),
            file: place.as_ref().map(|(file, _)| file.clone()),
            line: place.as_ref().map(|(_, line)| *line),
            field: field.field.clone(),
            original: field.original.clone(),
            port: field.port.clone(),
            at: field.at.clone(),
            rewrites: rewrites(document, view.as_deref()),
            aim: self.aim.clone(),
        };
        self.fields.iter().map(tell).collect()
    }
}

/// Codes of the rewrites inside a function, in order of place, each once.
fn rewrites(document: &PortDocument, function: Option<&str>) -> Vec<String> {
    let Some(function) = function else {
        return Vec::new();
    };
    let mut codes: Vec<String> = Vec::new();
    for rewrite in document.rewrites.values().flatten() {
        if rewrite.function.as_deref() == Some(function) && !codes.contains(&rewrite.code) {
            codes.push(rewrite.code.clone());
        }
    }
    codes
}

/// A request as a line of a requests file has it.
#[must_use]
pub fn sent(request: &Request, number: u32) -> SentRequest {
    let text = std::str::from_utf8(&request.body).ok();
    let body = text.filter(|t| !t.is_empty()).map(str::to_owned);
    let binary = text.is_none();
    SentRequest {
        number,
        method: request.method.clone(),
        path: request.target.clone(),
        headers: request.headers.clone(),
        body,
        body_base64: binary.then(|| STANDARD.encode(&request.body)),
        session: request.session.clone(),
    }
}
