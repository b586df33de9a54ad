//! Data of a module that lives as long as the application: a dict or list at the top level of a Python file.

use std::hash::Hash;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use indexmap::IndexMap;

/// A value that all requests share, as they share a module's globals.
pub struct Shared<T>(LazyLock<RwLock<Arc<T>>>);

impl<T: Clone> Shared<T> {
    /// Made when it is first needed, as a module is when it is first imported.
    pub const fn new(make: fn() -> RwLock<Arc<T>>) -> Self {
        Self(LazyLock::new(make))
    }

    /// What it is now. Nobody waits for whoever holds it.
    pub fn read(&self) -> Arc<T> {
        let guard = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&guard)
    }

    /// Changes it; those who read it before keep what they read.
    fn change<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        let mut guard = self.0.write().unwrap_or_else(PoisonError::into_inner);
        change(Arc::make_mut(&mut guard))
    }
}

impl<K: Clone + Eq + Hash, V: Clone> Shared<IndexMap<K, V>> {
    /// `data[key] = value`
    pub fn insert(&self, key: K, value: V) {
        self.change(|data| data.insert(key, value));
    }
}

impl<V: Clone> Shared<Vec<V>> {
    /// `data.append(value)`
    pub fn push(&self, value: V) {
        self.change(|data| data.push(value));
    }
}

/// What [`Shared::new`] takes, of a value.
pub fn shared<T>(value: T) -> RwLock<Arc<T>> {
    RwLock::new(Arc::new(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    static DATA: Shared<IndexMap<i64, String>> = Shared::new(|| shared(IndexMap::from([(1, "a".to_owned())])));

    #[test]
    fn readers_keep_what_they_read() {
        let before = DATA.read();
        DATA.insert(2, "b".to_owned());
        assert_eq!((before.len(), DATA.read().len()), (1, 2));
    }
}
