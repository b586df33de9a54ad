//! What the app's own modules define and handlers use: constants, dataclasses, data, functions. Each is written once, when
//! the first handler needs it.

mod data;
mod exceptions;
mod functions;
mod records;
mod startup;

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use model::body::{
    ClassBody, Defined, DefinedParameter, Definitions, Expression, ExpressionKind, Statement,
    StatementKind,
};
use model::touch::Constant;
use model::{Analysis, Function};
use proc_macro2::TokenStream;

use super::draft::Draft;
use super::translation::{Surroundings, is_bound};
use super::values::Type;
use super::words::occurrences;
use crate::targets::is_test;
pub use functions::Instance;
pub use records::Record;
use startup::Startup;

/// Gives what a module's file defines.
pub type Read<'a> = dyn Fn(&str) -> Option<Definitions> + 'a;

/// What a name of the app stands for.
#[derive(Clone, Debug)]
pub enum Named {
    /// A module of the app, by its dotted name.
    Module(String),
    /// A constant.
    Constant(Constant),
    /// A dataclass.
    Record(Rc<Record>),
    /// A dict or list of the module: its path in Rust and its type.
    Data(Rc<Data>),
    /// A function: module and name.
    Function(String, String),
    /// An exception class of the app, by its dotted name.
    Exception(String),
    /// `datetime.date`
    Date,
    /// Something that has no Rust form.
    Other,
}

/// Data of a module that lives as long as the app.
#[derive(Clone, Debug)]
pub struct Data {
    /// `crate::store::POSTS`
    pub path: String,
    /// Its type.
    pub ty: Type,
    /// The item.
    code: TokenStream,
    /// The Rust module.
    module: String,
    /// Records that its type names.
    needs: BTreeSet<String>,
}

/// How modules of Python are called in Rust, and the files under construction.
pub trait Home {
    /// The Rust module of a Python file.
    fn module(&self, file: &str) -> String;
    /// A name that is free in a Rust module.
    fn fresh(&self, module: &str, name: &str) -> String;
    /// A name of a type that is free in a Rust module.
    fn fresh_type(&self, module: &str, name: &str) -> String;
    /// The text of a Python file.
    fn text(&self, file: &str) -> String;
    /// The texts of a Rust module.
    fn draft(&self, module: &str) -> Rc<Draft>;
}

/// What was worked out once.
type Memo<K, V> = RefCell<BTreeMap<K, V>>;

/// The library of an app.
pub struct Library<'a> {
    analysis: &'a Analysis,
    read: &'a Read<'a>,
    home: &'a dyn Home,
    modules: RefCell<BTreeMap<String, Option<Rc<Definitions>>>>,
    records: Memo<(String, String), Option<Rc<Record>>>,
    data: Memo<(String, String), Option<Rc<Data>>>,
    /// Absent results are in the making.
    instances: Memo<functions::Key, Option<Result<Rc<Instance>, String>>>,
    used: RefCell<BTreeSet<String>>,
    startup: OnceCell<Startup>,
}

impl<'a> Library<'a> {
    /// An empty one.
    #[must_use]
    pub fn new(analysis: &'a Analysis, read: &'a Read<'a>, home: &'a dyn Home) -> Self {
        Self {
            analysis,
            read,
            home,
            modules: RefCell::default(),
            records: RefCell::default(),
            data: RefCell::default(),
            instances: RefCell::default(),
            used: RefCell::default(),
            startup: OnceCell::new(),
        }
    }

    /// Notes that what a path names is used by something that is written.
    pub fn uses(&self, paths: &BTreeSet<String>) {
        let mut open: Vec<String> = paths.iter().cloned().collect();
        while let Some(path) = open.pop() {
            if !self.used.borrow_mut().insert(path.clone()) {
                continue;
            }
            let data = self.data.borrow();
            if let Some(data) = data.values().flatten().find(|d| d.path == path) {
                open.extend(data.needs.iter().cloned());
            }
            let instances = self.instances.borrow();
            let found = instances
                .values()
                .flatten()
                .flatten()
                .find(|i| i.path == path);
            if let Some(instance) = found {
                open.extend(instance.uses.iter().cloned());
            }
        }
    }

