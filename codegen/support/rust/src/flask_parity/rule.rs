//! URL rules and their parts (werkzeug.routing.rules, werkzeug.routing.converters).

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

/// One rule of the URL map, as a port writes it down.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// `/blog/<int:post_id>`, with the prefix of its blueprint.
    pub rule: &'static str,
    /// `blog.show`
    pub endpoint: &'static str,
    /// As registered: without the `HEAD` and `OPTIONS` that Flask adds.
    pub methods: &'static [&'static str],
    /// Whether `/x` is redirected to `/x/` rather than answered.
    pub strict_slashes: bool,
    /// `defaults=`: each value as JSON; text that is no JSON stands for itself.
    pub defaults: &'static [(&'static str, &'static str)],
    /// Whether Flask answers `OPTIONS` by itself (unless `methods` has it).
    pub options: bool,
    /// Only for `url_for`.
    pub build_only: bool,
    /// The path under which the router has the view, when it is not the rule's own.
    pub dispatch: Option<&'static str>,
}

impl Rule {
    /// A rule with Flask's defaults.
    pub const fn new(
        rule: &'static str,
        endpoint: &'static str,
        methods: &'static [&'static str],
    ) -> Self {
        Self {
            rule,
            endpoint,
            methods,
            strict_slashes: true,
            defaults: &[],
            options: true,
            build_only: false,
            dispatch: None,
        }
    }

    /// `strict_slashes=False`.
    pub const fn loose_slashes(mut self) -> Self {
        self.strict_slashes = false;
        self
    }

    /// `defaults={…}`.
    pub const fn defaults(mut self, defaults: &'static [(&'static str, &'static str)]) -> Self {
        self.defaults = defaults;
        self
    }

    /// `provide_automatic_options=False`.
    pub const fn without_options(mut self) -> Self {
        self.options = false;
        self
    }

    /// For rules that axum's router cannot hold side by side: the view is at `path` in the router, whatever was asked for.
    /// Nobody reaches that path from outside, since only rules are matched.
    pub const fn dispatched_at(mut self, path: &'static str) -> Self {
        self.dispatch = Some(path);
        self
    }

    /// `build_only=True`.
    pub const fn build_only(mut self) -> Self {
        self.build_only = true;
        self
    }
}

/// A value of `defaults=` as Python has it.
pub fn default_value(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
}

/// What a converter accepts beyond its pattern, and how it reads and writes values.
#[derive(Clone, Debug)]
pub enum Kind {
    /// `string`, `default` and `path`
    Text,
    /// `any(…)`
    Any(Vec<String>),
    /// `uuid`
    Uuid,
    /// `int(fixed_digits, min, max)`
    Int(usize, Option<f64>, Option<f64>),
    /// `float(min, max)`
    Float(Option<f64>, Option<f64>),
}

/// A variable of a rule.
#[derive(Clone, Debug)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its converter.
    pub kind: Kind,
    pattern: String,
    weight: i64,
    isolating: bool,
}

/// A piece of a rule, in its order.
#[derive(Clone, Debug)]
pub enum Piece {
    /// Text, or the slash between two segments.
    Static(String),
    /// The variable of this number.
    Variable(usize),
}

/// How early a part is tried (werkzeug's `Weighting`).
pub type Weight = (i64, Vec<(i64, i64)>, i64, Vec<i64>);

/// What the matcher compares with one segment, or with all that are left (werkzeug's `RulePart`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Text, or a pattern without its end anchor.
    pub content: String,
    /// Takes all segments that are left.
    pub last: bool,
    /// `content` is text.
    pub plain: bool,
    /// Ends in an optional slash.
    pub suffixed: bool,
    /// Order among the parts of a state.
    pub weight: Weight,
}

/// A rule taken apart.
#[derive(Clone, Debug, Default)]
pub struct Compiled {
    /// For the matcher.
    pub parts: Vec<Part>,
    /// For building, and for the path that is handed to the router.
    pub pieces: Vec<Piece>,
    /// In their order.
    pub variables: Vec<Variable>,
}

static VARIABLE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\A<(?:([a-zA-Z_][a-zA-Z0-9_]*)(?:\((.*?)\))?:)?([a-zA-Z_][a-zA-Z0-9_]*)>").ok()
});

static ARGUMENT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"\A\s*(?:(\w+)\s*=\s*)?(?:(True|False|\d+.\d+|\d+.|\d+|[\w\d_.]+)|[urUR]?("[^"]*?"|'[^']*'))\s*,"#,
    )
    .ok()
});

/// `None` for a rule that never matches: malformed, or with a converter of the application's own.
pub fn compile(rule: &str) -> Option<Compiled> {
    let mut merged = String::with_capacity(rule.len());
    for c in rule.chars() {
        if c != '/' || !merged.ends_with('/') {
            merged.push(c);
        }
    }
    let mut out = Compiled::default();
    let mut part = Unfinished::default();
    let mut rest = merged.as_str();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('/') {
            out.pieces.push(Piece::Static("/".to_owned()));
            if part.last {
                part.content.push('/');
            } else {
                out.parts.push(std::mem::take(&mut part).finish(false));
            }
            rest = after;
        } else if rest.starts_with('<') {
            let found = VARIABLE.as_ref()?.captures(rest)?;
            let variable = variable(
                &found[3],
                found.get(1).map_or("default", |m| m.as_str()),
                found.get(2).map_or("", |m| m.as_str()),
            )?;
            rest = &rest[found[0].len()..];
            part.push_variable(&variable);
            out.pieces.push(Piece::Variable(out.variables.len()));
            out.variables.push(variable);
        } else {
            let end = rest.find(['<', '/']).unwrap_or(rest.len());
            part.push_text(&rest[..end]);
            out.pieces.push(Piece::Static(rest[..end].to_owned()));
            rest = &rest[end..];
        }
    }
    let suffixed = part.last && part.content.ends_with('/');
    if suffixed {
        part.content.pop();
    }
    let last = part.finish(suffixed);
    let weight = last.weight.clone();
    out.parts.push(last);
    if suffixed {
        out.parts.push(Part {
            content: String::new(),
            last: false,
            plain: true,
            suffixed: false,
            weight,
        });
    }
    Some(out)
}

