//! Tokens as elements: which end belongs to which start, and which namespace names are in.

use std::collections::HashMap;

use super::Fault;
use super::markup::{Kind, Scanner, Token};
use super::tags::{self, Attribute, Tag};

/// A namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Namespace<'t> {
    Xml,
    Xmlns,
    Tal,
    Metal,
    I18n,
    Meta,
    Other(&'t str),
}

impl<'t> Namespace<'t> {
    pub(super) fn of(uri: &'t str) -> Self {
        match uri {
            "http://www.w3.org/XML/1998/namespace" => Self::Xml,
            "http://www.w3.org/2000/xmlns/" => Self::Xmlns,
            "http://xml.zope.org/namespaces/tal" => Self::Tal,
            "http://xml.zope.org/namespaces/metal" => Self::Metal,
            "http://xml.zope.org/namespaces/i18n" => Self::I18n,
            "http://xml.zope.org/namespaces/meta" => Self::Meta,
            other => Self::Other(other),
        }
    }

    /// Elements and attributes in it are for the template engine alone.
    pub(super) const fn is_language(self) -> bool {
        matches!(self, Self::Tal | Self::Metal | Self::I18n | Self::Meta)
    }
}

/// An element, from its start tag.
#[derive(Clone, Debug)]
pub(super) struct Element<'t> {
    pub tag: Tag<'t>,
    pub at: usize,
    pub namespace: Namespace<'t>,
    /// Every attribute once by namespace and local name, with the last value it is given.
    pub qualified: Vec<(Namespace<'t>, &'t str, Attribute<'t>)>,
    /// Index of the item after its end tag; its own for an element without content.
    pub close: usize,
    /// It has an end tag.
    pub has_end: bool,
}

/// A piece of a template, in document order.
#[derive(Clone, Debug)]
pub(super) enum Item<'t> {
    Start(Box<Element<'t>>),
    Other(Token),
}

/// Options of Chameleon's that change what a template says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// `enable_data_attributes`: `data-tal-content` stands for `tal:content`.
    pub data_attributes: bool,
    /// Not `restricted_namespace`: prefixes that nobody declares are let through (`v-on:click`).
    pub any_namespace: bool,
}

/// A template's items up to the first error in its markup.
pub(super) struct Document<'t> {
    pub items: Vec<Item<'t>>,
    pub fault: Option<Fault>,
}

impl<'t> Document<'t> {
    pub(super) fn read(text: &'t str, settings: Settings) -> Self {
        let mut builder = Builder::new(text, settings);
        let mut fault = None;
        for token in Scanner::new(text) {
            if let Err(found) = builder.token(token) {
                fault = Some(found);
                break;
            }
        }
        if fault.is_some() {
            // What is open is open to the place of the error.
            let end = builder.items.len();
            for (_, index) in std::mem::take(&mut builder.open) {
                builder.close(index, end);
            }
        }
        Self {
            items: builder.items,
            fault,
        }
    }
}

struct Builder<'t> {
    text: &'t str,
    settings: Settings,
    items: Vec<Item<'t>>,
    /// Names and items of start tags whose end has not come.
    open: Vec<(&'t str, usize)>,
    /// What each prefix stands for, innermost last; the prefix of no prefix is `None`.
    prefixes: HashMap<Option<&'t str>, Vec<Namespace<'t>>>,
    /// What each start tag declared. An end tag takes back the last, whosever it is: so does
    /// Chameleon, where `<br>` without an end stays in force.
    declared: Vec<Vec<Option<&'t str>>>,
}

impl<'t> Builder<'t> {
    fn new(text: &'t str, settings: Settings) -> Self {
        let known = [
            ("xmlns", Namespace::Xmlns),
            ("xml", Namespace::Xml),
            ("tal", Namespace::Tal),
            ("metal", Namespace::Metal),
            ("i18n", Namespace::I18n),
            ("meta", Namespace::Meta),
        ];
        Self {
            text,
            settings,
            items: Vec::new(),
            open: Vec::new(),
            prefixes: known.map(|(p, n)| (Some(p), vec![n])).into(),
            declared: Vec::new(),
        }
    }

    fn token(&mut self, token: Token) -> Result<(), Fault> {
        let text = &self.text[token.start..token.end];
        match token.kind {
            Kind::Comment => {
                check_comment(text, token.start)?;
                self.items.push(Item::Other(token));
            }
            Kind::Start | Kind::Empty | Kind::XmlDeclaration => self.start(token)?,
            Kind::End => self.end(text, token.start)?,
            Kind::Text | Kind::Cdata | Kind::Instruction | Kind::Plain => {
                self.items.push(Item::Other(token));
            }
        }
        Ok(())
    }

