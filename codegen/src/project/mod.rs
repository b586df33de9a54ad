//! A port as a folder: which files come along, dependency files, the guide, and writing it whole.

mod addresses;
mod around;
mod assembly;
pub mod command;
mod commandline;
mod declared;
pub(crate) mod engine;
pub mod files;
pub mod guide;
mod manifests;
mod mentions;
pub mod output;
pub(crate) mod pins;
mod processes;
pub mod requirements;
mod servers;
mod setup;
mod sites;
mod translation;
mod uwsgi;

pub(crate) use around::{Around, around};
pub(crate) use assembly::assemble;
pub(crate) use servers::named;
