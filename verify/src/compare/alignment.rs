//! What two texts have in common, word by word.

use std::ops::Range;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use regex::bytes::Regex;
use similar::{Algorithm, DiffOp, capture_diff_slices_deadline};

/// How long an alignment may look for the best one; then it takes what it has, and the ranges get wider.
const PATIENCE: Duration = Duration::from_secs(1);

/// The ranges where two texts differ, when words are aligned.
///
/// Words that only white space or a comma separates are one range when both differ: two sentences have spaces in
/// common, but no meaning.
pub(super) fn gaps(a: &[u8], b: &[u8]) -> Vec<(Range<usize>, Range<usize>)> {
    let lines = common_lines(a, b);
    let (words_a, words_b) = (
        words(&a[lines.0..a.len() - lines.1]),
        words(&b[lines.0..b.len() - lines.1]),
    );
    let deadline = Instant::now() + PATIENCE;
    let operations =
        capture_diff_slices_deadline(Algorithm::Patience, &words_a, &words_b, Some(deadline));
    let mut gaps: Vec<(Range<usize>, Range<usize>)> = Vec::new();
    let (mut in_a, mut in_b) = (lines.0, lines.0);
    for operation in operations {
        let length = |words: &[&[u8]]| words.iter().map(|w| w.len()).sum::<usize>();
        let a_length = length(&words_a[operation.old_range()]);
        let b_length = length(&words_b[operation.new_range()]);
        if !matches!(operation, DiffOp::Equal { .. }) {
            match gaps.last_mut() {
                Some((before_a, before_b)) if is_weak(&a[before_a.end..in_a]) => {
                    before_a.end = in_a + a_length;
                    before_b.end = in_b + b_length;
                }
                _ => gaps.push((in_a..in_a + a_length, in_b..in_b + b_length)),
            }
        }
        in_a += a_length;
        in_b += b_length;
    }
    gaps
}

/// How many bytes at the start and at the end are whole lines that both texts have.
fn common_lines(a: &[u8], b: &[u8]) -> (usize, usize) {
    let is_newline = |&c: &u8| c == b'\n';
    let before = common_prefix(a, b);
    let before = a[..before]
        .iter()
        .rposition(is_newline)
        .map_or(0, |i| i + 1);
    let ends = a[before..].iter().rev().zip(b[before..].iter().rev());
    let after = ends.take_while(|(x, y)| x == y).count();
    let line = a[a.len() - after..].iter().position(is_newline);
    (before, line.map_or(0, |i| after - i - 1))
}

/// Whether a literal between two holes says too little to be one: nothing, or spaces with a comma.
fn is_weak(literal: &[u8]) -> bool {
    literal.is_empty()
        || literal.contains(&b' ')
            && literal
                .iter()
                .all(|c| matches!(c, b' ' | b'\t' | b',' | b';'))
}

/// Words, runs of white space, and single characters that mark structure.
pub(super) fn words(text: &[u8]) -> Vec<&[u8]> {
    let kind = |c: u8| {
        if c.is_ascii_whitespace() {
            0
        } else if b"<>\"'=&;,()".contains(&c) {
            1
        } else {
            2
        }
    };
    text.chunk_by(|&x, &y| kind(x) == kind(y) && kind(x) != 1 && x != b'\n' && y != b'\n')
        .collect()
}

/// How many bytes at the start and at the end of two differing words are common parts: `"1700-12-` of two entity tags,
/// `http://127.0.0.1:` of two addresses.
///
/// A part is a number, a date, a time, or a run of letters and digits, with the separator that ends it. A common
/// start that is only part of a part, or a separator alone, or short, is chance: random tokens have `-` anywhere.
pub(super) fn common_ends(a: &[u8], b: &[u8]) -> (usize, usize) {
    static PARTS: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r"(?-u)\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?\b|\d{1,3}:\d\d(?::\d\d(?:\.\d+)?)?\b|[A-Za-z0-9]+(?:\.[0-9]+)*|(?s:.)",
        )
        .ok()
    });
    let Some(pattern) = PARTS.as_ref() else {
        return (0, 0);
    };
    let parts = |text: &'_ [u8]| -> Vec<Range<usize>> {
        pattern.find_iter(text).map(|m| m.range()).collect()
    };
    let (parts_a, parts_b) = (parts(a), parts(b));
    // In a path the parts are its segments: `copy-1` and `copy-2` have nothing in common.
    let is_path = a.contains(&b'/') && b.contains(&b'/');
    let is_separator = |part: &[u8]| {
        part.len() == 1
            && part[0].is_ascii_punctuation()
            && !(is_path && matches!(part[0], b'-' | b'_' | b'.' | b'~'))
    };
    let ends = |pairs: &mut dyn Iterator<Item = (&Range<usize>, &Range<usize>)>| {
        let (mut length, mut kept, mut has_word) = (0, 0, false);
        for (x, y) in pairs {
            let part = &a[x.clone()];
            if part != &b[y.clone()] {
                break;
            }
            length += part.len();
            if !is_separator(part) {
                has_word = true;
            } else if has_word && (length > 3 || matches!(part[0], b'/' | b':')) {
                kept = length;
            }
        }
        kept
    };
    let before = ends(&mut parts_a.iter().zip(&parts_b));
    let after = ends(&mut parts_a.iter().rev().zip(parts_b.iter().rev()));
    if before + after > a.len().min(b.len()) {
        return (before, 0);
    }
    (before, after)
}

/// How many bytes two texts have in common at the start.
pub(super) fn common_prefix(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).take_while(|(x, y)| x == y).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_that_words_have_in_common() {
        let cases: [(&str, &str, usize, usize); 9] = [
            ("1700000000.5-12-345", "1700000000.5-12-99", 16, 0),
            ("1700000000.5-12-345", "1700000001.5-12-345", 0, 7),
            ("/tmp/copy-1/a.css", "/tmp/copy-2/a.css", 5, 6),
            ("127.0.0.1:5001/x", "127.0.0.1:5002/x", 10, 2),
            ("12:00:01.5", "12:00:01.7", 0, 0),
            ("2026-11-26T12:00:01.5Z", "2026-11-26T12:00:01.7Z", 0, 0),
            ("xyz_0", "qrs_0", 0, 0),
            ("-abc", "-xyz", 0, 0),
            ("aabbcc", "aabbdd", 0, 0),
        ];
        for (a, b, before, after) in cases {
            assert_eq!(
                common_ends(a.as_bytes(), b.as_bytes()),
                (before, after),
                "{a}"
            );
        }
    }
}