    fn start(&mut self, token: Token) -> Result<(), Fault> {
        let text = &self.text[token.start..token.end];
        let Some(tag) = tags::read(text, token.start) else {
            return Err(Fault::hard(token.start, "a tag without a name"));
        };
        let mut declared = Vec::new();
        for attribute in &tag.attributes {
            let prefix = match attribute.name {
                "xmlns" => None,
                name => match name.strip_prefix("xmlns:") {
                    Some(prefix) => Some(prefix),
                    None => continue,
                },
            };
            let namespace = Namespace::of(attribute.value);
            self.prefixes.entry(prefix).or_default().push(namespace);
            declared.push(prefix);
        }
        let element = self.element(tag, token.start);
        let lasting = token.kind == Kind::Start;
        if lasting {
            self.declared.push(declared);
        } else {
            self.forget(&declared);
        }
        let element = element?;
        let index = self.items.len();
        if lasting {
            self.open.push((element.tag.name, index));
        }
        self.items.push(Item::Start(Box::new(element)));
        self.close(index, index + 1);
        Ok(())
    }

    fn end(&mut self, text: &'t str, at: usize) -> Result<(), Fault> {
        let declared = self.declared.pop().unwrap_or_default();
        self.forget(&declared);
        let name = tags::read(text, at).map_or("", |tag| tag.name);
        while let Some((opened, index)) = self.open.pop() {
            if opened == name {
                let end = self.items.len();
                self.close(index, end);
                if let Item::Start(element) = &mut self.items[index] {
                    element.has_end = true;
                }
                return Ok(());
            }
        }
        Err(Fault::hard(at, format!("unexpected end tag {text}")))
    }

    fn close(&mut self, index: usize, end: usize) {
        if let Some(Item::Start(element)) = self.items.get_mut(index) {
            element.close = end;
        }
    }

    fn forget(&mut self, declared: &[Option<&'t str>]) {
        for prefix in declared {
            if let Some(stack) = self.prefixes.get_mut(prefix) {
                stack.pop();
            }
        }
    }

    fn namespace(&self, prefix: Option<&'t str>) -> Option<Namespace<'t>> {
        self.prefixes.get(&prefix)?.last().copied()
    }

    fn element(&self, mut tag: Tag<'t>, at: usize) -> Result<Element<'t>, Fault> {
        let prefix = tag.name.split_once(':').map(|(prefix, _)| prefix);
        let default = self.namespace(prefix).unwrap_or(Namespace::Xml);
        let mut qualified = Qualified::default();
        for attribute in &tag.attributes {
            let (namespace, name) = match attribute.name.split_once(':') {
                None => (default, attribute.name),
                Some((prefix, name)) => match self.namespace(Some(prefix)) {
                    Some(namespace) => (namespace, name),
                    None if self.settings.any_namespace => (default, name),
                    None => {
                        let message = format!("undefined namespace prefix: {prefix}");
                        return Err(Fault::hard(attribute.at, message));
                    }
                },
            };
            qualified.set(namespace, name, *attribute);
        }
        if self.settings.data_attributes {
            let mut fault = None;
            tag.attributes.retain(|attribute| {
                let parts = attribute.name.strip_prefix("data-");
                let Some((prefix, name)) = parts.and_then(|p| p.split_once('-')) else {
                    return true;
                };
                match self.namespace(Some(prefix)) {
                    Some(namespace) => qualified.set(namespace, name, *attribute),
                    None => fault = Some(attribute.at),
                }
                false
            });
            if let Some(at) = fault {
                return Err(Fault::hard(at, "a data attribute of no known namespace"));
            }
        }
        Ok(Element {
            tag,
            at,
            namespace: default,
            qualified: qualified.list,
            close: 0,
            has_end: false,
        })
    }
}

/// Attributes by namespace and name; the index keeps tags with thousands of them cheap.
#[derive(Default)]
struct Qualified<'t> {
    list: Vec<(Namespace<'t>, &'t str, Attribute<'t>)>,
    index: HashMap<(Namespace<'t>, &'t str), usize>,
}

impl<'t> Qualified<'t> {
    fn set(&mut self, namespace: Namespace<'t>, name: &'t str, attribute: Attribute<'t>) {
        // A few are found faster by looking at each.
        const FEW: usize = 16;
        let known = if self.list.len() <= FEW {
            let same = |q: &(Namespace<'t>, &'t str, _)| q.0 == namespace && q.1 == name;
            self.list.iter().position(same)
        } else {
            if self.index.is_empty() {
                let keys = self.list.iter().enumerate();
                self.index = keys.map(|(i, q)| ((q.0, q.1), i)).collect();
            }
            self.index.get(&(namespace, name)).copied()
        };
        match known {
            Some(i) => self.list[i].2 = attribute,
            None => {
                if !self.index.is_empty() {
                    self.index.insert((namespace, name), self.list.len());
                }
                self.list.push((namespace, name, attribute));
            }
        }
    }
}

/// `--` may stand in a comment only where it ends.
fn check_comment(text: &str, at: usize) -> Result<(), Fault> {
    let inner = &text[4..];
    let Some(dashes) = inner.find("--") else {
        return Ok(());
    };
    if inner[dashes..].trim_start_matches('-').starts_with('>') {
        return Ok(());
    }
    Err(Fault::hard(
        at + 4 + dashes,
        "the string '--' is not allowed in a comment",
    ))
}
