//! Places that hand a template's name to something that is not the framework: libraries that render
//! (`chameleon_flask.response("home.pt", …)`), their decorators and the app's own
//! (`@response(template_file="home.html")`), and wrappers around `render_template`.
//!
//! That a text is a template's name is known only when the templates are; here it only looks like one.

use crate::python::facts::{ArgKind, ExprId, ExprKind, Run, Span, StmtKind};
use crate::python::literal;
use crate::python::project::ModuleId;
use crate::python::qualnames::qualnames;
use crate::python::scopes::Scopes;
use crate::python::tree::Parent;

use super::meaning::{Meaning, ParameterKinds, Reader};

/// A call or decorator that is given what may be a template's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Naming {
    /// The name.
    pub template: String,
    /// Id of the function that renders it: the one around the call, or the one decorated.
    pub function: String,
    /// 1-based line.
    pub line: u32,
    /// Names that are passed on to the template.
    pub keys: Vec<String>,
    /// There may be more than these.
    pub open: bool,
}

/// Extensions that templates have.
const EXTENSIONS: &[&str] = &[
    ".html", ".htm", ".xml", ".txt", ".jinja", ".jinja2", ".j2", ".pt", ".md", ".svg", ".eml",
];

/// Every such place, by file and position.
#[must_use]
pub fn namings(scopes: &Scopes<'_>) -> Vec<Naming> {
    let kinds = ParameterKinds::default();
    let mut reader = Reader::new(scopes, &kinds);
    let mut out = Vec::new();
    for m in scopes.project().ids() {
        let facts = &scopes.module(m).facts;
        let mut names = None;
        for (i, expr) in facts.exprs.iter().enumerate() {
            if let ExprKind::Call { callee, args } = expr.kind
                && let Some((at, template)) = named(scopes, m, args)
                && let Some(adds) = renders(&mut reader, m, callee)
            {
                let names = names.get_or_insert_with(|| qualnames(scopes.module(m)));
                let call = Call {
                    id: ExprId(i as u32),
                    args,
                    named: at,
                };
                out.extend(naming(scopes, m, &call, template, adds, names));
            }
        }
    }
    out
}

struct Call {
    id: ExprId,
    args: Run,
    /// Index of the argument that is the name.
    named: usize,
}

/// The argument that looks like a template's name: the first by position, or any by keyword.
fn named(scopes: &Scopes<'_>, m: ModuleId, args: Run) -> Option<(usize, String)> {
    let module = scopes.module(m);
    let facts = &module.facts;
    facts.args_of(args).iter().enumerate().find_map(|(i, arg)| {
        let may_be = match arg.kind {
            ArgKind::Positional => i == 0,
            ArgKind::Keyword(_) => true,
            ArgKind::Star | ArgKind::DoubleStar => false,
        };
        let value = facts.expr(arg.value);
        if !may_be || !matches!(value.kind, ExprKind::Str) {
            return None;
        }
        let written = value.span.of(&module.text).trim_end_matches(['"', '\'']);
        if !EXTENSIONS.iter().any(|e| written.ends_with(e)) {
            return None;
        }
        Some((i, literal::string(value.span.of(&module.text))?))
    })
}

/// Whether what is called may render: the app's own functions and objects, and what is called so in a
/// library. `Some(true)` when it may pass names of its own.
fn renders(reader: &mut Reader<'_, '_>, m: ModuleId, callee: ExprId) -> Option<bool> {
    let meaning = reader.meaning(m, callee);
    match meaning {
        Meaning::External(_) | Meaning::Unknown => {
            let Some(dotted) = reader.dotted(m, callee) else {
                return matches!(meaning, Meaning::Unknown).then_some(true);
            };
            let last = dotted.rsplit('.').next().unwrap_or(&dotted);
            let says = ["render", "template", "response"]
                .iter()
                .any(|word| last.contains(word));
            // A library of templates adds nothing to what it is given.
            let of_templates = dotted.contains("chameleon");
            (says || of_templates).then_some(!of_templates)
        }
        // What the framework renders is a touch.
        Meaning::Framework(_) | Meaning::FrameworkModule(_) | Meaning::Builtin => None,
        Meaning::Value(_) => None,
        _ => Some(true),
    }
}

fn naming(
    scopes: &Scopes<'_>,
    m: ModuleId,
    call: &Call,
    template: String,
    adds: bool,
    names: &[String],
) -> Option<Naming> {
    let module = scopes.module(m);
    let (facts, tree) = (&module.facts, &scopes.of(m).tree);
    let line = module.line(facts.expr(call.id).span.start);
    if let Parent::Decorator(stmt) = tree.parent(call.id) {
        let StmtKind::FunctionDef(function) = facts.stmt(stmt).kind else {
            return None;
        };
        let mut keys = Vec::new();
        let mut open = adds;
        let mut returns = 0;
        for stmt in tree.returns(function) {
            returns += 1;
            let StmtKind::Return(Some(value)) = facts.stmt(stmt).kind else {
                continue;
            };
            match facts.expr(value).kind {
                ExprKind::Dict(run) => open |= !dict_keys(scopes, m, run, &mut keys),
                // Another answer than a template: a redirect, an error.
                ExprKind::Call { .. } => {}
                _ => open = true,
            }
        }
        return Some(Naming {
            template,
            function: format!("{}:{}", module.name, names[function.0 as usize]),
            line,
            keys,
            open: open || returns == 0,
        });
    }
    let (_, scope) = tree.place(call.id)?;
    let function = tree.owner(facts, scope).map_or("<module>", |f| {
        names.get(f.0 as usize).map_or("", String::as_str)
    });
    let mut keys = Vec::new();
    let mut open = adds;
    for (i, arg) in facts.args_of(call.args).iter().enumerate() {
        match arg.kind {
            _ if i == call.named => {}
            ArgKind::Keyword(name) => keys.push(text(module, name)),
            _ => open = true,
        }
    }
    Some(Naming {
        template,
        function: format!("{}:{function}", module.name),
        line,
        keys,
        open,
    })
}

fn text(module: &crate::python::project::Module, span: Span) -> String {
    span.of(&module.text).to_owned()
}

/// Adds the keys of a dict display; false when there may be others.
fn dict_keys(scopes: &Scopes<'_>, m: ModuleId, run: Run, keys: &mut Vec<String>) -> bool {
    let module = scopes.module(m);
    let mut whole = true;
    for pair in module.facts.exprs_of(run).chunks_exact(2) {
        let key = module.facts.expr(pair[0]);
        match key.kind {
            ExprKind::Str => match literal::string(key.span.of(&module.text)) {
                Some(key) if !keys.contains(&key) => keys.push(key),
                Some(_) => {}
                None => whole = false,
            },
            _ => whole = false,
        }
    }
    whole
}
