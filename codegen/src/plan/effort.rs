//! What is left for a person, in Konveyor's fixed points. One table says what costs how much.

use std::collections::BTreeSet;

use model::{Analysis, Code, Effort, EffortItem, Readiness, Verdict};

/// Good to know, nothing to do.
const INFORMATION: u32 = 0;
/// A look and a keystroke.
const TRIVIAL: u32 = 1;
/// A change of which it is known how it is made.
const KNOWN: u32 = 3;
/// A part of the app has to be thought anew.
const REDESIGN: u32 = 5;
/// Nobody can say before somebody has looked.
const UNKNOWN: u32 = 13;

/// The work that a port to the report's target leaves.
pub(super) fn of(analysis: &Analysis, report: &Readiness) -> Effort {
    let mut items = Vec::new();
    let mut seen = BTreeSet::new();
    for obstacle in &report.obstacles {
        // The same thing in several places is thought of once.
        if !seen.insert(&obstacle.reason.message) {
            continue;
        }
        items.push(EffortItem {
            points: match obstacle.reason.code.as_str() {
                // Registered elsewhere in the file, it answers as before.
                "M0303" => TRIVIAL,
                _ => REDESIGN,
            },
            what: obstacle.reason.message.clone(),
            file: Some(obstacle.file.clone()),
            line: Some(obstacle.line),
        });
    }
    for function in &report.functions {
        let own: BTreeSet<&str> = function
            .reasons
            .iter()
            .filter(|r| r.through.is_none())
            .map(|r| r.message.as_str())
            .collect();
        if function.verdict != Verdict::Refused || own.is_empty() {
            continue;
        }
        let place = analysis.functions.iter().find(|f| f.id == function.id);
        items.push(EffortItem {
            points: KNOWN,
            what: format!(
                "`{}`: {}",
                function.id,
                own.into_iter().collect::<Vec<_>>().join("; ")
            ),
            file: place.map(|f| f.file.clone()),
            line: place.map(|f| f.line),
        });
    }
    let mut seen = BTreeSet::new();
    for finding in &analysis.findings {
        let Some(points) = points(finding.code) else {
            continue;
        };
        if seen.insert((finding.code, &finding.place.file, finding.place.line)) {
            items.push(EffortItem {
                points,
                what: format!("{} {}", finding.code, finding.message),
                file: Some(finding.place.file.clone()),
                line: Some(finding.place.line),
            });
        }
    }
    // Stable: what costs the same stays in the order of the source.
    items.sort_by_key(|i| std::cmp::Reverse(i.points));
    Effort {
        points: items.iter().map(|i| i.points).sum(),
        items,
    }
}

/// What a finding costs whoever ports the app; `None` where a refused function counts for it already.
fn points(code: Code) -> Option<u32> {
    Some(match code {
        Code::M0001 | Code::M0002 | Code::M0003 | Code::M0004 => TRIVIAL,
        // Rules from run-time data: to be compared with `app.url_map`.
        Code::M0101 | Code::M0103 | Code::M0106 => KNOWN,
        Code::M0102 | Code::M0104 => UNKNOWN,
        Code::M0105 => INFORMATION,
        Code::M0202 => TRIVIAL,
        _ => return None,
    })
}
