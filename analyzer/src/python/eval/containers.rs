//! Containers: what is in them, by index, key and slice, and what is put there.

use super::interpreter::Interpreter;
use super::text;
use super::value::{Args, Kind, Piece, Site, Value};
use super::world::World;

impl<'p, W: World<'p>> Interpreter<'p, W> {
    /// The elements of a tuple or list, and whether there may be more.
    pub(super) fn sequence(&self, value: &Value<'p>) -> Option<(Vec<Value<'p>>, bool)> {
        match value {
            Value::Tuple(list) => Some((list.to_vec(), false)),
            Value::Ref(id) => match &self.object(*id).kind {
                Kind::List { items, open } => Some((items.clone(), *open)),
                _ => None,
            },
            _ => None,
        }
    }

    /// What iterating gives, and whether there may be more.
    pub(super) fn elements(&mut self, value: &Value<'p>) -> (Vec<Value<'p>>, bool) {
        if let Some(found) = self.sequence(value) {
            return found;
        }
        match value {
            Value::Str(s) => (
                s.chars().map(|c| Value::text(&c.to_string())).collect(),
                false,
            ),
            Value::None => (Vec::new(), false),
            Value::Ref(id) => match &self.object(*id).kind {
                Kind::Dict { entries, open } => {
                    (entries.iter().map(|(k, _)| k.clone()).collect(), *open)
                }
                // Iterating an enum gives its members.
                Kind::Class { .. } => {
                    let id = *id;
                    match self.enum_members(id) {
                        Some(members) => (members, false),
                        None => (Vec::new(), true),
                    }
                }
                _ => (Vec::new(), true),
            },
            Value::Choice(list) => {
                let mut all = Vec::new();
                for v in list.iter() {
                    all.extend(self.elements(v).0);
                }
                (all, true)
            }
            _ => (Vec::new(), true),
        }
    }

    /// The entries of a dict, and whether there may be more.
    pub(super) fn entries(&self, value: &Value<'p>) -> Option<(Vec<(Value<'p>, Value<'p>)>, bool)> {
        match value {
            Value::Ref(id) => match &self.object(*id).kind {
                Kind::Dict { entries, open } => Some((entries.clone(), *open)),
                _ => None,
            },
            _ => None,
        }
    }

    /// `container[index]`.
    pub fn item(&mut self, container: &Value<'p>, index: &Value<'p>) -> Value<'p> {
        match container {
            Value::Tuple(list) => pick(list, index),
            Value::Str(s) => match index {
                Value::Int(i) => {
                    let n = s.chars().count() as i64;
                    let at = if *i < 0 { n + i } else { *i };
                    usize::try_from(at)
                        .ok()
                        .and_then(|at| s.chars().nth(at))
                        .map_or(Value::Unknown, |c| Value::text(&c.to_string()))
                }
                _ => Value::Unknown,
            },
            Value::Ref(id) => match &self.object(*id).kind {
                Kind::List { items, .. } => pick(items, index),
                Kind::Dict { entries, .. } => entries
                    .iter()
                    .find(|(k, _)| self.equal(k, index) == Some(true))
                    .map(|(_, v)| v.clone())
                    .unwrap_or_default(),
                Kind::Class { .. } => {
                    // `Generic[T]` is the class; `Enum["NAME"]` a member.
                    match (self.enum_members(*id), index) {
                        (Some(_), Value::Str(name)) => {
                            let name = name.clone();
                            self.attribute(container, &name)
                        }
                        _ => container.clone(),
                    }
                }
                Kind::Instance { .. } => {
                    let args = Args::of(vec![index.clone()]);
                    self.special(container, "__getitem__", &args)
                        .unwrap_or_default()
                }
                _ => Value::Unknown,
            },
            // `List[int]`, `Generic[T]`: still that name.
            Value::External(_) => container.clone(),
            Value::Choice(list) => self.over_choice(&list.clone(), |it, v| it.item(v, index)),
            _ => Value::Unknown,
        }
    }

    pub(super) fn slice(
        &mut self,
        value: &Value<'p>,
        lower: Option<i64>,
        upper: Option<i64>,
    ) -> Value<'p> {
        let range = |len: usize| {
            let at = |i: i64| {
                let i = if i < 0 { i + len as i64 } else { i };
                i.clamp(0, len as i64) as usize
            };
            let start = lower.map_or(0, at);
            start..upper.map_or(len, at).max(start)
        };
        match value {
            Value::Str(s) => {
                let chars: Vec<char> = s.chars().collect();
                let part: String = chars[range(chars.len())].iter().collect();
                Value::text(&part)
            }
            // The end of a text that begins with something known.
            Value::Text(pieces) => match (&pieces[0], lower, upper) {
                (Piece::Known(first), Some(n), None)
                    if n >= 0 && first.chars().count() >= n as usize =>
                {
                    let mut pieces = pieces.to_vec();
                    let rest: String = first.chars().skip(n as usize).collect();
                    pieces[0] = Piece::Known(rest.into());
                    text::from_pieces(pieces)
                }
                _ => Value::Unknown,
            },
            Value::Tuple(items) => Value::Tuple(items[range(items.len())].to_vec().into()),
            Value::Choice(list) => {
                self.over_choice(&list.clone(), |it, v| it.slice(v, lower, upper))
            }
            _ => match self.sequence(value) {
                Some((items, false)) => {
                    let part = items[range(items.len())].to_vec();
                    self.list(part)
                }
                _ => Value::Unknown,
            },
        }
    }

    /// `container[index] = value`, written at `site`.
    pub(super) fn set_item(
        &mut self,
        container: &Value<'p>,
        index: Value<'p>,
        value: Value<'p>,
        site: Site,
    ) {
        match container {
            Value::Ref(id) => {
                let id = *id;
                if self.object(id).native.is_some() {
                    W::item_set(self, id, &index, &value, site);
                }
                let conditional = self.is_conditional();
                match &mut self.object_mut(id).kind {
                    Kind::Dict { entries, open } => {
                        if index.is_unknown() {
                            *open = true;
                        } else if let Some(slot) = entries.iter_mut().find(|(k, _)| k.same(&index))
                        {
                            let old = std::mem::take(&mut slot.1);
                            slot.1 = if conditional { old.join(value) } else { value };
                        } else {
                            entries.push((index, value));
                        }
                    }
                    Kind::List { items, open } => match index {
                        Value::Int(i) if i >= 0 && (i as usize) < items.len() => {
                            items[i as usize] = value;
                        }
                        _ => *open = true,
                    },
                    Kind::Instance { .. } => {
                        let args = Args::of(vec![index, value]);
                        self.special(container, "__setitem__", &args);
                    }
                    _ => {}
                }
            }
            Value::Choice(list) => {
                for v in list.clone().iter() {
                    self.set_item(v, index.clone(), value.clone(), site);
                }
            }
            _ => {}
        }
    }

    pub(super) fn delete_item(&mut self, container: &Value<'p>, index: &Value<'p>) {
        if let Value::Ref(id) = container
            && let Kind::Dict { entries, .. } = &mut self.object_mut(*id).kind
        {
            entries.retain(|(k, _)| !k.same(index));
        }
    }
}

fn pick<'p>(list: &[Value<'p>], index: &Value<'p>) -> Value<'p> {
    match index {
        Value::Int(i) => {
            let at = if *i < 0 { list.len() as i64 + i } else { *i };
            usize::try_from(at)
                .ok()
                .and_then(|at| list.get(at).cloned())
                .unwrap_or_default()
        }
        _ => Value::Unknown,
    }
}

/// Sets an entry of a dict in its order.
pub(super) fn set_entry<'p>(
    entries: &mut Vec<(Value<'p>, Value<'p>)>,
    key: Value<'p>,
    value: Value<'p>,
) {
    match entries
        .iter_mut()
        .find(|(k, _)| k.same(&key) && !key.is_unknown())
    {
        Some(slot) => slot.1 = value,
        None => entries.push((key, value)),
    }
}
