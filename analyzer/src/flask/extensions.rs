//! Extensions: which the app imports, where it makes them and where it attaches them.
//!
//! A package is an extension when the table knows it, or when it is named like one. What lies in the
//! tree is the app's own code, whatever its name.

use std::collections::BTreeMap;

use model::extension::{Extension, ExtensionStep, ExtensionUse};
use model::{Code, Finding, Place, Severity};
use rayon::prelude::*;

use super::known_extensions::{KNOWN, Known};
use crate::python::facts::{ExprId, ExprKind, Facts, StmtKind};
use crate::python::names::Binding;
use crate::python::project::ModuleId;
use crate::python::scopes::Scopes;
use crate::python::tree::Scope;

/// Values that stand for other values, followed that far.
const DEPTH: u32 = 6;

/// The extensions of a project by package, and what is to be said of those that nobody knows.
#[must_use]
pub fn extensions(scopes: &Scopes<'_>) -> (Vec<Extension>, Vec<Finding>) {
    let ids: Vec<ModuleId> = scopes.project().ids().collect();
    let uses: Vec<Vec<Use>> = ids.par_iter().map(|&m| uses(scopes, m)).collect();
    let mut found: BTreeMap<String, (Place, Vec<ExtensionUse>)> = BTreeMap::new();
    let mut all: Vec<Use> = uses.into_iter().flatten().collect();
    // Imports first, each kind by path: the first one is where a person begins to read.
    all.sort_by_key(|one| one.how);
    for one in all {
        let (_, list) = found
            .entry(one.package)
            .or_insert_with(|| (one.place.clone(), Vec::new()));
        list.push(ExtensionUse {
            file: one.place.file,
            line: one.place.line,
            how: one.how,
        });
    }
    let mut findings = Vec::new();
    let mut out = Vec::new();
    for (package, (place, mut uses)) in found {
        uses.sort();
        uses.dedup();
        let known = known(&package);
        if known.is_none() {
            findings.push(unknown(&package, place.clone()));
        }
        out.push(Extension {
            name: known.map_or_else(|| suggested(&package), |k| k.name.to_owned()),
            place,
            uses,
            underneath: known
                .map(|k| k.underneath.iter().map(|u| (*u).to_owned()).collect())
                .unwrap_or_default(),
            known: known.is_some(),
            targets: BTreeMap::new(),
            package,
        });
    }
    (out, findings)
}

struct Use {
    package: String,
    place: Place,
    how: ExtensionStep,
}

fn known(package: &str) -> Option<&'static Known> {
    let at = KNOWN.binary_search_by(|k| k.package.cmp(package)).ok()?;
    KNOWN.get(at)
}

/// The extension that an absolute dotted name is of.
pub(crate) fn package_of(dotted: &str) -> Option<String> {
    // `flask.ext.login` was another address of `flask_login`.
    let old;
    let dotted = match dotted
        .strip_prefix("flask.ext.")
        .or_else(|| dotted.strip_prefix("flaskext."))
    {
        Some(rest) => {
            old = format!("flask_{rest}");
            old.as_str()
        }
        None => dotted,
    };
    let mut front = dotted;
    loop {
        if known(front).is_some() {
            return Some(front.to_owned());
        }
        match front.rsplit_once('.') {
            Some((up, _)) => front = up,
            None => break,
        }
    }
    let is_named_so = front.starts_with("flask_")
        || front.starts_with("quart_")
        || front.ends_with("_flask")
        || front.ends_with("_quart");
    is_named_so.then(|| front.to_owned())
}

/// `flask_foo_bar` as `Flask-Foo-Bar`: names of distributions are equal whatever their case.
fn suggested(package: &str) -> String {
    let capital = |part: &str| {
        let mut chars = part.chars();
        chars
            .next()
            .map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
    };
    package
        .split('_')
        .map(capital)
        .collect::<Vec<_>>()
        .join("-")
}

fn unknown(package: &str, place: Place) -> Finding {
    Finding {
        code: Code::M0501,
        severity: Severity::Note,
        place,
        message: format!("`{package}` is an extension that migrate does not know"),
        help: "Read what its `init_app` adds to the app: none of that is in the analysis.".into(),
    }
}

