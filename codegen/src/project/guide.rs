//! MIGRATION.md: what a person needs to know of a port.

use std::fmt::Write as _;

use model::{PortDocument, Verdict};

use super::command;

/// The text of MIGRATION.md.
#[must_use]
pub fn text(document: &PortDocument, remarks: &[String], tests_kept: bool) -> String {
    let mut out = String::new();
    let s = &document.summary;
    let _ = writeln!(out, "# Ported to {}\n", document.target);
    let _ = writeln!(
        out,
        "Written by `migrate {}`. The originals of the edited files are in `.migrate/originals`;\n`migrate diff .` shows every change, route by route.\n",
        document.migrate_version
    );
    let _ = writeln!(out, "## Run it\n");
    let _ = writeln!(out, "    pip install -r requirements.txt");
    let _ = writeln!(out, "    {}\n", command::shown(&document.run.port.serve));
    let _ = writeln!(
        out,
        "The original: `{}`.\n",
        command::shown(&document.run.original.serve)
    );
    let _ = writeln!(out, "## Routes\n");
    let _ = writeln!(
        out,
        "{} route{}: {} native, {} supported, {} refused; {:.1} changed lines a route.\n",
        s.routes,
        if s.routes == 1 { "" } else { "s" },
        s.native,
        s.supported,
        s.refused,
        s.changed_lines_per_route
    );
    let _ = writeln!(
        out,
        "- native: parameters in, responses out, as FastAPI has them."
    );
    let _ = writeln!(
        out,
        "- supported: also reaches the request, the session or `g` without a parameter, through `flask_parity.context`."
    );
    let _ = writeln!(
        out,
        "- refused: answers 501 and says why; the original stands beside it.\n"
    );
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
    let refused: Vec<_> = document
        .functions
        .iter()
        .filter(|f| f.verdict == Verdict::Refused)
        .collect();
    if !refused.is_empty() {
        let _ = writeln!(out, "\n## Not ported\n");
        for function in refused {
            for reason in &function.reasons {
                let _ = writeln!(
                    out,
                    "- `{}`: {} ({})",
                    function.id,
                    reason.text(),
                    reason.code
                );
            }
        }
    }
    if !document.deviations.is_empty() {
        let _ = writeln!(out, "\n## Known to differ\n");
        for d in &document.deviations {
            let _ = writeln!(out, "- {} ({}): {}", d.code, d.field, d.what);
        }
    }
    if !remarks.is_empty() || tests_kept {
        let _ = writeln!(out, "\n## By hand\n");
        for remark in remarks {
            let _ = writeln!(out, "- {remark}");
        }
        if tests_kept {
            let _ = writeln!(
                out,
                "- The tests were copied as they are: they use Flask's test client and do not run against the port."
            );
        }
    }
    if !document.left_out.is_empty() {
        let _ = writeln!(out, "\n## Left out\n");
        for (path, why) in &document.left_out {
            let _ = writeln!(out, "- `{path}`: {why}");
        }
    }
    let _ = writeln!(out, "\n## The support package\n");
    let _ = writeln!(
        out,
        "`flask_parity/` holds what makes the answers equal to Flask's: routing answers, error pages, the\nsession cookie, JSON bytes. It is plain source; when a difference does not matter to you, use FastAPI's own\nway and delete the module."
    );
    out
}
