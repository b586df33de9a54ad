//! Templates: what each asks of the views that render it, and where its forms and links lead.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::place::Place;

/// A template file, or a template written in the app's source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Template {
    /// The name that views and other templates call it by (`auth/login.html`).
    pub name: String,
    /// Where it is: its file, or the place of the text in the source.
    #[serde(flatten)]
    pub place: Place,
    /// What reads it.
    pub engine: Engine,
    /// What it is built from.
    pub edges: Vec<Edge>,
    /// Blocks (Jinja2) or slots (METAL) that it defines, in order.
    pub blocks: Vec<String>,
    /// Macros that it defines.
    pub macros: Vec<String>,
    /// Names that must come from outside, sorted; the framework's own context not left out.
    pub free: Vec<String>,
    /// Names that it binds anywhere (`set`, `for`, macros, imports), sorted. Blocks of a template that binds a name at
    /// its top level, and templates that it includes, find the name there and not outside, though it is among
    /// their free names.
    #[serde(default)]
    pub binds: Vec<String>,
    /// Free names that it can do without, sorted: it asks first (`x is defined`, `x|default(…)`, `if x`, `x or y`).
    #[serde(default)]
    pub optional: Vec<String>,
    /// Filters that it uses, sorted. Of Chameleon: expression types (`python`, `string`, `load`).
    pub filters: Vec<String>,
    /// Tests that it uses, sorted.
    pub tests: Vec<String>,
    /// Tags of extensions that it uses, sorted; those of i18n, `do` and loop controls left out. They may
    /// bind names that nothing tells.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Calls of `url_for`.
    pub urls: Vec<TemplateUrl>,
    /// What it calls, filters and tests left out: `url_for`, `post.title.upper`; the callee as written, where it is a
    /// name or a chain of attributes, else the last attribute (`.upper`). In order, each once.
    #[serde(default)]
    pub calls: Vec<String>,
    /// Attributes that it reads of anything, sorted, and `|tojson` or `|pprint` where these get more than literals,
    /// counts and texts; for who translates it, and in no document.
    #[serde(skip)]
    pub attributes: Vec<String>,
    /// Lines on which `%` has text on its left (`"%d" % x`): Python's formatting and no remainder.
    #[serde(default)]
    pub formats: Vec<u32>,
    /// Forms.
    pub forms: Vec<Form>,
    /// Links, images, scripts: where attributes of the page lead.
    pub links: Vec<Link>,
    /// Who renders it, with what.
    pub renders: Vec<RenderSite>,
    /// Why it could not be read whole; everything else is then what was found before that place.
    pub error: Option<TemplateError>,
}

/// What reads a template.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Engine {
    /// Jinja2.
    Jinja,
    /// Chameleon page templates.
    Chameleon,
}

/// How a template needs another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Edge {
    /// How.
    pub kind: EdgeKind,
    /// The other's name as it is written; `None` where only running tells.
    pub template: Option<String>,
    /// A macro or block of it that is named (`{% from x import name %}`, `metal:use-macro`).
    pub member: Option<String>,
    /// 1-based line.
    pub line: u32,
}

/// Kinds of edge between templates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EdgeKind {
    /// `{% extends %}`, `metal:extend-macro`.
    Extends,
    /// `{% include %}`, `tal:replace="structure load: …"`.
    Include,
    /// `{% import %}`, `{% from … import %}`.
    Import,
    /// `metal:use-macro`.
    Macro,
    /// `metal:fill-slot`.
    Slot,
}

/// A call of `url_for` in a template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TemplateUrl {
    /// The endpoint, where it is constant.
    pub endpoint: Option<String>,
    /// Names of its keyword arguments, in order.
    pub arguments: Vec<String>,
    /// 1-based line.
    pub line: u32,
}

/// A form of a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Form {
    /// Its `action`, as written; `None` for the page's own address.
    pub action: Option<String>,
    /// Upper case; `GET` where none is given.
    pub method: String,
    /// It uploads files (`multipart/form-data`).
    pub multipart: bool,
    /// Its fields with a name, in order.
    pub fields: Vec<Field>,
    /// 1-based line.
    pub line: u32,
}

/// A field of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Field {
    /// Its name as written, template expressions included.
    pub name: String,
    /// `text`, `password`, `hidden`, `file`, `select`, `textarea`, `submit`, …
    pub kind: String,
    /// `required` is set.
    pub required: bool,
}

/// An attribute of a page that leads somewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Link {
    /// The tag: `a`, `img`, `script`, `link`, …
    pub tag: String,
    /// The attribute's text as written, template expressions included.
    pub target: String,
    /// 1-based line.
    pub line: u32,
}

/// A place where a function renders a template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RenderSite {
    /// Id of the function, as in `functions`.
    pub function: String,
    /// 1-based line.
    pub line: u32,
    /// Names that it passes, in order.
    pub keys: Vec<String>,
    /// It passes more than these (`**context`).
    pub open: bool,
}

/// Where and why a template could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TemplateError {
    /// 1-based line.
    pub line: u32,
    /// What is wrong there.
    pub message: String,
}
