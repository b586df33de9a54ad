//! What Quart has of its own, for an app that was written for it.

use model::function::Role;
use model::touch::{HookTime, Op};
use model::{Context, Function, Obstacle, Reason, Touch};

use super::Port;
use super::names::Fate;

const CONTEXT: &str = "flask_parity.quart_context";
const FILES: &str = "flask_parity.quart_files";
pub(super) const RESPONSES: &str = "flask_parity.quart_response";
const TEMPLATING: &str = "flask_parity.quart_templating";

/// Names of the package that are not Flask's, or are awaited. What is not here is as in Flask.
const QUART: &[(&str, &str, &str)] = &[
    ("Flask", "", ""),
    ("Quart", "", ""),
    ("Request", "flask_parity.quart_request", "QuartRequest"),
    ("Response", RESPONSES, "Response"),
    (
        "copy_current_request_context",
        CONTEXT,
        "copy_current_request_context",
    ),
    ("flash", CONTEXT, "flash"),
    ("make_response", RESPONSES, "make_response"),
    ("render_template", TEMPLATING, "render_template"),
    (
        "render_template_string",
        TEMPLATING,
        "render_template_string",
    ),
    ("send_file", FILES, "send_file"),
    ("send_from_directory", FILES, "send_from_directory"),
    ("stream_template", TEMPLATING, "stream_template"),
    (
        "stream_template_string",
        TEMPLATING,
        "stream_template_string",
    ),
    ("stream_with_context", CONTEXT, "stream_with_context"),
];

/// Attributes of Quart's app that Flask's has not, or that are awaited.
const ATTRIBUTES: &[&str] = &[
    "add_background_task",
    "add_websocket",
    "after_serving_funcs",
    "asgi_app",
    "asgi_http_class",
    "background_tasks",
    "before_serving_funcs",
    "ensure_async",
    "handle_request",
    "make_response",
    "run_task",
    "send_static_file",
    "shutdown",
    "shutdown_event",
    "startup",
    "sync_to_async",
    "test_app",
    "test_cli_runner",
    "test_client",
    "test_request_context",
    "websocket_class",
    "while_serving_gens",
];

/// What follows the package's name in the name of one of its modules.
pub(super) fn inside(module: &str) -> Option<&str> {
    let rest = module.strip_prefix("quart")?;
    (rest.is_empty() || rest.starts_with('.')).then_some(rest)
}

/// The fate of a name that is not as in Flask.
pub(super) fn own(rest: &str, name: &str) -> Option<Fate> {
    if rest == ".testing" {
        return Some(Fate::Unknown);
    }
    let (_, module, new) = QUART.iter().find(|(n, ..)| *n == name)?;
    Some(match (name, *module) {
        ("Flask", _) => Fate::Unknown,
        (_, "") => Fate::Gone,
        _ => Fate::New(module, new),
    })
}

impl Port<'_> {
    /// Whether the app was written for Quart.
    pub(in crate::targets) fn is_quart(&self) -> bool {
        self.app.framework == "quart"
    }

    /// The support module of responses.
    pub(super) fn responses(&self) -> &'static str {
        if self.is_quart() {
            RESPONSES
        } else {
            "flask_parity.responses"
        }
    }

    /// Why a touch of a Quart app has no counterpart, beside the reasons that Flask has too.
    pub(super) fn unsupported_of_quart(&self, touch: &Touch, text: &str) -> Option<String> {
        if !self.is_quart() {
            return None;
        }
        match &touch.op {
            Op::AppAttribute { name } if ATTRIBUTES.contains(&name.as_str()) => {
                Some(format!("`app.{name}`"))
            }
            Op::OpenResource => Some("`open_resource`, which is awaited".into()),
            Op::AppContext if touch.context != Context::Import => {
                let written = touch.span.of(text);
                written
                    .contains("test_request_context")
                    .then(|| "`test_request_context`, which is awaited".into())
            }
            Op::RequestAttribute { name }
                if matches!(name.as_str(), "environ" | "send_push_promise") =>
            {
                Some(format!("`request.{name}`"))
            }
            Op::SendFromDirectory | Op::MakeResponse
                if touch.context != Context::Import && is_method_of_app(touch, text) =>
            {
                Some(format!("`{}`", touch.span.of(text)))
            }
            _ => None,
        }
    }

    /// The function that stands for a hook around the serving of the app.
    pub(super) fn serving_hook(&self, when: HookTime, name: &str) -> Option<&'static str> {
        if !self.is_quart() || !matches!(when, HookTime::Startup | HookTime::Shutdown) {
            return None;
        }
        match name {
            "before_serving" | "before_app_serving" => Some("before_serving"),
            "while_serving" | "while_app_serving" => Some("while_serving"),
            "after_serving" | "after_app_serving" => Some("after_serving"),
            _ => None,
        }
    }

    /// Nothing of a Quart app can be left to Quart: it would have to be served by itself.
    pub(super) fn left_of_quart(&self) -> Vec<Obstacle> {
        if !self.is_quart() || self.no_relay {
            return self.obstacles.clone();
        }
        let unported = self.unported.iter().filter_map(|(id, reasons)| {
            let function = self.functions().find(|f| f.id == *id)?;
            Some(obstacle(function, reasons.first()?))
        });
        let mut found: Vec<Obstacle> = self.obstacles.iter().cloned().chain(unported).collect();
        found.sort();
        found.dedup();
        found
    }
}

fn obstacle(function: &Function, why: &Reason) -> Obstacle {
    let place = match function.role {
        Role::View => format!("the view `{}`", function.qualname),
        _ => format!("`{}`", function.qualname),
    };
    Obstacle {
        file: function.file.clone(),
        line: why.line.unwrap_or(function.line),
        reason: Reason {
            line: None,
            message: format!(
                "{place} cannot be ported: {}; with `--no-relay` such views answer 501",
                why.message
            ),
            ..why.clone()
        },
    }
}

/// Whether it is called as a method: `app.make_response(…)`, `current_app.send_static_file(…)`.
fn is_method_of_app(touch: &Touch, text: &str) -> bool {
    let rest = text.get(touch.receiver.end as usize..).unwrap_or("");
    [".make_response(", ".send_static_file("]
        .iter()
        .any(|name| rest.starts_with(name))
        && !touch.receiver.of(text).ends_with("quart")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted() {
        assert!(QUART.is_sorted_by_key(|(n, ..)| *n));
        assert!(ATTRIBUTES.is_sorted());
    }
}
