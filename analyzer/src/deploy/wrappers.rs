//! What may stand in front of a server's command.

use super::options::Program;

/// Commands that run another one: name, and options of theirs that take a value.
const WRAPPERS: &[(&str, &[&str])] = &[
    ("exec", &["-a"]),
    ("env", &["-u", "--unset", "-C", "--chdir"]),
    ("sudo", &["-u", "--user", "-g", "--group"]),
    ("nohup", &[]),
    ("time", &[]),
    ("nice", &["-n"]),
    ("command", &[]),
    ("eval", &[]),
    ("dumb-init", &[]),
    ("tini", &[]),
    ("catatonit", &[]),
    ("setsid", &[]),
    ("stdbuf", &["-o", "-e", "-i"]),
    ("newrelic-admin", &[]),
    ("ddtrace-run", &[]),
    ("uvx", &["--from", "--with", "--python"]),
    ("chpst", &["-u"]),
];

/// Commands whose `run` runs another one.
const RUNNERS: &[&str] = &[
    "poetry",
    "pipenv",
    "uv",
    "pdm",
    "hatch",
    "rye",
    "conda",
    "mamba",
    "micromamba",
    "pixi",
    "pipx",
    "honcho",
    "dotenv",
    "doppler",
    "op",
    "mise",
];

/// Options of those that take a value.
const RUNNER_VALUES: &[&str] = &[
    "-n",
    "--name",
    "-p",
    "--prefix",
    "--python",
    "--with",
    "--env-file",
    "--extra",
    "--group",
    "--directory",
    "--project",
    "-e",
    "--env",
    "--spec",
    "-f",
    "--package",
];

/// Commands whose first argument is a user, and then a command.
const AS_USER: &[&str] = &["gosu", "su-exec", "setuser", "timeout"];

/// The command that another one runs.
pub fn within<'w>(
    name: &str,
    rest: &'w [String],
    assignments: &mut Vec<(String, String)>,
) -> Option<&'w [String]> {
    if AS_USER.contains(&name) {
        let after = skip_options(rest, &["-s", "-k", "--signal", "--kill-after"]);
        return after.get(1..);
    }
    if RUNNERS.contains(&name) {
        let after = skip_options(rest, RUNNER_VALUES);
        if let Some(("run", _)) = after.split_first().map(|(w, r)| (w.as_str(), r)) {
            return Some(skip_options(&after[1..], RUNNER_VALUES));
        }
    }
    // Its options are many, and each takes a value.
    if name == "opentelemetry-instrument" {
        let at = rest.iter().position(|w| Program::find(base(w)).is_some())?;
        return rest.get(at..);
    }
    let (_, values) = WRAPPERS.iter().find(|(n, _)| *n == name)?;
    let mut after = skip_options(rest, values);
    while let Some((variable, value)) = after.first().and_then(|w| w.split_once('=')) {
        if name != "env" && name != "sudo" {
            break;
        }
        assignments.push((variable.to_owned(), value.to_owned()));
        after = &after[1..];
    }
    if matches!(
        after.first().map(String::as_str),
        Some("run-program" | "run")
    ) {
        after = &after[1..];
    }
    Some(after)
}

/// What stands behind options; `--` ends them.
fn skip_options<'w>(mut words: &'w [String], values: &[&str]) -> &'w [String] {
    while let Some((word, rest)) = words.split_first() {
        if word == "--" {
            return rest;
        }
        if !word.starts_with('-') {
            break;
        }
        let takes = values.contains(&word.as_str());
        words = rest.get(usize::from(takes)..).unwrap_or(&[]);
    }
    words
}

/// The text that a shell is told to run.
pub fn inline(rest: &[String]) -> Option<&str> {
    let at = rest
        .iter()
        .position(|w| w.starts_with('-') && !w.starts_with("--") && w.ends_with('c'))?;
    rest.get(at + 1).map(String::as_str)
}

/// The last part of a path, Windows' ending off.
pub fn base(word: &str) -> &str {
    let name = word.rsplit(['/', '\\']).next().unwrap_or(word);
    name.strip_suffix(".exe").unwrap_or(name)
}

pub fn is_python(name: &str) -> bool {
    let version = name
        .strip_prefix("python")
        .or_else(|| name.strip_prefix("pypy"));
    version.is_some_and(|v| v.chars().all(|c| c.is_ascii_digit() || c == '.'))
        || matches!(
            name,
            "${PYTHON}" | "$(PYTHON)" | "$PYTHON" | "py" | "coverage"
        )
}

pub fn is_shell(name: &str) -> bool {
    matches!(name, "sh" | "bash" | "ash" | "dash" | "zsh")
}
