//! Text with holes: what two runs of the original have in common, and room for what they have not.
//!
//! ```text
//! run A   <input name="csrf" value="8f3a01"> at 12:00:01
//! run B   <input name="csrf" value="77c0de"> at 12:00:02
//! mask    <input name="csrf" value="······"> at ········
//! ```
//!
//! The port's text must be literal, hole, literal, … from start to end. A hole takes bytes of the kind that the runs
//! have there ([`allowed`]), and neither much fewer nor many more of them, so that a token passes for a token and
//! an error message does not.
//!
//! Texts are bytes here: what is compared need not be UTF-8, and no literal begins inside a character.

use super::alignment::{common_ends, common_prefix, gaps};

/// What two texts have in common: literals with a hole between each two.
#[derive(Debug)]
pub(super) struct Mask<'a> {
    literals: Vec<Literal<'a>>,
    holes: Vec<Hole>,
}

/// Bytes that both runs have.
#[derive(Debug)]
struct Literal<'a> {
    text: &'a [u8],
    /// Where in the first run.
    at: usize,
}

/// Bytes that differ.
#[derive(Debug)]
struct Hole {
    /// Where in the first run.
    at: usize,
    allowed: Box<[bool; 256]>,
    least: usize,
    most: usize,
}

/// Where a text stops following a mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Departure {
    /// Offset in the first run.
    pub original: usize,
    /// Offset in the text.
    pub port: usize,
}

impl<'a> Mask<'a> {
    /// What `a` and `b` have in common, word by word.
    pub(super) fn of(a: &'a [u8], b: &[u8]) -> Self {
        let mut mask = Self {
            literals: Vec::new(),
            holes: Vec::new(),
        };
        let mut from = 0;
        for (in_a, in_b) in gaps(a, b) {
            let (before, after) = common_ends(&a[in_a.clone()], &b[in_b.clone()]);
            let in_a = in_a.start + before..in_a.end - after;
            let in_b = in_b.start + before..in_b.end - after;
            mask.literals.push(Literal {
                text: &a[from..in_a.start],
                at: from,
            });
            from = in_a.end;
            mask.holes.push(Hole::new(in_a.start, &a[in_a], &b[in_b]));
        }
        mask.literals.push(Literal {
            text: &a[from..],
            at: from,
        });
        mask
    }

    /// Where the holes are in the first run.
    pub(super) fn holes(&self) -> impl Iterator<Item = usize> {
        self.holes.iter().map(|h| h.at)
    }

    /// Whether a text follows the mask.
    ///
    /// Every end that the literals so far can have is carried along, so that a hole whose text happens to hold the
    /// literal behind it is no obstacle. Linear in the text for each hole, and in practice for all of them.
    pub(super) fn check(&self, text: &[u8]) -> Result<(), Departure> {
        let first = self.literals[0].text;
        if !text.starts_with(first) {
            let port = common_prefix(first, text);
            return Err(Departure {
                original: port,
                port,
            });
        }
        let mut ends = vec![first.len()];
        if self.holes.is_empty() && text.len() != first.len() {
            return Err(Departure {
                original: first.len(),
                port: first.len(),
            });
        }
        for (i, hole) in self.holes.iter().enumerate() {
            let literal = &self.literals[i + 1];
            let is_last = i + 1 == self.holes.len();
            let starts = hole.exits(text, &ends);
            let fits = |&q: &usize| {
                text[q..].starts_with(literal.text)
                    && (!is_last || q + literal.text.len() == text.len())
            };
            let next: Vec<usize> = starts
                .iter()
                .filter(|q| fits(q))
                .map(|q| q + literal.text.len())
                .collect();
            if next.is_empty() {
                return Err(departure(text, hole, literal, &starts, ends[0]));
            }
            ends = next;
        }
        Ok(())
    }
}

/// The place to show when no exit of a hole leads to the literal behind it: the one that follows it furthest.
fn departure(
    text: &[u8],
    hole: &Hole,
    literal: &Literal<'_>,
    exits: &[usize],
    entry: usize,
) -> Departure {
    let furthest = exits
        .iter()
        .map(|&q| (common_prefix(literal.text, &text[q..]), q))
        .max_by_key(|&(length, q)| (length, std::cmp::Reverse(q)));
    match furthest {
        Some((length, q)) if length > 0 => Departure {
            original: literal.at + length,
            port: q + length,
        },
        _ => Departure {
            original: hole.at,
            port: entry,
        },
    }
}

