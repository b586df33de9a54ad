//! What a port needs installed, and requirements files, which say so.

/// What changes in the app's dependencies.
#[derive(Clone, Debug, Default)]
pub struct Dependencies {
    /// Packages that the port does not need.
    pub remove: Vec<String>,
    /// Packages that it needs, with their specifiers.
    pub add: Vec<(String, String)>,
}

/// What serves an app: a list that names one of these and no framework gets the port's server.
const SERVERS: &[&str] = &[
    "gunicorn",
    "waitress",
    "uwsgi",
    "pyuwsgi",
    "uvicorn",
    "uvicorn-worker",
    "granian",
    "hypercorn",
    "circus",
];

/// What a port does without, unless part of it is left to it.
const FRAMEWORKS: &[&str] = &["flask", "quart"];

/// How much of what the port needs goes into a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// All of it: the list names the framework, or it is the only one.
    All,
    /// Its server: the list names that of the app.
    Server,
    /// None.
    Nothing,
}

/// A package's name as PEP 503 compares it.
pub(super) fn normal(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.trim().chars() {
        if matches!(c, '-' | '_' | '.') {
            if !out.ends_with('-') {
                out.push('-');
            }
        } else {
            out.push(c.to_ascii_lowercase());
        }
    }
    out
}

/// A requirement as text between quotes of one kind: a marker in it (`; python_version < '3.14'`) has the other.
pub(super) fn quoted(requirement: &str, quote: &str) -> String {
    let other = if quote == "'" { "\"" } else { "'" };
    format!("{quote}{}{quote}", requirement.replace(quote, other))
}

/// The package that a requirement names.
pub(super) fn package(requirement: &str) -> Option<String> {
    let requirement = requirement.trim();
    if requirement.is_empty() || requirement.starts_with(['#', '-']) {
        return None;
    }
    let end = requirement
        .find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c)))
        .unwrap_or(requirement.len());
    Some(normal(&requirement[..end]))
}

impl Dependencies {
    /// Whether a requirement goes.
    #[must_use]
    pub fn removes(&self, requirement: &str) -> bool {
        package(requirement).is_some_and(|p| self.remove.iter().any(|r| normal(r) == p))
    }

    /// What a list of requirements gets.
    #[must_use]
    pub fn share<'r>(&self, list: impl IntoIterator<Item = &'r str>) -> Share {
        let names: Vec<(String, bool)> = list
            .into_iter()
            .filter_map(|r| Some((package(r)?, self.removes(r))))
            .collect();
        if names.iter().any(|(n, _)| FRAMEWORKS.contains(&n.as_str())) {
            Share::All
        } else if names
            .iter()
            .any(|(n, gone)| *gone && SERVERS.contains(&n.as_str()))
        {
            Share::Server
        } else {
            Share::Nothing
        }
    }

    /// What is to be added to requirements of which some stay: names with specifiers.
    pub(super) fn missing(&self, present: &[String], share: Share) -> Vec<(String, String)> {
        self.add
            .iter()
            .filter(|(name, _)| match share {
                Share::All => true,
                Share::Server => SERVERS.contains(&name.as_str()),
                Share::Nothing => false,
            })
            .filter(|(name, _)| !present.contains(&normal(name)))
            .cloned()
            .collect()
    }

    /// The same as requirements of pip.
    pub(super) fn requirements(&self, present: &[String], share: Share) -> Vec<String> {
        self.missing(present, share)
            .into_iter()
            .map(|(name, spec)| format!("{name}{spec}"))
            .collect()
    }
}

