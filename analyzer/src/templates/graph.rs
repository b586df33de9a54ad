//! How templates need each other.

use std::collections::{BTreeMap, BTreeSet};

use model::{EdgeKind, Template};

/// Templates as a graph of indices.
pub(super) struct Graph {
    /// What each needs: others by the names in its edges.
    needs: Vec<Vec<(EdgeKind, usize)>>,
    /// What each is needed by.
    needed: Vec<Vec<(EdgeKind, usize)>>,
    /// It extends or includes a template that only running tells.
    pub dynamic: Vec<bool>,
}

impl Graph {
    pub(super) fn new(templates: &[Template]) -> Self {
        let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (i, template) in templates.iter().enumerate() {
            by_name.entry(&template.name).or_default().push(i);
        }
        let mut graph = Self {
            needs: vec![Vec::new(); templates.len()],
            needed: vec![Vec::new(); templates.len()],
            dynamic: vec![false; templates.len()],
        };
        for (i, template) in templates.iter().enumerate() {
            for edge in &template.edges {
                let Some(name) = &edge.template else {
                    graph.dynamic[i] |= edge.kind != EdgeKind::Import;
                    continue;
                };
                let name = name.trim_start_matches('/');
                for &to in by_name.get(name).map(Vec::as_slice).unwrap_or_default() {
                    graph.needs[i].push((edge.kind, to));
                    graph.needed[to].push((edge.kind, i));
                }
            }
        }
        graph
    }

    /// All that `from` need, themselves included.
    pub(super) fn reached(&self, from: impl IntoIterator<Item = usize>) -> BTreeSet<usize> {
        Self::closure(&self.needs, from, |_| true)
    }

    /// All that pass their context to `i` by extending or including it, itself included.
    pub(super) fn users(&self, i: usize) -> BTreeSet<usize> {
        Self::closure(&self.needed, [i], |kind| kind != EdgeKind::Import)
    }

    /// All that `from` are built on by extending, themselves included.
    pub(super) fn bases(&self, from: impl IntoIterator<Item = usize>) -> BTreeSet<usize> {
        Self::closure(&self.needs, from, |kind| kind == EdgeKind::Extends)
    }

    /// Whether it is imported, and so rendered without a context.
    pub(super) fn is_imported(&self, i: usize) -> bool {
        self.needed[i].iter().any(|(k, _)| *k == EdgeKind::Import)
    }

    fn closure(
        edges: &[Vec<(EdgeKind, usize)>],
        from: impl IntoIterator<Item = usize>,
        follow: impl Fn(EdgeKind) -> bool,
    ) -> BTreeSet<usize> {
        let mut seen: BTreeSet<usize> = from.into_iter().collect();
        let mut todo: Vec<usize> = seen.iter().copied().collect();
        while let Some(i) = todo.pop() {
            for &(kind, to) in &edges[i] {
                if follow(kind) && seen.insert(to) {
                    todo.push(to);
                }
            }
        }
        seen
    }
}
