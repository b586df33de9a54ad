//! Every file of an app that declares what it needs, rewritten for its port.

use std::collections::BTreeMap;

use super::manifests::{self, Rewritten};
use super::requirements::{self, Dependencies, Share, logical_lines, package};
use super::setup;

/// A change of a file that is no source code, as MIGRATION.md tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// The file, with a line where that helps.
    pub place: String,
    /// What stood there.
    pub was: String,
    /// What stands there now.
    pub now: String,
    /// What to know of it.
    pub notes: Vec<String>,
}

/// The files of dependencies of a port.
#[derive(Debug, Default)]
pub(crate) struct Declared {
    /// New texts of files, by path.
    pub texts: BTreeMap<String, String>,
    /// What changed.
    pub changes: Vec<Change>,
    /// What is left to do by hand.
    pub remarks: Vec<String>,
    /// What installs the port's dependencies.
    pub install: Option<String>,
}

/// How a file declares dependencies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Requirements,
    Pyproject,
    SetupCfg,
    SetupPy,
    Pipfile,
    /// What setuptools has written of a package that was built: `pkg_resources` holds it against what is installed.
    Built,
}

/// Whether a file declares dependencies.
pub(super) fn is_declaration(path: &str) -> bool {
    kind(path).is_some()
}

fn kind(path: &str) -> Option<Kind> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let folder = folder.rsplit('/').next().unwrap_or("");
    Some(match name {
        "pyproject.toml" => Kind::Pyproject,
        "setup.cfg" => Kind::SetupCfg,
        "setup.py" => Kind::SetupPy,
        "Pipfile" => Kind::Pipfile,
        "requires.txt" if folder.ends_with(".egg-info") => Kind::Built,
        _ => {
            let lower = name.to_ascii_lowercase();
            let is_list = lower.ends_with(".txt") || lower.ends_with(".in");
            let named = lower.contains("requirements")
                || matches!(folder, "requirements" | "requirements.d" | "reqs");
            if !(is_list && named) {
                return None;
            }
            Kind::Requirements
        }
    })
}

/// Files that hold exact versions of what another one declares, and the command that makes them anew.
const LOCKS: &[(&str, &str)] = &[
    ("poetry.lock", "poetry lock"),
    ("uv.lock", "uv lock"),
    ("pdm.lock", "pdm lock"),
    ("Pipfile.lock", "pipenv lock"),
    ("pylock.toml", "pip lock"),
];

/// Rewrites them all. `read` gives the text of a listed file.
pub(crate) fn rewrite(
    listed: &[String],
    read: impl Fn(&str) -> Option<String>,
    dependencies: &Dependencies,
) -> Declared {
    let files: Vec<(&String, Kind, String)> = listed
        .iter()
        .filter_map(|path| {
            let kind = kind(path)?;
            Some((path, kind, read(path)?))
        })
        .collect();
    let mut out = Declared::default();
    let mut whole: Vec<(&str, Kind)> = Vec::new();
    for (path, kind, text) in &files {
        if let Some(new) = one(*kind, text, dependencies, false) {
            if new.whole && *kind != Kind::Built {
                whole.push((path, *kind));
            }
            out.put(path, text, new);
        }
    }
    if whole.is_empty() {
        match first(&files) {
            Some((path, kind, text)) => {
                if let Some(new) = one(*kind, text, dependencies, true) {
                    whole.push((path, *kind));
                    out.put(path, text, new);
                }
            }
            None => {
                let text = requirements::rewrite("", dependencies, Share::All);
                let path = "requirements.txt";
                out.changes.push(Change {
                    place: path.into(),
                    was: String::new(),
                    now: names(&text).join(", "),
                    notes: vec!["new: the app declared nothing".into()],
                });
                out.texts.insert(path.into(), text);
                out.install = Some("pip install -r requirements.txt".into());
                if files.is_empty() {
                    return out;
                }
            }
        }
    }
    out.install = out.install.or_else(|| install(listed, &files, &whole));
    if out.install.as_deref() == Some("pip install .") {
        out.package(listed, &files);
    }
    for path in listed {
        let name = path.rsplit('/').next().unwrap_or(path);
        if let Some((_, command)) = LOCKS.iter().find(|(lock, _)| *lock == name) {
            out.remarks.push(format!(
                "{path} still holds the versions of the original: `{command}` makes it anew"
            ));
        }
        let conda = matches!(name, "environment.yml" | "environment.yaml" | "meta.yaml");
        if conda && let Some(text) = read(path) {
            let entry = |line: &str| {
                let line = line.trim().trim_start_matches("- ").trim();
                dependencies.removes(line).then(|| package(line)).flatten()
            };
            let named: Vec<String> = text.lines().filter_map(entry).collect();
            if !named.is_empty() {
                let new = dependencies.requirements(&[], Share::All);
                out.remarks.push(format!(
                    "{path} names {}: the port needs {} instead",
                    named.join(", "),
                    new.join(", ")
                ));
            }
        }
    }
    out
}

