//! Requests in the making.

use std::collections::HashSet;

use crate::http::{Content, Part, Piece, Recipe, Text};

use super::random::Random;

/// How much a request is missed where there is room for some only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// The plain ones: a route without them is not exercised.
    Plain,
    /// What ports most often get wrong.
    Usual,
    /// The rest.
    Rare,
}

/// A request of no session yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The request.
    pub recipe: Recipe,
    /// How much it is missed.
    pub weight: Weight,
    /// The route it is made for: index into the plan's routes.
    pub route: Option<usize>,
    /// A page that has to be kept before, for its hidden fields or its token.
    pub page: Option<String>,
    /// It is sent only where the view was seen to read what it is sent: a target that reads bodies before guards refuses
    /// a large one earlier, which nobody minds.
    pub is_for_readers: bool,
}

impl Draft {
    /// A request without content.
    #[must_use]
    pub fn new(method: &str, target: impl Into<Text>, aim: impl Into<String>) -> Self {
        Self {
            recipe: Recipe {
                method: method.to_owned(),
                target: target.into(),
                aim: aim.into(),
                ..Recipe::default()
            },
            weight: Weight::Usual,
            route: None,
            page: None,
            is_for_readers: false,
        }
    }

    /// With a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<Text>) -> Self {
        self.recipe.headers.push((name.to_owned(), value.into()));
        self
    }

    /// With fields of a form, encoded by the client.
    #[must_use]
    pub fn form<'f>(mut self, fields: impl IntoIterator<Item = (&'f str, &'f str)>) -> Self {
        let fields = fields.into_iter();
        self.recipe.content =
            Content::Form(fields.map(|(k, v)| (k.to_owned(), v.into())).collect());
        self
    }

    /// With parts, encoded by the client.
    #[must_use]
    pub fn multipart(mut self, parts: Vec<Part>) -> Self {
        self.recipe.content = Content::Multipart(parts);
        self
    }

    /// With a body of a content type; of none where it is empty.
    #[must_use]
    pub fn body(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.recipe.content = Content::Bytes(body.into());
        if content_type.is_empty() {
            self
        } else {
            self.header("Content-Type", content_type)
        }
    }

    /// Kept under a name.
    #[must_use]
    pub fn kept(mut self, name: impl Into<String>) -> Self {
        self.recipe.keep = Some(name.into());
        self
    }

    /// Missed more or less than usual.
    #[must_use]
    pub const fn weighing(mut self, weight: Weight) -> Self {
        self.weight = weight;
        self
    }

    /// In a session.
    #[must_use]
    pub fn within(mut self, session: &str) -> Recipe {
        session.clone_into(&mut self.recipe.session);
        self.recipe
    }
}

/// The target of a recipe where it has no holes.
#[must_use]
pub fn plain_target(recipe: &Recipe) -> Option<&str> {
    match recipe.target.0.as_slice() {
        [Piece::Literal(text)] => Some(text),
        _ => None,
    }
}

/// Without requests that are the same and change nothing.
#[must_use]
pub fn unique(drafts: Vec<Draft>) -> Vec<Draft> {
    let mut seen: HashSet<String> = HashSet::new();
    let mut is_new = |draft: &Draft| {
        let Recipe {
            method,
            target,
            headers,
            content,
            ..
        } = &draft.recipe;
        !matches!(method.as_str(), "GET" | "HEAD" | "OPTIONS")
            || seen.insert(format!("{method} {target:?} {headers:?} {content:?}"))
    };
    drafts.into_iter().filter(|d| is_new(d)).collect()
}

/// At most `share` of them, in their order: what is missed most first, of equals those that chance chooses.
#[must_use]
pub fn most_missed(mut drafts: Vec<Draft>, share: usize, random: &mut Random) -> Vec<Draft> {
    if drafts.len() > share {
        let weighed = drafts.iter().enumerate();
        let mut order: Vec<(Weight, u64, usize)> =
            weighed.map(|(i, d)| (d.weight, random.next(), i)).collect();
        order.sort_unstable();
        let kept: HashSet<usize> = order.iter().take(share).map(|(_, _, i)| *i).collect();
        let mut number = 0..;
        drafts.retain(|_| number.next().is_some_and(|i| kept.contains(&i)));
    }
    drafts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missed_most_is_kept() {
        let weights = [
            Weight::Rare,
            Weight::Plain,
            Weight::Usual,
            Weight::Rare,
            Weight::Plain,
        ];
        let drafts: Vec<Draft> = (0..)
            .zip(weights)
            .map(|(i, weight)| Draft::new("GET", format!("/{i}"), "").weighing(weight))
            .collect();
        let kept = |share, seed| {
            let kept = most_missed(drafts.clone(), share, &mut Random::new(seed));
            kept.iter()
                .filter_map(|d| plain_target(&d.recipe).map(str::to_owned))
                .collect::<Vec<_>>()
        };
        assert_eq!(kept(3, 1), ["/1", "/2", "/4"]);
        assert_eq!(kept(4, 1), kept(4, 1));
        let chosen: HashSet<Vec<String>> = (0..20).map(|seed| kept(4, seed)).collect();
        assert_eq!(chosen.len(), 2);
        assert_eq!(kept(9, 1).len(), 5);
    }
}
