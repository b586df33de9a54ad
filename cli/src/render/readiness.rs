//! The readiness report for people.

use std::io::Write;

use anstyle::Style;
use model::{
    Analysis, Deviation, ExtensionFate, Obstacle, OfferKind, Readiness, RouteVerdict, Verdict,
};

use super::{plural, style};
use crate::Failure;

/// Lines shown of a long list on a terminal.
const FOLD: usize = 12;
/// Characters of the bar that shows the shares.
const BAR: usize = 40;

/// Prints what a port would come to, the most important first.
pub fn print(analysis: &Analysis, report: &Readiness, folded: bool) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    head(&mut out, analysis, report)?;
    obstacles(&mut out, report)?;
    routes(&mut out, report, folded)?;
    blockers(&mut out, report)?;
    support(&mut out, report)?;
    extensions(&mut out, report)?;
    deviations(&mut out, report)?;
    servers(&mut out, report)?;
    effort(&mut out, report, folded)?;
    summary(&mut out, report)
}

/// The sign, colour and word of a verdict.
const fn verdict(verdict: Verdict) -> (&'static str, Style, &'static str) {
    match verdict {
        Verdict::Native => ("●", style::GOOD, "native"),
        Verdict::Supported => ("◐", style::FAIR, "supported"),
        Verdict::Relayed => ("○", style::WARN, "relayed"),
        Verdict::Refused => ("✗", style::BAD, "refused"),
    }
}

/// What the shares stand for, in words.
pub fn headline(report: &Readiness) -> String {
    let s = &report.summary;
    let good = s.native + s.supported;
    match (&report.unavailable, report.portable) {
        (Some(why), _) => why.clone(),
        (None, true) => format!(
            "{good} of {} can be ported ({} %)",
            plural(s.routes as usize, "route"),
            report.percentage
        ),
        (None, false) if s.routes == 0 => "no port can be written".into(),
        (None, false) => format!(
            "no port can be written before what is named below is gone; then {good} of {} can be ported",
            plural(s.routes as usize, "route")
        ),
    }
}

fn head(out: &mut impl Write, analysis: &Analysis, report: &Readiness) -> Result<(), Failure> {
    let (bold, dim) = (style::BOLD, style::DIM);
    for app in analysis.serving_apps() {
        writeln!(
            out,
            "{bold}{}{bold:#}  {} → {bold}{}{bold:#}  {dim}{}:{}{dim:#}",
            app.import_name(),
            app.framework,
            report.target,
            app.place.file,
            app.place.line
        )?;
    }
    writeln!(out, "{}", headline(report))?;
    let s = &report.summary;
    let shares = [
        (Verdict::Native, s.native),
        (Verdict::Supported, s.supported),
        (Verdict::Relayed, s.relayed),
        (Verdict::Refused, s.refused),
    ];
    if s.routes > 0 {
        writeln!(out)?;
    }
    for (kind, count) in shares {
        if count == 0 {
            continue;
        }
        let (sign, colour, word) = verdict(kind);
        let width = (count as usize * BAR).div_ceil(s.routes as usize);
        writeln!(
            out,
            "  {colour}{sign} {word:<9} {count:>4}  {}{colour:#}",
            "━".repeat(width)
        )?;
    }
    Ok(())
}

/// Changed lines a route, of a port that is edits.
pub fn changed_lines(report: &Readiness) -> Option<f64> {
    let target = codegen::targets::find(&report.target)?;
    let edits = report.portable && target.language == codegen::Language::Python;
    edits.then_some(report.summary.changed_lines_per_route)
}

fn obstacles(out: &mut impl Write, report: &Readiness) -> Result<(), Failure> {
    if report.obstacles.is_empty() {
        return Ok(());
    }
    let (bold, dim, bad) = (style::BOLD, style::DIM, style::BAD);
    writeln!(out, "\n{bold}In the way of the whole app{bold:#}")?;
    for (o, more) in distinct(report) {
        writeln!(
            out,
            "  {bad}✗{bad:#} {} {dim}{}  {}{dim:#}",
            o.reason.message,
            o.reason.code,
            places(o, more)
        )?;
    }
    Ok(())
}

