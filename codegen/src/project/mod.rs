//! A port as a folder: which files come along, dependency files, the guide, and writing it whole.

mod assembly;
pub mod command;
pub mod files;
pub mod guide;
pub mod output;
pub mod requirements;
mod servers;

pub(crate) use assembly::assemble;
pub(crate) use servers::commands;
