//! Virtual environments: one a side, from what its tree declares.
//!
//! ```text
//! folder ──declared──▶ Declared ──with server and framework──▶ Wanted ──Environments::make──▶ Interpreter
//! ```
//!
//! Nothing of the app is run or installed here: its tree is only read, and its packages come from a package index.
//! Environments are kept in a cache, under a name that says all that went into them, and made once.

mod cache;
mod declared;
mod error;
mod install;
mod interpreter;
mod manifests;
mod poetry;
mod requirements;
mod servers;
mod times;

use std::path::{Path, PathBuf};

pub use cache::folder as cache_folder;
pub use declared::{Asked, Declared, declared};
pub use error::EnvironmentError;
pub use install::{Ended, Installer, Launch, Plain, Runner};
pub use interpreter::Interpreter;
pub use servers::packages as server_packages;

/// What an environment is to hold.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// A name for people, a part of the folder's: `blog-original`.
    pub name: String,
    /// The interpreter to make it with; absent, the newest one that the tree allows.
    pub python: Option<PathBuf>,
    /// What the tree declares.
    pub requirements: Declared,
    /// Packages of the server that it is run with and of the tests that are run, added where the tree does not name them; see [`server_packages`].
    pub server: Vec<String>,
    /// The framework's package, added where the tree names no package at all.
    pub framework: Vec<String>,
}

impl Wanted {
    /// What is installed over what is declared.
    #[must_use]
    pub fn added(&self) -> Vec<&str> {
        let framework = if self.requirements.is_empty() {
            self.framework.as_slice()
        } else {
            &[]
        };
        let mut out: Vec<&str> = Vec::new();
        for package in framework.iter().chain(&self.server) {
            let name = requirements::package(package);
            let named = name.is_some_and(|n| self.requirements.names(&n));
            if !named && !out.contains(&package.as_str()) {
                out.push(package);
            }
        }
        out
    }
}

/// Where packages may come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// A package index.
    #[default]
    Index,
    /// Environments that were made before, and nothing else (`--offline`).
    Cache,
}

/// Makes environments.
pub struct Environments<'a> {
    /// Where they are kept; see [`cache_folder`].
    pub cache: PathBuf,
    /// What installs.
    pub installer: Installer,
    /// Where packages may come from.
    pub reach: Reach,
    /// Runs commands.
    pub runner: &'a dyn Runner,
}

impl<'a> Environments<'a> {
    /// With the cache and the installer that this machine has, and packages from an index.
    #[must_use]
    pub fn new(runner: &'a dyn Runner) -> Self {
        Self {
            cache: cache_folder(),
            installer: Installer::found(),
            reach: Reach::Index,
            runner,
        }
    }

    /// The interpreter of an environment that holds what is wanted: one that was made before, or a new one. What the
    /// commands print goes to the end of `log`. Two calls at once for the same environment, by two processes too, wait for each other.
    ///
    /// # Errors
    /// [`EnvironmentError`]; what was begun is made anew the next time.
    pub fn make(&self, wanted: &Wanted, log: &Path) -> Result<Interpreter, EnvironmentError> {
        let base = match &wanted.python {
            Some(path) => interpreter::Base::at(path)?,
            None => interpreter::Base::find(wanted.requirements.python.as_ref(), &self.installer)?,
        };
        let contents = install::Contents::of(wanted);
        let place = cache::Place::new(&self.cache, &wanted.name, &base.identity(), &contents);
        if let Some(made) = place.made() {
            times::level(&place.folder);
            return Ok(made);
        }
        if self.reach == Reach::Cache {
            return Err(EnvironmentError::Offline {
                declared: wanted.requirements.origin(),
            });
        }
        let _lock = place.lock()?;
        // Another run may have made it while this one waited.
        if let Some(made) = place.made() {
            return Ok(made);
        }
        place.clear()?;
        install::make(self, &place.folder, &base.python, wanted, &contents, log)?;
        let made = place.complete()?;
        times::level(&place.folder);
        Ok(made)
    }
}

#[cfg(test)]
mod tests;
