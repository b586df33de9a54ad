//! Functions, lambdas, classes and their decorators.

use ruff_python_ast as ast;
use ruff_text_size::Ranged as _;

use super::{Walk, pooled, span_of};
use crate::python::facts::{
    Class, ClassId, Function, FunctionId, Param, ParamKind, Run, Span, StmtKind,
};

impl Walk<'_> {
    fn decorators(&mut self, nodes: &[ast::Decorator]) -> Run {
        self.expressions(nodes.iter().map(|d| &d.expression))
    }

    /// The definition without its decorators: the first word of a line after the last of them.
    fn undecorated(&self, outer: Span, decorators: &[ast::Decorator]) -> Span {
        let Some(last) = decorators.last() else {
            return outer;
        };
        let mut start = last.end().to_usize();
        loop {
            let rest = &self.text[start..outer.end as usize];
            start += rest.len() - rest.trim_start().len();
            if !self.text[start..].starts_with(['#', ')']) {
                break;
            }
            start += self.text[start..].find('\n').unwrap_or(1);
        }
        Span {
            start: start as u32,
            end: outer.end,
        }
    }

    pub(super) fn function_definition(&mut self, node: &ast::StmtFunctionDef) -> FunctionId {
        let decorators = self.decorators(&node.decorator_list);
        let outer = span_of(node);
        let id = FunctionId(self.facts.functions.len() as u32);
        let parens = span_of(&*node.parameters);
        let start = parens.start + 1;
        self.facts.functions.push(Function {
            name: span_of(&node.name),
            params: Run::default(),
            params_span: Span {
                start,
                end: parens.end.saturating_sub(1).max(start),
            },
            decorators,
            returns: None,
            body: Run::default(),
            is_async: node.is_async,
            is_generator: false,
            span: self.undecorated(outer, &node.decorator_list),
            outer,
            parent_function: self.function,
            class: self.class,
        });
        let params = self.parameters(&node.parameters);
        let returns = node.returns.as_ref().map(|e| self.expression(e));
        let saved = (self.function, self.class, self.nesting);
        self.function = Some(id);
        self.class = None;
        self.nesting = 0;
        let body = self.block(&node.body);
        (self.function, self.class, self.nesting) = saved;
        let function = &mut self.facts.functions[id.0 as usize];
        function.params = params;
        function.returns = returns;
        function.body = body;
        id
    }

    pub(super) fn lambda(&mut self, node: &ast::ExprLambda) -> FunctionId {
        let at = span_of(node);
        let id = FunctionId(self.facts.functions.len() as u32);
        let end = at.start + "lambda".len() as u32;
        self.facts.functions.push(Function {
            name: Span {
                start: at.start,
                end,
            },
            params: Run::default(),
            params_span: node
                .parameters
                .as_deref()
                .map_or(Span { start: end, end }, span_of),
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
        let params = match &node.parameters {
            Some(parameters) => self.parameters(parameters),
            None => Run::default(),
        };
        let saved = self.function.replace(id);
        let value = self.expression(&node.body);
        self.function = saved;
        let stmt = self.push_stmt(StmtKind::Return(Some(value)), span_of(&*node.body));
        let body = self.stmt_list(&[stmt]);
        let function = &mut self.facts.functions[id.0 as usize];
        function.params = params;
        function.body = body;
        id
    }

    pub(super) fn class_definition(&mut self, node: &ast::StmtClassDef) -> ClassId {
        let decorators = self.decorators(&node.decorator_list);
        let id = ClassId(self.facts.classes.len() as u32);
        self.facts.classes.push(Class {
            name: span_of(&node.name),
            bases: Run::default(),
            decorators,
            body: Run::default(),
            span: self.undecorated(span_of(node), &node.decorator_list),
            parent_function: self.function,
            class: self.class,
        });
        let bases = match &node.arguments {
            Some(arguments) => self.arguments(arguments),
            None => Run::default(),
        };
        let saved = (self.class, self.nesting);
        self.class = Some(id);
        self.nesting = 0;
        let body = self.block(&node.body);
        (self.class, self.nesting) = saved;
        let class = &mut self.facts.classes[id.0 as usize];
        class.bases = bases;
        class.body = body;
        id
    }

    /// The parameters in source order, lone `/` and `*` included.
    fn parameters(&mut self, node: &ast::Parameters) -> Run {
        let mut params = Vec::new();
        let mut end = span_of(node).start;
        for param in &node.posonlyargs {
            params.push(self.parameter(param));
            end = param.end().to_u32();
        }
        if !node.posonlyargs.is_empty() {
            params.extend(self.mark('/', ParamKind::PositionalOnlyMark, &mut end, node));
        }
        for param in &node.args {
            params.push(self.parameter(param));
            end = param.end().to_u32();
        }
        if let Some(param) = &node.vararg {
            params.push(self.variadic(param, ParamKind::Star));
        } else if !node.kwonlyargs.is_empty() {
            params.extend(self.mark('*', ParamKind::KeywordOnlyMark, &mut end, node));
        }
        for param in &node.kwonlyargs {
            params.push(self.parameter(param));
        }
        if let Some(param) = &node.kwarg {
            params.push(self.variadic(param, ParamKind::DoubleStar));
        }
        pooled(&mut self.facts.params, params)
    }

    /// The sign after `end`, which moves behind it.
    fn mark(
        &self,
        sign: char,
        kind: ParamKind,
        end: &mut u32,
        node: &ast::Parameters,
    ) -> Option<Param> {
        let rest = self.text.get(*end as usize..node.end().to_usize())?;
        let start = *end + rest.find(sign)? as u32;
        let at = Span {
            start,
            end: start + 1,
        };
        *end = at.end;
        Some(Param {
            name: at,
            kind,
            default: None,
            annotation: None,
            span: at,
        })
    }

    fn parameter(&mut self, node: &ast::ParameterWithDefault) -> Param {
        let annotation = node.annotation().map(|e| self.expression(e));
        Param {
            name: span_of(&node.parameter.name),
            kind: ParamKind::Plain,
            default: node.default().map(|e| self.expression(e)),
            annotation,
            span: span_of(node),
        }
    }

    fn variadic(&mut self, node: &ast::Parameter, kind: ParamKind) -> Param {
        Param {
            name: span_of(&node.name),
            kind,
            default: None,
            annotation: node.annotation().map(|e| self.expression(e)),
            span: span_of(node),
        }
    }
}
