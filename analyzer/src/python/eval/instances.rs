//! Instances: how they begin, and the special methods of their classes.

use std::rc::Rc;

use super::interpreter::Interpreter;
use super::value::{Args, DescriptorKind, Kind, ObjectId, Site, Value};
use super::world::World;

impl<'p, W: World<'p>> Interpreter<'p, W> {
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

    /// The value that `with value as x` binds.
    pub(super) fn entered(&mut self, value: Value<'p>) -> Value<'p> {
        let found = self.special(&value, "__enter__", &Args::default());
        match found {
            Some(v) if !v.is_unknown() => v,
            _ => value,
        }
    }

    /// Calls a special method that a class of the tree defines.
    pub(super) fn special(
        &mut self,
        value: &Value<'p>,
        name: &str,
        args: &Args<'p>,
    ) -> Option<Value<'p>> {
        let Value::Ref(id) = value else { return None };
        let Kind::Instance {
            class: Value::Ref(class),
        } = self.object(*id).kind
        else {
            return None;
        };
        let method = self.class_attribute(class, name)?;
        if !matches!(&method, Value::Ref(m) if matches!(self.object(*m).kind, Kind::Function(_) | Kind::Descriptor { kind: DescriptorKind::Static, .. }))
        {
            return None;
        }
        let site = self.frames.last().and_then(|f| f.site)?;
        Some(self.call(&method, &args.prepend(value.clone()), site))
    }
}
