//! Cuts a template into text and tags as Jinja2's lexer does, and makes the copy of it that minijinja can
//! parse.
//!
//! The copy has the length of the template, so every offset in it is an offset of the template: names,
//! texts and lines are always taken from the template itself, the copy only has its shape. What is
//! written differently in the copy is what minijinja reads otherwise than Jinja2 (`jinja2/lexer.py`):
//! numbers, escapes in strings, names outside ASCII, unary plus, keyword arguments named like a constant,
//! tuples as subscripts.

use super::Fault;
use super::tokens::{Kind, Token};

/// What a part of a template is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PartKind {
    /// Text that is put out as it is.
    Text,
    /// `{# … #}`, or one end of a raw block.
    Hidden,
    /// `{{ … }}`
    Variable,
    /// `{% … %}`
    Block,
}

/// A part of a template.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    /// What it is.
    pub kind: PartKind,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// Its tokens, as indices.
    pub tokens: (u32, u32),
}

/// A template in parts.
pub(super) struct Masked {
    /// The copy for minijinja.
    pub text: String,
    /// Parts in order, without gaps.
    pub parts: Vec<Part>,
    /// Tokens of all tags.
    pub tokens: Vec<Token>,
    /// Where and why cutting ended early.
    pub fault: Option<Fault>,
}

/// Operators that one expression may hold in open brackets together: parsers descend once for each.
const OPERATORS: usize = 1000;

/// Brackets that may be open at once.
const DEPTH: usize = 200;

/// Names that are constants where they stand for a value.
const CONSTANTS: &[&str] = &["true", "false", "none", "True", "False", "None"];

/// Cuts `text` into parts; what follows the first mistake is one part of text.
pub(super) fn mask(text: &str) -> Masked {
    let mut cutter = Cutter {
        text,
        bytes: text.as_bytes(),
        copy: text.as_bytes().to_vec(),
        parts: Vec::new(),
        tokens: Vec::new(),
    };
    let fault = cutter.cut().err();
    Masked {
        // Only whole characters are replaced, and by ASCII: this cannot fail.
        text: String::from_utf8(cutter.copy).unwrap_or_default(),
        parts: cutter.parts,
        tokens: cutter.tokens,
        fault,
    }
}

pub(super) struct Cutter<'a> {
    pub(super) text: &'a str,
    pub(super) bytes: &'a [u8],
    pub(super) copy: Vec<u8>,
    parts: Vec<Part>,
    tokens: Vec<Token>,
}

/// Brackets that are open, with what was seen in each.
struct Open {
    closer: u8,
    subscript: bool,
    operators: usize,
}

