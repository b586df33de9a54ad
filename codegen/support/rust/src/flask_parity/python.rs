//! What Python's operators and builtins mean, on values without a static type.
//!
//! A value is JSON: `None`, booleans, numbers, strings, lists and dicts with string keys. Errors that Python would raise
//! are an `Abort` of 500.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Number, Value};

use super::error::{Abort, failure, not_ported};
use super::json::number_text;

/// `bool(value)`.
pub fn truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(flag) => *flag,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(items) => !items.is_empty(),
    }
}

/// `str(value)`.
pub fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => repr(other),
    }
}

/// `repr(value)`.
pub fn repr(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => number_text(number),
        Value::String(text) => repr_str(text),
        Value::Array(items) => format!(
            "[{}]",
            items.iter().map(repr).collect::<Vec<_>>().join(", ")
        ),
        Value::Object(items) => {
            let pairs: Vec<_> = items
                .iter()
                .map(|(key, item)| format!("{}: {}", repr_str(key), repr(item)))
                .collect();
            format!("{{{}}}", pairs.join(", "))
        }
    }
}

static UNPRINTABLE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"[\p{C}\p{Z}]").ok());

/// `repr` of a string: single quotes unless it has only those.
pub fn repr_str(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut out = String::from(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            ' ' => out.push(' '),
            c if c == quote => out.extend(['\\', c]),
            c if UNPRINTABLE
                .as_ref()
                .is_some_and(|pattern| pattern.is_match(c.encode_utf8(&mut [0; 4]))) =>
            {
                out.push_str(&match u32::from(c) {
                    code @ 0..=0xFF => format!("\\x{code:02x}"),
                    code @ 0x100..=0xFFFF => format!("\\u{code:04x}"),
                    code => format!("\\U{code:08x}"),
                });
            }
            c => out.push(c),
        }
    }
    out.push(quote);
    out
}

/// `left == right`: `1 == 1.0 == True`.
pub fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .zip(right)
                    .all(|(left, right)| equal(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .all(|(key, item)| right.get(key).is_some_and(|other| equal(item, other)))
        }
        (Value::Number(left), Value::Number(right)) if !left.is_f64() && !right.is_f64() => {
            left == right
        }
        _ => match (number(left), number(right)) {
            (Some(left), Some(right)) => left == right,
            _ => left == right,
        },
    }
}

/// A number or a boolean as a float.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::Bool(flag) => Some(f64::from(u8::from(*flag))),
        _ => None,
    }
}

/// An integer or a boolean.
fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::Bool(flag) => Some(i64::from(*flag)),
        _ => None,
    }
}

/// What may stand in brackets: `value[key]`.
pub trait Key {
    /// As a value.
    fn value(&self) -> Value;
}

impl Key for str {
    fn value(&self) -> Value {
        Value::from(self)
    }
}

impl Key for String {
    fn value(&self) -> Value {
        Value::from(self.as_str())
    }
}

impl Key for i64 {
    fn value(&self) -> Value {
        Value::from(*self)
    }
}

impl Key for Value {
    fn value(&self) -> Value {
        self.clone()
    }
}

/// `value[key]`: `KeyError`, `IndexError` and `TypeError` are a 500.
pub fn item<K: Key + ?Sized>(value: &Value, key: &K) -> Result<Value, Abort> {
    let key = key.value();
    match value {
        Value::Object(items) => {
            let found = key.as_str().and_then(|key| items.get(key));
            found
                .cloned()
                .ok_or_else(|| failure(format!("KeyError: {}", repr(&key))))
        }
        Value::Array(items) => {
            let at = position(items.len(), &key)?;
            Ok(items[at].clone())
        }
        Value::String(text) => {
            let letters: Vec<char> = text.chars().collect();
            let at = position(letters.len(), &key)?;
            Ok(Value::from(letters[at].to_string()))
        }
        other => Err(failure(format!(
            "TypeError: {} is not subscriptable",
            kind(other)
        ))),
    }
}

/// `mapping.get(key)`; a 500 for what has no `get`.
pub fn get(value: &Value, key: &str) -> Result<Value, Abort> {
    match value {
        Value::Object(items) => Ok(items.get(key).cloned().unwrap_or(Value::Null)),
        other => Err(failure(format!(
            "AttributeError: {} has no attribute get",
            kind(other)
        ))),
    }
}

