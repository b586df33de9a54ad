//! Bodies on demand: a file is parsed again, and only the functions that are asked for are turned into neutral
//! statements and expressions.

use model::body::Definitions;
use model::body::{
    BodyArgument, Comparison, Entry, Expression, ExpressionKind, FormatPart, Operator, Statement,
    StatementKind,
};
use model::{Body, Constant, Function, Passed, Role, Span, Touch};

use super::extract::{Extractor, STACK};
use super::facts::{
    ArgKind, BinaryOp, Clause, CompareOp, ComprehensionKind, ExprId, ExprKind, Facts, Run, StmtId,
    StmtKind,
};
use super::{facts, literal};

/// A file read for its bodies.
pub struct File {
    text: String,
    facts: Facts,
}

impl File {
    /// Parses a text; `None` when it has a syntax error, since the parser would leave out what it could not read, and
    /// when the system gives no thread.
    #[must_use]
    pub fn read(text: String) -> Option<Self> {
        let facts = deep(|| Extractor::new().extract(&text))?;
        facts.errors.is_empty().then_some(Self { text, facts })
    }

    /// The body of `function` (a module's own statements where it is one); `None` when the text is not what was
    /// analysed.
    #[must_use]
    pub fn body(&self, function: &Function) -> Option<Body> {
        let body = if function.role == Role::Module {
            self.facts.body
        } else {
            let is_it = |f: &&facts::Function| span(f.span) == function.span;
            self.facts.functions.iter().find(is_it)?.body
        };
        let reader = Reader {
            facts: &self.facts,
            text: &self.text,
            touches: &function.touches,
        };
        deep(|| reader.body(function.id.clone(), body))
    }

    /// What the module `name`, which this file is, defines. Functions among `known` have their touches.
    #[must_use]
    pub fn definitions(&self, path: &str, name: &str, known: &[&Function]) -> Option<Definitions> {
        deep(|| super::definitions::read(&self.text, &self.facts, path, name, known))
    }
}

/// Runs on a stack for deeply nested source.
pub(super) fn deep<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK);
        thread.spawn_scoped(scope, work).ok()?.join().ok()
    })
}

pub(super) const fn span(span: facts::Span) -> Span {
    Span::new(span.start, span.end)
}

pub(super) struct Reader<'a> {
    pub facts: &'a Facts,
    pub text: &'a str,
    pub touches: &'a [Touch],
}

