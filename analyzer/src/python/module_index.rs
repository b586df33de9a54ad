//! Which module a dotted name imports: one rule for the prefilter and for the analysis.

use rustc_hash::FxHashMap;

/// What the rule needs to know of a module.
pub trait Importable {
    /// Dotted import name (`pkg.views`; `pkg` for `pkg/__init__.py`).
    fn name(&self) -> &str;
    /// Is an `__init__.py`.
    fn is_package(&self) -> bool;
    /// Path relative to the root.
    fn path(&self) -> &str;

    /// The package that a relative import of this module starts from.
    fn package(&self) -> &str {
        if self.is_package() {
            self.name()
        } else {
            self.name().rsplit_once('.').map_or("", |(up, _)| up)
        }
    }

    /// The absolute dotted name that this module imports with `level` leading dots.
    fn absolute(&self, level: u32, dotted: &str) -> String {
        if level == 0 {
            return dotted.to_owned();
        }
        let mut base = self.package();
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

/// Modules by name and by the last part of it, as indices into the list they were made from.
#[derive(Debug, Default)]
pub struct ModuleIndex {
    by_name: FxHashMap<Box<str>, u32>,
    by_tail: FxHashMap<Box<str>, Vec<u32>>,
}

impl ModuleIndex {
    /// The index of `modules`; the first of a name wins.
    #[must_use]
    pub fn new<M: Importable>(modules: &[M]) -> Self {
        let mut index = Self::default();
        for (i, module) in modules.iter().enumerate() {
            let name = module.name();
            index.by_name.entry(name.into()).or_insert(i as u32);
            let tail = name.rsplit('.').next().unwrap_or(name);
            index.by_tail.entry(tail.into()).or_default().push(i as u32);
        }
        index
    }

    /// The module of exactly that dotted name.
    #[must_use]
    pub fn exact(&self, dotted: &str) -> Option<u32> {
        self.by_name.get(dotted).copied()
    }

    /// The module that an absolute dotted name imports, seen from `importer`.
    ///
    /// A script imports its neighbours by their bare names (its own folder is on `sys.path`), and
    /// a tree is often analysed from above or below its import root. So after the name itself a
    /// module counts whose dotted name ends in it: the one that shares the longest path with
    /// `importer`. A bare top-level name of another corner of the tree is not what is meant.
    #[must_use]
    pub fn find<M: Importable>(&self, modules: &[M], importer: &M, dotted: &str) -> Option<u32> {
        let mut base = importer.package();
        while !base.is_empty() {
            // Only where the folder is no package: inside one, absolute names are absolute.
            if !self.by_name.contains_key(base)
                && let Some(id) = self.exact(&format!("{base}.{dotted}"))
            {
                return Some(id);
            }
            base = base.rsplit_once('.').map_or("", |(up, _)| up);
        }
        if let Some(id) = self.exact(dotted) {
            return Some(id);
        }
        let (_, tail) = dotted.rsplit_once('.')?;
        self.by_tail
            .get(tail)?
            .iter()
            .copied()
            .filter(|&id| {
                let name = modules[id as usize].name();
                name.strip_suffix(dotted)
                    .and_then(|rest| rest.strip_suffix('.'))
                    // Inside a package only its own name leads to a module.
                    .is_some_and(|around| !self.by_name.contains_key(around))
            })
            .max_by_key(|&id| {
                let path = modules[id as usize].path();
                let shared = path
                    .bytes()
                    .zip(importer.path().bytes())
                    .take_while(|(a, b)| a == b)
                    .count();
                (shared, std::cmp::Reverse(id))
            })
    }
}
