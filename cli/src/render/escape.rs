//! The user's text on a terminal or a page: control characters are shown, not obeyed.

use model::port::Reason;
use model::{Analysis, Place, Readiness};

/// Shows control characters in everything of an analysis that people are shown.
pub fn analysis(analysis: &mut Analysis) {
    for app in &mut analysis.apps {
        clean(&mut app.name);
        clean(&mut app.module);
        app.factory.iter_mut().for_each(clean);
        place(&mut app.place);
    }
    for route in &mut analysis.routes {
        clean(&mut route.rule);
        clean(&mut route.endpoint);
        route.methods.iter_mut().for_each(clean);
        route.blueprint.iter_mut().for_each(clean);
        route.view.iter_mut().for_each(|view| clean(&mut view.file));
    }
    for finding in &mut analysis.findings {
        clean(&mut finding.message);
        place(&mut finding.place);
    }
    for extension in &mut analysis.extensions {
        clean(&mut extension.name);
        place(&mut extension.place);
    }
    for server in &mut analysis.servers {
        server.app.iter_mut().for_each(clean);
        server.workers.iter_mut().for_each(clean);
        server.threads.iter_mut().for_each(clean);
        server.worker_class.iter_mut().for_each(clean);
        server.bind.iter_mut().for_each(|b| clean(&mut b.address));
        place(&mut server.place);
    }
    if let Some(report) = &mut analysis.readiness {
        readiness(report);
    }
}

fn readiness(report: &mut Readiness) {
    for route in &mut report.routes {
        clean(&mut route.rule);
        clean(&mut route.endpoint);
        route.methods.iter_mut().for_each(clean);
    }
    for obstacle in &mut report.obstacles {
        clean(&mut obstacle.file);
        reason(&mut obstacle.reason);
    }
    for blocker in &mut report.blockers {
        clean(&mut blocker.function);
        clean(&mut blocker.file);
        blocker.reasons.iter_mut().for_each(reason);
    }
    for extension in &mut report.extensions {
        clean(&mut extension.name);
        clean(&mut extension.file);
    }
    for finding in &mut report.servers {
        clean(&mut finding.message);
        place(&mut finding.place);
    }
    for item in &mut report.effort.items {
        clean(&mut item.what);
        item.file.iter_mut().for_each(clean);
    }
}

fn reason(reason: &mut Reason) {
    clean(&mut reason.message);
}

fn place(place: &mut Place) {
    clean(&mut place.file);
}

/// `\u{1b}[31m` in place of a colour.
pub fn clean(text: &mut String) {
    if text.chars().any(char::is_control) {
        *text = text
            .chars()
            .flat_map(|c| {
                let shown: Vec<char> = if c.is_control() {
                    c.escape_default().collect()
                } else {
                    vec![c]
                };
                shown
            })
            .collect();
    }
}

/// A line of code: as [`clean`], and a tab as the blanks that it stands for.
pub fn code(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    for c in line.chars() {
        if c == '\t' {
            let column = out.chars().count();
            out.extend(std::iter::repeat_n(' ', 4 - column % 4));
        } else if c.is_control() {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}
