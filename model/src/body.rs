//! The body of one function, as owned neutral statements and expressions.
//!
//! Targets that are not Python need what stands between the touches too. A body is read on demand,
//! for one function; the analysis holds none. What has no neutral form is an opaque leaf that says
//! where its text stands.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::place::Span;
use crate::touch::{Constant, Passed};

/// The body of a function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Body {
    /// Id of the function.
    pub function: String,
    /// The documentation string; it is not among the statements.
    pub documentation: Option<String>,
    /// What the function does.
    pub statements: Vec<Statement>,
}

/// What a module defines at its top level, read without running it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Definitions {
    /// Dotted import name.
    pub module: String,
    /// Relative to the root.
    pub file: String,
    /// Names that it imports.
    pub imports: Vec<Imported>,
    /// Its functions, in order.
    pub functions: Vec<Defined>,
    /// Its classes, in order.
    pub classes: Vec<ClassBody>,
    /// Its other statements.
    pub statements: Vec<Statement>,
}

/// A name that a module imports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Imported {
    /// As it is called here.
    pub bound: String,
    /// The absolute dotted name of the module.
    pub module: String,
    /// The name in that module, which may be a module itself; absent for `import module`.
    pub name: Option<String>,
}

/// A function of a module.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Defined {
    /// Its name.
    pub name: String,
    /// From `def` to the end of the body.
    pub span: Span,
    /// Its parameters.
    pub parameters: Vec<DefinedParameter>,
    /// It has decorators.
    pub decorated: bool,
    /// A generator or a coroutine.
    pub suspends: bool,
    /// What it does.
    pub body: Body,
}

/// A parameter of a function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DefinedParameter {
    /// Its name without stars.
    pub name: String,
    /// Text of its annotation.
    pub annotation: Option<String>,
    /// Its default value.
    pub default: Option<Expression>,
    /// `*args`, `**kwargs`, or keyword-only.
    pub special: bool,
}

/// A class of a module.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ClassBody {
    /// Its name.
    pub name: String,
    /// `class` to the end of the body.
    pub span: Span,
    /// Its decorators.
    pub decorators: Vec<Expression>,
    /// Its bases, keywords left out.
    pub bases: Vec<Expression>,
    /// `name: annotation = default`, in order.
    pub fields: Vec<DefinedParameter>,
    /// It holds nothing but fields and documentation.
    pub is_plain: bool,
    /// The documentation string.
    pub documentation: Option<String>,
}

/// A statement and where it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Statement {
    /// What it is.
    pub kind: StatementKind,
    /// Its text.
    pub span: Span,
}

/// The shapes of a statement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StatementKind {
    /// An expression for its effect.
    Expression(Expression),
    /// `a = b = value`
    Assign {
        /// Left sides, in order.
        targets: Vec<Expression>,
        /// Right side.
        value: Expression,
    },
    /// `target += value`
    Augment {
        /// Left side.
        target: Expression,
        /// The operator, without `=`.
        operator: Operator,
        /// Right side.
        value: Expression,
    },
    /// `return value`
    Return(Option<Expression>),
    /// `if`
    If {
        /// The condition.
        test: Expression,
        /// When true.
        body: Vec<Statement>,
        /// When false.
        orelse: Vec<Statement>,
    },
    /// `for`
    For {
        /// What each element is bound to.
        target: Expression,
        /// What is iterated.
        iterable: Expression,
        /// The loop.
        body: Vec<Statement>,
        /// After the last element.
        orelse: Vec<Statement>,
    },
    /// `while`
    While {
        /// The condition.
        test: Expression,
        /// The loop.
        body: Vec<Statement>,
        /// When the condition fails.
        orelse: Vec<Statement>,
    },
    /// `raise value`
    Raise(Option<Expression>),
    /// `assert test`, with or without a message.
    Assert(Expression),
    /// `pass`
    Pass,
    /// Anything else: imports, nested definitions, `try`, `with`, `match`, `del`, jumps.
    Opaque,
}

