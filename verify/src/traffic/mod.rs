//! Requests: made from the model, found on the way, or read from a file.
//!
//! What is made from the model is a list for each session, in which every rule, key and field is tried in all the ways
//! that ports get wrong, and a walk over the pages of the app. The same seed gives the same requests, given the same
//! answers of the original.

mod asked;
mod challenge;
mod conditional;
mod contents;
mod converter;
mod draft;
mod forms;
mod har;
mod headers;
mod inputs;
mod json;
mod known;
mod learning;
mod made;
pub(crate) mod names;
mod offers;
mod page;
mod paths;
mod plan;
mod query;
mod random;
mod requests_file;
mod rounds;
mod rule;
mod samples;
mod scenes;
mod sessions;
mod uploads;
mod walk;

use std::path::{Path, PathBuf};
use std::rc::Rc;

use model::{Analysis, Route, Words};

use crate::http::{Answer, Recipe, Request};

pub use made::Made;
pub use requests_file::{RequestsError, from_file};
pub use rule::Rule;

/// Where requests come from.
pub trait Traffic {
    /// The next request; `seen` is the last one, as it was sent to the original, with the original's answer.
    /// It is shared, since a run keeps all that it sent, to send it again.
    fn next(&mut self, seen: Option<(&Recipe, &Request, &Answer)>) -> Option<Rc<Recipe>>;
}

/// What requests are made from.
#[derive(Clone)]
pub struct Source<'a> {
    /// The original.
    pub analysis: &'a Analysis,
    /// Words of its source.
    pub words: &'a Words,
    /// Folder of its files, to name static ones; without it they are found in links of pages only.
    pub root: Option<PathBuf>,
    /// Requests that let a user in, as settings give them; may be none.
    pub login: Vec<Recipe>,
    /// Decides what is left out where there is too much.
    pub seed: u64,
    /// Which routes are asked for; all where it is absent.
    pub only: Option<&'a dyn Fn(&Route) -> bool>,
}

impl<'a> Source<'a> {
    /// Words that code compares with; what no person writes into a field is left out (methods, paths, names of modules).
    fn compared(&self) -> Vec<&'a str> {
        let words = self.words.compared.iter().map(String::as_str);
        words
            .filter(|w| !w.starts_with(['/', '.', '_', '<']) && w.to_ascii_uppercase() != *w)
            .collect()
    }

    /// A file that a static route serves, relative to the route's folder: the first one by name, in the folder itself
    /// if there is one.
    fn file_of(&self, route: &Route) -> Option<String> {
        let folder = self.root.as_ref()?.join(route.folder.as_ref()?);
        first_file(&folder, "", 3)
    }
}

fn first_file(folder: &Path, prefix: &str, depth: usize) -> Option<String> {
    let mut entries: Vec<(bool, String)> = std::fs::read_dir(folder)
        .ok()?
        .flatten()
        .filter_map(|entry| Some((entry.path().is_dir(), entry.file_name().into_string().ok()?)))
        .filter(|(_, name)| !name.starts_with('.'))
        .collect();
    entries.sort();
    entries.into_iter().find_map(|(is_folder, name)| {
        let path = format!("{prefix}{name}");
        if !is_folder {
            return Some(path);
        }
        (depth > 0)
            .then(|| first_file(&folder.join(&name), &format!("{path}/"), depth - 1))
            .flatten()
    })
}

/// Requests made from the model: a list and a walk for a visitor and, where a way in is found or given, for a user.
#[must_use]
pub fn model_made<'a>(source: &Source<'a>) -> Made<'a> {
    Made::new(source)
}

/// Requests that are known, in order.
#[derive(Debug)]
pub struct Recorded(std::vec::IntoIter<Rc<Recipe>>);

impl Recorded {
    /// Of these.
    #[must_use]
    pub fn new(recipes: Vec<Rc<Recipe>>) -> Self {
        Self(recipes.into_iter())
    }
}

impl Traffic for Recorded {
    fn next(&mut self, _: Option<(&Recipe, &Request, &Answer)>) -> Option<Rc<Recipe>> {
        self.0.next()
    }
}
