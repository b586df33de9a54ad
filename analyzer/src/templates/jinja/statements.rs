//! Tags: a stack of what is open, and what each tag means (`jinja2/parser.py`).

use std::collections::BTreeSet;

use model::{Edge, EdgeKind};

use super::Fault;
use super::expressions::{Expressions, Uses};
use super::mask::{Kind, Masked, Part, PartKind, Token};
use super::tree::{Node, Signature, Target};

/// Statements that may be open at once.
const DEPTH: usize = 200;

/// What the tags of a template say.
pub(super) struct Statements<'a> {
    pub expressions: Expressions<'a>,
    pub(super) text: &'a str,
    pub(super) tokens: &'a [Token],
    parts: &'a [Part],
    open: Vec<Open<'a>>,
    /// The statements outside all others.
    pub nodes: Vec<Node<'a>>,
    pub edges: Vec<Edge>,
    pub blocks: Vec<String>,
    pub macros: Vec<String>,
    /// Names that are bound anywhere.
    pub binds: BTreeSet<&'a str>,
    /// Tags that are not Jinja2's own.
    pub extensions: BTreeSet<&'a str>,
}

/// A statement that is not closed yet.
struct Open<'a> {
    /// Where its tag begins.
    at: usize,
    kind: OpenKind<'a>,
    /// Statements of the part that is read now.
    body: Vec<Node<'a>>,
}

