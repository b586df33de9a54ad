//! Apps and blueprints: who owns rules, and what was registered on them, in order.

use model::Role;
use model::touch::{HookTime, TemplateExtensionKind};

use crate::python::eval::{ObjectId, Site, Value};

/// Index into [`super::world::Flask::owners`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct OwnerId(pub u32);

/// An app or a blueprint.
#[derive(Clone, Debug)]
pub(super) struct Owner<'p> {
    /// App, blueprint, or a receiver that is not known.
    pub kind: OwnerKind,
    /// `flask` or `quart`.
    pub framework: &'static str,
    /// The object; absent for a receiver that is not known.
    pub object: Option<ObjectId>,
    /// Where it was made.
    pub site: Option<Site>,
    /// A blueprint's name.
    pub name: Value<'p>,
    /// A blueprint's prefix.
    pub prefix: Value<'p>,
    /// `subdomain=`
    pub subdomain: Value<'p>,
    /// `import_name=`
    pub import_name: Value<'p>,
    /// `root_path=` was given.
    pub own_root: bool,
    /// `static_folder=`; unknown for the default.
    pub static_folder: Option<Value<'p>>,
    /// `static_url_path=`
    pub static_path: Option<Value<'p>>,
    /// What was registered, in order.
    pub entries: Vec<Entry<'p>>,
    /// Made under an unknown condition.
    pub conditional: bool,
}

/// What an owner is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OwnerKind {
    /// An application.
    App,
    /// A blueprint.
    Blueprint,
    /// A receiver that is not known: taken for an app.
    Unknown,
}

/// A registration.
#[derive(Clone, Debug)]
pub(super) enum Entry<'p> {
    /// A rule.
    Rule(Box<Rule<'p>>),
    /// A blueprint.
    Mount(Mount<'p>),
    /// A hook.
    Hook(Box<Hook<'p>>),
}

/// A hook as it was registered.
#[derive(Clone, Debug)]
pub(super) struct Hook<'p> {
    /// What it does.
    pub what: HookWhat,
    /// The code or exception of an error handler, the name of what is added to templates.
    pub key: Value<'p>,
    /// The function.
    pub function: Value<'p>,
    /// It serves the whole app also when it is a blueprint's.
    pub whole_app: bool,
    /// Where.
    pub site: Site,
    /// The call sites that led there, innermost first.
    pub calls: Vec<Site>,
    /// Under an unknown condition or in a loop over something unknown.
    pub conditional: bool,
}

/// What a hook does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HookWhat {
    /// Runs around requests or the app's life.
    Request(HookTime),
    /// Answers an error.
    Error,
    /// Serves templates.
    Template(TemplateExtensionKind),
}

impl HookWhat {
    /// The role of its function.
    pub(super) const fn role(self) -> Role {
        match self {
            Self::Request(HookTime::TemplateContext) => Role::ContextProcessor,
            Self::Request(_) => Role::Hook,
            Self::Error => Role::ErrorHandler,
            Self::Template(_) => Role::TemplateFilter,
        }
    }
}

/// A rule as it was registered.
#[derive(Clone, Debug)]
pub(super) struct Rule<'p> {
    /// The rule.
    pub rule: Value<'p>,
    /// Prefixes that apply inside the owner's own (an API's, a namespace's), outermost first.
    pub inner_prefix: Vec<Value<'p>>,
    /// Methods; `None` when they are not known.
    pub methods: Option<Vec<String>>,
    /// The endpoint without the blueprint's name; unknown values are holes.
    pub endpoint: Value<'p>,
    /// `endpoint=` was given.
    pub explicit_endpoint: bool,
    /// What answers.
    pub view: Option<Value<'p>>,
    /// `defaults=`
    pub defaults: Value<'p>,
    /// `strict_slashes=`
    pub strict_slashes: Option<bool>,
    /// `host=`
    pub host: Value<'p>,
    /// `subdomain=`
    pub subdomain: Value<'p>,
    /// A websocket.
    pub websocket: bool,
    /// Where.
    pub site: Site,
    /// The call sites that led there, innermost first.
    pub calls: Vec<Site>,
    /// By a decorator.
    pub decorator: bool,
    /// Under an unknown condition.
    pub conditional: bool,
    /// In a loop over something unknown.
    pub in_unknown_loop: bool,
    /// An automatic static route.
    pub is_static: bool,
}

/// A blueprint as it was mounted.
#[derive(Clone, Debug)]
pub(super) struct Mount<'p> {
    /// Which; `None` when it is not known.
    pub blueprint: Option<OwnerId>,
    /// `url_prefix=`
    pub prefix: Option<Value<'p>>,
    /// `name=`
    pub name: Option<Value<'p>>,
    /// Where.
    pub site: Site,
    /// Under an unknown condition.
    pub conditional: bool,
}
