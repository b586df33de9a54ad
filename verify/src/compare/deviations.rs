//! Differences that the port declares.
//!
//! A declaration is matched as it stands, and never more widely: its routes have the request's endpoint (`*` stands for
//! requests that match no route, and for nothing else), its method is the request's, its expressions are found in the path,
//! in the query and in one of the headers as they were sent (cookies to the port among them), its field is the one that differs, and its two values describe what was seen.
//!
//! A status as declared is a number, or words: `404, or 500 where it is counted with`. A status that the words name will do,
//! and any where they name none: `as for any number`. A header's value is declared as it is seen, `absent` where a side has none.
//! What a body holds is declared in words for people, so these are not matched.
//!
//! A declared `answer` is one that the original's server made itself, since it could not send the app's: gunicorn's page
//! for an error, or a status beyond those of HTTP.
//!
//! A declared `query` or `utf-8` is undone in the original's answers: `levels.rs`.
//!
//! A declared `order` is the order of a body's words, where it has the same ones.
//!
//! A declared body takes `Content-Length` along, which is all that an answer to HEAD shows of it.
//!
//! A header of the port may be declared as the original's with something around it: `{}` and `{}, Cookie`.
//!
//! A declared status (or answer) takes the request's other fields along: an error page has its own headers and body.

use std::sync::LazyLock;

use model::Deviation;
use regex::Regex;

use super::headers::ABSENT;
use super::levels::Level;
use super::{Exchange, FieldDifference};
use crate::http::Answer;

/// A declared deviation that cannot be matched.
#[derive(Debug, thiserror::Error)]
#[error("deviation {code}: `{pattern}` is no regular expression")]
pub struct BadDeviation {
    /// The deviation's code.
    pub code: String,
    /// What should have been an expression.
    pub pattern: String,
}

impl BadDeviation {
    /// What to do about it.
    #[must_use]
    pub fn mend(&self) -> String {
        format!(
            "correct the `when` of {} in `.migrate/port.json`",
            self.code
        )
    }
}

/// The deviations of a port.
#[derive(Debug)]
pub(super) struct Declared(Vec<Rule>);

#[derive(Debug)]
struct Rule {
    declared: Deviation,
    path: Option<Regex>,
    query: Option<Regex>,
    header: Option<Regex>,
}

impl Declared {
    pub(super) fn new(deviations: &[Deviation]) -> Result<Self, BadDeviation> {
        let rules = deviations.iter().map(|declared| {
            let expression = |pattern: &Option<String>| {
                let compiled = pattern.as_deref().map(|p| {
                    Regex::new(p).map_err(|_| BadDeviation {
                        code: declared.code.clone(),
                        pattern: p.into(),
                    })
                });
                compiled.transpose()
            };
            Ok(Rule {
                path: expression(&declared.when.path)?,
                query: expression(&declared.when.query)?,
                header: expression(&declared.when.header)?,
                declared: declared.clone(),
            })
        });
        rules.collect::<Result<_, _>>().map(Self)
    }

    /// What is undone in the original's answers, by declarations that concern the request.
    pub(super) fn levels(&self, exchange: &Exchange<'_>) -> Vec<(Level, &str)> {
        let rules = self.0.iter().filter(|r| r.concerns(exchange));
        rules
            .filter_map(|r| Some((Level::of(&r.declared.field)?, r.declared.code.as_str())))
            .collect()
    }

    /// Parts differences into those that are not declared, and the codes that explain the others.
    pub(super) fn part(
        &self,
        exchange: &Exchange<'_>,
        differences: Vec<FieldDifference>,
    ) -> (Vec<FieldDifference>, Vec<String>) {
        let mut codes = Vec::new();
        let mut rest = differences;
        for rule in self.0.iter().filter(|r| r.concerns(exchange)) {
            let explains = |d: &FieldDifference| rule.explains(d, exchange);
            if !rest.iter().any(explains) {
                continue;
            }
            if matches!(rule.declared.field.as_str(), "status" | "answer") {
                rest.clear();
            } else {
                rest.retain(|d| !explains(d));
            }
            if !codes.contains(&rule.declared.code) {
                codes.push(rule.declared.code.clone());
            }
        }
        (rest, codes)
    }
}

