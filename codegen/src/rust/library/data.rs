//! Dicts and lists of modules as statics.

use std::collections::BTreeSet;
use std::rc::Rc;

use model::body::{Definitions, Expression, ExpressionKind};
use model::touch::{Constant, Passed};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::super::names::{ident, snake};
use super::super::translation::rust_type;
use super::super::values::Type;
use super::{Data, Library, Named};

/// A literal: its code, its type, and the paths that it names.
struct Made {
    code: TokenStream,
    ty: Type,
    needs: BTreeSet<String>,
}

impl Library<'_> {
    pub(super) fn data(
        &self,
        definitions: &Definitions,
        name: &str,
        value: &Expression,
    ) -> Option<Rc<Data>> {
        let key = (definitions.module.clone(), name.to_owned());
        if let Some(known) = self.data.borrow().get(&key) {
            return known.clone();
        }
        let made = self.static_data(definitions, name, value).map(Rc::new);
        self.data.borrow_mut().insert(key, made.clone());
        made
    }

    fn static_data(
        &self,
        definitions: &Definitions,
        name: &str,
        value: &Expression,
    ) -> Option<Data> {
        if !matches!(
            value.kind,
            ExpressionKind::Dict(_) | ExpressionKind::List(_)
        ) {
            return None;
        }
        let made = self.literal(&definitions.module, value)?;
        let module = self.home.module(&definitions.file);
        let upper = self.home.fresh(&module, &snake(name).to_uppercase());
        let (rust, ty, code) = (ident(&upper), rust_type(&made.ty), made.code);
        let doc = format!(" `{name}` ({})", definitions.file);
        Some(Data {
            path: format!("crate::{module}::{upper}"),
            ty: made.ty,
            code: quote! {
                #[doc = #doc]
                pub static #rust: Shared<#ty> = Shared::new(|| shared(#code));
            },
            module,
            needs: made.needs,
        })
    }

    fn literal(&self, module: &str, e: &Expression) -> Option<Made> {
        let plain = |code, ty| {
            Some(Made {
                code,
                ty,
                needs: BTreeSet::new(),
            })
        };
        match &e.kind {
            ExpressionKind::Constant(Constant::Bool(flag)) => plain(quote!(#flag), Type::Bool),
            ExpressionKind::Constant(Constant::Int(number)) => {
                let number = Literal::i64_unsuffixed(*number);
                plain(quote!(#number), Type::Int)
            }
            ExpressionKind::Constant(Constant::Float(number)) if number.is_finite() => {
                let number = Literal::f64_unsuffixed(*number);
                plain(quote!(#number), Type::Float)
            }
            ExpressionKind::Constant(Constant::Str(text)) => {
                plain(quote!(#text.to_owned()), Type::Text)
            }
            ExpressionKind::List(items) => {
                let (codes, ty, needs) = self.same(module, items.iter())?;
                Some(Made {
                    code: quote!(vec![#(#codes),*]),
                    ty: Type::List(Box::new(ty)),
                    needs,
                })
            }
            ExpressionKind::Dict(entries) => {
                let keys: Option<Vec<&Expression>> =
                    entries.iter().map(|e| e.key.as_ref()).collect();
                let (keys, key, _) = self.same(module, keys?.into_iter())?;
                if !matches!(key, Type::Int | Type::Text) {
                    return None;
                }
                let (values, value, needs) = self.same(module, entries.iter().map(|e| &e.value))?;
                let pairs = keys.iter().zip(&values).map(|(k, v)| quote!((#k, #v)));
                Some(Made {
                    code: quote!(IndexMap::from([#(#pairs),*])),
                    ty: Type::Dict(Box::new(key), Box::new(value)),
                    needs,
                })
            }
            ExpressionKind::Call { callee, arguments } => {
                let ExpressionKind::Name(name) = &callee.kind else {
                    return None;
                };
                let positional: Option<Vec<&Expression>> = arguments
                    .iter()
                    .map(|a| matches!(a.passed, Passed::Position(_)).then_some(&a.value))
                    .collect();
                match self.resolve(module, name)? {
                    Named::Date => {
                        let positional = positional?;
                        let numbers: Option<Vec<Made>> =
                            positional.iter().map(|e| self.literal(module, e)).collect();
                        let numbers = numbers?;
                        let [year, month, day] = numbers.as_slice() else {
                            return None;
                        };
                        let (year, month, day) = (&year.code, &month.code, &day.code);
                        plain(quote!(Date::new(#year, #month, #day)), Type::Date)
                    }
                    Named::Record(record) => {
                        let mut needs = BTreeSet::from([record.path.clone()]);
                        let mut fields = Vec::new();
                        if arguments.len() != record.fields.len() {
                            return None;
                        }
                        for (i, (field, ty)) in record.fields.iter().enumerate() {
                            let argument = arguments.iter().find(|a| match &a.passed {
                                Passed::Position(p) => *p as usize == i,
                                Passed::Keyword(k) => k == field,
                                _ => false,
                            })?;
                            let made = self.of_type(module, &argument.value, ty)?;
                            needs.extend(made.needs);
                            let (field, code) = (ident(&snake(field)), made.code);
                            fields.push(quote!(#field: #code));
                        }
                        let path: TokenStream = record.path.parse().ok()?;
                        Some(Made {
                            code: quote!(#path { #(#fields),* }),
                            ty: Type::Record(record.path.clone()),
                            needs,
                        })
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// A literal as a value of `ty`.
    fn of_type(&self, module: &str, e: &Expression, ty: &Type) -> Option<Made> {
        if let Type::Maybe(inner) = ty {
            let is_none = e.kind == ExpressionKind::Constant(Constant::None);
            let made = if is_none {
                Made {
                    code: quote!(None),
                    ty: ty.clone(),
                    needs: BTreeSet::new(),
                }
            } else {
                let made = self.of_type(module, e, inner)?;
                let code = made.code;
                Made {
                    code: quote!(Some(#code)),
                    ..made
                }
            };
            return Some(made);
        }
        self.literal(module, e).filter(|made| made.ty == *ty)
    }

    /// Literals of one type; at least one.
    fn same<'e>(
        &self,
        module: &str,
        items: impl Iterator<Item = &'e Expression>,
    ) -> Option<(Vec<TokenStream>, Type, BTreeSet<String>)> {
        let made: Option<Vec<Made>> = items.map(|e| self.literal(module, e)).collect();
        let made = made?;
        let ty = made.first()?.ty.clone();
        if made.iter().any(|m| m.ty != ty) {
            return None;
        }
        let needs = made.iter().flat_map(|m| m.needs.iter().cloned()).collect();
        Some((made.into_iter().map(|m| m.code).collect(), ty, needs))
    }
}
