//! The app's sources, read again where a question about templates needs them: most apps raise none.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use aho_corasick::AhoCorasick;
use model::Analysis;

use crate::python::extract::Extractor;
use crate::python::facts::Facts;

/// The sources of an analysis.
pub(super) struct Sources {
    base: PathBuf,
    paths: Vec<String>,
    texts: OnceCell<Vec<String>>,
}

/// One file, parsed.
pub(super) struct Source {
    /// Its text.
    pub text: String,
    /// What it says.
    pub facts: Facts,
}

impl Sources {
    pub(super) fn new(analysis: &Analysis, root: &Path) -> Self {
        let base = if root.is_file() {
            root.parent().unwrap_or(root)
        } else {
            root
        };
        Self {
            base: base.to_path_buf(),
            paths: analysis.files.keys().cloned().collect(),
            texts: OnceCell::new(),
        }
    }

    /// The text of a file below the root.
    pub(super) fn read(&self, path: &str) -> Option<String> {
        std::fs::read_to_string(self.base.join(path)).ok()
    }

    /// A file with its facts.
    pub(super) fn parse(&self, path: &str) -> Option<Source> {
        let text = self.read(path)?;
        let facts = Extractor::new().extract(&text);
        Some(Source { text, facts })
    }

    /// The text of every file that was analysed.
    pub(super) fn texts(&self) -> &[String] {
        self.texts
            .get_or_init(|| self.paths.iter().filter_map(|p| self.read(p)).collect())
    }

    /// Whether each of the words stands anywhere.
    pub(super) fn mentions(&self, words: &[&str]) -> Vec<bool> {
        self.counts(words).into_iter().map(|n| n > 0).collect()
    }

    /// How often each of the words stands anywhere.
    pub(super) fn counts(&self, words: &[&str]) -> Vec<usize> {
        let mut distinct: Vec<&str> = words.iter().copied().filter(|w| !w.is_empty()).collect();
        distinct.sort_unstable();
        distinct.dedup();
        let Ok(finder) = AhoCorasick::new(&distinct) else {
            return vec![0; words.len()];
        };
        let mut seen = vec![0; distinct.len()];
        for text in self.texts() {
            for hit in finder.find_overlapping_iter(text) {
                seen[hit.pattern().as_usize()] += 1;
            }
        }
        words
            .iter()
            .map(|word| distinct.binary_search(word).map_or(0, |i| seen[i]))
            .collect()
    }
}
