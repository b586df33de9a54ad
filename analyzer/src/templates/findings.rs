//! What is wrong with templates. Each finding is silent where anything about it is not known.

use std::collections::BTreeSet;

use model::{Analysis, Certainty, Code, EdgeKind, Engine, Finding, Place, Severity, Template};

use super::context;
use super::graph::Graph;
use super::jinja;
use super::renders::Dynamic;
use super::sources::Sources;

/// Folders of templates that extensions render, and that apps override.
const OVERRIDES: &[&str] = &[
    "admin",
    "appbuilder",
    "bootstrap",
    "errors",
    "flask_user",
    "oauth",
    "security",
    "user",
    "wtf",
];

/// The findings of all templates, by place.
#[must_use]
pub fn findings(analysis: &Analysis, sources: &Sources, dynamic: &Dynamic) -> Vec<Finding> {
    let templates = &analysis.templates;
    let graph = Graph::new(templates);
    let rendered: Vec<usize> = (0..templates.len())
        .filter(|&i| !templates[i].renders.is_empty())
        .collect();
    let reached = graph.reached(rendered.iter().copied());
    let mut found = Vec::new();
    for &i in &reached {
        let template = &templates[i];
        if let Some(error) = &template.error {
            found.push(finding(
                Code::M0404,
                template,
                error.line,
                format!("`{}` cannot be parsed: {}", template.name, error.message),
                "Correct it; the view that renders it fails.",
            ));
        }
    }
    urls(analysis, sources, &reached, &mut found);
    unreached(analysis, sources, &graph, dynamic, &mut found);
    for (i, name) in missing(analysis, sources, &graph, dynamic, &reached) {
        let template = &templates[i];
        let message = format!(
            "`{}` uses `{name}`, which no view that renders it passes",
            template.name
        );
        found.push(finding(
            Code::M0401,
            template,
            line(sources, template, &name),
            message,
            "Pass it where the template is rendered, or correct its name.",
        ));
    }
    // Other delimiters make other templates of these texts.
    const SYNTAX: &[&str] = &["_start_string", "line_statement_prefix"];
    if !found.is_empty() && sources.mentions(SYNTAX).contains(&true) {
        found.clear();
    }
    found.sort_by(|a, b| (&a.place, a.code, &a.message).cmp(&(&b.place, b.code, &b.message)));
    found
}

fn finding(code: Code, template: &Template, line: u32, message: String, help: &str) -> Finding {
    Finding {
        code,
        severity: if code == Code::M0402 {
            Severity::Note
        } else {
            Severity::Warning
        },
        place: Place {
            file: template.place.file.clone(),
            line,
            ..Place::default()
        },
        message,
        help: help.into(),
    }
}

/// M0403.
fn urls(
    analysis: &Analysis,
    sources: &Sources,
    reached: &BTreeSet<usize>,
    found: &mut Vec<Finding>,
) {
    let unsure = |code| matches!(code, Code::M0101 | Code::M0102 | Code::M0104 | Code::M0106);
    let certain = analysis
        .routes
        .iter()
        .all(|r| r.certainty != Certainty::Partial && r.app.is_some());
    if !certain || analysis.apps.is_empty() || analysis.findings.iter().any(|f| unsure(f.code)) {
        return;
    }
    let endpoints: BTreeSet<&str> = analysis
        .routes
        .iter()
        .map(|r| r.endpoint.as_str())
        .collect();
    let blueprints: BTreeSet<&str> = endpoints
        .iter()
        .filter_map(|e| e.rsplit_once('.'))
        .map(|(blueprint, _)| blueprint)
        .collect();
    let mut candidates = Vec::new();
    for &i in reached {
        let template = &analysis.templates[i];
        // A `url_for` of the template's own is not the framework's.
        if template.binds.iter().any(|n| n == "url_for") {
            continue;
        }
        for url in &template.urls {
            let Some(endpoint) = &url.endpoint else {
                continue;
            };
            let known = endpoint.is_empty()
                || endpoint.starts_with('.')
                || endpoints.contains(endpoint.as_str());
            // A blueprint that is not in the source has endpoints that are not either.
            let ours = endpoint
                .rsplit_once('.')
                .is_none_or(|(blueprint, _)| blueprints.contains(blueprint));
            if !known && ours {
                candidates.push((template, url.line, endpoint));
            }
        }
    }
    // A `url_for` that the app puts in the place of the framework's.
    let own = || sources.mentions(&["\"url_for\"", "'url_for'", "url_for="]);
    if candidates.is_empty() || own().contains(&true) {
        return;
    }
    for (template, line, endpoint) in candidates {
        found.push(finding(
            Code::M0403,
            template,
            line,
            format!("`url_for('{endpoint}')` names an endpoint that no route has"),
            "Correct the endpoint, or add the route.",
        ));
    }
}

