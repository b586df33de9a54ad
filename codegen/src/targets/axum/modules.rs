//! The files of handlers: one for each blueprint, and one for each Python file beside.

use std::collections::{BTreeMap, BTreeSet};

use model::{Function, Lines, ReviewPair, Route};
use proc_macro2::TokenStream;
use quote::quote;

use super::Port;
use super::items::{Item, Purpose};
use crate::error::PortError;
use crate::rust::draft::Draft;
use crate::rust::library::Home;
use crate::rust::names::{camel, ident, snake};
use crate::rust::words::words;

/// Where names come from.
const IMPORTS: &[(&str, &[&str])] = &[
    ("axum", &["Router"]),
    ("axum::response", &["Response"]),
    ("axum", &["routing"]),
    ("indexmap", &["IndexMap"]),
    ("serde", &["Deserialize", "Serialize"]),
    ("serde_json", &["Map", "Value", "json!"]),
    ("crate::flask_parity", &["python"]),
    (
        "crate::flask_parity::application",
        &["Application", "ConfigValue", "Settings"],
    ),
    ("crate::flask_parity::context", &["Ctx"]),
    ("crate::flask_parity::dispatch", &["by_endpoint()"]),
    ("crate::flask_parity::calendar", &["Date"]),
    ("crate::flask_parity::shared", &["Shared", "shared()"]),
    (
        "crate::flask_parity::error",
        &[
            "Abort",
            "Reply",
            "abort()",
            "abort_with()",
            "not_ported()",
            "raised()",
        ],
    ),
    ("crate::flask_parity::files", &["send_from_directory()"]),
    (
        "crate::flask_parity::inputs",
        &["Form", "MultiDict", "Path", "Query"],
    ),
    ("crate::flask_parity", &["responses"]),
    (
        "crate::flask_parity::responses",
        &[
            "html()",
            "json()",
            "redirect()",
            "with_body()",
            "with_header()",
            "with_status()",
        ],
    ),
    ("crate::flask_parity::rule", &["Rule"]),
    ("crate::flask_parity", &["templates"]),
];

