//! What an expression of the app stands for, as far as the framework is concerned.
//!
//! Value flow by single steps: names to what they are bound to, attributes and calls of what is
//! known, returns of the tree's own functions. Each name of a scope is looked at once a reader.

use std::rc::Rc;

use model::function::Forwarding;
use rustc_hash::FxHashMap;

use crate::python::facts::{ArgKind, ClassId, ExprId, ExprKind, FunctionId, Run, StmtKind};
use crate::python::names::{Binder, Binding};
use crate::python::project::ModuleId;
use crate::python::scopes::Scopes;
use crate::python::tree::Scope;

use super::vocabulary::{self, Canonical};

/// Values of the framework that flow through the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// The application object.
    App,
    /// The ambient application.
    CurrentApp,
    /// A blueprint.
    Blueprint,
    /// A group of commands: `app.cli`, `AppGroup(…)`.
    Commands,
    /// The current request.
    Request,
    /// The session.
    Session,
    /// The per-request namespace.
    Globals,
    /// A mapping of the request, or the configuration.
    Mapping(Mapping),
    /// An uploaded file.
    Upload,
    /// Several uploaded files.
    Uploads,
    /// A response object.
    Response,
}

/// Mappings that have an op of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mapping {
    /// `request.args`
    Query,
    /// `request.form`
    Form,
    /// `request.files`
    Files,
    /// `request.values`
    Values,
    /// `request.headers`
    Headers,
    /// `request.cookies`
    Cookies,
    /// `app.config`
    Config,
}

impl Mapping {
    /// The mapping that an attribute of the request is.
    #[must_use]
    pub fn of_request(name: &str) -> Option<Self> {
        Some(match name {
            "args" => Self::Query,
            "form" => Self::Form,
            "files" => Self::Files,
            "values" => Self::Values,
            "headers" => Self::Headers,
            "cookies" => Self::Cookies,
            _ => return None,
        })
    }
}

/// What an expression stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// A value of the framework.
    Value(Kind),
    /// A function or type of the framework, by canonical name.
    Framework(Rc<str>),
    /// A module of the framework, by dotted name.
    FrameworkModule(Rc<str>),
    /// Anything else outside the tree, by dotted name.
    External(Rc<str>),
    /// A folder of the tree, by dotted name.
    Namespace(Rc<str>),
    /// A module of the tree.
    Module(ModuleId),
    /// A function of the tree.
    Function(ModuleId, FunctionId),
    /// A class of the tree.
    Class(ModuleId, ClassId),
    /// An object of a class of the tree.
    Instance(ModuleId, ClassId),
    /// A parameter of which nothing is known.
    Parameter(ModuleId, FunctionId, u32),
    /// A builtin.
    Builtin,
    /// Anything.
    Unknown,
}

/// What call sites and uses tell of parameters.
pub type ParameterKinds = FxHashMap<(ModuleId, FunctionId, u32), Kind>;

/// Members of a class by name: `None` while one is being found, `Some(None)` when no class of the
/// tree has it.
type Members = FxHashMap<Box<str>, Option<Option<Meaning>>>;

