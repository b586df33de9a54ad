//! Texts with holes: concatenation and the string operations that rules are built with.

use std::rc::Rc;

use super::value::{Piece, Value};

/// The pieces of a value that is (or prints as) text; a hole named `name` when nothing is known.
pub fn pieces(value: &Value<'_>, name: Option<&str>) -> Vec<Piece> {
    match value {
        Value::Str(s) => vec![Piece::Known(s.clone())],
        Value::Text(list) => list.to_vec(),
        Value::Int(i) => vec![Piece::Known(i.to_string().into())],
        Value::Bool(b) => vec![Piece::Known(if *b { "True" } else { "False" }.into())],
        Value::None => vec![Piece::Known("None".into())],
        _ => vec![Piece::Hole(name.map(Rc::from))],
    }
}

/// A text from pieces: adjacent known ones joined.
pub fn from_pieces<'p>(list: Vec<Piece>) -> Value<'p> {
    let mut out: Vec<Piece> = Vec::with_capacity(list.len());
    for piece in list {
        match (out.last_mut(), piece) {
            (Some(Piece::Known(a)), Piece::Known(b)) => *a = format!("{a}{b}").into(),
            (_, Piece::Known(b)) if b.is_empty() => {}
            (Some(Piece::Hole(_)), Piece::Hole(_)) => {}
            (_, piece) => out.push(piece),
        }
    }
    match out.as_slice() {
        [] => Value::Str("".into()),
        [Piece::Known(s)] => Value::Str(s.clone()),
        [Piece::Hole(_)] => Value::Unknown,
        _ => Value::Text(out.into()),
    }
}

/// `a + b` of texts; a lone unknown side becomes a hole.
pub fn concat<'p>(
    a: &Value<'p>,
    a_name: Option<&str>,
    b: &Value<'p>,
    b_name: Option<&str>,
) -> Value<'p> {
    // Python adds only text to text: whatever else is thought to be there is another value by then.
    let side = |value: &Value<'p>, name: Option<&str>| {
        if addable(value) {
            pieces(value, name)
        } else {
            pieces(&Value::Unknown, name)
        }
    };
    let mut list = side(a, a_name);
    list.extend(side(b, b_name));
    from_pieces(list)
}

/// Whether a value can be added to a text, as far as it is known.
pub const fn addable(value: &Value<'_>) -> bool {
    !matches!(
        value,
        Value::None | Value::Bool(_) | Value::Int(_) | Value::Float(_)
    )
}

/// Whether it is text, known whole or in part.
pub const fn is_text(value: &Value<'_>) -> bool {
    matches!(value, Value::Str(_) | Value::Text(_))
}

/// `template % values` with `%s`, `%d`, `%r`-free templates; `None` when the template is not plain.
pub fn percent<'p>(template: &str, values: &[Value<'p>]) -> Option<Value<'p>> {
    let mut out = Vec::new();
    let mut rest = template;
    let mut values = values.iter();
    while let Some(at) = rest.find('%') {
        out.push(Piece::Known(rest[..at].into()));
        let spec = rest[at + 1..].chars().next()?;
        rest = &rest[at + 1 + spec.len_utf8()..];
        match spec {
            '%' => out.push(Piece::Known("%".into())),
            's' | 'd' | 'i' => out.extend(pieces(values.next()?, None)),
            _ => return None,
        }
    }
    out.push(Piece::Known(rest.into()));
    Some(from_pieces(out))
}

/// `template.format(…)`: `lookup` gives the value of a field (`0`, `name`, or `` counted).
pub fn format<'p>(template: &str, mut lookup: impl FnMut(&str) -> Value<'p>) -> Option<Value<'p>> {
    let mut out = Vec::new();
    let mut rest = template;
    let mut counter = 0;
    while let Some(at) = rest.find(['{', '}']) {
        out.push(Piece::Known(rest[..at].into()));
        let brace = rest.as_bytes()[at];
        rest = &rest[at + 1..];
        if rest.as_bytes().first() == Some(&brace) {
            out.push(Piece::Known(if brace == b'{' { "{" } else { "}" }.into()));
            rest = &rest[1..];
            continue;
        }
        if brace == b'}' {
            return None;
        }
        let end = rest.find('}')?;
        let field = &rest[..end];
        rest = &rest[end + 1..];
        let name = field.split([':', '!']).next().unwrap_or("");
        let key = if name.is_empty() {
            counter += 1;
            (counter - 1).to_string()
        } else {
            name.to_owned()
        };
        if field.contains([':', '!', '.', '[']) {
            out.push(Piece::Hole(Some(name.into())));
        } else {
            out.extend(pieces(&lookup(&key), Some(name)));
        }
    }
    out.push(Piece::Known(rest.into()));
    Some(from_pieces(out))
}

