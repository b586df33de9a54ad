//! What a name means: imports followed across modules, assignments to the assigned expression.
//!
//! Nothing is evaluated: a name leads to a definition, a module, an expression, or out of the tree.

use std::rc::Rc;

use super::facts::{ClassId, ExprId, ExprKind, FunctionId};
use super::project::ModuleId;
use super::scopes::{Definition, Scopes};
use super::tree::{Parent, Scope};

/// What a name or a dotted path leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Binding {
    /// Canonical dotted name of something outside the tree: `flask.request`.
    External(Rc<str>),
    /// The first part of a dotted import, a folder without an `__init__.py`.
    Namespace(Rc<str>),
    /// A module of the tree.
    Module(ModuleId),
    /// A function of the tree.
    Function(ModuleId, FunctionId),
    /// A class of the tree.
    Class(ModuleId, ClassId),
    /// The value of an expression; several where a name is assigned more than once (`None` left
    /// out where there is anything else).
    Value(ModuleId, Rc<[ExprId]>),
    /// An element of what the expression yields (`for name in …`).
    Element(ModuleId, ExprId),
    /// What a context manager hands out (`with … as name`).
    Entered(ModuleId, ExprId),
    /// A parameter, counted from 0 in its function's list (signs included).
    Parameter(ModuleId, FunctionId, u32),
    /// A parameter that its function also assigns to: `app = app or current_app`.
    Reassigned(ModuleId, FunctionId, u32, Rc<[ExprId]>),
    /// Bound by no scope of the tree: a builtin, or a star import's.
    Unbound,
    /// Bound in a way that cannot be followed.
    Unknown,
}

/// Who binds a name at some place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binder {
    /// A scope of the module.
    Scope(Scope),
    /// A comprehension around the place: what it iterates over, if the name is bound to the elements
    /// themselves.
    Comprehension(Option<ExprId>),
    /// Nobody in the module.
    None,
}

/// A chain of re-exports longer than this is a circle.
const DEPTH: u32 = 24;

