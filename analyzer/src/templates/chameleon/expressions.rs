//! Expressions: their types, pipes, and `${…}` in text (`chameleon/tales.py`, `compiler.py`).

use std::borrow::Cow;

use super::Fault;
use super::markup::is_unicode_space;
use super::python::{self, Reading};
use super::spelling::{dedent, first_variable, known, one_line, pipe, prefix, shown};
use super::statements::{decode, entity};
use crate::python::extract::Extractor;

/// Expressions nested deeper than this are refused; Chameleon's own limit is Python's recursion.
const DEPTH: u32 = 100;

/// Bytes that looking for the end of `${string:…}` may cost in a template.
const RETRIES: usize = 1 << 22;

/// What an expression turned out to be.
#[derive(Debug)]
pub(super) enum Found {
    /// Python, at this byte of the template; `guarded` when a failure of it is caught.
    Python {
        reading: Reading,
        at: usize,
        guarded: bool,
    },
    /// `load:` of a template; `None` where its name is not constant.
    Load { name: Option<String>, at: usize },
    /// An expression type by name.
    Type(&'static str),
}

/// Where an expression in `${…}` ends.
enum End {
    /// At this byte.
    At(usize),
    /// At the last brace with which it can be read.
    Last,
}

/// Reads expressions, and keeps what it found until somebody takes it.
#[derive(Debug, Default)]
pub(super) struct Reader {
    extractor: Extractor,
    pub found: Vec<Found>,
    retries: usize,
}

type Outcome = Result<(), Fault>;

impl Reader {
    /// Reads an expression that stands at byte `at` of the template.
    pub(super) fn expression(&mut self, text: &str, at: usize) -> Outcome {
        self.typed(text, at, false, 0)
    }

    /// Reads the statements of `<?python … ?>`.
    pub(super) fn block(&mut self, text: &str, at: usize) -> Outcome {
        let dedented = dedent(text);
        match python::block(&mut self.extractor, &dedented) {
            Ok(reading) => {
                let guarded = false;
                self.found.push(Found::Python {
                    reading,
                    at,
                    guarded,
                });
                Ok(())
            }
            Err(message) => Err(Fault::hard(at, message)),
        }
    }

    /// Reads text with `${…}` in it.
    pub(super) fn text(&mut self, text: &str, at: usize) -> Outcome {
        if text.contains("${") {
            self.interpolated(text, at, true, false, 0)
        } else {
            Ok(())
        }
    }

    fn typed(&mut self, text: &str, at: usize, guarded: bool, depth: u32) -> Outcome {
        let (mut text, mut at, mut guarded) = (text, at, guarded);
        loop {
            let (kind, length) = prefix(text).unwrap_or(("python", 0));
            text = &text[length..];
            at += length;
            let Some(name) = known(kind) else {
                return Err(Fault::hard(at, format!("unknown expression type: {kind}")));
            };
            if depth > DEPTH {
                return Err(Fault::hard(at, "expression nested too deeply"));
            }
            self.found.push(Found::Type(name));
            match name {
                "not" | "structure" => {}
                "exists" => guarded = true,
                "string" => return self.interpolated(text, at, false, guarded, depth + 1),
                "import" => return Ok(()),
                _ => return self.piped(text, at, name, guarded, depth),
            }
        }
    }

    /// Alternatives with `|` between them, each of the same type.
    fn piped(&mut self, text: &str, at: usize, kind: &str, guarded: bool, depth: u32) -> Outcome {
        if text.is_empty() {
            return Err(Fault::soft(at, "no input"));
        }
        let mut start = 0;
        while start < text.len() {
            let rest = &text[start..];
            if kind == "python" && prefix(rest).is_some() {
                return self.typed(rest, at + start, guarded, depth + 1);
            }
            let pipe = pipe(rest);
            let piece = &rest[..pipe.unwrap_or(rest.len())];
            let next = pipe.map_or(text.len(), |i| start + i + 1);
            // Names of all but the last may be missing.
            let guarded = guarded || next < text.len();
            if kind == "python" {
                self.python(piece, at + start, guarded)?;
            } else {
                self.load(piece, at + start, guarded, depth)?;
            }
            start = next;
        }
        Ok(())
    }

