//! The app's own tests for people: those that fail in the port with the reason, then counts.

use std::io::{self, Write};

use model::{SuiteCase, SuiteProof, SuiteVerdict};

use super::proof::{escaped, short};
use super::{plural, style};

/// So many tests are shown of a kind; JSON has all.
const SHOWN: usize = 50;

/// Prints what both runs of a suite come to.
pub fn write(proof: &SuiteProof, remarks: &[String], out: &mut impl Write) -> io::Result<()> {
    for (verdict, title, mark) in [
        (SuiteVerdict::Different, "Fail in the port", "✗"),
        (SuiteVerdict::Lost, "Not run in the port", "○"),
        (SuiteVerdict::Broken, "Fail on the original", "·"),
        (SuiteVerdict::Skipped, "Skipped by the original", "·"),
        (SuiteVerdict::New, "Only in the port", "·"),
    ] {
        let cases: Vec<&SuiteCase> = proof
            .cases
            .iter()
            .filter(|c| c.verdict == verdict)
            .collect();
        if !cases.is_empty() {
            list(title, mark, &cases, out)?;
        }
    }
    let dim = style::DIM;
    let style = if proof.failing() > 0 {
        style::BAD
    } else {
        style::GOOD
    };
    writeln!(
        out,
        "{} · {} pass on both · {style}{} different · {} not run{style:#} · {} skipped · {} fail on the original",
        plural(proof.tests as usize, "test"),
        proof.equal,
        proof.different,
        proof.lost,
        proof.skipped,
        proof.broken,
    )?;
    for remark in remarks {
        writeln!(out, "{dim}note: {}{dim:#}", short(remark))?;
    }
    Ok(())
}

fn list(title: &str, mark: &str, cases: &[&SuiteCase], out: &mut impl Write) -> io::Result<()> {
    let (bold, dim) = (style::BOLD, style::DIM);
    writeln!(out, "{bold}{title}{bold:#}")?;
    for case in cases.iter().take(SHOWN) {
        let style = if case.verdict.is_failing() {
            style::BAD
        } else {
            style::DIM
        };
        writeln!(out, "  {style}{mark}{style:#} {}", escaped(&case.name))?;
        if let Some(reason) = &case.reason {
            writeln!(out, "      {dim}{}{dim:#}", short(reason))?;
        }
    }
    if cases.len() > SHOWN {
        let more = plural(cases.len() - SHOWN, "test");
        writeln!(out, "  {dim}and {more} more; --format json has all{dim:#}")?;
    }
    writeln!(out)
}
