//! Configuration files that a command names with `-c` and the like, where they lie in the tree.

use model::Server;

use super::options::{Field, Program};
use super::settings::{self, Setting};
use super::{Starts, files, gunicorn_config};

/// The settings of the file that a command names, or of the one that its server takes unasked.
pub fn settings(
    starts: &Starts<'_>,
    program: &'static Program,
    named: Option<&str>,
    from: &str,
) -> Vec<Setting> {
    let name = match (named, program.name) {
        (Some(name), _) => name,
        (None, "gunicorn") => "gunicorn.conf.py",
        (None, _) => return Vec::new(),
    };
    find(starts, name, from)
        .and_then(|text| parse(program, name, &text))
        .unwrap_or_default()
}

/// The server of a configuration file that no command names.
pub fn alone(path: &str, program: &str, starts: &Starts<'_>) -> Option<Server> {
    let program = Program::find(program)?;
    let text = files::read(&starts.root?.join(path))?;
    let list = parse(program, path, &text)?;
    // Something must be set that only this server's configuration sets.
    list.iter().find(|s| s.field.is_some())?;
    let mut server = Server {
        program: program.name.into(),
        place: super::place(path, 1),
        config: Some(path.to_owned()),
        ..Server::default()
    };
    settings::apply(&mut server, program, list, Vec::new());
    Some(server)
}

fn parse(program: &Program, name: &str, text: &str) -> Option<Vec<Setting>> {
    match (program.name, name.rsplit('.').next()?) {
        ("gunicorn", _) => Some(gunicorn_config::settings(program, text)),
        ("hypercorn", "toml") => hypercorn(program, text),
        ("hypercorn", _) => Some(gunicorn_config::settings(program, text)),
        ("uwsgi", "ini") => Some(uwsgi(program, text)),
        _ => None,
    }
}

/// Looks where the command stands and at the root, with folders of another machine taken off the front.
fn find(starts: &Starts<'_>, name: &str, from: &str) -> Option<String> {
    let root = starts.root?;
    let name = name.strip_prefix("file:").unwrap_or(name);
    let dotted;
    let name = match name.strip_prefix("python:") {
        Some(module) => {
            dotted = format!("{}.py", module.replace('.', "/"));
            dotted.as_str()
        }
        None => name,
    };
    let parts: Vec<&str> = name
        .split('/')
        .filter(|p| !p.is_empty() && *p != ".")
        .collect();
    if parts.contains(&"..") || parts.iter().any(|p| p.contains(['$', '\\'])) {
        return None;
    }
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    (0..parts.len()).find_map(|skip| {
        let path = parts[skip..].join("/");
        files::read(&root.join(folder).join(&path)).or_else(|| files::read(&root.join(&path)))
    })
}

fn hypercorn(program: &Program, text: &str) -> Option<Vec<Setting>> {
    let table: toml::Table = text.parse().ok()?;
    Some(
        table
            .iter()
            .map(|(name, value)| Setting::new(program.setting(name), name, Some(plain(value))))
            .collect(),
    )
}

/// Lists with commas between.
fn plain(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

/// `[uwsgi]` of an ini file. A switch is written `name = true`.
fn uwsgi(program: &Program, text: &str) -> Vec<Setting> {
    let mut inside = false;
    let mut out = Vec::new();
    for row in text.lines().map(str::trim) {
        if let Some(section) = row.strip_prefix('[') {
            inside = section.starts_with("uwsgi");
        } else if inside && !row.starts_with(['#', ';']) && !row.is_empty() {
            let (name, value) = row.split_once('=').unwrap_or((row, "true"));
            let (name, value) = (name.trim(), value.trim());
            let field = program.setting(name).filter(|f| *f != Field::Config);
            out.push(Setting::new(field, name, Some(value.to_owned())));
        }
    }
    out
}