/// `os.path.join` / `posixpath.join`.
pub fn path_join<'p>(parts: &[Value<'p>]) -> Value<'p> {
    let mut out: Vec<Piece> = Vec::new();
    for part in parts {
        let list = pieces(part, None);
        let absolute = matches!(list.first(), Some(Piece::Known(s)) if s.starts_with('/'));
        if absolute {
            out.clear();
        } else if !out.is_empty()
            && !matches!(out.last(), Some(Piece::Known(s)) if s.ends_with('/'))
        {
            out.push(Piece::Known("/".into()));
        }
        out.extend(list);
    }
    from_pieces(out)
}

/// `urllib.parse.urljoin` for paths.
pub fn url_join<'p>(base: &Value<'p>, url: &Value<'p>) -> Value<'p> {
    let (Some(b), Some(u)) = (base.as_str(), url.as_str()) else {
        return Value::Unknown;
    };
    if u.is_empty() {
        return base.clone();
    }
    if u.starts_with('/') || u.contains("://") || b.contains("://") {
        return if b.contains("://") {
            Value::Unknown
        } else {
            url.clone()
        };
    }
    let folder = b.rfind('/').map_or("", |i| &b[..=i]);
    Value::text(&format!("{folder}{u}"))
}

/// A method of text that gives text, applied to one known whole.
pub fn method<'p>(s: &str, name: &str, args: &[Value<'p>]) -> Option<Value<'p>> {
    let arg = |i: usize| args.get(i).and_then(Value::as_str);
    let chars = |i: usize| -> Option<Vec<char>> {
        match args.get(i) {
            None | Some(Value::None) => Some(vec![' ', '\t', '\n', '\r']),
            Some(v) => Some(v.as_str()?.chars().collect()),
        }
    };
    let text = |s: &str| Some(Value::text(s));
    match name {
        "strip" => text(s.trim_matches(&chars(0)?[..])),
        "lstrip" => text(s.trim_start_matches(&chars(0)?[..])),
        "rstrip" => text(s.trim_end_matches(&chars(0)?[..])),
        "lower" | "casefold" => text(&s.to_lowercase()),
        "upper" => text(&s.to_uppercase()),
        "capitalize" => {
            let mut c = s.chars();
            let first = c
                .next()
                .map(|f| f.to_uppercase().to_string())
                .unwrap_or_default();
            text(&(first + &c.as_str().to_lowercase()))
        }
        "title" => {
            let mut out = String::new();
            let mut start = true;
            for c in s.chars() {
                if start {
                    out.extend(c.to_uppercase());
                } else {
                    out.extend(c.to_lowercase());
                }
                start = !c.is_alphabetic();
            }
            text(&out)
        }
        "replace" => text(&s.replace(arg(0)?, arg(1)?)),
        "removeprefix" => text(s.strip_prefix(arg(0)?).unwrap_or(s)),
        "removesuffix" => text(s.strip_suffix(arg(0)?).unwrap_or(s)),
        "startswith" | "endswith" => {
            let test = |t: &str| {
                if name == "startswith" {
                    s.starts_with(t)
                } else {
                    s.ends_with(t)
                }
            };
            match args.first()? {
                Value::Str(t) => Some(Value::Bool(test(t))),
                Value::Tuple(list) => {
                    let all: Option<Vec<&str>> = list.iter().map(Value::as_str).collect();
                    Some(Value::Bool(all?.into_iter().any(test)))
                }
                _ => None,
            }
        }
        "isidentifier" => Some(Value::Bool(
            !s.is_empty()
                && !s.starts_with(|c: char| c.is_ascii_digit())
                && s.chars().all(|c| c.is_alphanumeric() || c == '_'),
        )),
        "isdigit" => Some(Value::Bool(
            !s.is_empty() && s.chars().all(|c| c.is_ascii_digit()),
        )),
        "find" => Some(Value::Int(s.find(arg(0)?).map_or(-1, |i| i as i64))),
        "count" => Some(Value::Int(s.matches(arg(0)?).count() as i64)),
        "encode" => Some(Value::Bytes),
        "rpartition" | "partition" => {
            let sep = arg(0)?;
            let cut = if name == "partition" {
                s.split_once(sep)
            } else {
                s.rsplit_once(sep)
            };
            let (a, b, c) = match (cut, name) {
                (Some((a, c)), _) => (a, sep, c),
                (None, "partition") => (s, "", ""),
                (None, _) => ("", "", s),
            };
            Some(Value::Tuple([a, b, c].map(Value::text).to_vec().into()))
        }
        _ => None,
    }
}

