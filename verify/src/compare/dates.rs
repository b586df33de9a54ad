//! Dates that depend on when an answer was made.

use std::time::UNIX_EPOCH;

/// How far apart, in seconds, two sides' dates may be, each told from its own answer's `Date`.
const TOLERANCE: i64 = 5;

/// Seconds since 1970 of an HTTP date (RFC 9110 5.6.7), also with the dashes that old cookies have.
pub(super) fn seconds(date: &str) -> Option<i64> {
    let moment = httpdate::parse_http_date(date)
        .or_else(|_| httpdate::parse_http_date(&date.replace('-', " ")))
        .ok()?;
    let since = moment.duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_secs()).ok()
}

/// A date, and the date of the answer that has it.
#[derive(Clone, Copy)]
pub(super) struct Dated<'a> {
    /// As it stands.
    pub value: &'a str,
    /// The answer's `Date`.
    pub answered: Option<&'a str>,
}

impl Dated<'_> {
    /// Whether two dates are the same to a client: equal, or as far ahead of their answers within five seconds.
    pub(super) fn agrees(self, other: Self) -> bool {
        if self.value == other.value {
            return true;
        }
        let (Some(mine), Some(its)) = (seconds(self.value), seconds(other.value)) else {
            return false;
        };
        let ahead = |date: i64, answered: Option<&str>| Some(date - seconds(answered?)?);
        match (ahead(mine, self.answered), ahead(its, other.answered)) {
            (Some(mine), Some(its)) => mine > 0 && its > 0 && (mine - its).abs() <= TOLERANCE,
            _ => (mine - its).abs() <= TOLERANCE,
        }
    }

    /// Whether it was over when the answer was made.
    pub(super) fn is_past(self) -> bool {
        let date = seconds(self.value);
        match (date, self.answered.and_then(seconds)) {
            (Some(date), Some(answered)) => date <= answered,
            (Some(date), None) => date == 0,
            (None, _) => false,
        }
    }
}
