//! Names that templates get without a view's doing: the framework's, context processors', globals.

use std::collections::BTreeSet;

use model::touch::{HookTime, TemplateExtensionKind};
use model::{Constant, Function, Op, Role, Touch};

use crate::python::facts::{ArgKind, ExprKind};
use crate::python::literal;

use super::sources::{Source, Sources};

/// The framework's own context, what Jinja2 has, and what the usual extensions add
/// (Flask-Login, Flask-WTF, Flask-Babel).
const KNOWN: &[&str] = &[
    "request",
    "session",
    "g",
    "config",
    "url_for",
    "get_flashed_messages",
    "self",
    "super",
    "caller",
    "loop",
    "varargs",
    "kwargs",
    "range",
    "dict",
    "lipsum",
    "cycler",
    "joiner",
    "namespace",
    "_",
    "gettext",
    "ngettext",
    "pgettext",
    "npgettext",
    "current_user",
    "csrf_token",
    "current_app",
];

/// Extensions that add no names to templates but those in [`KNOWN`].
const HARMLESS: &[&str] = &[
    "flask_login",
    "flask_wtf",
    "flask_sqlalchemy",
    "flask_migrate",
    "flask_cors",
    "flask_limiter",
    "flask_caching",
    "flask_mail",
    "flask_session",
    "flask_bcrypt",
    "flask_httpauth",
    "flask_jwt_extended",
    "flask_restful",
    "flask_restx",
    "flask_marshmallow",
    "flask_compress",
    "flask_socketio",
    "flask_script",
    "flask_babel",
    "flask_testing",
    "flask_pymongo",
    "flask_mongoengine",
];

/// The names that every template gets; nothing where they cannot all be known.
pub(super) fn ambient(sources: &Sources, functions: &[Function]) -> Option<BTreeSet<String>> {
    if sources.texts().iter().any(|t| adds_names(t)) {
        return None;
    }
    let mut names: BTreeSet<String> = KNOWN.iter().map(|n| (*n).to_owned()).collect();
    let module = |function: &Function| sources.parse(&function.file);
    let mut processors = 0;
    let mut hooks = 0;
    for function in functions {
        if function.role == Role::ContextProcessor {
            processors += 1;
            processor(function, &module(function)?, &mut names)?;
        }
        for touch in &function.touches {
            match &touch.op {
                Op::Hook {
                    when: HookTime::TemplateContext,
                    ..
                } => hooks += 1,
                Op::TemplateExtension {
                    kind: TemplateExtensionKind::Global,
                } => {
                    names.extend(globals(touch, &module(function)?, functions, function)?);
                }
                // The environment is changed in a way that no touch tells.
                Op::AppAttribute { name } if name.starts_with("jinja_") => {
                    if adds_no_names(touch, &module(function)?) {
                        continue;
                    }
                    return None;
                }
                Op::AppAttribute { name } if name == "template_context_processors" => return None,
                _ => {}
            }
        }
    }
    (hooks <= processors).then_some(names)
}

/// Whether a file imports an extension that may add names.
fn adds_names(text: &str) -> bool {
    text.lines()
        .filter_map(|line| {
            let line = line.trim_start();
            line.strip_prefix("import ")
                .or_else(|| line.strip_prefix("from "))
        })
        .flat_map(|rest| rest.split(" import ").next().unwrap_or(rest).split(','))
        .filter_map(|name| name.split(['.', ' ']).find(|n| !n.is_empty()))
        .any(|top| {
            (top.starts_with("flask_") || top.starts_with("quart_")) && !HARMLESS.contains(&top)
        })
}

/// The keys of what a context processor returns.
fn processor(function: &Function, module: &Source, names: &mut BTreeSet<String>) -> Option<()> {
    if function.returns.is_empty() {
        return None;
    }
    for site in &function.returns {
        let span = site.value?;
        let expr = module
            .facts
            .exprs
            .iter()
            .find(|e| e.span.start == span.start && e.span.end == span.end)?;
        match expr.kind {
            ExprKind::Dict(run) => {
                for pair in module.facts.exprs_of(run).chunks(2) {
                    let key = module.facts.expr(*pair.first()?);
                    if !matches!(key.kind, ExprKind::Str) {
                        return None;
                    }
                    names.insert(literal::string(key.span.of(&module.text))?);
                }
            }
            ExprKind::Call { callee, args } => {
                let callee = module.facts.expr(callee);
                if callee.span.of(&module.text) != "dict" {
                    return None;
                }
                for arg in module.facts.args_of(args) {
                    let ArgKind::Keyword(name) = arg.kind else {
                        return None;
                    };
                    names.insert(name.of(&module.text).to_owned());
                }
            }
            _ => return None,
        }
    }
    Some(())
}

/// What is done to the environment, where it concerns syntax and not names.
fn adds_no_names(touch: &Touch, module: &Source) -> bool {
    let rest = module.text.get(touch.span.end as usize..).unwrap_or("");
    [
        ".add_extension('jinja2.ext.",
        ".add_extension(\"jinja2.ext.",
        ".trim_blocks",
        ".lstrip_blocks",
        ".auto_reload",
        ".autoescape",
        ".cache",
    ]
    .iter()
    .any(|start| rest.starts_with(start))
}

/// The names of template globals.
fn globals(
    touch: &Touch,
    module: &Source,
    functions: &[Function],
    owner: &Function,
) -> Option<Vec<String>> {
    let text = touch.span.of(&module.text);
    // `jinja_env.globals["name"]`
    if let Some(rest) = text.strip_suffix(']') {
        let (_, key) = rest.rsplit_once('[')?;
        return Some(vec![literal::string(key)?]);
    }
    // `jinja_env.globals.update(name=value)`
    if text
        .split('(')
        .next()
        .is_some_and(|t| t.trim_end().ends_with(".update"))
    {
        return updated(touch, module);
    }
    if text.ends_with(".globals") {
        return None;
    }
    let named = touch.arguments.iter().find_map(|a| match &a.constant {
        Some(Constant::Str(name)) => Some(name.clone()),
        _ => None,
    });
    // `@app.template_global()`: the function's own name.
    let decorated = || {
        functions
            .iter()
            .find(|f| {
                f.file == owner.file && f.decorators.iter().any(|d| d.span.contains(touch.span))
            })
            .and_then(|f| f.qualname.rsplit('.').next().map(str::to_owned))
    };
    Some(vec![named.or_else(decorated)?])
}

/// The keyword arguments of the call that a touch is.
fn updated(touch: &Touch, module: &Source) -> Option<Vec<String>> {
    let facts = &module.facts;
    facts
        .exprs
        .iter()
        .filter(|e| e.span.start == touch.span.start && e.span.end == touch.span.end)
        .find_map(|e| match e.kind {
            ExprKind::Call { args, .. } => facts
                .args_of(args)
                .iter()
                .map(|arg| match arg.kind {
                    ArgKind::Keyword(name) => Some(name.of(&module.text).to_owned()),
                    _ => None,
                })
                .collect(),
            _ => None,
        })
}
