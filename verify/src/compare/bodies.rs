//! Bodies.
//!
//! Nothing is compared for HEAD, nor where original and port both say 204 or 304. Bodies of one `Content-Encoding` that is
//! `gzip` or `deflate` are compared inflated, as gzip carries a time and levels differ.
//!
//! - Bytes must be equal. Values in JSON may be equal where bytes are not: that is a difference, and said to be one of
//!   form.
//! - A body that ends in another way (broken, never ended) differs. Streams that all sides were still sending when the
//!   time was up are compared as far as all of them went, and one that sent nothing is not one that sent something.
//! - Noise in JSON is masked by path, in text by word, in binary data by byte if not
//!   more than one in a hundred differs, else the whole body is; so it is where a body is larger than what is kept.
//! - Words that come in another order on each run of the original may come in any ([`shuffle`]); a clock that shows the
//!   answer's time is told from the answer's `Date` ([`clock`]).

use std::io::Read;

use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

use super::alignment::common_prefix;
use super::json::{Document, Layout};
use super::mask::Mask;
use super::{FieldDifference, Found, Replies, clock, places, shown, shuffle};
use crate::http::{Body, End, Reply};

/// An inflated body may have this many bytes.
const MOST_INFLATED: u64 = 16 << 20;

/// The noise of a route whose lines come in another order in another run.
pub(crate) const ORDER: &str = "text:order";

/// How many JSON values that differ are shown.
const VALUES_SHOWN: usize = 3;

pub(super) fn compare(replies: Replies<'_>, found: &mut Found) {
    let is_bodiless = |reply: &Reply| matches!(reply.status, 204 | 304);
    if replies.request.method == "HEAD"
        || is_bodiless(replies.original) && is_bodiless(replies.port)
    {
        return;
    }
    let bodies = [replies.original, replies.again, replies.port].map(|r| &r.body);
    let [a, b, p] = bodies;
    if a == b && a == p {
        return;
    }
    if a.end != b.end {
        found.noise.insert("body".into());
        return;
    }
    if a.end != p.end {
        let difference = FieldDifference::new("body", ending(a), ending(p));
        found.differences.push(difference);
        return;
    }
    if a.end == End::TimeUp {
        return unended(bodies, found);
    }
    if bodies.iter().all(|body| body.is_kept()) {
        match inflated(replies) {
            Some(texts) => contents(replies, texts.each_ref().map(Vec::as_slice), found),
            None => contents(replies, bodies.map(|body| body.start.as_slice()), found),
        }
    } else if a != b {
        found.noise.insert("body".into());
    } else if a != p {
        let at = common_prefix(&a.start, &p.start);
        let text = |body: &Body| {
            let digest: String = body.digest[..6]
                .iter()
                .map(|b| format!("{b:02x}"))
                .collect();
            format!("{} bytes, SHA-256 {digest}…", body.length)
        };
        let difference = FieldDifference::new("body", text(a), text(p));
        found
            .differences
            .push(difference.at(format!("byte {at} or later")));
    }
}

fn ending(body: &Body) -> String {
    let how = match body.end {
        End::Complete => "complete",
        End::Broken => "broken off",
        End::TimeUp => "not ended when the time was up",
    };
    format!("{how}, {} bytes", body.length)
}

/// Compares streams that had to be cut: each to as many lines as all of them have whole, or, where none was noisy, to as many
/// bytes.
fn unended([a, b, p]: [&Body; 3], found: &mut Found) {
    if (p.length == 0) != (a.length == 0) && (p.length == 0) != (b.length == 0) {
        let difference = FieldDifference::new("body", ending(a), ending(p));
        found.differences.push(difference);
        return;
    }
    let starts = [a, b, p].map(|body| body.start.as_slice());
    let agree = |x: &[u8], y: &[u8]| common_prefix(x, y) == x.len().min(y.len());
    let [a, b, p] = starts;
    if agree(a, b) {
        let longer = if a.len() < b.len() { b } else { a };
        if !agree(longer, p) {
            let length = longer.len().min(p.len());
            text([&longer[..length], &longer[..length], &p[..length]], found);
        }
        return;
    }
    let newlines = |text: &[u8]| text.iter().filter(|&&c| c == b'\n').count();
    let count = starts
        .iter()
        .map(|text| newlines(text))
        .min()
        .unwrap_or_default();
    let lines = starts.map(|text| {
        let end = text.iter().enumerate().filter(|(_, c)| **c == b'\n');
        let end = count
            .checked_sub(1)
            .and_then(|n| end.map(|(i, _)| i + 1).nth(n));
        &text[..end.unwrap_or_default()]
    });
    text(lines, found);
}

/// The three bodies inflated, when one content coding made them all and none is broken.
fn inflated(replies: Replies<'_>) -> Option<[Vec<u8>; 3]> {
    let coding = replies.original.header("content-encoding")?;
    let inflate = |reply: &Reply| {
        if reply.header("content-encoding")? != coding {
            return None;
        }
        let bytes = reply.body.start.as_slice();
        match coding.trim().to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => whole(MultiGzDecoder::new(bytes)),
            "deflate" => {
                whole(ZlibDecoder::new(bytes)).or_else(|| whole(DeflateDecoder::new(bytes)))
            }
            _ => None,
        }
    };
    Some([
        inflate(replies.original)?,
        inflate(replies.again)?,
        inflate(replies.port)?,
    ])
}

fn whole(reader: impl Read) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    reader
        .take(MOST_INFLATED + 1)
        .read_to_end(&mut bytes)
        .ok()?;
    (bytes.len() as u64 <= MOST_INFLATED).then_some(bytes)
}

