//! Files on disk: walk, decode, prefilter, and the facts of what is kept.

mod decode;
mod filter;
mod imports;
mod names;
mod parts;
pub(crate) mod walk;

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::python::extract::Extractor;
use crate::python::project::{Module, Project};

use filter::{Filter, Named, Sight};

/// Files above this size are data, not source.
const MAX_BYTES: u64 = 8 << 20;

/// Why a file is not part of the analysis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// Its bytes could not be had.
    Unreadable(String),
    /// It is not in the encoding that it declares.
    Encoding(String),
    /// It is too large.
    TooLarge(u64),
}

/// A source tree as it was looked over: every Python file was read once, nothing is parsed yet.
///
/// What can matter falls into parts that import nothing of each other (the apps of a monorepo, the
/// packages of an environment). Each is parsed and analysed on its own and then let go, so memory
/// is bound by the largest of them.
pub struct Survey {
    paths: Vec<PathBuf>,
    files: Vec<Named>,
    parts: Vec<Vec<usize>>,
    problems: Vec<(String, Problem)>,
    outside: &'static [&'static str],
}

/// Looks over a tree. Packages named in `outside` that lie beside the app are not part of it.
#[must_use]
pub fn survey(root: &Path, outside: &'static [&'static str]) -> Survey {
    let paths = walk::python_files(root);
    let base = if root.is_file() {
        root.parent().unwrap_or(root)
    } else {
        root
    };
    let files = named(base, &paths);
    let filter = Filter::new(&files, outside);
    let foreign = foreign(&files, outside);
    let looked: Vec<Result<Sight, Problem>> = paths
        .par_iter()
        .enumerate()
        .map(|(i, path)| {
            if foreign[i] {
                return Ok(Sight::default());
            }
            read(path).map(|bytes| filter.look(i, &bytes))
        })
        .collect();
    let mut problems = Vec::new();
    let mut sights = Vec::with_capacity(looked.len());
    for (looked, file) in looked.into_iter().zip(&files) {
        sights.push(looked.unwrap_or_else(|problem| {
            problems.push((file.path.clone(), problem));
            Sight::default()
        }));
    }
    let mut kept = filter.keep(&sights);
    for (kept, foreign) in kept.iter_mut().zip(foreign) {
        *kept = (*kept || root.is_file()) && !foreign;
    }
    Survey {
        parts: parts::parts(&files, &kept, &sights),
        paths,
        files,
        problems,
        outside,
    }
}

impl Survey {
    /// How many Python files there are.
    #[must_use]
    pub fn files(&self) -> usize {
        self.paths.len()
    }

    /// The parts, the largest first, by the path of their first file.
    pub fn parts(&self) -> impl Iterator<Item = Part<'_>> {
        self.parts.iter().map(|files| Part {
            survey: self,
            files,
        })
    }

    /// Files that could not be read, with the reason.
    #[must_use]
    pub fn problems(&self) -> &[(String, Problem)] {
        &self.problems
    }
}

/// Files of a tree that may import each other, and nothing else of it.
#[derive(Clone, Copy)]
pub struct Part<'s> {
    survey: &'s Survey,
    files: &'s [usize],
}

impl<'s> Part<'s> {
    /// Its first file.
    #[must_use]
    pub fn first(&self) -> &'s str {
        self.files
            .first()
            .map_or("", |&i| self.survey.files[i].path.as_str())
    }

    /// Parses it. Files that could not be are left out, with the reason.
    #[must_use]
    pub fn project(&self) -> (Project, Vec<(String, Problem)>) {
        let Survey {
            paths,
            files,
            outside,
            ..
        } = self.survey;
        let parsed: Vec<Result<Module, Problem>> = self
            .files
            .par_iter()
            .map_init(Extractor::new, |extractor, &i| {
                read(&paths[i]).and_then(|bytes| parse(extractor, &files[i], bytes))
            })
            .collect();
        let mut modules = Vec::with_capacity(parsed.len());
        let mut problems = Vec::new();
        for (parsed, &i) in parsed.into_iter().zip(self.files) {
            match parsed {
                Ok(module) => modules.push(module),
                Err(problem) => problems.push((files[i].path.clone(), problem)),
            }
        }
        (Project::new(modules, outside), problems)
    }
}

/// The Python files of a tree with their text, one after the other: by path, tests behind the rest. What cannot be
/// read is left out.
pub fn texts(root: &Path) -> impl Iterator<Item = (String, String)> {
    let base = if root.is_file() {
        root.parent().unwrap_or(root)
    } else {
        root
    }
    .to_path_buf();
    let relative = move |path: PathBuf| {
        let relative = path.strip_prefix(&base).unwrap_or(&path);
        (relative.to_string_lossy().replace('\\', "/"), path)
    };
    let paths = walk::python_files(root).into_iter().map(relative);
    let (tests, own): (Vec<_>, Vec<_>) = paths.partition(|(name, _)| {
        let mut parts = name.split('/');
        parts.any(|part| part.starts_with("test") || part == "conftest.py")
    });
    own.into_iter().chain(tests).filter_map(|(name, path)| {
        let decoded = decode::decode(read(&path).ok()?).ok()?;
        Some((name, decoded.text))
    })
}

/// Which files are of a package that is named in `outside`; none when there is nothing else.
fn foreign(files: &[Named], outside: &[&str]) -> Vec<bool> {
    let packages: HashSet<(&str, &str)> = files
        .iter()
        .filter(|file| file.is_package && outside.contains(&file.name.as_str()))
        .map(Named::top)
        .collect();
    let foreign: Vec<bool> = files
        .iter()
        .map(|file| packages.contains(&file.top()))
        .collect();
    if foreign.iter().all(|f| *f) {
        return vec![false; files.len()];
    }
    foreign
}

/// Files with their import names.
fn named(base: &Path, paths: &[PathBuf]) -> Vec<Named> {
    let relative: Vec<String> = paths
        .iter()
        .map(|path| {
            let relative = path.strip_prefix(base).unwrap_or(path);
            relative.to_string_lossy().replace('\\', "/")
        })
        .collect();
    let names = names::module_names(base, &relative);
    relative
        .into_iter()
        .zip(names)
        .map(|(path, (name, is_package))| Named {
            path,
            name,
            is_package,
        })
        .collect()
}

fn parse(extractor: &mut Extractor, file: &Named, bytes: Vec<u8>) -> Result<Module, Problem> {
    let decoded = decode::decode(bytes).map_err(Problem::Encoding)?;
    let facts = extractor.extract(&decoded.text);
    let line_starts = std::iter::once(0)
        .chain(memchr::memchr_iter(b'\n', decoded.text.as_bytes()).map(|i| i as u32 + 1))
        .collect();
    Ok(Module {
        path: file.path.clone(),
        name: file.name.clone(),
        is_package: file.is_package,
        text: decoded.text,
        facts,
        line_starts,
        verbatim: decoded.verbatim,
    })
}

fn read(path: &Path) -> Result<Vec<u8>, Problem> {
    let metadata = std::fs::metadata(path).map_err(|e| Problem::Unreadable(e.to_string()))?;
    if metadata.len() > MAX_BYTES {
        return Err(Problem::TooLarge(metadata.len()));
    }
    std::fs::read(path).map_err(|e| Problem::Unreadable(e.to_string()))
}
