//! Values of the framework, and what their attributes are.

use crate::flask::vocabulary;

use super::Meaning;

/// Values of the framework that flow through the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// The application object.
    App,
    /// The ambient application.
    CurrentApp,
    /// A blueprint.
    Blueprint,
    /// A group of commands: `app.cli`, `AppGroup(…)`.
    Commands,
    /// The current request.
    Request,
    /// The session.
    Session,
    /// The per-request namespace.
    Globals,
    /// A mapping of the request, or the configuration.
    Mapping(Mapping),
    /// An uploaded file.
    Upload,
    /// Several uploaded files.
    Uploads,
    /// A response object.
    Response,
}

/// Mappings that have an op of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mapping {
    /// `request.args`
    Query,
    /// `request.form`
    Form,
    /// `request.files`
    Files,
    /// `request.values`
    Values,
    /// `request.headers`
    Headers,
    /// `request.cookies`
    Cookies,
    /// `app.config`
    Config,
}

impl Mapping {
    /// The mapping that an attribute of the request is.
    #[must_use]
    pub fn of_request(name: &str) -> Option<Self> {
        Some(match name {
            "args" => Self::Query,
            "form" => Self::Form,
            "files" => Self::Files,
            "values" => Self::Values,
            "headers" => Self::Headers,
            "cookies" => Self::Cookies,
            _ => return None,
        })
    }
}

/// What calling a function or type of the framework gives.
pub(super) fn instance_kind(canonical: &str) -> Option<Kind> {
    Some(match canonical {
        "Flask" | "Quart" => Kind::App,
        "Blueprint" => Kind::Blueprint,
        "Request" => Kind::Request,
        "cli.AppGroup" => Kind::Commands,
        _ if vocabulary::makes_response(canonical) => Kind::Response,
        _ => return None,
    })
}

pub(super) fn value_attribute(kind: Kind, name: &str) -> Meaning {
    match (kind, name) {
        (Kind::App | Kind::CurrentApp, "config") => Meaning::Value(Kind::Mapping(Mapping::Config)),
        (Kind::App | Kind::CurrentApp, "response_class") => Meaning::Framework("Response".into()),
        (Kind::App | Kind::CurrentApp, "make_response" | "redirect") => {
            Meaning::Framework(name.into())
        }
        (Kind::App | Kind::CurrentApp | Kind::Blueprint, "send_static_file") => {
            Meaning::Framework("send_from_directory".into())
        }
        (Kind::App | Kind::CurrentApp | Kind::Blueprint, "cli") => Meaning::Value(Kind::Commands),
        (Kind::Request, _) => match Mapping::of_request(name) {
            Some(mapping) => Meaning::Value(Kind::Mapping(mapping)),
            None => Meaning::Unknown,
        },
        _ => Meaning::Unknown,
    }
}
