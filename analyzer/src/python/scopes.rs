//! Who binds a name: one sorted table a module, built from facts when it is first asked for.
//!
//! This says what a scope *binds*, nothing about other modules; `names.rs` follows imports.

use std::sync::OnceLock;

use super::facts::{
    ClassId, ExprId, ExprKind, Facts, FunctionId, Param, ParamKind, Run, Span, StmtKind,
};
use super::project::{Module, ModuleId, Project};
use super::tree::{Scope, Tree};

/// One binding of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Definition {
    /// `import a.b` binds the first part of the dotted name, `import a.b as c` all of it.
    Import {
        /// The dotted name.
        name: Span,
        /// Bound to the whole of it.
        whole: bool,
    },
    /// `from module import name`.
    From {
        /// The dotted name after the dots.
        module: Span,
        /// Leading dots.
        level: u32,
        /// What is imported.
        name: Span,
    },
    /// `def`.
    Function(FunctionId),
    /// `class`.
    Class(ClassId),
    /// `name = value`, walrus included.
    Value(ExprId),
    /// `for name in iter`.
    Element(ExprId),
    /// `with context as name`.
    Entered(ExprId),
    /// A parameter, counted from 0 in its function's list (signs included).
    Parameter(u32),
    /// Bound in a way that says nothing of its value (unpacked, augmented, an exception, …).
    Other,
}

/// Which table a name is looked up in. Attributes of instances have one too: `self.x = …`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Key {
    Module,
    Class(ClassId),
    Function(FunctionId),
    Instance(ClassId),
    /// Names that a function declares `global` or `nonlocal`.
    Declared(FunctionId),
}

/// What one module binds.
#[derive(Debug)]
pub struct ModuleScopes<'p> {
    /// The way up.
    pub tree: Tree,
    /// `from module import *` of the module itself: dotted name and dots.
    pub stars: Vec<(Span, u32)>,
    names: Vec<(Key, &'p str, Definition)>,
    /// Where the module's own table ends in `names`, and where each function's starts.
    module_end: usize,
    functions: Vec<u32>,
    /// Some function declares a name `global` or `nonlocal`.
    declares: bool,
}

/// The scopes of a project, by module, each built once.
#[derive(Debug)]
pub struct Scopes<'p> {
    project: &'p Project,
    modules: Vec<OnceLock<ModuleScopes<'p>>>,
}

impl<'p> Scopes<'p> {
    /// Scopes of `project`.
    #[must_use]
    pub fn new(project: &'p Project) -> Self {
        let modules = std::iter::repeat_with(OnceLock::new)
            .take(project.modules.len())
            .collect();
        Self { project, modules }
    }

    /// The project.
    #[must_use]
    pub const fn project(&self) -> &'p Project {
        self.project
    }

    /// What a module binds.
    pub fn of(&self, id: ModuleId) -> &ModuleScopes<'p> {
        self.modules[id.0 as usize].get_or_init(|| ModuleScopes::new(self.project.module(id)))
    }

    /// A module.
    #[must_use]
    pub fn module(&self, id: ModuleId) -> &'p Module {
        self.project.module(id)
    }

    /// The module that a dotted name imports, seen from `from`.
    #[must_use]
    pub fn find(&self, from: ModuleId, dotted: &str) -> Option<ModuleId> {
        self.project.find(from, dotted)
    }
}

impl<'p> ModuleScopes<'p> {
    fn new(module: &'p Module) -> Self {
        let facts = &module.facts;
        let tree = Tree::new(facts);
        let mut builder = Builder {
            facts,
            text: &module.text,
            names: Vec::new(),
            stars: Vec::new(),
        };
        builder.body(facts.body, Key::Module);
        for (i, function) in facts.functions.iter().enumerate() {
            let key = Key::Function(FunctionId(i as u32));
            for (n, param) in facts.params_of(function.params).iter().enumerate() {
                if is_named(param) {
                    builder.bind(key, param.name, Definition::Parameter(n as u32));
                }
            }
            builder.body(function.body, key);
        }
        for (i, class) in facts.classes.iter().enumerate() {
            builder.body(class.body, Key::Class(ClassId(i as u32)));
        }
        for (i, expr) in facts.exprs.iter().enumerate() {
            if let ExprKind::Named { target, value } = expr.kind
                && let Some((_, scope)) = tree.place(ExprId(i as u32))
            {
                builder.target(key_of(scope), target, Definition::Value(value));
            }
        }
        let Builder {
            mut names, stars, ..
        } = builder;
        globalize(&mut names);
        // Stable: definitions of one name stay in source order.
        names.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
        let mut at = 0;
        let functions = (0..=facts.functions.len() as u32)
            .map(|i| {
                let key = Key::Function(FunctionId(i));
                at += names[at..].iter().take_while(|n| n.0 < key).count();
                at as u32
            })
            .collect();
        let module_end = names.partition_point(|n| n.0 <= Key::Module);
        let declares = names
            .last()
            .is_some_and(|n| matches!(n.0, Key::Declared(_)));
        Self {
            tree,
            stars,
            names,
            module_end,
            functions,
            declares,
        }
    }

