//! Which modules can see the framework: those that import it, and those that import those.

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::python::facts::StmtKind;
use crate::python::project::ModuleId;
use crate::python::scopes::Scopes;

use super::vocabulary;

/// Modules that import the framework or, through any chain, a module that does.
#[must_use]
pub fn modules(scopes: &Scopes<'_>) -> BTreeSet<ModuleId> {
    let ids: Vec<ModuleId> = scopes.project().ids().collect();
    let imports: Vec<(bool, Vec<ModuleId>)> = ids.par_iter().map(|&m| imports(scopes, m)).collect();
    let mut importers: Vec<Vec<ModuleId>> = vec![Vec::new(); ids.len()];
    let mut open: Vec<ModuleId> = Vec::new();
    for (&m, (direct, targets)) in ids.iter().zip(&imports) {
        if *direct {
            open.push(m);
        }
        for target in targets {
            importers[target.0 as usize].push(m);
        }
    }
    let mut seen: BTreeSet<ModuleId> = open.iter().copied().collect();
    while let Some(m) = open.pop() {
        for &importer in &importers[m.0 as usize] {
            if seen.insert(importer) {
                open.push(importer);
            }
        }
    }
    seen
}

/// Whether a dotted name is of the framework or of one of its extensions.
#[must_use]
pub fn is_family(dotted: &str) -> bool {
    let root = dotted.split('.').next().unwrap_or(dotted);
    vocabulary::is_framework(dotted)
        || root.starts_with("flask_")
        || root.starts_with("quart_")
        || root == "apiflask"
}

fn imports(scopes: &Scopes<'_>, m: ModuleId) -> (bool, Vec<ModuleId>) {
    let module = scopes.module(m);
    let (text, facts) = (&module.text, &module.facts);
    let mut direct = false;
    let mut targets = Vec::new();
    for stmt in &facts.stmts {
        match &stmt.kind {
            StmtKind::Import(names) => {
                for import in facts.imports_of(*names) {
                    let dotted = import.name.of(text);
                    direct |= is_family(dotted);
                    targets.extend(scopes.find(m, dotted));
                }
            }
            StmtKind::ImportFrom {
                module,
                level,
                names,
                ..
            } => {
                let dotted = module.of(text);
                if *level == 0 && is_family(dotted) {
                    direct = true;
                    continue;
                }
                let absolute = scopes.project().absolute(m, *level, dotted);
                let target = scopes.find(m, &absolute);
                targets.extend(target);
                // Only a package has submodules that a `from` can name.
                if target.is_none_or(|t| scopes.module(t).is_package) {
                    for import in facts.imports_of(*names) {
                        let name = import.name.of(text);
                        let path = if absolute.is_empty() {
                            name.to_owned()
                        } else {
                            format!("{absolute}.{name}")
                        };
                        targets.extend(scopes.find(m, &path));
                    }
                }
            }
            _ => {}
        }
    }
    targets.sort_unstable();
    targets.dedup();
    (direct, targets)
}
