//! What converters make of text in a URL, and of values for a URL (werkzeug.routing.converters).

use serde_json::{Number, Value};

use super::error::{Abort, failure};
use super::json::float_text;
use super::numbers::{ascii_digits, float, int_text};
use super::python::text;
use super::quoting::{PATH_SAFE, quote};
use super::rule::Kind;

/// `converter.to_python`; `None` is its `ValidationError`. An integer beyond 64 bits stays text.
pub fn to_python(kind: &Kind, text: &str) -> Option<Value> {
    match kind {
        Kind::Text | Kind::Any(_) => Some(Value::from(text)),
        Kind::Uuid => Some(Value::from(text.to_ascii_lowercase())),
        Kind::Int(digits, least, most) => {
            if *digits > 0 && text.chars().count() != *digits {
                return None;
            }
            let text = ascii_digits(text)?;
            let float: f64 = text.parse().ok()?;
            within(float, *least, *most)?;
            let number = text
                .parse::<i64>()
                .map(Number::from)
                .or_else(|_| text.parse::<u64>().map(Number::from));
            Some(number.map_or_else(|_| Value::from(text), Value::Number))
        }
        Kind::Float(least, most) => {
            let float: f64 = ascii_digits(text)?.parse().ok()?;
            within(float, *least, *most)?;
            Some(Number::from_f64(float).map_or_else(|| Value::from("inf"), Value::Number))
        }
    }
}

fn within(value: f64, least: Option<f64>, most: Option<f64>) -> Option<()> {
    let outside = least.is_some_and(|least| value < least) || most.is_some_and(|most| value > most);
    (!outside).then_some(())
}

/// `converter.to_url`.
pub fn to_url(kind: &Kind, value: &Value) -> Result<String, Abort> {
    match kind {
        Kind::Text => Ok(quote(&text(value), PATH_SAFE)),
        Kind::Uuid => Ok(text(value)),
        Kind::Any(items) => {
            let value = text(value);
            if items.contains(&value) {
                Ok(value)
            } else {
                Err(failure(format!(
                    "ValueError: {value:?} is not one of {items:?}"
                )))
            }
        }
        Kind::Int(digits, _, _) => {
            let number = whole(value).ok_or_else(|| {
                failure(format!("ValueError: invalid literal for int(): {value}"))
            })?;
            // `zfill` counts the sign.
            let (sign, figures) = number
                .strip_prefix('-')
                .map_or(("", number.as_str()), |figures| ("-", figures));
            Ok(format!(
                "{sign}{figures:0>width$}",
                width = digits.saturating_sub(sign.len())
            ))
        }
        Kind::Float(_, _) => {
            let float = match value {
                Value::Number(number) => number.as_f64(),
                Value::Bool(flag) => Some(f64::from(u8::from(*flag))),
                Value::String(text) => float(text),
                _ => None,
            };
            float
                .map(float_text)
                .ok_or_else(|| failure(format!("ValueError: could not convert to float: {value}")))
        }
    }
}

/// `str(int(value))`.
fn whole(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) if number.is_f64() => {
            number.as_f64().map(|float| format!("{:.0}", float.trunc()))
        }
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(u8::from(*flag).to_string()),
        Value::String(text) => int_text(text),
        _ => None,
    }
}
