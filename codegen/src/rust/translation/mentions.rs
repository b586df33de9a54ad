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
