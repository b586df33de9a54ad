//! Paths in Robyn's spelling: `/posts/:id(int)`, `/files/*path` (`flask_parity.robynpaths`).

use crate::python::rules::{self, Part};

/// The literal of a rule; quotes stay.
pub(super) fn path(literal: &str) -> Option<String> {
    let quote = literal.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let inner = literal.strip_prefix(quote)?.strip_suffix(quote)?;
    if inner.contains(['\\', quote]) {
        return None;
    }
    let parts = rules::parse(inner)?;
    let mut out = String::new();
    for (i, part) in parts.iter().enumerate() {
        match part {
            Part::Text(text) => out.push_str(&text.replace(':', "::").replace('*', "**")),
            Part::Variable {
                converter,
                arguments,
                name,
            } => {
                let next = match parts.get(i + 1) {
                    Some(Part::Text(text)) => text.chars().next(),
                    _ => None,
                };
                let is_rest = converter == "path" && arguments.is_none();
                if is_rest && out.ends_with('/') && next.is_none() {
                    out.push_str(&format!("*{name}"));
                    continue;
                }
                out.push_str(&format!(":{name}"));
                // What follows at once would be read as part of the name, or as its converter.
                let ends = next.is_none_or(|c| c != '(' && c != '_' && !c.is_alphanumeric());
                let is_plain = matches!(converter.as_str(), "string" | "default");
                if !is_plain || arguments.is_some() || !ends {
                    let arguments = arguments.as_ref().map(|a| format!("({a})"));
                    let arguments = arguments.unwrap_or_default();
                    out.push_str(&format!("({converter}{arguments})"));
                }
            }
        }
    }
    Some(format!("{quote}{out}{quote}"))
}

#[cfg(test)]
mod tests {
    use super::path;

    #[test]
    fn rules_in_the_spelling_of_robyn() {
        for (flask, robyn) in [
            (r#""/""#, Some(r#""/""#)),
            ("'/<int:id>/update'", Some("'/:id(int)/update'")),
            (r#""/<name>/<path:p>""#, Some(r#""/:name/*p""#)),
            (r#""/<path:p>/edit""#, Some(r#""/:p(path)/edit""#)),
            (r#""/<any(a,b):x>""#, Some(r#""/:x(any(a,b))""#)),
            (r#""/<a>.<b>""#, Some(r#""/:a.:b""#)),
            (r#""/<a>th""#, Some(r#""/:a(string)th""#)),
            (r#""/a:b*""#, Some(r#""/a::b**""#)),
            ("prefix + '/x'", None),
        ] {
            assert_eq!(path(flask).as_deref(), robyn, "{flask}");
        }
    }
}
