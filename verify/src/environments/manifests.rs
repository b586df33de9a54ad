//! A project's own list of what it requires: pyproject.toml, setup.cfg, Pipfile.

use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::requirements::{self, List, normal};
use super::{Asked, EnvironmentError, poetry};

/// What one of these files says.
#[derive(Debug, Default)]
pub(super) struct Manifest {
    /// The packages; `None` where the file has no list.
    pub requirements: Option<List>,
    /// The versions of Python.
    pub python: Option<Asked>,
}

/// What the project's files say: `[project]`, Poetry, setup.cfg, Pipfile. With it go the requirements of these `extras`
/// of the project.
pub(super) fn read(root: &Path, extras: &[String]) -> Result<Vec<Manifest>, EnvironmentError> {
    let mut out = Vec::new();
    let pyproject = root.join("pyproject.toml");
    if pyproject.is_file() {
        let table = parse(&pyproject)?;
        out.push(standard(root, &pyproject, &table, extras)?);
        out.push(poetry(root, &pyproject, &table));
    }
    let setup = root.join("setup.cfg");
    if setup.is_file() {
        out.push(setup_cfg(root, &setup, extras)?);
    }
    let pipfile = root.join("Pipfile");
    if pipfile.is_file() {
        out.push(pipenv(root, &pipfile, &parse(&pipfile)?));
    }
    Ok(out)
}

fn parse(path: &Path) -> Result<Table, EnvironmentError> {
    let text = requirements::text(path)?;
    text.parse().map_err(|e: toml::de::Error| {
        let before = e.span().and_then(|span| text.get(..span.start));
        let line = before.unwrap_or("").matches('\n').count() + 1;
        EnvironmentError::Declaration {
            path: path.to_owned(),
            why: format!("line {line}: {}", e.message().replace('\n', ", ")),
        }
    })
}

/// The table at a path of keys.
fn table<'a>(table: &'a Table, path: &[&str]) -> Option<&'a Table> {
    path.iter()
        .try_fold(table, |table, key| table.get(*key)?.as_table())
}

/// A string, or the strings of a list.
fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::String(one) => vec![one.clone()],
        Value::Array(many) => many
            .iter()
            .filter_map(|item| item.as_str().map(str::to_owned))
            .collect(),
        _ => Vec::new(),
    }
}

fn list(file: &Path, lines: Vec<String>) -> List {
    List {
        files: vec![file.to_owned()],
        lines,
        ..List::default()
    }
}

fn asked(file: &Path, versions: &str) -> Asked {
    Asked {
        versions: versions.to_owned(),
        file: PathBuf::from(file.file_name().unwrap_or(file.as_os_str())),
    }
}

/// The requirements of files that a manifest names.
fn files(root: &Path, manifest: &Path, names: &[String]) -> Result<List, EnvironmentError> {
    let mut out = list(manifest, Vec::new());
    for name in names {
        let more = requirements::read(root, &root.join(name))?;
        out.files.extend(more.files);
        out.lines.extend(more.lines);
        out.options.extend(more.options);
        out.constraints.extend(more.constraints);
    }
    Ok(out)
}

/// `[project]` (PEP 621), and setuptools' files for what it declares `dynamic`.
fn standard(
    root: &Path,
    file: &Path,
    document: &Table,
    extras: &[String],
) -> Result<Manifest, EnvironmentError> {
    let Some(project) = table(document, &["project"]) else {
        return Ok(Manifest::default());
    };
    let python = project.get("requires-python").and_then(Value::as_str);
    let dynamic = || {
        let path = ["tool", "setuptools", "dynamic", "dependencies"];
        table(document, &path)?.get("file").map(strings)
    };
    let mut found = match project.get("dependencies") {
        Some(listed) => Some(list(file, strings(listed))),
        None => match dynamic() {
            Some(names) => Some(files(root, file, &names)?),
            None => None,
        },
    };
    if let (Some(found), Some(optional)) = (&mut found, table(project, &["optional-dependencies"]))
    {
        for (name, listed) in optional {
            if extras.contains(&normal(name)) {
                found.lines.extend(strings(listed));
            }
        }
    }
    Ok(Manifest {
        requirements: found,
        python: python.map(|p| asked(file, p)),
    })
}

