//! What parameters are: found at the calls of their functions, and by what is done with them.
//!
//! `def init_app(app)` gets an app where some call in the tree passes one, or where it takes an
//! attribute of its parameter that only apps have. Hooks after a request get the response.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, HashSet};

use rayon::prelude::*;

use crate::flask::meaning::{Kind, Meaning, ParameterKinds, Reader};
use crate::flask::vocabulary;
use crate::python::facts::{
    ArgKind, ExprId, ExprKind, Facts, FunctionId, ParamKind, Run, StmtKind,
};
use crate::python::project::ModuleId;
use crate::python::scopes::Scopes;
use crate::python::tree::Parent;

use super::place::Site;

/// How often what is known of parameters is used to learn of further ones (`f(app.config)` where `app`
/// is a parameter itself).
const ROUNDS: usize = 4;

type Slot = (ModuleId, FunctionId, u32);

#[derive(Default)]
struct Flows {
    /// Parameters that get a known value.
    seeds: Vec<(Slot, Kind)>,
    /// Parameters passed on as other parameters.
    passed: Vec<(Slot, Slot)>,
}

/// Kinds of parameters of the functions of `visible` modules and of those they call. Modules that
/// such a call leads into are added to `visible`.
#[must_use]
pub fn infer(scopes: &Scopes<'_>, visible: &mut BTreeSet<ModuleId>) -> ParameterKinds {
    let mut kinds = ParameterKinds::default();
    let mut passed: HashMap<Slot, Vec<Slot>> = HashMap::new();
    let mut done: HashSet<ModuleId> = HashSet::new();
    loop {
        let new: Vec<ModuleId> = visible
            .iter()
            .copied()
            .filter(|m| !done.contains(m))
            .collect();
        if new.is_empty() {
            break;
        }
        done.extend(&new);
        let nothing = ParameterKinds::default();
        let found: Vec<Flows> = new
            .par_iter()
            .map(|&m| flows(scopes, &nothing, m))
            .collect();
        let mut open: Vec<(Slot, Kind)> = Vec::new();
        for flows in found {
            open.extend(flows.seeds);
            for (from, to) in flows.passed {
                passed.entry(from).or_default().push(to);
                if let Some(&kind) = kinds.get(&from) {
                    open.push((to, kind));
                }
            }
        }
        open.sort_unstable();
        while let Some((slot, kind)) = open.pop() {
            if kinds.contains_key(&slot) {
                continue;
            }
            kinds.insert(slot, kind);
            visible.insert(slot.0);
            for &to in passed.get(&slot).into_iter().flatten() {
                open.push((to, kind));
            }
        }
    }
    let mut again: BTreeSet<ModuleId> = kinds.keys().map(|slot| slot.0).collect();
    for _ in 0..ROUNDS {
        let modules: Vec<ModuleId> = std::mem::take(&mut again).into_iter().collect();
        let found: Vec<Flows> = modules
            .par_iter()
            .map(|&m| flows(scopes, &kinds, m))
            .collect();
        let mut seeds: Vec<(Slot, Kind)> = found.into_iter().flat_map(|f| f.seeds).collect();
        seeds.sort_unstable();
        for (slot, kind) in seeds {
            if let Entry::Vacant(vacant) = kinds.entry(slot) {
                vacant.insert(kind);
                visible.insert(slot.0);
                again.insert(slot.0);
            }
        }
        if again.is_empty() {
            break;
        }
    }
    kinds
}

fn flows(scopes: &Scopes<'_>, nothing: &ParameterKinds, m: ModuleId) -> Flows {
    let site = Site::new(scopes, m);
    let mut reader = Reader::new(scopes, nothing);
    let mut out = Flows::default();
    for (i, expr) in site.facts.exprs.iter().enumerate() {
        let e = ExprId(i as u32);
        match expr.kind {
            ExprKind::Attribute { value, name } => {
                let name = site.text(name);
                if matches!(name, "after_request" | "after_app_request") {
                    after_request(&site, &mut reader, e, &mut out);
                }
                if !matches!(site.facts.expr(value).kind, ExprKind::Name) {
                    continue;
                }
                let app_only = vocabulary::is_app_only(name)
                    || (vocabulary::is_app_like(name) && named_as_app(site.source(value)));
                if app_only && let Meaning::Parameter(pm, pf, n) = reader.name(m, value) {
                    let blueprint = named_as_blueprint(site.source(value));
                    let kind = if blueprint {
                        Kind::Blueprint
                    } else {
                        Kind::App
                    };
                    out.seeds.push(((pm, pf, n), kind));
                }
            }
            ExprKind::Call { callee, args } if args.len > 0 => {
                arguments(&site, &mut reader, callee, args, &mut out);
            }
            _ => {}
        }
    }
    // `@after_this_request def f(response)`
    for (i, function) in site.facts.functions.iter().enumerate() {
        for &decorator in site.facts.exprs_of(function.decorators) {
            if matches!(
                site.facts.expr(decorator).kind,
                ExprKind::Name | ExprKind::Attribute { .. }
            ) && site.source(decorator).ends_with("after_this_request")
                && let Some(n) = first(site.facts, FunctionId(i as u32))
            {
                out.seeds
                    .push(((m, FunctionId(i as u32), n), Kind::Response));
            }
        }
    }
    out
}

