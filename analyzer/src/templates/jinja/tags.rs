//! What each tag says (`jinja2/parser.py`).

use model::{Edge, EdgeKind};

use super::Fault;
use super::expressions::Uses;
use super::mask::Part;
use super::statements::{OpenKind, Statements};
use super::tree::{Node, Signature};

impl<'a> Statements<'a> {
    /// One tag, its arguments being tokens `from..to`.
    pub(super) fn tag(
        &mut self,
        part: Part,
        name: &'a str,
        from: usize,
        to: usize,
    ) -> Result<(), Fault> {
        match name {
            "for" => self.for_tag(part, from, to),
            "if" => {
                let test = Some(self.condition(from, to, part)?);
                let branches = Vec::new();
                self.begin(part, OpenKind::If { branches, test })
            }
            "elif" | "else" => self.branch(part, name, from, to),
            "set" => self.set(part, from, to),
            "with" => self.with(part, from, to),
            "autoescape" => {
                let argument = self.one(from, to, part)?;
                self.begin(part, OpenKind::Scope(argument))
            }
            "block" => {
                let Some(name) = self.name(from).filter(|_| from < to) else {
                    return Err(self.fault(part, "a block has a name"));
                };
                if from + 1 < to && self.is_op(from + 1, b'-') {
                    return Err(self.fault(part, "a block's name has no hyphen in Jinja2"));
                }
                self.blocks.push(name.to_owned());
                self.begin(part, OpenKind::Block)
            }
            "macro" => {
                let Some(name) = self.name(from).filter(|_| from < to) else {
                    return Err(self.fault(part, "a macro has a name"));
                };
                let (signature, _) = self.signature(part, from + 1, to)?;
                self.macros.push(name.to_owned());
                self.begin(part, OpenKind::Macro(name, signature))
            }
            "call" => {
                let (signature, from) = if from < to && self.is_op(from, b'(') {
                    self.signature(part, from, to)?
                } else {
                    (Signature::default(), from)
                };
                let call = self.one(from, to, part)?;
                self.begin(part, OpenKind::Call(call, signature))
            }
            "filter" => {
                let Some((start, end)) = self.bounds(from, to) else {
                    return Err(self.fault(part, "`filter` names a filter"));
                };
                let filter = self.expressions.read_after("0|", start, end, "")?.uses;
                self.begin(part, OpenKind::Filter(filter))
            }
            "extends" => {
                let uses = self.template(EdgeKind::Extends, None, from, to, part)?;
                self.push(Node::Extends(uses));
                Ok(())
            }
            "include" => {
                let to = self.without_context(from, to);
                let to = if self.ends_with(from, to, &["ignore", "missing"]) {
                    to - 2
                } else {
                    to
                };
                let uses = self.template(EdgeKind::Include, None, from, to, part)?;
                self.push(Node::Read(uses));
                Ok(())
            }
            "import" => self.import(part, from, to),
            "from" => self.member_import(part, from, to),
            "print" => {
                let uses = if from == to {
                    Uses::default()
                } else {
                    self.tuple(from, to, part)?
                };
                self.push(Node::Read(uses));
                Ok(())
            }
            "do" => {
                let uses = self.tuple(from, to, part)?;
                self.push(Node::Read(uses));
                Ok(())
            }
            "break" | "continue" | "debug" => Ok(()),
            "endfor" | "endif" | "endset" | "endwith" | "endautoescape" | "endblock"
            | "endmacro" | "endcall" | "endfilter" => self.end(part, name),
            "endtrans" | "pluralize" => Err(self.fault(part, format!("`{name}` without `trans`"))),
            _ => {
                self.extension(name, from, to);
                Ok(())
            }
        }
    }

    /// A tag of an extension: what its arguments read, if they look like arguments.
    fn extension(&mut self, name: &'a str, from: usize, to: usize) {
        self.extensions.insert(name);
        if let Some((start, end)) = self.bounds(from, to)
            && let Ok(reading) = self.expressions.read_after("0(", start, end, ")")
        {
            self.push(Node::Read(reading.uses));
        }
    }

