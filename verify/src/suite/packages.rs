//! What an app's tests need beside the app: pytest, and what the tree declares for tests.

use std::fs;
use std::path::Path;

use toml::{Table, Value};

/// Names of lists for tests, the narrower first: only the first that the tree has is taken.
const GROUPS: &[&str] = &["test", "tests", "testing", "dev", "develop", "development"];

/// Requirements of the tests of the app at `root`, `pytest` first; those of Flask alone left out where `is_port`, since a
/// port's tests have another client.
#[must_use]
pub fn packages(root: &Path, is_port: bool) -> Vec<String> {
    let mut out = vec!["pytest".to_owned()];
    let declared = GROUPS.iter().find_map(|group| {
        let found = named(root, group);
        (!found.is_empty()).then_some(found)
    });
    for line in declared.unwrap_or_default() {
        let name = name(&line);
        let of_flask = name == "flask" || name.starts_with("flask-") || name == "pytest-flask";
        if name.is_empty() || (is_port && of_flask) {
            continue;
        }
        if name == "pytest" {
            out[0] = line;
        } else if !out.contains(&line) {
            out.push(line);
        }
    }
    out
}

/// `Flask-Login[x]>=1` as `flask-login`.
fn name(requirement: &str) -> String {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let end = requirement.find(|c| !is_name(c));
    let name = &requirement[..end.unwrap_or(requirement.len())];
    name.to_ascii_lowercase().replace(['_', '.'], "-")
}

/// The list of that name: of pyproject.toml, else of a requirements file.
fn named(root: &Path, group: &str) -> Vec<String> {
    let pyproject = fs::read_to_string(root.join("pyproject.toml")).unwrap_or_default();
    let table: Table = pyproject.parse().unwrap_or_default();
    let at = |path: &[&str]| {
        let (last, parents) = path.split_last()?;
        let parent = parents
            .iter()
            .try_fold(&table, |table, key| table.get(*key)?.as_table())?;
        parent.get(*last)
    };
    for path in [
        &["dependency-groups", group][..],
        &["project", "optional-dependencies", group],
    ] {
        if let Some(Value::Array(items)) = at(path) {
            // Tables include another group.
            return items
                .iter()
                .filter_map(|item| item.as_str().map(str::to_owned))
                .collect();
        }
    }
    let files = [
        format!("requirements/{group}.txt"),
        format!("requirements-{group}.txt"),
        format!("requirements_{group}.txt"),
        format!("requirements.{group}.txt"),
        format!("{group}-requirements.txt"),
        format!("{group}_requirements.txt"),
    ];
    let text = files
        .iter()
        .find_map(|file| fs::read_to_string(root.join(file)).ok());
    text.unwrap_or_default()
        .lines()
        .map(|line| line.split(" #").next().unwrap_or_default().trim())
        .filter(|line| line.starts_with(|c: char| c.is_ascii_alphanumeric()))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_list_for_tests_is_taken() {
        let place = tempfile::tempdir().unwrap();
        assert_eq!(packages(place.path(), false), ["pytest"]);
        fs::write(
            place.path().join("requirements-dev.txt"),
            "-r requirements.txt\n# tools\npytest==9.0 # ours\nflask_login>=1\nPytest.Flask\nresponses\n",
        )
        .unwrap();
        assert_eq!(
            packages(place.path(), false),
            ["pytest==9.0", "flask_login>=1", "Pytest.Flask", "responses"]
        );
        assert_eq!(packages(place.path(), true), ["pytest==9.0", "responses"]);
        fs::write(
            place.path().join("pyproject.toml"),
            "[project.optional-dependencies]\ntest = [\"freezegun\"]\n",
        )
        .unwrap();
        assert_eq!(packages(place.path(), true), ["pytest", "freezegun"]);
    }
}
