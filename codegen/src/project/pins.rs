//! Whether an app holds Flask below what its port was measured against.

use std::collections::BTreeSet;
use std::str::FromStr;
use std::sync::LazyLock;

use pep440_rs::{Version, VersionSpecifiers};
use regex::{Captures, Regex};

use super::declared;

/// Packages, and the versions whose behaviour ports have.
const MEASURED: &[(&str, &str)] = &[
    ("flask", "3.1.3"),
    ("quart", "0.23.0"),
    ("werkzeug", "3.1.0"),
];

/// A declaration of one of them: as a requirement (`Flask == 2.3.2`, also in quotes), or as a key (`flask = "^2.3"`).
static DECLARED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?i)^[\s"'\[-]*(flask|quart|werkzeug)(?:\s*=\s*"|\s*)(\^?)\s*((?:(?:[=<>~!]=?=?\s*)?[0-9][0-9a-z.*]*\s*,?\s*)+)"#,
    )
    .ok()
});

/// The packages that one of the files that declare dependencies keeps below the measured version. `read` gives the text of a
/// listed file.
pub(crate) fn held_back(
    listed: &[String],
    read: impl Fn(&str) -> Option<String>,
) -> BTreeSet<&'static str> {
    let files = listed.iter().filter(|path| declared::is_declaration(path));
    files
        .filter_map(|path| read(path))
        .flat_map(|text| text.lines().filter_map(held).collect::<Vec<_>>())
        .collect()
}

/// The package that a line keeps below the measured version.
fn held(line: &str) -> Option<&'static str> {
    let found = DECLARED.as_ref()?.captures(line)?;
    let package = found[1].to_ascii_lowercase();
    let (name, measured) = MEASURED.iter().find(|(name, _)| *name == package)?;
    let measured = Version::from_str(measured).ok()?;
    is_below(&found, &measured).then_some(name)
}

fn is_below(found: &Captures<'_>, measured: &Version) -> bool {
    let wanted = found[3].trim().trim_end_matches(',');
    // A bare number is exact, but for Poetry, where a caret allows what has the same first number.
    if wanted.starts_with(|c: char| c.is_ascii_digit()) {
        let Ok(version) = Version::from_str(wanted.trim_end_matches(".*")) else {
            return false;
        };
        return match &found[2] {
            "^" => version.release().first() < measured.release().first(),
            _ => version < *measured,
        };
    }
    let Ok(wanted) = VersionSpecifiers::from_str(wanted) else {
        return false;
    };
    let above = wanted.iter().any(|s| s.version() > measured);
    !wanted.contains(measured) && !above
}

#[cfg(test)]
mod tests {
    use super::held;

    #[test]
    fn what_keeps_flask_back() {
        for (line, wanted) in [
            ("Flask == 2.3.2", true),
            ("flask==3.1.3", false),
            ("Werkzeug<3", true),
            ("    \"flask~=2.2\",", true),
            ("flask = \"^2.3\"", true),
            ("flask = \"^3.0\"", false),
            ("flask = \"2.3.3\"", true),
            ("flask>=2.0", false),
            ("flask>=2.0,<4", false),
            ("flask==4.0", false),
            ("flask-login==0.6", false),
            ("quart==0.22.0", true),
            ("quart>=0.22", false),
            ("quart-auth==0.1", false),
            ("flask", false),
            ("# flask==2.0", false),
        ] {
            assert_eq!(held(line).is_some(), wanted, "{line}");
        }
    }
}
