//! Jinja2 templates, unchanged, by minijinja: Flask's names in scope, and Jinja2's bytes (flask.templating).
//!
//! What minijinja does otherwise than Jinja2 and is not closed here (`tests/vectors/templates.json` has each, as `known`):
//! `%` between strings, `%(name)s` and `%r`, a plus sign before a number, `varargs` and `kwargs` of macros, extensions, `urlize`,
//! `random`, methods that change a list or a dict, slices of Markup (escaped here), how views of dicts and ranges print;
//! `for` over `None` and comparing what is undefined are errors in Jinja2 and none here; `break` and `continue` always work.

use std::cell::RefCell;
use std::error::Error as _;
use std::path::Path;
use std::sync::OnceLock;

use minijinja::value::{Kwargs, Serde};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, Value, path_loader};
use serde_json::{Map, Value as Json};

use super::context::Ctx;
use super::error::{Abort, failure, not_ported};
use super::quoting::escape;
use super::template_filters::add_filters;
use super::template_methods::method;
use super::template_objects::{add_objects, pair, to_json};
use super::template_text::text;

type Setup = fn(&mut Environment<'static>);

static ENVIRONMENT: OnceLock<Environment<'static>> = OnceLock::new();
static SETUP: OnceLock<Setup> = OnceLock::new();
static FOLDERS: OnceLock<Vec<String>> = OnceLock::new();

thread_local! {
    /// The request whose template this thread renders; macros of imported templates need it too.
    static CURRENT: RefCell<Vec<Ctx>> = const { RefCell::new(Vec::new()) };
}

/// Gives the application's filters, tests and globals; the first call before the first page counts.
pub fn init(setup: fn(&mut Environment<'static>)) {
    let _ = SETUP.set(setup);
}

/// The folders of templates, the first one that has a template wins; `templates` when nobody says otherwise.
pub fn init_folders(folders: &[&str]) {
    let _ = FOLDERS.set(folders.iter().map(|folder| (*folder).to_owned()).collect());
}

/// The environment: each template is read when it is first rendered.
pub fn environment() -> &'static Environment<'static> {
    ENVIRONMENT.get_or_init(|| {
        let default = || vec!["templates".to_owned()];
        let mut env = flask_environment(FOLDERS.get().cloned().unwrap_or_else(default));
        if let Some(setup) = SETUP.get() {
            setup(&mut env);
        }
        env
    })
}

/// An environment with what Flask adds to Jinja2.
pub fn flask_environment(folders: Vec<String>) -> Environment<'static> {
    let mut env = Environment::new();
    let loaders: Vec<_> = folders
        .iter()
        .map(|folder| path_loader(Path::new(folder)))
        .collect();
    env.set_loader(move |name| {
        for loader in &loaders {
            if let Some(source) = loader(name)? {
                return Ok(Some(source));
            }
        }
        Ok(None)
    });
    env.set_auto_reload(false);
    env.set_unknown_method_callback(method);
    // Flask's select_jinja_autoescape
    env.set_auto_escape_callback(|name| {
        let html = [".html", ".htm", ".xml", ".xhtml", ".svg"]
            .iter()
            .any(|suffix| name.ends_with(suffix));
        if html || name == STRING {
            AutoEscape::Html
        } else {
            AutoEscape::None
        }
    });
    env.set_formatter(format);
    env.add_function(
        "url_for",
        |endpoint: &str, values: Kwargs| -> Result<String, Error> {
            let mut pairs = Vec::new();
            for name in values.args() {
                let value: Value = values.get(name)?;
                pairs.push((
                    name,
                    if value.is_undefined() {
                        Json::from("")
                    } else {
                        to_json(&value)
                    },
                ));
            }
            current()?.url_for(endpoint, &pairs).map_err(refused)
        },
    );
    env.add_function("get_flashed_messages", flashed);
    add_objects(&mut env);
    add_filters(&mut env);
    env
}

/// Name of templates that are given as source, which Flask escapes.
const STRING: &str = "<string>";

/// The request whose template is rendered.
pub fn current() -> Result<Ctx, Error> {
    let ctx = CURRENT.with_borrow(|stack| stack.last().cloned());
    ctx.ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "no request"))
}