/// Obstacles by what they say, each with the number of further places.
pub fn distinct(report: &Readiness) -> Vec<(&Obstacle, usize)> {
    let mut out: Vec<(&Obstacle, usize)> = Vec::new();
    for o in &report.obstacles {
        match out.iter_mut().find(|(first, _)| first.reason == o.reason) {
            Some((_, more)) => *more += 1,
            None => out.push((o, 0)),
        }
    }
    out
}

/// The place of an obstacle, and how many more there are.
pub fn places(o: &Obstacle, more: usize) -> String {
    match more {
        0 => format!("{}:{}", o.file, o.line),
        1 => format!("{}:{} and one more place", o.file, o.line),
        n => format!("{}:{} and {n} more places", o.file, o.line),
    }
}

fn routes(out: &mut impl Write, report: &Readiness, folded: bool) -> Result<(), Failure> {
    if report.routes.is_empty() {
        return Ok(());
    }
    let (bold, dim) = (style::BOLD, style::DIM);
    writeln!(out, "\n{bold}Routes{bold:#}")?;
    // What needs a decision comes first.
    let mut sorted: Vec<&RouteVerdict> = report.routes.iter().collect();
    sorted.sort_by_key(|r| std::cmp::Reverse(r.verdict));
    let shown = if folded && sorted.len() > FOLD + 1 {
        FOLD
    } else {
        sorted.len()
    };
    let widest = |f: fn(&RouteVerdict) -> usize, most: usize| {
        sorted[..shown]
            .iter()
            .map(|r| f(r))
            .max()
            .unwrap_or(0)
            .min(most)
    };
    let verbs = widest(|r| r.methods.join(",").len(), 20);
    let rules = widest(|r| r.rule.chars().count(), 48);
    for route in &sorted[..shown] {
        let (sign, colour, word) = verdict(route.verdict);
        writeln!(
            out,
            "  {colour}{sign} {word:<9}{colour:#}  {:<verbs$}  {:<rules$}  {dim}{}{dim:#}",
            route.methods.join(","),
            route.rule,
            route.endpoint
        )?;
    }
    if shown < sorted.len() {
        let rest = sorted.len() - shown;
        writeln!(out, "  {dim}… {rest} more (--all shows them){dim:#}")?;
    }
    Ok(())
}

fn blockers(out: &mut impl Write, report: &Readiness) -> Result<(), Failure> {
    if report.blockers.is_empty() {
        return Ok(());
    }
    let (bold, dim) = (style::BOLD, style::DIM);
    writeln!(out, "\n{bold}What blocks most{bold:#}")?;
    for blocker in &report.blockers {
        writeln!(
            out,
            "  {:>4}  {}  {dim}{}:{}{dim:#}",
            blocker.routes.len(),
            blocker.function,
            blocker.file,
            blocker.line
        )?;
        for reason in &blocker.reasons {
            writeln!(out, "        {} {dim}{}{dim:#}", reason.text(), reason.code)?;
        }
    }
    writeln!(
        out,
        "  {dim}(the number: routes that reach the function){dim:#}"
    )?;
    Ok(())
}

fn support(out: &mut impl Write, report: &Readiness) -> Result<(), Failure> {
    if report.support.is_empty() {
        return Ok(());
    }
    let (bold, dim) = (style::BOLD, style::DIM);
    let lines: u32 = report.support.iter().map(|m| m.lines).sum();
    writeln!(
        out,
        "\n{bold}What the port carries{bold:#}  {dim}{}, {lines} lines{dim:#}",
        plural(report.support.len(), "support module")
    )?;
    let width = report
        .support
        .iter()
        .map(|m| m.name.len())
        .max()
        .unwrap_or(0);
    for module in &report.support {
        writeln!(
            out,
            "  {:<width$}  {dim}{}{dim:#}",
            module.name, module.summary
        )?;
    }
    Ok(())
}

