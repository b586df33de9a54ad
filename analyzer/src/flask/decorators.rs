//! Decorators of the app: what their wrappers show and hand on.
//!
//! The frameworks that call views by their declared parameters see through a decorator only where
//! its wrapper is made with `functools.wraps` and passes its arguments on unread.

use model::function::Forwarding;

use crate::python::facts::{ArgKind, ExprId, ExprKind, FunctionId, ParamKind, Run, StmtKind};
use crate::python::names::Binding;
use crate::python::project::ModuleId;
use crate::python::tree::{Parent, Scope};

use super::meaning::{Meaning, Reader};
use super::touches::Site;

/// Decorators of well-known packages that wrap with `functools.wraps` and pass everything on, or
/// that give the function back.
const TRANSPARENT: &[&str] = &[
    "flask_login.login_required",
    "flask_login.fresh_login_required",
    "flask_login.utils.login_required",
    "flask_jwt_extended.jwt_required",
    "flask_jwt_extended.view_decorators.jwt_required",
    "flask_cors.cross_origin",
    "flask_limiter.Limiter.limit",
    "flask_limiter.Limiter.exempt",
    "flask_wtf.CSRFProtect.exempt",
    "flask_wtf.csrf.CSRFProtect.exempt",
    "flask_httpauth.HTTPBasicAuth.login_required",
    "flask_httpauth.HTTPTokenAuth.login_required",
    "flask_httpauth.MultiAuth.login_required",
    "flask_security.login_required",
    "flask_security.auth_required",
    "flask_security.auth_token_required",
    "flask_security.roles_required",
    "flask_security.roles_accepted",
    "quart_auth.login_required",
    "functools.wraps",
    "functools.lru_cache",
    "functools.cache",
    "staticmethod",
    "classmethod",
    "typing.no_type_check",
    "typing.overload",
    "typing_extensions.override",
    "deprecated.deprecated",
    "asyncio.coroutine",
    "chameleon_flask.template",
    "chameleon_flask.engine.template",
];

/// What the decorator expression `d` of `m` hands on.
pub fn forwarding(reader: &mut Reader<'_, '_>, m: ModuleId, d: ExprId) -> Forwarding {
    let facts = &reader.scopes.module(m).facts;
    let (callee, called) = match facts.expr(d).kind {
        ExprKind::Call { callee, .. } => (callee, true),
        _ => (d, false),
    };
    match reader.meaning(m, callee) {
        Meaning::Function(at, f) => of_function(reader, at, f, called, 0),
        // `@limit(3)` of a class: its objects are called with the function.
        Meaning::Class(at, c) if called => match reader.class_member(at, c, "__call__", false, 0) {
            Some(Meaning::Function(at, f)) => of_function(reader, at, f, false, 0),
            _ => Forwarding::Unknown,
        },
        Meaning::Framework(name) => match &*name {
            "after_this_request" | "cli.with_appcontext" | "copy_current_request_context" => {
                Forwarding::Transparent
            }
            _ => Forwarding::Unknown,
        },
        _ => match reader.dotted(m, callee) {
            Some(name) if TRANSPARENT.contains(&name.as_str()) || name.starts_with("click.") => {
                Forwarding::Transparent
            }
            _ => Forwarding::Unknown,
        },
    }
}

/// What a function of the tree hands on as a decorator, used with or without arguments.
pub fn of_function(
    reader: &mut Reader<'_, '_>,
    m: ModuleId,
    f: FunctionId,
    called: bool,
    depth: u32,
) -> Forwarding {
    if depth > 4 {
        return Forwarding::Unknown;
    }
    if let Some(&known) = reader.forwarding.get(&(m, f, called)) {
        return known;
    }
    // One that needs itself is not known.
    reader
        .forwarding
        .insert((m, f, called), Forwarding::Unknown);
    let found = returned(reader, m, f, called, depth);
    reader.forwarding.insert((m, f, called), found);
    found
}

fn returned(
    reader: &mut Reader<'_, '_>,
    m: ModuleId,
    f: FunctionId,
    called: bool,
    depth: u32,
) -> Forwarding {
    let site = Site::new(reader.scopes, m);
    let mut found: Option<Forwarding> = None;
    for stmt in site.tree.returns(f) {
        let StmtKind::Return(Some(value)) = site.facts.stmt(stmt).kind else {
            return Forwarding::Unknown;
        };
        let next = if called {
            match reader.meaning(m, value) {
                Meaning::Function(at, inner) if is_inside(&site, m, f, at, inner) => {
                    of_function(reader, at, inner, false, depth + 1)
                }
                Meaning::Function(at, other) => of_function(reader, at, other, false, depth + 1),
                _ => match forwarded_factory(reader, &site, value, depth) {
                    Some(found) => found,
                    // `@deco()` of a decorator that takes the function or nothing.
                    None if is_parameter(reader, m, f, value) => continue,
                    None => Forwarding::Unknown,
                },
            }
        } else {
            applied(reader, &site, f, value, depth)
        };
        found = Some(match (found, next) {
            (None, next) => next,
            (Some(a), b) if a == b => a,
            (Some(Forwarding::Opaque), _) | (_, Forwarding::Opaque) => Forwarding::Opaque,
            _ => Forwarding::Unknown,
        });
    }
    found.unwrap_or(Forwarding::Unknown)
}

