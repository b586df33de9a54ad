//! Conditional requests and ranges (werkzeug.sansio.http.is_resource_modified, werkzeug.http.parse_range_header).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::context::Ctx;
use super::error::{Abort, abort};

/// What a conditional request asks about.
pub struct Resource<'a> {
    /// Without quotes.
    pub etag: &'a str,
    /// Seconds since 1970.
    pub modified: u64,
}

impl Resource<'_> {
    /// werkzeug.sansio.http.is_resource_modified, the other way round.
    pub fn is_unmodified(&self, ctx: &Ctx, with_if_range: bool) -> bool {
        let date = |text: Option<&str>| text.and_then(parse_date);
        let if_range = if with_if_range && ctx.header("range").is_some() {
            ctx.header("if-range")
        } else {
            None
        };
        let since = date(if_range).or_else(|| date(ctx.header("if-modified-since")));
        let own = UNIX_EPOCH + Duration::from_secs(self.modified);
        let mut unmodified = since.is_some_and(|since| own <= since);
        match if_range.filter(|text| !text.is_empty() && date(Some(text)).is_none()) {
            Some(tag) => {
                let tag = tag.trim();
                let tag = tag
                    .strip_prefix("W/")
                    .or_else(|| tag.strip_prefix("w/"))
                    .unwrap_or(tag);
                let bare = tag
                    .strip_prefix('"')
                    .and_then(|tag| tag.strip_suffix('"'))
                    .unwrap_or(tag);
                unmodified = bare == self.etag;
            }
            None => {
                let none_match = Tags::parse(ctx.header("if-none-match").unwrap_or_default());
                if !none_match.is_empty() {
                    unmodified =
                        none_match.star || none_match.tags.iter().any(|(_, tag)| tag == self.etag);
                }
                let required = Tags::parse(ctx.header("if-match").unwrap_or_default());
                if !required.is_empty() {
                    // A star is no tag here, as in Werkzeug.
                    unmodified = !required
                        .tags
                        .iter()
                        .any(|(weak, tag)| !weak && tag == self.etag);
                }
            }
        }
        unmodified
    }
}

/// `email.utils.parsedate_to_datetime`, for dates with a zone as digits or without one too.
fn parse_date(text: &str) -> Option<SystemTime> {
    let text = text.trim();
    if let Ok(date) = httpdate::parse_http_date(text) {
        return Some(date);
    }
    let (local, zone) = match text.rsplit_once(' ') {
        Some((local, zone)) if zone.starts_with(['+', '-']) && zone.len() == 5 => (local, zone),
        _ => (text, "+0000"),
    };
    let date = httpdate::parse_http_date(&format!("{local} GMT")).ok()?;
    let part = |at: usize| zone.get(at..at + 2)?.parse::<u64>().ok();
    let offset = Duration::from_secs(part(1)? * 3600 + part(3)? * 60);
    if zone.starts_with('-') {
        date.checked_add(offset)
    } else {
        date.checked_sub(offset)
    }
}

/// werkzeug.http.parse_etags
#[derive(Default)]
pub struct Tags {
    star: bool,
    tags: Vec<(bool, String)>,
}

impl Tags {
    /// Of a header.
    pub fn parse(text: &str) -> Self {
        if text == "*" {
            return Self {
                star: true,
                tags: Vec::new(),
            };
        }
        let tags = text.split(',').map(str::trim).filter(|tag| !tag.is_empty());
        let tags = tags.map(|tag| {
            let bare = tag.strip_prefix("W/").or_else(|| tag.strip_prefix("w/"));
            let text = bare.unwrap_or(tag);
            let inner = text
                .strip_prefix('"')
                .and_then(|text| text.strip_suffix('"'))
                .unwrap_or(text);
            (bare.is_some(), inner.to_owned())
        });
        Self {
            star: false,
            tags: tags.collect(),
        }
    }

    /// Whether the header says nothing.
    pub fn is_empty(&self) -> bool {
        !self.star && self.tags.is_empty()
    }
}

/// Start and length. A range is a 206 or a 416, it is never ignored; several ranges are a 416.
pub fn range(text: &str, size: u64) -> Result<(u64, u64), Abort> {
    let refuse = || abort(416).with_header("content-range", format!("bytes */{size}"));
    let number = |text: &str| -> Option<u64> {
        let text = text.trim_matches([' ', '\t']);
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().unwrap_or(u64::MAX))
    };
    let parse = || -> Option<(u64, u64)> {
        let (unit, span) = text.split_once('=')?;
        let (first, last) = span.trim_matches([' ', '\t']).split_once('-')?;
        if !unit.trim_matches([' ', '\t']).eq_ignore_ascii_case("bytes") {
            return None;
        }
        if first.is_empty() {
            let suffix = number(last)?;
            return (suffix > 0 && suffix <= size).then(|| (size - suffix, size));
        }
        let first = number(first)?;
        if last.trim_matches([' ', '\t']).is_empty() {
            return Some((first, size));
        }
        let last = number(last)?;
        (first <= last).then(|| (first, last.saturating_add(1).min(size)))
    };
    let (start, end) = parse()
        .filter(|(start, end)| start < end && *start < size)
        .ok_or_else(refuse)?;
    Ok((start, end - start))
}
