//! Findings as rustc shows them: the place, the source, the mend.

use std::collections::HashMap;
use std::io::Write;
use std::path::Path;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use model::{Finding, Severity};

use crate::Failure;

/// Prints findings with excerpts of the sources below `root`.
pub fn print(findings: &[Finding], root: &Path, out: &mut impl Write) -> Result<(), Failure> {
    let base = if root.is_file() {
        root.parent().unwrap_or(root)
    } else {
        root
    };
    let mut sources: HashMap<&str, Option<String>> = HashMap::new();
    let renderer = Renderer::styled();
    for finding in findings {
        let source = sources
            .entry(finding.place.file.as_str())
            .or_insert_with(|| std::fs::read_to_string(base.join(&finding.place.file)).ok());
        let level = match finding.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Note => Level::NOTE,
        };
        let title = level
            .primary_title(finding.message.as_str())
            .id(finding.code.name());
        let span = finding.place.span.start as usize..finding.place.span.end as usize;
        let group = match source {
            // Only the first line of a long span, and only where the text is what was analysed.
            Some(text) if span.end > span.start && text.is_char_boundary(span.start) => {
                let end = text[span.start..]
                    .find('\n')
                    .map_or(text.len(), |i| span.start + i);
                let end = end.min(span.end).max(span.start);
                if text.is_char_boundary(end) {
                    title.element(
                        Snippet::source(text.as_str())
                            .path(finding.place.file.as_str())
                            .annotation(AnnotationKind::Primary.span(span.start..end)),
                    )
                } else {
                    plain(title, finding)
                }
            }
            _ => plain(title, finding),
        };
        let group = group.element(Level::HELP.message(finding.help.as_str()));
        writeln!(out, "{}\n", renderer.render(&[group]))?;
    }
    Ok(())
}

fn plain<'a>(
    title: annotate_snippets::Title<'a>,
    finding: &'a Finding,
) -> annotate_snippets::Group<'a> {
    title.element(
        annotate_snippets::Origin::path(finding.place.file.as_str())
            .line(finding.place.line as usize),
    )
}
