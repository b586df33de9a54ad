//! What the app object carries: Flask's attributes live on `app.state` in a port.

use model::{Function, Span, Touch};

use super::Port;
use super::names::{self, Fate};
use crate::error::PortError;

/// What becomes of an attribute of the app object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attribute {
    /// It follows the app, as this text (`.state.name`).
    Follows(&'static str),
    /// A function of a support module that takes the app first.
    Function(&'static str, &'static str),
    /// A function of a support module that takes the app and registers what it is called with.
    Registers(&'static str, &'static str),
    /// A WSGI application is put around the app.
    Layer,
    /// The app's own: it stays where it is.
    Own,
    /// Flask's own, without a counterpart.
    Unknown,
}

use Attribute::{Follows, Function as Call, Unknown};

/// Flask's attributes (flask.sansio.app.App, flask.app.Flask).
const KNOWN: &[(&str, Attribute)] = &[
    ("aborter", Unknown),
    ("add_url_rule", Unknown),
    ("after_request_funcs", Unknown),
    ("app_context", Call("flask_parity.context", "app_context")),
    ("app_ctx_globals_class", Unknown),
    ("async_to_sync", Unknown),
    ("before_request_funcs", Unknown),
    ("blueprints", Unknown),
    ("cli", Unknown),
    ("config", Follows(".state.config")),
    ("config_class", Unknown),
    ("context_processor", Unknown),
    ("create_jinja_environment", Unknown),
    ("create_url_adapter", Unknown),
    ("debug", Follows(".state.config[\"DEBUG\"]")),
    ("dispatch_request", Unknown),
    ("do_teardown_appcontext", Unknown),
    ("ensure_sync", Unknown),
    ("error_handler_spec", Unknown),
    ("extensions", Follows(".state.extensions")),
    ("finalize_request", Unknown),
    ("full_dispatch_request", Unknown),
    ("get_send_file_max_age", Unknown),
    ("handle_exception", Unknown),
    ("handle_http_exception", Unknown),
    ("handle_user_exception", Unknown),
    ("has_static_folder", Unknown),
    ("import_name", Follows(".state.import_name")),
    ("inject_url_defaults", Unknown),
    ("instance_path", Follows(".state.instance_path")),
    ("iter_blueprints", Unknown),
    ("jinja_env", Follows(".state.templates")),
    ("jinja_environment", Unknown),
    ("jinja_loader", Follows(".state.templates.loader")),
    ("jinja_options", Unknown),
    ("json", Follows(".state.json")),
    ("json_decoder", Unknown),
    ("json_encoder", Unknown),
    ("json_provider_class", Unknown),
    ("log_exception", Unknown),
    ("logger", Follows(".state.logger")),
    ("login_manager", Follows(".state.login_manager")),
    ("make_aborter", Unknown),
    ("make_config", Unknown),
    ("make_default_options_response", Unknown),
    ("make_shell_context", Unknown),
    ("name", Follows(".state.name")),
    ("open_instance_resource", Unknown),
    (
        "permanent_session_lifetime",
        Follows(".state.config[\"PERMANENT_SESSION_LIFETIME\"]"),
    ),
    ("preprocess_request", Unknown),
    ("process_response", Unknown),
    ("redirect", Unknown),
    ("register_error_handler", Unknown),
    ("request_class", Unknown),
    ("request_context", Unknown),
    ("response_class", Follows(".state.response_class")),
    ("root_path", Follows(".state.root_path")),
    ("secret_key", Follows(".state.config[\"SECRET_KEY\"]")),
    ("select_jinja_autoescape", Unknown),
    (
        "send_static_file",
        Call("flask_parity.files", "send_static_file"),
    ),
    ("session_interface", Unknown),
    (
        "shell_context_processor",
        Attribute::Registers("flask_parity.cli", "shell_context_processor"),
    ),
    ("shell_context_processors", Unknown),
    ("should_ignore_error", Unknown),
    ("static_folder", Follows(".state.static_folder")),
    ("static_url_path", Follows(".state.static_url_path")),
    ("subdomain_matching", Unknown),
    ("teardown_appcontext_funcs", Unknown),
    ("teardown_request_funcs", Unknown),
    ("template_context_processors", Unknown),
    ("template_folder", Follows(".state.template_folder")),
    (
        "test_cli_runner",
        Call("flask_parity.testing", "test_cli_runner"),
    ),
    ("test_client", Call("flask_parity.testing", "test_client")),
    ("test_client_class", Unknown),
    (
        "test_request_context",
        Call("flask_parity.testing", "test_request_context"),
    ),
    ("testing", Follows(".state.config[\"TESTING\"]")),
    ("trap_http_exception", Unknown),
    ("update_template_context", Unknown),
    ("url_build_error_handlers", Unknown),
    ("url_default_functions", Unknown),
    ("url_for", Unknown),
    ("url_map", Follows(".state.url_map")),
    ("url_map_class", Unknown),
    ("url_rule_class", Unknown),
    ("url_value_preprocessors", Unknown),
    ("view_functions", Unknown),
    ("wsgi_app", Attribute::Layer),
];

