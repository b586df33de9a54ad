//! The analysis: what an app is, as `migrate analyze --format json` prints it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::extension::Extension;
use crate::finding::Finding;
use crate::function::Function;
use crate::hook::Hook;
use crate::place::{Place, Span};
use crate::readiness::Readiness;
use crate::route::Route;
use crate::server::{Server, Task};
use crate::template::Template;
use crate::touch::Constant;

/// Everything the analyzer knows of a source tree.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Analysis {
    /// `migrate/analysis/1`.
    pub schema: String,
    /// The path as given.
    pub root: String,
    /// App objects and factories.
    pub apps: Vec<App>,
    /// Blueprints.
    pub blueprints: Vec<Blueprint>,
    /// Routes in the order of their registration.
    pub routes: Vec<Route>,
    /// Hooks, error handlers and template extensions, each app's in the order of their registration.
    #[serde(default)]
    pub hooks: Vec<Hook>,
    /// Functions that touch the framework.
    pub functions: Vec<Function>,
    /// Templates, by name.
    #[serde(default)]
    pub templates: Vec<Template>,
    /// Extensions, by package.
    #[serde(default)]
    pub extensions: Vec<Extension>,
    /// Command lines that start the app, by place.
    #[serde(default)]
    pub servers: Vec<Server>,
    /// Command lines that run the app's own commands or install its packages, by place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tasks: Vec<Task>,
    /// Findings, by place.
    pub findings: Vec<Finding>,
    /// What a port would come to, where a target was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub readiness: Option<Readiness>,
    /// The files that were analysed whole, by path.
    pub files: BTreeMap<String, FileInfo>,
}

impl Analysis {
    /// The schema's name.
    pub const SCHEMA: &'static str = "migrate/analysis/1";

    /// Apps that answer more than static files; all of them when none does.
    pub fn serving_apps(&self) -> impl Iterator<Item = &App> {
        let answers = |i: usize| self.routes.iter().any(|r| r.app == Some(i) && !r.is_static);
        let any = (0..self.apps.len()).any(answers);
        self.apps
            .iter()
            .enumerate()
            .filter(move |(i, _)| !any || answers(*i))
            .map(|(_, app)| app)
    }
}

/// An application object.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct App {
    /// The variable it is bound to.
    pub name: String,
    /// `flask` or `quart`.
    pub framework: String,
    /// Dotted import name of the module.
    pub module: String,
    /// Qualified name of the function that makes it, for an app from a factory.
    pub factory: Option<String>,
    /// Whether that factory can be called without arguments.
    #[serde(default)]
    pub factory_plain: bool,
    /// Where it is created.
    #[serde(flatten)]
    pub place: Place,
    /// Arguments of its constructor, where constant.
    pub options: Vec<AppOption>,
    /// Blueprints mounted on it, in order.
    pub mounts: Vec<Mount>,
    /// Configuration keys set to constants.
    pub config: BTreeMap<String, Constant>,
}

impl App {
    /// The folder of the project that its top-level packages lie in, with a slash at the end (`src/`); empty for its root.
    #[must_use]
    pub fn import_root(&self) -> &str {
        let module = self.module.replace('.', "/");
        let file = &self.place.file;
        let stem = file.strip_suffix(".py").unwrap_or(file);
        let stem = stem.strip_suffix("/__init__").unwrap_or(stem);
        stem.strip_suffix(module.as_str()).unwrap_or("")
    }

    /// As a server is told: `module:name`, `module:factory()`.
    #[must_use]
    pub fn import_name(&self) -> String {
        match &self.factory {
            Some(factory) => format!("{}:{factory}()", self.module),
            None => format!("{}:{}", self.module, self.name),
        }
    }
}

/// A keyword argument of an app's or blueprint's constructor.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct AppOption {
    /// Its name.
    pub name: String,
    /// Its text.
    pub value: Span,
    /// The whole argument.
    pub span: Span,
    /// Its value, where constant.
    pub constant: Option<Constant>,
}

/// A blueprint.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Blueprint {
    /// Its own name.
    pub name: String,
    /// The variable it is bound to.
    pub variable: String,
    /// Dotted import name of the module.
    pub module: String,
    /// Where it is created.
    #[serde(flatten)]
    pub place: Place,
    /// `url_prefix=` of its constructor.
    pub url_prefix: Option<String>,
    /// Arguments of its constructor.
    pub options: Vec<AppOption>,
    /// Blueprints mounted on it, in order.
    pub mounts: Vec<Mount>,
}

/// A blueprint mounted on an app or on another blueprint.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Mount {
    /// Index into [`Analysis::blueprints`].
    pub blueprint: usize,
    /// The prefix that applies, both ends joined as the framework does.
    pub prefix: Option<String>,
    /// `name=` at the mount.
    pub name: Option<String>,
    /// Where.
    pub place: Place,
}

/// What codegen needs to know of a file.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct FileInfo {
    /// Dotted import name.
    pub module: String,
    /// Its text on disk is UTF-8 without any change by decoding.
    pub editable: bool,
    /// The parser had to recover somewhere.
    pub damaged: bool,
    /// End of the last top-level import statement (byte), where new imports go; 0 when there is none.
    pub imports_end: u32,
    /// Import statements of the framework, whole, in order.
    pub imports: Vec<ImportStatement>,
    /// Names bound at module level.
    pub names: Vec<String>,
}

/// An import statement that names the framework.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ImportStatement {
    /// The whole statement.
    pub span: Span,
    /// Its line.
    pub line: u32,
    /// The module imported from, as written resolved (`flask`, `werkzeug.exceptions`).
    pub module: String,
    /// `from … import` (else `import …`).
    pub from: bool,
    /// What is imported: canonical name, bound name, span of `name as alias`.
    pub names: Vec<ImportedName>,
    /// At the top level of the module (else inside a function or block).
    pub top_level: bool,
}

/// A name of an import statement.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ImportedName {
    /// As it is called in its module.
    pub name: String,
    /// As it is called here.
    pub bound: String,
    /// `name as alias`.
    pub span: Span,
}
