//! Answers of real Flask and Werkzeug (written by `vectors/make.py`), compared one by one.

use std::fmt::Debug;

use flask_parity::flask_parity::application::Settings;
use flask_parity::flask_parity::building::{build as built_by, find};
use flask_parity::flask_parity::cookies::{Cookie, parse_cookies};
use flask_parity::flask_parity::error::{abort, abort_with};
use flask_parity::flask_parity::inputs::MultiDict;
use flask_parity::flask_parity::json::{Style, dumps, float_text};
use flask_parity::flask_parity::matching::{Match, UrlMap};
use flask_parity::flask_parity::numbers::{float, int_text};
use flask_parity::flask_parity::python::{repr, truthy};
use flask_parity::flask_parity::quoting::{iri_path, iri_query, parse_pairs};
use flask_parity::flask_parity::responses::redirect;
use flask_parity::flask_parity::rule::Rule;
use flask_parity::flask_parity::session::Session;
use flask_parity::flask_parity::signing::Signer;
use futures_util::FutureExt;
use http_body_util::BodyExt;
use serde_json::{Map, Value, json};

/// `VECTORS` names another folder, for a longer run.
fn vectors(name: &str) -> Vec<Value> {
    let folder = std::env::var("VECTORS")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors").into());
    let text = std::fs::read_to_string(format!("{folder}/{name}.json")).expect("vectors");
    serde_json::from_str(&text).expect("JSON")
}

