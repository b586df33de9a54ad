//! Which Jinja2 templates minijinja renders as Jinja2 does, with the support files of a port around it.

use std::collections::{BTreeMap, BTreeSet};

use model::{Analysis, Engine, Template};

/// Filters that give the same text (compared with Jinja2 3.1 by the tests of the support files).
const FILTERS: &[&str] = &[
    "abs",
    "batch",
    "capitalize",
    "center",
    "count",
    "d",
    "default",
    "dictsort",
    "e",
    "escape",
    "filesizeformat",
    "first",
    "float",
    "forceescape",
    "format",
    "groupby",
    "indent",
    "int",
    "items",
    "join",
    "last",
    "length",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "pprint",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "safe",
    "select",
    "selectattr",
    "slice",
    "sort",
    "string",
    "striptags",
    "sum",
    "title",
    "tojson",
    "trim",
    "truncate",
    "unique",
    "upper",
    "urlencode",
    "wordcount",
    "wordwrap",
    "xmlattr",
];

/// Tests that give the same answer.
const TESTS: &[&str] = &[
    "boolean",
    "callable",
    "defined",
    "divisibleby",
    "eq",
    "equalto",
    "even",
    "false",
    "float",
    "ge",
    "greaterthan",
    "gt",
    "in",
    "integer",
    "iterable",
    "le",
    "lessthan",
    "lower",
    "lt",
    "mapping",
    "ne",
    "none",
    "number",
    "odd",
    "sameas",
    "sequence",
    "string",
    "true",
    "undefined",
    "upper",
];

/// Functions that templates find there.
const FUNCTIONS: &[&str] = &[
    "url_for",
    "get_flashed_messages",
    "range",
    "dict",
    "namespace",
    "cycler",
    "joiner",
    "super",
    "caller",
    "loop.cycle",
    "loop.changed",
];

/// Methods of text, dicts and lists that are there (`minijinja_contrib::pycompat`).
const METHODS: &[&str] = &[
    "capitalize",
    "count",
    "endswith",
    "find",
    "format",
    "get",
    "getlist",
    "isalnum",
    "isalpha",
    "isascii",
    "isdigit",
    "islower",
    "isnumeric",
    "isupper",
    "items",
    "join",
    "keys",
    "lower",
    "lstrip",
    "replace",
    "rfind",
    "rstrip",
    "split",
    "splitlines",
    "startswith",
    "strip",
    "title",
    "upper",
    "values",
];

/// Attributes of dates, and filters that show them otherwise than as text: in Rust templates get dates as text.
const OF_DATES: &[&str] = &["day", "month", "year", "|pprint", "|tojson"];

/// The templates of an app.
#[derive(Debug, Default)]
pub struct Templates<'a> {
    by_name: BTreeMap<&'a str, &'a Template>,
    /// The app's own filters that are translated.
    pub filters: BTreeSet<String>,
    /// Names of the app's own globals and tests that are not translated.
    pub missing: BTreeSet<String>,
    /// Why no template is rendered as the app renders it.
    pub trouble: Option<String>,
}

impl<'a> Templates<'a> {
    /// Those of an analysis.
    #[must_use]
    pub fn of(analysis: &'a Analysis) -> Self {
        let mut by_name = BTreeMap::new();
        for template in &analysis.templates {
            // Flask asks the app's own folder first.
            by_name.entry(template.name.as_str()).or_insert(template);
        }
        Self {
            by_name,
            filters: BTreeSet::new(),
            missing: BTreeSet::new(),
            trouble: None,
        }
    }

    /// Template files, by name.
    pub fn files(&self) -> impl Iterator<Item = (&'a str, &'a str)> + '_ {
        self.by_name
            .iter()
            .filter(|(name, t)| t.engine == Engine::Jinja && t.place.file.ends_with(**name))
            .map(|(name, t)| (*name, t.place.file.as_str()))
    }

    /// Why a template, or one that it needs, is not rendered as Jinja2 renders it.
    ///
    /// # Errors
    /// With the first reason.
    pub fn check(&self, name: &str, has_dates: bool) -> Result<(), String> {
        if let Some(trouble) = &self.trouble {
            return Err(trouble.clone());
        }
        let mut seen = BTreeSet::new();
        let mut open = vec![name];
        let mut macros: BTreeSet<&str> = BTreeSet::new();
        let mut calls: Vec<(&str, &str)> = Vec::new();
        while let Some(name) = open.pop() {
            if !seen.insert(name) {
                continue;
            }
            let Some(template) = self.by_name.get(name) else {
                return Err(format!("the template `{name}` is not in this app"));
            };
            self.check_one(template)?;
            let mut attributes = template.attributes.iter();
            let read = attributes.find(|a| OF_DATES.contains(&a.as_str()));
            if let Some(read) = read.filter(|_| has_dates) {
                return Err(format!("`{name}` gets dates, of which it may ask `{read}`"));
            }
            macros.extend(template.macros.iter().map(String::as_str));
            calls.extend(template.calls.iter().map(|c| (name, c.as_str())));
            for edge in &template.edges {
                match &edge.template {
                    Some(other) => open.push(other),
                    None => {
                        return Err(format!(
                            "`{name}` names another template by an expression (line {})",
                            edge.line
                        ));
                    }
                }
                macros.extend(edge.member.as_deref());
            }
        }
        for (name, callee) in calls {
            let last = callee.rsplit('.').next().unwrap_or(callee);
            let known = FUNCTIONS.contains(&callee)
                || callee.contains('.') && METHODS.contains(&last)
                || macros.contains(last)
                || self
                    .by_name
                    .values()
                    .any(|t| seen.contains(t.name.as_str()) && t.binds.iter().any(|b| b == callee));
            if !known {
                return Err(format!(
                    "`{name}` calls `{callee}`, which templates do not have in Rust"
                ));
            }
        }
        Ok(())
    }

    fn check_one(&self, template: &Template) -> Result<(), String> {
        let name = &template.name;
        if template.engine != Engine::Jinja {
            return Err(format!("`{name}` is no Jinja2 template"));
        }
        if let Some(error) = &template.error {
            return Err(format!(
                "`{name}` could not be read (line {}: {})",
                error.line, error.message
            ));
        }
        if let Some(tag) = template.tags.first() {
            return Err(format!(
                "`{name}` uses the tag `{tag}`, which minijinja does not have"
            ));
        }
        let filter = template
            .filters
            .iter()
            .find(|f| !FILTERS.contains(&f.as_str()) && !self.filters.contains(*f));
        if let Some(filter) = filter {
            return Err(format!(
                "`{name}` uses the filter `{filter}`, which is not translated"
            ));
        }
        if let Some(test) = template.tests.iter().find(|t| !TESTS.contains(&t.as_str())) {
            return Err(format!(
                "`{name}` uses the test `{test}`, which is not translated"
            ));
        }
        let mut names = template.free.iter().chain(&template.tests);
        if let Some(found) = names.find(|n| self.missing.contains(*n)) {
            return Err(format!(
                "`{name}` uses `{found}`, a global of the app that is not translated"
            ));
        }
        let arguments = |n: &&String| matches!(n.as_str(), "varargs" | "kwargs");
        if let Some(found) = template.free.iter().find(arguments) {
            return Err(format!(
                "`{name}` reads `{found}` of a macro, which minijinja does not have"
            ));
        }
        if let Some(line) = template.formats.first() {
            return Err(format!(
                "`{name}` formats text with `%` (line {line}); write `|format(…)`"
            ));
        }
        Ok(())
    }
}
