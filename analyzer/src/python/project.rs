//! All modules of a source tree with their facts, and how their imports find each other.

use std::collections::HashMap;

use super::facts::Facts;

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

    /// The package that a relative import of this module starts from.
    #[must_use]
    pub fn package(&self) -> &str {
        if self.is_package {
            &self.name
        } else {
            self.name
                .rsplit_once('.')
                .map_or("", |(package, _)| package)
        }
    }
}

/// A source tree.
#[derive(Debug, Default)]
pub struct Project {
    /// Sorted by path.
    pub modules: Vec<Module>,
    by_name: HashMap<String, ModuleId>,
    by_tail: HashMap<String, Vec<ModuleId>>,
}

impl Project {
    /// Takes the modules of a tree.
    #[must_use]
    pub fn new(modules: Vec<Module>) -> Self {
        let mut by_name = HashMap::with_capacity(modules.len());
        let mut by_tail: HashMap<String, Vec<ModuleId>> = HashMap::new();
        for (i, module) in modules.iter().enumerate() {
            let id = ModuleId(i as u32);
            by_name.entry(module.name.clone()).or_insert(id);
            let tail = module.name.rsplit('.').next().unwrap_or(&module.name);
            by_tail.entry(tail.to_owned()).or_default().push(id);
        }
        Self {
            modules,
            by_name,
            by_tail,
        }
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
    ///
    /// A script imports its neighbours by their bare names (its own folder is on `sys.path`), and
    /// a tree is often analysed from above or below its import root. So after the name itself a
    /// module counts whose dotted name ends in it: the one that shares the longest path with `from`.
    #[must_use]
    pub fn find(&self, from: ModuleId, dotted: &str) -> Option<ModuleId> {
        let importer = self.module(from);
        let mut base = importer.package();
        // A neighbour of the importing script, or of any package around it.
        if !base.is_empty() {
            loop {
                // Only where the folder is no package: inside one, absolute names are absolute.
                let sibling = format!("{base}.{dotted}");
                if let Some(&id) = self.by_name.get(&sibling)
                    && !self.by_name.contains_key(base)
                {
                    return Some(id);
                }
                match base.rsplit_once('.') {
                    Some((up, _)) => base = up,
                    None => break,
                }
            }
        }
        if let Some(&id) = self.by_name.get(dotted) {
            return Some(id);
        }
        let tail = dotted.rsplit('.').next()?;
        let suffix = format!(".{dotted}");
        self.by_tail
            .get(tail)?
            .iter()
            .copied()
            .filter(|&id| self.module(id).name.ends_with(&suffix))
            .max_by_key(|&id| {
                let path = &self.module(id).path;
                let shared = path
                    .bytes()
                    .zip(importer.path.bytes())
                    .take_while(|(a, b)| a == b)
                    .count();
                (shared, std::cmp::Reverse(id))
            })
            // A bare top-level name of another corner of the tree is not what is meant.
            .filter(|_| dotted.contains('.'))
    }

    /// The module of exactly that dotted name.
    #[must_use]
    pub fn by_exact_name(&self, dotted: &str) -> Option<ModuleId> {
        self.by_name.get(dotted).copied()
    }

    /// The absolute dotted name that `from` imports with `level` leading dots.
    #[must_use]
    pub fn absolute(&self, from: ModuleId, level: u32, dotted: &str) -> String {
        if level == 0 {
            return dotted.to_owned();
        }
        let mut base = self.module(from).package();
        for _ in 1..level {
            base = base.rsplit_once('.').map_or("", |(up, _)| up);
        }
        match (base, dotted) {
            ("", d) => d.to_owned(),
            (b, "") => b.to_owned(),
            (b, d) => format!("{b}.{d}"),
        }
    }
}
