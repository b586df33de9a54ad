//! Imports: running modules, and the names they give.

use super::interpreter::{Interpreter, ModuleState};
use super::value::{ScopeId, Value};
use super::world::World;
use crate::python::facts::{Run, Span};
use crate::python::project::ModuleId;

impl<'p, W: World<'p>> Interpreter<'p, W> {
    /// Runs a module, its packages first, unless it runs or ran already.
    pub fn run_module(&mut self, id: ModuleId) {
        if self.module_states[id.0 as usize] != ModuleState::Fresh {
            return;
        }
        let name = self.module(id).name.as_str();
        if let Some((parent, _)) = name.rsplit_once('.')
            && let Some(parent) = self.project.by_exact_name(parent)
            && parent != id
        {
            self.run_module(parent);
        }
        if self.module_states[id.0 as usize] != ModuleState::Fresh || self.world.skips(id) {
            return;
        }
        self.module_states[id.0 as usize] = ModuleState::Running;
        let scope = self.module_scope(id);
        // What happens at import does not hang on the condition of whoever imports.
        let root = self.frames.is_empty();
        if root {
            self.refuel();
        }
        let journals = std::mem::take(&mut self.journals);
        let base = std::mem::replace(&mut self.import_base, self.frames.len());
        self.push_frame(None, None);
        if self.may_import() {
            self.frame().conditions = 0;
            self.frame().unknown_loops = 0;
            let body = self.facts(id).body;
            self.block(id, scope, body);
        }
        self.frames.pop();
        self.import_base = base;
        self.journals = journals;
        self.module_states[id.0 as usize] = ModuleState::Done;
    }

    pub(super) fn import(&mut self, module: ModuleId, scope: ScopeId, names: Run) {
        let facts = self.facts(module);
        for name in facts.imports_of(names) {
            let dotted = self.text(module, name.name);
            let found = self.project.find(module, dotted);
            if let Some(id) = found {
                self.run_module(id);
            }
            match name.alias {
                Some(alias) => {
                    let value = found.map_or_else(|| Value::external(dotted), Value::Module);
                    let alias = self.text(module, alias);
                    self.bind(scope, alias, value);
                }
                None => {
                    // `import a.b` binds `a`.
                    let first = dotted.split('.').next().unwrap_or(dotted);
                    let value = match self.project.find(module, first) {
                        Some(id) => {
                            self.run_module(id);
                            Value::Module(id)
                        }
                        None => Value::external(first),
                    };
                    self.bind(scope, first, value);
                }
            }
        }
    }

    pub(super) fn import_from(
        &mut self,
        module: ModuleId,
        scope: ScopeId,
        from: Span,
        level: u32,
        names: Run,
        star: bool,
    ) {
        let written = self.text(module, from);
        let dotted = self.project.absolute(module, level, written);
        let found = if level > 0 {
            self.project.by_exact_name(&dotted)
        } else {
            self.project.find(module, &dotted)
        };
        if let Some(id) = found {
            self.run_module(id);
        }
        if star {
            match found {
                Some(id) => self.star_import(id, scope),
                None => self
                    .scope_mut(scope)
                    .rare()
                    .open
                    .push(dotted.as_str().into()),
            }
            return;
        }
        let facts = self.facts(module);
        for name in facts.imports_of(names) {
            let wanted = self.text(module, name.name);
            let bound = name.alias.map_or(wanted, |alias| self.text(module, alias));
            let value = match found {
                Some(id) => self.imported(id, wanted),
                None => {
                    // A package folder without `__init__` may still hold the module.
                    let full = if dotted.is_empty() {
                        wanted.to_owned()
                    } else {
                        format!("{dotted}.{wanted}")
                    };
                    match self
                        .project
                        .by_exact_name(&full)
                        .filter(|_| level > 0 || !self.project.is_outside(&full))
                    {
                        Some(id) => {
                            self.run_module(id);
                            Value::Module(id)
                        }
                        None => W::global(self, &full).unwrap_or_else(|| Value::external(&full)),
                    }
                }
            };
            self.bind(scope, bound, value);
        }
    }

    fn star_import(&mut self, id: ModuleId, scope: ScopeId) {
        let from = self.module_scope(id);
        let all = self.scope(from).names.get("__all__").cloned();
        let listed: Option<Vec<String>> = all.and_then(|v| self.sequence(&v)).map(|(items, _)| {
            items
                .iter()
                .filter_map(|v| v.as_str().map(str::to_owned))
                .collect()
        });
        let mut names: Vec<(&'p str, Value<'p>)> = self
            .scope(from)
            .names
            .iter()
            .filter(|(name, _)| match &listed {
                Some(list) => list.iter().any(|l| l == *name),
                None => !name.starts_with('_'),
            })
            .map(|(n, v)| (*n, v.clone()))
            .collect();
        names.sort_by_key(|(n, _)| *n);
        for (name, value) in names {
            self.bind(scope, name, value);
        }
        let open = self.scope(from).open().to_vec();
        if !open.is_empty() {
            self.scope_mut(scope).rare().open.extend(open);
        }
    }

    /// `from module import name`.
    fn imported(&mut self, id: ModuleId, name: &'p str) -> Value<'p> {
        let scope = self.module_scope(id);
        if let Some(value) = self.scope(scope).names.get(name) {
            return value.clone();
        }
        let child = format!("{}.{name}", self.module(id).name);
        if let Some(child) = self.project.by_exact_name(&child) {
            self.run_module(child);
            return Value::Module(child);
        }
        if self.module_states[id.0 as usize] == ModuleState::Running {
            return Value::Late(id, name);
        }
        if let Some(path) = self.scope(scope).open().last() {
            return Value::external(&format!("{path}.{name}"));
        }
        Value::Unknown
    }

    /// `module.name`.
    pub(super) fn module_attribute(&mut self, id: ModuleId, name: &str) -> Value<'p> {
        self.run_module(id);
        let scope = self.module_scope(id);
        if let Some(value) = self.scope(scope).names.get(name) {
            let value = value.clone();
            return self.settle(value);
        }
        if name == "__name__" {
            return Value::text(&self.module(id).name);
        }
        let child = format!("{}.{name}", self.module(id).name);
        if let Some(child) = self.project.by_exact_name(&child) {
            self.run_module(child);
            return Value::Module(child);
        }
        if let Some(path) = self.scope(scope).open().last() {
            return Value::external(&format!("{path}.{name}"));
        }
        Value::Unknown
    }

    /// `importlib.import_module(name, package)`.
    pub(super) fn import_by_name(
        &mut self,
        from: ModuleId,
        name: &str,
        package: Option<&str>,
    ) -> Value<'p> {
        let dots = name.len() - name.trim_start_matches('.').len();
        let absolute = match (dots, package) {
            (0, _) => name.to_owned(),
            (n, Some(package)) => {
                let mut base = package;
                for _ in 1..n {
                    base = base.rsplit_once('.').map_or("", |(up, _)| up);
                }
                let rest = &name[n..];
                if rest.is_empty() {
                    base.to_owned()
                } else {
                    format!("{base}.{rest}")
                }
            }
            (n, None) => self.project.absolute(from, n as u32, &name[n..]),
        };
        match self.project.find(from, &absolute) {
            Some(id) => {
                self.run_module(id);
                Value::Module(id)
            }
            None => Value::external(&absolute),
        }
    }
}
