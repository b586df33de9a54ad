//! From what the evaluation saw to the model's apps, blueprints and routes.

use std::collections::{BTreeMap, HashMap, HashSet};

use model::{
    AppOption, Certainty, Code, Constant, Finding, Place, Registration, Route, Severity, ViewRef,
};

use super::owners::{Entry, Mount, Owner, OwnerId, OwnerKind, Rule};
use super::world::{Flask, Machine, object_of};
use super::{restful, setup};
use crate::python::eval::{Args, Interpreter, Kind, Piece, Site, Value, pieces};
use crate::python::facts::{ClassId, ExprKind, Facts, FunctionId, Span, StmtKind};
use crate::python::project::{Module, ModuleId, Project};

/// What a source tree registers.
#[derive(Debug, Default)]
pub struct Registrations {
    /// Apps.
    pub apps: Vec<model::App>,
    /// Blueprints.
    pub blueprints: Vec<model::Blueprint>,
    /// Routes in order of registration.
    pub routes: Vec<Route>,
    /// Findings of family M01.
    pub findings: Vec<Finding>,
}

/// Words that a function must hold to be worth running although nobody calls it.
const REGISTRATION: &[&str] = &[
    ".route(",
    "add_url_rule",
    "register_blueprint",
    "add_resource",
    "add_namespace",
    "Flask(",
    "Quart(",
    "add_view",
    "add_api",
    "Blueprint(",
];

/// Runs the tree's modules and collects what they register. Imports nest as deep as the app's modules
/// do: whoever calls this gives it a stack of [`crate::python::eval::STACK`] bytes.
#[must_use]
pub fn registrations(project: &Project) -> Registrations {
    let world = Flask {
        skipped: project.modules.iter().map(|m| is_test(&m.path)).collect(),
        ..Flask::default()
    };
    let mut it = Interpreter::new(project, world);
    for id in project.ids() {
        it.run_module(id);
    }
    run_deferred(&mut it);
    run_uncalled(&mut it);
    run_app_classes(&mut it);
    restful::finish(&mut it);
    Collector::new(&mut it).collect()
}

/// Files that pytest would collect: their apps are not the app.
fn is_test(path: &str) -> bool {
    let mut parts = path.split('/').rev();
    let file = parts.next().unwrap_or("");
    file == "conftest.py"
        || (file.starts_with("test_") || file.ends_with("_test.py"))
        || parts.any(|folder| matches!(folder, "tests" | "test"))
}

fn run_deferred(it: &mut Machine<'_>) {
    let mut rounds = 0;
    while !it.world.deferred.is_empty() && rounds < 1000 {
        rounds += 1;
        let (function, site) = it.world.deferred.remove(0);
        it.run_root(&function, site);
    }
}

/// Subclasses of the app class that nobody made an instance of.
fn run_app_classes(it: &mut Machine<'_>) {
    for (class, site) in it.world.app_classes.clone() {
        let used = it.world.owners.iter().any(|o| {
            let of = o.object.and_then(|id| it.class_of(&Value::Ref(id)));
            match of {
                Some(Value::Ref(c)) => it.mro(c).iter().any(|v| v.same(&Value::Ref(class))),
                _ => false,
            }
        });
        if !used {
            it.run_root(&Value::Ref(class), site);
            run_deferred(it);
        }
    }
}

/// Functions that nobody called and that may register something: factories first, since they call
/// the others with what they made.
fn run_uncalled(it: &mut Machine<'_>) {
    let project = it.project;
    for round in 0..3 {
        let mut candidates: Vec<(u8, ModuleId, FunctionId)> = Vec::new();
        for id in project.ids() {
            let module = project.module(id);
            if it.world.skipped[id.0 as usize] {
                continue;
            }
            if !REGISTRATION.iter().any(|w| module.text.contains(w)) {
                continue;
            }
            for (f, function) in module.facts.functions.iter().enumerate() {
                let text = function.span.of(&module.text);
                let makes_app = text.contains("Flask(") || text.contains("Quart(");
                if makes_app || REGISTRATION.iter().any(|w| text.contains(w)) {
                    candidates.push((u8::from(!makes_app), id, FunctionId(f as u32)));
                }
            }
        }
        candidates.sort();
        let mut ran = false;
        for (rank, module, function) in candidates {
            if it.was_called(module, function) || it.closure_value(module, function).is_none() {
                continue;
            }
            ran = true;
            if rank == 0 {
                it.run_factory(module, function);
            } else {
                it.run_uncalled(module, function);
            }
            run_deferred(it);
        }
        if !ran || round == 2 {
            break;
        }
    }
}