/// `return other_factory(…)`.
fn forwarded_factory(
    reader: &mut Reader<'_, '_>,
    site: &Site<'_, '_>,
    value: ExprId,
    depth: u32,
) -> Option<Forwarding> {
    let ExprKind::Call { callee, .. } = site.facts.expr(value).kind else {
        return None;
    };
    match reader.meaning(site.id, callee) {
        Meaning::Function(at, f) => Some(of_function(reader, at, f, true, depth + 1)),
        _ => None,
    }
}

/// What `f` gives back for its first parameter, where it returns `value`.
fn applied(
    reader: &mut Reader<'_, '_>,
    site: &Site<'_, '_>,
    f: FunctionId,
    value: ExprId,
    depth: u32,
) -> Forwarding {
    let m = site.id;
    if is_parameter(reader, m, f, value) {
        return Forwarding::Transparent;
    }
    match reader.meaning(m, value) {
        Meaning::Function(at, w)
            if at == m && site.facts.function(w).parent_function == Some(f) =>
        {
            wrapper(reader, site, f, w)
        }
        _ => {
            // `return other(view)`, `return update_wrapper(wrapper, view)`
            let ExprKind::Call { callee, args } = site.facts.expr(value).kind else {
                return Forwarding::Unknown;
            };
            let first = site.facts.args_of(args).first().map(|a| a.value);
            if let Some(first) = first
                && reader
                    .dotted(m, callee)
                    .is_some_and(|n| n == "functools.update_wrapper")
                && let Meaning::Function(at, w) = reader.meaning(m, first)
                && at == m
            {
                return wrapper_body(reader, site, f, w);
            }
            match reader.meaning(m, callee) {
                Meaning::Function(at, other)
                    if first.is_some_and(|e| is_parameter(reader, m, f, e)) =>
                {
                    of_function(reader, at, other, false, depth + 1)
                }
                _ => Forwarding::Unknown,
            }
        }
    }
}

/// The wrapper `w` inside the decorator `f`.
fn wrapper(
    reader: &mut Reader<'_, '_>,
    site: &Site<'_, '_>,
    f: FunctionId,
    w: FunctionId,
) -> Forwarding {
    let wraps = site
        .facts
        .exprs_of(site.facts.function(w).decorators)
        .iter()
        .any(|&d| {
            let ExprKind::Call { callee, .. } = site.facts.expr(d).kind else {
                return false;
            };
            matches!(
                reader.dotted(site.id, callee).as_deref(),
                Some("functools.wraps" | "decorator.decorator" | "wrapt.decorator" | "six.wraps")
            )
        });
    if !wraps && !updated(reader, site, f, w) {
        return Forwarding::Opaque;
    }
    wrapper_body(reader, site, f, w)
}

/// Whether `f` says `update_wrapper(w, view)` as a statement.
fn updated(reader: &mut Reader<'_, '_>, site: &Site<'_, '_>, f: FunctionId, w: FunctionId) -> bool {
    let name = site.text(site.facts.function(w).name);
    for &stmt in site.facts.stmts_of(site.facts.function(f).body) {
        if let StmtKind::Expr(e) = site.facts.stmt(stmt).kind
            && let ExprKind::Call { callee, args } = site.facts.expr(e).kind
            && site
                .facts
                .args_of(args)
                .first()
                .is_some_and(|a| site.source(a.value) == name)
            && reader
                .dotted(site.id, callee)
                .is_some_and(|n| n == "functools.update_wrapper")
        {
            return true;
        }
    }
    false
}

/// Whether a wrapper takes `**kwargs` alone (and `*args`) and only passes them to the function.
fn wrapper_body(
    reader: &mut Reader<'_, '_>,
    site: &Site<'_, '_>,
    f: FunctionId,
    w: FunctionId,
) -> Forwarding {
    let function = site.facts.function(w);
    let mut names: [Option<&str>; 2] = [None, None];
    for param in site.facts.params_of(function.params) {
        match param.kind {
            ParamKind::Star => names[0] = Some(site.text(param.name)),
            ParamKind::DoubleStar => names[1] = Some(site.text(param.name)),
            ParamKind::Plain | ParamKind::KeywordOnlyMark | ParamKind::PositionalOnlyMark => {
                return Forwarding::Opaque;
            }
        }
    }
    if names[1].is_none() {
        return Forwarding::Opaque;
    }
    let span = function.span;
    let mut handed = false;
    for (i, expr) in site.facts.exprs.iter().enumerate() {
        if !matches!(expr.kind, ExprKind::Name) || !span.contains(expr.span) {
            continue;
        }
        let name = site.text(expr.span);
        let Some(which) = names.iter().position(|n| *n == Some(name)) else {
            continue;
        };
        let e = ExprId(i as u32);
        match handed_on(reader, site, f, e, which == 1) {
            Some(()) => handed |= which == 1,
            None => return Forwarding::Opaque,
        }
    }
    if handed {
        Forwarding::Transparent
    } else {
        Forwarding::Opaque
    }
}

