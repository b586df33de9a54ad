//! Making an environment: the commands, in their order.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::cache::refused;
use super::{EnvironmentError, Environments, Wanted};

/// A command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launch {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// The folder that it runs in.
    pub folder: PathBuf,
    /// Variables set for it, over those of this process.
    pub variables: Vec<(String, String)>,
}

/// How a command ended that did not succeed, in words: `exit status: 1`, `No such file or directory`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended(pub String);

/// Runs a command to its end.
pub trait Runner {
    /// Runs it, with no input; what it prints, on both streams, goes to the end of the file `log`.
    ///
    /// # Errors
    /// [`Ended`] when it does not start or does not succeed.
    fn run(&self, launch: &Launch, log: &Path) -> Result<(), Ended>;
}

/// Runs commands as children of this process and nothing more: what they leave running is not stopped.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plain;

impl Runner for Plain {
    fn run(&self, launch: &Launch, log: &Path) -> Result<(), Ended> {
        let run = || {
            let log = File::options().create(true).append(true).open(log)?;
            Command::new(&launch.program)
                .args(&launch.arguments)
                .current_dir(&launch.folder)
                .envs(launch.variables.iter().map(|(n, v)| (n, v)))
                .stdin(Stdio::null())
                .stdout(log.try_clone()?)
                .stderr(log)
                .status()
        };
        let status = run().map_err(|e| Ended(e.to_string()))?;
        if status.success() {
            Ok(())
        } else {
            Err(Ended(status.to_string()))
        }
    }
}

/// What makes environments and installs into them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Installer {
    /// uv, at this path: many times faster.
    Uv(PathBuf),
    /// The interpreter's own venv and pip.
    Pip,
}

impl Installer {
    /// uv where PATH has it, else pip.
    #[must_use]
    pub fn found() -> Self {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::env::split_paths(&path).filter(|folder| folder.is_absolute());
        let mut files = folders.map(|folder| folder.join("uv"));
        files
            .find(|file| file.is_file())
            .map_or(Self::Pip, Self::Uv)
    }
}

/// Requirements as files for pip.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Contents {
    /// Those with hashes. pip wants them for all or for none of a call's requirements, so they are installed
    /// by a call of their own, first.
    pub hashed: String,
    /// The others.
    pub requirements: String,
    /// Constraints.
    pub constraints: String,
}

impl Contents {
    pub fn of(wanted: &Wanted) -> Self {
        let mut out = Self::default();
        let declared = &wanted.requirements;
        for line in &declared.options {
            push(&mut out.hashed, line);
            push(&mut out.requirements, line);
        }
        let options = out.hashed.len();
        for line in &declared.lines {
            let hashed = line.contains("--hash=") || line.contains("--hash ");
            push(
                if hashed {
                    &mut out.hashed
                } else {
                    &mut out.requirements
                },
                line,
            );
        }
        for line in wanted.added() {
            push(&mut out.requirements, line);
        }
        for line in &declared.constraints {
            push(&mut out.constraints, line);
        }
        // Options alone install nothing.
        for text in [&mut out.hashed, &mut out.requirements] {
            if text.len() == options {
                text.clear();
            }
        }
        out
    }
}

fn push(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

/// Makes the environment in `folder`.
pub(super) fn make(
    environments: &Environments<'_>,
    folder: &Path,
    base: &Path,
    wanted: &Wanted,
    contents: &Contents,
    log: &Path,
) -> Result<(), EnvironmentError> {
    let declared = &wanted.requirements;
    let from = fs::metadata(log).map_or(0, |m| m.len());
    let run = |program: &Path, arguments: Vec<OsString>| {
        let launch = Launch {
            program: program.to_owned(),
            arguments,
            // Relative paths in a requirements file that pip is told by variables or its settings.
            folder: declared.root.clone(),
            variables: vec![
                // Settings for installing elsewhere than into the environment.
                ("PIP_USER".into(), "0".into()),
                ("PIP_TARGET".into(), String::new()),
            ],
        };
        environments.runner.run(&launch, log)
    };
    let made = match &environments.installer {
        Installer::Uv(uv) => run(
            uv,
            words(["venv", "--no-project", "--python"])
                .chain([base.into(), folder.into()])
                .collect(),
        ),
        // -I: what PYTHONPATH and the user's site-packages have is not the environment's.
        Installer::Pip => run(
            base,
            words(["-I", "-m", "venv"]).chain([folder.into()]).collect(),
        ),
    };
    made.map_err(|Ended(ended)| EnvironmentError::Make {
        python: base.to_owned(),
        ended,
        last: last_lines(log, from),
        log: log.to_owned(),
    })?;

    let python = folder.join("bin/python");
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::write(&path, text).map_err(|e| refused(&path, &e))?;
        Ok(path)
    };
    let constraints = write("constraints.txt", &contents.constraints)?;
    for (name, text) in [
        ("requirements-hashed.txt", &contents.hashed),
        ("requirements.txt", &contents.requirements),
    ] {
        if text.is_empty() {
            continue;
        }
        let file = write(name, text)?;
        let (program, start): (&Path, Vec<OsString>) = match &environments.installer {
            Installer::Uv(uv) => (
                uv,
                words(["pip", "install", "--python"])
                    .chain([python.clone().into()])
                    .collect(),
            ),
            Installer::Pip => (
                &python,
                words([
                    "-I",
                    "-m",
                    "pip",
                    "install",
                    "--no-input",
                    "--disable-pip-version-check",
                    "--progress-bar=off",
                ])
                .collect(),
            ),
        };
        let mut arguments = start;
        arguments.extend(["-r".into(), file.into()]);
        if !contents.constraints.is_empty() {
            arguments.extend(["-c".into(), constraints.clone().into()]);
        }
        run(program, arguments).map_err(|Ended(ended)| EnvironmentError::Install {
            declared: declared.origin(),
            ended,
            last: last_lines(log, from),
            log: log.to_owned(),
        })?;
    }
    Ok(())
}

fn words<const N: usize>(words: [&str; N]) -> impl Iterator<Item = OsString> {
    words.map(OsString::from).into_iter()
}

/// Lines of a log that an error carries.
const LAST: usize = 20;

/// The last lines of a log from a byte on.
fn last_lines(log: &Path, from: u64) -> Vec<String> {
    let Ok(mut file) = File::open(log) else {
        return Vec::new();
    };
    if file.seek(SeekFrom::Start(from)).is_err() {
        return Vec::new();
    }
    let mut out = VecDeque::with_capacity(LAST);
    for line in BufReader::new(file).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line).trim_end().to_owned();
        if line.is_empty() {
            continue;
        }
        if out.len() == LAST {
            out.pop_front();
        }
        out.push_back(line);
    }
    out.into()
}
