//! What two runs of a suite say of the port.

use std::collections::BTreeSet;

use model::{SuiteCase, SuiteProof, SuiteVerdict, TestOutcome};

use super::report::Report;

/// Compares test by test; cases in the order of their names.
pub fn judge(command: &str, original: &Report, port: &Report) -> SuiteProof {
    let names: BTreeSet<&String> = original.tests.keys().chain(port.tests.keys()).collect();
    let cases = names
        .into_iter()
        .map(|name| {
            let (theirs, ours) = (original.tests.get(name), port.tests.get(name));
            let outcomes = (theirs.map(|t| t.outcome), ours.map(|t| t.outcome));
            let verdict = verdict(outcomes);
            let reason = match ours {
                Some(run) => run.reason.clone(),
                None if verdict == SuiteVerdict::Lost => why_lost(name, port),
                None => String::new(),
            };
            SuiteCase {
                name: name.clone(),
                verdict,
                original: outcomes.0,
                port: outcomes.1,
                reason: Some(reason).filter(|r| !r.is_empty()),
            }
        })
        .collect();
    let mut out = SuiteProof {
        command: command.to_owned(),
        cases,
        ..SuiteProof::default()
    };
    count(&mut out);
    out
}

fn verdict(outcomes: (Option<TestOutcome>, Option<TestOutcome>)) -> SuiteVerdict {
    use TestOutcome::{Error, Failed, Passed, Skipped};
    match outcomes {
        (None, _) => SuiteVerdict::New,
        (Some(Passed), Some(Passed)) => SuiteVerdict::Equal,
        (Some(Passed), Some(Failed | Error)) => SuiteVerdict::Different,
        (Some(Passed), Some(Skipped) | None) => SuiteVerdict::Lost,
        (Some(Skipped), _) => SuiteVerdict::Skipped,
        (Some(Failed | Error), _) => SuiteVerdict::Broken,
    }
}

/// Why a test was not run: its module, or the whole suite, does not start.
fn why_lost(name: &str, port: &Report) -> String {
    let broken = port.broken.iter().find(|(module, _)| {
        module.is_empty()
            || name
                .strip_prefix(module.as_str())
                .is_some_and(|rest| rest.starts_with("::") || rest.starts_with('.'))
    });
    broken.map_or_else(|| "not run".to_owned(), |(_, why)| why.clone())
}

/// Drops from the first run what the second does not show; says what that was.
pub fn keep_recurring(first: &mut SuiteProof, second: &SuiteProof) -> Vec<String> {
    let mut remarks = Vec::new();
    for case in &mut first.cases {
        let again = second.cases.iter().find(|c| c.name == case.name);
        if case.verdict.is_failing()
            && let Some(again) = again
            && !again.verdict.is_failing()
        {
            remarks.push(format!(
                "{} failed in the port once and passed the second time: {}",
                case.name,
                case.reason.as_deref().unwrap_or_default()
            ));
            *case = again.clone();
        }
    }
    count(first);
    remarks
}

fn count(proof: &mut SuiteProof) {
    let number = |verdict: SuiteVerdict| {
        let cases = proof.cases.iter().filter(|c| c.verdict == verdict);
        u32::try_from(cases.count()).unwrap_or(u32::MAX)
    };
    let [equal, different, lost, skipped, broken, new] = [
        SuiteVerdict::Equal,
        SuiteVerdict::Different,
        SuiteVerdict::Lost,
        SuiteVerdict::Skipped,
        SuiteVerdict::Broken,
        SuiteVerdict::New,
    ]
    .map(number);
    proof.tests = u32::try_from(proof.cases.len()).unwrap_or(u32::MAX);
    (proof.equal, proof.different, proof.lost) = (equal, different, lost);
    (proof.skipped, proof.broken, proof.new) = (skipped, broken, new);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::report::TestRun;

    fn report(tests: &[(&str, TestOutcome)]) -> Report {
        let run = |outcome| TestRun {
            outcome,
            reason: if outcome == TestOutcome::Passed {
                String::new()
            } else {
                "why".into()
            },
        };
        Report {
            tests: tests
                .iter()
                .map(|(name, outcome)| ((*name).to_owned(), run(*outcome)))
                .collect(),
            ..Report::default()
        }
    }

    #[test]
    fn every_test_has_its_verdict() {
        use TestOutcome::{Error, Failed, Passed, Skipped};
        let original = report(&[
            ("m::a", Passed),
            ("m::b", Passed),
            ("m::c", Passed),
            ("n::d", Passed),
            ("m::e", Failed),
            ("m::f", Skipped),
        ]);
        let mut port = report(&[
            ("m::a", Passed),
            ("m::b", Error),
            ("m::c", Skipped),
            ("m::e", Passed),
            ("m::f", Failed),
            ("m::g", Failed),
        ]);
        port.broken.insert("n".into(), "no module".into());
        let proof = judge("pytest", &original, &port);
        let told: Vec<(&str, SuiteVerdict, Option<&str>)> = proof
            .cases
            .iter()
            .map(|c| (c.name.as_str(), c.verdict, c.reason.as_deref()))
            .collect();
        assert_eq!(
            told,
            [
                ("m::a", SuiteVerdict::Equal, None),
                ("m::b", SuiteVerdict::Different, Some("why")),
                ("m::c", SuiteVerdict::Lost, Some("why")),
                ("m::e", SuiteVerdict::Broken, None),
                ("m::f", SuiteVerdict::Skipped, Some("why")),
                ("m::g", SuiteVerdict::New, Some("why")),
                ("n::d", SuiteVerdict::Lost, Some("no module")),
            ]
        );
        assert_eq!((proof.tests, proof.failing()), (7, 3));
    }

    #[test]
    fn what_does_not_recur_is_dropped() {
        use TestOutcome::{Failed, Passed};
        let original = report(&[("a", Passed), ("b", Passed)]);
        let mut first = judge("x", &original, &report(&[("a", Failed), ("b", Failed)]));
        let second = judge("x", &original, &report(&[("a", Passed), ("b", Failed)]));
        let remarks = keep_recurring(&mut first, &second);
        assert_eq!((first.equal, first.different, remarks.len()), (1, 1, 1));
    }
}