/// Whether `e` is `*args` or `**kwargs` of a call of the wrapped function.
fn handed_on(
    reader: &mut Reader<'_, '_>,
    site: &Site<'_, '_>,
    f: FunctionId,
    e: ExprId,
    double: bool,
) -> Option<()> {
    let call = site.up(e)?;
    let ExprKind::Call { callee, args } = site.facts.expr(call).kind else {
        return None;
    };
    let arg = site.facts.args_of(args).iter().find(|a| a.value == e)?;
    let wanted = if double {
        ArgKind::DoubleStar
    } else {
        ArgKind::Star
    };
    (arg.kind == wanted && is_wrapped(reader, site, f, callee)).then_some(())
}

/// `view`, `current_app.ensure_sync(view)`, or a transparent decorator applied to it on the spot.
fn is_wrapped(
    reader: &mut Reader<'_, '_>,
    site: &Site<'_, '_>,
    f: FunctionId,
    callee: ExprId,
) -> bool {
    if is_parameter(reader, site.id, f, callee) {
        return true;
    }
    let ExprKind::Call {
        callee: inner,
        args,
    } = site.facts.expr(callee).kind
    else {
        return false;
    };
    if !only_parameter(reader, site, f, args) {
        return false;
    }
    match site.facts.expr(inner).kind {
        ExprKind::Attribute { name, .. } if site.text(name) == "ensure_sync" => true,
        _ => forwarding(reader, site.id, inner) == Forwarding::Transparent,
    }
}

fn only_parameter(reader: &Reader<'_, '_>, site: &Site<'_, '_>, f: FunctionId, args: Run) -> bool {
    match site.facts.args_of(args) {
        [one] => is_parameter(reader, site.id, f, one.value),
        _ => false,
    }
}

/// Whether `e` names the first parameter of `f`.
fn is_parameter(reader: &Reader<'_, '_>, m: ModuleId, f: FunctionId, e: ExprId) -> bool {
    let site = Site::new(reader.scopes, m);
    if !matches!(site.facts.expr(e).kind, ExprKind::Name) {
        return false;
    }
    let first = u32::from(site.facts.function(f).class.is_some());
    match reader.scopes.name(m, e) {
        Binding::Parameter(pm, pf, n) => (pm, pf) == (m, f) && n <= first,
        // `view = view or …` is the parameter still, as far as one can tell.
        _ => false,
    }
}

fn is_inside(
    site: &Site<'_, '_>,
    m: ModuleId,
    f: FunctionId,
    at: ModuleId,
    inner: FunctionId,
) -> bool {
    at == m && site.facts.function(inner).parent_function == Some(f)
}

/// Whether `f` is a decorator: it returns a function made in it that calls the function it was
/// given, or a function that does so.
pub fn is_decorator(reader: &mut Reader<'_, '_>, m: ModuleId, f: FunctionId) -> bool {
    let site = Site::new(reader.scopes, m);
    for stmt in site.tree.returns(f) {
        let StmtKind::Return(Some(value)) = site.facts.stmt(stmt).kind else {
            continue;
        };
        let inner = match reader.meaning(m, value) {
            Meaning::Function(at, inner) => (at, inner),
            _ => {
                let ExprKind::Call { args, .. } = site.facts.expr(value).kind else {
                    continue;
                };
                let Some(first) = site.facts.args_of(args).first() else {
                    continue;
                };
                match reader.meaning(m, first.value) {
                    Meaning::Function(at, inner) => (at, inner),
                    _ => continue,
                }
            }
        };
        if is_inside(&site, m, f, inner.0, inner.1)
            && (calls_parameter(reader, &site, f, inner.1) || is_decorator(reader, m, inner.1))
        {
            return true;
        }
    }
    false
}

/// Whether code in `inner` uses a parameter of `f` as a function.
fn calls_parameter(
    reader: &Reader<'_, '_>,
    site: &Site<'_, '_>,
    f: FunctionId,
    inner: FunctionId,
) -> bool {
    let span = site.facts.function(inner).outer;
    let Scope::Function(f_scope) = Scope::Function(f) else {
        return false;
    };
    site.facts.exprs.iter().enumerate().any(|(i, expr)| {
        if !matches!(expr.kind, ExprKind::Name) || !span.contains(expr.span) {
            return false;
        }
        let e = ExprId(i as u32);
        let used = match site.tree.parent(e) {
            Parent::Expr(up) => matches!(site.facts.expr(up).kind, ExprKind::Call { .. }),
            _ => false,
        };
        used && matches!(
            reader.scopes.name(site.id, e),
            Binding::Parameter(pm, pf, _) if pm == site.id && pf == f_scope
        )
    })
}
