//! Methods of text, lists and dicts.

use super::interpreter::Interpreter;
use super::text;
use super::value::{Args, Kind, ObjectId, Piece, Site, Value};
use super::world::World;

impl<'p, W: World<'p>> Interpreter<'p, W> {
    /// A method of a builtin value.
    pub(super) fn method_call(
        &mut self,
        name: &str,
        receiver: &Value<'p>,
        args: &Args<'p>,
        site: Site,
    ) -> Value<'p> {
        match receiver {
            Value::Str(s) => self.text_method(&s.clone(), name, args),
            Value::Text(pieces) => partial_method(pieces, name, args),
            Value::Bytes if name == "decode" => Value::Unknown,
            Value::Tuple(items) => match (name, args.positional.first()) {
                ("index", Some(v)) => items
                    .iter()
                    .position(|i| self.equal(i, v) == Some(true))
                    .map_or(Value::Unknown, |i| Value::Int(i as i64)),
                ("_asdict" | "_replace", _) => Value::Unknown,
                _ => Value::Unknown,
            },
            Value::Ref(id) => match &self.object(*id).kind {
                Kind::List { .. } => self.list_method(*id, name, args),
                Kind::Dict { .. } => self.dict_method(*id, name, args, site),
                _ => Value::Unknown,
            },
            _ => Value::Unknown,
        }
    }

    fn text_method(&mut self, s: &str, name: &str, args: &Args<'p>) -> Value<'p> {
        match name {
            "format" => {
                let args = args.clone();
                text::format(s, |key| match key.parse::<usize>() {
                    Ok(i) => args.positional.get(i).cloned().unwrap_or_default(),
                    Err(_) => args.keyword(key).cloned().unwrap_or_default(),
                })
                .unwrap_or_default()
            }
            "join" => {
                let list = args.positional.first().cloned().unwrap_or_default();
                let (items, open) = self.elements(&list);
                if open {
                    return Value::Unknown;
                }
                let mut pieces = Vec::new();
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        pieces.push(Piece::Known(s.into()));
                    }
                    pieces.extend(text::pieces(item, None));
                }
                text::from_pieces(pieces)
            }
            "split" | "rsplit" | "splitlines" => {
                let sep = args.get(0, "sep").and_then(Value::as_str);
                let max = match args.get(1, "maxsplit") {
                    Some(Value::Int(i)) => Some(*i),
                    _ => None,
                };
                let items = text::split(s, name, sep, max)
                    .iter()
                    .map(|p| Value::text(p))
                    .collect();
                self.list(items)
            }
            _ => text::method(s, name, &args.positional).unwrap_or_default(),
        }
    }

    fn list_method(&mut self, id: ObjectId, name: &str, args: &Args<'p>) -> Value<'p> {
        let first = args.positional.first().cloned().unwrap_or_default();
        let (more, unknown) = match name {
            "extend" | "update" | "union" => self.elements(&first),
            _ => (Vec::new(), false),
        };
        let in_loop = self.in_unknown_loop();
        let Kind::List { items, open } = &mut self.object_mut(id).kind else {
            return Value::Unknown;
        };
        match name {
            "append" | "add" => {
                items.push(first);
                *open |= in_loop;
                Value::None
            }
            "extend" | "update" => {
                items.extend(more);
                *open |= unknown || in_loop;
                Value::None
            }
            "union" => {
                let mut all = items.clone();
                all.extend(more);
                let open = *open || unknown;
                self.allocate(Kind::List { items: all, open })
            }
            "insert" => {
                let value = args.positional.get(1).cloned().unwrap_or_default();
                match first {
                    Value::Int(i) if i >= 0 => {
                        let at = (i as usize).min(items.len());
                        items.insert(at, value);
                    }
                    _ => items.push(value),
                }
                Value::None
            }
            "pop" => match first {
                Value::Int(i) if i >= 0 && (i as usize) < items.len() => items.remove(i as usize),
                _ => items.pop().unwrap_or_default(),
            },
            "remove" | "discard" => {
                if let Some(at) = items.iter().position(|v| v.same(&first)) {
                    items.remove(at);
                }
                Value::None
            }
            "clear" => {
                items.clear();
                Value::None
            }
            "reverse" => {
                items.reverse();
                Value::None
            }
            "sort" => Value::None,
            "copy" => {
                let (items, open) = (items.clone(), *open);
                self.allocate(Kind::List { items, open })
            }
            "index" => items
                .iter()
                .position(|v| v.same(&first))
                .map_or(Value::Unknown, |i| Value::Int(i as i64)),
            _ => Value::Unknown,
        }
    }

    fn dict_method(&mut self, id: ObjectId, name: &str, args: &Args<'p>, site: Site) -> Value<'p> {
        let dict = Value::Ref(id);
        let Some((entries, open)) = self.entries(&dict) else {
            return Value::Unknown;
        };
        let first = args.positional.first().cloned().unwrap_or_default();
        let found = entries
            .iter()
            .find(|(k, _)| self.equal(k, &first) == Some(true))
            .map(|(_, v)| v.clone());
        match name {
            "get" | "pop" | "setdefault" => {
                let default = args.positional.get(1).cloned();
                match found {
                    Some(v) => {
                        if name == "pop" {
                            self.delete_item(&dict, &first);
                        }
                        v
                    }
                    None if name == "setdefault" => {
                        let value = default.unwrap_or(Value::None);
                        self.set_item(&dict, first, value.clone(), site);
                        value
                    }
                    None if open || first.is_unknown() => match default {
                        Some(d) => d.join(Value::Unknown),
                        None => Value::Unknown,
                    },
                    None => default.unwrap_or(Value::None),
                }
            }
            "items" => {
                let items = entries
                    .into_iter()
                    .map(|(k, v)| Value::Tuple(vec![k, v].into()))
                    .collect();
                self.allocate(Kind::List { items, open })
            }
            "keys" => {
                let items = entries.into_iter().map(|(k, _)| k).collect();
                self.allocate(Kind::List { items, open })
            }
            "values" => {
                let items = entries.into_iter().map(|(_, v)| v).collect();
                self.allocate(Kind::List { items, open })
            }
            "update" | "from_mapping" => {
                let (mut more, mut unknown) = match self.entries(&first) {
                    Some(found) => found,
                    None => (Vec::new(), !args.positional.is_empty()),
                };
                for (k, v) in &args.keywords {
                    more.push((Value::Str(k.clone()), v.clone()));
                }
                unknown |= args.open;
                for (k, v) in more {
                    self.set_item(&dict, k, v, site);
                }
                if unknown && let Kind::Dict { open, .. } = &mut self.object_mut(id).kind {
                    *open = true;
                }
                Value::None
            }
            "copy" => self.dict(entries, open),
            "clear" => {
                if let Kind::Dict { entries, .. } = &mut self.object_mut(id).kind {
                    entries.clear();
                }
                Value::None
            }
            _ => Value::Unknown,
        }
    }
}

/// Methods of a text with holes that its ends decide.
fn partial_method<'p>(pieces: &[Piece], name: &str, args: &Args<'p>) -> Value<'p> {
    let set: Vec<char> = match args.positional.first() {
        None => vec![' ', '\t', '\n'],
        Some(Value::Str(s)) => s.chars().collect(),
        Some(_) => return Value::Unknown,
    };
    let mut list = pieces.to_vec();
    match name {
        "strip" | "rstrip" | "lstrip" => {
            if name != "rstrip"
                && let Some(Piece::Known(s)) = list.first_mut()
            {
                *s = s.trim_start_matches(&set[..]).into();
            }
            if name != "lstrip"
                && let Some(Piece::Known(s)) = list.last_mut()
            {
                *s = s.trim_end_matches(&set[..]).into();
            }
            text::from_pieces(list)
        }
        "startswith" => match (list.first(), args.positional.first()) {
            (Some(Piece::Known(s)), Some(Value::Str(p))) if s.len() >= p.len() => {
                Value::Bool(s.starts_with(&**p))
            }
            _ => Value::Unknown,
        },
        "endswith" => match (list.last(), args.positional.first()) {
            (Some(Piece::Known(s)), Some(Value::Str(p))) if s.len() >= p.len() => {
                Value::Bool(s.ends_with(&**p))
            }
            _ => Value::Unknown,
        },
        "lower" | "upper" => {
            for piece in &mut list {
                if let Piece::Known(s) = piece {
                    *s = if name == "lower" {
                        s.to_lowercase()
                    } else {
                        s.to_uppercase()
                    }
                    .into();
                }
            }
            text::from_pieces(list)
        }
        _ => Value::Unknown,
    }
}
