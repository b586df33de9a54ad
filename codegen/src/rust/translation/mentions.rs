//! Whether a name is read or bound somewhere in a body.

use model::body::{Expression, ExpressionKind, Statement, StatementKind};

use super::super::walk;

/// Whether some statements read `name`, or hold something opaque that may. What binds it alone does not read it.
pub(super) fn mentions(statements: &[Statement], name: &str) -> bool {
    let mut bound = 0;
    targets(statements, &mut |t| bound += usize::from(is_name(t, name)));
    let mut seen = 0;
    let mut opaque = has_opaque(statements);
    walk::statements(statements, &mut |e| {
        seen += usize::from(is_name(e, name));
        opaque |= e.kind == ExpressionKind::Opaque;
    });
    opaque || seen > bound
}

/// Whether some statements bind `name`, or hold something opaque that may.
pub(super) fn binds(statements: &[Statement], name: &str) -> bool {
    let mut found = has_opaque(statements);
    targets(statements, &mut |t| found |= is_name(t, name));
    let augments = |s: &Statement| matches!(&s.kind, StatementKind::Augment { target, .. } if is_name(target, name));
    found || any(statements, &augments)
}

/// Whether a function's statements bind `name` anywhere, which makes it a local in all of them. Of what is opaque in them the text
/// is asked.
pub(in super::super) fn is_bound(statements: &[Statement], name: &str, text: &str) -> bool {
    let mut found = false;
    targets(statements, &mut |t| found |= names(t, name));
    found
        || any(statements, &|s| match &s.kind {
            StatementKind::Augment { target, .. } | StatementKind::For { target, .. } => {
                names(target, name)
            }
            StatementKind::Opaque => may_bind(s.span.of(text), name),
            _ => false,
        })
}

/// Whether a target is `name`, or has it among others.
fn names(target: &Expression, name: &str) -> bool {
    match &target.kind {
        ExpressionKind::Tuple(items) | ExpressionKind::List(items) => {
            items.iter().any(|t| names(t, name))
        }
        _ => is_name(target, name),
    }
}

/// Whether Python of any kind may bind `name`: what stands before or behind the word says so.
pub(in super::super) fn may_bind(python: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    python.match_indices(name).any(|(at, _)| {
        let (before, after) = (&python[..at], &python[at + name.len()..]);
        if before.ends_with(is_part) || after.starts_with(is_part) || before.ends_with('.') {
            return false;
        }
        let before = before.trim_end_matches([' ', '\t', '(', '*']);
        let after = after.trim_start_matches([' ', '\t', ')']);
        let binds = [
            "def", "class", "import", "as", "for", "global", "nonlocal", "del", "case",
        ];
        let word = before.rsplit(|c: char| !is_part(c)).next().unwrap_or("");
        let is_assigned = after.starts_with([',', ':', '='])
            || after.split_once('=').is_some_and(|(operator, _)| {
                !operator.is_empty() && operator.len() < 4 && !operator.contains(is_part)
            });
        binds.contains(&word) || before.ends_with(',') || is_assigned
    })
}

fn is_name(e: &Expression, name: &str) -> bool {
    matches!(&e.kind, ExpressionKind::Name(found) if found == name)
}

fn has_opaque(statements: &[Statement]) -> bool {
    any(statements, &|s| s.kind == StatementKind::Opaque)
}

/// Left sides of assignments.
fn targets(statements: &[Statement], see: &mut dyn FnMut(&Expression)) {
    for statement in statements {
        match &statement.kind {
            StatementKind::Assign { targets, .. } => targets.iter().for_each(&mut *see),
            StatementKind::If { body, orelse, .. }
            | StatementKind::While { body, orelse, .. }
            | StatementKind::For { body, orelse, .. } => {
                targets(body, see);
                targets(orelse, see);
            }
            _ => {}
        }
    }
}

fn any(statements: &[Statement], test: &dyn Fn(&Statement) -> bool) -> bool {
    statements.iter().any(|s| {
        test(s)
            || match &s.kind {
                StatementKind::If { body, orelse, .. }
                | StatementKind::While { body, orelse, .. }
                | StatementKind::For { body, orelse, .. } => any(body, test) || any(orelse, test),
                _ => false,
            }
    })
}
