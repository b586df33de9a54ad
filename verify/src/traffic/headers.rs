//! Headers and cookies that the app reads, and some that every client may send.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::http::{Piece, Text};

use super::draft::{Draft, Weight};
use super::inputs::Inputs;
use super::rule::Rule;
use super::samples;

/// Headers that the client writes itself, or that other drafts are about.
const OTHERS: &[&str] = &[
    "host",
    "content-length",
    "content-type",
    "cookie",
    "connection",
    "transfer-encoding",
    "expect",
];

/// Each header and cookie that is read, with plain, empty and repeated values, on a method and target.
#[must_use]
pub fn asked(target: &str, method: &str, inputs: &Inputs) -> Vec<Draft> {
    let mut drafts = Vec::new();
    let draft = |aim: String, weight| Draft::new(method, target, aim).weighing(weight);
    for name in inputs
        .headers
        .iter()
        .filter(|n| !OTHERS.contains(&n.to_ascii_lowercase().as_str()))
    {
        drafts.push(draft(format!("header {name}"), Weight::Plain).header(name, likely(name)));
        drafts.push(draft(format!("header {name}, empty"), Weight::Rare).header(name, ""));
        let twice = draft(format!("header {name}, twice"), Weight::Rare);
        drafts.push(twice.header(name, "first").header(name, "second"));
        drafts.push(draft(format!("header {name}, a word"), Weight::Rare).header(name, "some"));
    }
    for name in inputs.cookies.iter().filter(|n| *n != "session") {
        for (value, what, weight) in [
            (format!("{name}=some"), "", Weight::Plain),
            (
                format!("{name}=first; {name}=second"),
                ", twice",
                Weight::Usual,
            ),
            (format!("{name}="), ", empty", Weight::Usual),
            (format!("{name}=\"a b\""), ", quoted", Weight::Rare),
            (format!("{name}=1"), ", a number", Weight::Rare),
            (format!("{name}=caf\u{e9}"), ", not ASCII", Weight::Rare),
        ] {
            drafts.push(draft(format!("cookie {name}{what}"), weight).header("Cookie", value));
        }
    }
    drafts
}

/// So many of those who may come in are tried where a password is asked for.
pub const PEOPLE: usize = 3;

/// Which of a rule's variables are a name and a password.
#[must_use]
pub fn named(rule: &Rule) -> Option<(usize, usize)> {
    let mut variables = rule.variables();
    let secret = variables.position(|v| samples::is_password(&v.name))?;
    Some((secret.checked_sub(1)?, secret))
}

/// Basic credentials that a path itself names: `/basic-auth/<user>/<password>`.
#[must_use]
pub fn credentials(rule: &Rule, method: &str) -> Vec<Draft> {
    let Some((user, secret)) = named(rule) else {
        return Vec::new();
    };
    let variables: Vec<_> = rule.variables().collect();
    let path = rule.path(|_, v| v.plain());
    let basic = |user: &str, password: &str| {
        let pair = STANDARD.encode(format!("{user}:{password}"));
        Draft::new(method, path.clone(), "credentials")
            .header("Authorization", format!("Basic {pair}"))
    };
    let (name, password) = (variables[user].plain(), variables[secret].plain());
    vec![
        basic(&name, &password).weighing(Weight::Plain),
        basic(&name, "other"),
        basic("other", &password),
        basic("", ""),
    ]
}

/// Why these are sent.
pub const OF_PEOPLE: &str = "credentials of a user";

/// Name and password of those who may come in, and of somebody who may not, for a view that reads them from a header.
#[must_use]
pub fn people(target: &str, method: &str, people: &[(String, String)]) -> Vec<Draft> {
    let nobody = ("nobody-here".to_owned(), "Wrong-5678".to_owned());
    let all = people.iter().take(PEOPLE).chain([&nobody]);
    all.map(|(user, password)| {
        Draft::new(method, target, OF_PEOPLE)
            .header("Authorization", basic(user, password))
            .weighing(Weight::Plain)
    })
    .collect()
}

/// Credentials as a header has them.
#[must_use]
pub fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

/// What browsers and scripts send beside: wishes for a type, for a language, and marks of a script.
#[must_use]
pub fn common(target: &str, method: &str) -> Vec<Draft> {
    let draft = |aim: &str| Draft::new(method, target, aim).weighing(Weight::Rare);
    vec![
        draft("a picture is wanted").header("Accept", "image/png"),
        draft("JSON is wanted").header("Accept", "application/json"),
        draft("HTML is wanted").header("Accept", "text/html,*/*;q=0.8"),
        draft("a script asks").header("X-Requested-With", "XMLHttpRequest"),
        draft("another language").header("Accept-Language", "de,en;q=0.5"),
    ]
}

/// Session cookies that are broken, empty or doubled. `own` tells whether the session has one of its own; `name` is
/// what the app calls it.
#[must_use]
pub fn sessions(target: &str, name: &str, own: bool) -> Vec<Draft> {
    let draft = |aim: &str| Draft::new("GET", target, aim);
    let plain = |value: &str| format!("{name}={value}");
    let mut drafts = vec![
        draft("no session")
            .header("Cookie", "other=1")
            .weighing(Weight::Plain),
        draft("a broken session")
            .header("Cookie", plain("garbage"))
            .weighing(Weight::Plain),
        draft("a session of a wrong signature").header(
            "Cookie",
            plain("eyJ1aWQiOjEsInVzZXJfaWQiOjF9.ZcAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        ),
        draft("an empty session").header("Cookie", plain("")),
        draft("a session without a value")
            .header("Cookie", name)
            .weighing(Weight::Rare),
        draft("a quoted session")
            .header("Cookie", plain("\"a; b\""))
            .weighing(Weight::Rare),
    ];
    if own {
        let of = |before: &str, after: &str| {
            Text(vec![
                Piece::Literal(before.to_owned()),
                Piece::Cookie(name.to_owned()),
                Piece::Literal(after.to_owned()),
            ])
        };
        drafts.push(
            draft("a broken session before the own one")
                .header("Cookie", of(&format!("{name}=garbage; {name}="), "")),
        );
        drafts.push(draft("a broken session behind the own one").header(
            "Cookie",
            of(&format!("{name}="), &format!("; {name}=garbage")),
        ));
        drafts.push(
            draft("the own session cut short").header("Cookie", of(&format!("{name}=x"), "")),
        );
        drafts.push(
            draft("the own session among others")
                .header("Cookie", of(&format!("a=1; {name}="), "; b=2")),
        );
    }
    drafts
}

fn likely(name: &str) -> &'static str {
    match name.to_ascii_lowercase().as_str() {
        "accept" => "application/json",
        "accept-language" => "de,en;q=0.5",
        "authorization" => "Bearer some-token",
        "x-requested-with" => "XMLHttpRequest",
        "referer" | "origin" => "http://localhost/",
        "user-agent" => "Mozilla/5.0 (X11; Linux x86_64)",
        "x-forwarded-for" | "x-real-ip" => "203.0.113.7",
        "x-forwarded-proto" => "https",
        "content-range" => "bytes 0-3/4",
        "range" => "bytes=0-3",
        "if-modified-since" => "Fri, 01 Jan 2100 00:00:00 GMT",
        _ => "1",
    }
}
