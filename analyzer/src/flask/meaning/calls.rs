//! Calls: what the tree's own functions return, and the names of those outside.

use crate::python::facts::{ArgKind, ExprId, ExprKind, FunctionId, Run, StmtKind};
use crate::python::names::Binding;
use crate::python::project::ModuleId;

use super::kinds::instance_kind;
use super::reader::Reader;
use super::{Kind, Mapping, Meaning};

impl Reader<'_, '_> {
    pub(super) fn call(&mut self, m: ModuleId, callee: ExprId, args: Run) -> Meaning {
        let module = self.scopes.module(m);
        let called = match module.facts.expr(callee).kind {
            ExprKind::Attribute { value, name } => {
                let name = name.of(&module.text);
                match (self.meaning(m, value), name) {
                    (Meaning::Value(kind), "_get_current_object") => return Meaning::Value(kind),
                    (Meaning::Value(Kind::Mapping(Mapping::Files)), "get" | "pop") => {
                        return Meaning::Value(Kind::Upload);
                    }
                    (Meaning::Value(Kind::Mapping(Mapping::Files)), "getlist" | "values") => {
                        return Meaning::Value(Kind::Uploads);
                    }
                    // Once: a chain of calls would be followed twice at each of its links.
                    (base, _) => self.attribute(&base, name),
                }
            }
            _ => self.meaning(m, callee),
        };
        match called {
            Meaning::Framework(name) => {
                instance_kind(&name).map_or(Meaning::Unknown, Meaning::Value)
            }
            Meaning::Function(at, f) => match self.returned(at, f) {
                // `app = configure(Flask(__name__))`
                Meaning::Parameter(pm, pf, n) if (pm, pf) == (at, f) => {
                    match module.facts.args_of(args).get(n as usize) {
                        Some(arg) if arg.kind == ArgKind::Positional => self.meaning(m, arg.value),
                        _ => Meaning::Unknown,
                    }
                }
                found => found,
            },
            Meaning::Class(at, c) => self
                .instance_kind(at, c)
                .map_or(Meaning::Instance(at, c), Meaning::Value),
            _ => Meaning::Unknown,
        }
    }

    /// What a function of the tree returns.
    pub fn returned(&mut self, m: ModuleId, f: FunctionId) -> Meaning {
        if let Some(known) = self.returns.get(&(m, f)) {
            return self.known(known.clone());
        }
        self.returns.insert((m, f), None);
        let scopes = self.scopes;
        let facts = &scopes.module(m).facts;
        let mut found = Meaning::Unknown;
        if !facts.function(f).is_generator {
            for stmt in scopes.of(m).tree.returns(f) {
                let StmtKind::Return(Some(value)) = facts.stmt(stmt).kind else {
                    continue;
                };
                let next = self.meaning(m, value);
                if matches!(next, Meaning::Value(_)) {
                    found = next;
                    break;
                }
                if matches!(
                    next,
                    Meaning::Instance(..) | Meaning::Function(..) | Meaning::Parameter(..)
                ) {
                    found = next;
                }
            }
        }
        self.returns.insert((m, f), Some(found.clone()));
        found
    }

    /// The dotted name of an outside function or type, as far as it resolves.
    pub fn dotted(&mut self, m: ModuleId, e: ExprId) -> Option<String> {
        let module = self.scopes.module(m);
        match module.facts.expr(e).kind {
            ExprKind::Name => match self.scopes.name(m, e) {
                Binding::External(dotted) => Some(dotted.to_string()),
                Binding::Unbound => Some(module.facts.expr(e).span.of(&module.text).to_owned()),
                // `limiter = Limiter(app)`: its methods are that type's.
                Binding::Value(at, values) | Binding::Reassigned(at, _, _, values) => {
                    match (&*values, self.depth) {
                        (&[value], 0..=4) => match self.scopes.module(at).facts.expr(value).kind {
                            ExprKind::Call { callee, .. } => {
                                self.depth += 1;
                                let found = self.dotted(at, callee);
                                self.depth -= 1;
                                found.filter(|name| name.contains('.'))
                            }
                            _ => None,
                        },
                        _ => None,
                    }
                }
                _ => None,
            },
            ExprKind::Attribute { value, name } => {
                if let Meaning::Module(at) = self.meaning(m, value) {
                    return match self.scopes.member(at, name.of(&module.text)) {
                        Binding::External(dotted) => Some(dotted.to_string()),
                        _ => None,
                    };
                }
                let base = self.dotted(m, value)?;
                Some(format!("{base}.{}", name.of(&module.text)))
            }
            ExprKind::Call { callee, .. } => self.dotted(m, callee),
            _ => None,
        }
    }
}