/// What becomes of `app.name`, where the framework has `taken` some names.
pub(super) fn attribute(name: &str, taken: &[&str]) -> Attribute {
    match KNOWN.iter().find(|(n, _)| *n == name) {
        Some((_, attribute)) => *attribute,
        None if taken.contains(&name) => Unknown,
        None => Attribute::Own,
    }
}

impl Port<'_> {
    /// `app.logger` becomes `app.state.logger`, `app.test_client()` becomes `test_client(app)`.
    pub(super) fn app_attribute(
        &mut self,
        function: &Function,
        touch: &Touch,
        name: &str,
    ) -> Result<(), PortError> {
        let text = self.text(&function.file);
        let at = touch.receiver.end as usize;
        let Some(dot) = text
            .get(at..)
            .filter(|rest| rest.trim_start().starts_with('.'))
        else {
            // `getattr(app, "debug")` and the like: the attribute is not written out.
            return Ok(());
        };
        let blanks = dot.len() - dot.trim_start().len();
        let end = (at + blanks + 1 + name.len()) as u32;
        if text.get(at + blanks + 1..end as usize) != Some(name) {
            return Ok(());
        }
        match attribute(name, self.framework.taken()) {
            Follows(new) => self.edit(
                function,
                Span::new(touch.receiver.end, end),
                new.into(),
                "R0110",
            ),
            Call(module, new) => {
                let app = touch.receiver.of(text).to_owned();
                let called = text[end as usize..].starts_with('(');
                let span = Span::new(touch.receiver.start, end + u32::from(called));
                let more = called && !text[end as usize + 1..].trim_start().starts_with(')');
                let new = self.named(&function.file, module, new);
                let new_text = match (called, more) {
                    (true, true) => format!("{new}({app}, "),
                    (true, false) => format!("{new}({app}"),
                    (false, _) => {
                        let message = format!("`app.{name}` is not called here");
                        self.obstacle(&function.file, touch.line, "M0302", message);
                        return Ok(());
                    }
                };
                self.edit(function, span, new_text, "R0110")
            }
            Attribute::Registers(module, new) => {
                let app = touch.receiver.of(text).to_owned();
                let new = self.named(&function.file, module, new);
                let span = Span::new(touch.receiver.start, end);
                self.edit(function, span, format!("{new}({app})"), "R0110")
            }
            Attribute::Layer => self.layer(function, touch),
            Attribute::Own | Unknown => Ok(()),
        }
    }

    /// `app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1)` becomes `app.add_middleware(ProxyFix, x_for=1)`; other
    /// WSGI applications stay, around what `WsgiLayer` offers.
    fn layer(&mut self, function: &Function, touch: &Touch) -> Result<(), PortError> {
        let text = self.text(&function.file);
        let app = touch.receiver.of(text).to_owned();
        let statement = &text[touch.span.start as usize..];
        if touch.context == model::Context::Target
            && let Some(rest) = statement[(touch.span.end - touch.span.start) as usize..]
                .trim_start()
                .strip_prefix('=')
            && let Some(arguments) = rest.trim_start().strip_prefix("ProxyFix(")
            && let Some(close) = closing(arguments)
            && let Some(options) = arguments[..close]
                .trim_start()
                .strip_prefix(&text[touch.span.start as usize..touch.span.end as usize])
        {
            let end = touch.span.start + (statement.len() - arguments.len() + close + 1) as u32;
            let options = options.trim_start().trim_start_matches(',').trim();
            let options = options.trim_end_matches(',').trim_end();
            let more = if options.is_empty() {
                String::new()
            } else {
                format!(", {options}")
            };
            self.layered
                .push((function.file.clone(), Span::new(touch.span.start, end)));
            self.want(&function.file, "flask_parity.proxies", "ProxyFix");
            let new = format!("{app}.add_middleware(ProxyFix{more})");
            return self.edit(function, Span::new(touch.span.start, end), new, "R0117");
        }
        let inside = self
            .layered
            .iter()
            .any(|(file, span)| *file == function.file && span.contains(touch.span));
        if inside {
            return Ok(());
        }
        self.wsgi_layers = true;
        let end = touch.receiver.end;
        self.edit(function, Span::new(end, end), ".state".into(), "R0117")
    }
}

