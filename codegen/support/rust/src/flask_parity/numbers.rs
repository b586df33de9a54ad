//! Numbers from text as Python reads them: `int()`, `float()`, digits of all scripts.

use std::sync::LazyLock;

use regex::Regex;

/// Digits and sign of `int(text)`: white space around, underscores between digits, digits of any script.
pub fn int_text(text: &str) -> Option<String> {
    let text = ascii_digits(text.trim_matches(is_number_space))?;
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(&text)),
    };
    let figures = without_underscores(digits)?;
    if figures.is_empty() || !figures.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let figures = figures.trim_start_matches('0');
    Some(if figures.is_empty() {
        "0".to_owned()
    } else {
        format!("{sign}{figures}")
    })
}

/// `float(text)`.
pub fn float(text: &str) -> Option<f64> {
    let text = ascii_digits(text.trim_matches(is_number_space))?.to_ascii_lowercase();
    let plain = text.strip_prefix(['+', '-']).unwrap_or(&text);
    if ["inf", "infinity", "nan"].contains(&plain) {
        return text.parse().ok();
    }
    let figures = without_underscores(&text)?;
    let numeric = figures
        .bytes()
        .all(|byte| byte.is_ascii_digit() || b"+-.e".contains(&byte));
    if numeric { figures.parse().ok() } else { None }
}

/// Underscores may stand between two digits only.
fn without_underscores(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let digit = |at: Option<&u8>| at.is_some_and(u8::is_ascii_digit);
    for (at, _) in text.match_indices('_') {
        if at == 0 || !digit(bytes.get(at - 1)) || !digit(bytes.get(at + 1)) {
            return None;
        }
    }
    Some(text.replace('_', ""))
}

/// What may stand around a number: not the separators of ASCII, which `str.strip` removes.
fn is_number_space(c: char) -> bool {
    c.is_whitespace()
}

/// Digits of any script as ASCII: Python's `int` and `float` read them all.
pub fn ascii_digits(text: &str) -> Option<String> {
    text.chars()
        .map(|c| if c.is_ascii() { Some(c) } else { decimal(c) })
        .collect()
}

/// Decimal digits stand in runs of ten, from zero up (Unicode, category Nd).
fn decimal(c: char) -> Option<char> {
    let is_digit = |code: u32| {
        char::from_u32(code).is_some_and(|c| {
            DIGIT
                .as_ref()
                .is_some_and(|digit| digit.is_match(c.encode_utf8(&mut [0; 4])))
        })
    };
    let code = u32::from(c);
    let start = ZEROS.iter().rev().copied().find(|&zero| zero <= code)?;
    (code - start < 10 && is_digit(code))
        .then(|| char::from_digit(code - start, 10))
        .flatten()
}

static DIGIT: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\A\d\z").ok());

/// The zeros of all scripts.
static ZEROS: &[u32] = &[
    0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66,
    0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90,
    0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10,
    0x104A0, 0x10D30, 0x11066, 0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650,
    0x116C0, 0x11730, 0x118E0, 0x11950, 0x11C50, 0x11D50, 0x11DA0, 0x16A60, 0x16AC0, 0x16B50,
    0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6, 0x1E140, 0x1E2F0, 0x1E950, 0x1FBF0,
];
