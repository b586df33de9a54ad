//! Functions that touch the framework or call one that does: roles, calls, effects, returns.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use model::{Decoration, Effect, Finding, Function, Op, Parameter, ReturnSite, Role, Span, Touch};
use rayon::prelude::*;

use crate::python::facts::{self, ExprId, ExprKind, Facts, FunctionId, ParamKind, StmtKind};
use crate::python::project::ModuleId;
use crate::python::qualnames::qualnames;
use crate::python::scopes::{Scopes, is_named};

use super::decorators;
use super::effects;
use super::meaning::{Kind, Meaning, Reader};
use super::shapes::{self, Ids};
use super::sight;
use super::touches::{self, Edge, FileTouches, How, Site, span};

/// A function, or a module's own statements.
type Node = (ModuleId, Option<FunctionId>);

/// Every function of the project that touches the framework or calls one that does, by file and
/// position, and what is remarkable about their touches. Those that are `registered` are among them.
#[must_use]
pub fn functions(
    scopes: &Scopes<'_>,
    registered: &[(ModuleId, FunctionId, Role)],
) -> (Vec<Function>, Vec<Finding>) {
    let project = scopes.project();
    let mut visible = sight::modules(scopes);
    let kinds = touches::infer(scopes, &mut visible);
    let visible: Vec<ModuleId> = visible.into_iter().collect();
    let mut files: Vec<(ModuleId, FileTouches)> = visible
        .par_iter()
        .map(|&m| {
            let mut reader = Reader::new(scopes, &kinds);
            let mut file = touches::collect(&mut reader, m);
            answering_methods(&mut reader, m, &mut file);
            (m, file)
        })
        .collect();
    let mut findings: Vec<Finding> = Vec::new();
    for (_, file) in &mut files {
        findings.append(&mut file.findings);
    }
    findings.sort_by(|a, b| (&a.place, a.code.name()).cmp(&(&b.place, b.code.name())));
    findings.dedup();

    let graph = Graph::new(scopes, &files, registered);
    let mut by_module: BTreeMap<ModuleId, Vec<Option<FunctionId>>> = BTreeMap::new();
    for &(m, f) in &graph.included {
        by_module.entry(m).or_default().push(f);
    }
    let names: HashMap<ModuleId, Vec<String>> = by_module
        .par_iter()
        .map(|(&m, _)| (m, qualnames(project.module(m))))
        .collect();
    let mut ids = Ids::new();
    for &(m, f) in &graph.included {
        if let Some(f) = f {
            let id = format!("{}:{}", project.module(m).name, names[&m][f.0 as usize]);
            ids.insert((m, f), id);
        }
    }
    let mut touches: HashMap<Node, Vec<Touch>> = HashMap::new();
    for (m, file) in files {
        for (owner, touch) in file.touches {
            touches.entry((m, owner)).or_default().push(touch);
        }
    }
    let built: Vec<Vec<Function>> = by_module
        .par_iter()
        .map(|(&m, list)| {
            let reader = Reader::new(scopes, &kinds);
            let mut builder = Builder {
                reader,
                m,
                ids: &ids,
                names: &names[&m],
                graph: &graph,
                touches: &touches,
            };
            builder.module(list)
        })
        .collect();
    let mut out: Vec<Function> = built.into_iter().flatten().collect();
    out.sort_by(|a, b| (&a.file, a.span, &a.id).cmp(&(&b.file, b.span, &b.id)));
    (out, findings)
}

const VERBS: &[&str] = &[
    "get",
    "post",
    "put",
    "patch",
    "delete",
    "head",
    "options",
    "trace",
    "dispatch_request",
];

/// The methods of view classes answer routes, whatever they touch.
fn answering_methods(reader: &mut Reader<'_, '_>, m: ModuleId, file: &mut FileTouches) {
    let module = reader.scopes.module(m);
    for (i, function) in module.facts.functions.iter().enumerate() {
        let Some(class) = function.class else {
            continue;
        };
        if VERBS.contains(&function.name.of(&module.text)) && is_view_class(reader, m, class, 0) {
            file.roles.push((m, FunctionId(i as u32), Role::Method));
        }
    }
}

