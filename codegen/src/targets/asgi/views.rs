//! Views: parameters instead of the ambient request, and responses instead of tuples.

use model::function::{Role, Shape};
use model::touch::Op;
use model::{Function, ReturnSite, Span, Subject};

use super::Port;
use crate::error::PortError;

/// Methods of a class of views that answer requests (flask.views.http_method_funcs).
const VERBS: &[&str] = &[
    "get", "post", "head", "options", "delete", "put", "trace", "patch",
];

/// A parameter that a view may get.
struct Input {
    name: &'static str,
    fallback: &'static str,
    kind: &'static str,
}

const FORM: Input = Input {
    name: "form",
    fallback: "form_fields",
    kind: "FormFields",
};
const QUERY: Input = Input {
    name: "args",
    fallback: "query_args",
    kind: "QueryArgs",
};
const FILES: Input = Input {
    name: "files",
    fallback: "uploads",
    kind: "UploadedFiles",
};
const BODY: Input = Input {
    name: "body",
    fallback: "request_body",
    kind: "RequestBody",
};

/// What a view may ask of the request to get it in parts; whoever asks more gets the whole.
fn is_simple(op: &Op) -> bool {
    matches!(
        op,
        Op::Form { .. }
            | Op::Query { .. }
            | Op::Files { .. }
            | Op::Values { .. }
            | Op::Json
            | Op::RawBody
            | Op::Method
            | Op::Path
    )
}

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
        let touches_request = function
            .touches
            .iter()
            .any(|t| t.subject == Subject::Request);
        if !touches_request || !self.will_take_parameters(function) {
            return Ok(());
        }
        self.native.insert(function.id.clone());
        self.parameters(function)
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
    pub(super) fn will_take_parameters(&self, function: &Function) -> bool {
        let text = self.text(&function.file);
        let bare = function
            .touches
            .iter()
            .filter(|t| t.subject == Subject::Request)
            .all(|t| {
                text.get(t.receiver.start as usize..)
                    .is_some_and(|rest| rest.starts_with("request"))
            });
        bare && !self.unported.contains_key(&function.id)
            && (!function.referenced || function.role == Role::Method && !self.is_called(function))
            && self.shows_signature(function)
            && !function
                .parameters
                .iter()
                .any(|p| p.name == "request" || p.stars > 0)
    }

    /// Whether some function of the app calls this one.
    fn is_called(&self, function: &Function) -> bool {
        self.functions().any(|f| f.calls.contains(&function.id))
    }

    /// Whether every use of the request is one that has a parameter of its own.
    fn takes_parts(&self, function: &Function) -> bool {
        let nested = format!("{}.<locals>.", function.id);
        let inner = self.functions().any(|f| {
            f.id.starts_with(&nested) && f.touches.iter().any(|t| t.subject == Subject::Request)
        });
        !inner
            && function
                .touches
                .iter()
                .filter(|t| t.subject == Subject::Request)
                .all(|t| is_simple(&t.op))
    }

    fn parameters(&mut self, function: &Function) -> Result<(), PortError> {
        if !self.takes_parts(function) {
            self.want(&function.file, "flask_parity.inputs", "ViewRequest");
            return self.parameter(function, "request: ViewRequest".into());
        }
        let mut wants_request = false;
        let mut inputs: Vec<(&'static str, String)> = Vec::new();
        for touch in function
            .touches
            .iter()
            .filter(|t| t.subject == Subject::Request)
        {
            let (input, suffix) = match touch.op {
                Op::Form { .. } => (&FORM, ""),
                Op::Query { .. } => (&QUERY, ""),
                Op::Files { .. } => (&FILES, ""),
                Op::Values { .. } => (&BODY, ".values"),
                Op::Json | Op::RawBody => (&BODY, ""),
                Op::Path => {
                    wants_request = true;
                    self.edit(
                        function,
                        touch.span,
                        "request.scope[\"path\"]".into(),
                        "R0112",
                    )?;
                    continue;
                }
                _ => {
                    wants_request = true;
                    continue;
                }
            };
            let name = if function.names.contains(input.name) {
                input.fallback
            } else {
                input.name
            };
            if !inputs.iter().any(|(kind, _)| *kind == input.kind) {
                inputs.push((input.kind, name.to_owned()));
            }
            self.edit(function, touch.receiver, format!("{name}{suffix}"), "R0112")?;
        }
        let file = function.file.clone();
        let mut parameters = Vec::new();
        if wants_request {
            parameters.push("request: Request".to_owned());
            self.want(&file, "fastapi", "Request");
        }
        for (kind, name) in inputs {
            parameters.push(format!("{name}: {kind}"));
            self.want(&file, "flask_parity.inputs", kind);
        }
        if parameters.is_empty() {
            return Ok(());
        }
        self.parameter(function, parameters.join(", "))
    }

    /// Puts parameters before the view's own (behind `self`).
    fn parameter(&mut self, function: &Function, mut text: String) -> Result<(), PortError> {
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

    fn returns(&mut self, function: &Function) -> Result<(), PortError> {
        for site in &function.returns {
            let Some(value) = site.value else { continue };
            match &site.shape {
                Shape::Json => {
                    self.wrap(function, value, "SortedJSONResponse", true)?;
                    self.want(
                        &function.file,
                        "flask_parity.responses",
                        "SortedJSONResponse",
                    );
                }
                Shape::Tuple { .. } => self.tuple(function, site, value)?,
                _ => {}
            }
        }
        Ok(())
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
        let (class, module) = match **body {
            Shape::Text => ("Response", "flask_parity.responses"),
            Shape::Json => ("SortedJSONResponse", "flask_parity.responses"),
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
        let file = function.file.clone();
        self.want(&file, module, class);
        let bare = value.start == elements[0].start;
        self.wrap(function, value, class, bare)
    }

    /// `Class(value)`; a value in parentheses of its own keeps them.
    fn wrap(
        &mut self,
        function: &Function,
        value: Span,
        class: &str,
        bare: bool,
    ) -> Result<(), PortError> {
        let open = if bare {
            format!("{class}(")
        } else {
            class.to_owned()
        };
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
        function.role != Role::Module
            && !self.native.contains(&function.id)
            && function
                .touches
                .iter()
                .any(|t| t.subject == Subject::Request)
    }
}