fn extensions(out: &mut impl Write, report: &Readiness) -> Result<(), Failure> {
    if report.extensions.is_empty() {
        return Ok(());
    }
    let (bold, dim) = (style::BOLD, style::DIM);
    writeln!(out, "\n{bold}Extensions{bold:#}")?;
    let names = report.extensions.iter().map(|e| e.name.chars().count());
    let width = names.max().unwrap_or(0).min(32);
    for extension in &report.extensions {
        let (colour, kind, what) = fate(extension);
        writeln!(
            out,
            "  {colour}{kind:<8}{colour:#} {:<width$}  {what}  {dim}{}:{}{dim:#}",
            extension.name, extension.file, extension.line
        )?;
    }
    Ok(())
}

/// The colour and word for what becomes of an extension, and what that is.
pub fn fate(extension: &ExtensionFate) -> (Style, &'static str, &str) {
    match &extension.offer {
        None => (style::WARN, "unknown", "migrate does not know it"),
        Some(offer) => {
            let colour = match offer.kind {
                OfferKind::Same | OfferKind::Support => style::GOOD,
                OfferKind::Library => style::FAIR,
                OfferKind::Other => style::WARN,
                OfferKind::Nothing => style::BAD,
            };
            (colour, offer.kind.word(), &offer.what)
        }
    }
}

fn servers(out: &mut impl Write, report: &Readiness) -> Result<(), Failure> {
    if report.servers.is_empty() {
        return Ok(());
    }
    let (bold, dim) = (style::BOLD, style::DIM);
    writeln!(
        out,
        "\n{bold}What the server does now and would not{bold:#}"
    )?;
    for finding in &report.servers {
        writeln!(
            out,
            "  {} {dim}{}  {}:{}{dim:#}",
            finding.message, finding.code, finding.place.file, finding.place.line
        )?;
    }
    Ok(())
}

fn deviations(out: &mut impl Write, report: &Readiness) -> Result<(), Failure> {
    let told = Deviation::told(&report.deviations);
    if told.is_empty() {
        return Ok(());
    }
    let (bold, dim) = (style::BOLD, style::DIM);
    writeln!(out, "\n{bold}Known to differ{bold:#}")?;
    for (code, what) in told {
        writeln!(out, "  {what} {dim}{code}{dim:#}")?;
    }
    Ok(())
}

fn effort(out: &mut impl Write, report: &Readiness, folded: bool) -> Result<(), Failure> {
    let (bold, dim) = (style::BOLD, style::DIM);
    let items = &report.effort.items;
    if items.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "\n{bold}Left to do by hand{bold:#}  {dim}{}; 1 trivial, 3 a known change, 5 a redesign, 13 unknown{dim:#}",
        plural(report.effort.points as usize, "point")
    )?;
    let shown = if folded {
        items.len().min(FOLD)
    } else {
        items.len()
    };
    for item in &items[..shown] {
        let place = match (&item.file, item.line) {
            (Some(file), Some(line)) => format!("  {file}:{line}"),
            (Some(file), None) => format!("  {file}"),
            _ => String::new(),
        };
        writeln!(
            out,
            "  {:>4}  {}{dim}{place}{dim:#}",
            item.points, item.what
        )?;
    }
    if shown < items.len() {
        let rest = items.len() - shown;
        writeln!(out, "  {dim}… {rest} more (--all shows them){dim:#}")?;
    }
    Ok(())
}

fn summary(out: &mut impl Write, report: &Readiness) -> Result<(), Failure> {
    let s = &report.summary;
    let mut parts = Vec::new();
    if report.unavailable.is_none() && s.routes > 0 {
        parts.push(plural(s.routes as usize, "route"));
        parts.push(format!("{} native", s.native));
        parts.push(format!("{} supported", s.supported));
        parts.push(format!("{} refused", s.refused));
        if let Some(lines) = changed_lines(report) {
            parts.push(format!("{lines} changed lines a route"));
        }
    }
    let points = plural(report.effort.points as usize, "point");
    parts.push(if report.unavailable.is_some() {
        format!("{points} for extensions and servers alone")
    } else {
        points
    });
    writeln!(out, "\n{}", parts.join(" · "))?;
    Ok(())
}
