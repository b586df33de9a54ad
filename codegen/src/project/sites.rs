//! Where a command stands: whether it serves the app, and what is around it.

use model::{Analysis, CommandForm, Server};

use crate::targets::{Serving, is_test};

/// What a port is served as.
pub(super) struct Site<'a> {
    /// What the port's own command serves, when that is not what the app's served: a file that the port adds.
    pub own: Option<&'a str>,
    /// What the port's own command serves, with its switch for a factory.
    pub target: &'a [String],
    /// The platform sets `$PORT`, and a shell reads the command.
    pub port_variable: bool,
    /// `FLASK_RUN_HOST` and `FLASK_RUN_PORT` as the file sets them.
    pub flask_run: (Option<String>, Option<String>),
}

/// Where the app is imported from, which is where its commands are run: its folder in the tree, but for `src`,
/// from which packages are installed.
pub(super) fn home(analysis: &Analysis) -> String {
    let mut apps = analysis
        .serving_apps()
        .filter(|app| !is_test(&app.place.file));
    let root = apps.next().map_or("", |app| app.import_root());
    if root == "src/" || root.ends_with("/src/") {
        root.trim_end_matches("src/").to_owned()
    } else {
        root.to_owned()
    }
}

/// Whether a command's own server goes on serving the port.
pub(super) fn stays_itself(server: &Server, serving: Serving) -> Result<(), String> {
    if serving != Serving::Asgi {
        return Ok(());
    }
    let asgi = match server.program.as_str() {
        "uvicorn" => server.interface.as_deref() != Some("wsgi"),
        "granian" => server.interface.as_deref() == Some("asgi"),
        "gunicorn" => server
            .worker_class
            .as_deref()
            .is_some_and(|class| class.contains("uvicorn") || class.contains("asgi")),
        "quart" => true,
        _ => false,
    };
    if asgi {
        return Err("it serves ASGI already".into());
    }
    Ok(())
}

/// Whether a command serves this app, as far as its files tell.
pub(super) fn serves(server: &Server, analysis: &Analysis) -> Result<(), String> {
    let Some(app) = &server.app else {
        return Ok(());
    };
    if matches!(server.program.as_str(), "flask" | "quart" | "uwsgi") || app.starts_with('$') {
        return Ok(());
    }
    let module = app.split([':', '(']).next().unwrap_or(app);
    let module = ["wsgi:", "asgi:"]
        .iter()
        .find_map(|prefix| app.strip_prefix(prefix))
        .map_or(module, |rest| rest.split([':', '(']).next().unwrap_or(rest));
    let path = module.replace('.', "/");
    let known = analysis.files.iter().any(|(file, info)| {
        let stem = file.strip_suffix(".py").unwrap_or(file);
        let stem = stem.strip_suffix("/__init__").unwrap_or(stem);
        info.module == module || stem == path || stem.ends_with(&format!("/{path}"))
    });
    if known {
        Ok(())
    } else {
        Err(format!("`{app}` is none of the app's modules"))
    }
}

/// Whether the platform that reads the file sets `$PORT`, and a shell puts it in.
pub(super) fn sets_port(server: &Server) -> bool {
    let name = server.place.file.rsplit('/').next().unwrap_or("");
    let lower = name.to_ascii_lowercase();
    let shell = server
        .written
        .as_ref()
        .is_some_and(|line| line.form == CommandForm::Shell);
    shell
        && (lower.starts_with("procfile")
            || lower.contains("dockerfile")
            || lower.contains("containerfile")
            || matches!(
                lower.as_str(),
                "app.yaml"
                    | "render.yaml"
                    | "railway.json"
                    | "railway.toml"
                    | "nixpacks.toml"
                    | "app.json"
            ))
}

/// The value that a file gives to a variable.
pub(super) fn variable(text: &str, name: &str) -> Option<String> {
    let (_, rest) = text.split_once(name)?;
    let rest = rest.trim_start_matches(['=', ':', ' ', '"', '\'']);
    let value: String = rest
        .chars()
        .take_while(|c| !c.is_whitespace() && !matches!(c, '"' | '\''))
        .collect();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '-');
    (!value.is_empty() && value.chars().all(plain)).then_some(value)
}
