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
    "__init__",
    "asgi",
    "attributes",
    "babel",
    "babelchoice",
    "babelformats",
    "babeltexts",
    "body",
    "bodystream",
    "chameleon",
    "cli",
    "compress",
    "conditions",
    "config",
    "context",
    "converters",
    "cookies",
    "cors",
    "csrf",
    "database",
    "dialect",
    "embedding",
    "environ",
    "errors",
    "exceptions",
    "failures",
    "fastapi",
    "fields",
    "filefields",
    "files",
    "flashing",
    "foreign",
    "forms",
    "ground",
    "handover",
    "headers",
    "headervalues",
    "hooks",
    "inflight",
    "injection",
    "inputs",
    "jsontext",
    "lifecycle",
    "listeners",
    "login",
    "logs",
    "mail",
    "mailmessage",
    "matchedrule",
    "migrations",
    "models",
    "multidict",
    "multipart",
    "pages",
    "pagination",
    "passwords",
    "precedence",
    "proxies",
    "quart",
    "quart_context",
    "quart_files",
    "quart_inputs",
    "quart_request",
    "quart_response",
    "quart_templating",
    "recovery",
    "relay",
    "request",
    "requestheaders",
    "requesturl",
    "responses",
    "robyn",
    "robynexchange",
    "robynflask",
    "robynpaths",
    "robynserving",
    "robynslashes",
    "robynwsgi",
    "routing",
    "rules",
    "schema",
    "schemafields",
    "schemamodels",
    "schemas",
    "sending",
    "serve",
    "sessions",
    "setup",
    "shape",
    "slashes",
    "stages",
    "starlette",
    "statuses",
    "templating",
    "testing",
    "testing_cookies",
    "testing_requests",
    "testing_responses",
    "testing_rules",
    "thread",
    "typing",
    "uploads",
    "urlmap",
    "urls",
    "users",
    "views",
    "wire",
    "wsgi",
}

/// What the package stands on: the module `ground`, and nothing else of it differs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ground {
    /// Starlette, for every port on ASGI.
    #[default]
    Asgi,
    /// Robyn, which has nothing of it: small classes of the package's own.
    Robyn,
}

/// What renders page templates: the module `pages`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Engine {
    /// Chameleon.
    #[default]
    Chameleon,
    /// chameleon-rs, in Rust.
    ChameleonRs,
}

/// The engine in Rust.
const CHAMELEON_RS: &str = include_str!("../support/python/grounds/chameleon_rs.py");

/// The ground under Robyn.
const ROBYN: &str = include_str!("../support/python/grounds/robyn.py");

/// The modules that `used` ones need, themselves included, with their sources, by path in the port.
#[must_use]
pub fn closure(
    used: &BTreeSet<String>,
    ground: Ground,
    engine: Engine,
) -> Vec<(String, &'static str)> {
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
        .map(|(name, text)| {
            let text = match (*name, ground, engine) {
                ("ground", Ground::Robyn, _) => ROBYN,
                ("pages", _, Engine::ChameleonRs) => CHAMELEON_RS,
                _ => text,
            };
            (format!("{PACKAGE}/{name}.py"), text)
        })
        .collect()
}

/// The package's own modules that a module imports: `from .urls import …`, `from . import urls, hooks`.
fn imports(text: &str) -> impl Iterator<Item = &str> {
    text.lines().flat_map(|line| {
        let line = line.trim_start();
        let names = line.strip_prefix("from . import ").unwrap_or("");
        let module = line
            .strip_prefix("from .")
            .and_then(|rest| rest.split(" import").next())
            .unwrap_or("");
        names
            .split(',')
            .map(|name| name.split(" as ").next().unwrap_or(name).trim())
            .chain([module])
            .filter(|name| !name.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_gets_what_it_uses_and_no_more() {
        let names = |used: &[&str]| -> Vec<String> {
            closure(
                &used.iter().map(|s| (*s).to_owned()).collect(),
                Ground::Asgi,
                Engine::Chameleon,
            )
            .into_iter()
            .map(|(path, _)| path)
            .collect()
        };
        assert_eq!(
            names(&["statuses"]),
            ["flask_parity/__init__.py", "flask_parity/statuses.py"]
        );
        assert!(names(&["asgi"]).contains(&"flask_parity/lifecycle.py".to_owned()));
        assert!(!names(&["setup"]).contains(&"flask_parity/cli.py".to_owned()));
    }

    #[test]
    fn every_module_of_the_folder_can_be_carried() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/support/python/flask_parity");
        let mut there: Vec<String> = std::fs::read_dir(folder)
            .expect("the support package")
            .flatten()
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter_map(|name| name.strip_suffix(".py").map(str::to_owned))
            .collect();
        there.sort();
        let listed: Vec<&str> = FILES.iter().map(|(name, _)| *name).collect();
        assert_eq!(there, listed);
    }

    #[test]
    fn only_what_a_fastapi_port_asks_for_imports_fastapi() {
        let own = ["fastapi", "inputs", "quart_inputs"];
        for (name, text) in FILES.iter().filter(|(name, _)| !own.contains(name)) {
            for line in text.lines().map(str::trim_start) {
                assert!(
                    !line.starts_with("from fastapi") && !line.starts_with("import fastapi"),
                    "{name}: {line}"
                );
                let module = line
                    .strip_prefix("from .")
                    .and_then(|l| l.split(' ').next());
                assert!(module.is_none_or(|m| !own.contains(&m)), "{name}: {line}");
            }
        }
    }

    #[test]
    fn no_support_file_names_flask_as_an_import() {
        // What is left to Flask needs it; Werkzeug is only imported where a rare attribute is asked for.
        let relay = ["embedding", "handover", "robynflask"];
        for (name, text) in FILES.iter().filter(|(name, _)| !relay.contains(name)) {
            for line in text.lines() {
                let words = line.trim_start();
                assert!(
                    !words.starts_with("import flask\n")
                        && words != "import flask"
                        && !words.starts_with("from flask "),
                    "{name}: {line}"
                );
                assert!(
                    !line.starts_with("from werkzeug") && !line.starts_with("import werkzeug"),
                    "{name}: {line}"
                );
            }
        }
    }
}
