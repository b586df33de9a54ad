//! Statements.

use tree_sitter::TreeCursor;

use super::kinds::K;
use super::{Walk, span};
use crate::python::facts::{ExprId, ExprKind, Handler, ImportName, Run, Span, StmtId, StmtKind};

impl Walk<'_> {
    /// The statements among the children of the node at the cursor.
    pub(super) fn children_block(&mut self, cursor: &mut TreeCursor<'_>) -> Run {
        let base = self.scratch.len();
        self.each_child(cursor, |walk, cursor, kind, _| walk.statement(cursor, kind));
        self.stmt_run(base)
    }

    /// The statements of the `block` child in field `field` (or any block for 0).
    fn block_child(&mut self, cursor: &mut TreeCursor<'_>) -> Run {
        let mut run = Run::default();
        self.each_child(cursor, |walk, cursor, kind, _| {
            if kind == K::Block {
                run = walk.children_block(cursor);
            }
        });
        run
    }

    fn push(&mut self, kind: StmtKind, span: Span) {
        let id = self.push_stmt(kind, span);
        self.scratch.push(id.0);
    }

    /// Pushes the statement at the cursor (several for `a; b` lists of expressions) to scratch.
    fn statement(&mut self, cursor: &mut TreeCursor<'_>, kind: K) {
        let node = cursor.node();
        let at = span(&node);
        match kind {
            K::ExpressionStatement => self.expression_statement(cursor, at),
            K::Return => {
                let value = self.first_expression(cursor);
                self.push(StmtKind::Return(value), at);
            }
            K::If => {
                let stmt = self.if_statement(cursor);
                self.push(stmt, at);
            }
            K::For => {
                let f = self.grammar.fields;
                let (mut target, mut iter) = (None, None);
                let (mut body, mut orelse) = (Run::default(), Run::default());
                self.each_child(cursor, |walk, cursor, kind, field| {
                    if field == f.left {
                        target = Some(walk.expression(cursor, kind));
                    } else if field == f.right {
                        iter = Some(walk.expression(cursor, kind));
                    } else if kind == K::Block {
                        body = walk.children_block(cursor);
                    } else if kind == K::Else {
                        orelse = walk.block_child(cursor);
                    }
                });
                let target = target.unwrap_or_else(|| self.opaque(at));
                let iter = iter.unwrap_or_else(|| self.opaque(at));
                self.push(
                    StmtKind::For {
                        target,
                        iter,
                        body,
                        orelse,
                    },
                    at,
                );
            }
            K::While => {
                let f = self.grammar.fields;
                let mut test = None;
                let (mut body, mut orelse) = (Run::default(), Run::default());
                self.each_child(cursor, |walk, cursor, kind, field| {
                    if field == f.condition {
                        test = Some(walk.expression(cursor, kind));
                    } else if kind == K::Block {
                        body = walk.children_block(cursor);
                    } else if kind == K::Else {
                        orelse = walk.block_child(cursor);
                    }
                });
                let test = test.unwrap_or_else(|| self.opaque(at));
                self.push(StmtKind::While { test, body, orelse }, at);
            }
            K::With => {
                let is_async = self.text[at.start as usize..].starts_with("async");
                let base = self.scratch.len();
                let mut body = Run::default();
                self.each_child(cursor, |walk, cursor, kind, _| match kind {
                    K::WithClause => walk.with_items(cursor),
                    K::Block => body = walk.children_block(cursor),
                    _ => {}
                });
                let items = self.expr_run(base);
                self.push(
                    StmtKind::With {
                        items,
                        body,
                        is_async,
                    },
                    at,
                );
            }
            K::Try => {
                let stmt = self.try_statement(cursor);
                self.push(stmt, at);
            }
            K::FunctionDefinition => {
                let id = self.function_definition(cursor, Run::default(), at);
                self.push(StmtKind::FunctionDef(id), at);
            }
            K::ClassDefinition => {
                let id = self.class_definition(cursor, Run::default());
                self.push(StmtKind::ClassDef(id), at);
            }
            K::Decorated => self.decorated(cursor, at),
            K::Import => {
                let names = self.import_names(cursor);
                self.push(StmtKind::Import(names), at);
            }
            K::ImportFrom | K::FutureImport => self.import_from(cursor, at),
            K::Global | K::Nonlocal | K::Delete => {
                let base = self.scratch.len();
                self.each_child(cursor, |walk, cursor, kind, _| {
                    if cursor.node().is_named() {
                        let e = walk.expression(cursor, kind);
                        walk.scratch.push(e.0);
                    }
                });
                let mut run = self.expr_run(base);
                if kind == K::Delete {
                    // `del a, b` is one expression_list.
                    if run.len == 1
                        && let ExprKind::Tuple(inner) = self
                            .facts
                            .expr(self.facts.expr_pool[run.start as usize])
                            .kind
                    {
                        run = inner;
                    }
                    self.push(StmtKind::Delete(run), at);
                } else {
                    self.push(StmtKind::Scope(run), at);
                }
            }
            K::Assert => {
                let test = self
                    .first_expression(cursor)
                    .unwrap_or_else(|| self.opaque(at));
                self.push(StmtKind::Assert(test), at);
            }
            K::Raise => {
                let value = self.first_expression(cursor);
                self.push(StmtKind::Raise(value), at);
            }
            K::Break | K::Continue => self.push(StmtKind::Jump, at),
            K::Match => {
                let f = self.grammar.fields;
                let mut subject = None;
                let base = self.scratch.len();
                self.each_child(cursor, |walk, cursor, kind, field| {
                    if field == f.subject {
                        subject = Some(walk.expression(cursor, kind));
                    } else if kind == K::Block {
                        walk.each_child(cursor, |walk, cursor, kind, _| {
                            if kind == K::Case {
                                let at = span(&cursor.node());
                                let run = walk.block_child(cursor);
                                walk.push(StmtKind::Block(run), at);
                            }
                        });
                    }
                });
                let cases = self.stmt_run(base);
                let subject = subject.unwrap_or_else(|| self.opaque(at));
                self.push(StmtKind::Match { subject, cases }, at);
            }
            K::TypeAlias => self.type_alias(cursor, at),
            K::Print | K::Exec => {
                self.each_child(cursor, |walk, cursor, kind, _| {
                    if cursor.node().is_named() {
                        let e = walk.expression(cursor, kind);
                        let at = walk.facts.expr(e).span;
                        walk.push(StmtKind::Expr(e), at);
                    }
                });
            }
            K::Pass => self.push(StmtKind::Pass, at),
            // Recovered text: what is recognisable inside counts as if it stood alone.
            K::Error | K::Block => {
                self.each_child(cursor, |walk, cursor, kind, _| {
                    if cursor.node().is_named() {
                        walk.statement(cursor, kind);
                    }
                });
            }
            _ if node.is_named() && !matches!(kind, K::Other) => {
                let e = self.expression(cursor, kind);
                self.push(StmtKind::Expr(e), at);
            }
            _ => {}
        }
    }

    fn expression_statement(&mut self, cursor: &mut TreeCursor<'_>, at: Span) {
        self.each_child(cursor, |walk, cursor, kind, _| match kind {
            K::Assignment => walk.assignment(cursor, at),
            K::AugmentedAssignment => {
                let f = walk.grammar.fields;
                let (mut target, mut value) = (None, None);
                let mut op = "";
                walk.each_child(cursor, |walk, cursor, kind, field| {
                    if field == f.left {
                        target = Some(walk.expression(cursor, kind));
                    } else if field == f.right {
                        value = Some(walk.expression(cursor, kind));
                    } else if field == f.operator {
                        let s = span(&cursor.node());
                        op = &walk.text[s.start as usize..s.end as usize];
                    }
                });
                let op = super::expressions::binary_op(op.trim_end_matches('='));
                let target = target.unwrap_or_else(|| walk.opaque(at));
                let value = value.unwrap_or_else(|| walk.opaque(at));
                walk.push(StmtKind::AugAssign { target, op, value }, at);
            }
            _ if cursor.node().is_named() => {
                let e = walk.expression(cursor, kind);
                walk.push(StmtKind::Expr(e), at);
            }
            _ => {}
        });
    }

    /// `a = b = value` is nested to the right in the tree: flattened here.
    fn assignment(&mut self, cursor: &mut TreeCursor<'_>, at: Span) {
        let mut targets: Vec<ExprId> = Vec::new();
        let (annotation, value) = self.assignment_parts(cursor, &mut targets);
        match (annotation, targets.as_slice(), value) {
            (Some(annotation), [target], value) => {
                let target = *target;
                self.push(
                    StmtKind::AnnAssign {
                        target,
                        annotation,
                        value,
                    },
                    at,
                );
            }
            (_, list, Some(value)) => {
                let base = self.scratch.len();
                self.scratch.extend(list.iter().map(|e| e.0));
                let targets = self.expr_run(base);
                self.push(StmtKind::Assign { targets, value }, at);
            }
            _ => {}
        }
    }

    fn assignment_parts(
        &mut self,
        cursor: &mut TreeCursor<'_>,
        targets: &mut Vec<ExprId>,
    ) -> (Option<ExprId>, Option<ExprId>) {
        let f = self.grammar.fields;
        let (mut annotation, mut value) = (None, None);
        self.each_child(cursor, |walk, cursor, kind, field| {
            if field == f.left {
                let e = walk.expression(cursor, kind);
                targets.push(e);
            } else if field == f.kind {
                annotation = Some(walk.expression(cursor, kind));
            } else if field == f.right {
                if kind == K::Assignment {
                    value = walk.assignment_parts(cursor, targets).1;
                } else {
                    value = Some(walk.expression(cursor, kind));
                }
            }
        });
        (annotation, value)
    }

    /// `type X = Y`; the grammar also takes `type(self).x = v` for one.
    fn type_alias(&mut self, cursor: &mut TreeCursor<'_>, at: Span) {
        let mut parts = Vec::new();
        self.each_child(cursor, |walk, cursor, kind, _| {
            if cursor.node().is_named() {
                parts.push(walk.expression(cursor, kind));
            }
        });
        if let [target, value] = parts[..] {
            let base = self.scratch.len();
            self.scratch.push(target.0);
            let targets = self.expr_run(base);
            self.push(StmtKind::Assign { targets, value }, at);
        }
    }

    fn if_statement(&mut self, cursor: &mut TreeCursor<'_>) -> StmtKind {
        let f = self.grammar.fields;
        let mut test = None;
        let mut body = Run::default();
        // (test, body, span) of each elif, and the else.
        let mut elifs: Vec<(ExprId, Run, Span)> = Vec::new();
        let mut orelse = Run::default();
        let end = cursor.node().end_byte() as u32;
        self.each_child(cursor, |walk, cursor, kind, field| match kind {
            K::Elif => {
                let at = span(&cursor.node());
                let mut elif_test = None;
                let mut elif_body = Run::default();
                walk.each_child(cursor, |walk, cursor, kind, field| {
                    if field == f.condition {
                        elif_test = Some(walk.expression(cursor, kind));
                    } else if kind == K::Block {
                        elif_body = walk.children_block(cursor);
                    }
                });
                let elif_test = elif_test.unwrap_or_else(|| walk.opaque(at));
                elifs.push((elif_test, elif_body, at));
            }
            K::Else => orelse = walk.block_child(cursor),
            K::Block => body = walk.children_block(cursor),
            _ if field == f.condition => test = Some(walk.expression(cursor, kind)),
            _ => {}
        });
        for (test, body, at) in elifs.into_iter().rev() {
            let at = Span {
                start: at.start,
                end,
            };
            let id = self.push_stmt(StmtKind::If { test, body, orelse }, at);
            let base = self.scratch.len();
            self.scratch.push(id.0);
            orelse = self.stmt_run(base);
        }
        let test = test.unwrap_or_else(|| self.opaque(Span::default()));
        StmtKind::If { test, body, orelse }
    }

    fn with_items(&mut self, cursor: &mut TreeCursor<'_>) {
        self.each_child(cursor, |walk, cursor, kind, _| {
            if kind != K::WithItem {
                return;
            }
            walk.each_child(cursor, |walk, cursor, kind, _| {
                if kind == K::AsPattern {
                    let (value, target) = walk.as_pattern(cursor);
                    walk.scratch.push(value.0);
                    walk.scratch.push(target.0);
                } else if cursor.node().is_named() {
                    let e = walk.expression(cursor, kind);
                    walk.scratch.push(e.0);
                    let none = walk.opaque(span(&cursor.node()));
                    walk.scratch.push(none.0);
                }
            });
        });
    }

    /// `value as target`, both as expressions.
    pub(super) fn as_pattern(&mut self, cursor: &mut TreeCursor<'_>) -> (ExprId, ExprId) {
        let at = span(&cursor.node());
        let (mut value, mut target) = (None, None);
        self.each_child(cursor, |walk, cursor, kind, _| {
            if kind == K::AsPatternTarget {
                target = walk.first_expression(cursor);
            } else if cursor.node().is_named() {
                value = Some(walk.expression(cursor, kind));
            }
        });
        let value = value.unwrap_or_else(|| self.opaque(at));
        let target = target.unwrap_or_else(|| self.opaque(at));
        (value, target)
    }

    fn try_statement(&mut self, cursor: &mut TreeCursor<'_>) -> StmtKind {
        let (mut body, mut orelse, mut finally) = (Run::default(), Run::default(), Run::default());
        let mut handlers = Vec::new();
        self.each_child(cursor, |walk, cursor, kind, _| match kind {
            K::Block => body = walk.children_block(cursor),
            K::Else => orelse = walk.block_child(cursor),
            K::Finally => finally = walk.block_child(cursor),
            K::Except | K::ExceptGroup => {
                let mut handler = Handler {
                    kind: None,
                    name: None,
                    body: Run::default(),
                };
                walk.each_child(cursor, |walk, cursor, kind, _| match kind {
                    K::Block => handler.body = walk.children_block(cursor),
                    K::AsPattern => {
                        let (value, target) = walk.as_pattern(cursor);
                        handler.kind = Some(value);
                        handler.name = Some(walk.facts.expr(target).span);
                    }
                    _ if cursor.node().is_named() => {
                        let e = walk.expression(cursor, kind);
                        if handler.kind.is_some() {
                            // `except A as b` in grammars that give both as children.
                            handler.name = Some(walk.facts.expr(e).span);
                        } else {
                            handler.kind = Some(e);
                        }
                    }
                    _ => {}
                });
                handlers.push(handler);
            }
            _ => {}
        });
        let start = self.facts.handlers.len() as u32;
        let len = handlers.len() as u32;
        self.facts.handlers.append(&mut handlers);
        StmtKind::Try {
            body,
            handlers: Run { start, len },
            orelse,
            finally,
        }
    }

    // ---- imports

    fn import_names(&mut self, cursor: &mut TreeCursor<'_>) -> Run {
        let f = self.grammar.fields;
        let mut names = Vec::new();
        self.each_child(cursor, |walk, cursor, kind, field| {
            if field != f.name {
                return;
            }
            let at = span(&cursor.node());
            if kind == K::AliasedImport {
                let (mut name, mut alias) = (at, None);
                walk.each_child(cursor, |_, cursor, _, field| {
                    if field == f.name {
                        name = span(&cursor.node());
                    } else if field == f.alias {
                        alias = Some(span(&cursor.node()));
                    }
                });
                names.push(ImportName {
                    name,
                    alias,
                    span: at,
                });
            } else {
                names.push(ImportName {
                    name: at,
                    alias: None,
                    span: at,
                });
            }
        });
        let start = self.facts.imports.len() as u32;
        let len = names.len() as u32;
        self.facts.imports.append(&mut names);
        Run { start, len }
    }

    fn import_from(&mut self, cursor: &mut TreeCursor<'_>, at: Span) {
        let f = self.grammar.fields;
        let mut module = Span {
            start: at.start,
            end: at.start,
        };
        let mut level = 0;
        let mut star = false;
        self.each_child(cursor, |walk, cursor, kind, field| {
            let here = span(&cursor.node());
            if kind == K::WildcardImport {
                star = true;
            } else if field == f.module_name {
                if kind == K::RelativeImport {
                    module = Span {
                        start: here.end,
                        end: here.end,
                    };
                    walk.each_child(cursor, |walk, cursor, kind, _| {
                        let here = span(&cursor.node());
                        if kind == K::ImportPrefix {
                            level = here.of(walk.text).matches('.').count() as u32;
                        } else if kind == K::DottedName {
                            module = here;
                        }
                    });
                } else {
                    module = here;
                }
            }
        });
        let names = self.import_names(cursor);
        self.push(
            StmtKind::ImportFrom {
                module,
                level,
                names,
                star,
            },
            at,
        );
    }

    /// The first expression among the children.
    pub(super) fn first_expression(&mut self, cursor: &mut TreeCursor<'_>) -> Option<ExprId> {
        let mut found = None;
        self.each_child(cursor, |walk, cursor, kind, _| {
            if found.is_none() && cursor.node().is_named() {
                found = Some(walk.expression(cursor, kind));
            }
        });
        found
    }

    pub(super) fn stmt_list(&mut self, stmts: &[StmtId]) -> Run {
        let base = self.scratch.len();
        self.scratch.extend(stmts.iter().map(|s| s.0));
        self.stmt_run(base)
    }
}
