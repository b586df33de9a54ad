//! Templates: which there are, what each asks of the views that render it, and what is wrong with them.

pub mod chameleon;
mod context;
pub mod files;
mod findings;
mod graph;
pub mod jinja;
mod renders;
mod sources;

use std::path::{Component, Path, PathBuf};

use model::{Analysis, AppOption, Constant, Place};

pub use files::read_all;

use crate::flask::Naming;

#[cfg(test)]
mod tests;

/// Fills the templates of an analysis whose functions and routes are known, and adds what is wrong
/// with them to its findings.
pub fn fill(analysis: &mut Analysis, root: &Path, namings: &[Naming]) {
    analysis.templates = read_all(root, &folders(analysis));
    let sources = sources::Sources::new(analysis, root);
    let dynamic = renders::tie(&mut analysis.templates, &analysis.functions, &sources);
    renders::tie_named(&mut analysis.templates, namings);
    if analysis.templates.is_empty() {
        return;
    }
    let mut found = findings::findings(analysis, &sources, &dynamic);
    analysis.findings.append(&mut found);
}

/// The constant `template_folder=` of apps and blueprints, relative to the root.
fn folders(analysis: &Analysis) -> Vec<PathBuf> {
    let apps = analysis.apps.iter().map(|a| (&a.place, &a.options));
    let blueprints = analysis.blueprints.iter().map(|b| (&b.place, &b.options));
    let mut folders: Vec<PathBuf> = apps
        .chain(blueprints)
        .filter_map(|(place, options)| folder(place, options))
        .collect();
    // The longest first: a folder in another is the nearer one.
    folders.sort_by_key(|f| std::cmp::Reverse(f.as_os_str().len()));
    folders.dedup();
    folders
}

fn folder(place: &Place, options: &[AppOption]) -> Option<PathBuf> {
    let option = options.iter().find(|o| o.name == "template_folder")?;
    let Some(Constant::Str(named)) = &option.constant else {
        return None;
    };
    let mut folder = Path::new(&place.file).parent()?.to_path_buf();
    for part in Path::new(named).components() {
        match part {
            Component::Normal(part) => folder.push(part),
            Component::ParentDir => {
                folder.pop();
            }
            Component::CurDir => {}
            // An absolute path is not of this tree.
            _ => return None,
        }
    }
    (!folder.as_os_str().is_empty()).then_some(folder)
}
