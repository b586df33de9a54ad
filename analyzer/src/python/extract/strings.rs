//! Strings, f-strings and what is interpolated into them.

use ruff_python_ast::{
    AnyStringFlags, ConversionFlag, ExprFString, ExprTString, FStringPart,
    InterpolatedStringElement, InterpolatedStringElements,
};

use super::{Walk, span_of};
use crate::python::facts::ExprKind;

impl Walk<'_> {
    pub(super) fn f_string(&mut self, node: &ExprFString) -> ExprKind {
        let base = self.scratch.len();
        for part in &node.value {
            match part {
                FStringPart::Literal(literal) => {
                    let e = self.push_expr(ExprKind::Str, span_of(literal));
                    self.scratch.push(e.0);
                }
                FStringPart::FString(string) => {
                    self.elements(&string.elements, string.flags.into());
                }
            }
        }
        ExprKind::FString(self.expr_run(base))
    }

    pub(super) fn t_string(&mut self, node: &ExprTString) -> ExprKind {
        let base = self.scratch.len();
        for string in &node.value {
            self.elements(&string.elements, string.flags.into());
        }
        ExprKind::FString(self.expr_run(base))
    }

    fn elements(&mut self, elements: &InterpolatedStringElements, flags: AnyStringFlags) {
        let raw = flags.is_raw_string();
        for element in elements {
            let e = match element {
                InterpolatedStringElement::Literal(literal) => {
                    self.push_expr(ExprKind::StrPart { raw }, span_of(literal))
                }
                InterpolatedStringElement::Interpolation(hole) => {
                    let value = self.expression(&hole.expression);
                    let base = self.scratch.len();
                    if let Some(spec) = &hole.format_spec {
                        self.elements(&spec.elements, flags);
                    }
                    let spec = self.expr_run(base);
                    let plain = hole.debug_text.is_none()
                        && hole.conversion == ConversionFlag::None
                        && hole.format_spec.is_none();
                    self.push_expr(
                        ExprKind::Interpolation { value, plain, spec },
                        span_of(hole),
                    )
                }
            };
            self.scratch.push(e.0);
        }
    }
}