impl Declared {
    /// The support package is one more at the top, which setuptools does not take without being told.
    fn package(&mut self, listed: &[String], files: &[(&String, Kind, String)]) {
        let packages: Vec<&str> = listed
            .iter()
            .filter_map(|path| path.strip_suffix("/__init__.py"))
            .filter(|name| !name.contains('/') && !matches!(*name, "tests" | "test" | "docs"))
            .collect();
        if packages.is_empty() {
            return;
        }
        let text = |path: &str| {
            let found = files.iter().find(|(p, ..)| *p == path);
            found.map(|(.., text)| text.as_str())
        };
        let pyproject = text("pyproject.toml").unwrap_or("");
        let own = text("setup.py").is_none()
            && text("setup.cfg").is_none()
            && !pyproject.contains("[tool.setuptools")
            && (pyproject.contains("setuptools") || !pyproject.contains("build-backend"));
        let path = "pyproject.toml";
        let new = self.texts.get(path).map(|t| t.trim_end().to_owned());
        match new {
            Some(new) if own => {
                let names: Vec<String> = packages
                    .into_iter()
                    .chain(["flask_parity"])
                    .map(|name| format!("\"{name}*\""))
                    .collect();
                let section = "[tool.setuptools.packages.find]";
                let new = format!("{new}\n\n{section}\ninclude = [{}]\n", names.join(", "));
                self.texts.insert(path.into(), new);
                self.changes.push(Change {
                    place: path.into(),
                    was: String::new(),
                    now: format!("{section} include = [{}]", names.join(", ")),
                    notes: vec![
                        "setuptools finds one package at the top by itself, and flask_parity is the second".into(),
                    ],
                });
            }
            _ => self.remarks.push(
                "the list of packages that are built does not have `flask_parity` yet: add it before the port is installed anywhere but in this folder".into(),
            ),
        }
    }

    fn put(&mut self, path: &str, before: &str, new: Rewritten) {
        for left in &new.left {
            self.remarks.push(format!(
                "{path}: {left} is not rewritten: what the port needs is to be added there by hand"
            ));
        }
        if new.text == before {
            return;
        }
        let (old, now) = (names(before), names(&new.text));
        let differ = |a: &[String], b: &[String]| {
            let only: Vec<String> = a.iter().filter(|n| !b.contains(n)).cloned().collect();
            only.join(", ")
        };
        self.changes.push(Change {
            place: path.to_owned(),
            was: differ(&old, &now),
            now: differ(&now, &old),
            notes: Vec::new(),
        });
        self.texts.insert(path.to_owned(), new.text);
    }
}

/// Whatever looks like a requirement in a file, for telling what differs between two.
fn names(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for line in text.lines() {
        for part in line.split("\", ").flat_map(|p| p.split("', ")) {
            let part = part.trim().trim_start_matches(['[', ' ']);
            let part = part.rsplit("[\"").next().unwrap_or(part);
            let part = part.trim_matches(['"', '\'', ',', ' ', ']', ')']);
            let part = part.split(" #").next().unwrap_or(part);
            let part = part.split(" \\").next().unwrap_or(part).trim();
            if !part.is_empty() && !part.starts_with('#') {
                out.push(part.to_owned());
            }
        }
    }
    out
}

