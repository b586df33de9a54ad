//! Expressions: minijinja parses them, one at a time; this takes out what they read and call.

use std::collections::{BTreeSet, HashSet};

use minijinja::machinery::{self, ast};
use model::TemplateUrl;

use super::Fault;

/// Names that an expression reads: a range of [`Expressions::loads`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Uses {
    start: u32,
    end: u32,
}

/// What an expression is, as far as the statement around it has to know.
#[derive(Clone, Debug, Default)]
pub(super) struct Reading {
    /// Names that it reads.
    pub uses: Uses,
    /// It is a call.
    pub call: bool,
    /// Texts that it may be: one for a literal, several for a list of them; `None` for any other.
    pub texts: Vec<Option<String>>,
}

/// What all expressions of a template read and call.
pub(super) struct Expressions<'a> {
    text: &'a str,
    masked: &'a str,
    line_starts: Vec<u32>,
    /// Names that are read, expression by expression.
    pub loads: Vec<&'a str>,
    /// Names whose absence is provided for.
    pub optional: BTreeSet<&'a str>,
    /// Filters.
    pub filters: BTreeSet<&'a str>,
    /// Tests.
    pub tests: BTreeSet<&'a str>,
    /// Calls of `url_for`.
    pub urls: Vec<TemplateUrl>,
    /// Attributes of anything, and filters that print the insides of what they get.
    pub attributes: BTreeSet<String>,
    /// What is called, with the offset of its last name.
    calls: Vec<(usize, String)>,
    /// Offsets of `%` with text on its left.
    formats: Vec<usize>,
}

impl<'a> Expressions<'a> {
    pub(super) fn new(text: &'a str, masked: &'a str) -> Self {
        Self {
            text,
            masked,
            line_starts: std::iter::once(0)
                .chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|i| i as u32 + 1))
                .collect(),
            loads: Vec::new(),
            optional: BTreeSet::new(),
            filters: BTreeSet::new(),
            tests: BTreeSet::new(),
            urls: Vec::new(),
            attributes: BTreeSet::new(),
            calls: Vec::new(),
            formats: Vec::new(),
        }
    }

    /// What is called, in order, each once.
    pub(super) fn calls(&mut self) -> Vec<String> {
        let mut calls = std::mem::take(&mut self.calls);
        calls.sort();
        let mut seen = HashSet::new();
        let names = calls.into_iter().map(|(_, name)| name);
        names.filter(|name| seen.insert(name.clone())).collect()
    }

    /// Lines on which `%` has text on its left.
    pub(super) fn formats(&self) -> Vec<u32> {
        let lines: BTreeSet<u32> = self.formats.iter().map(|&at| self.line(at)).collect();
        lines.into_iter().collect()
    }

    /// 1-based line of an offset.
    pub(super) fn line(&self, at: usize) -> u32 {
        self.line_starts.partition_point(|&s| s as usize <= at) as u32
    }

    /// The names of `uses`.
    pub(super) fn names(&self, uses: Uses) -> &[&'a str] {
        &self.loads[uses.start as usize..uses.end as usize]
    }

    /// Names that are read without an expression.
    pub(super) fn name_uses(&mut self, names: impl IntoIterator<Item = &'a str>) -> Uses {
        let start = self.loads.len() as u32;
        self.loads.extend(names);
        Uses {
            start,
            end: self.loads.len() as u32,
        }
    }

    /// Uses from the first to the last of what was read after `mark`.
    pub(super) fn since(&self, mark: usize) -> Uses {
        Uses {
            start: mark as u32,
            end: self.loads.len() as u32,
        }
    }

    /// Reads the expression at `start..end`.
    pub(super) fn read(&mut self, start: usize, end: usize) -> Result<Reading, Fault> {
        let source = self.masked.get(start..end).unwrap_or("");
        self.parse(source, start, false)
    }

    /// Reads arguments or filters that begin at `start` and need something before them to be an
    /// expression: `prefix`, closed by `suffix`.
    pub(super) fn read_after(
        &mut self,
        prefix: &str,
        start: usize,
        end: usize,
        suffix: &str,
    ) -> Result<Reading, Fault> {
        let middle = self.masked.get(start..end).unwrap_or("");
        let source = format!("{prefix}{middle}{suffix}");
        self.parse(&source, start - prefix.len().min(start), false)
    }

    /// Reads the expression at `start..end`, which decides on what follows.
    pub(super) fn read_condition(&mut self, start: usize, end: usize) -> Result<Reading, Fault> {
        let source = self.masked.get(start..end).unwrap_or("");
        self.parse(source, start, true)
    }

    fn parse(&mut self, source: &str, base: usize, condition: bool) -> Result<Reading, Fault> {
        let tree = machinery::parse_expr(source).map_err(|error| {
            let line = error.line().unwrap_or(1).saturating_sub(1);
            let within = match line {
                0 => 0,
                n => memchr::memchr_iter(b'\n', source.as_bytes())
                    .nth(n - 1)
                    .map_or(0, |i| i + 1),
            };
            let message = error.detail().unwrap_or("not an expression").to_owned();
            Fault {
                at: base + within,
                message,
            }
        })?;
        let mark = self.loads.len();
        let walk = Walk { source, base };
        walk.expr(self, &tree);
        if condition {
            walk.asked(self, &tree);
        }
        Ok(Reading {
            uses: self.since(mark),
            call: matches!(tree, ast::Expr::Call(_)),
            texts: walk.texts(self, &tree),
        })
    }
}

