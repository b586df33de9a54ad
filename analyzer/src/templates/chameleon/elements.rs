//! One element: its statements in the order of their evaluation.

use std::borrow::Cow;
use std::collections::HashSet;

use model::{Edge, EdgeKind};

use super::Fault;
use super::analysis::{Analysis, Frame, Role, Used, is_form};
use super::directives::{Parsed, Statements, filled};
use super::document::{Element, Namespace};
use super::page::Shown;
use super::scope::Value;
use super::statements::{self, Clause};

impl Analysis<'_> {
    pub(super) fn element(&mut self, element: &Element<'_>) -> Result<(), Fault> {
        let said = Statements::of(element)?;
        said.check(element)?;
        let outer = self.state;
        let pops_macro = filled(&said.use_macro).is_some();
        self.frames.push(Frame {
            end: element.close,
            state: outer,
            mark: self.scope.mark(),
            pops_macro,
            form: is_form(element),
        });
        self.state.depth += 1;
        let inside = outer.live || said.define_macro.is_some() || said.fill_slot.is_some();
        if said.switch.is_some() {
            self.switches.push((outer.depth, inside));
        }
        if said.define_macro.is_some() {
            self.state.outside = outer.depth;
            self.state.translation = None;
        }
        if let Some(clause) = &said.interpolation {
            self.state.interpolation = matches!(&*clause.text, "true" | "on");
        }
        let parsed = Parsed::of(&said)?;
        if outer.live {
            self.outside(&said, outer.translation)?;
        }
        self.slots(&said)?;
        if let Some(clause) = &said.case {
            self.check_case(clause, inside)?;
        }
        self.state.live = inside;
        if inside {
            self.inside(element, &said, &parsed)?;
        } else if said.macro_used().is_some() {
            self.macros.push(Used::default());
        }
        Ok(())
    }

    /// What is evaluated around everything else: `tal:on-error`, `i18n:name`.
    fn outside(&mut self, said: &Statements<'_>, translation: Option<usize>) -> Result<(), Fault> {
        if let Some(clause) = &said.i18n_name
            && !clause.text.trim().is_empty()
        {
            let Some(names) = translation.and_then(|t| self.translations.get_mut(t)) else {
                return Err(Fault::hard(clause.at, "i18n:name outside of translation"));
            };
            if !names.insert(clause.text.to_string()) {
                return Err(Fault::hard(clause.at, "duplicate translation name"));
            }
        }
        if let Some(clause) = &said.on_error {
            let mark = self.scope.mark();
            self.scope.define("error", Value::default());
            self.expression(&statements::substitution(clause), Role::Value)?;
            self.scope.leave(mark);
        }
        Ok(())
    }

    /// Slots and macros that the element defines or fills.
    fn slots(&mut self, said: &Statements<'_>) -> Result<(), Fault> {
        if let Some(clause) = &said.fill_slot {
            if clause.text.trim().is_empty() {
                let message = "must provide a non-trivial string for metal:fill-slot";
                return Err(Fault::hard(clause.at, message));
            }
            let Some(used) = self.macros.last() else {
                let message = "cannot use metal:fill-slot without metal:use-macro";
                return Err(Fault::hard(clause.at, message));
            };
            let edge = Edge {
                kind: EdgeKind::Slot,
                template: used.template.clone(),
                member: Some(clause.text.to_string()),
                line: self.lines.of(clause.at),
            };
            self.out.edges.push(edge);
        }
        let name = |clause: &Option<Clause<'_>>| clause.as_ref().map(|c| c.text.to_string());
        if let Some(name) = name(&said.define_macro)
            && !self.out.macros.contains(&name)
        {
            self.out.macros.push(name);
        }
        if let Some(name) = name(&said.define_slot)
            && !self.out.blocks.contains(&name)
        {
            self.out.blocks.push(name);
        }
        Ok(())
    }

    /// What is compiled of the element itself.
    fn inside(
        &mut self,
        element: &Element<'_>,
        said: &Statements<'_>,
        parsed: &Parsed<'_>,
    ) -> Result<(), Fault> {
        for definition in &parsed.defines {
            let summary = self.expression(&definition.expression, Role::Definition)?;
            let template = summary.template;
            self.define(definition, &Value { template }, false)?;
        }
        if let Some(clause) = &said.case {
            self.expression(clause, Role::Value)?;
        }
        if let Some(clause) = &said.condition {
            self.expression(clause, Role::Value)?;
        }
        if let Some(definition) = &parsed.repeat {
            self.expression(&definition.expression, Role::Value)?;
            self.define(definition, &Value::default(), true)?;
        }
        for clause in [&said.switch, &said.target].into_iter().flatten() {
            self.expression(clause, Role::Value)?;
        }
        if let Some((clause, kind)) = said.macro_used() {
            let used = self.uses(clause, kind)?;
            self.macros.push(used);
            self.scope.define("macroname", Value::default());
            self.state.live = false;
            return Ok(());
        }
        self.put_out(element, said, parsed)?;
        if said.translate.is_some()
            && filled(&said.content).is_none()
            && filled(&said.replace).is_none()
        {
            self.state.translation = Some(self.translations.len());
            self.translations.push(HashSet::new());
        }
        Ok(())
    }

    fn put_out(
        &mut self,
        element: &Element<'_>,
        said: &Statements<'_>,
        parsed: &Parsed<'_>,
    ) -> Result<(), Fault> {
        if let Some(clause) = &said.replace {
            let clause = statements::substitution(clause);
            self.expression(&clause, Role::Value)?;
            self.state.shown &= clause.text.contains("default");
        }
        let omitted = match &said.omit_tag {
            Some(clause) if clause.text.trim().is_empty() => true,
            Some(clause) => {
                self.expression(clause, Role::Value)?;
                false
            }
            None => false,
        };
        if !omitted && !element.namespace.is_language() {
            if !element.tag.ends && (said.content.is_none() || element.has_end) {
                return Err(Fault::hard(element.at, "the end of this tag is not clear"));
            }
            let shown = self.attributes(element, parsed)?;
            if self.state.shown {
                let line = self.lines.of(element.at);
                self.page.start(element.tag.name, &shown, line);
            }
        }
        if let Some(clause) = &said.content {
            let clause = statements::substitution(clause);
            self.expression(&clause, Role::Value)?;
            self.state.shown &= clause.text.contains("default");
        }
        Ok(())
    }

    /// Reads the attributes that are put out.
    fn attributes(
        &mut self,
        element: &Element<'_>,
        parsed: &Parsed<'_>,
    ) -> Result<Vec<Shown>, Fault> {
        // Chameleon pairs attributes as written with those by namespace, one after the other.
        let pairs = element.tag.attributes.iter().zip(&element.qualified);
        let dropped: HashSet<&str> = pairs
            .filter(|(attribute, (namespace, ..))| {
                namespace.is_language()
                    || (*namespace == Namespace::Xmlns
                        && Namespace::of(attribute.value).is_language())
            })
            .map(|(attribute, _)| attribute.name)
            .collect();
        let mut shown: Vec<Shown> = Vec::new();
        let mut last = std::collections::HashMap::new();
        let mut written = Vec::new();
        for attribute in &element.tag.attributes {
            if !dropped.contains(attribute.name) {
                let name = attribute.name.to_lowercase();
                last.insert(name.clone(), shown.len());
                written.push(Some(attribute));
                let value = attribute.value.to_owned();
                shown.push(Shown { name, value });
            }
        }
        for (name, clause) in &parsed.attributes {
            let boolean = name.as_deref().is_some_and(is_boolean);
            let text = if boolean {
                Cow::Borrowed(&*clause.text)
            } else {
                statements::decode(&clause.text, clause.at)?
            };
            let at = clause.at;
            let summary = self.expression(&Clause { text, at }, Role::Value)?;
            let Some(name) = name.as_ref().map(|n| n.to_lowercase()) else {
                continue;
            };
            let expression = clause.text.trim();
            let value = match expression.strip_prefix("string:") {
                Some(text) => text.to_owned(),
                None => summary
                    .constant
                    .unwrap_or_else(|| format!("${{{expression}}}")),
            };
            match last.get(&name) {
                Some(&i) => {
                    written[i] = None;
                    shown[i].value = value;
                }
                None => shown.push(Shown { name, value }),
            }
        }
        for attribute in written.into_iter().flatten() {
            self.interpolated(attribute.value, attribute.at, true)?;
        }
        Ok(shown)
    }
}

/// Attributes of HTML whose presence is their value.
fn is_boolean(name: &str) -> bool {
    matches!(
        name,
        "compact"
            | "nowrap"
            | "ismap"
            | "declare"
            | "noshade"
            | "checked"
            | "disabled"
            | "readonly"
            | "multiple"
            | "selected"
            | "noresize"
            | "defer"
    )
}
