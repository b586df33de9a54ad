//! Werkzeug rules: their parts, and in which order Werkzeug prefers them.

/// A part of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Literal text.
    Text(String),
    /// `<converter(arguments):name>`
    Variable {
        /// `string` when none is written.
        converter: String,
        /// Text between the parentheses.
        arguments: Option<String>,
        /// The variable.
        name: String,
    },
}

/// Splits a rule; `None` when it is malformed (Werkzeug refuses it too) or known only in part.
#[must_use]
pub fn parse(rule: &str) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut rest = rule;
    while let Some(open) = rest.find('<') {
        if open > 0 {
            parts.push(Part::Text(rest[..open].to_owned()));
        }
        let close = open + rest[open..].find('>')?;
        let inner = &rest[open + 1..close];
        if inner.starts_with('?') {
            return None;
        }
        let (converter, name) = inner.rsplit_once(':').unwrap_or(("string", inner));
        let (converter, arguments) = match converter.split_once('(') {
            Some((c, a)) => (c, Some(a.trim_end_matches(')').to_owned())),
            None => (converter, None),
        };
        let identifier =
            |s: &str| !s.is_empty() && s.chars().all(|c| c.is_alphanumeric() || c == '_');
        if !identifier(name) || !identifier(converter) {
            return None;
        }
        parts.push(Part::Variable {
            converter: converter.to_owned(),
            arguments,
            name: name.to_owned(),
        });
        rest = &rest[close + 1..];
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest.to_owned()));
    }
    Some(parts)
}

/// Whether a first-match router that has `first` before `second` would answer a URL by `first` that
/// Werkzeug answers by `second`.
///
/// Werkzeug compares rules segment by segment: a literal segment wins over a variable one, and
/// variables by their converter's weight (`werkzeug.routing.rules.Rule._parse_rule`: 50 for numbers, 100
/// by default, 200 for paths).
#[must_use]
pub fn shadows(first: &str, second: &str) -> bool {
    let (Some(a), Some(b)) = (segments(first), segments(second)) else {
        return false;
    };
    let mut stronger = None;
    let mut i = 0;
    loop {
        match (a.get(i), b.get(i)) {
            (Some(x), Some(y)) => {
                if x.path || y.path {
                    // A path takes the rest of the URL; alone it is the weakest of all. What stands behind it counts
                    // in ways of its own, so that they are taken to be in the wrong order.
                    let is_weakest = y.path && y.text.is_empty() && i + 1 == b.len();
                    return stronger != Some(true) && !is_weakest;
                }
                if !overlap(x, y) {
                    return false;
                }
                if stronger.is_none() && x.weight != y.weight {
                    stronger = Some(x.weight < y.weight);
                }
            }
            (None, None) => return stronger == Some(false),
            _ => return false,
        }
        i += 1;
    }
}

/// Whether the rule without a slash may take URLs that lack the slash of a branch, so that they cannot be told apart by a
/// segment for which the first has a word and the second any text.
#[must_use]
pub fn hides(leaf: &str, branch: &str) -> bool {
    let (Some(a), Some(b)) = (segments(leaf), segments(branch.trim_end_matches('/'))) else {
        return true;
    };
    let takes_rest = a.iter().chain(&b).any(|s| s.path);
    if a.len() != b.len() && !takes_rest {
        return false;
    }
    let pairs = || a.iter().zip(&b).take_while(|(x, y)| !x.path && !y.path);
    let apart = pairs().any(|(x, y)| {
        let word_and_number = |x: &Segment, y: &Segment| !x.variable && y.variable && y.numeric;
        (!x.variable && !y.variable && x.text != y.text)
            || word_and_number(x, y)
            || word_and_number(y, x)
    });
    let told = pairs().any(|(x, y)| !x.variable && y.variable && !y.numeric);
    !apart && !told
}

struct Segment {
    text: String,
    weight: u32,
    variable: bool,
    numeric: bool,
    path: bool,
}

fn segments(rule: &str) -> Option<Vec<Segment>> {
    let mut out = vec![Segment {
        text: String::new(),
        weight: 0,
        variable: false,
        numeric: false,
        path: false,
    }];
    for part in parse(rule)? {
        match part {
            Part::Text(text) => {
                for (i, piece) in text.split('/').enumerate() {
                    if i > 0 {
                        out.push(Segment {
                            text: String::new(),
                            weight: 0,
                            variable: false,
                            numeric: false,
                            path: false,
                        });
                    }
                    out.last_mut()?.text.push_str(piece);
                }
            }
            Part::Variable { converter, .. } => {
                let last = out.last_mut()?;
                last.variable = true;
                last.numeric = matches!(converter.as_str(), "int" | "float");
                last.path = converter == "path";
                last.weight += match converter.as_str() {
                    "int" | "float" => 50,
                    "path" => 200,
                    _ => 100,
                };
            }
        }
    }
    Some(out)
}

fn overlap(a: &Segment, b: &Segment) -> bool {
    match (a.variable, b.variable) {
        (false, false) => a.text == b.text,
        (true, true) => true,
        (true, false) => fits(a, b),
        (false, true) => fits(b, a),
    }
}

fn fits(variable: &Segment, literal: &Segment) -> bool {
    !literal.text.is_empty()
        && (!variable.numeric
            || !variable.text.is_empty()
            || literal.text.chars().all(|c| c.is_ascii_digit() || c == '.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts() {
        let parts = parse("/a/<int(min=1):id>-<name>").unwrap();
        assert_eq!(parts.len(), 4);
        assert_eq!(
            parts[1],
            Part::Variable {
                converter: "int".into(),
                arguments: Some("min=1".into()),
                name: "id".into()
            }
        );
        assert_eq!(parse("/a/<?x>"), None);
        assert_eq!(parse("/a/<b"), None);
    }

    #[test]
    fn which_rule_wins() {
        assert!(shadows("/r/<id>", "/r/summary"));
        assert!(!shadows("/r/summary", "/r/<id>"));
        assert!(!shadows("/r/<int:id>", "/r/summary"));
        assert!(shadows("/r/<id>", "/r/<int:n>"));
        assert!(shadows("/<path:p>", "/a/b"));
        assert!(shadows("/<path:p>", "/<path:p>/edit"));
        assert!(!shadows("/<path:p>/edit", "/<path:p>"));
        assert!(shadows("/<x>/<y>", "/<path:p>/y"));
        assert!(!shadows("/<x>/<y>", "/<path:p>"));
        assert!(!shadows("/a/<path:p>/y", "/b/<path:p>"));
        assert!(!shadows("/a/<x>", "/b/<y>"));
        assert!(!shadows("/a/<x>", "/a/<x>/b"));
    }
}
