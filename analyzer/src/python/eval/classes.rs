//! Classes, instances and attributes.

use std::rc::Rc;

use super::interpreter::Interpreter;
use super::value::{Args, DescriptorKind, Kind, ObjectId, ScopeId, Site, Value};
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
    fn likely_base(bases: &[Rc<str>]) -> Option<&Rc<str>> {
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

    /// Makes an instance and runs its `__init__`.
    pub(super) fn instantiate(
        &mut self,
        class: ObjectId,
        args: &Args<'p>,
        site: Site,
    ) -> Value<'p> {
        if let Some(members) = self.enum_members(class) {
            // `Color(value)` looks a member up.
            let wanted = args.positional.first().cloned().unwrap_or_default();
            for member in members {
                let value = self.attribute(&member, "value");
                if self.equal(&value, &wanted) == Some(true) {
                    return member;
                }
            }
            return Value::Unknown;
        }
        let value = self.allocate(Kind::Instance {
            class: Value::Ref(class),
        });
        self.initialise(class, &value, args, site);
        value
    }

    /// An instance whose `__init__` ran with nothing known.
    pub(super) fn bare_instance(&mut self, class: ObjectId, site: Site) -> Value<'p> {
        let value = self.allocate(Kind::Instance {
            class: Value::Ref(class),
        });
        let args = Args {
            open: true,
            ..Args::default()
        };
        self.initialise(class, &value, &args, site);
        value
    }

    fn initialise(&mut self, class: ObjectId, value: &Value<'p>, args: &Args<'p>, site: Site) {
        match self.class_attribute(class, "__init__") {
            Some(init) => {
                self.call(&init, &args.prepend(value.clone()), site);
            }
            None => {
                if self.init_fields(class, value, args) {
                    return;
                }
                for base in self.external_bases(class) {
                    let path = format!("{base}.__init__");
                    if W::call(self, &path, Some(value), args, site).is_some() {
                        break;
                    }
                }
            }
        }
    }

    /// `__init__` of a dataclass or named tuple: fields in order.
    fn init_fields(&mut self, class: ObjectId, value: &Value<'p>, args: &Args<'p>) -> bool {
        let Value::Ref(instance) = value else {
            return false;
        };
        let mut fields: Vec<Rc<str>> = Vec::new();
        for base in self.mro(class).into_iter().rev() {
            if let Value::Ref(id) = base
                && let Some(list) = self.object(id).attributes.get("__annotations__").cloned()
                && let Some((items, _)) = self.sequence(&list)
            {
                for item in items {
                    if let Value::Str(name) = item
                        && !fields.contains(&name)
                    {
                        fields.push(name);
                    }
                }
            }
        }
        if fields.is_empty() {
            return false;
        }
        for (i, name) in fields.iter().enumerate() {
            let given = args
                .keyword(name)
                .or_else(|| args.positional.get(i))
                .cloned();
            let value = match given {
                Some(v) => v,
                None if args.open => Value::Unknown,
                None => match self.class_attribute(class, name) {
                    Some(v) => v,
                    None => continue,
                },
            };
            self.object_mut(*instance).attributes.set(name, value);
        }
        true
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

    // ---- attributes

    /// `value.name`.
    pub fn attribute(&mut self, value: &Value<'p>, name: &str) -> Value<'p> {
        match value {
            Value::Module(id) => self.module_attribute(*id, name),
            Value::External(path) => {
                let dotted = format!("{path}.{name}");
                W::global(self, &dotted).unwrap_or_else(|| Value::external(&dotted))
            }
            Value::Ref(id) => self.object_attribute(*id, name),
            Value::Str(_) | Value::Text(_) | Value::Tuple(_) | Value::Int(_) | Value::Bytes => self
                .allocate(Kind::Bound {
                    function: Value::external(&format!("builtins.{name}")),
                    receiver: value.clone(),
                }),
            Value::Choice(list) => {
                let list = list.clone();
                let mut result: Option<Value<'p>> = None;
                for v in list.iter().filter(|v| !matches!(v, Value::None)) {
                    let r = self.attribute(v, name);
                    result = Some(match result {
                        Some(old) => old.join(r),
                        None => r,
                    });
                }
                result.unwrap_or_default()
            }
            Value::Unknown => self.unknown_attribute(name),
            _ => Value::Unknown,
        }
    }

    /// One object stands for an attribute of all values of which nothing is known: it holds nothing,
    /// and is equal to nothing, itself included.
    fn unknown_attribute(&mut self, name: &str) -> Value<'p> {
        if let Some(value) = self.unknown_attributes.get(name) {
            return value.clone();
        }
        let value = self.allocate(Kind::Bound {
            function: Value::external(&format!("unknown.{name}")),
            receiver: Value::Unknown,
        });
        self.unknown_attributes.insert(name.into(), value.clone());
        value
    }

    fn object_attribute(&mut self, id: ObjectId, name: &str) -> Value<'p> {
        let value = Value::Ref(id);
        if let Some(found) = self.object(id).attributes.get(name) {
            let found = found.clone();
            return match &self.object(id).kind {
                // A method looked up on its class stays a function; `classmethod` is bound.
                Kind::Class { .. } => self.class_member(found, &value),
                _ => self.settle(found),
            };
        }
        if matches!(self.object(id).kind, Kind::List { .. } | Kind::Dict { .. }) {
            return self.allocate(Kind::Bound {
                function: Value::external(&format!("builtins.{name}")),
                receiver: value,
            });
        }
        match self.object(id).kind.clone() {
            Kind::Instance { class } => self.instance_attribute(id, &class, name),
            Kind::Class {
                name: class_name, ..
            } => {
                if name == "__name__" || name == "__qualname__" {
                    return Value::Str(class_name);
                }
                if name == "__members__" {
                    return Value::Unknown;
                }
                self.enum_members(id);
                if let Some(found) = self.class_attribute(id, name) {
                    return self.class_member(found, &value);
                }
                for base in self.external_bases(id) {
                    if let Some(v) = W::attribute(self, id, &base, name) {
                        return v;
                    }
                }
                match Self::likely_base(&self.external_bases(id)) {
                    Some(base) => {
                        let function = Value::external(&format!("{base}.{name}"));
                        self.allocate(Kind::Bound {
                            function,
                            receiver: value,
                        })
                    }
                    None => Value::Unknown,
                }
            }
            Kind::Super { after, receiver } => self.super_attribute(after, &receiver, name),
            Kind::Function(_) | Kind::Bound { .. } | Kind::Partial { .. } => match name {
                "__name__" | "__qualname__" => {
                    self.name_of(&value).map_or(Value::Unknown, Value::Str)
                }
                "__wrapped__" => self.unwrapped(&value),
                "__func__" | "func" => match self.object(id).kind.clone() {
                    Kind::Bound { function, .. } | Kind::Partial { function, .. } => function,
                    _ => value,
                },
                "__doc__" | "__module__" => Value::Unknown,
                _ => match self.object(id).kind.clone() {
                    // Attributes of a method are its function's.
                    Kind::Bound { function, .. } if matches!(function, Value::Ref(_)) => {
                        self.attribute(&function, name)
                    }
                    Kind::Bound {
                        function: Value::External(path),
                        receiver,
                    } => {
                        if receiver.is_unknown() {
                            return self.attribute(&Value::Unknown, name);
                        }
                        Value::external(&format!("{path}.{name}"))
                    }
                    _ => Value::Unknown,
                },
            },
            Kind::List { .. } | Kind::Dict { .. } => Value::Unknown,
            Kind::Descriptor { kind, function } => {
                // `@x.setter` keeps the property.
                if kind == DescriptorKind::Property && matches!(name, "setter" | "deleter") {
                    let site = self.frames.last().and_then(|f| f.site);
                    if let Some(site) = site {
                        return self.callable(
                            "builtins.property()",
                            None,
                            Args::of(vec![value]),
                            site,
                        );
                    }
                    return Value::Unknown;
                }
                self.attribute(&function, name)
            }
        }
    }

    fn class_member(&mut self, found: Value<'p>, class: &Value<'p>) -> Value<'p> {
        let found = self.settle(found);
        if let Value::Ref(d) = &found
            && let Kind::Descriptor { kind, .. } = &self.object(*d).kind
            && *kind != DescriptorKind::Property
        {
            return self.bound(found, class);
        }
        found
    }

    fn instance_attribute(&mut self, id: ObjectId, class: &Value<'p>, name: &str) -> Value<'p> {
        let value = Value::Ref(id);
        if name == "__class__" {
            return class.clone();
        }
        if name == "__dict__" {
            let entries = self
                .object(id)
                .attributes
                .iter()
                .map(|(k, v)| (Value::Str(k.clone()), v.clone()))
                .collect();
            return self.dict(entries, true);
        }
        match class {
            Value::Ref(class_id) => {
                if let Some(found) = self.class_attribute(*class_id, name) {
                    return self.bound(found, &value);
                }
                let bases = self.external_bases(*class_id);
                for base in &bases {
                    if let Some(v) = W::attribute(self, id, base, name) {
                        return v;
                    }
                }
                if let Some(getter) = self.class_attribute(*class_id, "__getattr__")
                    && let Some(site) = self.frames.last().and_then(|f| f.site)
                {
                    let args = Args::of(vec![value, Value::text(name)]);
                    return self.call(&getter, &args, site);
                }
                match Self::likely_base(&bases) {
                    Some(base) => {
                        let function = Value::external(&format!("{base}.{name}"));
                        self.allocate(Kind::Bound {
                            function,
                            receiver: value,
                        })
                    }
                    None => Value::Unknown,
                }
            }
            Value::External(path) => match W::attribute(self, id, path, name) {
                Some(v) => v,
                None => {
                    let function = Value::external(&format!("{path}.{name}"));
                    self.allocate(Kind::Bound {
                        function,
                        receiver: value,
                    })
                }
            },
            _ => Value::Unknown,
        }
    }

    fn super_attribute(&mut self, after: ObjectId, receiver: &Value<'p>, name: &str) -> Value<'p> {
        let class = match self.class_of(receiver) {
            Some(Value::Ref(class)) => class,
            _ => after,
        };
        let mro = self.mro(class);
        let start = mro
            .iter()
            .position(|v| v.same(&Value::Ref(after)))
            .map_or(0, |i| i + 1);
        for entry in &mro[start.min(mro.len())..] {
            match entry {
                Value::Ref(id) => {
                    if let Some(found) = self.object(*id).attributes.get(name).cloned() {
                        return self.bound(found, receiver);
                    }
                }
                Value::External(path) => {
                    let known_later = || {
                        mro[start.min(mro.len())..]
                            .iter()
                            .any(|v| matches!(v, Value::External(p) if W::knows(p)))
                    };
                    if !W::knows(path) && known_later() {
                        continue;
                    }
                    let function = Value::external(&format!("{path}.{name}"));
                    return self.allocate(Kind::Bound {
                        function,
                        receiver: receiver.clone(),
                    });
                }
                _ => {}
            }
        }
        Value::Unknown
    }

    /// `value.name = new`.
    pub fn set_attribute(&mut self, value: &Value<'p>, name: &str, new: Value<'p>) {
        W::attribute_set(self, name, &new);
        match value {
            Value::Ref(id) => {
                let id = match &self.object(*id).kind {
                    Kind::Bound {
                        function: Value::Ref(f),
                        ..
                    } => *f,
                    Kind::Bound {
                        receiver: Value::Unknown,
                        ..
                    } => return,
                    _ => *id,
                };
                let conditional = self.is_conditional();
                if name == "__name__"
                    && let Kind::Function(c) = &mut self.object_mut(id).kind
                {
                    c.name = new.as_str().map(Rc::from);
                    return;
                }
                let new = if conditional
                    && let Some(old) = self.object(id).attributes.get(name).cloned()
                {
                    old.join(new)
                } else {
                    new
                };
                if let Kind::Class { .. } = self.object(id).kind
                    && let Value::Ref(f) = &new
                    && let Kind::Function(closure) = &mut self.object_mut(*f).kind
                {
                    closure.class.get_or_insert(id);
                }
                self.object_mut(id).attributes.set(name, new);
            }
            Value::Choice(list) => {
                for v in list.clone().iter() {
                    self.set_attribute(v, name, new.clone());
                }
            }
            _ => {}
        }
    }
}
