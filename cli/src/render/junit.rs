//! A proof as JUnit XML: a test case a route, and one for requests that match none.

use std::io::{self, Write};

use model::{Difference, Proof, RouteOutcome, SuiteCase, SuiteProof, SuiteVerdict};

/// Writes the report (<https://github.com/testmoapp/junitxml> describes what readers expect).
pub fn write(proof: &Proof, out: &mut impl Write) -> io::Result<()> {
    let loose: Vec<&Difference> = proof
        .differences
        .iter()
        .filter(|d| d.endpoint.is_none())
        .collect();
    let failing = proof.by_route.iter().filter(|r| r.different > 0).count();
    let skipped = proof
        .by_route
        .iter()
        .filter(|r| r.outcome == RouteOutcome::Unexercised)
        .count();
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(
        out,
        "<testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" skipped=\"{skipped}\">",
        escaped(&format!("migrate verify {}", proof.port)),
        proof.by_route.len() + 1,
        failing + usize::from(!loose.is_empty()),
    )?;
    for route in &proof.by_route {
        let name = format!("{} {}", route.methods.join(","), route.rule);
        let differences: Vec<&Difference> = proof
            .differences
            .iter()
            .filter(|d| {
                d.endpoint.as_ref() == Some(&route.endpoint)
                    && d.route.as_ref() == Some(&route.rule)
            })
            .collect();
        case(&name, &route.endpoint, &differences, route.outcome, out)?;
    }
    case(
        "URLs that match no route",
        "",
        &loose,
        RouteOutcome::Equal,
        out,
    )?;
    writeln!(out, "</testsuite>")
}

fn case(
    name: &str,
    class: &str,
    differences: &[&Difference],
    outcome: RouteOutcome,
    out: &mut impl Write,
) -> io::Result<()> {
    write!(
        out,
        "  <testcase name=\"{}\" classname=\"{}\"",
        escaped(name),
        escaped(class)
    )?;
    if differences.is_empty() && outcome != RouteOutcome::Unexercised {
        return writeln!(out, "/>");
    }
    writeln!(out, ">")?;
    match differences.first() {
        None => writeln!(out, "    <skipped message=\"no request reached it\"/>")?,
        Some(first) => {
            let message = format!(
                "{} {}: {}",
                first.request.method, first.request.path, first.field
            );
            writeln!(out, "    <failure message=\"{}\">", escaped(&message))?;
            for d in differences {
                let line = format!(
                    "{} {} ({}): {} - {} + {}",
                    d.request.method, d.request.path, d.aim, d.field, d.original, d.port
                );
                writeln!(out, "{}", escaped(&line))?;
            }
            writeln!(out, "    </failure>")?;
        }
    }
    writeln!(out, "  </testcase>")
}

/// Text of an attribute or element; what XML 1.0 cannot hold is shown as an escape.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {
                out.extend(c.escape_default());
            }
            c => out.push(c),
        }
    }
    out
}

/// Writes the app's own tests as the port ran them: what fails on the original is skipped here.
pub fn suite(proof: &SuiteProof, port: &str, out: &mut impl Write) -> io::Result<()> {
    let is_skipped =
        |case: &&SuiteCase| !case.verdict.is_failing() && case.verdict != SuiteVerdict::Equal;
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(
        out,
        "<testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" skipped=\"{}\">",
        escaped(&format!("migrate verify {port} --suite")),
        proof.tests,
        proof.failing(),
        proof.cases.iter().filter(is_skipped).count(),
    )?;
    for case in &proof.cases {
        let (class, name) = case.name.split_once("::").unwrap_or(("", &case.name));
        write!(
            out,
            "  <testcase name=\"{}\" classname=\"{}\"",
            escaped(name),
            escaped(class)
        )?;
        let reason = escaped(case.reason.as_deref().unwrap_or_default());
        match case.verdict {
            SuiteVerdict::Equal => writeln!(out, "/>")?,
            SuiteVerdict::Different | SuiteVerdict::Lost => {
                writeln!(out, "><failure message=\"{reason}\"/></testcase>")?;
            }
            SuiteVerdict::Broken => {
                writeln!(
                    out,
                    "><skipped message=\"fails on the original\"/></testcase>"
                )?;
            }
            SuiteVerdict::Skipped => {
                writeln!(
                    out,
                    "><skipped message=\"skipped by the original\"/></testcase>"
                )?;
            }
            SuiteVerdict::New => {
                writeln!(out, "><skipped message=\"only in the port\"/></testcase>")?;
            }
        }
    }
    writeln!(out, "</testsuite>")
}
