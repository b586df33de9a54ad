//! Filters of Jinja2 that minijinja has not, or has with other bytes (jinja2.filters).

use minijinja::formatting::{self, FormatStyle};
use minijinja::value::{Kwargs, Rest, ValueKind};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, State, Value};

use super::json::{Style, dumps, dumps_indented};
use super::numbers::{float, int_text};
use super::quoting::{escape, quote, quote_plus};
use super::template_methods::centered;
use super::template_objects::to_json;
use super::template_text::{repr, text};
use super::templates::current;

/// Adds them.
pub fn add_filters(env: &mut Environment<'static>) {
    env.add_filter("e", escaped);
    env.add_filter("escape", escaped);
    env.add_filter("forceescape", |value: &Value| {
        Value::from_safe_string(escape(&text(value)))
    });
    env.add_filter("safe", |value: &Value| Value::from_safe_string(text(value)));
    env.add_filter("string", |value: &Value| {
        if value.is_safe() {
            value.clone()
        } else {
            Value::from(text(value))
        }
    });
    env.add_filter("tojson", tojson);
    env.add_filter("truncate", truncate);
    env.add_filter("join", join);
    env.add_filter("center", center);
    env.add_filter("default", default);
    env.add_filter("d", default);
    env.add_filter("dictsort", dictsort);
    env.add_filter("format", format);
    env.add_filter("int", int);
    env.add_filter("float", float_of);
    env.add_filter("pprint", |value: &Value| repr(value));
    env.add_test("sequence", |value: &Value| {
        matches!(
            value.kind(),
            ValueKind::String | ValueKind::Seq | ValueKind::Map
        )
    });
    env.add_test("callable", |value: &Value| value.kind() == ValueKind::Plain);
    env.add_filter("urlencode", urlencode);
    env.add_filter("xmlattr", xmlattr);
    env.add_filter("striptags", |value: &Value| {
        minijinja_contrib::filters::striptags(text(value))
    });
    env.add_filter("wordcount", minijinja_contrib::filters::wordcount);
    env.add_filter("wordwrap", wordwrap);
    env.add_filter("filesizeformat", minijinja_contrib::filters::filesizeformat);
    env.add_function("cycler", |items: Rest<Value>| {
        minijinja_contrib::globals::cycler(items.0)
    });
    env.add_function("joiner", minijinja_contrib::globals::joiner);
}

fn html(state: &State) -> bool {
    *state.auto_escape() == AutoEscape::Html
}

/// `markupsafe.escape`: what is safe stays.
fn escaped(value: &Value) -> Value {
    if value.is_safe() {
        value.clone()
    } else {
        Value::from_safe_string(escape(&text(value)))
    }
}

/// Sorted keys, `, ` and `: ` between, and nothing that could end a script (jinja2.utils.htmlsafe_json_dumps).
fn tojson(value: &Value, indent: Option<usize>, options: Kwargs) -> Result<Value, Error> {
    let indent = match indent {
        None => options.get::<Option<usize>>("indent")?,
        given => given,
    };
    options.assert_all_used()?;
    if value.is_undefined() {
        return Err(Error::new(
            ErrorKind::BadSerialization,
            "Undefined is not JSON serializable",
        ));
    }
    let json = to_json(value);
    let ascii = current().map_or(true, |ctx| ctx.settings().json_ascii);
    let style = Style {
        ascii,
        ..Style::FLASK
    };
    let text = match indent {
        None => dumps(&json, style),
        Some(width) => dumps_indented(&json, style, width),
    };
    let text = text
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
        .replace('\'', "\\u0027");
    Ok(Value::from_safe_string(text))
}

/// `truncate(length=255, killwords=False, end="...", leeway=5)`.
fn truncate(value: &Value, args: Rest<Value>, options: Kwargs) -> Result<Value, Error> {
    let given = |at: usize, name: &str| -> Result<Option<Value>, Error> {
        match args.get(at) {
            None => options.get::<Option<Value>>(name),
            some => Ok(some.cloned()),
        }
    };
    let length = given(0, "length")?
        .and_then(|value| value.as_usize())
        .unwrap_or(255);
    let killwords = given(1, "killwords")?.is_some_and(|value| value.is_true());
    let end = given(2, "end")?.map_or_else(|| "...".to_owned(), |value| text(&value));
    let leeway = given(3, "leeway")?
        .and_then(|value| value.as_usize())
        .unwrap_or(5);
    options.assert_all_used()?;
    let whole = text(value);
    if whole.chars().count() <= length.saturating_add(leeway) {
        return Ok(value.clone());
    }
    let kept = length.saturating_sub(end.chars().count());
    let mut cut: String = whole.chars().take(kept).collect();
    if !killwords && let Some((head, _)) = cut.rsplit_once(' ') {
        cut = head.to_owned();
    }
    cut.push_str(&end);
    Ok(if value.is_safe() {
        Value::from_safe_string(cut)
    } else {
        Value::from(cut)
    })
}