const DEPTH: u32 = 40;

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
    members: FxHashMap<(ModuleId, ClassId, bool), Members>,
    returns: FxHashMap<(ModuleId, FunctionId), Option<Meaning>>,
    bases: FxHashMap<(ModuleId, ClassId), Option<Rc<str>>>,
    /// What decorators of the tree hand on, used with arguments or without.
    pub(super) forwarding: FxHashMap<(ModuleId, FunctionId, bool), Forwarding>,
    depth: u32,
    /// How often something was asked for that was not known yet because it needs itself. What was
    /// found on such a way holds only for who asked, so it is not remembered.
    circles: u32,
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
    fn known(&mut self, known: Option<Meaning>) -> Meaning {
        known.unwrap_or_else(|| {
            self.circles += 1;
            Meaning::Unknown
        })
    }

    fn binding(&mut self, m: ModuleId, name: &str, binding: Binding) -> Meaning {
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

    /// What `base.name` stands for.
    pub fn attribute(&mut self, base: &Meaning, name: &str) -> Meaning {
        match base {
            Meaning::Value(kind) => value_attribute(*kind, name),
            Meaning::FrameworkModule(dotted) => external(format!("{dotted}.{name}").into()),
            Meaning::Namespace(dotted) => {
                let path = format!("{dotted}.{name}");
                // Any module of the tree sees a namespace alike.
                match self.scopes.find(ModuleId(0), &path) {
                    Some(id) => Meaning::Module(id),
                    None => Meaning::Namespace(path.into()),
                }
            }
            Meaning::Module(id) => self.member(*id, name),
            Meaning::Class(m, c) => self
                .class_member(*m, *c, name, false, 0)
                .unwrap_or(Meaning::Unknown),
            Meaning::Instance(m, c) => {
                if let Some(found) = self.class_member(*m, *c, name, true, 0) {
                    return self.read(found);
                }
                match self.instance_kind(*m, *c) {
                    Some(kind) => value_attribute(kind, name),
                    None => Meaning::Unknown,
                }
            }
            Meaning::Framework(_)
            | Meaning::External(_)
            | Meaning::Function(..)
            | Meaning::Parameter(..)
            | Meaning::Builtin
            | Meaning::Unknown => Meaning::Unknown,
        }
    }

    /// What the module-level `name` of a module stands for.
    pub fn member(&mut self, m: ModuleId, name: &str) -> Meaning {
        match self.scopes.member(m, name) {
            Binding::Unbound => match self.binding(m, name, Binding::Unbound) {
                Meaning::Builtin => Meaning::Unknown,
                found => found,
            },
            binding => self.binding(m, name, binding),
        }
    }

    /// An attribute of a class, or of its objects; `None` when no class of the tree has it.
    pub fn class_member(
        &mut self,
        m: ModuleId,
        c: ClassId,
        name: &str,
        instance: bool,
        depth: u32,
    ) -> Option<Meaning> {
        if depth > 16 {
            return None;
        }
        let key = (m, c, instance);
        if let Some(known) = self.members.get(&key).and_then(|names| names.get(name)) {
            return match known.clone() {
                Some(found) => found,
                None => Some(self.known(None)),
            };
        }
        let names = self.members.entry(key).or_default();
        names.insert(name.into(), None);
        let found = self.member_of_class(m, c, name, instance, depth);
        if let Some(known) = self.members.get_mut(&key).and_then(|n| n.get_mut(name)) {
            *known = Some(found.clone());
        }
        found
    }

    /// What reading a member of an object gives: of a property what its function returns.
    pub fn read(&mut self, member: Meaning) -> Meaning {
        match member {
            Meaning::Function(m, f) if self.is_property(m, f) => self.returned(m, f),
            member => member,
        }
    }

    /// Whether a method is read like an attribute.
    #[must_use]
    pub fn is_property(&self, m: ModuleId, f: FunctionId) -> bool {
        let module = self.scopes.module(m);
        let function = module.facts.function(f);
        function.class.is_some()
            && module.facts.exprs_of(function.decorators).iter().any(|&d| {
                let decorator = module.facts.expr(d).span.of(&module.text);
                matches!(
                    decorator.rsplit('.').next(),
                    Some("property" | "cached_property")
                )
            })
    }

    fn member_of_class(
        &mut self,
        m: ModuleId,
        c: ClassId,
        name: &str,
        instance: bool,
        depth: u32,
    ) -> Option<Meaning> {
        let scopes = self.scopes;
        if scopes
            .of(m)
            .definitions(Scope::Class(c), name)
            .next()
            .is_some()
        {
            self.depth += 1;
            let found = if self.depth > DEPTH {
                self.circles += 1;
                Meaning::Unknown
            } else {
                let binding = scopes.bound(m, Scope::Class(c), name);
                self.binding(m, name, binding)
            };
            self.depth -= 1;
            return Some(found);
        }
        if instance && scopes.of(m).attributes(c, name).next().is_some() {
            self.depth += 1;
            let found = if self.depth > DEPTH {
                self.circles += 1;
                Meaning::Unknown
            } else {
                let binding = scopes.attribute(m, c, name);
                self.binding(m, name, binding)
            };
            self.depth -= 1;
            return Some(found);
        }
        let facts = &scopes.module(m).facts;
        for arg in facts.args_of(facts.class(c).bases) {
            if let Meaning::Class(bm, bc) = self.meaning(m, arg.value)
                && (bm, bc) != (m, c)
                && let Some(found) = self.class_member(bm, bc, name, instance, depth + 1)
            {
                return Some(found);
            }
        }
        None
    }

    /// The canonical name of the framework's class that a class of the tree derives from.
    pub fn framework_base(&mut self, m: ModuleId, c: ClassId) -> Option<Rc<str>> {
        if let Some(known) = self.bases.get(&(m, c)) {
            return known.clone();
        }
        self.bases.insert((m, c), None);
        let facts = &self.scopes.module(m).facts;
        let mut found = None;
        for arg in facts.args_of(facts.class(c).bases) {
            found = match self.meaning(m, arg.value) {
                Meaning::Framework(name) => Some(name),
                Meaning::Class(bm, bc) => self.framework_base(bm, bc),
                _ => None,
            };
            if found.is_some() {
                break;
            }
        }
        self.bases.insert((m, c), found.clone());
        found
    }

    /// The value of the framework that an object of a class of the tree is.
    pub fn instance_kind(&mut self, m: ModuleId, c: ClassId) -> Option<Kind> {
        self.framework_base(m, c)
            .and_then(|name| instance_kind(&name))
    }

    fn call(&mut self, m: ModuleId, callee: ExprId, args: Run) -> Meaning {
        let module = self.scopes.module(m);
        let called = match module.facts.expr(callee).kind {
            ExprKind::Attribute { value, name } => {
                let name = name.of(&module.text);
                match (self.meaning(m, value), name) {
                    (Meaning::Value(kind), "_get_current_object") => return Meaning::Value(kind),
                    (Meaning::Value(Kind::Mapping(Mapping::Files)), "get" | "pop") => {
                        return Meaning::Value(Kind::Upload);
                    }
                    (Meaning::Value(Kind::Mapping(Mapping::Files)), "getlist" | "values") => {
                        return Meaning::Value(Kind::Uploads);
                    }
                    // Once: a chain of calls would be followed twice at each of its links.
                    (base, _) => self.attribute(&base, name),
                }
            }
            _ => self.meaning(m, callee),
        };
        match called {
            Meaning::Framework(name) => {
                instance_kind(&name).map_or(Meaning::Unknown, Meaning::Value)
            }
            Meaning::Function(at, f) => match self.returned(at, f) {
                // `app = configure(Flask(__name__))`
                Meaning::Parameter(pm, pf, n) if (pm, pf) == (at, f) => {
                    match module.facts.args_of(args).get(n as usize) {
                        Some(arg) if arg.kind == ArgKind::Positional => self.meaning(m, arg.value),
                        _ => Meaning::Unknown,
                    }
                }
                found => found,
            },
            Meaning::Class(at, c) => self
                .instance_kind(at, c)
                .map_or(Meaning::Instance(at, c), Meaning::Value),
            _ => Meaning::Unknown,
        }
    }

    /// What a function of the tree returns.
    pub fn returned(&mut self, m: ModuleId, f: FunctionId) -> Meaning {
        if let Some(known) = self.returns.get(&(m, f)) {
            return self.known(known.clone());
        }
        self.returns.insert((m, f), None);
        let scopes = self.scopes;
        let facts = &scopes.module(m).facts;
        let mut found = Meaning::Unknown;
        if !facts.function(f).is_generator {
            for stmt in scopes.of(m).tree.returns(f) {
                let StmtKind::Return(Some(value)) = facts.stmt(stmt).kind else {
                    continue;
                };
                let next = self.meaning(m, value);
                if matches!(next, Meaning::Value(_)) {
                    found = next;
                    break;
                }
                if matches!(
                    next,
                    Meaning::Instance(..) | Meaning::Function(..) | Meaning::Parameter(..)
                ) {
                    found = next;
                }
            }
        }
        self.returns.insert((m, f), Some(found.clone()));
        found
    }

    /// The dotted name of an outside function or type, as far as it resolves.
    pub fn dotted(&mut self, m: ModuleId, e: ExprId) -> Option<String> {
        let module = self.scopes.module(m);
        match module.facts.expr(e).kind {
            ExprKind::Name => match self.scopes.name(m, e) {
                Binding::External(dotted) => Some(dotted.to_string()),
                Binding::Unbound => Some(module.facts.expr(e).span.of(&module.text).to_owned()),
                // `limiter = Limiter(app)`: its methods are that type's.
                Binding::Value(at, values) | Binding::Reassigned(at, _, _, values) => {
                    match (&*values, self.depth) {
                        (&[value], 0..=4) => match self.scopes.module(at).facts.expr(value).kind {
                            ExprKind::Call { callee, .. } => {
                                self.depth += 1;
                                let found = self.dotted(at, callee);
                                self.depth -= 1;
                                found.filter(|name| name.contains('.'))
                            }
                            _ => None,
                        },
                        _ => None,
                    }
                }
                _ => None,
            },
            ExprKind::Attribute { value, name } => {
                if let Meaning::Module(at) = self.meaning(m, value) {
                    return match self.scopes.member(at, name.of(&module.text)) {
                        Binding::External(dotted) => Some(dotted.to_string()),
                        _ => None,
                    };
                }
                let base = self.dotted(m, value)?;
                Some(format!("{base}.{}", name.of(&module.text)))
            }
            ExprKind::Call { callee, .. } => self.dotted(m, callee),
            _ => None,
        }
    }
}

