//! Rules of the URL map: the parts of a rule, which paths match it, and values for its variables.
//!
//! Converters and their patterns as `werkzeug/routing/converters.py` has them.

use regex::Regex;

/// A rule, taken apart.
#[derive(Clone, Debug)]
pub struct Rule {
    /// As the URL map has it.
    pub text: String,
    /// Its parts, in order.
    pub parts: Vec<Part>,
    pattern: Regex,
}

/// A part of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text as it stands.
    Literal(String),
    /// A variable.
    Variable(Variable),
}

/// A variable of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// What it accepts.
    pub converter: Converter,
}

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

impl Rule {
    /// Takes a rule apart; `None` for one that has an unknown part (`<?>`) or is no rule.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('<') {
            if !before.is_empty() {
                parts.push(Part::Literal(before.to_owned()));
            }
            let (inside, behind) = after.split_once('>')?;
            parts.push(Part::Variable(variable(inside)?));
            rest = behind;
        }
        if !rest.is_empty() {
            parts.push(Part::Literal(rest.to_owned()));
        }
        let pattern: String = parts.iter().map(Part::pattern).collect();
        Some(Self {
            text: text.to_owned(),
            parts,
            pattern: Regex::new(&format!("^{pattern}$")).ok()?,
        })
    }

    /// Whether a path, its percent codes undone, matches. Bounds of numbers count; a missing slash does not match.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        self.pattern.captures(path).is_some_and(|found| {
            let mut values = found.iter().skip(1).flatten();
            self.variables().all(|variable| {
                let value = values.next().map_or("", |v| v.as_str());
                variable.converter.in_bounds(value)
            })
        })
    }

    /// Its variables, in order.
    pub fn variables(&self) -> impl Iterator<Item = &Variable> {
        self.parts.iter().filter_map(|part| match part {
            Part::Variable(variable) => Some(variable),
            Part::Literal(_) => None,
        })
    }

    /// Of two rules that match a path, the one with the larger weight answers: werkzeug tries what is literal before
    /// what is not, part by part, and a path last.
    #[must_use]
    pub fn weight(&self) -> Vec<u8> {
        let weigh = |part: &Part| match part {
            Part::Literal(_) => 3,
            Part::Variable(v) if v.converter == Converter::Path => 0,
            Part::Variable(v) if matches!(v.converter, Converter::Text { .. }) => 1,
            Part::Variable(_) => 2,
        };
        self.parts.iter().map(weigh).collect()
    }

    /// The path with these values for its variables.
    #[must_use]
    pub fn path(&self, mut value: impl FnMut(usize, &Variable) -> String) -> String {
        let mut number = 0;
        let mut path = String::new();
        for part in &self.parts {
            match part {
                Part::Literal(text) => path.push_str(&super::samples::encoded_path(text)),
                Part::Variable(variable) => {
                    path.push_str(&value(number, variable));
                    number += 1;
                }
            }
        }
        path
    }

    /// What stands before its first variable.
    #[must_use]
    pub fn prefix(&self) -> &str {
        self.text.split('<').next().unwrap_or_default()
    }
}

impl Part {
    fn pattern(&self) -> String {
        match self {
            Self::Literal(text) => regex::escape(text),
            Self::Variable(variable) => format!("({})", variable.converter.pattern()),
        }
    }
}

