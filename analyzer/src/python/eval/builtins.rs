//! Builtins and the few functions of the standard library that rules are built with.

use std::rc::Rc;

use super::interpreter::{Interpreter, MAX_LOOP};
use super::text;
use super::value::{Args, DescriptorKind, Kind, Site, Value};
use super::world::World;

/// Names that are builtins here.
const BUILTINS: &[&str] = &[
    "len",
    "range",
    "enumerate",
    "zip",
    "list",
    "tuple",
    "set",
    "frozenset",
    "dict",
    "str",
    "int",
    "bool",
    "float",
    "getattr",
    "setattr",
    "hasattr",
    "isinstance",
    "issubclass",
    "callable",
    "sorted",
    "reversed",
    "map",
    "filter",
    "iter",
    "next",
    "type",
    "vars",
    "dir",
    "property",
    "classmethod",
    "staticmethod",
    "object",
    "globals",
    "locals",
    "any",
    "all",
    "print",
    "super",
    "repr",
    "format",
    "sum",
    "min",
    "max",
    "abs",
    "open",
    "id",
    "hash",
    "__import__",
    "eval",
    "exec",
    "delattr",
    "bytes",
    "input",
    "Exception",
    "ValueError",
    "KeyError",
    "TypeError",
    "AttributeError",
    "ImportError",
    "RuntimeError",
    "NotImplementedError",
    "OSError",
];

/// Whether a name is a builtin.
pub(super) fn is_builtin(name: &str) -> bool {
    BUILTINS.contains(&name)
}