enum OpenKind<'a> {
    For {
        target: Target<'a>,
        iter: Uses,
        test: Option<Uses>,
        recursive: bool,
        /// The body, once `else` was seen.
        main: Option<Vec<Node<'a>>>,
    },
    If {
        branches: Vec<(Uses, Vec<Node<'a>>)>,
        /// What the branch that is read now tests; nothing for `else`.
        test: Option<Uses>,
    },
    Set(Target<'a>, Uses),
    With(Vec<(Target<'a>, Uses)>),
    Block,
    Macro(&'a str, Signature<'a>),
    Call(Uses, Signature<'a>),
    Filter(Uses),
    Scope(Uses),
}

impl OpenKind<'_> {
    const fn tag(&self) -> &'static str {
        match self {
            Self::For { .. } => "for",
            Self::If { .. } => "if",
            Self::Set(..) => "set",
            Self::With(..) => "with",
            Self::Block => "block",
            Self::Macro(..) => "macro",
            Self::Call(..) => "call",
            Self::Filter(_) => "filter",
            Self::Scope(_) => "autoescape",
        }
    }
}

impl<'a> Statements<'a> {
    pub(super) fn new(text: &'a str, masked: &'a Masked) -> Self {
        Self {
            expressions: Expressions::new(text, &masked.text),
            text,
            tokens: &masked.tokens,
            parts: &masked.parts,
            open: Vec::new(),
            nodes: Vec::new(),
            edges: Vec::new(),
            blocks: Vec::new(),
            macros: Vec::new(),
            binds: BTreeSet::new(),
            extensions: BTreeSet::new(),
        }
    }

    /// Reads all tags, and closes what is open after the last one, or after the first mistake.
    pub(super) fn read(&mut self) -> Result<(), Fault> {
        let result = self.tags();
        let unclosed = self.open.last().map(|open| {
            let tag = open.kind.tag();
            Fault::new(open.at, format!("`{{% {tag} %}}` is never closed"))
        });
        while let Some(open) = self.open.pop() {
            self.close(open);
        }
        result?;
        unclosed.map_or(Ok(()), Err)
    }

    fn tags(&mut self) -> Result<(), Fault> {
        let mut i = 0;
        while let Some(part) = self.parts.get(i).copied() {
            i += 1;
            let (mut from, to) = (part.tokens.0 as usize, part.tokens.1 as usize);
            match part.kind {
                PartKind::Text | PartKind::Hidden => {}
                PartKind::Variable => {
                    let uses = self.tuple(from, to, part)?;
                    self.push(Node::Read(uses));
                }
                PartKind::Block => {
                    // A colon at the end is there for those who think in Python.
                    let to = if from + 1 < to && self.is_op(to - 1, b':') {
                        to - 1
                    } else {
                        to
                    };
                    let Some(name) = self.name(from).filter(|_| from < to) else {
                        return Err(self.fault(part, "a tag begins with its name"));
                    };
                    from += 1;
                    if name == "trans" {
                        i = self.trans(part, from, to, self.parts, i)?;
                    } else {
                        self.tag(part, name, from, to)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn tag(&mut self, part: Part, name: &'a str, from: usize, to: usize) -> Result<(), Fault> {
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
            "from" => self.from_import(part, from, to),
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

    // ---- statements

    fn begin(&mut self, part: Part, kind: OpenKind<'a>) -> Result<(), Fault> {
        if self.open.len() >= DEPTH {
            return Err(self.fault(part, "too many statements are open"));
        }
        self.open.push(Open {
            at: part.start as usize,
            kind,
            body: Vec::new(),
        });
        Ok(())
    }

    pub(super) fn push(&mut self, node: Node<'a>) {
        self.binds.extend(node.binds());
        match self.open.last_mut() {
            Some(open) => open.body.push(node),
            None => self.nodes.push(node),
        }
    }

    fn end(&mut self, part: Part, name: &str) -> Result<(), Fault> {
        match self.open.pop() {
            Some(open) if name.strip_prefix("end") == Some(open.kind.tag()) => {
                self.close(open);
                Ok(())
            }
            Some(open) => {
                let fault = format!("`{name}` while `{}` is open", open.kind.tag());
                self.open.push(open);
                Err(self.fault(part, fault))
            }
            None => Err(self.fault(part, format!("`{name}` closes nothing"))),
        }
    }

    fn close(&mut self, open: Open<'a>) {
        let body = open.body;
        let node = match open.kind {
            OpenKind::For {
                target,
                iter,
                test,
                recursive,
                main,
            } => {
                let (body, other) = match main {
                    Some(main) => (main, body),
                    None => (body, Vec::new()),
                };
                Node::For {
                    target,
                    iter,
                    test,
                    recursive,
                    body,
                    other,
                }
            }
            OpenKind::If { mut branches, test } => {
                let other = match test {
                    Some(test) => {
                        branches.push((test, body));
                        Vec::new()
                    }
                    None => body,
                };
                Node::If { branches, other }
            }
            OpenKind::Set(target, filter) => Node::AssignBlock {
                target,
                filter,
                body,
            },
            OpenKind::With(assignments) => Node::With { assignments, body },
            OpenKind::Block => Node::Block { body },
            OpenKind::Macro(name, signature) => Node::Macro {
                name,
                signature,
                body,
            },
            OpenKind::Call(call, signature) => Node::Call {
                call,
                signature,
                body,
            },
            OpenKind::Filter(filter) => Node::Filter { filter, body },
            OpenKind::Scope(argument) => Node::Scope { argument, body },
        };
        self.push(node);
    }

    fn branch(&mut self, part: Part, name: &str, from: usize, to: usize) -> Result<(), Fault> {
        let test = match name {
            "elif" => Some(self.condition(from, to, part)?),
            _ => None,
        };
        let is_elif = test.is_some();
        match self.open.last_mut() {
            Some(Open {
                kind: OpenKind::If { branches, test: at },
                body,
                ..
            }) if at.is_some() => {
                branches.extend(at.take().map(|t| (t, std::mem::take(body))));
                *at = test;
                Ok(())
            }
            Some(Open {
                kind: OpenKind::For { main, .. },
                body,
                ..
            }) if main.is_none() && !is_elif => {
                *main = Some(std::mem::take(body));
                Ok(())
            }
            _ => Err(self.fault(part, format!("`{name}` belongs to nothing"))),
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

    fn from_import(&mut self, part: Part, from: usize, to: usize) -> Result<(), Fault> {
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

    pub(super) fn fault(&self, part: Part, message: impl Into<String>) -> Fault {
        Fault::new(part.start as usize, message)
    }

    pub(super) fn missing(&self, part: Part) -> Fault {
        self.fault(part, "an expression is missing")
    }

    fn is_op(&self, i: usize, op: u8) -> bool {
        self.tokens.get(i).is_some_and(|t| t.kind == Kind::Op(op))
    }
}