/// `join(d="", attribute=None)`: escapes what is not safe as soon as the template escapes and something is safe.
fn join(
    state: &State,
    value: &Value,
    delimiter: Option<Value>,
    attribute: Option<Value>,
    options: Kwargs,
) -> Result<Value, Error> {
    let delimiter = match delimiter {
        None => options
            .get::<Option<Value>>("d")?
            .unwrap_or_else(|| Value::from("")),
        Some(given) => given,
    };
    let attribute = match attribute {
        None => options.get::<Option<Value>>("attribute")?,
        given => given,
    };
    options.assert_all_used()?;
    let mut items: Vec<Value> = value.try_iter()?.collect();
    if let Some(attribute) = attribute {
        let path = text(&attribute);
        for item in &mut items {
            for step in path.split('.') {
                *item = match step.parse::<usize>() {
                    Ok(index) => item.get_item_by_index(index)?,
                    Err(_) => item.get_attr(step)?,
                };
            }
        }
    }
    let any_safe = delimiter.is_safe() || items.iter().any(Value::is_safe);
    if !html(state) || !any_safe {
        let texts: Vec<_> = items.iter().map(text).collect();
        return Ok(Value::from(texts.join(&text(&delimiter))));
    }
    let texts: Vec<_> = items.iter().map(|item| text(&escaped(item))).collect();
    Ok(Value::from_safe_string(
        texts.join(&text(&escaped(&delimiter))),
    ))
}

/// Text as a path, pairs as a query (jinja2.filters.do_urlencode).
fn urlencode(value: &Value) -> Result<String, Error> {
    let pair = |key: &Value, value: &Value| {
        format!(
            "{}={}",
            quote_plus(&text(key), ""),
            quote_plus(&text(value), "")
        )
    };
    match value.kind() {
        ValueKind::Map => {
            let mut pairs = Vec::new();
            for key in value.try_iter()? {
                pairs.push(pair(&key, &value.get_item(&key)?));
            }
            Ok(pairs.join("&"))
        }
        ValueKind::Seq | ValueKind::Iterable => {
            let mut pairs = Vec::new();
            for item in value.try_iter()? {
                pairs.push(pair(
                    &item.get_item_by_index(0)?,
                    &item.get_item_by_index(1)?,
                ));
            }
            Ok(pairs.join("&"))
        }
        _ => Ok(quote(&text(value), "/")),
    }
}

/// Attributes of an element; those that are none or undefined are left out.
fn xmlattr(state: &State, value: &Value, autospace: Option<bool>) -> Result<Value, Error> {
    let mut out = Vec::new();
    for key in value.try_iter()? {
        let item = value.get_item(&key)?;
        if item.is_none() || item.is_undefined() {
            continue;
        }
        let name = text(&key);
        if name.contains([' ', '\t', '\n', '\r', '\u{c}', '/', '>', '=']) {
            return Err(Error::new(
                ErrorKind::InvalidOperation,
                format!("Invalid character in attribute name: {name:?}"),
            ));
        }
        out.push(format!("{}=\"{}\"", escape(&name), text(&escaped(&item))));
    }
    let mut text = out.join(" ");
    if autospace.unwrap_or(true) && !text.is_empty() {
        text.insert(0, ' ');
    }
    Ok(if html(state) {
        Value::from_safe_string(text)
    } else {
        Value::from(text)
    })
}

/// `int(default=0, base=10)`: what is no number is the default.
fn int(
    value: &Value,
    default: Option<Value>,
    base: Option<u32>,
    options: Kwargs,
) -> Result<Value, Error> {
    let default = match default {
        None => options
            .get::<Option<Value>>("default")?
            .unwrap_or_else(|| Value::from(0)),
        Some(given) => given,
    };
    let base = match base {
        None => options.get::<Option<u32>>("base")?.unwrap_or(10),
        Some(given) => given,
    };
    options.assert_all_used()?;
    let whole = match value.kind() {
        ValueKind::Undefined => return Err(Error::from(ErrorKind::UndefinedError)),
        ValueKind::Bool => Some(i128::from(value.is_true())),
        ValueKind::Number if value.is_integer() => return Ok(value.clone()),
        ValueKind::Number => f64::try_from(value.clone())
            .ok()
            .filter(|float| float.is_finite())
            .map(|float| float as i128),
        ValueKind::String if base != 10 && (2..=36).contains(&base) => {
            let digits = text(value).trim().to_ascii_lowercase().replace('_', "");
            let digits = digits.trim_start_matches(match base {
                16 => "0x",
                8 => "0o",
                2 => "0b",
                _ => "\0",
            });
            i128::from_str_radix(digits, base).ok()
        }
        ValueKind::String => {
            let text = text(value);
            let whole = int_text(&text).and_then(|digits| digits.parse().ok());
            whole.or_else(|| {
                float(&text)
                    .filter(|float| float.is_finite())
                    .map(|float| float as i128)
            })
        }
        _ => None,
    };
    Ok(whole.map_or(default, |whole| {
        i64::try_from(whole).map_or_else(|_| Value::from(whole), Value::from)
    }))
}