impl Hole {
    fn new(at: usize, a: &[u8], b: &[u8]) -> Self {
        Self {
            at,
            allowed: Box::new(allowed(a, b)),
            least: a.len().min(b.len()) / 2,
            most: a.len().max(b.len()) * 2 + 8,
        }
    }

    /// Where the hole can end in `text` when it begins at one of `entries` (ascending), ascending.
    fn exits(&self, text: &[u8], entries: &[usize]) -> Vec<usize> {
        let (first, last) = (entries[0], entries[entries.len() - 1]);
        let mut exits = Vec::new();
        let mut clean_from = first;
        let mut entry = 0;
        for q in first..=text.len().min(last + self.most) {
            if q > first && !self.allowed[usize::from(text[q - 1])] {
                clean_from = q;
                if clean_from > last {
                    break;
                }
            }
            let earliest = clean_from.max(q.saturating_sub(self.most));
            while entries.get(entry).is_some_and(|&e| e < earliest) {
                entry += 1;
            }
            if entries.get(entry).is_some_and(|&e| e + self.least <= q) {
                exits.push(q);
            }
        }
        exits
    }
}

/// Which bytes a hole takes, from what two runs have there: of these sets the first that holds them all.
///
/// digits · hexadecimal · letters, digits, `-`, `_` (base64url, names) · base64 · digits with the punctuation seen ·
/// everything but `<`, `>`, `"` and newline, and these too where seen.
fn allowed(a: &[u8], b: &[u8]) -> [bool; 256] {
    let mut seen = [false; 256];
    for &byte in a.iter().chain(b) {
        seen[usize::from(byte)] = true;
    }
    let set = |is_in: &dyn Fn(u8) -> bool| -> [bool; 256] {
        std::array::from_fn(|i| u8::try_from(i).is_ok_and(is_in))
    };
    // A long token in base64 may have none of its three signs by chance.
    let is_long = a.len().min(b.len()) >= 16;
    let is_mixed = is_long
        && seen[usize::from(b'A')..=usize::from(b'Z')].contains(&true)
        && seen[usize::from(b'a')..=usize::from(b'z')].contains(&true);
    let structural = |c: u8| matches!(c, b'<' | b'>' | b'"' | b'\n');
    let candidates = [
        set(&|c| c.is_ascii_digit()),
        set(&|c| c.is_ascii_hexdigit()),
        set(&|c| {
            c.is_ascii_alphanumeric()
                || matches!(c, b'-' | b'_')
                || is_mixed && matches!(c, b'+' | b'/' | b'=')
        }),
        set(&|c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_' | b'+' | b'/' | b'=')),
        set(&|c| {
            c.is_ascii_digit()
                || (seen[usize::from(c)]
                    && (c == b' ' || c.is_ascii_punctuation() && !structural(c)))
        }),
    ];
    let holds = |candidate: &[bool; 256]| seen.iter().zip(candidate).all(|(s, c)| !s || *c);
    candidates
        .into_iter()
        .find(holds)
        .unwrap_or_else(|| set(&|c| !structural(c) || seen[usize::from(c)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hole_may_hold_the_literal_behind_it() {
        let mask = Mask::of(b"q!=x=1;", b"r!=y=2;");
        assert_eq!(mask.holes().collect::<Vec<_>>(), [0, 3, 5]);
        assert_eq!(mask.check(b"s!=!=t=3;"), Ok(()));
        assert_eq!(
            mask.check(b"s!=!=t=x;"),
            Err(Departure {
                original: 5,
                port: 7
            })
        );
        assert_eq!(
            mask.check(b"s!=t=3;;"),
            Err(Departure {
                original: 7,
                port: 7
            })
        );
    }

    #[test]
    fn kinds_of_holes() {
        let cases = [
            ("12", "7", "0123456789", "a-."),
            ("1f", "a2", "0a9fF", "g-"),
            ("ab_c", "x-y", "azAZ09-_", "+. <"),
            ("a+b", "c/d", "azAZ09-_+/=", ". <"),
            ("0.5", "12", "09.", "a- "),
            ("a b!", "c", "az09 .,'", "<>\"\n"),
            ("<b>", "x", "<>a", "\"\n"),
        ];
        for (a, b, yes, no) in cases {
            let allowed = allowed(a.as_bytes(), b.as_bytes());
            assert!(yes.bytes().all(|c| allowed[usize::from(c)]), "{a}");
            assert!(no.bytes().all(|c| !allowed[usize::from(c)]), "{a}");
        }
    }
}
