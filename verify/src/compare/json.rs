//! JSON, value by value, each with the bytes it was written as.
//!
//! Two questions are asked of a port's JSON: are the values the original's (all but those that differ between two runs
//! of the original), and, those cut out, are the bytes? The second finds another order of keys, other spaces, other
//! escapes and a lost newline.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::mask::Mask;

/// A JSON text, read.
#[derive(Debug)]
pub(super) struct Document<'a> {
    text: &'a str,
    root: Node<'a>,
}

/// A value and its text.
#[derive(Debug)]
struct Node<'a> {
    text: &'a str,
    at: usize,
    kind: Kind<'a>,
}

#[derive(Debug)]
enum Kind<'a> {
    Object(BTreeMap<String, Node<'a>>),
    Array(Vec<Node<'a>>),
    String(String),
    Number,
    /// `true` and `false`.
    Truth,
    Null,
}

/// A value that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ValueDifference {
    /// Its path: `$.posts[0].day`.
    pub path: String,
    /// The original's text for it, `absent` where there is none.
    pub original: String,
    /// The port's.
    pub port: String,
}

/// What a comparison found.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// Values that differ, in the order of paths.
    pub values: Vec<ValueDifference>,
    /// Paths of values that differ between the runs of the original.
    pub noise: BTreeSet<String>,
    /// These values' places in the three texts.
    cuts: Vec<[Range<usize>; 3]>,
}

/// How the bytes compare when noisy values are cut out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// The same.
    Equal,
    /// The runs of the original differ themselves.
    Noise,
    /// Other bytes, from these offsets in original and port.
    Different(usize, usize),
}

impl<'a> Document<'a> {
    /// Reads a text; none when it is not JSON, nests deeper than 128 levels (where `serde_json` stops), or has a key
    /// twice in an object.
    pub(super) fn read(text: &'a str) -> Option<Self> {
        serde_json::from_str::<serde_json::Value>(text).ok()?;
        let mut reader = Reader { text, at: 0 };
        let root = reader.node()?;
        Some(Self { text, root })
    }

    /// Compares the values of a port with those of two runs of the original.
    pub(super) fn compare(&self, again: &Self, port: &Self) -> Findings {
        let mut findings = Findings::default();
        findings.walk("$", &self.root, &again.root, &port.root);
        findings
    }

    /// Compares what is left when the noisy values of `findings` are cut out.
    pub(super) fn layout(&self, again: &Self, port: &Self, findings: &Findings) -> Layout {
        let without = |text: &str, side: usize| {
            let mut cuts: Vec<&Range<usize>> = findings.cuts.iter().map(|c| &c[side]).collect();
            cuts.sort_by_key(|c| c.start);
            Left::of(text.as_bytes(), &cuts)
        };
        let (a, b, p) = (
            without(self.text, 0),
            without(again.text, 1),
            without(port.text, 2),
        );
        if a.bytes == p.bytes || b.bytes == p.bytes {
            return if a.bytes == b.bytes {
                Layout::Equal
            } else {
                Layout::Noise
            };
        }
        if a.bytes != b.bytes {
            return Layout::Noise;
        }
        let at = super::alignment::common_prefix(&a.bytes, &p.bytes);
        Layout::Different(a.place(at), p.place(at))
    }
}

/// A text without some of its parts.
struct Left {
    bytes: Vec<u8>,
    /// Offsets in `bytes` with how much was cut out before each.
    cuts: Vec<(usize, usize)>,
}

impl Left {
    fn of(text: &[u8], cuts: &[&Range<usize>]) -> Self {
        let mut left = Self {
            bytes: Vec::with_capacity(text.len()),
            cuts: Vec::new(),
        };
        let (mut from, mut removed) = (0, 0);
        for cut in cuts {
            left.bytes.extend_from_slice(&text[from..cut.start]);
            removed += cut.len();
            left.cuts.push((left.bytes.len(), removed));
            from = cut.end;
        }
        left.bytes.extend_from_slice(&text[from..]);
        left
    }

    /// Where in the whole text an offset lies.
    fn place(&self, at: usize) -> usize {
        let before = self.cuts.iter().rev().find(|(offset, _)| *offset <= at);
        at + before.map_or(0, |(_, removed)| *removed)
    }
}

