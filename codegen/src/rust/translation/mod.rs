//! The neutral body of a function as Rust: whole, or not at all.
//!
//! Types are followed through locals; a value whose type is not known stops the translation with its reason. What is
//! translated and what not is told in docs/axum.md.

mod assignments;
mod collections;
mod comments;
mod conditions;
mod displays;
mod expressions;
mod framework;
mod locals;
mod loops;
mod mentions;
mod narrowing;
mod objects;
mod requests;
mod responses;
mod statements;
mod texts;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use model::body::{Body, DefinedParameter};
use model::touch::{Constant, Touch};
use model::{Function, Span};
use proc_macro2::TokenStream;

use super::draft::Draft;
use super::inputs::{Fields, Place};
use super::library::{Instance, Named, Record};
use super::values::{Form, Type, Value};
use super::words;
pub use assignments::rust_type;
pub use locals::spelled;
use locals::{Inference, Locals};
pub(super) use mentions::is_bound;

/// Why a function is not translated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Where.
    pub span: Span,
    /// One clause: "calls `store.find`, which has no Rust form".
    pub reason: String,
}

pub(super) type Result<T> = std::result::Result<T, Refusal>;

fn refuse<T>(span: Span, reason: impl Into<String>) -> Result<T> {
    Err(Refusal {
        span,
        reason: reason.into(),
    })
}

/// What a function is called for, which decides what it returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A handler: `Reply`.
    View,
    /// Before requests, or a guard around a view: `Result<Option<Response>, Abort>`.
    Before,
    /// After requests: takes the response and returns it.
    After,
    /// An error's page: `Reply`.
    Error,
    /// Variables for templates: `Result<Value, Abort>`.
    Context,
    /// A template filter: `String`.
    Filter,
    /// Called by the others: whatever it returns.
    Helper,
}

/// What surrounds a function.
pub trait Surroundings {
    /// Why a template cannot be rendered as Jinja2 renders it, where that is known; `has_dates` says whether it gets dates.
    ///
    /// # Errors
    /// With the reason.
    fn template(&self, name: &str, has_dates: bool) -> std::result::Result<(), String>;
    /// Whether an exception of that class would be answered by a handler of the app.
    fn is_handled(&self, class: &str) -> bool;
    /// The classes that an exception class of the app derives from, nearest first.
    fn ancestors(&self, class: &str) -> Vec<String>;
    /// Why an exception that Python raises by itself is not answered as a 500 is.
    ///
    /// # Errors
    /// With the reason.
    fn failures(&self) -> std::result::Result<(), String>;
    /// Why JSON replies cannot be written as the app writes them.
    ///
    /// # Errors
    /// With the reason.
    fn json(&self) -> std::result::Result<(), String>;
    /// What a name stands for at the top level of the function's module.
    fn resolve(&self, name: &str) -> Option<Named>;
    /// What a name of another module of the app stands for.
    fn member(&self, module: &str, name: &str) -> Option<Named>;
    /// The dataclass of that path.
    fn record(&self, path: &str) -> Option<Rc<Record>>;
    /// The parameters of a function of the app.
    fn parameters(&self, module: &str, name: &str) -> Option<Vec<DefinedParameter>>;
    /// A function of the app for these types of arguments.
    ///
    /// # Errors
    /// With the reason why it has no Rust form.
    fn instance(
        &self,
        module: &str,
        name: &str,
        arguments: &[Type],
    ) -> std::result::Result<Rc<Instance>, String>;
}

/// A function to translate.
pub struct Unit<'a> {
    /// The function.
    pub function: &'a Function,
    /// Its body.
    pub body: &'a Body,
    /// Text of its file.
    pub text: &'a str,
    /// What it is called for.
    pub purpose: Purpose,
    /// Its statements without those that only a wrapper needs.
    pub statements: &'a [model::body::Statement],
    /// Its parameters as Rust has them.
    pub parameters: BTreeMap<String, Value>,
    /// Query fields that it reads.
    pub query: &'a Fields,
    /// Form fields that it reads.
    pub form: &'a Fields,
    /// The context is a reference already (in hooks).
    pub context_lent: bool,
    /// Of a decorator's wrapper: the parameter that it calls in the end.
    pub view: Option<&'a str>,
    /// Of an `after_request` function: its parameter.
    pub response: Option<&'a str>,
    /// What surrounds it.
    pub surroundings: &'a dyn Surroundings,
}

/// A function's body in Rust.
#[derive(Clone, Debug)]
pub struct Translated {
    /// What stands between the braces.
    pub code: TokenStream,
    /// The response that it takes is changed.
    pub changes_response: bool,
    /// Of a hook: branches that are not translated and answer 501 where they are reached.
    pub gaps: Vec<Refusal>,
    /// Of a helper: what it returns.
    pub returns: Type,
    /// Of a helper: it may end the request, so what it returns is in a `Result`.
    pub fallible: bool,
    /// Paths of the library that it uses.
    pub uses: BTreeSet<String>,
    /// What it does with the data of modules.
    pub sharing: Sharing,
}

/// What a function does with dicts and lists of modules: in Rust a variable holds what they were when it was set, in
/// Python it is one of their names.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sharing {
    /// Something stands for one of them: a variable, what is returned, what is kept in `g`.
    pub keeps: bool,
    /// It changes one of them.
    pub changes: bool,
}

