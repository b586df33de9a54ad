//! The way up: for every expression what it is part of, for every statement whose it is.
//!
//! Facts point downwards only. A recogniser starts at a name (`request`) and asks what is done with
//! it, so it needs the way up; four bytes an expression buy it without any search.

use super::facts::{ClassId, Clause, ExprId, ExprKind, Facts, FunctionId, Run, StmtId, StmtKind};

/// What an expression is directly part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parent {
    /// Another expression (default values of a lambda count as parts of the lambda).
    Expr(ExprId),
    /// A statement.
    Stmt(StmtId),
    /// The definition statement that it decorates.
    Decorator(StmtId),
    /// The `def` that has it as a parameter's default value.
    Default(StmtId),
    /// The `def` or annotated assignment that has it as an annotation.
    Annotation(StmtId),
    /// The `class` that has it as a base or keyword.
    Base(StmtId),
    /// Nothing (a part of something that is not represented).
    None,
}

/// Whose statements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// The module's.
    Module,
    /// A class body's.
    Class(ClassId),
    /// A function's or lambda's.
    Function(FunctionId),
}

/// The upward links of one file.
#[derive(Debug, Default)]
pub struct Tree {
    exprs: Vec<u32>,
    stmts: Vec<Scope>,
    lambdas: Vec<Option<ExprId>>,
    definitions: Vec<Option<StmtId>>,
    returns: Vec<(FunctionId, StmtId)>,
}

const SHIFT: u32 = 29;
const MASK: u32 = (1 << SHIFT) - 1;

const fn pack(parent: Parent) -> u32 {
    match parent {
        Parent::None => 0,
        Parent::Expr(id) => 1 << SHIFT | id.0,
        Parent::Stmt(id) => 2 << SHIFT | id.0,
        Parent::Decorator(id) => 3 << SHIFT | id.0,
        Parent::Default(id) => 4 << SHIFT | id.0,
        Parent::Annotation(id) => 5 << SHIFT | id.0,
        Parent::Base(id) => 6 << SHIFT | id.0,
    }
}

impl Tree {
    /// Links the facts of a file.
    #[must_use]
    pub fn new(facts: &Facts) -> Self {
        let mut tree = Self {
            exprs: vec![0; facts.exprs.len()],
            stmts: vec![Scope::Module; facts.stmts.len()],
            lambdas: vec![None; facts.functions.len()],
            definitions: vec![None; facts.functions.len()],
            returns: Vec::new(),
        };
        for i in 0..facts.exprs.len() {
            tree.link_expr(facts, ExprId(i as u32));
        }
        tree.link_body(facts, facts.body, Scope::Module);
        for (i, function) in facts.functions.iter().enumerate() {
            tree.link_body(facts, function.body, Scope::Function(FunctionId(i as u32)));
        }
        for (i, class) in facts.classes.iter().enumerate() {
            tree.link_body(facts, class.body, Scope::Class(ClassId(i as u32)));
        }
        tree.returns.sort_unstable();
        tree
    }

    /// What `id` is directly part of.
    #[must_use]
    pub fn parent(&self, id: ExprId) -> Parent {
        let packed = self.exprs[id.0 as usize];
        let index = packed & MASK;
        match packed >> SHIFT {
            1 => Parent::Expr(ExprId(index)),
            2 => Parent::Stmt(StmtId(index)),
            3 => Parent::Decorator(StmtId(index)),
            4 => Parent::Default(StmtId(index)),
            5 => Parent::Annotation(StmtId(index)),
            6 => Parent::Base(StmtId(index)),
            _ => Parent::None,
        }
    }

    /// Whose statement `id` is.
    #[must_use]
    pub fn scope(&self, id: StmtId) -> Scope {
        self.stmts[id.0 as usize]
    }

    /// The `def` statement of a function; `None` for a lambda.
    #[must_use]
    pub fn definition(&self, id: FunctionId) -> Option<StmtId> {
        self.definitions[id.0 as usize]
    }