fn one(kind: Kind, text: &str, dependencies: &Dependencies, forced: bool) -> Option<Rewritten> {
    match kind {
        Kind::Requirements | Kind::Built => {
            let share = if forced {
                Share::All
            } else {
                dependencies.share(logical_lines(text))
            };
            let new = requirements::rewrite(text, dependencies, share);
            (new != text || share == Share::All).then(|| Rewritten {
                text: new,
                whole: share == Share::All,
                left: Vec::new(),
            })
        }
        Kind::Pyproject => manifests::rewrite_pyproject(text, dependencies, forced),
        Kind::Pipfile => manifests::rewrite_pipfile(text, dependencies, forced),
        Kind::SetupCfg => setup::rewrite_cfg(text, dependencies, forced),
        Kind::SetupPy => setup::rewrite_py(text, dependencies, forced),
    }
}

/// The file that declares what the app needs to run, where none names the framework.
fn first<'f>(files: &'f [(&String, Kind, String)]) -> Option<&'f (&'f String, Kind, String)> {
    let at = |path: &str| files.iter().find(|(p, ..)| *p == path);
    let declares = |file: &&(&String, Kind, String)| match file.1 {
        Kind::Requirements | Kind::Pipfile => true,
        Kind::Pyproject => manifests::declares(&file.2).is_some(),
        Kind::SetupCfg | Kind::SetupPy => file.2.contains("install_requires"),
        Kind::Built => false,
    };
    [
        "requirements.txt",
        "pyproject.toml",
        "setup.cfg",
        "setup.py",
        "Pipfile",
    ]
    .iter()
    .filter_map(|path| at(path))
    .find(declares)
    .or_else(|| files.iter().find(|f| f.1 == Kind::Requirements))
}

