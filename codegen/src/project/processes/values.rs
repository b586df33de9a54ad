//! Values of options as a command has them: letters, or what a shell fills in.

/// How a value stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// These letters.
    Letters(String),
    /// A shell, or what reads the file, fills it in.
    Filled(Variable),
    /// An expression of a configuration file in Python.
    Computed(String),
}

/// A value that is known when the command runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Variable {
    /// The variable that hands it on.
    pub name: String,
    /// As the command has it: `${PORT:-8000}`.
    pub raw: String,
    /// What to try without it.
    pub fallback: String,
}

impl Variable {
    /// `$PORT`, and the like. `field` names what is put together of more than one variable.
    pub fn new(raw: &str, field: &str, fallback: &str) -> Self {
        let own = || format!("SERVE_{}", field.to_ascii_uppercase());
        let inner = raw.trim_start_matches('$');
        let closed = inner.starts_with(['{', '(']);
        let inner = inner.trim_start_matches(['{', '(']);
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let end = inner.find(|c| !is_name(c)).unwrap_or(inner.len());
        let (name, rest) = inner.split_at(end);
        let rest = rest.strip_suffix(['}', ')']).unwrap_or(rest);
        let default = rest.strip_prefix(":-").or_else(|| rest.strip_prefix('-'));
        let plain = default.unwrap_or(rest);
        let whole = raw.starts_with('$')
            && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && (rest.is_empty() || closed && default.is_some())
            && !plain.contains(['$', '{', '}', '(', ')', ' ']);
        Self {
            name: if whole { name.to_owned() } else { own() },
            raw: raw.to_owned(),
            fallback: default
                .filter(|d| whole && !d.is_empty())
                .unwrap_or(fallback)
                .to_owned(),
        }
    }
}

impl Value {
    /// What circus' configuration says, which takes variables from the environment.
    pub fn configured(&self) -> Option<String> {
        match self {
            Self::Letters(text) => Some(text.clone()),
            Self::Filled(variable) => Some(format!(
                "$(circus.env.{})",
                variable.name.to_ascii_lowercase()
            )),
            Self::Computed(_) => None,
        }
    }

    /// The number that the letters are.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Letters(text) => text.parse().ok(),
            _ => None,
        }
    }
}

/// A time in seconds: granian takes `6h` and `1m30s` too. `None` for what is no number.
pub(super) fn seconds(text: &str) -> Option<String> {
    if text.parse::<f64>().is_ok() {
        return Some(text.to_owned());
    }
    let (mut total, mut digits) = (0_u64, String::new());
    for c in text.chars() {
        let unit = match c {
            '0'..='9' => {
                digits.push(c);
                continue;
            }
            'd' => 86_400,
            'h' => 3_600,
            'm' => 60,
            's' => 1,
            _ => return None,
        };
        total += std::mem::take(&mut digits).parse::<u64>().ok()? * unit;
    }
    (digits.is_empty() && total > 0).then(|| total.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables() {
        for (raw, name, fallback) in [
            ("$PORT", "PORT", "1"),
            ("${PORT:-8000}", "PORT", "8000"),
            ("$(PORT)", "PORT", "1"),
            ("$$PORT", "PORT", "1"),
            ("$((2 * N))", "SERVE_WORKERS", "1"),
            ("$(nproc --all)", "SERVE_WORKERS", "1"),
            ("${A:-$B}", "SERVE_WORKERS", "1"),
            ("1$N", "SERVE_WORKERS", "1"),
        ] {
            let found = Variable::new(raw, "workers", "1");
            assert_eq!(
                (found.name.as_str(), found.fallback.as_str()),
                (name, fallback),
                "{raw}"
            );
        }
    }

    #[test]
    fn times() {
        for (text, expected) in [
            ("21600", Some("21600")),
            ("2.5", Some("2.5")),
            ("6h", Some("21600")),
            ("1d12h", Some("129600")),
            ("1m30s", Some("90")),
            ("cores * 2", None),
            ("6x", None),
            ("", None),
        ] {
            assert_eq!(seconds(text).as_deref(), expected, "{text}");
        }
    }
}
