//! The command line.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

/// Move a Python web app from one framework to another, with proof.
#[derive(Parser, Debug)]
#[command(
    name = "migrate",
    version,
    propagate_version = true,
    max_term_width = 100
)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Show an app's routes and what stands in the way of a port
    Analyze(Analyze),
    /// Write the port of an app to another framework
    Port(Port),
    /// Show a port against its original, route by route
    Diff(Diff),
    /// Run a port beside its original and compare what they answer
    Verify(Verify),
    /// List the targets, what servers can do, and what stands in an extension's place
    Targets {
        /// Output format
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
    /// Explain a code such as M0101
    Explain {
        /// The code
        code: String,
    },
    /// Print the JSON Schema of a document
    Schema {
        /// Which document
        name: SchemaName,
    },
    /// Print shell completions
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// Output of `analyze`.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnalyzeFormat {
    /// For people
    Text,
    /// For programs
    Json,
    /// For a pull request
    Markdown,
}

/// Output of `port` and `targets`.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

/// Output of `diff`.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiffFormat {
    /// For people
    Text,
    /// For `git apply`
    Patch,
    /// For programs
    Json,
}

/// Output of `verify`.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerifyFormat {
    /// For people
    Text,
    /// For programs
    Json,
    /// For CI servers
    Junit,
}

/// Documents with a schema.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchemaName {
    /// What `analyze --format json` prints
    Analysis,
    /// What `.migrate/port.json` holds
    Port,
    /// What `verify --format json` prints
    Verify,
}

/// Arguments of `analyze`.
#[derive(ClapArgs, Debug)]
pub struct Analyze {
    /// A project folder, a package, or one .py file
    pub path: PathBuf,
    /// Tell what a port to this target would come to (see `migrate targets`)
    #[arg(long, value_name = "TARGET")]
    pub to: Option<String>,
    /// Output format
    #[arg(long, value_enum, default_value = "text")]
    pub format: AnalyzeFormat,
    /// Show every route and finding, also on a terminal
    #[arg(long)]
    pub all: bool,
    /// Exit with 1 when fewer routes than this percentage can be ported
    #[arg(long, value_name = "PCT", requires = "to", value_parser = percentage)]
    pub fail_under: Option<f64>,
}

fn percentage(text: &str) -> Result<f64, String> {
    let number: f64 = text
        .trim_end_matches('%')
        .parse()
        .map_err(|_| "not a number")?;
    if (0.0..=100.0).contains(&number) {
        Ok(number)
    } else {
        Err("not between 0 and 100".into())
    }
}

/// Arguments of `port`.
#[derive(ClapArgs, Debug)]
pub struct Port {
    /// A project folder, a package, or one .py file
    pub path: PathBuf,
    /// The target framework (see `migrate targets`)
    #[arg(long, value_name = "TARGET")]
    pub to: String,
    /// Where to write the port [default: PATH-TARGET]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Overwrite files of an earlier port that were edited since
    #[arg(long)]
    pub force: bool,
    /// Write nothing, only tell
    #[arg(long)]
    pub dry_run: bool,
    /// Port only routes whose endpoint or rule fits (`*` is any text), and relay the others; may be repeated
    #[arg(long, value_name = "GLOB", conflicts_with = "no_relay")]
    pub only: Vec<String>,
    /// Let each answer of the port say in `x-served-by` whether its route is ported or relayed
    #[arg(long)]
    pub trace: bool,
    /// Write a stub that answers 501 for what cannot be ported, rather than relay it to the original
    #[arg(long)]
    pub no_relay: bool,
    /// Another engine for the app's templates: `chameleon-rs` for those of Chameleon
    #[arg(long, value_name = "NAME")]
    pub templates: Option<String>,
    /// What starts the port's processes: `circus`, for a port to Robyn
    #[arg(long, value_name = "NAME")]
    pub server: Option<String>,
    /// Output format
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

/// Arguments of `diff`.
#[derive(ClapArgs, Debug)]
pub struct Diff {
    /// A folder that `migrate port` wrote
    pub dir: PathBuf,
    /// Only routes whose endpoint or rule fits (`*` is any text)
    #[arg(long, value_name = "GLOB", conflicts_with = "stat")]
    pub route: Option<String>,
    /// Output format
    #[arg(long, value_enum, default_value = "text")]
    pub format: DiffFormat,
    /// Write to a file
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Only count lines by file
    #[arg(long)]
    pub stat: bool,
}

/// Arguments of `verify`.
#[derive(ClapArgs, Debug)]
pub struct Verify {
    /// A folder that `migrate port` wrote
    pub dir: PathBuf,
    /// The app that was ported [default: as the port's records name it]
    #[arg(long, value_name = "PATH")]
    pub original: Option<PathBuf>,
    /// Send these requests instead of those made from the model (NDJSON, one a line, or a browser's .har)
    #[arg(long, value_name = "FILE")]
    pub requests: Vec<PathBuf>,
    /// Run the app's own tests against both instead of sending requests: a command that runs pytest, as in `pytest -q`
    #[arg(long, value_name = "COMMAND", conflicts_with_all = ["requests", "only"])]
    pub suite: Option<String>,
    /// Seconds that a run of the suite may take
    #[arg(long, value_name = "SECONDS", default_value_t = 1800, requires = "suite", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub suite_limit: u64,
    /// Only routes whose endpoint or rule fits (`*` is any text)
    #[arg(long, value_name = "GLOB", conflicts_with = "requests")]
    pub only: Option<String>,
    /// The same seed makes the same requests
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Run the original with this interpreter, which has everything installed
    #[arg(long, value_name = "PATH")]
    pub original_python: Option<PathBuf>,
    /// Run the port with this interpreter, which has everything installed
    #[arg(long, value_name = "PATH")]
    pub port_python: Option<PathBuf>,
    /// Install nothing: use the environments that there are
    #[arg(long)]
    pub offline: bool,
    /// Seconds that an answer may take
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub limit: u64,
    /// Stop at the first difference
    #[arg(long)]
    pub fail_fast: bool,
    /// Output format
    #[arg(long, value_enum, default_value = "text")]
    pub format: VerifyFormat,
}
