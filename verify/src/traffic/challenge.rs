//! Views that ask for a password by `WWW-Authenticate`: what was asked is asked again with credentials that the path names,
//! or of those who may come in.

use crate::http::{Content, Piece, Recipe, Reply, Request, Text};

use super::draft::{Draft, plain_target};
use super::headers::{self, PEOPLE};
use super::made::{Made, Purpose};
use super::walk::path_of;
use super::{Source, names, samples};

/// Requests of one session whose challenges are answered for one method of a route.
const ANSWERED: usize = 1;

impl Made<'_> {
    /// Answers a challenge, as far as the request came from a list or the walk and had no credentials.
    pub(super) fn answer_challenge(
        &mut self,
        draft: &Draft,
        purpose: Purpose,
        request: &Request,
        reply: &Reply,
        route: Option<usize>,
    ) {
        let sent = request.headers.iter();
        let has_credentials = sent
            .into_iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("authorization"));
        let Some(route) = route.filter(|_| !has_credentials) else {
            return;
        };
        let is_digest = match reply.all("www-authenticate").find_map(scheme) {
            Some(is_digest) if matches!(purpose, Purpose::Listed | Purpose::Walking) => is_digest,
            _ => return,
        };
        let planned = &self.plan.routes[route];
        if !planned.answers(&request.method)
            || names::is_change(&request.method) && planned.is_leaving
        {
            return;
        }
        let times = self
            .challenged
            .entry((route, request.method.clone()))
            .or_default();
        *times += 1;
        if *times > ANSWERED {
            return;
        }
        let mut people: Vec<(String, String)> = Vec::new();
        let values = planned
            .rule
            .values(&samples::decoded(path_of(&request.target)));
        if let Some((user, secret)) = headers::named(&planned.rule) {
            let value = |at: usize| values.get(at).cloned().unwrap_or_default();
            people.push((value(user), value(secret)));
        } else {
            people.extend(self.plan.people.iter().take(PEOPLE).cloned());
        }
        for (user, password) in people.into_iter().rev() {
            let mut again = draft.clone();
            again.route = Some(route);
            again.recipe.aim = "a password that was asked for".into();
            if !is_digest {
                again = again.header("Authorization", headers::basic(&user, &password));
                self.queue.push_front((again, Purpose::Listed));
                continue;
            }
            let of = format!("challenge of {}", self.session);
            let mut asking = draft.clone().kept(of.clone());
            asking.recipe.aim = "a page that asks for a password".into();
            let answer = Text(vec![Piece::Digest { of, user, password }]);
            again = again.header("Authorization", answer);
            self.queue.push_front((again, Purpose::Listed));
            self.queue.push_front((asking, Purpose::Keeping));
        }
    }
}

/// Whether a challenge asks for a digest; `None` where it asks for something else than a password.
fn scheme(challenge: &str) -> Option<bool> {
    let scheme = challenge.split(' ').next().unwrap_or_default();
    match scheme.to_ascii_lowercase().as_str() {
        "digest" => Some(true),
        "basic" => Some(false),
        _ => None,
    }
}

/// Names and passwords that the login of the settings has, in order.
pub(super) fn people(source: &Source<'_>) -> Vec<(String, String)> {
    let mut people = Vec::new();
    for recipe in source.login.iter().rev() {
        let pairs = texts(recipe);
        let password = pairs.iter().find(|(name, _)| samples::is_password(name));
        let names = ["user", "login", "name", "mail"];
        let mut users = names.iter().filter_map(|word| {
            let named = |(name, _): &&(String, String)| name.to_ascii_lowercase().contains(word);
            pairs.iter().find(named)
        });
        if let (Some((_, user)), Some((_, password))) = (users.next(), password) {
            let pair = (user.clone(), password.clone());
            if !people.contains(&pair) {
                people.push(pair);
            }
        }
    }
    people
}

/// The fields of a recipe's form or JSON object.
fn texts(recipe: &Recipe) -> Vec<(String, String)> {
    match &recipe.content {
        Content::Form(fields) => {
            let text = |text: &Text| match text.0.as_slice() {
                [Piece::Literal(text)] => Some(text.clone()),
                _ => None,
            };
            let fields = fields.iter();
            fields
                .filter_map(|(name, value)| Some((name.clone(), text(value)?)))
                .collect()
        }
        Content::Bytes(bytes) => {
            let object: Option<serde_json::Map<String, serde_json::Value>> =
                serde_json::from_slice(bytes).ok();
            let members = object.into_iter().flatten();
            members
                .filter_map(|(name, value)| Some((name, value.as_str()?.to_owned())))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// The target of a draft as a path, where it has no holes.
pub(super) fn path_of_draft(draft: &Draft) -> Option<String> {
    plain_target(&draft.recipe).map(|t| path_of(t).to_owned())
}