impl<'p, W: World<'p>> Interpreter<'p, W> {
    /// A name that no scope has.
    pub(super) fn builtin(&mut self, name: &'p str) -> Value<'p> {
        if is_builtin(name) {
            return Value::external(&format!("builtins.{name}"));
        }
        Value::Unknown
    }

    /// A call of a builtin or of a known function of the standard library.
    pub(super) fn builtin_call(
        &mut self,
        path: &str,
        receiver: Option<&Value<'p>>,
        args: &Args<'p>,
        site: Site,
    ) -> Option<Value<'p>> {
        if let Some(receiver) = receiver {
            if let Some(name) = path.strip_prefix("unknown.") {
                return Some(self.call_unknown_method(name, receiver, args, site));
            }
            if let Some(name) = path.strip_prefix("builtins.") {
                return Some(self.method_call(name, receiver, args, site));
            }
            return None;
        }
        if let Some(name) = path.strip_prefix("builtins.") {
            return Some(self.plain_builtin(name, args, site));
        }
        self.library_call(path, args, site)
    }

    fn plain_builtin(&mut self, name: &str, args: &Args<'p>, site: Site) -> Value<'p> {
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
                    super::containers::set_entry(&mut entries, Value::Str(k.clone()), v.clone());
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

    fn descriptor(&mut self, kind: DescriptorKind, function: Value<'p>) -> Value<'p> {
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

    fn is_instance(&mut self, value: &Value<'p>, class: Option<&Value<'p>>) -> Value<'p> {
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

    fn is_subclass(&mut self, value: &Value<'p>, class: Option<&Value<'p>>) -> Value<'p> {
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

    fn type_call(&mut self, first: &Value<'p>, args: &Args<'p>, site: Site) -> Value<'p> {
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

    fn names_of(&mut self, value: &Value<'p>, kind: &str) -> Value<'p> {
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

    /// Functions of the standard library.
    fn library_call(&mut self, path: &str, args: &Args<'p>, site: Site) -> Option<Value<'p>> {
        let first = args.positional.first().cloned().unwrap_or_default();
        Some(match path {
            "functools.partial" => {
                let mut rest = args.clone();
                if rest.positional.is_empty() {
                    return Some(Value::Unknown);
                }
                rest.positional.remove(0);
                self.allocate(Kind::Partial {
                    function: first,
                    args: Box::new(rest),
                    site,
                })
            }
            "functools.wraps" => {
                self.callable("functools.wraps()", None, Args::of(vec![first]), site)
            }
            "functools.wraps()" => {
                let wrapper = args.positional.get(1).cloned().unwrap_or_default();
                self.wrap(first, wrapper)
            }
            "functools.update_wrapper" => {
                let wrapped = args.positional.get(1).cloned().unwrap_or_default();
                self.wrap(wrapped, first)
            }
            "functools.lru_cache"
            | "functools.cache"
            | "functools.singledispatch"
            | "abc.abstractmethod"
            | "typing.overload"
            | "typing.final"
            | "typing.no_type_check"
            | "functools.cached_property" => match (&first, path) {
                (Value::Ref(_), "functools.cached_property") => {
                    self.descriptor(DescriptorKind::Property, first)
                }
                (Value::Ref(_), _) => first,
                _ => self.callable("migrate.identity", None, Args::default(), site),
            },
            "contextlib.contextmanager" => {
                if let Value::Ref(id) = &first {
                    self.object_mut(*id)
                        .attributes
                        .set(super::contexts::MARK, Value::Bool(true));
                }
                first
            }
            "migrate.identity" => args.positional.last().cloned().unwrap_or_default(),
            "functools.reduce" => Value::Unknown,
            "typing.cast" => args.positional.get(1).cloned().unwrap_or_default(),
            "typing.TypeVar" | "typing.NewType" => Value::Unknown,
            "importlib.import_module" | "werkzeug.utils.import_string" => {
                let name = first.as_str()?.to_owned();
                let package = args
                    .get(1, "package")
                    .and_then(Value::as_str)
                    .map(str::to_owned);
                if path.starts_with("werkzeug") {
                    let (module, attribute) =
                        name.split_once(':').or_else(|| name.rsplit_once('.'))?;
                    let module = self.import_by_name(site.module, module, None);
                    return Some(self.attribute(&module, attribute));
                }
                self.import_by_name(site.module, &name, package.as_deref())
            }
            "os.path.join" | "posixpath.join" => text::path_join(&args.positional),
            "urllib.parse.urljoin" => {
                text::url_join(&first, args.positional.get(1).unwrap_or(&Value::Unknown))
            }
            "os.environ.get" | "os.getenv" => {
                // The value when the variable is not set; the environment is not ours to read.
                match args.get(1, "default") {
                    Some(default) => default.clone().join(Value::Unknown),
                    None => Value::None.join(Value::Unknown),
                }
            }
            "itertools.chain" | "itertools.chain.from_iterable" => {
                let lists = if path.ends_with("from_iterable") {
                    self.elements(&first).0
                } else {
                    args.positional.clone()
                };
                let mut items = Vec::new();
                let mut open = args.open;
                for list in lists {
                    let (more, unknown) = self.elements(&list);
                    items.extend(more);
                    open |= unknown;
                }
                self.allocate(Kind::List { items, open })
            }
            "itertools.product" => {
                let lists: Vec<_> = args.positional.iter().map(|v| self.elements(v)).collect();
                let open = lists.iter().any(|(_, o)| *o);
                let mut rows: Vec<Vec<Value<'p>>> = vec![Vec::new()];
                for (list, _) in &lists {
                    rows = rows
                        .into_iter()
                        .flat_map(|row| {
                            list.iter().map(move |v| {
                                let mut row = row.clone();
                                row.push(v.clone());
                                row
                            })
                        })
                        .take(MAX_LOOP)
                        .collect();
                }
                let items = rows.into_iter().map(|r| Value::Tuple(r.into())).collect();
                self.allocate(Kind::List { items, open })
            }
            "collections.OrderedDict" | "types.MappingProxyType" => {
                self.plain_builtin("dict", args, site)
            }
            "collections.defaultdict" => self.dict(Vec::new(), false),
            "collections.deque" => self.plain_builtin("list", args, site),
            "collections.namedtuple" | "typing.NamedTuple" => {
                let name: Rc<str> = first.as_str().unwrap_or("<?>").into();
                let fields = match args.positional.get(1) {
                    Some(Value::Str(s)) => s
                        .replace(',', " ")
                        .split_whitespace()
                        .map(Value::text)
                        .collect(),
                    Some(list) => self
                        .elements(list)
                        .0
                        .into_iter()
                        .map(|f| match self.sequence(&f) {
                            Some((pair, _)) => pair.first().cloned().unwrap_or_default(),
                            None => f,
                        })
                        .collect(),
                    None => Vec::new(),
                };
                let class = self.allocate(Kind::Class {
                    name,
                    written: None,
                    bases: Vec::new(),
                });
                let list = self.list(fields);
                if let Value::Ref(id) = class {
                    self.object_mut(id).attributes.set("__annotations__", list);
                }
                class
            }
            "dataclasses.field" => match args.keyword("default") {
                Some(v) => v.clone(),
                None => match args.keyword("default_factory").cloned() {
                    Some(factory) => self.call(&factory, &Args::default(), site),
                    None => Value::Unknown,
                },
            },
            "copy.copy" | "copy.deepcopy" => match self.entries(&first) {
                Some((entries, open)) => self.dict(entries, open),
                None => match self.sequence(&first) {
                    Some((items, open)) if !matches!(first, Value::Tuple(_)) => {
                        self.allocate(Kind::List { items, open })
                    }
                    _ => first,
                },
            },
            "operator.attrgetter" | "operator.itemgetter" => Value::Unknown,
            "inspect.isclass" => match &first {
                Value::Ref(id) => Value::Bool(matches!(self.object(*id).kind, Kind::Class { .. })),
                Value::Unknown | Value::External(_) | Value::Choice(_) => Value::Unknown,
                _ => Value::Bool(false),
            },
            "inspect.getmembers" => {
                let names = self.names_of(&first, "vars");
                let (entries, _) = self.entries(&names)?;
                let mut items = Vec::new();
                let mut entries = entries;
                entries.sort_by(|a, b| a.0.as_str().cmp(&b.0.as_str()));
                for (k, v) in entries {
                    let keep = match args.get(1, "predicate") {
                        Some(predicate) => {
                            let predicate = predicate.clone();
                            let result = self.call(&predicate, &Args::of(vec![v.clone()]), site);
                            self.truth(&result) != Some(false)
                        }
                        None => true,
                    };
                    if keep {
                        items.push(Value::Tuple(vec![k, v].into()));
                    }
                }
                self.list(items)
            }
            _ => return None,
        })
    }

    /// The wrapper with the name and the origin of what it wraps.
    fn wrap(&mut self, wrapped: Value<'p>, wrapper: Value<'p>) -> Value<'p> {
        let name = self.name_of(&wrapped);
        let Value::Ref(id) = &wrapper else {
            return wrapper;
        };
        let attributes: Vec<(Rc<str>, Value<'p>)> = match &wrapped {
            Value::Ref(w) => {
                let w = match &self.object(*w).kind {
                    Kind::Bound {
                        function: Value::Ref(f),
                        ..
                    } => *f,
                    _ => *w,
                };
                self.object(w)
                    .attributes
                    .iter()
                    .map(|(k, v)| (k.clone(), v.clone()))
                    .collect()
            }
            _ => Vec::new(),
        };
        let object = self.object_mut(*id);
        if let Kind::Function(closure) = &mut object.kind {
            closure.name = name;
            closure.wrapped = Some(wrapped);
        }
        for (k, v) in attributes {
            object.attributes.set(&k, v);
        }
        wrapper
    }
}
