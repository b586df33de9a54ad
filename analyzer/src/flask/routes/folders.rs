//! The folders of static files.

use crate::flask::owners::{Owner, OwnerKind};
use crate::python::eval::Value;

use super::collector::Collector;

impl<'p> Collector<'_, 'p> {
    /// The folder whose files an owner serves, relative to the root: its `static_folder` joined to the folder
    /// of the module that it is named after (flask.sansio.scaffold.Scaffold, flask.helpers.get_root_path).
    pub(super) fn static_files(&self, owner: &Owner<'p>) -> Option<String> {
        if owner.own_root {
            return None;
        }
        let name = owner.import_name.as_str()?;
        let module = self.it.project.by_exact_name(name)?;
        let (above, _) = self
            .it
            .module(module)
            .path
            .rsplit_once('/')
            .unwrap_or_default();
        // Where it was set behind the constructor.
        let set = owner
            .object
            .and_then(|id| self.it.object(id).attributes.get("static_folder"));
        let folder = match (set.or(owner.static_folder.as_ref()), owner.kind) {
            (Some(Value::Str(folder)), _) => folder,
            (None, OwnerKind::App) => "static",
            _ => return None,
        };
        inside(above, folder)
    }
}

/// `folder` seen from `above`; nothing where that leads out of the tree.
fn inside(above: &str, folder: &str) -> Option<String> {
    if folder.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in above.split('/').chain(folder.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
