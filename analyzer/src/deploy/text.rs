//! Text taken out of a file that still knows where each of its characters stands there, through joined
//! lines, quotes and escapes.

use model::Span;

/// The place of a character that stands in no file.
const NOWHERE: (u32, u32) = (u32::MAX, u32::MAX);

/// Text with the place of each character, in bytes of the file.
#[derive(Clone, Debug, Default)]
pub struct Text {
    chars: Vec<char>,
    places: Vec<(u32, u32)>,
}

impl Text {
    /// The part of a file from one byte to another.
    #[must_use]
    pub fn of(file: &str, start: usize, end: usize) -> Self {
        let mut out = Self::default();
        out.push_part(file, start, end);
        out
    }

    /// The whole of a file.
    #[must_use]
    pub fn whole(file: &str) -> Self {
        Self::of(file, 0, file.len())
    }

    /// Text that stands in no file.
    #[must_use]
    pub fn nowhere(text: &str) -> Self {
        let chars: Vec<char> = text.chars().collect();
        let places = vec![NOWHERE; chars.len()];
        Self { chars, places }
    }

    /// Adds a part of a file.
    pub fn push_part(&mut self, file: &str, start: usize, end: usize) {
        for (at, c) in file[start..end].char_indices() {
            let at = (start + at) as u32;
            self.push(c, (at, at + c.len_utf8() as u32));
        }
    }

    /// Adds a character that stands at some bytes of the file.
    pub fn push(&mut self, c: char, place: (u32, u32)) {
        self.chars.push(c);
        self.places.push(place);
    }

    /// Adds a character of our own; its place is that of nothing.
    pub fn push_own(&mut self, c: char) {
        self.push(c, NOWHERE);
    }

    /// Its characters.
    #[must_use]
    pub fn chars(&self) -> &[char] {
        &self.chars
    }

    /// The place of a character.
    #[must_use]
    pub fn place(&self, at: usize) -> (u32, u32) {
        self.places.get(at).copied().unwrap_or(NOWHERE)
    }

    /// A part, by characters.
    #[must_use]
    pub fn part(&self, start: usize, end: usize) -> Self {
        let end = end.min(self.chars.len());
        let start = start.min(end);
        Self {
            chars: self.chars[start..end].to_vec(),
            places: self.places[start..end].to_vec(),
        }
    }

    /// Without blanks at both ends.
    #[must_use]
    pub fn trimmed(&self) -> Self {
        let text = |c: &char| !c.is_whitespace();
        let start = self.chars.iter().position(text).unwrap_or(self.chars.len());
        let end = self.chars.iter().rposition(text).map_or(start, |i| i + 1);
        self.part(start, end)
    }

    /// Without some characters at the front.
    #[must_use]
    pub fn without_front(&self, of: &[char]) -> Self {
        let kept = |c: &char| !of.contains(c);
        let start = self.chars.iter().position(kept).unwrap_or(self.chars.len());
        self.part(start, self.chars.len())
    }

    /// `$$` as make and compose write the shell's `$`.
    #[must_use]
    pub fn single_dollars(&self) -> Self {
        let mut out = Self::default();
        let mut at = 0;
        while let Some(c) = self.chars.get(at) {
            let (start, mut end) = self.place(at);
            if *c == '$' && self.chars.get(at + 1) == Some(&'$') {
                at += 1;
                end = self.place(at).1;
            }
            out.push(*c, (start, end));
            at += 1;
        }
        out
    }

    /// `value`, which this text means in YAML, JSON or TOML, each character at the place where it is
    /// written; nowhere when an escape writes it.
    #[must_use]
    pub fn meaning(&self, value: &str) -> Self {
        let mut at = 0;
        if let Some('|' | '>') = self.chars.first() {
            let end = self.chars.iter().position(|c| *c == '\n');
            at = end.unwrap_or(self.chars.len());
        } else if let Some(quote @ ('"' | '\'')) = self.chars.first() {
            at = self
                .chars
                .iter()
                .take(3)
                .take_while(|c| *c == quote)
                .count();
            at = if at == 2 { 1 } else { at };
        }
        let mut out = Self::default();
        for c in value.chars() {
            loop {
                let Some(here) = self.chars.get(at) else {
                    // A block's last line end may be there without being written.
                    if c.is_whitespace() {
                        out.push_own(c);
                        break;
                    }
                    return Self::nowhere(value);
                };
                at += 1;
                if *here == c || here.is_whitespace() && c.is_whitespace() {
                    out.push(c, self.place(at - 1));
                    break;
                }
                let doubled = *here == '\'' && at > 1 && self.chars[at - 2] == '\'';
                if !(here.is_whitespace() || *here == '\\' || doubled) {
                    return Self::nowhere(value);
                }
            }
        }
        out
    }
}

impl std::fmt::Display for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.chars.iter().try_for_each(|c| write!(f, "{c}"))
    }
}

/// Where a word stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// With its quotes.
    pub outer: (u32, u32),
    /// Its characters.
    pub chars: Vec<(u32, u32)>,
}

impl Mark {
    /// With its quotes; `None` when it stands in no file.
    #[must_use]
    pub fn whole(&self) -> Option<Span> {
        let (start, end) = self.outer;
        let written = self.chars.iter().all(|c| *c != NOWHERE);
        (written && start != u32::MAX && end != u32::MAX).then(|| Span::new(start, end))
    }

    /// Some of its characters.
    #[must_use]
    pub fn part(&self, start: usize, end: usize) -> Option<Span> {
        let first = self.chars.get(start)?.0;
        let last = self.chars.get(end.checked_sub(1)?)?.1;
        (first != u32::MAX && last != u32::MAX).then(|| Span::new(first, last))
    }

    /// All of its characters, quotes around them off.
    #[must_use]
    pub fn inner(&self) -> Option<Span> {
        self.part(0, self.chars.len())
    }

    /// Its text, to be read again.
    #[must_use]
    pub fn text(&self, word: &str) -> Text {
        let mut out = Text::default();
        for (c, place) in word.chars().zip(&self.chars) {
            out.push(c, *place);
        }
        out
    }
}

/// A word of a list, with its place.
#[derive(Clone, Debug)]
pub struct Word {
    /// Without quotes.
    pub text: String,
    /// Its place.
    pub mark: Mark,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn meaning(written: &str, value: &str, places: &[(u32, u32)]) {
        let text = Text::whole(written).meaning(value);
        assert_eq!(text.to_string(), value);
        assert_eq!(text.places, places, "{written}");
    }

    #[test]
    fn through_quotes_and_folds() {
        meaning("ab", "ab", &[(0, 1), (1, 2)]);
        meaning("'a''b'", "a'b", &[(1, 2), (2, 3), (4, 5)]);
        meaning("\"a\\\"b\"", "a\"b", &[(1, 2), (3, 4), (4, 5)]);
        meaning(">\n  a\n  b\n", "a b\n", &[(4, 5), (5, 6), (8, 9), (9, 10)]);
        meaning("\"a\\tb\"", "a\tb", &[NOWHERE; 3]);
        meaning("\"\"", "", &[]);
    }

    #[test]
    fn dollars() {
        let text = Text::whole("a$$b$c").single_dollars();
        assert_eq!(text.to_string(), "a$b$c");
        assert_eq!(text.place(1), (1, 3));
    }
}
