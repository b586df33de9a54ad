//! Classes: their statements, their bases, the members of enums.

use std::rc::Rc;

use super::interpreter::Interpreter;
use super::value::{Args, Kind, ObjectId, ScopeId, Site, Value};
use super::world::World;
use crate::python::facts::{ArgKind, ClassId};
use crate::python::project::ModuleId;

impl<'p, W: World<'p>> Interpreter<'p, W> {
    /// Runs a class statement.
    pub(super) fn class_value(
        &mut self,
        module: ModuleId,
        scope: ScopeId,
        id: ClassId,
    ) -> Value<'p> {
        let facts = self.facts(module);
        let class = facts.class(id);
        let mut bases = Vec::new();
        let mut keywords = Vec::new();
        for arg in facts.args_of(class.bases) {
            let value = self.expression(module, scope, arg.value);
            match arg.kind {
                ArgKind::Keyword(name) => keywords.push((self.text(module, name), value)),
                ArgKind::Positional => bases.push(value),
                ArgKind::Star | ArgKind::DoubleStar => {
                    let (items, _) = self.elements(&value);
                    bases.extend(items);
                }
            }
        }
        let name: Rc<str> = self.text(module, class.name).into();
        let body = self.child_scope(scope, true);
        self.push_frame(None, None);
        self.block(module, body, class.body);
        self.frames.pop();
        let value = self.allocate(Kind::Class {
            name,
            written: Some((module, id)),
            bases,
        });
        let Value::Ref(object) = value else {
            return value;
        };
        // The namespace in the order of the source: views are listed in it.
        let mut names: Vec<(&'p str, Value<'p>)> = self.scope_mut(body).names.drain().collect();
        names.sort_by_key(|(name, v)| (self.defined_at(v, module), *name));
        for (name, value) in names {
            if let Value::Ref(f) = &value
                && let Kind::Function(closure) = &mut self.object_mut(*f).kind
                && closure.class.is_none()
            {
                closure.class = Some(object);
            }
            if let Value::Ref(d) = &value
                && let Kind::Descriptor {
                    function: Value::Ref(f),
                    ..
                } = &self.object(*d).kind
            {
                let f = *f;
                if let Kind::Function(closure) = &mut self.object_mut(f).kind {
                    closure.class.get_or_insert(object);
                }
            }
            self.object_mut(object).attributes.set(name, value);
        }
        for (name, value) in keywords {
            self.object_mut(object)
                .attributes
                .set(&format!("class-keyword {name}"), value);
        }
        let site = Site {
            module,
            span: class.name,
        };
        self.run_subclass_hook(object, site);
        W::class_made(self, object, site);
        let decorators: Vec<(Value<'p>, Site)> = facts
            .exprs_of(class.decorators)
            .iter()
            .map(|&e| {
                let site = Site {
                    module,
                    span: facts.expr(e).span,
                };
                (self.expression(module, scope, e), site)
            })
            .collect();
        self.apply_decorators(decorators, value)
    }

    /// `__init_subclass__` of a base in the tree.
    fn run_subclass_hook(&mut self, class: ObjectId, site: Site) {
        let mro = self.mro(class);
        for base in mro.iter().skip(1) {
            if let Value::Ref(id) = base
                && let Some(hook) = self
                    .object(*id)
                    .attributes
                    .get("__init_subclass__")
                    .cloned()
            {
                let function = match &hook {
                    Value::Ref(h) => match &self.object(*h).kind {
                        Kind::Descriptor { function, .. } => function.clone(),
                        _ => hook.clone(),
                    },
                    _ => return,
                };
                self.call(&function, &Args::of(vec![Value::Ref(class)]), site);
                return;
            }
        }
    }

    fn defined_at(&self, value: &Value<'p>, module: ModuleId) -> u32 {
        match self.closure(&self.unwrapped(value)) {
            Some(c) if c.module == module => self.facts(module).function(c.function).span.start,
            _ => 0,
        }
    }

    /// The class and its bases, in the order in which attributes are looked up. Bases outside the
    /// tree are in it as `External`.
    pub fn mro(&self, class: ObjectId) -> Vec<Value<'p>> {
        let mut out: Vec<Value<'p>> = Vec::new();
        self.collect_mro(class, &mut out, 0);
        // A shared base comes after all that derive from it: its last occurrence counts.
        let mut unique: Vec<Value<'p>> = Vec::new();
        for value in out.into_iter().rev() {
            if !unique.iter().any(|u| u.same(&value)) {
                unique.push(value);
            }
        }
        unique.reverse();
        unique
    }

    fn collect_mro(&self, class: ObjectId, out: &mut Vec<Value<'p>>, depth: usize) {
        if depth > 30 {
            return;
        }
        out.push(Value::Ref(class));
        let Kind::Class { bases, .. } = &self.object(class).kind else {
            return;
        };
        for base in bases {
            for base in base.alternatives() {
                match base {
                    Value::Ref(id) => self.collect_mro(id, out, depth + 1),
                    Value::External(_) => out.push(base),
                    _ => {}
                }
            }
        }
    }

    /// The first bases outside the tree, nearest first.
    pub fn external_bases(&self, class: ObjectId) -> Vec<Rc<str>> {
        self.mro(class)
            .into_iter()
            .filter_map(|v| match v {
                Value::External(path) => Some(path),
                _ => None,
            })
            .collect()
    }

    /// The base outside the tree that an unknown attribute is taken to come from.
    pub(super) fn likely_base(bases: &[Rc<str>]) -> Option<&Rc<str>> {
        let plain = |b: &&Rc<str>| !matches!(&***b, "abc.ABC" | "builtins.object");
        bases
            .iter()
            .find(|b| W::knows(b))
            .or_else(|| bases.iter().find(plain))
    }

    /// An attribute as the class and its bases in the tree have it.
    pub fn class_attribute(&self, class: ObjectId, name: &str) -> Option<Value<'p>> {
        self.mro(class).into_iter().find_map(|v| match v {
            Value::Ref(id) => self.object(id).attributes.get(name).cloned(),
            _ => None,
        })
    }

    /// The class of an instance (or the class itself).
    pub fn class_of(&self, value: &Value<'p>) -> Option<Value<'p>> {
        let Value::Ref(id) = value else { return None };
        match &self.object(*id).kind {
            Kind::Instance { class } => Some(class.clone()),
            Kind::Class { .. } => Some(value.clone()),
            _ => None,
        }
    }

    /// Dotted names of the classes outside the tree that a value is an instance of.
    pub fn external_classes(&self, value: &Value<'p>) -> Vec<Rc<str>> {
        match self.class_of(value) {
            Some(Value::External(path)) => vec![path],
            Some(Value::Ref(class)) => self.external_bases(class),
            _ => Vec::new(),
        }
    }

    /// The members of an enum of the tree.
    pub(super) fn enum_members(&mut self, class: ObjectId) -> Option<Vec<Value<'p>>> {
        let is_enum = self.external_bases(class).iter().any(|b| {
            matches!(
                &**b,
                "enum.Enum" | "enum.IntEnum" | "enum.StrEnum" | "enum.Flag" | "enum.IntFlag"
            )
        });
        if !is_enum {
            return None;
        }
        if let Some(list) = self.object(class).attributes.get("enum members").cloned() {
            return self.sequence(&list).map(|(items, _)| items);
        }
        let pairs: Vec<(Rc<str>, Value<'p>)> = self
            .object(class)
            .attributes
            .iter()
            .filter(|(name, v)| !name.starts_with('_') && self.closure(v).is_none())
            .map(|(n, v)| (n.clone(), v.clone()))
            .collect();
        let mut members = Vec::new();
        for (name, value) in pairs {
            let member = self.allocate(Kind::Instance {
                class: Value::Ref(class),
            });
            if let Value::Ref(id) = member {
                let attributes = &mut self.object_mut(id).attributes;
                attributes.set("value", value);
                attributes.set("name", Value::Str(name.clone()));
                self.object_mut(class).attributes.set(&name, Value::Ref(id));
                members.push(Value::Ref(id));
            }
        }
        let list = self.list(members.clone());
        self.object_mut(class).attributes.set("enum members", list);
        Some(members)
    }
}
