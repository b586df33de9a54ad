//! Rust expressions with what is known of the Python values that they stand for.

use proc_macro2::TokenStream;
use quote::quote;

/// What a value is in Python, and in Rust.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// `None`; no Rust value of its own.
    None,
    /// `bool`
    Bool,
    /// `int` as `i64`.
    Int,
    /// `float` as `f64`.
    Float,
    /// `str`
    Text,
    /// Something that JSON can hold, known when it runs: `serde_json::Value`.
    Json,
    /// `None` or a value: `Option<T>`.
    Maybe(Box<Type>),
    /// A list of values of one type: `Vec<T>`.
    List(Box<Type>),
    /// A dict with keys and values of one type each: `IndexMap<K, V>`, which keeps the order as Python does.
    Dict(Box<Type>, Box<Type>),
    /// A dataclass of the app, by the name of its struct.
    Record(String),
    /// `datetime.date`
    Date,
    /// A response.
    Response,
    /// Werkzeug's exception, of an error handler for a status.
    HttpError,
    /// An exception of the app's own, of an error handler for its class.
    Raised,
}

impl Type {
    /// `Option<self>`; an option stays one.
    #[must_use]
    pub fn maybe(self) -> Self {
        match self {
            Self::Maybe(_) | Self::None | Self::Json => self,
            other => Self::Maybe(Box::new(other)),
        }
    }

    /// The type that holds values of both; absent when there is none.
    #[must_use]
    pub fn join(self, other: Self) -> Option<Self> {
        match (self, other) {
            (a, b) if a == b => Some(a),
            (Self::None, t) | (t, Self::None) => Some(t.maybe()),
            (Self::Maybe(a), b) | (b, Self::Maybe(a)) if *a == b => Some(Self::Maybe(a)),
            _ => None,
        }
    }

    const fn is_copy(&self) -> bool {
        matches!(self, Self::Bool | Self::Int | Self::Float)
    }
}

/// How an expression holds its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A value of its own.
    Owned,
    /// A variable or field that keeps it.
    Place,
    /// A reference to it: `&str`, `Option<&str>`, `&Value`.
    Borrowed,
    /// A reference that is counted: `Arc<T>`.
    Shared,
}

/// How strongly an expression binds (The Rust Reference, "Expression precedence").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Binding {
    /// `if`, closures.
    Block,
    /// `||`
    Or,
    /// `&&`
    And,
    /// `==` and the like
    Comparison,
    /// `+`
    Sum,
    /// `*`
    Product,
    /// `!`, `-`, `&`
    Prefix,
    /// Names, calls, method calls, `?`.
    Atom,
}

/// A Rust expression.
#[derive(Clone, Debug)]
pub struct Value {
    /// Its tokens.
    pub code: TokenStream,
    /// What it is.
    pub ty: Type,
    /// How it is held.
    pub form: Form,
    /// How it binds.
    pub binding: Binding,
}

impl Value {
    /// A value of its own, from a call or a literal.
    #[must_use]
    pub const fn owned(code: TokenStream, ty: Type) -> Self {
        Self {
            code,
            ty,
            form: Form::Owned,
            binding: Binding::Atom,
        }
    }

    /// A variable or field.
    #[must_use]
    pub const fn place(code: TokenStream, ty: Type) -> Self {
        Self {
            code,
            ty,
            form: Form::Place,
            binding: Binding::Atom,
        }
    }

    /// A reference.
    #[must_use]
    pub const fn borrowed(code: TokenStream, ty: Type) -> Self {
        Self {
            code,
            ty,
            form: Form::Borrowed,
            binding: Binding::Atom,
        }
    }

    /// The same with a weaker binding.
    #[must_use]
    pub const fn binding(mut self, binding: Binding) -> Self {
        self.binding = binding;
        self
    }

