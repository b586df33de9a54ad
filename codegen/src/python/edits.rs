//! Span edits: the only way in which a port changes the user's text.
//!
//! Bytes outside an edit never change. Edits are sorted and never overlap, but for what an edit takes over from the text
//! that it replaces ([`kept`]): there, other edits are made as anywhere. Several insertions at one place keep the order in
//! which they were made.

use std::borrow::Cow;

use model::Span;

/// What parts a place of the source from the text around it: no file has these characters, of which Unicode says
/// that they never mean anything in an exchange of texts.
const OPEN: char = '\u{10fffe}';
const CLOSE: char = '\u{10ffff}';

/// The source text of a span, for the text of an edit that replaces what is around it: with the edits made in it.
#[must_use]
pub fn kept(span: Span) -> String {
    format!("{OPEN}{}:{}{CLOSE}", span.start, span.end)
}

/// The pieces of an edit's text: what is new, and what is taken over.
fn pieces(text: &str) -> impl Iterator<Item = (&str, Option<Span>)> {
    text.split(CLOSE).map(|part| {
        let (new, place) = part.split_once(OPEN).unwrap_or((part, ""));
        let span = place
            .split_once(':')
            .and_then(|(start, end)| Some(Span::new(start.parse().ok()?, end.parse().ok()?)));
        (new, span)
    })
}

/// A replacement of some bytes of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; empty for an insertion.
    pub span: Span,
    /// By what.
    pub text: String,
    /// The rewrite that made it (`R0103`).
    pub code: &'static str,
    /// The function that it belongs to; absent for a module's own statements.
    pub function: Option<String>,
}

/// Two edits want the same bytes: a mistake of the rewrites, never of the user.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("rewrites {} and {} overlap at byte {at}", .codes.0, .codes.1)]
pub struct Overlap {
    /// The rewrites.
    pub codes: (&'static str, &'static str),
    /// Where.
    pub at: u32,
}

/// The edits of one file.
#[derive(Clone, Debug, Default)]
pub struct EditSet {
    edits: Vec<Edit>,
}

impl EditSet {
    /// Adds an edit; the very same one twice counts once.
    ///
    /// # Errors
    /// When it overlaps one that is there, and neither takes over the place of the other.
    pub fn add(&mut self, edit: Edit) -> Result<(), Overlap> {
        if edit.span.start < edit.span.end && self.edits.contains(&edit) {
            return Ok(());
        }
        for other in &self.edits {
            let (a, b) = (edit.span, other.span);
            let apart = a.end <= b.start || b.end <= a.start;
            let inside = if a.start == a.end || b.start == b.end {
                // An insertion at the edge of a replacement, or beside another one, is fine.
                !apart
            } else {
                a.start < b.end && b.start < a.end
            };
            if inside && !takes_over(other, &edit) && !takes_over(&edit, other) {
                return Err(Overlap {
                    codes: (other.code, edit.code),
                    at: a.start.max(b.start),
                });
            }
        }
        self.edits.push(edit);
        Ok(())
    }

    /// Whether nothing is changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// The edits in the order of the text of the file, none in another, with what they take over of it.
    #[must_use]
    pub fn sorted(&self, text: &str) -> Vec<Edit> {
        let all: Vec<&Edit> = self.edits.iter().collect();
        let outer = outermost(&all);
        outer
            .into_iter()
            .map(|edit| Edit {
                text: self.resolved(edit, text).into_owned(),
                ..edit.clone()
            })
            .collect()
    }

    /// The text of an edit, with what it takes over.
    fn resolved<'e>(&'e self, edit: &'e Edit, text: &str) -> Cow<'e, str> {
        if !edit.text.contains(OPEN) {
            return Cow::Borrowed(&edit.text);
        }
        let mut out = String::new();
        for (new, place) in pieces(&edit.text) {
            out.push_str(new);
            let Some(place) = place else { continue };
            let inside: Vec<&Edit> = self
                .edits
                .iter()
                .filter(|e| !std::ptr::eq(*e, edit) && is_in(e.span, place, edit.span))
                .collect();
            let mut at = place.start as usize;
            for inner in outermost(&inside) {
                out.push_str(&text[at..inner.span.start as usize]);
                out.push_str(&self.resolved(inner, text));
                at = inner.span.end as usize;
            }
            out.push_str(&text[at..place.end as usize]);
        }
        Cow::Owned(out)
    }