impl Cutter<'_> {
    fn cut(&mut self) -> Result<(), Fault> {
        let mut at = 0;
        while let Some(start) = self.next_tag(at) {
            self.push(PartKind::Text, at, start);
            at = match self.bytes[start + 1] {
                b'#' => {
                    let end = find(self.bytes, start + 2, b"#}")
                        .ok_or_else(|| Fault::new(start, "the comment is never closed"))?;
                    self.push(PartKind::Hidden, start, end + 2);
                    end + 2
                }
                b'%' => match self.basic_tag(start, b"raw", false) {
                    Some(end) => self.raw(start, end)?,
                    None => self.tag(start, PartKind::Block)?,
                },
                _ => self.tag(start, PartKind::Variable)?,
            };
        }
        self.push(PartKind::Text, at, self.bytes.len());
        Ok(())
    }

    fn push(&mut self, kind: PartKind, start: usize, end: usize) {
        if start < end {
            let here = self.tokens.len() as u32;
            self.parts.push(Part {
                kind,
                start: start as u32,
                end: end as u32,
                tokens: (here, here),
            });
        }
    }

    fn next_tag(&self, from: usize) -> Option<usize> {
        memchr::memchr_iter(b'{', &self.bytes[from..])
            .map(|i| from + i)
            .find(|i| matches!(self.bytes.get(i + 1), Some(b'{' | b'%' | b'#')))
    }

    /// The end of a tag at `start` that consists of `name` alone.
    fn basic_tag(&self, start: usize, name: &[u8], plus: bool) -> Option<usize> {
        let mut at = start + 2;
        if matches!(self.bytes.get(at), Some(b'-' | b'+')) {
            at += 1;
        }
        at = self.blank(at);
        if !self.bytes[at..].starts_with(name) {
            return None;
        }
        at = self.blank(at + name.len());
        match self.bytes.get(at) {
            Some(b'-') => at += 1,
            Some(b'+') if plus => at += 1,
            _ => {}
        }
        self.bytes[at..].starts_with(b"%}").then_some(at + 2)
    }

    fn blank(&self, from: usize) -> usize {
        self.bytes[from..]
            .iter()
            .position(|b| !b.is_ascii_whitespace())
            .map_or(self.bytes.len(), |i| from + i)
    }

    fn raw(&mut self, start: usize, end: usize) -> Result<usize, Fault> {
        let mut at = end;
        while let Some(tag) = find(self.bytes, at, b"{%") {
            if let Some(close) = self.basic_tag(tag, b"endraw", true) {
                self.push(PartKind::Hidden, start, end);
                self.push(PartKind::Text, end, tag);
                self.push(PartKind::Hidden, tag, close);
                return Ok(close);
            }
            at = tag + 2;
        }
        Err(Fault::new(start, "the raw block is never closed"))
    }

    /// The tokens of the tag at `start`; gives its end.
    fn tag(&mut self, start: usize, part: PartKind) -> Result<usize, Fault> {
        let closer: &[u8] = if part == PartKind::Block {
            b"%}"
        } else {
            b"}}"
        };
        let first = self.tokens.len();
        let mut open: Vec<Open> = Vec::new();
        let mut operators = 0;
        let mut at = start + 2;
        // `-` and `+` right after the opening say what becomes of the space before it.
        if matches!(self.bytes.get(at), Some(b'-' | b'+')) {
            at += 1;
        }
        loop {
            let Some(&byte) = self.bytes.get(at) else {
                return Err(Fault::new(start, "the tag is never closed"));
            };
            if open.is_empty() {
                let rest = &self.bytes[at..];
                let signed = byte == b'-' || (byte == b'+' && part == PartKind::Block);
                if rest.starts_with(closer) || (signed && rest[1..].starts_with(closer)) {
                    let end = at + closer.len() + usize::from(!rest.starts_with(closer));
                    self.parts.push(Part {
                        kind: part,
                        start: start as u32,
                        end: end as u32,
                        tokens: (first as u32, self.tokens.len() as u32),
                    });
                    return Ok(end);
                }
            }
            if byte.is_ascii_whitespace() {
                at += 1;
                continue;
            }
            let depth = open.len() as u16;
            let (kind, end) = self.token(at)?;
            // The name of a tag is no value: what follows is no operand of it.
            let before = first + usize::from(part == PartKind::Block);
            let previous = self.tokens.get(before..).and_then(|t| t.last()).copied();
            match kind {
                None => {}
                Some(Kind::Op(op @ (b'(' | b'[' | b'{'))) => {
                    operators += 1;
                    if let Some(o) = open.last_mut() {
                        o.operators += 1;
                    }
                    open.push(Open {
                        closer: match op {
                            b'(' => b')',
                            b'[' => b']',
                            _ => b'}',
                        },
                        subscript: op == b'[' && previous.is_some_and(|t| self.is_value(t)),
                        operators: 0,
                    });
                    if open.len() > DEPTH {
                        return Err(Fault::new(at, "too many brackets are open"));
                    }
                }
                Some(Kind::Op(op @ (b')' | b']' | b'}'))) => match open.pop() {
                    Some(o) if o.closer == op => operators -= o.operators,
                    _ => return Err(Fault::new(at, "a bracket that nothing opened")),
                },
                Some(Kind::Op(b',')) => match open.last_mut() {
                    Some(o) if o.subscript => self.copy[at] = b'+',
                    Some(o) => {
                        operators -= o.operators;
                        o.operators = 0;
                    }
                    None => operators = 0,
                },
                Some(Kind::Op(b'+')) if !previous.is_some_and(|t| self.is_value(t)) => {
                    self.copy[at] = b'-';
                }
                Some(Kind::Op(b'=')) => self.hide_constant(previous),
                _ => {}
            }
            let counts = match kind {
                Some(Kind::Op(op)) => !b",()[]{}".contains(&op),
                Some(Kind::LongOp) => true,
                Some(Kind::Name) => self.is_word(at, end),
                _ => false,
            };
            if counts {
                operators += 1;
                if let Some(o) = open.last_mut() {
                    o.operators += 1;
                }
            }
            if operators > OPERATORS {
                return Err(Fault::new(at, "the expression is too long"));
            }
            if let Some(kind) = kind {
                self.tokens.push(Token {
                    kind,
                    start: at as u32,
                    end: end as u32,
                    depth: depth.min(open.len() as u16),
                });
            }
            at = end;
        }
    }

    /// Whether an operator after this token is a binary one, and a bracket a subscript.
    fn is_value(&self, token: Token) -> bool {
        match token.kind {
            Kind::Name => !self.is_word(token.start as usize, token.end as usize),
            Kind::Str | Kind::Number => true,
            Kind::Op(op) => b")]}".contains(&op),
            Kind::LongOp => false,
        }
    }

    fn is_word(&self, start: usize, end: usize) -> bool {
        matches!(
            &self.text[start..end],
            "and" | "or" | "not" | "in" | "is" | "if" | "else" | "elif" | "print" | "do"
        )
    }

    /// `f(none=1)` names an argument, not a value.
    fn hide_constant(&mut self, token: Option<Token>) {
        if let Some(Token {
            kind: Kind::Name,
            start,
            end,
            ..
        }) = token
        {
            let range = start as usize..end as usize;
            if CONSTANTS.contains(&&self.text[range.clone()]) {
                self.copy[range].fill(b'x');
            }
        }
    }
}

fn find(bytes: &[u8], from: usize, what: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes.get(from..)?, what).map(|i| from + i)
}
