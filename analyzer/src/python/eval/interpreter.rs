//! The state of an evaluation: heap, scopes, modules, the call stack, and its limits.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::value::{
    Args, Attributes, Closure, Kind, Object, ObjectId, Scope, ScopeId, Site, Value,
};
use super::world::World;
use crate::python::facts::{Facts, FunctionId, Span};
use crate::python::project::{Module, ModuleId, Project};

/// Statements and expressions evaluated at most in one run from a root.
const FUEL_PER_ROOT: u32 = 400_000;
/// The same over the whole tree.
const FUEL_IN_ALL: u64 = 40_000_000;
/// Calls inside calls, counted from the module that is being imported.
const MAX_DEPTH: usize = 60;
/// Calls and imports inside each other, in all. Whoever runs an evaluation gives it a stack of
/// [`STACK`] bytes for that.
const MAX_FRAMES: usize = 1_200;
/// Stack that an evaluation may need, in bytes; only what is used is ever touched.
pub const STACK: usize = 1 << 30;
/// Elements of a loop that are run one by one.
pub(super) const MAX_LOOP: usize = 2_000;

/// How far a module is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ModuleState {
    Fresh,
    Running,
    Done,
}

/// A call that is being evaluated.
#[derive(Clone, Debug)]
pub struct Frame<'p> {
    /// The function; absent for a module or class body.
    pub function: Option<(ModuleId, FunctionId)>,
    /// Where it was called from.
    pub site: Option<Site>,
    /// What it returned so far.
    pub(super) returns: Vec<Value<'p>>,
    /// How many unknown conditions surround the statement that runs.
    pub(super) conditions: u32,
    /// How many loops over unknown collections surround it.
    pub(super) unknown_loops: u32,
    /// `self`/`cls` and the class, for `super()`.
    pub(super) method_of: Option<(ObjectId, Value<'p>)>,
}

/// One evaluation of a source tree.
pub struct Interpreter<'p, W> {
    /// The tree.
    pub project: &'p Project,
    /// The meaning of names outside it.
    pub world: W,
    pub(super) heap: Vec<Object<'p>>,
    pub(super) scopes: Vec<Scope<'p>>,
    pub(super) module_scopes: FxHashMap<ModuleId, ScopeId>,
    pub(super) module_states: Vec<ModuleState>,
    pub(super) frames: Vec<Frame<'p>>,
    /// How many frames there were when the running module's import began.
    pub(super) import_base: usize,
    pub(super) journals: Vec<Vec<(ScopeId, &'p str, Option<Value<'p>>)>>,
    /// Functions that were called at least once.
    pub(super) called: FxHashSet<(ModuleId, FunctionId)>,
    /// The scope of each function's last call: what its locals were.
    pub(super) last_scopes: FxHashMap<(ModuleId, FunctionId), ScopeId>,
    /// Attributes of values of which nothing is known, by name.
    pub(super) unknown_attributes: FxHashMap<Rc<str>, Value<'p>>,
    /// Closures by function, the last one made: for running functions that nobody called.
    pub(super) closures: FxHashMap<(ModuleId, FunctionId), Value<'p>>,
    fuel: u32,
    fuel_left: u64,
}

