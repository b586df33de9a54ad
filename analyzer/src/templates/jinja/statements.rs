//! Statements: a stack of what is open, and the tree of what is closed.

use std::collections::BTreeSet;

use model::Edge;

use super::Fault;
use super::expressions::{Expressions, Uses};
use super::mask::{Masked, Part, PartKind};
use super::tokens::{Kind, Token};
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

/// What is open, as far as it was read.
pub(super) enum OpenKind<'a> {
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

    pub(super) fn begin(&mut self, part: Part, kind: OpenKind<'a>) -> Result<(), Fault> {
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

    pub(super) fn end(&mut self, part: Part, name: &str) -> Result<(), Fault> {
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

    pub(super) fn branch(
        &mut self,
        part: Part,
        name: &str,
        from: usize,
        to: usize,
    ) -> Result<(), Fault> {
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

    pub(super) fn fault(&self, part: Part, message: impl Into<String>) -> Fault {
        Fault::new(part.start as usize, message)
    }

    pub(super) fn missing(&self, part: Part) -> Fault {
        self.fault(part, "an expression is missing")
    }

    pub(super) fn is_op(&self, i: usize, op: u8) -> bool {
        self.tokens.get(i).is_some_and(|t| t.kind == Kind::Op(op))
    }
}