/// `[tool.poetry.dependencies]`.
fn poetry(root: &Path, file: &Path, document: &Table) -> Manifest {
    let Some(dependencies) = table(document, &["tool", "poetry", "dependencies"]) else {
        return Manifest::default();
    };
    let python = dependencies.get("python").and_then(Value::as_str);
    let python = python.map(poetry::specifiers).filter(|p| !p.is_empty());
    let lines = dependencies
        .iter()
        .filter(|(name, _)| *name != "python")
        .flat_map(|(name, value)| poetry::requirements(name, value, root))
        .collect();
    Manifest {
        requirements: Some(list(file, lines)),
        python: python.map(|p| asked(file, &p)),
    }
}

/// `[packages]` of a Pipfile, whose versions are PEP 440's but for `*`.
fn pipenv(root: &Path, file: &Path, document: &Table) -> Manifest {
    let requires = table(document, &["requires"]);
    let python = requires.and_then(|r| {
        let version = |key: &str| r.get(key).and_then(Value::as_str);
        let full = version("python_full_version").map(|v| format!("=={v}"));
        full.or_else(|| version("python_version").map(|v| format!("=={v}.*")))
    });
    let lines = table(document, &["packages"]).map(|packages| {
        let each = packages.iter();
        each.flat_map(|(name, value)| poetry::requirements(name, value, root))
            .collect()
    });
    Manifest {
        requirements: lines.map(|lines| list(file, lines)),
        python: python.map(|p| asked(file, &p)),
    }
}

/// `install_requires` and `python_requires` of `[options]`.
fn setup_cfg(root: &Path, file: &Path, extras: &[String]) -> Result<Manifest, EnvironmentError> {
    let text = requirements::text(file)?;
    let value = |section: &str, key: &str| ini(&text, section, key);
    let mut found = match value("options", "install_requires") {
        Some(lines) => Some(match lines.first().and_then(|l| l.strip_prefix("file:")) {
            // Setuptools takes requirements files too, separated by commas.
            Some(first) => {
                let rest = lines[1..].iter().map(String::as_str);
                let names = std::iter::once(first).chain(rest);
                let names = names.flat_map(|l| l.split(','));
                let names: Vec<String> = names.map(|n| n.trim().to_owned()).collect();
                files(root, file, &names)?
            }
            None => list(file, lines),
        }),
        None => None,
    };
    if let Some(found) = &mut found {
        for extra in extras {
            let more = value("options.extras_require", extra);
            found.lines.extend(more.unwrap_or_default());
        }
    }
    let python = value("options", "python_requires");
    Ok(Manifest {
        requirements: found,
        python: python.map(|p| asked(file, &p.join(","))),
    })
}

/// The lines of a value, as Python's `configparser` reads it: what follows indented goes with it; lines that begin with
/// `#` or `;` are comments.
fn ini(text: &str, section: &str, key: &str) -> Option<Vec<String>> {
    let header = format!("[{section}]");
    let lines = text.lines().skip_while(|line| line.trim_end() != header);
    let mut inside = lines.skip(1).take_while(|line| !line.starts_with('['));
    let first = inside.find_map(|line| {
        let (name, value) = line.split_once(['=', ':'])?;
        let begins = !line.starts_with(char::is_whitespace);
        (begins && name.trim().replace('-', "_").eq_ignore_ascii_case(key)).then_some(value)
    })?;
    let continued = |line: &&str| {
        line.starts_with(char::is_whitespace) || line.trim().is_empty() || is_comment(line)
    };
    let rest = inside
        .take_while(continued)
        .filter(|line| !is_comment(line));
    let mut lines: Vec<&str> = std::iter::once(first).chain(rest).map(str::trim).collect();
    lines.retain(|line| !line.is_empty());
    // Setuptools' lists are one item a line, or all on the first line with semicolons between.
    if lines == [first.trim()] {
        lines = first.split(';').map(str::trim).collect();
    }
    Some(lines.into_iter().map(str::to_owned).collect())
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with(['#', ';'])
}