fn join(first: Meaning, second: impl FnOnce() -> Meaning) -> Meaning {
    if matches!(first, Meaning::Value(_)) {
        return first;
    }
    let second = second();
    if matches!(second, Meaning::Value(_)) || first == second {
        second
    } else {
        Meaning::Unknown
    }
}

/// What an outside dotted name stands for.
#[must_use]
pub fn external(dotted: Rc<str>) -> Meaning {
    match vocabulary::canonical(&dotted) {
        Canonical::Module => Meaning::FrameworkModule(dotted),
        Canonical::Foreign => match vocabulary::derived(&dotted) {
            Some(name) => Meaning::Framework(name.into()),
            None => Meaning::External(dotted),
        },
        Canonical::Name(name) => match name.as_str() {
            "request" => Meaning::Value(Kind::Request),
            "session" => Meaning::Value(Kind::Session),
            "g" => Meaning::Value(Kind::Globals),
            "current_app" => Meaning::Value(Kind::CurrentApp),
            _ => Meaning::Framework(name.into()),
        },
    }
}

/// What calling a function or type of the framework gives.
fn instance_kind(canonical: &str) -> Option<Kind> {
    Some(match canonical {
        "Flask" | "Quart" => Kind::App,
        "Blueprint" => Kind::Blueprint,
        "Request" => Kind::Request,
        "cli.AppGroup" => Kind::Commands,
        _ if vocabulary::makes_response(canonical) => Kind::Response,
        _ => return None,
    })
}

fn value_attribute(kind: Kind, name: &str) -> Meaning {
    match (kind, name) {
        (Kind::App | Kind::CurrentApp, "config") => Meaning::Value(Kind::Mapping(Mapping::Config)),
        (Kind::App | Kind::CurrentApp, "response_class") => Meaning::Framework("Response".into()),
        (Kind::App | Kind::CurrentApp, "make_response" | "redirect") => {
            Meaning::Framework(name.into())
        }
        (Kind::App | Kind::CurrentApp | Kind::Blueprint, "send_static_file") => {
            Meaning::Framework("send_from_directory".into())
        }
        (Kind::App | Kind::CurrentApp | Kind::Blueprint, "cli") => Meaning::Value(Kind::Commands),
        (Kind::Request, _) => match Mapping::of_request(name) {
            Some(mapping) => Meaning::Value(Kind::Mapping(mapping)),
            None => Meaning::Unknown,
        },
        _ => Meaning::Unknown,
    }
}
