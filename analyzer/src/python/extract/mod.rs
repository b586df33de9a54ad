//! One cursor walk over a syntax tree that leaves owned [`Facts`] behind.
//!
//! Parsing never fails: where the parser had to recover, the walk takes what it recognises and
//! notes the place in [`Facts::errors`].

mod definitions;
mod expressions;
mod kinds;
mod statements;

use tree_sitter::{Node, Parser, Tree, TreeCursor};

use self::kinds::{Grammar, K};
use super::facts::{
    ClassId, Expr, ExprId, ExprKind, Facts, FunctionId, Run, Span, Stmt, StmtId, StmtKind,
};

/// Expressions nested deeper than this are opaque: no rule is built so, and the walk recurses.
const MAX_NESTING: u32 = 200;

/// Parses files one after the other. Memory that one file needed is used again for the next.
pub struct Extractor {
    parser: Parser,
    facts: Facts,
}

impl Default for Extractor {
    fn default() -> Self {
        Self::new()
    }
}

impl Extractor {
    /// A parser for Python.
    ///
    /// # Panics
    /// When the grammar does not fit the parser's version, which a build fixes once for all.
    #[must_use]
    pub fn new() -> Self {
        let mut parser = Parser::new();
        parser
            .set_language(&tree_sitter_python::LANGUAGE.into())
            .expect("the grammar was built for this parser");
        Self {
            parser,
            facts: Facts::default(),
        }
    }

    /// Parses `text` and nothing else.
    #[must_use]
    pub fn tree(&mut self, text: &[u8]) -> Option<Tree> {
        self.parser.parse(text, None)
    }

    /// What `text` says. The tree lives only inside this call.
    #[must_use]
    pub fn extract(&mut self, text: &str) -> Facts {
        let Some(tree) = self.parser.parse(text, None) else {
            return Facts {
                errors: vec![Span { start: 0, end: 0 }],
                ..Facts::default()
            };
        };
        let mut walk = Walk {
            grammar: Grammar::get(),
            text,
            facts: std::mem::take(&mut self.facts),
            scratch: Vec::new(),
            function: None,
            class: None,
            nesting: 0,
        };
        let root = tree.root_node();
        let mut cursor = root.walk();
        walk.facts.body = walk.children_block(&mut cursor);
        if root.has_error() {
            walk.errors(&mut cursor);
        }
        self.facts = walk.facts;
        // A copy has no spare room.
        let facts = self.facts.clone();
        self.facts.clear();
        facts
    }
}

/// A walk in progress. Methods take the cursor at a node and leave it there.
struct Walk<'t> {
    grammar: &'static Grammar,
    text: &'t str,
    facts: Facts,
    scratch: Vec<u32>,
    function: Option<FunctionId>,
    class: Option<ClassId>,
    nesting: u32,
}

impl Walk<'_> {
    fn kind(&self, node: &Node<'_>) -> K {
        if node.is_error() {
            K::Error
        } else {
            self.grammar.kind(node.kind_id())
        }
    }

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

    fn expr_run(&mut self, base: usize) -> Run {
        let start = self.facts.expr_pool.len() as u32;
        let len = (self.scratch.len() - base) as u32;
        self.facts
            .expr_pool
            .extend(self.scratch.drain(base..).map(ExprId));
        Run { start, len }
    }

    fn stmt_run(&mut self, base: usize) -> Run {
        let start = self.facts.stmt_pool.len() as u32;
        let len = (self.scratch.len() - base) as u32;
        self.facts
            .stmt_pool
            .extend(self.scratch.drain(base..).map(StmtId));
        Run { start, len }
    }

    /// Calls `each` at every child.
    fn each_child(
        &mut self,
        cursor: &mut TreeCursor<'_>,
        mut each: impl FnMut(&mut Self, &mut TreeCursor<'_>, K, u16),
    ) {
        if cursor.goto_first_child() {
            loop {
                let node = cursor.node();
                let kind = self.kind(&node);
                if !matches!(kind, K::Comment | K::LineContinuation) {
                    let field = cursor.field_id().map_or(0, u16::from);
                    each(self, cursor, kind, field);
                }
                if !cursor.goto_next_sibling() {
                    break;
                }
            }
            cursor.goto_parent();
        }
    }

    /// Notes every ERROR and MISSING node, outermost only.
    fn errors(&mut self, cursor: &mut TreeCursor<'_>) {
        loop {
            let node = cursor.node();
            if node.is_error() || node.is_missing() {
                self.facts.errors.push(span(&node));
            } else if node.has_error() && cursor.goto_first_child() {
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return;
                }
            }
        }
    }
}

fn span(node: &Node<'_>) -> Span {
    Span {
        start: node.start_byte() as u32,
        end: node.end_byte() as u32,
    }
}

#[cfg(test)]
mod tests;