fn refused(error: Abort) -> Error {
    Error::new(
        ErrorKind::InvalidOperation,
        error.cause().unwrap_or(error.name()).to_owned(),
    )
}

/// What an error of a template is: a 500, or the 501 of a filter.
fn failed(template: &str, error: &Error) -> Abort {
    let mut source = error.source();
    while let Some(inner) = source {
        match inner.downcast_ref::<Abort>() {
            Some(abort) if abort.is_not_ported() => return abort.clone(),
            _ => source = inner.source(),
        }
    }
    failure(format!("{template}: {error:#}"))
}

/// Adds a filter of the application's own, of text. For what is no text, or Markup, it answers 501: what Python makes of
/// those is not known.
pub fn add_text_filter(
    env: &mut Environment<'static>,
    name: &'static str,
    filter: fn(&str) -> String,
) {
    env.add_filter(name, move |value: &Value| match value.as_str() {
        Some(text) if !value.is_safe() => Ok(filter(text)),
        _ => {
            let abort = not_ported(name, "it is translated for text alone");
            Err(Error::new(ErrorKind::InvalidOperation, "no text").with_source(abort))
        }
    });
}

fn flashed(
    with_categories: Option<bool>,
    category_filter: Option<Vec<String>>,
    options: Kwargs,
) -> Result<Value, Error> {
    let with_categories = match with_categories {
        None => options.get::<Option<bool>>("with_categories")?,
        given => given,
    };
    let filter = match category_filter {
        None => options.get::<Option<Vec<String>>>("category_filter")?,
        given => given,
    };
    options.assert_all_used()?;
    let filter = filter.unwrap_or_default();
    let filter: Vec<&str> = filter.iter().map(String::as_str).collect();
    let messages = current()?.flashed_messages(&filter);
    Ok(messages
        .into_iter()
        .map(|(category, message)| match with_categories {
            Some(true) => pair(&category, &message),
            _ => Value::from(message),
        })
        .collect())
}

/// Writes a value as Python prints it, escaped as markupsafe does where the template escapes.
fn format(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    if value.is_undefined() {
        return Ok(());
    }
    let plain = text(value);
    let escaped = *state.auto_escape() == AutoEscape::Html && !value.is_safe();
    out.write_str(&if escaped { escape(&plain) } else { plain })?;
    Ok(())
}

struct Rendering;

impl Rendering {
    fn start(ctx: &Ctx) -> Self {
        CURRENT.with_borrow_mut(|stack| stack.push(ctx.clone()));
        Self
    }
}

impl Drop for Rendering {
    fn drop(&mut self) {
        CURRENT.with_borrow_mut(|stack| {
            stack.pop();
        });
    }
}

impl Ctx {
    /// `render_template(template, **values)`; `values` is an object. What it has wins over context processors.
    pub fn render(&self, template: &str, values: Json) -> Result<String, Abort> {
        let failed = |error: Error| failed(template, &error);
        let found = environment().get_template(template).map_err(failed)?;
        let scope = self.scope(template, values)?;
        let _rendering = Rendering::start(self);
        found.render(Value::from(Serde(scope))).map_err(failed)
    }

    /// `render_template_string(source, **values)`.
    pub fn render_string(&self, source: &str, values: Json) -> Result<String, Abort> {
        let scope = self.scope(STRING, values)?;
        let _rendering = Rendering::start(self);
        let rendered = environment().render_named_str(STRING, source, Value::from(Serde(scope)));
        rendered.map_err(|error| failed(STRING, &error))
    }

    fn scope(&self, template: &str, values: Json) -> Result<Map<String, Json>, Abort> {
        let mut scope = (self.app().template_context)(self, template)?;
        if let Json::Object(values) = values {
            scope.extend(values);
        }
        Ok(scope)
    }
}
