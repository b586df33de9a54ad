//! The scanner: a template's text as tokens, exactly as Chameleon cuts it.
//!
//! Chameleon cuts with one regular expression of shallow XML rules (`chameleon/tokenize.py`) that
//! matches anything: what is no markup becomes text. Which text counts as a tag decides what is an error
//! afterwards, so this scanner follows that expression to the letter, its corners included, and reads
//! every byte a bounded number of times.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text between tags, in which `${…}` counts.
    Text,
    /// `<!-- … -->`.
    Comment,
    /// `<![CDATA[ … ]]>`.
    Cdata,
    /// `<? … ?>` other than `<?xml`.
    Instruction,
    /// `<?xml …`, an element without content to Chameleon.
    XmlDeclaration,
    /// `<a …>`.
    Start,
    /// `<a … />`.
    Empty,
    /// `</a>`.
    End,
    /// A doctype, or something that only looked like a tag: put out as it is.
    Plain,
}

/// A token and its bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub kind: Kind,
    pub start: usize,
    pub end: usize,
}

/// Bytes that internal subsets of doctypes without an end may cost in all.
const SUBSETS: usize = 1 << 16;

/// Cuts `text` into tokens that cover it.
pub(super) struct Scanner<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    /// Terminators that do not occur any more, so that nobody looks for them again.
    absent: [bool; 3],
    subsets: usize,
}

const TERMINATORS: [&str; 3] = ["--", "]]>", "?>"];

impl<'t> Scanner<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            at: 0,
            absent: [false; 3],
            subsets: SUBSETS,
        }
    }

    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    fn starts(&self, at: usize, with: &str) -> bool {
        self.bytes
            .get(at..)
            .is_some_and(|b| b.starts_with(with.as_bytes()))
    }

    /// The end of the next `TERMINATORS[which]` from `at`.
    fn after(&mut self, at: usize, which: usize) -> Option<usize> {
        if self.absent[which] {
            return None;
        }
        let sign = TERMINATORS[which];
        let found = memchr::memmem::find(self.bytes.get(at..)?, sign.as_bytes());
        self.absent[which] = found.is_none();
        found.map(|i| at + i + sign.len())
    }

    fn space(&self, mut at: usize) -> usize {
        while at < self.bytes.len() && is_space(self.bytes[at]) {
            at += 1;
        }
        at
    }

    /// The end of the name at `at`; `at` itself where there is none.
    fn name(&self, at: usize) -> usize {
        if at >= self.bytes.len() || !starts_name(self.bytes[at]) {
            return at;
        }
        let mut end = at + 1;
        while end < self.bytes.len() && continues_name(self.bytes[end]) {
            end += 1;
        }
        end
    }

    /// The end of the quoted string at `at`.
    fn quoted(&self, at: usize) -> Option<usize> {
        let quote = self.byte(at);
        if quote != b'"' && quote != b'\'' {
            return None;
        }
        memchr::memchr(quote, &self.bytes[at + 1..]).map(|i| at + i + 2)
    }

    /// The end of the markup at `at`, where a `<` stands.
    fn markup(&mut self, at: usize) -> usize {
        let after = at + 1;
        match self.byte(after) {
            b'!' => self.declaration(after + 1),
            b'?' => {
                let name = self.name(after + 1);
                if name == after + 1 {
                    name
                } else {
                    self.instruction_tail(name).unwrap_or(name)
                }
            }
            b'/' => {
                let name = self.name(after + 1);
                if name == after + 1 {
                    return name;
                }
                let end = self.space(name);
                end + usize::from(self.byte(end) == b'>')
            }
            _ => {
                let name = self.name(after);
                if name == after {
                    after
                } else {
                    self.attributes(name)
                }
            }
        }
    }

    fn declaration(&mut self, at: usize) -> usize {
        if self.starts(at, "--") {
            let Some(end) = self.after(at + 2, 0) else {
                return at + 2;
            };
            return end + usize::from(self.byte(end) == b'>');
        }
        if self.starts(at, "[CDATA[") {
            return self.after(at + 7, 1).unwrap_or(at + 7);
        }
        if self.starts(at, "DOCTYPE") {
            return self.doctype(at + 7).unwrap_or(at + 7);
        }
        at
    }

    fn doctype(&mut self, at: usize) -> Option<usize> {
        let mut end = self.name(Some(self.space(at)).filter(|s| *s > at)?);
        if end == self.space(at) {
            return None;
        }
        loop {
            let word = self.space(end);
            let next = self.quoted(word).unwrap_or_else(|| self.name(word));
            if word == end || next == word {
                break;
            }
            end = next;
        }
        end = self.space(end);
        if self.byte(end) == b'['
            && let Some(subset) = self.subset(end + 1)
        {
            end = self.space(subset);
        }
        Some(end + usize::from(self.byte(end) == b'>'))
    }

    /// The end of a doctype's internal subset, `]` included.
    fn subset(&mut self, start: usize) -> Option<usize> {
        let mut at = start;
        let end = loop {
            if self.byte(at) == b']' {
                break Some(at + 1);
            }
            let Some(next) = self.subset_item(at).filter(|n| *n > at) else {
                break None;
            };
            at = next;
            if at - start > self.subsets {
                break None;
            }
        };
        if end.is_none() {
            self.subsets = self.subsets.saturating_sub(at - start);
        }
        end
    }

    fn subset_item(&mut self, at: usize) -> Option<usize> {
        match self.byte(at) {
            b'%' => {
                let name = self.name(at + 1);
                (name > at + 1 && self.byte(name) == b';').then_some(name + 1)
            }
            b'<' if self.starts(at, "<!--") => {
                let end = self.after(at + 4, 0)?;
                (self.byte(end) == b'>').then_some(end + 1)
            }
            b'<' if self.byte(at + 1) == b'!' && self.byte(at + 2) != b'-' => {
                let mut end = at + 2;
                end += self.text.get(end..)?.chars().next()?.len_utf8();
                loop {
                    match self.bytes.get(end)? {
                        b'>' => return Some(end + 1),
                        b'"' | b'\'' => end = self.quoted(end)?,
                        b'<' | b']' => return None,
                        _ => end += 1,
                    }
                }
            }
            b'<' if self.byte(at + 1) == b'?' => {
                let name = self.name(at + 2);
                if name == at + 2 {
                    return None;
                }
                self.instruction_tail(name)
            }
            _ => Some(self.space(at)),
        }
    }

    /// The end of a processing instruction whose name ends at `at`.
    fn instruction_tail(&mut self, at: usize) -> Option<usize> {
        if self.starts(at, "?>") {
            return Some(at + 2);
        }
        if !is_space(self.byte(at)) || at >= self.bytes.len() {
            return None;
        }
        self.after(at + 1, 2)
    }

    /// The end of a tag whose name ends at `at`: attributes, space, `>` or `/>`.
    fn attributes(&self, mut at: usize) -> usize {
        loop {
            let start = self.space(at);
            let name = self.name(start);
            if start == at || name == start {
                break;
            }
            let equals = self.space(name);
            if self.byte(equals) != b'=' {
                at = name;
                continue;
            }
            match self.value(equals + 1) {
                Some(end) => at = end,
                // The expression then goes back by a character of the name, where there is one to
                // give away, and what follows is text.
                None if self.last_of(start, name) > start => return self.last_of(start, name),
                None => break,
            }
        }
        let end = self.space(at);
        match self.byte(end) {
            b'>' => end + 1,
            b'/' if self.byte(end + 1) == b'>' => end + 2,
            _ => end,
        }
    }

    fn last_of(&self, start: usize, end: usize) -> usize {
        self.text
            .get(start..end)
            .and_then(|t| t.char_indices().next_back())
            .map_or(start, |(i, _)| start + i)
    }

    /// The end of an attribute's value after `=`.
    fn value(&self, equals: usize) -> Option<usize> {
        let at = self.space(equals);
        if let Some(end) = self.quoted(at) {
            return Some(end);
        }
        let rest = self.text.get(at..)?;
        let bare = rest
            .find(|c: char| is_unicode_space(c) || "=<>`".contains(c))
            .unwrap_or(rest.len());
        if bare > 0 {
            return Some(at + bare);
        }
        // Anything up to a quote, a slash or the end of the tag; the last blank after `=` when there
        // is nothing else.
        let from = if rest.starts_with('>') || rest.is_empty() {
            at.checked_sub(1).filter(|a| *a >= equals)?
        } else {
            at
        };
        let rest = self.text.get(from..)?;
        let end = rest.find(['"', '\'', '>', '/']).unwrap_or(rest.len());
        (end > 0).then_some(from + end)
    }
}

