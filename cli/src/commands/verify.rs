//! `migrate verify`

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use ::verify::{Job, Requests};
use model::{PortDocument, Proof, SuiteProof};

use crate::Failure;
use crate::args::{Verify, VerifyFormat};
use crate::render::progress::Progress;
use crate::render::{junit, proof, style, suite};

/// Runs both sides and says how they answer.
pub fn run(args: &Verify) -> Result<ExitCode, Failure> {
    let document = document(&args.dir)?;
    let original = original(args, &document)?;
    let analysis =
        analyzer::analyze(&original).map_err(|e| Failure::input(e.to_string(), e.mend()))?;
    let reading = analyzer::Reading::new(&original, &analysis);
    let requests = if args.requests.is_empty() {
        Requests::Model {
            words: reading.words(),
            only: args.only.clone(),
        }
    } else {
        Requests::Files(args.requests.clone())
    };
    let supervisor = std::env::current_exe()?;
    let job = Job {
        analysis: &analysis,
        document: &document,
        original: original.clone(),
        port: args.dir.clone(),
        requests,
        seed: args.seed,
        original_python: args.original_python.clone(),
        port_python: args.port_python.clone(),
        offline: args.offline,
        limit: std::time::Duration::from_secs(args.limit),
        with_suite: args.suite.is_some(),
        suite_limit: std::time::Duration::from_secs(args.suite_limit),
        fail_fast: args.fail_fast,
        supervisor: (supervisor, vec![crate::SUPERVISE.into()]),
    };
    let found = {
        let progress = Progress::start();
        match &args.suite {
            Some(command) => ::verify::suite(&job, command, &progress),
            None => ::verify::verify(&job, &progress),
        }
    };
    let found = found.map_err(|e| {
        let dim = style::DIM;
        for line in e.tail() {
            anstream::eprintln!("{dim}  | {}{dim:#}", crate::render::escape::code(line));
        }
        Failure::input(e.to_string(), e.mend())
    })?;
    let failing = found.suite.as_ref().map_or(0, SuiteProof::failing);
    let code = if found.different > 0 || failing > 0 {
        ExitCode::from(1)
    } else {
        ExitCode::SUCCESS
    };
    match print(&found, args) {
        // Nobody reads any more; what was found stays found.
        Ok(()) | Err(Failure::Closed) => Ok(code),
        Err(failure) => Err(failure),
    }
}

fn print(found: &Proof, args: &Verify) -> Result<(), Failure> {
    match args.format {
        VerifyFormat::Json => super::json(found),
        VerifyFormat::Junit => {
            let mut text = Vec::new();
            match &found.suite {
                Some(tests) => junit::suite(tests, &found.port, &mut text)?,
                None => junit::write(found, &mut text)?,
            }
            std::io::stdout().lock().write_all(&text)?;
            Ok(())
        }
        VerifyFormat::Text => {
            let out = &mut anstream::stdout().lock();
            match &found.suite {
                Some(tests) => suite::write(tests, &found.remarks, out)?,
                None => proof::write(found, out)?,
            }
            Ok(())
        }
    }
}

fn document(dir: &Path) -> Result<PortDocument, Failure> {
    let mend = "name a folder that `migrate port` wrote";
    let path = dir.join(".migrate/port.json");
    let text = std::fs::read(&path)
        .map_err(|e| Failure::input(format!("{}: {e}", path.display()), mend))?;
    serde_json::from_slice(&text)
        .map_err(|e| Failure::input(format!("{}: {e}", path.display()), mend))
}

/// Where the original is: as asked, or as the port's records name it, from here or from beside the port.
fn original(args: &Verify, document: &PortDocument) -> Result<PathBuf, Failure> {
    if let Some(path) = &args.original {
        return if path.exists() {
            Ok(path.clone())
        } else {
            Err(Failure::input(
                format!("{}: no such file or folder", path.display()),
                "check the spelling of --original",
            ))
        };
    }
    let named = PathBuf::from(&document.source);
    let beside = args.dir.parent().map(|p| p.join(&named));
    let neighbour = args
        .dir
        .parent()
        .and_then(|p| Some(p.join(named.file_name()?)));
    [Some(named.clone()), beside, neighbour]
        .into_iter()
        .flatten()
        .find(|p| p.exists())
        .ok_or_else(|| {
            Failure::input(
                format!("the original, {}, is not there", named.display()),
                "say where it is with --original PATH",
            )
        })
}
