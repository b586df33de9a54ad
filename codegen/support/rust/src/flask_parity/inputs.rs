//! Query arguments and form fields, and the extractors that give views their parameters.

use std::collections::HashMap;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::de::value::{Error, MapDeserializer, SeqDeserializer};
use serde::de::{DeserializeOwned, Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Map, Value};

use super::context::Ctx;
use super::error::{Abort, abort, failure};
use super::numbers::{float, int_text};

/// werkzeug's `MultiDict` of strings: plain access gives the first of several values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MultiDict(Vec<(String, String)>);

impl MultiDict {
    /// From pairs in the order in which they came; equal keys move to the first of them, as in Werkzeug.
    pub fn new(mut pairs: Vec<(String, String)>) -> Self {
        let mut order: HashMap<String, usize> = HashMap::new();
        for (key, _) in &pairs {
            let next = order.len();
            order.entry(key.clone()).or_insert(next);
        }
        if order.len() < pairs.len() {
            pairs.sort_by_key(|(key, _)| order.get(key).copied());
        }
        Self(pairs)
    }

    /// `values.get(key)`.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value.as_str())
    }

    /// `values.get(key, type=int)` and its kin: `None` when absent or not convertible.
    pub fn get_as<T: PyParse>(&self, key: &str) -> Option<T> {
        T::py_parse(self.get(key)?)
    }

    /// `values.getlist(key)`.
    pub fn all(&self, key: &str) -> Vec<&str> {
        self.0
            .iter()
            .filter(|(name, _)| name == key)
            .map(|(_, value)| value.as_str())
            .collect()
    }

    /// `values.getlist(key, type=int)`: what does not convert is left out.
    pub fn all_as<T: PyParse>(&self, key: &str) -> Vec<T> {
        self.all(key).into_iter().filter_map(T::py_parse).collect()
    }

    /// `values[key]`: a `BadRequestKeyError`, so a 400, when absent.
    pub fn require(&self, key: &str) -> Result<&str, Abort> {
        self.get(key).ok_or_else(|| abort(400))
    }

    /// `key in values`.
    pub fn contains(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// `values.keys()`: each key once.
    pub fn keys(&self) -> Vec<&str> {
        let mut keys: Vec<&str> = self.iter().map(|(key, _)| key).collect();
        keys.dedup();
        keys
    }

    /// `values.items()`: each key with its first value.
    pub fn items(&self) -> Vec<(&str, &str)> {
        self.keys()
            .into_iter()
            .filter_map(|key| Some((key, self.get(key)?)))
            .collect()
    }

    /// `values.items(multi=True)`.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// `len(values)`: the number of keys.
    pub fn len(&self) -> usize {
        self.keys().len()
    }

    /// `not values`.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `values.to_dict()`.
    pub fn to_value(&self) -> Value {
        self.items()
            .into_iter()
            .map(|(key, value)| (key.to_owned(), Value::from(value)))
            .collect::<Map<_, _>>()
            .into()
    }
}

/// Text as Python's `int()`, `float()`, `bool()` or `str()` read it.
pub trait PyParse: Sized {
    /// `None` for a `ValueError`.
    fn py_parse(text: &str) -> Option<Self>;
}

/// `int(text)`; an integer beyond 64 bits is refused, which Python would take.
impl PyParse for i64 {
    fn py_parse(text: &str) -> Option<Self> {
        int_text(text)?.parse().ok()
    }
}

impl PyParse for f64 {
    fn py_parse(text: &str) -> Option<Self> {
        float(text)
    }
}

/// `bool(text)`: everything but the empty text.
impl PyParse for bool {
    fn py_parse(text: &str) -> Option<Self> {
        Some(!text.is_empty())
    }
}

impl PyParse for String {
    fn py_parse(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
}

/// The view's arguments: a struct by name, a tuple in the rule's order, or a single value.
/// What does not fit is a 404, as a converter would answer.
#[derive(Clone, Copy, Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Abort;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Abort> {
        let ctx = context(parts)?;
        T::deserialize(Arguments(ctx.view_args()))
            .map(Path)
            .map_err(|_| abort(404))
    }
}

/// `request.args` as a struct; its `From` decides what absent and odd values are.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<T, S: Send + Sync> FromRequestParts<S> for Query<T>
where
    T: for<'a> From<&'a MultiDict>,
{
    type Rejection = Abort;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Abort> {
        Ok(Query(T::from(&context(parts)?.args)))
    }
}

/// `request.form` as a struct; a body above the limits is a 413.
#[derive(Clone, Copy, Debug)]
pub struct Form<T>(pub T);

impl<T, S: Send + Sync> FromRequestParts<S> for Form<T>
where
    T: for<'a> From<&'a MultiDict>,
{
    type Rejection = Abort;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Abort> {
        Ok(Form(T::from(context(parts)?.form()?)))
    }
}

fn context(parts: &Parts) -> Result<Ctx, Abort> {
    parts
        .extensions
        .get::<Ctx>()
        .cloned()
        .ok_or_else(|| failure("no request context: is the router served by `serve`?"))
}

struct Arguments<'a>(&'a Map<String, Value>);

impl<'a> Arguments<'a> {
    fn first(&self) -> Value {
        self.0.values().next().cloned().unwrap_or(Value::Null)
    }
}

struct One(Value);

impl<'de> IntoDeserializer<'de, Error> for One {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// Errors of `serde_json` become those of `serde::de::value`: only that there was one matters.
impl<'de> Deserializer<'de> for One {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.0
            .deserialize_any(visitor)
            .map_err(serde::de::Error::custom)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.0
            .deserialize_option(visitor)
            .map_err(serde::de::Error::custom)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.0
            .deserialize_newtype_struct(name, visitor)
            .map_err(serde::de::Error::custom)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.0
            .deserialize_enum(name, variants, visitor)
            .map_err(serde::de::Error::custom)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}

impl<'de> Deserializer<'de> for Arguments<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        One(self.first()).deserialize_any(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let pairs: Vec<_> = self
            .0
            .iter()
            .map(|(key, value)| (key.clone(), One(value.clone())))
            .collect();
        visitor.visit_map(MapDeserializer::new(pairs.into_iter()))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_map(visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let values: Vec<_> = self.0.values().cloned().map(One).collect();
        visitor.visit_seq(SeqDeserializer::new(values.into_iter()))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        One(self.first()).deserialize_option(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit_struct enum
        identifier ignored_any
    }
}
