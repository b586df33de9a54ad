//! Python in templates: which names an expression or a block of code takes from around it.

use super::names::Walk;
use crate::python::extract::{Extractor, STACK};
use crate::python::facts::{ExprId, ExprKind, Facts, StmtKind};
use crate::python::literal;

/// What happens to names, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// A name is read.
    Load(String),
    /// A name is bound.
    Bind(String),
}

/// A call of `url_for`.
#[derive(Clone, Debug)]
pub(super) struct UrlCall {
    pub endpoint: Option<String>,
    pub arguments: Vec<String>,
    /// Where it stands in the text.
    pub at: usize,
}

/// A name, or a template's macro that an expression is: `layout`, `layout.macros['main']`.
#[derive(Clone, Debug, Default)]
pub(super) struct Path {
    pub root: String,
    pub rest: Vec<String>,
}

/// What an expression or a block says.
#[derive(Clone, Debug, Default)]
pub(super) struct Reading {
    pub events: Vec<Event>,
    pub urls: Vec<UrlCall>,
    /// The expression is nothing but this.
    pub path: Option<Path>,
    /// The expression is this string.
    pub constant: Option<String>,
}

/// Texts longer than this are parsed on a thread with a stack for any nesting.
const SHORT: usize = 400;

/// Open brackets that Python lets through.
const BRACKETS: u32 = 200;

fn facts(extractor: &mut Extractor, text: &str) -> Option<Facts> {
    if text.len() <= SHORT {
        return Some(extractor.extract(text));
    }
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK);
        let job = thread.spawn_scoped(scope, || extractor.extract(text));
        job.ok()?.join().ok()
    })
}

/// Reads an expression; an error says why Python would not.
pub(super) fn expression(extractor: &mut Extractor, text: &str) -> Result<Reading, &'static str> {
    const INVALID: &str = "invalid syntax";
    if text.bytes().any(|b| b == 0) {
        return Err("null byte");
    }
    if brackets(text) > BRACKETS {
        return Err("too many nested parentheses");
    }
    let facts = facts(extractor, text).ok_or("out of memory")?;
    let [statement] = *facts.stmts_of(facts.body) else {
        return Err(INVALID);
    };
    let statement = facts.stmt(statement);
    let StmtKind::Expr(e) = statement.kind else {
        return Err(INVALID);
    };
    let rest = text.get(statement.span.end as usize..).unwrap_or("");
    if !facts.errors.is_empty() || !matches!(rest.trim_start().bytes().next(), None | Some(b'#')) {
        return Err(INVALID);
    }
    let bare = !text.starts_with('(');
    match facts.expr(e).kind {
        ExprKind::Yield(_) | ExprKind::Starred(_) if bare => return Err(INVALID),
        ExprKind::Tuple(run) if bare => {
            let starred = |e: &ExprId| matches!(facts.expr(*e).kind, ExprKind::Starred(_));
            if facts.exprs_of(run).iter().any(starred) {
                return Err(INVALID);
            }
        }
        _ => {}
    }
    let mut walk = Walk::new(&facts, text);
    walk.expr(e);
    walk.refused.map_or(Ok(()), Err)?;
    let path = walk.path(e);
    let constant = match facts.expr(e).kind {
        ExprKind::Str => literal::string(facts.expr(e).span.of(text)),
        _ => None,
    };
    Ok(Reading {
        events: walk.events,
        urls: walk.urls,
        path,
        constant,
    })
}

/// Reads the statements of `<?python … ?>`.
pub(super) fn block(extractor: &mut Extractor, text: &str) -> Result<Reading, &'static str> {
    if text.bytes().any(|b| b == 0) {
        return Err("null byte");
    }
    let facts = facts(extractor, text).ok_or("out of memory")?;
    if !facts.errors.is_empty() {
        return Err("invalid syntax");
    }
    let mut walk = Walk::new(&facts, text);
    walk.statements(facts.body);
    walk.refused.map_or(Ok(()), Err)?;
    walk.events.append(&mut walk.later);
    Ok(Reading {
        events: walk.events,
        urls: walk.urls,
        ..Reading::default()
    })
}

/// Most brackets that are open at once; those in strings count too.
fn brackets(text: &str) -> u32 {
    let (mut open, mut most) = (0_u32, 0);
    for b in text.bytes() {
        match b {
            b'(' | b'[' | b'{' => open += 1,
            b')' | b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        most = most.max(open);
    }
    most
}