impl Reader<'_> {
    /// A function's body, its documentation apart.
    pub fn body(&self, function: String, run: Run) -> Body {
        let mut statements = self.block(run);
        let documentation = documentation(&statements);
        if documentation.is_some() {
            statements.remove(0);
        }
        Body {
            function,
            documentation,
            statements,
        }
    }

    pub fn block(&self, run: Run) -> Vec<Statement> {
        let stmts = self.facts.stmts_of(run);
        stmts.iter().map(|&id| self.statement(id)).collect()
    }

    pub fn statement(&self, id: StmtId) -> Statement {
        let stmt = self.facts.stmt(id);
        let kind = match stmt.kind {
            StmtKind::Expr(e) => StatementKind::Expression(self.expression(e)),
            StmtKind::Assign { targets, value } => StatementKind::Assign {
                targets: self.all(targets),
                value: self.expression(value),
            },
            StmtKind::AnnAssign {
                target,
                value: Some(value),
                ..
            } => StatementKind::Assign {
                targets: vec![self.expression(target)],
                value: self.expression(value),
            },
            StmtKind::AnnAssign { value: None, .. } | StmtKind::Pass => StatementKind::Pass,
            StmtKind::AugAssign { target, op, value } => StatementKind::Augment {
                target: self.expression(target),
                operator: operator(op),
                value: self.expression(value),
            },
            StmtKind::Return(value) => StatementKind::Return(value.map(|e| self.expression(e))),
            StmtKind::If { test, body, orelse } => StatementKind::If {
                test: self.expression(test),
                body: self.block(body),
                orelse: self.block(orelse),
            },
            // What `async for` awaits has no neutral form.
            StmtKind::For { .. } if span(stmt.span).of(self.text).starts_with("async") => {
                StatementKind::Opaque
            }
            StmtKind::For {
                target,
                iter,
                body,
                orelse,
            } => StatementKind::For {
                target: self.expression(target),
                iterable: self.expression(iter),
                body: self.block(body),
                orelse: self.block(orelse),
            },
            StmtKind::While { test, body, orelse } => StatementKind::While {
                test: self.expression(test),
                body: self.block(body),
                orelse: self.block(orelse),
            },
            StmtKind::Raise { value, .. } => {
                StatementKind::Raise(value.map(|e| self.expression(e)))
            }
            StmtKind::Assert { test, .. } => StatementKind::Assert(self.expression(test)),
            _ => StatementKind::Opaque,
        };
        Statement {
            kind,
            span: span(stmt.span),
        }
    }

    pub fn all(&self, run: Run) -> Vec<Expression> {
        let exprs = self.facts.exprs_of(run);
        exprs.iter().map(|&e| self.expression(e)).collect()
    }

    fn boxed(&self, id: ExprId) -> Box<Expression> {
        Box::new(self.expression(id))
    }

    pub fn expression(&self, id: ExprId) -> Expression {
        let expr = self.facts.expr(id);
        let at = span(expr.span);
        let touch = self.touches.iter().position(|t| t.span == at);
        let kind = match touch {
            Some(touch) => ExpressionKind::Touch {
                touch,
                arguments: self.touch_arguments(id, touch),
            },
            None => self.shape(expr.kind, at),
        };
        Expression { kind, span: at }
    }

    /// The arguments of a touch, found again by their spans below the expression.
    fn touch_arguments(&self, id: ExprId, touch: usize) -> Vec<BodyArgument> {
        self.touches[touch]
            .arguments
            .iter()
            .map(|argument| BodyArgument {
                passed: argument.passed.clone(),
                value: self.below(id, argument.value),
            })
            .collect()
    }

    /// The expression with span `at`. Children stand before their parents.
    fn below(&self, id: ExprId, at: Span) -> Expression {
        let whole = self.facts.expr(id).span;
        let found = (0..id.0)
            .rev()
            .map(ExprId)
            .take_while(|&e| self.facts.expr(e).span.start >= whole.start)
            .find(|&e| span(self.facts.expr(e).span) == at);
        found.map_or(
            Expression {
                kind: ExpressionKind::Opaque,
                span: at,
            },
            |e| self.expression(e),
        )
    }

    fn shape(&self, kind: ExprKind, at: Span) -> ExpressionKind {
        let text = at.of(self.text);
        match kind {
            ExprKind::Name => ExpressionKind::Name(text.to_owned()),
            ExprKind::None => ExpressionKind::Constant(Constant::None),
            ExprKind::True => ExpressionKind::Constant(Constant::Bool(true)),
            ExprKind::False => ExpressionKind::Constant(Constant::Bool(false)),
            ExprKind::Str => constant(literal::string(text).map(Constant::Str)),
            ExprKind::Integer => constant(literal::integer(text).map(Constant::Int)),
            ExprKind::Float => constant(text.replace('_', "").parse().ok().map(Constant::Float)),
            ExprKind::FString(parts) => self.format(parts),
            ExprKind::Attribute { value, name } => ExpressionKind::Attribute {
                value: self.boxed(value),
                name: name.of(self.text).to_owned(),
            },
            ExprKind::Subscript { value, index } => ExpressionKind::Subscript {
                value: self.boxed(value),
                index: self.boxed(index),
            },
            ExprKind::Call { callee, args } => ExpressionKind::Call {
                callee: self.boxed(callee),
                arguments: self.arguments(args),
            },
            ExprKind::Tuple(run) => ExpressionKind::Tuple(self.all(run)),
            ExprKind::List(run) => ExpressionKind::List(self.all(run)),
            ExprKind::Set(run) => ExpressionKind::Set(self.all(run)),
            ExprKind::Dict(run) => ExpressionKind::Dict(self.entries(run)),
            ExprKind::Not(e) => ExpressionKind::Not(self.boxed(e)),
            ExprKind::Unary(e) if text.starts_with('-') => ExpressionKind::Negative(self.boxed(e)),
            ExprKind::Binary { op, left, right } => ExpressionKind::Binary {
                left: self.boxed(left),
                operator: operator(op),
                right: self.boxed(right),
            },
            ExprKind::Bool { and, left, right } => {
                let (left, right) = (self.boxed(left), self.boxed(right));
                if and {
                    ExpressionKind::And(left, right)
                } else {
                    ExpressionKind::Or(left, right)
                }
            }
            ExprKind::Compare { op, operands } => {
                match (comparison(op), self.facts.exprs_of(operands)) {
                    (Some(comparison), &[left, right]) => ExpressionKind::Compare {
                        left: self.boxed(left),
                        comparison,
                        right: self.boxed(right),
                    },
                    _ => ExpressionKind::Opaque,
                }
            }
            ExprKind::Conditional { test, body, orelse } => ExpressionKind::Conditional {
                test: self.boxed(test),
                body: self.boxed(body),
                orelse: self.boxed(orelse),
            },
            ExprKind::Await(e) => ExpressionKind::Await(self.boxed(e)),
            ExprKind::Slice(parts) => self.slice(parts, at),
            ExprKind::Comprehension {
                kind: kind @ (ComprehensionKind::List | ComprehensionKind::Generator),
                element,
                clauses,
            } => self.comprehension(kind == ComprehensionKind::Generator, element, clauses),
            _ => ExpressionKind::Opaque,
        }
    }

    /// Which part is which is told by the colons before it.
    fn slice(&self, parts: Run, at: Span) -> ExpressionKind {
        let (mut lower, mut upper) = (None, None);
        for &part in self.facts.exprs_of(parts) {
            let before = Span::new(at.start, self.facts.expr(part).span.start).of(self.text);
            let colons = before.matches(':').count();
            match (colons, &lower) {
                (0, None) => lower = Some(self.boxed(part)),
                (1, _) if upper.is_none() => upper = Some(self.boxed(part)),
                _ => return ExpressionKind::Opaque,
            }
        }
        ExpressionKind::Slice { lower, upper }
    }

    fn comprehension(&self, is_generator: bool, element: ExprId, clauses: Run) -> ExpressionKind {
        let [Clause::For { target, iter }, rest @ ..] = self.facts.clauses_of(clauses) else {
            return ExpressionKind::Opaque;
        };
        let conditions: Option<Vec<Expression>> = rest
            .iter()
            .map(|clause| match clause {
                Clause::If(test) => Some(self.expression(*test)),
                Clause::For { .. } => None,
            })
            .collect();
        conditions.map_or(ExpressionKind::Opaque, |conditions| {
            ExpressionKind::Comprehension {
                is_generator,
                element: self.boxed(element),
                target: self.boxed(*target),
                iterable: self.boxed(*iter),
                conditions,
            }
        })
    }

    fn arguments(&self, run: Run) -> Vec<BodyArgument> {
        let mut position = 0;
        self.facts
            .args_of(run)
            .iter()
            .map(|arg| BodyArgument {
                passed: match arg.kind {
                    ArgKind::Positional => {
                        position += 1;
                        Passed::Position(position - 1)
                    }
                    ArgKind::Keyword(name) => Passed::Keyword(name.of(self.text).to_owned()),
                    ArgKind::Star => Passed::Star,
                    ArgKind::DoubleStar => Passed::DoubleStar,
                },
                value: self.expression(arg.value),
            })
            .collect()
    }

    fn entries(&self, run: Run) -> Vec<Entry> {
        let pairs = self.facts.exprs_of(run).chunks_exact(2);
        pairs
            .map(|pair| {
                let spread = matches!(self.facts.expr(pair[0]).kind, ExprKind::DoubleStarred(_));
                Entry {
                    key: (!spread).then(|| self.expression(pair[0])),
                    value: self.expression(pair[1]),
                }
            })
            .collect()
    }

    fn format(&self, parts: Run) -> ExpressionKind {
        let mut out = Vec::new();
        for &part in self.facts.exprs_of(parts) {
            let expr = self.facts.expr(part);
            let at = span(expr.span);
            let text = at.of(self.text);
            out.push(match expr.kind {
                ExprKind::Interpolation {
                    value, plain: true, ..
                } => FormatPart::Value(self.expression(value)),
                ExprKind::Interpolation { value, .. } => FormatPart::Formatted {
                    value: self.expression(value),
                    span: at,
                },
                ExprKind::StrPart { raw } => match literal::part(text, raw) {
                    Some(text) => FormatPart::Text(text),
                    None => return ExpressionKind::Opaque,
                },
                _ => match literal::string(text) {
                    Some(text) => FormatPart::Text(text),
                    None => return ExpressionKind::Opaque,
                },
            });
        }
        ExpressionKind::Format(out)
    }
}

