//! Items as Rust functions.

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::Port;
use super::items::{Item, Made, Purpose};
use crate::rust::draft::Draft;
use crate::rust::inputs::{Place, json_item, json_keys, struct_name};
use crate::rust::names::{ident, snake};
use crate::rust::python::{dedented, documented};
use crate::rust::words::words;

/// The name of a filter's parameter.
pub(super) fn filter_parameter(name: &str) -> Ident {
    let name = snake(name);
    ident(if matches!(name.as_str(), "text" | "json" | "html") {
        "value"
    } else {
        &name
    })
}

impl Port<'_> {
    /// An item with its structs.
    pub(super) fn item(&self, item: &Item<'_>, draft: &Draft) -> TokenStream {
        let docs = self.docs(item);
        let structs = self.structs(item);
        let function = match item.purpose {
            Purpose::View => self.view(item, draft),
            Purpose::Guard { .. } | Purpose::Before(_) => self.hook(
                item,
                draft,
                &quote!(),
                &quote!(Result<Option<Response>, Abort>),
            ),
            Purpose::After(_) => {
                let parameter = item
                    .function
                    .and_then(|f| f.parameters.first())
                    .map_or_else(
                        || ident("response"),
                        |p| ident(&crate::rust::translation::spelled(&p.name)),
                    );
                let parameter = match &item.made {
                    Made::Whole {
                        changes_response: true,
                        ..
                    } => quote!(, mut #parameter: Response),
                    Made::Whole { .. } => quote!(, #parameter: Response),
                    Made::Stub(_) => quote!(, _: Response),
                };
                self.hook(item, draft, &parameter, &quote!(Reply))
            }
            Purpose::Error(_) => {
                let uses = match &item.made {
                    Made::Whole { code, .. } => words(code, draft).contains(&"error".to_owned()),
                    Made::Stub(_) => false,
                };
                let error = if uses {
                    quote!(, error: &Abort)
                } else {
                    quote!(, _: &Abort)
                };
                self.hook(item, draft, &error, &quote!(Reply))
            }
            Purpose::Context(_) => self.context(item, draft),
            Purpose::Filter(_) if item.is_whole() => self.filter(item),
            Purpose::Filter(_) => return self.aside(item, draft),
            Purpose::Aside(_) | Purpose::Other(_) => return self.aside(item, draft),
        };
        quote! { #structs #(#[doc = #docs])* #function }
    }

    fn docs(&self, item: &Item<'_>) -> Vec<String> {
        let mut docs = vec![format!(" {}", item.label)];
        if let Some(text) = self.documentation(item) {
            docs.push(String::new());
            docs.extend(documented(&text));
        }
        docs
    }

    /// The documentation string of an item: of a guard, the decorator's own.
    fn documentation(&self, item: &Item<'_>) -> Option<String> {
        match (item.purpose, item.function) {
            (Purpose::Guard { .. }, Some(decorator)) => {
                self.source.reader.body(decorator)?.documentation
            }
            _ => item.body.as_ref()?.documentation.clone(),
        }
    }

    fn structs(&self, item: &Item<'_>) -> TokenStream {
        if !matches!(item.purpose, Purpose::View) {
            let name = self.source_name(item);
            let query = (!item.query.is_empty()).then(|| item.query.item(&name, Place::Query));
            let form = (!item.form.is_empty()).then(|| item.form.item(&name, Place::Form));
            return quote!(#query #form);
        }
        let name = &item.name;
        let path = (!item.path.is_empty()).then(|| item.path.item(name));
        let query = (!item.query.is_empty()).then(|| item.query.item(name, Place::Query));
        let form = (!item.form.is_empty()).then(|| item.form.item(name, Place::Form));
        let keys = self.json_keys(item);
        let json = (!keys.is_empty()).then(|| json_item(name, &keys));
        quote!(#path #query #form #json)
    }

    /// The keys of the JSON body that a stub would read.
    fn json_keys(&self, item: &Item<'_>) -> BTreeSet<String> {
        match (item.function, &item.body) {
            (Some(function), Some(body))
                if !item.is_whole() && matches!(item.purpose, Purpose::View) =>
            {
                json_keys(function, body)
            }
            _ => BTreeSet::new(),
        }
    }

    /// The name after which the structs of an item are called.
    pub(super) fn source_name(&self, item: &Item<'_>) -> String {
        item.name.clone()
    }

    fn view(&self, item: &Item<'_>, draft: &Draft) -> TokenStream {
        let name = ident(&item.name);
        let guards = item.guards.iter().map(|&g| {
            let guard = &self.items.list[g];
            let path = self.path_to(guard, &item.module);
            quote! {
                if let Some(answer) = #path(&ctx).await? {
                    return Ok(answer);
                }
            }
        });
        let guards: TokenStream = match &item.made {
            // A stub below a decorator that is not translated answers for both.
            Made::Stub(_) if !self.is_guarded(item) => TokenStream::new(),
            _ => guards.collect(),
        };
        let body = match &item.made {
            Made::Whole { code, .. } => code.clone(),
            Made::Stub(_) => self.stub(item, draft),
        };
        let code = quote!(#guards #body);
        let words = words(&code, draft);
        let ctx = if words.contains(&"ctx".to_owned()) {
            quote!(ctx)
        } else {
            quote!(_)
        };
        let ctx = (ctx.to_string() == "ctx" || item.path.is_empty() && item.query.is_empty())
            .then(|| quote!(#ctx: Ctx));
        let ctx = ctx.filter(|c| c.to_string() != "_ : Ctx");
        let input = |used: &str, suffix: &str, wrapper: &str, is_empty: bool| {
            if is_empty {
                return None;
            }
            let (wrapper, ty) = (ident(wrapper), ident(&struct_name(&item.name, suffix)));
            let variable = ident(used);
            Some(if words.contains(&used.to_owned()) {
                quote!(#wrapper(#variable): #wrapper<#ty>)
            } else {
                quote!(_: #wrapper<#ty>)
            })
        };
        let path = input("path", "Path", "Path", item.path.is_empty());
        let query = input("query", "Query", "Query", item.query.is_empty());
        let parameters = [ctx, path, query].into_iter().flatten();
        quote! { pub async fn #name(#(#parameters),*) -> Reply { #code } }
    }

    /// Whether all decorators of a view are translated.
    fn is_guarded(&self, item: &Item<'_>) -> bool {
        let Some(function) = item.function else {
            return false;
        };
        super::items::inner_decorators(function).count() == item.guards.len()
            && item.guards.iter().all(|&g| self.items.list[g].is_whole())
    }

    fn hook(
        &self,
        item: &Item<'_>,
        draft: &Draft,
        more: &TokenStream,
        result: &TokenStream,
    ) -> TokenStream {
        let name = ident(&item.name);
        let body = match &item.made {
            Made::Whole { code, .. } => self.with_query(item, code),
            Made::Stub(_) => self.stub(item, draft),
        };
        let ctx = if words(&body, draft).contains(&"ctx".to_owned()) {
            quote!(ctx)
        } else {
            quote!(_)
        };
        quote! { pub async fn #name(#ctx: &Ctx #more) -> #result { #body } }
    }

    /// The body of what is no handler, its query in scope.
    fn with_query(&self, item: &Item<'_>, code: &TokenStream) -> TokenStream {
        let query = (!item.query.is_empty()).then(|| {
            let ty = ident(&struct_name(&self.source_name(item), "Query"));
            quote!(let query = #ty::from(&*ctx.args);)
        });
        quote!(#query #code)
    }

    fn context(&self, item: &Item<'_>, draft: &Draft) -> TokenStream {
        let name = ident(&item.name);
        let body = match &item.made {
            Made::Whole { code, .. } => self.with_query(item, code),
            Made::Stub(_) => self.stub(item, draft),
        };
        let ctx = if words(&body, draft).contains(&"ctx".to_owned()) {
            quote!(ctx)
        } else {
            quote!(_)
        };
        quote! { pub fn #name(#ctx: &Ctx) -> Result<Value, Abort> { #body } }
    }

    fn filter(&self, item: &Item<'_>) -> TokenStream {
        let name = ident(&item.name);
        let parameter = item.function.and_then(|f| f.parameters.first());
        let parameter = filter_parameter(parameter.map_or("value", |p| &p.name));
        let code = match &item.made {
            Made::Whole { code, .. } => code.clone(),
            Made::Stub(_) => TokenStream::new(),
        };
        quote! { pub fn #name(#parameter: &str) -> String { #code } }
    }

    /// What is only told: in a comment.
    fn aside(&self, item: &Item<'_>, draft: &Draft) -> TokenStream {
        let reasons: Vec<String> = item.reasons().iter().map(|r| r.message.clone()).collect();
        let python = match item.function {
            Some(_) => format!(" The Python was:\n\n{}", self.python(item)),
            None => String::new(),
        };
        let text = format!(
            "TODO(migrate): {} is not translated: {}.{python}",
            item.label,
            reasons.join("; "),
        );
        draft.comment(text)
    }

    /// The body of a stub: why, the Python, and the answer.
    fn stub(&self, item: &Item<'_>, draft: &Draft) -> TokenStream {
        let reasons = item.reasons();
        let shown: Vec<String> = reasons.iter().map(model::Reason::text).collect();
        let body = if item.form.is_empty() {
            String::new()
        } else {
            format!(
                " `{}::from(ctx.form()?)` reads its form.",
                struct_name(&item.name, "Form")
            )
        };
        let json = if self.json_keys(item).is_empty() {
            String::new()
        } else {
            format!(
                " `ctx.json::<{}>()?` reads its JSON.",
                struct_name(&item.name, "Json")
            )
        };
        let python = match item.function {
            Some(_) => format!(" The Python was:\n\n{}", self.python(item)),
            None => String::new(),
        };
        let comment = draft.comment(format!(
            "TODO(migrate): {}.{body}{json}{python}",
            shown.join("; ")
        ));
        let why: Vec<&str> = reasons.iter().map(|r| r.message.as_str()).collect();
        let why = why.join("; ");
        let name = item.function.map_or(item.name.as_str(), |f| {
            f.qualname.rsplit('.').next().unwrap_or(&item.name)
        });
        quote! {
            #comment
            Err(not_ported(#name, #why))
        }
    }

    /// The Python of an item, without its common indentation.
    fn python(&self, item: &Item<'_>) -> String {
        let Some(function) = item.function else {
            return item.label.clone();
        };
        let text = self
            .source
            .texts
            .get(&function.file)
            .map_or("", String::as_str);
        let first = function.decorators.iter().map(|d| d.span.start - 1).min();
        let start = first
            .unwrap_or(function.span.start)
            .min(function.span.start);
        let line = text[..start as usize].rfind('\n').map_or(0, |i| i + 1);
        dedented(&text[line..function.span.end as usize])
    }

    /// A function of another module, or of this one.
    pub(super) fn path_to(&self, item: &Item<'_>, from: &str) -> TokenStream {
        let name = ident(&item.name);
        if item.module == from {
            quote!(#name)
        } else {
            let module = ident(&item.module);
            quote!(crate::#module::#name)
        }
    }
}