/// `use` lines for the names in some tokens, those that the file defines itself left out.
pub(super) fn imports(tokens: &TokenStream, draft: &Draft, own: &BTreeSet<String>) -> TokenStream {
    let used: BTreeSet<String> = words(tokens, draft).into_iter().collect();
    let mut groups: BTreeMap<(bool, &str), BTreeSet<&str>> = BTreeMap::new();
    for (path, names) in IMPORTS {
        for name in *names {
            let plain = name.trim_end_matches(['!', '(', ')']);
            if used.contains(*name) && !own.contains(plain) {
                let is_own = path.starts_with("crate");
                groups.entry((is_own, path)).or_default().insert(plain);
            }
        }
    }
    let mut lines: Vec<(bool, String)> = groups
        .iter()
        .map(|((is_own, path), names)| {
            let names: Vec<&str> = names.iter().copied().collect();
            let text = match names.as_slice() {
                [one] => format!("use {path}::{one};"),
                many => format!("use {path}::{{{}}};", many.join(", ")),
            };
            (*is_own, text)
        })
        .collect();
    // As rustfmt sorts them.
    lines.sort();
    let lines = lines
        .iter()
        .filter_map(|(_, text)| text.parse::<TokenStream>().ok());
    quote!(#(#lines)*)
}

impl Port<'_> {
    /// Writes the modules of handlers, and where each function stands in them.
    pub(super) fn modules(
        &self,
        files: &mut BTreeMap<String, String>,
        pairs: &mut Vec<ReviewPair>,
    ) -> Result<(), PortError> {
        let routers = self.routers();
        for module in self.module_names() {
            let draft = self.homes.draft(&module);
            let items: Vec<&Item<'_>> = self.in_source_order(&module);
            let statics = self
                .static_routes()
                .filter(|r| self.static_module(r) == module);
            let statics: Vec<TokenStream> = statics.map(|r| self.static_handler(r)).collect();
            let library = self.library.items(&module);
            let data = library
                .iter()
                .filter(|(f, _)| f.is_none())
                .map(|(_, code)| code);
            // Handlers and the functions that they call, in the order of the source.
            let mut functions: Vec<(Option<(&str, u32)>, TokenStream)> = items
                .iter()
                .map(|i| (i.function.map(place_of), self.item(i, &draft)))
                .collect();
            for (function, code) in &library {
                if let Some(function) = function {
                    functions.push((Some(place_of(function)), code.clone()));
                }
            }
            functions.sort_by_key(|(place, _)| *place);
            let functions = functions.iter().map(|(_, code)| code);
            let router = routers.get(&module);
            let body = quote!(#(#data)* #router #(#statics)* #(#functions)*);
            let body = at_home(body, &module);
            let own: BTreeSet<String> = items.iter().map(|i| i.name.clone()).collect();
            let imports = imports(&body, &draft, &own);
            let sources: BTreeSet<&str> = items
                .iter()
                .filter_map(|i| i.function)
                .chain(library.iter().filter_map(|(f, _)| f.as_ref()))
                .map(|f| f.file.as_str())
                .collect();
            let docs = self.module_docs(&module, &sources);
            let file = quote! { #(#![doc = #docs])* #imports #body };
            let text = rendered(&draft, file, &module)?;
            let text = self.with_modules(&text, &module);
            let path = format!("src/{module}.rs");
            for item in items {
                pairs.extend(self.pair(item, &path, &text));
            }
            for instance in self.library.written().iter().filter(|i| i.module == module) {
                pairs.extend(self.pair_of(
                    &instance.source,
                    item_lines(&text, &instance.name),
                    &path,
                ));
            }
            files.insert(path, text);
        }
        Ok(())
    }

    /// `crate::store::x` as `store::x`, with `use crate::store;`, unless the file means something else by `store`.
    pub(super) fn with_modules(&self, text: &str, own: &str) -> String {
        // What was printed verbatim names the file's own things by their whole path.
        let mut text = text.replace(&format!("crate::{own}::"), "");
        for module in self.module_names() {
            let (long, short) = (format!("crate::{module}::"), format!("{module}::"));
            let is_code =
                |line: &&str| !line.trim_start().starts_with("//") && !line.starts_with("use ");
            let others = text
                .lines()
                .filter(is_code)
                .any(|l| has_word(&l.replace(&long, ""), &module));
            if others || !text.lines().filter(is_code).any(|l| l.contains(&long)) {
                continue;
            }
            let import = format!("use crate::{module};");
            let mut lines: Vec<String> = Vec::new();
            let mut imported = false;
            for line in text.lines() {
                let is_crate = line.starts_with("use crate::");
                let is_after = is_crate && line > import.as_str();
                let ends = !is_crate && lines.last().is_some_and(|l| l.starts_with("use crate::"));
                if !imported && (is_after || ends) {
                    lines.push(import.clone());
                    imported = true;
                }
                lines.push(if is_code(&line) {
                    line.replace(&long, &short)
                } else {
                    line.to_owned()
                });
            }
            if imported {
                text = lines.join("\n") + "\n";
            }
        }
        text
    }

    /// Modules with something in them.
    pub(super) fn module_names(&self) -> BTreeSet<String> {
        let items = self.items.list.iter().map(|i| i.module.clone());
        items
            .chain(self.static_routes().map(|r| self.static_module(r)))
            .chain(self.library.module_names())
            .collect()
    }

    fn in_source_order(&self, module: &str) -> Vec<&Item<'_>> {
        let mut items: Vec<&Item<'_>> = self
            .items
            .list
            .iter()
            .filter(|i| i.module == module)
            .collect();
        items.sort_by_key(|i| i.function.map(|f| (f.file.as_str(), f.span.start)));
        items
    }

    fn module_docs(&self, module: &str, sources: &BTreeSet<&str>) -> Vec<String> {
        let blueprint = self
            .analysis
            .blueprints
            .iter()
            .find(|b| snake(&b.name) == module);
        let sources: Vec<&str> = sources.iter().copied().collect();
        let sources = sources.join(", ");
        let first = match blueprint {
            Some(b) if sources.is_empty() => format!(" Blueprint `{}`.", b.name),
            Some(b) => format!(" Blueprint `{}` ({sources}).", b.name),
            None if sources.is_empty() => " Static files.".to_owned(),
            None => format!(" What {sources} has."),
        };
        vec![first]
    }

    fn pair(&self, item: &Item<'_>, path: &str, text: &str) -> Option<ReviewPair> {
        let lines = match item.purpose {
            Purpose::Aside(_) | Purpose::Other(_) => comment_lines(text, &item.label),
            Purpose::Filter(_) if !item.is_whole() => comment_lines(text, &item.label),
            _ => item_lines(text, &item.name),
        };
        self.pair_of(item.function?, lines, path)
    }

    fn pair_of(
        &self,
        function: &Function,
        lines: Option<(u32, u32)>,
        path: &str,
    ) -> Option<ReviewPair> {
        let (line, end_line) = lines?;
        let python = self.source.texts.get(&function.file)?;
        let line_of = |at: u32| python[..at as usize].matches('\n').count() as u32 + 1;
        let decorators = function.decorators.iter().map(|d| line_of(d.span.start));
        let start = decorators.chain([line_of(function.span.start)]).min()?;
        Some(ReviewPair {
            function: function.id.clone(),
            original: Lines {
                file: function.file.clone(),
                line: start,
                end_line: line_of(function.span.end),
            },
            port: Lines {
                file: path.to_owned(),
                line,
                end_line,
            },
        })
    }

    // ---- static files

    pub(super) fn static_routes(&self) -> impl Iterator<Item = &Route> + Clone {
        self.routes().filter(|r| r.is_static)
    }

    pub(super) fn static_module(&self, route: &Route) -> String {
        let name = route.blueprint.as_deref().map(snake);
        let known = self
            .items
            .list
            .iter()
            .find(|i| Some(&i.module) == name.as_ref());
        known.map_or_else(|| "app".to_owned(), |i| i.module.clone())
    }

    pub(super) fn static_name(&self, route: &Route) -> String {
        match &route.blueprint {
            Some(blueprint) => format!("{}_static_files", snake(blueprint)),
            None => "static_files".to_owned(),
        }
    }

    fn static_handler(&self, route: &Route) -> TokenStream {
        let name = self.static_name(route);
        let folder = self.static_folder(route);
        let doc = format!(
            " `{}`: files of `{}`.",
            route.endpoint,
            route
                .folder
                .as_deref()
                .unwrap_or("a folder that is not known")
        );
        let (function, ty) = (ident(&name), ident(&format!("{}Path", camel(&name))));
        let path_doc = format!(" Path of [`{name}`].");
        quote! {
            #[doc = #path_doc]
            #[derive(Deserialize)]
            pub struct #ty { pub filename: String }
            #[doc = #doc]
            pub async fn #function(ctx: Ctx, Path(path): Path<#ty>) -> Reply {
                send_from_directory(&ctx, #folder, &path.filename).await
            }
        }
    }

    /// The folder of a static route in the port.
    pub(super) fn static_folder(&self, route: &Route) -> String {
        match &route.blueprint {
            Some(blueprint) => format!("static_{}", snake(blueprint)),
            None => "static".to_owned(),
        }
    }
}

fn place_of(function: &Function) -> (&str, u32) {
    (&function.file, function.span.start)
}

/// Paths of a module's own things without the module.
fn at_home(tokens: TokenStream, module: &str) -> TokenStream {
    use proc_macro2::{Group, TokenTree};
    let prefix = ["crate", ":", ":", module, ":", ":"];
    let all: Vec<TokenTree> = tokens.into_iter().collect();
    let mut out = Vec::new();
    let mut i = 0;
    while i < all.len() {
        let is_here = prefix
            .iter()
            .enumerate()
            .all(|(k, word)| all.get(i + k).is_some_and(|t| t.to_string() == *word));
        if is_here {
            i += prefix.len();
            continue;
        }
        out.push(match &all[i] {
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), at_home(group.stream(), module));
                inner.set_span(group.span());
                TokenTree::Group(inner)
            }
            other => other.clone(),
        });
        i += 1;
    }
    out.into_iter().collect()
}

