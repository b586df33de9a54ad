//! A port as a folder: which files come along, dependency files, the guide, and writing it whole.

pub mod command;
pub mod files;
pub mod guide;
pub mod output;
pub mod requirements;