struct Collector<'a, 'p> {
    it: &'a mut Machine<'p>,
    out: Registrations,
    blueprint_index: HashMap<OwnerId, usize>,
    app_index: HashMap<OwnerId, usize>,
    seen: HashMap<(String, Vec<String>, String, bool), usize>,
    mounted: Vec<OwnerId>,
    /// An app on which blueprints are mounted that could not be resolved.
    discovers: Option<Around>,
}

/// What applies to the rules of an owner where it is mounted.
#[derive(Clone, Default)]
struct Around {
    prefix: Option<String>,
    names: Vec<String>,
    conditional: bool,
    app: Option<usize>,
    subdomain: Option<String>,
    depth: u32,
    unmounted: bool,
}

impl<'a, 'p> Collector<'a, 'p> {
    fn new(it: &'a mut Machine<'p>) -> Self {
        Self {
            it,
            out: Registrations::default(),
            blueprint_index: HashMap::new(),
            app_index: HashMap::new(),
            seen: HashMap::new(),
            mounted: Vec::new(),
            discovers: None,
        }
    }

    fn collect(mut self) -> Registrations {
        let ids: Vec<OwnerId> = (0..self.it.world.owners.len() as u32)
            .map(OwnerId)
            .collect();
        for &id in &ids {
            match self.it.world.owner(id).kind {
                OwnerKind::App => self.app(id),
                OwnerKind::Blueprint => self.blueprint(id),
                OwnerKind::Unknown => {}
            }
        }
        for &id in &ids {
            let kind = self.it.world.owner(id).kind;
            if kind == OwnerKind::App || kind == OwnerKind::Unknown {
                let app = self.app_index.get(&id).copied();
                let conditional = kind == OwnerKind::Unknown || self.it.world.owner(id).conditional;
                let around = Around {
                    app,
                    conditional,
                    ..Around::default()
                };
                if kind == OwnerKind::App {
                    self.static_route(id, &around);
                }
                self.owner(id, &around);
            }
        }
        self.fill_mounts();
        // Blueprints that nothing mounts.
        for &id in &ids {
            let owner = self.it.world.owner(id);
            let has_rules = owner.entries.iter().any(|e| matches!(e, Entry::Rule(_)));
            if owner.kind == OwnerKind::Blueprint
                && !self.mounted.contains(&id)
                && has_rules
                && !self.has_mounted_twin(id, &ids)
            {
                self.unmounted(id);
            }
        }
        let foreign = std::mem::take(&mut self.it.world.foreign);
        for (path, site) in foreign {
            self.finding(
                Code::M0106,
                Severity::Note,
                site,
                format!("`{path}` registers routes of its own"),
                "They are not in this source; check them against `app.url_map`.".into(),
            );
        }
        let place = |p: &Place| (p.file.clone(), p.line, p.column);
        self.out.findings.sort_by_key(|f| (place(&f.place), f.code));
        self.out
            .findings
            .dedup_by(|a, b| a.place == b.place && a.code == b.code);
        self.out
    }

    // ---- apps and blueprints

    fn app(&mut self, id: OwnerId) {
        let owner = self.it.world.owner(id).clone();
        let Some(site) = owner.site else { return };
        let place = self.place(site);
        // The same factory run twice makes the same app.
        if let Some(i) = self.out.apps.iter().position(|a| a.place == place) {
            self.app_index.insert(id, i);
            return;
        }
        let module = self.it.module(site.module);
        let (factory, plain) = match enclosing_function(&module.facts, site.span) {
            Some(f) => {
                let required = module
                    .facts
                    .params_of(module.facts.function(f).params)
                    .iter()
                    .any(|p| {
                        p.default.is_none() && p.kind == crate::python::facts::ParamKind::Plain
                    });
                (Some(qualname(module, f)), !required)
            }
            None => (None, false),
        };
        let name = assigned_name(module, site.span).unwrap_or_else(|| "app".into());
        let options = self.options(module, site);
        let config = self.config(&owner);
        self.app_index.insert(id, self.out.apps.len());
        self.out.apps.push(model::App {
            name,
            framework: owner.framework.into(),
            module: module.name.clone(),
            factory,
            factory_plain: plain,
            place,
            options,
            mounts: Vec::new(),
            config,
        });
    }

