//! What an app says about itself for `verify`: `migrate.toml`, or `[tool.migrate]` of its pyproject.toml.

pub mod login;

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::http::Recipe;
pub use login::LoginRequest;

/// The settings of an app; every one may be left out.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// How the app is found and started.
    pub app: App,
    /// How it is verified.
    pub verify: Verify,
}

/// `[app]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct App {
    /// The app object or factory as servers take it: `flaskr:create_app()`; both sides serve it.
    pub app: Option<String>,
    /// Folder to start it in, relative to the root.
    pub cwd: Option<PathBuf>,
    /// Environment variables for both sides.
    pub env: BTreeMap<String, String>,
}

/// `[verify]`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Verify {
    /// The app's secret key, to read session cookies.
    pub secret_key: Option<String>,
    /// Commands that run once in a copy of the original; files that they make are laid over every copy.
    pub setup: Vec<String>,
    /// Commands that run in the port's copy instead. Absent, the port gets the files of `setup`; an empty list
    /// means that it gets nothing.
    pub port_setup: Option<Vec<String>>,
    /// `[verify.login]`.
    pub login: Login,
}

/// `[verify.login]`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Login {
    /// Walked before the rest, in order.
    pub requests: Vec<LoginRequest>,
}

/// Why settings cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// The system refused to read the file.
    #[error("{path}: {why}", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        why: String,
    },
    /// The file is no TOML, or has a key or a value that means nothing here.
    #[error("{path}:{line}: {why}", path = path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong, the known keys with it.
        why: String,
    },
}

impl SettingsError {
    /// What to do about it.
    #[must_use]
    pub const fn mend(&self) -> &'static str {
        match self {
            Self::Read { .. } => "make the file readable, as UTF-8 text",
            Self::Content { .. } => "correct that line, or take it out",
        }
    }
}

/// As much of a pyproject.toml as matters here; the rest is other tools' business.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Pyproject {
    tool: Tool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Tool {
    migrate: Settings,
}

impl Settings {
    /// The settings of the app at `root`, a folder or a single Python file (then those beside it count). `migrate.toml`
    /// wins over pyproject.toml as a whole; where neither says anything, the settings are empty.
    ///
    /// # Errors
    /// [`SettingsError`] when a file cannot be read or says something unknown.
    pub fn read(root: &Path) -> Result<Self, SettingsError> {
        let folder = if root.is_file() {
            root.parent().unwrap_or(root)
        } else {
            root
        };
        let own = folder.join("migrate.toml");
        if let Some(text) = text(&own)? {
            return toml::from_str(&text).map_err(|e| content(&own, &text, &e));
        }
        let shared = folder.join("pyproject.toml");
        let Some(text) = text(&shared)? else {
            return Ok(Self::default());
        };
        let pyproject: Pyproject =
            toml::from_str(&text).map_err(|e| content(&shared, &text, &e))?;
        Ok(pyproject.tool.migrate)
    }

    /// The requests that log in, of session `login`.
    #[must_use]
    pub fn login(&self) -> Vec<Recipe> {
        login::recipes(&self.verify.login.requests)
    }
}

/// A file's text; `None` where there is no such file.
fn text(path: &Path) -> Result<Option<String>, SettingsError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(SettingsError::Read {
            path: path.to_owned(),
            why: e.to_string(),
        }),
    }
}

fn content(path: &Path, text: &str, error: &toml::de::Error) -> SettingsError {
    let before = error.span().and_then(|s| text.get(..s.start));
    SettingsError::Content {
        path: path.to_owned(),
        line: before.unwrap_or("").matches('\n').count() + 1,
        why: error.message().replace('\n', ", "),
    }
}

#[cfg(test)]
mod tests;
