//! The surroundings of a touch: its context, what becomes of its value, its arguments.

use model::{Argument, Constant, Context, Outcome, Passed};

use crate::python::facts::{ArgKind, ExprId, ExprKind, Facts, Run, Span, StmtKind};
use crate::python::project::{Module, ModuleId};
use crate::python::scopes::Scopes;
use crate::python::tree::{Parent, Tree};

/// A facts span as the model's.
#[must_use]
pub const fn span(s: Span) -> model::Span {
    model::Span::new(s.start, s.end)
}

/// How an expression is assigned to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// It is read.
    No,
    /// It is a left side.
    Set,
    /// It stands in a `del`.
    Delete,
}

/// One file's expressions seen from below.
#[derive(Clone, Copy)]
pub struct Site<'s, 'p> {
    /// Its id.
    pub id: ModuleId,
    /// The module.
    pub module: &'p Module,
    /// Its facts.
    pub facts: &'p Facts,
    /// The way up.
    pub tree: &'s Tree,
}

impl<'s, 'p> Site<'s, 'p> {
    /// The file `id` of a project.
    #[must_use]
    pub fn new(scopes: &'s Scopes<'p>, id: ModuleId) -> Self {
        let module = scopes.module(id);
        Self {
            id,
            module,
            facts: &module.facts,
            tree: &scopes.of(id).tree,
        }
    }

