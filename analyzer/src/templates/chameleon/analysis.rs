//! The walk over a template's elements, in the order in which Chameleon evaluates what they say.
//!
//! What Chameleon builds (`chameleon/zpt/program.py`) and what it compiles of that (`compiler.py`) are
//! two things: below `metal:use-macro` only slots and macros are compiled. Statements there are checked
//! all the same, expressions are not, and nothing of it is put out. `live` tells the one from the other.

use std::collections::{BTreeSet, HashSet};

use model::{Edge, EdgeKind, Template, TemplateUrl};

use super::document::{Document, Element, Item};
use super::expressions::{Found, Reader};
use super::markup::{Kind, Token};
use super::page::Page;
use super::python::Path;
use super::scope::{Scope, Value};
use super::statements::Clause;
use super::{Fault, Lines};

/// What an expression is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Its value is put out or asked.
    Value,
    /// A name is given to it.
    Definition,
    /// It is the macro that is used.
    Macro(EdgeKind),
}

/// What an expression is, as far as others want to know.
#[derive(Debug, Default)]
pub(super) struct Summary {
    /// A template that `load:` gives.
    pub loads: bool,
    pub template: Option<String>,
    path: Option<Path>,
    pub constant: Option<String>,
}

/// A macro in use, whose slots elements below it fill.
#[derive(Clone, Debug, Default)]
pub(super) struct Used {
    pub template: Option<String>,
}

/// What an element's end takes back.
#[derive(Debug)]
pub(super) struct Frame {
    pub end: usize,
    pub state: State,
    pub mark: usize,
    pub pops_macro: bool,
    pub form: bool,
}

/// What holds for an element and what is below it.
#[derive(Clone, Copy, Debug)]
pub(super) struct State {
    /// It is compiled.
    pub live: bool,
    /// It is put out, not a placeholder for `tal:content`.
    pub shown: bool,
    /// `meta:interpolation`.
    pub interpolation: bool,
    /// How many elements around it may have a `tal:switch`.
    pub depth: usize,
    /// How many of them are outside of the macro that it belongs to.
    pub outside: usize,
    /// The translation whose names `i18n:name` gives, as an index.
    pub translation: Option<usize>,
}

pub(super) struct Analysis<'a> {
    text: &'a str,
    pub lines: &'a Lines,
    pub out: &'a mut Template,
    reader: Reader,
    pub scope: Scope,
    pub page: Page,
    types: BTreeSet<&'static str>,
    pub state: State,
    pub frames: Vec<Frame>,
    pub macros: Vec<Used>,
    /// Elements with a `tal:switch`: how deep, and whether it is compiled.
    pub switches: Vec<(usize, bool)>,
    /// Names in each translation.
    pub translations: Vec<HashSet<String>>,
}

/// Fills `out` from `document`; gives the first fault of a statement or an expression.
pub(super) fn analyse(
    text: &str,
    document: &Document<'_>,
    lines: &Lines,
    out: &mut Template,
) -> Option<Fault> {
    let mut analysis = Analysis {
        text,
        lines,
        out,
        reader: Reader::default(),
        scope: Scope::default(),
        page: Page::default(),
        types: BTreeSet::new(),
        state: State {
            live: true,
            shown: true,
            interpolation: true,
            depth: 0,
            outside: 0,
            translation: None,
        },
        frames: Vec::new(),
        macros: Vec::new(),
        switches: Vec::new(),
        translations: Vec::new(),
    };
    let fault = analysis.walk(document).err();
    let Analysis {
        out,
        scope,
        page,
        types,
        ..
    } = analysis;
    out.free = scope.free.into_iter().collect();
    out.filters = types.into_iter().map(str::to_owned).collect();
    out.forms = page.forms;
    out.links = page.links;
    fault
}

