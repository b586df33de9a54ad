//! Which names of a template come from outside: `jinja2.meta.find_undeclared_variables`.
//!
//! A port of `jinja2/idtracking.py` and of the frames that `jinja2/compiler.py` makes. A name is
//! looked up outside when a frame reads it and neither it nor a frame around it binds the name anywhere,
//! before or after; and when only some branches of an `if` bind it.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::expressions::{Expressions, Uses};
use super::tree::{Node, Signature, Target};

/// Names that Jinja2's own environment always has, with its i18n extension.
pub(super) const GLOBALS: &[&str] = &[
    "_",
    "cycler",
    "dict",
    "joiner",
    "lipsum",
    "namespace",
    "range",
];

/// The names that `nodes` need from outside.
pub(super) fn free<'a>(expressions: &Expressions<'a>, nodes: &[Node<'a>]) -> BTreeSet<&'a str> {
    let mut finder = Finder {
        expressions,
        scopes: Vec::new(),
        free: BTreeSet::new(),
        blocks: Vec::new(),
        extended: false,
    };
    finder.blocks(nodes);
    finder.scopes.push(Scope::default());
    if finder.undeclared(nodes, "self") {
        finder.parameter("self");
    }
    finder.nodes(nodes);
    finder.enter();
    finder.frames(nodes, true);
    finder.scopes.clear();
    for body in std::mem::take(&mut finder.blocks) {
        finder.scopes.push(Scope::default());
        for name in ["self", "super"] {
            if finder.undeclared(body, name) {
                finder.parameter(name);
            }
        }
        finder.nodes(body);
        finder.enter();
        finder.frames(body, false);
        finder.scopes.clear();
    }
    finder.free
}

/// How a name of a scope gets its value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Load {
    /// It is looked up outside.
    Resolve,
    /// It is the name of a scope around this one.
    Alias,
    /// It is bound here.
    Undefined,
    /// It is a parameter.
    Parameter,
}

/// The names of a frame, or of one branch in it.
#[derive(Default)]
struct Scope<'a> {
    /// The load of each name, and whether it is stored.
    names: FxHashMap<&'a str, (Load, bool)>,
    /// A branch: its names are not yet those of the frame.
    branch: bool,
}

pub(super) struct Finder<'a, 'e> {
    pub(super) expressions: &'e Expressions<'a>,
    scopes: Vec<Scope<'a>>,
    free: BTreeSet<&'a str>,
    blocks: Vec<&'e [Node<'a>]>,
    extended: bool,
}

