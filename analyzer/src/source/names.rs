//! Dotted import names of files.

use std::collections::HashSet;
use std::path::Path;

/// Dotted import names for the files of a tree, by their paths relative to its root.
///
/// The name starts at the outermost folder with an `__init__.py` on the way; without one, at the
/// root, where `src` and `lib` folders count for nothing. When the root is a package itself, names begin
/// with the packages around it.
pub(super) fn module_names(root: &Path, paths: &[String]) -> Vec<(String, bool)> {
    let packages: HashSet<&str> = paths
        .iter()
        .filter_map(|p| p.strip_suffix("__init__.py"))
        .map(|p| p.trim_end_matches('/'))
        .collect();
    let around = if packages.contains("") {
        enclosing(root)
    } else {
        Default::default()
    };
    paths
        .iter()
        .map(|path| {
            let stem = path.strip_suffix(".py").unwrap_or(path);
            let is_package = stem == "__init__" || stem.ends_with("/__init__");
            let stem = stem
                .strip_suffix("__init__")
                .unwrap_or(stem)
                .trim_end_matches('/');
            let parts: Vec<&str> = stem.split('/').filter(|p| !p.is_empty()).collect();
            if packages.contains("") {
                let mut name = around.clone();
                name.extend(parts.iter().map(|p| (*p).to_owned()));
                return (name.join("."), is_package);
            }
            let mut start = None;
            for i in 0..parts.len() {
                let folder = parts[..=i].join("/");
                if packages.contains(folder.as_str()) {
                    start = Some(i);
                    break;
                }
            }
            let start = start.unwrap_or_else(|| {
                usize::from(parts.len() > 1 && matches!(parts[0], "src" | "lib" | "python"))
            });
            (parts[start..].join("."), is_package)
        })
        .collect()
}

/// The root's own package name, from the outermost package around it.
fn enclosing(root: &Path) -> Vec<String> {
    let mut names = Vec::new();
    let mut at = root.canonicalize().ok();
    while let Some(folder) = at {
        if !folder.join("__init__.py").exists() {
            break;
        }
        if let Some(name) = folder.file_name().and_then(|n| n.to_str()) {
            names.push(name.to_owned());
        }
        at = folder.parent().map(Path::to_path_buf);
    }
    names.reverse();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let paths = [
            "app/__init__.py",
            "app/a/b.py",
            "src/pkg/__init__.py",
            "run.py",
            "src/x.py",
        ];
        let names: Vec<String> = module_names(Path::new("/nowhere"), &paths.map(str::to_owned))
            .into_iter()
            .map(|(n, _)| n)
            .collect();
        assert_eq!(names, ["app", "app.a.b", "pkg", "run", "x"]);
    }
}