fn contents(replies: Replies<'_>, contents: [&[u8]; 3], found: &mut Found) {
    let mut as_they_are = Found::default();
    by_type(replies, contents, &mut as_they_are);
    if !as_they_are.differences.is_empty()
        && let Some(relative) = clocks_relative(replies, contents)
    {
        let mut told_from_date = Found::default();
        let relative = relative.each_ref().map(String::as_bytes);
        by_type(replies, relative, &mut told_from_date);
        if told_from_date.differences.is_empty() {
            as_they_are.differences.clear();
            as_they_are.noise.insert("clock".into());
        }
    }
    found.differences.append(&mut as_they_are.differences);
    found.noise.append(&mut as_they_are.noise);
}

/// Three texts with their clock readings told from each answer's date; none where original or port has none.
fn clocks_relative(replies: Replies<'_>, [a, b, p]: [&[u8]; 3]) -> Option<[String; 3]> {
    let relative = |content, reply: &Reply| {
        clock::relative(std::str::from_utf8(content).ok()?, reply.header("date"))
    };
    Some([
        relative(a, replies.original)?,
        relative(b, replies.again)?,
        relative(p, replies.port)?,
    ])
}

fn by_type(replies: Replies<'_>, contents: [&[u8]; 3], found: &mut Found) {
    let [a, b, p] = contents;
    if a == b && a == p {
        return;
    }
    let texts = contents.map(|c| std::str::from_utf8(c).ok().filter(|t| !t.contains('\0')));
    let media_type = replies.original.header("content-type").unwrap_or_default();
    let media_type = media_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    if media_type == "application/json" || media_type.ends_with("+json") {
        let documents = texts.map(|text| text.and_then(Document::read));
        if let [Some(a), Some(b), Some(p)] = &documents {
            return json([a, b, p], contents, found);
        }
    }
    if media_type.starts_with("text/") || texts.iter().all(Option::is_some) {
        text(contents, found);
    } else {
        binary(contents, found);
    }
}

fn json(documents: [&Document<'_>; 3], contents: [&[u8]; 3], found: &mut Found) {
    let [a, b, p] = documents;
    let findings = a.compare(b, p);
    let layout = a.layout(b, p, &findings);
    found
        .noise
        .extend(findings.noise.iter().map(|path| format!("json:{path}")));
    if layout == Layout::Noise {
        found.noise.insert("body:layout".into());
    }
    if contents[0] == contents[2] || contents[1] == contents[2] {
        return;
    }
    match (findings.values.as_slice(), layout) {
        ([], Layout::Different(in_original, in_port)) => {
            let form =
                |text: &[u8], at| format!("same value, other bytes: {}", shown::around(text, at));
            let difference = FieldDifference::new(
                "body",
                form(contents[0], in_original),
                form(contents[2], in_port),
            );
            found
                .differences
                .push(difference.at(format!("byte {in_original}")));
        }
        ([], _) => {}
        ([only], _) => {
            let (original, port) = shown::pair(&only.original, &only.port);
            let difference = FieldDifference::new("body", original, port);
            found.differences.push(difference.at(&only.path));
        }
        (values, _) => {
            let shown = &values[..values.len().min(VALUES_SHOWN)];
            let pairs = shown.iter().map(|value| {
                let (original, port) = shown::pair(&value.original, &value.port);
                (
                    format!("{}: {original}", value.path),
                    format!("{}: {port}", value.path),
                )
            });
            let (original, port): (Vec<_>, Vec<_>) = pairs.unzip();
            let mut at = shown
                .iter()
                .map(|v| v.path.as_str())
                .collect::<Vec<_>>()
                .join(", ");
            if values.len() > shown.len() {
                at.push_str(&format!(" and {} more", values.len() - shown.len()));
            }
            let difference = FieldDifference::new("body", original.join("\n"), port.join("\n"));
            found.differences.push(difference.at(at));
        }
    }
}

fn text([a, b, p]: [&[u8]; 3], found: &mut Found) {
    let mask = (a != b).then(|| Mask::of(a, b));
    if let Some(mask) = &mask {
        found.noise.extend(places::names(a, mask.holes()));
    }
    if a != b && shuffle::is_reordered(a, b) {
        found.noise.insert(ORDER.into());
    }
    if a == p || b == p || shuffle::is_shuffled(a, b, p) {
        return;
    }
    let departure = match mask {
        Some(mask) => mask.check(p).err().map(|d| (d.original, d.port)),
        None => Some((common_prefix(a, p), common_prefix(a, p))),
    };
    if let Some((in_original, in_port)) = departure {
        let difference =
            FieldDifference::new("body", shown::line(a, in_original), shown::line(p, in_port));
        let line = shown::line_number(a, in_original);
        let mut difference = difference.at(format!("line {line}"));
        difference.is_order = shuffle::is_reordered(a, p) || shuffle::is_reordered(b, p);
        found.differences.push(difference);
    }
}

fn binary([a, b, p]: [&[u8]; 3], found: &mut Found) {
    let noisy = |i: usize| a.get(i) != b.get(i);
    if a != b {
        found.noise.insert("body".into());
        let count = a.iter().zip(b).filter(|(x, y)| x != y).count();
        if a.len() != b.len() || count * 100 > a.len() {
            return;
        }
    }
    let length = a.len().max(p.len());
    if let Some(at) = (0..length).find(|&i| a.get(i) != p.get(i) && !noisy(i)) {
        let text = |bytes: &[u8]| {
            let window = &bytes[at.min(bytes.len())..bytes.len().min(at + 16)];
            let hex: Vec<String> = window.iter().map(|b| format!("{b:02x}")).collect();
            format!("{} bytes, there: {}", bytes.len(), hex.join(" "))
        };
        let difference = FieldDifference::new("body", text(a), text(p));
        found.differences.push(difference.at(format!("byte {at}")));
    }
}