    /// The items of a Rust module that are used: dataclasses, data, functions.
    pub fn items(&self, module: &str) -> Vec<(Option<Function>, TokenStream)> {
        let used = self.used.borrow();
        let mut out = Vec::new();
        for record in self.records.borrow().values().flatten() {
            if record.module == module && used.contains(&record.path) {
                out.push((None, record.item()));
            }
        }
        for data in self.data.borrow().values().flatten() {
            if data.module == module && used.contains(&data.path) {
                out.push((None, data.code.clone()));
            }
        }
        let instances = self.instances.borrow();
        let mut functions: Vec<&Rc<Instance>> = instances
            .values()
            .flatten()
            .flatten()
            .filter(|i| i.module == module && used.contains(&i.path))
            .collect();
        functions.sort_by_key(|i| (i.source.file.clone(), i.source.span, i.name.clone()));
        out.extend(
            functions
                .iter()
                .map(|i| (Some(i.source.clone()), i.item.clone())),
        );
        out
    }

    /// Rust modules that have items which are used.
    pub fn module_names(&self) -> BTreeSet<String> {
        let used = self.used.borrow();
        let records = self.records.borrow();
        let data = self.data.borrow();
        let instances = self.instances.borrow();
        let of_records = records
            .values()
            .flatten()
            .filter(|r| used.contains(&r.path))
            .map(|r| r.module.clone());
        let of_data = data
            .values()
            .flatten()
            .filter(|d| used.contains(&d.path))
            .map(|d| d.module.clone());
        let of_instances = instances
            .values()
            .flatten()
            .flatten()
            .filter(|i| used.contains(&i.path))
            .map(|i| i.module.clone());
        of_records.chain(of_data).chain(of_instances).collect()
    }

    /// The functions of the app that were written, by file and line of `def`.
    pub fn written(&self) -> Vec<Rc<Instance>> {
        let used = self.used.borrow();
        let instances = self.instances.borrow();
        instances
            .values()
            .flatten()
            .flatten()
            .filter(|i| used.contains(&i.path))
            .cloned()
            .collect()
    }

