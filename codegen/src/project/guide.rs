//! MIGRATION.md: what a person needs to know of a port.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use model::{Deviation, FunctionVerdict, PortDocument, Reason};

use super::command;
use super::declared::Change;
use crate::targets::{Language, Target};

/// What is said when routes are refused, in MIGRATION.md and by the command.
pub const NO_RELAY: &str = "relaying to the original does not exist yet, so these routes answer 501, with `--no-relay` and without it";

/// The same for targets that leave such routes to the source framework when they may.
pub const NOT_RELAYED: &str =
    "these routes answer 501, as `--no-relay` asks; without it they are left to Flask";

/// What is said of refused routes for a target.
#[must_use]
pub fn refusal(target: &Target) -> &'static str {
    match target.language {
        Language::Python => NOT_RELAYED,
        Language::Rust => NO_RELAY,
    }
}

/// How many files that are left out for one reason are named; `port.json` has them all.
const SHOWN: usize = 8;

/// What a target's ports say of themselves to people. Plain text; line ends inside are kept.
#[derive(Clone, Copy, Debug)]
pub struct Guide {
    /// Where the originals lie and how to review the port: the paragraph at the top.
    pub review: &'static str,
    /// The command that is needed once, in the port's folder, before it runs. None when running it does all.
    pub install: Option<&'static str>,
    /// What a person types to run it, when that is not the document's `run.port.serve`.
    pub run: Option<&'static str>,
    /// What to know when running it: a paragraph under the commands, or nothing.
    pub running: &'static str,
    /// What `native` means: follows `- native: `.
    pub native: &'static str,
    /// What `supported` means.
    pub supported: &'static str,
    /// What `refused` means.
    pub refused: &'static str,
    /// What tells how much there is to review.
    pub measure: Measure,
    /// Whether the app's Python files come along, edited or as they are.
    pub python_files: bool,
    /// What became of the app's tests; said when the port has them.
    pub tests: &'static str,
    /// Heading of the paragraph on support files.
    pub support_heading: &'static str,
    /// What the support files are for, and when they can go.
    pub support: &'static str,
}

/// What tells how much of a port there is to review.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Views are edited where they are: changed lines a route.
    ChangedLines,
    /// Functions stand beside those of the app: the lines of both.
    PairedLines,
}

impl Target {
    /// How much of a port there is to review: `11.1 changed lines a route`, or
    /// `402 lines of Rust beside 312 of Python`.
    #[must_use]
    pub fn measured(&self, document: &PortDocument) -> String {
        match self.guide.measure {
            Measure::ChangedLines => format!(
                "{:.1} changed lines a route",
                document.summary.changed_lines_per_route
            ),
            Measure::PairedLines => {
                let (original, port) = paired_lines(document);
                format!(
                    "{port} lines of {} beside {original} of {}",
                    self.language.word(),
                    Language::Python.word()
                )
            }
        }
    }

    /// The commands that a person types to run a port, in its folder.
    #[must_use]
    pub fn commands(&self, document: &PortDocument) -> Vec<String> {
        let run = document.start.clone();
        let run = run
            .or_else(|| self.guide.run.map(str::to_owned))
            .unwrap_or_else(|| command::shown(&document.run.port.serve));
        let install = document.install.clone();
        let install = install.or_else(|| self.guide.install.map(str::to_owned));
        install.into_iter().chain([run]).collect()
    }
}

/// Lines of the app's paired functions, and of what stands for them. A line in two pairs counts once.
#[must_use]
pub fn paired_lines(document: &PortDocument) -> (usize, usize) {
    let (mut original, mut port) = (BTreeSet::new(), BTreeSet::new());
    for pair in &document.pairs {
        for (lines, seen) in [(&pair.original, &mut original), (&pair.port, &mut port)] {
            seen.extend((lines.line..=lines.end_line).map(|line| (lines.file.as_str(), line)));
        }
    }
    (original.len(), port.len())
}