fn is_view_class(reader: &mut Reader<'_, '_>, m: ModuleId, c: facts::ClassId, depth: u32) -> bool {
    if depth > 8 {
        return false;
    }
    let facts = &reader.scopes.module(m).facts;
    facts
        .args_of(facts.class(c).bases)
        .iter()
        .any(|base| match reader.meaning(m, base.value) {
            Meaning::Framework(name) => name.starts_with("views."),
            Meaning::Class(bm, bc) => is_view_class(reader, bm, bc, depth + 1),
            Meaning::External(dotted) => {
                sight::is_family(&dotted)
                    && dotted
                        .rsplit('.')
                        .next()
                        .is_some_and(|n| n.ends_with("Resource") || n.ends_with("View"))
            }
            Meaning::Unknown => reader.dotted(m, base.value).is_some_and(|dotted| {
                sight::is_family(&dotted)
                    && (dotted.ends_with("Resource") || dotted.ends_with("View"))
            }),
            _ => false,
        })
}

/// The call graph of the functions that matter.
struct Graph {
    included: BTreeSet<Node>,
    calls: HashMap<Node, BTreeSet<(ModuleId, FunctionId)>>,
    effects: HashMap<Node, BTreeSet<Effect>>,
    roles: HashMap<(ModuleId, FunctionId), Role>,
    referenced: HashSet<(ModuleId, FunctionId)>,
}

impl Graph {
    fn new(
        scopes: &Scopes<'_>,
        files: &[(ModuleId, FileTouches)],
        registered: &[(ModuleId, FunctionId, Role)],
    ) -> Self {
        let mut roles: HashMap<(ModuleId, FunctionId), Role> = HashMap::new();
        let mut effects: HashMap<Node, BTreeSet<Effect>> = HashMap::new();
        let mut included: BTreeSet<Node> = BTreeSet::new();
        let mut referenced = HashSet::new();
        let mut callers: HashMap<Node, Vec<(Node, How)>> = HashMap::new();
        let mut decorations: HashMap<Node, Vec<(ModuleId, FunctionId)>> = HashMap::new();
        let mut inside: HashMap<(ModuleId, FunctionId), Vec<FunctionId>> = HashMap::new();
        for (m, file) in files {
            for (owner, touch) in &file.touches {
                included.insert((*m, *owner));
                effects
                    .entry((*m, *owner))
                    .or_default()
                    .extend(effects::of(&touch.op));
            }
            for &Edge { from, to, how } in &file.edges {
                let (from, target) = ((*m, from), (to.0, Some(to.1)));
                if from == target {
                    continue;
                }
                if how != How::Registration {
                    referenced.insert(to);
                    callers.entry(target).or_default().push((from, how));
                }
                if how == How::Decoration {
                    decorations.entry(from).or_default().push(to);
                }
            }
        }
        let seen = files.iter().flat_map(|(_, file)| &file.roles);
        for &(at, f, role) in seen.chain(registered) {
            included.insert((at, Some(f)));
            let known = roles.entry((at, f)).or_insert(role);
            if effects::rank(role) < effects::rank(*known) {
                *known = role;
            }
        }
        // Everything that calls what is included.
        let mut open: Vec<Node> = included.iter().copied().collect();
        while let Some(node) = open.pop() {
            for &(caller, how) in callers.get(&node).into_iter().flatten() {
                if (caller.1.is_some() || how == How::Call) && included.insert(caller) {
                    open.push(caller);
                }
            }
        }
        // Their decorators, with the wrappers inside, whether these touch anything or not.
        let mut open: Vec<Node> = included.iter().copied().collect();
        while let Some(node) = open.pop() {
            for &(m, f) in decorations.get(&node).into_iter().flatten() {
                if inside.is_empty() || !inside.contains_key(&(m, f)) {
                    inside.insert((m, f), nested(scopes, m, f));
                }
                for &inner in inside[&(m, f)].iter().chain([&f]) {
                    if included.insert((m, Some(inner))) {
                        open.push((m, Some(inner)));
                    }
                }
            }
        }
        // Effects run up to the callers; a module's statements have those of what they call only.
        let mut open: Vec<Node> = effects.keys().copied().collect();
        open.sort_unstable();
        while let Some(node) = open.pop() {
            let Some(own) = effects.get(&node).cloned() else {
                continue;
            };
            for &(caller, how) in callers.get(&node).into_iter().flatten() {
                if caller.1.is_none() && how != How::Call {
                    continue;
                }
                let known = effects.entry(caller).or_default();
                let before = known.len();
                known.extend(&own);
                if known.len() > before {
                    open.push(caller);
                }
            }
        }
        let mut calls: HashMap<Node, BTreeSet<(ModuleId, FunctionId)>> = HashMap::new();
        for (target, list) in &callers {
            let (m, Some(f)) = *target else { continue };
            if !included.contains(target) {
                continue;
            }
            for &(caller, _) in list {
                if included.contains(&caller) {
                    calls.entry(caller).or_default().insert((m, f));
                }
            }
        }
        Self {
            included,
            calls,
            effects,
            roles,
            referenced,
        }
    }
}

