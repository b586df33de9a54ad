//! `migrate diff`

use std::io::Write;
use std::process::ExitCode;

use codegen::diff::{self, Comparison};

use crate::Failure;
use crate::args::{Diff, DiffFormat};
use crate::render::style;

/// Shows a port against its original.
pub fn run(args: &Diff) -> Result<ExitCode, Failure> {
    let comparison = diff::read(&args.dir)
        .map_err(|e| Failure::input(e.to_string(), "name a folder that `migrate port` wrote"))?;
    let mut buffer = Vec::new();
    match (args.stat, args.format) {
        (true, DiffFormat::Json) => {
            writeln!(buffer, "{}", pretty(&diff::stat(&comparison))?)?;
        }
        (true, _) => stat(&comparison, &mut buffer)?,
        (false, DiffFormat::Patch) => buffer = diff::patch(&comparison).into_bytes(),
        (false, DiffFormat::Json) => {
            let sections = diff::by_route(&comparison, args.route.as_deref());
            writeln!(buffer, "{}", pretty(&sections)?)?;
        }
        (false, DiffFormat::Text) => text(&comparison, args.route.as_deref(), &mut buffer)?,
    }
    match &args.output {
        Some(path) => {
            let plain = anstream::adapter::strip_bytes(&buffer).into_vec();
            std::fs::write(path, plain).map_err(|e| {
                Failure::input(
                    format!("{}: {e}", path.display()),
                    "choose another --output",
                )
            })?;
        }
        // A patch goes out byte for byte.
        None if args.format == DiffFormat::Patch && !args.stat => {
            std::io::stdout().lock().write_all(&buffer)?;
        }
        None => anstream::stdout().lock().write_all(&buffer)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn pretty(value: &impl serde::Serialize) -> Result<String, Failure> {
    serde_json::to_string_pretty(value)
        .map_err(|e| Failure::input(e.to_string(), "please report it"))
}

fn text(comparison: &Comparison, route: Option<&str>, out: &mut impl Write) -> Result<(), Failure> {
    let sections = diff::by_route(comparison, route);
    if sections.is_empty()
        && let Some(route) = route
    {
        return Err(Failure::input(
            format!("no changed route fits `{route}`"),
            "see `migrate diff DIR` for all of them",
        ));
    }
    let (bold, dim, add, remove) = (style::BOLD, style::DIM, style::GOOD, style::BAD);
    for section in &sections {
        writeln!(out, "{bold}{}{bold:#}", section.title)?;
        for hunk in &section.hunks {
            writeln!(
                out,
                "{dim}  {}:{}  {}{dim:#}",
                hunk.file,
                hunk.line,
                hunk.rewrites.join(" ")
            )?;
            for line in &hunk.lines {
                match line.sign {
                    '-' => writeln!(out, "  {remove}-{}{remove:#}", line.text)?,
                    '+' => writeln!(out, "  {add}+{}{add:#}", line.text)?,
                    _ => writeln!(out, "   {}", line.text)?,
                }
            }
        }
        writeln!(out)?;
    }
    Ok(())
}

fn stat(comparison: &Comparison, out: &mut impl Write) -> Result<(), Failure> {
    let stats = diff::stat(comparison);
    let width = stats
        .iter()
        .map(|s| s.file.chars().count())
        .max()
        .unwrap_or(0);
    let most = stats
        .iter()
        .map(|s| s.added + s.removed)
        .max()
        .unwrap_or(1)
        .max(1);
    let (add, remove, dim) = (style::GOOD, style::BAD, style::DIM);
    let mut headed = false;
    for s in &stats {
        if s.new && !headed {
            headed = true;
            writeln!(out, "{dim}added by the port{dim:#}")?;
        }
        let scale = |n: u32| ((n * 30).div_ceil(most.max(30))) as usize;
        writeln!(
            out,
            " {:<width$} | {:>4} {add}{}{add:#}{remove}{}{remove:#}",
            s.file,
            s.added + s.removed,
            "+".repeat(scale(s.added)),
            "-".repeat(scale(s.removed)),
        )?;
    }
    let own: Vec<_> = stats.iter().filter(|s| !s.new).collect();
    writeln!(
        out,
        " {} of the app's files changed, {} lines added, {} removed; {:.1} changed lines a route",
        own.len(),
        own.iter().map(|s| s.added).sum::<u32>(),
        own.iter().map(|s| s.removed).sum::<u32>(),
        comparison.document.summary.changed_lines_per_route
    )?;
    Ok(())
}
