//! What codegen needs to know of each file: its imports of the framework, and its names.

use std::collections::BTreeMap;

use model::FileInfo;
use model::analysis::{ImportStatement, ImportedName};
use rayon::prelude::*;

use crate::python::facts::{ExprKind, ImportName, Run, Stmt, StmtKind};
use crate::python::project::ModuleId;
use crate::python::scopes::Scopes;
use crate::python::tree::Scope;

use super::sight;
use super::touches::span;

/// Every file of the project, by path.
#[must_use]
pub fn file_infos(scopes: &Scopes<'_>) -> BTreeMap<String, FileInfo> {
    let project = scopes.project();
    let ids: Vec<ModuleId> = project.ids().collect();
    let infos: Vec<FileInfo> = ids.par_iter().map(|&m| file_info(scopes, m)).collect();
    ids.iter()
        .map(|&m| project.module(m).path.clone())
        .zip(infos)
        .collect()
}

fn file_info(scopes: &Scopes<'_>, m: ModuleId) -> FileInfo {
    let module = scopes.module(m);
    let facts = &module.facts;
    let top = facts.stmts_of(facts.body);
    let mut imports = Vec::new();
    for (i, stmt) in facts.stmts.iter().enumerate() {
        let id = crate::python::facts::StmtId(i as u32);
        if matches!(stmt.kind, StmtKind::Import(_) | StmtKind::ImportFrom { .. })
            && let Some(mut import) = statement(scopes, m, stmt)
        {
            import.top_level = scopes.of(m).tree.scope(id) == Scope::Module && top.contains(&id);
            imports.push(import);
        }
    }
    imports.sort_by_key(|i| i.span);
    FileInfo {
        module: module.name.clone(),
        editable: module.verbatim,
        damaged: !facts.errors.is_empty(),
        imports_end: imports_end(scopes, m),
        imports,
        names: scopes.of(m).globals().map(str::to_owned).collect(),
    }
}

/// The end of the last import that stands before the first definition or assignment: a later one
/// (at the foot of the file, against a circle) is no place for imports that the file needs.
fn imports_end(scopes: &Scopes<'_>, m: ModuleId) -> u32 {
    let facts = &scopes.module(m).facts;
    let text = &scopes.module(m).text;
    let mut end = if text.starts_with('\u{feff}') { 3 } else { 0 };
    for &id in facts.stmts_of(facts.body) {
        let stmt = facts.stmt(id);
        match &stmt.kind {
            StmtKind::Import(_) | StmtKind::ImportFrom { .. } => end = stmt.span.end,
            StmtKind::Expr(e) if matches!(facts.expr(*e).kind, ExprKind::Str) => {}
            StmtKind::Try { .. } | StmtKind::If { .. } => {}
            _ if end > 0 => break,
            StmtKind::FunctionDef(_) | StmtKind::ClassDef(_) => break,
            _ => {}
        }
    }
    end
}

fn is_listed(dotted: &str) -> bool {
    sight::is_family(dotted)
        || matches!(
            dotted.split('.').next(),
            Some("chameleon_flask" | "itsdangerous" | "jinja2" | "markupsafe")
        )
}

fn statement(scopes: &Scopes<'_>, m: ModuleId, stmt: &Stmt) -> Option<ImportStatement> {
    let module = scopes.module(m);
    let text = &module.text;
    let facts = &module.facts;
    let name = |n: &ImportName| ImportedName {
        name: n.name.of(text).to_owned(),
        bound: n
            .alias
            .map_or_else(|| n.name.of(text), |a| a.of(text))
            .to_owned(),
        span: span(n.span),
    };
    let names = |run: Run| facts.imports_of(run).iter().map(name).collect::<Vec<_>>();
    let (path, from, names) = match &stmt.kind {
        StmtKind::Import(run) => {
            let first = facts
                .imports_of(*run)
                .iter()
                .find(|n| is_listed(n.name.of(text)))?;
            (first.name.of(text), false, names(*run))
        }
        StmtKind::ImportFrom {
            module,
            level: 0,
            names: run,
            star,
        } => {
            let path = module.of(text);
            if !is_listed(path) {
                return None;
            }
            let mut list = names(*run);
            if *star {
                let at = span(*module);
                list.push(ImportedName {
                    name: "*".into(),
                    bound: "*".into(),
                    span: at,
                });
            }
            (path, true, list)
        }
        _ => return None,
    };
    Some(ImportStatement {
        span: span(stmt.span),
        line: module.line(stmt.span.start),
        module: path.to_owned(),
        from,
        names,
        top_level: false,
    })
}
