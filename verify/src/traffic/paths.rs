//! Paths and methods of a route, and paths that match none.

use super::draft::{Draft, Weight};
use super::rule::{Rule, Variable};

/// Every method that is tried where it is not allowed.
const METHODS: &[&str] = &["GET", "POST", "PUT", "DELETE", "PATCH"];

/// A route's own methods, HEAD, OPTIONS, and all that no route of its rule allows.
#[must_use]
pub fn methods(path: &str, own: &[String], allowed: &[String]) -> Vec<Draft> {
    let mut drafts: Vec<Draft> = own
        .iter()
        .map(|m| Draft::new(m, path, format!("plain {m}")).weighing(Weight::Plain))
        .collect();
    for method in ["HEAD", "OPTIONS"] {
        if !allowed.iter().any(|m| m == method) {
            drafts.push(Draft::new(method, path, method).weighing(Weight::Plain));
        }
    }
    let others = METHODS.iter().filter(|m| !allowed.iter().any(|a| a == *m));
    for (i, method) in others.enumerate() {
        let weight = if i < 1 {
            Weight::Plain
        } else if i < 3 {
            Weight::Usual
        } else {
            Weight::Rare
        };
        drafts.push(Draft::new(method, path, "a method that is not allowed").weighing(weight));
    }
    drafts
}

/// The path of a route spelled otherwise: slashes missing, extra, doubled; letters in capitals and in percent codes.
#[must_use]
pub fn spellings(rule: &Rule, allowed: &[String]) -> Vec<Draft> {
    let path = rule.path(|_, v| v.plain());
    let first = allowed.first().map_or("GET", String::as_str);
    let mut drafts = Vec::new();
    let (other, aim) = match path.strip_suffix('/') {
        Some("") => (String::from("//"), "doubled slash"),
        Some(bare) => (bare.to_owned(), "missing slash"),
        None => (format!("{path}/"), "extra slash"),
    };
    drafts.push(Draft::new(first, other.clone(), aim).weighing(Weight::Plain));
    drafts.push(Draft::new(
        first,
        format!("{other}?x=1&y=a%20b"),
        format!("{aim}, with a query"),
    ));
    for method in allowed
        .iter()
        .skip(1)
        .map(String::as_str)
        .chain(["HEAD", "OPTIONS"])
    {
        let content = if method == "POST" { "a=1" } else { "" };
        let draft = Draft::new(method, other.clone(), format!("{aim}, {method}"));
        drafts.push(if content.is_empty() {
            draft
        } else {
            draft.body("application/x-www-form-urlencoded", content)
        });
    }
    let rare = |target: String, aim: &str| Draft::new(first, target, aim).weighing(Weight::Rare);
    if path != "/" {
        if let Some(at) = path[1..].find('/').map(|i| i + 1) {
            drafts.push(Draft::new(
                first,
                format!("{}/{}", &path[..at], &path[at..]),
                "doubled slash inside",
            ));
            drafts.push(rare(
                format!("{}/{}?x=1", &path[..at], &path[at..]),
                "doubled slash inside, with a query",
            ));
        }
        drafts.push(rare(format!("/{path}"), "doubled slash before"));
        drafts.push(rare(
            format!("{}//", path.trim_end_matches('/')),
            "two slashes behind",
        ));
        drafts.push(Draft::new(first, path.to_uppercase(), "capitals"));
        let code = path.char_indices().find(|(_, c)| c.is_ascii_alphabetic());
        if let Some((at, letter)) = code {
            let spelled = format!(
                "{}%{:02x}{}",
                &path[..at],
                u32::from(letter),
                &path[at + 1..]
            );
            drafts.push(Draft::new(first, spelled, "a letter as percent code"));
        }
        drafts.push(rare(format!("{path}%20"), "a space behind"));
        drafts.push(rare(format!("{path}%00"), "a zero byte behind"));
        drafts.push(rare(format!("{path}.json"), "a suffix"));
    }
    drafts.push(rare(format!("{path}?"), "an empty query"));
    drafts.push(rare(format!("{path};a=1"), "a parameter of the path"));
    drafts.push(Draft::new(
        first,
        format!("{path}?unknown=1&unknown=2"),
        "unknown keys",
    ));
    drafts
}

