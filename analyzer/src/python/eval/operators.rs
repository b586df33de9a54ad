//! Operators that make a value of two.

use std::rc::Rc;

use super::containers::set_entry;
use super::interpreter::Interpreter;
use super::text;
use super::value::{Kind, Value};
use super::world::World;
use crate::python::facts::BinaryOp;

impl<'p, W: World<'p>> Interpreter<'p, W> {
    pub(super) fn binary(
        &mut self,
        a: &Value<'p>,
        a_name: Option<&str>,
        op: BinaryOp,
        b: &Value<'p>,
        b_name: Option<&str>,
    ) -> Value<'p> {
        match (a, op, b) {
            (Value::Choice(list), BinaryOp::Add, other) if text::is_text(other) => {
                let list = addable(list);
                self.over_choice(&list, |it, v| it.binary(v, a_name, op, b, b_name))
            }
            (other, BinaryOp::Add, Value::Choice(list)) if text::is_text(other) => {
                let list = addable(list);
                self.over_choice(&list, |it, v| it.binary(a, a_name, op, v, b_name))
            }
            (Value::Choice(list), ..) => {
                self.over_choice(&list.clone(), |it, v| it.binary(v, a_name, op, b, b_name))
            }
            (_, _, Value::Choice(list)) => {
                self.over_choice(&list.clone(), |it, v| it.binary(a, a_name, op, v, b_name))
            }
            (Value::Int(x), _, Value::Int(y)) => match op {
                BinaryOp::Add => x.checked_add(*y).map_or(Value::Unknown, Value::Int),
                BinaryOp::Sub => x.checked_sub(*y).map_or(Value::Unknown, Value::Int),
                BinaryOp::Mul => x.checked_mul(*y).map_or(Value::Unknown, Value::Int),
                BinaryOp::BitOr => Value::Int(x | y),
                BinaryOp::BitAnd => Value::Int(x & y),
                _ => Value::Unknown,
            },
            (_, BinaryOp::Add, _) if text::is_text(a) || text::is_text(b) => {
                text::concat(a, a_name, b, b_name)
            }
            (_, BinaryOp::Add, _) => {
                let tuple = matches!((a, b), (Value::Tuple(_), Value::Tuple(_)));
                match (self.sequence(a), self.sequence(b)) {
                    (Some((mut x, open_x)), Some((y, open_y))) => {
                        x.extend(y);
                        if tuple {
                            Value::Tuple(x.into())
                        } else {
                            self.allocate(Kind::List {
                                items: x,
                                open: open_x || open_y,
                            })
                        }
                    }
                    (Some((x, _)), None) => self.allocate(Kind::List {
                        items: x,
                        open: true,
                    }),
                    (None, Some((y, _))) => self.allocate(Kind::List {
                        items: y,
                        open: true,
                    }),
                    _ => Value::Unknown,
                }
            }
            (Value::Str(template), BinaryOp::Mod, _) => {
                let template = template.clone();
                match b {
                    Value::Tuple(list) => text::percent(&template, list),
                    Value::Ref(id) if matches!(self.object(*id).kind, Kind::Dict { .. }) => {
                        self.percent_mapping(&template, b)
                    }
                    one => text::percent(&template, std::slice::from_ref(one)),
                }
                .unwrap_or_default()
            }
            (_, BinaryOp::Div, _) => Value::Unknown,
            (Value::Str(s), BinaryOp::Mul, Value::Int(n)) if (0..100).contains(n) => {
                Value::text(&s.repeat(*n as usize))
            }
            (_, BinaryOp::BitOr, _) => match (self.entries(a), self.entries(b)) {
                (Some((mut x, open_x)), Some((y, open_y))) => {
                    for (k, v) in y {
                        set_entry(&mut x, k, v);
                    }
                    self.allocate(Kind::Dict {
                        entries: x,
                        open: open_x || open_y,
                    })
                }
                _ => Value::Unknown,
            },
            _ => Value::Unknown,
        }
    }

    /// `"%(name)s" % mapping`.
    fn percent_mapping(&mut self, template: &str, mapping: &Value<'p>) -> Option<Value<'p>> {
        let mut format = String::new();
        let mut values = Vec::new();
        let mut rest = template;
        while let Some(at) = rest.find("%(") {
            let end = at + rest[at..].find(')')?;
            format.push_str(&rest[..at]);
            format.push('%');
            values.push(self.item(mapping, &Value::text(&rest[at + 2..end])));
            rest = &rest[end + 1..];
        }
        format.push_str(rest);
        text::percent(&format, &values)
    }

    pub(super) fn augment(&mut self, old: Value<'p>, op: BinaryOp, new: &Value<'p>) -> Value<'p> {
        if let Value::Ref(id) = &old {
            let id = *id;
            let (more, unknown) = match op {
                BinaryOp::Add => self.elements(new),
                BinaryOp::BitOr => match self.entries(new) {
                    Some((entries, open)) => {
                        if let Kind::Dict {
                            entries: mine,
                            open: o,
                        } = &mut self.object_mut(id).kind
                        {
                            for (k, v) in entries {
                                set_entry(mine, k, v);
                            }
                            *o |= open;
                            return old;
                        }
                        self.elements(new)
                    }
                    None => self.elements(new),
                },
                _ => return Value::Unknown,
            };
            if let Kind::List { items, open } = &mut self.object_mut(id).kind {
                items.extend(more);
                *open |= unknown;
                return old;
            }
        }
        self.binary(&old, None, op, new, None)
    }

    pub(super) fn over_choice(
        &mut self,
        list: &Rc<[Value<'p>]>,
        mut each: impl FnMut(&mut Self, &Value<'p>) -> Value<'p>,
    ) -> Value<'p> {
        let mut result: Option<Value<'p>> = None;
        for v in list.iter() {
            let r = each(self, v);
            result = Some(match result {
                Some(old) => old.join(r),
                None => r,
            });
        }
        result.unwrap_or_default()
    }
}

/// The alternatives that can be added to a text; all of them when none can.
fn addable<'p>(list: &Rc<[Value<'p>]>) -> Rc<[Value<'p>]> {
    let good: Vec<Value<'p>> = list.iter().filter(|v| text::addable(v)).cloned().collect();
    if good.is_empty() {
        list.clone()
    } else {
        good.into()
    }
}
