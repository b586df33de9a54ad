//! What one Python file says, as owned data that outlives its syntax tree.
//!
//! One cursor walk (`extract.rs`) fills these arenas; after it the tree is dropped (a tree costs
//! 25 times its source, these facts two to three times). Everything above this module sees only
//! facts. Names and literals are spans into the source text, so nothing is copied.
//!
//! What this is deliberately not: a lossless tree. Parentheses, comments and layout are absent;
//! whoever edits source does it by span on the text.

mod definitions;
mod expressions;
mod statements;

pub use definitions::{Class, Function, Param, ParamKind};
pub use expressions::{
    Arg, ArgKind, BinaryOp, Clause, CompareOp, ComprehensionKind, Expr, ExprKind,
};
pub use statements::{Handler, ImportName, Stmt, StmtKind};

use std::ops::Range;

/// Bytes `start..end` of the file's decoded text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The text it covers.
    #[must_use]
    pub fn of(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize)
            .unwrap_or("")
    }

    /// Whether `other` lies in it.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

/// Index into [`Facts::exprs`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExprId(pub u32);

/// Index into [`Facts::stmts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StmtId(pub u32);

/// Index into [`Facts::functions`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FunctionId(pub u32);

/// Index into [`Facts::classes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClassId(pub u32);

/// A run of one of the pools: `exprs` of [`Facts::expr_pool`], statements of
/// [`Facts::stmt_pool`], [`Facts::args`], [`Facts::params`], [`Facts::clauses`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// First element.
    pub start: u32,
    /// How many.
    pub len: u32,
}

impl Run {
    /// As a range of `usize`.
    #[must_use]
    pub const fn range(self) -> Range<usize> {
        self.start as usize..(self.start + self.len) as usize
    }
}

/// All that one file says.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Every expression; children stand before their parents.
    pub exprs: Vec<Expr>,
    /// Every statement.
    pub stmts: Vec<Stmt>,
    /// Runs of expressions.
    pub expr_pool: Vec<ExprId>,
    /// Runs of statements.
    pub stmt_pool: Vec<StmtId>,
    /// Runs of arguments.
    pub args: Vec<Arg>,
    /// Runs of parameters.
    pub params: Vec<Param>,
    /// Runs of comprehension clauses.
    pub clauses: Vec<Clause>,
    /// Runs of exception handlers.
    pub handlers: Vec<Handler>,
    /// Runs of imported names.
    pub imports: Vec<ImportName>,
    /// Functions and lambdas in source order of their `def`.
    pub functions: Vec<Function>,
    /// Classes in source order.
    pub classes: Vec<Class>,
    /// The module's own statements.
    pub body: Run,
    /// Where the parser had to recover (ERROR and MISSING nodes).
    pub errors: Vec<Span>,
}

impl Facts {
    /// Forgets everything and keeps the room.
    pub fn clear(&mut self) {
        let Self {
            exprs,
            stmts,
            expr_pool,
            stmt_pool,
            args,
            params,
            clauses,
            handlers,
            imports,
            functions,
            classes,
            body,
            errors,
        } = self;
        exprs.clear();
        stmts.clear();
        expr_pool.clear();
        stmt_pool.clear();
        args.clear();
        params.clear();
        clauses.clear();
        handlers.clear();
        imports.clear();
        functions.clear();
        classes.clear();
        *body = Run::default();
        errors.clear();
    }

    /// The expression at `id`.
    #[must_use]
    pub fn expr(&self, id: ExprId) -> &Expr {
        &self.exprs[id.0 as usize]
    }

    /// The statement at `id`.
    #[must_use]
    pub fn stmt(&self, id: StmtId) -> &Stmt {
        &self.stmts[id.0 as usize]
    }

    /// The function at `id`.
    #[must_use]
    pub fn function(&self, id: FunctionId) -> &Function {
        &self.functions[id.0 as usize]
    }

    /// The class at `id`.
    #[must_use]
    pub fn class(&self, id: ClassId) -> &Class {
        &self.classes[id.0 as usize]
    }

    /// A run of expressions.
    #[must_use]
    pub fn exprs_of(&self, run: Run) -> &[ExprId] {
        &self.expr_pool[run.range()]
    }

    /// A run of statements.
    #[must_use]
    pub fn stmts_of(&self, run: Run) -> &[StmtId] {
        &self.stmt_pool[run.range()]
    }

    /// A run of arguments.
    #[must_use]
    pub fn args_of(&self, run: Run) -> &[Arg] {
        &self.args[run.range()]
    }

    /// A run of parameters.
    #[must_use]
    pub fn params_of(&self, run: Run) -> &[Param] {
        &self.params[run.range()]
    }

    /// A run of comprehension clauses.
    #[must_use]
    pub fn clauses_of(&self, run: Run) -> &[Clause] {
        &self.clauses[run.range()]
    }

    /// A run of exception handlers.
    #[must_use]
    pub fn handlers_of(&self, run: Run) -> &[Handler] {
        &self.handlers[run.range()]
    }

    /// A run of imported names.
    #[must_use]
    pub fn imports_of(&self, run: Run) -> &[ImportName] {
        &self.imports[run.range()]
    }
}
