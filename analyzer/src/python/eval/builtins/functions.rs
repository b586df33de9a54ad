//! What calls of builtins give.

use crate::python::eval::containers::set_entry;
use crate::python::eval::interpreter::{Interpreter, MAX_LOOP};
use crate::python::eval::value::{Args, DescriptorKind, Kind, Site, Value};
use crate::python::eval::world::World;

impl<'p, W: World<'p>> Interpreter<'p, W> {
    pub(super) fn plain_builtin(&mut self, name: &str, args: &Args<'p>, site: Site) -> Value<'p> {
        let first = args.positional.first().cloned().unwrap_or_default();
        match name {
            "len" => match (self.sequence(&first), self.entries(&first), &first) {
                (Some((items, false)), ..) => Value::Int(items.len() as i64),
                (_, Some((entries, false)), _) => Value::Int(entries.len() as i64),
                (.., Value::Str(s)) => Value::Int(s.chars().count() as i64),
                _ => Value::Unknown,
            },
            "range" => self.range(args),
            "list" | "tuple" | "set" | "frozenset" | "iter" | "reversed" | "sorted" => {
                if args.positional.is_empty() {
                    return if name == "tuple" {
                        Value::Tuple(Vec::new().into())
                    } else {
                        self.list(Vec::new())
                    };
                }
                let (mut items, open) = self.elements(&first);
                if name == "reversed" {
                    items.reverse();
                }
                if name == "sorted" && args.keyword("key").is_none() {
                    items.sort_by(|a, b| match (a, b) {
                        (Value::Str(x), Value::Str(y)) => x.cmp(y),
                        (Value::Int(x), Value::Int(y)) => x.cmp(y),
                        _ => std::cmp::Ordering::Equal,
                    });
                }
                if name == "tuple" && !open {
                    Value::Tuple(items.into())
                } else {
                    self.allocate(Kind::List { items, open })
                }
            }
            "dict" => {
                let (mut entries, mut open) = match self.entries(&first) {
                    Some(found) => found,
                    None if args.positional.is_empty() => (Vec::new(), false),
                    None => {
                        let (items, open) = self.elements(&first);
                        let mut entries = Vec::new();
                        for item in items {
                            if let Some((pair, _)) = self.sequence(&item)
                                && let [k, v] = &pair[..]
                            {
                                entries.push((k.clone(), v.clone()));
                            }
                        }
                        (entries, open)
                    }
                };
                for (k, v) in &args.keywords {
                    set_entry(&mut entries, Value::Str(k.clone()), v.clone());
                }
                open |= args.open;
                self.dict(entries, open)
            }
            "str" | "format" | "repr" if name != "repr" => match &first {
                Value::Str(_) | Value::Text(_) => first,
                Value::Int(i) => Value::text(&i.to_string()),
                Value::Ref(_) => Value::Unknown,
                _ if args.positional.is_empty() => Value::text(""),
                _ => Value::Unknown,
            },
            "int" => match &first {
                Value::Int(_) => first,
                Value::Str(s) => s.trim().parse().map_or(Value::Unknown, Value::Int),
                _ => Value::Unknown,
            },
            "bool" => self.truth(&first).map_or(Value::Unknown, Value::Bool),
            "enumerate" => {
                let (items, open) = self.elements(&first);
                let start = match args.get(1, "start") {
                    Some(Value::Int(i)) => *i,
                    _ => 0,
                };
                let items = items
                    .into_iter()
                    .enumerate()
                    .map(|(i, v)| Value::Tuple(vec![Value::Int(start + i as i64), v].into()))
                    .collect();
                self.allocate(Kind::List { items, open })
            }
            "zip" => {
                let lists: Vec<_> = args.positional.iter().map(|v| self.elements(v)).collect();
                let n = lists.iter().map(|(l, _)| l.len()).min().unwrap_or(0);
                let open = lists.iter().any(|(_, o)| *o);
                let items = (0..n)
                    .map(|i| Value::Tuple(lists.iter().map(|(l, _)| l[i].clone()).collect()))
                    .collect();
                self.allocate(Kind::List { items, open })
            }
            "map" | "filter" => {
                let list = args.positional.get(1).cloned().unwrap_or_default();
                let (items, open) = self.elements(&list);
                let mut out = Vec::new();
                let mut open = open;
                for item in items.into_iter().take(MAX_LOOP) {
                    let result = self.call(&first, &Args::of(vec![item.clone()]), site);
                    if name == "map" {
                        out.push(result);
                    } else {
                        match self.truth(&result) {
                            Some(false) => {}
                            Some(true) => out.push(item),
                            None => {
                                out.push(item);
                                open = true;
                            }
                        }
                    }
                }
                self.allocate(Kind::List { items: out, open })
            }
            "next" => {
                let (items, _) = self.elements(&first);
                items
                    .into_iter()
                    .next()
                    .or_else(|| args.positional.get(1).cloned())
                    .unwrap_or_default()
            }
            "getattr" => {
                let Some(attribute) = args.positional.get(1).and_then(Value::as_str) else {
                    return Value::Unknown;
                };
                let found = self.attribute(&first, attribute);
                let is_guess = self.is_guess(&found);
                match args.positional.get(2) {
                    Some(default) if found.is_unknown() || is_guess => {
                        if first.is_unknown() {
                            Value::Unknown
                        } else {
                            default.clone()
                        }
                    }
                    _ => found,
                }
            }
            "hasattr" => {
                let Some(attribute) = args.positional.get(1).and_then(Value::as_str) else {
                    return Value::Unknown;
                };
                let found = self.attribute(&first, attribute);
                let guess = self.is_guess(&found);
                match (&first, &found) {
                    (Value::Ref(_), Value::Unknown) => Value::Bool(false),
                    (Value::Ref(_), _) if !guess => Value::Bool(true),
                    _ => Value::Unknown,
                }
            }
            "setattr" => {
                if let (Some(Value::Str(attribute)), Some(value)) =
                    (args.positional.get(1), args.positional.get(2))
                {
                    self.set_attribute(&first, attribute, value.clone());
                } else if let Value::Ref(id) = first {
                    self.object_mut(id).open = true;
                }
                Value::None
            }
            "isinstance" => self.is_instance(&first, args.positional.get(1)),
            "issubclass" => self.is_subclass(&first, args.positional.get(1)),
            "callable" => match &first {
                Value::Ref(id) => Value::Bool(!matches!(
                    self.object(*id).kind,
                    Kind::List { .. } | Kind::Dict { .. }
                )),
                Value::Unknown | Value::External(_) | Value::Choice(_) => Value::Unknown,
                _ => Value::Bool(false),
            },
            "type" => self.type_call(&first, args, site),
            "vars" | "dir" => self.names_of(&first, name),
            "property" => self.descriptor(DescriptorKind::Property, first),
            "property()" => first,
            "classmethod" => self.descriptor(DescriptorKind::Class, first),
            "staticmethod" => self.descriptor(DescriptorKind::Static, first),
            "globals" => {
                let scope = self.module_scope(site.module);
                let mut entries: Vec<(Value<'p>, Value<'p>)> = self
                    .scope(scope)
                    .names
                    .iter()
                    .map(|(k, v)| (Value::text(k), v.clone()))
                    .collect();
                entries.sort_by(|a, b| a.0.as_str().cmp(&b.0.as_str()));
                self.dict(entries, true)
            }
            "__import__" => match first.as_str() {
                Some(name) => {
                    let name = name.to_owned();
                    let leaf = self.import_by_name(site.module, &name, None);
                    // Without a `fromlist` it gives the package at the top.
                    match (args.get(3, "fromlist"), name.split_once('.')) {
                        (None, Some((top, _))) => {
                            let top = top.to_owned();
                            self.import_by_name(site.module, &top, None)
                        }
                        _ => leaf,
                    }
                }
                None => Value::Unknown,
            },
            "object" => self.instance("builtins.object"),
            "print" => Value::None,
            _ => Value::Unknown,
        }
    }

    /// A bound method that only the attribute lookup made up.
    fn is_guess(&self, value: &Value<'p>) -> bool {
        match value {
            Value::Ref(id) => matches!(
                &self.object(*id).kind,
                Kind::Bound {
                    function: Value::External(_),
                    ..
                }
            ),
            _ => false,
        }
    }

    pub(super) fn descriptor(&mut self, kind: DescriptorKind, function: Value<'p>) -> Value<'p> {
        self.allocate(Kind::Descriptor { kind, function })
    }

    fn range(&mut self, args: &Args<'p>) -> Value<'p> {
        let ints: Option<Vec<i64>> = args
            .positional
            .iter()
            .map(|v| {
                if let Value::Int(i) = v {
                    Some(*i)
                } else {
                    None
                }
            })
            .collect();
        let (start, end, step) = match ints.as_deref() {
            Some([end]) => (0, *end, 1),
            Some([start, end]) => (*start, *end, 1),
            Some([start, end, step]) if *step != 0 => (*start, *end, *step),
            _ => {
                return self.allocate(Kind::List {
                    items: Vec::new(),
                    open: true,
                });
            }
        };
        let mut items = Vec::new();
        let mut i = start;
        while (step > 0 && i < end || step < 0 && i > end) && items.len() < MAX_LOOP {
            items.push(Value::Int(i));
            i += step;
        }
        self.list(items)
    }
}