    fn for_tag(&mut self, part: Part, from: usize, to: usize) -> Result<(), Fault> {
        let Some(at) = self.keyword(from, to, "in") else {
            return Err(self.fault(part, "`for` without `in`"));
        };
        let target = self.target(part, from, at, false)?;
        let recursive = self.ends_with(at + 1, to, &["recursive"]);
        let to = if recursive { to - 1 } else { to };
        let (iter, test) = match self.keyword(at + 1, to, "if") {
            Some(condition) => {
                let iter = self.tuple(at + 1, condition, part)?;
                (iter, Some(self.one(condition + 1, to, part)?))
            }
            None => (self.tuple(at + 1, to, part)?, None),
        };
        self.begin(
            part,
            OpenKind::For {
                target,
                iter,
                test,
                recursive,
                main: None,
            },
        )
    }

    fn set(&mut self, part: Part, from: usize, to: usize) -> Result<(), Fault> {
        if let Some(equals) = self.op(from, to, b'=') {
            let value = self.tuple(equals + 1, to, part)?;
            let target = self.target(part, from, equals, true)?;
            self.push(Node::Assign { target, value });
            return Ok(());
        }
        let pipe = self.op(from, to, b'|').unwrap_or(to);
        let target = self.target(part, from, pipe, true)?;
        let filter = match self.bounds(pipe, to) {
            Some((start, end)) => self.expressions.read_after("0", start, end, "")?.uses,
            None => Uses::default(),
        };
        self.begin(part, OpenKind::Set(target, filter))
    }

    fn with(&mut self, part: Part, from: usize, to: usize) -> Result<(), Fault> {
        let mut assignments = Vec::new();
        let mut from = from;
        while from < to {
            let Some(equals) = self.op(from, to, b'=') else {
                return Err(self.fault(part, "`with` without a value"));
            };
            let target = self.target(part, from, equals, false)?;
            let end = self.op(equals + 1, to, b',').unwrap_or(to);
            assignments.push((target, self.one(equals + 1, end, part)?));
            from = end + 1;
        }
        self.begin(part, OpenKind::With(assignments))
    }

    fn import(&mut self, part: Part, from: usize, to: usize) -> Result<(), Fault> {
        let to = self.without_context(from, to);
        let named = self.name(to - 1).filter(|_| from + 2 < to);
        match named {
            Some(name) if self.name(to - 2) == Some("as") => {
                let template = self.template(EdgeKind::Import, None, from, to - 2, part)?;
                let names = vec![name];
                self.push(Node::Import { template, names });
                Ok(())
            }
            _ => Err(self.fault(part, "`import` without `as`")),
        }
    }

    fn member_import(&mut self, part: Part, from: usize, to: usize) -> Result<(), Fault> {
        let Some(at) = self.keyword(from, to, "import") else {
            return Err(self.fault(part, "`from` without `import`"));
        };
        let to = self.without_context(at + 1, to);
        let mut names = Vec::new();
        let mut members = Vec::new();
        let mut start = at + 1;
        while start < to {
            let end = self.op(start, to, b',').unwrap_or(to);
            if start < end {
                let (Some(member), Some(bound)) = (self.name(start), self.name(end - 1)) else {
                    return Err(self.fault(part, "`import` takes names"));
                };
                members.push(member.to_owned());
                names.push(bound);
            }
            start = end + 1;
        }
        let template = self.template(EdgeKind::Import, Some(members), from, at, part)?;
        self.push(Node::Import { template, names });
        Ok(())
    }

    /// The expression that names other templates.
    fn template(
        &mut self,
        kind: EdgeKind,
        members: Option<Vec<String>>,
        from: usize,
        to: usize,
        part: Part,
    ) -> Result<Uses, Fault> {
        let (start, end) = self.bounds(from, to).ok_or_else(|| self.missing(part))?;
        let reading = self.expressions.read(start, end)?;
        let line = self.expressions.line(part.start as usize);
        let members = match members {
            Some(members) if !members.is_empty() => members.into_iter().map(Some).collect(),
            _ => vec![None],
        };
        for template in reading.texts {
            for member in &members {
                self.edges.push(Edge {
                    kind,
                    template: template.clone(),
                    member: member.clone(),
                    line,
                });
            }
        }
        Ok(reading.uses)
    }
}
