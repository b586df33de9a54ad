//! Which route a request reaches, as Werkzeug's matcher has it (`werkzeug/routing/matcher.py`).

use model::{Analysis, PortDocument, RouteVerdict};

use crate::traffic::Rule;

/// The routes of a port's records.
pub struct Routes {
    all: Vec<Known>,
}

/// A route, with where its view stands.
pub struct Known {
    /// As the port's records have it.
    pub verdict: RouteVerdict,
    /// File of the view and line of its `def`.
    pub place: Option<(String, u32)>,
    /// Where it can be read.
    rule: Option<Rule>,
}

/// What a request reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reached {
    /// A view: the rule matches and takes the method.
    View(usize),
    /// The rule matches, but takes no such method.
    Rule(usize),
    /// The rule would match with a slash at the end.
    Slash(usize),
    /// Nothing.
    Nothing,
}

impl Reached {
    /// The route whose rule matches, the method apart.
    #[must_use]
    pub const fn rule(self) -> Option<usize> {
        match self {
            Self::View(i) | Self::Rule(i) => Some(i),
            Self::Slash(_) | Self::Nothing => None,
        }
    }

    /// The route that the request is about.
    #[must_use]
    pub const fn route(self) -> Option<usize> {
        match self {
            Self::View(i) | Self::Rule(i) | Self::Slash(i) => Some(i),
            Self::Nothing => None,
        }
    }
}

impl Routes {
    /// The routes that a port has taken over from an app.
    #[must_use]
    pub fn new(document: &PortDocument, analysis: &Analysis) -> Self {
        let all = document.routes.iter().map(|verdict| Known {
            place: place(verdict, analysis),
            verdict: verdict.clone(),
            rule: rule(&verdict.rule),
        });
        Self { all: all.collect() }
    }

    /// Every route, in the order of the records.
    #[must_use]
    pub fn all(&self) -> &[Known] {
        &self.all
    }

    /// The endpoint of an earlier route that answers everything that this one could: their rules and methods are the same.
    #[must_use]
    pub fn shadowing(&self, number: usize) -> Option<&str> {
        let own = &self.all[number].verdict;
        let same = |k: &&Known| k.verdict.rule == own.rule && k.verdict.methods == own.methods;
        let earlier = self.all[..number].iter().find(same)?;
        Some(&earlier.verdict.endpoint)
    }

    /// What a request reaches; `target` is path and query as sent.
    #[must_use]
    pub fn find(&self, method: &str, target: &str) -> Reached {
        let path = target.split('?').next().unwrap_or(target);
        let path = merged(&decoded(path));
        let best = |path: &str| {
            let fit = |k: &Known| k.rule.as_ref().is_some_and(|r| r.matches(path));
            let fitting = self.all.iter().enumerate().filter(|(_, k)| fit(k));
            // Of the rules that match, one that takes the method wins; then the more specific one.
            fitting.min_by_key(|(_, k)| (!k.takes(method), k.rule.as_ref().map(Rule::weight)))
        };
        if let Some((i, known)) = best(&path) {
            return if known.takes(method) {
                Reached::View(i)
            } else {
                Reached::Rule(i)
            };
        }
        best(&format!("{path}/")).map_or(Reached::Nothing, |(i, _)| Reached::Slash(i))
    }
}

impl Known {
    fn takes(&self, method: &str) -> bool {
        let has = |wanted: &str| self.verdict.methods.iter().any(|m| m == wanted);
        has(method) || method == "HEAD" && has("GET")
    }
}

fn place(verdict: &RouteVerdict, analysis: &Analysis) -> Option<(String, u32)> {
    let function = analysis
        .functions
        .iter()
        .find(|f| verdict.view.as_ref() == Some(&f.id));
    if let Some(function) = function {
        return Some((function.file.clone(), function.line));
    }
    let mut routes = analysis.routes.iter();
    let route = routes.find(|r| r.endpoint == verdict.endpoint && r.rule == verdict.rule)?;
    let view = route.view.as_ref()?;
    Some((view.file.clone(), view.line))
}

/// A rule; what is not known of it may be anything.
fn rule(text: &str) -> Option<Rule> {
    Rule::parse(&text.replace("<?", "<path:unknown"))
}

/// With doubled slashes as one: a rule matches such a path too, or redirects it (`merge_slashes`, on by default).
fn merged(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for c in path.chars() {
        if c != '/' || !out.ends_with('/') {
            out.push(c);
        }
    }
    out
}

fn decoded(path: &str) -> String {
    percent_encoding::percent_decode_str(path)
        .decode_utf8_lossy()
        .into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes(rules: &[(&str, &[&str])]) -> Routes {
        let routes = rules.iter().map(|(rule, methods)| RouteVerdict {
            rule: (*rule).into(),
            methods: methods.iter().map(|m| (*m).into()).collect(),
            endpoint: (*rule).into(),
            verdict: model::Verdict::Native,
            view: None,
        });
        let all = routes.map(|verdict| Known {
            place: None,
            rule: rule(&verdict.rule),
            verdict,
        });
        Routes { all: all.collect() }
    }

    #[test]
    fn the_more_specific_rule_wins_and_methods_come_first() {
        let routes = routes(&[
            ("/blog/<name>", &["GET"]),
            ("/blog/new", &["GET"]),
            ("/blog/<int:id>", &["GET", "POST"]),
            ("/blog/<int:id>", &["DELETE"]),
            ("/files/<path:p>", &["GET"]),
            ("/list/", &["GET"]),
            ("/<any(a, 'b'):x>/y", &["GET"]),
            ("/wiki/<path:p>", &["GET"]),
            ("/wiki/<path:p>/edit", &["GET"]),
        ]);
        use Reached::{Nothing, Rule, Slash, View};
        for (method, target, expected) in [
            ("GET", "/blog/new", View(1)),
            ("GET", "/blog/7?x=1", View(2)),
            ("DELETE", "/blog/7", View(3)),
            ("HEAD", "/blog/%6eew", View(1)),
            ("PUT", "/blog/7", Rule(2)),
            ("GET", "/blog/-1", View(0)),
            ("GET", "/files/a/b", View(4)),
            ("GET", "/list", Slash(5)),
            ("GET", "//blog//7", View(2)),
            ("GET", "/b/y", View(6)),
            ("GET", "/c/y", Nothing),
            ("GET", "/wiki/a/b/edit", View(8)),
            ("GET", "/wiki/a/b", View(7)),
            ("GET", "/blog/7/", Nothing),
        ] {
            assert_eq!(routes.find(method, target), expected, "{method} {target}");
        }
    }
}
