//! What one Python file says, as owned data that outlives its syntax tree.
//!
//! One cursor walk (`extract.rs`) fills these arenas; after it the tree is dropped (a tree costs
//! 25 times its source, these facts two to three times). Everything above this module sees only
//! facts. Names and literals are spans into the source text, so nothing is copied.
//!
//! What this is deliberately not: a lossless tree. Parentheses, comments and layout are absent;
//! whoever edits source does it by span on the text.

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

/// An expression and where it stands (parentheses around it left out).
#[derive(Clone, Copy, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Its text.
    pub span: Span,
}

/// The shapes of an expression.
#[derive(Clone, Copy, Debug)]
pub enum ExprKind {
    /// An identifier: the span is the name.
    Name,
    /// `value.name`.
    Attribute {
        /// Left of the dot.
        value: ExprId,
        /// Right of the dot.
        name: Span,
    },
    /// `callee(args)`; the run is of [`Facts::args`].
    Call {
        /// What is called.
        callee: ExprId,
        /// Its arguments in order.
        args: Run,
    },
    /// `value[index]`; several indices are a `Tuple`.
    Subscript {
        /// What is indexed.
        value: ExprId,
        /// The index.
        index: ExprId,
    },
    /// `a:b:c` in a subscript; absent parts are left out of the run, so it is never evaluated.
    Slice(Run),
    /// One or more adjacent string literals without interpolation; decoded by `literal.rs`.
    Str,
    /// Bytes literal(s).
    Bytes,
    /// f-string: parts are `StrPart` and `Interpolation` expressions, in order.
    FString(Run),
    /// A literal piece of an f-string: raw text of the span, escapes still in it
    /// (`{{` stands for `{`). A whole plain literal in a mixed concatenation is a `Str`.
    StrPart {
        /// Of an `rf"…"`: backslashes stand for themselves.
        raw: bool,
    },
    /// `{value!r:spec}` of an f-string. `plain` is false when it has a conversion or a spec.
    Interpolation {
        /// The expression in braces.
        value: ExprId,
        /// No conversion, no format spec, no `=`.
        plain: bool,
        /// What is interpolated into the format spec: `Interpolation` expressions.
        spec: Run,
    },
    /// Integer literal.
    Integer,
    /// Float or complex literal.
    Float,
    /// `True`.
    True,
    /// `False`.
    False,
    /// `None`.
    None,
    /// `...`.
    Ellipsis,
    /// `(a, b)` or `a, b`.
    Tuple(Run),
    /// `[a, b]`.
    List(Run),
    /// `{a, b}`.
    Set(Run),
    /// `{k: v}`: the run alternates key and value; for `**m` the key is the `DoubleStarred`
    /// expression itself and the value is `m`.
    Dict(Run),
    /// `-x`, `+x`, `~x`; the operator is the first character of the span.
    Unary(ExprId),
    /// `not x`.
    Not(ExprId),
    /// `a + b` and the like.
    Binary {
        /// Which.
        op: BinaryOp,
        /// Left operand.
        left: ExprId,
        /// Right operand.
        right: ExprId,
    },
    /// `a and b`, `a or b`.
    Bool {
        /// `and` (else `or`).
        and: bool,
        /// Left operand.
        left: ExprId,
        /// Right operand.
        right: ExprId,
    },
    /// `a < b <= c`: operands in order; a single comparison tells its operator, a chain is
    /// `CompareOp::Chain`.
    Compare {
        /// The operator.
        op: CompareOp,
        /// Operands.
        operands: Run,
    },
    /// `body if test else orelse`.
    Conditional {
        /// The condition.
        test: ExprId,
        /// Value when true.
        body: ExprId,
        /// Value when false.
        orelse: ExprId,
    },
    /// `lambda …: …`; the function's body is one `Return`.
    Lambda(FunctionId),
    /// `[e for …]` and its kin.
    Comprehension {
        /// List, set, dict or generator.
        kind: ComprehensionKind,
        /// The element; for a dict a two-element `Tuple` of key and value.
        element: ExprId,
        /// `for`/`if` clauses, a run of [`Facts::clauses`].
        clauses: Run,
    },
    /// `*x`.
    Starred(ExprId),
    /// `**x` (in a dict display).
    DoubleStarred(ExprId),
    /// `await x`.
    Await(ExprId),
    /// `yield x`, `yield from x`, `yield`.
    Yield(Option<ExprId>),
    /// `name := value`.
    Named {
        /// The name.
        target: ExprId,
        /// Its value.
        value: ExprId,
    },
    /// Something that the walk does not represent (error nodes).
    Opaque,
}

/// Arithmetic and bit operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOp {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `//`
    FloorDiv,
    /// `%`
    Mod,
    /// `**`
    Pow,
    /// `|`
    BitOr,
    /// `&`
    BitAnd,
    /// Any other: `^ << >> @`.
    Other,
}

