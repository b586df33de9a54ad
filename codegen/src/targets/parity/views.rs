//! Views: parameters instead of the ambient request, and responses instead of tuples.

use model::function::{Forwarding, Role, Shape};
use model::{Function, Outcome, ReturnSite, Span, Subject, Touch};

use super::Port;
use super::attributes::unawaited;
use crate::error::PortError;

/// Methods of a class of views that answer requests (flask.views.http_method_funcs).
const VERBS: &[&str] = &[
    "get", "post", "head", "options", "delete", "put", "trace", "patch",
];

impl Port<'_> {
    /// Rewrites a function that answers a route; others keep what they have.
    pub(super) fn view(&mut self, function: &Function) -> Result<(), PortError> {
        if function.role == Role::View {
            if self.unported.contains_key(&function.id) {
                return self.leave(function);
            }
            self.route_decorators(function)?;
        } else if !self.answers(function) {
            return Ok(());
        }
        self.returns(function)?;
        let framework = self.framework;
        if touches_request(function) && framework.takes_request(self, function) {
            self.native.insert(function.id.clone());
        }
        framework.parameters(self, function)
    }

    /// Whether a function answers a route itself: a view, or a method of a class of views that is named like a verb.
    pub(super) fn answers(&self, function: &Function) -> bool {
        match function.role {
            Role::View => true,
            Role::Method => {
                let Some((class, method)) = function.qualname.rsplit_once('.') else {
                    return false;
                };
                VERBS.contains(&method)
                    && !self.unported.contains_key(&function.id)
                    && self.analysis.routes.iter().any(|r| {
                        r.view.as_ref().is_some_and(|v| {
                            v.function.is_none()
                                && v.module == function.module
                                && v.qualname == class
                        })
                    })
            }
            _ => false,
        }
    }

    /// Whether the view's uses of the request can all come through parameters.
    pub(in crate::targets) fn will_take_parameters(&self, function: &Function) -> bool {
        let text = self.text(&function.file);
        let bare = function
            .touches
            .iter()
            .filter(|t| t.subject == Subject::Request)
            .all(|t| reads_request(t, text) || is_of_a_part(function, t, text));
        let free = match function.role {
            Role::Method => !self.is_called(function),
            _ => !function.referenced,
        };
        bare && free
            && !self.unported.contains_key(&function.id)
            && self.shows_signature(function)
            && !function
                .parameters
                .iter()
                .any(|p| p.name == "request" || p.stars > 0)
    }

    /// Whether some code of the app calls this method, a subclass through `super()` perhaps.
    fn is_called(&self, function: &Function) -> bool {
        let (class, own) = function
            .qualname
            .rsplit_once('.')
            .unwrap_or(("", &function.qualname));
        let class = class.rsplit('.').next().unwrap_or(class);
        let (inherited, named) = (format!(").{own}("), format!("{class}.{own}("));
        let any_line = |fits: &dyn Fn(&str) -> bool| {
            let mut lines = self.texts.values().flat_map(|t| t.lines());
            lines.any(|line| fits(line.trim_start()))
        };
        let is_base = |line: &str| {
            let bases = line.strip_prefix("class ").and_then(|l| l.split_once('('));
            bases.is_some_and(|(_, b)| b.split([',', ')', '.', ' ']).any(|b| b == class))
        };
        self.functions().any(|f| f.calls.contains(&function.id))
            || any_line(&|line| line.contains(&named))
            || any_line(&is_base)
                && any_line(&|line| line.contains("super(") && line.contains(&inherited))
    }

    /// Puts parameters before the view's own (behind `self`).
    pub(in crate::targets) fn parameter(
        &mut self,
        function: &Function,
        mut text: String,
    ) -> Result<(), PortError> {
        let own = match function.role {
            Role::Method => function.parameters.get(1..).unwrap_or(&[]),
            _ => function.parameters.as_slice(),
        };
        let at = match (own.first(), function.parameters.first()) {
            (Some(first), _) => {
                text.push_str(", ");
                first.span.start
            }
            (None, Some(receiver)) => {
                text.insert_str(0, ", ");
                receiver.span.end
            }
            (None, None) => function.params_span.start,
        };
        self.edit(function, Span::new(at, at), text, "R0111")
    }

    /// What it returns becomes a response, unless other code wants it as it is.
    fn returns(&mut self, function: &Function) -> Result<(), PortError> {
        // What a decorator of the app's makes of it is the decorator's matter; the route takes whatever comes out.
        let is_wanted = function.role == Role::View && function.referenced;
        if is_wanted || !self.hands_on_result(function) {
            return Ok(());
        }
        for site in &function.returns {
            let Some(value) = site.value else { continue };
            match &site.shape {
                Shape::Json => {
                    self.wrap(function, value, "SortedJSONResponse", true)?;
                }
                Shape::Tuple { .. } => self.tuple(function, site, value)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// Whether what a view returns is what its route gets: no decorator of the app's looks into it.
    fn hands_on_result(&self, function: &Function) -> bool {
        function.decorators.iter().all(|d| {
            d.framework
                || d.forwards == Forwarding::Transparent
                    && d.function
                        .as_ref()
                        .is_some_and(|id| self.returns_what_it_wraps(id))
        })
    }

    /// Whether a decorator's wrapper returns what it calls and does nothing else with it: `return view(…)`.
    fn returns_what_it_wraps(&self, decorator: &str) -> bool {
        let inside = format!("{decorator}.<locals>.");
        let mut wrappers = self
            .functions()
            .filter(|f| f.id.starts_with(&inside))
            .filter_map(|f| {
                let around = enclosing(&f.id)?;
                let outer = self.functions().find(|o| o.id == around)?;
                let called = format!("{}(", outer.parameters.first()?.name);
                let text = self.text(&f.file);
                let calls = words(f.span.of(text), &called);
                let is_handed_on = |r: &&ReturnSite| {
                    let value = r.value.map_or("", |v| v.of(text));
                    unawaited(value).starts_with(&called)
                };
                let handed_on = f.returns.iter().filter(is_handed_on).count();
                (calls > 0).then_some(calls == handed_on)
            })
            .peekable();
        wrappers.peek().is_some() && wrappers.all(|hands_on| hands_on)
    }

    /// `return body, status, headers`.
    fn tuple(
        &mut self,
        function: &Function,
        site: &ReturnSite,
        value: Span,
    ) -> Result<(), PortError> {
        let Shape::Tuple {
            elements,
            body,
            second_is_status,
            ..
        } = &site.shape
        else {
            return Ok(());
        };
        let class = match **body {
            Shape::Text => "Response",
            Shape::Json => "SortedJSONResponse",
            // `reply` of the route does what Flask does with any value.
            _ => return Ok(()),
        };
        if *second_is_status != Some(true) || !(2..=3).contains(&elements.len()) {
            return Ok(());
        }
        let text = self.text(&function.file);
        if text[elements[1].start as usize..].starts_with(['"', '\'']) {
            return Ok(());
        }
        let bare = value.start == elements[0].start;
        self.wrap(function, value, class, bare)
    }

    /// `Class(value)`, of one of the port's classes of responses; a value in parentheses of its own keeps them.
    fn wrap(
        &mut self,
        function: &Function,
        value: Span,
        class: &str,
        bare: bool,
    ) -> Result<(), PortError> {
        let class = self.named(&function.file, self.responses(), class);
        let open = if bare { format!("{class}(") } else { class };
        self.edit(function, Span::new(value.start, value.start), open, "R0113")?;
        if bare {
            self.edit(
                function,
                Span::new(value.end, value.end),
                ")".into(),
                "R0113",
            )?;
        }
        Ok(())
    }

    /// Files in which some function goes on using the ambient request.
    pub(super) fn keeps_ambient_request(&self, function: &Function) -> bool {
        !self.native.contains(&function.id)
            && function
                .touches
                .iter()
                .any(|t| t.subject == Subject::Request)
    }
}

/// The id of the function around another one.
fn enclosing(id: &str) -> Option<&str> {
    id.rsplit_once(".<locals>.").map(|(outer, _)| outer)
}

/// How often a word (`view(`) stands in a text, not as the end of a longer one.
fn words(text: &str, word: &str) -> usize {
    text.match_indices(word)
        .filter(|(at, _)| {
            !text[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.')
        })
        .count()
}

/// Whether a touch reads something off `request` where it stands: `request.args`, `await request.form`.
pub(in crate::targets) fn reads_request(touch: &Touch, text: &str) -> bool {
    text.get(touch.receiver.start as usize..)
        .map(|rest| rest.strip_prefix("await ").unwrap_or(rest))
        .and_then(|rest| rest.strip_prefix("request"))
        .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
}

/// Whether a touch reads a part of the request by the name that it was given: `fields["x"]` after `fields = request.form`.
fn is_of_a_part(function: &Function, touch: &Touch, text: &str) -> bool {
    let name = touch.receiver.of(text);
    function.touches.iter().any(|t| {
        t.subject == Subject::Request
            && reads_request(t, text)
            && matches!(&t.outcome, Outcome::Bound(bound) if bound == name)
    })
}

/// Whether a function asks something of the request.
pub(in crate::targets) fn touches_request(function: &Function) -> bool {
    function
        .touches
        .iter()
        .any(|t| t.subject == Subject::Request)
}