/// Whether a line has an identifier.
fn has_word(line: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        !before.is_some_and(is_part)
            && before != Some('.')
            && before != Some('"')
            && !after.is_some_and(is_part)
    })
}

/// A file's text.
pub(super) fn rendered(draft: &Draft, file: TokenStream, name: &str) -> Result<String, PortError> {
    draft.render(file).map_err(|e| PortError::Emission {
        file: format!("src/{name}.rs"),
        why: e.to_string(),
    })
}

/// The lines of a top-level function, its comments included.
fn item_lines(text: &str, name: &str) -> Option<(u32, u32)> {
    let lines: Vec<&str> = text.lines().collect();
    let starts = [format!("pub async fn {name}("), format!("pub fn {name}(")];
    let at = lines
        .iter()
        .position(|l| starts.iter().any(|s| l.starts_with(s.as_str())))?;
    let docs = lines[..at]
        .iter()
        .rev()
        .take_while(|l| l.starts_with("///") || l.starts_with("#["))
        .count();
    let end = if lines[at].ends_with("{}") {
        at
    } else {
        at + lines[at..].iter().position(|l| *l == "}")?
    };
    Some(((at - docs) as u32 + 1, end as u32 + 1))
}

/// The lines of a comment that begins by naming `label`.
fn comment_lines(text: &str, label: &str) -> Option<(u32, u32)> {
    let lines: Vec<&str> = text.lines().collect();
    let start = format!("// TODO(migrate): {label} ");
    let at = lines.iter().position(|l| l.starts_with(&start))?;
    let length = lines[at..]
        .iter()
        .take_while(|l| l.starts_with("//"))
        .count();
    Some((at as u32 + 1, (at + length) as u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_items_stand() {
        let text = "use a;\n\n/// `x`\npub async fn x(ctx: Ctx) -> Reply {\n    y\n}\n\n// TODO(migrate): `z` (a.py:1) is not\n// z\n";
        assert_eq!(item_lines(text, "x"), Some((3, 6)));
        assert_eq!(comment_lines(text, "`z` (a.py:1)"), Some((8, 9)));
    }
}
