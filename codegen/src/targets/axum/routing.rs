//! axum routes: a path for each shape, and which handlers can answer there.

use std::collections::{BTreeMap, BTreeSet};

use model::{Certainty, Route};
use proc_macro2::TokenStream;
use quote::quote;

use super::Port;
use super::items::key_of;
use crate::python::rules::{self, Part};
use crate::rust::names::ident;

/// Methods that axum has a router for.
const METHODS: &[(&str, &str)] = &[
    ("GET", "get"),
    ("POST", "post"),
    ("PUT", "put"),
    ("PATCH", "patch"),
    ("DELETE", "delete"),
    ("HEAD", "head"),
    ("OPTIONS", "options"),
];

/// A piece of a path between slashes, as axum's router tells it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Text(String),
    Variable,
    /// The rest of the path, one piece at least.
    Rest,
}

/// A rule's path as axum's router sees it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Shape(Vec<Segment>);

impl Shape {
    /// That of a rule; absent for a malformed one.
    fn of(rule: &str) -> Option<(Self, Vec<String>)> {
        let mut segments: Vec<(String, Option<String>, bool)> = vec![(String::new(), None, false)];
        for part in rules::parse(rule)? {
            match part {
                Part::Text(text) => {
                    for (i, piece) in text.split('/').enumerate() {
                        if i > 0 {
                            segments.push((String::new(), None, false));
                        }
                        segments.last_mut()?.0.push_str(piece);
                    }
                }
                Part::Variable {
                    converter, name, ..
                } => {
                    let last = segments.last_mut()?;
                    last.2 |= converter == "path";
                    last.1.get_or_insert(name);
                }
            }
        }
        let mut shape = Vec::new();
        let mut names = Vec::new();
        for (text, variable, rest) in segments.into_iter().skip(1) {
            match variable {
                Some(name) if rest => {
                    shape.push(Segment::Rest);
                    names.push(name);
                    // What stands behind it is told apart by the rule.
                    break;
                }
                Some(name) => {
                    shape.push(Segment::Variable);
                    names.push(name);
                }
                None => shape.push(Segment::Text(text)),
            }
        }
        Some((Self(shape), names))
    }

    /// In axum's syntax.
    fn pattern(&self, names: &[String]) -> String {
        let mut names = names.iter();
        let mut out = String::new();
        for segment in &self.0 {
            out.push('/');
            match segment {
                Segment::Text(text) => out.push_str(&quoted(text)),
                Segment::Variable => {
                    out.push_str(&format!("{{{}}}", names.next().map_or("x", String::as_str)));
                }
                Segment::Rest => out.push_str(&format!(
                    "{{*{}}}",
                    names.next().map_or("x", String::as_str)
                )),
            }
        }
        out
    }

    /// Whether some URL that axum's router gives to `self` may fit `other` too.
    fn meets(&self, other: &Self) -> bool {
        let mut i = 0;
        loop {
            match (self.0.get(i), other.0.get(i)) {
                (None, None) => return true,
                (Some(Segment::Rest), Some(_)) | (Some(_), Some(Segment::Rest)) => return true,
                (Some(Segment::Text(a)), Some(Segment::Text(b))) if a != b => return false,
                (Some(Segment::Text(a)), Some(Segment::Variable)) if a.is_empty() => return false,
                (Some(_), Some(_)) => {}
                _ => return false,
            }
            i += 1;
        }
    }

    /// Whether axum's router prefers `self` where both fit: text before variables before the rest.
    fn precedes(&self, other: &Self) -> bool {
        let rank = |s: Option<&Segment>| match s {
            Some(Segment::Text(_)) => 0,
            Some(Segment::Variable) => 1,
            Some(Segment::Rest) => 2,
            None => 3,
        };
        for i in 0..self.0.len().max(other.0.len()) {
            let (a, b) = (rank(self.0.get(i)), rank(other.0.get(i)));
            if a != b {
                return a < b;
            }
        }
        false
    }
}

/// Text of a path as the support files hand it to axum's router (`quoting.rs`), braces doubled.
fn quoted(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'{' => out.push_str("%7B"),
            b'}' => out.push_str("%7D"),
            b if b.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@".contains(&b) => {
                out.push(b as char);
            }
            b => out.push_str(&format!("%{b:02X}")),
        }
    }
    out
}

