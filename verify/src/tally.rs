//! What a run comes to: counts by route, noise, differences.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::{
    Coverage, Deviation, Difference, Occurrence, PortDocument, Proof, RouteOutcome, RouteProof,
    SentRequest,
};

use crate::compare::{Comparison, FieldDifference, ORDER};
use crate::http::{Answer, Request};
use crate::routes::{Reached, Routes};
use crate::traffic::names;

/// So many differing requests are told in full; of more, only their number.
const TOLD: usize = 1_000;

/// The counts of a run.
#[derive(Default)]
pub struct Tally {
    sent: u32,
    counts: BTreeMap<usize, Count>,
    declared: BTreeMap<String, u32>,
    declared_requests: BTreeSet<u32>,
    /// By route; of requests that reach none, under `None`.
    noise: BTreeMap<Option<usize>, BTreeSet<String>>,
    differing: Vec<Differing>,
    /// The request of which the port died.
    fatal: Option<u32>,
    remarks: Vec<String>,
}

#[derive(Clone, Default)]
struct Count {
    /// Requests whose rule is this one's, whatever their method.
    requests: u32,
    /// Those that its view answered.
    views: u32,
    with_2xx: u32,
    /// Redirects that its view gave, but for those to a form to log in.
    redirects: u32,
    /// Those of them in answer to requests that change something.
    done: u32,
    declared: u32,
    /// What its view answered.
    statuses: BTreeMap<u16, u32>,
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
        if let Some(route) = reached.route() {
            let count = self.counts.entry(route).or_default();
            count.requests += 1;
            count.declared += u32::from(!comparison.declared.is_empty());
            if matches!(reached, Reached::View(_)) {
                count.views += 1;
                let status = original.reply().map_or(0, |r| r.status);
                count.with_2xx += u32::from((200..300).contains(&status));
                let location = original.reply().and_then(|r| r.header("location"));
                // One to a form to log in says that nothing was done.
                let is_done = matches!(status, 301..=303 | 307)
                    && location.is_some_and(|l| !names::is_door_path(l));
                count.redirects += u32::from(is_done);
                count.done += u32::from(is_done && names::is_change(&request.method));
                *count.statuses.entry(status).or_default() += 1;
            }
        }
        let noise = self.noise.entry(reached.route()).or_default();
        noise.extend(comparison.noise);
        if !comparison.declared.is_empty() {
            self.declared_requests.insert(self.sent);
        }
        for code in comparison.declared {
            *self.declared.entry(code).or_default() += 1;
        }
        if comparison.differences.is_empty() {
            return;
        }
        self.push(request, aim, reached, comparison.differences);
    }

    /// Keeps a difference; of those that are too many to be told, only what counts.
    fn push(
        &mut self,
        request: &Request,
        aim: &str,
        reached: Reached,
        fields: Vec<FieldDifference>,
    ) {
        let is_told = self.differing.len() < TOLD;
        let name_only = |f: FieldDifference| FieldDifference {
            original: String::new(),
            port: String::new(),
            ..f
        };
        self.differing.push(Differing {
            number: self.sent,
            request: if is_told {
                request.clone()
            } else {
                Request {
                    headers: Vec::new(),
                    body: Vec::new(),
                    ..request.clone()
                }
            },
            aim: aim.to_owned(),
            reached,
            fields: if is_told {
                fields
            } else {
                fields.into_iter().map(name_only).collect()
            },
        });
    }

    /// The port died of the last request, whatever it answered.
    pub fn died(&mut self, request: &Request, aim: &str, reached: Reached) {
        self.fatal = Some(self.sent);
        let field = FieldDifference {
            field: "answer".into(),
            original: "the server goes on".into(),
            port: "the server has ended".into(),
            at: None,
            is_order: false,
        };
        match self.differing.last_mut().filter(|d| d.number == self.sent) {
            Some(last) => last.fields.push(field),
            None => self.push(request, aim, reached, vec![field]),
        }
    }

    /// How many requests were sent.
    #[must_use]
    pub const fn sent(&self) -> u32 {
        self.sent
    }

    /// How many of them differ so far.
    #[must_use]
    pub fn differing(&self) -> u32 {
        u32::try_from(self.differing.len()).unwrap_or(u32::MAX)
    }

    /// The last request that differs.
    #[must_use]
    pub fn last(&self) -> Option<u32> {
        self.differing.last().map(|d| d.number)
    }

    /// Something that the reader has to know.
    pub fn remark(&mut self, text: String) {
        self.remarks.push(text);
    }

    /// Drops what did not recur in a second run from a fresh start, and what lies where the original differs from itself at
    /// other times. A port's death stays, and what the second run did not come to.
    pub fn confirm(&mut self, mut second: Self) {
        for (route, noise) in std::mem::take(&mut second.noise) {
            self.noise.entry(route).or_default().extend(noise);
        }
        let before = self.differing.len();
        let (noise, fatal) = (&self.noise, self.fatal);
        for differing in &mut self.differing {
            if fatal == Some(differing.number) || differing.number > second.sent {
                continue;
            }
            let mut others = second.differing.iter();
            let again = others.find(|d| d.number == differing.number);
            let known = noise.get(&differing.reached.route());
            let method = &differing.request.method;
            differing.fields.retain(|f| {
                let recurs = again.is_some_and(|a| a.fields.iter().any(|g| g.field == f.field));
                recurs && !known.is_some_and(|n| is_noise(f, method, n))
            });
        }
        self.differing.retain(|d| !d.fields.is_empty());
        let gone = before - self.differing.len();
        if gone > 0 {
            let requests = if gone == 1 { "request" } else { "requests" };
            self.remark(format!(
                "{gone} {requests} differed and did not when everything was sent again from a fresh start, or only where the original differs from itself"
            ));
        }
        if let (None, Some(number)) = (self.fatal, second.fatal) {
            self.fatal = Some(number);
            self.remarks.append(&mut second.remarks);
            let dead = second.differing.into_iter().filter(|d| d.number == number);
            self.differing.retain(|d| d.number != number);
            self.differing.extend(dead);
        }
    }

    /// Adds a difference that no single request shows.
    pub fn add_probe(&mut self, request: &Request, reached: Reached, field: FieldDifference) {
        self.sent += 1;
        self.push(request, "20 requests at once", reached, vec![field]);
    }

    /// Counts such a difference that the port declares.
    pub fn add_declared_probe(&mut self, code: &str) {
        self.sent += 1;
        self.declared_requests.insert(self.sent);
        *self.declared.entry(code.to_owned()).or_default() += 1;
    }

    /// The document.
    #[must_use]
    pub fn proof(self, document: &PortDocument, declared: &[Deviation], routes: &Routes) -> Proof {
        let different = self.differing();
        let by_route = self.by_route(routes);
        let exercised = self.counts.values().filter(|c| c.views > 0).count();
        let with_2xx = by_route.iter().filter(|r| r.with_2xx > 0).count();
        let is_done = |count: &&Count| count.with_2xx == 0 && count.done > 0;
        let done = self.counts.values().filter(is_done).count();
        let shadowed = by_route.iter().filter(|r| r.shadowed_by.is_some()).count();
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let only_declared = self
            .declared_requests
            .iter()
            .filter(|n| !self.differing.iter().any(|d| d.number == **n))
            .count();
        let mut remarks = self.remarks;
        let untold = self.differing.len().saturating_sub(TOLD);
        if untold > 0 {
            remarks.push(format!(
                "{untold} more requests differ and are not told one by one"
            ));
        }
        let noise: BTreeSet<String> = self.noise.into_values().flatten().collect();
        Proof {
            schema: Proof::SCHEMA.into(),
            requests: self.sent,
            equal: self
                .sent
                .saturating_sub(number(only_declared))
                .saturating_sub(different),
            declared: number(only_declared),
            different,
            noise: noise.into_iter().collect(),
            routes: Coverage {
                total: number(by_route.len()),
                exercised: number(exercised),
                with_2xx: number(with_2xx),
                shadowed: number(shadowed),
                with_success: number(with_2xx + done),
            },
            by_route,
            differences: self
                .differing
                .iter()
                .take(TOLD)
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
            let count = self.counts.get(&i).cloned().unwrap_or_default();
            let different = different.get(&i).copied().unwrap_or(0);
            RouteProof {
                rule: known.verdict.rule.clone(),
                methods: known.verdict.methods.clone(),
                endpoint: known.verdict.endpoint.clone(),
                outcome: match (different, &count) {
                    (1.., _) => RouteOutcome::Different,
                    (0, Count { declared: 1.., .. }) => RouteOutcome::Declared,
                    (0, Count { views: 1.., .. }) => RouteOutcome::Equal,
                    _ => RouteOutcome::Unexercised,
                },
                requests: count.requests,
                with_2xx: count.with_2xx,
                different,
                only_redirects: count.with_2xx == 0 && count.redirects > 0,
                statuses: count.statuses,
                shadowed_by: routes.shadowing(i).map(str::to_owned),
            }
        })
        .collect()
    }
}

/// Whether a field lies where two runs of the original were seen to differ on this route: a value of few may agree by
/// chance in both of them and still be another in the port. Only places inside a body are fine enough for that: of a header,
/// it would hide that the port sends none.
fn is_noise(field: &FieldDifference, method: &str, noise: &BTreeSet<String>) -> bool {
    if let Some(name) = field.field.strip_prefix("header:") {
        let in_body = |n: &String| n == "body" || n.starts_with("json:") || n.starts_with("text:");
        // The length tells what the body would be.
        let tells_body = method == "HEAD" && name.eq_ignore_ascii_case("content-length");
        return tells_body && noise.iter().any(in_body);
    }
    if field.is_order && noise.contains(ORDER) {
        return true;
    }
    let places = field.at.as_deref().unwrap_or_default();
    let mut all = places
        .split(", ")
        .filter(|place| !place.is_empty())
        .peekable();
    all.peek().is_some()
        && all.all(|place| {
            noise.contains(&format!("json:{place}")) || noise.contains(&format!("text:{place}"))
        })
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

#[cfg(test)]
mod tests;
