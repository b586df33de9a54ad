//! Attributes: read and set.

use std::rc::Rc;

use super::interpreter::Interpreter;
use super::value::{Args, DescriptorKind, Kind, ObjectId, Value};
use super::world::World;

impl<'p, W: World<'p>> Interpreter<'p, W> {
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
        let value = W::unknown_attribute(self, name).unwrap_or_else(|| {
            self.allocate(Kind::Bound {
                function: Value::external(&format!("unknown.{name}")),
                receiver: Value::Unknown,
            })
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
