//! JSON with Python's bytes (`json.dumps`).

use serde_json::{Number, Value};

/// How `json.dumps` writes.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Keys in order of their code points.
    pub sort_keys: bool,
    /// Letters beyond ASCII as `\uXXXX`.
    pub ascii: bool,
    /// Between items: `", "` or `","`.
    pub comma: &'static str,
    /// Between key and value: `": "` or `":"`.
    pub colon: &'static str,
}

impl Style {
    /// `flask.json.dumps(value)`: sorted, ASCII, with blanks.
    pub const FLASK: Style = Style {
        sort_keys: true,
        ascii: true,
        comma: ", ",
        colon: ": ",
    };
    /// As above without blanks: `jsonify` outside debug mode, and the session cookie.
    pub const COMPACT: Style = Style {
        sort_keys: true,
        ascii: true,
        comma: ",",
        colon: ":",
    };
}

/// `json.dumps(value)` in a style.
pub fn dumps(value: &Value, style: Style) -> String {
    let mut out = String::new();
    write(value, style, &mut out);
    out
}

fn write(value: &Value, style: Style, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => out.push_str(&number_text(number)),
        Value::String(text) => write_string(text, style.ascii, out),
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push_str(style.comma);
                }
                write(item, style, out);
            }
            out.push(']');
        }
        Value::Object(items) => {
            let mut pairs: Vec<_> = items.iter().collect();
            if style.sort_keys {
                pairs.sort_by(|left, right| left.0.cmp(right.0));
            }
            out.push('{');
            for (at, (key, item)) in pairs.into_iter().enumerate() {
                if at > 0 {
                    out.push_str(style.comma);
                }
                write_string(key, style.ascii, out);
                out.push_str(style.colon);
                write(item, style, out);
            }
            out.push('}');
        }
    }
}

/// `json.dumps(value, indent=width)`: a line for each item.
pub fn dumps_indented(value: &Value, style: Style, width: usize) -> String {
    let mut out = String::new();
    write_indented(value, style, width.min(64), 1, &mut out);
    out
}

fn write_indented(value: &Value, style: Style, width: usize, depth: usize, out: &mut String) {
    let line = |depth: usize| format!("\n{}", " ".repeat(width * depth));
    let (open, close, items) = match value {
        Value::Array(items) if !items.is_empty() => (
            '[',
            ']',
            items.iter().map(|item| (None, item)).collect::<Vec<_>>(),
        ),
        Value::Object(items) if !items.is_empty() => {
            let mut pairs: Vec<_> = items.iter().map(|(key, item)| (Some(key), item)).collect();
            if style.sort_keys {
                pairs.sort_by(|left, right| left.0.cmp(&right.0));
            }
            ('{', '}', pairs)
        }
        other => return write(other, style, out),
    };
    out.push(open);
    for (at, (key, item)) in items.into_iter().enumerate() {
        out.push_str(if at > 0 { "," } else { "" });
        out.push_str(&line(depth));
        if let Some(key) = key {
            write_string(key, style.ascii, out);
            out.push_str(style.colon);
        }
        write_indented(item, style, width, depth + 1, out);
    }
    out.push_str(&line(depth - 1));
    out.push(close);
}

fn write_string(text: &str, ascii: bool, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if c < ' ' || (ascii && c > '~') => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// A number as Python prints it: integers plain, floats by `repr`.
pub fn number_text(number: &Number) -> String {
    match number.as_f64() {
        Some(float) if number.is_f64() => float_text(float),
        _ => number.to_string(),
    }
}

/// `repr(float)`: the shortest digits, an exponent below 1e-4 and from 1e16 on.
pub fn float_text(float: f64) -> String {
    if !float.is_finite() {
        return if float.is_nan() {
            "nan"
        } else if float > 0.0 {
            "inf"
        } else {
            "-inf"
        }
        .to_owned();
    }
    let scientific = shortest(float);
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        let decimals = mantissa.trim_start_matches('-').len().saturating_sub(2);
        let decimals = i32::try_from(decimals).unwrap_or(0) - exponent;
        return format!("{float:.*}", usize::try_from(decimals).unwrap_or(0).max(1));
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

/// The shortest digits that read back as this float. Of two that are equally near Rust takes the greater, Python the even one.
fn shortest(float: f64) -> String {
    let rust = format!("{float:e}");
    let digits = rust
        .split('e')
        .next()
        .unwrap_or_default()
        .bytes()
        .filter(u8::is_ascii_digit)
        .count();
    let even = format!("{float:.*e}", digits.saturating_sub(1));
    if even.parse() == Ok(float) {
        even
    } else {
        rust
    }
}
