//! Pieces of tags: expressions between keywords, targets of assignments, signatures of macros.

use super::Fault;
use super::expressions::{Reading, Uses};
use super::mask::Part;
use super::statements::Statements;
use super::tokens::Kind;
use super::tree::{Signature, Target};

impl<'a> Statements<'a> {
    /// The name that token `i` is.
    pub(super) fn name(&self, i: usize) -> Option<&'a str> {
        self.tokens
            .get(i)
            .filter(|t| t.kind == Kind::Name)
            .map(|t| &self.text[t.start as usize..t.end as usize])
    }

    /// The bytes of the tokens `from..to`; nothing when there are none.
    pub(super) fn bounds(&self, from: usize, to: usize) -> Option<(usize, usize)> {
        let tokens = self.tokens.get(from..to)?;
        Some((tokens.first()?.start as usize, tokens.last()?.end as usize))
    }

    /// The first such operator outside brackets.
    pub(super) fn op(&self, from: usize, to: usize, op: u8) -> Option<usize> {
        self.tokens
            .get(from..to)?
            .iter()
            .position(|t| t.kind == Kind::Op(op) && t.depth == 0)
            .map(|i| from + i)
    }

    /// The first such word outside brackets that is no attribute.
    pub(super) fn keyword(&self, from: usize, to: usize, word: &str) -> Option<usize> {
        (from..to).find(|&i| {
            self.name(i) == Some(word)
                && self.tokens[i].depth == 0
                && !(i > from && self.tokens[i - 1].kind == Kind::Op(b'.'))
        })
    }

    /// Whether these words end the tokens, with something before them.
    pub(super) fn ends_with(&self, from: usize, to: usize, words: &[&str]) -> bool {
        to > from + words.len()
            && self.tokens[to - words.len() - 1].kind != Kind::Op(b'.')
            && words
                .iter()
                .enumerate()
                .all(|(i, word)| self.name(to - words.len() + i) == Some(word))
    }

    /// `to`, without `with context` or `without context` before it.
    pub(super) fn without_context(&self, from: usize, to: usize) -> usize {
        let marked = self.ends_with(from, to, &["with", "context"])
            || self.ends_with(from, to, &["without", "context"]);
        if marked { to - 2 } else { to }
    }

    /// One expression.
    pub(super) fn one(&mut self, from: usize, to: usize, part: Part) -> Result<Uses, Fault> {
        Ok(self.reading(from, to, part)?.uses)
    }

    /// One expression, with what it is.
    pub(super) fn reading(&mut self, from: usize, to: usize, part: Part) -> Result<Reading, Fault> {
        let (start, end) = self.bounds(from, to).ok_or_else(|| self.missing(part))?;
        self.expressions.read(start, end)
    }

    /// One expression, or several with commas between them.
    pub(super) fn tuple(&mut self, from: usize, to: usize, part: Part) -> Result<Uses, Fault> {
        let mark = self.expressions.loads.len();
        let mut start = from;
        loop {
            let end = self.op(start, to, b',').unwrap_or(to);
            // A last comma may stand alone.
            if start == to && start > from {
                break;
            }
            self.one(start, end, part)?;
            if end == to {
                break;
            }
            start = end + 1;
        }
        Ok(self.expressions.since(mark))
    }

    /// What an `if` or `elif` tests.
    pub(super) fn condition(&mut self, from: usize, to: usize, part: Part) -> Result<Uses, Fault> {
        if self.op(from, to, b',').is_some() {
            return self.tuple(from, to, part);
        }
        let (start, end) = self.bounds(from, to).ok_or_else(|| self.missing(part))?;
        Ok(self.expressions.read_condition(start, end)?.uses)
    }

    /// What is assigned to: names, in brackets or not, or attributes of namespaces.
    pub(super) fn target(
        &self,
        part: Part,
        from: usize,
        to: usize,
        namespaces: bool,
    ) -> Result<Target<'a>, Fault> {
        let mut target = Target::default();
        let mut i = from;
        while i < to {
            match self.tokens[i].kind {
                Kind::Name => {
                    let name = self.name(i).unwrap_or("");
                    let dotted = i + 2 < to && self.tokens[i + 1].kind == Kind::Op(b'.');
                    if dotted && namespaces && self.name(i + 2).is_some() {
                        target.namespaces.push(name);
                        i += 2;
                    } else if matches!(name, "true" | "false" | "none" | "True" | "False" | "None")
                    {
                        return Err(self.fault(part, format!("`{name}` cannot be assigned to")));
                    } else {
                        target.names.push(name);
                    }
                }
                Kind::Op(b',' | b'(' | b')' | b'[' | b']') => {}
                _ => return Err(self.fault(part, "this cannot be assigned to")),
            }
            i += 1;
        }
        if target.names.is_empty() && target.namespaces.is_empty() {
            return Err(self.fault(part, "a name is missing"));
        }
        Ok(target)
    }

    /// Parameters in brackets from token `from` on, and the token after them.
    pub(super) fn signature(
        &mut self,
        part: Part,
        from: usize,
        to: usize,
    ) -> Result<(Signature<'a>, usize), Fault> {
        let bad = |s: &Self| s.fault(part, "parameters stand in brackets");
        let opens = from < to && self.tokens[from].kind == Kind::Op(b'(');
        let Some(close) = self.op(from, to, b')').filter(|_| opens) else {
            return Err(bad(self));
        };
        let mark = self.expressions.loads.len();
        let mut names = Vec::new();
        let mut start = from + 1;
        while start < close {
            let end = (start..close)
                .find(|&i| self.tokens[i].kind == Kind::Op(b',') && self.tokens[i].depth == 1)
                .unwrap_or(close);
            let Some(name) = self.name(start).filter(|_| start < end) else {
                return Err(bad(self));
            };
            names.push(name);
            if start + 1 < end {
                if self.tokens[start + 1].kind != Kind::Op(b'=') {
                    return Err(bad(self));
                }
                self.one(start + 2, end, part)?;
            }
            start = end + 1;
        }
        let defaults = self.expressions.since(mark);
        Ok((Signature { names, defaults }, close + 1))
    }
}