    fn blueprint(&mut self, id: OwnerId) {
        let owner = self.it.world.owner(id).clone();
        let Some(site) = owner.site else { return };
        let place = self.place(site);
        if let Some(i) = self.out.blueprints.iter().position(|b| b.place == place) {
            self.blueprint_index.insert(id, i);
            return;
        }
        let module = self.it.module(site.module);
        self.blueprint_index.insert(id, self.out.blueprints.len());
        let options = self.options(module, site);
        self.out.blueprints.push(model::Blueprint {
            name: shown(&owner.name).0,
            variable: assigned_name(module, site.span).unwrap_or_default(),
            module: module.name.clone(),
            place,
            url_prefix: match owner.prefix {
                Value::None => None,
                ref v => Some(shown(v).0),
            },
            options,
            mounts: Vec::new(),
        });
    }

    fn options(&self, module: &Module, site: Site) -> Vec<AppOption> {
        let facts = &module.facts;
        let Some(call) = facts
            .exprs
            .iter()
            .find(|e| e.span == site.span && matches!(e.kind, ExprKind::Call { .. }))
        else {
            return Vec::new();
        };
        let ExprKind::Call { args, .. } = call.kind else {
            return Vec::new();
        };
        facts
            .args_of(args)
            .iter()
            .enumerate()
            .map(|(i, arg)| AppOption {
                name: match arg.kind {
                    crate::python::facts::ArgKind::Keyword(name) => {
                        name.of(&module.text).to_owned()
                    }
                    crate::python::facts::ArgKind::Positional => i.to_string(),
                    crate::python::facts::ArgKind::Star => "*".into(),
                    crate::python::facts::ArgKind::DoubleStar => "**".into(),
                },
                value: model_span(facts.expr(arg.value).span),
                span: model_span(arg.span),
                constant: match facts.expr(arg.value).kind {
                    ExprKind::Str => {
                        crate::python::literal::string(facts.expr(arg.value).span.of(&module.text))
                            .map(Constant::Str)
                    }
                    ExprKind::True => Some(Constant::Bool(true)),
                    ExprKind::False => Some(Constant::Bool(false)),
                    ExprKind::None => Some(Constant::None),
                    _ => None,
                },
            })
            .collect()
    }

    fn config(&self, owner: &Owner<'p>) -> BTreeMap<String, Constant> {
        let Some(object) = owner.object else {
            return BTreeMap::new();
        };
        let Some(Value::Ref(config)) = self.it.object(object).attributes.get("config") else {
            return BTreeMap::new();
        };
        match &self.it.object(*config).kind {
            Kind::Dict { entries, .. } => entries
                .iter()
                .filter_map(|(k, v)| Some((k.as_str()?.to_owned(), self.constant(v)?)))
                .collect(),
            _ => BTreeMap::new(),
        }
    }

    fn constant(&self, value: &Value<'p>) -> Option<Constant> {
        Some(match value {
            Value::None => Constant::None,
            Value::Bool(b) => Constant::Bool(*b),
            Value::Int(i) => Constant::Int(*i),
            Value::Float(x) => Constant::Float(*x),
            Value::Str(s) => Constant::Str(s.to_string()),
            Value::Tuple(items) => Constant::List(
                items
                    .iter()
                    .map(|v| self.constant(v))
                    .collect::<Option<_>>()?,
            ),
            Value::Ref(id) => match &self.it.object(*id).kind {
                Kind::List { items, open: false } => Constant::List(
                    items
                        .iter()
                        .map(|v| self.constant(v))
                        .collect::<Option<_>>()?,
                ),
                Kind::Dict {
                    entries,
                    open: false,
                } => Constant::Map(
                    entries
                        .iter()
                        .map(|(k, v)| Some((k.as_str()?.to_owned(), self.constant(v)?)))
                        .collect::<Option<_>>()?,
                ),
                _ => return None,
            },
            _ => return None,
        })
    }

