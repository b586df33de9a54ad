//! Converters of a rule's variables: what they accept, and values in and out of range.
//!
//! Their patterns are those of `werkzeug/routing/converters.py`.

use super::samples;

/// What a variable accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Converter {
    /// Text without a slash, of a length between two bounds.
    Text {
        /// The least number of characters.
        least: usize,
        /// The most.
        most: Option<usize>,
    },
    /// Digits.
    Int {
        /// The least value.
        min: Option<i64>,
        /// The most.
        max: Option<i64>,
        /// Exactly so many digits.
        digits: Option<usize>,
        /// A sign may stand before them.
        signed: bool,
    },
    /// Digits, a point, digits.
    Float,
    /// Text with slashes in it.
    Path,
    /// A UUID.
    Uuid,
    /// One of these.
    Any(Vec<String>),
    /// One of the app's own.
    Custom,
}

/// A value for a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// As it stands in a path, percent-encoded.
    pub value: String,
    /// Whether the converter accepts it; absent for a converter of the app's own.
    pub fits: Option<bool>,
}

impl Converter {
    /// The regular expression of a value.
    pub(super) fn pattern(&self) -> String {
        match self {
            Self::Text { least, most } => {
                let most = most.map_or(String::new(), |n| n.min(1000).to_string());
                format!("[^/]{{{},{most}}}", (*least).clamp(1, 1000))
            }
            Self::Int { signed: true, .. } => r"-?\d+".into(),
            Self::Int { .. } => r"\d+".into(),
            Self::Float => r"\d+\.\d+".into(),
            Self::Path => "[^/].*?".into(),
            Self::Uuid => {
                "[A-Fa-f0-9]{8}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{12}".into()
            }
            Self::Any(items) => {
                let items: Vec<String> = items.iter().map(|i| regex::escape(i)).collect();
                items.join("|")
            }
            Self::Custom => "[^/]+".into(),
        }
    }

    /// Whether a value that fits the pattern is within the bounds.
    pub(super) fn in_bounds(&self, value: &str) -> bool {
        let Self::Int {
            min, max, digits, ..
        } = self
        else {
            return true;
        };
        let number = value.parse::<i64>();
        let above = min.is_none_or(|min| number.as_ref().map_or(true, |n| *n >= min));
        let below = max.is_none_or(|max| number.as_ref().is_ok_and(|n| *n <= max));
        above && below && digits.is_none_or(|d| value.chars().count() == d)
    }

    /// A value that it accepts and that an app probably knows: data usually starts at 1.
    #[must_use]
    pub fn plain(&self) -> String {
        match self {
            Self::Int { min, digits, .. } => {
                let number = min.unwrap_or(1).max(1);
                digits.map_or_else(|| number.to_string(), |d| format!("{number:0d$}"))
            }
            Self::Float => "1.5".into(),
            Self::Uuid => "12345678-1234-4234-8234-123456789abc".into(),
            Self::Any(items) => items.first().cloned().unwrap_or_default(),
            Self::Text { least, .. } => "1".repeat((*least).max(1)),
            Self::Path => "some/path".into(),
            Self::Custom => "1".into(),
        }
    }