/// Values for each variable, the others plain. What does not fit is also asked with OPTIONS and with a method that is
/// not allowed: an answer other than 404 tells that the rule matched.
#[must_use]
pub fn converters(rule: &Rule, allowed: &[String], words: &[&str]) -> Vec<Draft> {
    let first = allowed.first().map_or("GET", String::as_str);
    let refused = METHODS
        .iter()
        .rev()
        .find(|m| !allowed.iter().any(|a| a == *m))
        .unwrap_or(&"PUT");
    let mut drafts = Vec::new();
    for (number, variable) in rule.variables().enumerate() {
        for (i, sample) in variable
            .converter
            .samples(words.iter().copied())
            .into_iter()
            .enumerate()
        {
            let value = |n: usize, v: &Variable| {
                if n == number {
                    sample.value.clone()
                } else {
                    v.plain()
                }
            };
            let target = rule.path(value);
            let name = &variable.name;
            let (aim, weight) = match sample.fits {
                Some(true) if i < 3 => (format!("a value for {name}"), Weight::Plain),
                Some(true) => (format!("a value for {name}"), Weight::Usual),
                Some(false) => (format!("a value that {name} does not take"), Weight::Usual),
                None => (format!("an odd value for {name}"), Weight::Rare),
            };
            drafts.push(Draft::new(first, target.clone(), aim.clone()).weighing(weight));
            if sample.fits != Some(true) {
                drafts.push(
                    Draft::new("OPTIONS", target.clone(), format!("{aim}, OPTIONS"))
                        .weighing(weight),
                );
                let aim = format!("{aim}, a method that is not allowed");
                drafts.push(Draft::new(refused, target, aim).weighing(weight));
            }
        }
    }
    drafts
}

/// Paths that no rule matches, at the top and below each prefix.
#[must_use]
pub fn unknown<'p>(prefixes: impl IntoIterator<Item = &'p str>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for prefix in prefixes {
        let prefix = prefix.trim_end_matches('/');
        let path = format!("{prefix}/no-such-page");
        let of = |method: &str, aim: &str| Draft::new(method, path.clone(), aim);
        drafts.push(of("GET", "unknown path").weighing(Weight::Plain));
        drafts.push(of("HEAD", "unknown path, HEAD"));
        drafts.push(of("OPTIONS", "unknown path, OPTIONS"));
        drafts.push(of("POST", "unknown path, POST").form([("a", "1")]));
        drafts.push(of("GET", "unknown path, JSON is wanted").header("Accept", "application/json"));
        drafts.push(Draft::new(
            "GET",
            format!("{path}/"),
            "unknown path with a slash",
        ));
        drafts.push(Draft::new(
            "GET",
            format!("{path}?a=1"),
            "unknown path with a query",
        ));
    }
    let rare = |target: &str, aim: &str| Draft::new("GET", target, aim).weighing(Weight::Rare);
    drafts.push(rare("//", "two slashes"));
    drafts.push(rare("/%C3%A9t%C3%A9", "unknown path, not ASCII"));
    drafts.push(rare("/%ff", "unknown path, no UTF-8"));
    drafts.push(rare("/%3Cb%3E%26", "unknown path with signs of HTML"));
    drafts.push(rare("/.%2e/.%2e/etc/passwd", "unknown path, upwards"));
    drafts.push(rare(
        &format!("/{}", "x".repeat(1500)),
        "unknown path, long",
    ));
    drafts.push(Draft::new(
        "DELETE",
        "/no-such-page",
        "unknown path, DELETE",
    ));
    drafts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traffic::draft::plain_target;

    fn targets(drafts: &[Draft]) -> Vec<(&str, &str)> {
        let all = drafts.iter();
        all.filter_map(|d| Some((d.recipe.method.as_str(), plain_target(&d.recipe)?)))
            .collect()
    }

    #[test]
    fn a_rule_is_spelled_in_many_ways() {
        let get = ["GET".to_owned()];
        let rule = Rule::parse("/blog/").expect("a rule");
        let made = spellings(&rule, &get);
        let made = targets(&made);
        for wanted in [
            ("GET", "/blog"),
            ("GET", "/blog?x=1&y=a%20b"),
            ("HEAD", "/blog"),
            ("GET", "//blog/"),
            ("GET", "/BLOG/"),
            ("GET", "/%62log/"),
        ] {
            assert!(made.contains(&wanted), "{wanted:?}");
        }
        let rule = Rule::parse("/blog/<int:post_id>").expect("a rule");
        let made = converters(&rule, &get, &[]);
        let made = targets(&made);
        for wanted in [
            ("GET", "/blog/-1"),
            ("OPTIONS", "/blog/-1"),
            ("PATCH", "/blog/-1"),
            ("GET", "/blog/abc"),
            ("GET", "/blog/3"),
        ] {
            assert!(made.contains(&wanted), "{wanted:?}");
        }
        let made = spellings(&rule, &get);
        assert!(targets(&made).contains(&("GET", "/blog/1/")));
    }
}
