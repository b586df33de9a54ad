//! Where views, functions and classes are defined, and what they are called.

use model::ViewRef;

use crate::flask::world::object_of;
use crate::python::eval::{Kind, Value};
use crate::python::facts::{ClassId, Facts, FunctionId, Span, StmtKind};
use crate::python::project::{Module, ModuleId};
use crate::python::qualnames::qualnames;

use super::collector::Collector;

impl<'p> Collector<'_, 'p> {
    /// Where a view is defined.
    pub(super) fn view(&mut self, value: &Value<'p>) -> Option<ViewRef> {
        let id = object_of(value)?;
        if let Some(class) = self.it.object(id).attributes.get("view_class") {
            return self.class_ref(class);
        }
        let bottom = self.it.unwrapped(value);
        if let Some(id) = object_of(&bottom) {
            if let Some(class) = self.it.object(id).attributes.get("view_class") {
                return self.class_ref(class);
            }
            if matches!(self.it.object(id).kind, Kind::Class { .. }) {
                return self.class_ref(&bottom);
            }
        }
        let (id, f) = self.written(value)?;
        let module = self.it.module(id);
        let names = self.qualnames.entry(id);
        let names = names.or_insert_with(|| qualnames(module));
        Some(ViewRef {
            module: module.name.clone(),
            function: Some(format!("{}:{}", module.name, names[f.0 as usize])),
            qualname: qualname(module, f),
            file: module.path.clone(),
            line: module.line(module.facts.function(f).span.start),
        })
    }

    /// The function of the tree that a value is in the end.
    pub(super) fn written(&self, value: &Value<'p>) -> Option<(ModuleId, FunctionId)> {
        let bottom = self.it.unwrapped(value);
        let closure = self
            .it
            .closure(&bottom)
            .or_else(|| self.it.closure(value))?;
        Some((closure.module, closure.function))
    }

    pub(super) fn class_ref(&self, value: &Value<'p>) -> Option<ViewRef> {
        let Kind::Class { written, .. } = &self.it.object(object_of(value)?).kind else {
            return None;
        };
        let (module, class) = (*written)?;
        let module = self.it.module(module);
        Some(ViewRef {
            module: module.name.clone(),
            qualname: class_qualname(module, class),
            file: module.path.clone(),
            line: module.line(module.facts.class(class).span.start),
            function: None,
        })
    }
}

/// The innermost function around a span.
pub(super) fn enclosing_function(facts: &Facts, span: Span) -> Option<FunctionId> {
    facts
        .functions
        .iter()
        .enumerate()
        .filter(|(_, f)| f.span.contains(span) && f.span != span)
        .min_by_key(|(_, f)| f.span.end - f.span.start)
        .map(|(i, _)| FunctionId(i as u32))
}

/// `outer.<locals>.inner`, `Class.method`.
pub(super) fn qualname(module: &Module, id: FunctionId) -> String {
    let function = module.facts.function(id);
    let name = function.name.of(&module.text);
    let name = if name == "lambda" { "<lambda>" } else { name };
    match (function.class, function.parent_function) {
        (Some(class), _) => format!("{}.{name}", class_qualname(module, class)),
        (None, Some(parent)) => format!("{}.<locals>.{name}", qualname(module, parent)),
        (None, None) => name.to_owned(),
    }
}

/// The qualified name of a class.
fn class_qualname(module: &Module, id: ClassId) -> String {
    let class = module.facts.class(id);
    let name = class.name.of(&module.text);
    match (class.class, class.parent_function) {
        (Some(outer), _) => format!("{}.{name}", class_qualname(module, outer)),
        (None, Some(parent)) => format!("{}.<locals>.{name}", qualname(module, parent)),
        (None, None) => name.to_owned(),
    }
}

/// The variable that an expression is assigned to.
pub(super) fn assigned_name(module: &Module, span: Span) -> Option<String> {
    let facts = &module.facts;
    facts.stmts.iter().find_map(|stmt| match &stmt.kind {
        StmtKind::Assign { targets, value } if facts.expr(*value).span == span => {
            let target = *facts.exprs_of(*targets).first()?;
            Some(facts.expr(target).span.of(&module.text).to_owned())
        }
        StmtKind::AnnAssign {
            target,
            value: Some(value),
            ..
        } if facts.expr(*value).span == span => {
            Some(facts.expr(*target).span.of(&module.text).to_owned())
        }
        _ => None,
    })
}
