//! `migrate targets`: the targets, and the tables of servers and extensions.

use std::io::Write as _;
use std::process::ExitCode;

use codegen::plan::{servers, tables};

use crate::Failure;
use crate::args::Format;
use crate::render::style;

/// Prints the targets and both tables.
pub fn run(format: Format) -> Result<ExitCode, Failure> {
    if format == Format::Json {
        super::json(&tables::document())?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut out = anstream::stdout().lock();
    let (bold, dim) = (style::BOLD, style::DIM);
    for target in codegen::TARGETS {
        writeln!(
            out,
            "{bold}{:<10}{bold:#} {} (from {}; served by {})",
            target.name,
            target.summary,
            target.sources.join(", "),
            servers::hosts(target.name).join(", "),
        )?;
    }
    writeln!(
        out,
        "\n{bold}What servers can do{bold:#}  {dim}`robyn`: one process of flask_parity.serve; `circus`: several (`--server circus`); `own`: a Rust target's{dim:#}"
    )?;
    write!(out, "{}", tables::servers_text())?;
    writeln!(out, "\n{bold}What stands in an extension's place{bold:#}")?;
    write!(out, "{}", tables::extensions_text())?;
    Ok(ExitCode::SUCCESS)
}
