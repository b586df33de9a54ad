//! The commands: each composes the crates and renders what they give.

mod analyze;
mod diff;
mod port;
mod targets;
mod verify;

use std::io::Write as _;
use std::process::ExitCode;

use clap::CommandFactory as _;

use crate::Failure;
use crate::args::{Args, Command, SchemaName};
use crate::render::style;

/// Runs a command.
pub fn run(args: Args) -> Result<ExitCode, Failure> {
    match args.command {
        Command::Analyze(args) => analyze::run(&args),
        Command::Port(args) => port::run(&args),
        Command::Diff(args) => diff::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Targets { format } => targets::run(format),
        Command::Explain { code } => explain(&code),
        Command::Schema { name } => {
            let schema = match name {
                SchemaName::Analysis => schemars::schema_for!(model::Analysis),
                SchemaName::Port => schemars::schema_for!(model::PortDocument),
                SchemaName::Verify => schemars::schema_for!(model::Proof),
            };
            json(&schema)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Completions { shell } => {
            let mut command = Args::command();
            // Into memory first: its writer panics where nobody reads.
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut command, "migrate", &mut script);
            std::io::stdout().write_all(&script)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Prints a document as JSON.
pub(super) fn json(value: &impl serde::Serialize) -> Result<(), Failure> {
    let mut out = std::io::BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
    serde_json::to_writer_pretty(&mut out, value).map_err(std::io::Error::from)?;
    writeln!(out)?;
    out.flush()?;
    Ok(())
}

fn explain(code: &str) -> Result<ExitCode, Failure> {
    if let Some((name, what)) = codegen::python::rewrites::find(code) {
        let mut out = anstream::stdout().lock();
        let bold = style::BOLD;
        writeln!(out, "{bold}{name}{bold:#}\nA rewrite of a port: {what}.")?;
        return Ok(ExitCode::SUCCESS);
    }
    let found: model::Code = code.parse().map_err(|()| {
        let family = code.get(..3).unwrap_or("");
        let near: Vec<&str> = model::Code::ALL
            .iter()
            .map(|c| c.name())
            .filter(|n| n.starts_with(&family.to_ascii_uppercase()))
            .collect();
        let mend = if near.is_empty() {
            let all = model::Code::ALL;
            let name = |code: Option<&model::Code>| code.map_or("", |c| c.name());
            let (first, last) = (name(all.first()), name(all.last()));
            format!("codes are {first} to {last}, as findings name them")
        } else {
            format!("known: {}", near.join(", "))
        };
        Failure::input(format!("no code `{code}`"), mend)
    })?;
    let mut out = anstream::stdout().lock();
    let bold = style::BOLD;
    writeln!(out, "{bold}{found}{bold:#}")?;
    for line in found.page().lines() {
        let line = line.strip_prefix(' ').unwrap_or(line);
        match line.strip_prefix("## ") {
            Some(heading) => writeln!(out, "{bold}{heading}{bold:#}")?,
            None => writeln!(out, "{line}")?,
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The source below a path, as targets read it.
struct Source<'a>(analyzer::Reading<'a>);

impl<'a> Source<'a> {
    fn new(root: &'a std::path::Path, analysis: &'a model::Analysis) -> Self {
        Self(analyzer::Reading::new(root, analysis))
    }
}

impl codegen::Reader for Source<'_> {
    fn body(&self, function: &model::Function) -> Option<model::Body> {
        self.0.body(function)
    }

    fn definitions(&self, file: &str) -> Option<model::body::Definitions> {
        self.0.definitions(file)
    }
}