/// The functions (no lambdas) inside a function.
fn nested(scopes: &Scopes<'_>, m: ModuleId, f: FunctionId) -> Vec<FunctionId> {
    let facts = &scopes.module(m).facts;
    let outer = facts.function(f).span;
    let tree = &scopes.of(m).tree;
    // Functions stand in the order of their `def`.
    (f.0 + 1..facts.functions.len() as u32)
        .map(FunctionId)
        .take_while(|&g| facts.function(g).span.start < outer.end)
        .filter(|&g| outer.contains(facts.function(g).span) && tree.lambda(g).is_none())
        .collect()
}

struct Builder<'a, 's, 'p> {
    reader: Reader<'s, 'p>,
    m: ModuleId,
    ids: &'a Ids,
    names: &'a [String],
    graph: &'a Graph,
    touches: &'a HashMap<Node, Vec<Touch>>,
}

impl<'p> Builder<'_, '_, 'p> {
    fn module(&mut self, list: &[Option<FunctionId>]) -> Vec<Function> {
        let mut names = self.names_of(list);
        list.iter()
            .map(|&f| {
                let names = names.remove(&f).unwrap_or_default();
                match f {
                    Some(f) => self.function(f, names),
                    None => self.statements(names),
                }
            })
            .collect()
    }

    fn site(&self) -> Site<'_, 'p> {
        Site::new(self.reader.scopes, self.m)
    }

