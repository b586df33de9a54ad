//! Statements.

use ruff_python_ast::{self as ast, ExceptHandler};

use super::expressions::binary_op;
use super::{MAX_NESTING, Walk, pooled, span_of};
use crate::python::facts::{ExprId, ExprKind, Handler, ImportName, Run, Span, StmtId, StmtKind};

impl Walk<'_> {
    /// The statements of a block.
    pub(super) fn block(&mut self, nodes: &[ast::Stmt]) -> Run {
        let base = self.scratch.len();
        for node in nodes {
            let id = self.statement(node);
            self.scratch.push(id.0);
        }
        self.stmt_run(base)
    }

    fn statement(&mut self, node: &ast::Stmt) -> StmtId {
        let at = span_of(node);
        let kind = match node {
            ast::Stmt::Expr(node) => StmtKind::Expr(self.expression(&node.value)),
            ast::Stmt::Assign(node) => StmtKind::Assign {
                targets: self.expressions(&node.targets),
                value: self.expression(&node.value),
            },
            ast::Stmt::TypeAlias(node) => StmtKind::Assign {
                targets: self.expressions([&*node.name]),
                value: self.expression(&node.value),
            },
            ast::Stmt::AnnAssign(node) => StmtKind::AnnAssign {
                target: self.expression(&node.target),
                annotation: self.expression(&node.annotation),
                value: node.value.as_ref().map(|value| self.expression(value)),
            },
            ast::Stmt::AugAssign(node) => StmtKind::AugAssign {
                target: self.expression(&node.target),
                op: binary_op(node.op),
                value: self.expression(&node.value),
            },
            ast::Stmt::Return(node) => {
                StmtKind::Return(node.value.as_ref().map(|value| self.expression(value)))
            }
            ast::Stmt::If(node) => self.if_statement(node, at),
            ast::Stmt::For(node) => StmtKind::For {
                target: self.expression(&node.target),
                iter: self.expression(&node.iter),
                body: self.block(&node.body),
                orelse: self.block(&node.orelse),
            },
            ast::Stmt::While(node) => StmtKind::While {
                test: self.expression(&node.test),
                body: self.block(&node.body),
                orelse: self.block(&node.orelse),
            },
            ast::Stmt::With(node) => {
                let base = self.scratch.len();
                for item in &node.items {
                    let context = self.expression(&item.context_expr);
                    let target = match &item.optional_vars {
                        Some(target) => self.expression(target),
                        None => self.opaque(span_of(&item.context_expr)),
                    };
                    self.scratch.extend([context.0, target.0]);
                }
                StmtKind::With {
                    items: self.expr_run(base),
                    body: self.block(&node.body),
                    is_async: node.is_async,
                }
            }
            ast::Stmt::Try(node) => self.try_statement(node),
            ast::Stmt::FunctionDef(node) => StmtKind::FunctionDef(self.function_definition(node)),
            ast::Stmt::ClassDef(node) => StmtKind::ClassDef(self.class_definition(node)),
            ast::Stmt::Import(node) => StmtKind::Import(self.import_names(&node.names)),
            ast::Stmt::ImportFrom(node) => self.import_from(node, at),
            ast::Stmt::Global(node) => self.scope(&node.names),
            ast::Stmt::Nonlocal(node) => self.scope(&node.names),
            ast::Stmt::Delete(node) => match node.targets.as_slice() {
                [ast::Expr::Tuple(tuple)] => StmtKind::Delete(self.expressions(&tuple.elts)),
                targets => StmtKind::Delete(self.expressions(targets)),
            },
            ast::Stmt::Assert(node) => StmtKind::Assert {
                test: self.expression(&node.test),
                message: node.msg.as_ref().map(|message| self.expression(message)),
            },
            ast::Stmt::Raise(node) => StmtKind::Raise {
                value: node.exc.as_ref().map(|value| self.expression(value)),
                cause: node.cause.as_ref().map(|cause| self.expression(cause)),
            },
            ast::Stmt::Break(_) | ast::Stmt::Continue(_) => StmtKind::Jump,
            ast::Stmt::Match(node) => {
                let subject = self.expression(&node.subject);
                let base = self.scratch.len();
                for case in &node.cases {
                    let case_of = self.case(case);
                    let id = self.push_stmt(case_of, span_of(case));
                    self.scratch.push(id.0);
                }
                StmtKind::Match {
                    subject,
                    cases: self.stmt_run(base),
                }
            }
            ast::Stmt::Pass(_) | ast::Stmt::IpyEscapeCommand(_) => StmtKind::Pass,
        };
        self.push_stmt(kind, at)
    }

    fn case(&mut self, node: &ast::MatchCase) -> StmtKind {
        let (mut parts, mut captures) = (Vec::new(), Vec::new());
        self.pattern(&node.pattern, &mut parts, &mut captures);
        StmtKind::Case {
            parts: pooled(&mut self.facts.expr_pool, parts),
            captures: pooled(&mut self.facts.expr_pool, captures),
            guard: node.guard.as_ref().map(|guard| self.expression(guard)),
            body: self.block(&node.body),
        }
    }

    /// What a pattern compares with, and what it binds.
    fn pattern(
        &mut self,
        node: &ast::Pattern,
        parts: &mut Vec<ExprId>,
        captures: &mut Vec<ExprId>,
    ) {
        if self.nesting >= MAX_NESTING {
            return;
        }
        self.nesting += 1;
        match node {
            ast::Pattern::MatchValue(node) => parts.push(self.expression(&node.value)),
            ast::Pattern::MatchSingleton(_) => {}
            ast::Pattern::MatchSequence(node) => {
                for inner in &node.patterns {
                    self.pattern(inner, parts, captures);
                }
            }
            ast::Pattern::MatchMapping(node) => {
                for key in &node.keys {
                    parts.push(self.expression(key));
                }
                for inner in &node.patterns {
                    self.pattern(inner, parts, captures);
                }
                self.capture(node.rest.as_ref(), captures);
            }
            ast::Pattern::MatchClass(node) => {
                parts.push(self.expression(&node.cls));
                for inner in &node.arguments.patterns {
                    self.pattern(inner, parts, captures);
                }
                for keyword in &node.arguments.keywords {
                    self.pattern(&keyword.pattern, parts, captures);
                }
            }
            ast::Pattern::MatchStar(node) => self.capture(node.name.as_ref(), captures),
            ast::Pattern::MatchAs(node) => {
                if let Some(inner) = &node.pattern {
                    self.pattern(inner, parts, captures);
                }
                self.capture(node.name.as_ref(), captures);
            }
            ast::Pattern::MatchOr(node) => {
                for inner in &node.patterns {
                    self.pattern(inner, parts, captures);
                }
            }
        }
        self.nesting -= 1;
    }

    fn capture(&mut self, name: Option<&ast::Identifier>, captures: &mut Vec<ExprId>) {
        if let Some(name) = name {
            captures.push(self.push_expr(ExprKind::Name, span_of(name)));
        }
    }

    /// An `elif` becomes an `if` alone in `orelse`, up to the end of the whole.
    fn if_statement(&mut self, node: &ast::StmtIf, at: Span) -> StmtKind {
        let test = self.expression(&node.test);
        let body = self.block(&node.body);
        let branches: Vec<_> = node
            .elif_else_clauses
            .iter()
            .map(|clause| {
                let test = clause.test.as_ref().map(|test| self.expression(test));
                (test, self.block(&clause.body), span_of(clause).start)
            })
            .collect();
        let mut orelse = Run::default();
        for (test, body, start) in branches.into_iter().rev() {
            orelse = match test {
                None => body,
                Some(test) => {
                    let kind = StmtKind::If { test, body, orelse };
                    let id = self.push_stmt(kind, Span { start, end: at.end });
                    self.stmt_list(&[id])
                }
            };
        }
        StmtKind::If { test, body, orelse }
    }

    fn try_statement(&mut self, node: &ast::StmtTry) -> StmtKind {
        let body = self.block(&node.body);
        let mut handlers = Vec::new();
        for ExceptHandler::ExceptHandler(handler) in &node.handlers {
            handlers.push(Handler {
                kind: handler.type_.as_ref().map(|kind| self.expression(kind)),
                name: handler.name.as_ref().map(span_of),
                body: self.block(&handler.body),
            });
        }
        StmtKind::Try {
            body,
            handlers: pooled(&mut self.facts.handlers, handlers),
            orelse: self.block(&node.orelse),
            finally: self.block(&node.finalbody),
        }
    }

    fn scope(&mut self, names: &[ast::Identifier]) -> StmtKind {
        let base = self.scratch.len();
        for name in names {
            let e = self.push_expr(ExprKind::Name, span_of(name));
            self.scratch.push(e.0);
        }
        StmtKind::Scope(self.expr_run(base))
    }

    // ---- imports

    fn import_names(&mut self, names: &[ast::Alias]) -> Run {
        let names = names
            .iter()
            .map(|alias| ImportName {
                name: span_of(&alias.name),
                alias: alias.asname.as_ref().map(span_of),
                span: span_of(alias),
            })
            .collect();
        pooled(&mut self.facts.imports, names)
    }

    fn import_from(&mut self, node: &ast::StmtImportFrom, at: Span) -> StmtKind {
        let star = matches!(node.names.as_slice(), [only] if only.name.as_str() == "*");
        let nowhere = Span {
            start: at.start,
            end: at.start,
        };
        StmtKind::ImportFrom {
            module: node.module.as_ref().map_or(nowhere, span_of),
            level: node.level,
            names: if star {
                Run::default()
            } else {
                self.import_names(&node.names)
            },
            star,
        }
    }

    pub(super) fn stmt_list(&mut self, stmts: &[StmtId]) -> Run {
        let base = self.scratch.len();
        self.scratch.extend(stmts.iter().map(|s| s.0));
        self.stmt_run(base)
    }
}
