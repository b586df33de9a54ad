//! Expressions.

use tree_sitter::TreeCursor;

use super::kinds::K;
use super::{MAX_NESTING, Walk, span};
use crate::python::facts::{
    Arg, ArgKind, BinaryOp, Clause, CompareOp, ComprehensionKind, ExprId, ExprKind, Run, Span,
};

/// The operator of that spelling.
pub(super) fn binary_op(op: &str) -> BinaryOp {
    match op {
        "+" => BinaryOp::Add,
        "-" => BinaryOp::Sub,
        "*" => BinaryOp::Mul,
        "/" => BinaryOp::Div,
        "//" => BinaryOp::FloorDiv,
        "%" => BinaryOp::Mod,
        "**" => BinaryOp::Pow,
        "|" => BinaryOp::BitOr,
        "&" => BinaryOp::BitAnd,
        _ => BinaryOp::Other,
    }
}

fn compare_op(op: &str) -> CompareOp {
    match op {
        "==" => CompareOp::Eq,
        "!=" | "<>" => CompareOp::NotEq,
        "<" => CompareOp::Lt,
        "<=" => CompareOp::LtE,
        ">" => CompareOp::Gt,
        ">=" => CompareOp::GtE,
        "in" => CompareOp::In,
        "is" => CompareOp::Is,
        op if op.starts_with("not") => CompareOp::NotIn,
        op if op.starts_with("is") => CompareOp::IsNot,
        _ => CompareOp::Chain,
    }
}