    /// The names that each function's text binds or reads, those of functions inside it included.
    fn names_of(
        &self,
        list: &[Option<FunctionId>],
    ) -> HashMap<Option<FunctionId>, BTreeSet<&'p str>> {
        let wanted: HashSet<Option<FunctionId>> = list.iter().copied().collect();
        let site = self.site();
        let mut out: HashMap<Option<FunctionId>, BTreeSet<&'p str>> = HashMap::new();
        for (i, expr) in site.facts.exprs.iter().enumerate() {
            if !matches!(expr.kind, ExprKind::Name) {
                continue;
            }
            let Some((_, scope)) = site.tree.place(ExprId(i as u32)) else {
                continue;
            };
            let mut at = site.tree.owner(site.facts, scope);
            loop {
                if wanted.contains(&at) {
                    out.entry(at).or_default().insert(site.text(expr.span));
                }
                let Some(f) = at else { break };
                at = site.facts.function(f).parent_function;
                // What is read inside a function is not the module's affair.
                if at.is_none() {
                    break;
                }
            }
        }
        for &f in list {
            let set = out.entry(f).or_default();
            match f {
                Some(f) => set.extend(self.reader.scopes.of(self.m).locals(f)),
                None => set.extend(self.reader.scopes.of(self.m).globals()),
            }
        }
        out
    }

    fn statements(&self, names: BTreeSet<&str>) -> Function {
        let module = self.reader.scopes.module(self.m);
        Function {
            id: format!("{}:<module>", module.name),
            role: Role::Module,
            module: module.name.clone(),
            qualname: "<module>".into(),
            file: module.path.clone(),
            line: 1,
            is_async: false,
            generator: false,
            span: Span::new(0, module.text.len() as u32),
            params_span: Span::new(0, 0),
            body_span: None,
            parameters: Vec::new(),
            decorators: Vec::new(),
            names: names.into_iter().map(str::to_owned).collect(),
            returns: Vec::new(),
            touches: self
                .touches
                .get(&(self.m, None))
                .cloned()
                .unwrap_or_default(),
            calls: self.calls(None),
            effects: self
                .graph
                .effects
                .get(&(self.m, None))
                .cloned()
                .unwrap_or_default(),
            referenced: false,
            verdicts: BTreeMap::new(),
        }
    }

    fn calls(&self, f: Option<FunctionId>) -> BTreeSet<String> {
        let calls = self.graph.calls.get(&(self.m, f));
        calls
            .into_iter()
            .flatten()
            .filter_map(|to| self.ids.get(to).cloned())
            .collect()
    }

    fn function(&mut self, f: FunctionId, names: BTreeSet<&str>) -> Function {
        let node = (self.m, Some(f));
        let touches = self.touches.get(&node).cloned().unwrap_or_default();
        let role = self.role(f, &touches);
        let decorators = self.decorators(f);
        let returns = self.returns(f);
        let site = self.site();
        let function = site.facts.function(f);
        let parameters = site
            .facts
            .params_of(function.params)
            .iter()
            .filter(|p| is_named(p))
            .map(|p| Parameter {
                name: site.text(p.name).to_owned(),
                stars: match p.kind {
                    ParamKind::Star => 1,
                    ParamKind::DoubleStar => 2,
                    _ => 0,
                },
                annotation: p.annotation.map(|a| span(site.facts.expr(a).span)),
                has_default: p.default.is_some(),
                span: span(p.span),
            })
            .collect();
        Function {
            id: self.ids[&(self.m, f)].clone(),
            role,
            module: site.module.name.clone(),
            qualname: self.names[f.0 as usize].clone(),
            file: site.module.path.clone(),
            line: site.module.line(function.span.start),
            is_async: function.is_async,
            generator: function.is_generator,
            span: span(function.span),
            params_span: span(function.params_span),
            body_span: body(site.facts, function),
            parameters,
            decorators,
            names: names.into_iter().map(str::to_owned).collect(),
            returns,
            touches,
            calls: self.calls(Some(f)),
            effects: self.graph.effects.get(&node).cloned().unwrap_or_default(),
            referenced: self.graph.referenced.contains(&(self.m, f)),
            verdicts: BTreeMap::new(),
        }
    }

    fn role(&mut self, f: FunctionId, touches: &[Touch]) -> Role {
        let mut found = self
            .graph
            .roles
            .get(&(self.m, f))
            .copied()
            .unwrap_or(Role::Helper);
        let mut offer = |role| {
            if effects::rank(role) < effects::rank(found) {
                found = role;
            }
        };
        if self.is_click_command(f) {
            offer(Role::Command);
        }
        if decorators::is_decorator(&mut self.reader, self.m, f) {
            offer(Role::Decorator);
        }
        if self.reader.returned(self.m, f) == Meaning::Value(Kind::App) {
            let makes = touches.iter().any(|t| matches!(t.op, Op::CreateApp));
            let calls = self
                .graph
                .calls
                .get(&(self.m, Some(f)))
                .cloned()
                .unwrap_or_default();
            if makes
                || calls
                    .iter()
                    .any(|&(m, g)| self.reader.returned(m, g) == Meaning::Value(Kind::App))
            {
                offer(Role::Factory);
            }
        }
        if self.site().facts.function(f).class.is_some() {
            offer(Role::Method);
        }
        found
    }

    /// `@click.command()`, `@group.command()`.
    fn is_click_command(&mut self, f: FunctionId) -> bool {
        let facts = &self.reader.scopes.module(self.m).facts;
        let text = &self.reader.scopes.module(self.m).text;
        for &d in facts.exprs_of(facts.function(f).decorators) {
            let callee = match facts.expr(d).kind {
                ExprKind::Call { callee, .. } => callee,
                _ => d,
            };
            let ExprKind::Attribute { value, name } = facts.expr(callee).kind else {
                if self
                    .reader
                    .dotted(self.m, callee)
                    .is_some_and(|n| n == "click.command" || n == "click.group")
                {
                    return true;
                }
                continue;
            };
            if !matches!(name.of(text), "command" | "group") {
                continue;
            }
            match self.reader.meaning(self.m, value) {
                Meaning::Function(..) | Meaning::Value(Kind::Commands) => return true,
                Meaning::External(dotted) if &*dotted == "click" => return true,
                _ => {}
            }
        }
        false
    }

    fn decorators(&mut self, f: FunctionId) -> Vec<Decoration> {
        let facts = &self.reader.scopes.module(self.m).facts;
        let list = facts.exprs_of(facts.function(f).decorators);
        let owner = list.first().and_then(|&d| {
            let site = self.site();
            site.tree
                .place(d)
                .and_then(|(_, scope)| site.tree.owner(site.facts, scope))
        });
        let around = self.touches.get(&(self.m, owner));
        list.iter()
            .map(|&d| {
                let at = span(facts.expr(d).span);
                let callee = match facts.expr(d).kind {
                    ExprKind::Call { callee, .. } => callee,
                    _ => d,
                };
                let function = match self.reader.meaning(self.m, callee) {
                    Meaning::Function(m, g) => self.ids.get(&(m, g)).cloned(),
                    Meaning::Class(m, c) => {
                        match self.reader.class_member(m, c, "__call__", false, 0) {
                            Some(Meaning::Function(m, g)) => self.ids.get(&(m, g)).cloned(),
                            _ => None,
                        }
                    }
                    _ => None,
                };
                let framework = around.is_some_and(|list| list.iter().any(|t| t.span == at));
                let forwards = if framework && function.is_none() {
                    model::function::Forwarding::Transparent
                } else {
                    decorators::forwarding(&mut self.reader, self.m, d)
                };
                Decoration {
                    span: at,
                    function,
                    framework,
                    name: self.reader.dotted(self.m, callee),
                    forwards,
                }
            })
            .collect()
    }

    fn returns(&mut self, f: FunctionId) -> Vec<ReturnSite> {
        let scopes = self.reader.scopes;
        let module = scopes.module(self.m);
        let mut list: Vec<_> = scopes.of(self.m).tree.returns(f).collect();
        list.sort_by_key(|&s| module.facts.stmt(s).span);
        list.into_iter()
            .map(|id| {
                let stmt = module.facts.stmt(id);
                let StmtKind::Return(value) = stmt.kind else {
                    unreachable!("only returns are listed")
                };
                let shape = match value {
                    Some(e) => shapes::shape(&mut self.reader, self.ids, self.m, Some(f), e),
                    None => model::Shape::Nothing,
                };
                ReturnSite {
                    span: span(stmt.span),
                    line: module.line(stmt.span.start),
                    value: value.map(|e| span(module.facts.expr(e).span)),
                    shape,
                }
            })
            .collect()
    }
}

/// The statements of a function after its docstring.
fn body(facts: &Facts, function: &facts::Function) -> Option<Span> {
    let is_text = |id: ExprId| matches!(facts.expr(id).kind, ExprKind::Str);
    let mut statements = facts
        .stmts_of(function.body)
        .iter()
        .map(|s| facts.stmt(*s))
        .peekable();
    statements.next_if(|s| matches!(s.kind, StmtKind::Expr(e) if is_text(e)));
    let start = statements.next()?.span.start;
    Some(Span::new(start, function.span.end))
}
