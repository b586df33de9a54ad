//! The support package that Python ports carry: real files of this project, linted and tested here.

use std::collections::BTreeSet;

/// The package's name in a port.
pub const PACKAGE: &str = "flask_parity";

macro_rules! files {
    ($($name:literal,)+) => {
        /// Every module with its source.
        const FILES: &[(&str, &str)] = &[
            $(($name, include_str!(concat!("../support/python/flask_parity/", $name, ".py"))),)+
        ];
    };
}

files! {
    "__init__", "body", "cli", "config", "context", "errors", "files", "flashing", "hooks",
    "inputs", "lifecycle", "multidict", "request", "responses", "routing", "sessions", "setup",
    "templating", "testing", "testing_cookies", "testing_requests", "testing_responses", "thread",
    "urls", "wire",
}

/// The modules that `used` ones need, themselves included, with their sources, by path in the port.
#[must_use]
pub fn closure(used: &BTreeSet<String>) -> Vec<(String, &'static str)> {
    let mut wanted: BTreeSet<&str> = BTreeSet::from(["__init__"]);
    let mut pending: Vec<&str> = used.iter().map(String::as_str).collect();
    while let Some(name) = pending.pop() {
        let Some((name, text)) = FILES.iter().find(|(n, _)| *n == name) else {
            continue;
        };
        if wanted.insert(name) {
            pending.extend(imports(text));
        }
    }
    FILES
        .iter()
        .filter(|(name, _)| wanted.contains(name))
        .map(|(name, text)| (format!("{PACKAGE}/{name}.py"), *text))
        .collect()
}

/// The package's own modules that a module imports.
fn imports(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        line.trim_start()
            .strip_prefix("from .")?
            .split(" import")
            .next()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_gets_what_it_uses_and_no_more() {
        let names = |used: &[&str]| -> Vec<String> {
            closure(&used.iter().map(|s| (*s).to_owned()).collect())
                .into_iter()
                .map(|(path, _)| path)
                .collect()
        };
        assert_eq!(
            names(&["multidict"]),
            ["flask_parity/__init__.py", "flask_parity/multidict.py"]
        );
        assert!(names(&["setup"]).contains(&"flask_parity/lifecycle.py".to_owned()));
        assert!(!names(&["setup"]).contains(&"flask_parity/cli.py".to_owned()));
    }

    #[test]
    fn no_support_file_names_flask_as_an_import() {
        for (name, text) in FILES {
            for line in text.lines() {
                let line = line.trim_start();
                assert!(
                    !line.starts_with("import flask") && !line.starts_with("from flask "),
                    "{name}: {line}"
                );
                assert!(!line.contains("werkzeug import"), "{name}: {line}");
            }
        }
    }
}