/// The text of MIGRATION.md; `changes` are those of files that are no source code.
#[must_use]
pub(crate) fn text(
    document: &PortDocument,
    target: &Target,
    changes: &[Change],
    remarks: &[String],
    tests_kept: bool,
) -> String {
    let guide = &target.guide;
    let mut out = String::new();
    let s = &document.summary;
    let _ = writeln!(out, "# Ported to {}\n", document.target);
    let _ = writeln!(
        out,
        "Written by `migrate {}`. {}\n",
        document.migrate_version, guide.review
    );
    let _ = writeln!(out, "## Run it\n");
    for command in target.commands(document) {
        let _ = writeln!(out, "    {command}");
    }
    out.push('\n');
    if !guide.running.is_empty() {
        let _ = writeln!(out, "{}\n", guide.running);
    }
    let _ = writeln!(
        out,
        "The original, to compare with: `{}`.\n",
        command::shown(&document.run.original.serve)
    );
    let _ = writeln!(out, "## Routes\n");
    let _ = writeln!(
        out,
        "{} route{}: {} native, {} supported, {}{} refused; {}.\n",
        s.routes,
        if s.routes == 1 { "" } else { "s" },
        s.native,
        s.supported,
        match s.relayed {
            0 => String::new(),
            n => format!("{n} relayed, "),
        },
        s.refused,
        target.measured(document)
    );
    let _ = writeln!(out, "- native: {}", guide.native);
    let _ = writeln!(out, "- supported: {}", guide.supported);
    if s.relayed > 0 {
        let _ = writeln!(
            out,
            "- relayed: left to Flask as it is, on an app that is embedded in the port."
        );
    }
    let _ = writeln!(out, "- refused: {}\n", guide.refused);
    let _ = writeln!(
        out,
        "| methods | rule | endpoint | verdict |\n|---|---|---|---|"
    );
    for route in &document.routes {
        let _ = writeln!(
            out,
            "| {} | `{}` | {} | {} |",
            route.methods.join(", "),
            route.rule.replace('|', "\\|"),
            route.endpoint,
            route.verdict.word()
        );
    }
    let causes = document.causes();
    if !causes.is_empty() || s.refused > 0 {
        let _ = writeln!(out, "\n## Not ported\n");
        if s.refused > 0 {
            let mut sentence = refusal(target).to_owned();
            sentence[..1].make_ascii_uppercase();
            let _ = writeln!(out, "{sentence}.\n");
        }
        for cause in &causes {
            not_ported(&mut out, cause);
        }
    }
    if !document.deviations.is_empty() {
        let _ = writeln!(out, "\n## Known to differ\n");
        for (code, what) in Deviation::told(&document.deviations) {
            let _ = writeln!(out, "- {code}: {what}");
        }
    }
    around(&mut out, changes);
    let tests_kept = tests_kept && guide.python_files;
    if !remarks.is_empty() || tests_kept {
        let _ = writeln!(out, "\n## By hand\n");
        for remark in remarks {
            let _ = writeln!(out, "- {remark}");
        }
        if tests_kept {
            let _ = writeln!(out, "- {}", guide.tests);
        }
    }
    if !document.left_out.is_empty() {
        let _ = writeln!(out, "\n## Left out\n");
        let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (path, why) in &document.left_out {
            by_reason.entry(why).or_default().push(path);
        }
        for (why, paths) in by_reason {
            let named: Vec<String> = paths.iter().take(SHOWN).map(|p| format!("`{p}`")).collect();
            let more = match paths.len().saturating_sub(SHOWN) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let _ = writeln!(out, "- {why}: {}{more}", named.join(", "));
        }
    }
    let _ = writeln!(out, "\n## {}\n", guide.support_heading);
    let _ = writeln!(out, "{}", guide.support);
    out
}

/// What changed around the code: dependencies and commands.
fn around(out: &mut String, changes: &[Change]) {
    if changes.is_empty() {
        return;
    }
    let code = |text: &str| match text {
        "" => String::new(),
        text => format!("`{}`", text.replace('|', "\\|").replace('`', "'")),
    };
    let _ = writeln!(
        out,
        "\n## Around the code\n\n| place | was | is | to know |\n|---|---|---|---|"
    );
    for change in changes {
        let _ = writeln!(
            out,
            "| `{}` | {} | {} | {} |",
            change.place,
            code(&change.was),
            code(&change.now),
            change.notes.join("; ").replace('|', "\\|")
        );
    }
}

