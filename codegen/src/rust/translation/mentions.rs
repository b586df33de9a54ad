//! Whether a name is read somewhere in a body.

use model::body::{Expression, ExpressionKind, FormatPart, Statement, StatementKind};

/// Whether some statements read `name`. Opaque ones may.
pub(super) fn mentions(statements: &[Statement], name: &str) -> bool {
    statements.iter().any(|s| match &s.kind {
        StatementKind::Expression(e) => reads(e, name),
        StatementKind::Assign { targets, value } => {
            let in_target =
                |t: &Expression| !matches!(t.kind, ExpressionKind::Name(_)) && reads(t, name);
            reads(value, name) || targets.iter().any(in_target)
        }
        StatementKind::Augment { target, value, .. } => reads(target, name) || reads(value, name),
        StatementKind::Return(value) | StatementKind::Raise(value) => {
            value.as_ref().is_some_and(|v| reads(v, name))
        }
        StatementKind::If { test, body, orelse } | StatementKind::While { test, body, orelse } => {
            reads(test, name) || mentions(body, name) || mentions(orelse, name)
        }
        StatementKind::For {
            iterable,
            body,
            orelse,
            ..
        } => reads(iterable, name) || mentions(body, name) || mentions(orelse, name),
        StatementKind::Pass => false,
        StatementKind::Opaque => true,
    })
}

/// Whether some statements bind `name`. Opaque ones may.
pub(super) fn binds(statements: &[Statement], name: &str) -> bool {
    let is_it = |t: &Expression| matches!(&t.kind, ExpressionKind::Name(n) if n == name);
    statements.iter().any(|s| match &s.kind {
        StatementKind::Assign { targets, .. } => targets.iter().any(is_it),
        StatementKind::Augment { target, .. } => is_it(target),
        StatementKind::If { body, orelse, .. }
        | StatementKind::While { body, orelse, .. }
        | StatementKind::For { body, orelse, .. } => binds(body, name) || binds(orelse, name),
        StatementKind::Opaque => true,
        _ => false,
    })
}

fn reads(e: &Expression, name: &str) -> bool {
    let all = |list: &[Expression]| list.iter().any(|e| reads(e, name));
    match &e.kind {
        ExpressionKind::Name(found) => found == name,
        ExpressionKind::Constant(_) => false,
        ExpressionKind::Opaque => true,
        ExpressionKind::Touch { arguments, .. } => arguments.iter().any(|a| reads(&a.value, name)),
        ExpressionKind::Format(parts) => parts.iter().any(|part| match part {
            FormatPart::Text(_) => false,
            FormatPart::Value(value) | FormatPart::Formatted { value, .. } => reads(value, name),
        }),
        ExpressionKind::Attribute { value, .. }
        | ExpressionKind::Not(value)
        | ExpressionKind::Negative(value)
        | ExpressionKind::Await(value) => reads(value, name),
        ExpressionKind::Subscript { value, index } => reads(value, name) || reads(index, name),
        ExpressionKind::Call { callee, arguments } => {
            reads(callee, name) || arguments.iter().any(|a| reads(&a.value, name))
        }
        ExpressionKind::Tuple(items) | ExpressionKind::List(items) | ExpressionKind::Set(items) => {
            all(items)
        }
        ExpressionKind::Dict(entries) => entries
            .iter()
            .any(|e| e.key.as_ref().is_some_and(|k| reads(k, name)) || reads(&e.value, name)),
        ExpressionKind::Binary { left, right, .. }
        | ExpressionKind::And(left, right)
        | ExpressionKind::Or(left, right)
        | ExpressionKind::Compare { left, right, .. } => reads(left, name) || reads(right, name),
        ExpressionKind::Conditional { test, body, orelse } => {
            reads(test, name) || reads(body, name) || reads(orelse, name)
        }
        ExpressionKind::Slice { lower, upper } => {
            let part = |e: &Option<Box<Expression>>| e.as_ref().is_some_and(|e| reads(e, name));
            part(lower) || part(upper)
        }
        ExpressionKind::Comprehension {
            element,
            iterable,
            conditions,
            ..
        } => reads(element, name) || reads(iterable, name) || all(conditions),
    }
}
