//! `flask.session` and the messages in it (flask.sessions, flask.json.tag).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::{HeaderMap, HeaderValue, header};
use serde_json::{Map, Value, json};

use super::application::Settings;
use super::cookies::Cookie;
use super::dates::in_seconds;
use super::error::{Abort, failure};
use super::json::{Style, dumps};
use super::python::{text, truthy};
use super::signing::Signer;

/// A handle on the request's session; clones share it. No call of it waits for another one.
#[derive(Clone, Debug, Default)]
pub struct Session(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// Tagged as in the cookie, so that what nobody touches stays what it was.
    values: Map<String, Value>,
    accessed: bool,
    modified: bool,
    without_key: bool,
    refused: bool,
    flashes: Option<Vec<(String, String)>>,
}

impl Session {
    /// The session of a request; empty when its cookie is absent, old or forged. Without a secret key it cannot be written.
    pub fn open(signers: &[Signer], cookie: Option<&str>, lifetime: u64) -> Self {
        let values = cookie.and_then(|cookie| {
            signers
                .iter()
                .find_map(|signer| signer.open(cookie, lifetime))
        });
        let state = State {
            values: values.unwrap_or_default(),
            without_key: signers.is_empty(),
            ..State::default()
        };
        Self(Arc::new(Mutex::new(state)))
    }

    fn peek(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reading is what makes the answer vary by cookie.
    fn read(&self) -> MutexGuard<'_, State> {
        let mut state = self.peek();
        state.accessed = true;
        state
    }

    /// `None` without a secret key: Flask's `RuntimeError`, which `failed` tells later.
    fn write(&self) -> Option<MutexGuard<'_, State>> {
        let mut state = self.read();
        state.refused |= state.without_key;
        (!state.without_key).then_some(state)
    }

    /// `session.get(key)`.
    pub fn get(&self, key: &str) -> Option<Value> {
        self.read().values.get(key).map(untag)
    }

    /// `session[key]`: a `KeyError`, so a 500, when absent.
    pub fn require(&self, key: &str) -> Result<Value, Abort> {
        self.get(key)
            .ok_or_else(|| failure(format!("KeyError: {key:?} in session")))
    }

    /// `session[key] = value`.
    pub fn set(&self, key: &str, value: impl Into<Value>) {
        let value = tag(value.into());
        if let Some(mut state) = self.write() {
            state.values.insert(key.to_owned(), value);
            state.modified = true;
        }
    }

    /// `session.pop(key, None)`: only a key that is there makes a change.
    pub fn pop(&self, key: &str) -> Option<Value> {
        let mut state = self.write()?;
        let value = state.values.shift_remove(key)?;
        state.modified = true;
        Some(untag(&value))
    }

    /// `session.setdefault(key, value)`.
    pub fn set_default(&self, key: &str, value: impl Into<Value>) -> Value {
        if self.peek().without_key {
            self.write();
            return Value::Null;
        }
        match self.get(key) {
            Some(known) => known,
            None => {
                self.set(key, value);
                self.get(key).unwrap_or(Value::Null)
            }
        }
    }

    /// `key in session`.
    pub fn contains(&self, key: &str) -> bool {
        self.read().values.contains_key(key)
    }

    /// `session.clear()`, which counts as a change of an empty session too.
    pub fn clear(&self) {
        if let Some(mut state) = self.write() {
            state.values.clear();
            state.modified = true;
        }
    }

    /// Whether there is no secret key: a `NullSession`.
    pub fn is_null(&self) -> bool {
        self.peek().without_key
    }

    /// `list(session)`.
    pub fn keys(&self) -> Vec<String> {
        self.read().values.keys().cloned().collect()
    }

    /// `dict(session)`.
    pub fn to_value(&self) -> Value {
        let state = self.read();
        Value::Object(
            state
                .values
                .iter()
                .map(|(key, value)| (key.clone(), untag(value)))
                .collect(),
        )
    }

    /// `session.permanent`.
    pub fn permanent(&self) -> bool {
        self.get("_permanent").is_some_and(|value| truthy(&value))
    }

    /// `session.permanent = value`.
    pub fn set_permanent(&self, value: bool) {
        self.set("_permanent", value);
    }

    /// `session.modified = True`, after a change inside of a value.
    pub fn set_modified(&self, value: bool) {
        self.read().modified = value;
    }

    /// `flask.flash`.
    pub fn flash(&self, message: impl Into<String>, category: &str) {
        if let Some(mut state) = self.write() {
            let pair = json!({" t": [category, message.into()]});
            match state.values.get_mut("_flashes") {
                Some(Value::Array(list)) => list.push(pair),
                _ => {
                    state.values.insert("_flashes".to_owned(), json!([pair]));
                }
            }
            state.modified = true;
        }
    }

    /// `get_flashed_messages(with_categories=True, category_filter=…)`: taken once, the same for the rest of the request.
    pub fn flashed(&self, category_filter: &[&str]) -> Vec<(String, String)> {
        let mut state = self.peek();
        if state.flashes.is_none() {
            state.accessed = true;
            let taken = state.values.shift_remove("_flashes");
            state.modified |= taken.is_some();
            let taken = taken.as_ref().map(untag);
            let list = taken
                .as_ref()
                .and_then(Value::as_array)
                .map(Vec::as_slice)
                .unwrap_or_default();
            let pairs = list
                .iter()
                .filter_map(|pair| Some((text(pair.get(0)?), text(pair.get(1)?))))
                .collect();
            state.flashes = Some(pairs);
        }
        let all = state.flashes.as_deref().unwrap_or_default();
        let wanted =
            |category: &str| category_filter.is_empty() || category_filter.contains(&category);
        all.iter()
            .filter(|(category, _)| wanted(category))
            .cloned()
            .collect()
    }

    /// Whether somebody wrote without a secret key: Flask's `RuntimeError`, so a 500.
    pub fn failed(&self) -> Option<Abort> {
        let refused = std::mem::take(&mut self.peek().refused);
        refused.then(|| {
            failure("RuntimeError: the session is unavailable because no secret key was set")
        })
    }

    /// Adds `Set-Cookie` and `Vary` (flask.sessions.SecureCookieSessionInterface.save_session).
    pub fn save(&self, signers: &[Signer], settings: &Settings, headers: &mut HeaderMap) {
        let Some(signer) = signers.first() else {
            return;
        };
        let state = self.peek();
        if state.accessed {
            vary_by_cookie(headers);
        }
        let name = settings.session_cookie_name;
        let mut cookie = Cookie {
            path: Some(
                settings
                    .session_cookie_path
                    .unwrap_or(settings.application_root),
            ),
            domain: settings.session_cookie_domain,
            secure: settings.session_cookie_secure,
            httponly: settings.session_cookie_httponly,
            samesite: settings.session_cookie_samesite,
            ..Cookie::default()
        };
        if state.values.is_empty() {
            if state.modified {
                cookie.expired().set(headers, name, "");
                vary_by_cookie(headers);
            }
            return;
        }
        let permanent = state.values.get("_permanent").is_some_and(truthy);
        let refreshed = permanent && settings.session_refresh_each_request;
        if !state.modified && !refreshed {
            return;
        }
        if permanent {
            cookie.expires = Some(in_seconds(settings.permanent_session_lifetime));
        }
        let style = Style {
            sort_keys: settings.json_sort_keys,
            ascii: settings.json_ascii,
            ..Style::COMPACT
        };
        let text = dumps(&Value::Object(state.values.clone()), style);
        cookie.set(headers, name, &signer.seal(&text));
        vary_by_cookie(headers);
    }
}

