//! `migrate analyze`

use std::io::IsTerminal as _;
use std::process::ExitCode;

use crate::Failure;
use crate::args::{Analyze, Format};
use crate::render::report;

/// Analyses an app and prints what it is.
pub fn run(args: &Analyze) -> Result<ExitCode, Failure> {
    let started = std::time::Instant::now();
    let mut analysis =
        analyzer::analyze(&args.path).map_err(|e| Failure::input(e.to_string(), e.mend()))?;
    codegen::plan::extensions::fill(&mut analysis.extensions);
    match args.format {
        Format::Json => super::json(&analysis)?,
        Format::Text => {
            let folded = std::io::stdout().is_terminal() && !args.all;
            report::print(&analysis, &args.path, folded, started.elapsed())?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