/// An expression and where it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Expression {
    /// What it is.
    pub kind: ExpressionKind,
    /// Its text.
    pub span: Span,
}

/// The shapes of an expression.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExpressionKind {
    /// A touch of the framework: index into the function's touches. Its op says what is meant.
    Touch {
        /// Which.
        touch: usize,
        /// Its arguments, as the touch lists them.
        arguments: Vec<BodyArgument>,
    },
    /// A variable.
    Name(String),
    /// A literal without names in it.
    Constant(Constant),
    /// Text with values in it: an f-string.
    Format(Vec<FormatPart>),
    /// `value.name`
    Attribute {
        /// Left of the dot.
        value: Box<Expression>,
        /// Right of the dot.
        name: String,
    },
    /// `value[index]`
    Subscript {
        /// What is indexed.
        value: Box<Expression>,
        /// The index.
        index: Box<Expression>,
    },
    /// `callee(arguments)`
    Call {
        /// What is called.
        callee: Box<Expression>,
        /// With what.
        arguments: Vec<BodyArgument>,
    },
    /// `(a, b)`
    Tuple(Vec<Expression>),
    /// `[a, b]`
    List(Vec<Expression>),
    /// `{a, b}`
    Set(Vec<Expression>),
    /// `{key: value}`
    Dict(Vec<Entry>),
    /// `not x`
    Not(Box<Expression>),
    /// `-x`
    Negative(Box<Expression>),
    /// `left + right` and the like.
    Binary {
        /// Left operand.
        left: Box<Expression>,
        /// Which.
        operator: Operator,
        /// Right operand.
        right: Box<Expression>,
    },
    /// `a and b`
    And(Box<Expression>, Box<Expression>),
    /// `a or b`
    Or(Box<Expression>, Box<Expression>),
    /// `left == right` and the like; chains are opaque.
    Compare {
        /// Left operand.
        left: Box<Expression>,
        /// Which.
        comparison: Comparison,
        /// Right operand.
        right: Box<Expression>,
    },
    /// `body if test else orelse`
    Conditional {
        /// The condition.
        test: Box<Expression>,
        /// Value when true.
        body: Box<Expression>,
        /// Value when false.
        orelse: Box<Expression>,
    },
    /// `lower:upper`, as an index; steps are opaque.
    Slice {
        /// Before the colon.
        lower: Option<Box<Expression>>,
        /// Behind it.
        upper: Option<Box<Expression>>,
    },
    /// `[element for target in iterable if condition]` and its kin with one `for`; others are opaque.
    Comprehension {
        /// A generator and not a list. Sets and dicts are opaque.
        is_generator: bool,
        /// What it gives.
        element: Box<Expression>,
        /// What each element is bound to.
        target: Box<Expression>,
        /// What is iterated.
        iterable: Box<Expression>,
        /// Conditions, in order.
        conditions: Vec<Expression>,
    },
    /// `await value`
    Await(Box<Expression>),
    /// Anything else.
    Opaque,
}

/// An argument of a call in a body.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BodyArgument {
    /// Position, name, or starred.
    pub passed: Passed,
    /// Its value.
    pub value: Expression,
}

/// An entry of a dict display.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    /// The key; absent for `**value`.
    pub key: Option<Expression>,
    /// The value.
    pub value: Expression,
}

/// A part of a text with values in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FormatPart {
    /// Text, escapes decoded.
    Text(String),
    /// A value as `str()` shows it.
    Value(Expression),
    /// A value with a conversion or a format, as written between the braces.
    Formatted {
        /// The value.
        value: Expression,
        /// The whole hole, braces included.
        span: Span,
    },
}

/// Operators of arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Operator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `//`
    FloorDivide,
    /// `%`, of text too
    Modulo,
    /// `**`
    Power,
    /// `|`
    BitOr,
    /// `&`
    BitAnd,
    /// Any other.
    Other,
}

/// Comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `in`
    In,
    /// `not in`
    NotIn,
    /// `is`
    Is,
    /// `is not`
    IsNot,
}