/// The pieces of `s.split(sep, max)` or `rsplit`.
pub fn split(s: &str, name: &str, sep: Option<&str>, max: Option<i64>) -> Vec<String> {
    let own = |it: &mut dyn Iterator<Item = &str>| it.map(str::to_owned).collect::<Vec<_>>();
    match (sep, max) {
        (None, _) if name == "splitlines" => own(&mut s.lines()),
        (None, _) => own(&mut s.split_whitespace()),
        (Some(sep), Some(n)) if n >= 0 && name == "split" => {
            own(&mut s.splitn(n as usize + 1, sep))
        }
        (Some(sep), Some(n)) if n >= 0 => {
            let mut list = own(&mut s.rsplitn(n as usize + 1, sep));
            list.reverse();
            list
        }
        (Some(sep), _) => own(&mut s.split(sep)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(value: &Value<'_>) -> String {
        match value {
            Value::Str(s) => s.to_string(),
            Value::Text(list) => list
                .iter()
                .map(|p| match p {
                    Piece::Known(s) => s.to_string(),
                    Piece::Hole(name) => format!("<?{}>", name.as_deref().unwrap_or("")),
                })
                .collect(),
            _ => "?".into(),
        }
    }

    #[test]
    fn concatenation_keeps_holes() {
        let v = concat(&Value::text("/a/"), None, &Value::Unknown, Some("x"));
        assert_eq!(shown(&v), "/a/<?x>");
        let v = concat(&v, None, &Value::text("/b"), None);
        assert_eq!(shown(&v), "/a/<?x>/b");
    }

    #[test]
    fn formatting() {
        let v = percent("/%s/%d%%", &[Value::text("a"), Value::Int(3)]);
        assert_eq!(shown(&v.unwrap()), "/a/3%");
        let v = format("/{}/{name}/{{x}}", |k| {
            if k == "0" {
                Value::text("p")
            } else {
                Value::Unknown
            }
        });
        assert_eq!(shown(&v.unwrap()), "/p/<?name>/{x}");
    }

    #[test]
    fn paths() {
        let join = |parts: &[&str]| {
            let list: Vec<_> = parts.iter().map(|p| Value::text(p)).collect();
            shown(&path_join(&list))
        };
        assert_eq!(join(&["/a", "b"]), "/a/b");
        assert_eq!(join(&["/a/", "b"]), "/a/b");
        assert_eq!(join(&["a", "/b"]), "/b");
    }

    #[test]
    fn methods_of_text() {
        let run = |s: &str, name: &str, args: &[&str]| {
            let list: Vec<_> = args.iter().map(|a| Value::text(a)).collect();
            shown(&method(s, name, &list).unwrap())
        };
        assert_eq!(run("/a/", "strip", &["/"]), "a");
        assert_eq!(run("/a/", "rstrip", &["/"]), "/a");
        assert_eq!(run("a_b", "replace", &["_", "-"]), "a-b");
        assert_eq!(run("aBC", "capitalize", &[]), "Abc");
    }
}