    /// Mounts of apps and blueprints, as codegen wants them.
    fn fill_mounts(&mut self) {
        let ids: Vec<OwnerId> = (0..self.it.world.owners.len() as u32)
            .map(OwnerId)
            .collect();
        for id in ids {
            let owner = self.it.world.owner(id).clone();
            for entry in &owner.entries {
                let Entry::Mount(mount) = entry else { continue };
                let Some(&blueprint) = mount.blueprint.and_then(|b| self.blueprint_index.get(&b))
                else {
                    continue;
                };
                let made = model::Mount {
                    blueprint,
                    prefix: mount.prefix.as_ref().map(|v| shown(v).0),
                    name: mount.name.as_ref().map(|v| shown(v).0),
                    place: self.place(mount.site),
                };
                let list = match owner.kind {
                    OwnerKind::App => self
                        .app_index
                        .get(&id)
                        .map(|&i| &mut self.out.apps[i].mounts),
                    OwnerKind::Blueprint => self
                        .blueprint_index
                        .get(&id)
                        .map(|&i| &mut self.out.blueprints[i].mounts),
                    OwnerKind::Unknown => None,
                };
                if let Some(list) = list
                    && !list
                        .iter()
                        .any(|m| m.place == made.place && m.blueprint == made.blueprint)
                {
                    list.push(made);
                }
            }
        }
    }

    // ---- routes

    fn owner(&mut self, id: OwnerId, around: &Around) {
        if around.depth > 20 {
            return;
        }
        let entries = self.it.world.owner(id).entries.clone();
        for entry in &entries {
            match entry {
                Entry::Rule(rule) => self.rule(id, rule, around),
                Entry::Mount(mount) => self.mount(mount, around),
            }
        }
    }

    fn mount(&mut self, mount: &Mount<'p>, around: &Around) {
        let Some(id) = mount.blueprint else {
            if around.depth == 0 {
                if mount.prefix.is_none() {
                    self.discovers.get_or_insert_with(|| around.clone());
                }
                self.finding(
                    Code::M0104,
                    Severity::Warning,
                    mount.site,
                    "the blueprint that is registered here could not be resolved".into(),
                    "Its routes may be missing; import the blueprint by name where it is registered."
                        .into(),
                );
            }
            return;
        };
        self.mounted.push(id);
        let owner = self.it.world.owner(id).clone();
        // flask.sansio.blueprints.Blueprint.register: the option wins over the constructor; a
        // nested blueprint's prefix is joined behind its parent's.
        let own = match &mount.prefix {
            Some(v) => v.clone(),
            None => owner.prefix.clone(),
        };
        for prefix in alternatives(&own) {
            let own = match &prefix {
                Value::None => None,
                v => Some(shown(v).0),
            };
            let prefix = match (&around.prefix, own) {
                (Some(outer), Some(own)) => Some(format!(
                    "{}/{}",
                    outer.trim_end_matches('/'),
                    own.trim_start_matches('/')
                )),
                (outer, own) => own.or_else(|| outer.clone()),
            };
            let name = match &mount.name {
                Some(v) => shown(v).0,
                None => shown(&owner.name).0,
            };
            let mut names = around.names.clone();
            names.push(name);
            let many = alternatives(&own_of(mount, &owner)).len() > 1;
            let inner = Around {
                prefix,
                names,
                conditional: around.conditional || mount.conditional || many,
                app: around.app,
                subdomain: match shown_option(&owner.subdomain) {
                    Some(s) => Some(s),
                    None => around.subdomain.clone(),
                },
                depth: around.depth + 1,
                unmounted: around.unmounted,
            };
            self.static_route(id, &inner);
            self.blueprint_rules(id, &inner, mount.site);
        }
    }

    /// The rules of a mounted blueprint, through its setup state if it has one of its own.
    fn blueprint_rules(&mut self, id: OwnerId, around: &Around, site: Site) {
        let blueprint = self.it.world.owner(id).object.map(Value::Ref);
        let state = blueprint.and_then(|b| setup::state(self.it, &b, site));
        let Some(state) = state else {
            self.owner(id, around);
            return;
        };
        let entries = self.it.world.owner(id).entries.clone();
        for entry in &entries {
            let rule = match entry {
                Entry::Rule(rule) => rule,
                Entry::Mount(mount) => {
                    self.mount(mount, around);
                    continue;
                }
            };
            let prefix = around.prefix.as_deref().map_or(Value::None, Value::text);
            let view = rule.view.clone().unwrap_or(Value::None);
            let args = Args::of(vec![rule.rule.clone(), rule.endpoint.clone(), view]);
            let captured = setup::add(self.it, &state, prefix, &args, rule.site);
            if captured.is_empty() {
                self.rule(id, rule, around);
            }
            for found in captured {
                let mut rule = rule.clone();
                rule.rule = found.rule;
                let prefix = shown_option(&found.prefix);
                let around = Around {
                    prefix,
                    ..around.clone()
                };
                self.rule(id, &rule, &around);
            }
        }
    }