/// The documentation string at the beginning of a body.
pub(super) fn documentation(statements: &[Statement]) -> Option<String> {
    match statements.first().map(|s| &s.kind) {
        Some(StatementKind::Expression(Expression {
            kind: ExpressionKind::Constant(Constant::Str(text)),
            ..
        })) => Some(text.clone()),
        _ => None,
    }
}

fn constant(value: Option<Constant>) -> ExpressionKind {
    value.map_or(ExpressionKind::Opaque, ExpressionKind::Constant)
}

const fn operator(op: BinaryOp) -> Operator {
    match op {
        BinaryOp::Add => Operator::Add,
        BinaryOp::Sub => Operator::Subtract,
        BinaryOp::Mul => Operator::Multiply,
        BinaryOp::Div => Operator::Divide,
        BinaryOp::FloorDiv => Operator::FloorDivide,
        BinaryOp::Mod => Operator::Modulo,
        BinaryOp::Pow => Operator::Power,
        BinaryOp::BitOr => Operator::BitOr,
        BinaryOp::BitAnd => Operator::BitAnd,
        BinaryOp::Other => Operator::Other,
    }
}

const fn comparison(op: CompareOp) -> Option<Comparison> {
    Some(match op {
        CompareOp::Eq => Comparison::Equal,
        CompareOp::NotEq => Comparison::NotEqual,
        CompareOp::Lt => Comparison::Less,
        CompareOp::LtE => Comparison::LessOrEqual,
        CompareOp::Gt => Comparison::Greater,
        CompareOp::GtE => Comparison::GreaterOrEqual,
        CompareOp::In => Comparison::In,
        CompareOp::NotIn => Comparison::NotIn,
        CompareOp::Is => Comparison::Is,
        CompareOp::IsNot => Comparison::IsNot,
        CompareOp::Chain => return None,
    })
}