    fn load(&mut self, piece: &str, at: usize, guarded: bool, depth: u32) -> Outcome {
        let piece = piece.replace("\\|", "|");
        let name = Some(piece.trim().replace("$$", "$")).filter(|n| !n.contains('$'));
        self.found.push(Found::Load { name, at });
        self.interpolated(&piece, at, false, guarded, depth + 1)
    }

    fn python(&mut self, piece: &str, at: usize, guarded: bool) -> Outcome {
        let start = piece.len() - piece.trim_start_matches(is_unicode_space).len();
        let line = one_line(piece[start..].trim_end_matches(is_unicode_space));
        let at = at + start;
        let line = if line.contains("\\|") {
            Cow::Owned(line.replace("\\|", "|"))
        } else {
            line
        };
        match python::expression(&mut self.extractor, &line) {
            Ok(reading) => {
                self.found.push(Found::Python {
                    reading,
                    at,
                    guarded,
                });
                Ok(())
            }
            // Refused when the template is compiled, not when the expression is parsed.
            Err(message) if message.contains("assignment") || message.contains("await") => {
                Err(Fault::hard(at, message))
            }
            Err(message) => Err(Fault::soft(at, format!("{message}: {}", shown(&line)))),
        }
    }

    /// Text with `${…}`, and `$name` unless `braces` are required, in which entities are `braces` too:
    /// Chameleon decodes them in the page and not in `string:`.
    fn interpolated(
        &mut self,
        text: &str,
        at: usize,
        braces: bool,
        guarded: bool,
        depth: u32,
    ) -> Outcome {
        let bytes = text.as_bytes();
        let last = text.rfind('}').unwrap_or(0);
        let mut start = 0;
        let mut from = 0;
        while let Some(i) = memchr::memchr(b'$', &bytes[from..]) {
            let sign = from + i;
            from = sign + 1;
            let next = bytes.get(sign + 1).copied().unwrap_or(0);
            let in_braces = next == b'{' && last > sign + 1;
            if !in_braces && (braces || !next.is_ascii_alphabetic()) {
                continue;
            }
            // `$$` stands for `$`, so an odd number before this one makes it text.
            let dollars = bytes[start..sign].iter().rev().take_while(|b| **b == b'$');
            if dollars.count() % 2 == 1 {
                start = sign + 1;
                continue;
            }
            let inner = sign + if in_braces { 2 } else { 1 };
            let variable = |from: usize| {
                let name = text[from..].find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                from..name.map_or(text.len(), |i| from + i)
            };
            let mark = self.found.len();
            let outcome = if in_braces {
                let context = (braces, guarded, depth);
                self.braces(text, inner, last, at, context)
                    .map(|end| end + 1)
            } else {
                let name = variable(inner);
                let length = self.variable(&text[name], at + inner, guarded)?;
                Ok(inner + length)
            };
            let end = match outcome {
                // Where no brace will do, a `$name` within stands for the whole, and what follows is
                // read from as many bytes after this place as it is long.
                Err(fault) if fault.soft && !braces => {
                    self.found.truncate(mark);
                    let inside = &text[inner..inner + text[inner..].find('}').unwrap_or(0)];
                    let Some(name) = first_variable(inside) else {
                        return Err(fault);
                    };
                    let name = variable(inner + name);
                    sign + 1 + self.variable(&text[name.clone()], at + name.start, guarded)?
                }
                outcome => outcome?,
            };
            start = end;
            from = end;
        }
        Ok(())
    }

    /// `$name`: its length. A keyword is taken shorter until it is a name.
    fn variable(&mut self, name: &str, at: usize, guarded: bool) -> Result<usize, Fault> {
        let mut length = name.len();
        self.found.push(Found::Type("python"));
        loop {
            match self.python(&name[..length], at, guarded) {
                Err(fault) if fault.soft && length > 1 => length -= 1,
                outcome => return outcome.map(|()| length),
            }
        }
    }

