//! What differs between the frameworks on ASGI that a port may be written for.

use model::{Function, Route, Touch};

use super::Port;
use crate::error::PortError;

/// What takes the place of an object of Flask's where it is made.
pub(crate) struct Made {
    /// The expression.
    pub text: String,
    /// What it needs imported: modules and names.
    pub imports: &'static [(&'static str, &'static str)],
}

/// A rule with its view, as both frameworks have it.
pub(crate) struct Registered<'t> {
    /// What it is registered on, as written.
    pub owner: &'t str,
    /// An expression: the path in Starlette's spelling.
    pub path: String,
    /// Its methods, quoted, in the order in which they were written.
    pub methods: Vec<String>,
    /// The endpoint, where it is not the view's own name.
    pub name: Option<String>,
    /// Options for which routes have no word, each after a comma.
    pub options: Option<String>,
}

/// A framework that views are given to.
pub(crate) trait Framework: Sync {
    /// The target's name, which is the package's too, and its version as measured.
    fn package(&self) -> (&'static str, &'static str);

    /// What stands before one of its names where a file has something else by that name.
    fn prefix(&self) -> &'static str;

    /// Packages that are needed beside those of every port.
    fn companions(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }

    /// The classes in the place of `Flask` and `Blueprint`, each with its module.
    fn classes(&self) -> [(&'static str, &'static str); 2];

    /// The support module for what is the framework's own: `prepare`, `FlaskRoute`, `rule`.
    fn support(&self) -> &'static str;

    /// Attributes of the framework's app object: one of the user's by such a name would change it.
    fn taken(&self) -> &'static [&'static str];

    /// The app object.
    fn app(&self) -> Made;

    /// The object of a blueprint; `prefix` is an argument of the call (`prefix="/auth", `) or empty.
    fn blueprint(&self, prefix: &str) -> Made;

    /// Whether the object of a blueprint has its prefix, so that it need not be said where it is mounted.
    fn keeps_prefix(&self) -> bool;

    /// What serves a WSGI application as a whole, in the file that does so: imports and statements.
    fn server(&self, wsgi: &str) -> (&'static str, String);

    /// Registers a view by one of its decorators.
    fn decorate(
        &self,
        port: &mut Port<'_>,
        view: &Function,
        touch: &Touch,
        registered: &Registered<'_>,
    ) -> Result<(), PortError>;

    /// The call that registers the expression `view`.
    fn add(
        &self,
        port: &mut Port<'_>,
        file: &str,
        registered: &Registered<'_>,
        view: &str,
    ) -> String;

    /// The statement that gives the routes of a blueprint to an app or to another one.
    fn include(&self, port: &mut Port<'_>, mount: &Mounted<'_>) -> String;

    /// Whether a function's uses of the request will all come through parameters.
    fn takes_request(&self, port: &Port<'_>, function: &Function) -> bool;

    /// Gives a function that answers a route the parameters that it needs.
    fn parameters(&self, port: &mut Port<'_>, function: &Function) -> Result<(), PortError>;

    /// What is written after all views were seen.
    fn conclude(&self, _port: &mut Port<'_>) -> Result<(), PortError> {
        Ok(())
    }

    /// Whether the port registers two routes in the order of the original.
    fn keeps_order(&self, _port: &Port<'_>, _first: &Route, _second: &Route) -> bool {
        true
    }
}

/// A blueprint where it is mounted.
pub(crate) struct Mounted<'t> {
    /// The file of the statement.
    pub file: &'t str,
    /// The app or blueprint that takes it, as written.
    pub owner: &'t str,
    /// Whether that is an app.
    pub on_app: bool,
    /// The blueprint, as written.
    pub blueprint: &'t str,
    /// The prefix that is written at the mount.
    pub prefix: Option<Prefix<'t>>,
    /// The blueprint's own prefix, which counts where none is written here.
    pub own_prefix: Option<&'t str>,
}

/// A prefix as it is written.
#[derive(Clone)]
pub(crate) enum Prefix<'t> {
    /// This text.
    Known(&'t str),
    /// The value of an expression.
    Computed(String),
}
