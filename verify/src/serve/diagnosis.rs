//! What a log says about why a side does not start, where it is plain.

use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

/// Why a side does not start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Diagnosis {
    /// A module is not installed.
    Missing(String),
    /// A module is installed in a version that lacks what is imported from it: the import's error.
    Mismatched(String),
    /// Code that this interpreter cannot read: the file.
    Syntax(String),
    /// A variable is not set.
    Variable(String),
    /// The server does not find the app: the server's words.
    NoApp(String),
    /// Somebody else listens on the port.
    AddressInUse,
    /// A program or a shared library is missing: the system's words.
    NoFile(String),
}

/// The patterns, each with what its first group is.
type Row = (&'static str, fn(String) -> Diagnosis);

/// As CPython 3.8–3.14, gunicorn, uvicorn, hypercorn, granian and Rust's standard library say it. The first that fits counts.
const ROWS: &[Row] = &[
    (
        r"(?i)(address already in use|connection in use|os error 98\b|errno 98\b|os error 48\b|errno 48\b)",
        |_| Diagnosis::AddressInUse,
    ),
    (
        r"(?m)ModuleNotFoundError: No module named '([^']+)'",
        Diagnosis::Missing,
    ),
    (
        r#"(?m)^\S+: (?:Error while finding module specification for '[^']+' \(ModuleNotFoundError: )?No module named '?([\w.]+)"#,
        Diagnosis::Missing,
    ),
    (
        r#"(?m)(?:ImportError: (cannot import name .+?) \()"#,
        Diagnosis::Mismatched,
    ),
    (
        r"(?m)ImportError: (cannot import name .+)$",
        Diagnosis::Mismatched,
    ),
    (
        r#"(?m)File "([^"]+)", line \d+\n(?:.*\n){1,3}\s*(?:SyntaxError|IndentationError|TabError): "#,
        Diagnosis::Syntax,
    ),
    (
        r#"(?m)os\.environ\[[^\n]*\n(?:.*\n)*?\s*KeyError: '([A-Za-z_]\w*)'"#,
        Diagnosis::Variable,
    ),
    (
        r"(?m)(Failed to find attribute '[^']+' in '[^']+')",
        Diagnosis::NoApp,
    ),
    (
        r#"(?m)(Attribute "[^"]+" not found in module "[^"]+")"#,
        Diagnosis::NoApp,
    ),
    (
        r"(?m)(cannot open shared object file: .+|error while loading shared libraries: [^:]+)",
        Diagnosis::NoFile,
    ),
];

/// Reads the end of a log.
#[must_use]
pub fn diagnose(log: &str) -> Option<Diagnosis> {
    static PATTERNS: LazyLock<Vec<Option<Regex>>> =
        LazyLock::new(|| ROWS.iter().map(|(p, _)| Regex::new(p).ok()).collect());
    ROWS.iter()
        .zip(PATTERNS.iter())
        .find_map(|((_, make), pattern)| {
            let found = pattern.as_ref()?.captures(log)?;
            Some(make(found.get(1)?.as_str().trim_end().to_owned()))
        })
}

impl Diagnosis {
    /// What is wrong, in a line.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Missing(module) => format!("module `{module}` is not installed"),
            Self::Mismatched(error) => error.clone(),
            Self::Syntax(file) => format!("{file} is no Python for this interpreter"),
            Self::Variable(name) => format!("variable {name} is not set"),
            Self::NoApp(error) => error.clone(),
            Self::AddressInUse => "its port is taken".into(),
            Self::NoFile(error) => error.clone(),
        }
    }

    /// What to do about it; `flag` names the interpreter of that side, `folder` is where it runs.
    #[must_use]
    pub fn mend(&self, flag: &str, folder: &Path) -> String {
        match self {
            Self::Missing(module) => {
                let top = module.split('.').next().unwrap_or(module);
                let own = folder.join(top).is_dir() || folder.join(format!("{top}.py")).is_file();
                if own {
                    format!(
                        "`{top}` is the app's own: run it from the folder that it is imported from (`cwd` under [app] in migrate.toml)"
                    )
                } else {
                    format!(
                        "declare the package of `{top}` in requirements.txt, or give {flag} an interpreter that has it"
                    )
                }
            }
            Self::Mismatched(_) => format!(
                "pin the versions that the app runs with in requirements.txt, or give {flag} an interpreter that has them"
            ),
            Self::Syntax(_) => {
                format!("give {flag} an interpreter of the version that the app runs with")
            }
            Self::Variable(name) => {
                format!("set it under [app] in migrate.toml: env = {{ {name} = \"…\" }}")
            }
            Self::NoApp(_) => "name the app in migrate.toml: `app` under [app]".into(),
            Self::AddressInUse => "stop what takes ports there, and try again".into(),
            Self::NoFile(_) => "install the library or program".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_logs_say() {
        let missing = |m: &str| Some(Diagnosis::Missing(m.into()));
        for (log, expected) in [
            (
                "Traceback:\n  x\nModuleNotFoundError: No module named 'flask_login'\n",
                missing("flask_login"),
            ),
            (
                "/env/bin/python: No module named gunicorn\n",
                missing("gunicorn"),
            ),
            (
                "/env/bin/python: Error while finding module specification for 'a.b' (ModuleNotFoundError: No module named 'a')\n",
                missing("a"),
            ),
            (
                "ImportError: cannot import name 'url_quote' from 'werkzeug.urls' (/env/lib/x.py)\n",
                Some(Diagnosis::Mismatched(
                    "cannot import name 'url_quote' from 'werkzeug.urls'".into(),
                )),
            ),
            (
                "  File \"/a/b.py\", line 3\n    match x:\n          ^\nSyntaxError: invalid syntax\n",
                Some(Diagnosis::Syntax("/a/b.py".into())),
            ),
            (
                "  File \"a.py\", line 1\n    K = os.environ[\"KEY\"]\n  File \"<frozen os>\", line 714\nKeyError: 'KEY'\n",
                Some(Diagnosis::Variable("KEY".into())),
            ),
            (
                "Failed to find attribute 'application' in 'app'.\n",
                Some(Diagnosis::NoApp(
                    "Failed to find attribute 'application' in 'app'".into(),
                )),
            ),
            (
                "[ERROR] Connection in use: ('127.0.0.1', 8000)\n",
                Some(Diagnosis::AddressInUse),
            ),
            (
                "ERROR:    [Errno 98] error while attempting to bind on address ('127.0.0.1', 8000): address already in use\n",
                Some(Diagnosis::AddressInUse),
            ),
            (
                "Error: Os { code: 98, kind: AddrInUse, message: \"Address already in use\" }\n",
                Some(Diagnosis::AddressInUse),
            ),
            ("KeyError: 'x'\n", None),
            ("", None),
        ] {
            assert_eq!(diagnose(log), expected, "{log}");
        }
    }

    #[test]
    fn every_pattern_compiles() {
        for (pattern, _) in ROWS {
            assert!(Regex::new(pattern).is_ok(), "{pattern}");
        }
    }

    #[test]
    fn an_apps_own_module_is_not_declared() {
        let place = tempfile::tempdir().unwrap();
        std::fs::write(place.path().join("blog.py"), "").unwrap();
        let mend = |m: &str| Diagnosis::Missing(m.into()).mend("--port-python", place.path());
        assert!(mend("blog.db").contains("`cwd`"));
        assert!(mend("yaml").contains("requirements.txt, or give --port-python"));
    }
}
