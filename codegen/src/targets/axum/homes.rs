//! Where things of the app live in the port: modules, names in them, and their files under construction.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use model::{Analysis, App};

use crate::rust::draft::Draft;
use crate::rust::inputs::struct_name;
use crate::rust::library::Home;
use crate::rust::names::{Names, snake};

/// Names of modules that a port has anyway.
const TAKEN: &[&str] = &["application", "flask_parity", "lib", "main", "routes"];

/// Names of handlers that would hide what their module calls.
const HELPERS: &[&str] = &[
    "abort",
    "abort_with",
    "add_to_templates",
    "by_endpoint",
    "html",
    "json",
    "not_ported",
    "python",
    "raised",
    "redirect",
    "responses",
    "router",
    "routes",
    "routing",
    "send_from_directory",
    "shared",
    "static_files",
    "templates",
    "with_body",
    "with_header",
    "with_status",
];

/// Types that emitted code names.
const TYPES: &[&str] = &[
    "Abort",
    "App",
    "Application",
    "Arc",
    "Box",
    "Clone",
    "ConfigValue",
    "Ctx",
    "Date",
    "Debug",
    "Deserialize",
    "Err",
    "Form",
    "From",
    "IndexMap",
    "Into",
    "Map",
    "MultiDict",
    "None",
    "Ok",
    "Option",
    "PartialEq",
    "Path",
    "Query",
    "Reply",
    "Response",
    "Result",
    "Router",
    "Rule",
    "Self",
    "Serialize",
    "Settings",
    "Shared",
    "Some",
    "String",
    "Value",
    "Vec",
];

/// What the structs of a function are called after it.
const SUFFIXES: [&str; 4] = ["Path", "Query", "Form", "Json"];

/// Modules by what they are for, names by module.
pub(super) struct Homes<'a> {
    analysis: &'a Analysis,
    app: &'a App,
    texts: &'a BTreeMap<String, String>,
    state: RefCell<State>,
}

struct State {
    modules: Names,
    by_key: BTreeMap<String, String>,
    names: BTreeMap<String, Names>,
    drafts: BTreeMap<String, Rc<Draft>>,
}

impl<'a> Homes<'a> {
    pub fn new(analysis: &'a Analysis, app: &'a App, texts: &'a BTreeMap<String, String>) -> Self {
        let homes = Self {
            analysis,
            app,
            texts,
            state: RefCell::new(State {
                modules: Names::with(TAKEN),
                by_key: BTreeMap::new(),
                names: BTreeMap::new(),
                drafts: BTreeMap::new(),
            }),
        };
        // The app's own file is `app` whatever blueprints are called.
        homes.of(None, &app.place.file);
        homes
    }

    /// A blueprint has a module; what belongs to none is in the module of its file.
    pub fn of(&self, blueprint: Option<&str>, file: &str) -> String {
        let own = self
            .analysis
            .blueprints
            .iter()
            .find(|b| b.place.file == file);
        let is_app = file == self.app.place.file;
        let key = match (blueprint, own) {
            (Some(name), _) => format!("blueprint {name}"),
            (None, Some(own)) if !is_app => format!("blueprint {}", own.name),
            (None, _) => format!("file {file}"),
        };
        let mut state = self.state.borrow_mut();
        if let Some(known) = state.by_key.get(&key) {
            return known.clone();
        }
        let wanted = match key.strip_prefix("blueprint ") {
            Some(name) => snake(name),
            None if is_app => "app".to_owned(),
            None => {
                let stem = file.strip_suffix(".py").unwrap_or(file);
                let stem = stem.strip_suffix("/__init__").unwrap_or(stem);
                snake(stem.rsplit('/').next().unwrap_or(stem))
            }
        };
        let name = state.modules.fresh(&wanted);
        state.by_key.insert(key, name.clone());
        name
    }
}

impl Homes<'_> {
    /// The names of a module.
    fn names<T>(&self, module: &str, work: impl FnOnce(&mut Names) -> T) -> T {
        let mut state = self.state.borrow_mut();
        let names = state.names.entry(module.to_owned()).or_insert_with(|| {
            let taken: Vec<&str> = HELPERS.iter().chain(TYPES).copied().collect();
            Names::with(&taken)
        });
        work(names)
    }
}

impl Home for Homes<'_> {
    fn module(&self, file: &str) -> String {
        self.of(None, file)
    }

    fn fresh(&self, module: &str, name: &str) -> String {
        self.names(module, |names| {
            loop {
                let fresh = names.fresh(name);
                // A function brings structs that are called after it; a static has none.
                if name.starts_with(|c: char| c.is_ascii_uppercase()) {
                    return fresh;
                }
                let structs = SUFFIXES.map(|suffix| struct_name(&fresh, suffix));
                if structs.iter().all(|s| names.is_free(s)) {
                    structs.iter().for_each(|s| _ = names.take(s));
                    return fresh;
                }
            }
        })
    }

    fn fresh_type(&self, module: &str, name: &str) -> String {
        self.names(module, |names| names.fresh_type(name))
    }

    fn text(&self, file: &str) -> String {
        self.texts.get(file).cloned().unwrap_or_default()
    }

    fn draft(&self, module: &str) -> Rc<Draft> {
        let mut state = self.state.borrow_mut();
        Rc::clone(state.drafts.entry(module.to_owned()).or_default())
    }
}
