//! Why a side has no environment.

use std::path::PathBuf;

/// Why a side has no environment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnvironmentError {
    /// A file that declares requirements cannot be read or understood.
    #[error("{path}: {why}", path = path.display())]
    Declaration {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// No interpreter on this machine is what the tree asks for.
    #[error("no Python {asked} was found; there is {}", if .found.is_empty() { "none at all".to_owned() } else { .found.join(", ") })]
    NoPython {
        /// The versions that would do, and the file that says so.
        asked: String,
        /// Versions that there are.
        found: Vec<String>,
    },
    /// A path that was given as an interpreter is none.
    #[error("{path} is no Python 3.8 or later: {why}", path = path.display())]
    NotPython {
        /// The path.
        path: PathBuf,
        /// What happened when it was run.
        why: String,
    },
    /// The environment was not made before, and may not be made now.
    #[error("no environment for {declared} is in the cache, and --offline forbids making one")]
    Offline {
        /// What declares it.
        declared: String,
    },
    /// The environment could not be made, before anything was installed.
    #[error("{python} cannot make a virtual environment: {}", told(.last, .ended))]
    Make {
        /// The interpreter.
        python: PathBuf,
        /// How the command ended.
        ended: String,
        /// The last lines that it printed.
        last: Vec<String>,
        /// All that it printed.
        log: PathBuf,
    },
    /// What is declared could not be installed.
    #[error("what {declared} requires cannot be installed: {}", told(.last, .ended))]
    Install {
        /// What declares it.
        declared: String,
        /// How the command ended.
        ended: String,
        /// The last lines that it printed.
        last: Vec<String>,
        /// All that it printed.
        log: PathBuf,
    },
    /// The cache cannot be used.
    #[error("{path}: {why}", path = path.display())]
    Cache {
        /// Where.
        path: PathBuf,
        /// What the system said.
        why: String,
    },
}

/// What a command that failed said of it: its last line that begins with `error` as pip's and uv's do, or with the `×`
/// of older uv, and the indented lines after it, where uv says why. Else its last line.
fn told(last: &[String], ended: &str) -> String {
    let begins = |line: &String| {
        let line = line.trim_start();
        let start = line.get(..5);
        line.starts_with('×') || start.is_some_and(|s| s.eq_ignore_ascii_case("error"))
    };
    let at = last.iter().rposition(begins);
    let Some((first, rest)) = last[at.unwrap_or(last.len().saturating_sub(1))..].split_first()
    else {
        return ended.to_owned();
    };
    let drawn = |c: char| c.is_whitespace() || "×│╰├─▶".contains(c);
    let why = rest.iter().take_while(|line| line.starts_with(' '));
    let parts: Vec<&str> = std::iter::once(first)
        .chain(why)
        .map(|line| line.trim_matches(drawn))
        .collect();
    parts.join(" ")
}

impl EnvironmentError {
    /// What to do about it.
    #[must_use]
    pub fn mend(&self) -> String {
        let instead =
            "or name an interpreter that has everything, with --original-python or --port-python";
        match self {
            Self::Declaration { .. } => format!("correct the file, {instead}"),
            Self::NoPython { .. } => format!("install one and put it on PATH, {instead}"),
            Self::NotPython { .. } => {
                "name the interpreter's own file, such as venv/bin/python".into()
            }
            Self::Offline { .. } => format!("run once without --offline, {instead}"),
            Self::Make { log, .. } => format!(
                "{} has the whole story; install Python's venv module or uv, {instead}",
                log.display()
            ),
            Self::Install { log, .. } => format!(
                "{} has the whole story; correct the requirements, {instead}",
                log.display()
            ),
            Self::Cache { .. } => "set MIGRATE_CACHE_DIR to a folder that can be written".into(),
        }
    }

    /// The last lines that a failed command printed; none for other errors.
    #[must_use]
    pub fn last_lines(&self) -> &[String] {
        match self {
            Self::Make { last, .. } | Self::Install { last, .. } => last,
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::told;

    #[test]
    fn what_commands_say() {
        for (log, expected) in [
            ("", "exit status: 1"),
            ("Collecting x\nno network", "no network"),
            // pip 23
            (
                "ERROR: Could not find a version\nERROR: No matching distribution\n",
                "ERROR: No matching distribution",
            ),
            (
                "  error: in a build\n  more\nERROR: Failed to build x\nhint: see above",
                "ERROR: Failed to build x",
            ),
            // uv 0.13
            (
                "Using Python\nerror: No solution\n  cause: Because no x",
                "error: No solution cause: Because no x",
            ),
            // uv 0.4
            (
                "  × No solution found:\n  ╰─▶ Because no x and\n      you require x.",
                "No solution found: Because no x and you require x.",
            ),
        ] {
            let lines: Vec<String> = log.lines().map(str::to_owned).collect();
            assert_eq!(told(&lines, "exit status: 1"), expected, "{log}");
        }
    }
}
