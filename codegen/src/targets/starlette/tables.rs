//! Lists of routes: after the last view of a scope stands what its decorators registered.
//!
//! Starlette has no decorators for routes. Where a list would not do what a decorator did, `rule` registers the view
//! in its place: under a condition, below another decorator, with a path that is computed.

use model::{Function, Route, Span, Subject, Touch};

use super::SUPPORT;
use crate::error::PortError;
use crate::python::edits::{Edit, indent};
use crate::targets::parity::registrations::argument;
use crate::targets::parity::routes::path;
use crate::targets::parity::{Port, Registered};

/// How long a line of a list may be: what Black allows.
const WIDTH: usize = 88;

/// A route of a list.
struct Entry {
    /// Where the list may stand at the earliest: the end of the view's last line.
    at: u32,
    /// Where the view begins.
    from: u32,
    /// The list that it is put into (`app.router.routes`).
    list: String,
    /// Id of the function around the view, or empty.
    scope: String,
    blanks: String,
    /// `FlaskRoute`, and its arguments.
    route: String,
    arguments: String,
    /// The decorator's comment.
    comment: String,
}

impl Entry {
    /// Its lines in a list; arguments that make a line too long get one of their own.
    fn lines(&self) -> String {
        let Self {
            blanks,
            route,
            arguments,
            ..
        } = self;
        let mut out = format!("{blanks}    {route}({arguments}),");
        if out.chars().count() > WIDTH {
            out = format!("{blanks}    {route}(\n{blanks}        {arguments}\n{blanks}    ),");
        }
        if !self.comment.is_empty() {
            out.push_str("  ");
            out.push_str(&self.comment);
        }
        out.push('\n');
        out
    }
}

/// What follows path and view: methods and name.
pub(super) fn rest(registered: &Registered<'_>) -> String {
    let mut out = String::new();
    if registered.methods != ["\"GET\""] {
        out.push_str(&format!(", methods=[{}]", registered.methods.join(", ")));
    }
    if let Some(name) = &registered.name {
        out.push_str(&format!(", name=\"{name}\""));
    }
    out
}

/// Whether a decorator's route can stand in a list behind the view.
pub(super) fn is_listed(port: &Port<'_>, view: &Function, touch: &Touch) -> bool {
    let text = port.text(&view.file);
    let registrations = port.registrations_of(view);
    let plain = argument(touch, 0, "rule").is_some_and(|a| path(a.value.of(text)).is_some());
    let optionless = registrations
        .iter()
        .filter(|(t, _)| t.span == touch.span)
        .all(|(t, routes)| !has_options(t, routes));
    // What stands above it would not be seen by what it registers.
    let topmost = view
        .decorators
        .iter()
        .take_while(|d| d.span != touch.span)
        .all(|d| registrations.iter().any(|(t, _)| t.span == d.span));
    let known = matches!(touch.subject, Subject::App(_) | Subject::Blueprint(_));
    let alone = !port
        .functions()
        .any(|f| f.file == view.file && f.qualname == view.qualname && f.span != view.span);
    plain && optionless && topmost && known && alone && is_unconditional(port, view)
}

fn has_options(touch: &Touch, routes: &[&Route]) -> bool {
    routes
        .iter()
        .any(|r| !r.strict_slashes || !r.defaults.is_empty())
        || [
            "defaults",
            "redirect_to",
            "provide_automatic_options",
            "strict_slashes",
        ]
        .iter()
        .any(|name| argument(touch, u32::MAX, name).is_some())
}

/// Whether the view is a statement of its module or function, and not of a block inside.
fn is_unconditional(port: &Port<'_>, view: &Function) -> bool {
    let text = port.text(&view.file);
    let blanks = indent(text, view.span.start);
    match scope_of(view) {
        "" => !view.qualname.contains('.') && blanks.is_empty(),
        scope => port
            .functions()
            .find(|f| f.id == scope)
            .and_then(|f| f.body_span)
            .is_some_and(|body| indent(text, body.start) == blanks),
    }
}

/// Id of the function around a view, or nothing.
fn scope_of(view: &Function) -> &str {
    view.id
        .rsplit_once(".<locals>.")
        .map_or("", |(outer, _)| outer)
}

/// Takes a decorator away, its line with it.
pub(super) fn take_down(
    port: &mut Port<'_>,
    view: &Function,
    touch: &Touch,
) -> Result<(), PortError> {
    let text = port.text(&view.file);
    let start = text[..touch.span.start as usize].rfind('@').unwrap_or(0);
    let start = text[..start].rfind('\n').map_or(0, |i| i + 1);
    let end = end_of_line(text, touch.span.end);
    let end = text[end..].find('\n').map_or(end, |i| end + i + 1);
    let line = Span::new(start as u32, end as u32);
    port.edit(view, line, String::new(), "R0105")
}