fn uses(scopes: &Scopes<'_>, m: ModuleId) -> Vec<Use> {
    let module = scopes.module(m);
    let (text, facts) = (&module.text, &module.facts);
    let mut out = Vec::new();
    let mut take = |package: String, span: crate::python::facts::Span, how| {
        let line = module.line(span.start);
        out.push(Use {
            package,
            place: Place {
                file: module.path.clone(),
                line,
                column: module.column(span.start),
                span: super::touches::span(span),
            },
            how,
        });
    };
    for stmt in &facts.stmts {
        match &stmt.kind {
            StmtKind::Import(names) => {
                for import in facts.imports_of(*names) {
                    let dotted = import.name.of(text);
                    if let Some(package) = outside(scopes, m, dotted) {
                        take(package, stmt.span, ExtensionStep::Imported);
                    }
                }
            }
            StmtKind::ImportFrom {
                module,
                level: 0,
                names,
                ..
            } => {
                let dotted = module.of(text);
                let found = outside(scopes, m, dotted).or_else(|| {
                    // `from webargs import flaskparser`
                    facts.imports_of(*names).iter().find_map(|import| {
                        outside(scopes, m, &format!("{dotted}.{}", import.name.of(text)))
                    })
                });
                if let Some(package) = found {
                    take(package, stmt.span, ExtensionStep::Imported);
                }
            }
            _ => {}
        }
    }
    let imports = !out.is_empty();
    let mut calls = Vec::new();
    for (i, expr) in facts.exprs.iter().enumerate() {
        let ExprKind::Call { callee, .. } = expr.kind else {
            continue;
        };
        match facts.expr(callee).kind {
            ExprKind::Attribute { value, name } if name.of(text) == "init_app" => {
                if let Some(package) = made_by(scopes, m, value, 0) {
                    calls.push((package, expr.span, ExtensionStep::InitApp));
                }
            }
            // Fields of forms and columns of models are calls in classes: no extension is made there.
            _ if imports && is_class_name(facts, text, callee) => {
                let scope = scopes.of(m).tree.place(ExprId(i as u32)).map(|(_, s)| s);
                if !matches!(scope, Some(Scope::Class(_)))
                    && let Some(package) = class_of(scopes, m, callee, 0)
                {
                    calls.push((package, expr.span, ExtensionStep::Constructed));
                }
            }
            _ => {}
        }
    }
    for (package, span, how) in calls {
        let line = module.line(span.start);
        out.push(Use {
            package,
            place: Place {
                file: module.path.clone(),
                line,
                ..Place::default()
            },
            how,
        });
    }
    out
}

/// The extension of a dotted name, unless the tree has a module of that name.
fn outside(scopes: &Scopes<'_>, m: ModuleId, dotted: &str) -> Option<String> {
    let package = package_of(dotted)?;
    let root = package.split('.').next()?;
    scopes.find(m, root).is_none().then_some(package)
}

fn is_class_name(facts: &Facts, text: &str, callee: ExprId) -> bool {
    let expr = facts.expr(callee);
    let name = match expr.kind {
        ExprKind::Name => expr.span.of(text),
        ExprKind::Attribute { name, .. } => name.of(text),
        _ => return false,
    };
    name.starts_with(char::is_uppercase)
}

/// What an expression names, attributes of modules followed.
fn binding(scopes: &Scopes<'_>, m: ModuleId, at: ExprId, depth: u32) -> Binding {
    let module = scopes.module(m);
    let expr = module.facts.expr(at);
    match expr.kind {
        ExprKind::Name => scopes.name(m, at),
        ExprKind::Attribute { value, name } if depth < DEPTH => {
            let name = name.of(&module.text);
            match binding(scopes, m, value, depth + 1) {
                Binding::External(dotted) => Binding::External(format!("{dotted}.{name}").into()),
                Binding::Module(of) => scopes.member(of, name),
                _ => Binding::Unknown,
            }
        }
        _ => Binding::Unknown,
    }
}

/// The extension that a class is of: its own, or one that derives from it.
fn class_of(scopes: &Scopes<'_>, m: ModuleId, at: ExprId, depth: u32) -> Option<String> {
    if depth > DEPTH {
        return None;
    }
    match binding(scopes, m, at, 0) {
        Binding::External(dotted) => {
            let last = dotted.rsplit('.').next()?;
            if last.starts_with(char::is_uppercase) {
                outside(scopes, m, &dotted)
            } else {
                None
            }
        }
        Binding::Class(of, class) => {
            let facts = &scopes.module(of).facts;
            let bases = facts.args_of(facts.class(class).bases);
            bases
                .iter()
                .find_map(|base| class_of(scopes, of, base.value, depth + 1))
        }
        _ => None,
    }
}

/// The extension whose object an expression is.
fn made_by(scopes: &Scopes<'_>, m: ModuleId, at: ExprId, depth: u32) -> Option<String> {
    if depth > DEPTH {
        return None;
    }
    if let ExprKind::Call { callee, .. } = scopes.module(m).facts.expr(at).kind {
        return class_of(scopes, m, callee, 0);
    }
    match binding(scopes, m, at, 0) {
        Binding::Value(of, values) => values
            .iter()
            .find_map(|&value| made_by(scopes, of, value, depth + 1)),
        _ => None,
    }
}
