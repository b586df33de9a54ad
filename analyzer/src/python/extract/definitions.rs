//! Functions, lambdas, classes and their decorators.

use tree_sitter::TreeCursor;

use super::kinds::K;
use super::{Walk, span};
use crate::python::facts::{
    Class, ClassId, ExprId, Function, FunctionId, Param, ParamKind, Run, Span, StmtKind,
};

impl Walk<'_> {
    pub(super) fn decorated(&mut self, cursor: &mut TreeCursor<'_>, at: Span) {
        let base = self.scratch.len();
        let mut definition = None;
        self.each_child(cursor, |walk, cursor, kind, _| match kind {
            K::Decorator => {
                if let Some(e) = walk.first_expression(cursor) {
                    walk.scratch.push(e.0);
                }
            }
            K::FunctionDefinition => {
                let decorators = walk.expr_run(base);
                let id = walk.function_definition(cursor, decorators, at);
                definition = Some(StmtKind::FunctionDef(id));
            }
            K::ClassDefinition => {
                let decorators = walk.expr_run(base);
                let id = walk.class_definition(cursor, decorators);
                definition = Some(StmtKind::ClassDef(id));
            }
            _ => {}
        });
        self.scratch.truncate(base);
        if let Some(kind) = definition {
            let id = self.push_stmt(kind, at);
            self.scratch.push(id.0);
        }
    }

    pub(super) fn function_definition(
        &mut self,
        cursor: &mut TreeCursor<'_>,
        decorators: Run,
        outer: Span,
    ) -> FunctionId {
        let f = self.grammar.fields;
        let at = span(&cursor.node());
        let id = FunctionId(self.facts.functions.len() as u32);
        self.facts.functions.push(Function {
            name: at,
            params: Run::default(),
            params_span: Span {
                start: at.end,
                end: at.end,
            },
            decorators,
            returns: None,
            body: Run::default(),
            is_async: self.text[at.start as usize..].starts_with("async"),
            is_generator: false,
            span: at,
            outer,
            parent_function: self.function,
            class: self.class,
        });
        let mut name = at;
        let mut params = Run::default();
        let mut params_span = Span {
            start: at.end,
            end: at.end,
        };
        let mut returns = None;
        let mut body = Run::default();
        self.each_child(cursor, |walk, cursor, kind, field| {
            let here = span(&cursor.node());
            if field == f.name {
                name = here;
            } else if kind == K::Parameters {
                params = walk.parameters(cursor);
                params_span = Span {
                    start: here.start + 1,
                    end: here.end.saturating_sub(1).max(here.start + 1),
                };
            } else if field == f.return_type {
                returns = Some(walk.expression(cursor, kind));
            } else if kind == K::Block {
                let saved = (walk.function, walk.class, walk.nesting);
                walk.function = Some(id);
                walk.class = None;
                walk.nesting = 0;
                body = walk.children_block(cursor);
                (walk.function, walk.class, walk.nesting) = saved;
            }
        });
        let function = &mut self.facts.functions[id.0 as usize];
        function.name = name;
        function.params = params;
        function.params_span = params_span;
        function.returns = returns;
        function.body = body;
        id
    }

    pub(super) fn lambda(&mut self, cursor: &mut TreeCursor<'_>) -> FunctionId {
        let f = self.grammar.fields;
        let at = span(&cursor.node());
        let id = FunctionId(self.facts.functions.len() as u32);
        self.facts.functions.push(Function {
            name: Span {
                start: at.start,
                end: at.start + 6,
            },
            params: Run::default(),
            params_span: Span {
                start: at.start + 6,
                end: at.start + 6,
            },
            decorators: Run::default(),
            returns: None,
            body: Run::default(),
            is_async: false,
            is_generator: false,
            span: at,
            outer: at,
            parent_function: self.function,
            class: None,
        });
        let mut params = Run::default();
        let mut params_span = self.facts.functions[id.0 as usize].params_span;
        let mut value = None;
        self.each_child(cursor, |walk, cursor, kind, field| {
            if kind == K::LambdaParameters {
                params_span = span(&cursor.node());
                params = walk.parameters(cursor);
            } else if field == f.body {
                let saved = walk.function;
                walk.function = Some(id);
                value = Some(walk.expression(cursor, kind));
                walk.function = saved;
            }
        });
        let span = value.map_or(at, |e: ExprId| self.facts.expr(e).span);
        let stmt = self.push_stmt(StmtKind::Return(value), span);
        let body = self.stmt_list(&[stmt]);
        let function = &mut self.facts.functions[id.0 as usize];
        function.params = params;
        function.params_span = params_span;
        function.body = body;
        id
    }

    pub(super) fn class_definition(
        &mut self,
        cursor: &mut TreeCursor<'_>,
        decorators: Run,
    ) -> ClassId {
        let f = self.grammar.fields;
        let at = span(&cursor.node());
        let id = ClassId(self.facts.classes.len() as u32);
        self.facts.classes.push(Class {
            name: at,
            bases: Run::default(),
            decorators,
            body: Run::default(),
            span: at,
            parent_function: self.function,
            class: self.class,
        });
        let mut name = at;
        let mut bases = Run::default();
        let mut body = Run::default();
        self.each_child(cursor, |walk, cursor, kind, field| {
            if field == f.name {
                name = span(&cursor.node());
            } else if field == f.superclasses {
                bases = walk.arguments(cursor);
            } else if kind == K::Block {
                let saved = (walk.class, walk.nesting);
                walk.class = Some(id);
                walk.nesting = 0;
                body = walk.children_block(cursor);
                (walk.class, walk.nesting) = saved;
            }
        });
        let class = &mut self.facts.classes[id.0 as usize];
        class.name = name;
        class.bases = bases;
        class.body = body;
        id
    }

    fn parameters(&mut self, cursor: &mut TreeCursor<'_>) -> Run {
        let mut params = Vec::new();
        self.each_child(cursor, |walk, cursor, kind, _| {
            if let Some(param) = walk.parameter(cursor, kind) {
                params.push(param);
            }
        });
        let start = self.facts.params.len() as u32;
        let len = params.len() as u32;
        self.facts.params.append(&mut params);
        Run { start, len }
    }

    fn parameter(&mut self, cursor: &mut TreeCursor<'_>, kind: K) -> Option<Param> {
        let f = self.grammar.fields;
        let at = span(&cursor.node());
        let mut param = Param {
            name: at,
            kind: ParamKind::Plain,
            default: None,
            annotation: None,
            span: at,
        };
        match kind {
            K::Identifier => {}
            K::TuplePattern => param.kind = ParamKind::Plain,
            K::KeywordSeparator => param.kind = ParamKind::KeywordOnlyMark,
            K::PositionalSeparator => param.kind = ParamKind::PositionalOnlyMark,
            K::ListSplatPattern | K::DictionarySplatPattern => {
                let stars = if kind == K::ListSplatPattern { 1 } else { 2 };
                param.kind = if stars == 1 {
                    ParamKind::Star
                } else {
                    ParamKind::DoubleStar
                };
                param.name.start += stars;
                // The name may stand off its stars.
                let text = param.name.of(self.text);
                param.name.start += (text.len() - text.trim_start().len()) as u32;
            }
            K::DefaultParameter | K::TypedDefaultParameter | K::TypedParameter => {
                self.each_child(cursor, |walk, cursor, kind, field| {
                    if field == f.name {
                        param.name = span(&cursor.node());
                    } else if field == f.value {
                        param.default = Some(walk.expression(cursor, kind));
                    } else if field == f.kind {
                        param.annotation = Some(walk.expression(cursor, kind));
                    } else if let Some(inner) = walk.parameter(cursor, kind) {
                        param.name = inner.name;
                        param.kind = inner.kind;
                    }
                });
            }
            _ => return None,
        }
        Some(param)
    }
}
