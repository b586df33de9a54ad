//! Names that Python reads and binds, walked over facts.

use std::collections::HashSet;

use super::python::{Event, Path, UrlCall};
use crate::python::facts::{
    ArgKind, Clause, ExprId, ExprKind, Facts, FunctionId, ParamKind, Run, Span, StmtId, StmtKind,
};
use crate::python::literal;

/// A walk over an expression or a block.
pub(super) struct Walk<'f> {
    facts: &'f Facts,
    text: &'f str,
    pub events: Vec<Event>,
    /// What functions read when they are called, which is after the block.
    pub later: Vec<Event>,
    pub urls: Vec<UrlCall>,
    /// Names of comprehensions and lambdas around.
    shadows: Vec<String>,
    pub refused: Option<&'static str>,
}

impl<'f> Walk<'f> {
    pub(super) fn new(facts: &'f Facts, text: &'f str) -> Self {
        Self {
            facts,
            text,
            events: Vec::new(),
            later: Vec::new(),
            urls: Vec::new(),
            shadows: Vec::new(),
            refused: None,
        }
    }

    fn of(&self, span: Span) -> String {
        span.of(self.text).to_owned()
    }

    fn load(&mut self, name: String) {
        if !self.shadows.contains(&name) {
            self.events.push(Event::Load(name));
        }
    }

    fn exprs(&mut self, run: Run) {
        for &e in self.facts.exprs_of(run) {
            self.expr(e);
        }
    }

    pub(super) fn expr(&mut self, id: ExprId) {
        let expr = self.facts.expr(id);
        match expr.kind {
            ExprKind::Name => self.load(self.of(expr.span)),
            ExprKind::Attribute { value, .. }
            | ExprKind::Unary(value)
            | ExprKind::Not(value)
            | ExprKind::Starred(value)
            | ExprKind::DoubleStarred(value)
            | ExprKind::Yield(Some(value)) => self.expr(value),
            ExprKind::Interpolation { value, spec, .. } => {
                self.expr(value);
                self.exprs(spec);
            }
            ExprKind::Await(value) => {
                self.refused = Some("'await' outside async function");
                self.expr(value);
            }
            ExprKind::Named { .. } => self.refused = Some("cannot use assignment expressions"),
            ExprKind::Call { callee, args } => self.call(expr.span, callee, args),
            ExprKind::Subscript { value, index } => {
                self.expr(value);
                self.expr(index);
            }
            ExprKind::Slice(run)
            | ExprKind::FString(run)
            | ExprKind::Tuple(run)
            | ExprKind::List(run)
            | ExprKind::Set(run)
            | ExprKind::Dict(run)
            | ExprKind::Compare { operands: run, .. } => self.exprs(run),
            ExprKind::Binary { left, right, .. } | ExprKind::Bool { left, right, .. } => {
                self.expr(left);
                self.expr(right);
            }
            ExprKind::Conditional { test, body, orelse } => {
                self.expr(test);
                self.expr(body);
                self.expr(orelse);
            }
            ExprKind::Lambda(function) => {
                let base = self.shadows.len();
                self.parameters(function);
                let body = self.facts.function(function).body;
                self.statements(body);
                self.shadows.truncate(base);
            }
            ExprKind::Comprehension {
                element, clauses, ..
            } => {
                let base = self.shadows.len();
                for clause in self.facts.clauses_of(clauses) {
                    match *clause {
                        Clause::For { target, iter } => {
                            self.expr(iter);
                            self.shadow(target);
                        }
                        Clause::If(test) => self.expr(test),
                    }
                }
                self.expr(element);
                self.shadows.truncate(base);
            }
            ExprKind::Str
            | ExprKind::Bytes
            | ExprKind::StrPart { .. }
            | ExprKind::Integer
            | ExprKind::Float
            | ExprKind::True
            | ExprKind::False
            | ExprKind::None
            | ExprKind::Ellipsis
            | ExprKind::Yield(None)
            | ExprKind::Opaque => {}
        }
    }

