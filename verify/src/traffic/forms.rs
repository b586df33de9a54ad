//! Forms: fields missing, empty, repeated and encoded in every way, as urlencoded and as multipart bodies.

use crate::http::Part;

use super::draft::{Draft, Weight};
use super::inputs::{Inputs, Key};
use super::samples::{encoded, likely, pairs};

const URLENCODED: &str = "application/x-www-form-urlencoded";

/// Raw values with what they try.
const RAW: &[(&str, &str, Weight)] = &[
    ("a+b", "a plus sign", Weight::Usual),
    ("a%20b%2Bc%26d%3De", "signs as percent codes", Weight::Rare),
    ("%C3%A9t%C3%A9", "not ASCII", Weight::Usual),
    ("\u{e9}", "not ASCII and not encoded", Weight::Rare),
    ("%zz", "a broken percent code", Weight::Rare),
    ("%ff", "no UTF-8", Weight::Usual),
    ("%3Cb%3E%26%22%27", "signs of HTML", Weight::Usual),
    ("+", "a space alone", Weight::Rare),
    ("a%0D%0Ab", "a line break", Weight::Rare),
    ("1", "a number", Weight::Rare),
    ("-1", "a negative number", Weight::Rare),
    ("abc", "a word", Weight::Rare),
];

/// The fields of a route's form with likely values.
#[must_use]
pub fn plain(inputs: &Inputs) -> Vec<(&str, String)> {
    let fields = inputs.form.iter().filter(|k| k.kind != "hidden");
    fields
        .map(|k| (k.name.as_str(), value(k, inputs)))
        .collect()
}

/// Variations of a route's form. `limit` is the largest body that the app takes, in bytes.
#[must_use]
pub fn forms(
    target: &str,
    method: &str,
    inputs: &Inputs,
    words: &[&str],
    limit: Option<u64>,
) -> Vec<Draft> {
    let fields = plain(inputs);
    let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let make = Maker {
        target,
        method,
        fields: &fields,
    };
    let mut drafts = vec![make.of(&fields, "a plain form", Weight::Plain)];
    for (i, (name, plain)) in fields.iter().enumerate() {
        make.field(i, name, plain, words, &mut drafts);
    }
    make.whole(&mut drafts);
    make.content_types(&mut drafts);
    if let Some(limit) = limit {
        make.large(limit, &mut drafts);
    }
    drafts
}

struct Maker<'m> {
    target: &'m str,
    method: &'m str,
    fields: &'m [(&'m str, &'m str)],
}