    /// The text with all edits made.
    #[must_use]
    pub fn apply(&self, text: &str) -> String {
        // Inserted lines end as most of the file's own do.
        let crlf = text.matches("\r\n").count() * 2 > text.matches('\n').count();
        let mut out = String::with_capacity(text.len() + 256);
        let mut at = 0;
        for edit in self.sorted(text) {
            out.push_str(&text[at..edit.span.start as usize]);
            if crlf {
                // Text taken from the file has them already.
                let lines = edit.text.replace("\r\n", "\n");
                out.push_str(&lines.replace('\n', "\r\n"));
            } else {
                out.push_str(&edit.text);
            }
            at = edit.span.end as usize;
        }
        out.push_str(&text[at..]);
        out
    }
}

/// Whether an edit takes over the place of another one.
fn takes_over(outer: &Edit, inner: &Edit) -> bool {
    outer.text.contains(OPEN)
        && pieces(&outer.text)
            .any(|(_, place)| place.is_some_and(|p| is_in(inner.span, p, outer.span)))
}

/// Whether a span lies in a place that is taken over of `replaced`; an insertion at the edge of that lies outside.
fn is_in(span: Span, place: Span, replaced: Span) -> bool {
    let at_edge =
        span.start == span.end && (span.start == replaced.start || span.end == replaced.end);
    place.contains(span) && !at_edge
}

/// Those that no other of them takes over, in the order of the text.
fn outermost<'e>(edits: &[&'e Edit]) -> Vec<&'e Edit> {
    let takers: Vec<&Edit> = edits
        .iter()
        .copied()
        .filter(|e| e.text.contains(OPEN))
        .collect();
    let taken = |edit: &Edit| {
        takers
            .iter()
            .any(|other| !std::ptr::eq(*other, edit) && takes_over(other, edit))
    };
    let mut sorted: Vec<&Edit> = edits.iter().copied().filter(|e| !taken(e)).collect();
    // Stable: insertions at one place stay in the order in which they were made, and stand
    // before what replaces the text behind them.
    sorted.sort_by_key(|e| (e.span.start, e.span.end));
    sorted
}

/// The span grown to whole lines, line end included, when nothing else stands on them. A span outside
/// the text stays as it is.
#[must_use]
pub fn whole_lines(text: &str, span: Span) -> Span {
    let (Some(head), Some(tail)) = (
        text.get(..span.start as usize),
        text.get(span.end as usize..),
    ) else {
        return span;
    };
    let start = head.rfind('\n').map_or(0, |i| i + 1);
    let end = tail
        .find('\n')
        .map_or(text.len(), |i| span.end as usize + i + 1);
    let before = &head[start..];
    let after = &text[span.end as usize..end];
    if before.trim().is_empty() && after.trim().is_empty() {
        Span::new(start as u32, end as u32)
    } else {
        span
    }
}

