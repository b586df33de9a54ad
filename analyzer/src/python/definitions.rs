//! What one module defines, for targets that write its data and helpers in another language.

use model::body::{ClassBody, Defined, DefinedParameter, Definitions, Imported, StatementKind};
use model::{Function, Touch};

use super::body::{Reader, documentation, span};
use super::facts::{ClassId, Facts, FunctionId, ParamKind, StmtKind};
use super::module_index::Importable;

/// The module that `text` is.
struct File<'a> {
    name: &'a str,
    path: &'a str,
}

impl Importable for File<'_> {
    fn name(&self) -> &str {
        self.name
    }
    fn is_package(&self) -> bool {
        self.path.rsplit('/').next() == Some("__init__.py")
    }
    fn path(&self) -> &str {
        self.path
    }
}

pub(super) fn read(
    text: &str,
    facts: &Facts,
    file: &str,
    name: &str,
    known: &[&Function],
) -> Definitions {
    let mut out = Definitions {
        module: name.to_owned(),
        file: file.to_owned(),
        imports: Vec::new(),
        functions: Vec::new(),
        classes: Vec::new(),
        statements: Vec::new(),
    };
    let place = File { name, path: file };
    for &id in facts.stmts_of(facts.body) {
        match facts.stmt(id).kind {
            StmtKind::Import(names) => {
                for import in facts.imports_of(names) {
                    let dotted = import.name.of(text);
                    let first = dotted.split('.').next().unwrap_or(dotted);
                    // `import a.b` binds `a`.
                    let (bound, module) = match import.alias {
                        Some(alias) => (alias.of(text), dotted),
                        None => (first, first),
                    };
                    out.imports.push(Imported {
                        bound: bound.to_owned(),
                        module: module.to_owned(),
                        name: None,
                    });
                }
            }
            StmtKind::ImportFrom {
                module,
                level,
                names,
                ..
            } => {
                let module = place.absolute(level, module.of(text));
                for import in facts.imports_of(names) {
                    out.imports.push(Imported {
                        bound: import.alias.unwrap_or(import.name).of(text).to_owned(),
                        module: module.clone(),
                        name: Some(import.name.of(text).to_owned()),
                    });
                }
            }
            StmtKind::FunctionDef(function) => {
                out.functions
                    .push(defined(facts, text, name, function, known));
            }
            StmtKind::ClassDef(class) => out.classes.push(class_of(facts, text, class)),
            _ => out.statements.push(reader(facts, text, &[]).statement(id)),
        }
    }
    if documentation(&out.statements).is_some() {
        out.statements.remove(0);
    }
    out
}

const fn reader<'a>(facts: &'a Facts, text: &'a str, touches: &'a [Touch]) -> Reader<'a> {
    Reader {
        facts,
        text,
        touches,
    }
}

fn defined(
    facts: &Facts,
    text: &str,
    module: &str,
    id: FunctionId,
    known: &[&Function],
) -> Defined {
    let function = facts.function(id);
    let at = span(function.span);
    let touches = known
        .iter()
        .find(|f| f.span == at)
        .map_or(&[][..], |f| &f.touches);
    let reader = reader(facts, text, touches);
    let name = function.name.of(text);
    let mut keyword_only = false;
    let mut parameters = Vec::new();
    for parameter in facts.params_of(function.params) {
        let special = match parameter.kind {
            ParamKind::PositionalOnlyMark => continue,
            ParamKind::KeywordOnlyMark => {
                keyword_only = true;
                continue;
            }
            ParamKind::Star | ParamKind::DoubleStar => true,
            ParamKind::Plain => keyword_only,
        };
        parameters.push(DefinedParameter {
            name: parameter.name.of(text).to_owned(),
            annotation: parameter
                .annotation
                .map(|a| facts.expr(a).span.of(text).to_owned()),
            default: parameter.default.map(|d| reader.expression(d)),
            special,
        });
    }
    Defined {
        name: name.to_owned(),
        span: at,
        parameters,
        decorated: !facts.exprs_of(function.decorators).is_empty(),
        suspends: function.is_generator || function.is_async,
        body: reader.body(format!("{module}:{name}"), function.body),
    }
}

fn class_of(facts: &Facts, text: &str, id: ClassId) -> ClassBody {
    let class = facts.class(id);
    let reader = reader(facts, text, &[]);
    let statements = reader.block(class.body);
    let documentation = documentation(&statements);
    let mut fields = Vec::new();
    let mut is_plain = true;
    for (i, &stmt) in facts.stmts_of(class.body).iter().enumerate() {
        match facts.stmt(stmt).kind {
            StmtKind::AnnAssign {
                target,
                annotation,
                value,
            } => fields.push(DefinedParameter {
                name: facts.expr(target).span.of(text).to_owned(),
                annotation: Some(facts.expr(annotation).span.of(text).to_owned()),
                default: value.map(|v| reader.expression(v)),
                special: false,
            }),
            _ if i == 0 && documentation.is_some() => {}
            _ => is_plain &= statements[i].kind == StatementKind::Pass,
        }
    }
    let bases = facts.args_of(class.bases);
    ClassBody {
        name: class.name.of(text).to_owned(),
        span: span(class.span),
        decorators: reader.all(class.decorators),
        bases: bases.iter().map(|b| reader.expression(b.value)).collect(),
        fields,
        is_plain,
        documentation,
    }
}
