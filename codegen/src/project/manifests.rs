//! Dependencies in TOML: PEP 621, PEP 735, Poetry, uv and PDM in pyproject.toml, and Pipfiles.
//! What is not named here stays byte for byte.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::requirements::{Dependencies, Share, normal, package, quoted};

/// A part of the text and what takes its place.
type Cut = (Range<usize>, String);

/// A file of dependencies, rewritten.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Rewritten {
    /// Its new text.
    pub text: String,
    /// Whether all that the port needs is in it now.
    pub whole: bool,
    /// What could not be rewritten.
    pub left: Vec<String>,
}

/// Lists and tables of packages, by their path; `*` is any key.
const PYPROJECT: &[&[&str]] = &[
    &["project", "dependencies"],
    &["project", "optional-dependencies", "*"],
    &["dependency-groups", "*"],
    &["tool", "uv", "dev-dependencies"],
    &["tool", "pdm", "dev-dependencies", "*"],
    &["tool", "poetry", "dependencies"],
    &["tool", "poetry", "dev-dependencies"],
    &["tool", "poetry", "group", "*", "dependencies"],
];
const PIPFILE: &[&[&str]] = &[&["packages"], &["dev-packages"]];

/// A pyproject.toml; `None` when nothing in it changes. The first list of the project's own gets all that is needed
/// when `forced`.
#[must_use]
pub(super) fn rewrite_pyproject(
    text: &str,
    dependencies: &Dependencies,
    forced: bool,
) -> Option<Rewritten> {
    rewrite(text, dependencies, PYPROJECT, forced)
}

/// A Pipfile.
#[must_use]
pub(super) fn rewrite_pipfile(
    text: &str,
    dependencies: &Dependencies,
    forced: bool,
) -> Option<Rewritten> {
    rewrite(text, dependencies, PIPFILE, forced)
}

/// Whether a pyproject.toml declares what the project needs: by `[project]`, else for Poetry.
#[must_use]
pub(super) fn declares(text: &str) -> Option<&'static str> {
    let document = DeTable::parse(text).ok()?;
    let has = |path: &[&str]| !found(&document, path).is_empty();
    if has(PYPROJECT[0]) {
        Some("project")
    } else if has(PYPROJECT[5]) {
        Some("poetry")
    } else {
        None
    }
}

fn rewrite(
    text: &str,
    dependencies: &Dependencies,
    paths: &[&[&str]],
    forced: bool,
) -> Option<Rewritten> {
    let document = DeTable::parse(text).ok()?;
    let mut out = Rewritten::default();
    let mut cuts: Vec<Cut> = Vec::new();
    let mut forced = forced;
    for path in paths {
        for value in found(&document, path) {
            let share = |list: &[String]| {
                let share = dependencies.share(list.iter().map(String::as_str));
                if forced { Share::All } else { share }
            };
            match value.get_ref() {
                DeValue::Array(_) => array(text, value, dependencies, share, &mut cuts, &mut out),
                DeValue::Table(_) => table(text, value, dependencies, share, &mut cuts, &mut out),
                _ => continue,
            }
            forced = false;
        }
    }
    if cuts.is_empty() && out.left.is_empty() {
        return None;
    }
    cuts.sort_by_key(|(span, _)| span.start);
    let mut at = 0;
    for (span, new) in cuts {
        out.text.push_str(&text[at..span.start.max(at)]);
        out.text.push_str(&new);
        at = span.end.max(at);
    }
    out.text.push_str(&text[at..]);
    Some(out)
}

/// The values at a path.
fn found<'d>(document: &'d Spanned<DeTable<'d>>, path: &[&str]) -> Vec<&'d Spanned<DeValue<'d>>> {
    let mut open: Vec<&DeTable<'_>> = vec![document.get_ref()];
    let mut out = Vec::new();
    for (depth, key) in path.iter().enumerate() {
        let values = open.iter().flat_map(|table| {
            table
                .iter()
                .filter(|(k, _)| *key == "*" || k.get_ref() == key)
                .map(|(_, v)| v)
        });
        let values: Vec<&Spanned<DeValue<'_>>> = values.collect();
        if depth + 1 == path.len() {
            out = values;
            break;
        }
        open = values
            .iter()
            .filter_map(|v| v.get_ref().as_table())
            .collect();
    }
    out
}