    /// Whether the same source made a blueprint that is mounted and has the same rules: a function
    /// that makes it was called for the app, and once more on its own.
    fn has_mounted_twin(&self, id: OwnerId, ids: &[OwnerId]) -> bool {
        let world = &self.it.world;
        let owner = world.owner(id);
        let rules = |of: OwnerId| -> HashSet<(Site, String)> {
            let rules = world.owner(of).entries.iter();
            rules
                .filter_map(|entry| match entry {
                    Entry::Rule(rule) => Some((rule.site, shown(&rule.rule).0)),
                    Entry::Mount(_) => None,
                })
                .collect()
        };
        owner.site.is_some()
            && owner.name.as_str().is_some()
            && ids.iter().any(|&twin| {
                twin != id
                    && world.owner(twin).site == owner.site
                    && world.owner(twin).name.same(&owner.name)
                    && self.mounted.contains(&twin)
                    && rules(id).is_subset(&rules(twin))
            })
    }

    fn unmounted(&mut self, id: OwnerId) {
        // Where some mount was not resolved (blueprints found by walking the packages), this may
        // well be what it mounts.
        if let Some(around) = self.discovers.clone() {
            let site = self.it.world.owner(id).site;
            let Some(site) = site else { return };
            let mount = Mount {
                blueprint: Some(id),
                prefix: None,
                name: None,
                site,
                conditional: true,
            };
            self.mount(&mount, &around);
            return;
        }
        let owner = self.it.world.owner(id).clone();
        let own = shown_option(&owner.prefix).unwrap_or_default();
        let around = Around {
            prefix: Some(format!("<?>{own}")),
            names: vec![shown(&owner.name).0],
            conditional: true,
            unmounted: true,
            ..Around::default()
        };
        let before = self.out.routes.len();
        self.owner(id, &around);
        if self.out.routes.len() > before
            && let Some(site) = owner.site
        {
            self.finding(
                Code::M0105,
                Severity::Warning,
                site,
                format!(
                    "blueprint `{}` is never registered on an app",
                    shown(&owner.name).0
                ),
                "Its routes are listed under an unknown prefix.".into(),
            );
        }
    }

    /// The automatic static route (flask.sansio.scaffold, `Flask.__init__`).
    fn static_route(&mut self, id: OwnerId, around: &Around) {
        let owner = self.it.world.owner(id).clone();
        let folder = match (&owner.static_folder, owner.kind) {
            (Some(Value::None), _) | (None, OwnerKind::Blueprint | OwnerKind::Unknown) => return,
            (Some(v), _) => shown(v).0,
            (None, OwnerKind::App) => "static".into(),
        };
        let path = match &owner.static_path {
            Some(v) if !matches!(v, Value::None) => shown(v).0,
            _ => {
                let base = folder
                    .trim_end_matches('/')
                    .rsplit('/')
                    .next()
                    .unwrap_or("static");
                format!("/{base}")
            }
        };
        let rule = format!("{}/<path:filename>", path.trim_end_matches('/'));
        let (rule, endpoint) = self.full(&rule, "static", around);
        let Some(site) = owner.site else { return };
        let route = Route {
            rule,
            methods: vec!["GET".into()],
            endpoint,
            view: None,
            blueprint: (!around.names.is_empty()).then(|| around.names.join(".")),
            defaults: BTreeMap::new(),
            strict_slashes: true,
            host: None,
            subdomain: None,
            websocket: false,
            is_static: true,
            certainty: if around.conditional {
                Certainty::Conditional
            } else {
                Certainty::Certain
            },
            app: around.app,
            registration: Some(Registration {
                place: self.place(site),
                local_rule: None,
                rule_span: None,
                decorator: false,
                explicit_endpoint: false,
            }),
        };
        self.push(route);
    }

    fn rule(&mut self, _owner: OwnerId, rule: &Rule<'p>, around: &Around) {
        let rules = alternatives(&rule.rule);
        let many = rules.len() > 1;
        for value in rules {
            self.one_rule(rule, &value, around, many);
        }
    }

