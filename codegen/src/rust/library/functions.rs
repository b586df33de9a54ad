//! Functions of the app that handlers call, written for the types that they are called with.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use model::function::Role;
use model::{Function, Span};
use proc_macro2::TokenStream;
use quote::quote;

use super::super::inputs::Fields;
use super::super::names::{Names, ident, snake};
use super::super::python::documented;
use super::super::translation::{self, Sharing, Unit, rust_type, spelled};
use super::super::values::{Form, Type, Value};
use super::super::words::words;
use super::{AppKnowledge, Library, View};

/// Module, name and types of arguments.
pub(super) type Key = (String, String, Vec<String>);

/// A function for one set of argument types.
#[derive(Clone, Debug)]
pub struct Instance {
    /// `crate::store::user`
    pub path: String,
    /// Its name there.
    pub name: String,
    /// What it gives.
    pub ty: Type,
    /// It may end the request.
    pub fallible: bool,
    /// It takes the context first.
    pub takes_context: bool,
    /// The function of the app.
    pub source: Function,
    /// Paths of the library that it uses.
    pub uses: BTreeSet<String>,
    /// What it does with the data of modules.
    pub sharing: Sharing,
    pub(super) item: TokenStream,
    /// The Rust module.
    pub module: String,
}

impl Library<'_> {
    pub(super) fn instance(
        &self,
        module: &str,
        name: &str,
        arguments: &[Type],
        app: &dyn AppKnowledge,
    ) -> Result<Rc<Instance>, String> {
        let types = arguments.iter().map(|t| format!("{t:?}")).collect();
        let key: Key = (module.to_owned(), name.to_owned(), types);
        match self.instances.borrow().get(&key) {
            Some(Some(known)) => return known.clone(),
            Some(None) => return Err("it calls itself".into()),
            None => {}
        }
        self.instances.borrow_mut().insert(key.clone(), None);
        let made = self.translated(module, name, arguments, app).map(Rc::new);
        self.instances.borrow_mut().insert(key, Some(made.clone()));
        made
    }

    fn translated(
        &self,
        module: &str,
        name: &str,
        arguments: &[Type],
        app: &dyn AppKnowledge,
    ) -> Result<Instance, String> {
        let Some((definitions, defined)) = self.function(module, name) else {
            return Err("it is not known".into());
        };
        if defined.decorated || defined.suspends {
            return Err("it has a decorator, or is a generator or coroutine".into());
        }
        if defined.parameters.len() != arguments.len()
            || defined.parameters.iter().any(|p| p.special)
        {
            return Err("it takes other arguments".into());
        }
        let known = self
            .analysis
            .functions
            .iter()
            .find(|f| f.file == definitions.file && f.span == defined.span);
        let text = self.home.text(&definitions.file);
        let source = known
            .cloned()
            .unwrap_or_else(|| plain(module, &definitions.file, &defined, &text));
        let mut parameters = BTreeMap::new();
        let mut signature = Vec::new();
        let mut names = Names::default();
        for (parameter, ty) in defined.parameters.iter().zip(arguments) {
            let rust = ident(&names.fresh(&spelled(&parameter.name)));
            let (held, form) = held(ty);
            signature.push((rust.clone(), held));
            parameters.insert(
                parameter.name.clone(),
                Value {
                    form,
                    ..Value::place(quote!(#rust), ty.clone())
                },
            );
        }
        let read = |span: Span| span.of(&text).to_owned();
        let query = Fields::of(&source, super::super::inputs::Place::Query, &read);
        let form = Fields::of(&source, super::super::inputs::Place::Form, &read);
        if !query.is_empty() || !form.is_empty() {
            return Err("it reads fields of the request".into());
        }
        let view = View {
            library: self,
            module,
            app,
        };
        let unit = Unit {
            function: &source,
            body: &defined.body,
            text: &text,
            purpose: translation::Purpose::Helper,
            statements: &defined.body.statements,
            parameters,
            query: &query,
            form: &form,
            context_lent: true,
            view: None,
            response: None,
            surroundings: &view,
        };
        let rust_module = self.home.module(&definitions.file);
        let draft = self.home.draft(&rust_module);
        let translated = translation::translate(&unit, &draft).map_err(|r| r.reason)?;
        let rust = self.home.fresh(&rust_module, &snake(name));
        let code = translated.code;
        let used: BTreeSet<String> = words(&code, &draft).into_iter().collect();
        let takes_context = used.contains("ctx");
        let context = takes_context.then(|| quote!(ctx: &Ctx,));
        let result = rust_type(&translated.returns);
        let result = if translated.fallible {
            quote!(Result<#result, Abort>)
        } else {
            result
        };
        let arguments = signature.iter().map(|(name, ty)| {
            if used.contains(&name.to_string()) {
                quote!(#name: #ty)
            } else {
                let unused = ident(&format!("_{name}"));
                quote!(#unused: #ty)
            }
        });
        let function = ident(&rust);
        let mut docs = vec![format!(" `{name}` ({}:{})", definitions.file, source.line)];
        if let Some(text) = &defined.body.documentation {
            docs.push(String::new());
            docs.extend(documented(text));
        }
        let result =
            (translated.returns != Type::None || translated.fallible).then(|| quote!(-> #result));
        Ok(Instance {
            path: format!("crate::{rust_module}::{rust}"),
            name: rust,
            ty: translated.returns,
            fallible: translated.fallible,
            takes_context,
            source,
            uses: translated.uses,
            sharing: translated.sharing,
            item: quote! {
                #(#[doc = #docs])*
                pub fn #function(#context #(#arguments),*) #result { #code }
            },
            module: rust_module,
        })
    }
}

/// How a parameter of a type is passed.
fn held(ty: &Type) -> (TokenStream, Form) {
    match ty {
        Type::Bool | Type::Int | Type::Float => (rust_type(ty), Form::Owned),
        Type::Text => (quote!(&str), Form::Borrowed),
        Type::Maybe(inner) if **inner == Type::Text => (quote!(Option<&str>), Form::Borrowed),
        Type::Maybe(inner) if matches!(**inner, Type::Bool | Type::Int | Type::Float) => {
            (rust_type(ty), Form::Owned)
        }
        Type::Maybe(inner) => {
            let inner = rust_type(inner);
            (quote!(Option<&#inner>), Form::Borrowed)
        }
        Type::List(inner) => {
            let inner = rust_type(inner);
            (quote!(&[#inner]), Form::Borrowed)
        }
        _ => {
            let ty = rust_type(ty);
            (quote!(&#ty), Form::Borrowed)
        }
    }
}

/// A function that touches nothing, which the analysis does not hold.
fn plain(module: &str, file: &str, defined: &model::body::Defined, text: &str) -> Function {
    Function {
        id: format!("{module}:{}", defined.name),
        role: Role::Helper,
        module: module.to_owned(),
        qualname: defined.name.clone(),
        file: file.to_owned(),
        line: text
            .get(..defined.span.start as usize)
            .map_or(0, |t| t.matches('\n').count() as u32)
            + 1,
        is_async: false,
        generator: false,
        span: defined.span,
        params_span: Span::new(0, 0),
        body_span: None,
        parameters: Vec::new(),
        decorators: Vec::new(),
        names: BTreeSet::new(),
        returns: Vec::new(),
        touches: Vec::new(),
        calls: BTreeSet::new(),
        effects: BTreeSet::new(),
        referenced: true,
        verdicts: BTreeMap::new(),
    }
}
