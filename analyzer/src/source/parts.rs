//! Parts of a tree that import nothing of each other.

use std::collections::{BTreeMap, HashSet};

use super::filter::{Named, Sight};

/// The kept files by part, the largest part first, each in order of path.
///
/// Files that are imported from one folder of `sys.path` stay together, whatever they import:
/// `import_module` may lead from any of them to any other.
pub(super) fn parts(files: &[Named], kept: &[bool], sights: &[Sight]) -> Vec<Vec<usize>> {
    let packages: HashSet<(&str, &str)> = files
        .iter()
        .filter(|file| file.is_package)
        .map(Named::top)
        .collect();
    // Files outside packages belong to the topmost folder that they lie in.
    let unit = |file: &'_ Named| -> String {
        if packages.contains(&file.top()) {
            file.import_root().trim_end_matches('/').to_owned()
        } else {
            let folder = file.path.split_once('/').map_or("", |(first, _)| first);
            folder.to_owned()
        }
    };
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    let mut of = vec![0; files.len()];
    for (i, file) in files.iter().enumerate().filter(|(i, _)| kept[*i]) {
        let next = numbers.len();
        of[i] = *numbers.entry(unit(file)).or_insert(next);
    }
    let mut units = Units::new(numbers.len());
    for (i, sight) in sights.iter().enumerate().filter(|(i, _)| kept[*i]) {
        for &j in sight.imports.iter().filter(|&&j| kept[j as usize]) {
            units.join(of[i], of[j as usize]);
        }
    }
    let mut parts: BTreeMap<usize, (u64, Vec<usize>)> = BTreeMap::new();
    for i in (0..files.len()).filter(|&i| kept[i]) {
        let part = parts.entry(units.find(of[i])).or_default();
        part.0 += u64::from(sights[i].bytes);
        part.1.push(i);
    }
    let mut parts: Vec<(u64, Vec<usize>)> = parts.into_values().collect();
    parts.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    parts.into_iter().map(|(_, files)| files).collect()
}

/// Disjoint sets.
struct Units(Vec<usize>);

impl Units {
    fn new(n: usize) -> Self {
        Self((0..n).collect())
    }

    fn find(&mut self, mut at: usize) -> usize {
        while self.0[at] != at {
            self.0[at] = self.0[self.0[at]];
            at = self.0[at];
        }
        at
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.find(a), self.find(b));
        self.0[a.max(b)] = a.min(b);
    }
}
