//! The reader of meanings: expressions, names and what they are bound to.

use std::rc::Rc;

use model::function::Forwarding;
use rustc_hash::FxHashMap;

use crate::flask::vocabulary;
use crate::python::facts::{ClassId, ExprId, ExprKind, FunctionId};
use crate::python::names::{Binder, Binding};
use crate::python::project::ModuleId;
use crate::python::scopes::Scopes;
use crate::python::tree::Scope;

use super::kinds::instance_kind;
use super::{Kind, Mapping, Meaning, ParameterKinds, external, join};

/// Members of a class by name: `None` while one is being found, `Some(None)` when no class of the
/// tree has it.
type Members = FxHashMap<Box<str>, Option<Option<Meaning>>>;

pub(super) const DEPTH: u32 = 40;

/// Reads meanings; remembers what it has seen.
pub struct Reader<'s, 'p> {
    /// The project's scopes.
    pub scopes: &'s Scopes<'p>,
    parameters: &'s ParameterKinds,
    /// `None` while it is being found.
    names: FxHashMap<(ModuleId, Scope, &'p str), Option<Meaning>>,
    unbound: FxHashMap<(ModuleId, &'p str), Meaning>,
    /// Chains: attributes and calls.
    chains: FxHashMap<(ModuleId, ExprId), Meaning>,
    pub(super) members: FxHashMap<(ModuleId, ClassId, bool), Members>,
    pub(super) returns: FxHashMap<(ModuleId, FunctionId), Option<Meaning>>,
    pub(super) bases: FxHashMap<(ModuleId, ClassId), Option<Rc<str>>>,
    /// What decorators of the tree hand on, used with arguments or without.
    pub(in crate::flask) forwarding: FxHashMap<(ModuleId, FunctionId, bool), Forwarding>,
    pub(super) depth: u32,
    /// How often something was asked for that was not known yet because it needs itself. What was
    /// found on such a way holds only for who asked, so it is not remembered.
    pub(super) circles: u32,
}

impl<'s, 'p> Reader<'s, 'p> {
    /// A reader that knows `parameters`.
    #[must_use]
    pub fn new(scopes: &'s Scopes<'p>, parameters: &'s ParameterKinds) -> Self {
        Self {
            scopes,
            parameters,
            names: FxHashMap::default(),
            unbound: FxHashMap::default(),
            chains: FxHashMap::default(),
            members: FxHashMap::default(),
            returns: FxHashMap::default(),
            bases: FxHashMap::default(),
            forwarding: FxHashMap::default(),
            depth: 0,
            circles: 0,
        }
    }

    /// What the expression `e` of `m` stands for.
    pub fn meaning(&mut self, m: ModuleId, e: ExprId) -> Meaning {
        let is_chain = matches!(
            self.scopes.module(m).facts.expr(e).kind,
            ExprKind::Attribute { .. } | ExprKind::Call { .. }
        );
        if is_chain && let Some(known) = self.chains.get(&(m, e)) {
            return known.clone();
        }
        if self.depth > DEPTH {
            self.circles += 1;
            return Meaning::Unknown;
        }
        let circles = self.circles;
        self.depth += 1;
        let found = self.meaning_of(m, e);
        self.depth -= 1;
        if is_chain && self.circles == circles {
            self.chains.insert((m, e), found.clone());
        }
        found
    }

    fn meaning_of(&mut self, m: ModuleId, e: ExprId) -> Meaning {
        let module = self.scopes.module(m);
        match module.facts.expr(e).kind {
            ExprKind::Name => self.name(m, e),
            ExprKind::Attribute { value, name } => {
                let base = self.meaning(m, value);
                self.attribute(&base, name.of(&module.text))
            }
            ExprKind::Call { callee, args } => self.call(m, callee, args),
            ExprKind::Await(inner) | ExprKind::Named { value: inner, .. } => self.meaning(m, inner),
            ExprKind::Conditional { body, orelse, .. } => {
                let body = self.meaning(m, body);
                join(body, || self.meaning(m, orelse))
            }
            ExprKind::Bool { left, right, .. } => {
                let left = self.meaning(m, left);
                join(left, || self.meaning(m, right))
            }
            ExprKind::Subscript { value, .. } => match self.meaning(m, value) {
                Meaning::Value(Kind::Mapping(Mapping::Files) | Kind::Uploads) => {
                    Meaning::Value(Kind::Upload)
                }
                _ => Meaning::Unknown,
            },
            _ => Meaning::Unknown,
        }
    }

    /// What the name expression `e` stands for.
    pub fn name(&mut self, m: ModuleId, e: ExprId) -> Meaning {
        let module = self.scopes.module(m);
        let name = module.facts.expr(e).span.of(&module.text);
        match self.scopes.binder_at(m, e, name) {
            Binder::Scope(scope) => self.bound(m, scope, name),
            Binder::None => {
                if let Some(known) = self.unbound.get(&(m, name)) {
                    return known.clone();
                }
                let binding = self.scopes.name(m, e);
                let found = self.binding(m, name, binding);
                self.unbound.insert((m, name), found.clone());
                found
            }
            Binder::Comprehension(Some(iter)) => self.element(m, iter),
            Binder::Comprehension(None) => Meaning::Unknown,
        }
    }

    /// What `scope` binds `name` to.
    pub fn bound(&mut self, m: ModuleId, scope: Scope, name: &'p str) -> Meaning {
        if let Some(known) = self.names.get(&(m, scope, name)) {
            return self.known(known.clone());
        }
        self.names.insert((m, scope, name), None);
        let binding = self.scopes.bound(m, scope, name);
        let found = self.binding(m, name, binding);
        self.names.insert((m, scope, name), Some(found.clone()));
        found
    }

    /// What needs itself to be known is not known.
    pub(super) fn known(&mut self, known: Option<Meaning>) -> Meaning {
        known.unwrap_or_else(|| {
            self.circles += 1;
            Meaning::Unknown
        })
    }

    pub(super) fn binding(&mut self, m: ModuleId, name: &str, binding: Binding) -> Meaning {
        match binding {
            Binding::External(dotted) => external(dotted),
            Binding::Namespace(dotted) => Meaning::Namespace(dotted),
            Binding::Module(id) => Meaning::Module(id),
            Binding::Function(at, f) => Meaning::Function(at, f),
            Binding::Class(at, c) => Meaning::Class(at, c),
            Binding::Value(at, values) => {
                let mut found = Meaning::Unknown;
                for &value in values.iter() {
                    let next = self.meaning(at, value);
                    if matches!(next, Meaning::Value(_)) {
                        return next;
                    }
                    if found == Meaning::Unknown {
                        found = next;
                    }
                }
                // Of several values only one of the framework's own is worth following.
                if values.len() == 1 {
                    found
                } else {
                    Meaning::Unknown
                }
            }
            Binding::Element(at, iter) => self.element(at, iter),
            Binding::Parameter(at, f, n) => self.parameter(at, f, n),
            // What is known of one of its values is worth following.
            Binding::Reassigned(at, f, n, values) => {
                let assigned = self.binding(m, name, Binding::Value(at, values));
                if matches!(assigned, Meaning::Value(_)) {
                    return assigned;
                }
                match self.parameter(at, f, n) {
                    Meaning::Value(kind) => Meaning::Value(kind),
                    _ => assigned,
                }
            }
            Binding::Entered(..) | Binding::Unknown => Meaning::Unknown,
            Binding::Unbound => {
                if vocabulary::is_exported(name) {
                    for star in self.scopes.outside_stars(m) {
                        if vocabulary::is_framework(&star) {
                            return external(format!("{star}.{name}").into());
                        }
                    }
                }
                Meaning::Builtin
            }
        }
    }

    fn element(&mut self, m: ModuleId, iter: ExprId) -> Meaning {
        let module = self.scopes.module(m);
        let facts = &module.facts;
        match facts.expr(iter).kind {
            ExprKind::Tuple(run) | ExprKind::List(run) => {
                let first = facts.exprs_of(run).first().copied();
                match first.map(|e| self.meaning(m, e)) {
                    Some(Meaning::Value(kind)) => Meaning::Value(kind),
                    _ => Meaning::Unknown,
                }
            }
            ExprKind::Name
            | ExprKind::Call { .. }
            | ExprKind::Attribute { .. }
            | ExprKind::Bool { .. }
            | ExprKind::Conditional { .. } => match self.meaning(m, iter) {
                Meaning::Value(Kind::Uploads) => Meaning::Value(Kind::Upload),
                _ => Meaning::Unknown,
            },
            _ => Meaning::Unknown,
        }
    }

    fn parameter(&mut self, m: ModuleId, f: FunctionId, n: u32) -> Meaning {
        if let Some(&kind) = self.parameters.get(&(m, f, n)) {
            return Meaning::Value(kind);
        }
        let facts = &self.scopes.module(m).facts;
        let function = facts.function(f);
        let param = facts.params_of(function.params)[n as usize];
        if n == 0
            && let Some(class) = function.class
        {
            let text = &self.scopes.module(m).text;
            let decorated = |name: &str| {
                facts
                    .exprs_of(function.decorators)
                    .iter()
                    .any(|&d| facts.expr(d).span.of(text) == name)
            };
            if decorated("classmethod") {
                return Meaning::Class(m, class);
            }
            if !decorated("staticmethod") {
                return Meaning::Instance(m, class);
            }
        }
        if let Some(annotation) = param.annotation
            && let Meaning::Framework(name) = self.meaning(m, annotation)
            && let Some(kind) = instance_kind(&name)
        {
            return Meaning::Value(kind);
        }
        Meaning::Parameter(m, f, n)
    }
}
