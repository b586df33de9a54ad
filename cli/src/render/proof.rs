//! A proof for people: a line a route, then what differs.

use std::io::{self, Write};

use model::{Difference, Proof, RouteOutcome};

use super::{escape, plural, style};

/// So many differing requests are shown in full; JSON has all.
const SHOWN: usize = 20;

/// Prints a proof.
pub fn write(proof: &Proof, out: &mut impl Write) -> io::Result<()> {
    routes(proof, out)?;
    differences(proof, out)?;
    let (bold, dim) = (style::BOLD, style::DIM);
    if !proof.noise.is_empty() {
        writeln!(
            out,
            "\n{bold}Noise{bold:#} {dim}differs between two runs of the original, masked{dim:#}"
        )?;
        for place in &proof.noise {
            writeln!(out, "  {}", escaped(place))?;
        }
    }
    let unseen: Vec<&str> = proof
        .deviations
        .iter()
        .filter(|d| d.requests == 0)
        .map(|d| d.code.as_str())
        .collect();
    if !unseen.is_empty() {
        writeln!(
            out,
            "\n{bold}Declared and never seen{bold:#}  {}",
            escaped(&unseen.join(", "))
        )?;
    }
    let style = if proof.different > 0 {
        style::BAD
    } else {
        style::GOOD
    };
    let coverage = &proof.routes;
    writeln!(
        out,
        "\n{} · {} equal · {} declared · {style}{} different{style:#} · {} of {} exercised, {} with a 2xx",
        plural(proof.requests as usize, "request"),
        proof.equal,
        proof.declared,
        proof.different,
        coverage.exercised,
        plural(coverage.total as usize, "route"),
        coverage.with_2xx,
    )?;
    for remark in &proof.remarks {
        writeln!(out, "{dim}note: {}{dim:#}", escaped(remark))?;
    }
    Ok(())
}

fn routes(proof: &Proof, out: &mut impl Write) -> io::Result<()> {
    let dim = style::DIM;
    let width = |text: &dyn Fn(&model::RouteProof) -> String, most: usize| {
        let widths = proof.by_route.iter().map(|r| text(r).chars().count());
        widths.max().unwrap_or(0).min(most)
    };
    let verbs = |r: &model::RouteProof| r.methods.join(",");
    let rule = |r: &model::RouteProof| escaped(&r.rule);
    let endpoint = |r: &model::RouteProof| escaped(&r.endpoint);
    let (first, second, third) = (width(&verbs, 20), width(&rule, 60), width(&endpoint, 40));
    for route in &proof.by_route {
        let (mark, style) = match route.outcome {
            RouteOutcome::Equal => ("●", style::GOOD),
            RouteOutcome::Declared => ("◐", style::FAIR),
            RouteOutcome::Different => ("✗", style::BAD),
            RouteOutcome::Unexercised => ("○", style::WARN),
        };
        let count = match (route.outcome, route.with_2xx) {
            (RouteOutcome::Unexercised, _) => "not exercised".to_owned(),
            (_, 0) if route.only_redirects => format!(
                "{}, only redirects",
                plural(route.requests as usize, "request")
            ),
            (_, 0) => format!(
                "{}, none with a 2xx",
                plural(route.requests as usize, "request")
            ),
            _ => plural(route.requests as usize, "request"),
        };
        let count = match route.different {
            0 => count,
            n => format!("{count}, {n} different"),
        };
        writeln!(
            out,
            "  {style}{mark}{style:#} {:<first$}  {:<second$}  {:<third$}  {dim}{count}{dim:#}",
            verbs(route),
            rule(route),
            endpoint(route),
        )?;
    }
    Ok(())
}

fn differences(proof: &Proof, out: &mut impl Write) -> io::Result<()> {
    let dim = style::DIM;
    let mut requests: Vec<&[Difference]> = proof
        .differences
        .chunk_by(|a, b| a.request == b.request)
        .collect();
    let all = requests.len();
    requests.truncate(SHOWN);
    for fields in requests {
        writeln!(out)?;
        difference(fields, out)?;
    }
    if all > SHOWN {
        writeln!(
            out,
            "\n{dim}and {} more; --format json has all{dim:#}",
            plural(all - SHOWN, "request")
        )?;
    }
    Ok(())
}

/// One request with every field that differs.
fn difference(fields: &[Difference], out: &mut impl Write) -> io::Result<()> {
    let Some(first) = fields.first() else {
        return Ok(());
    };
    let (bold, dim, bad, good) = (style::BOLD, style::DIM, style::BAD, style::GOOD);
    let request = &first.request;
    writeln!(
        out,
        "{bad}✗{bad:#} {bold}{} {}{bold:#}  {dim}request {}, {}{dim:#}",
        escaped(&request.method),
        escaped(&request.path),
        request.number,
        escaped(&first.aim),
    )?;
    for (name, value) in &request.headers {
        writeln!(out, "    {dim}{}: {}{dim:#}", escaped(name), short(value))?;
    }
    if let Some(body) = &request.body {
        writeln!(out, "    {dim}{}{dim:#}", short(body))?;
    }
    match (&first.endpoint, &first.file, first.line) {
        (Some(endpoint), Some(file), Some(line)) => {
            let probably = match first.rewrites.as_slice() {
                [] => String::new(),
                codes => format!("  rewritten by {}", codes.join(" ")),
            };
            writeln!(
                out,
                "    {} {dim}{}:{line}{probably}{dim:#}",
                escaped(endpoint),
                escaped(file),
            )?;
        }
        (Some(endpoint), ..) => writeln!(out, "    {}", escaped(endpoint))?,
        _ => writeln!(out, "    {dim}no route matches{dim:#}")?,
    }
    for field in fields {
        let at = field
            .at
            .as_ref()
            .map_or(String::new(), |at| format!(" {}", escaped(at)));
        writeln!(out, "    {bold}{}{at}{bold:#}", escaped(&field.field))?;
        for line in field.original.lines().take(6) {
            writeln!(out, "      {bad}- {}{bad:#}", escape::code(line))?;
        }
        for line in field.port.lines().take(6) {
            writeln!(out, "      {good}+ {}{good:#}", escape::code(line))?;
        }
    }
    Ok(())
}

/// Without what would act on a terminal.
pub fn escaped(text: &str) -> String {
    let mut text = text.to_owned();
    escape::clean(&mut text);
    text
}

/// A value on one line, cut where it is long.
pub fn short(text: &str) -> String {
    const MOST: usize = 120;
    let text = escaped(text);
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