    fn call(&mut self, span: Span, callee: ExprId, args: Run) {
        self.expr(callee);
        for arg in self.facts.args_of(args) {
            self.expr(arg.value);
        }
        let name = match self.facts.expr(callee).kind {
            ExprKind::Name => self.facts.expr(callee).span,
            ExprKind::Attribute { name, .. } => name,
            _ => return,
        };
        if name.of(self.text) != "url_for" {
            return;
        }
        let mut call = UrlCall {
            endpoint: None,
            arguments: Vec::new(),
            at: span.start as usize,
        };
        for (i, arg) in self.facts.args_of(args).iter().enumerate() {
            let keyword = match arg.kind {
                ArgKind::Keyword(keyword) => Some(keyword.of(self.text)),
                ArgKind::Positional if i == 0 => None,
                _ => continue,
            };
            match keyword {
                None | Some("endpoint") => {
                    let value = self.facts.expr(arg.value);
                    if matches!(value.kind, ExprKind::Str) {
                        call.endpoint = literal::string(value.span.of(self.text));
                    }
                }
                Some(keyword) => call.arguments.push(keyword.to_owned()),
            }
        }
        self.urls.push(call);
    }

    /// The names of a target, bound in a comprehension.
    fn shadow(&mut self, target: ExprId) {
        let expr = self.facts.expr(target);
        match expr.kind {
            ExprKind::Name => self.shadows.push(self.of(expr.span)),
            ExprKind::Tuple(run) | ExprKind::List(run) => {
                for &e in self.facts.exprs_of(run) {
                    self.shadow(e);
                }
            }
            ExprKind::Starred(value) => self.shadow(value),
            _ => self.expr(target),
        }
    }

    /// The names of a target, bound by a statement.
    fn bind(&mut self, target: ExprId) {
        let expr = self.facts.expr(target);
        match expr.kind {
            ExprKind::Name => self.events.push(Event::Bind(self.of(expr.span))),
            ExprKind::Tuple(run) | ExprKind::List(run) => {
                for &e in self.facts.exprs_of(run) {
                    self.bind(e);
                }
            }
            ExprKind::Starred(value) => self.bind(value),
            _ => self.expr(target),
        }
    }

    /// Default values are read outside, then the names are the function's own.
    fn parameters(&mut self, function: FunctionId) {
        let params = self.facts.params_of(self.facts.function(function).params);
        for param in params {
            if let Some(default) = param.default {
                self.expr(default);
            }
        }
        for param in params {
            if matches!(
                param.kind,
                ParamKind::Plain | ParamKind::Star | ParamKind::DoubleStar
            ) {
                self.shadows.push(self.of(param.name));
            }
        }
    }

    /// Walks a body of its own names and gives what it reads from outside.
    fn inner(&mut self, body: Run, function: Option<FunctionId>) -> Vec<Event> {
        let mut walk = Walk::new(self.facts, self.text);
        if let Some(f) = function {
            walk.shadows = std::mem::take(&mut self.shadows);
            let base = walk.shadows.len();
            walk.parameters(f);
            // Default values are read where the function is defined.
            self.events.append(&mut walk.events);
            walk.statements(body);
            walk.shadows.truncate(base);
            self.shadows = walk.shadows;
        } else {
            walk.statements(body);
        }
        self.urls.append(&mut walk.urls);
        let awaits = function.is_some_and(|f| self.facts.function(f).is_async);
        self.refused = self
            .refused
            .or(walk.refused.filter(|w| !(awaits && w.contains("await"))));
        walk.events.append(&mut walk.later);
        let own: HashSet<String> = walk
            .events
            .iter()
            .filter_map(|e| match e {
                Event::Bind(name) => Some(name.clone()),
                Event::Load(_) => None,
            })
            .collect();
        walk.events
            .retain(|e| matches!(e, Event::Load(name) if !own.contains(name)));
        walk.events
    }

    pub(super) fn statements(&mut self, run: Run) {
        for &s in self.facts.stmts_of(run) {
            self.statement(s);
        }
    }