    fn file_of(&self, module: &str) -> Option<&'a str> {
        let found = self
            .analysis
            .files
            .iter()
            .find(|(_, info)| info.module == module);
        found.map(|(file, _)| file.as_str())
    }

    fn definitions(&self, module: &str) -> Option<Rc<Definitions>> {
        if let Some(known) = self.modules.borrow().get(module) {
            return known.clone();
        }
        let read = self
            .file_of(module)
            .and_then(|file| (self.read)(file))
            .map(Rc::new);
        self.modules
            .borrow_mut()
            .insert(module.to_owned(), read.clone());
        read
    }

    /// What a name at the top level of a module stands for; `None` when the module does not bind it.
    pub fn resolve(&self, module: &str, name: &str) -> Option<Named> {
        self.resolve_in(module, name, 0)
    }

    fn resolve_in(&self, module: &str, name: &str, depth: u32) -> Option<Named> {
        if depth > 8 {
            return None;
        }
        let definitions = self.definitions(module)?;
        if self.is_bound_again(&definitions, name) {
            return Some(Named::Other);
        }
        if definitions.functions.iter().any(|f| f.name == name) {
            return Some(Named::Function(module.to_owned(), name.to_owned()));
        }
        if let Some(class) = definitions.classes.iter().find(|c| c.name == name) {
            return Some(self.class(&definitions, class));
        }
        let assigned: Vec<&Expression> = assignments(&definitions, name).collect();
        match assigned.as_slice() {
            [] => {}
            [value] => {
                let holds = !matches!(&value.kind, ExpressionKind::Constant(c) if !matches!(c, Constant::List(_) | Constant::Map(_)));
                if holds && self.is_changed(&definitions, name) {
                    return Some(Named::Other);
                }
                let is_display = matches!(
                    value.kind,
                    ExpressionKind::Dict(_) | ExpressionKind::List(_)
                );
                if is_display && let Some(data) = self.data(&definitions, name, value) {
                    return Some(Named::Data(data));
                }
                let is_constant_name = name.chars().all(|c| !c.is_lowercase());
                let constant = constant(value).filter(|_| is_constant_name);
                return Some(constant.map_or(Named::Other, Named::Constant));
            }
            _ => return Some(Named::Other),
        }
        let import = definitions.imports.iter().rev().find(|i| i.bound == name)?;
        match &import.name {
            None => Some(match self.file_of(&import.module) {
                Some(_) => Named::Module(import.module.clone()),
                None => Named::Other,
            }),
            Some(inner) => {
                let dotted = format!("{}.{inner}", import.module);
                if dotted == "datetime.date" {
                    return Some(Named::Date);
                }
                if let Some(found) = self.resolve_in(&import.module, inner, depth + 1) {
                    return Some(found);
                }
                Some(if self.file_of(&dotted).is_some() {
                    Named::Module(dotted)
                } else {
                    Named::Other
                })
            }
        }
    }

    /// Whether a name of a module is bound more than once: anywhere in the module, by a function that says `global`, or
    /// from another module.
    fn is_bound_again(&self, definitions: &Definitions, name: &str) -> bool {
        let text = self.home.text(&definitions.file);
        let functions = definitions.functions.iter().filter(|f| f.name == name);
        let classes = definitions.classes.iter().filter(|c| c.name == name);
        let imports = definitions.imports.iter().filter(|i| i.bound == name);
        let bound = functions.count()
            + classes.count()
            + imports.count()
            + assignments(definitions, name).count();
        let is_elsewhere = |s: &&Statement| {
            let is_simple = matches!(
                s.kind,
                StatementKind::Assign { .. } | StatementKind::Augment { .. }
            );
            !is_simple && is_bound(std::slice::from_ref(*s), name, &text)
        };
        let says_global = |line: &str| {
            let line = line.trim_start();
            line.starts_with("global ") && occurrences(line, name).next().is_some()
        };
        bound > 1
            || bound == 1 && definitions.statements.iter().any(|s| is_elsewhere(&s))
            || text.lines().any(says_global)
            || self.seen_from_elsewhere(definitions, name, &|text, name| sets(text, name))
    }

    /// Whether what a name holds is changed before the first request.
    fn is_changed(&self, definitions: &Definitions, name: &str) -> bool {
        let startup = self
            .startup
            .get_or_init(|| Startup::of(self.analysis, self.home, &|m| self.definitions(m)));
        startup.changes(&definitions.file, name)
            || self.analysis.files.iter().any(|(file, info)| {
                let Some(other) = self.definitions(&info.module) else {
                    return false;
                };
                names_in(&other, &definitions.module, name)
                    .iter()
                    .any(|alias| startup.changes(file, alias))
            })
    }

    /// Whether the text of some other file says something of a name of this module.
    fn seen_from_elsewhere(
        &self,
        definitions: &Definitions,
        name: &str,
        says: &dyn Fn(&str, &str) -> bool,
    ) -> bool {
        let files = self.analysis.files.iter();
        files
            .filter(|(file, _)| **file != definitions.file && !is_test(file))
            .any(|(file, info)| {
                let Some(other) = self.definitions(&info.module) else {
                    return false;
                };
                let names = names_in(&other, &definitions.module, name);
                let mut paths = names.iter().filter(|n| n.contains('.'));
                paths.any(|path| says(&self.home.text(file), path))
            })
    }

    fn class(&self, definitions: &Definitions, class: &ClassBody) -> Named {
        if let [base] = class.bases.as_slice()
            && class.is_plain
            && class.fields.is_empty()
            && class.decorators.is_empty()
        {
            let is_exception = match &base.kind {
                ExpressionKind::Name(name) => match self.resolve_in(&definitions.module, name, 1) {
                    None => exceptions::is_plain(name),
                    Some(named) => matches!(named, Named::Exception(_)),
                },
                _ => false,
            };
            if is_exception {
                return Named::Exception(format!("{}.{}", definitions.module, class.name));
            }
        }
        self.record(definitions, class)
            .map_or(Named::Other, Named::Record)
    }

    /// The parameters of a function at the top level of a module.
    #[must_use]
    pub fn parameters(&self, module: &str, name: &str) -> Option<Vec<DefinedParameter>> {
        Some(self.function(module, name)?.1.parameters)
    }

    fn function(&self, module: &str, name: &str) -> Option<(Rc<Definitions>, Defined)> {
        let definitions = self.definitions(module)?;
        let defined = definitions
            .functions
            .iter()
            .find(|f| f.name == name)?
            .clone();
        Some((definitions, defined))
    }
}

/// Values that a module's statements bind a name to.
fn assignments<'d>(
    definitions: &'d Definitions,
    name: &'d str,
) -> impl Iterator<Item = &'d Expression> {
    definitions
        .statements
        .iter()
        .filter_map(move |statement| match &statement.kind {
            StatementKind::Assign { targets, value } => {
                let is_it =
                    |t: &Expression| matches!(&t.kind, ExpressionKind::Name(n) if n == name);
                targets.iter().any(is_it).then_some(value)
            }
            StatementKind::Augment { target, value, .. } => {
                matches!(&target.kind, ExpressionKind::Name(n) if n == name).then_some(value)
            }
            _ => None,
        })
}

