//! Queries: keys absent, empty, repeated, of the wrong type, and encoded in every way.

use super::draft::{Draft, Weight};
use super::inputs::{Inputs, Key};
use super::samples::{encoded, likely, pairs};

/// A text that no data holds, so that a search for it finds nothing.
const NOWHERE: &str = "zzqx";

/// Raw values with what they try.
const RAW: &[(&str, &str, Weight)] = &[
    ("", "an empty value", Weight::Plain),
    ("a+b", "a plus sign", Weight::Usual),
    ("a%20b", "a space", Weight::Usual),
    ("a%2Bb%26c%3Dd", "signs as percent codes", Weight::Rare),
    ("%C3%A9t%C3%A9", "not ASCII", Weight::Usual),
    ("%zz", "a broken percent code", Weight::Rare),
    ("%ff", "no UTF-8", Weight::Usual),
    ("%3Cb%3E%26%22%27", "signs of HTML", Weight::Usual),
    ("x;y", "a semicolon", Weight::Rare),
];

/// Numbers, and what looks like one.
const NUMBERS: &[&str] = &[
    "1",
    "0",
    "-1",
    "2",
    "abc",
    "1.5",
    "+1",
    "%201",
    "1_0",
    "0x1",
    "%D9%A1",
    "99999999999999999999",
];

/// Variations of a route's query, with `method` and what `with` adds to each.
#[must_use]
pub fn queries(
    path: &str,
    method: &str,
    inputs: &Inputs,
    words: &[&str],
    with: impl Fn(Draft) -> Draft,
) -> Vec<Draft> {
    let mut drafts = Vec::new();
    let mut add = |query: String, aim: String, weight: Weight| {
        let draft = Draft::new(method, format!("{path}?{query}"), aim);
        drafts.push(with(draft.weighing(weight)));
    };
    for key in &inputs.query {
        of_key(key, words, &mut add);
    }
    if inputs.query.len() > 1 {
        let all: Vec<(&str, String)> = inputs
            .query
            .iter()
            .map(|k| (k.name.as_str(), value(k)))
            .collect();
        let all = || all.iter().map(|(k, v)| (*k, v.as_str()));
        add(pairs(all()), "every key of the query".into(), Weight::Plain);
        add(
            pairs(all().rev()),
            "every key of the query, turned round".into(),
            Weight::Rare,
        );
        let twice: Vec<String> = all()
            .map(|(k, _)| format!("{}=1&{}=2", encoded(k), encoded(k)))
            .collect();
        add(
            twice.join("&"),
            "every key of the query, twice".into(),
            Weight::Usual,
        );
        let empty: Vec<String> = all().map(|(k, _)| format!("{}=", encoded(k))).collect();
        add(
            empty.join("&"),
            "every key of the query, empty".into(),
            Weight::Usual,
        );
    }
    if inputs.whole_query {
        add(
            "a=1&b=2&a=3&c=&d".into(),
            "several keys".into(),
            Weight::Usual,
        );
        add(
            "b=%C3%A9&a=x+y".into(),
            "keys of a query that is read whole".into(),
            Weight::Usual,
        );
    }
    drafts
}

fn of_key(key: &Key, words: &[&str], add: &mut impl FnMut(String, String, Weight)) {
    let name = encoded(&key.name);
    let shown = &key.name;
    let plain = encoded(&value(key));
    add(
        format!("{name}={plain}"),
        format!("{shown} in the query"),
        Weight::Plain,
    );
    add(
        format!("{name}=1&{name}=2"),
        format!("{shown} twice"),
        Weight::Plain,
    );
    add(
        format!("{name}=2&{name}=1"),
        format!("{shown} twice, turned round"),
        Weight::Usual,
    );
    if !key.is_converted {
        // A search finds everything with the one and nothing with the other.
        add(
            format!("{name}=&{name}={NOWHERE}"),
            format!("{shown} twice, the first empty"),
            Weight::Usual,
        );
        add(
            format!("{name}={NOWHERE}&{name}="),
            format!("{shown} twice, the second empty"),
            Weight::Usual,
        );
        add(
            format!("{name}=a&{name}=b&{name}=a"),
            format!("{shown} three times"),
            Weight::Rare,
        );
    } else {
        add(
            format!("{name}=abc&{name}=1"),
            format!("{shown} twice, the first of the wrong type"),
            Weight::Usual,
        );
        add(
            format!("{name}=1&{name}=abc"),
            format!("{shown} twice, the second of the wrong type"),
            Weight::Rare,
        );
    }
    add(
        name.clone(),
        format!("{shown} without a value"),
        Weight::Usual,
    );
    add(
        format!("{}={plain}", name.to_uppercase()),
        format!("{shown} in capitals"),
        Weight::Rare,
    );
    for (raw, what, weight) in RAW {
        add(format!("{name}={raw}"), format!("{shown}: {what}"), *weight);
    }
    for (i, number) in NUMBERS.iter().enumerate() {
        let weight = match (key.is_converted, i) {
            (true, _) => Weight::Usual,
            (false, 0..2) => Weight::Rare,
            (false, _) => break,
        };
        add(
            format!("{name}={number}"),
            format!("{shown}: {number}"),
            weight,
        );
    }
    for word in words.iter().take(4) {
        add(
            format!("{name}={}", encoded(word)),
            format!("{shown}: a word of the app"),
            Weight::Rare,
        );
    }
}

fn value(key: &Key) -> String {
    match &key.default {
        _ if key.is_converted => "1".into(),
        Some(default) => default.clone(),
        None => likely(&key.name, &key.kind),
    }
}
