//! Local variables: what is visible, of which type, and what becomes of each.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::Ident;

use super::super::names::{ident, snake};
use super::super::values::{Form, Type};

/// Names that emitted code calls by; a local of that name gets an underscore.
const TAKEN: &[&str] = &[
    "abort",
    "abort_with",
    "ctx",
    "error",
    "form",
    "html",
    "json",
    "not_ported",
    "null",
    "number",
    "path",
    "python",
    "query",
    "raised",
    "redirect",
    "responses",
    "text",
    "with_body",
    "with_header",
    "with_status",
];

/// What is known of a function's locals from the time before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Inference {
    /// By name, over all assignments.
    types: BTreeMap<String, Type>,
    /// Declarations (by place) that are assigned again.
    reassigned: BTreeSet<u32>,
    /// Declarations whose value is read.
    read: BTreeSet<u32>,
    /// What a helper returns, over all its returns.
    returns: Option<Type>,
    /// It may end the request.
    fails: bool,
}

impl Inference {
    /// What a helper returns.
    pub fn returns(&self) -> Option<Type> {
        self.returns.clone()
    }

    /// Whether a helper may end the request.
    pub fn is_fallible(&self) -> bool {
        self.fails
    }

    /// Whether the variable that is declared there is assigned again.
    pub fn is_reassigned(&self, declared: u32) -> bool {
        self.reassigned.contains(&declared)
    }
}

/// A variable that is visible.
#[derive(Clone, Debug)]
pub(super) struct Local {
    pub name: Ident,
    pub ty: Type,
    pub form: Form,
    /// Where it was declared.
    pub declared: u32,
    /// Seen through a test: it holds less than its declaration says.
    pub narrowed: bool,
}

impl Local {
    /// The same where a test has shown that it is there.
    pub fn narrowed_to(mut self, inner: Type) -> Self {
        let is_copy = matches!(inner, Type::Bool | Type::Int | Type::Float);
        self.form = if is_copy { Form::Owned } else { Form::Borrowed };
        self.ty = inner;
        self.narrowed = true;
        self
    }
}

pub(super) struct Locals<'a> {
    known: &'a Inference,
    found: Inference,
    scopes: Vec<BTreeMap<String, Local>>,
    /// Names in Rust by those in Python: `_x` and `x`, `userId` and `user_id` are two.
    names: BTreeMap<String, String>,
}

impl<'a> Locals<'a> {
    /// None, beside parameters that have their names already.
    pub fn new(known: &'a Inference, parameters: BTreeMap<String, String>) -> Self {
        Self {
            known,
            found: Inference::default(),
            scopes: vec![BTreeMap::new()],
            names: parameters,
        }
    }

    /// A variable's name in Rust, which no other variable of the function has.
    pub fn spell(&mut self, name: &str) -> Ident {
        if let Some(known) = self.names.get(name) {
            return ident(known);
        }
        let base = spelled(name);
        let mut rust = base.clone();
        let mut number = 1;
        while self.names.values().any(|taken| *taken == rust) {
            number += 1;
            rust = format!("{base}_{number}");
        }
        self.names.insert(name.to_owned(), rust.clone());
        ident(&rust)
    }

    pub fn finish(self) -> Inference {
        self.found
    }

    pub fn enter(&mut self) {
        self.scopes.push(BTreeMap::new());
    }

    pub fn leave(&mut self) {
        self.scopes.pop();
    }

    /// The variable, noted as read.
    pub fn read(&mut self, name: &str) -> Option<Local> {
        let local = self.visible(name)?.clone();
        self.found.read.insert(local.declared);
        Some(local)
    }

    pub fn visible(&self, name: &str) -> Option<&Local> {
        self.scopes.iter().rev().find_map(|scope| scope.get(name))
    }

    /// The variable, noted as assigned again.
    pub fn reassign(&mut self, name: &str) -> Option<Local> {
        let local = self.visible(name)?.clone();
        self.found.reassigned.insert(local.declared);
        Some(local)
    }

    /// The type of a variable over all its assignments, this one of `ty` included.
    pub fn joined(&mut self, name: &str, ty: Type) -> Option<Type> {
        let found = match self.found.types.remove(name) {
            Some(before) => before.join(ty)?,
            None => ty,
        };
        self.found.types.insert(name.to_owned(), found.clone());
        match self.known.types.get(name) {
            Some(known) => known.clone().join(found),
            None => Some(found),
        }
    }

    /// The type of what a helper returns over all its returns, this one of `ty` included.
    pub fn returned(&mut self, ty: Type) -> Option<Type> {
        let found = match self.found.returns.take() {
            Some(before) => before.join(ty)?,
            None => ty,
        };
        self.found.returns = Some(found.clone());
        match &self.known.returns {
            Some(known) => known.clone().join(found),
            None => Some(found),
        }
    }

    /// Whether a helper's results are in `Ok(…)`.
    pub fn is_fallible(&self) -> bool {
        self.known.fails
    }

    /// Notes whether a helper's code may end the request.
    pub fn note_failures(&mut self, fails: bool) {
        self.found.fails = fails;
    }

    /// Whether the types of locals are known from the time before.
    pub fn is_first_run(&self) -> bool {
        *self.known == Inference::default()
    }

    /// A visible variable turns out to be of another type.
    pub fn retype(&mut self, name: &str, ty: Type) {
        if let Some(local) = self.scopes.iter_mut().rev().find_map(|s| s.get_mut(name)) {
            local.ty = ty;
        }
    }

    pub fn is_reassigned(&self, declared: u32) -> bool {
        self.known.reassigned.contains(&declared)
    }

    /// Visible variables that are assigned again.
    pub fn changing(&self) -> impl Iterator<Item = &Ident> {
        let locals = self.scopes.iter().flat_map(BTreeMap::values);
        locals
            .filter(|l| self.is_reassigned(l.declared))
            .map(|l| &l.name)
    }

    pub fn is_read(&self, declared: u32) -> bool {
        self.known.read.contains(&declared)
    }

    pub fn declare(&mut self, name: &str, ty: Type, form: Form, declared: u32) -> Local {
        let rust = self.spell(name);
        let local = Local {
            // Before the second run nobody knows what is read.
            name: if self.is_first_run() || self.is_read(declared) {
                rust
            } else {
                ident(&format!("_{rust}"))
            },
            ty,
            form,
            declared,
            narrowed: false,
        };
        self.bind(name, local.clone());
        local
    }

    pub fn bind(&mut self, name: &str, local: Local) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(name.to_owned(), local);
        }
    }
}

/// A variable's name in Rust.
#[must_use]
pub fn spelled(name: &str) -> String {
    let name = snake(name);
    if TAKEN.contains(&name.as_str()) {
        format!("{name}_")
    } else {
        name
    }
}
