//! The walk: from page to page by links and forms, within the app.

use std::collections::{BTreeMap, HashSet};

use url::Url;

use crate::http::{Content, Part, Piece, Text};

use super::draft::Draft;
use super::names::is_destructive_path;
use super::page::{Field, Form, Page};
use super::plan::Plan;
use super::samples::{encoded, likely};
use super::uploads;

/// Pages of one rule are alike after these.
const SAME_RULE: usize = 8;

/// A form is sent from so many pages.
const SAME_FORM: usize = 2;

/// A walk of one session.
#[derive(Debug, Default)]
pub struct Walk {
    seen: HashSet<String>,
    visits: BTreeMap<Option<usize>, usize>,
    forms: BTreeMap<String, usize>,
}

impl Walk {
    /// The requests that a page leads to, each once. What changes settings, deletes or ends the session comes second.
    pub fn beyond(
        &mut self,
        plan: &Plan,
        target: &str,
        page: &Page,
        kept: &str,
    ) -> (Vec<Draft>, Vec<Draft>) {
        let mut drafts = Vec::new();
        for link in &page.links {
            let Some(linked) = within(target, link) else {
                continue;
            };
            if self.is_new(plan, &linked) {
                drafts.push(Draft::new("GET", linked, "a link of a page"));
            }
        }
        for form in &page.forms {
            let Some(action) = within(target, &form.action) else {
                continue;
            };
            let names: Vec<&str> = form.fields.iter().map(|f| f.name.as_str()).collect();
            let route = plan.find(path_of(&action));
            let sent = self
                .forms
                .entry(format!("{route:?} {} {names:?}", form.method))
                .or_default();
            *sent += 1;
            if *sent <= SAME_FORM {
                let mut made = submissions(&action, target, form, kept);
                // Settings stay as they are: others would lead to another app.
                if route.is_some_and(|r| plan.routes[r].is_settings) {
                    made.truncate(1);
                }
                drafts.extend(made.into_iter().map(|mut draft| {
                    draft.route = route;
                    draft
                }));
            }
        }
        drafts.into_iter().partition(|draft| {
            let target = super::draft::plain_target(&draft.recipe).unwrap_or_default();
            let is_settings = draft.route.is_some_and(|r| plan.routes[r].is_settings);
            !(is_destructive_path(target) || is_settings && draft.recipe.method == "POST")
        })
    }

    /// Notes a page; false when it was noted before, or is one too many of its rule.
    pub fn is_new(&mut self, plan: &Plan, target: &str) -> bool {
        self.is_one_of(plan, target, SAME_RULE)
    }

    /// The same with so many pages of one rule.
    pub fn is_one_of(&mut self, plan: &Plan, target: &str, most: usize) -> bool {
        if !self.seen.insert(target.to_owned()) {
            return false;
        }
        let route = plan.find(&super::samples::decoded(path_of(target)));
        let visits = self.visits.entry(route).or_default();
        *visits += 1;
        *visits <= most
    }
}

/// A target without its query.
#[must_use]
pub fn path_of(target: &str) -> &str {
    target.split('?').next().unwrap_or(target)
}

/// Where a reference of a page or a `Location` leads, as a target, when it stays within the app. Servers of one app
/// listen on ports of their own, so the port does not count.
#[must_use]
pub fn within(target: &str, reference: &str) -> Option<String> {
    let base = Url::parse("http://127.0.0.1/")
        .ok()?
        .join(target.trim_start_matches('/'))
        .ok()?;
    let url = base.join(reference.trim()).ok()?;
    let is_here = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"))
        && url.scheme() == "http";
    if !is_here {
        return None;
    }
    Some(match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    })
}

/// A form as a person sends it, and with mistakes.
fn submissions(action: &str, page: &str, form: &Form, kept: &str) -> Vec<Draft> {
    let filled: Vec<(&Field, Text)> = form
        .fields
        .iter()
        .filter_map(|f| Some((f, value(f, kept)?)))
        .collect();
    let send = |fields: &[(&Field, Text)], aim: String| send(action, page, form, fields, aim);
    // As it stands, where something stands in it; a person presses one button.
    let buttons: Vec<&str> = filled
        .iter()
        .filter(|(f, _)| f.kind == "submit")
        .map(|(f, _)| f.name.as_str())
        .collect();
    let standing = |button: Option<&&str>| -> Vec<(&Field, Text)> {
        let pressed = filled.iter().filter(|(f, _)| {
            f.kind != "submit" || button.is_none_or(|name| *name == f.name.as_str())
        });
        let stands = |f: &Field| !f.value.is_empty() && f.kind != "hidden" && !f.is_choice();
        pressed
            .map(|(f, v)| match f {
                f if stands(f) => (*f, f.value.as_str().into()),
                f => (*f, v.clone()),
            })
            .collect()
    };
    let mut drafts = vec![send(&filled, "a form of a page".into())];
    let first = standing(buttons.first());
    if first != filled {
        drafts.insert(0, send(&first, "a form of a page, as it stands".into()));
    }
    for button in buttons.iter().skip(1).take(4) {
        let fields = standing(Some(button));
        drafts.push(send(&fields, format!("a form of a page, sent by {button}")));
    }
    let visible = filled
        .iter()
        .enumerate()
        .filter(|(_, (f, _))| !matches!(f.kind.as_str(), "hidden" | "submit"));
    for (i, (field, _)) in visible.take(8) {
        let name = &field.name;
        let mut fields = filled.clone();
        match field.kind.as_str() {
            "checkbox" | "file" => {
                fields.remove(i);
                drafts.push(send(&fields, format!("a form of a page, {name} left out")));
            }
            "select" | "radio" => {
                if let Some(second) = field.options.get(1) {
                    fields[i].1 = second.as_str().into();
                    drafts.push(send(&fields, format!("a form of a page, another {name}")));
                }
                fields[i].1 = "no-such-choice".into();
                drafts.push(send(
                    &fields,
                    format!("a form of a page, {name} out of the choice"),
                ));
            }
            _ => {
                fields[i].1 = "".into();
                drafts.push(send(&fields, format!("a form of a page, {name} empty")));
            }
        }
    }
    if form.hidden().next().is_some() {
        let shown: Vec<(&Field, Text)> = filled
            .iter()
            .filter(|(f, _)| f.kind != "hidden")
            .cloned()
            .collect();
        drafts.push(send(
            &shown,
            "a form of a page, hidden fields left out".into(),
        ));
    }
    drafts
}