/// An array of requirements.
fn array(
    text: &str,
    array: &Spanned<DeValue<'_>>,
    dependencies: &Dependencies,
    share: impl Fn(&[String]) -> Share,
    cuts: &mut Vec<Cut>,
    out: &mut Rewritten,
) {
    let Some(list) = array.get_ref().as_array() else {
        return;
    };
    let items: Vec<(Range<usize>, &str)> = list
        .iter()
        .filter_map(|item| Some((item.span(), item.get_ref().as_str()?)))
        .collect();
    let named: Vec<String> = items.iter().map(|(_, s)| (*s).to_owned()).collect();
    let share = share(&named);
    let (gone, kept): (Vec<_>, Vec<_>) = items
        .iter()
        .cloned()
        .partition(|(_, s)| dependencies.removes(s));
    let present: Vec<String> = kept.iter().filter_map(|(_, s)| package(s)).collect();
    let new = dependencies.requirements(&present, share);
    out.whole |= share == Share::All;
    // What is new takes the place of the first that goes, or follows the last.
    let Some(anchor) = gone.first().or(items.last()).map(|(span, _)| span.clone()) else {
        if !new.is_empty() {
            let quoted: Vec<String> = new.iter().map(|r| quoted(r, "\"")).collect();
            let at = array.span().start + 1;
            cuts.push((at..at, quoted.join(", ")));
        }
        return;
    };
    let quote = &text[anchor.start..=anchor.start];
    let new: Vec<String> = new.iter().map(|r| quoted(r, quote)).collect();
    // One a line when the item that they replace has a line of its own.
    let line = text[..anchor.start].rfind('\n').map_or(0, |i| i + 1);
    let blanks = &text[line..anchor.start];
    let separator = if blanks.trim().is_empty() && line > array.span().start {
        let crlf = text[..line].ends_with("\r\n");
        format!(",{}{blanks}", if crlf { "\r\n" } else { "\n" })
    } else {
        ", ".to_owned()
    };
    let Some((first, rest)) = gone.split_first() else {
        if !new.is_empty() {
            let new = format!("{separator}{}", new.join(&separator));
            cuts.push((anchor.end..anchor.end, new));
        }
        return;
    };
    if new.is_empty() {
        cuts.push((with_comma(text, &first.0, &array.span()), String::new()));
    } else {
        cuts.push((first.0.clone(), new.join(&separator)));
    }
    for (span, _) in rest {
        cuts.push((with_comma(text, span, &array.span()), String::new()));
    }
}

/// A table with a line for each package, as Poetry and Pipenv have it.
fn table(
    text: &str,
    table: &Spanned<DeValue<'_>>,
    dependencies: &Dependencies,
    share: impl Fn(&[String]) -> Share,
    cuts: &mut Vec<Cut>,
    out: &mut Rewritten,
) {
    let Some(entries) = table.get_ref().as_table() else {
        return;
    };
    let named: Vec<String> = entries.keys().map(|k| k.get_ref().to_string()).collect();
    let share = share(&named);
    let mut present = Vec::new();
    let mut gone: Vec<Range<usize>> = Vec::new();
    let mut last = None;
    for (key, value) in entries {
        let name = key.get_ref();
        // `[tool.poetry.dependencies.flask]` is a table of its own.
        let between = text.get(key.span().end..value.span().start).unwrap_or("");
        let apart = !between.contains('=');
        if !apart {
            last = last.max(Some(line_end(text, value.span().end)));
        }
        if !dependencies.removes(name) {
            present.push(normal(name));
        } else if apart {
            out.left.push(format!("the table of `{name}`"));
        } else {
            let start = text[..key.span().start].rfind('\n').map_or(0, |i| i + 1);
            gone.push(start..line_end(text, value.span().end));
        }
    }
    gone.sort_by_key(|span| span.start);
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut new = String::new();
    for (name, spec) in dependencies.missing(&present, share) {
        let (spec, marker) = spec.split_once(';').unwrap_or((spec.as_str(), ""));
        let spec = if spec.is_empty() { "*" } else { spec };
        match name.split_once('[') {
            Some((name, extras)) => {
                let extras: Vec<String> = extras
                    .trim_end_matches(']')
                    .split(',')
                    .map(|extra| format!("\"{}\"", extra.trim()))
                    .collect();
                new.push_str(&format!(
                    "{name} = {{ extras = [{}], version = \"{spec}\" }}{end}",
                    extras.join(", ")
                ));
            }
            // A bare key has no dot.
            None if name.contains('.') || !marker.is_empty() => new.push_str(&format!(
                "\"{name}\" = {{ version = \"{spec}\", markers = \"{}\" }}{end}",
                marker.trim()
            )),
            None => new.push_str(&format!("{name} = \"{spec}\"{end}")),
        }
    }
    out.whole |= share == Share::All;
    match gone.split_first() {
        Some((first, rest)) => {
            cuts.push((first.clone(), new));
            cuts.extend(rest.iter().map(|span| (span.clone(), String::new())));
        }
        None if !new.is_empty() => match last {
            Some(at) => {
                if !text[..at].ends_with('\n') {
                    new.insert_str(0, end);
                }
                cuts.push((at..at, new));
            }
            None => out.left.push("a table without a line to add to".into()),
        },
        None => {}
    }
}

