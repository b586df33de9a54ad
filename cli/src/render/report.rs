//! The report of `analyze` for people.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use model::{Analysis, Certainty, Extension, Route, Server};

use super::{findings, plural, style};
use crate::Failure;

/// Routes shown of a group, and findings shown in all, on a terminal.
const FOLD: usize = 12;

/// Prints apps, routes by blueprint, findings and a summary line.
pub fn print(
    analysis: &Analysis,
    root: &Path,
    folded: bool,
    elapsed: Duration,
) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    let (bold, dim) = (style::BOLD, style::DIM);
    for app in &analysis.apps {
        writeln!(
            out,
            "{bold}{}{bold:#}  {}  {dim}{}:{}{dim:#}",
            app.import_name(),
            app.framework,
            app.place.file,
            app.place.line
        )?;
    }
    writeln!(out)?;
    let mut groups: BTreeMap<&str, Vec<&Route>> = BTreeMap::new();
    for route in &analysis.routes {
        groups
            .entry(route.blueprint.as_deref().unwrap_or(""))
            .or_default()
            .push(route);
    }
    let cap = |n: usize, most: usize| n.min(most);
    let verbs = analysis
        .routes
        .iter()
        .map(|r| r.verbs().len())
        .max()
        .unwrap_or(0);
    let rules = analysis
        .routes
        .iter()
        .map(|r| r.rule.chars().count())
        .max()
        .unwrap_or(0);
    let names = analysis
        .routes
        .iter()
        .map(|r| r.endpoint.chars().count())
        .max()
        .unwrap_or(0);
    let (verbs, rules, names) = (cap(verbs, 20), cap(rules, 48), cap(names, 40));
    for (name, routes) in &groups {
        if !name.is_empty() {
            writeln!(out, "{bold}{name}{bold:#}")?;
        }
        let shown = if folded && routes.len() > FOLD + 1 {
            FOLD
        } else {
            routes.len()
        };
        for route in &routes[..shown] {
            let place = match (&route.view, route.is_static) {
                (Some(view), _) => format!("{}:{}", view.file, view.line),
                (None, true) => "static files".into(),
                (None, false) => "no view".into(),
            };
            let mark = match route.certainty {
                Certainty::Certain => "",
                Certainty::Conditional => "  (conditional)",
                Certainty::Partial => "  (partly known)",
            };
            let warn = style::WARN;
            writeln!(
                out,
                "  {:<verbs$}  {:<rules$}  {dim}{:<names$}  {place}{dim:#}{warn}{mark}{warn:#}",
                route.verbs(),
                route.rule,
                route.endpoint,
            )?;
        }
        if shown < routes.len() {
            writeln!(
                out,
                "  {dim}… {} more (--all shows them){dim:#}",
                routes.len() - shown
            )?;
        }
    }
    around(&mut out, analysis)?;
    let shown = if folded {
        analysis.findings.len().min(FOLD)
    } else {
        analysis.findings.len()
    };
    if shown > 0 {
        writeln!(out)?;
        findings::print(&analysis.findings[..shown], root, &mut out)?;
        if shown < analysis.findings.len() {
            let rest = analysis.findings.len() - shown;
            writeln!(out, "{dim}… {rest} more findings (--all shows them){dim:#}")?;
        }
    }
    let count = |c| analysis.routes.iter().filter(|r| r.certainty == c).count();
    let mut parts = vec![plural(analysis.routes.len(), "route")];
    for (n, word) in [
        (count(Certainty::Conditional), "conditional"),
        (count(Certainty::Partial), "partly known"),
    ] {
        if n > 0 {
            parts.push(format!("{n} {word}"));
        }
    }
    parts.push(plural(analysis.apps.len(), "app"));
    parts.push(plural(analysis.blueprints.len(), "blueprint"));
    if !analysis.templates.is_empty() {
        parts.push(plural(analysis.templates.len(), "template"));
    }
    if !analysis.extensions.is_empty() {
        parts.push(plural(analysis.extensions.len(), "extension"));
    }
    parts.push(plural(analysis.findings.len(), "finding"));
    parts.push(format!("{} ms", elapsed.as_millis()));
    writeln!(out, "\n{}", parts.join(" · "))?;
    Ok(())
}

/// What stands around the routes: extensions and servers.
fn around(out: &mut impl Write, analysis: &Analysis) -> Result<(), Failure> {
    let (bold, dim) = (style::BOLD, style::DIM);
    if !analysis.extensions.is_empty() {
        writeln!(out, "\n{bold}Extensions{bold:#}")?;
        let names = analysis.extensions.iter().map(|e| e.name.chars().count());
        let width = names.max().unwrap_or(0).min(32);
        let made_of = |extension: &Extension| match extension.underneath.as_slice() {
            [] if extension.known => "of its own".to_owned(),
            [] => "not known".to_owned(),
            parts => format!("on {}", parts.join(", ")),
        };
        let parts = analysis
            .extensions
            .iter()
            .map(|e| made_of(e).chars().count());
        let made = parts.max().unwrap_or(0).min(40);
        for extension in &analysis.extensions {
            let underneath = made_of(extension);
            writeln!(
                out,
                "  {:<width$}  {underneath:<made$}  {dim}{}:{}{dim:#}",
                extension.name, extension.place.file, extension.place.line
            )?;
        }
    }
    if !analysis.servers.is_empty() {
        writeln!(out, "\n{bold}Servers{bold:#}")?;
        for server in &analysis.servers {
            writeln!(
                out,
                "  {:<9}  {}  {dim}{}:{}{dim:#}",
                server.program,
                settings(server),
                server.place.file,
                server.place.line
            )?;
        }
    }
    Ok(())
}

/// What a command line says of a server, as far as it matters for a move.
fn settings(server: &Server) -> String {
    let mut parts: Vec<String> = server.app.iter().cloned().collect();
    for (what, value) in [("workers", &server.workers), ("threads", &server.threads)] {
        if let Some(value) = value {
            parts.push(format!("{what} {value}"));
        }
    }
    if let Some(class) = &server.worker_class {
        parts.push(class.clone());
    }
    parts.extend(
        server
            .bind
            .iter()
            .map(|bind| format!("on {}", bind.address)),
    );
    parts.join(", ")
}