#[derive(Default)]
struct Unfinished {
    content: String,
    dynamic: bool,
    last: bool,
    texts: Vec<(i64, i64)>,
    arguments: Vec<i64>,
}

impl Unfinished {
    fn push_text(&mut self, text: &str) {
        let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
        self.texts
            .push((i64::try_from(self.texts.len()).unwrap_or(i64::MAX), -length));
        self.content.push_str(&if self.dynamic {
            regex::escape(text)
        } else {
            text.to_owned()
        });
    }

    fn push_variable(&mut self, variable: &Variable) {
        if !self.dynamic {
            self.content = regex::escape(&self.content);
        }
        self.dynamic = true;
        self.last |= !variable.isolating;
        self.content.push_str(&format!("({})", variable.pattern));
        self.arguments.push(variable.weight);
    }

    fn finish(self, suffixed: bool) -> Part {
        let count = |length: usize| -i64::try_from(length).unwrap_or(i64::MAX);
        Part {
            content: self.content,
            last: self.last,
            plain: !self.dynamic,
            suffixed,
            weight: (
                count(self.texts.len()),
                self.texts,
                count(self.arguments.len()),
                self.arguments,
            ),
        }
    }
}

fn variable(name: &str, converter: &str, arguments: &str) -> Option<Variable> {
    let arguments = arguments_of(arguments)?;
    let given = |at: usize, name: &str| {
        let named = arguments
            .iter()
            .find(|(key, _)| key.as_deref() == Some(name));
        named
            .or_else(|| arguments.get(at).filter(|(key, _)| key.is_none()))
            .map(|(_, value)| value.as_str())
            .filter(|value| *value != "None")
    };
    let number = |at, name| given(at, name).and_then(|text| text.parse::<f64>().ok());
    let count = |at, name| given(at, name).and_then(|text| text.parse::<usize>().ok());
    let signed = |at| {
        if given(at, "signed") == Some("True") {
            "-?"
        } else {
            ""
        }
    };
    let (kind, pattern, weight) = match converter {
        "default" | "string" => {
            let length = match (
                count(2, "length"),
                count(0, "minlength").unwrap_or(1),
                count(1, "maxlength"),
            ) {
                (Some(length), _, _) => format!("{{{length}}}"),
                (None, least, Some(most)) => format!("{{{least},{most}}}"),
                (None, least, None) => format!("{{{least},}}"),
            };
            (Kind::Text, format!("[^/]{length}"), 100)
        }
        "path" => (Kind::Text, "[^/].*?".to_owned(), 200),
        "any" => {
            let items: Vec<_> = arguments.into_iter().map(|(_, value)| value).collect();
            let escaped: Vec<_> = items.iter().map(|item| regex::escape(item)).collect();
            let pattern = format!("(?:{})", escaped.join("|"));
            (Kind::Any(items), pattern, 100)
        }
        "int" => {
            let kind = Kind::Int(
                count(0, "fixed_digits").unwrap_or(0),
                number(1, "min"),
                number(2, "max"),
            );
            (kind, format!(r"{}\d+", signed(3)), 50)
        }
        "float" => {
            let kind = Kind::Float(number(0, "min"), number(1, "max"));
            (kind, format!(r"{}\d+\.\d+", signed(2)), 50)
        }
        "uuid" => {
            let hex = "[A-Fa-f0-9]";
            let pattern = format!("{hex}{{8}}-{hex}{{4}}-{hex}{{4}}-{hex}{{4}}-{hex}{{12}}");
            (Kind::Uuid, pattern, 100)
        }
        _ => return None,
    };
    Some(Variable {
        name: name.to_owned(),
        kind,
        pattern,
        weight,
        isolating: converter != "path",
    })
}

/// Positional and named arguments of a converter (werkzeug's `parse_converter_args`).
fn arguments_of(text: &str) -> Option<Vec<(Option<String>, String)>> {
    let text = format!("{text},");
    let mut arguments = Vec::new();
    let mut rest = text.as_str();
    if rest == "," {
        return Some(arguments);
    }
    while !rest.is_empty() {
        let found = ARGUMENT.as_ref()?.captures(rest)?;
        let value = match (found.get(2), found.get(3)) {
            (Some(plain), _) => plain.as_str(),
            (None, Some(quoted)) => quoted.as_str().get(1..quoted.len() - 1)?,
            (None, None) => return None,
        };
        arguments.push((
            found.get(1).map(|name| name.as_str().to_owned()),
            value.to_owned(),
        ));
        rest = &rest[found[0].len()..];
    }
    Some(arguments)
}