/// A walk through all bodies of a statement, in Jinja2's order of fields.
fn bodies<'a, 'e>(node: &'e Node<'a>) -> Vec<&'e [Node<'a>]> {
    match node {
        Node::AssignBlock { body, .. }
        | Node::With { body, .. }
        | Node::Block { body }
        | Node::Macro { body, .. }
        | Node::Call { body, .. }
        | Node::Filter { body, .. }
        | Node::Scope { body, .. } => vec![body],
        Node::For { body, other, .. } => vec![body, other],
        Node::If { branches, other } => {
            let mut all: Vec<&[Node<'a>]> = branches.iter().map(|(_, b)| b.as_slice()).collect();
            all.push(other);
            all
        }
        _ => Vec::new(),
    }
}

impl<'a, 'e> Finder<'a, 'e> {
    fn blocks(&mut self, nodes: &'e [Node<'a>]) {
        for node in nodes {
            if let Node::Block { body } = node {
                self.blocks.push(body);
            }
            for body in bodies(node) {
                self.blocks(body);
            }
        }
    }

    // ---- symbols of one frame

    /// Whether the frame (or a scope around it) has the name.
    fn knows(&self, name: &str) -> bool {
        self.scopes.iter().rev().any(|s| s.names.contains_key(name))
    }

    /// The load of a name in the frame at hand.
    fn here(&self, name: &str) -> Option<(Load, bool)> {
        for scope in self.scopes.iter().rev() {
            if let Some(found) = scope.names.get(name) {
                return Some(*found);
            }
            if !scope.branch {
                break;
            }
        }
        None
    }

    /// Whether a scope around the frame has the name.
    fn around(&self, name: &str) -> bool {
        let frame = self.scopes.iter().rposition(|s| !s.branch).unwrap_or(0);
        self.scopes[..frame]
            .iter()
            .any(|s| s.names.contains_key(name))
    }

    fn set(&mut self, name: &'a str, load: Load, stored: bool) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.names.insert(name, (load, stored));
        }
    }

    fn load(&mut self, name: &'a str) {
        if !self.knows(name) {
            self.set(name, Load::Resolve, false);
        }
    }

    fn loads(&mut self, uses: Uses) {
        let expressions = self.expressions;
        for name in expressions.names(uses) {
            self.load(name);
        }
    }

    fn store(&mut self, name: &'a str) {
        let load = match self.here(name) {
            Some((_, true)) => return,
            Some((load, false)) => load,
            None if self.around(name) => Load::Alias,
            None => Load::Undefined,
        };
        self.set(name, load, true);
    }

    fn parameter(&mut self, name: &'a str) {
        self.set(name, Load::Parameter, true);
    }

    fn target(&mut self, target: &Target<'a>) {
        for name in &target.names {
            self.store(name);
        }
        for name in &target.namespaces {
            self.load(name);
        }
    }

    fn signature(&mut self, signature: &Signature<'a>) {
        for name in &signature.names {
            self.parameter(name);
        }
        self.loads(signature.defaults);
    }

    fn nodes(&mut self, nodes: &'e [Node<'a>]) {
        for node in nodes {
            self.node(node);
        }
    }

    /// `FrameSymbolVisitor`: what a statement means for the frame that it stands in.
    fn node(&mut self, node: &'e Node<'a>) {
        match node {
            Node::Read(uses) | Node::Extends(uses) => self.loads(*uses),
            Node::Assign { target, value } => {
                self.loads(*value);
                self.target(target);
            }
            Node::AssignBlock { target, .. } => self.target(target),
            Node::For { iter, .. } => self.loads(*iter),
            Node::If { branches, other } => self.branches(branches, other),
            Node::With { assignments, .. } => {
                for (_, value) in assignments {
                    self.loads(*value);
                }
            }
            Node::Macro { name, .. } => self.store(name),
            Node::Call { call, .. } => self.loads(*call),
            Node::Filter { filter, .. } => self.loads(*filter),
            Node::Block { .. } | Node::Scope { .. } => {}
            Node::Import { template, names } => {
                self.loads(*template);
                for name in names {
                    self.store(name);
                }
            }
        }
    }

    /// `visit_If` and `branch_update`. All `elif`s are one branch in Jinja2, each an `if` in it.
    fn branches(&mut self, branches: &'e [(Uses, Vec<Node<'a>>)], other: &'e [Node<'a>]) {
        let Some(((test, body), elifs)) = branches.split_first() else {
            return;
        };
        self.loads(*test);
        let body = self.branch(|f| f.nodes(body));
        let elifs = self.branch(|f| {
            for elif in elifs {
                f.branches(std::slice::from_ref(elif), &[]);
            }
        });
        let other = self.branch(|f| f.nodes(other));
        let mut changed = Vec::new();
        for branch in [body, elifs, other] {
            for (name, (load, stored)) in branch.names {
                let before = self.here(name);
                if stored && before.is_none_or(|(_, s)| !s) {
                    changed.push(name);
                }
                if before.is_none_or(|(l, _)| l != load) {
                    self.set(name, load, before.is_some_and(|(_, s)| s));
                }
            }
        }
        for name in changed {
            let load = if self.around(name) {
                Load::Alias
            } else {
                Load::Resolve
            };
            self.set(name, load, true);
        }
    }

    fn branch(&mut self, run: impl FnOnce(&mut Self)) -> Scope<'a> {
        self.scopes.push(Scope {
            branch: true,
            ..Scope::default()
        });
        run(self);
        self.scopes.pop().unwrap_or_default()
    }

    // ---- frames

    /// `enter_frame`: what the frame looks up is needed from outside.
    fn enter(&mut self) {
        if let Some(scope) = self.scopes.last() {
            self.free.extend(
                scope
                    .names
                    .iter()
                    .filter(|(name, (load, _))| *load == Load::Resolve && !GLOBALS.contains(*name))
                    .map(|(name, _)| *name),
            );
        }
    }

    /// A frame of its own: `symbols` says what it binds and reads, `body` stands in it.
    fn frame(&mut self, body: &'e [Node<'a>], symbols: impl FnOnce(&mut Self)) {
        self.scopes.push(Scope::default());
        symbols(self);
        self.enter();
        self.frames(body, false);
        self.scopes.pop();
    }

    /// The frames inside these statements. False when Jinja2 compiles nothing after them: a template
    /// extends once.
    fn frames(&mut self, nodes: &'e [Node<'a>], root: bool) -> bool {
        for node in nodes {
            match node {
                Node::Extends(_) if self.extended => return false,
                Node::Extends(_) => self.extended |= root,
                Node::AssignBlock { filter, body, .. } => self.frame(body, |f| {
                    f.nodes(body);
                    f.loads(*filter);
                }),
                Node::For {
                    target,
                    test,
                    recursive,
                    body,
                    other,
                    ..
                } => self.for_frames(target, *test, *recursive, body, other),
                Node::If { branches, other } => {
                    for (_, body) in branches {
                        self.frames(body, false);
                    }
                    self.frames(other, false);
                }
                Node::With { assignments, body } => self.frame(body, |f| {
                    for name in assignments.iter().flat_map(|(t, _)| &t.names) {
                        f.parameter(name);
                    }
                    f.nodes(body);
                }),
                Node::Macro {
                    signature, body, ..
                }
                | Node::Call {
                    signature, body, ..
                } => self.frame(body, |f| {
                    f.signature(signature);
                    f.nodes(body);
                    for name in ["caller", "kwargs", "varargs"] {
                        if f.undeclared(body, name) && !signature.names.contains(&name) {
                            f.parameter(name);
                        }
                    }
                }),
                Node::Filter { filter, body } => self.frame(body, |f| {
                    f.nodes(body);
                    f.loads(*filter);
                }),
                Node::Scope { argument, body } => self.frame(body, |f| {
                    f.loads(*argument);
                    f.nodes(body);
                }),
                Node::Read(_) | Node::Assign { .. } | Node::Block { .. } | Node::Import { .. } => {}
            }
        }
        true
    }

    fn for_frames(
        &mut self,
        target: &Target<'a>,
        test: Option<Uses>,
        recursive: bool,
        body: &'e [Node<'a>],
        other: &'e [Node<'a>],
    ) {
        let bind = |f: &mut Self| {
            for name in &target.names {
                f.parameter(name);
            }
        };
        if let Some(test) = test {
            self.frame(&[], |f| {
                bind(f);
                f.loads(test);
            });
        }
        self.frame(body, |f| {
            if recursive || f.undeclared(body, "loop") {
                f.parameter("loop");
            }
            bind(f);
            f.nodes(body);
        });
        if !other.is_empty() {
            self.frame(other, |f| f.nodes(other));
        }
    }
}
