//! Attributes: members of modules, of classes and of their objects.

use std::rc::Rc;

use crate::python::facts::{ClassId, FunctionId};
use crate::python::names::Binding;
use crate::python::project::ModuleId;
use crate::python::tree::Scope;

use super::kinds::{instance_kind, value_attribute};
use super::reader::{DEPTH, Reader};
use super::{Kind, Meaning, external};

impl Reader<'_, '_> {
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
}