    fn statement(&mut self, id: StmtId) {
        match self.facts.stmt(id).kind {
            StmtKind::Expr(e) => self.expr(e),
            StmtKind::Assert { test, message } => {
                self.expr(test);
                if let Some(message) = message {
                    self.expr(message);
                }
            }
            StmtKind::Assign { targets, value } => {
                self.expr(value);
                for &t in self.facts.exprs_of(targets) {
                    self.bind(t);
                }
            }
            StmtKind::AnnAssign { target, value, .. } => {
                if let Some(value) = value {
                    self.expr(value);
                    self.bind(target);
                }
            }
            StmtKind::AugAssign { target, value, .. } => {
                self.expr(target);
                self.expr(value);
                self.bind(target);
            }
            StmtKind::Return(e) => {
                if let Some(e) = e {
                    self.expr(e);
                }
            }
            StmtKind::Raise { value, cause } => {
                for e in value.into_iter().chain(cause) {
                    self.expr(e);
                }
            }
            StmtKind::If { test, body, orelse } | StmtKind::While { test, body, orelse } => {
                self.expr(test);
                self.statements(body);
                self.statements(orelse);
            }
            StmtKind::For {
                target,
                iter,
                body,
                orelse,
            } => {
                self.expr(iter);
                self.bind(target);
                self.statements(body);
                self.statements(orelse);
            }
            StmtKind::With { items, body, .. } => {
                for pair in self.facts.exprs_of(items).chunks(2) {
                    self.expr(pair[0]);
                    if let Some(&target) = pair.get(1) {
                        self.bind(target);
                    }
                }
                self.statements(body);
            }
            StmtKind::Try {
                body,
                handlers,
                orelse,
                finally,
            } => {
                self.statements(body);
                for handler in self.facts.handlers_of(handlers) {
                    if let Some(kind) = handler.kind {
                        self.expr(kind);
                    }
                    if let Some(name) = handler.name {
                        self.events.push(Event::Bind(self.of(name)));
                    }
                    self.statements(handler.body);
                }
                self.statements(orelse);
                self.statements(finally);
            }
            StmtKind::FunctionDef(f) => {
                let function = self.facts.function(f);
                self.exprs(function.decorators);
                let mut reads = self.inner(function.body, Some(f));
                self.later.append(&mut reads);
                self.events.push(Event::Bind(self.of(function.name)));
            }
            StmtKind::ClassDef(c) => {
                let class = self.facts.class(c);
                self.exprs(class.decorators);
                for arg in self.facts.args_of(class.bases) {
                    self.expr(arg.value);
                }
                let mut reads = self.inner(class.body, None);
                self.events.append(&mut reads);
                // Chameleon looks the class up in the context, where it is not.
            }
            StmtKind::Import(names) | StmtKind::ImportFrom { names, .. } => {
                if matches!(
                    self.facts.stmt(id).kind,
                    StmtKind::ImportFrom { star: true, .. }
                ) {
                    self.refused = Some("import * only allowed at module level");
                }
                for name in self.facts.imports_of(names) {
                    // Chameleon takes a dotted name for one name, so `import os.path` gives no `os`.
                    let bound = self.of(name.alias.unwrap_or(name.name));
                    self.events.push(Event::Bind(bound));
                }
            }
            StmtKind::Match { subject, cases } => {
                self.expr(subject);
                self.statements(cases);
            }
            StmtKind::Case {
                parts,
                captures,
                guard,
                body,
            } => {
                for &e in self.facts.exprs_of(parts) {
                    self.expr(e);
                }
                for &e in self.facts.exprs_of(captures) {
                    self.bind(e);
                }
                if let Some(guard) = guard {
                    self.expr(guard);
                }
                self.statements(body);
            }
            StmtKind::Delete(run) => {
                for &e in self.facts.exprs_of(run) {
                    if matches!(self.facts.expr(e).kind, ExprKind::Name) {
                        // Chameleon puts a call in its place.
                        self.refused = Some("cannot delete function call");
                    }
                    self.expr(e);
                }
            }
            StmtKind::Scope(_) | StmtKind::Jump | StmtKind::Pass => {}
        }
    }

    pub(super) fn path(&self, id: ExprId) -> Option<Path> {
        let mut rest = Vec::new();
        let mut at = id;
        loop {
            let expr = self.facts.expr(at);
            match expr.kind {
                ExprKind::Name => {
                    rest.reverse();
                    let root = self.of(expr.span);
                    return Some(Path { root, rest });
                }
                ExprKind::Attribute { value, name } => {
                    rest.push(self.of(name));
                    at = value;
                }
                ExprKind::Subscript { value, index } => {
                    let index = self.facts.expr(index);
                    if !matches!(index.kind, ExprKind::Str) {
                        return None;
                    }
                    rest.push(literal::string(index.span.of(self.text))?);
                    at = value;
                }
                _ => return None,
            }
        }
    }
}