/// The module and name that replace `flask.flash` (of `package`) in a touch, and the span of the dotted prefix; `None` when the name
/// has no counterpart.
pub(super) fn dotted(
    package: &str,
    touch: &Touch,
    text: &str,
    prefix: &str,
) -> Option<(Span, Fate)> {
    let whole = touch.span.of(text);
    let named = unawaited(whole);
    let rest = named.strip_prefix(prefix)?;
    let name: &str = rest
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .next()?;
    let fate = names::fate(package, name);
    if matches!(fate, Fate::Unknown | Fate::Library) {
        return None;
    }
    let start = touch.span.start + (whole.len() - named.len()) as u32;
    Some((Span::new(start, start + prefix.len() as u32), fate))
}

/// An expression without what awaits it: `quart.make_response(x)` of `(await quart.make_response(x)`.
pub(super) fn unawaited(mut text: &str) -> &str {
    loop {
        let rest = text.trim_start_matches(['(', ' ', '\t', '\r', '\n']);
        let rest = rest.strip_prefix("await ").unwrap_or(rest);
        if rest.len() == text.len() {
            return text;
        }
        text = rest;
    }
}

/// The place of the parenthesis that closes the one before `text`; strings are not looked into.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_i32;
    for (i, c) in text.char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth == 0 => return Some(i),
            ')' | ']' | '}' => depth -= 1,
            '"' | '\'' | '#' => return None,
            _ => {}
        }
    }
    None
}

/// Why a use of `app.name` cannot be ported.
pub(super) fn unsupported(name: &str, taken: &[&str]) -> Option<String> {
    (attribute(name, taken) == Unknown).then(|| format!("`app.{name}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_of_flask_and_of_the_app() {
        assert_eq!(attribute("logger", &["title"]), Follows(".state.logger"));
        assert_eq!(attribute("storage", &["title"]), Attribute::Own);
        assert_eq!(attribute("session_interface", &[]), Unknown);
        // The framework's own.
        assert_eq!(attribute("title", &["title"]), Unknown);
        assert!(KNOWN.is_sorted_by_key(|(n, _)| *n));
    }

    #[test]
    fn where_a_call_ends() {
        assert_eq!(closing("a, f(b)[1])"), Some(10));
        assert_eq!(closing("a, ')'"), None);
    }
}
