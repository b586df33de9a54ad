//! Ways in: forms that take a password, credentials for them, and whether an attempt succeeded.

use std::collections::BTreeSet;
use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::Words;

use crate::http::Reply;

use super::draft::{Draft, Weight};
use super::plan::{Plan, Planned};
use super::samples::{self, PASSWORD};
use super::{forms, json};

const REGISTERING: &[&str] = &[
    "register",
    "signup",
    "sign_up",
    "sign-up",
    "join",
    "create_account",
    "create-account",
];
const ENTERING: &[&str] = &[
    "login", "log_in", "log-in", "signin", "sign_in", "sign-in", "auth", "session",
];
const OTHERS: &[&str] = &["reset", "change", "forgot", "recover", "delete"];

/// Attempts are many only where none succeeds.
const ATTEMPTS: usize = 40;

/// Somebody who may come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// Their name, or whatever the form calls it.
    pub user: String,
    /// Their password.
    pub password: String,
    /// They have to be registered first.
    pub is_registered: bool,
}

/// Doors of an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Doors {
    /// Index of the route that lets in.
    pub login: usize,
    /// Index of the route that makes a user.
    pub register: Option<usize>,
}

/// Finds the routes that take a password.
#[must_use]
pub fn doors(plan: &Plan) -> Option<Doors> {
    let routes = || {
        let taking = plan.routes.iter().enumerate();
        taking.filter(|(_, r)| {
            r.answers("POST") && r.inputs.password().is_some() && !r.is_named(OTHERS)
        })
    };
    let is_register = |r: &Planned| {
        r.is_named(REGISTERING)
            || r.inputs
                .form
                .iter()
                .filter(|k| samples::is_password(&k.name))
                .count()
                > 1
    };
    let logins = || routes().filter(|(_, r)| !is_register(r));
    let login = logins()
        .find(|(_, r)| r.is_named(ENTERING))
        .or_else(|| logins().find(|(_, r)| r.inputs.writes_session))?;
    Some(Doors {
        login: login.0,
        register: routes().find(|(_, r)| is_register(r)).map(|(i, _)| i),
    })
}

/// Who is tried, in order: a user who was registered by the way, then pairs of texts that the source has together.
#[must_use]
pub fn credentials(plan: &Plan, doors: Doors, words: &Words) -> Vec<Credentials> {
    let mut all = Vec::new();
    if doors.register.is_some() {
        let (user, _) = keys(&plan.routes[doors.login]);
        all.push(Credentials {
            user: samples::likely(&user, ""),
            password: PASSWORD.into(),
            is_registered: true,
        });
    }
    // Texts side by side first, those of short lists before; then those with one between.
    let mut lists: Vec<&Vec<String>> = words.passed.iter().collect();
    lists.sort_by_key(|list| list.len().min(6));
    for distance in [1, 2] {
        for list in &lists {
            let pairs = list.iter().zip(list.iter().skip(distance)).take(4);
            for (user, password) in pairs.filter(|(u, p)| is_word(u) && is_word(p)) {
                let found = Credentials {
                    user: user.clone(),
                    password: password.clone(),
                    is_registered: false,
                };
                if all.len() < ATTEMPTS && !all.contains(&found) {
                    all.push(found);
                }
            }
        }
    }
    all
}

/// Whether a text may be a name or a password, and not a path, a template or a format.
fn is_word(text: &str) -> bool {
    let is_path = text.starts_with(['/', '.', '<', '%', '_']) || text.ends_with(".html");
    !is_path && !text.contains(['{', '\n', ' ', '/'])
}

/// The keys of a name and a password.
fn keys(door: &Planned) -> (String, String) {
    let inputs = &door.inputs;
    let password = inputs.password().unwrap_or("password").to_owned();
    let form = inputs
        .form
        .iter()
        .filter(|k| k.kind != "hidden")
        .map(|k| &k.name);
    let names: Vec<&String> = form
        .chain(&inputs.json)
        .filter(|n| !samples::is_password(n))
        .collect();
    let called = |words: &[&str]| {
        let is_one = |n: &&&String| words.iter().any(|w| n.to_ascii_lowercase().contains(w));
        names.iter().find(is_one).copied()
    };
    let user = called(&["user", "login", "nick"]).or_else(|| called(&["mail", "name"]));
    let user = user.or(names.first().copied());
    (user.cloned().unwrap_or_else(|| "username".into()), password)
}

