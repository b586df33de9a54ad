//! Rules of the URL map: the parts of a rule, which paths match it, and values for its variables.
//!
//! Converters and their patterns as `werkzeug/routing/converters.py` has them.

use regex::Regex;

use super::converter::{self, Converter};

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
    /// The converter as the rule has it: `int(min=1)`; `default` where it has none.
    pub kind: String,
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

    /// The values that a path which matches, its percent codes undone, has for its variables, in their order.
    #[must_use]
    pub fn values(&self, path: &str) -> Vec<String> {
        let found = self.pattern.captures(path);
        let values = found.iter().flat_map(|f| f.iter().skip(1).flatten());
        values.map(|v| v.as_str().to_owned()).collect()
    }

    /// Its variables, in order.
    pub fn variables(&self) -> impl Iterator<Item = &Variable> {
        self.parts.iter().filter_map(|part| match part {
            Part::Variable(variable) => Some(variable),
            Part::Literal(_) => None,
        })
    }

    /// Of two rules that match a path, the one with the smaller weight answers (werkzeug/routing/rules.py, `Weighting`, and
    /// matcher.py): segment by segment, what is literal comes first, then what has more literal text and stricter converters.
    /// A variable that takes slashes makes one segment of all that follows.
    #[must_use]
    pub fn weight(&self) -> Vec<Segment> {
        let mut segments = Vec::new();
        let mut current = Segment::default();
        let mut takes_slashes = false;
        for part in &self.parts {
            match part {
                // A slash has no weight.
                Part::Literal(text) if takes_slashes => {
                    for piece in text.split('/') {
                        current.literal(piece);
                    }
                }
                Part::Literal(text) => {
                    for (i, piece) in text.split('/').enumerate() {
                        if i > 0 {
                            segments.push(std::mem::take(&mut current));
                        }
                        current.literal(piece);
                    }
                }
                Part::Variable(variable) => {
                    takes_slashes |= matches!(variable.converter, Converter::Path);
                    current.variable(&variable.converter);
                }
            }
        }
        segments.push(current);
        segments
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

/// How soon a segment of a rule is tried: smaller ones before larger ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Segment {
    has_variables: bool,
    /// Of its literal pieces: how many (negative), then the place and the length (negative) of each.
    literals: (i32, Vec<(i32, i32)>),
    /// Of its variables: how many (negative), then the weight of each.
    variables: (i32, Vec<u8>),
}

impl Segment {
    fn literal(&mut self, text: &str) {
        if !text.is_empty() {
            let place = -self.literals.0;
            let length = i32::try_from(text.chars().count()).unwrap_or(i32::MAX);
            self.literals.1.push((place, -length));
            self.literals.0 -= 1;
        }
    }

    fn variable(&mut self, converter: &Converter) {
        self.has_variables = true;
        self.variables.0 -= 1;
        self.variables.1.push(match converter {
            Converter::Path => 200,
            Converter::Text { .. } => 100,
            _ => 50,
        });
    }
}

impl Variable {
    /// A value that it accepts and that an app probably knows; a status is best one of success.
    #[must_use]
    pub fn plain(&self) -> String {
        let is_free = matches!(
            self.converter,
            Converter::Text {
                least: 0..=1,
                most: None
            }
        );
        let name = self.name.to_ascii_lowercase();
        if is_free && matches!(name.as_str(), "status" | "code" | "codes" | "status_code") {
            return "200".into();
        }
        self.converter.plain()
    }

    /// Whether it takes a value, percent codes undone.
    #[must_use]
    pub fn accepts(&self, value: &str) -> bool {
        let pattern = Regex::new(&format!("^(?:{})$", self.converter.pattern()));
        pattern.is_ok_and(|p| p.is_match(value)) && self.converter.in_bounds(value)
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
        converter: converter::read(converter),
        kind: converter.to_owned(),
    })
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

    #[test]
    fn literal_rules_come_first() {
        for (first, second) in [
            ("/+login", "/<item:name>"),
            ("/<item:name>", "/<name>"),
            ("/<name>", "/<path:path>"),
            ("/<path:path>/edit", "/<path:path>"),
            ("/a/<name>/c", "/a/<name>/<c>"),
            ("/a/b", "/<path:path>/b"),
            ("/<path:path>/attachments", "/<path:path>/a/<name>"),
            ("/<path:path>/y", "/<x>/<y>"),
        ] {
            let weight = |text: &str| Rule::parse(text).expect("a rule").weight();
            assert!(weight(first) < weight(second), "{first} {second}");
        }
    }
}
