//! Where the app's configuration is set, and to what, as far as it is constant.

use std::collections::BTreeMap;

use model::body::{BodyArgument, Expression, ExpressionKind, Operator, Statement, StatementKind};
use model::touch::{Constant, Op, Passed};
use model::{Analysis, App, Function};

use crate::rust::library::{Library, Named};
use crate::rust::walk;
use crate::targets::{Source, is_test};

/// A key of the configuration.
pub(super) struct Configured {
    /// Its value; absent where only running tells.
    pub value: Option<Constant>,
    /// Where it is set.
    pub file: String,
    pub line: u32,
}

/// Every key that is set by name, those included that the analysis knows.
pub(super) fn read(
    analysis: &Analysis,
    app: &App,
    source: &Source<'_>,
    library: &Library<'_>,
) -> BTreeMap<String, Configured> {
    let mut out: BTreeMap<String, Configured> = BTreeMap::new();
    for function in analysis.functions.iter().filter(|f| !is_test(&f.file)) {
        let sets = |op: &Op| match op {
            Op::Config | Op::SecretKey => true,
            Op::AppAttribute { name } => name == "permanent_session_lifetime",
            _ => false,
        };
        if !function.touches.iter().any(|t| sets(&t.op)) {
            continue;
        }
        let Some(body) = source.reader.body(function) else {
            continue;
        };
        let reading = Reading {
            function,
            library,
            text: source.texts.get(&function.file).map_or("", String::as_str),
        };
        let mut found = Vec::new();
        reading.statements(&body.statements, false, &mut found);
        for (key, value, at) in found {
            let line = reading.text[..at as usize].matches('\n').count() as u32 + 1;
            let again = out.contains_key(&key);
            out.insert(
                key,
                Configured {
                    // Of two values only running tells which one is left.
                    value: value.filter(|_| !again),
                    file: function.file.clone(),
                    line,
                },
            );
        }
    }
    // What the analysis followed through the program is known better.
    for (key, value) in &app.config {
        let known = out.entry(key.clone()).or_insert_with(|| Configured {
            value: None,
            file: app.place.file.clone(),
            line: app.place.line,
        });
        known.value = Some(value.clone());
    }
    out
}

type Found = Vec<(String, Option<Constant>, u32)>;

struct Reading<'a> {
    function: &'a Function,
    library: &'a Library<'a>,
    text: &'a str,
}

impl Reading<'_> {
    fn statements(&self, list: &[Statement], conditional: bool, out: &mut Found) {
        for statement in list {
            match &statement.kind {
                StatementKind::Assign { targets, value } => {
                    for target in targets {
                        if let Some(key) = self.key(target) {
                            let value = self.constant(value).filter(|_| !conditional);
                            out.push((key, value, target.span.start));
                        }
                    }
                }
                StatementKind::If { body, orelse, .. }
                | StatementKind::For { body, orelse, .. }
                | StatementKind::While { body, orelse, .. } => {
                    self.statements(body, true, out);
                    self.statements(orelse, true, out);
                }
                StatementKind::Expression(e) => {
                    walk::expression(e, &mut |e| self.call(e, conditional, out));
                }
                _ => {}
            }
        }
    }

    /// `app.config["KEY"]`, `app.secret_key`, `app.permanent_session_lifetime`
    fn key(&self, target: &Expression) -> Option<String> {
        match &target.kind {
            ExpressionKind::Subscript { value, index } if self.is_config(value) => {
                match &index.kind {
                    ExpressionKind::Constant(Constant::Str(key)) => Some(key.clone()),
                    _ => None,
                }
            }
            ExpressionKind::Touch { touch, .. } => match &self.function.touches.get(*touch)?.op {
                Op::SecretKey => Some("SECRET_KEY".into()),
                Op::AppAttribute { name } if name == "permanent_session_lifetime" => {
                    Some("PERMANENT_SESSION_LIFETIME".into())
                }
                _ => None,
            },
            _ => None,
        }
    }

    fn is_config(&self, e: &Expression) -> bool {
        matches!(&e.kind, ExpressionKind::Touch { touch, .. }
            if self.function.touches.get(*touch).is_some_and(|t| t.op == Op::Config))
    }

    /// `app.config.update(KEY=value)`, `from_mapping({"KEY": value})`, `setdefault("KEY", value)`
    fn call(&self, e: &Expression, conditional: bool, out: &mut Found) {
        let ExpressionKind::Call { callee, arguments } = &e.kind else {
            return;
        };
        let ExpressionKind::Attribute { value, name } = &callee.kind else {
            return;
        };
        if !self.is_config(value) {
            return;
        }
        let constant = |e: &Expression| self.constant(e).filter(|_| !conditional);
        match (name.as_str(), arguments.as_slice()) {
            ("setdefault", [BodyArgument { value: key, .. }, value]) => {
                if let ExpressionKind::Constant(Constant::Str(key)) = &key.kind {
                    out.push((key.clone(), constant(&value.value), e.span.start));
                }
            }
            ("update" | "from_mapping", list) => {
                for argument in list {
                    match (&argument.passed, &argument.value.kind) {
                        (Passed::Keyword(key), _) => {
                            out.push((
                                key.clone(),
                                constant(&argument.value),
                                argument.value.span.start,
                            ));
                        }
                        (_, ExpressionKind::Dict(entries)) => {
                            for entry in entries {
                                if let Some(ExpressionKind::Constant(Constant::Str(key))) =
                                    entry.key.as_ref().map(|k| &k.kind)
                                {
                                    out.push((
                                        key.clone(),
                                        constant(&entry.value),
                                        entry.value.span.start,
                                    ));
                                }
                            }
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }

    fn constant(&self, e: &Expression) -> Option<Constant> {
        match &e.kind {
            ExpressionKind::Constant(constant) => Some(constant.clone()),
            ExpressionKind::Name(name) => {
                match self.library.resolve(&self.function.module, name)? {
                    Named::Constant(constant) => Some(constant),
                    _ => None,
                }
            }
            ExpressionKind::Binary {
                left,
                operator,
                right,
            } => {
                let (Constant::Int(a), Constant::Int(b)) =
                    (self.constant(left)?, self.constant(right)?)
                else {
                    return None;
                };
                match operator {
                    Operator::Add => a.checked_add(b),
                    Operator::Multiply => a.checked_mul(b),
                    _ => None,
                }
                .map(Constant::Int)
            }
            ExpressionKind::Call { callee, arguments } => {
                let (ExpressionKind::Name(name) | ExpressionKind::Attribute { name, .. }) =
                    &callee.kind
                else {
                    return None;
                };
                (name == "timedelta")
                    .then(|| self.seconds(arguments))
                    .flatten()
            }
            _ => None,
        }
    }

    /// `timedelta(days=1)` in seconds.
    fn seconds(&self, arguments: &[BodyArgument]) -> Option<Constant> {
        let mut total = 0_i64;
        for argument in arguments {
            let Constant::Int(number) = self.constant(&argument.value)? else {
                return None;
            };
            let unit = match &argument.passed {
                Passed::Position(0) => 86_400,
                Passed::Position(1) => 1,
                Passed::Keyword(name) => match name.as_str() {
                    "weeks" => 604_800,
                    "days" => 86_400,
                    "hours" => 3_600,
                    "minutes" => 60,
                    "seconds" => 1,
                    _ => return None,
                },
                _ => return None,
            };
            total = total.checked_add(number.checked_mul(unit)?)?;
        }
        Some(Constant::Int(total))
    }
}