/// Whether two routes stand in one list, in the order in which they were registered.
pub(super) fn are_listed_together(port: &Port<'_>, first: &Route, second: &Route) -> bool {
    let (Some(a), Some(b)) = (list_of(port, first), list_of(port, second)) else {
        return false;
    };
    a == b
}

/// File, owner and scope of the list that a route stands in.
fn list_of<'a>(port: &Port<'a>, route: &Route) -> Option<(&'a str, &'a str, &'a str)> {
    let id = route.view.as_ref()?.function.as_ref()?;
    let view = port.functions().find(|f| f.id == *id)?;
    let place = &route.registration.as_ref().filter(|r| r.decorator)?.place;
    let (touch, _) = port
        .registrations_of(view)
        .into_iter()
        .find(|(t, _)| t.span == place.span)?;
    let owner = touch.receiver.of(port.text(&view.file));
    is_listed(port, view, touch).then(|| (view.file.as_str(), owner, scope_of(view)))
}

/// Writes the lists.
pub(super) fn write(port: &mut Port<'_>) {
    let analysis = port.analysis;
    for file in analysis.files.keys() {
        let views: Vec<&Function> = port
            .functions()
            .filter(|f| f.file == *file && f.role == model::function::Role::View)
            .collect();
        let mut entries: Vec<Entry> = Vec::new();
        for view in views {
            entries.extend(entries_of(port, view));
        }
        while let Some(first) = entries.first() {
            let (list, scope) = (first.list.clone(), first.scope.clone());
            let mut run: Vec<Entry> = Vec::new();
            let mut later: Vec<Entry> = Vec::new();
            for entry in entries {
                let same = entry.list == list && entry.scope == scope;
                let reached = run
                    .last()
                    .is_none_or(|last| !returns_between(port, &scope, last.at, entry.from));
                if same && reached && later.iter().all(|e| e.list != list || e.scope != scope) {
                    run.push(entry);
                } else {
                    later.push(entry);
                }
            }
            entries = later;
            write_list(port, file, &run);
        }
    }
}

fn entries_of(port: &mut Port<'_>, view: &Function) -> Vec<Entry> {
    let refused = port.unported.contains_key(&view.id) && !port.is_refused_view(view);
    let mut out = Vec::new();
    for (touch, routes) in port.registrations_of(view) {
        if refused || !is_listed(port, view, touch) {
            continue;
        }
        let Some(registered) = port.registered(view, touch, &routes) else {
            continue;
        };
        let text = port.text(&view.file);
        let list = match touch.subject {
            Subject::App(_) => format!("{}.router.routes", registered.owner),
            _ => format!("{}.routes", registered.owner),
        };
        let route = port.named(&view.file, SUPPORT, "FlaskRoute");
        let own = view.qualname.rsplit('.').next().unwrap_or(&view.qualname);
        let comment = text[touch.span.end as usize..end_of_line(text, touch.span.end)].trim();
        out.push(Entry {
            at: end_of_line(text, view.span.end) as u32,
            from: view.span.start,
            list,
            scope: scope_of(view).to_owned(),
            blanks: indent(text, view.span.start).to_owned(),
            arguments: format!("{}, {own}{}", registered.path, rest(&registered)),
            route,
            comment: comment.to_owned(),
        });
    }
    out
}

/// Whether the function around two views may return between them.
fn returns_between(port: &Port<'_>, scope: &str, start: u32, end: u32) -> bool {
    port.functions()
        .filter(|f| f.id == scope)
        .flat_map(|f| &f.returns)
        .any(|r| (start..end).contains(&r.span.start))
}

fn write_list(port: &mut Port<'_>, file: &str, run: &[Entry]) {
    let Some(last) = run.iter().max_by_key(|e| e.at) else {
        return;
    };
    let blanks = &last.blanks;
    let mut text = if blanks.is_empty() { "\n\n\n" } else { "\n\n" }.to_owned();
    match run {
        [one] if one.comment.is_empty() => {
            let route = format!("{}({})", one.route, one.arguments);
            text.push_str(&format!("{blanks}{}.append({route})", one.list));
        }
        _ => {
            text.push_str(&format!("{blanks}{} += [\n", last.list));
            for entry in run {
                text.push_str(&entry.lines());
            }
            text.push_str(&format!("{blanks}]"));
        }
    }
    let edit = Edit {
        span: Span::new(last.at, last.at),
        text,
        code: "R0105",
        function: None,
    };
    if port.file(file).edits.add(edit).is_err() {
        let message = "the routes of this file find no place behind its views";
        port.obstacle(file, 1, "M0302", message.into());
    }
}

/// Where the line ends that `at` stands on.
fn end_of_line(text: &str, at: u32) -> usize {
    let rest = &text[at as usize..];
    let end = at as usize + rest.find('\n').unwrap_or(rest.len());
    text[..end].trim_end_matches('\r').len().max(at as usize)
}