/// Functions that the same thing stands in the way of.
fn not_ported(out: &mut String, cause: &[(&FunctionVerdict, &Reason)]) {
    match cause {
        [] => {}
        [(function, reason)] => {
            let _ = writeln!(
                out,
                "- `{}`: {} ({})",
                function.id,
                reason.text(),
                reason.code
            );
        }
        [(_, reason), ..] => {
            let place = |(function, reason): &(&FunctionVerdict, &Reason)| match reason.line {
                Some(line) => format!("`{}` (line {line})", function.id),
                None => format!("`{}`", function.id),
            };
            let functions: Vec<String> = cause.iter().map(place).collect();
            let _ = writeln!(
                out,
                "- {} functions: {} ({}): {}",
                functions.len(),
                reason.message,
                reason.code,
                functions.join(", ")
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use model::{Lines, ReviewPair, Run, Serve, Summary};

    use super::*;
    use crate::targets::Draft;

    const RUST: Target = Target {
        name: "rust",
        summary: "",
        sources: &[],
        servings: &[],
        language: Language::Rust,
        guide: Guide {
            review: "Everything is new.",
            install: None,
            run: Some("cargo run --release"),
            running: "",
            native: "extractors.",
            supported: "`Ctx`.",
            refused: "501.",
            measure: Measure::PairedLines,
            python_files: false,
            tests: "Tests?",
            support_heading: "Support",
            support: "`src/flask_parity/`.",
        },
        hazard: None,
        lower: |_| Ok(Draft::default()),
    };

    fn document() -> PortDocument {
        let lines = |file: &str, line, end_line| Lines {
            file: file.into(),
            line,
            end_line,
        };
        let pair = |original, port| ReviewPair {
            function: "app:index".into(),
            original,
            port,
        };
        PortDocument {
            schema: String::new(),
            source: String::new(),
            target: "rust".into(),
            migrate_version: "1".into(),
            functions: Vec::new(),
            routes: Vec::new(),
            deviations: Vec::new(),
            run: Run {
                port: Serve {
                    serve: vec!["target/release/app".into(), "{host}:{port}".into()],
                },
                ..Run::default()
            },
            files: BTreeMap::new(),
            copied: BTreeMap::new(),
            left_out: BTreeMap::new(),
            rewrites: BTreeMap::new(),
            pairs: vec![
                pair(lines("app.py", 1, 4), lines("src/app.rs", 1, 10)),
                pair(lines("app.py", 4, 5), lines("src/app.rs", 21, 22)),
            ],
            install: None,
            start: None,
            summary: Summary::default(),
        }
    }

    #[test]
    fn it_speaks_of_its_target() {
        let text = text(&document(), &RUST, &[], &["A remark.".into()], true);
        assert!(text.contains("Written by `migrate 1`. Everything is new.\n"));
        assert!(text.contains("## Run it\n\n    cargo run --release\n\n"));
        assert!(text.contains("0 refused; 12 lines of Rust beside 5 of Python.\n"));
        assert!(text.contains("- supported: `Ctx`.\n"));
        assert!(text.ends_with("## Support\n\n`src/flask_parity/`.\n"));
        for word in ["FastAPI", "pip", "changed lines", "Tests?", "501, "] {
            assert!(!text.contains(word), "{word}:\n{text}");
        }
    }

    #[test]
    fn it_says_that_nothing_is_relayed() {
        let mut document = document();
        document.summary.refused = 1;
        let text = text(&document, &RUST, &[], &[], false);
        assert!(
            text.contains("## Not ported\n\nRelaying to the original does not exist yet, so"),
            "{text}"
        );
    }

    #[test]
    fn commands_come_from_the_guide_or_the_document() {
        let document = document();
        assert_eq!(RUST.commands(&document), ["cargo run --release"]);
        let mut target = RUST;
        target.guide.run = None;
        target.guide.install = Some("cargo build --release");
        assert_eq!(
            target.commands(&document),
            ["cargo build --release", "target/release/app 127.0.0.1:8000"]
        );
    }
}
