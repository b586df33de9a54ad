//! Dependency files: `requirements*.txt` and the dependencies of a PEP 621 `pyproject.toml`.

use std::ops::Range;

use toml::de::DeTable;

/// What changes in the app's dependencies.
#[derive(Clone, Debug, Default)]
pub struct Dependencies {
    /// Packages that the port does not need.
    pub remove: Vec<String>,
    /// Packages that it needs, with their specifiers.
    pub add: Vec<(String, String)>,
}

/// A package's name as PEP 503 compares it.
fn normal(name: &str) -> String {
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

/// The package that a requirement names.
fn package(requirement: &str) -> Option<String> {
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
    fn removes(&self, requirement: &str) -> bool {
        package(requirement).is_some_and(|p| self.remove.iter().any(|r| normal(r) == p))
    }

    /// What is to be added to requirements of which some stay.
    fn missing(&self, present: &[String]) -> Vec<String> {
        self.add
            .iter()
            .filter(|(name, _)| !present.contains(&normal(name)))
            .map(|(name, spec)| format!("{name}{spec}"))
            .collect()
    }
}

/// A requirements file with what the port needs; comments, options and order stay.
///
/// In a file with hashes pip wants one for every line. They cannot be known here, so a comment says what
/// is missing.
#[must_use]
pub fn rewrite(text: &str, dependencies: &Dependencies) -> String {
    let requirements = logical_lines(text);
    let kept: Vec<&str> = requirements
        .iter()
        .copied()
        .filter(|r| !dependencies.removes(r))
        .collect();
    let present: Vec<String> = kept.iter().copied().filter_map(package).collect();
    let mut pending = dependencies.missing(&present);
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
fn logical_lines(text: &str) -> Vec<&str> {
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

/// `[project] dependencies` of a pyproject.toml; `None` when it names nothing that goes. Everything else
/// stays byte for byte.
#[must_use]
pub fn rewrite_pyproject(text: &str, dependencies: &Dependencies) -> Option<String> {
    let document = DeTable::parse(text).ok()?;
    let array = document.get_ref().get("project")?.get_ref();
    let array = array.as_table()?.get("dependencies")?;
    let items: Vec<(Range<usize>, &str)> = array
        .get_ref()
        .as_array()?
        .iter()
        .filter_map(|item| Some((item.span(), item.get_ref().as_str()?)))
        .collect();
    let (gone, kept): (Vec<_>, Vec<_>) = items
        .iter()
        .cloned()
        .partition(|(_, s)| dependencies.removes(s));
    let (first, rest) = gone.split_first()?;
    let present: Vec<String> = kept.iter().filter_map(|(_, s)| package(s)).collect();
    let quote = &text[first.0.start..=first.0.start];
    let new: Vec<String> = dependencies
        .missing(&present)
        .iter()
        .map(|r| format!("{quote}{r}{quote}"))
        .collect();
    // One a line when the item that they replace has a line of its own.
    let line = text[..first.0.start].rfind('\n').map_or(0, |i| i + 1);
    let blanks = &text[line..first.0.start];
    let separator = if blanks.trim().is_empty() && line > array.span().start {
        let crlf = text[..line].ends_with("\r\n");
        format!(",{}{blanks}", if crlf { "\r\n" } else { "\n" })
    } else {
        ", ".to_owned()
    };
    let mut cuts: Vec<(Range<usize>, String)> = Vec::new();
    if new.is_empty() {
        cuts.push((with_comma(text, &first.0, &array.span()), String::new()));
    } else {
        cuts.push((first.0.clone(), new.join(&separator)));
    }
    for (span, _) in rest {
        cuts.push((with_comma(text, span, &array.span()), String::new()));
    }
    let mut out = String::with_capacity(text.len() + 128);
    let mut at = 0;
    for (span, new) in cuts {
        out.push_str(&text[at..span.start.max(at)]);
        out.push_str(&new);
        at = span.end.max(at);
    }
    out.push_str(&text[at..]);
    Some(out)
}

/// An item of an array with what goes with it: its line, where nothing else but a comment on it stands
/// there (TOML allows the comma that the one before keeps), else one comma.
fn with_comma(text: &str, item: &Range<usize>, array: &Range<usize>) -> Range<usize> {
    let blank = [' ', '\t'];
    let tail = &text[item.end..array.end];
    let rest = tail.trim_start_matches(blank);
    let past_comma = rest
        .strip_prefix(',')
        .map_or(item.end, |after| array.end - after.len());
    let line = text[..item.start].rfind('\n').map_or(0, |i| i + 1);
    let line_end = text[past_comma..]
        .find('\n')
        .map_or(text.len(), |i| past_comma + i + 1);
    let after = text[past_comma..line_end].trim();
    let alone = line > array.start && text[line..item.start].trim().is_empty();
    if alone && (after.is_empty() || after.starts_with('#')) {
        return line..line_end;
    }
    let before = text[array.start..item.start].trim_end_matches(blank);
    if before.ends_with(',') {
        return array.start + before.len() - 1..item.end;
    }
    let after = text[past_comma..].trim_start_matches(blank);
    item.start..text.len() - after.len()
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn pyproject() {
        let text = "[project]\nname = \"x\"\ndependencies = [\n    \"flask\",\n    \"requests[socks]\",\n]\n\n[tool.x]\ny = 1\n";
        let new = rewrite_pyproject(text, &dependencies()).unwrap();
        assert_eq!(
            new,
            "[project]\nname = \"x\"\ndependencies = [\n    \"fastapi==1\",\n    \"click\",\n    \"requests[socks]\",\n]\n\n[tool.x]\ny = 1\n"
        );
        assert_eq!(
            rewrite_pyproject("[tool.x]\ny = 1\n", &dependencies()),
            None
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

    fn check(before: &str, after: &str) {
        let new = rewrite_pyproject(before, &dependencies()).unwrap();
        assert_eq!(new, after);
        DeTable::parse(&new).unwrap();
    }

    #[test]
    fn pyproject_layouts() {
        check(
            "[project]\r\ndependencies = [\r\n  'Flask>=2',  # don't [move\r\n  # isn't one]\r\n  'gunicorn', # server\r\n  'click'\r\n]\r\n",
            "[project]\r\ndependencies = [\r\n  'fastapi==1',  # don't [move\r\n  # isn't one]\r\n  'click'\r\n]\r\n",
        );
        check(
            "[project]\noptional-dependencies = {dev = [\"flask\"]}\ndependencies = [\"gunicorn\", \"requests\", \"flask\"]\n",
            "[project]\noptional-dependencies = {dev = [\"flask\"]}\ndependencies = [\"fastapi==1\", \"click\", \"requests\"]\n",
        );
        check(
            "project.dependencies = [\"flask\", \"gunicorn\"]\n",
            "project.dependencies = [\"fastapi==1\", \"click\"]\n",
        );
        check(
            "[project]\ndependencies = [\n  \"flask\",\n  \"click\",\n  \"gunicorn\"\n]\n",
            "[project]\ndependencies = [\n  \"fastapi==1\",\n  \"click\",\n]\n",
        );
        check(
            "[project]\ndependencies = [\"flask\", \"gunicorn\", \"flask>1\"]",
            "[project]\ndependencies = [\"fastapi==1\", \"click\"]",
        );
        let d = dependencies();
        for none in [
            "[project]\nname='x'\n",
            "[project]\ndependencies = [\"x\"]\n",
            "broken = [",
            "dependencies = ['flask']",
        ] {
            assert_eq!(rewrite_pyproject(none, &d), None, "{none}");
        }
    }

    #[test]
    fn pyproject_that_has_what_the_port_needs() {
        let d = Dependencies {
            remove: vec!["flask".into()],
            add: vec![("fastapi".into(), String::new())],
        };
        let new = |text: &str| rewrite_pyproject(text, &d).unwrap();
        assert_eq!(
            new("[project]\ndependencies = [\n  \"flask\",\n  \"fastapi\",\n]\n"),
            "[project]\ndependencies = [\n  \"fastapi\",\n]\n"
        );
        assert_eq!(
            new("[project]\ndependencies = [\"fastapi\", \"flask\"]\n"),
            "[project]\ndependencies = [\"fastapi\"]\n"
        );
    }
}
