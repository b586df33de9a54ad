//! Expressions.

use ruff_python_ast::{self as ast, ArgOrKeyword, BoolOp, CmpOp, Number, Operator, UnaryOp};
use ruff_text_size::Ranged as _;

use super::{MAX_NESTING, Walk, pooled, span_of};
use crate::python::facts::{
    Arg, ArgKind, BinaryOp, Clause, CompareOp, ComprehensionKind, ExprId, ExprKind, Run, Span,
};

pub(super) fn binary_op(op: Operator) -> BinaryOp {
    match op {
        Operator::Add => BinaryOp::Add,
        Operator::Sub => BinaryOp::Sub,
        Operator::Mult => BinaryOp::Mul,
        Operator::Div => BinaryOp::Div,
        Operator::FloorDiv => BinaryOp::FloorDiv,
        Operator::Mod => BinaryOp::Mod,
        Operator::Pow => BinaryOp::Pow,
        Operator::BitOr => BinaryOp::BitOr,
        Operator::BitAnd => BinaryOp::BitAnd,
        Operator::MatMult | Operator::LShift | Operator::RShift | Operator::BitXor => {
            BinaryOp::Other
        }
    }
}

fn compare_op(ops: &[CmpOp]) -> CompareOp {
    match ops {
        [CmpOp::Eq] => CompareOp::Eq,
        [CmpOp::NotEq] => CompareOp::NotEq,
        [CmpOp::Lt] => CompareOp::Lt,
        [CmpOp::LtE] => CompareOp::LtE,
        [CmpOp::Gt] => CompareOp::Gt,
        [CmpOp::GtE] => CompareOp::GtE,
        [CmpOp::In] => CompareOp::In,
        [CmpOp::NotIn] => CompareOp::NotIn,
        [CmpOp::Is] => CompareOp::Is,
        [CmpOp::IsNot] => CompareOp::IsNot,
        _ => CompareOp::Chain,
    }
}

