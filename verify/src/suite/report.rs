//! Reads the report that pytest writes with `--junitxml`.

use std::collections::BTreeMap;

use model::TestOutcome;
use roxmltree::{Document, Node};

use super::Tests;

/// What a run of a suite left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Tests by name: `tests.test_auth::test_login`.
    pub tests: Tests,
    /// Modules that could not be collected, with why.
    pub broken: BTreeMap<String, String>,
}

/// One test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestRun {
    /// How it ended.
    pub outcome: TestOutcome,
    /// The first line of why, where it did not pass.
    pub reason: String,
}

impl Report {
    /// Reads the report's text.
    ///
    /// # Errors
    /// When it is no XML.
    pub fn read(text: &str) -> Result<Self, roxmltree::Error> {
        let document = Document::parse(text)?;
        let mut out = Self::default();
        for case in document
            .descendants()
            .filter(|node| node.has_tag_name("testcase"))
        {
            let name = case.attribute("name").unwrap_or_default();
            let class = case.attribute("classname").unwrap_or_default();
            let run = TestRun::of(case);
            // A module that cannot be imported is a case without a class.
            if class.is_empty() && run.outcome == TestOutcome::Error {
                out.broken.insert(name.to_owned(), run.reason);
                continue;
            }
            let id = if class.is_empty() {
                name.to_owned()
            } else {
                format!("{class}::{name}")
            };
            // A test whose teardown fails too is there twice: the worse counts.
            match out.tests.get(&id) {
                Some(known) if known.outcome >= run.outcome => {}
                _ => {
                    out.tests.insert(id, run);
                }
            }
        }
        Ok(out)
    }
}

impl TestRun {
    fn of(case: Node<'_, '_>) -> Self {
        let child = |name: &str| case.children().find(|node| node.has_tag_name(name));
        for (tag, outcome) in [
            ("error", TestOutcome::Error),
            ("failure", TestOutcome::Failed),
            ("skipped", TestOutcome::Skipped),
        ] {
            if let Some(node) = child(tag) {
                return Self {
                    outcome,
                    reason: reason(node),
                };
            }
        }
        Self {
            outcome: TestOutcome::Passed,
            reason: String::new(),
        }
    }
}

/// The first line of the message; for a mere `collection failure` or `failed on setup with "…"`, pytest's `E` line.
fn reason(node: Node<'_, '_>) -> String {
    let message = node.attribute("message").unwrap_or_default();
    let text = node.text().unwrap_or_default();
    let mut errors = text.lines().filter_map(|line| line.strip_prefix("E "));
    let first = message.lines().next().unwrap_or_default().trim();
    let vague = first.is_empty() || first == "collection failure";
    let found = if vague {
        errors.next_back().map(str::trim)
    } else {
        Some(first)
    };
    let fallback = || text.lines().rev().find(|line| !line.trim().is_empty());
    found
        .filter(|line| !line.is_empty())
        .or_else(fallback)
        .unwrap_or(first)
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_read_case_by_case() {
        let text = r#"<?xml version="1.0" encoding="utf-8"?><testsuites><testsuite name="pytest">
            <testcase classname="tests.test_a" name="test_one" time="0.1" />
            <testcase classname="tests.test_a.TestB" name="test_two[x&gt;1]"><failure message="assert 1 == 2&#10; +  where 1 = f()">def test():
E       assert 1 == 2</failure></testcase>
            <testcase classname="tests.test_a" name="test_three"><skipped type="pytest.skip" message="not here">x</skipped></testcase>
            <testcase classname="tests.test_a" name="test_one"><error message="failed on teardown with &quot;OSError: x&quot;">E   OSError: x</error></testcase>
            <testcase classname="" name="tests.test_c"><error message="collection failure">tests/test_c.py:1: in &lt;module&gt;
    import flask
E   ModuleNotFoundError: No module named 'flask'</error></testcase>
        </testsuite></testsuites>"#;
        let report = Report::read(text).unwrap();
        let told: Vec<(&str, TestOutcome, &str)> = report
            .tests
            .iter()
            .map(|(id, run)| (id.as_str(), run.outcome, run.reason.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                (
                    "tests.test_a.TestB::test_two[x>1]",
                    TestOutcome::Failed,
                    "assert 1 == 2"
                ),
                (
                    "tests.test_a::test_one",
                    TestOutcome::Error,
                    "failed on teardown with \"OSError: x\""
                ),
                ("tests.test_a::test_three", TestOutcome::Skipped, "not here"),
            ]
        );
        assert_eq!(
            report.broken["tests.test_c"],
            "ModuleNotFoundError: No module named 'flask'"
        );
        assert!(Report::read("no report").is_err());
    }
}
