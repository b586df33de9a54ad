//! Comprehensions, and the targets that a value is assigned to.

use super::interpreter::{Interpreter, MAX_LOOP};
use super::value::{Kind, ScopeId, Site, Value};
use super::world::World;
use crate::python::facts::{Clause, ComprehensionKind, ExprId, ExprKind, Run};
use crate::python::project::ModuleId;

impl<'p, W: World<'p>> Interpreter<'p, W> {
    pub(super) fn comprehension(
        &mut self,
        module: ModuleId,
        scope: ScopeId,
        kind: ComprehensionKind,
        element: ExprId,
        clauses: Run,
    ) -> Value<'p> {
        let inner = self.child_scope(scope, false);
        let mut items = Vec::new();
        let mut open = false;
        let clauses: Vec<Clause> = self.facts(module).clauses_of(clauses).to_vec();
        self.run_clauses(module, inner, &clauses, element, &mut items, &mut open);
        if kind == ComprehensionKind::Dict {
            let entries = items
                .into_iter()
                .filter_map(|pair| match pair {
                    Value::Tuple(kv) if kv.len() == 2 => Some((kv[0].clone(), kv[1].clone())),
                    _ => None,
                })
                .collect();
            return self.allocate(Kind::Dict { entries, open });
        }
        self.allocate(Kind::List { items, open })
    }

    fn run_clauses(
        &mut self,
        module: ModuleId,
        scope: ScopeId,
        clauses: &[Clause],
        element: ExprId,
        items: &mut Vec<Value<'p>>,
        open: &mut bool,
    ) {
        match clauses.split_first() {
            None => {
                if items.len() < MAX_LOOP {
                    let value = self.expression(module, scope, element);
                    items.push(value);
                } else {
                    *open = true;
                }
            }
            Some((Clause::If(test), rest)) => {
                let value = self.expression(module, scope, *test);
                match self.truth(&value) {
                    Some(false) => {}
                    Some(true) => self.run_clauses(module, scope, rest, element, items, open),
                    None => {
                        // May or may not be there: taken in, and the whole is not sure.
                        self.run_clauses(module, scope, rest, element, items, open);
                        *open = true;
                    }
                }
            }
            Some((Clause::For { target, iter }, rest)) => {
                let iterable = self.expression(module, scope, *iter);
                let (elements, unknown) = self.elements(&iterable);
                *open |= unknown;
                for item in elements.into_iter().take(MAX_LOOP) {
                    if !self.burn() {
                        *open = true;
                        return;
                    }
                    self.assign(module, scope, *target, item);
                    self.run_clauses(module, scope, rest, element, items, open);
                }
            }
        }
    }

    pub(super) fn assign(
        &mut self,
        module: ModuleId,
        scope: ScopeId,
        target: ExprId,
        value: Value<'p>,
    ) {
        let facts = self.facts(module);
        match facts.expr(target).kind {
            ExprKind::Name => {
                let name = self.text(module, facts.expr(target).span);
                self.bind(scope, name, value);
            }
            ExprKind::Attribute { value: owner, name } => {
                let owner = self.expression(module, scope, owner);
                let name = self.text(module, name);
                self.set_attribute(&owner, name, value);
            }
            ExprKind::Subscript {
                value: container,
                index,
            } => {
                let container = self.expression(module, scope, container);
                let index = self.expression(module, scope, index);
                let site = Site {
                    module,
                    span: facts.expr(target).span,
                };
                self.set_item(&container, index, value, site);
            }
            ExprKind::Tuple(run) | ExprKind::List(run) => {
                let targets = facts.exprs_of(run);
                let (items, open) = self.elements(&value);
                let star = targets
                    .iter()
                    .position(|&t| matches!(facts.expr(t).kind, ExprKind::Starred(_)));
                for (i, &t) in targets.iter().enumerate() {
                    let item = match star {
                        Some(s) if i == s => {
                            let end = items.len().saturating_sub(targets.len() - 1 - s);
                            let middle = items.get(s..end).unwrap_or(&[]).to_vec();
                            self.allocate(Kind::List {
                                items: middle,
                                open,
                            })
                        }
                        Some(s) if i > s => {
                            let from_end = targets.len() - i;
                            items
                                .len()
                                .checked_sub(from_end)
                                .and_then(|j| items.get(j).cloned())
                                .unwrap_or_default()
                        }
                        _ => items.get(i).cloned().unwrap_or_default(),
                    };
                    let t = match facts.expr(t).kind {
                        ExprKind::Starred(inner) => inner,
                        _ => t,
                    };
                    self.assign(module, scope, t, item);
                }
            }
            ExprKind::Starred(inner) => self.assign(module, scope, inner, value),
            _ => {}
        }
    }
}