/// Where an expression stands: what minijinja was given, and the offset of its first byte.
struct Walk<'s> {
    source: &'s str,
    base: usize,
}

impl<'s> Walk<'s> {
    fn expr<'a>(&self, out: &mut Expressions<'a>, expr: &ast::Expr<'s>) {
        match expr {
            ast::Expr::Var(var) => {
                let span = var.span();
                let name = self.text(out, span.start_offset, span.end_offset);
                if !name.is_empty() {
                    out.loads.push(name);
                }
            }
            ast::Expr::Const(_) => {}
            ast::Expr::Slice(s) => {
                self.expr(out, &s.expr);
                for part in [&s.start, &s.stop, &s.step].into_iter().flatten() {
                    self.expr(out, part);
                }
            }
            ast::Expr::UnaryOp(u) => self.expr(out, &u.expr),
            ast::Expr::BinOp(b) => {
                if matches!(b.op, ast::BinOpKind::ScOr | ast::BinOpKind::ScAnd) {
                    self.asked(out, &b.left);
                }
                self.expr(out, &b.left);
                if matches!(b.op, ast::BinOpKind::Rem) && is_text(&b.left) {
                    self.format(out, &b.right);
                }
                self.expr(out, &b.right);
            }
            ast::Expr::Compare(c) => {
                self.expr(out, &c.expr);
                for op in &c.ops {
                    self.expr(out, &op.expr);
                }
            }
            ast::Expr::IfExpr(i) => {
                self.asked(out, &i.test_expr);
                self.expr(out, &i.test_expr);
                self.expr(out, &i.true_expr);
                if let Some(other) = &i.false_expr {
                    self.expr(out, other);
                }
            }
            ast::Expr::Filter(f) => {
                if let Some(inner) = &f.expr {
                    self.expr(out, inner);
                }
                self.arguments(out, &f.args);
                if let (Some(inner), "default" | "d") = (&f.expr, f.name) {
                    self.asked(out, inner);
                }
                if let Some(name) = self.original(out, f.name) {
                    out.filters.insert(name);
                }
                if matches!(f.name, "tojson" | "pprint") && !f.expr.as_ref().is_none_or(is_plain) {
                    out.attributes.insert(format!("|{}", f.name));
                }
            }
            ast::Expr::Test(t) => {
                self.expr(out, &t.expr);
                self.arguments(out, &t.args);
                if matches!(t.name, "defined" | "undefined" | "none") {
                    self.asked(out, &t.expr);
                }
                if let Some(name) = self.original(out, t.name) {
                    out.tests.insert(name);
                }
            }
            ast::Expr::GetAttr(g) => {
                out.attributes.insert(g.name.to_owned());
                self.expr(out, &g.expr);
            }
            ast::Expr::GetItem(g) => {
                self.expr(out, &g.expr);
                self.expr(out, &g.subscript_expr);
            }
            ast::Expr::Call(call) => {
                self.expr(out, &call.expr);
                self.url(out, call);
                self.call(out, &call.expr);
                self.arguments(out, &call.args);
            }
            ast::Expr::List(l) => l.items.iter().for_each(|e| self.expr(out, e)),
            ast::Expr::Tuple(t) => t.items.iter().for_each(|e| self.expr(out, e)),
            ast::Expr::Map(m) => {
                for (key, value) in m.keys.iter().zip(&m.values) {
                    self.expr(out, key);
                    self.expr(out, value);
                }
            }
        }
    }

    /// The truth of `expr` is asked for: names that stand alone in it may be missing.
    fn asked(&self, out: &mut Expressions<'_>, expr: &ast::Expr<'s>) {
        match expr {
            ast::Expr::Var(var) => {
                let span = var.span();
                let name = self.text(out, span.start_offset, span.end_offset);
                out.optional.insert(name);
            }
            ast::Expr::UnaryOp(u) if matches!(u.op, ast::UnaryOpKind::Not) => {
                self.asked(out, &u.expr);
            }
            // The left sides are asked for when the walk comes by.
            ast::Expr::BinOp(b) if matches!(b.op, ast::BinOpKind::ScOr | ast::BinOpKind::ScAnd) => {
                self.asked(out, &b.right);
            }
            _ => {}
        }
    }

    fn arguments<'a>(&self, out: &mut Expressions<'a>, arguments: &[ast::CallArg<'s>]) {
        for argument in arguments {
            match argument {
                ast::CallArg::Pos(e)
                | ast::CallArg::Kwarg(_, e)
                | ast::CallArg::PosSplat(e)
                | ast::CallArg::KwargSplat(e) => self.expr(out, e),
            }
        }
    }

    /// `callee` is called.
    fn call(&self, out: &mut Expressions<'_>, callee: &ast::Expr<'s>) {
        let at = match callee {
            ast::Expr::Var(var) => var.span().start_offset as usize,
            ast::Expr::GetAttr(g) => {
                (g.name.as_ptr() as usize).wrapping_sub(self.source.as_ptr() as usize)
            }
            _ => return,
        };
        let written = self.chain(out, callee);
        let name = match (written, callee) {
            (Some(chain), _) => Some(chain),
            (None, ast::Expr::GetAttr(g)) => self.original(out, g.name).map(|n| format!(".{n}")),
            _ => None,
        };
        if let Some(name) = name {
            out.calls.push((self.base + at, name));
        }
    }

    /// A name or a chain of attributes, as it is written.
    fn chain(&self, out: &Expressions<'_>, expr: &ast::Expr<'s>) -> Option<String> {
        match expr {
            ast::Expr::Var(var) => {
                let span = var.span();
                let name = self.text(out, span.start_offset, span.end_offset);
                (!name.is_empty()).then(|| name.to_owned())
            }
            ast::Expr::GetAttr(g) => {
                let inner = self.chain(out, &g.expr)?;
                Some(format!("{inner}.{}", self.original(out, g.name)?))
            }
            _ => None,
        }
    }

    /// A `%` before `right` has text on its left.
    fn format(&self, out: &mut Expressions<'_>, right: &ast::Expr<'s>) {
        let before = self.source.get(..right.span().start_offset as usize);
        if let Some(at) = before.and_then(|text| text.rfind('%')) {
            out.formats.push(self.base + at);
        }
    }

    fn url(&self, out: &mut Expressions<'_>, call: &ast::Spanned<ast::Call<'s>>) {
        let ast::Expr::Var(callee) = &call.expr else {
            return;
        };
        if callee.id != "url_for" {
            return;
        }
        let mut endpoint = None;
        let mut arguments = Vec::new();
        for (i, argument) in call.args.iter().enumerate() {
            match argument {
                ast::CallArg::Pos(e) if i == 0 => endpoint = self.constant(out, e),
                ast::CallArg::Kwarg("endpoint", e) if endpoint.is_none() => {
                    endpoint = self.constant(out, e);
                }
                ast::CallArg::Kwarg(name, _) => {
                    arguments.extend(self.original(out, name).map(str::to_owned));
                }
                _ => {}
            }
        }
        let line = out.line(self.base + callee.span().start_offset as usize);
        out.urls.push(TemplateUrl {
            endpoint,
            arguments,
            line,
        });
    }

    /// The texts that an expression may be: a literal, or the elements of a list.
    fn texts(&self, out: &Expressions<'_>, expr: &ast::Expr<'s>) -> Vec<Option<String>> {
        match expr {
            ast::Expr::List(l) => l.items.iter().map(|e| self.constant(out, e)).collect(),
            ast::Expr::Tuple(t) => t.items.iter().map(|e| self.constant(out, e)).collect(),
            ast::Expr::IfExpr(i) => {
                let mut texts = self.texts(out, &i.true_expr);
                match &i.false_expr {
                    Some(other) => texts.extend(self.texts(out, other)),
                    None => texts.push(None),
                }
                texts
            }
            other => vec![self.constant(out, other)],
        }
    }

    /// The text of a string literal.
    fn constant(&self, out: &Expressions<'_>, expr: &ast::Expr<'s>) -> Option<String> {
        let ast::Expr::Const(constant) = expr else {
            return None;
        };
        let value = constant.value.as_str()?;
        let span = constant.span();
        let written = self.text(out, span.start_offset, span.end_offset);
        if !written.contains('\\') {
            return Some(value.to_owned());
        }
        unescape(written.get(1..written.len().checked_sub(1)?)?)
    }

    /// The template's own text at an offset of this expression.
    fn text<'a>(&self, out: &Expressions<'a>, start: u32, end: u32) -> &'a str {
        out.text
            .get(self.base + start as usize..self.base + end as usize)
            .unwrap_or("")
    }

    /// The template's own text where `part` stands, a part of what minijinja was given.
    fn original<'a>(&self, out: &Expressions<'a>, part: &'s str) -> Option<&'a str> {
        let at = (part.as_ptr() as usize).checked_sub(self.source.as_ptr() as usize)?;
        out.text
            .get(self.base + at..self.base + at + part.len())
            .filter(|t| !t.is_empty())
    }
}

