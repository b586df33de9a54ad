//! Tokens of tags, and how each is written in the copy for minijinja.

use super::Fault;
use super::mask::Cutter;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name or keyword.
    Name,
    /// A string literal with its quotes.
    Str,
    /// A number.
    Number,
    /// An operator of one byte.
    Op(u8),
    /// An operator of two bytes (`==`, `//`); none of them bounds an expression.
    LongOp,
}

/// A token of a tag.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    /// What it is.
    pub kind: Kind,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// How many brackets are open around it.
    pub depth: u16,
}

impl Cutter<'_> {
    /// The token at `at` (nothing for other white space) and its end.
    pub(super) fn token(&mut self, at: usize) -> Result<(Option<Kind>, usize), Fault> {
        let byte = self.bytes[at];
        if byte.is_ascii_digit() {
            let end = number(self.bytes, at);
            self.copy[at] = b'0';
            self.copy[at + 1..end].fill(b' ');
            return Ok((Some(Kind::Number), end));
        }
        if byte == b'"' || byte == b'\'' {
            let end = self.string(at, byte)?;
            return Ok((Some(Kind::Str), end));
        }
        let two = self.bytes.get(at..at + 2).unwrap_or_default();
        if matches!(two, b"==" | b"!=" | b">=" | b"<=" | b"//" | b"**") {
            return Ok((Some(Kind::LongOp), at + 2));
        }
        if b"+-/*%~[](){}<>=.:|,;".contains(&byte) {
            return Ok((Some(Kind::Op(byte)), at + 1));
        }
        let Some(first) = self.text[at..].chars().next() else {
            return Err(Fault::new(at, "an unexpected character"));
        };
        if is_name(first) {
            let length = self.text[at..]
                .find(|c| !is_name(c))
                .unwrap_or(self.text.len() - at);
            let range = at..at + length;
            if !self.text[range.clone()].is_ascii() {
                self.copy[range].fill(b'x');
            }
            return Ok((Some(Kind::Name), at + length));
        }
        // Python's `\s` knows more white space than ASCII's.
        if first.is_whitespace() || matches!(first, '\x1c'..='\x1f') {
            let end = at + first.len_utf8();
            self.copy[at..end].fill(b' ');
            return Ok((None, end));
        }
        Err(Fault::new(at, "an unexpected character"))
    }

    fn string(&mut self, at: usize, quote: u8) -> Result<usize, Fault> {
        let mut i = at + 1;
        loop {
            match self.bytes.get(i) {
                None => return Err(Fault::new(at, "the text is never closed")),
                Some(b'\\') => {
                    self.copy[i] = b'_';
                    if let Some(next) = self.copy.get_mut(i + 1)
                        && next.is_ascii()
                    {
                        *next = b'_';
                    }
                    i += 2;
                }
                Some(&b) if b == quote => return Ok(i + 1),
                Some(_) => i += 1,
            }
        }
    }
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Where the number that starts at `at` ends.
fn number(bytes: &[u8], at: usize) -> usize {
    let run = |from: usize, accept: fn(u8) -> bool| {
        bytes[from..]
            .iter()
            .position(|&b| !accept(b))
            .map_or(bytes.len(), |i| from + i)
    };
    let digit = |b: u8| b.is_ascii_digit() || b == b'_';
    if let (b'0', Some(b'x' | b'X' | b'o' | b'O' | b'b' | b'B')) = (bytes[at], bytes.get(at + 1)) {
        return run(at + 2, |b| b.is_ascii_hexdigit() || b == b'_');
    }
    let mut end = run(at, digit);
    // `x.0.1` is two subscripts.
    if at > 0 && bytes[at - 1] == b'.' {
        return end;
    }
    if bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit) {
        end = run(end + 1, digit);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        if bytes.get(end + 1 + sign).is_some_and(u8::is_ascii_digit) {
            end = run(end + 1 + sign, digit);
        }
    }
    end
}
