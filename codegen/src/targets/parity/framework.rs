//! What differs between the frameworks in Python that a port may be written for. What they do not say is ASGI's.

use std::collections::BTreeSet;

use model::{Deviation, Function, Route, Touch};

use super::Port;
use super::routes;
use crate::error::PortError;
use crate::support::Ground;

/// What takes the place of an object of Flask's where it is made.
pub(crate) struct Made {
    /// The expression.
    pub text: String,
    /// What it needs imported: modules and names.
    pub imports: &'static [(&'static str, &'static str)],
}

/// A deviation of what cannot be sent.
pub(crate) struct Unsendable {
    /// Its code.
    pub code: &'static str,
    /// The port's status, or words.
    pub port: &'static str,
    /// In words.
    pub what: &'static str,
}

/// A rule with its view, as both frameworks have it.
pub(crate) struct Registered<'t> {
    /// What it is registered on, as written.
    pub owner: &'t str,
    /// An expression: the path in the framework's spelling.
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

    /// The package of the server, where the framework has none of its own.
    fn server(&self) -> Option<(&'static str, &'static str)> {
        Some(("uvicorn", "==0.54.0"))
    }

    /// The command that serves `target` (`module:app`, or `module:factory`), with `{host}` and `{port}`; `threads` are those
    /// that synchronous views need beside each other, where the server has to be told.
    fn serve(&self, target: &str, is_factory: bool, _threads: u32) -> Vec<String> {
        let factory = is_factory.then_some("--factory");
        ["uvicorn", "--host", "{host}", "--port", "{port}"]
            .into_iter()
            .chain(factory)
            .chain([target])
            .map(str::to_owned)
            .collect()
    }

    /// The call that serves an app in its own file, the module that it needs, and what starts then.
    fn runs(&self, app: &str, arguments: &[String]) -> (String, Option<&'static str>) {
        let arguments = [std::slice::from_ref(&app.to_owned()), arguments].concat();
        (
            format!("uvicorn.run({})", arguments.join(", ")),
            Some("uvicorn"),
        )
    }

    /// Support modules that every port carries, whatever it imports.
    fn carried(&self) -> &'static [&'static str] {
        &[]
    }

    /// What the support package stands on.
    fn ground(&self) -> Ground {
        Ground::Asgi
    }

    /// The literal of a rule in the framework's spelling, quotes kept; `None` where it is none, or has no such spelling.
    fn path(&self, literal: &str) -> Option<String> {
        routes::path(literal)
    }

    /// The support module whose `path` spells a rule when the app runs.
    fn spelling(&self) -> &'static str {
        "flask_parity.rules"
    }

    /// The support module whose `add_url` names a URL that another route answers.
    fn urls(&self) -> &'static str {
        "flask_parity.urls"
    }

    /// The support module whose `WsgiLayer` WSGI middleware of the app's own is put around.
    fn layer(&self) -> &'static str {
        "flask_parity.wsgi"
    }

    /// The support module by which views are left to Flask, in the port's own process.
    fn relay(&self) -> &'static str {
        "flask_parity.relay"
    }

    /// What serves a WSGI application inside the framework's, where that takes a package.
    fn adapter(&self) -> Option<(&'static str, &'static str)> {
        Some(("a2wsgi", "==1.10.10"))
    }

    /// What becomes of an answer that the original's server refuses to send.
    fn unsendable(&self) -> Unsendable {
        Unsendable {
            code: "D-asgi-unsendable",
            port: "500",
            what: "what a server refuses to send (a status outside of 100 to 599, a header beyond Latin-1) is the port's own \
                   page for an error 500, where gunicorn has one of its own or sends the status",
        }
    }

    /// What is known to differ on this framework alone.
    fn deviations(&self, _port: &Port<'_>) -> Vec<Deviation> {
        Vec::new()
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

    /// What serves a Flask app (an expression) as a whole, in the file that does so: imports and statements.
    fn hosts(&self, app: &str) -> (&'static str, String);

    /// The name of that file.
    fn host(&self) -> &'static str {
        "asgi"
    }

    /// Support modules that it needs.
    fn host_modules(&self) -> BTreeSet<String> {
        BTreeSet::new()
    }

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

    /// Whether the framework, or what the port carries for it, puts the routes in Werkzeug's order anyway.
    fn sorts_itself(&self) -> bool {
        false
    }

    /// Why the app's own tests stay as they are, where no client in the process answers as the server does.
    fn without_client(&self) -> Option<&'static str> {
        None
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