impl Rule {
    fn concerns(&self, exchange: &Exchange<'_>) -> bool {
        let request = exchange.request;
        let (path, query) = match request.target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (request.target.as_str(), None),
        };
        let route = exchange.endpoint.unwrap_or("*");
        let method = self.declared.when.method.as_ref();
        self.declared.routes.iter().any(|r| r == route)
            && method.is_none_or(|m| *m == request.method)
            && self.path.as_ref().is_none_or(|e| e.is_match(path))
            && self
                .query
                .as_ref()
                .is_none_or(|e| e.is_match(query.unwrap_or_default()))
            && self.header.as_ref().is_none_or(|e| {
                let mut headers = exchange.sent.headers.iter();
                headers.any(|(k, v)| e.is_match(&format!("{}: {v}", k.to_ascii_lowercase())))
            })
    }

    fn explains(&self, difference: &FieldDifference, exchange: &Exchange<'_>) -> bool {
        let declared = &self.declared;
        let is_answer = declared.field == "answer";
        if declared.field == "order" {
            return difference.field == "body" && has_the_same_words(exchange);
        }
        let is_of_body = declared.field == "body"
            && (difference.field == "body"
                || difference
                    .field
                    .eq_ignore_ascii_case("header:content-length"));
        if !is_answer && !is_of_body && !declared.field.eq_ignore_ascii_case(&difference.field) {
            return false;
        }
        let (Answer::Reply(original), Answer::Reply(port)) = (exchange.original, exchange.port)
        else {
            return false;
        };
        // What the original's server would not send was answered by the server itself.
        if is_answer {
            return is_unsendable(original) && names_status(&declared.port, port.status);
        }
        if is_of_body {
            return true;
        }
        let Some((_, header)) = difference.field.split_once(':') else {
            return names_status(&declared.original, original.status)
                && names_status(&declared.port, port.status);
        };
        let header = header.to_ascii_lowercase();
        let is_seen = |value: &str, reply: &crate::http::Reply| {
            let values: Vec<&str> = reply.all(&header).collect();
            if values.is_empty() {
                value.is_empty() || value == ABSENT
            } else {
                value == values.join(", ")
            }
        };
        if let Some(frame) = Frame::of(&declared.port)
            && declared.original == "{}"
        {
            let values =
                |reply: &crate::http::Reply| reply.all(&header).collect::<Vec<_>>().join(", ");
            return frame.holds(&values(port), &values(original));
        }
        is_seen(&declared.original, original) && is_seen(&declared.port, port)
    }
}

/// A declared value around the original's own: `{}, Cookie`.
struct Frame<'d> {
    before: &'d str,
    after: &'d str,
}

impl<'d> Frame<'d> {
    fn of(declared: &'d str) -> Option<Self> {
        let (before, after) = declared.split_once("{}")?;
        Some(Self { before, after })
    }

    fn holds(&self, port: &str, original: &str) -> bool {
        let inner = port.strip_prefix(self.before);
        !original.is_empty() && inner.and_then(|p| p.strip_suffix(self.after)) == Some(original)
    }
}

/// Whether the server would not, or should not, have sent what the app answered: gunicorn writes a page of its own for an
/// error that comes when it sends the head (gunicorn/util.py, `write_error`), without its `Server` and `Date`.
fn is_unsendable(original: &crate::http::Reply) -> bool {
    let of_server = original.status == 500
        && original.header("server").is_none()
        && original.header("date").is_none()
        && original
            .body
            .start
            .starts_with(b"<html>\n  <head>\n    <title>Internal Server Error</title>");
    of_server || !(100..600).contains(&original.status)
}

/// Whether the bodies have the same words, and the same bytes between them, as often, in whatever order.
fn has_the_same_words(exchange: &Exchange<'_>) -> bool {
    let (Answer::Reply(original), Answer::Reply(port)) = (exchange.original, exchange.port) else {
        return false;
    };
    let sorted = |reply: &crate::http::Reply| {
        let is_of_word = |a: &u8, b: &u8| a.is_ascii_alphanumeric() && b.is_ascii_alphanumeric();
        let mut words: Vec<Vec<u8>> = reply
            .body
            .start
            .chunk_by(is_of_word)
            .map(<[u8]>::to_vec)
            .collect();
        words.sort_unstable();
        words
    };
    original.body.is_kept() && port.body.is_kept() && sorted(original) == sorted(port)
}

/// Whether words name a status: by its number, or by no number at all.
fn names_status(words: &str, status: u16) -> bool {
    static NUMBER: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\b[1-5]\d\d\b").ok());
    let Some(number) = NUMBER.as_ref() else {
        return false;
    };
    let mut numbers = number.find_iter(words).map(|m| m.as_str()).peekable();
    if numbers.peek().is_none() {
        return words.parse::<u16>().is_err();
    }
    let status = status.to_string();
    numbers.any(|n| n == status)
}