impl Walk<'_> {
    pub(super) fn opaque(&mut self, at: Span) -> ExprId {
        self.push_expr(ExprKind::Opaque, at)
    }

    /// An expression with all its parts.
    pub(super) fn expression(&mut self, node: &ast::Expr) -> ExprId {
        if self.nesting >= MAX_NESTING {
            return self.opaque(span_of(node));
        }
        self.nesting += 1;
        let kind = self.shape(node);
        self.nesting -= 1;
        self.push_expr(kind, span_of(node))
    }

    fn shape(&mut self, node: &ast::Expr) -> ExprKind {
        match node {
            // What the parser puts where it misses an expression.
            ast::Expr::Name(name) if name.range.is_empty() => ExprKind::Opaque,
            ast::Expr::Name(_) => ExprKind::Name,
            ast::Expr::Attribute(node) => ExprKind::Attribute {
                value: self.expression(&node.value),
                name: span_of(&node.attr),
            },
            ast::Expr::Call(node) => ExprKind::Call {
                callee: self.expression(&node.func),
                args: self.arguments(&node.arguments),
            },
            ast::Expr::Subscript(node) => ExprKind::Subscript {
                value: self.expression(&node.value),
                index: self.expression(&node.slice),
            },
            ast::Expr::Slice(node) => {
                let parts = [&node.lower, &node.upper, &node.step];
                ExprKind::Slice(self.expressions(parts.into_iter().flatten().map(|e| &**e)))
            }
            ast::Expr::StringLiteral(_) => ExprKind::Str,
            ast::Expr::BytesLiteral(_) => ExprKind::Bytes,
            ast::Expr::FString(node) => self.f_string(node),
            ast::Expr::TString(node) => self.t_string(node),
            ast::Expr::NumberLiteral(node) => match node.value {
                Number::Int(_) => ExprKind::Integer,
                Number::Float(_) | Number::Complex { .. } => ExprKind::Float,
            },
            ast::Expr::BooleanLiteral(node) if node.value => ExprKind::True,
            ast::Expr::BooleanLiteral(_) => ExprKind::False,
            ast::Expr::NoneLiteral(_) => ExprKind::None,
            ast::Expr::EllipsisLiteral(_) => ExprKind::Ellipsis,
            ast::Expr::Tuple(node) => ExprKind::Tuple(self.expressions(&node.elts)),
            ast::Expr::List(node) => ExprKind::List(self.expressions(&node.elts)),
            ast::Expr::Set(node) => ExprKind::Set(self.expressions(&node.elts)),
            ast::Expr::Dict(node) => ExprKind::Dict(self.dictionary(node)),
            ast::Expr::UnaryOp(node) if node.op == UnaryOp::Not => {
                ExprKind::Not(self.expression(&node.operand))
            }
            ast::Expr::UnaryOp(node) => ExprKind::Unary(self.expression(&node.operand)),
            ast::Expr::BinOp(node) => ExprKind::Binary {
                op: binary_op(node.op),
                left: self.expression(&node.left),
                right: self.expression(&node.right),
            },
            ast::Expr::BoolOp(node) => self.bool_op(node),
            ast::Expr::Compare(node) => {
                let operands = std::iter::once(&*node.left).chain(&node.comparators);
                ExprKind::Compare {
                    op: compare_op(&node.ops),
                    operands: self.expressions(operands),
                }
            }
            ast::Expr::If(node) => {
                let body = self.expression(&node.body);
                let test = self.expression(&node.test);
                let orelse = self.expression(&node.orelse);
                ExprKind::Conditional { test, body, orelse }
            }
            ast::Expr::Lambda(node) => ExprKind::Lambda(self.lambda(node)),
            ast::Expr::ListComp(node) => {
                let element = self.expression(&node.elt);
                self.comprehension(ComprehensionKind::List, element, &node.generators)
            }
            ast::Expr::SetComp(node) => {
                let element = self.expression(&node.elt);
                self.comprehension(ComprehensionKind::Set, element, &node.generators)
            }
            ast::Expr::Generator(node) => self.generator_shape(node),
            ast::Expr::DictComp(node) => {
                let pair = Span {
                    start: node.key.start().to_u32(),
                    end: node.value.end().to_u32(),
                };
                let run = self.expressions([&*node.key, &*node.value]);
                let element = self.push_expr(ExprKind::Tuple(run), pair);
                self.comprehension(ComprehensionKind::Dict, element, &node.generators)
            }
            ast::Expr::Starred(node) => ExprKind::Starred(self.expression(&node.value)),
            ast::Expr::Await(node) => ExprKind::Await(self.expression(&node.value)),
            ast::Expr::Yield(node) => {
                self.yields();
                ExprKind::Yield(node.value.as_ref().map(|value| self.expression(value)))
            }
            ast::Expr::YieldFrom(node) => {
                self.yields();
                ExprKind::Yield(Some(self.expression(&node.value)))
            }
            ast::Expr::Named(node) => ExprKind::Named {
                target: self.expression(&node.target),
                value: self.expression(&node.value),
            },
            ast::Expr::IpyEscapeCommand(_) => ExprKind::Opaque,
        }
    }

    fn yields(&mut self) {
        if let Some(function) = self.function {
            self.facts.functions[function.0 as usize].is_generator = true;
        }
    }

    /// Expressions as a run.
    pub(super) fn expressions<'e>(
        &mut self,
        nodes: impl IntoIterator<Item = &'e ast::Expr>,
    ) -> Run {
        let base = self.scratch.len();
        for node in nodes {
            let e = self.expression(node);
            self.scratch.push(e.0);
        }
        self.expr_run(base)
    }

    /// `a and b and c` is one node of the parser; here it is `(a and b) and c`.
    fn bool_op(&mut self, node: &ast::ExprBoolOp) -> ExprKind {
        let and = node.op == BoolOp::And;
        let Some((first, rest)) = node.values.split_first() else {
            return ExprKind::Opaque;
        };
        let mut left = self.expression(first);
        let mut kind = ExprKind::Opaque;
        for (i, value) in rest.iter().enumerate() {
            let right = self.expression(value);
            kind = ExprKind::Bool { and, left, right };
            if i + 1 < rest.len() {
                let so_far = Span {
                    start: node.range.start().to_u32(),
                    end: self.closed(value.end().to_u32()),
                };
                left = self.push_expr(kind, so_far);
            }
        }
        kind
    }

    /// The end of what ends at `end`, the parentheses that close right after it included.
    fn closed(&self, mut end: u32) -> u32 {
        let mut rest = &self.text[end as usize..];
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '\\');
            if let Some(after) = rest.strip_prefix(')') {
                rest = after;
                end = (self.text.len() - rest.len()) as u32;
            } else if rest.starts_with('#') {
                rest = rest.find('\n').map_or("", |i| &rest[i..]);
            } else {
                return end;
            }
        }
    }

    fn dictionary(&mut self, node: &ast::ExprDict) -> Run {
        let base = self.scratch.len();
        for item in node {
            let (key, value) = match &item.key {
                Some(key) => (self.expression(key), self.expression(&item.value)),
                None => {
                    let value = self.expression(&item.value);
                    let at = span_of(&item.value);
                    let start = self.text[..at.start as usize]
                        .rfind("**")
                        .map_or(at.start, |i| i as u32);
                    let end = if self.text[start as usize + 2..at.start as usize].contains('(') {
                        self.closed(at.end)
                    } else {
                        at.end
                    };
                    let stars = Span { start, end };
                    (self.push_expr(ExprKind::DoubleStarred(value), stars), value)
                }
            };
            self.scratch.extend([key.0, value.0]);
        }
        self.expr_run(base)
    }

    /// The arguments of a call or of a class.
    pub(super) fn arguments(&mut self, node: &ast::Arguments) -> Run {
        let within = span_of(node);
        let mut args = Vec::with_capacity(node.len());
        for arg in node.arguments_source_order() {
            args.push(match arg {
                ArgOrKeyword::Arg(ast::Expr::Starred(node)) => Arg {
                    kind: ArgKind::Star,
                    value: self.expression(&node.value),
                    span: span_of(node),
                },
                // A generator alone shares its parentheses with the call.
                ArgOrKeyword::Arg(ast::Expr::Generator(node)) if !node.parenthesized => {
                    let value = self.generator(node, within);
                    Arg {
                        kind: ArgKind::Positional,
                        value,
                        span: within,
                    }
                }
                ArgOrKeyword::Arg(node) => Arg {
                    kind: ArgKind::Positional,
                    value: self.expression(node),
                    span: self.parenthesized(span_of(node), within),
                },
                ArgOrKeyword::Keyword(keyword) => Arg {
                    kind: keyword
                        .arg
                        .as_ref()
                        .map_or(ArgKind::DoubleStar, |name| ArgKind::Keyword(span_of(name))),
                    value: self.expression(&keyword.value),
                    span: span_of(keyword),
                },
            });
        }
        pooled(&mut self.facts.args, args)
    }

    /// `at` with the parentheses around it that lie in `within`, the parentheses of the call left out.
    fn parenthesized(&self, mut at: Span, within: Span) -> Span {
        loop {
            let before = self.text[within.start as usize..at.start as usize].trim_end();
            let after = &self.text[at.end as usize..within.end as usize];
            let start = within.start + before.len() as u32;
            let end = at.end + (after.len() - after.trim_start().len()) as u32;
            if !before.ends_with('(')
                || !after.trim_start().starts_with(')')
                || start - 1 <= within.start
                || end + 1 >= within.end
            {
                return at;
            }
            at = Span {
                start: start - 1,
                end: end + 1,
            };
        }
    }

    fn generator(&mut self, node: &ast::ExprGenerator, at: Span) -> ExprId {
        let kind = self.generator_shape(node);
        self.push_expr(kind, at)
    }

    fn generator_shape(&mut self, node: &ast::ExprGenerator) -> ExprKind {
        let element = self.expression(&node.elt);
        self.comprehension(ComprehensionKind::Generator, element, &node.generators)
    }

    fn comprehension(
        &mut self,
        kind: ComprehensionKind,
        element: ExprId,
        generators: &[ast::Comprehension],
    ) -> ExprKind {
        let mut clauses = Vec::new();
        for generator in generators {
            let target = self.expression(&generator.target);
            let iter = self.expression(&generator.iter);
            clauses.push(Clause::For { target, iter });
            for test in &generator.ifs {
                clauses.push(Clause::If(self.expression(test)));
            }
        }
        ExprKind::Comprehension {
            kind,
            element,
            clauses: pooled(&mut self.facts.clauses, clauses),
        }
    }
}
