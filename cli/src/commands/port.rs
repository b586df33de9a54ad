//! `migrate port`

use std::io::Write as _;
use std::process::ExitCode;

use codegen::project::{command, guide};
use codegen::{PortError, PortOptions, Target, Written};
use model::{Deviation, Verdict};

use super::Source;
use crate::Failure;
use crate::args::{Format, Port};
use crate::render::{escape, plural, style};

/// Writes a port and says what became of each route.
pub fn run(args: &Port) -> Result<ExitCode, Failure> {
    let Some(target) = codegen::targets::find(&args.to) else {
        let error = PortError::Target(args.to.clone());
        return Err(Failure::input(error.to_string(), error.mend()));
    };
    let options = PortOptions {
        source: args.path.clone(),
        out: args.out.clone(),
        target: args.to.clone(),
        force: args.force,
        dry_run: args.dry_run,
        no_relay: args.no_relay,
        only: args.only.clone(),
        trace: args.trace,
        templates: args.templates.clone(),
        server: args.server.clone(),
    };
    target
        .serving(args.server.as_deref())
        .map_err(|e| failure(&e))?;
    // Before any work: where the port would go does not hang on what is in the app.
    if args.path.exists() {
        codegen::output_folder(&options).map_err(|e| failure(&e))?;
    }
    let analysis =
        analyzer::analyze(&args.path).map_err(|e| Failure::input(e.to_string(), e.mend()))?;
    let mut written = codegen::port(&analysis, &options, &Source::new(&args.path, &analysis))
        .map_err(|e| failure(&e))?;
    match args.format {
        Format::Json => super::json(&written.document)?,
        Format::Text => {
            for route in &mut written.document.routes {
                escape::clean(&mut route.rule);
                escape::clean(&mut route.endpoint);
            }
            print(&written, target, args)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn failure(error: &PortError) -> Failure {
    if let PortError::Unsupported { obstacles, .. } = error {
        for o in obstacles {
            let (bold, dim) = (style::BOLD, style::DIM);
            anstream::eprintln!(
                "{bold}{}:{}{bold:#}: {} {dim}{}{dim:#}",
                o.file,
                o.line,
                o.reason.message,
                o.reason.code
            );
        }
    }
    Failure::input(error.to_string(), error.mend())
}

fn print(written: &Written, target: &Target, args: &Port) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    let document = &written.document;
    let s = &document.summary;
    let (bold, dim) = (style::BOLD, style::DIM);
    let verb = if args.dry_run {
        "would be written to"
    } else {
        "written to"
    };
    let folder = shown(&written.folder);
    writeln!(
        out,
        "{bold}{}{bold:#} port {verb} {bold}{folder}{bold:#}\n",
        document.target
    )?;
    let width = document
        .routes
        .iter()
        .map(|r| r.rule.chars().count())
        .max()
        .unwrap_or(0)
        .min(60);
    let verbs = document
        .routes
        .iter()
        .map(|r| r.methods.join(",").len())
        .max()
        .unwrap_or(0);
    for route in &document.routes {
        let style = match route.verdict {
            Verdict::Native => style::GOOD,
            Verdict::Supported => style::FAIR,
            Verdict::Relayed | Verdict::Refused => style::BAD,
        };
        writeln!(
            out,
            "  {style}{:<9}{style:#}  {:<verbs$}  {:<width$}  {dim}{}{dim:#}",
            route.verdict.word(),
            route.methods.join(","),
            route.rule,
            route.endpoint
        )?;
    }
    let causes = document.causes();
    if !causes.is_empty() {
        writeln!(
            out,
            "\n{bold}Not ported{bold:#} ({})",
            if s.relayed > 0 {
                "a view among these is left to Flask"
            } else {
                "a view among these answers 501"
            }
        )?;
    }
    for cause in &causes {
        let [(first, reason), others @ ..] = cause.as_slice() else {
            continue;
        };
        let code = &reason.code;
        if others.is_empty() {
            let why = reason.text();
            writeln!(out, "  {}: {why} {dim}{code}{dim:#}", first.id)?;
            continue;
        }
        let ids: Vec<&str> = cause.iter().map(|(f, _)| f.id.as_str()).collect();
        writeln!(
            out,
            "  {}: {} {dim}{code}{dim:#}\n      {dim}{}{dim:#}",
            plural(ids.len(), "function"),
            reason.message,
            ids.join(", ")
        )?;
    }
    writeln!(
        out,
        "\n{} · {} native · {} supported{} · {} refused · {}",
        plural(s.routes as usize, "route"),
        s.native,
        s.supported,
        match s.relayed {
            0 => String::new(),
            n => format!(" · {n} relayed"),
        },
        s.refused,
        target.measured(document)
    )?;
    let told = Deviation::told(&document.deviations);
    if !told.is_empty() {
        writeln!(out, "\n{bold}Known to differ{bold:#}")?;
        for (code, what) in told {
            writeln!(out, "  {what} {dim}{code}{dim:#}")?;
        }
        writeln!(out)?;
    }
    for remark in &written.remarks {
        writeln!(out, "{dim}note: {remark}{dim:#}")?;
    }
    if !args.dry_run {
        let folder = command::quoted(&folder);
        writeln!(out, "\nReview it:  migrate diff {folder}")?;
        writeln!(
            out,
            "Run it:     cd {folder} && {}",
            target.commands(document).join(" && ")
        )?;
    }
    if s.refused > 0 {
        writeln!(
            out,
            "\n{} refused: {}",
            plural(s.refused as usize, "route"),
            guide::refusal(target)
        )?;
    }
    Ok(())
}

/// A path as one would type it here.
fn shown(path: &std::path::Path) -> String {
    let here = std::env::current_dir().ok();
    here.and_then(|h| path.strip_prefix(h).ok().map(|p| p.display().to_string()))
        .filter(|p| !p.is_empty())
        .unwrap_or_else(|| path.display().to_string())
}