/// The end of the line that `at` lies on, line end included.
fn line_end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |i| at + i + 1)
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
    fn pyproject() {
        let text = "[project]\nname = \"x\"\ndependencies = [\n    \"flask\",\n    \"requests[socks]\",\n]\n\n[tool.x]\ny = 1\n";
        let new = rewrite_pyproject(text, &dependencies(), false)
            .unwrap()
            .text;
        assert_eq!(
            new,
            "[project]\nname = \"x\"\ndependencies = [\n    \"fastapi==1\",\n    \"click\",\n    \"requests[socks]\",\n]\n\n[tool.x]\ny = 1\n"
        );
        assert_eq!(
            rewrite_pyproject("[tool.x]\ny = 1\n", &dependencies(), false),
            None
        );
    }

    fn check(before: &str, after: &str) {
        let new = rewrite_pyproject(before, &dependencies(), false)
            .unwrap()
            .text;
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
            "[project]\noptional-dependencies = {dev = [\"pytest\"]}\ndependencies = [\"gunicorn\", \"requests\", \"flask\"]\n",
            "[project]\noptional-dependencies = {dev = [\"pytest\"]}\ndependencies = [\"fastapi==1\", \"click\", \"requests\"]\n",
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
            assert_eq!(rewrite_pyproject(none, &d, false), None, "{none}");
        }
    }

    #[test]
    fn pyproject_that_has_what_the_port_needs() {
        let d = Dependencies {
            remove: vec!["flask".into()],
            add: vec![("fastapi".into(), String::new())],
        };
        let new = |text: &str| rewrite_pyproject(text, &d, false).unwrap().text;
        assert_eq!(
            new("[project]\ndependencies = [\n  \"flask\",\n  \"fastapi\",\n]\n"),
            "[project]\ndependencies = [\n  \"fastapi\",\n]\n"
        );
        assert_eq!(
            new("[project]\ndependencies = [\"fastapi\", \"flask\"]\n"),
            "[project]\ndependencies = [\"fastapi\"]\n"
        );
    }

    #[test]
    fn groups_and_extras() {
        check(
            "[project]\ndependencies = [\"requests\"]\n[project.optional-dependencies]\nweb = [\"flask\"]\nprod = [\"gunicorn\", \"x\"]\n[dependency-groups]\ndev = [\"flask\", {include-group = \"t\"}]\n",
            "[project]\ndependencies = [\"requests\"]\n[project.optional-dependencies]\nweb = [\"fastapi==1\", \"click\"]\nprod = [\"x\"]\n[dependency-groups]\ndev = [\"fastapi==1\", \"click\", {include-group = \"t\"}]\n",
        );
    }

    #[test]
    fn poetry() {
        check(
            "[tool.poetry.dependencies]\npython = \"^3.11\"  # new\nflask = \"^3\"  # web\ngunicorn = { version = \"*\" }\nrequests = \"*\"\n\n[tool.poetry.group.dev.dependencies]\npytest = \"*\"\n",
            "[tool.poetry.dependencies]\npython = \"^3.11\"  # new\nfastapi = \"==1\"\nclick = \"*\"\nrequests = \"*\"\n\n[tool.poetry.group.dev.dependencies]\npytest = \"*\"\n",
        );
        let apart = "[tool.poetry.dependencies]\nx = \"1\"\n[tool.poetry.dependencies.flask]\nversion = \"3\"\n";
        let new = rewrite_pyproject(apart, &dependencies(), false).unwrap();
        assert_eq!(new.left, ["the table of `flask`"]);
        assert!(
            new.text
                .starts_with("[tool.poetry.dependencies]\nx = \"1\"\nfastapi = \"==1\"\n")
        );
    }

    #[test]
    fn markers() {
        let d = Dependencies {
            remove: vec!["flask".into()],
            add: vec![("a.b".into(), "; python_version < '3.14'".into())],
        };
        let new = |text: &str| rewrite_pyproject(text, &d, false).unwrap().text;
        assert_eq!(
            new("[project]\ndependencies = [\"flask\"]\n"),
            "[project]\ndependencies = [\"a.b; python_version < '3.14'\"]\n"
        );
        assert_eq!(
            new("[project]\ndependencies = ['flask']\n"),
            "[project]\ndependencies = ['a.b; python_version < \"3.14\"']\n"
        );
        assert_eq!(
            new("[tool.poetry.dependencies]\nflask = \"^3\"\n"),
            "[tool.poetry.dependencies]\n\"a.b\" = { version = \"*\", markers = \"python_version < '3.14'\" }\n"
        );
    }

    #[test]
    fn pipfile() {
        let new = rewrite_pipfile(
            "[packages]\nFlask = \"*\"\nx = \"*\"\n\n[dev-packages]\n\n[requires]\npython_version = \"3\"",
            &dependencies(),
            false,
        );
        assert_eq!(
            new.unwrap().text,
            "[packages]\nfastapi = \"==1\"\nclick = \"*\"\nx = \"*\"\n\n[dev-packages]\n\n[requires]\npython_version = \"3\""
        );
    }

    #[test]
    fn a_list_that_names_nothing() {
        let new = |text: &str| rewrite_pyproject(text, &dependencies(), true).unwrap().text;
        assert_eq!(
            new("[project]\ndependencies = []\n"),
            "[project]\ndependencies = [\"fastapi==1\", \"click\"]\n"
        );
        assert_eq!(
            new("[project]\ndependencies = [\n  \"x\",\n]\n"),
            "[project]\ndependencies = [\n  \"x\",\n  \"fastapi==1\",\n  \"click\",\n]\n"
        );
    }
}