impl Walk<'_> {
    pub(super) fn opaque(&mut self, at: Span) -> ExprId {
        self.push_expr(ExprKind::Opaque, at)
    }

    /// The expression at the cursor.
    pub(super) fn expression(&mut self, cursor: &mut TreeCursor<'_>, kind: K) -> ExprId {
        if self.nesting >= MAX_NESTING {
            let at = span(&cursor.node());
            return self.opaque(at);
        }
        self.nesting += 1;
        let id = self.expression_inner(cursor, kind);
        self.nesting -= 1;
        id
    }

    fn expression_inner(&mut self, cursor: &mut TreeCursor<'_>, kind: K) -> ExprId {
        let f = self.grammar.fields;
        let at = span(&cursor.node());
        let shape = match kind {
            K::Identifier | K::DottedName => ExprKind::Name,
            K::Parenthesized | K::Type | K::ParenthesizedListSplat => {
                return self
                    .first_expression(cursor)
                    .unwrap_or_else(|| self.opaque(at));
            }
            K::Attribute => {
                let (mut value, mut name) = (None, at);
                self.each_child(cursor, |walk, cursor, kind, field| {
                    if field == f.object {
                        value = Some(walk.expression(cursor, kind));
                    } else if field == f.attribute {
                        name = span(&cursor.node());
                    }
                });
                match value {
                    Some(value) => ExprKind::Attribute { value, name },
                    None => ExprKind::Opaque,
                }
            }
            K::Call => {
                let mut callee = None;
                let mut args = Run::default();
                self.each_child(cursor, |walk, cursor, kind, field| {
                    if field == f.function {
                        callee = Some(walk.expression(cursor, kind));
                    } else if field == f.arguments {
                        args = if kind == K::Generator {
                            let here = span(&cursor.node());
                            let value = walk.expression(cursor, kind);
                            let arg = Arg {
                                kind: ArgKind::Positional,
                                value,
                                span: here,
                            };
                            walk.arg_run(vec![arg])
                        } else {
                            walk.arguments(cursor)
                        };
                    }
                });
                match callee {
                    Some(callee) => ExprKind::Call { callee, args },
                    None => ExprKind::Opaque,
                }
            }
            K::Subscript => {
                let mut value = None;
                let base = self.scratch.len();
                self.each_child(cursor, |walk, cursor, kind, field| {
                    if field == f.value {
                        value = Some(walk.expression(cursor, kind));
                    } else if cursor.node().is_named() {
                        let e = walk.expression(cursor, kind);
                        walk.scratch.push(e.0);
                    }
                });
                let index = if self.scratch.len() == base + 1 {
                    ExprId(self.scratch.pop().unwrap_or_default())
                } else {
                    let run = self.expr_run(base);
                    self.push_expr(ExprKind::Tuple(run), at)
                };
                match value {
                    Some(value) => ExprKind::Subscript { value, index },
                    None => ExprKind::Opaque,
                }
            }
            K::Slice => ExprKind::Slice(self.expr_children(cursor)),
            K::Str => return self.string(cursor),
            K::ConcatenatedString => return self.concatenated(cursor),
            K::Integer => ExprKind::Integer,
            K::Float => ExprKind::Float,
            K::True => ExprKind::True,
            K::False => ExprKind::False,
            K::None => ExprKind::None,
            K::Ellipsis => ExprKind::Ellipsis,
            K::Tuple | K::TuplePattern | K::PatternList | K::ExpressionList => {
                ExprKind::Tuple(self.expr_children(cursor))
            }
            K::List | K::ListPattern => ExprKind::List(self.expr_children(cursor)),
            K::Set => ExprKind::Set(self.expr_children(cursor)),
            K::Dictionary => ExprKind::Dict(self.dictionary(cursor)),
            K::Pair => ExprKind::Tuple(self.expr_children(cursor)),
            K::UnaryOperator => match self.first_expression(cursor) {
                Some(e) => ExprKind::Unary(e),
                None => ExprKind::Opaque,
            },
            K::NotOperator => match self.first_expression(cursor) {
                Some(e) => ExprKind::Not(e),
                None => ExprKind::Opaque,
            },
            K::BinaryOperator | K::BooleanOperator => {
                let (mut left, mut right, mut op) = (None, None, "");
                let text = self.text;
                self.each_child(cursor, |walk, cursor, kind, field| {
                    if field == f.left {
                        left = Some(walk.expression(cursor, kind));
                    } else if field == f.right {
                        right = Some(walk.expression(cursor, kind));
                    } else if field == f.operator {
                        op = span(&cursor.node()).of(text);
                    }
                });
                match (left, right) {
                    (Some(left), Some(right)) if kind == K::BinaryOperator => ExprKind::Binary {
                        op: binary_op(op),
                        left,
                        right,
                    },
                    (Some(left), Some(right)) => ExprKind::Bool {
                        and: op == "and",
                        left,
                        right,
                    },
                    _ => ExprKind::Opaque,
                }
            }
            K::Comparison => {
                let base = self.scratch.len();
                let text = self.text;
                let mut op = None;
                self.each_child(cursor, |walk, cursor, kind, _| {
                    if cursor.node().is_named() {
                        let e = walk.expression(cursor, kind);
                        walk.scratch.push(e.0);
                    } else {
                        let this = compare_op(span(&cursor.node()).of(text));
                        op = Some(if op.is_some() { CompareOp::Chain } else { this });
                    }
                });
                let operands = self.expr_run(base);
                ExprKind::Compare {
                    op: op.unwrap_or(CompareOp::Chain),
                    operands,
                }
            }
            K::Conditional => {
                let base = self.scratch.len();
                let run = self.expr_children(cursor);
                self.scratch.truncate(base);
                match *self.facts.exprs_of(run) {
                    [body, test, orelse] => ExprKind::Conditional { test, body, orelse },
                    _ => ExprKind::Opaque,
                }
            }
            K::Lambda => ExprKind::Lambda(self.lambda(cursor)),
            K::ListComprehension => self.comprehension(cursor, ComprehensionKind::List),
            K::SetComprehension => self.comprehension(cursor, ComprehensionKind::Set),
            K::DictionaryComprehension => self.comprehension(cursor, ComprehensionKind::Dict),
            K::Generator => self.comprehension(cursor, ComprehensionKind::Generator),
            K::ListSplat | K::ListSplatPattern => match self.first_expression(cursor) {
                Some(e) => ExprKind::Starred(e),
                None => ExprKind::Opaque,
            },
            K::DictionarySplat => match self.first_expression(cursor) {
                Some(e) => ExprKind::DoubleStarred(e),
                None => ExprKind::Opaque,
            },
            K::Await => match self.first_expression(cursor) {
                Some(e) => ExprKind::Await(e),
                None => ExprKind::Opaque,
            },
            K::Yield => {
                if let Some(function) = self.function {
                    self.facts.functions[function.0 as usize].is_generator = true;
                }
                ExprKind::Yield(self.first_expression(cursor))
            }
            K::Named => {
                let (mut target, mut value) = (None, None);
                self.each_child(cursor, |walk, cursor, kind, field| {
                    if field == f.name {
                        target = Some(walk.expression(cursor, kind));
                    } else if field == f.value {
                        value = Some(walk.expression(cursor, kind));
                    }
                });
                match (target, value) {
                    (Some(target), Some(value)) => ExprKind::Named { target, value },
                    _ => ExprKind::Opaque,
                }
            }
            K::AsPattern => return self.as_pattern(cursor).0,
            // Keywords of older Pythons used as names (`print`, `exec`, `match`) and anything new.
            _ => {
                let text = at.of(self.text);
                if !text.is_empty() && text.chars().all(|c| c == '_' || c.is_alphanumeric()) {
                    ExprKind::Name
                } else {
                    self.expr_children(cursor);
                    ExprKind::Opaque
                }
            }
        };
        self.push_expr(shape, at)
    }

    fn expr_children(&mut self, cursor: &mut TreeCursor<'_>) -> Run {
        let base = self.scratch.len();
        self.each_child(cursor, |walk, cursor, kind, _| {
            if cursor.node().is_named() {
                let e = walk.expression(cursor, kind);
                walk.scratch.push(e.0);
            }
        });
        self.expr_run(base)
    }

    fn dictionary(&mut self, cursor: &mut TreeCursor<'_>) -> Run {
        let base = self.scratch.len();
        self.each_child(cursor, |walk, cursor, kind, _| match kind {
            K::Pair => {
                let before = walk.scratch.len();
                walk.each_child(cursor, |walk, cursor, kind, _| {
                    if cursor.node().is_named() {
                        let e = walk.expression(cursor, kind);
                        walk.scratch.push(e.0);
                    }
                });
                walk.scratch.truncate(before + 2);
                if walk.scratch.len() < before + 2 {
                    walk.scratch.truncate(before);
                }
            }
            K::DictionarySplat => {
                let e = walk.expression(cursor, kind);
                if let ExprKind::DoubleStarred(inner) = walk.facts.expr(e).kind {
                    walk.scratch.push(e.0);
                    walk.scratch.push(inner.0);
                }
            }
            _ => {}
        });
        self.expr_run(base)
    }

    fn arg_run(&mut self, mut args: Vec<Arg>) -> Run {
        let start = self.facts.args.len() as u32;
        let len = args.len() as u32;
        self.facts.args.append(&mut args);
        Run { start, len }
    }

    /// The arguments of the `argument_list` at the cursor.
    pub(super) fn arguments(&mut self, cursor: &mut TreeCursor<'_>) -> Run {
        let f = self.grammar.fields;
        let mut args = Vec::new();
        self.each_child(cursor, |walk, cursor, kind, _| {
            if !cursor.node().is_named() {
                return;
            }
            let at = span(&cursor.node());
            match kind {
                K::KeywordArgument => {
                    let (mut name, mut value) = (at, None);
                    walk.each_child(cursor, |walk, cursor, kind, field| {
                        if field == f.name {
                            name = span(&cursor.node());
                        } else if field == f.value {
                            value = Some(walk.expression(cursor, kind));
                        }
                    });
                    if let Some(value) = value {
                        args.push(Arg {
                            kind: ArgKind::Keyword(name),
                            value,
                            span: at,
                        });
                    }
                }
                K::ListSplat | K::DictionarySplat => {
                    if let Some(value) = walk.first_expression(cursor) {
                        let kind = if kind == K::ListSplat {
                            ArgKind::Star
                        } else {
                            ArgKind::DoubleStar
                        };
                        args.push(Arg {
                            kind,
                            value,
                            span: at,
                        });
                    }
                }
                _ => {
                    let value = walk.expression(cursor, kind);
                    args.push(Arg {
                        kind: ArgKind::Positional,
                        value,
                        span: at,
                    });
                }
            }
        });
        self.arg_run(args)
    }

    fn comprehension(&mut self, cursor: &mut TreeCursor<'_>, kind: ComprehensionKind) -> ExprKind {
        let f = self.grammar.fields;
        let mut element = None;
        let mut clauses = Vec::new();
        self.each_child(cursor, |walk, cursor, child, field| match child {
            K::ForIn => {
                let (mut target, mut iter) = (None, None);
                walk.each_child(cursor, |walk, cursor, kind, field| {
                    if field == f.left {
                        target = Some(walk.expression(cursor, kind));
                    } else if field == f.right && cursor.node().is_named() {
                        iter = Some(walk.expression(cursor, kind));
                    }
                });
                if let (Some(target), Some(iter)) = (target, iter) {
                    clauses.push(Clause::For { target, iter });
                }
            }
            K::IfClause => {
                if let Some(test) = walk.first_expression(cursor) {
                    clauses.push(Clause::If(test));
                }
            }
            _ if field == f.body => element = Some(walk.expression(cursor, child)),
            _ => {}
        });
        let start = self.facts.clauses.len() as u32;
        let len = clauses.len() as u32;
        self.facts.clauses.append(&mut clauses);
        match element {
            Some(element) => ExprKind::Comprehension {
                kind,
                element,
                clauses: Run { start, len },
            },
            None => ExprKind::Opaque,
        }
    }

    // ---- strings

    fn string(&mut self, cursor: &mut TreeCursor<'_>) -> ExprId {
        let at = span(&cursor.node());
        let prefix: &str = at.of(self.text).split(['"', '\'']).next().unwrap_or("");
        if prefix.contains(['b', 'B']) {
            return self.push_expr(ExprKind::Bytes, at);
        }
        if !prefix.contains(['f', 'F', 't', 'T']) {
            return self.push_expr(ExprKind::Str, at);
        }
        let base = self.scratch.len();
        self.string_parts(cursor);
        let run = self.expr_run(base);
        self.push_expr(ExprKind::FString(run), at)
    }

    fn string_parts(&mut self, cursor: &mut TreeCursor<'_>) {
        let f = self.grammar.fields;
        self.each_child(cursor, |walk, cursor, kind, _| {
            let at = span(&cursor.node());
            match kind {
                K::StringContent => {
                    let e = walk.push_expr(ExprKind::StrPart, at);
                    walk.scratch.push(e.0);
                }
                K::Interpolation => {
                    let mut value = None;
                    let mut plain = true;
                    walk.each_child(cursor, |walk, cursor, kind, field| match kind {
                        K::FormatSpecifier | K::TypeConversion => plain = false,
                        // A brace, or the `=` of `{x=}`.
                        _ if !cursor.node().is_named() => {
                            plain &= span(&cursor.node()).of(walk.text) != "=";
                        }
                        // `{v:=10}` is read as a walrus: it is a format spec.
                        K::Named => {
                            plain = false;
                            let mut first = None;
                            walk.each_child(cursor, |walk, cursor, kind, field| {
                                if field == f.name {
                                    first = Some(walk.expression(cursor, kind));
                                }
                            });
                            value = first;
                        }
                        _ if value.is_none() => {
                            let _ = field;
                            value = Some(walk.expression(cursor, kind));
                        }
                        _ => {}
                    });
                    let value = value.unwrap_or_else(|| walk.opaque(at));
                    let e = walk.push_expr(ExprKind::Interpolation { value, plain }, at);
                    walk.scratch.push(e.0);
                }
                _ => {}
            }
        });
    }

    fn concatenated(&mut self, cursor: &mut TreeCursor<'_>) -> ExprId {
        let at = span(&cursor.node());
        let base = self.scratch.len();
        let mut plain = true;
        let mut bytes = false;
        self.each_child(cursor, |walk, cursor, kind, _| {
            if kind == K::Str {
                let e = walk.string(cursor);
                match walk.facts.expr(e).kind {
                    ExprKind::FString(run) => {
                        plain = false;
                        let parts: Vec<u32> =
                            walk.facts.exprs_of(run).iter().map(|e| e.0).collect();
                        walk.scratch.extend(parts);
                    }
                    ExprKind::Bytes => bytes = true,
                    _ => walk.scratch.push(e.0),
                }
            }
        });
        let kind = if bytes {
            self.scratch.truncate(base);
            ExprKind::Bytes
        } else if plain {
            self.scratch.truncate(base);
            ExprKind::Str
        } else {
            ExprKind::FString(self.expr_run(base))
        };
        self.push_expr(kind, at)
    }
}
