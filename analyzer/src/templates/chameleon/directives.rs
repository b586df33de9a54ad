//! What an element says in the languages, and what Chameleon refuses of it before it compiles anything.

use std::borrow::Cow;

use model::EdgeKind;

use super::Fault;
use super::document::{Element, Namespace};
use super::statements::{self, Clause, Definition};

/// What an element says in the languages, by attribute.
#[derive(Debug, Default)]
pub(super) struct Statements<'t> {
    pub define: Option<Clause<'t>>,
    pub condition: Option<Clause<'t>>,
    pub content: Option<Clause<'t>>,
    pub replace: Option<Clause<'t>>,
    pub repeat: Option<Clause<'t>>,
    pub attributes: Option<Clause<'t>>,
    pub on_error: Option<Clause<'t>>,
    pub omit_tag: Option<Clause<'t>>,
    pub script: Option<Clause<'t>>,
    pub switch: Option<Clause<'t>>,
    pub case: Option<Clause<'t>>,
    pub define_macro: Option<Clause<'t>>,
    pub extend_macro: Option<Clause<'t>>,
    pub use_macro: Option<Clause<'t>>,
    pub define_slot: Option<Clause<'t>>,
    pub fill_slot: Option<Clause<'t>>,
    pub translate: Option<Clause<'t>>,
    pub target: Option<Clause<'t>>,
    pub i18n_attributes: Option<Clause<'t>>,
    pub i18n_name: Option<Clause<'t>>,
    pub interpolation: Option<Clause<'t>>,
}

impl<'t> Statements<'t> {
    pub(super) fn of(element: &Element<'t>) -> Result<Self, Fault> {
        let mut found = Self::default();
        for &(namespace, name, attribute) in &element.qualified {
            if !statements::is_known(namespace, name) {
                let message = format!("bad attribute of the template language: {name}");
                return Err(Fault::hard(attribute.at, message));
            }
            let at = attribute.at;
            let text = if matches!(namespace, Namespace::Tal | Namespace::Metal) {
                statements::decode(attribute.value, at)?
            } else {
                Cow::Borrowed(attribute.value)
            };
            let place = match (namespace, name) {
                (Namespace::Tal, "define") => &mut found.define,
                (Namespace::Tal, "condition") => &mut found.condition,
                (Namespace::Tal, "content") => &mut found.content,
                (Namespace::Tal, "replace") => &mut found.replace,
                (Namespace::Tal, "repeat") => &mut found.repeat,
                (Namespace::Tal, "attributes") => &mut found.attributes,
                (Namespace::Tal, "on-error") => &mut found.on_error,
                (Namespace::Tal, "omit-tag") => &mut found.omit_tag,
                (Namespace::Tal, "script") => &mut found.script,
                (Namespace::Tal, "switch") => &mut found.switch,
                (Namespace::Tal, "case") => &mut found.case,
                (Namespace::Metal, "define-macro") => &mut found.define_macro,
                (Namespace::Metal, "extend-macro") => &mut found.extend_macro,
                (Namespace::Metal, "use-macro") => &mut found.use_macro,
                (Namespace::Metal, "define-slot") => &mut found.define_slot,
                (Namespace::Metal, "fill-slot") => &mut found.fill_slot,
                (Namespace::I18n, "translate") => &mut found.translate,
                (Namespace::I18n, "target") => &mut found.target,
                (Namespace::I18n, "attributes") => &mut found.i18n_attributes,
                (Namespace::I18n, "name") => &mut found.i18n_name,
                (Namespace::Meta, "interpolation") => &mut found.interpolation,
                _ => continue,
            };
            *place = Some(Clause { text, at });
        }
        Ok(found)
    }

    /// The macro that is used or extended.
    pub(super) fn macro_used(&self) -> Option<(&Clause<'t>, EdgeKind)> {
        let used = filled(&self.use_macro).map(|c| (c, EdgeKind::Macro));
        used.or_else(|| filled(&self.extend_macro).map(|c| (c, EdgeKind::Extends)))
    }

    pub(super) fn check(&self, element: &Element<'_>) -> Result<(), Fault> {
        let refuse = |clause: &Clause<'_>, message: &str| Err(Fault::hard(clause.at, message));
        if let Some(clause) = filled(&self.attributes)
            && element.namespace.is_language()
        {
            return refuse(clause, "dynamic attributes not allowed on this element");
        }
        if let Some(clause) = &self.script {
            return refuse(clause, "the script attribute is unsupported");
        }
        if let Some(clause) = filled(&self.content) {
            if filled(&self.replace).is_some() {
                return refuse(clause, "tal:content and tal:replace at the same time");
            }
            if filled(&self.translate).is_some() {
                return refuse(clause, "tal:content with non-trivial i18n:translate");
            }
        }
        if let Some(clause) = &self.interpolation
            && !matches!(&*clause.text, "true" | "on" | "false" | "off")
        {
            return refuse(clause, "bad interpolation setting");
        }
        if let (Some(clause), Some(_)) = (&self.define_macro, &self.fill_slot) {
            return refuse(clause, "fill-slot and define-macro on the same element");
        }
        Ok(())
    }
}

pub(super) fn filled<'c, 't>(clause: &'c Option<Clause<'t>>) -> Option<&'c Clause<'t>> {
    clause.as_ref().filter(|c| !c.text.is_empty())
}

/// Statements that were taken apart.
pub(super) struct Parsed<'t> {
    pub defines: Vec<Definition<'t>>,
    pub repeat: Option<Definition<'t>>,
    pub attributes: Vec<(Option<String>, Clause<'t>)>,
}

impl<'t> Parsed<'t> {
    pub(super) fn of(said: &Statements<'t>) -> Result<Self, Fault> {
        let definitions = |clause: &Option<Clause<'t>>| match clause {
            Some(clause) => statements::definitions(clause),
            None => Ok(Vec::new()),
        };
        let mut attributes = Vec::new();
        if said.macro_used().is_none() {
            if let Some(clause) = &said.attributes {
                attributes = statements::attributes(clause)?;
            }
            if let Some(clause) = &said.i18n_attributes {
                statements::check_translated(&clause.text, clause.at)?;
            }
        }
        let defines = definitions(&said.define)?;
        let mut repeats = definitions(&said.repeat)?;
        if let (Some(clause), true) = (&said.repeat, repeats.len() != 1) {
            return Err(Fault::hard(clause.at, "tal:repeat of more than one"));
        }
        let repeat = repeats.pop();
        Ok(Self {
            defines,
            repeat,
            attributes,
        })
    }
}
