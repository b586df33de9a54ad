//! Files on disk: walk, decode, prefilter, and the facts of what is kept.

mod decode;
mod filter;
mod names;
mod walk;

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::python::extract::{extract, parser};
use crate::python::project::{Module, Project};

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
#[must_use]
pub fn load(root: &Path) -> Source {
    let files = walk::python_files(root);
    let base: PathBuf = if root.is_file() {
        root.parent().unwrap_or(root).to_path_buf()
    } else {
        root.to_path_buf()
    };
    let read: Vec<(String, Result<Vec<u8>, Problem>)> = files
        .par_iter()
        .map(|path| {
            let relative = path.strip_prefix(&base).unwrap_or(path);
            let relative = relative.to_string_lossy().replace('\\', "/");
            (relative, read(path))
        })
        .collect();
    let mut problems = Vec::new();
    let mut paths = Vec::new();
    let mut contents = Vec::new();
    for (path, result) in read {
        match result {
            Ok(bytes) => {
                paths.push(path);
                contents.push(bytes);
            }
            Err(problem) => problems.push((path, problem)),
        }
    }
    let names = names::module_names(&base, &paths);
    let kept = {
        let candidates: Vec<filter::Candidate<'_>> = names
            .iter()
            .zip(&contents)
            .map(|((name, is_package), bytes)| filter::Candidate {
                name,
                is_package: *is_package,
                bytes,
            })
            .collect();
        if root.is_file() {
            vec![true]
        } else {
            filter::keep(&candidates)
        }
    };
    let total = paths.len() + problems.len();
    let inputs: Vec<(String, (String, bool), Vec<u8>)> = paths
        .into_iter()
        .zip(names)
        .zip(contents)
        .zip(kept)
        .filter(|(_, keep)| *keep)
        .map(|(((path, name), bytes), _)| (path, name, bytes))
        .collect();
    let modules: Vec<Result<Module, (String, Problem)>> = pool().install(|| {
        inputs
            .into_par_iter()
            .map_init(parser, |parser, (path, (name, is_package), bytes)| {
                let decoded = decode::decode(bytes)
                    .map_err(|encoding| (path.clone(), Problem::Encoding(encoding)))?;
                let facts = extract(parser, &decoded.text);
                let line_starts = std::iter::once(0)
                    .chain(
                        memchr::memchr_iter(b'\n', decoded.text.as_bytes()).map(|i| i as u32 + 1),
                    )
                    .collect();
                Ok(Module {
                    path,
                    name,
                    is_package,
                    text: decoded.text,
                    facts,
                    line_starts,
                    verbatim: decoded.verbatim,
                })
            })
            .collect()
    });
    let mut good = Vec::with_capacity(modules.len());
    for module in modules {
        match module {
            Ok(module) => good.push(module),
            Err(problem) => problems.push(problem),
        }
    }
    problems.sort_by(|a, b| a.0.cmp(&b.0));
    Source {
        project: Project::new(good),
        problems,
        files: total,
    }
}

/// Threads with stacks for deeply nested sources.
fn pool() -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new()
        .stack_size(16 << 20)
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