/// `response.vary.add("Cookie")`.
fn vary_by_cookie(headers: &mut HeaderMap) {
    let known = headers
        .get(header::VARY)
        .map(|value| value.as_bytes())
        .unwrap_or_default();
    let known: String = known.iter().copied().map(char::from).collect();
    let items = known
        .split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty());
    if items
        .clone()
        .any(|item| item.eq_ignore_ascii_case("cookie"))
    {
        return;
    }
    let all = items
        .chain(["Cookie"])
        .map(header_item)
        .collect::<Vec<_>>()
        .join(", ");
    let bytes: Vec<u8> = all
        .chars()
        .filter_map(|c| u8::try_from(u32::from(c)).ok())
        .collect();
    if let Ok(value) = HeaderValue::from_bytes(&bytes) {
        headers.insert(header::VARY, value);
    }
}

/// werkzeug.http.quote_header_value
fn header_item(item: &str) -> String {
    let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if item.chars().all(token) {
        item.to_owned()
    } else {
        format!("\"{}\"", item.replace('\\', "\\\\").replace('"', "\\\""))
    }
}

/// Tuples, bytes, Markup, UUIDs and datetimes have these keys.
const TAGS: [&str; 6] = [" t", " b", " m", " u", " d", " di"];

/// A dict that looks like a tag is wrapped in ` di`.
fn tag(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(tag).collect(),
        Value::Object(items) => {
            let is_tag = items.len() == 1 && items.keys().all(|key| TAGS.contains(&key.as_str()));
            let items: Map<_, _> = items
                .into_iter()
                .map(|(key, item)| (if is_tag { format!("{key}__") } else { key }, tag(item)))
                .collect();
            if is_tag {
                json!({" di": items})
            } else {
                Value::Object(items)
            }
        }
        other => other,
    }
}

/// A tuple as a list; bytes, Markup, UUIDs and datetimes as the text that stands for them in the cookie.
fn untag(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(untag).collect(),
        Value::Object(items) => match items.iter().next() {
            Some((key, item)) if items.len() == 1 && TAGS.contains(&key.as_str()) => {
                match (key.as_str(), item) {
                    (" di", Value::Object(inner)) => Value::Object(
                        inner
                            .iter()
                            .map(|(key, item)| {
                                (
                                    key.strip_suffix("__").unwrap_or(key).to_owned(),
                                    untag(item),
                                )
                            })
                            .collect(),
                    ),
                    _ => untag(item),
                }
            }
            _ => Value::Object(
                items
                    .iter()
                    .map(|(key, item)| (key.clone(), untag(item)))
                    .collect(),
            ),
        },
        other => other.clone(),
    }
}
