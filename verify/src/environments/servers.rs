//! Which packages a serving command needs.

use super::requirements::{normal, package};

/// Programs with the packages that have them.
const PROGRAMS: [(&str, &str); 9] = [
    ("daphne", "daphne"),
    ("flask", "flask"),
    ("granian", "granian"),
    ("gunicorn", "gunicorn"),
    ("hypercorn", "hypercorn"),
    ("quart", "quart"),
    ("uvicorn", "uvicorn"),
    ("uwsgi", "uwsgi"),
    ("waitress-serve", "waitress"),
];

/// gunicorn's worker classes (`-k`) that come with other packages: gunicorn/workers/__init__.py `SUPPORTED_WORKERS`,
/// and the ASGI servers' own.
const WORKERS: [(&str, &str); 6] = [
    ("gevent", "gevent"),
    ("eventlet", "eventlet"),
    ("tornado", "tornado"),
    ("uvicorn.workers", "uvicorn"),
    ("uvicorn_worker", "uvicorn-worker"),
    ("meinheld", "meinheld"),
];

/// The packages that a command of a port's records (`run`) needs, its program looked for at the start or after `-m`.
/// Empty for a program that is no package's: `python app.py`, a compiled port.
#[must_use]
pub fn packages(serve: &[String]) -> Vec<String> {
    let Some((program, rest)) = serve.split_first() else {
        return Vec::new();
    };
    let base = program.rsplit('/').next().unwrap_or(program);
    let (name, rest) = match rest {
        [dash, module, rest @ ..] if dash == "-m" && base.starts_with("python") => {
            (module.as_str(), rest)
        }
        _ => (base, rest),
    };
    let find = |list: &[(&str, &str)], fits: &dyn Fn(&str) -> bool| {
        let found = list.iter().find(|(key, _)| fits(key));
        found.map(|(_, package)| (*package).to_owned())
    };
    // `python -m waitress` names the package.
    let normal = package(name).unwrap_or_else(|| normal(name));
    let server =
        find(&PROGRAMS, &|key| key == normal).or_else(|| (normal == "waitress").then_some(normal));
    let Some(server) = server else {
        return Vec::new();
    };
    let mut out = vec![server];
    if out[0] == "gunicorn" {
        let class = rest.iter().enumerate().find_map(|(i, word)| {
            word.strip_prefix("--worker-class=").or_else(|| {
                (word == "-k" || word == "--worker-class")
                    .then(|| rest.get(i + 1).map(String::as_str))?
            })
        });
        out.extend(class.and_then(|class| find(&WORKERS, &|key| class.starts_with(key))));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::packages;

    #[test]
    fn of_commands() {
        for (command, expected) in [
            ("gunicorn -b {host}:{port} app:app", "gunicorn"),
            ("/opt/venv/bin/gunicorn app:app", "gunicorn"),
            ("python -m gunicorn app:app", "gunicorn"),
            ("python3 -m waitress app:app", "waitress"),
            ("waitress-serve --port={port} app:app", "waitress"),
            (
                "gunicorn -k uvicorn.workers.UvicornWorker a:b",
                "gunicorn uvicorn",
            ),
            (
                "gunicorn --worker-class=gevent_pywsgi a:b",
                "gunicorn gevent",
            ),
            ("gunicorn -k gthread a:b", "gunicorn"),
            ("gunicorn a:b -k", "gunicorn"),
            ("uvicorn --host {host} a:b", "uvicorn"),
            ("python app.py", ""),
            ("target/release/app", ""),
            ("", ""),
        ] {
            let words: Vec<String> = command.split_whitespace().map(str::to_owned).collect();
            assert_eq!(packages(&words).join(" "), expected, "{command}");
        }
    }
}
