//! `flask.g`: values that live as long as a request.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use serde_json::{Map, Value};

use super::error::{Abort, failure};

/// A handle on the request's `g`; clones share it.
#[derive(Clone, Debug, Default)]
pub struct Globals(Arc<Mutex<Map<String, Value>>>);

impl Globals {
    fn values(&self) -> MutexGuard<'_, Map<String, Value>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `g.get(name)`.
    pub fn get(&self, name: &str) -> Option<Value> {
        self.values().get(name).cloned()
    }

    /// `g.name`: an `AttributeError`, so a 500, when it was not set.
    pub fn require(&self, name: &str) -> Result<Value, Abort> {
        self.get(name)
            .ok_or_else(|| failure(format!("AttributeError: g has no attribute {name}")))
    }

    /// `g.name = value`. What has no JSON form is kept as `None`.
    pub fn set(&self, name: &str, value: impl Serialize) {
        let value = serde_json::to_value(value).unwrap_or(Value::Null);
        self.values().insert(name.to_owned(), value);
    }

    /// `g.pop(name, None)`.
    pub fn pop(&self, name: &str) -> Option<Value> {
        self.values().shift_remove(name)
    }

    /// `name in g`.
    pub fn contains(&self, name: &str) -> bool {
        self.values().contains_key(name)
    }

    /// The names that are set, in the order in which they were.
    pub fn names(&self) -> Vec<String> {
        self.values().keys().cloned().collect()
    }
}
