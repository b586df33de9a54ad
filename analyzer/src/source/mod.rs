//! Files on disk: walk, decode, prefilter, and the facts of what is kept.

mod decode;
mod filter;
mod imports;
mod names;
pub(crate) mod walk;

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::python::extract::{Extractor, STACK};
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

/// A source tree as it was read.
#[derive(Debug, Default)]
pub struct Source {
    /// Kept modules with their facts.
    pub project: Project,
    /// Files that were left out, with the reason, by path.
    pub problems: Vec<(String, Problem)>,
    /// How many Python files there are.
    pub files: usize,
}

/// Reads a tree: every Python file is looked at, only those that can matter are parsed.
///
/// What surely matters is parsed while it is at hand, everything else is let go: at no time is more of
/// the tree in memory than what is kept.
///
/// Packages named in `outside` that lie beside the app are not part of it.
#[must_use]
pub fn load(root: &Path, outside: &'static [&'static str]) -> Source {
    let paths = walk::python_files(root);
    let base = if root.is_file() {
        root.parent().unwrap_or(root)
    } else {
        root
    };
    let files = named(base, &paths);
    let filter = Filter::new(&files);
    let foreign = foreign(&files, outside);
    let all = root.is_file();
    let (sights, mut parsed): (Vec<Sight>, Vec<Parsed>) = pool().install(|| {
        paths
            .par_iter()
            .enumerate()
            .map_init(Extractor::new, |extractor, (i, path)| {
                if foreign[i] {
                    return (Sight::default(), Parsed::NotYet);
                }
                match read(path) {
                    Err(problem) => (Sight::default(), Parsed::Not(problem)),
                    Ok(bytes) => {
                        let sight = filter.look(i, &bytes);
                        let parsed = if sight.is_seed || all {
                            parse(extractor, &files[i], bytes)
                        } else {
                            Parsed::NotYet
                        };
                        (sight, parsed)
                    }
                }
            })
            .unzip()
    });
    let kept = filter.keep(&sights);
    pool().install(|| {
        parsed.par_iter_mut().enumerate().for_each_init(
            Extractor::new,
            |extractor, (i, parsed)| {
                if kept[i] && !foreign[i] && matches!(parsed, Parsed::NotYet) {
                    *parsed = match read(&paths[i]) {
                        Ok(bytes) => parse(extractor, &files[i], bytes),
                        Err(problem) => Parsed::Not(problem),
                    };
                }
            },
        );
    });
    let mut modules = Vec::new();
    let mut problems = Vec::new();
    for (parsed, file) in parsed.into_iter().zip(&files) {
        match parsed {
            Parsed::Module(module) => modules.push(*module),
            Parsed::Not(problem) => problems.push((file.path.clone(), problem)),
            Parsed::NotYet => {}
        }
    }
    Source {
        project: Project::new(modules, outside),
        problems,
        files: paths.len(),
    }
}

/// What became of a file.
enum Parsed {
    Module(Box<Module>),
    Not(Problem),
    NotYet,
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

fn parse(extractor: &mut Extractor, file: &Named, bytes: Vec<u8>) -> Parsed {
    let decoded = match decode::decode(bytes) {
        Ok(decoded) => decoded,
        Err(encoding) => return Parsed::Not(Problem::Encoding(encoding)),
    };
    let facts = extractor.extract(&decoded.text);
    let line_starts = std::iter::once(0)
        .chain(memchr::memchr_iter(b'\n', decoded.text.as_bytes()).map(|i| i as u32 + 1))
        .collect();
    Parsed::Module(Box::new(Module {
        path: file.path.clone(),
        name: file.name.clone(),
        is_package: file.is_package,
        text: decoded.text,
        facts,
        line_starts,
        verbatim: decoded.verbatim,
    }))
}

/// Threads with stacks for deeply nested sources.
fn pool() -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new()
        .stack_size(STACK)
        .build()
        .expect("threads can be started")
}

fn read(path: &Path) -> Result<Vec<u8>, Problem> {
    let metadata = std::fs::metadata(path).map_err(|e| Problem::Unreadable(e.to_string()))?;
    if metadata.len() > MAX_BYTES {
        return Err(Problem::TooLarge(metadata.len()));
    }
    std::fs::read(path).map_err(|e| Problem::Unreadable(e.to_string()))
}
