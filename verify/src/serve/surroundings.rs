//! Where the commands of a side run, and with what variables.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::command::{Invocation, Program};
use super::protocol::Launch;

/// Variables of a person's shell that would change what a side does: which interpreter and modules it takes, and a proxy
/// for what it asks of others.
const REMOVED: &[&str] = &[
    "VIRTUAL_ENV",
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHONSAFEPATH",
    "PYTHONOPTIMIZE",
    "GUNICORN_CMD_ARGS",
    "http_proxy",
    "https_proxy",
    "ftp_proxy",
    "all_proxy",
    "no_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "FTP_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
];

/// Where the commands of a side run, and with what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// The side's copy of its tree, and the folder that its commands run in.
    pub folder: PathBuf,
    /// The interpreter of its environment; the commands of its packages are beside it. None for a side without Python.
    pub python: Option<PathBuf>,
    /// Variables on top of those of `migrate`: `env` under `[app]`, `CARGO_TARGET_DIR`.
    pub variables: BTreeMap<String, String>,
}

impl Surroundings {
    /// How an invocation is started here. A command of a Python package is its script beside the interpreter, or the
    /// interpreter with `-m`; other programs are looked up beside the interpreter, then on PATH.
    #[must_use]
    pub fn launch(&self, invocation: &Invocation, log: &Path) -> Launch {
        let python = || self.python.clone().unwrap_or_else(|| "python3".into());
        let mut arguments = Vec::new();
        let program = match &invocation.program {
            Program::Python => python(),
            Program::Package(name) => self.script(name).unwrap_or_else(|| {
                arguments.extend(["-m".to_owned(), name.clone()]);
                python()
            }),
            // A path is the side's own: `target/release/app`.
            Program::Named(name) if name.contains('/') => self.folder.join(name),
            Program::Named(name) => self.script(name).unwrap_or_else(|| name.into()),
        };
        arguments.extend(invocation.arguments.iter().cloned());
        let mut variables = self.variables();
        variables.extend(invocation.variables.clone());
        Launch {
            program,
            arguments,
            folder: self.folder.clone(),
            variables,
            log: log.to_owned(),
        }
    }

    /// How a line for the shell (`setup` in `migrate.toml`) is started here.
    #[must_use]
    pub fn shell(&self, line: &str, log: &Path) -> Launch {
        let invocation = Invocation {
            program: Program::Named("/bin/sh".into()),
            arguments: vec!["-c".into(), line.into()],
            ..Invocation::default()
        };
        self.launch(&invocation, log)
    }

    /// The script of that name beside the interpreter.
    pub(super) fn script(&self, name: &str) -> Option<PathBuf> {
        let script = self.python.as_ref()?.parent()?.join(name);
        (!name.contains('/') && script.is_file()).then_some(script)
    }

    fn variables(&self) -> BTreeMap<String, Option<String>> {
        let mut out: BTreeMap<String, Option<String>> =
            REMOVED.iter().map(|n| ((*n).to_owned(), None)).collect();
        // Bytecode files would be written into the copies; a log has to be there before the process ends.
        for name in ["PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"] {
            out.insert(name.into(), Some("1".into()));
        }
        if let Some(path) = self.path() {
            out.insert("PATH".into(), Some(path));
        }
        let given = self.variables.iter();
        out.extend(given.map(|(n, v)| (n.clone(), Some(v.clone()))));
        out
    }

    /// PATH as in an activated environment: what an app starts by name comes from its own.
    fn path(&self) -> Option<String> {
        let scripts = self.python.as_ref()?.parent()?.to_owned();
        let inherited = std::env::var_os("PATH").unwrap_or_default();
        let all = std::iter::once(scripts).chain(std::env::split_paths(&inherited));
        std::env::join_paths(all).ok()?.into_string().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::command::taken_apart;

    #[test]
    fn a_package_runs_by_its_script_or_by_the_interpreter() {
        let place = tempfile::tempdir().unwrap();
        let bin = place.path().join("bin");
        std::fs::create_dir(&bin).unwrap();
        for name in ["python", "gunicorn", "tool"] {
            std::fs::write(bin.join(name), "").unwrap();
        }
        let surroundings = Surroundings {
            folder: "/side".into(),
            python: Some(bin.join("python")),
            variables: BTreeMap::from([("KEY".into(), "a".into()), ("BOTH".into(), "a".into())]),
        };
        for (line, program, arguments) in [
            ("gunicorn a:b", bin.join("gunicorn"), &["a:b"][..]),
            (
                "uvicorn a:b",
                bin.join("python"),
                &["-m", "uvicorn", "a:b"][..],
            ),
            ("python3 app.py", bin.join("python"), &["app.py"][..]),
            ("tool x", bin.join("tool"), &["x"][..]),
            ("elsewhere x", "elsewhere".into(), &["x"][..]),
            ("target/tool x", "/side/target/tool".into(), &["x"][..]),
            ("/bin/tool x", "/bin/tool".into(), &["x"][..]),
        ] {
            let line: Vec<String> = line.split(' ').map(str::to_owned).collect();
            let launch = surroundings.launch(&taken_apart(&line).unwrap(), Path::new("/log"));
            assert_eq!(launch.program, program, "{line:?}");
            assert_eq!(launch.arguments, arguments, "{line:?}");
        }
        let line = ["env", "BOTH=b", "tool"].map(str::to_owned);
        let launch = surroundings.launch(&taken_apart(&line).unwrap(), Path::new("/log"));
        let value = |name: &str| launch.variables[name].as_deref();
        assert_eq!(value("KEY"), Some("a"));
        assert_eq!(value("BOTH"), Some("b"), "the command's own wins");
        assert_eq!(value("https_proxy"), None);
        assert_eq!(value("PYTHONUNBUFFERED"), Some("1"));
        let path = value("PATH").unwrap();
        assert!(path.starts_with(bin.to_str().unwrap()), "{path}");
    }
}
