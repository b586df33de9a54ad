//! `{% trans %}` … `{% pluralize %}` … `{% endtrans %}` of Jinja2's i18n extension.
//!
//! Names that the tag binds, and names in `{{ }}` inside, become arguments of one call of a gettext
//! function (`InternationalizationExtension.parse`), which is itself a name from outside.

use super::Fault;
use super::mask::{Part, PartKind};
use super::statements::Statements;
use super::tokens::Kind;
use super::tree::{Node, Target};

impl<'a> Statements<'a> {
    /// Reads from the tag's arguments, tokens `from..to`, to the end of the translation; `next` is
    /// the part after the tag. Gives the part after `endtrans`.
    pub(super) fn trans(
        &mut self,
        part: Part,
        from: usize,
        to: usize,
        parts: &[Part],
        next: usize,
    ) -> Result<usize, Fault> {
        let mut from = from;
        let mut function = String::from("gettext");
        if from < to && self.tokens[from].kind == Kind::Str {
            function.insert(0, 'p');
            from += 1;
        }
        let mark = self.expressions.loads.len();
        let mut bound: Vec<&'a str> = Vec::new();
        let mut call = None;
        let mut trimmed = false;
        while from < to {
            let end = self.op(from, to, b',').unwrap_or(to);
            let Some(name) = self.name(from).filter(|_| from < end) else {
                return Err(self.fault(part, "`trans` takes names"));
            };
            if bound.contains(&name) {
                return Err(self.fault(part, format!("`trans` binds `{name}` twice")));
            }
            if from + 1 < end && self.tokens[from + 1].kind == Kind::Op(b'=') {
                let reading = self.reading(from + 2, end, part)?;
                if bound.is_empty() && reading.call {
                    call = Some(reading.uses);
                }
                bound.push(name);
            } else if !trimmed && matches!(name, "trimmed" | "notrimmed") {
                trimmed = true;
                if from + 1 < end {
                    from += 1;
                    continue;
                }
            } else if from + 1 == end {
                self.expressions.name_uses([name]);
                bound.push(name);
            } else {
                return Err(self.fault(part, "`trans` takes names"));
            }
            from = end + 1;
        }
        let (inside, plural, next) = self.translated(part, parts, next)?;
        if plural {
            function.insert(0, 'n');
        }
        let function = match function.as_str() {
            "gettext" => "gettext",
            "pgettext" => "pgettext",
            "ngettext" => "ngettext",
            _ => "npgettext",
        };
        let names: Vec<&'a str> = inside.into_iter().filter(|n| !bound.contains(n)).collect();
        self.expressions.name_uses(names);
        self.expressions.name_uses([function]);
        if let Some(value) = call {
            let target = Target {
                names: vec!["_trans"],
                namespaces: Vec::new(),
            };
            self.push(Node::Assign { target, value });
        }
        let uses = self.expressions.since(mark);
        self.push(Node::Read(uses));
        Ok(next)
    }

    /// The names inside, whether there is a plural, and the part after the end.
    fn translated(
        &self,
        part: Part,
        parts: &[Part],
        next: usize,
    ) -> Result<(Vec<&'a str>, bool, usize), Fault> {
        let mut names = Vec::new();
        let mut plural = false;
        for (i, inner) in parts.iter().enumerate().skip(next) {
            let (from, to) = (inner.tokens.0 as usize, inner.tokens.1 as usize);
            match inner.kind {
                PartKind::Text | PartKind::Hidden => {}
                PartKind::Variable => match self.name(from) {
                    Some(name) if to == from + 1 => names.push(name),
                    _ => {
                        return Err(self.fault(*inner, "only names can stand in a translation"));
                    }
                },
                PartKind::Block => match self.name(from).filter(|_| from < to) {
                    Some("endtrans") => return Ok((names, plural, i + 1)),
                    Some("pluralize") if !plural => plural = true,
                    _ => {
                        return Err(self.fault(*inner, "a statement stands in a translation"));
                    }
                },
            }
        }
        Err(self.fault(part, "`{% trans %}` is never closed"))
    }
}