fn value(field: &Field, kept: &str) -> Option<Text> {
    Some(match field.kind.as_str() {
        "hidden" => Text(vec![Piece::Field {
            of: kept.to_owned(),
            name: field.name.clone(),
        }]),
        "reset" | "image" => return None,
        "select" | "radio" => field
            .options
            .iter()
            .find(|o| !o.is_empty())?
            .as_str()
            .into(),
        "checkbox" if field.value.is_empty() => "on".into(),
        "submit" | "checkbox" | "range" | "color" => field.value.as_str().into(),
        kind => likely(&field.name, kind).into(),
    })
}

fn send(action: &str, page: &str, form: &Form, fields: &[(&Field, Text)], aim: String) -> Draft {
    if form.method == "GET" {
        let mut target = vec![Piece::Literal(format!("{}?", path_of(action)))];
        for (i, (field, value)) in fields.iter().enumerate() {
            let glue = if i == 0 { "" } else { "&" };
            target.push(Piece::Literal(format!("{glue}{}=", encoded(&field.name))));
            target.extend(value.0.iter().map(|piece| match piece {
                Piece::Literal(text) => Piece::Literal(encoded(text)),
                other => other.clone(),
            }));
        }
        let literal: Option<String> = target
            .iter()
            .map(|p| {
                if let Piece::Literal(text) = p {
                    Some(text.as_str())
                } else {
                    None
                }
            })
            .collect();
        let mut draft = Draft::new("GET", literal.map_or(Text(target), Text::from), aim);
        draft.page = Some(page.to_owned());
        return draft;
    }
    let mut draft = Draft::new("POST", action, aim);
    draft.page = Some(page.to_owned());
    if !form.is_multipart {
        draft.recipe.content = Content::Form(
            fields
                .iter()
                .map(|(f, v)| (f.name.clone(), v.clone()))
                .collect(),
        );
        return draft;
    }
    let part = |(field, value): &(&Field, Text)| match field.kind.as_str() {
        "file" => uploads::likely(&field.name, &field.accept),
        _ => Part {
            name: field.name.clone(),
            value: value.clone(),
            file: None,
        },
    };
    draft.multipart(fields.iter().map(part).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_within_the_app_is_followed() {
        for (target, reference, wanted) in [
            ("/a/b?x=1", "c?y=2", Some("/a/c?y=2")),
            ("/a/", "", Some("/a/")),
            ("/a", "http://127.0.0.1:81/x#top", Some("/x")),
            ("/a", "/é", Some("/%C3%A9")),
            ("/a", "https://example.org/x", None),
            ("/a", "//example.org/x", None),
            ("/a", "mailto:ann@example.org", None),
            ("/a", "javascript:void(0)", None),
            ("//a//b", "?x", Some("/a//b?x")),
        ] {
            assert_eq!(
                within(target, reference).as_deref(),
                wanted,
                "{target} {reference}"
            );
        }
    }

    #[test]
    fn hidden_fields_are_the_pages_own() {
        let page = Page::read(
            "<form method=post><input type=hidden name=csrf value=t><input name=email><select name=s><option>a<option>b</select></form>",
        );
        let drafts = submissions("/x", "/x", &page.forms[0], "kept");
        let Content::Form(fields) = &drafts[0].recipe.content else {
            panic!("{drafts:?}");
        };
        assert!(
            matches!(&fields[0].1.0[0], Piece::Field { of, name } if of == "kept" && name == "csrf")
        );
        assert_eq!(fields[1].1, "ann@example.org".into());
        assert_eq!(drafts.len(), 5);
        assert!(drafts.iter().all(|d| d.page.as_deref() == Some("/x")));
    }
}
