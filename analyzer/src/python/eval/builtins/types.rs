//! Builtins that ask what type a value is of, make a type, or list the names of one.

use std::rc::Rc;

use crate::python::eval::interpreter::Interpreter;
use crate::python::eval::value::{Args, Kind, Site, Value};
use crate::python::eval::world::World;

impl<'p, W: World<'p>> Interpreter<'p, W> {
    pub(super) fn is_instance(
        &mut self,
        value: &Value<'p>,
        class: Option<&Value<'p>>,
    ) -> Value<'p> {
        let Some(class) = class else {
            return Value::Unknown;
        };
        let classes = match class {
            Value::Tuple(list) => list.to_vec(),
            one => vec![one.clone()],
        };
        let mut sure = true;
        for class in classes {
            match self.instance_of(value, &class) {
                Some(true) => return Value::Bool(true),
                Some(false) => {}
                None => sure = false,
            }
        }
        if sure {
            Value::Bool(false)
        } else {
            Value::Unknown
        }
    }

    fn instance_of(&self, value: &Value<'p>, class: &Value<'p>) -> Option<bool> {
        let builtin = match class {
            Value::External(path) => path.strip_prefix("builtins."),
            _ => None,
        };
        match (value, builtin) {
            (Value::Unknown | Value::Choice(_) | Value::Late(..) | Value::External(_), _) => None,
            (Value::Str(_) | Value::Text(_), Some(b)) => Some(b == "str"),
            (Value::Int(_), Some(b)) => Some(b == "int"),
            (Value::Bool(_), Some(b)) => Some(b == "bool" || b == "int"),
            (Value::Float(_), Some(b)) => Some(b == "float"),
            (Value::Tuple(_), Some(b)) => Some(b == "tuple"),
            (Value::None, Some(_)) => Some(false),
            (Value::Ref(id), Some(b)) => Some(match &self.object(*id).kind {
                Kind::List { .. } => b == "list" || b == "set",
                Kind::Dict { .. } => b == "dict",
                Kind::Class { .. } => b == "type",
                _ => return None,
            }),
            (Value::Ref(id), None) => match (&self.object(*id).kind, class) {
                (
                    Kind::Instance {
                        class: Value::Ref(mine),
                    },
                    Value::Ref(_),
                ) => Some(self.mro(*mine).iter().any(|v| v.same(class))),
                (
                    Kind::Instance {
                        class: Value::Ref(mine),
                    },
                    Value::External(_),
                ) => self
                    .mro(*mine)
                    .iter()
                    .any(|v| v.same(class))
                    .then_some(true),
                (
                    Kind::Instance {
                        class: Value::External(a),
                    },
                    Value::External(b),
                ) => (a == b).then_some(true),
                (Kind::List { .. } | Kind::Dict { .. } | Kind::Function(_), Value::Ref(_)) => {
                    Some(false)
                }
                _ => None,
            },
            (Value::Str(_) | Value::Int(_) | Value::Tuple(_) | Value::None, None) => {
                matches!(class, Value::Ref(_)).then_some(false)
            }
            _ => None,
        }
    }

    pub(super) fn is_subclass(
        &mut self,
        value: &Value<'p>,
        class: Option<&Value<'p>>,
    ) -> Value<'p> {
        let (Value::Ref(id), Some(class)) = (value, class) else {
            return Value::Unknown;
        };
        let mro = self.mro(*id);
        let classes = match class {
            Value::Tuple(list) => list.to_vec(),
            one => vec![one.clone()],
        };
        if classes.iter().any(|c| mro.iter().any(|v| v.same(c))) {
            return Value::Bool(true);
        }
        if classes.iter().all(|c| matches!(c, Value::Ref(_))) {
            return Value::Bool(false);
        }
        Value::Unknown
    }

    pub(super) fn type_call(
        &mut self,
        first: &Value<'p>,
        args: &Args<'p>,
        site: Site,
    ) -> Value<'p> {
        if args.positional.len() < 3 {
            return self.class_of(first).unwrap_or_default();
        }
        let name: Rc<str> = first.as_str().unwrap_or("<?>").into();
        let bases = self.elements(&args.positional[1]).0;
        let value = self.allocate(Kind::Class {
            name,
            written: None,
            bases,
        });
        if let (Value::Ref(id), Some((entries, _))) = (&value, self.entries(&args.positional[2])) {
            for (k, v) in entries {
                if let Value::Str(k) = k {
                    self.object_mut(*id).attributes.set(&k, v);
                }
            }
            W::class_made(self, *id, site);
        }
        value
    }

    pub(super) fn names_of(&mut self, value: &Value<'p>, kind: &str) -> Value<'p> {
        match value {
            Value::Module(id) => {
                let scope = self.module_scope(*id);
                let mut names: Vec<(Value<'p>, Value<'p>)> = self
                    .scope(scope)
                    .names
                    .iter()
                    .map(|(k, v)| (Value::text(k), v.clone()))
                    .collect();
                names.sort_by(|a, b| a.0.as_str().cmp(&b.0.as_str()));
                if kind == "dir" {
                    let items = names.into_iter().map(|(k, _)| k).collect();
                    return self.list(items);
                }
                self.dict(names, false)
            }
            Value::Ref(id) => {
                let mut names: Vec<(Value<'p>, Value<'p>)> = Vec::new();
                let mut owners = vec![Value::Ref(*id)];
                if kind == "dir" {
                    match self.class_of(value) {
                        Some(Value::Ref(class)) => owners.extend(self.mro(class)),
                        Some(Value::External(_)) | None => {}
                        _ => {}
                    }
                }
                for owner in owners {
                    if let Value::Ref(o) = owner {
                        for (k, v) in self.object(o).attributes.iter() {
                            if !names.iter().any(|(n, _)| n.as_str() == Some(k)) {
                                names.push((Value::Str(k.clone()), v.clone()));
                            }
                        }
                    }
                }
                if kind == "dir" {
                    names.sort_by(|a, b| a.0.as_str().cmp(&b.0.as_str()));
                    let items = names.into_iter().map(|(k, _)| k).collect();
                    return self.list(items);
                }
                self.dict(names, false)
            }
            _ => self.allocate(Kind::List {
                items: Vec::new(),
                open: true,
            }),
        }
    }
}
