//! URLs from endpoints (werkzeug.routing.MapAdapter.build).

use serde_json::{Map, Value};

use super::converters::to_url;
use super::error::{Abort, failure};
use super::matching::{Entry, Match, UrlMap};
use super::python::{equal, text};
use super::quoting::{PATH_SAFE, QUERY_SAFE, quote, quote_plus};
use super::rule::Piece;

/// The path and query of an endpoint; rules that take `default_method` go first when `method` is not given.
pub fn build(
    map: &UrlMap,
    endpoint: &str,
    values: &Map<String, Value>,
    method: Option<&str>,
    default_method: &str,
) -> Result<String, Abort> {
    let values: Map<String, Value> = values
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let found = match method {
        Some(method) => build_for(map, endpoint, &values, Some(method))?,
        None => match build_for(map, endpoint, &values, Some(default_method))? {
            None => build_for(map, endpoint, &values, None)?,
            found => found,
        },
    };
    found.ok_or_else(|| {
        let names: Vec<_> = values.keys().map(String::as_str).collect();
        failure(format!(
            "BuildError: no URL for endpoint {endpoint:?} with values {names:?}"
        ))
    })
}

fn build_for(
    map: &UrlMap,
    endpoint: &str,
    values: &Map<String, Value>,
    method: Option<&str>,
) -> Result<Option<String>, Abort> {
    for &number in map
        .by_endpoint
        .get(endpoint)
        .map(Vec::as_slice)
        .unwrap_or_default()
    {
        let entry = &map.entries[number];
        if is_suitable(entry, values, method) {
            return url(entry, values).map(Some);
        }
    }
    Ok(None)
}

/// `MapAdapter.match`: the rule of a path, or what stands in its way.
pub fn find(map: &UrlMap, path: &str, method: &str) -> Match {
    let found = map.find_rule(path, method);
    if let Match::Found { entry, values, .. } = &found
        && let Some(path) = default_redirect(map, *entry, values, method)
    {
        return Match::Redirect(path);
    }
    found
}

/// Where a rule is answered by another one with defaults: `/page/1` by `/` (`MapAdapter.get_default_redirect`).
fn default_redirect(
    map: &UrlMap,
    number: usize,
    values: &Map<String, Value>,
    method: &str,
) -> Option<String> {
    let rule = &map.entries[number];
    for &other in map.by_endpoint.get(rule.rule.endpoint)? {
        if other == number {
            break;
        }
        let entry = &map.entries[other];
        let provides = !entry.rule.build_only
            && !entry.defaults.is_empty()
            && entry.rule.rule != rule.rule.rule
            && entry.arguments() == rule.arguments();
        if provides && is_suitable(entry, values, Some(method)) {
            let mut values = values.clone();
            for (name, value) in &entry.defaults {
                values.insert((*name).to_owned(), value.clone());
            }
            return url(entry, &values).ok();
        }
    }
    None
}

/// werkzeug's `Rule.suitable_for`.
fn is_suitable(entry: &Entry, values: &Map<String, Value>, method: Option<&str>) -> bool {
    if method.is_some_and(|method| !entry.methods.iter().any(|own| own == method)) {
        return false;
    }
    let given = |name: &str| entry.default(name).is_some() || values.contains_key(name);
    if !entry
        .compiled
        .variables
        .iter()
        .all(|variable| given(&variable.name))
    {
        return false;
    }
    entry
        .defaults
        .iter()
        .all(|(name, default)| values.get(*name).is_none_or(|value| equal(value, default)))
}

/// werkzeug's `Rule.build`: values that the rule does not take become the query.
fn url(entry: &Entry, values: &Map<String, Value>) -> Result<String, Abort> {
    let mut url = String::new();
    for piece in &entry.compiled.pieces {
        match piece {
            Piece::Static(text) => url.push_str(&quote(text, PATH_SAFE)),
            Piece::Variable(number) => {
                let variable = &entry.compiled.variables[*number];
                let value = entry
                    .default(&variable.name)
                    .or_else(|| values.get(&variable.name))
                    .unwrap_or(&Value::Null);
                url.push_str(&to_url(&variable.kind, value)?);
            }
        }
    }
    let extra = values
        .iter()
        .filter(|(name, _)| entry.variable(name).is_none() && entry.default(name).is_none());
    let mut pairs = Vec::new();
    for (name, value) in extra {
        let items = match value {
            Value::Array(items) => items.as_slice(),
            one => std::slice::from_ref(one),
        };
        for item in items.iter().filter(|item| !item.is_null()) {
            pairs.push(format!(
                "{}={}",
                quote_plus(name, QUERY_SAFE),
                quote_plus(&text(item), QUERY_SAFE)
            ));
        }
    }
    if !pairs.is_empty() {
        url = format!("{url}?{}", pairs.join("&"));
    }
    Ok(url)
}
