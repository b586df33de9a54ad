//! Who renders a template, with which names: tied from the touches of functions.

use std::collections::{BTreeMap, BTreeSet};

use model::{Argument, Constant, Function, Op, Passed, Place, RenderSite, Template, Touch};

use crate::flask::Naming;

use super::jinja;
use super::sources::Sources;

/// Renderings whose template is not known.
#[derive(Debug, Default)]
pub struct Dynamic {
    /// There are some.
    pub any: bool,
    /// Names that they pass.
    pub keys: BTreeSet<String>,
    /// One of them passes more than these.
    pub open: bool,
}

impl Dynamic {
    fn add(&mut self, site: &RenderSite) {
        self.any = true;
        self.open |= site.open;
        self.keys.extend(site.keys.iter().cloned());
    }
}

/// Ties the render sites of all functions to their templates, and adds templates that stand in the source.
pub fn tie(templates: &mut Vec<Template>, functions: &[Function], sources: &Sources) -> Dynamic {
    let mut by_name: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (i, template) in templates.iter().enumerate() {
        by_name.entry(template.name.clone()).or_default().push(i);
    }
    let mut dynamic = Dynamic::default();
    let mut written = Vec::new();
    for function in functions {
        for touch in &function.touches {
            let source = matches!(touch.op, Op::RenderSource)
                || matches!(&touch.op, Op::Other { name } if name == "stream_template_string");
            let file = matches!(touch.op, Op::Render { .. })
                || matches!(&touch.op, Op::Other { name } if name == "stream_template");
            if !source && !file {
                continue;
            }
            let parameter = if source {
                "source"
            } else {
                "template_name_or_list"
            };
            let site = site(function, touch, parameter);
            let first = first(touch, parameter);
            let constant = first.and_then(|a| a.constant.as_ref());
            match constant {
                Some(Constant::Str(text)) if source => {
                    let place = first.map(|a| a.value).unwrap_or_default();
                    written.push(in_source(function, touch, text, place, site, sources));
                }
                Some(Constant::Str(name)) => attach(templates, &by_name, name, &site),
                Some(Constant::List(names)) if !names.is_empty() => {
                    for name in names {
                        match name {
                            Constant::Str(name) => attach(templates, &by_name, name, &site),
                            _ => dynamic.add(&site),
                        }
                    }
                }
                // The function itself, handed on: whoever calls it renders anything.
                _ if !source => dynamic.add(&site),
                _ => {}
            }
        }
    }
    templates.append(&mut written);
    templates.sort_by(|a, b| (&a.name, &a.place.file).cmp(&(&b.name, &b.place.file)));
    dynamic
}

/// Ties places that hand a template's name to something else than the framework.
pub fn tie_named(templates: &mut [Template], namings: &[Naming]) {
    for template in templates {
        for naming in namings
            .iter()
            .filter(|n| clean(&n.template) == template.name)
        {
            let known = template
                .renders
                .iter()
                .any(|r| r.function == naming.function && r.line == naming.line);
            if !known {
                template.renders.push(RenderSite {
                    function: naming.function.clone(),
                    line: naming.line,
                    keys: naming.keys.clone(),
                    open: naming.open,
                });
            }
        }
    }
}

/// A template's name without what changes nothing.
fn clean(name: &str) -> &str {
    name.trim_start_matches("./").trim_start_matches('/')
}

fn attach(
    templates: &mut [Template],
    by_name: &BTreeMap<String, Vec<usize>>,
    name: &str,
    site: &RenderSite,
) {
    for &i in by_name
        .get(clean(name))
        .map(Vec::as_slice)
        .unwrap_or_default()
    {
        templates[i].renders.push(site.clone());
    }
}

fn first<'t>(touch: &'t Touch, parameter: &str) -> Option<&'t Argument> {
    touch.arguments.iter().find(|a| match &a.passed {
        Passed::Position(0) => true,
        Passed::Keyword(name) => name == parameter,
        _ => false,
    })
}

fn site(function: &Function, touch: &Touch, parameter: &str) -> RenderSite {
    let mut keys = Vec::new();
    let mut open = touch.arguments.is_empty();
    for argument in &touch.arguments {
        match (&argument.passed, &argument.constant) {
            (Passed::Position(0), _) => {}
            (Passed::Keyword(name), _) if name == parameter => {}
            (Passed::Keyword(name), _) => keys.push(name.clone()),
            (Passed::DoubleStar, Some(Constant::Map(map))) => keys.extend(map.keys().cloned()),
            _ => open = true,
        }
    }
    RenderSite {
        function: function.id.clone(),
        line: touch.line,
        keys,
        open,
    }
}

/// A template that is written in the source.
fn in_source(
    function: &Function,
    touch: &Touch,
    text: &str,
    span: model::Span,
    site: RenderSite,
    sources: &Sources,
) -> Template {
    let file = sources.read(&function.file).unwrap_or_default();
    let before = file.get(..span.start as usize);
    let line = before.map_or(touch.line, |b| b.matches('\n').count() as u32 + 1);
    let column = before.and_then(|b| b.rsplit('\n').next());
    let name = format!("{}:{line}", function.file);
    let mut template = jinja::read(&name, &function.file, text);
    template.place = Place {
        file: function.file.clone(),
        line,
        column: column.map_or(0, |c| c.chars().count() as u32),
        span,
    };
    // Lines count from the literal's first one; where the text is bound elsewhere, they stay its own.
    let literal = span.of(&file).contains(['"', '\'']);
    if literal {
        let shift = line.saturating_sub(1);
        template.edges.iter_mut().for_each(|e| e.line += shift);
        template.urls.iter_mut().for_each(|u| u.line += shift);
        template.forms.iter_mut().for_each(|f| f.line += shift);
        template.links.iter_mut().for_each(|l| l.line += shift);
        template.error.iter_mut().for_each(|e| e.line += shift);
    }
    template.renders.push(site);
    template
}
