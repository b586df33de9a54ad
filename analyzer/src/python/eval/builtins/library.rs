//! Functions of the standard library.

use std::rc::Rc;

use crate::python::eval::interpreter::{Interpreter, MAX_LOOP};
use crate::python::eval::value::{Args, DescriptorKind, Kind, Site, Value};
use crate::python::eval::world::World;
use crate::python::eval::{contexts, text};

impl<'p, W: World<'p>> Interpreter<'p, W> {
    /// Functions of the standard library.
    pub(super) fn library_call(
        &mut self,
        path: &str,
        args: &Args<'p>,
        site: Site,
    ) -> Option<Value<'p>> {
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
                        .set(contexts::MARK, Value::Bool(true));
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
