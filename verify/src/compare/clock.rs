//! Clock readings in texts.
//!
//! A page that shows the time is the same on two runs of the original that answer within one second, and another on a port
//! that answers in the next. A reading that agrees with its own answer's `Date` says only when that was, as
//! `Expires` does; it is compared by how far it is from that date, in quarters of an hour (a time zone), not by itself.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::dates;

/// How many seconds a reading may be from its answer's `Date`.
const NEAR: i64 = 2;

/// A quarter of an hour: zones differ by multiples of it.
const QUARTER: i64 = 900;

/// What stands for a Unix time: a number, so that JSON stays JSON, of another length than any.
const UNIX: &str = "88888888888888888888";

/// `text` with its readings of the clock told from `date`, that of its answer: `12:00:05` and a Unix time. None when it has
/// no reading.
pub(super) fn relative(text: &str, date: Option<&str>) -> Option<String> {
    static READINGS: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"\b(\d{1,2}):(\d\d):(\d\d)\b|\b([12]\d{9})\b").ok());
    let readings = READINGS.as_ref()?;
    let answered = dates::seconds(date?)?;
    let mut found = false;
    let replaced = readings.replace_all(text, |c: &Captures<'_>| {
        let number = |i: usize| c.get(i).and_then(|m| m.as_str().parse::<i64>().ok());
        let relative = match (number(1), number(2), number(3), number(4)) {
            (Some(h), Some(m), Some(s), _) if h < 24 && m < 60 && s < 60 => {
                let ahead = (h * 3600 + m * 60 + s - answered).rem_euclid(86_400);
                let quarters = (ahead + QUARTER / 2) / QUARTER;
                let off = (ahead - quarters * QUARTER).abs();
                (off <= NEAR).then(|| format!("clock+{}", quarters % 96))
            }
            (_, _, _, Some(unix)) => ((unix - answered).abs() <= NEAR).then(|| UNIX.into()),
            _ => None,
        };
        found |= relative.is_some();
        relative.unwrap_or_else(|| c[0].to_owned())
    });
    found.then(|| replaced.into_owned())
}

/// Whether two texts are the same but for readings of the clock, each told from the date beside it.
pub(super) fn agree(original: (&str, Option<&str>), port: (&str, Option<&str>)) -> bool {
    let [original, port] = [original, port].map(|(text, date)| relative(text, date));
    original.is_some() && original == port
}
