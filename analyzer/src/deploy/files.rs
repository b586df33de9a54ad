//! Which files of a tree may say how the app is started.

use std::path::Path;

/// Folders below the root.
pub const DEPTH: u32 = 2;
/// No file for deployment is larger.
const MAX_BYTES: u64 = 256 << 10;
/// More folders than this are data.
const MAX_FOLDERS: usize = 600;

/// How a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `Procfile`
    Procfile,
    /// `Dockerfile`, `Containerfile`
    Dockerfile,
    /// Compose files and the like, `package.json`
    Yaml,
    /// `fly.toml` and the like
    Toml,
    /// systemd and supervisor
    Unit,
    /// Shell
    Script,
    /// `Makefile`, `justfile`
    Makefile,
    /// A server's own configuration, by the server's name.
    Config(&'static str),
}

/// How a file of that name is read; most are not.
#[must_use]
pub fn kind(name: &str) -> Option<Kind> {
    let lower = name.to_ascii_lowercase();
    let (stem, ending) = lower.rsplit_once('.').unwrap_or((lower.as_str(), ""));
    let has = |word: &str| stem.contains(word);
    Some(match ending {
        _ if lower == "procfile" || lower.starts_with("procfile.") => Kind::Procfile,
        "dockerfile" | "containerfile" => Kind::Dockerfile,
        _ if ["dockerfile", "containerfile"].iter().any(|w| {
            lower
                .strip_prefix(w)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-', '_']))
        }) =>
        {
            Kind::Dockerfile
        }
        "yml" | "yaml"
            if has("compose")
                || has("deployment")
                || matches!(
                    stem,
                    "app" | "render" | "web" | "server" | "service" | "k8s" | "kubernetes"
                ) =>
        {
            Kind::Yaml
        }
        "json" if matches!(stem, "package" | "railway" | "app") => Kind::Yaml,
        "toml" if matches!(stem, "fly" | "railway" | "nixpacks") || has("fly.") => Kind::Toml,
        "service" => Kind::Unit,
        "conf" | "ini" if has("supervisor") => Kind::Unit,
        "sh" | "bash" => Kind::Script,
        "" if matches!(
            stem,
            "entrypoint" | "start" | "run" | "boot" | "docker-entrypoint"
        ) =>
        {
            Kind::Script
        }
        "" if matches!(stem, "makefile" | "gnumakefile" | "justfile") => Kind::Makefile,
        "mk" => Kind::Makefile,
        "py" if has("gunicorn") && (has("conf") || stem == "gunicorn") => Kind::Config("gunicorn"),
        "ini" if has("uwsgi") => Kind::Config("uwsgi"),
        _ => return None,
    })
}

/// The files that may matter, by path.
#[must_use]
pub fn list(base: &Path, depth: u32) -> Vec<(String, Kind)> {
    let mut out = Vec::new();
    let mut open = vec![(String::new(), 0)];
    let mut seen = 0;
    while let Some((folder, at)) = open.pop() {
        seen += 1;
        if seen > MAX_FOLDERS {
            break;
        }
        let Ok(entries) = std::fs::read_dir(base.join(&folder)) else {
            continue;
        };
        for entry in entries.filter_map(Result::ok) {
            let name = entry.file_name();
            let (Some(name), Ok(kind_of)) = (name.to_str(), entry.file_type()) else {
                continue;
            };
            let path = if folder.is_empty() {
                name.to_owned()
            } else {
                format!("{folder}/{name}")
            };
            if kind_of.is_dir() {
                if at < depth && !is_skipped(name) {
                    open.push((path, at + 1));
                }
            } else if let Some(kind) = kind(name) {
                out.push((path, kind));
            }
        }
    }
    out.sort_by(|a, b| a.0.cmp(&b.0));
    out
}

fn is_skipped(name: &str) -> bool {
    name.starts_with('.')
        || matches!(
            name,
            "node_modules"
                | "site-packages"
                | "__pycache__"
                | "venv"
                | "env"
                | "static"
                | "templates"
                | "migrations"
                | "tests"
                | "docs"
        )
}

/// A file's text, if it is one.
#[must_use]
pub fn read(path: &Path) -> Option<String> {
    let metadata = std::fs::metadata(path).ok()?;
    if !metadata.is_file() || metadata.len() > MAX_BYTES {
        return None;
    }
    let bytes = std::fs::read(path).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}