    /// Its tokens, in parentheses unless it binds at least so strongly.
    #[must_use]
    pub fn at(&self, least: Binding) -> TokenStream {
        let code = &self.code;
        if self.binding >= least {
            code.clone()
        } else {
            quote!((#code))
        }
    }

    /// As what a method is called on.
    #[must_use]
    pub fn receiver(&self) -> TokenStream {
        self.at(Binding::Atom)
    }

    /// As an argument that is borrowed: `&str` of text, `Option<&str>` of optional text, else `&T`;
    /// numbers and booleans by value.
    #[must_use]
    pub fn lent(&self) -> TokenStream {
        let code = &self.code;
        match (&self.ty, self.form) {
            (Type::Bool | Type::Int | Type::Float, Form::Owned | Form::Place) => code.clone(),
            (_, Form::Borrowed) => code.clone(),
            (Type::Maybe(inner), _) if **inner == Type::Text => {
                let receiver = self.receiver();
                quote!(#receiver.as_deref())
            }
            (Type::Maybe(inner), _) if inner.is_copy() => code.clone(),
            (Type::Maybe(_), _) => {
                let receiver = self.receiver();
                quote!(#receiver.as_ref())
            }
            // `&match … {}` needs no parentheses.
            _ if self.binding == Binding::Block => quote!(&#code),
            _ => {
                let operand = self.at(Binding::Prefix);
                quote!(&#operand)
            }
        }
    }

    /// As a value that is given away.
    #[must_use]
    pub fn given(&self) -> TokenStream {
        let receiver = self.receiver();
        match (&self.ty, self.form) {
            (_, Form::Owned) => self.code.clone(),
            (ty, Form::Place) if ty.is_copy() => self.code.clone(),
            (Type::Maybe(inner), Form::Place) if inner.is_copy() => self.code.clone(),
            (_, Form::Shared) => quote!(#receiver.as_ref().clone()),
            (Type::Text, Form::Borrowed) => quote!(#receiver.to_owned()),
            (Type::Maybe(inner), Form::Borrowed) if **inner == Type::Text => {
                quote!(#receiver.map(str::to_owned))
            }
            (Type::Maybe(inner), Form::Borrowed) if inner.is_copy() => quote!(#receiver.copied()),
            (Type::Maybe(_), Form::Borrowed) => quote!(#receiver.cloned()),
            _ => quote!(#receiver.clone()),
        }
    }

    /// Python's truth of it, as a Rust condition; absent where it is always one thing.
    #[must_use]
    pub fn truth(&self) -> Option<Self> {
        let receiver = self.receiver();
        let bool_of = |code| Self::owned(code, Type::Bool);
        Some(match &self.ty {
            Type::Bool => self.clone(),
            Type::Int => {
                let left = self.at(Binding::Sum);
                bool_of(quote!(#left != 0)).binding(Binding::Comparison)
            }
            Type::Float => {
                let left = self.at(Binding::Sum);
                bool_of(quote!(#left != 0.0)).binding(Binding::Comparison)
            }
            Type::Text | Type::List(_) | Type::Dict(..) => {
                bool_of(quote!(!#receiver.is_empty())).binding(Binding::Prefix)
            }
            Type::Json => {
                let lent = self.lent();
                bool_of(quote!(python::truthy(#lent)))
            }
            Type::Maybe(inner) => match **inner {
                Type::Text => {
                    let lent = Self {
                        code: self.lent(),
                        ..self.clone()
                    }
                    .code;
                    bool_of(quote!(#lent.is_some_and(|text| !text.is_empty())))
                }
                Type::Int => bool_of(quote!(#receiver.is_some_and(|number| number != 0))),
                Type::Bool => bool_of(quote!(#receiver == Some(true))).binding(Binding::Comparison),
                Type::Response | Type::Record(_) | Type::Date => {
                    bool_of(quote!(#receiver.is_some()))
                }
                Type::List(_) => {
                    bool_of(quote!(#receiver.as_ref().is_some_and(|list| !list.is_empty())))
                }
                _ => return None,
            },
            // Objects without `__bool__` and `__len__` are true.
            Type::None
            | Type::Response
            | Type::Record(_)
            | Type::Date
            | Type::HttpError
            | Type::Raised => return None,
        })
    }
}

/// The opposite of a condition, without a `!` before what has an opposite of its own.
#[must_use]
pub fn not(condition: &Value) -> Value {
    let Ok(expression) = syn::parse2::<syn::Expr>(condition.code.clone()) else {
        let operand = condition.at(Binding::Prefix);
        return Value::owned(quote!(!#operand), Type::Bool).binding(Binding::Prefix);
    };
    let opposite = opposite(expression);
    let binding = binding(&opposite);
    Value::owned(quote!(#opposite), Type::Bool).binding(binding)
}

fn opposite(expression: syn::Expr) -> syn::Expr {
    use syn::{BinOp, Expr, UnOp};
    match expression {
        Expr::Paren(paren) => opposite(*paren.expr),
        Expr::Unary(unary) if matches!(unary.op, UnOp::Not(_)) => match *unary.expr {
            Expr::Paren(paren) => *paren.expr,
            inner => inner,
        },
        Expr::Binary(mut binary) => {
            let token = |op: &str| {
                syn::parse_str::<BinOp>(op).unwrap_or(BinOp::Eq(syn::token::EqEq::default()))
            };
            let swapped = match binary.op {
                BinOp::Eq(_) => token("!="),
                BinOp::Ne(_) => token("=="),
                BinOp::Lt(_) => token(">="),
                BinOp::Ge(_) => token("<"),
                BinOp::Gt(_) => token("<="),
                BinOp::Le(_) => token(">"),
                BinOp::And(_) | BinOp::Or(_) => {
                    let (left, right) = (opposite(*binary.left), opposite(*binary.right));
                    let is_and = matches!(binary.op, BinOp::And(_));
                    let op = token(if is_and { "||" } else { "&&" });
                    let least = if is_and { Binding::Or } else { Binding::And };
                    let part = |e: Expr| {
                        let value = Value::owned(quote!(#e), Type::Bool).binding(binding(&e));
                        value.at(least)
                    };
                    let (left, right) = (part(left), part(right));
                    let text = quote!(#left #op #right);
                    return syn::parse2(text).unwrap_or_else(|_| syn::parse_quote!(false));
                }
                _ => return syn::parse_quote!(!(#binary)),
            };
            binary.op = swapped;
            Expr::Binary(binary)
        }
        Expr::MethodCall(mut call) => {
            let name = call.method.to_string();
            let other = match name.as_str() {
                "is_some" => "is_none",
                "is_none" => "is_some",
                "is_some_and" => "is_none_or",
                "is_none_or" => "is_some_and",
                _ => return syn::parse_quote!(!#call),
            };
            call.method = syn::Ident::new(other, call.method.span());
            if let Some(Expr::Closure(closure)) = call.args.first_mut() {
                let body = std::mem::replace(&mut *closure.body, syn::parse_quote!(()));
                *closure.body = opposite(body);
            }
            Expr::MethodCall(call)
        }
        other if binding(&other) >= Binding::Prefix => syn::parse_quote!(!#other),
        other => syn::parse_quote!(!(#other)),
    }
}

fn binding(expression: &syn::Expr) -> Binding {
    use syn::{BinOp, Expr};
    match expression {
        Expr::Binary(binary) => match binary.op {
            BinOp::Or(_) => Binding::Or,
            BinOp::And(_) => Binding::And,
            BinOp::Add(_) | BinOp::Sub(_) => Binding::Sum,
            BinOp::Mul(_) | BinOp::Div(_) | BinOp::Rem(_) => Binding::Product,
            _ => Binding::Comparison,
        },
        Expr::Unary(_) | Expr::Reference(_) => Binding::Prefix,
        Expr::If(_) | Expr::Closure(_) | Expr::Block(_) | Expr::Match(_) => Binding::Block,
        _ => Binding::Atom,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opposites() {
        let of = |code: TokenStream| {
            let expression: syn::Expr = syn::parse2(code.clone()).unwrap();
            let value = Value::owned(code, Type::Bool).binding(binding(&expression));
            not(&value).code.to_string().replace(' ', "")
        };
        assert_eq!(of(quote!(!a.is_empty())), "a.is_empty()");
        assert_eq!(of(quote!(a == b)), "a!=b");
        assert_eq!(of(quote!(a == b && c)), "a!=b||!c");
        assert_eq!(of(quote!(a || b && c)), "!a&&(!b||!c)");
        assert_eq!(
            of(quote!(x.is_some_and(|t| !t.is_empty()))),
            "x.is_none_or(|t|t.is_empty())"
        );
        assert_eq!(of(quote!(f(x))), "!f(x)");
    }
}
