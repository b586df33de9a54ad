//! Views that ask for a password by `WWW-Authenticate`: what was asked is asked again with credentials that the path names,
//! or of those who may come in.

use crate::http::{Content, Piece, Recipe, Reply, Request, Text};

use super::draft::{Draft, plain_target};
use super::headers::{self, PEOPLE};
use super::made::{Made, Purpose, VISITOR};
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
            Some(is_digest)
                if matches!(
                    purpose,
                    Purpose::Listed | Purpose::Walking | Purpose::Looking
                ) =>
            {
                is_digest
            }
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
        } else if self.session != VISITOR || !self.plan.has_user {
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

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use model::{Analysis, Route, Words};

    use super::*;
    use crate::http::{Answer, Body, End};
    use crate::traffic::{Traffic as _, model_made};

    fn login(user: &str) -> Recipe {
        Recipe {
            method: "POST".into(),
            target: "/in".into(),
            content: Content::Form(vec![
                ("username".into(), user.into()),
                ("passwd".into(), "secret".into()),
            ]),
            ..Recipe::default()
        }
    }

    /// The `Authorization` headers that an app is sent which answers everything with a challenge.
    fn sent(rule: &str, challenge: &str, login: Vec<Recipe>) -> Vec<Text> {
        let route: Route = serde_json::from_value(serde_json::json!({
            "rule": rule, "methods": ["GET"], "endpoint": "view", "view": null, "blueprint": null, "defaults": {},
            "strict_slashes": true, "host": null, "subdomain": null, "websocket": false, "static": false,
            "certainty": "certain", "app": 0, "registration": null
        }))
        .unwrap();
        let analysis = Analysis {
            routes: vec![route],
            ..Analysis::default()
        };
        let words = Words::default();
        let mut made = model_made(&Source {
            analysis: &analysis,
            words: &words,
            root: None,
            login,
            seed: 1,
            only: None,
        });
        let answer = Answer::Reply(Reply {
            status: 401,
            headers: vec![("www-authenticate".into(), challenge.into())],
            body: Body {
                start: Vec::new(),
                length: 0,
                digest: [0; 32],
                end: End::Complete,
            },
        });
        let mut found = Vec::new();
        let mut last: Option<(Rc<Recipe>, Request)> = None;
        while let Some(recipe) = made.next(last.as_ref().map(|(r, q)| (r.as_ref(), q, &answer))) {
            let target = plain_target(&recipe).unwrap_or_default().to_owned();
            let asked = recipe.headers.iter().filter(|(n, _)| n == "Authorization");
            if recipe.aim == "a password that was asked for" {
                found.extend(asked.map(|(_, value)| value.clone()));
            }
            let request = Request {
                method: recipe.method.clone(),
                target,
                headers: recipe
                    .headers
                    .iter()
                    .map(|(n, _)| (n.clone(), String::new()))
                    .collect(),
                body: Vec::new(),
                session: recipe.session.clone(),
            };
            last = Some((recipe, request));
        }
        found
    }

    #[test]
    fn challenges_are_answered_with_what_is_known() {
        let basic = |user: &str, password: &str| Text::from(headers::basic(user, password));
        let digest = |session: &str| {
            Text(vec![Piece::Digest {
                of: format!("challenge of {session}"),
                user: "1".into(),
                password: "1".into(),
            }])
        };
        for (rule, challenge, login, wanted) in [
            ("/", "Basic realm=x", vec![], vec![]),
            (
                "/",
                "Basic realm=x",
                vec![login("ann")],
                vec![basic("ann", "secret"); 4],
            ),
            ("/", "Bearer", vec![login("ann")], vec![]),
            (
                "/a/<user>/<passwd>",
                "Basic realm=x",
                vec![],
                vec![basic("1", "1")],
            ),
            (
                "/a/<user>/<passwd>",
                "Digest nonce=n",
                vec![],
                vec![digest("visitor")],
            ),
        ] {
            assert_eq!(sent(rule, challenge, login), wanted, "{rule} {challenge}");
        }
    }
}