impl Maker<'_> {
    fn draft(&self, aim: impl Into<String>, weight: Weight) -> Draft {
        Draft::new(self.method, self.target, aim).weighing(weight)
    }

    fn of(&self, fields: &[(&str, &str)], aim: impl Into<String>, weight: Weight) -> Draft {
        self.draft(aim, weight).form(fields.iter().copied())
    }

    fn raw(&self, body: impl Into<Vec<u8>>, aim: impl Into<String>, weight: Weight) -> Draft {
        self.draft(aim, weight).body(URLENCODED, body)
    }

    /// The other fields plain, as they stand in a body.
    fn others(&self, but: usize) -> String {
        let others = self.fields.iter().enumerate().filter(|(i, _)| *i != but);
        pairs(others.map(|(_, pair)| *pair))
    }

    fn field(&self, i: usize, name: &str, plain: &str, words: &[&str], drafts: &mut Vec<Draft>) {
        let with = |value: &str| -> Vec<(&str, String)> {
            let mut fields: Vec<(&str, String)> = self
                .fields
                .iter()
                .map(|(k, v)| (*k, (*v).to_owned()))
                .collect();
            value.clone_into(&mut fields[i].1);
            fields
        };
        let valued = |value: &str, aim: String, weight: Weight| {
            let fields = with(value);
            let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
            self.of(&fields, aim, weight)
        };
        let mut missing = self.fields.to_vec();
        missing.remove(i);
        drafts.push(self.of(&missing, format!("{name} missing"), Weight::Plain));
        drafts.push(valued("", format!("{name} empty"), Weight::Plain));
        for word in words.iter().take(6) {
            drafts.push(valued(
                word,
                format!("{name}: a word of the app"),
                Weight::Usual,
            ));
        }
        let others = self.others(i);
        let raw = |pairs: String, aim: String, weight: Weight| {
            let glue = if others.is_empty() { "" } else { "&" };
            self.raw(format!("{pairs}{glue}{others}"), aim, weight)
        };
        let key = encoded(name);
        let value = encoded(plain);
        drafts.push(raw(
            format!("{key}={value}&{key}=other"),
            format!("{name} twice"),
            Weight::Plain,
        ));
        drafts.push(raw(
            format!("{key}=other&{key}={value}"),
            format!("{name} twice, turned round"),
            Weight::Usual,
        ));
        drafts.push(raw(
            format!("{key}=&{key}={value}"),
            format!("{name} twice, the first empty"),
            Weight::Usual,
        ));
        drafts.push(raw(
            key.clone(),
            format!("{name} without a value"),
            Weight::Rare,
        ));
        for (value, what, weight) in RAW {
            drafts.push(raw(
                format!("{key}={value}"),
                format!("{name}: {what}"),
                *weight,
            ));
        }
        drafts.push(valued(
            &"long ".repeat(300),
            format!("{name}: a long text"),
            Weight::Rare,
        ));
    }

    fn whole(&self, drafts: &mut Vec<Draft>) {
        let empty: Vec<(&str, &str)> = self.fields.iter().map(|(k, _)| (*k, "")).collect();
        if self.fields.len() > 1 {
            drafts.push(self.of(&empty, "every field empty", Weight::Usual));
        }
        drafts.push(self.raw("", "an empty form", Weight::Usual));
        drafts.push(self.draft("no form at all", Weight::Usual));
        drafts.push(self.raw("unknown=1&unknown=2", "unknown fields", Weight::Rare));
        drafts.push(
            self.draft("a multipart form", Weight::Usual)
                .multipart(self.parts(str::to_owned)),
        );
        let accented = self.parts(|v| format!("{v} \u{e9}<&\""));
        drafts.push(
            self.draft("a multipart form, not ASCII", Weight::Rare)
                .multipart(accented),
        );
        let empty = self.parts(|_| String::new());
        drafts.push(
            self.draft("a multipart form, empty fields", Weight::Rare)
                .multipart(empty),
        );
        let mut twice = self.parts(str::to_owned);
        twice.extend(self.parts(|_| "other".to_owned()));
        drafts.push(
            self.draft("a multipart form, every field twice", Weight::Usual)
                .multipart(twice),
        );
    }

    fn parts(&self, value: impl Fn(&str) -> String) -> Vec<Part> {
        let part = |(name, v): &(&str, &str)| Part {
            name: (*name).to_owned(),
            value: value(v).into(),
            file: None,
        };
        self.fields.iter().map(part).collect()
    }

    fn content_types(&self, drafts: &mut Vec<Draft>) {
        let body = pairs(self.fields.iter().copied());
        for (content_type, weight) in [
            (
                "application/x-www-form-urlencoded; charset=utf-8",
                Weight::Usual,
            ),
            ("Application/X-WWW-Form-Urlencoded", Weight::Rare),
            ("text/plain", Weight::Usual),
            ("application/json", Weight::Usual),
            ("", Weight::Usual),
        ] {
            let aim = if content_type.is_empty() {
                "a form of no content type".to_owned()
            } else {
                format!("a form sent as {content_type}")
            };
            drafts.push(self.draft(aim, weight).body(content_type, body.clone()));
        }
    }

    /// A body one byte above the limit, and one that just fits.
    fn large(&self, limit: u64, drafts: &mut Vec<Draft>) {
        let Some(first) = self.fields.first() else {
            drafts.extend(large(self.target, self.method, limit, URLENCODED, "a=", ""));
            return;
        };
        let others = self.others(0);
        let glue = if others.is_empty() { "" } else { "&" };
        let start = format!("{others}{glue}{}=", encoded(first.0));
        drafts.extend(large(
            self.target,
            self.method,
            limit,
            URLENCODED,
            &start,
            "",
        ));
    }
}

/// Bodies at the limit and one byte above it; none when the limit is so large that it would only take time.
#[must_use]
pub fn large(
    target: &str,
    method: &str,
    limit: u64,
    content_type: &str,
    start: &str,
    end: &str,
) -> Vec<Draft> {
    /// Larger bodies take longer than what they show is worth.
    const LARGEST: u64 = 4 << 20;
    if limit > LARGEST {
        return Vec::new();
    }
    let padding = |total: u64| {
        let rest = usize::try_from(total)
            .unwrap_or(0)
            .saturating_sub(start.len() + end.len());
        format!("{start}{}{end}", "x".repeat(rest))
    };
    let draft = |total, aim: &str, weight| {
        let mut draft = Draft::new(method, target, aim)
            .body(content_type, padding(total))
            .weighing(weight);
        draft.is_for_readers = true;
        draft
    };
    vec![
        draft(limit + 1, "a body above the limit", Weight::Plain),
        draft(limit, "a body at the limit", Weight::Rare),
    ]
}

fn value(key: &Key, inputs: &Inputs) -> String {
    match inputs.offered.get(&key.name) {
        Some(offered) => offered.clone(),
        None if key.is_converted => "1".into(),
        None => likely(&key.name, &key.kind),
    }
}
