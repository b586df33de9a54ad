//! Every expression of a body.

use model::body::{Expression, ExpressionKind, FormatPart, Statement, StatementKind};

/// Shows `see` every expression of some statements, outer ones first. Of opaque statements there is none.
pub fn statements(list: &[Statement], see: &mut dyn FnMut(&Expression)) {
    for statement in list {
        match &statement.kind {
            StatementKind::Expression(e) | StatementKind::Assert(e) => expression(e, see),
            StatementKind::Assign { targets, value } => {
                targets.iter().for_each(|t| expression(t, see));
                expression(value, see);
            }
            StatementKind::Augment { target, value, .. } => {
                expression(target, see);
                expression(value, see);
            }
            StatementKind::Return(value) | StatementKind::Raise(value) => {
                value.iter().for_each(|v| expression(v, see));
            }
            StatementKind::If { test, body, orelse }
            | StatementKind::While { test, body, orelse } => {
                expression(test, see);
                statements(body, see);
                statements(orelse, see);
            }
            StatementKind::For {
                target,
                iterable,
                body,
                orelse,
            } => {
                expression(target, see);
                expression(iterable, see);
                statements(body, see);
                statements(orelse, see);
            }
            StatementKind::Pass | StatementKind::Opaque => {}
        }
    }
}

/// Shows `see` an expression and those inside it.
pub fn expression(e: &Expression, see: &mut dyn FnMut(&Expression)) {
    see(e);
    match &e.kind {
        ExpressionKind::Name(_) | ExpressionKind::Constant(_) | ExpressionKind::Opaque => {}
        ExpressionKind::Touch { arguments, .. } => {
            arguments.iter().for_each(|a| expression(&a.value, see));
        }
        ExpressionKind::Format(parts) => {
            for part in parts {
                if let FormatPart::Value(value) | FormatPart::Formatted { value, .. } = part {
                    expression(value, see);
                }
            }
        }
        ExpressionKind::Attribute { value, .. }
        | ExpressionKind::Not(value)
        | ExpressionKind::Negative(value)
        | ExpressionKind::Await(value) => expression(value, see),
        ExpressionKind::Subscript { value, index } => {
            expression(value, see);
            expression(index, see);
        }
        ExpressionKind::Call { callee, arguments } => {
            expression(callee, see);
            arguments.iter().for_each(|a| expression(&a.value, see));
        }
        ExpressionKind::Tuple(items) | ExpressionKind::List(items) | ExpressionKind::Set(items) => {
            items.iter().for_each(|i| expression(i, see));
        }
        ExpressionKind::Dict(entries) => {
            for entry in entries {
                entry.key.iter().for_each(|k| expression(k, see));
                expression(&entry.value, see);
            }
        }
        ExpressionKind::Binary { left, right, .. }
        | ExpressionKind::And(left, right)
        | ExpressionKind::Or(left, right)
        | ExpressionKind::Compare { left, right, .. } => {
            expression(left, see);
            expression(right, see);
        }
        ExpressionKind::Conditional { test, body, orelse } => {
            expression(test, see);
            expression(body, see);
            expression(orelse, see);
        }
        ExpressionKind::Slice { lower, upper } => {
            lower
                .iter()
                .chain(upper)
                .for_each(|part| expression(part, see));
        }
        ExpressionKind::Comprehension {
            element,
            target,
            iterable,
            conditions,
            ..
        } => {
            for part in [element, target, iterable] {
                expression(part, see);
            }
            conditions.iter().for_each(|c| expression(c, see));
        }
    }
}
