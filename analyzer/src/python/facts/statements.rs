//! Statements and what they consist of.

use super::{BinaryOp, ClassId, ExprId, FunctionId, Run, Span};

/// A statement and where it stands.
#[derive(Clone, Debug)]
pub struct Stmt {
    /// What it is.
    pub kind: StmtKind,
    /// Its text; of a decorated definition the decorators too.
    pub span: Span,
}

/// The shapes of a statement. Runs of statements are of
/// [`Facts::stmt_pool`](super::Facts::stmt_pool).
#[derive(Clone, Debug)]
pub enum StmtKind {
    /// An expression on its own.
    Expr(ExprId),
    /// `a = b = value`: targets are a run of [`Facts::expr_pool`](super::Facts::expr_pool).
    Assign {
        /// Left sides.
        targets: Run,
        /// Right side.
        value: ExprId,
    },
    /// `target: annotation = value`.
    AnnAssign {
        /// Left side.
        target: ExprId,
        /// The annotation.
        annotation: ExprId,
        /// Right side.
        value: Option<ExprId>,
    },
    /// `target += value`.
    AugAssign {
        /// Left side.
        target: ExprId,
        /// The operator.
        op: BinaryOp,
        /// Right side.
        value: ExprId,
    },
    /// `return value`.
    Return(Option<ExprId>),
    /// `if`; an `elif` is an `If` alone in `orelse`.
    If {
        /// The condition.
        test: ExprId,
        /// When true.
        body: Run,
        /// When false.
        orelse: Run,
    },
    /// `for` and `async for`.
    For {
        /// Loop target.
        target: ExprId,
        /// What is iterated.
        iter: ExprId,
        /// The loop.
        body: Run,
        /// `else`.
        orelse: Run,
    },
    /// `while`.
    While {
        /// The condition.
        test: ExprId,
        /// The loop.
        body: Run,
        /// `else`.
        orelse: Run,
    },
    /// `with a as b, c:`; items are a run of [`Facts::expr_pool`](super::Facts::expr_pool) that
    /// alternates the context expression and its target (`Opaque` where there is none).
    With {
        /// Contexts and targets.
        items: Run,
        /// The block.
        body: Run,
        /// `async with`.
        is_async: bool,
    },
    /// `try`.
    Try {
        /// The guarded block.
        body: Run,
        /// Handlers, a run of [`Facts::handlers`](super::Facts::handlers).
        handlers: Run,
        /// `else`.
        orelse: Run,
        /// `finally`.
        finally: Run,
    },
    /// A function, its decorators included.
    FunctionDef(FunctionId),
    /// A class, its decorators included.
    ClassDef(ClassId),
    /// `import a.b as c, d`: a run of [`Facts::imports`](super::Facts::imports).
    Import(Run),
    /// `from module import a as b`: `level` counts the dots.
    ImportFrom {
        /// The dotted name after the dots; empty for `from . import x`.
        module: Span,
        /// Leading dots.
        level: u32,
        /// What is imported, a run of [`Facts::imports`](super::Facts::imports); empty for `*`.
        names: Run,
        /// `import *`.
        star: bool,
    },
    /// `match`: the subject and the cases one after the other.
    Match {
        /// The subject.
        subject: ExprId,
        /// One `Case` statement a case.
        cases: Run,
    },
    /// One `case` of a `match`. Of its pattern only the names in it are represented, not its form.
    Case {
        /// Classes, values and keys that the pattern compares with, a run of
        /// [`Facts::expr_pool`](super::Facts::expr_pool).
        parts: Run,
        /// Names that the pattern binds, a run of [`Facts::expr_pool`](super::Facts::expr_pool).
        captures: Run,
        /// `if guard`.
        guard: Option<ExprId>,
        /// The block.
        body: Run,
    },
    /// `raise value from cause`.
    Raise {
        /// What is raised.
        value: Option<ExprId>,
        /// After `from`.
        cause: Option<ExprId>,
    },
    /// `global`/`nonlocal` names, a run of [`Facts::expr_pool`](super::Facts::expr_pool).
    Scope(Run),
    /// `del a, b`.
    Delete(Run),
    /// `assert test, message`.
    Assert {
        /// The condition.
        test: ExprId,
        /// After the comma.
        message: Option<ExprId>,
    },
    /// `break` or `continue`.
    Jump,
    /// `pass` and anything without meaning here.
    Pass,
}

/// `except kind as name:` with its body.
#[derive(Clone, Debug)]
pub struct Handler {
    /// The exception class or tuple.
    pub kind: Option<ExprId>,
    /// The name it is bound to.
    pub name: Option<Span>,
    /// Its statements.
    pub body: Run,
}

/// One name of an import statement.
#[derive(Clone, Copy, Debug)]
pub struct ImportName {
    /// The (dotted) name that is imported.
    pub name: Span,
    /// After `as`.
    pub alias: Option<Span>,
    /// Name and alias together.
    pub span: Span,
}