/// `float(default=0.0)`
fn float_of(value: &Value, default: Option<Value>, options: Kwargs) -> Result<Value, Error> {
    let default = match default {
        None => options
            .get::<Option<Value>>("default")?
            .unwrap_or_else(|| Value::from(0.0)),
        Some(given) => given,
    };
    options.assert_all_used()?;
    let number = match value.kind() {
        ValueKind::Undefined => return Err(Error::from(ErrorKind::UndefinedError)),
        ValueKind::Bool => Some(f64::from(u8::from(value.is_true()))),
        ValueKind::Number => f64::try_from(value.clone()).ok(),
        ValueKind::String => float(&text(value)),
        _ => None,
    };
    Ok(number.map_or(default, Value::from))
}

/// `wordwrap(width=79, break_long_words=True, wrapstring="\n", break_on_hyphens=True)`
fn wordwrap(value: &Value, args: Rest<Value>, options: Kwargs) -> Result<Value, Error> {
    let mut named: Vec<(&str, Value)> = Vec::new();
    for (at, name) in [
        "width",
        "break_long_words",
        "wrapstring",
        "break_on_hyphens",
    ]
    .into_iter()
    .enumerate()
    {
        match args.get(at) {
            Some(given) => named.push((name, given.clone())),
            None => named.extend(
                options
                    .get::<Option<Value>>(name)?
                    .map(|given| (name, given)),
            ),
        }
    }
    options.assert_all_used()?;
    minijinja_contrib::filters::wordwrap(&Value::from(text(value)), named.into_iter().collect())
}

/// `center(width=80)`
fn center(value: &Value, width: Option<usize>) -> Value {
    let text = centered(&text(value), width.unwrap_or(80), ' ');
    if value.is_safe() {
        Value::from_safe_string(text)
    } else {
        Value::from(text)
    }
}

/// `default(default_value="", boolean=False)`
fn default(value: &Value, args: Rest<Value>, options: Kwargs) -> Result<Value, Error> {
    let given = |at: usize, name: &str| match args.get(at) {
        None => options.get::<Option<Value>>(name),
        some => Ok(some.cloned()),
    };
    let other = given(0, "default_value")?.unwrap_or_else(|| Value::from(""));
    let boolean = given(1, "boolean")?.is_some_and(|flag| flag.is_true());
    options.assert_all_used()?;
    let absent = value.is_undefined() || (boolean && !value.is_true());
    Ok(if absent { other } else { value.clone() })
}

/// `dictsort(case_sensitive=False, by="key", reverse=False)`
fn dictsort(value: &Value, args: Rest<Value>, options: Kwargs) -> Result<Value, Error> {
    let mut named: Vec<(&str, Value)> = Vec::new();
    for (at, name) in ["case_sensitive", "by", "reverse"].into_iter().enumerate() {
        match args.get(at) {
            Some(given) => named.push((name, given.clone())),
            None => named.extend(
                options
                    .get::<Option<Value>>(name)?
                    .map(|given| (name, given)),
            ),
        }
    }
    options.assert_all_used()?;
    minijinja::filters::dictsort(value, named.into_iter().collect())
}

/// `format(…)`, as `%` does it; what goes into Markup is escaped.
fn format(value: &Value, args: Rest<Value>) -> Result<Value, Error> {
    let pattern = text(value);
    if !value.is_safe() {
        return formatting::format(FormatStyle::Printf, &pattern, &args).map(Value::from);
    }
    let plain = |arg: &Value| arg.is_number() || arg.is_safe() || arg.is_kwargs();
    let safe: Vec<Value> = args
        .iter()
        .map(|arg| {
            if plain(arg) {
                arg.clone()
            } else {
                escape(&text(arg)).into()
            }
        })
        .collect();
    formatting::format(FormatStyle::Printf, &pattern, &safe).map(Value::from_safe_string)
}