impl Iterator for Scanner<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let start = self.at;
        if start >= self.bytes.len() {
            return None;
        }
        let end = if self.bytes[start] == b'<' {
            self.markup(start).min(self.bytes.len())
        } else {
            memchr::memchr(b'<', &self.bytes[start..]).map_or(self.bytes.len(), |i| start + i)
        };
        self.at = end;
        let kind = kind(&self.text[start..end]);
        Some(Token { kind, start, end })
    }
}

fn kind(token: &str) -> Kind {
    if !token.starts_with('<') {
        Kind::Text
    } else if token.starts_with("<!--") {
        Kind::Comment
    } else if token.starts_with("<![CDATA[") {
        Kind::Cdata
    } else if token.starts_with("<!") {
        Kind::Plain
    } else if token.starts_with("<?xml") {
        Kind::XmlDeclaration
    } else if token.starts_with("<?") {
        Kind::Instruction
    } else if token.starts_with("</") {
        Kind::End
    } else if token.ends_with("/>") {
        Kind::Empty
    } else if token.ends_with('>') {
        Kind::Start
    } else {
        Kind::Plain
    }
}

pub(super) const fn is_space(b: u8) -> bool {
    matches!(b, b' ' | b'\n' | b'\t' | b'\r')
}

/// What `\s` matches in Python.
pub(super) fn is_unicode_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

const fn starts_name(b: u8) -> bool {
    b.is_ascii_alphabetic() || matches!(b, b'_' | b':' | b'@') || b >= 0x80
}

const fn continues_name(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b':' | b'.' | b'-') || b >= 0x80
}