/// How a module calls a name of another module: `posts`, `store.posts`.
fn names_in(definitions: &Definitions, module: &str, name: &str) -> Vec<String> {
    let imports = definitions.imports.iter();
    imports
        .filter_map(|import| match &import.name {
            Some(inner) if import.module == module && inner == name => Some(import.bound.clone()),
            Some(inner) if format!("{}.{inner}", import.module) == module => {
                Some(format!("{}.{name}", import.bound))
            }
            None if import.module == module => Some(format!("{}.{name}", import.bound)),
            _ => None,
        })
        .collect()
}

/// Whether a text assigns to a path: `store.LIMIT = 5`.
fn sets(text: &str, path: &str) -> bool {
    occurrences(text, path).any(|at| {
        let after = text[at + path.len()..].trim_start_matches(' ');
        let after = after.trim_start_matches(['+', '-', '*', '/', '|', '&']);
        after.starts_with('=') && !after.starts_with("==")
    })
}

/// A literal as a constant.
#[must_use]
pub fn constant(e: &Expression) -> Option<Constant> {
    Some(match &e.kind {
        ExpressionKind::Constant(constant) => constant.clone(),
        ExpressionKind::List(items) => {
            Constant::List(items.iter().map(constant).collect::<Option<_>>()?)
        }
        ExpressionKind::Dict(entries) => {
            let pairs = entries
                .iter()
                .map(|entry| match entry.key.as_ref().map(|k| &k.kind) {
                    Some(ExpressionKind::Constant(Constant::Str(key))) => {
                        Some((key.clone(), constant(&entry.value)?))
                    }
                    _ => None,
                });
            Constant::Map(pairs.collect::<Option<_>>()?)
        }
        _ => return None,
    })
}

/// The library seen from one module, with what the whole app says.
pub struct View<'v, 'a> {
    /// The library.
    pub library: &'v Library<'a>,
    /// The Python module whose names are read.
    pub module: &'v str,
    /// What the app says of templates, JSON and errors.
    pub app: &'v dyn AppKnowledge,
}

/// What the whole app says that a function's translation hangs on.
pub trait AppKnowledge {
    /// Why a template cannot be rendered as Jinja2 renders it, where that is known; `has_dates` says whether it gets dates.
    ///
    /// # Errors
    /// With the reason.
    fn template(&self, name: &str, has_dates: bool) -> Result<(), String>;
    /// Whether an exception of that class would be answered by a handler of the app.
    fn is_handled(&self, class: &str) -> bool;
    /// Why an exception that Python raises by itself is not answered as a 500 is.
    ///
    /// # Errors
    /// With the reason.
    fn failures(&self) -> Result<(), String>;
    /// Why JSON replies cannot be written as the app writes them.
    ///
    /// # Errors
    /// With the reason.
    fn json(&self) -> Result<(), String>;
}

impl Surroundings for View<'_, '_> {
    fn template(&self, name: &str, has_dates: bool) -> Result<(), String> {
        self.app.template(name, has_dates)
    }

    fn is_handled(&self, class: &str) -> bool {
        self.app.is_handled(class)
    }

    fn ancestors(&self, class: &str) -> Vec<String> {
        self.library.ancestors(class)
    }

    fn failures(&self) -> Result<(), String> {
        self.app.failures()
    }

    fn json(&self) -> Result<(), String> {
        self.app.json()
    }

    fn resolve(&self, name: &str) -> Option<Named> {
        self.library.resolve(self.module, name)
    }

    fn member(&self, module: &str, name: &str) -> Option<Named> {
        self.library.resolve(module, name).or_else(|| {
            let dotted = format!("{module}.{name}");
            self.library.file_of(&dotted).map(|_| Named::Module(dotted))
        })
    }

    fn record(&self, path: &str) -> Option<Rc<Record>> {
        let records = self.library.records.borrow();
        records.values().flatten().find(|r| r.path == path).cloned()
    }

    fn parameters(&self, module: &str, name: &str) -> Option<Vec<DefinedParameter>> {
        self.library.parameters(module, name)
    }

    fn instance(
        &self,
        module: &str,
        name: &str,
        arguments: &[Type],
    ) -> Result<Rc<Instance>, String> {
        self.library.instance(module, name, arguments, self.app)
    }
}
