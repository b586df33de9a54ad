//! Reports as Markdown, for a pull request.

use std::io::Write;

use model::{Analysis, Readiness, Verdict};

use super::{plural, readiness};
use crate::Failure;

/// Prints the readiness report, or the routes where no target was named.
pub fn print(analysis: &Analysis, report: Option<&Readiness>) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    let apps: Vec<String> = analysis
        .serving_apps()
        .map(|a| code(&a.import_name()))
        .collect();
    match report {
        Some(report) => {
            writeln!(out, "## {} → {}\n", apps.join(", "), report.target)?;
            sections(&mut out, report)
        }
        None => {
            writeln!(out, "## {}\n", apps.join(", "))?;
            routes(&mut out, analysis)
        }
    }
}

fn sections(out: &mut impl Write, report: &Readiness) -> Result<(), Failure> {
    writeln!(
        out,
        "**{}**\n",
        text(&capital(&readiness::headline(report)))
    )?;
    let s = &report.summary;
    if s.routes > 0 {
        writeln!(
            out,
            "| routes | native | supported | relayed | refused | changed lines a route | points |"
        )?;
        writeln!(out, "|--:|--:|--:|--:|--:|--:|--:|")?;
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} |",
            s.routes,
            s.native,
            s.supported,
            s.relayed,
            s.refused,
            readiness::changed_lines(report).map_or_else(|| "–".into(), |n| n.to_string()),
            report.effort.points
        )?;
    }
    if !report.obstacles.is_empty() {
        writeln!(out, "\n### In the way of the whole app\n")?;
        for (o, more) in readiness::distinct(report) {
            writeln!(
                out,
                "- {} ({}), {}",
                text(&o.reason.message),
                o.reason.code,
                text(&readiness::places(o, more))
            )?;
        }
    }
    if !report.blockers.is_empty() {
        writeln!(out, "\n### What blocks most\n")?;
        writeln!(out, "| routes | function | why |\n|--:|---|---|")?;
        for b in &report.blockers {
            let why: Vec<String> = b
                .reasons
                .iter()
                .map(|r| format!("{} ({})", text(&r.text()), r.code))
                .collect();
            writeln!(
                out,
                "| {} | {} | {} |",
                b.routes.len(),
                code(&b.function),
                why.join("<br>")
            )?;
        }
    }
    let refused: Vec<_> = report
        .routes
        .iter()
        .filter(|r| r.verdict == Verdict::Refused)
        .collect();
    if !refused.is_empty() {
        writeln!(out, "\n### Routes that are not ported\n")?;
        for r in refused {
            writeln!(
                out,
                "- {} {}",
                code(&format!("{} {}", r.methods.join(","), r.rule)),
                code(&r.endpoint)
            )?;
        }
    }
    if !report.support.is_empty() {
        let lines: u32 = report.support.iter().map(|m| m.lines).sum();
        writeln!(
            out,
            "\n### What the port carries\n\n{}, {lines} lines:\n",
            plural(report.support.len(), "support module")
        )?;
        for module in &report.support {
            writeln!(out, "- {}: {}", code(&module.name), text(&module.summary))?;
        }
    }
    if !report.extensions.is_empty() {
        writeln!(out, "\n### Extensions\n")?;
        writeln!(out, "| extension | the target has | what |\n|---|---|---|")?;
        for extension in &report.extensions {
            let (_, kind, what) = readiness::fate(extension);
            writeln!(
                out,
                "| {} | {kind} | {} |",
                text(&extension.name),
                text(what)
            )?;
        }
    }
    if !report.servers.is_empty() {
        writeln!(out, "\n### What the server does now and would not\n")?;
        for finding in &report.servers {
            let place = code(&format!("{}:{}", finding.place.file, finding.place.line));
            writeln!(
                out,
                "- {} ({}), {place}",
                text(&finding.message),
                finding.code
            )?;
        }
    }
    if !report.effort.items.is_empty() {
        writeln!(
            out,
            "\n### Left to do by hand: {}\n",
            plural(report.effort.points as usize, "point")
        )?;
        writeln!(out, "| points | what | where |\n|--:|---|---|")?;
        for item in &report.effort.items {
            let place = match (&item.file, item.line) {
                (Some(file), Some(line)) => code(&format!("{file}:{line}")),
                (Some(file), None) => code(file),
                _ => String::new(),
            };
            writeln!(out, "| {} | {} | {place} |", item.points, text(&item.what))?;
        }
    }
    Ok(())
}

fn routes(out: &mut impl Write, analysis: &Analysis) -> Result<(), Failure> {
    writeln!(
        out,
        "| methods | rule | endpoint | view |\n|---|---|---|---|"
    )?;
    for route in &analysis.routes {
        let place = match (&route.view, route.is_static) {
            (Some(view), _) => code(&format!("{}:{}", view.file, view.line)),
            (None, true) => "static files".into(),
            (None, false) => "no view".into(),
        };
        writeln!(
            out,
            "| {} | {} | {} | {place} |",
            route.verbs(),
            code(&route.rule),
            code(&route.endpoint)
        )?;
    }
    Ok(())
}

fn capital(sentence: &str) -> String {
    let mut chars = sentence.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// The user's text as a code span: a longer fence where it holds backticks, cells kept apart.
fn code(user: &str) -> String {
    let longest = user.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if user.starts_with('`') || user.ends_with('`') {
        " "
    } else {
        ""
    };
    let user = user.replace('|', "\\|").replace('\n', " ");
    format!("{fence}{pad}{user}{pad}{fence}")
}

/// A sentence that may hold the user's text: nothing in it is markup but code spans.
fn text(sentence: &str) -> String {
    let mut out = String::with_capacity(sentence.len());
    let mut in_code = false;
    for c in sentence.chars() {
        match c {
            '`' => in_code = !in_code,
            '|' => out.push('\\'),
            '<' | '>' | '*' | '_' | '[' | ']' | '\\' | '#' if !in_code => out.push('\\'),
            '\n' => {
                out.push(' ');
                continue;
            }
            _ => {}
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_text_is_no_markup() {
        assert_eq!(code("a`b|c"), "``a`b\\|c``");
        assert_eq!(
            text("use `a_b|c` in <b>_x_"),
            "use `a_b\\|c` in \\<b\\>\\_x\\_"
        );
    }
}
