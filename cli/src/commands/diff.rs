//! `migrate diff`

use std::collections::BTreeMap;
use std::io::Write;
use std::process::ExitCode;

use codegen::diff::{self, Comparison};
use codegen::project::guide;

use crate::Failure;
use crate::args::{Diff, DiffFormat};
use crate::render::{escape, pairs, plural, style};

/// Shows a port against its original.
pub fn run(args: &Diff) -> Result<ExitCode, Failure> {
    let comparison = diff::read(&args.dir)
        .map_err(|e| Failure::input(e.to_string(), "name a folder that `migrate port` wrote"))?;
    if args.route.is_some() && args.format == DiffFormat::Patch {
        return Err(Failure::input(
            "a patch holds every route",
            "leave out --route or --format patch",
        ));
    }
    let mut buffer = Vec::new();
    match (args.stat, args.format) {
        (true, DiffFormat::Json) => {
            writeln!(buffer, "{}", pretty(&diff::stat(&comparison))?)?;
        }
        (true, _) => stat(&comparison, &mut buffer)?,
        (false, DiffFormat::Patch) => buffer = diff::patch(&comparison),
        (false, DiffFormat::Json) => {
            let sections = diff::by_route(&comparison, args.route.as_deref());
            writeln!(buffer, "{}", pretty(&sections)?)?;
        }
        (false, DiffFormat::Text) => {
            // A file has no width.
            let width = args.output.is_none().then(pairs::width).flatten();
            text(&comparison, args.route.as_deref(), width, &mut buffer)?;
        }
    }
    match &args.output {
        Some(path) => {
            // A patch goes out byte for byte.
            if args.format != DiffFormat::Patch || args.stat {
                buffer = anstream::adapter::strip_bytes(&buffer).into_vec();
            }
            std::fs::write(path, &buffer).map_err(|e| {
                Failure::input(
                    format!("{}: {e}", path.display()),
                    "choose another --output",
                )
            })?;
        }
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

fn text(
    comparison: &Comparison,
    route: Option<&str>,
    width: Option<usize>,
    out: &mut impl Write,
) -> Result<(), Failure> {
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
    // A view of several routes is shown at the first.
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    for section in &sections {
        writeln!(out, "{bold}{}{bold:#}", escaped(&section.title))?;
        for hunk in &section.hunks {
            writeln!(
                out,
                "{dim}  {}:{}  {}{dim:#}",
                escaped(&hunk.file),
                hunk.line,
                hunk.rewrites.join(" ")
            )?;
            for line in &hunk.lines {
                let text = escape::code(&line.text);
                match line.sign {
                    '-' => writeln!(out, "  {remove}-{text}{remove:#}")?,
                    '+' => writeln!(out, "  {add}+{text}{add:#}")?,
                    _ => writeln!(out, "   {text}")?,
                }
            }
        }
        for (i, pair) in section.pairs.iter().enumerate() {
            if let Some(title) = seen.get(pair.function.as_str()) {
                writeln!(out, "{dim}  shown above, at {}{dim:#}", escaped(title))?;
                continue;
            }
            if i > 0 || !section.hunks.is_empty() {
                writeln!(out)?;
            }
            pairs::write(pair, width, out)?;
        }
        for pair in &section.pairs {
            seen.entry(&pair.function).or_insert(&section.title);
        }
        writeln!(out)?;
    }
    Ok(())
}

fn escaped(text: &str) -> String {
    let mut text = text.to_owned();
    escape::clean(&mut text);
    text
}

fn stat(comparison: &Comparison, out: &mut impl Write) -> Result<(), Failure> {
    let mut stats = diff::stat(comparison);
    stats.iter_mut().for_each(|s| escape::clean(&mut s.file));
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
    let mut heading = None;
    for s in &stats {
        let group = match (s.new, s.gone) {
            (true, _) => Some("added by the port"),
            (_, true) => Some("not in the port"),
            _ => None,
        };
        if group != heading {
            heading = group;
            writeln!(out, "{dim}{}{dim:#}", group.unwrap_or_default())?;
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
    let own: Vec<_> = stats.iter().filter(|s| !s.new && !s.gone).collect();
    let (added, removed) = (
        own.iter().map(|s| s.added).sum::<u32>(),
        own.iter().map(|s| s.removed).sum::<u32>(),
    );
    write!(
        out,
        " {} of the app's files changed, {added} lines added, {removed} removed; ",
        own.len(),
    )?;
    let document = &comparison.document;
    if document.pairs.is_empty() {
        writeln!(
            out,
            "{:.1} changed lines a route",
            document.summary.changed_lines_per_route
        )?;
        return Ok(());
    }
    let count = |new: bool| {
        stats
            .iter()
            .filter(|s| s.new == new && (s.new || s.gone))
            .count()
    };
    let lines = |new: bool| {
        let of = stats.iter().filter(|s| s.new == new && (s.new || s.gone));
        of.map(|s| s.added + s.removed).sum::<u32>() as usize
    };
    let (original, port) = guide::paired_lines(document);
    writeln!(
        out,
        "{} with {} not in the port, {} with {} added\n {port} of those lines stand beside {original} of the app's functions",
        plural(count(false), "file"),
        plural(lines(false), "line"),
        plural(count(true), "file"),
        plural(lines(true), "line"),
    )?;
    Ok(())
}
