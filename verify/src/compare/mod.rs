//! Says in which fields a port's answer differs from the original's.
//!
//! The original runs twice. What differs between its two runs is noise, and is masked at the finest place that explains
//! it: a value in JSON, a word in a text or a header, a cookie's attribute, a key of a session. Everything else must be
//! equal, by these rules:
//!
//! | Field | Rule |
//! |---|---|
//! | `status` | equal |
//! | `header:X` | equal text, repeated ones in order; more in `headers.rs` |
//! | `header:Set-Cookie` | cookie by cookie, attribute by attribute, sessions by content; more in `cookies.rs` |
//! | `body` | equal bytes; more in `bodies.rs` |
//! | `answer` | both sides gave a response, or both failed in the same words |
//!
//! What is left are differences; those that the port declares are told apart (`deviations.rs`).

mod alignment;
mod bodies;
mod clock;
mod cookies;
mod dates;
mod deviations;
mod headers;
mod json;
mod levels;
mod mask;
mod places;
mod session;
mod shown;
mod shuffle;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use model::Deviation;

use crate::http::{Answer, Reply, Request};

pub(crate) use bodies::ORDER;
pub use deviations::BadDeviation;

/// Compares answers to the same request.
#[derive(Debug)]
pub struct Comparer {
    /// The secret of the app's session cookies, where known.
    secret: Option<String>,
    deviations: deviations::Declared,
}

/// A request and what came back from every side.
#[derive(Clone, Copy, Debug)]
pub struct Exchange<'a> {
    /// As it was sent to the original.
    pub request: &'a Request,
    /// As it was sent to the port, with the cookies that its session has.
    pub sent: &'a Request,
    /// The original's answer.
    pub original: &'a Answer,
    /// The answer of its second run.
    pub again: &'a Answer,
    /// The port's answer.
    pub port: &'a Answer,
    /// Endpoint of the route that the request matches.
    pub endpoint: Option<&'a str>,
}

/// How a port's answer compares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Fields that differ and are not declared: status first, then headers by name, then the body.
    pub differences: Vec<FieldDifference>,
    /// Codes of the declared deviations that explain the other fields that differ, each once, in the port's order.
    pub declared: Vec<String>,
    /// What differs between the two runs of the original: `status`, `answer`, `header:ETag`, `cookie:NAME`,
    /// `cookie:NAME:Path`, `cookie:NAME:$.key`, `json:$.now`, `text:csrf_token`, `text:line 12`, `body`,
    /// `clock`.
    pub noise: BTreeSet<String>,
}

impl Comparison {
    /// Whether nothing differs, not even as declared.
    #[must_use]
    pub fn is_equal(&self) -> bool {
        self.differences.is_empty() && self.declared.is_empty()
    }
}

/// A field in which an answer differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldDifference {
    /// `status`, `header:X`, `body` or `answer`.
    pub field: String,
    /// What the original has, cut around the difference, control characters visible; `absent` for a header that it
    /// does not send. A line each where several cookies or JSON values differ.
    pub original: String,
    /// What the port has.
    pub port: String,
    /// Where in the body: JSON paths, a line, a byte.
    pub at: Option<String>,
    /// A text has the original's words, in another order.
    pub is_order: bool,
}

impl FieldDifference {
    fn new(field: &str, original: impl Into<String>, port: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            original: original.into(),
            port: port.into(),
            at: None,
            is_order: false,
        }
    }

    fn at(mut self, at: impl Into<String>) -> Self {
        self.at = Some(at.into());
        self
    }
}

/// What one field's comparison adds to the whole.
#[derive(Debug, Default)]
struct Found {
    differences: Vec<FieldDifference>,
    noise: BTreeSet<String>,
}

/// The three responses to a request.
#[derive(Clone, Copy)]
struct Replies<'a> {
    request: &'a Request,
    original: &'a Reply,
    again: &'a Reply,
    port: &'a Reply,
}

impl Comparer {
    /// A comparer for an app whose session cookies are signed with `secret` (where known), and a port that declares
    /// `deviations`.
    ///
    /// # Errors
    ///
    /// When a deviation has an expression that is none.
    pub fn new(secret: Option<String>, deviations: &[Deviation]) -> Result<Self, BadDeviation> {
        Ok(Self {
            secret,
            deviations: deviations::Declared::new(deviations)?,
        })
    }

    /// Compares the answers of an exchange.
    #[must_use]
    pub fn compare(&self, exchange: &Exchange<'_>) -> Comparison {
        let found = self.found(exchange);
        let (differences, declared) = self.deviations.part(exchange, found.differences);
        let told = Comparison {
            differences,
            declared,
            noise: found.noise,
        };
        if told.differences.is_empty() {
            return told;
        }
        let levels = self.deviations.levels(exchange);
        let level = |answer| levels::levelled(answer, exchange.request, &levels);
        let (original, again) = (level(exchange.original), level(exchange.again));
        let levelled = Exchange {
            original: &original.answer,
            again: &again.answer,
            ..*exchange
        };
        let found = self.found(&levelled);
        let (differences, mut declared) = self.deviations.part(&levelled, found.differences);
        if differences.len() >= told.differences.len() {
            return told;
        }
        for code in original.codes {
            if !declared.contains(&code) {
                declared.push(code);
            }
        }
        Comparison {
            differences,
            declared,
            noise: found.noise,
        }
    }

    fn found(&self, exchange: &Exchange<'_>) -> Found {
        let mut found = Found::default();
        match (exchange.original, exchange.again) {
            (Answer::Reply(original), Answer::Reply(again)) => match exchange.port {
                Answer::Reply(port) => self.replies(
                    Replies {
                        request: exchange.request,
                        original,
                        again,
                        port,
                    },
                    &mut found,
                ),
                Answer::Nothing(_) => found.answer(exchange),
            },
            (Answer::Nothing(a), Answer::Nothing(b)) => {
                if a != b {
                    found.noise.insert("answer".into());
                }
                let is_same = match exchange.port {
                    Answer::Nothing(p) => a != b || p == a,
                    Answer::Reply(_) => false,
                };
                if !is_same {
                    found.answer(exchange);
                }
            }
            _ => {
                found.noise.insert("answer".into());
            }
        }
        found
    }

    fn replies(&self, replies: Replies<'_>, found: &mut Found) {
        let (a, b, p) = (
            replies.original.status,
            replies.again.status,
            replies.port.status,
        );
        if a != b {
            found.noise.insert("status".into());
        }
        if p != a && p != b {
            found
                .differences
                .push(FieldDifference::new("status", a.to_string(), p.to_string()));
        }
        headers::compare(replies, self.secret.as_deref(), found);
        bodies::compare(replies, found);
    }
}

impl Found {
    fn answer(&mut self, exchange: &Exchange<'_>) {
        let words = |answer: &Answer| match answer {
            Answer::Reply(reply) => format!("status {}, {} bytes", reply.status, reply.body.length),
            Answer::Nothing(why) => shown::short(why),
        };
        self.differences.push(FieldDifference::new(
            "answer",
            words(exchange.original),
            words(exchange.port),
        ));
    }
}
