//! Functions, their parameters, and classes.

use super::{ClassId, ExprId, FunctionId, Run, Span};

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
    /// Parameters, a run of [`Facts::params`](super::Facts::params).
    pub params: Run,
    /// The text between the parentheses, without them (empty span just after `(` when there
    /// are none).
    pub params_span: Span,
    /// Decorator expressions (without `@`), top to bottom, a run of
    /// [`Facts::expr_pool`](super::Facts::expr_pool).
    pub decorators: Run,
    /// `-> annotation`.
    pub returns: Option<ExprId>,
    /// Its statements, a run of [`Facts::stmt_pool`](super::Facts::stmt_pool).
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
    /// Bases and keywords, a run of [`Facts::args`](super::Facts::args).
    pub bases: Run,
    /// Decorators, a run of [`Facts::expr_pool`](super::Facts::expr_pool).
    pub decorators: Run,
    /// Its statements, a run of [`Facts::stmt_pool`](super::Facts::stmt_pool).
    pub body: Run,
    /// From `class` to the end of the body.
    pub span: Span,
    /// The innermost function around it.
    pub parent_function: Option<FunctionId>,
    /// The class whose body it stands in directly.
    pub class: Option<ClassId>,
}
