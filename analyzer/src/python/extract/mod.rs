//! One walk over a syntax tree that leaves owned [`Facts`] behind.
//!
//! Parsing never fails: where the parser had to recover, the walk takes what it recognises and
//! notes the place in [`Facts::errors`].
//!
//! The parser is ruff's (the crates.io copy that RustPython publishes, pinned: it promises no stable
//! interface). It takes a sixth of the time of tree-sitter's grammar and reads Python as Python does,
//! where that grammar has misparses of its own (`type(self).x = v`, `f"{v:=10}"`, `print >> x`). No
//! other file knows which parser it is.

mod definitions;
mod depth;
mod expressions;
mod statements;
mod strings;

use ruff_python_parser::{Mode, ParseOptions, parse_unchecked};
use ruff_text_size::{Ranged, TextRange};

use super::facts::{
    ClassId, Expr, ExprId, ExprKind, Facts, FunctionId, Run, Span, Stmt, StmtId, StmtKind,
};

/// Expressions nested deeper than this are opaque: no rule is built so, and the walk recurses.
const MAX_NESTING: u32 = 200;

/// Stack that a thread needs to parse any file that [`depth`] lets through, where the parser goes down
/// once for every open bracket and every link of a chain. Only what is used of it takes memory.
pub const STACK: usize = 256 << 20;

/// Parses files one after the other. Memory that one file needed is used again for the next.
#[derive(Debug, Default)]
pub struct Extractor {
    facts: Facts,
}

impl Extractor {
    /// A parser for Python.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What `text` says. The tree lives only inside this call. Runs on a stack of [`STACK`] bytes.
    #[must_use]
    pub fn extract(&mut self, text: &str) -> Facts {
        if let Some(at) = depth::too_deep(text) {
            return Facts {
                errors: vec![at],
                ..Facts::default()
            };
        }
        let parsed = parse_unchecked(text, ParseOptions::from(Mode::Module));
        let mut walk = Walk {
            text,
            facts: std::mem::take(&mut self.facts),
            scratch: Vec::new(),
            function: None,
            class: None,
            nesting: 0,
        };
        if let Some(module) = parsed.syntax().as_module() {
            walk.facts.body = walk.block(&module.body);
        }
        walk.facts
            .errors
            .extend(parsed.errors().iter().map(|error| span(error.location)));
        self.facts = walk.facts;
        // A copy has no spare room.
        let facts = self.facts.clone();
        self.facts.clear();
        facts
    }
}

/// A walk in progress.
struct Walk<'t> {
    text: &'t str,
    facts: Facts,
    scratch: Vec<u32>,
    function: Option<FunctionId>,
    class: Option<ClassId>,
    nesting: u32,
}

impl Walk<'_> {
    fn push_expr(&mut self, kind: ExprKind, span: Span) -> ExprId {
        let id = ExprId(self.facts.exprs.len() as u32);
        self.facts.exprs.push(Expr { kind, span });
        id
    }

    fn push_stmt(&mut self, kind: StmtKind, span: Span) -> StmtId {
        let id = StmtId(self.facts.stmts.len() as u32);
        self.facts.stmts.push(Stmt { kind, span });
        id
    }

    /// The expressions on `scratch` from `base` on, as a run.
    fn expr_run(&mut self, base: usize) -> Run {
        let start = self.facts.expr_pool.len() as u32;
        let len = (self.scratch.len() - base) as u32;
        self.facts
            .expr_pool
            .extend(self.scratch.drain(base..).map(ExprId));
        Run { start, len }
    }

    /// The statements on `scratch` from `base` on, as a run.
    fn stmt_run(&mut self, base: usize) -> Run {
        let start = self.facts.stmt_pool.len() as u32;
        let len = (self.scratch.len() - base) as u32;
        self.facts
            .stmt_pool
            .extend(self.scratch.drain(base..).map(StmtId));
        Run { start, len }
    }
}

/// Appends what was collected on the way down to its pool.
fn pooled<T>(pool: &mut Vec<T>, mut items: Vec<T>) -> Run {
    let start = pool.len() as u32;
    let len = items.len() as u32;
    pool.append(&mut items);
    Run { start, len }
}

fn span(range: TextRange) -> Span {
    Span {
        start: range.start().to_u32(),
        end: range.end().to_u32(),
    }
}

fn span_of(node: &impl Ranged) -> Span {
    span(node.range())
}

#[cfg(test)]
mod tests;
