//! Why a port could not be written.

use model::Obstacle;

/// Why a port could not be written. Nothing was written then.
#[derive(Debug, thiserror::Error)]
pub enum PortError {
    /// No such target.
    #[error("no target `{0}`")]
    Target(String),
    /// The target has no such server, or no choice of one.
    #[error("{}", no_server(target, name))]
    Server {
        /// The target.
        target: String,
        /// What was asked for.
        name: String,
    },
    /// The target is what the app is written in.
    #[error("the app is a {0} app already")]
    SameFramework(String),
    /// The analysis has no app object to port.
    #[error("no app object was found: there are routes, but nothing that serves them")]
    NoApp,
    /// More than one app.
    #[error("{} apps were found: {}", .0.len(), .0.join(", "))]
    ManyApps(Vec<String>),
    /// Something that serves the whole app has no counterpart.
    #[error("this app cannot be ported to {target} yet")]
    Unsupported {
        /// The target.
        target: String,
        /// Each obstacle: place and reason.
        obstacles: Vec<Obstacle>,
    },
    /// Routes were chosen for a target that has no original to leave the others to.
    #[error("a port to {0} relays nothing, so `--only` and `--trace` have no meaning there")]
    NoRelay(String),
    /// No route fits what was chosen.
    #[error("no route fits `{0}`")]
    NoRoute(String),
    /// Another engine for templates that the port has none for.
    #[error("`--templates {0}` has no meaning here")]
    Templates(String),
    /// The folder cannot be written.
    #[error("{0}")]
    Output(OutputError),
    /// A file of the source could not be read.
    #[error("{path}: {why}")]
    Read {
        /// The file.
        path: String,
        /// What the system said.
        why: String,
    },
    /// What was written is no source of the target's language: a defect of `migrate`.
    #[error("{file}: {why} (a defect of migrate: please report it)")]
    Emission {
        /// The file.
        file: String,
        /// What its parser said.
        why: String,
    },
    /// Two rewrites want the same bytes: a defect of `migrate`.
    #[error("{file}: {overlap} (a defect of migrate: please report it)")]
    Overlap {
        /// The file.
        file: String,
        /// Which.
        overlap: crate::python::edits::Overlap,
    },
}

fn choices(target: &str) -> Vec<&'static str> {
    crate::targets::find(target).map_or_else(Vec::new, crate::Target::choices)
}

fn no_server(target: &str, name: &str) -> String {
    if choices(target).is_empty() {
        format!("a port to {target} takes no `--server`")
    } else {
        format!("no server `{name}` for a port to {target}")
    }
}

/// Why the output folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// It would lie inside the app.
    #[error("{0} lies inside the app")]
    Inside(String),
    /// The app would lie inside it.
    #[error("{0} contains the app")]
    Around(String),
    /// A file stands where a folder would be.
    #[error("{0} is a file")]
    File(String),
    /// The app is a port itself.
    #[error("{0} is a port that migrate wrote")]
    IsPort(String),
    /// Foreign files are in it.
    #[error("{0} exists and is not a port")]
    Foreign(String),
    /// Files of an earlier port were edited.
    #[error("{dir}: edited since it was written: {}", .files.join(", "))]
    Edited {
        /// The folder.
        dir: String,
        /// Its edited files.
        files: Vec<String>,
    },
    /// The system refused.
    #[error("{path}: {why}")]
    Io {
        /// Where.
        path: String,
        /// What it said.
        why: String,
    },
}

impl PortError {
    /// What to do about it.
    #[must_use]
    pub fn mend(&self) -> String {
        match self {
            Self::Target(_) => {
                let names: Vec<&str> = crate::targets::TARGETS.iter().map(|t| t.name).collect();
                format!(
                    "targets are: {}; planned: {}",
                    names.join(", "),
                    crate::targets::PLANNED.join(", ")
                )
            }
            Self::Server { target, .. } => match choices(target).as_slice() {
                [] => format!(
                    "leave it out; {}, and `migrate targets` names the servers of each",
                    crate::TARGETS
                        .iter()
                        .filter(|t| !t.choices().is_empty())
                        .map(|t| format!("{} takes {}", t.name, t.choices().join(", ")))
                        .collect::<Vec<_>>()
                        .join("; ")
                ),
                choices => format!("`--server` takes {} here", choices.join(", ")),
            },
            Self::SameFramework(_) => "choose another target".into(),
            Self::NoApp => "name the folder that holds `Flask(...)`".into(),
            Self::ManyApps(_) => "name the folder or file of the one to port".into(),
            Self::Unsupported { .. } => {
                "see the places above; `migrate explain CODE` tells more".into()
            }
            Self::NoRelay(_) => "port it whole, or to one of Python's frameworks".into(),
            Self::NoRoute(_) => {
                "endpoints and rules stand in `migrate analyze`; `*` is any text".into()
            }
            Self::Templates(_) => {
                "`--templates chameleon-rs` renders the page templates of an app that uses chameleon-flask".into()
            }
            Self::Output(e) => match e {
                OutputError::Inside(_) | OutputError::Around(_) | OutputError::File(_) => {
                    "choose another folder with --out".into()
                }
                OutputError::IsPort(_) => "name the original".into(),
                OutputError::Foreign(_) => "choose another folder with --out, or empty it".into(),
                OutputError::Edited { .. } => {
                    "move your changes away, or insist with --force".into()
                }
                OutputError::Io { .. } => "check the folder's permissions".into(),
            },
            Self::Read { .. } => "make the file readable".into(),
            Self::Overlap { .. } | Self::Emission { .. } => "nothing was written".into(),
        }
    }
}