impl Converter {
    fn pattern(&self) -> String {
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

    fn in_bounds(&self, value: &str) -> bool {
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
        let mut samples = Vec::new();
        let mut add = |values: &[&str], fits: Option<bool>| {
            for value in values {
                let sample = Sample {
                    value: (*value).to_owned(),
                    fits,
                };
                if !samples.iter().any(|s: &Sample| s.value == sample.value) {
                    samples.push(sample);
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
                for word in words {
                    let fits = word.chars().count() >= *least
                        && most.is_none_or(|m| word.chars().count() <= m);
                    add(
                        &[&super::samples::encoded(word)],
                        Some(fits && !word.contains('/')),
                    );
                }
                let short = *least <= 1 && most.is_none_or(|m| m >= 5);
                add(
                    &["some", "2", "%C3%A9", "a%20b", "a+b", "a.b", "A%26b"],
                    Some(short),
                );
                add(&["%3Cb%3E"], Some(short));
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
                    add(&[&super::samples::encoded(item)], Some(true));
                }
                add(&["none-of-them"], Some(false));
                if let Some(first) = items.first() {
                    add(&[&first.to_uppercase(), &format!("{first}x")], None);
                }
            }
            Self::Custom => add(&["1", "some", "2", "a,b", "%C3%A9", "a+b", "0"], None),
        }
        samples
    }
}

fn variable(inside: &str) -> Option<Variable> {
    if inside.starts_with('?') {
        return None;
    }
    let (converter, name) = match inside.rsplit_once(':') {
        Some((converter, name)) => (converter, name),
        None => ("default", inside),
    };
    Some(Variable {
        name: name.to_owned(),
        converter: self::converter(converter),
    })
}

fn converter(text: &str) -> Converter {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_match_as_werkzeug_matches_them() {
        for (rule, fitting, others) in [
            ("/", &["/"][..], &["", "//", "/a"][..]),
            (
                "/blog/<int:id>",
                &["/blog/1", "/blog/01"],
                &["/blog/", "/blog/-1", "/blog/1/", "/blog/a"],
            ),
            (
                "/n/<int(min=2,max=4):n>",
                &["/n/2", "/n/4"],
                &["/n/1", "/n/5"],
            ),
            (
                "/n/<int(fixed_digits=3):n>",
                &["/n/001"],
                &["/n/1", "/n/1000"],
            ),
            ("/n/<int(signed=True):n>", &["/n/-1", "/n/1"], &["/n/+1"]),
            ("/f/<float:x>", &["/f/1.5"], &["/f/1", "/f/-1.5"]),
            (
                "/s/<string(length=2):s>",
                &["/s/ab", "/s/éé"],
                &["/s/a", "/s/abc", "/s/a/"],
            ),
            ("/s/<s>/x", &["/s/a/x"], &["/s//x", "/s/a/b/x"]),
            (
                "/p/<path:p>",
                &["/p/a", "/p/a/b", "/p/a/"],
                &["/p/", "/p//a"],
            ),
            (
                "/a/<any(\"x\", y):a>",
                &["/a/x", "/a/y"],
                &["/a/z", "/a/xy"],
            ),
            ("/a.b", &["/a.b"], &["/axb"]),
        ] {
            let rule = Rule::parse(rule).expect("a rule");
            for path in fitting {
                assert!(rule.matches(path), "{} {path}", rule.text);
            }
            for path in others {
                assert!(!rule.matches(path), "{} {path}", rule.text);
            }
        }
        assert!(Rule::parse("/a/<?>").is_none());
        assert!(Rule::parse("/a/<b").is_none());
    }

    #[test]
    fn samples_know_whether_they_fit() {
        for rule in [
            "/<int:n>",
            "/<int(min=5,max=9):n>",
            "/<int(fixed_digits=4):n>",
            "/<float:f>",
            "/<s>",
            "/<string(length=3):s>",
            "/<string(minlength=2,maxlength=4):s>",
            "/<path:p>",
            "/<uuid:u>",
            "/<any(one,two):a>",
        ] {
            let rule = Rule::parse(rule).expect("a rule");
            let variable = rule.variables().next().expect("a variable").clone();
            let plain = rule.path(|_, v| v.converter.plain());
            assert!(rule.matches(&plain), "{plain}");
            let samples = variable.converter.samples(["ann"].into_iter());
            assert!(
                samples.iter().any(|s| s.fits == Some(true)),
                "{}",
                rule.text
            );
            for sample in samples {
                let path = rule.path(|_, _| sample.value.clone());
                let decoded = crate::traffic::samples::decoded(&path);
                if let Some(fits) = sample.fits {
                    assert_eq!(rule.matches(&decoded), fits, "{} {path}", rule.text);
                }
            }
        }
    }
}