    fn one_rule(&mut self, rule: &Rule<'p>, value: &Value<'p>, around: &Around, many: bool) {
        let (mut text, mut known) = shown(value);
        // Prefixes inside the owner: an API's, a namespace's.
        for prefix in rule.inner_prefix.iter().rev() {
            if let Some(p) = shown_option(prefix) {
                known &= !matches!(prefix, Value::Unknown | Value::Text(_));
                text = format!("{p}{text}");
            }
        }
        if let Some(first) = text.chars().next()
            && first != '/'
            && first != '<'
            && around.prefix.is_none()
        {
            // Werkzeug refuses such a rule: whatever this is, it is no route.
            return;
        }
        let (endpoint, endpoint_known) = shown(&rule.endpoint);
        let (full, endpoint) = self.full(&text, &endpoint, around);
        let view = rule.view.as_ref().and_then(|v| self.view(v));
        let view_missing = rule.view.as_ref().is_some_and(Value::is_unknown);
        let partial = !known
            || full.contains("<?")
            || rule.methods.is_none()
            || around.unmounted
            || !endpoint_known && view.is_none();
        let certainty = if partial {
            Certainty::Partial
        } else if rule.conditional || around.conditional || rule.in_unknown_loop || many {
            Certainty::Conditional
        } else {
            Certainty::Certain
        };
        if !known || (partial && !around.unmounted) {
            let place_site = rule.site;
            let (code, message) = if rule.in_unknown_loop && value.is_unknown() {
                (
                    Code::M0102,
                    "routes are registered here from data that is not known".to_owned(),
                )
            } else {
                (
                    Code::M0101,
                    format!("only a part of this route is known: `{full}`"),
                )
            };
            self.finding(
                code,
                Severity::Warning,
                place_site,
                message,
                "Check what it makes against `app.url_map`.".into(),
            );
            // The call that led here tells more when a helper registers for many.
            if let Some(call) = rule.calls.first()
                && value.is_unknown()
            {
                self.finding(
                    code,
                    Severity::Warning,
                    *call,
                    "what this call registers is not known whole".into(),
                    "Check what it makes against `app.url_map`.".into(),
                );
            }
        } else if view_missing {
            self.finding(
                Code::M0103,
                Severity::Note,
                rule.site,
                format!("the view of `{full}` could not be resolved"),
                "Name the function at the registration.".into(),
            );
        }
        let module = self.it.module(rule.site.module);
        let registration = Registration {
            place: self.place(rule.site),
            local_rule: (rule.inner_prefix.is_empty())
                .then(|| value.as_str().map(str::to_owned))
                .flatten(),
            rule_span: rule_span(module, rule.site.span),
            decorator: rule.decorator,
            explicit_endpoint: rule.explicit_endpoint,
        };
        let defaults = match &rule.defaults {
            Value::Ref(id) => match &self.it.object(*id).kind {
                Kind::Dict { entries, .. } => entries
                    .iter()
                    .filter_map(|(k, v)| Some((k.as_str()?.to_owned(), self.constant(v)?)))
                    .collect(),
                _ => BTreeMap::new(),
            },
            _ => BTreeMap::new(),
        };
        let route = Route {
            rule: full,
            methods: rule.methods.clone().unwrap_or_default(),
            endpoint,
            view,
            blueprint: (!around.names.is_empty()).then(|| around.names.join(".")),
            defaults,
            strict_slashes: rule.strict_slashes.unwrap_or(true),
            host: shown_option(&rule.host),
            subdomain: shown_option(&rule.subdomain).or_else(|| around.subdomain.clone()),
            websocket: rule.websocket,
            is_static: rule.is_static,
            certainty,
            app: around.app,
            registration: Some(registration),
        };
        self.push(route);
    }

    fn push(&mut self, route: Route) {
        let key = (
            route.rule.clone(),
            route.methods.clone(),
            route.endpoint.clone(),
            route.websocket,
        );
        match self.seen.get(&key) {
            Some(&i) => {
                let old = &mut self.out.routes[i];
                if route.certainty < old.certainty {
                    *old = route;
                }
            }
            None => {
                self.seen.insert(key, self.out.routes.len());
                self.out.routes.push(route);
            }
        }
    }

    /// The full rule and endpoint (flask.sansio.blueprints.BlueprintSetupState.add_url_rule).
    fn full(&self, rule: &str, endpoint: &str, around: &Around) -> (String, String) {
        let full = match &around.prefix {
            None => rule.to_owned(),
            Some(prefix) if rule.is_empty() => prefix.clone(),
            Some(prefix) => {
                format!(
                    "{}/{}",
                    prefix.trim_end_matches('/'),
                    rule.trim_start_matches('/')
                )
            }
        };
        let mut name = around.names.join(".");
        if !name.is_empty() {
            name.push('.');
        }
        name.push_str(endpoint);
        (full, name)
    }