impl Scopes<'_> {
    /// Who binds `name` where the expression `at` stands.
    #[must_use]
    pub fn binder_at(&self, m: ModuleId, at: ExprId, name: &str) -> Binder {
        let module = self.module(m);
        let facts = &module.facts;
        let tree = &self.of(m).tree;
        let mut up = at;
        let scope = loop {
            match tree.parent(up) {
                Parent::Expr(parent) => {
                    if let ExprKind::Comprehension { clauses, .. } = facts.expr(parent).kind {
                        let clauses = facts.clauses_of(clauses);
                        // The first iterable is evaluated outside.
                        let outside = matches!(
                            clauses.first(),
                            Some(super::facts::Clause::For { iter, .. }) if *iter == up
                        );
                        for clause in clauses {
                            if let super::facts::Clause::For { target, iter } = *clause
                                && !outside
                                && names_in(facts, &module.text, target, name)
                            {
                                let whole = matches!(facts.expr(target).kind, ExprKind::Name);
                                return Binder::Comprehension(whole.then_some(iter));
                            }
                        }
                    }
                    up = parent;
                }
                Parent::None => return Binder::None,
                Parent::Stmt(s)
                | Parent::Decorator(s)
                | Parent::Default(s)
                | Parent::Annotation(s)
                | Parent::Base(s) => break tree.scope(s),
            }
        };
        self.of(m)
            .binder(facts, scope, name)
            .map_or(Binder::None, Binder::Scope)
    }

    /// What the name expression `at` is bound to.
    #[must_use]
    pub fn name(&self, m: ModuleId, at: ExprId) -> Binding {
        let module = self.module(m);
        let name = module.facts.expr(at).span.of(&module.text);
        match self.binder_at(m, at, name) {
            Binder::Scope(scope) => self.bound(m, scope, name),
            Binder::None => self.starred(m, name, 0),
            Binder::Comprehension(Some(iter)) => Binding::Element(m, iter),
            Binder::Comprehension(None) => Binding::Unknown,
        }
    }

    /// What `scope` binds `name` to.
    #[must_use]
    pub fn bound(&self, m: ModuleId, scope: Scope, name: &str) -> Binding {
        self.bound_within(m, scope, name, 0)
    }

    fn bound_within(&self, m: ModuleId, scope: Scope, name: &str, depth: u32) -> Binding {
        self.chosen(m, scope, self.of(m).definitions(scope, name), depth)
    }

    /// What the methods of a class assign to `self.name`.
    #[must_use]
    pub fn attribute(&self, m: ModuleId, class: ClassId, name: &str) -> Binding {
        self.chosen(
            m,
            Scope::Class(class),
            self.of(m).attributes(class, name),
            0,
        )
    }

    /// One meaning for all definitions of a name: an import in front of its fallback, the last of
    /// several functions, all of several values.
    fn chosen(
        &self,
        m: ModuleId,
        scope: Scope,
        definitions: impl Iterator<Item = Definition>,
        depth: u32,
    ) -> Binding {
        let module = self.module(m);
        let mut values: Vec<ExprId> = Vec::new();
        let mut nothing = None;
        let mut definite: Option<Definition> = None;
        let mut loose = false;
        for definition in definitions {
            match definition {
                Definition::Value(e) if matches!(module.facts.expr(e).kind, ExprKind::None) => {
                    nothing = Some(e);
                }
                Definition::Value(e) => values.push(e),
                Definition::Import { .. } | Definition::From { .. } => {
                    if !matches!(
                        definite,
                        Some(Definition::Import { .. } | Definition::From { .. })
                    ) {
                        definite = Some(definition);
                    }
                }
                Definition::Function(_) | Definition::Class(_) => definite = Some(definition),
                Definition::Element(_)
                | Definition::Entered(_)
                | Definition::Parameter(_)
                | Definition::Other => {
                    loose |= definite.replace(definition).is_some();
                }
            }
        }
        match definite {
            None if !values.is_empty() => Binding::Value(m, values.into()),
            None => nothing.map_or(Binding::Unknown, |e| Binding::Value(m, Rc::from([e]))),
            Some(_) if loose => Binding::Unknown,
            Some(Definition::Import { name, whole }) => {
                self.import(m, name.of(&module.text), whole)
            }
            Some(Definition::From {
                module: from,
                level,
                name,
            }) => self.import_from(
                m,
                from.of(&module.text),
                level,
                name.of(&module.text),
                depth + 1,
            ),
            Some(Definition::Function(f)) => Binding::Function(m, f),
            Some(Definition::Class(c)) => Binding::Class(m, c),
            // `app = app or current_app`: the parameter is one of several values.
            Some(Definition::Parameter(n)) => match scope {
                Scope::Function(f) if values.is_empty() => Binding::Parameter(m, f, n),
                Scope::Function(f) => Binding::Reassigned(m, f, n, values.into()),
                _ if !values.is_empty() => Binding::Value(m, values.into()),
                _ => Binding::Unknown,
            },
            Some(Definition::Element(e)) if values.is_empty() => Binding::Element(m, e),
            Some(Definition::Entered(e)) if values.is_empty() => Binding::Entered(m, e),
            Some(_) => Binding::Unknown,
        }
    }

    fn import(&self, m: ModuleId, dotted: &str, whole: bool) -> Binding {
        if whole {
            return self
                .find(m, dotted)
                .map_or_else(|| external(dotted), Binding::Module);
        }
        let root = dotted.split('.').next().unwrap_or(dotted);
        if let Some(id) = self.find(m, root) {
            Binding::Module(id)
        } else if root != dotted && self.find(m, dotted).is_some() {
            Binding::Namespace(root.into())
        } else {
            external(root)
        }
    }

    fn import_from(
        &self,
        m: ModuleId,
        dotted: &str,
        level: u32,
        name: &str,
        depth: u32,
    ) -> Binding {
        let absolute = self.project().absolute(m, level, dotted);
        if absolute.is_empty() {
            return self.find(m, name).map_or(Binding::Unknown, Binding::Module);
        }
        match self.find(m, &absolute) {
            // `from . import sub` in a package's own `__init__`.
            Some(target) if target == m => {
                let path = format!("{absolute}.{name}");
                match self.find(m, &path) {
                    Some(id) => Binding::Module(id),
                    None => Binding::Unknown,
                }
            }
            Some(target) => match self.member_within(target, name, depth) {
                Binding::Unbound => Binding::Unknown,
                found => found,
            },
            None => {
                let path = format!("{absolute}.{name}");
                match self.find(m, &path) {
                    Some(id) => Binding::Module(id),
                    None => external(&path),
                }
            }
        }
    }

    /// The module-level `name` of a module of the tree, seen from outside: its own, a star
    /// import's, or a submodule.
    #[must_use]
    pub fn member(&self, m: ModuleId, name: &str) -> Binding {
        self.member_within(m, name, 0)
    }

    fn member_within(&self, m: ModuleId, name: &str, depth: u32) -> Binding {
        if depth > DEPTH {
            return Binding::Unknown;
        }
        let own = self.of(m).definitions(Scope::Module, name).next().is_some();
        if own {
            return self.bound_within(m, Scope::Module, name, depth);
        }
        let starred = self.starred(m, name, depth + 1);
        if starred != Binding::Unbound {
            return starred;
        }
        let module = self.module(m);
        if module.is_package
            && let Some(id) = self.find(m, &format!("{}.{name}", module.name))
        {
            return Binding::Module(id);
        }
        Binding::Unbound
    }

    /// What the star imports of a module bind `name` to. A name that no module of the tree has may
    /// be any outside module's: see [`Scopes::outside_stars`].
    fn starred(&self, m: ModuleId, name: &str, depth: u32) -> Binding {
        if depth > DEPTH || name.starts_with('_') {
            return Binding::Unbound;
        }
        let module = self.module(m);
        for &(dotted, level) in self.of(m).stars.iter().rev() {
            let absolute = self.project().absolute(m, level, dotted.of(&module.text));
            if let Some(target) = self.find(m, &absolute)
                && target != m
            {
                match self.member_within(target, name, depth + 1) {
                    Binding::Unbound | Binding::Module(_) => {}
                    found => return found,
                }
            }
        }
        Binding::Unbound
    }

    /// The outside modules that `m` imports everything from, last first, those included that a
    /// star-imported module of the tree does so.
    #[must_use]
    pub fn outside_stars(&self, m: ModuleId) -> Vec<String> {
        let mut out = Vec::new();
        let mut seen = vec![m];
        let mut i = 0;
        while let Some(&at) = seen.get(i) {
            i += 1;
            for &(dotted, level) in self.of(at).stars.iter().rev() {
                let absolute = self
                    .project()
                    .absolute(at, level, dotted.of(&self.module(at).text));
                match self.find(at, &absolute) {
                    Some(target) if seen.contains(&target) => {}
                    Some(target) => seen.push(target),
                    None => out.push(absolute),
                }
            }
        }
        out
    }
}

fn external(dotted: &str) -> Binding {
    Binding::External(dotted.into())
}

fn names_in(facts: &super::facts::Facts, text: &str, target: ExprId, name: &str) -> bool {
    let expr = facts.expr(target);
    match expr.kind {
        ExprKind::Name => expr.span.of(text) == name,
        ExprKind::Tuple(run) | ExprKind::List(run) => facts
            .exprs_of(run)
            .iter()
            .any(|&e| names_in(facts, text, e, name)),
        ExprKind::Starred(inner) => names_in(facts, text, inner, name),
        _ => false,
    }
}