/// A route with what its handler is.
struct Candidate<'a> {
    route: &'a Route,
    shape: Shape,
    names: Vec<String>,
    handler: TokenStream,
    module: String,
    /// Every URL of its shape fits its rule.
    plain: bool,
}

impl Port<'_> {
    /// `routes()` of each module.
    pub(super) fn routers(&self) -> BTreeMap<String, TokenStream> {
        let candidates = self.candidates();
        let mut by_module: BTreeMap<String, Vec<(String, TokenStream)>> = BTreeMap::new();
        let mut seen: BTreeSet<&Shape> = BTreeSet::new();
        let conflicts = conflicts(&candidates);
        let mut hidden: BTreeSet<String> = BTreeSet::new();
        for candidate in &candidates {
            let module = candidate.module.clone();
            if conflicts.contains(&candidate.shape) {
                // Each endpoint has a path of its own, which only the rules lead to.
                let path = hidden_path(&candidate.route.endpoint);
                if hidden.insert(path.clone()) {
                    let handler = self.at(candidate, &module);
                    by_module
                        .entry(module)
                        .or_default()
                        .push((path, quote!(routing::any(#handler))));
                }
                continue;
            }
            if !seen.insert(&candidate.shape) {
                continue;
            }
            let router = self.method_router(candidate, &candidates, &module);
            let pattern = candidate.shape.pattern(&candidate.names);
            by_module.entry(module).or_default().push((pattern, router));
        }
        by_module
            .into_iter()
            .map(|(module, routes)| {
                let routes = routes
                    .iter()
                    .map(|(pattern, router)| quote!(.route(#pattern, #router)));
                let code = quote! { pub fn routes() -> Router { Router::new() #(#routes)* } };
                (module, code)
            })
            .collect()
    }

    /// Rules whose shape axum's router cannot hold beside the others, with the path that they are dispatched at.
    pub(super) fn dispatched(&self) -> BTreeMap<&str, String> {
        let candidates = self.candidates();
        let conflicts = conflicts(&candidates);
        candidates
            .iter()
            .filter(|c| conflicts.contains(&c.shape))
            .map(|c| (c.route.rule.as_str(), hidden_path(&c.route.endpoint)))
            .collect()
    }

    fn candidates(&self) -> Vec<Candidate<'_>> {
        let mut out = Vec::new();
        for route in self.routes() {
            let Some((shape, names)) = Shape::of(&route.rule) else {
                continue;
            };
            let (module, handler) = if route.is_static {
                let module = self.static_module(route);
                let name = ident(&self.static_name(route));
                (module, quote!(#name))
            } else {
                let Some(&index) = key_of(route)
                    .as_ref()
                    .and_then(|k| self.items.by_function.get(k))
                else {
                    continue;
                };
                let item = &self.items.list[index];
                let name = ident(&item.name);
                if route.certainty == Certainty::Conditional {
                    let why = format!(
                        "whether the rule {} exists depends on what is known when the app runs",
                        route.rule
                    );
                    let label = item.name.as_str();
                    (
                        item.module.clone(),
                        quote!(async || not_ported(#label, #why)),
                    )
                } else {
                    (item.module.clone(), quote!(#name))
                }
            };
            let plain = rules::parse(&route.rule).is_some_and(|parts| {
                parts.iter().all(|p| match p {
                    Part::Text(_) => true,
                    Part::Variable {
                        converter,
                        arguments,
                        ..
                    } => {
                        arguments.is_none()
                            && matches!(converter.as_str(), "string" | "default" | "path")
                    }
                })
            }) && shape_is_whole(&route.rule);
            out.push(Candidate {
                route,
                shape,
                names,
                handler,
                module,
                plain,
            });
        }
        out
    }

    /// The handlers of one shape: those of its own rules, and of wider ones that may win there.
    fn method_router(
        &self,
        own: &Candidate<'_>,
        all: &[Candidate<'_>],
        module: &str,
    ) -> TokenStream {
        let mut by_method: BTreeMap<usize, Vec<&Candidate<'_>>> = BTreeMap::new();
        let mut other_methods = false;
        // In the order of preference: own rules, then wider ones.
        let mut meeting: Vec<&Candidate<'_>> =
            all.iter().filter(|c| c.shape == own.shape).collect();
        meeting.extend(all.iter().filter(|c| {
            c.shape != own.shape && own.shape.meets(&c.shape) && own.shape.precedes(&c.shape)
        }));
        for candidate in meeting {
            for method in &candidate.route.methods {
                let Some(at) = METHODS.iter().position(|(m, _)| m == method) else {
                    other_methods = true;
                    continue;
                };
                let list = by_method.entry(at).or_default();
                // Whoever comes before takes every URL.
                if !list.iter().any(|c| c.plain) {
                    list.push(candidate);
                }
            }
        }
        let distinct = |list: &[&Candidate<'_>]| {
            let endpoints: BTreeSet<&str> =
                list.iter().map(|c| c.route.endpoint.as_str()).collect();
            endpoints.len()
        };
        if other_methods || by_method.values().any(|list| distinct(list) > 1) {
            let mut seen = BTreeSet::new();
            let list = by_method
                .values()
                .flatten()
                .filter(|c| seen.insert(c.route.endpoint.as_str()));
            let arms = list.map(|c| {
                let (endpoint, handler) = (&c.route.endpoint, self.at(c, module));
                quote!((#endpoint, routing::any(#handler)))
            });
            return quote!(by_endpoint([#(#arms),*]));
        }
        let mut router: Option<TokenStream> = None;
        for (at, list) in &by_method {
            let Some(candidate) = list.first() else {
                continue;
            };
            let (method, handler) = (ident(METHODS[*at].1), self.at(candidate, module));
            router = Some(match router {
                None => quote!(routing::#method(#handler)),
                Some(before) => quote!(#before.#method(#handler)),
            });
        }
        router.unwrap_or_else(|| quote!(routing::any(async || abort(404))))
    }

    /// A candidate's handler as another module calls it.
    fn at(&self, candidate: &Candidate<'_>, module: &str) -> TokenStream {
        let handler = &candidate.handler;
        let is_name = syn::parse2::<syn::Ident>(handler.clone()).is_ok();
        if candidate.module == module || !is_name {
            return handler.clone();
        }
        let home = ident(&candidate.module);
        quote!(crate::#home::#handler)
    }
}

/// Shapes that axum's router refuses beside those before them.
fn conflicts<'c>(candidates: &'c [Candidate<'_>]) -> BTreeSet<&'c Shape> {
    let mut router = matchit::Router::new();
    let mut seen = BTreeSet::new();
    let mut out = BTreeSet::new();
    for candidate in candidates {
        let shape = &candidate.shape;
        let pattern = shape.pattern(&candidate.names);
        // axum takes a segment that begins so for the syntax that it had before.
        let is_old = pattern.contains("/:") || pattern.contains("/*");
        if seen.insert(shape) && (is_old || router.insert(pattern, ()).is_err()) {
            out.insert(shape);
        }
    }
    out
}

fn hidden_path(endpoint: &str) -> String {
    format!("/~{}", quoted(endpoint))
}

/// Whether every variable of a rule is a whole segment, and a path the last.
fn shape_is_whole(rule: &str) -> bool {
    rule.split('/').all(|s| {
        !s.contains('<') || s.starts_with('<') && s.ends_with('>') && s.matches('<').count() == 1
    }) && rule
        .find("<path:")
        .is_none_or(|at| rule[at..].ends_with('>') && !rule[at..].contains('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(rule: &str) -> Shape {
        Shape::of(rule).unwrap().0
    }

    #[test]
    fn patterns() {
        let of = |rule| {
            let (shape, names) = Shape::of(rule).unwrap();
            shape.pattern(&names)
        };
        assert_eq!(of("/"), "/");
        assert_eq!(of("/blog/"), "/blog/");
        assert_eq!(of("/blog/<int:post_id>/x"), "/blog/{post_id}/x");
        assert_eq!(of("/static/<path:filename>"), "/static/{*filename}");
        assert_eq!(of("/<path:p>/edit"), "/{*p}");
        assert_eq!(of("/<name>.json"), "/{name}");
        assert_eq!(of("/ä {x}"), "/%C3%A4%20%7Bx%7D");
    }

    #[test]
    fn which_meet() {
        assert!(shape("/a/b").meets(&shape("/a/<x>")));
        assert!(shape("/a/b").precedes(&shape("/a/<x>")));
        assert!(!shape("/a/").meets(&shape("/a/<x>")));
        assert!(shape("/a/<int:x>").meets(&shape("/<path:p>")));
        assert!(!shape("/a").meets(&shape("/b")));
    }
}