    fn table(&self, key: Key, name: &str) -> &[(Key, &'p str, Definition)] {
        let table = match key {
            Key::Module => &self.names[..self.module_end],
            Key::Function(f) => {
                let f = f.0 as usize;
                &self.names[self.functions[f] as usize..self.functions[f + 1] as usize]
            }
            Key::Declared(_) if !self.declares => &[],
            Key::Class(_) | Key::Instance(_) | Key::Declared(_) => {
                let from = self.names.partition_point(|n| n.0 < key);
                let len = self.names[from..].partition_point(|n| n.0 == key);
                &self.names[from..from + len]
            }
        };
        let from = table.partition_point(|n| n.1 < name);
        let len = table[from..].iter().take_while(|n| n.1 == name).count();
        &table[from..from + len]
    }

    /// How `scope` itself binds `name`, in source order.
    pub fn definitions(
        &self,
        scope: Scope,
        name: &str,
    ) -> impl Iterator<Item = Definition> + use<'_> {
        self.table(key_of(scope), name).iter().map(|n| n.2)
    }

    /// What methods of `class` assign to `self.name`.
    pub fn attributes(
        &self,
        class: ClassId,
        name: &str,
    ) -> impl Iterator<Item = Definition> + use<'_> {
        self.table(Key::Instance(class), name).iter().map(|n| n.2)
    }

    /// The names that the module itself binds, sorted.
    pub fn globals(&self) -> impl Iterator<Item = &'p str> + use<'_, 'p> {
        let mut last = None;
        self.names
            .iter()
            .take_while(|n| n.0 == Key::Module)
            .map(|n| n.1)
            .filter(move |n| last.replace(*n) != Some(*n))
    }

    /// The names that a function binds, sorted, with repetitions.
    pub fn locals(&self, f: FunctionId) -> impl Iterator<Item = &'p str> + use<'_, 'p> {
        let key = Key::Function(f);
        let from = self.names.partition_point(|n| n.0 < key);
        self.names[from..]
            .iter()
            .take_while(move |n| n.0 == key)
            .map(|n| n.1)
    }

    /// The scope that binds `name` for code of `scope`; `None` when no scope of the module does.
    #[must_use]
    pub fn binder(&self, facts: &Facts, scope: Scope, name: &str) -> Option<Scope> {
        let mut at = match scope {
            Scope::Module => None,
            Scope::Class(c) => {
                if !self.table(Key::Class(c), name).is_empty() {
                    return Some(scope);
                }
                facts.class(c).parent_function
            }
            Scope::Function(f) => Some(f),
        };
        while let Some(f) = at {
            if self.table(Key::Declared(f), name).is_empty()
                && !self.table(Key::Function(f), name).is_empty()
            {
                return Some(Scope::Function(f));
            }
            at = facts.function(f).parent_function;
        }
        (!self.table(Key::Module, name).is_empty()).then_some(Scope::Module)
    }
}

/// Bindings under `global name` are the module's own.
fn globalize(names: &mut [(Key, &str, Definition)]) {
    let mut declared: Vec<(Key, &str)> = names
        .iter()
        .filter_map(|n| match n.0 {
            Key::Declared(f) => Some((Key::Function(f), n.1)),
            _ => None,
        })
        .collect();
    if declared.is_empty() {
        return;
    }
    declared.sort_unstable();
    for name in names {
        if declared.binary_search(&(name.0, name.1)).is_ok() {
            name.0 = Key::Module;
        }
    }
}

/// Whether a parameter has a name (a lone `*` or `/` has none).
#[must_use]
pub const fn is_named(param: &Param) -> bool {
    matches!(
        param.kind,
        ParamKind::Plain | ParamKind::Star | ParamKind::DoubleStar
    )
}

const fn key_of(scope: Scope) -> Key {
    match scope {
        Scope::Module => Key::Module,
        Scope::Class(c) => Key::Class(c),
        Scope::Function(f) => Key::Function(f),
    }
}

struct Builder<'p> {
    facts: &'p Facts,
    text: &'p str,
    names: Vec<(Key, &'p str, Definition)>,
    stars: Vec<(Span, u32)>,
}

impl<'p> Builder<'p> {
    fn bind(&mut self, key: Key, name: Span, definition: Definition) {
        self.names.push((key, name.of(self.text), definition));
    }

    fn target(&mut self, key: Key, target: ExprId, definition: Definition) {
        let expr = self.facts.expr(target);
        match expr.kind {
            ExprKind::Name => self.bind(key, expr.span, definition),
            ExprKind::Tuple(run) | ExprKind::List(run) => {
                for &part in self.facts.exprs_of(run) {
                    self.target(key, part, Definition::Other);
                }
            }
            ExprKind::Starred(inner) => self.target(key, inner, Definition::Other),
            ExprKind::Attribute { value, name } => {
                if let Some(class) = self.own_class(key, value) {
                    self.bind(Key::Instance(class), name, definition);
                }
            }
            _ => {}
        }
    }