impl Analysis<'_> {
    fn walk(&mut self, document: &Document<'_>) -> Result<(), Fault> {
        for (i, item) in document.items.iter().enumerate() {
            while self.frames.last().is_some_and(|f| f.end <= i) {
                self.leave();
            }
            match item {
                Item::Start(element) => self.element(element)?,
                Item::Other(token) => self.token(*token)?,
            }
        }
        Ok(())
    }

    fn leave(&mut self) {
        let Some(frame) = self.frames.pop() else {
            return;
        };
        self.scope.leave(frame.mark);
        if frame.pops_macro {
            self.macros.pop();
        }
        if frame.form {
            self.page.end_form();
        }
        self.state = frame.state;
        while self
            .switches
            .last()
            .is_some_and(|s| s.0 >= self.state.depth)
        {
            self.switches.pop();
        }
    }

    fn token(&mut self, token: Token) -> Result<(), Fault> {
        if !self.state.live {
            return Ok(());
        }
        let text = &self.text[token.start..token.end];
        match token.kind {
            Kind::Text | Kind::Cdata => self.interpolated(text, token.start, false),
            Kind::Comment if text.starts_with("<!--!") || text.starts_with("<!--?") => Ok(()),
            Kind::Comment => {
                let inner = text.get(4..text.len().saturating_sub(3)).unwrap_or("");
                self.interpolated(inner, token.start + 4, false)
            }
            Kind::Instruction => self.instruction(text, token.start),
            _ => Ok(()),
        }
    }

    fn instruction(&mut self, text: &str, at: usize) -> Result<(), Fault> {
        let Some(body) = text.strip_prefix("<?").and_then(|t| t.strip_suffix("?>")) else {
            return Ok(());
        };
        let word = body.find(|c: char| !(c.is_alphanumeric() || c == '_'));
        let length = word.unwrap_or(body.len());
        match &body[..length] {
            "" => Ok(()),
            "python" => {
                self.reader.block(&body[length..], at)?;
                self.take(Role::Value);
                Ok(())
            }
            _ => self.interpolated(text, at, false),
        }
    }

    /// Reads `${…}` in text; in attributes (`always`) `meta:interpolation` does not count.
    pub(super) fn interpolated(
        &mut self,
        text: &str,
        at: usize,
        always: bool,
    ) -> Result<(), Fault> {
        if always || self.state.interpolation {
            self.reader.text(text, at)?;
            self.take(Role::Value);
        }
        Ok(())
    }

    /// Reads an expression.
    pub(super) fn expression(&mut self, clause: &Clause<'_>, role: Role) -> Result<Summary, Fault> {
        self.reader.expression(&clause.text, clause.at)?;
        Ok(self.take(role))
    }

    /// Takes what the reader found into the template.
    fn take(&mut self, role: Role) -> Summary {
        let mut summary = Summary::default();
        let mut pythons = 0;
        for found in std::mem::take(&mut self.reader.found) {
            match found {
                Found::Type(name) => {
                    self.types.insert(name);
                }
                Found::Load { name, at } => {
                    let kind = match role {
                        Role::Value => EdgeKind::Include,
                        Role::Definition => EdgeKind::Import,
                        Role::Macro(kind) => kind,
                    };
                    self.out.edges.push(Edge {
                        kind,
                        template: name.clone(),
                        member: None,
                        line: self.lines.of(at),
                    });
                    summary.loads = true;
                    summary.template = name;
                }
                Found::Python {
                    reading,
                    at,
                    guarded,
                } => {
                    for call in reading.urls {
                        self.out.urls.push(TemplateUrl {
                            endpoint: call.endpoint,
                            arguments: call.arguments,
                            line: self.lines.of(at + call.at),
                        });
                    }
                    self.scope.follow(reading.events, guarded);
                    pythons += 1;
                    summary.path = reading.path;
                    summary.constant = reading.constant;
                }
            }
        }
        if pythons != 1 || summary.loads {
            summary.path = None;
            summary.constant = None;
        }
        summary
    }

    /// Reads what `metal:use-macro` or `metal:extend-macro` says.
    pub(super) fn uses(&mut self, clause: &Clause<'_>, kind: EdgeKind) -> Result<Used, Fault> {
        let summary = self.expression(clause, Role::Macro(kind))?;
        if summary.loads {
            let template = summary.template;
            return Ok(Used { template });
        }
        let mut template = None;
        let mut member = None;
        if let Some(path) = summary.path {
            let rest: Vec<&str> = path.rest.iter().map(String::as_str).collect();
            let local = self.scope.value(&path.root);
            member = match (&*path.root, &*rest) {
                ("macros", [name]) if local.is_none() => {
                    template = Some(self.out.name.clone());
                    Some(*name)
                }
                ("template", ["macros", name] | [name]) if local.is_none() => {
                    template = Some(self.out.name.clone());
                    Some(*name)
                }
                (_, ["macros", name] | [name]) if local.is_some_and(|l| l.template.is_some()) => {
                    Some(*name)
                }
                (_, [.., "macros", name]) => Some(*name),
                _ => None,
            }
            .map(str::to_owned);
            template = template.or_else(|| local.and_then(|l| l.template.clone()));
        }
        self.out.edges.push(Edge {
            kind,
            template: template.clone(),
            member,
            line: self.lines.of(clause.at),
        });
        Ok(Used { template })
    }

    /// Gives names to what an expression is; refuses those that Chameleon cannot compile.
    pub(super) fn define(
        &mut self,
        definition: &super::statements::Definition<'_>,
        value: &Value,
        repeat: bool,
    ) -> Result<(), Fault> {
        for name in &definition.names {
            let refused = matches!(&**name, "econtext" | "rcontext")
                || (!repeat && name.starts_with("__"))
                || (definition.local && name.contains('-'));
            if refused {
                let message = format!("name disallowed by compiler: {name}");
                return Err(Fault::hard(definition.expression.at, message));
            }
        }
        for name in &definition.names {
            if definition.local {
                self.scope.define(name, value.clone());
            } else {
                self.scope.define_global(name);
            }
        }
        Ok(())
    }

    /// Whether the innermost `tal:switch` around is there and can be asked where this stands.
    pub(super) fn check_case(&self, clause: &Clause<'_>, live: bool) -> Result<(), Fault> {
        let Some(&(depth, compiled)) = self.switches.last() else {
            let message = "must define switch on a parent element";
            return Err(Fault::hard(clause.at, message));
        };
        // Chameleon has not evaluated the switch yet on the element itself, nor in a macro's function.
        let own = depth + 1 == self.state.depth;
        if live && (own || !compiled || depth < self.state.outside) {
            let message = "the switch of this case is not evaluated before it";
            return Err(Fault::hard(clause.at, message));
        }
        Ok(())
    }
}

/// Whether an element is a form.
pub(super) fn is_form(element: &Element<'_>) -> bool {
    element.tag.name.eq_ignore_ascii_case("form")
}
