//! JSON bodies: keys missing and of other types, malformed text, and content types that are none of JSON's.

use serde_json::{Map, Value, json};

use super::draft::{Draft, Weight};
use super::inputs::Inputs;
use super::samples::likely;

const JSON: &str = "application/json";

/// An object with likely values for the keys that are known.
#[must_use]
pub fn plain(inputs: &Inputs) -> Map<String, Value> {
    let value = |key: &String| {
        let offered = inputs.offered.get(key).cloned();
        let value = offered.unwrap_or_else(|| likely(key, ""));
        value
            .parse::<i64>()
            .map_or_else(|_| Value::from(value), Value::from)
    };
    inputs
        .json
        .iter()
        .map(|key| (key.clone(), value(key)))
        .collect()
}

/// The same with lists for what is called by a plural: `tags`.
#[must_use]
pub fn listed(mut object: Map<String, Value>) -> Map<String, Value> {
    for (key, value) in &mut object {
        let is_plural = key.ends_with('s') && !key.ends_with("ss") && !key.ends_with("us");
        if is_plural && key.len() > 3 && value.is_string() {
            *value = Value::Array(vec![value.take()]);
        }
    }
    object
}

/// Variations of a route's JSON body. `limit` is the largest body that the app takes, in bytes.
#[must_use]
pub fn bodies(
    target: &str,
    method: &str,
    inputs: &Inputs,
    words: &[&str],
    limit: Option<u64>,
) -> Vec<Draft> {
    let plain = plain(inputs);
    let text = Value::from(plain.clone()).to_string();
    let draft = |aim: String, weight| Draft::new(method, target, aim).weighing(weight);
    let sent = |value: Map<String, Value>, aim: String, weight| {
        draft(aim, weight).body(JSON, Value::from(value).to_string())
    };
    let mut drafts = vec![sent(plain.clone(), "plain JSON".into(), Weight::Plain)];
    let lists = listed(plain.clone());
    if lists != plain {
        drafts.push(sent(lists, "JSON with lists".into(), Weight::Plain));
    }
    for key in plain.keys() {
        let with = |value: Value| {
            let mut object = plain.clone();
            object.insert(key.clone(), value);
            object
        };
        let mut missing = plain.clone();
        missing.remove(key);
        drafts.push(sent(
            missing,
            format!("{key} missing in JSON"),
            Weight::Plain,
        ));
        for (value, what, weight) in [
            (json!(""), "empty", Weight::Plain),
            (Value::Null, "null", Weight::Usual),
            (json!(5), "a number", Weight::Usual),
            (json!(0), "zero", Weight::Rare),
            (json!(-1.5), "a negative number", Weight::Rare),
            (json!(true), "true", Weight::Rare),
            (json!(["a"]), "a list", Weight::Usual),
            (json!({"a": 1}), "an object", Weight::Rare),
            (json!("\u{e9}t\u{e9} \u{1f600}"), "not ASCII", Weight::Usual),
            (json!("<b>&\"'\u{2028}"), "signs of HTML", Weight::Usual),
            (json!("1"), "a number as text", Weight::Rare),
        ] {
            drafts.push(sent(
                with(value),
                format!("{key} is {what} in JSON"),
                weight,
            ));
        }
        for word in words.iter().take(6) {
            drafts.push(sent(
                with(json!(word)),
                format!("{key} in JSON: a word of the app"),
                Weight::Usual,
            ));
        }
    }
    for (body, aim, weight) in [
        ("{bad", "malformed JSON", Weight::Plain),
        ("", "empty JSON", Weight::Plain),
        ("{}", "an empty object", Weight::Usual),
        ("[]", "a list for an object", Weight::Plain),
        ("null", "null for an object", Weight::Usual),
        ("\"s\"", "a text for an object", Weight::Usual),
        ("1", "a number for an object", Weight::Rare),
        ("{\"a\": NaN}", "NaN in JSON", Weight::Rare),
        ("{\"a\": 1,}", "a comma too many", Weight::Rare),
        ("{\"a\": 1} x", "text behind JSON", Weight::Rare),
        ("{\"a\": \"\\ud800\"}", "half a pair in JSON", Weight::Rare),
    ] {
        drafts.push(draft(aim.into(), weight).body(JSON, body));
    }
    drafts.push(draft("no JSON at all".into(), Weight::Usual));
    for (content_type, weight) in [
        ("application/x-www-form-urlencoded", Weight::Usual),
        ("text/plain", Weight::Usual),
        ("", Weight::Plain),
        ("application/problem+json", Weight::Usual),
        ("application/json; charset=utf-8", Weight::Usual),
        ("text/json", Weight::Rare),
        ("Application/JSON", Weight::Rare),
    ] {
        let aim = if content_type.is_empty() {
            "no content type"
        } else {
            content_type
        };
        drafts.push(draft(format!("JSON sent as {aim}"), weight).body(content_type, text.clone()));
    }
    if let Some(limit) = limit {
        let start = text.trim_end_matches('}');
        let glue = if plain.is_empty() { "" } else { "," };
        let start = format!("{start}{glue}\"padding\":\"");
        drafts.extend(super::forms::large(
            target, method, limit, JSON, &start, "\"}",
        ));
    }
    drafts
}
