//! Views: parameters instead of the ambient request, and responses instead of tuples.

use model::function::{Role, Shape};
use model::touch::Op;
use model::{Function, ReturnSite, Span, Subject};

use super::Port;
use crate::error::PortError;

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

impl Port<'_> {
    /// Rewrites a view.
    pub(super) fn view(&mut self, function: &Function) -> Result<(), PortError> {
        self.route_decorators(function)?;
        self.returns(function)?;
        let touches_request = function
            .touches
            .iter()
            .any(|t| t.subject == Subject::Request);
        if !touches_request {
            return Ok(());
        }
        if self.will_take_parameters(function) {
            self.native.insert(function.id.clone());
            self.parameters(function)
        } else {
            Ok(())
        }
    }

    /// Whether the view's uses of the request can all come through parameters.
    pub(super) fn will_take_parameters(&self, function: &Function) -> bool {
        let simple = function
            .touches
            .iter()
            .filter(|t| t.subject == Subject::Request)
            .all(|t| {
                matches!(
                    t.op,
                    Op::Form { .. }
                        | Op::Query { .. }
                        | Op::Files { .. }
                        | Op::Values { .. }
                        | Op::Json
                        | Op::RawBody
                        | Op::Method
                        | Op::Path
                ) && self.text(&function.file)[t.receiver.start as usize..].starts_with("request")
            });
        let nested = format!("{}.<locals>.", function.id);
        let inner = self.functions().any(|f| {
            f.id.starts_with(&nested) && f.touches.iter().any(|t| t.subject == Subject::Request)
        });
        simple
            && !inner
            && !function.referenced
            && self.shows_signature(function)
            && !function.parameters.iter().any(|p| p.name == "request")
    }

    fn parameters(&mut self, function: &Function) -> Result<(), PortError> {
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
        let mut text = parameters.join(", ");
        if !function.parameters.is_empty() {
            text.push_str(", ");
        }
        let at = match function.parameters.first() {
            Some(first) => first.span.start,
            None => function.params_span.start,
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
            Shape::Text => ("HTMLResponse", "fastapi.responses"),
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
