//! All modules of a source tree with their facts, and how their imports find each other.

use super::facts::Facts;
use super::module_index::{Importable, ModuleIndex};

/// Index into [`Project::modules`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModuleId(pub u32);

/// One Python file.
#[derive(Debug)]
pub struct Module {
    /// Path relative to the root, with `/`.
    pub path: String,
    /// Dotted import name (`pkg.views`; `pkg` for `pkg/__init__.py`).
    pub name: String,
    /// Is an `__init__.py`.
    pub is_package: bool,
    /// Decoded text; spans of `facts` are into it.
    pub text: String,
    /// What it says.
    pub facts: Facts,
    /// Byte offsets of line starts.
    pub line_starts: Vec<u32>,
    /// The text is the file's bytes (no decoding, no BOM).
    pub verbatim: bool,
}

impl Module {
    /// 1-based line of a byte offset.
    #[must_use]
    pub fn line(&self, offset: u32) -> u32 {
        self.line_starts.partition_point(|&s| s <= offset) as u32
    }

    /// 0-based column of a byte offset, in characters.
    #[must_use]
    pub fn column(&self, offset: u32) -> u32 {
        let line = self.line(offset);
        let start = self.line_starts[(line - 1) as usize] as usize;
        self.text
            .get(start..offset as usize)
            .map_or(0, |s| s.chars().count() as u32)
    }
}

impl Importable for Module {
    fn name(&self) -> &str {
        &self.name
    }
    fn is_package(&self) -> bool {
        self.is_package
    }
    fn path(&self) -> &str {
        &self.path
    }
}

/// A source tree.
#[derive(Debug, Default)]
pub struct Project {
    /// Sorted by path.
    pub modules: Vec<Module>,
    index: ModuleIndex,
    outside: &'static [&'static str],
}

impl Project {
    /// Takes the modules of a tree. Packages whose first name is in `outside` are never looked for
    /// in it (`flask.views` is not `vendor/flask/views.py`).
    #[must_use]
    pub fn new(modules: Vec<Module>, outside: &'static [&'static str]) -> Self {
        Self {
            index: ModuleIndex::new(&modules),
            modules,
            outside,
        }
    }

    /// Whether an absolute dotted name is of a package that is never looked for in the tree.
    #[must_use]
    pub fn is_outside(&self, dotted: &str) -> bool {
        let root = dotted.split('.').next().unwrap_or(dotted);
        self.outside.contains(&root)
    }

    /// The module at `id`.
    #[must_use]
    pub fn module(&self, id: ModuleId) -> &Module {
        &self.modules[id.0 as usize]
    }

    /// Ids of all modules.
    pub fn ids(&self) -> impl Iterator<Item = ModuleId> + use<> {
        (0..self.modules.len() as u32).map(ModuleId)
    }

    /// The module that an absolute dotted name imports, seen from `from`.
    #[must_use]
    pub fn find(&self, from: ModuleId, dotted: &str) -> Option<ModuleId> {
        if self.is_outside(dotted) {
            return None;
        }
        self.index
            .find(&self.modules, self.module(from), dotted)
            .map(ModuleId)
    }

    /// The module of exactly that dotted name.
    #[must_use]
    pub fn by_exact_name(&self, dotted: &str) -> Option<ModuleId> {
        self.index.exact(dotted).map(ModuleId)
    }

    /// The absolute dotted name that `from` imports with `level` leading dots.
    #[must_use]
    pub fn absolute(&self, from: ModuleId, level: u32, dotted: &str) -> String {
        self.module(from).absolute(level, dotted)
    }
}