/// Translates a function's body.
///
/// # Errors
/// With the first thing that has no Rust form.
pub fn translate(unit: &Unit<'_>, draft: &Draft) -> std::result::Result<Translated, Refusal> {
    let mut inference = Inference::default();
    // Types of locals depend on each other: from the second time on they are all known.
    for _ in 0..6 {
        let scratch = Draft::default();
        let found = run(unit, &scratch, &inference)?.locals;
        let stable = found == inference;
        inference = found;
        if stable {
            let made = run(unit, draft, &inference)?;
            // flask.Flask.full_dispatch_request: what error handlers and after hooks raise is a 500 whatever it is.
            let is_asked = !matches!(unit.purpose, Purpose::After | Purpose::Error);
            if let Err(why) = unit.surroundings.failures()
                && is_asked
                && words::raises(&made.code, draft)
            {
                return refuse(unit.function.span, why);
            }
            if unit.purpose == Purpose::Filter {
                only_text(unit, &made.code, draft)?;
            }
            return Ok(Translated {
                changes_response: inference.is_reassigned(unit.function.span.start),
                returns: inference.returns().unwrap_or(Type::None),
                fallible: inference.is_fallible(),
                code: made.code,
                gaps: made.gaps,
                uses: made.uses,
                sharing: made.sharing,
            });
        }
    }
    refuse(
        unit.function.span,
        "the types of its variables depend on each other",
    )
}

/// A filter is a function of its text: templates call it without the request, and take no error of it.
fn only_text(unit: &Unit<'_>, code: &TokenStream, draft: &Draft) -> Result<()> {
    let reads = words::words(code, draft)
        .iter()
        .any(|w| matches!(w.as_str(), "ctx" | "query" | "form"));
    if reads || words::fails(code, draft) {
        return refuse(
            unit.function.span,
            "a filter that reads the request, or may end it",
        );
    }
    Ok(())
}

/// What one run over a body found.
struct Run {
    code: TokenStream,
    locals: Inference,
    gaps: Vec<Refusal>,
    uses: BTreeSet<String>,
    sharing: Sharing,
}

fn run(unit: &Unit<'_>, draft: &Draft, known: &Inference) -> Result<Run> {
    let mut translator = Translator {
        unit,
        draft,
        locals: Locals::new(known, names_of(&unit.parameters)),
        form_declared: false,
        depth: 0,
        gaps: Vec::new(),
        uses: BTreeSet::new(),
        is_reply: false,
        orders_floats: false,
        lays_out_dates: false,
        sharing: Sharing::default(),
    };
    if let Some(response) = unit.response {
        let declared = unit.function.span.start;
        translator
            .locals
            .declare(response, Type::Response, Form::Place, declared);
    }
    let code = translator.whole()?;
    if translator.sharing.keeps && translator.sharing.changes {
        return refuse(
            unit.function.span,
            "it changes data of a module that a variable of it stands for too",
        );
    }
    translator.locals.note_failures(words::fails(&code, draft));
    Ok(Run {
        code,
        locals: translator.locals.finish(),
        gaps: translator.gaps,
        uses: translator.uses,
        sharing: translator.sharing,
    })
}

/// Parameters that are variables in Rust too, by their names in Python.
fn names_of(parameters: &BTreeMap<String, Value>) -> BTreeMap<String, String> {
    let variable = |value: &Value| {
        let name = value.code.to_string();
        syn::parse_str::<syn::Ident>(&name).is_ok().then_some(name)
    };
    parameters
        .iter()
        .filter_map(|(name, value)| Some((name.clone(), variable(value)?)))
        .collect()
}

struct Translator<'a> {
    unit: &'a Unit<'a>,
    draft: &'a Draft,
    locals: Locals<'a>,
    /// The form's struct is in scope.
    form_declared: bool,
    /// How many blocks are around.
    depth: u32,
    gaps: Vec<Refusal>,
    uses: BTreeSet<String>,
    /// What stands inside of a JSON reply.
    is_reply: bool,
    /// A condition asks which of two floats is less.
    orders_floats: bool,
    /// A value for a template or for JSON has dates in it.
    lays_out_dates: bool,
    sharing: Sharing,
}

impl Translator<'_> {
    /// The constant that a name of the module is bound to, unless a local hides it.
    fn global_constant(&self, name: &str) -> Option<Constant> {
        match self.unit.surroundings.resolve(name) {
            Some(Named::Constant(constant)) if !self.is_local(name) => Some(constant),
            _ => None,
        }
    }

    fn touch(&self, index: usize) -> &Touch {
        &self.unit.function.touches[index]
    }

    fn text(&self, span: Span) -> &str {
        span.of(self.unit.text)
    }

    /// A piece of source as a reason names it.
    fn shown(&self, span: Span) -> String {
        let text = self.text(span);
        let line = text.lines().next().unwrap_or("").trim_end();
        let short: String = line.chars().take(60).collect();
        if short.len() < text.len() {
            format!("`{short}…`")
        } else {
            format!("`{short}`")
        }
    }

    const fn fields(&self, place: Place) -> &Fields {
        match place {
            Place::Query => self.unit.query,
            Place::Form => self.unit.form,
        }
    }
}