    /// Reads the expression from `inner` on and gives its end, where a brace closes it.
    fn braces(
        &mut self,
        text: &str,
        inner: usize,
        last: usize,
        at: usize,
        (decoded, guarded, depth): (bool, bool, u32),
    ) -> Result<usize, Fault> {
        let mark = self.found.len();
        let mut end = match self.end(text, inner, decoded) {
            Some(End::At(end)) => {
                return self.between(text, inner..end, at, (decoded, guarded, depth));
            }
            Some(End::Last) => last,
            None => {
                let line = text[inner..].lines().next().unwrap_or("");
                let message = format!("invalid syntax: {}", shown(line));
                return Err(Fault::soft(at + inner, message));
            }
        };
        loop {
            match self.between(text, inner..end, at, (decoded, guarded, depth)) {
                Err(fault) if fault.soft => {
                    self.found.truncate(mark);
                    self.retries += end - inner;
                    let before = text[inner..end].rfind('}');
                    match before.filter(|_| self.retries < RETRIES) {
                        Some(i) => end = inner + i,
                        None => return Err(fault),
                    }
                }
                outcome => return outcome,
            }
        }
    }

    fn between(
        &mut self,
        text: &str,
        range: std::ops::Range<usize>,
        at: usize,
        (decoded, guarded, depth): (bool, bool, u32),
    ) -> Result<usize, Fault> {
        let inside = &text[range.clone()];
        if inside.is_empty() {
            return Ok(range.end);
        }
        let at = at + range.start;
        if depth > DEPTH {
            return Err(Fault::hard(at, "expression nested too deeply"));
        }
        let inside = if decoded {
            decode(inside, at)?
        } else {
            Cow::Borrowed(inside)
        };
        self.typed(&inside, at, guarded, depth + 1)?;
        Ok(range.end)
    }

    /// Where the expression from `start` on ends. Chameleon tries every brace from the last to the
    /// first; Python's brackets and quotes tell at once which of them can be the one. `None` where
    /// none can.
    fn end(&self, text: &str, start: usize, decoded: bool) -> Option<End> {
        let mut at = start;
        let mut depth = 0_u32;
        let mut quote: Option<(char, bool)> = None;
        let mut fresh = true;
        while at < text.len() {
            if fresh {
                fresh = false;
                while let Some((kind, length)) = prefix(&text[at..]) {
                    at += length;
                    if !matches!(kind, "python" | "not" | "structure" | "exists") {
                        return Some(End::Last);
                    }
                }
                continue;
            }
            let rest = &text[at..];
            let mut c = rest.chars().next()?;
            let mut length = c.len_utf8();
            let written = c;
            if decoded
                && c == '&'
                && let Some(Ok((Some(decoded), l))) = entity(rest)
            {
                (c, length) = (decoded, l);
            }
            let triple = |c: char| {
                rest[length..].starts_with([c]) && rest[length..].chars().nth(1) == Some(c)
            };
            match (quote, c) {
                (_, '|') => {
                    if quote.is_some() || depth > 0 {
                        return None;
                    }
                    fresh = true;
                }
                (Some(_), '\\') => {
                    let next = rest[length..].chars().next();
                    // An escaped pipe is a pipe.
                    length += next.map_or(0, char::len_utf8);
                }
                (None, '\\') if rest[length..].starts_with('|') => length += 1,
                (Some((q, long)), c) if q == c => {
                    if !long {
                        quote = None;
                    } else if triple(c) {
                        length += 2;
                        quote = None;
                    }
                }
                (Some(_), _) => {}
                (None, '"' | '\'') => {
                    let long = triple(c);
                    if long {
                        length += 2;
                    }
                    quote = Some((c, long));
                }
                (None, '(' | '[' | '{') => depth += 1,
                (None, '}') if depth == 0 => {
                    return (written == '}').then_some(End::At(at));
                }
                (None, ')' | ']' | '}') => depth = depth.checked_sub(1)?,
                (None, '#') => return (depth == 0).then_some(End::Last),
                _ => {}
            }
            at += length;
        }
        None
    }
}