/// Whether an expression gives text, as far as its form tells.
fn is_text(expr: &ast::Expr<'_>) -> bool {
    match expr {
        ast::Expr::Const(constant) => constant.value.as_str().is_some(),
        ast::Expr::BinOp(b) => match b.op {
            ast::BinOpKind::Concat => true,
            ast::BinOpKind::Add => is_text(&b.left) || is_text(&b.right),
            ast::BinOpKind::Rem | ast::BinOpKind::Mul => is_text(&b.left),
            _ => false,
        },
        ast::Expr::IfExpr(i) => is_text(&i.true_expr) || i.false_expr.as_ref().is_some_and(is_text),
        ast::Expr::Filter(f) => TEXT_FILTERS.contains(&f.name),
        ast::Expr::Call(call) => {
            matches!(&call.expr, ast::Expr::Var(var) if TRANSLATIONS.contains(&var.id))
        }
        _ => false,
    }
}

/// Jinja2's filters that give text, whatever they get.
const TEXT_FILTERS: &[&str] = &[
    "capitalize",
    "center",
    "e",
    "escape",
    "filesizeformat",
    "forceescape",
    "format",
    "indent",
    "join",
    "lower",
    "pprint",
    "replace",
    "safe",
    "string",
    "striptags",
    "title",
    "tojson",
    "trim",
    "truncate",
    "upper",
    "urlencode",
    "urlize",
    "wordwrap",
    "xmlattr",
];

/// Functions that translate text.
const TRANSLATIONS: &[&str] = &["_", "gettext", "ngettext", "npgettext", "pgettext"];

/// What the common escapes of a string mean; nothing for others.
fn unescape(written: &str) -> Option<String> {
    let mut text = String::with_capacity(written.len());
    let mut rest = written.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            text.push(c);
            continue;
        }
        match rest.next()? {
            'n' => text.push('\n'),
            't' => text.push('\t'),
            'r' => text.push('\r'),
            c @ ('\\' | '\'' | '"') => text.push(c),
            _ => return None,
        }
    }
    Some(text)
}

/// Whether a value is made of literals, counts and texts alone.
fn is_plain(e: &ast::Expr<'_>) -> bool {
    match e {
        ast::Expr::Const(_) | ast::Expr::Test(_) => true,
        ast::Expr::List(list) => list.items.iter().all(is_plain),
        ast::Expr::Map(map) => map.keys.iter().chain(&map.values).all(is_plain),
        ast::Expr::Filter(f) => matches!(f.name, "count" | "int" | "length" | "string"),
        _ => false,
    }
}
