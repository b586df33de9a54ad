//! What all Python targets share: span edits, and imports in a file's own style.

pub mod edits;
pub mod imports;
pub mod rewrites;
pub mod rules;