fn str_of(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Compares all of them and shows the first that differ.
#[derive(Default)]
struct Tally(usize, Vec<String>);

impl Tally {
    fn check<T: PartialEq + Debug>(&mut self, what: impl Debug, ours: T, flask: T) {
        self.0 += 1;
        if ours != flask {
            self.1
                .push(format!("{what:?}\n   ours  {ours:?}\n   flask {flask:?}"));
        }
    }

    fn finish(self, name: &str) {
        let shown = self
            .1
            .iter()
            .take(15)
            .cloned()
            .collect::<Vec<_>>()
            .join("\n");
        assert!(
            self.1.is_empty(),
            "{name}: {} of {} differ\n{shown}",
            self.1.len(),
            self.0
        );
        println!("{name}: {} alike", self.0);
    }
}

fn leak(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

fn rules(case: &Value) -> Vec<Rule> {
    let read = |rule: &Value| {
        let methods: Vec<&'static str> = rule["methods"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|m| leak(str_of(m)))
            .collect();
        let defaults: Vec<(&'static str, &'static str)> = rule["defaults"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(k, v)| (leak(k), leak(&v.to_string())))
            .collect();
        let made = Rule::new(
            leak(str_of(&rule["rule"])),
            leak(str_of(&rule["endpoint"])),
            Box::leak(methods.into()),
        )
        .defaults(Box::leak(defaults.into()));
        if rule["loose"] == true {
            made.loose_slashes()
        } else {
            made
        }
    };
    case["rules"]
        .as_array()
        .into_iter()
        .flatten()
        .map(read)
        .collect()
}

#[test]
fn routing() {
    let (mut tally, mut built) = (Tally::default(), Tally::default());
    for case in vectors("routing") {
        let map = UrlMap::new(&rules(&case));
        for path in case["paths"].as_array().into_iter().flatten() {
            let (text, method) = (str_of(&path[0]), str_of(&path[1]));
            let absolute = |path: &str| json!({"redirect": format!("http://h.example/{}?q=1", path.trim_start_matches('/'))});
            let ours = match find(&map, text, method) {
                Match::Found { entry, values, .. } => json!({"found": entry, "values": values}),
                Match::Redirect(path) => absolute(&path),
                Match::Methods(methods) => json!({"methods": methods}),
                Match::Nothing => json!({}),
            };
            tally.check((&case["rules"], text, method), ours, path[2].clone());
        }
        for build in case["builds"].as_array().into_iter().flatten() {
            let values = build[1].as_object().cloned().unwrap_or_default();
            let ours = built_by(&map, str_of(&build[0]), &values, build[2].as_str(), "GET").ok();
            built.check((&case["rules"], build), ours.as_deref(), build[3].as_str());
        }
    }
    tally.finish("matches");
    built.finish("builds");
}

#[test]
fn locations() {
    let mut tally = Tally::default();
    for case in vectors("locations") {
        let response = redirect(str_of(&case[0]), 302);
        let location = response
            .headers()
            .get("location")
            .and_then(|value| value.to_str().ok());
        tally.check(&case[0], location, case[1].as_str());
        if case[1].is_null() {
            tally.check(&case[0], response.status().as_u16(), 500);
            continue;
        }
        let body = response
            .into_body()
            .collect()
            .now_or_never()
            .expect("in memory");
        let body = body.expect("a body").to_bytes();
        tally.check(
            &case[0],
            String::from_utf8_lossy(&body).as_ref(),
            str_of(&case[2]),
        );
    }
    tally.finish("locations");
}

#[test]
fn urls() {
    let mut tally = Tally::default();
    for case in vectors("urls") {
        let (path, query) = (str_of(&case[0]), str_of(&case[1]));
        let query = iri_query(query.as_bytes());
        let mark = if query.is_empty() { "" } else { "?" };
        let ours = format!(
            "http://h/{}{mark}{query}",
            iri_path(path.trim_start_matches('/'))
        );
        tally.check(&case, ours.as_str(), str_of(&case[2]));
    }
    tally.finish("urls");
}

fn pairs(values: &MultiDict) -> Value {
    values
        .iter()
        .map(|(key, value)| json!([key, value]))
        .collect()
}

#[test]
fn queries() {
    let mut tally = Tally::default();
    for case in vectors("queries") {
        let ours = MultiDict::new(parse_pairs(str_of(&case[0]).as_bytes()));
        tally.check(&case[0], pairs(&ours), case[1].clone());
    }
    tally.finish("queries");
}

#[test]
fn cookies() {
    let mut tally = Tally::default();
    for case in vectors("cookies_in") {
        tally.check(
            &case[0],
            pairs(&parse_cookies(str_of(&case[0]))),
            case[1].clone(),
        );
    }
    for case in vectors("cookies_out") {
        let options = &case[1];
        let path = if options.get("path").is_some() {
            options["path"].as_str()
        } else {
            Some("/")
        };
        let cookie = Cookie {
            max_age: options["max_age"].as_i64(),
            path,
            domain: options["domain"].as_str(),
            secure: options["secure"] == true,
            httponly: options["httponly"] == true,
            samesite: options["samesite"].as_str(),
            ..Cookie::default()
        };
        let ours = cookie.dump("k", str_of(&case[0]));
        let without_date: Vec<_> = ours
            .split("; ")
            .filter(|part| !part.starts_with("Expires="))
            .collect();
        tally.check(&case, without_date.join("; ").as_str(), str_of(&case[2]));
    }
    tally.finish("cookies");
}

#[test]
fn numbers() {
    let mut tally = Tally::default();
    for case in vectors("floats") {
        tally.check(
            &case[0],
            float_text(case[0].as_f64().expect("a float")).as_str(),
            str_of(&case[1]),
        );
    }
    for case in vectors("parsed") {
        let text = str_of(&case[0]);
        tally.check(("int", text), int_text(text).as_deref(), case[1].as_str());
        tally.check(
            ("float", text),
            float(text).map(float_text).as_deref(),
            case[2].as_str(),
        );
    }
    tally.finish("numbers");
}

#[test]
fn values() {
    let mut tally = Tally::default();
    for case in vectors("values") {
        let value = &case[0];
        tally.check(("repr", value), repr(value).as_str(), str_of(&case[1]));
        tally.check(
            ("dumps", value),
            dumps(value, Style::FLASK).as_str(),
            str_of(&case[2]),
        );
        tally.check(
            ("jsonify", value),
            format!("{}\n", dumps(value, Style::COMPACT)).as_str(),
            str_of(&case[3]),
        );
        tally.check(("bool", value), json!(truthy(value)), case[4].clone());
    }
    tally.finish("values");
}

#[test]
fn pages() {
    let mut tally = Tally::default();
    for case in vectors("pages") {
        let code = u16::try_from(case[0].as_u64().unwrap_or_default()).expect("a status");
        let error = case[1]
            .as_str()
            .map_or_else(|| abort(code), |text| abort_with(code, text));
        tally.check((code, "name"), error.name(), str_of(&case[2]));
        tally.check((code, "page"), error.page().as_str(), str_of(&case[3]));
        tally.check((code, "str"), error.to_string().as_str(), str_of(&case[4]));
    }
    tally.finish("pages");
}

#[test]
fn sessions() {
    let signer = Signer::new("dev").expect("a key");
    for case in vectors("sessions") {
        let session = Session::open(std::slice::from_ref(&signer), case[0].as_str(), u64::MAX);
        assert_eq!(session.to_value(), case[1]);
        let raw = signer
            .open(str_of(&case[0]), u64::MAX)
            .expect("signed by Flask");
        assert_eq!(
            dumps(&Value::Object(raw.clone()), Style::COMPACT),
            str_of(&case[2])
        );
        assert_eq!(signer.open(&signer.seal(str_of(&case[2])), 10), Some(raw));
        assert_eq!(
            Signer::new("other").and_then(|other| other.open(str_of(&case[0]), u64::MAX)),
            None
        );
    }
    let old = vectors("sessions")[0][0].clone();
    assert_eq!(signer.open(str_of(&old), 0), None::<Map<_, _>>, "too old");
    assert_eq!(signer.open("a.b.c", 0), None::<Map<_, _>>);
    assert_eq!(Settings::new().permanent_session_lifetime, 2_678_400);
}