    /// Where a view is defined.
    fn view(&self, value: &Value<'p>) -> Option<ViewRef> {
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
        let closure = self
            .it
            .closure(&bottom)
            .or_else(|| self.it.closure(value))?;
        let module = self.it.module(closure.module);
        let function = module.facts.function(closure.function);
        let qualname = qualname(module, closure.function);
        Some(ViewRef {
            module: module.name.clone(),
            function: Some(format!("{}:{qualname}", module.name)),
            qualname,
            file: module.path.clone(),
            line: module.line(function.span.start),
        })
    }

    fn class_ref(&self, value: &Value<'p>) -> Option<ViewRef> {
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

    // ---- places

    fn place(&self, site: Site) -> Place {
        let module = self.it.module(site.module);
        Place {
            file: module.path.clone(),
            line: module.line(site.span.start),
            column: module.column(site.span.start),
            span: model_span(site.span),
        }
    }

    fn finding(
        &mut self,
        code: Code,
        severity: Severity,
        site: Site,
        message: String,
        help: String,
    ) {
        let place = self.place(site);
        self.out.findings.push(Finding {
            code,
            severity,
            place,
            message,
            help,
        });
    }
}

fn own_of<'p>(mount: &Mount<'p>, owner: &Owner<'p>) -> Value<'p> {
    mount.prefix.clone().unwrap_or_else(|| owner.prefix.clone())
}

/// The known alternatives of a value, or the value itself when nothing of it is known.
fn alternatives<'p>(value: &Value<'p>) -> Vec<Value<'p>> {
    let all = value.alternatives();
    let known: Vec<Value<'p>> = all.iter().filter(|v| !v.is_unknown()).cloned().collect();
    if known.is_empty() {
        vec![Value::Unknown]
    } else {
        known
    }
}

/// A text with `<?name>` for its holes, and whether it is known whole.
fn shown(value: &Value<'_>) -> (String, bool) {
    let mut out = String::new();
    let mut known = true;
    for piece in pieces(value, None) {
        match piece {
            Piece::Known(s) => out.push_str(&s),
            Piece::Hole(name) => {
                known = false;
                out.push_str("<?");
                out.push_str(name.as_deref().unwrap_or(""));
                out.push('>');
            }
        }
    }
    (out, known)
}

fn shown_option(value: &Value<'_>) -> Option<String> {
    match value {
        Value::None => None,
        v => Some(shown(v).0),
    }
}

/// A span in the model's terms.
pub(crate) fn model_span(span: Span) -> model::Span {
    model::Span {
        start: span.start,
        end: span.end,
    }
}

/// The innermost function around a span.
pub(crate) fn enclosing_function(facts: &Facts, span: Span) -> Option<FunctionId> {
    facts
        .functions
        .iter()
        .enumerate()
        .filter(|(_, f)| f.span.contains(span) && f.span != span)
        .min_by_key(|(_, f)| f.span.end - f.span.start)
        .map(|(i, _)| FunctionId(i as u32))
}

/// `outer.<locals>.inner`, `Class.method`.
pub(crate) fn qualname(module: &Module, id: FunctionId) -> String {
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
pub(crate) fn class_qualname(module: &Module, id: ClassId) -> String {
    let class = module.facts.class(id);
    let name = class.name.of(&module.text);
    match (class.class, class.parent_function) {
        (Some(outer), _) => format!("{}.{name}", class_qualname(module, outer)),
        (None, Some(parent)) => format!("{}.<locals>.{name}", qualname(module, parent)),
        (None, None) => name.to_owned(),
    }
}

/// The variable that an expression is assigned to.
fn assigned_name(module: &Module, span: Span) -> Option<String> {
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

/// The span of the first argument of the call at `span`, when it is a plain literal.
fn rule_span(module: &Module, span: Span) -> Option<model::Span> {
    let facts = &module.facts;
    facts.exprs.iter().rev().find_map(|e| match e.kind {
        ExprKind::Call { args, .. } if e.span == span => {
            let first = facts.args_of(args).first()?;
            let value = facts.expr(first.value);
            matches!(value.kind, ExprKind::Str).then(|| model_span(value.span))
        }
        _ => None,
    })
}
