//! Findings: what the analysis wants a person to know.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::place::Place;

/// A remark at a place, with a reason and a mend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// Stable code, `M0103`.
    pub code: Code,
    /// How bad.
    pub severity: Severity,
    /// Where.
    #[serde(flatten)]
    pub place: Place,
    /// What is the matter, in one sentence.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

/// How bad a finding is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Something is left out of the analysis.
    Error,
    /// Something is not known whole.
    Warning,
    /// Good to know.
    Note,
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident,)+) => {
        /// The code of a finding. Families: M00 input, M01 routes, M02 touches, M03 plan,
        /// M04 templates, M05 extensions, M06 servers, M07 security.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
        )]
        pub enum Code {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Code {
            /// Every code, in order.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// `M0103`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)+ }
            }

            /// The page that `migrate explain` prints: this code's own doc comment.
            #[must_use]
            pub const fn page(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc, "\n",)+),)+ }
            }
        }
    };
}

codes! {
    /// A file could not be read.
    ///
    /// ## What it means
    /// The file exists but its bytes could not be had (permissions, a broken link).
    ///
    /// ## What to do
    /// Make it readable, or remove it. Nothing in it is part of the analysis.
    M0001,
    /// A file is not in the encoding it declares.
    ///
    /// ## What it means
    /// Python reads a source file as UTF-8, or as its PEP 263 cookie says (`# -*- coding: latin-1 -*-`).
    /// This file's bytes are not valid there, so Python could not import it either.
    ///
    /// ## What to do
    /// Save it as UTF-8, or correct the cookie. Nothing in it is part of the analysis.
    M0002,
    /// A file is too large to be source code.
    ///
    /// ## What it means
    /// Files above 8 MiB are not read: they are data that someone gave a `.py` name.
    ///
    /// ## What to do
    /// Nothing, if no route is defined there. Otherwise split the file.
    M0003,
    /// A file has a syntax error.
    ///
    /// ## What it means
    /// The parser had to skip some text. What stands around it is analysed all the same, but a route or
    /// a touch in the damaged part may be missing. A port of an app whose own files are damaged is not
    /// written; any other file is carried over unedited.
    ///
    /// ## What to do
    /// Correct it: Python could not import this file either.
    M0004,
    /// A route's rule could not be computed.
    ///
    /// ## What it means
    /// A rule is built from something that only exists when the app runs (a database, a file, an
    /// environment variable). The route is in the list as `partial`, with `<?>` for the unknown part.
    ///
    /// ## What to do
    /// Check the routes that this place makes against `app.url_map`.
    M0101,
    /// Routes are registered from data that is not known.
    ///
    /// ## What it means
    /// A loop or a call registers routes for elements that only exist when the app runs. How many there
    /// are, and their names, cannot be told.
    ///
    /// ## What to do
    /// Check the routes that this place makes against `app.url_map`.
    M0102,
    /// The view of a route could not be resolved.
    ///
    /// ## What it means
    /// The rule is known, the function that answers it is not: it comes from a call or a variable that
    /// the analysis cannot follow.
    ///
    /// ## What to do
    /// Name the function at the registration if you want this route ported.
    M0103,
    /// A blueprint could not be resolved.
    ///
    /// ## What it means
    /// `register_blueprint` got a value that the analysis cannot follow, so that blueprint's routes and
    /// their prefix may be missing.
    ///
    /// ## What to do
    /// Import the blueprint by name where it is registered.
    M0104,
    /// A blueprint is never registered on an app.
    ///
    /// ## What it means
    /// The blueprint has routes, and no call that mounts it was found. Its routes are listed as
    /// `partial` under an unknown prefix.
    ///
    /// ## What to do
    /// Nothing, if it is mounted by another project. Otherwise register it, or remove it.
    M0105,
    /// An extension registers routes that are not in this source.
    ///
    /// ## What it means
    /// A package (an admin, an API generator) adds rules of its own when it is attached to the app.
    ///
    /// ## What to do
    /// Check them against `app.url_map`; a port leaves them to the extension.
    M0106,
    /// Something of the framework is used in a way that is not understood.
    ///
    /// ## What it means
    /// A name or attribute of the framework is used that the model has no word for. What depends on it is
    /// never called native.
    ///
    /// ## What to do
    /// Nothing for the original. A port leaves the function as it is, or refuses its routes.
    M0201,
    /// The request leaves for code that is not understood.
    ///
    /// ## What it means
    /// The request object itself is stored, or passed to a function outside this source.
    ///
    /// ## What to do
    /// Pass the values that are needed instead of the request.
    M0202,
    /// The app is handed to code that is not in this source.
    ///
    /// ## What it means
    /// A library that is no known extension gets the app object. It may add routes, hooks or error handlers to it,
    /// wrap it, or serve it; none of that is in the analysis. A Python port leaves the app to Flask as a whole then,
    /// unless it is a known library that changes no answer, or a server; with `--no-relay` no port is written.
    ///
    /// ## What to do
    /// Read what it does. Where it serves the app, the port's own server takes its place; where it adds to the app,
    /// add that by hand, or keep the app where it is.
    M0203,
    /// The app is handed to code that is found only at run time.
    ///
    /// ## What it means
    /// What is called hangs on a value: a module loaded by name, a plugin's hook, an attribute of an object. It gets
    /// the app object, and what it does with it is not in the analysis.
    ///
    /// ## What to do
    /// Read what it does. A Python port hands it its own app with Flask's attributes (`flask_parity.shape`): settings,
    /// hooks, filters and log work, routes do not.
    M0204,
    /// A decorator hides the view's signature.
    ///
    /// ## What it means
    /// The target calls views by their declared parameters. A wrapper without `functools.wraps`, or one that
    /// looks into its arguments, does not show them.
    ///
    /// ## What to do
    /// Add `@functools.wraps(view)` to the wrapper and let it take and pass on `**kwargs`.
    M0301,
    /// The target has no counterpart for something the function uses.
    ///
    /// ## What it means
    /// The port cannot answer this route as the original does, so it does not pretend to. A Python port leaves the
    /// route to Flask, on an app that it embeds; a Rust one, and any with `--no-relay`, answers 501 and names the
    /// reason.
    ///
    /// ## What to do
    /// Replace the use named in the message, or keep this route on the original.
    M0302,
    /// A static rule is shadowed by a parameter rule registered before it.
    ///
    /// ## What it means
    /// Werkzeug picks the most specific rule; the target picks the first one. The port registers
    /// them in Werkzeug's order.
    ///
    /// ## What to do
    /// Nothing.
    M0303,
    /// Something that serves the whole app cannot be ported.
    ///
    /// ## What it means
    /// A hook, an error handler, an extension or an app option concerns every request, and the target has no
    /// counterpart.
    ///
    /// ## What to do
    /// See the message; without a mend a Python port leaves the app to Flask as a whole, and a Rust one is not written.
    M0304,
    /// A function has no form in the target's language.
    ///
    /// ## What it means
    /// A port to Rust translates a function whole or not at all. This one does something whose meaning in Rust is not
    /// known: it calls a library, uses a value whose type cannot be followed, loops, catches exceptions. The route is there
    /// and answers 501 with this reason; the Python stands in a comment where the Rust belongs. A hook that is not
    /// translated holds back every route that it runs around: they answer 501 until it is.
    ///
    /// ## What to do
    /// Translate it by hand in the port, hooks first. Or make it simpler in the original: a helper that only computes is
    /// translated with the view that calls it.
    M0305,
    /// A route is left to the original because others were chosen.
    ///
    /// ## What it means
    /// `migrate port --only` named the routes to port. The view of this one is none of them: it is relayed to the original
    /// app, which the port carries.
    ///
    /// ## What to do
    /// Nothing; or port again, with this route's endpoint or rule among the chosen ones.
    M0306,
    /// A template uses a variable that no view passes to it.
    ///
    /// ## What it means
    /// Every view that renders the template is known, with everything that it passes, and so are context processors
    /// and template globals. None of them has this name, and the template does not ask whether it is there.
    ///
    /// ## What to do
    /// Pass it, or correct its name: it renders as nothing, or fails when something is asked of it.
    M0401,
    /// No view reaches a template.
    ///
    /// ## What it means
    /// No function renders it, no other template extends, includes or imports it, and its name stands nowhere in the
    /// source.
    ///
    /// ## What to do
    /// Remove it, if nothing outside this source uses it.
    M0402,
    /// A template links to an endpoint that does not exist.
    ///
    /// ## What it means
    /// `url_for` names an endpoint that no route of the app has. Rendering the template fails there with a
    /// `BuildError`.
    ///
    /// ## What to do
    /// Correct the endpoint, or add the route.
    M0403,
    /// A template cannot be parsed.
    ///
    /// ## What it means
    /// A view renders it, and its engine will refuse it. What stands before the mistake is analysed.
    ///
    /// ## What to do
    /// Correct the mistake at the line that the finding names.
    M0404,
    /// An extension that migrate does not know.
    ///
    /// ## What it means
    /// The package is named like an extension of the framework. What it is made of, what it adds to the app
    /// (hooks, routes, template globals) and what a target could offer in its place is not known.
    ///
    /// ## What to do
    /// Read what its `init_app` does before you plan a port: whatever it adds to the app is missing in one.
    M0501,
    /// An extension cannot be carried into the port.
    ///
    /// ## What it means
    /// The app imports an extension of its framework, and this target has no support for it yet. Whatever
    /// it adds (a login, a database session, a form) would be missing, so no port is written.
    ///
    /// ## What to do
    /// `migrate analyze PATH --to TARGET` says what the target has in its place: use that in the original first
    /// where it is the library underneath, or keep the app where it is.
    M0502,
    /// The target's server cannot do what the app's server does now.
    ///
    /// ## What it means
    /// A command line that starts the app asks for something (replacing workers, a Unix socket, certificates)
    /// that the server under the port has no option for. The port runs without it.
    ///
    /// ## What to do
    /// See the help: another server, the proxy in front or the service manager can often do it instead.
    /// `migrate targets` prints what each server can do.
    M0601,
    /// An option of the app's server has no equal.
    ///
    /// ## What it means
    /// A command line that starts the app has an option that the server under the port does not know. It
    /// tunes or reports; answers do not depend on it.
    ///
    /// ## What to do
    /// Drop it, or look for the new server's own way.
    M0602,
    /// The target's server can be brought down from outside.
    ///
    /// ## What it means
    /// A request that anybody can send ends the server's process, whatever the app does. Robyn 0.88: a chunked body
    /// with a malformed length, on any path, aborts the process (issue 1425 of its tracker, open; measured by us).
    /// It also keeps a whole body in memory, however large it is, before the app is asked.
    ///
    /// ## What to do
    /// Put a proxy in front that reads the whole request before it passes it on and limits bodies (nginx:
    /// `proxy_request_buffering on`, its default, and `client_max_body_size`), never give the server's own port to
    /// the network, and let a process manager start the process again (`--server circus`, or systemd with
    /// `Restart=always`).
    M0701,
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl std::str::FromStr for Code {
    type Err = ();

    fn from_str(s: &str) -> Result<Self, ()> {
        Self::ALL
            .iter()
            .copied()
            .find(|c| c.name().eq_ignore_ascii_case(s))
            .ok_or(())
    }
}