/// The request that tries to come in through a door, other fields plain.
#[must_use]
pub fn attempt(plan: &Plan, door: usize, who: &Credentials, query: &str, aim: &str) -> Draft {
    let planned = &plan.routes[door];
    let (user, password) = keys(planned);
    let draft = Draft::new("POST", format!("{}{query}", planned.path), aim).weighing(Weight::Plain);
    let mut draft = if planned.inputs.form.is_empty() && planned.inputs.reads_json {
        let mut object = json::plain(&planned.inputs);
        object.insert(user, who.user.clone().into());
        object.insert(password, who.password.clone().into());
        draft.body(
            "application/json",
            serde_json::Value::from(object).to_string(),
        )
    } else {
        let mut fields = forms::plain(&planned.inputs);
        for (name, value) in &mut fields {
            if *name == user {
                value.clone_from(&who.user);
            } else if samples::is_password(name) {
                value.clone_from(&who.password);
            }
        }
        draft.form(fields.iter().map(|(k, v)| (*k, v.as_str())))
    };
    draft.route = Some(door);
    draft
}

/// Requests that let somebody in, for the beginning of a session.
#[must_use]
pub fn entrance(plan: &Plan, doors: Doors, who: &Credentials) -> Vec<Draft> {
    let mut drafts = Vec::new();
    if let Some(register) = doors.register.filter(|_| who.is_registered) {
        drafts.push(page(plan, register, "the form to register"));
        drafts.push(attempt(plan, register, who, "", "register"));
    }
    drafts.push(page(plan, doors.login, "the form to log in"));
    drafts.push(attempt(plan, doors.login, who, "", "log in"));
    drafts
}

/// The page of a route.
#[must_use]
pub fn page(plan: &Plan, route: usize, aim: &str) -> Draft {
    let mut draft = Draft::new("GET", plan.routes[route].path.clone(), aim);
    draft.route = Some(route);
    draft
}

/// What tells attempts apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    status: u16,
    location: Option<String>,
    known: BTreeSet<String>,
}

impl Outcome {
    /// Of an answer to an attempt.
    #[must_use]
    pub fn of(reply: &Reply, cookie: &str) -> Self {
        let location = reply
            .header("location")
            .map(|l| l.split('?').next().unwrap_or(l).to_owned());
        let prefix = format!("{cookie}=");
        let sessions = reply
            .all("set-cookie")
            .filter_map(|c| c.strip_prefix(&prefix));
        Self {
            status: reply.status,
            location,
            known: sessions.flat_map(session_keys).collect(),
        }
    }

    /// Whether this is a success where `failed` is what a wrong password gives: another redirect, a better status, or
    /// something new in the session.
    #[must_use]
    pub fn is_success(&self, failed: &Self) -> bool {
        let differs = (self.status, &self.location) != (failed.status, &failed.location);
        self.status < 400 && (differs || !self.known.is_subset(&failed.known))
    }
}

/// Names of what a signed cookie holds; it can be read without the secret (itsdangerous: base64, deflated behind a
/// point).
fn session_keys(cookie: &str) -> Vec<String> {
    /// More is no session.
    const MOST: u64 = 1 << 16;
    let value = cookie.split(';').next().unwrap_or_default();
    let (is_deflated, value) = match value.strip_prefix('.') {
        Some(rest) => (true, rest),
        None => (false, value),
    };
    let payload = value.split('.').next().unwrap_or_default();
    let Ok(mut bytes) = URL_SAFE_NO_PAD.decode(payload) else {
        return Vec::new();
    };
    if is_deflated {
        let mut inflated = Vec::new();
        let read = flate2::read::ZlibDecoder::new(bytes.as_slice())
            .take(MOST)
            .read_to_end(&mut inflated);
        if read.is_err() {
            return Vec::new();
        }
        bytes = inflated;
    }
    match serde_json::from_slice(&bytes) {
        Ok(serde_json::Value::Object(object)) => object.into_iter().map(|(k, _)| k).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{Body, End};

    fn outcome(status: u16, headers: &[(&str, &str)]) -> Outcome {
        let reply = Reply {
            status,
            headers: headers
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect(),
            body: Body {
                start: Vec::new(),
                length: 0,
                digest: [0; 32],
                end: End::Complete,
            },
        };
        Outcome::of(&reply, "session")
    }

    #[test]
    fn success_differs_from_failure() {
        let flash = format!(
            "session={}.x.y; Path=/",
            URL_SAFE_NO_PAD.encode("{\"_flashes\":[]}")
        );
        let user = format!(
            "session={}.x.y; Path=/",
            URL_SAFE_NO_PAD.encode("{\"_flashes\":[],\"uid\":1}")
        );
        let back = [("location", "/login"), ("set-cookie", flash.as_str())];
        let page = outcome(401, &[]);
        assert!(outcome(302, &[("location", "/")]).is_success(&page));
        assert!(!outcome(401, &[]).is_success(&page));
        assert!(!outcome(400, &[]).is_success(&page));
        let redirect = outcome(302, &back);
        assert!(!outcome(302, &back).is_success(&redirect));
        assert!(
            outcome(302, &[("location", "/login"), ("set-cookie", &user)]).is_success(&redirect)
        );
    }
}
