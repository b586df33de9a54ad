//! How Python prints the values of templates (`str`, `repr`).

use minijinja::Value;
use minijinja::value::ValueKind;

use super::json::float_text;
use super::python::repr_str;
use super::template_objects::printed;

/// `str(value)`; nothing for an undefined one.
pub fn text(value: &Value) -> String {
    match value.kind() {
        ValueKind::Undefined => String::new(),
        ValueKind::String => value.to_string(),
        _ => repr(value),
    }
}

/// `repr(value)`.
pub fn repr(value: &Value) -> String {
    if let Some(text) = printed(value) {
        return text;
    }
    match value.kind() {
        ValueKind::Undefined => "Undefined".to_owned(),
        ValueKind::Number if !value.is_integer() => match f64::try_from(value.clone()) {
            Ok(float) => float_text(float),
            Err(_) => value.to_string(),
        },
        ValueKind::String => repr_str(&value.to_string()),
        ValueKind::Seq => {
            let items: Vec<_> = value
                .try_iter()
                .into_iter()
                .flatten()
                .map(|item| repr(&item))
                .collect();
            match (value.is_tuple(), items.as_slice()) {
                (true, [one]) => format!("({one},)"),
                (true, all) => format!("({})", all.join(", ")),
                (false, all) => format!("[{}]", all.join(", ")),
            }
        }
        ValueKind::Map => {
            let pairs = value.try_iter().into_iter().flatten().map(|key| {
                let item = value.get_item(&key).unwrap_or_default();
                format!("{}: {}", repr(&key), repr(&item))
            });
            format!("{{{}}}", pairs.collect::<Vec<_>>().join(", "))
        }
        ValueKind::Bytes => repr_bytes(value.as_bytes().unwrap_or_default()),
        _ => value.to_string(),
    }
}

/// `repr` of bytes.
fn repr_bytes(bytes: &[u8]) -> String {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') {
        '"'
    } else {
        '\''
    };
    let mut out = format!("b{quote}");
    for &byte in bytes {
        match byte {
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            b'\\' => out.push_str("\\\\"),
            b' '..=b'~' if char::from(byte) == quote => out.extend(['\\', quote]),
            b' '..=b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("\\x{byte:02x}")),
        }
    }
    out.push(quote);
    out
}

/// `left == right`
pub fn equal(left: &Value, right: &Value) -> bool {
    left == right
}