    /// The lambda expression that a function is.
    #[must_use]
    pub fn lambda(&self, id: FunctionId) -> Option<ExprId> {
        self.lambdas[id.0 as usize]
    }

    /// The `return` statements of a function itself, in source order.
    pub fn returns(&self, id: FunctionId) -> impl Iterator<Item = StmtId> {
        let from = self.returns.partition_point(|r| r.0 < id);
        self.returns[from..]
            .iter()
            .take_while(move |r| r.0 == id)
            .map(|r| r.1)
    }

    /// The statement that `id` stands in, and the scope its names are looked up in. For a default
    /// value or a decorator that is the scope around the definition.
    #[must_use]
    pub fn place(&self, id: ExprId) -> Option<(StmtId, Scope)> {
        let mut at = id;
        loop {
            match self.parent(at) {
                Parent::Expr(up) => at = up,
                Parent::None => return None,
                Parent::Stmt(s)
                | Parent::Decorator(s)
                | Parent::Default(s)
                | Parent::Annotation(s)
                | Parent::Base(s) => return Some((s, self.scope(s))),
            }
        }
    }

    /// The function with a `def` whose code a scope is part of; class bodies and lambdas count for
    /// the function around them.
    #[must_use]
    pub fn owner(&self, facts: &Facts, scope: Scope) -> Option<FunctionId> {
        let mut at = match scope {
            Scope::Module => return None,
            Scope::Class(c) => facts.class(c).parent_function,
            Scope::Function(f) => Some(f),
        };
        while let Some(f) = at
            && self.lambdas[f.0 as usize].is_some()
        {
            at = facts.function(f).parent_function;
        }
        at
    }

    fn set(&mut self, child: ExprId, parent: Parent) {
        self.exprs[child.0 as usize] = pack(parent);
    }

    fn set_run(&mut self, facts: &Facts, run: Run, parent: Parent) {
        for &child in facts.exprs_of(run) {
            self.set(child, parent);
        }
    }

    fn link_expr(&mut self, facts: &Facts, id: ExprId) {
        let up = Parent::Expr(id);
        match facts.expr(id).kind {
            ExprKind::Name
            | ExprKind::Str
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
            ExprKind::Attribute { value, .. }
            | ExprKind::Unary(value)
            | ExprKind::Not(value)
            | ExprKind::Starred(value)
            | ExprKind::DoubleStarred(value)
            | ExprKind::Await(value)
            | ExprKind::Yield(Some(value)) => self.set(value, up),
            ExprKind::Interpolation { value, spec, .. } => {
                self.set(value, up);
                self.set_run(facts, spec, up);
            }
            ExprKind::Call { callee, args } => {
                self.set(callee, up);
                for arg in facts.args_of(args) {
                    self.set(arg.value, up);
                }
            }
            ExprKind::Subscript { value, index } => {
                self.set(value, up);
                self.set(index, up);
            }
            ExprKind::Slice(run)
            | ExprKind::FString(run)
            | ExprKind::Tuple(run)
            | ExprKind::List(run)
            | ExprKind::Set(run)
            | ExprKind::Dict(run)
            | ExprKind::Compare { operands: run, .. } => self.set_run(facts, run, up),
            ExprKind::Binary { left, right, .. } | ExprKind::Bool { left, right, .. } => {
                self.set(left, up);
                self.set(right, up);
            }
            ExprKind::Conditional { test, body, orelse } => {
                self.set(test, up);
                self.set(body, up);
                self.set(orelse, up);
            }
            ExprKind::Lambda(function) => {
                self.lambdas[function.0 as usize] = Some(id);
                for param in facts.params_of(facts.function(function).params) {
                    if let Some(default) = param.default {
                        self.set(default, up);
                    }
                }
            }
            ExprKind::Comprehension {
                element, clauses, ..
            } => {
                self.set(element, up);
                for clause in facts.clauses_of(clauses) {
                    match *clause {
                        Clause::For { target, iter } => {
                            self.set(target, up);
                            self.set(iter, up);
                        }
                        Clause::If(test) => self.set(test, up),
                    }
                }
            }
            ExprKind::Named { target, value } => {
                self.set(target, up);
                self.set(value, up);
            }
        }
    }

