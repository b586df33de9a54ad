//! Methods of Python's strings and lists in templates, beyond those of `minijinja_contrib::pycompat`.

use minijinja::value::{Tuple, ValueKind};
use minijinja::{Error, ErrorKind, State, Value};
use minijinja_contrib::pycompat;

use super::template_text::equal;

/// The environment's callback for methods that a value does not have.
pub fn method(
    state: &mut State,
    value: &Value,
    name: &str,
    args: &[Value],
) -> Result<Value, Error> {
    let own = match value.kind() {
        ValueKind::String => value.as_str().and_then(|text| of_string(text, name, args)),
        ValueKind::Seq if name == "index" => Some(index(value, args)?),
        _ => None,
    };
    let found = match own {
        Some(found) => found,
        None => pycompat::unknown_method_callback(state, value, name, args)?,
    };
    // Markup stays Markup, as long as nothing from outside comes in.
    match found.as_str() {
        Some(text) if value.is_safe() && OF_MARKUP.contains(&name) => {
            Ok(Value::from_safe_string(text.to_owned()))
        }
        _ => Ok(found),
    }
}

const OF_MARKUP: [&str; 10] = [
    "upper",
    "lower",
    "title",
    "capitalize",
    "swapcase",
    "casefold",
    "strip",
    "lstrip",
    "rstrip",
    "center",
];

fn of_string(text: &str, name: &str, args: &[Value]) -> Option<Value> {
    let given = |at: usize| args.get(at).and_then(Value::as_str);
    let width = || {
        args.first()
            .and_then(Value::as_usize)
            .map(|width| width.min(1 << 20))
    };
    let fill = || given(1).and_then(|fill| fill.chars().next()).unwrap_or(' ');
    let missing = |width: usize| width.saturating_sub(text.chars().count());
    let pad = |fill: char, count: usize| fill.to_string().repeat(count);
    Some(match name {
        "title" => Value::from(title(text)),
        "swapcase" => Value::from(text.chars().map(swapped).collect::<String>()),
        "casefold" => Value::from(text.to_lowercase()),
        "zfill" => {
            let (sign, digits) = text.split_at(usize::from(text.starts_with(['-', '+'])));
            Value::from(format!("{sign}{}{digits}", pad('0', missing(width()?))))
        }
        "ljust" => Value::from(format!("{text}{}", pad(fill(), missing(width()?)))),
        "rjust" => Value::from(format!("{}{text}", pad(fill(), missing(width()?)))),
        "center" => Value::from(centered(text, width()?, fill())),
        "partition" => {
            let (head, found, tail) = match text.split_once(given(0)?) {
                Some((head, tail)) => (head, given(0)?, tail),
                None => (text, "", ""),
            };
            Value::from_object(Tuple::from([head.into(), found.into(), tail.into()]))
        }
        "rpartition" => {
            let (head, found, tail) = match text.rsplit_once(given(0)?) {
                Some((head, tail)) => (head, given(0)?, tail),
                None => ("", "", text),
            };
            Value::from_object(Tuple::from([head.into(), found.into(), tail.into()]))
        }
        "removeprefix" => Value::from(text.strip_prefix(given(0)?).unwrap_or(text)),
        "removesuffix" => Value::from(text.strip_suffix(given(0)?).unwrap_or(text)),
        _ => return None,
    })
}

/// `str.title`: a letter after anything that is none is a capital.
fn title(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut inside = false;
    for c in text.chars() {
        if inside {
            out.extend(c.to_lowercase());
        } else {
            out.extend(c.to_uppercase());
        }
        inside = c.is_lowercase() || c.is_uppercase();
    }
    out
}

fn swapped(c: char) -> char {
    let mut other: Box<dyn Iterator<Item = char>> = if c.is_uppercase() {
        Box::new(c.to_lowercase())
    } else {
        Box::new(c.to_uppercase())
    };
    other.next().unwrap_or(c)
}

/// `str.center`: the odd blank goes left when the width is odd.
pub fn centered(text: &str, width: usize, fill: char) -> String {
    let length = text.chars().count();
    let pad = width.min(1 << 20).saturating_sub(length);
    let left = pad / 2 + (pad & width & 1);
    let fill = fill.to_string();
    format!("{}{text}{}", fill.repeat(left), fill.repeat(pad - left))
}

fn index(value: &Value, args: &[Value]) -> Result<Value, Error> {
    let wanted = args
        .first()
        .ok_or_else(|| Error::from(ErrorKind::MissingArgument))?;
    let found = value.try_iter()?.position(|item| equal(&item, wanted));
    found
        .map(Value::from)
        .ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "not in list"))
}