/// The blanks at the start of the line that `at` stands on; none outside the text (a file that is never
/// edited has no text here, and its obstacle is reported by whoever wants to edit it).
#[must_use]
pub fn indent(text: &str, at: u32) -> &str {
    let Some(head) = text.get(..at as usize) else {
        return "";
    };
    let start = head.rfind('\n').map_or(0, |i| i + 1);
    let line = &text[start..];
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn edit(start: u32, end: u32, text: &str) -> Edit {
        Edit {
            span: Span::new(start, end),
            text: text.into(),
            code: "R0000",
            function: None,
        }
    }

    #[test]
    fn applies_in_order() {
        let mut set = EditSet::default();
        set.add(edit(4, 7, "x")).unwrap();
        set.add(edit(0, 0, "<")).unwrap();
        set.add(edit(0, 0, ">")).unwrap();
        assert_eq!(set.apply("abc def"), "<>abc x");
    }

    #[test]
    fn refuses_overlaps() {
        let mut set = EditSet::default();
        set.add(edit(2, 5, "x")).unwrap();
        assert!(set.add(edit(4, 6, "y")).is_err());
        assert!(set.add(edit(3, 3, "y")).is_err());
        assert!(set.add(edit(5, 5, "y")).is_ok());
        assert!(set.add(edit(2, 5, "x")).is_ok());
    }

    #[test]
    fn what_is_taken_over_is_edited_too() {
        let text = "app.hook(lambda: app.config)";
        let mut set = EditSet::default();
        // Whichever comes first.
        set.add(edit(20, 20, ".state")).unwrap();
        let argument = kept(Span::new(9, 27));
        set.add(edit(0, 28, &format!("hook(app)({argument})")))
            .unwrap();
        set.add(edit(17, 20, &format!("[{}]", kept(Span::new(17, 20)))))
            .unwrap();
        assert_eq!(set.apply(text), "hook(app)(lambda: [app].state.config)");
        assert_eq!(set.sorted(text).len(), 1);
        // The rest of what is replaced is gone.
        assert!(set.add(edit(4, 8, "x")).is_err());
    }

    #[test]
    fn keeps_line_ends() {
        let mut set = EditSet::default();
        set.add(edit(1, 1, "\nb")).unwrap();
        assert_eq!(set.apply("a\r\nc"), "a\r\nb\r\nc");
    }

    #[test]
    fn text_of_the_file_keeps_its_line_ends() {
        let mut set = EditSet::default();
        set.add(edit(1, 1, "\r\nb\nc")).unwrap();
        assert_eq!(set.apply("a\r\nd"), "a\r\nb\r\nc\r\nd");
    }

    #[test]
    fn one_odd_line_end_does_not_decide() {
        let mut set = EditSet::default();
        set.add(edit(1, 1, "\nx")).unwrap();
        assert_eq!(set.apply("a\nb\nc\r\nd\n"), "a\nx\nb\nc\r\nd\n");
    }

    #[test]
    fn places_outside_the_text() {
        assert_eq!(indent("", 9), "");
        assert_eq!(whole_lines("é", Span::new(1, 1)), Span::new(1, 1));
        assert_eq!(whole_lines("", Span::new(3, 5)), Span::new(3, 5));
    }

    #[test]
    fn grows_to_lines() {
        let text = "a\n  b\nc d\n";
        assert_eq!(whole_lines(text, Span::new(4, 5)), Span::new(2, 6));
        assert_eq!(whole_lines(text, Span::new(6, 7)), Span::new(6, 7));
    }

    proptest! {
        #[test]
        fn bytes_outside_edits_never_change(
            text in "[a-z\n]{0,60}",
            cuts in proptest::collection::vec((0u32..60, 0u32..6, "[A-Z]{0,4}"), 0..8),
        ) {
            let mut set = EditSet::default();
            let mut taken = Vec::new();
            for (start, len, new) in cuts {
                let end = start + len;
                if end as usize <= text.len() && set.add(edit(start, end, &new)).is_ok() {
                    taken.push((start, end));
                }
            }
            let kept: String = text
                .char_indices()
                .filter(|(i, _)| {
                    let i = *i as u32;
                    !taken.iter().any(|(a, b)| *a <= i && i < *b)
                })
                .map(|(_, c)| c)
                .collect();
            let left: String = set.apply(&text).chars().filter(|c| !c.is_ascii_uppercase()).collect();
            prop_assert_eq!(kept, left);
        }

        #[test]
        fn the_order_of_replacements_does_not_matter(
            text in "[a-z\n]{20,60}",
            mut starts in proptest::collection::btree_set(0u32..9, 1..9),
            seed in any::<usize>(),
        ) {
            // Two bytes each, at most touching.
            let edits: Vec<Edit> = std::mem::take(&mut starts)
                .into_iter()
                .map(|s| edit(s * 2, s * 2 + 2, &s.to_string()))
                .collect();
            let apply = |order: &[Edit]| {
                let mut set = EditSet::default();
                for e in order {
                    set.add(e.clone()).unwrap();
                }
                set.apply(&text)
            };
            let mut turned = edits.clone();
            turned.rotate_left(seed % edits.len());
            turned.reverse();
            prop_assert_eq!(apply(&edits), apply(&turned));
        }

        #[test]
        fn overlaps_are_found_from_both_sides(
            a in (0u32..12, 1u32..6), b in (0u32..12, 1u32..6),
        ) {
            let (a, b) = (edit(a.0, a.0 + a.1, "A"), edit(b.0, b.0 + b.1, "B"));
            let shared = (a.span.start..a.span.end).any(|i| (b.span.start..b.span.end).contains(&i));
            for (first, second) in [(&a, &b), (&b, &a)] {
                let mut set = EditSet::default();
                set.add(first.clone()).unwrap();
                prop_assert_eq!(set.add(second.clone()).is_err(), shared);
            }
        }
    }
}