/// A requirements file with what the port needs; comments, options and order stay.
///
/// In a file with hashes pip wants one for every line. They cannot be known here, so a comment says what
/// is missing.
#[must_use]
pub fn rewrite(text: &str, dependencies: &Dependencies, share: Share) -> String {
    let requirements = logical_lines(text);
    let kept: Vec<&str> = requirements
        .iter()
        .copied()
        .filter(|r| !dependencies.removes(r))
        .collect();
    let present: Vec<String> = kept.iter().copied().filter_map(package).collect();
    let mut pending = dependencies.requirements(&present, share);
    if !pending.is_empty() && kept.iter().any(|r| r.contains("--hash=")) {
        pending.insert(
            0,
            "# No hashes yet, and pip wants all or none: `pip-compile --generate-hashes` adds them."
                .to_owned(),
        );
        pending.push("# End of the lines without hashes.".to_owned());
    }
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut out = String::new();
    let add = |out: &mut String, pending: &mut Vec<String>| {
        for new in std::mem::take(pending) {
            out.push_str(&new);
            out.push_str(end);
        }
    };
    for requirement in requirements {
        if dependencies.removes(requirement) {
            // What comes instead stands where the first removed one stood.
            add(&mut out, &mut pending);
        } else {
            out.push_str(requirement);
        }
    }
    if !pending.is_empty() && !out.is_empty() && !out.ends_with('\n') {
        out.push_str(end);
    }
    add(&mut out, &mut pending);
    out
}

/// Lines with those that a backslash joins to them.
pub(super) fn logical_lines(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut start = 0;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        at += line.len();
        // A comment ends with its line.
        let comment = start + line.len() == at && line.trim_start().starts_with('#');
        let joined = !comment && line.trim_end_matches(['\n', '\r']).ends_with('\\');
        if !joined {
            out.push(&text[start..at]);
            start = at;
        }
    }
    if start < text.len() {
        out.push(&text[start..]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewrite(text: &str, dependencies: &Dependencies) -> String {
        super::rewrite(text, dependencies, Share::All)
    }

    fn dependencies() -> Dependencies {
        Dependencies {
            remove: vec!["flask".into(), "gunicorn".into()],
            add: vec![
                ("fastapi".into(), "==1".into()),
                ("click".into(), String::new()),
            ],
        }
    }

    #[test]
    fn requirements() {
        let d = dependencies();
        assert_eq!(
            rewrite("# web\nFlask==3.1\nclick>=8\ngunicorn\nrequests\n", &d),
            "# web\nfastapi==1\nclick>=8\nrequests\n"
        );
        assert_eq!(rewrite("requests", &d), "requests\nfastapi==1\nclick\n");
        assert_eq!(rewrite("", &d), "fastapi==1\nclick\n");
        assert_eq!(
            rewrite("-r base.txt\nflask-login\n", &d),
            "-r base.txt\nflask-login\nfastapi==1\nclick\n"
        );
    }

    #[test]
    fn requirements_over_several_lines() {
        let d = dependencies();
        assert_eq!(
            rewrite(
                "Flask==3.1 \\\n    --hash=sha256:a \\\n    --hash=sha256:b\n# end \\\nrequests\n",
                &d
            ),
            "fastapi==1\nclick\n# end \\\nrequests\n"
        );
        assert_eq!(
            rewrite(
                "flask==3 --hash=sha256:a\r\nclick==8 --hash=sha256:b\r\n",
                &d
            ),
            "# No hashes yet, and pip wants all or none: `pip-compile --generate-hashes` adds them.\r\nfastapi==1\r\n# End of the lines without hashes.\r\nclick==8 --hash=sha256:b\r\n"
        );
        assert_eq!(rewrite("flask \\", &d), "fastapi==1\nclick\n");
    }

    #[test]
    fn names_compare_as_pep_503_says() {
        assert_eq!(normal("Flask__WTF.-x"), "flask-wtf-x");
        let d = dependencies();
        assert_eq!(
            rewrite("Flask[async]>=3; python_version>'3'\nFLASK-login\n", &d),
            "fastapi==1\nclick\nFLASK-login\n"
        );
    }

    #[test]
    fn a_list_gets_what_it_names() {
        let share = |list: &[&str]| dependencies().share(list.iter().copied());
        assert_eq!(share(&["-r base.txt", "Flask[async]>=2"]), Share::All);
        assert_eq!(share(&["quart"]), Share::All);
        assert_eq!(share(&["gunicorn==20"]), Share::Server);
        assert_eq!(share(&["uvicorn"]), Share::Nothing);
        let mut d = dependencies();
        d.add.push(("uvicorn".into(), "==2".into()));
        assert_eq!(
            super::rewrite("gunicorn\n", &d, Share::Server),
            "uvicorn==2\n"
        );
    }
}
