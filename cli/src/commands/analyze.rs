//! `migrate analyze`

use std::io::IsTerminal as _;
use std::process::ExitCode;

use codegen::plan;
use model::{Analysis, Readiness};

use super::Source;
use crate::Failure;
use crate::args::{Analyze, AnalyzeFormat};
use crate::render::{escape, markdown, readiness, report};

/// Analyses an app and prints what it is, or what a port of it would come to.
pub fn run(args: &Analyze) -> Result<ExitCode, Failure> {
    let started = std::time::Instant::now();
    let mut analysis =
        analyzer::analyze(&args.path).map_err(|e| Failure::input(e.to_string(), e.mend()))?;
    plan::extensions::fill(&mut analysis.extensions);
    if let Some(target) = &args.to {
        let report = plan::readiness(
            &analysis,
            &args.path,
            target,
            &Source::new(&args.path, &analysis),
        )
        .map_err(|e| Failure::input(e.to_string(), e.mend()))?;
        judge(&mut analysis, report);
    }
    if args.format != AnalyzeFormat::Json {
        escape::analysis(&mut analysis);
    }
    let folded = std::io::stdout().is_terminal() && !args.all;
    match (args.format, &analysis.readiness) {
        (AnalyzeFormat::Json, _) => super::json(&analysis)?,
        (AnalyzeFormat::Text, None) => {
            report::print(&analysis, &args.path, folded, started.elapsed())?;
        }
        (AnalyzeFormat::Text, Some(report)) => readiness::print(&analysis, report, folded)?,
        (AnalyzeFormat::Markdown, report) => markdown::print(&analysis, report.as_ref())?,
    }
    if let Some((wanted, report)) = args.fail_under.zip(analysis.readiness.as_ref())
        && report.percentage < wanted
    {
        anstream::eprintln!(
            "{} % of the routes can be ported today, and --fail-under asks for {wanted} %",
            report.percentage
        );
        return Ok(ExitCode::from(1));
    }
    Ok(ExitCode::SUCCESS)
}

/// Notes each function's verdict at the function too.
fn judge(analysis: &mut Analysis, report: Readiness) {
    for function in &mut analysis.functions {
        if let Some(verdict) = report.functions.iter().find(|f| f.id == function.id) {
            function
                .verdicts
                .insert(report.target.clone(), verdict.verdict);
        }
    }
    analysis.readiness = Some(report);
}