    fn link_body(&mut self, facts: &Facts, body: Run, scope: Scope) {
        let mut open = vec![body];
        while let Some(run) = open.pop() {
            for &id in facts.stmts_of(run) {
                self.stmts[id.0 as usize] = scope;
                self.link_stmt(facts, id, scope, &mut open);
            }
        }
    }

    fn link_stmt(&mut self, facts: &Facts, id: StmtId, scope: Scope, open: &mut Vec<Run>) {
        let up = Parent::Stmt(id);
        match &facts.stmt(id).kind {
            StmtKind::Expr(e) => self.set(*e, up),
            StmtKind::Assert { test, message } => {
                self.set(*test, up);
                if let Some(message) = message {
                    self.set(*message, up);
                }
            }
            StmtKind::Assign { targets, value } => {
                self.set_run(facts, *targets, up);
                self.set(*value, up);
            }
            StmtKind::AnnAssign {
                target,
                annotation,
                value,
            } => {
                self.set(*target, up);
                self.set(*annotation, Parent::Annotation(id));
                if let Some(value) = value {
                    self.set(*value, up);
                }
            }
            StmtKind::AugAssign { target, value, .. } => {
                self.set(*target, up);
                self.set(*value, up);
            }
            StmtKind::Return(value) => {
                if let Some(value) = value {
                    self.set(*value, up);
                }
                if let Scope::Function(f) = scope {
                    self.returns.push((f, id));
                }
            }
            StmtKind::Raise { value, cause } => {
                for &e in value.iter().chain(cause) {
                    self.set(e, up);
                }
            }
            StmtKind::If { test, body, orelse } | StmtKind::While { test, body, orelse } => {
                self.set(*test, up);
                open.extend([*body, *orelse]);
            }
            StmtKind::For {
                target,
                iter,
                body,
                orelse,
            } => {
                self.set(*target, up);
                self.set(*iter, up);
                open.extend([*body, *orelse]);
            }
            StmtKind::With { items, body, .. } => {
                self.set_run(facts, *items, up);
                open.push(*body);
            }
            StmtKind::Try {
                body,
                handlers,
                orelse,
                finally,
            } => {
                open.extend([*body, *orelse, *finally]);
                for handler in facts.handlers_of(*handlers) {
                    if let Some(kind) = handler.kind {
                        self.set(kind, up);
                    }
                    open.push(handler.body);
                }
            }
            StmtKind::FunctionDef(f) => {
                let function = facts.function(*f);
                self.definitions[f.0 as usize] = Some(id);
                self.set_run(facts, function.decorators, Parent::Decorator(id));
                for param in facts.params_of(function.params) {
                    if let Some(default) = param.default {
                        self.set(default, Parent::Default(id));
                    }
                    if let Some(annotation) = param.annotation {
                        self.set(annotation, Parent::Annotation(id));
                    }
                }
                if let Some(annotation) = function.returns {
                    self.set(annotation, Parent::Annotation(id));
                }
            }
            StmtKind::ClassDef(c) => {
                let class = facts.class(*c);
                self.set_run(facts, class.decorators, Parent::Decorator(id));
                for arg in facts.args_of(class.bases) {
                    self.set(arg.value, Parent::Base(id));
                }
            }
            StmtKind::Match { subject, cases } => {
                self.set(*subject, up);
                open.push(*cases);
            }
            StmtKind::Case {
                parts,
                captures,
                guard,
                body,
            } => {
                self.set_run(facts, *parts, up);
                self.set_run(facts, *captures, up);
                if let Some(guard) = guard {
                    self.set(*guard, up);
                }
                open.push(*body);
            }
            StmtKind::Scope(names) | StmtKind::Delete(names) => self.set_run(facts, *names, up),
            StmtKind::Import(_) | StmtKind::ImportFrom { .. } | StmtKind::Jump | StmtKind::Pass => {
            }
        }
    }
}