    /// The text of a span.
    #[must_use]
    pub fn text(&self, s: Span) -> &'p str {
        s.of(&self.module.text)
    }

    /// The text of an expression.
    #[must_use]
    pub fn source(&self, e: ExprId) -> &'p str {
        self.text(self.facts.expr(e).span)
    }

    /// The expression around `e`.
    #[must_use]
    pub fn up(&self, e: ExprId) -> Option<ExprId> {
        match self.tree.parent(e) {
            Parent::Expr(up) => Some(up),
            _ => None,
        }
    }

    /// `e`, or the `await` of it.
    #[must_use]
    pub fn awaited(&self, e: ExprId) -> ExprId {
        match self.up(e) {
            Some(up) if matches!(self.facts.expr(up).kind, ExprKind::Await(_)) => up,
            _ => e,
        }
    }

    /// `e.name`: the attribute expression and its name, where `e` is left of a dot.
    #[must_use]
    pub fn attribute(&self, e: ExprId) -> Option<(ExprId, &'p str)> {
        let up = self.up(e)?;
        match self.facts.expr(up).kind {
            ExprKind::Attribute { value, name } if value == e => Some((up, self.text(name))),
            _ => None,
        }
    }

    /// `e(args)`: the call and its arguments, where `e` is called.
    #[must_use]
    pub fn call(&self, e: ExprId) -> Option<(ExprId, Run)> {
        let up = self.up(e)?;
        match self.facts.expr(up).kind {
            ExprKind::Call { callee, args } if callee == e => Some((up, args)),
            _ => None,
        }
    }

    /// `e[index]`: the subscript and its index, where `e` is indexed.
    #[must_use]
    pub fn subscript(&self, e: ExprId) -> Option<(ExprId, ExprId)> {
        let up = self.up(e)?;
        match self.facts.expr(up).kind {
            ExprKind::Subscript { value, index } if value == e => Some((up, index)),
            _ => None,
        }
    }

    /// Whether `e` is assigned to or deleted, itself or as part of an unpacking.
    #[must_use]
    pub fn target(&self, e: ExprId) -> Target {
        let mut at = e;
        loop {
            match self.tree.parent(at) {
                Parent::Expr(up) => match self.facts.expr(up).kind {
                    ExprKind::Tuple(_) | ExprKind::List(_) | ExprKind::Starred(_) => at = up,
                    ExprKind::Named { target, .. } if target == at => return Target::Set,
                    _ => return Target::No,
                },
                Parent::Stmt(s) => {
                    let set = match &self.facts.stmt(s).kind {
                        StmtKind::Assign { targets, .. } => {
                            self.facts.exprs_of(*targets).contains(&at)
                        }
                        StmtKind::AnnAssign { target, .. }
                        | StmtKind::AugAssign { target, .. }
                        | StmtKind::For { target, .. } => *target == at,
                        StmtKind::With { items, .. } => self
                            .facts
                            .exprs_of(*items)
                            .chunks_exact(2)
                            .any(|pair| pair[1] == at),
                        StmtKind::Case { captures, .. } => {
                            self.facts.exprs_of(*captures).contains(&at)
                        }
                        StmtKind::Delete(_) => return Target::Delete,
                        _ => false,
                    };
                    return if set { Target::Set } else { Target::No };
                }
                _ => return Target::No,
            }
        }
    }

    /// The syntactic surroundings of `e`.
    #[must_use]
    pub fn context(&self, e: ExprId) -> Context {
        if self.target(e) != Target::No {
            return Context::Target;
        }
        let mut at = e;
        loop {
            match self.tree.parent(at) {
                Parent::Expr(up) => {
                    match self.facts.expr(up).kind {
                        ExprKind::Lambda(_) => return Context::Default,
                        ExprKind::Comprehension { .. } => return Context::Comprehension,
                        ExprKind::Conditional { test, .. } if test == at => {
                            return Context::Condition;
                        }
                        _ => {}
                    }
                    at = up;
                }
                Parent::Stmt(s) => {
                    if let crate::python::tree::Scope::Function(f) = self.tree.scope(s)
                        && self.tree.lambda(f).is_some()
                    {
                        return Context::Lambda;
                    }
                    return match &self.facts.stmt(s).kind {
                        StmtKind::Expr(whole) if self.unwrapped(*whole) == e || *whole == e => {
                            Context::Statement
                        }
                        StmtKind::Return(_) => Context::Return,
                        StmtKind::If { .. } | StmtKind::While { .. } => Context::Condition,
                        StmtKind::Assert { test, .. } if *test == at => Context::Condition,
                        StmtKind::Case {
                            guard: Some(guard), ..
                        } if *guard == at => Context::Condition,
                        StmtKind::Case { .. } => Context::Pattern,
                        _ => Context::Expression,
                    };
                }
                Parent::Decorator(_) => return Context::Decorator,
                Parent::Default(_) => return Context::Default,
                Parent::Annotation(_) => return Context::Annotation,
                Parent::Base(_) | Parent::None => return Context::Expression,
            }
        }
    }

    fn unwrapped(&self, e: ExprId) -> ExprId {
        match self.facts.expr(e).kind {
            ExprKind::Await(inner) => inner,
            _ => e,
        }
    }

    /// What becomes of the value of `e`.
    #[must_use]
    pub fn outcome(&self, e: ExprId) -> Outcome {
        let mut at = self.awaited(e);
        let mut branch = false;
        loop {
            match self.tree.parent(at) {
                Parent::Expr(up) => match self.facts.expr(up).kind {
                    // Either side of `a if c else b` is returned where the whole is.
                    ExprKind::Conditional { test, .. } if test != at => {
                        at = up;
                        branch = true;
                    }
                    ExprKind::Tuple(run) if self.facts.exprs_of(run).first() == Some(&at) => {
                        return match self.tree.parent(up) {
                            Parent::Stmt(s)
                                if matches!(self.facts.stmt(s).kind, StmtKind::Return(_)) =>
                            {
                                Outcome::Returned
                            }
                            _ => Outcome::Used,
                        };
                    }
                    ExprKind::Named { target, value } if value == at && !branch => {
                        return Outcome::Bound(self.source(target).to_owned());
                    }
                    _ => return Outcome::Used,
                },
                Parent::Stmt(s) => {
                    return match &self.facts.stmt(s).kind {
                        StmtKind::Expr(_) if !branch => Outcome::Discarded,
                        StmtKind::Return(_) => Outcome::Returned,
                        StmtKind::Assign { targets, value } if *value == at && !branch => {
                            match self.facts.exprs_of(*targets) {
                                [one] => self.bound(*one),
                                _ => Outcome::Used,
                            }
                        }
                        StmtKind::AnnAssign {
                            target,
                            value: Some(value),
                            ..
                        } if *value == at && !branch => self.bound(*target),
                        _ => Outcome::Used,
                    };
                }
                _ => return Outcome::Used,
            }
        }
    }

    fn bound(&self, target: ExprId) -> Outcome {
        if matches!(self.facts.expr(target).kind, ExprKind::Name) {
            Outcome::Bound(self.source(target).to_owned())
        } else {
            Outcome::Used
        }
    }

    /// The arguments of a call.
    #[must_use]
    pub fn arguments(&self, scopes: &Scopes<'p>, args: Run) -> Vec<Argument> {
        let mut position = 0;
        self.facts
            .args_of(args)
            .iter()
            .map(|arg| {
                let passed = match arg.kind {
                    ArgKind::Positional => {
                        position += 1;
                        Passed::Position(position - 1)
                    }
                    ArgKind::Keyword(name) => Passed::Keyword(self.text(name).to_owned()),
                    ArgKind::Star => Passed::Star,
                    ArgKind::DoubleStar => Passed::DoubleStar,
                };
                Argument {
                    passed,
                    value: span(self.facts.expr(arg.value).span),
                    span: span(arg.span),
                    constant: scopes.constant(self.id, arg.value),
                }
            })
            .collect()
    }

    /// One expression as the only argument.
    #[must_use]
    pub fn argument(&self, scopes: &Scopes<'p>, e: ExprId) -> Argument {
        let at = span(self.facts.expr(e).span);
        Argument {
            passed: Passed::Position(0),
            value: at,
            span: at,
            constant: scopes.constant(self.id, e),
        }
    }
}

/// The positional argument `n`, or the one of that name.
#[must_use]
pub fn argument<'a>(arguments: &'a [Argument], n: u32, name: &str) -> Option<&'a Argument> {
    arguments.iter().find(|a| match &a.passed {
        Passed::Position(at) => *at == n,
        Passed::Keyword(keyword) => keyword == name,
        Passed::Star | Passed::DoubleStar => false,
    })
}

/// The text that an argument is, where constant.
#[must_use]
pub fn text_of(argument: Option<&Argument>) -> Option<String> {
    match argument?.constant.as_ref()? {
        Constant::Str(s) => Some(s.clone()),
        _ => None,
    }
}
