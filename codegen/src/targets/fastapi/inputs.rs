//! Parameters of views: the request, or the parts of it that a view asks for.

use model::touch::Op;
use model::{Function, Subject};

use crate::error::PortError;
use crate::targets::parity::Port;
use crate::targets::parity::views::reads_request;

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

/// Whether every use of the request is one that has a parameter of its own. What Quart awaits comes with the request.
fn takes_parts(port: &Port<'_>, function: &Function) -> bool {
    let is_awaited = |op: &Op| !matches!(op, Op::Query { .. } | Op::Method | Op::Path);
    let asked = || {
        let touches = function.touches.iter();
        touches.filter(|t| t.subject == Subject::Request)
    };
    if port.is_quart() && asked().any(|t| is_awaited(&t.op)) {
        return false;
    }
    let nested = format!("{}.<locals>.", function.id);
    let inner = port.functions().any(|f| {
        f.id.starts_with(&nested) && f.touches.iter().any(|t| t.subject == Subject::Request)
    });
    !inner && asked().all(|t| is_simple(&t.op))
}

/// Gives a view the parts of the request that it asks for, or the request itself.
pub(super) fn give(port: &mut Port<'_>, function: &Function) -> Result<(), PortError> {
    if !takes_parts(port, function) {
        let module = match port.is_quart() {
            true => "flask_parity.quart_inputs",
            false => "flask_parity.inputs",
        };
        let kind = port.named(&function.file, module, "ViewRequest");
        return port.parameter(function, format!("request: {kind}"));
    }
    let mut wants_request = false;
    let mut inputs: Vec<(&'static str, String)> = Vec::new();
    let text = port.text(&function.file);
    for touch in function
        .touches
        .iter()
        .filter(|t| t.subject == Subject::Request && reads_request(t, text))
    {
        let (input, suffix) = match touch.op {
            Op::Form { .. } => (&FORM, ""),
            Op::Query { .. } => (&QUERY, ""),
            Op::Files { .. } => (&FILES, ""),
            Op::Values { .. } => (&BODY, ".values"),
            Op::Json | Op::RawBody => (&BODY, ""),
            Op::Path => {
                wants_request = true;
                port.edit(
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
        port.edit(function, touch.receiver, format!("{name}{suffix}"), "R0112")?;
    }
    let file = function.file.clone();
    let mut parameters = Vec::new();
    if wants_request {
        let kind = port.named(&file, "fastapi", "Request");
        parameters.push(format!("request: {kind}"));
    }
    for (kind, name) in inputs {
        let kind = port.named(&file, "flask_parity.inputs", kind);
        parameters.push(format!("{name}: {kind}"));
    }
    if parameters.is_empty() {
        return Ok(());
    }
    port.parameter(function, parameters.join(", "))
}