/// What installs a port: the files at the root first, as people do.
fn install(
    listed: &[String],
    files: &[(&String, Kind, String)],
    whole: &[(&str, Kind)],
) -> Option<String> {
    if files.iter().any(|(path, ..)| *path == "requirements.txt") {
        return Some("pip install -r requirements.txt".into());
    }
    let of = |wanted: Kind| whole.iter().find(|(_, kind)| *kind == wanted);
    let lock = |name: &str| listed.iter().any(|path| path == name);
    if let Some((path, _)) = of(Kind::Pyproject) {
        let (_, _, text) = files.iter().find(|(p, ..)| p == path)?;
        return Some(match manifests::declares(text) {
            Some("poetry") => "poetry install".into(),
            _ if lock("uv.lock") => "uv sync".into(),
            _ if lock("pdm.lock") => "pdm install".into(),
            _ => "pip install .".into(),
        });
    }
    if of(Kind::SetupCfg).or(of(Kind::SetupPy)).is_some() {
        return Some("pip install .".into());
    }
    if of(Kind::Pipfile).is_some() {
        return Some("pipenv install".into());
    }
    let (path, _) = of(Kind::Requirements)?;
    Some(format!("pip install -r {path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(files: &[(&str, &str)]) -> Declared {
        let dependencies = Dependencies {
            remove: vec!["flask".into(), "gunicorn".into()],
            add: vec![
                ("fastapi".into(), "==1".into()),
                ("uvicorn".into(), "==2".into()),
            ],
        };
        let listed: Vec<String> = files.iter().map(|(path, _)| (*path).to_owned()).collect();
        let read = |path: &str| {
            let found = files.iter().find(|(p, _)| *p == path);
            found.map(|(_, text)| (*text).to_owned())
        };
        rewrite(&listed, read, &dependencies)
    }

    /// Files, what is written, and the command that installs it.
    #[test]
    fn every_file_that_declares() {
        type Files = &'static [(&'static str, &'static str)];
        let cases: &[(Files, Files, &str)] = &[
            (
                &[
                    ("requirements.txt", "flask\nx\n"),
                    (
                        "app.egg-info/requires.txt",
                        "Flask==2\nx\n\n[dev]\npytest\n",
                    ),
                ],
                &[
                    (
                        "app.egg-info/requires.txt",
                        "fastapi==1\nuvicorn==2\nx\n\n[dev]\npytest\n",
                    ),
                    ("requirements.txt", "fastapi==1\nuvicorn==2\nx\n"),
                ],
                "pip install -r requirements.txt",
            ),
            (
                &[],
                &[("requirements.txt", "fastapi==1\nuvicorn==2\n")],
                "pip install -r requirements.txt",
            ),
            (
                &[("requirements.txt", "requests\n")],
                &[("requirements.txt", "requests\nfastapi==1\nuvicorn==2\n")],
                "pip install -r requirements.txt",
            ),
            (
                &[
                    ("requirements.txt", "-r requirements/base.txt\n"),
                    ("requirements/base.txt", "Flask~=3.0  # web\nx\n"),
                    ("requirements/dev.txt", "-r base.txt\npytest\n"),
                    ("requirements/prod.txt", "-r base.txt\ngunicorn\n"),
                ],
                &[
                    ("requirements/base.txt", "fastapi==1\nuvicorn==2\nx\n"),
                    ("requirements/prod.txt", "-r base.txt\nuvicorn==2\n"),
                ],
                "pip install -r requirements.txt",
            ),
            (
                &[("pyproject.toml", "[project]\ndependencies = ['flask']\n")],
                &[(
                    "pyproject.toml",
                    "[project]\ndependencies = ['fastapi==1', 'uvicorn==2']\n",
                )],
                "pip install .",
            ),
            (
                &[
                    ("pyproject.toml", "[tool.black]\n"),
                    ("setup.cfg", "[options]\ninstall_requires =\n  x\n"),
                ],
                &[(
                    "setup.cfg",
                    "[options]\ninstall_requires =\n  x\n  fastapi==1\n  uvicorn==2\n",
                )],
                "pip install .",
            ),
            (
                &[("pyproject.toml", "[tool.black]\n")],
                &[("requirements.txt", "fastapi==1\nuvicorn==2\n")],
                "pip install -r requirements.txt",
            ),
            (
                &[("Pipfile", "[packages]\nflask = '*'\n")],
                &[(
                    "Pipfile",
                    "[packages]\nfastapi = \"==1\"\nuvicorn = \"==2\"\n",
                )],
                "pipenv install",
            ),
            (
                &[("api/requirements.in", "flask\n")],
                &[("api/requirements.in", "fastapi==1\nuvicorn==2\n")],
                "pip install -r api/requirements.in",
            ),
        ];
        for (files, written, install) in cases {
            let found = run(files);
            let texts: Vec<(&str, &str)> = found
                .texts
                .iter()
                .map(|(p, t)| (p.as_str(), t.as_str()))
                .collect();
            assert_eq!(texts, *written, "{files:?}");
            assert_eq!(found.install.as_deref(), Some(*install), "{files:?}");
        }
    }

    #[test]
    fn the_support_package_is_built_too() {
        let project = "[project]\nname = 'x'\ndependencies = ['flask']\n";
        let found = run(&[("pyproject.toml", project), ("x/__init__.py", "")]);
        assert_eq!(
            found.texts["pyproject.toml"],
            "[project]\nname = 'x'\ndependencies = ['fastapi==1', 'uvicorn==2']\n\n[tool.setuptools.packages.find]\ninclude = [\"x*\", \"flask_parity*\"]\n"
        );
        let flit = "[build-system]\nbuild-backend = 'flit_core.buildapi'\n".to_owned() + project;
        let found = run(&[("pyproject.toml", &flit), ("x/__init__.py", "")]);
        assert!(!found.texts["pyproject.toml"].contains("find"));
        assert_eq!(found.remarks.len(), 1);
    }

    #[test]
    fn what_is_not_rewritten_is_named() {
        let found = run(&[
            (
                "environment.yml",
                "dependencies:\n  - python=3.11\n  - flask=3\n",
            ),
            ("poetry.lock", ""),
            ("setup.py", "setup(install_requires=read())"),
            ("requirements.txt", "flask"),
        ]);
        assert_eq!(found.remarks.len(), 3, "{:?}", found.remarks);
        assert!(
            found
                .remarks
                .iter()
                .any(|r| r.contains("environment.yml names flask:"))
        );
        assert_eq!(found.changes[0].was, "flask");
        assert_eq!(found.changes[0].now, "fastapi==1, uvicorn==2");
    }
}
