//! Statements.

use model::Span;
use model::body::{Expression, ExpressionKind, Statement, StatementKind};
use model::touch::Op;
use proc_macro2::TokenStream;
use quote::quote;

use super::super::names::ident;
use super::super::python::dedented;
use super::super::values::not;
use super::super::words;
use super::{Purpose, Result, Translator, comments, refuse};

/// A block of Rust, and whether control leaves it at its end.
pub(super) struct Block {
    pub code: TokenStream,
    pub leaves: bool,
}

impl Translator<'_> {
    pub(super) fn whole(&mut self) -> Result<TokenStream> {
        let list = self.unit.statements;
        let start = list
            .first()
            .map_or(self.unit.function.span.end, |s| s.span.start);
        let start = self.line_start(start);
        let block = self.block(list, start, true)?;
        let mut code = block.code;
        if !block.leaves {
            let end = self.fallen_off()?;
            code.extend(end);
        }
        Ok(code)
    }

    /// Comments stand on lines of their own before a statement: from the end of what is before it.
    fn line_start(&self, at: u32) -> u32 {
        let before = &self.unit.text[self.unit.function.span.start as usize..at as usize];
        let mut start = at;
        for line in before.rsplit('\n').skip(1) {
            let trimmed = line.trim_start();
            if !trimmed.starts_with('#') && !trimmed.is_empty() {
                break;
            }
            start -= line.len() as u32 + 1;
        }
        start.max(self.unit.function.span.start)
    }

    /// What a function that ends without `return` gives.
    fn fallen_off(&mut self) -> Result<TokenStream> {
        Ok(match self.unit.purpose {
            Purpose::Before if self.unit.view.is_none() => quote!(Ok(None)),
            // A guard answers in the view's place; flask.app.Flask.make_response: a view that returns None is a TypeError.
            Purpose::Before | Purpose::View | Purpose::Error | Purpose::After => {
                quote!(Err(abort(500)))
            }
            Purpose::Helper => return self.helper_result(None),
            Purpose::Context | Purpose::Filter => {
                return refuse(self.unit.function.span, "it may return nothing");
            }
        })
    }

    fn block(&mut self, list: &[Statement], from: u32, tail: bool) -> Result<Block> {
        let mut code = TokenStream::new();
        let mut from = from;
        let mut opened = 0;
        let mut leaves = false;
        for (i, statement) in list.iter().enumerate() {
            let gap =
                &self.unit.text[from as usize..(statement.span.start as usize).max(from as usize)];
            for comment in comments::between(gap) {
                code.extend(self.draft.comment(comment));
            }
            // Behind a block stands what is behind its last statement.
            let is_block = matches!(
                statement.kind,
                StatementKind::If { .. } | StatementKind::For { .. } | StatementKind::While { .. }
            );
            let (behind, end) = comments::behind(self.unit.text, statement.span.end);
            if let Some(comment) = behind.filter(|_| !is_block) {
                code.extend(self.draft.comment(comment));
            }
            from = end;
            if self.form_is_due(statement) {
                code.extend(self.declare_form());
            }
            let last = i + 1 == list.len();
            if let StatementKind::If { test, body, orelse } = &statement.kind
                && orelse.is_empty()
                && !last
                && let Some(found) = self.let_else(test, body, &list[i + 1..])?
            {
                code.extend(found);
                opened += 1;
                continue;
            }
            let made = match self.statement(statement, tail && last) {
                Err(refusal) if self.may_leave_gaps() => self.gap(&list[i..], refusal, tail),
                made => made?,
            };
            code.extend(made.code);
            if made.leaves {
                leaves = true;
                break;
            }
        }
        for _ in 0..opened {
            self.locals.leave();
        }
        Ok(Block { code, leaves })
    }

    /// A hook runs around every request: where it answers 501 only in one branch, the others live. A handler is
    /// translated whole or not at all.
    fn may_leave_gaps(&self) -> bool {
        self.depth > 0 && matches!(self.unit.purpose, Purpose::Before | Purpose::After)
    }

    /// The rest of a branch, as an answer that says what is missing.
    fn gap(&mut self, rest: &[Statement], refusal: super::Refusal, tail: bool) -> Block {
        let text = self.unit.text;
        let (start, end) = (
            rest[0].span.start as usize,
            rest[rest.len() - 1].span.end as usize,
        );
        let line = text[..start].rfind('\n').map_or(0, |i| i + 1);
        let python = dedented(&text[line..end]);
        let reason = &refusal.reason;
        let mut code = self.draft.comment(format!(
            "TODO(migrate): {reason}. The Python was:\n\n{python}"
        ));
        let name = self.function_name();
        let left = self.leave_with(&quote!(Err(not_ported(#name, #reason))), tail);
        code.extend(left.code);
        self.gaps.push(refusal);
        Block { code, leaves: true }
    }

    pub(super) fn inner(&mut self, list: &[Statement], from: u32, tail: bool) -> Result<Block> {
        self.locals.enter();
        self.depth += 1;
        let form_declared = self.form_declared;
        let block = self.block(list, from, tail);
        self.form_declared = form_declared;
        self.locals.leave();
        self.depth -= 1;
        let mut block = block?;
        if tail && !block.leaves {
            // At the function's end: what ends here ends the function.
            block.code.extend(self.fallen_off()?);
            block.leaves = true;
        }
        Ok(block)
    }

    fn statement(&mut self, statement: &Statement, tail: bool) -> Result<Block> {
        let stays = |code| {
            Ok(Block {
                code,
                leaves: false,
            })
        };
        match &statement.kind {
            StatementKind::Pass => stays(TokenStream::new()),
            StatementKind::Expression(e) => self.effect(e, tail),
            StatementKind::Assign { targets, value } => match targets.as_slice() {
                [target] => stays(self.assign(target, value)?),
                _ => refuse(statement.span, "assigns to several names at once"),
            },
            StatementKind::Augment {
                target,
                operator,
                value,
            } => stays(self.augment(statement.span, target, *operator, value)?),
            StatementKind::Return(value) => {
                let result = self.returned(value.as_ref(), statement.span)?;
                Ok(self.leave_with(&result, tail))
            }
            StatementKind::If { test, body, orelse } => self.branch(test, body, orelse, tail),
            StatementKind::Raise(value) => {
                let result = self.raised(value.as_ref(), statement.span)?;
                Ok(self.leave_with(&result, tail))
            }
            StatementKind::Assert(test) => {
                if let Err(why) = self.unit.surroundings.failures() {
                    return refuse(statement.span, why);
                }
                self.orders_floats = false;
                let condition = self.condition(test)?;
                if self.orders_floats {
                    return refuse(statement.span, "an assertion about floats");
                }
                let test = not(&condition).code;
                stays(quote!(if #test { return Err(abort(500)); }))
            }
            StatementKind::For { .. } | StatementKind::While { .. } => {
                refuse(statement.span, "this loop has no Rust form")
            }
            StatementKind::Opaque => {
                let shown = self.shown(statement.span);
                refuse(statement.span, format!("{shown} has no Rust form"))
            }
        }
    }

    fn leave_with(&self, result: &TokenStream, tail: bool) -> Block {
        let code = if tail {
            quote!(#result)
        } else {
            quote!(return #result;)
        };
        Block { code, leaves: true }
    }

    /// An expression for its effect.
    fn effect(&mut self, e: &Expression, tail: bool) -> Result<Block> {
        match &e.kind {
            ExpressionKind::Constant(_) => Ok(Block {
                code: TokenStream::new(),
                leaves: false,
            }),
            ExpressionKind::Touch { touch, arguments } => {
                if matches!(self.touch(*touch).op, Op::Abort { .. }) {
                    let abort = self.abort(e, *touch, arguments)?;
                    return Ok(self.leave_with(&quote!(Err(#abort)), tail));
                }
                let code = self.touch_effect(e, *touch, arguments)?;
                Ok(Block {
                    code,
                    leaves: false,
                })
            }
            _ => {
                let shown = self.shown(e.span);
                refuse(e.span, format!("calls {shown}, which has no Rust form"))
            }
        }
    }

    fn branch(
        &mut self,
        test: &Expression,
        body: &[Statement],
        orelse: &[Statement],
        tail: bool,
    ) -> Result<Block> {
        let narrowed = self.narrowing(test, body);
        let test_code = match &narrowed {
            Some((code, ..)) => code.clone(),
            None => self.condition(test)?.code,
        };
        match test_code.to_string().as_str() {
            "false" => {
                return self.inner(
                    orelse,
                    body.last().map_or(test.span.end, |s| s.span.end),
                    tail && !orelse.is_empty(),
                );
            }
            "true" | "! false" => {
                return self.inner(body, test.span.end, tail && !orelse.is_empty());
            }
            _ => {}
        }
        // The last `if` without `else` may fall through to what a function gives that ends so.
        let tail = tail && !orelse.is_empty();
        self.locals.enter();
        if let Some((_, name, local)) = narrowed {
            self.locals.bind(&name, local);
        }
        let then = self.inner(body, test.span.end, tail);
        self.locals.leave();
        let then = then?;
        let code = then.code;
        if orelse.is_empty() {
            return Ok(Block {
                code: quote!(if #test_code { #code }),
                leaves: false,
            });
        }
        let from = body.last().map_or(test.span.end, |s| s.span.end);
        let other = match orelse {
            [
                Statement {
                    kind: StatementKind::If { test, body, orelse },
                    ..
                },
            ] if !self.has_comments(from, test.span.start) => {
                let made = self.branch(test, body, orelse, tail)?;
                let inner = made.code;
                if tail && !made.leaves {
                    let end = self.fallen_off()?;
                    Block {
                        code: quote!({ #inner #end }),
                        leaves: true,
                    }
                } else if syn::parse2::<syn::ExprIf>(inner.clone()).is_ok() {
                    Block {
                        code: inner,
                        leaves: made.leaves,
                    }
                } else {
                    // Its test is constant, so one of its blocks is all that is left.
                    Block {
                        code: quote!({ #inner }),
                        leaves: made.leaves,
                    }
                }
            }
            _ => {
                let block = self.inner(orelse, from, tail)?;
                let code = block.code;
                Block {
                    code: quote!({ #code }),
                    leaves: block.leaves,
                }
            }
        };
        let leaves = then.leaves && other.leaves;
        let other = other.code;
        let code = if other.to_string() == "{ }" {
            quote!(if #test_code { #code })
        } else {
            quote!(if #test_code { #code } else #other)
        };
        Ok(Block { code, leaves })
    }

    fn has_comments(&self, from: u32, to: u32) -> bool {
        from < to && self.unit.text[from as usize..to as usize].contains('#')
    }

    fn raised(&mut self, value: Option<&Expression>, span: Span) -> Result<TokenStream> {
        let class = value.map(|e| match &e.kind {
            ExpressionKind::Call { callee, .. } => &callee.kind,
            other => other,
        });
        match class {
            Some(ExpressionKind::Name(name))
                if BUILT_IN.contains(&name.as_str())
                    && !self.is_local(name)
                    && self.unit.surroundings.resolve(name).is_none() =>
            {
                if let Err(why) = self.unit.surroundings.failures() {
                    return refuse(span, why);
                }
                let arguments = match value.map(|e| &e.kind) {
                    Some(ExpressionKind::Call { arguments, .. }) => arguments.as_slice(),
                    _ => &[],
                };
                for argument in arguments {
                    let code = self.value(&argument.value)?.code;
                    if words::fails(&code, self.draft) || words::calls(&code) {
                        return refuse(span, "raises with what does something itself");
                    }
                }
                Ok(quote!(Err(abort(500))))
            }
            _ => self.raised_own(value, span),
        }
    }

    /// Whether the form's struct has to be in scope before a statement: it reads the form itself, and
    /// not only in an inner block.
    fn form_is_due(&self, statement: &Statement) -> bool {
        if self.form_declared || self.unit.form.is_empty() {
            return false;
        }
        match &statement.kind {
            StatementKind::If { test, body, orelse } => {
                let inner = body.iter().any(|s| self.reads_form(s.span));
                let other = orelse.iter().any(|s| self.reads_form(s.span));
                self.reads_form(test.span) || inner && other
            }
            _ => self.reads_form(statement.span),
        }
    }

    fn reads_form(&self, span: Span) -> bool {
        let text = |span: Span| span.of(self.unit.text).to_owned();
        self.unit.function.touches.iter().any(|t| {
            span.contains(t.span)
                && super::super::inputs::reading(t, &text)
                    .is_some_and(|(place, ..)| place == super::super::inputs::Place::Form)
        })
    }

    fn declare_form(&mut self) -> TokenStream {
        self.form_declared = true;
        let name = ident(&super::super::inputs::struct_name(
            &self.function_name(),
            "Form",
        ));
        quote!(let form = #name::from(ctx.form()?);)
    }

    pub(super) fn function_name(&self) -> String {
        let qualname = &self.unit.function.qualname;
        qualname.rsplit('.').next().unwrap_or(qualname).to_owned()
    }
}

/// Built-in exceptions (docs.python.org, "Exception hierarchy") that views raise.
const BUILT_IN: &[&str] = &[
    "ArithmeticError",
    "AssertionError",
    "AttributeError",
    "Exception",
    "IndexError",
    "KeyError",
    "LookupError",
    "NotImplementedError",
    "OSError",
    "RuntimeError",
    "TypeError",
    "ValueError",
    "ZeroDivisionError",
];