/// Comparison operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompareOp {
    /// `==`
    Eq,
    /// `!=`
    NotEq,
    /// `<`
    Lt,
    /// `<=`
    LtE,
    /// `>`
    Gt,
    /// `>=`
    GtE,
    /// `in`
    In,
    /// `not in`
    NotIn,
    /// `is`
    Is,
    /// `is not`
    IsNot,
    /// More than one operator.
    Chain,
}

/// The four comprehensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComprehensionKind {
    /// `[…]`
    List,
    /// `{…}`
    Set,
    /// `{k: v …}`
    Dict,
    /// `(…)`
    Generator,
}

/// A clause of a comprehension.
#[derive(Clone, Copy, Debug)]
pub enum Clause {
    /// `for target in iter`
    For {
        /// Loop target.
        target: ExprId,
        /// What is iterated.
        iter: ExprId,
    },
    /// `if test`
    If(ExprId),
}

/// One argument of a call or of a class's bases.
#[derive(Clone, Copy, Debug)]
pub struct Arg {
    /// How it is passed.
    pub kind: ArgKind,
    /// Its value.
    pub value: ExprId,
    /// The whole argument, keyword or stars included.
    pub span: Span,
}

/// How an argument is passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgKind {
    /// By position.
    Positional,
    /// `name=`: the span of the name.
    Keyword(Span),
    /// `*value`
    Star,
    /// `**value`
    DoubleStar,
}

/// A parameter of a function.
#[derive(Clone, Copy, Debug)]
pub struct Param {
    /// Its name without stars; for a lone `*` or `/` the span of that sign.
    pub name: Span,
    /// Which kind.
    pub kind: ParamKind,
    /// Default value.
    pub default: Option<ExprId>,
    /// Annotation.
    pub annotation: Option<ExprId>,
    /// The whole parameter.
    pub span: Span,
}

/// Kinds of parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamKind {
    /// An ordinary one (before or after `*` is told by the order).
    Plain,
    /// `*args`
    Star,
    /// `**kwargs`
    DoubleStar,
    /// A lone `*`
    KeywordOnlyMark,
    /// A lone `/`
    PositionalOnlyMark,
}

/// A function, method or lambda.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its name; of a lambda the `lambda` keyword.
    pub name: Span,
    /// Parameters, a run of [`Facts::params`].
    pub params: Run,
    /// The text between the parentheses, without them (empty span just after `(` when there
    /// are none).
    pub params_span: Span,
    /// Decorator expressions (without `@`), top to bottom, a run of [`Facts::expr_pool`].
    pub decorators: Run,
    /// `-> annotation`.
    pub returns: Option<ExprId>,
    /// Its statements, a run of [`Facts::stmt_pool`].
    pub body: Run,
    /// `async def`.
    pub is_async: bool,
    /// Contains a `yield` of its own.
    pub is_generator: bool,
    /// From `def`/`async`/`lambda` to the end of the body, decorators left out.
    pub span: Span,
    /// From the first `@` (or `def`) to the end of the body.
    pub outer: Span,
    /// The innermost function around it.
    pub parent_function: Option<FunctionId>,
    /// The class whose body it stands in directly.
    pub class: Option<ClassId>,
}

/// A class statement.
#[derive(Clone, Debug)]
pub struct Class {
    /// Its name.
    pub name: Span,
    /// Bases and keywords, a run of [`Facts::args`].
    pub bases: Run,
    /// Decorators, a run of [`Facts::expr_pool`].
    pub decorators: Run,
    /// Its statements, a run of [`Facts::stmt_pool`].
    pub body: Run,
    /// From `class` to the end of the body.
    pub span: Span,
    /// The innermost function around it.
    pub parent_function: Option<FunctionId>,
    /// The class whose body it stands in directly.
    pub class: Option<ClassId>,
}

/// A statement and where it stands.
#[derive(Clone, Debug)]
pub struct Stmt {
    /// What it is.
    pub kind: StmtKind,
    /// Its text; of a decorated definition the decorators too.
    pub span: Span,
}

/// The shapes of a statement. Runs of statements are of [`Facts::stmt_pool`].
#[derive(Clone, Debug)]
pub enum StmtKind {
    /// An expression on its own.
    Expr(ExprId),
    /// `a = b = value`: targets are a run of [`Facts::expr_pool`].
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
    /// `with a as b, c:`; items are a run of [`Facts::expr_pool`] that alternates the context
    /// expression and its target (`Opaque` where there is none).
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
        /// Handlers, a run of [`Facts::handlers`].
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
    /// `import a.b as c, d`: a run of [`Facts::imports`].
    Import(Run),
    /// `from module import a as b`: `level` counts the dots.
    ImportFrom {
        /// The dotted name after the dots; empty for `from . import x`.
        module: Span,
        /// Leading dots.
        level: u32,
        /// What is imported, a run of [`Facts::imports`]; empty for `*`.
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
        /// Classes, values and keys that the pattern compares with, a run of [`Facts::expr_pool`].
        parts: Run,
        /// Names that the pattern binds, a run of [`Facts::expr_pool`].
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
    /// `global`/`nonlocal` names, a run of [`Facts::expr_pool`].
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
