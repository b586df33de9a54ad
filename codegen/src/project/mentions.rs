//! What is still said of the framework and its servers in files that are not rewritten.

use super::requirements::{Dependencies, normal};
use crate::targets::Serving;

/// Files that people and machines read beside those whose commands are known.
fn is_around(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    path.starts_with(".github/workflows/")
        || name.starts_with(".env")
        || matches!(
            name,
            ".flaskenv"
                | ".gitlab-ci.yml"
                | ".travis.yml"
                | "tox.ini"
                | "noxfile.py"
                | "Vagrantfile"
                | "setup.cfg"
                | "uwsgi.ini"
                | "Jenkinsfile"
                | "azure-pipelines.yml"
        )
        || path.starts_with(".circleci/")
}

/// What is still said of the framework and its servers in files that are not rewritten.
pub(crate) fn mentions(
    listed: &[String],
    read: impl Fn(&str) -> Option<String>,
    dependencies: &Dependencies,
    serving: Serving,
) -> Vec<String> {
    let gone = |word: &str| {
        dependencies
            .remove
            .iter()
            .any(|r| normal(r) == normal(word))
    };
    let framework: &[&str] = if gone("flask") {
        &["flask run", "FLASK_APP", "FLASK_DEBUG", "FLASK_ENV"]
    } else {
        &["flask run"]
    };
    let servers: &[&str] = match serving {
        Serving::Asgi | Serving::Program => &["gunicorn ", "waitress-serve", "uwsgi "],
        Serving::Alone | Serving::Circus => &[
            "gunicorn ",
            "waitress-serve",
            "uwsgi ",
            "uvicorn ",
            "granian ",
            "hypercorn ",
        ],
    };
    let words = [framework, servers].concat();
    listed
        .iter()
        .filter(|path| is_around(path))
        .filter_map(|path| {
            let text = read(path)?;
            let said: Vec<String> = words
                .iter()
                .filter(|word| text.contains(*word))
                .map(|word| format!("`{}`", word.trim()))
                .collect();
            (!said.is_empty())
                .then(|| format!("{path} still says {}: look it over", said.join(", ")))
        })
        .collect()
}
