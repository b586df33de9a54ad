//! Template files: where they lie, what they are called, which engine reads them.

use std::path::{Component, Path, PathBuf};

use model::{Engine, Place, Template, TemplateError};
use rayon::prelude::*;

use crate::source::walk;

use super::{chameleon, jinja};

/// Files above this size are data, not templates.
const MAX_BYTES: u64 = 2 << 20;

/// Reads every template below `root`: files in folders named `templates`, and in `folders` (relative
/// to `root`), with the path from there as their name. Sorted by name, then by path.
#[must_use]
pub fn read_all(root: &Path, folders: &[PathBuf]) -> Vec<Template> {
    let base = if root.is_file() {
        root.parent().unwrap_or(root)
    } else {
        root
    };
    // Beside a single file lies everything and nothing: only its own folders are looked into.
    let paths = if root.is_file() {
        folders
            .iter()
            .map(PathBuf::as_path)
            .chain([Path::new("templates")])
            .flat_map(|folder| walk::files(&base.join(folder), |path| engine(path).is_some()))
            .collect()
    } else {
        walk::files(base, |path| engine(path).is_some())
    };
    let named: Vec<(String, PathBuf)> = paths
        .into_iter()
        .filter_map(|path| {
            let name = name(path.strip_prefix(base).ok()?, folders)?;
            Some((name, path))
        })
        .collect();
    let mut templates: Vec<Template> = named
        .par_iter()
        .filter_map(|(name, path)| {
            let relative = shown(path.strip_prefix(base).unwrap_or(path));
            read(name, &relative, path)
        })
        .collect();
    templates.sort_by(|a, b| (&a.name, &a.place.file).cmp(&(&b.name, &b.place.file)));
    templates
}

/// The engine that reads a file, by its extension.
fn engine(path: &Path) -> Option<Engine> {
    match path.extension()?.to_str()? {
        "html" | "htm" | "xml" | "txt" | "jinja" | "jinja2" | "j2" | "svg" | "md" | "rst"
        | "css" | "js" | "json" | "csv" | "eml" => Some(Engine::Jinja),
        "pt" => Some(Engine::Chameleon),
        _ => None,
    }
}

/// The path below the outermost template folder; nothing for a file in none.
fn name(relative: &Path, folders: &[PathBuf]) -> Option<String> {
    for folder in folders {
        if let Ok(rest) = relative.strip_prefix(folder) {
            return Some(shown(rest));
        }
    }
    let mut parts = relative.components();
    parts.find(|part| matches!(part, Component::Normal(n) if *n == "templates"))?;
    let rest = parts.as_path();
    (rest.components().next().is_some()).then(|| shown(rest))
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

fn read(name: &str, relative: &str, path: &Path) -> Option<Template> {
    if std::fs::metadata(path).ok()?.len() > MAX_BYTES {
        return None;
    }
    let engine = engine(path)?;
    let Ok(text) = String::from_utf8(std::fs::read(path).ok()?) else {
        return Some(unreadable(name, relative, engine));
    };
    match engine {
        Engine::Jinja => Some(jinja::read(name, relative, &text)),
        Engine::Chameleon => Some(chameleon::read(name, relative, &text)),
    }
}

/// A template that is not UTF-8: it is there, and nothing of it is known.
fn unreadable(name: &str, relative: &str, engine: Engine) -> Template {
    Template {
        place: Place {
            file: relative.to_owned(),
            line: 1,
            ..Place::default()
        },
        engine,
        error: Some(TemplateError {
            line: 1,
            message: "the file is not UTF-8".into(),
        }),
        ..jinja::read(name, relative, "")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let folders = [PathBuf::from("app/views")];
        let name = |path: &str| name(Path::new(path), &folders);
        assert_eq!(name("app/templates/a/b.html"), Some("a/b.html".into()));
        assert_eq!(
            name("app/templates/a/templates/b.html"),
            Some("a/templates/b.html".into())
        );
        assert_eq!(name("app/views/x.html"), Some("x.html".into()));
        assert_eq!(name("app/static/x.html"), None);
    }

    #[test]
    fn a_tree() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("app/templates");
        std::fs::create_dir_all(folder.join("auth")).unwrap();
        std::fs::create_dir_all(root.path().join("node_modules/x/templates")).unwrap();
        std::fs::write(folder.join("auth/login.html"), "{{ user }}").unwrap();
        std::fs::write(folder.join("bad.html"), b"\xff").unwrap();
        std::fs::write(folder.join("logo.png"), b"\x89PNG").unwrap();
        std::fs::write(root.path().join("node_modules/x/templates/a.html"), "").unwrap();
        let all = read_all(root.path(), &[]);
        let names: Vec<&str> = all.iter().map(|t| t.name.as_str()).collect();
        assert_eq!(names, ["auth/login.html", "bad.html"]);
        assert_eq!(all[0].free, ["user"]);
        assert_eq!(all[0].place.file, "app/templates/auth/login.html");
        assert!(all[1].error.is_some());
    }
}