/// M0402.
fn unreached(
    analysis: &Analysis,
    sources: &Sources,
    graph: &Graph,
    dynamic: &Dynamic,
    found: &mut Vec<Finding>,
) {
    let templates = &analysis.templates;
    if dynamic.any || graph.dynamic.iter().any(|d| *d) {
        return;
    }
    let folder = |t: &Template| {
        t.place
            .file
            .strip_suffix(t.name.as_str())
            .map(str::to_owned)
    };
    let used: BTreeSet<String> = templates
        .iter()
        .filter(|t| !t.renders.is_empty())
        .filter_map(folder)
        .collect();
    // What the source names may be rendered in ways that no touch tells.
    let stems: Vec<&str> = templates
        .iter()
        .map(|t| t.name.rsplit('/').next().unwrap_or(&t.name))
        .map(|n| n.split('.').next().unwrap_or(n))
        .collect();
    let mut reached =
        graph.reached((0..templates.len()).filter(|&i| !templates[i].renders.is_empty()));
    let lost = |i: usize, reached: &BTreeSet<usize>| {
        !reached.contains(&i)
            && templates[i].engine == Engine::Jinja
            && folder(&templates[i]).is_some_and(|f| used.contains(&f))
            && !OVERRIDES.iter().any(|o| {
                templates[i]
                    .name
                    .split('/')
                    .any(|part| part == *o || part.starts_with("flask_"))
            })
            && [".html", ".htm", ".jinja", ".jinja2", ".j2"]
                .iter()
                .any(|e| templates[i].name.ends_with(e))
    };
    let candidates: Vec<usize> = (0..templates.len())
        .filter(|&i| lost(i, &reached))
        .collect();
    if candidates.is_empty() {
        return;
    }
    // Besides: names that are only made when the app runs.
    const MADE: &[&str] = &[".get_template(", ".select_template(", ".list_templates("];
    let words: Vec<&str> = MADE
        .iter()
        .copied()
        .chain(candidates.iter().map(|&i| stems[i]))
        .collect();
    let mut named = sources.mentions(&words);
    if named.drain(..MADE.len()).any(|n| n) {
        return;
    }
    let more = candidates
        .iter()
        .zip(&named)
        .filter(|(_, named)| **named)
        .map(|(i, _)| *i);
    reached.extend(graph.reached(more));
    for i in candidates.into_iter().filter(|i| !reached.contains(i)) {
        let template = &templates[i];
        found.push(finding(
            Code::M0402,
            template,
            1,
            format!("no view reaches `{}`", template.name),
            "Remove it, if nothing outside this source uses it.",
        ));
    }
}

/// M0401: templates with the names that they miss.
fn missing(
    analysis: &Analysis,
    sources: &Sources,
    graph: &Graph,
    dynamic: &Dynamic,
    reached: &BTreeSet<usize>,
) -> Vec<(usize, String)> {
    let templates = &analysis.templates;
    let includes_unknown = templates.iter().enumerate().any(|(i, t)| {
        graph.dynamic[i]
            && t.edges
                .iter()
                .any(|e| e.kind == EdgeKind::Include && e.template.is_none())
    });
    if dynamic.open || includes_unknown {
        return Vec::new();
    }
    let mut candidates: Vec<(usize, String)> = Vec::new();
    for &i in reached {
        let template = &templates[i];
        if template.engine != Engine::Jinja || graph.is_imported(i) {
            continue;
        }
        let users = graph.users(i);
        let family = graph.bases(users.iter().copied());
        let unsure = |&i: &usize| {
            graph.dynamic[i] || templates[i].error.is_some() || !templates[i].tags.is_empty()
        };
        if family.iter().any(unsure) {
            continue;
        }
        // What stands in a block that others replace is not rendered with them.
        let replaced = template.renders.is_empty()
            && users.iter().any(|&u| {
                u != i
                    && templates[u]
                        .blocks
                        .iter()
                        .any(|b| template.blocks.contains(b))
            });
        if replaced {
            continue;
        }
        let sites = || users.iter().flat_map(|&u| &templates[u].renders);
        if sites().next().is_none() || sites().any(|s| s.open) {
            continue;
        }
        let bound = |name: &String| {
            dynamic.keys.contains(name)
                || sites().any(|s| s.keys.contains(name))
                || family.iter().any(|&f| templates[f].binds.contains(name))
        };
        let names = template
            .free
            .iter()
            .filter(|name| !template.optional.contains(name) && !bound(name));
        candidates.extend(names.map(|name| (i, name.clone())));
    }
    if candidates.is_empty() {
        return candidates;
    }
    let Some(ambient) = context::ambient(sources, &analysis.functions) else {
        return Vec::new();
    };
    candidates.retain(|(_, name)| !ambient.contains(name));
    // Rendered in a way that no touch tells, if the source names it more often than its sites do.
    let names: Vec<&str> = candidates
        .iter()
        .map(|(i, _)| templates[*i].name.as_str())
        .collect();
    let counts = sources.counts(&names);
    candidates
        .into_iter()
        .zip(counts)
        .filter(|((i, _), count)| *count <= templates[*i].renders.len())
        .map(|(candidate, _)| candidate)
        .collect()
}

/// The line where a template names `name`.
fn line(sources: &Sources, template: &Template, name: &str) -> u32 {
    // A template in the source is found at its own place.
    if template.place.column != 0 || template.place.line != 1 {
        return template.place.line;
    }
    sources
        .read(&template.place.file)
        .and_then(|text| jinja::line_of(&text, name))
        .unwrap_or(1)
}
