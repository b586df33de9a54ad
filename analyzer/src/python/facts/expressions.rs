//! Expressions and what they consist of.

use super::{ExprId, FunctionId, Run, Span};

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
    /// `callee(args)`; the run is of [`Facts::args`](super::Facts::args).
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
        /// `for`/`if` clauses, a run of [`Facts::clauses`](super::Facts::clauses).
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