    /// The class whose method `key` is, if `value` is that method's first parameter.
    fn own_class(&self, key: Key, value: ExprId) -> Option<ClassId> {
        let Key::Function(f) = key else { return None };
        let function = self.facts.function(f);
        let class = function.class?;
        let first = self.facts.params_of(function.params).first()?;
        let value = self.facts.expr(value);
        (matches!(value.kind, ExprKind::Name)
            && value.span.of(self.text) == first.name.of(self.text))
        .then_some(class)
    }

    fn body(&mut self, body: Run, key: Key) {
        // Newest on top, so that statements come in source order.
        let mut open: Vec<Run> = vec![body];
        while let Some(run) = open.pop() {
            let Some((&first, _)) = self.facts.stmts_of(run).split_first() else {
                continue;
            };
            open.push(Run {
                start: run.start + 1,
                len: run.len - 1,
            });
            let at = open.len();
            self.statement(first, key, &mut open);
            open[at..].reverse();
        }
    }

    fn statement(&mut self, id: super::facts::StmtId, key: Key, open: &mut Vec<Run>) {
        let facts = self.facts;
        match &facts.stmt(id).kind {
            StmtKind::Assign { targets, value } => {
                for &target in facts.exprs_of(*targets) {
                    self.target(key, target, Definition::Value(*value));
                }
            }
            StmtKind::AnnAssign {
                target,
                value: Some(value),
                ..
            } => {
                self.target(key, *target, Definition::Value(*value));
            }
            StmtKind::AugAssign { target, .. } => self.target(key, *target, Definition::Other),
            StmtKind::If { body, orelse, .. } | StmtKind::While { body, orelse, .. } => {
                open.extend([*body, *orelse]);
            }
            StmtKind::For {
                target,
                iter,
                body,
                orelse,
            } => {
                self.target(key, *target, Definition::Element(*iter));
                open.extend([*body, *orelse]);
            }
            StmtKind::With { items, body, .. } => {
                for pair in facts.exprs_of(*items).chunks_exact(2) {
                    self.target(key, pair[1], Definition::Entered(pair[0]));
                }
                open.push(*body);
            }
            StmtKind::Try {
                body,
                handlers,
                orelse,
                finally,
            } => {
                open.push(*body);
                for handler in facts.handlers_of(*handlers) {
                    if let Some(name) = handler.name {
                        self.bind(key, name, Definition::Other);
                    }
                    open.push(handler.body);
                }
                open.extend([*orelse, *finally]);
            }
            StmtKind::FunctionDef(f) => {
                self.bind(key, facts.function(*f).name, Definition::Function(*f));
            }
            StmtKind::ClassDef(c) => self.bind(key, facts.class(*c).name, Definition::Class(*c)),
            StmtKind::Import(names) => {
                for import in facts.imports_of(*names) {
                    let definition = Definition::Import {
                        name: import.name,
                        whole: import.alias.is_some(),
                    };
                    self.bind(
                        key,
                        import.alias.unwrap_or_else(|| self.root(import.name)),
                        definition,
                    );
                }
            }
            StmtKind::ImportFrom {
                module,
                level,
                names,
                star,
            } => {
                if *star && key == Key::Module {
                    self.stars.push((*module, *level));
                }
                for import in facts.imports_of(*names) {
                    let definition = Definition::From {
                        module: *module,
                        level: *level,
                        name: import.name,
                    };
                    self.bind(key, import.alias.unwrap_or(import.name), definition);
                }
            }
            StmtKind::Match { cases, .. } => open.push(*cases),
            StmtKind::Case { captures, body, .. } => {
                for &name in facts.exprs_of(*captures) {
                    self.target(key, name, Definition::Other);
                }
                open.push(*body);
            }
            StmtKind::Scope(names) => {
                for &name in facts.exprs_of(*names) {
                    if let Key::Function(f) = key {
                        self.bind(Key::Declared(f), facts.expr(name).span, Definition::Other);
                    }
                }
            }
            StmtKind::Expr(_)
            | StmtKind::AnnAssign { value: None, .. }
            | StmtKind::Return(_)
            | StmtKind::Raise { .. }
            | StmtKind::Delete(_)
            | StmtKind::Assert { .. }
            | StmtKind::Jump
            | StmtKind::Pass => {}
        }
    }

    fn root(&self, dotted: Span) -> Span {
        let len = dotted
            .of(self.text)
            .find('.')
            .unwrap_or((dotted.end - dotted.start) as usize);
        Span {
            start: dotted.start,
            end: dotted.start + len as u32,
        }
    }
}