    /// Values in range and out of it, what data may be called first; `words` are of the app.
    #[must_use]
    pub fn samples<'w>(&self, words: impl Iterator<Item = &'w str>) -> Vec<Sample> {
        let mut found = Vec::new();
        let mut add = |values: &[&str], fits: Option<bool>| {
            for value in values {
                let sample = Sample {
                    value: (*value).to_owned(),
                    fits,
                };
                if !found.iter().any(|s: &Sample| s.value == sample.value) {
                    found.push(sample);
                }
            }
        };
        match self {
            Self::Int {
                min,
                max,
                digits,
                signed,
            } => {
                let fitting = ["1", "2", "3", "0", "01", "999", "12345678901234567890"];
                for value in fitting {
                    let value =
                        digits.map_or_else(|| value.to_owned(), |d| format!("{value:0>d$}"));
                    add(&[&value], Some(self.in_bounds(&value)));
                }
                for edge in [min, max].into_iter().flatten() {
                    for n in [edge.saturating_sub(1), *edge, edge.saturating_add(1)] {
                        let value = n.to_string();
                        add(&[&value], Some(n >= 0 && self.in_bounds(&value)));
                    }
                }
                add(&["-1"], Some(*signed));
                // `\d` of Python's `re` takes digits of every script, and `int` reads them.
                add(&["%D9%A1"], None);
                add(
                    &["abc", "1.0", "1a", "+1", "1%20", "%201", "1_0", "1,2"],
                    Some(false),
                );
            }
            Self::Float => {
                add(&["1.5", "0.0", "2.25", "1.50"], Some(true));
                add(&["1", "-1.5", "1.", ".5", "abc", "1e3", "nan"], Some(false));
            }
            Self::Text { least, most } => {
                let plain = self.plain();
                add(&[&plain], Some(true));
                let odd = ["some", "2", "\u{e9}", "a b", "a+b", "a.b", "A&b", "<b>"];
                for text in words.chain(odd) {
                    let length = text.chars().count();
                    let fits = length >= *least && most.is_none_or(|m| length <= m);
                    add(
                        &[&samples::encoded(text)],
                        Some(fits && !text.contains('/')),
                    );
                }
                add(&["a+b"], None);
                add(&["a%2Fb", "%FF"], None);
                if *least > 1 {
                    add(&[&"x".repeat(least - 1)], Some(false));
                }
                if let Some(most) = most {
                    add(&[&"x".repeat(*most)], Some(true));
                    add(&[&"x".repeat(most + 1)], Some(false));
                }
            }
            Self::Path => {
                add(
                    &[
                        "some/path",
                        "some",
                        "a/b/c",
                        "a%20b/c",
                        "%C3%A9",
                        "a/",
                        "a.txt",
                    ],
                    Some(true),
                );
                add(&["a//b", "..%2Fa", "%2e%2e/a", "./a"], None);
            }
            Self::Uuid => {
                let plain = self.plain();
                add(&[&plain, &plain.to_ascii_uppercase()], Some(true));
                add(&["00000000-0000-0000-0000-000000000000"], Some(true));
                add(
                    &["123456781234423482341234567890ab", "abc", "1"],
                    Some(false),
                );
            }
            Self::Any(items) => {
                for item in items.iter().take(4) {
                    add(&[&samples::encoded(item)], Some(true));
                }
                add(&["none-of-them"], Some(false));
                if let Some(first) = items.first() {
                    add(&[&first.to_uppercase(), &format!("{first}x")], None);
                }
            }
            Self::Custom => add(&["1", "some", "2", "a,b", "%C3%A9", "a+b", "0"], None),
        }
        found
    }
}

/// Reads what stands before the colon of a variable: `int(min=1)`; `default` where nothing does.
pub(super) fn read(text: &str) -> Converter {
    let (name, arguments) = match text.split_once('(') {
        Some((name, rest)) => (name, rest.trim_end_matches(')')),
        None => (text, ""),
    };
    let arguments: Vec<&str> = arguments
        .split(',')
        .map(str::trim)
        .filter(|a| !a.is_empty())
        .collect();
    let named = |key: &str| {
        arguments.iter().find_map(|a| {
            let (name, value) = a.split_once('=')?;
            (name.trim() == key).then(|| value.trim())
        })
    };
    let number = |key: &str| named(key).and_then(|v| v.parse::<i64>().ok());
    let count = |key: &str| number(key).and_then(|n| usize::try_from(n).ok());
    match name {
        "default" | "string" => match count("length") {
            Some(length) => Converter::Text {
                least: length,
                most: Some(length),
            },
            None => Converter::Text {
                least: count("minlength").unwrap_or(1),
                most: count("maxlength"),
            },
        },
        "int" => Converter::Int {
            min: number("min"),
            max: number("max"),
            digits: count("fixed_digits").filter(|d| *d > 0),
            signed: named("signed") == Some("True"),
        },
        "float" => Converter::Float,
        "path" => Converter::Path,
        "uuid" => Converter::Uuid,
        "any" => Converter::Any(
            arguments
                .iter()
                .map(|a| a.trim_matches(['"', '\'']).to_owned())
                .collect(),
        ),
        _ => Converter::Custom,
    }
}