impl Findings {
    fn walk(&mut self, path: &str, a: &Node<'_>, b: &Node<'_>, p: &Node<'_>) {
        match (&a.kind, &b.kind, &p.kind) {
            (Kind::Object(a), Kind::Object(b), Kind::Object(p)) if a.keys().eq(b.keys()) => {
                for (key, value) in a {
                    let path = member(path, key);
                    match (b.get(key), p.get(key)) {
                        (Some(b), Some(p)) => self.walk(&path, value, b, p),
                        _ => self.differ(path, Some(value), None),
                    }
                }
                for (key, value) in p.iter().filter(|(key, _)| !a.contains_key(*key)) {
                    self.differ(member(path, key), None, Some(value));
                }
            }
            (Kind::Array(a), Kind::Array(b), Kind::Array(p)) if a.len() == b.len() => {
                for i in 0..a.len().max(p.len()) {
                    let path = format!("{path}[{i}]");
                    match (a.get(i), b.get(i), p.get(i)) {
                        (Some(a), Some(b), Some(p)) => self.walk(&path, a, b, p),
                        (a, _, p) => self.differ(path, a, p),
                    }
                }
            }
            _ if a.same(b) => {
                if !a.same(p) {
                    self.differ(path.into(), Some(a), Some(p));
                }
            }
            _ => {
                self.noise.insert(path.into());
                if passes(a, b, p) {
                    self.cuts.push([a.range(), b.range(), p.range()]);
                } else {
                    self.differ(path.into(), Some(a), Some(p));
                }
            }
        }
    }

    fn differ(&mut self, path: String, original: Option<&Node<'_>>, port: Option<&Node<'_>>) {
        let text = |node: Option<&Node<'_>>| node.map_or("absent", |n| n.text).to_owned();
        self.values.push(ValueDifference {
            path,
            original: text(original),
            port: text(port),
        });
    }
}

/// Whether a port's value passes for one that differs between two runs.
fn passes(a: &Node<'_>, b: &Node<'_>, p: &Node<'_>) -> bool {
    let is_whole = |node: &Node<'_>| !node.text.contains(['.', 'e', 'E']);
    match (&a.kind, &b.kind, &p.kind) {
        (Kind::String(_), Kind::String(_), Kind::String(_)) => {
            let mask = Mask::of(a.text.as_bytes(), b.text.as_bytes());
            [a, b].iter().any(|n| n.text == p.text) || mask.check(p.text.as_bytes()).is_ok()
        }
        (Kind::Number, Kind::Number, Kind::Number) => is_whole(p) || !is_whole(a) || !is_whole(b),
        (a, b, p) => [a, b]
            .iter()
            .any(|k| std::mem::discriminant(*k) == std::mem::discriminant(p)),
    }
}

fn member(path: &str, key: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    if !key.is_empty() && key.chars().all(is_plain) {
        format!("{path}.{key}")
    } else {
        format!("{path}[{key:?}]")
    }
}

impl Node<'_> {
    fn range(&self) -> Range<usize> {
        self.at..self.at + self.text.len()
    }

    /// Whether two values are equal. Numbers are when their text is: `1` and `1.0` are not the same to Python.
    fn same(&self, other: &Self) -> bool {
        match (&self.kind, &other.kind) {
            (Kind::Object(a), Kind::Object(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|((k, v), (l, w))| k == l && v.same(w))
            }
            (Kind::Array(a), Kind::Array(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(v, w)| v.same(w))
            }
            (Kind::String(a), Kind::String(b)) => a == b,
            (Kind::Null, Kind::Null) => true,
            (Kind::Number, Kind::Number) | (Kind::Truth, Kind::Truth) => self.text == other.text,
            _ => false,
        }
    }
}

/// Reads text that is known to be JSON, to learn where values are.
struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn node(&mut self) -> Option<Node<'a>> {
        self.skip_space();
        let start = self.at;
        let kind = match self.peek()? {
            b'{' => {
                let mut members = BTreeMap::new();
                self.items(b'}', |reader| {
                    reader.skip_space();
                    let key = reader.string()?;
                    reader.skip_space();
                    reader.at += 1; // the colon
                    let value = reader.node()?;
                    members.insert(key, value).is_none().then_some(())
                })?;
                Kind::Object(members)
            }
            b'[' => {
                let mut items = Vec::new();
                self.items(b']', |reader| {
                    items.push(reader.node()?);
                    Some(())
                })?;
                Kind::Array(items)
            }
            b'"' => Kind::String(self.string()?),
            first => {
                let rest = &self.text[start..];
                let end = rest.find(|c: char| ",]}".contains(c) || c.is_ascii_whitespace());
                self.at += end.unwrap_or(rest.len());
                match first {
                    b't' | b'f' => Kind::Truth,
                    b'n' => Kind::Null,
                    _ => Kind::Number,
                }
            }
        };
        Some(Node {
            text: &self.text[start..self.at],
            at: start,
            kind,
        })
    }

    /// Reads what stands between brackets, the first of which is next.
    fn items(&mut self, close: u8, mut item: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        loop {
            self.at += 1; // the bracket or a comma
            self.skip_space();
            if self.peek()? != close {
                item(self)?;
                self.skip_space();
            }
            if self.peek()? == close {
                self.at += 1;
                return Some(());
            }
        }
    }

    fn string(&mut self) -> Option<String> {
        let start = self.at;
        let mut escaped = false;
        for (i, byte) in self.text.bytes().enumerate().skip(start + 1) {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => {
                    self.at = i + 1;
                    return serde_json::from_str(&self.text[start..self.at]).ok();
                }
                _ => {}
            }
        }
        None
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(|c| c.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }
}