impl<'p, W: World<'p>> Interpreter<'p, W> {
    /// An evaluation that has not begun.
    pub fn new(project: &'p Project, world: W) -> Self {
        Self {
            project,
            world,
            heap: Vec::new(),
            scopes: Vec::new(),
            module_scopes: FxHashMap::default(),
            module_states: vec![ModuleState::Fresh; project.modules.len()],
            frames: Vec::new(),
            import_base: 0,
            journals: Vec::new(),
            called: FxHashSet::default(),
            last_scopes: FxHashMap::default(),
            unknown_attributes: FxHashMap::default(),
            closures: FxHashMap::default(),
            fuel: FUEL_PER_ROOT,
            fuel_left: FUEL_IN_ALL,
        }
    }

    /// Begins a run from a root: fresh fuel, as long as the whole has some.
    pub(super) fn refuel(&mut self) {
        self.fuel_left += u64::from(self.fuel);
        self.fuel = FUEL_PER_ROOT.min(u32::try_from(self.fuel_left).unwrap_or(u32::MAX));
        self.fuel_left -= u64::from(self.fuel);
    }

    /// Whether another call may be nested.
    pub(super) fn may_call(&self) -> bool {
        self.frames.len() < MAX_FRAMES && self.frames.len() - self.import_base <= MAX_DEPTH
    }

    /// Whether another import may be nested.
    pub(super) fn may_import(&self) -> bool {
        self.frames.len() < MAX_FRAMES
    }

    /// Takes a drop of fuel; false when it is used up.
    pub(super) fn burn(&mut self) -> bool {
        if self.fuel == 0 {
            return false;
        }
        self.fuel -= 1;
        true
    }

    // ---- text of the tree

    /// The module at `id`.
    pub fn module(&self, id: ModuleId) -> &'p Module {
        self.project.module(id)
    }

    pub(super) fn facts(&self, id: ModuleId) -> &'p Facts {
        &self.project.module(id).facts
    }

    /// The text of a span.
    pub fn text(&self, module: ModuleId, span: Span) -> &'p str {
        span.of(&self.project.module(module).text)
    }

    // ---- heap

    /// The object at `id`.
    pub fn object(&self, id: ObjectId) -> &Object<'p> {
        &self.heap[id.0 as usize]
    }

    /// The object at `id`, to change it.
    pub fn object_mut(&mut self, id: ObjectId) -> &mut Object<'p> {
        &mut self.heap[id.0 as usize]
    }

    /// Puts an object on the heap.
    pub fn allocate(&mut self, kind: Kind<'p>) -> Value<'p> {
        let id = ObjectId(self.heap.len() as u32);
        self.heap.push(Object {
            kind,
            attributes: Attributes::default(),
            native: None,
            open: false,
        });
        Value::Ref(id)
    }

    /// A list of known elements.
    pub fn list(&mut self, items: Vec<Value<'p>>) -> Value<'p> {
        self.allocate(Kind::List { items, open: false })
    }

    /// A dict of known entries.
    pub fn dict(&mut self, entries: Vec<(Value<'p>, Value<'p>)>, open: bool) -> Value<'p> {
        self.allocate(Kind::Dict { entries, open })
    }

    /// An instance of a class outside the tree.
    pub fn instance(&mut self, class: &str) -> Value<'p> {
        self.allocate(Kind::Instance {
            class: Value::external(class),
        })
    }

    /// A callable that calls `path` with `args` first, as a method of `receiver`.
    pub fn callable(
        &mut self,
        path: &str,
        receiver: Option<&Value<'p>>,
        args: Args<'p>,
        site: Site,
    ) -> Value<'p> {
        let mut function = Value::external(path);
        if let Some(receiver) = receiver {
            function = self.allocate(Kind::Bound {
                function,
                receiver: receiver.clone(),
            });
        }
        self.allocate(Kind::Partial {
            function,
            args: Box::new(args),
            site,
        })
    }

    /// The closure of a function value, looking through bound methods and descriptors.
    pub fn closure(&self, value: &Value<'p>) -> Option<&Closure<'p>> {
        let Value::Ref(id) = value else { return None };
        match &self.object(*id).kind {
            Kind::Function(closure) => Some(closure),
            Kind::Bound { function, .. } | Kind::Descriptor { function, .. } => {
                self.closure(function)
            }
            _ => None,
        }
    }

    /// `__name__` of a function or class.
    pub fn name_of(&self, value: &Value<'p>) -> Option<Rc<str>> {
        match value {
            Value::Ref(id) => match &self.object(*id).kind {
                Kind::Function(closure) => Some(closure.name.clone().unwrap_or_else(|| {
                    let function = self.facts(closure.module).function(closure.function);
                    self.text(closure.module, function.name).into()
                })),
                Kind::Bound { function, .. } | Kind::Descriptor { function, .. } => {
                    self.name_of(function)
                }
                Kind::Class { name, .. } => Some(name.clone()),
                _ => self
                    .object(*id)
                    .attributes
                    .get("__name__")
                    .and_then(|v| match v {
                        Value::Str(s) => Some(s.clone()),
                        _ => None,
                    }),
            },
            Value::External(path) => path.rsplit('.').next().map(Rc::from),
            Value::Module(id) => Some(self.module(*id).name.as_str().into()),
            _ => None,
        }
    }

    /// What a function wraps in the end (`functools.wraps` followed to the bottom).
    pub fn unwrapped(&self, value: &Value<'p>) -> Value<'p> {
        let mut current = value.clone();
        for _ in 0..20 {
            let next = match &current {
                Value::Ref(id) => match &self.object(*id).kind {
                    Kind::Function(closure) => closure.wrapped.clone(),
                    Kind::Bound { function, .. } | Kind::Descriptor { function, .. } => {
                        Some(function.clone())
                    }
                    Kind::Partial { function, .. } => Some(function.clone()),
                    _ => None,
                },
                _ => None,
            };
            match next {
                Some(next) => current = next,
                None => break,
            }
        }
        current
    }

    // ---- scopes

    pub(super) fn new_scope(&mut self, scope: Scope<'p>) -> ScopeId {
        let id = ScopeId(self.scopes.len() as u32);
        self.scopes.push(scope);
        id
    }

    pub(super) fn scope(&self, id: ScopeId) -> &Scope<'p> {
        &self.scopes[id.0 as usize]
    }

    pub(super) fn scope_mut(&mut self, id: ScopeId) -> &mut Scope<'p> {
        &mut self.scopes[id.0 as usize]
    }

    /// Binds a name, remembering the old value for the innermost branch.
    pub(super) fn bind(&mut self, scope: ScopeId, name: &'p str, value: Value<'p>) {
        let declared = self
            .scope(scope)
            .declared()
            .iter()
            .find(|(n, _)| *n == name)
            .map(|d| d.1);
        let target = match declared {
            Some(true) => {
                let module = self.scope_module(scope);
                self.module_scope(module)
            }
            Some(false) => self.enclosing_with(scope, name).unwrap_or(scope),
            None => scope,
        };
        let old = self.scope_mut(target).names.insert(name, value);
        if let Some(journal) = self.journals.last_mut() {
            journal.push((target, name, old));
        }
    }

    fn enclosing_with(&self, scope: ScopeId, name: &str) -> Option<ScopeId> {
        let mut at = self.scope(scope).parent;
        while let Some(id) = at {
            if self.scope(id).names.contains_key(name) {
                return Some(id);
            }
            at = self.scope(id).parent;
        }
        None
    }

    pub(super) fn scope_module(&self, scope: ScopeId) -> ModuleId {
        let mut at = Some(scope);
        while let Some(id) = at {
            if let Some(module) = self.scope(id).module {
                return module;
            }
            at = self.scope(id).parent;
        }
        ModuleId(0)
    }

    /// The scope of a module, made when it is first asked for.
    pub(super) fn module_scope(&mut self, id: ModuleId) -> ScopeId {
        if let Some(&scope) = self.module_scopes.get(&id) {
            return scope;
        }
        let scope = self.new_scope(Scope {
            module: Some(id),
            ..Scope::default()
        });
        self.module_scopes.insert(id, scope);
        scope
    }

    /// The value of a name as seen from `scope`.
    pub(super) fn lookup(&mut self, scope: ScopeId, name: &'p str) -> Value<'p> {
        let mut at = Some(scope);
        let mut first = true;
        while let Some(id) = at {
            let here = self.scope(id);
            if (first || !here.is_class)
                && let Some(value) = here.names.get(name)
            {
                let value = value.clone();
                return self.settle(value);
            }
            first = false;
            at = here.parent;
            if here.parent.is_none()
                && let Some(path) = here.open().last()
                && !super::builtins::is_builtin(name)
            {
                // The last star import from outside the tree may well have it.
                return Value::external(&format!("{path}.{name}"));
            }
        }
        if name == "__name__" {
            let module = self.scope_module(scope);
            return Value::text(&self.module(module).name);
        }
        self.builtin(name)
    }

    /// Resolves a name that was imported before it existed.
    pub(super) fn settle(&mut self, value: Value<'p>) -> Value<'p> {
        let Value::Late(module, name) = value else {
            return value;
        };
        let scope = self.module_scope(module);
        match self.scope(scope).names.get(name) {
            Some(Value::Late(m, n)) if *m == module && *n == name => Value::Unknown,
            Some(v) => {
                let v = v.clone();
                if matches!(v, Value::Late(..)) {
                    self.settle(v)
                } else {
                    v
                }
            }
            None => Value::Unknown,
        }
    }

    // ---- the call stack

    pub(super) fn frame(&mut self) -> &mut Frame<'p> {
        self.frames
            .last_mut()
            .expect("a frame is pushed before anything runs")
    }

    pub(super) fn push_frame(
        &mut self,
        function: Option<(ModuleId, FunctionId)>,
        site: Option<Site>,
    ) {
        let (conditions, unknown_loops) = self
            .frames
            .last()
            .map_or((0, 0), |f| (f.conditions, f.unknown_loops));
        self.frames.push(Frame {
            function,
            site,
            returns: Vec::new(),
            conditions,
            unknown_loops,
            method_of: None,
        });
    }

    /// Whether the statement that runs stands under an unknown condition.
    pub fn is_conditional(&self) -> bool {
        self.frames.last().is_some_and(|f| f.conditions > 0)
    }

    /// Whether it stands in a loop over something unknown.
    pub fn in_unknown_loop(&self) -> bool {
        self.frames.last().is_some_and(|f| f.unknown_loops > 0)
    }

    /// Runs `body` on its own: under no condition, with fresh fuel.
    pub fn apart<T>(&mut self, body: impl FnOnce(&mut Self) -> T) -> T {
        let frames = std::mem::take(&mut self.frames);
        let base = std::mem::take(&mut self.import_base);
        self.refuel();
        self.push_frame(None, None);
        let result = body(self);
        self.frames = frames;
        self.import_base = base;
        result
    }

    /// Runs `body` as if under an unknown condition.
    pub fn conditionally<T>(&mut self, body: impl FnOnce(&mut Self) -> T) -> T {
        if self.frames.is_empty() {
            self.push_frame(None, None);
        }
        let depth = self.frames.len();
        self.frame().conditions += 1;
        let result = body(self);
        debug_assert_eq!(depth, self.frames.len(), "frames are balanced");
        self.frame().conditions -= 1;
        result
    }

    /// The call sites that lead to where evaluation is, innermost first.
    pub fn call_sites(&self) -> Vec<Site> {
        self.frames.iter().rev().filter_map(|f| f.site).collect()
    }

    /// Whether a function was called at least once.
    pub fn was_called(&self, module: ModuleId, function: FunctionId) -> bool {
        self.called.contains(&(module, function))
    }

    /// The last closure made of a function.
    pub fn closure_value(&self, module: ModuleId, function: FunctionId) -> Option<Value<'p>> {
        self.closures.get(&(module, function)).cloned()
    }

    /// The value of a module's name, after everything has run.
    pub fn module_value(&self, module: ModuleId, name: &str) -> Option<Value<'p>> {
        let scope = self.module_scopes.get(&module)?;
        let value = self.scope(*scope).names.get(name);
        match value {
            Some(Value::Late(m, n)) => self.module_value(*m, n),
            Some(value) => Some(value.clone()),
            None => {
                let path = self.scope(*scope).open().last()?;
                Some(Value::external(&format!("{path}.{name}")))
            }
        }
    }

    /// The value of a local name in a function's last call.
    pub fn last_value(
        &self,
        module: ModuleId,
        function: FunctionId,
        name: &str,
    ) -> Option<Value<'p>> {
        let scope = self.last_scopes.get(&(module, function))?;
        self.scope(*scope).names.get(name).cloned()
    }
}