fn named_as_app(name: &str) -> bool {
    matches!(name, "app" | "application" | "server")
        || name.ends_with("_app")
        || named_as_blueprint(name)
}

fn named_as_blueprint(name: &str) -> bool {
    matches!(name, "bp" | "blueprint") || name.ends_with("_bp") || name.ends_with("_blueprint")
}

fn first(facts: &Facts, f: FunctionId) -> Option<u32> {
    let function = facts.function(f);
    let skip = u32::from(function.class.is_some());
    let params = facts.params_of(function.params);
    params
        .get(skip as usize)
        .filter(|p| p.kind == ParamKind::Plain)
        .map(|_| skip)
}

/// The function registered by `x.after_request` gets the response.
fn after_request(site: &Site<'_, '_>, reader: &mut Reader<'_, '_>, e: ExprId, out: &mut Flows) {
    let (m, f) = match site.tree.parent(e) {
        Parent::Decorator(stmt) => match site.facts.stmt(stmt).kind {
            StmtKind::FunctionDef(f) => (site.id, f),
            _ => return,
        },
        _ => {
            let Some((_, args)) = site.call(e) else {
                return;
            };
            let Some(arg) = site.facts.args_of(args).first() else {
                return;
            };
            match reader.meaning(site.id, arg.value) {
                Meaning::Function(m, f) => (m, f),
                _ => return,
            }
        }
    };
    if let Some(n) = first(&reader.scopes.module(m).facts, f) {
        out.seeds.push(((m, f, n), Kind::Response));
    }
}

/// What a call passes to a function of the tree.
fn arguments(
    site: &Site<'_, '_>,
    reader: &mut Reader<'_, '_>,
    callee: ExprId,
    args: Run,
    out: &mut Flows,
) {
    // Only names, chains and calls can be values of the framework.
    let may_flow = site.facts.args_of(args).iter().any(|a| {
        matches!(
            site.facts.expr(a.value).kind,
            ExprKind::Name
                | ExprKind::Attribute { .. }
                | ExprKind::Call { .. }
                | ExprKind::Subscript { .. }
                | ExprKind::Await(_)
        )
    });
    if !may_flow {
        return;
    }
    let (m, f, bound) = match reader.meaning(site.id, callee) {
        Meaning::Function(m, f) => (m, f, is_bound(site, reader, callee, m, f)),
        Meaning::Class(m, c) => match reader.class_member(m, c, "__init__", false, 0) {
            Some(Meaning::Function(m, f)) => (m, f, true),
            _ => return,
        },
        _ => return,
    };
    let facts = &reader.scopes.module(m).facts;
    let text = &reader.scopes.module(m).text;
    let params = facts.params_of(facts.function(f).params);
    let mut position = usize::from(bound);
    for arg in site.facts.args_of(args) {
        let slot = match arg.kind {
            ArgKind::Positional => {
                position += 1;
                params
                    .iter()
                    .enumerate()
                    .take_while(|(_, p)| {
                        !matches!(p.kind, ParamKind::Star | ParamKind::KeywordOnlyMark)
                    })
                    .filter(|(_, p)| p.kind == ParamKind::Plain)
                    .nth(position - 1)
            }
            ArgKind::Keyword(name) => {
                let name = site.text(name);
                params
                    .iter()
                    .enumerate()
                    .find(|(_, p)| p.kind == ParamKind::Plain && p.name.of(text) == name)
            }
            ArgKind::Star | ArgKind::DoubleStar => return,
        };
        let Some((n, _)) = slot else { continue };
        let slot = (m, f, n as u32);
        match reader.meaning(site.id, arg.value) {
            Meaning::Value(Kind::CurrentApp) => out.seeds.push((slot, Kind::App)),
            Meaning::Value(kind) => out.seeds.push((slot, kind)),
            Meaning::Parameter(pm, pf, pn) => out.passed.push(((pm, pf, pn), slot)),
            _ => {}
        }
    }
}

/// Whether a method is called on its object, so that its first parameter is filled.
fn is_bound(
    site: &Site<'_, '_>,
    reader: &mut Reader<'_, '_>,
    callee: ExprId,
    m: ModuleId,
    f: FunctionId,
) -> bool {
    let facts = &reader.scopes.module(m).facts;
    let function = facts.function(f);
    if function.class.is_none() {
        return false;
    }
    let text = &reader.scopes.module(m).text;
    let decorated = |name: &str| {
        facts
            .exprs_of(function.decorators)
            .iter()
            .any(|&d| facts.expr(d).span.of(text) == name)
    };
    if decorated("staticmethod") {
        return false;
    }
    if decorated("classmethod") {
        return true;
    }
    match site.facts.expr(callee).kind {
        ExprKind::Attribute { value, .. } => {
            !matches!(reader.meaning(site.id, value), Meaning::Class(..))
        }
        _ => false,
    }
}