fn position(length: usize, key: &Value) -> Result<usize, Abort> {
    let at = whole(key).ok_or_else(|| {
        failure(format!(
            "TypeError: indices must be integers, not {}",
            kind(key)
        ))
    })?;
    let length_i = i64::try_from(length).unwrap_or(i64::MAX);
    let at = if at < 0 {
        at.saturating_add(length_i)
    } else {
        at
    };
    usize::try_from(at)
        .ok()
        .filter(|at| *at < length)
        .ok_or_else(|| failure("IndexError: index out of range"))
}

/// `left + right` of numbers, strings or lists; a 500 otherwise, or where an integer leaves 64 bits.
pub fn add(left: &Value, right: &Value) -> Result<Value, Abort> {
    let refuse = || failure(format!("TypeError: {} + {}", kind(left), kind(right)));
    match (left, right) {
        (Value::String(left), Value::String(right)) => Ok(Value::from(format!("{left}{right}"))),
        (Value::Array(left), Value::Array(right)) => {
            Ok(left.iter().chain(right).cloned().collect())
        }
        _ => match (whole(left), whole(right)) {
            (Some(left), Some(right)) => {
                left.checked_add(right).map(Value::from).ok_or_else(refuse)
            }
            _ => {
                let sum = number(left)
                    .zip(number(right))
                    .map(|(left, right)| left + right);
                sum.and_then(Number::from_f64)
                    .map(Value::Number)
                    .ok_or_else(refuse)
            }
        },
    }
}

/// `left < right` and its kin, where Python compares the two; a 500 otherwise.
pub fn compare(left: &Value, right: &Value) -> Result<std::cmp::Ordering, Abort> {
    let refuse = || failure(format!("TypeError: {} < {}", kind(left), kind(right)));
    match (left, right) {
        (Value::String(left), Value::String(right)) => Ok(left.cmp(right)),
        (Value::Array(left), Value::Array(right)) => {
            for (left, right) in left.iter().zip(right) {
                if !equal(left, right) {
                    return compare(left, right);
                }
            }
            Ok(left.len().cmp(&right.len()))
        }
        _ => match (whole(left), whole(right)) {
            (Some(left), Some(right)) => Ok(left.cmp(&right)),
            _ => number(left)
                .zip(number(right))
                .and_then(|(left, right)| left.partial_cmp(&right))
                .ok_or_else(refuse),
        },
    }
}

/// `needle in haystack`.
pub fn contains(haystack: &Value, needle: &Value) -> Result<bool, Abort> {
    match (haystack, needle) {
        (Value::String(text), Value::String(part)) => Ok(text.contains(part)),
        (Value::Array(items), needle) => Ok(items.iter().any(|item| equal(item, needle))),
        (Value::Object(items), needle) => {
            Ok(needle.as_str().is_some_and(|key| items.contains_key(key)))
        }
        _ => Err(failure(format!("TypeError: in {}", kind(haystack)))),
    }
}

/// `len(value)`.
pub fn len(value: &Value) -> Result<usize, Abort> {
    match value {
        Value::String(text) => Ok(text.chars().count()),
        Value::Array(items) => Ok(items.len()),
        Value::Object(items) => Ok(items.len()),
        other => Err(failure(format!("TypeError: {} has no len()", kind(other)))),
    }
}

/// What `for` goes through: items, letters or keys.
pub fn iterate(value: &Value) -> Result<Vec<Value>, Abort> {
    match value {
        Value::Array(items) => Ok(items.clone()),
        Value::String(text) => Ok(text.chars().map(|c| Value::from(c.to_string())).collect()),
        Value::Object(items) => Ok(items.keys().map(|key| Value::from(key.as_str())).collect()),
        other => Err(failure(format!(
            "TypeError: {} is not iterable",
            kind(other)
        ))),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "str",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
    }
}

/// `mapping.get(key, default)`; a 500 for what has no `get`.
pub fn get_or(value: &Value, key: &str, default: Value) -> Result<Value, Abort> {
    match value.as_object() {
        Some(items) => Ok(items.get(key).cloned().unwrap_or(default)),
        None => get(value, key),
    }
}

/// `items[:end]`
pub fn first<T>(mut items: Vec<T>, end: i64) -> Vec<T> {
    let length = items.len();
    let end = if end < 0 {
        length.saturating_sub(usize::try_from(end.unsigned_abs()).unwrap_or(usize::MAX))
    } else {
        usize::try_from(end).unwrap_or(usize::MAX)
    };
    items.truncate(end);
    items
}

/// A float for JSON, which has neither NaN nor infinities.
pub fn finite(number: f64) -> Result<f64, Abort> {
    if number.is_finite() {
        Ok(number)
    } else {
        Err(not_ported("float", "JSON has no form of this number"))
    }
}

/// `text.strip()`
pub fn strip(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// What `str.strip` removes.
pub fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}
