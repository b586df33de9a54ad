//! Calls: of functions of the tree, classes, bound methods, partials, and names outside.

use super::interpreter::Interpreter;
use super::value::{Args, Closure, DescriptorKind, Kind, ObjectId, ScopeId, Site, Value};
use super::world::World;
use crate::python::facts::{ExprId, ExprKind, FunctionId, ParamKind, Run};
use crate::python::project::ModuleId;

impl<'p, W: World<'p>> Interpreter<'p, W> {
    /// Calls a value.
    pub fn call(&mut self, function: &Value<'p>, args: &Args<'p>, site: Site) -> Value<'p> {
        if !self.may_call() || !self.burn() {
            return Value::Unknown;
        }
        match function {
            Value::External(path) => self.call_external(path, None, args, site),
            Value::Ref(id) => self.call_object(*id, args, site),
            Value::Choice(list) => {
                let callable: Vec<Value<'p>> = list
                    .iter()
                    .filter(|v| !matches!(v, Value::None | Value::Unknown))
                    .cloned()
                    .collect();
                let sure = callable.len() == 1;
                let mut result: Option<Value<'p>> = None;
                for v in callable {
                    let r = if sure {
                        self.call(&v, args, site)
                    } else {
                        self.conditionally(|it| it.call(&v, args, site))
                    };
                    result = Some(match result {
                        Some(old) => old.join(r),
                        None => r,
                    });
                }
                result.unwrap_or_default()
            }
            Value::Unknown => self.handed_on(args),
            _ => Value::Unknown,
        }
    }

    /// What something unknown gives when it is called with one function: that function, since it
    /// is a decorator then, and nearly every decorator of a library hands on what it gets.
    fn handed_on(&self, args: &Args<'p>) -> Value<'p> {
        let [only @ Value::Ref(id)] = args.positional.as_slice() else {
            return Value::Unknown;
        };
        let callable = matches!(
            self.object(*id).kind,
            Kind::Function(_) | Kind::Partial { .. }
        );
        if callable && args.keywords.is_empty() {
            only.clone()
        } else {
            Value::Unknown
        }
    }

    fn call_object(&mut self, id: ObjectId, args: &Args<'p>, site: Site) -> Value<'p> {
        match self.object(id).kind.clone() {
            Kind::Function(closure) => match self.suspended(id, args, site) {
                Some(context) => context,
                None => self.call_closure(&closure, args, site),
            },
            Kind::Bound { function, receiver } => match &function {
                Value::External(path) => self.call_external(path, Some(&receiver), args, site),
                _ => self.call(&function, &args.prepend(receiver), site),
            },
            Kind::Partial {
                function,
                args: first,
                site: made,
            } => {
                let mut all = first.clone();
                all.positional.extend(args.positional.iter().cloned());
                for (k, v) in &args.keywords {
                    all.keywords.retain(|(name, _)| name != k);
                    all.keywords.push((k.clone(), v.clone()));
                }
                all.open |= args.open;
                // What a library's decorator registers is registered where it is written.
                let site = match &function {
                    Value::External(_) => made,
                    Value::Ref(f)
                        if matches!(
                            &self.object(*f).kind,
                            Kind::Bound {
                                function: Value::External(_),
                                ..
                            }
                        ) =>
                    {
                        made
                    }
                    _ => site,
                };
                self.call(&function, &all, site)
            }
            Kind::Class { .. } => self.instantiate(id, args, site),
            Kind::Descriptor { function, .. } => self.call(&function, args, site),
            Kind::Instance { .. } => {
                let value = Value::Ref(id);
                let method = self.attribute(&value, "__call__");
                if method.is_unknown() {
                    Value::Unknown
                } else {
                    self.call(&method, args, site)
                }
            }
            Kind::List { .. } | Kind::Dict { .. } | Kind::Super { .. } => Value::Unknown,
        }
    }

    /// Calls a name outside the tree.
    pub fn call_external(
        &mut self,
        path: &str,
        receiver: Option<&Value<'p>>,
        args: &Args<'p>,
        site: Site,
    ) -> Value<'p> {
        if let Some(value) = self.builtin_call(path, receiver, args, site) {
            return value;
        }
        match W::call(self, path, receiver, args, site) {
            Some(value) => value,
            None if receiver.is_none() => self.handed_on(args),
            None => Value::Unknown,
        }
    }

    /// Calls a method of a value that is not known.
    pub(super) fn call_unknown_method(
        &mut self,
        name: &str,
        receiver: &Value<'p>,
        args: &Args<'p>,
        site: Site,
    ) -> Value<'p> {
        W::call_unknown(self, name, receiver, args, site).unwrap_or_default()
    }

    fn call_closure(&mut self, closure: &Closure<'p>, args: &Args<'p>, site: Site) -> Value<'p> {
        let key = (closure.module, closure.function);
        // Recursion adds nothing that the first rounds did not show.
        if self
            .frames
            .iter()
            .filter(|f| f.function == Some(key))
            .count()
            >= 3
        {
            return Value::Unknown;
        }
        self.called.insert(key);
        let facts = self.facts(closure.module);
        let function = facts.function(closure.function);
        let scope = self.child_scope(closure.scope, false);
        self.push_frame(Some(key), Some(site));
        self.bind_parameters(closure, function.params, scope, args);
        if let (Some(class), Some(first)) = (closure.class, args.positional.first()) {
            self.frame().method_of = Some((class, first.clone()));
        }
        self.block(closure.module, scope, function.body);
        self.last_scopes.insert(key, scope);
        let frame = self.frames.pop().expect("the frame pushed above");
        let is_generator = function.is_generator;
        if is_generator {
            // What it yields, as far as it was seen.
            return self.list(frame.returns);
        }
        frame
            .returns
            .into_iter()
            .reduce(Value::join)
            .unwrap_or(Value::None)
    }

    /// Binds the parameters of a function in a scope.
    pub(super) fn bind_arguments(
        &mut self,
        closure: &Closure<'p>,
        scope: ScopeId,
        args: &Args<'p>,
    ) {
        let params = self.facts(closure.module).function(closure.function).params;
        self.bind_parameters(closure, params, scope, args);
    }

    fn bind_parameters(
        &mut self,
        closure: &Closure<'p>,
        params: Run,
        scope: ScopeId,
        args: &Args<'p>,
    ) {
        let facts = self.facts(closure.module);
        let params = facts.params_of(params);
        let mut next = 0;
        let mut used: Vec<&str> = Vec::new();
        let mut keyword_only = false;
        for (i, param) in params.iter().enumerate() {
            let name = self.text(closure.module, param.name);
            match param.kind {
                ParamKind::PositionalOnlyMark => {}
                ParamKind::KeywordOnlyMark => keyword_only = true,
                ParamKind::Star => {
                    let rest: Vec<Value<'p>> = args.positional.get(next..).unwrap_or(&[]).to_vec();
                    next = args.positional.len();
                    keyword_only = true;
                    let value = if args.open {
                        self.allocate(Kind::List {
                            items: rest,
                            open: true,
                        })
                    } else {
                        Value::Tuple(rest.into())
                    };
                    self.scope_mut(scope).names.insert(name, value);
                }
                ParamKind::DoubleStar => {
                    let entries = args
                        .keywords
                        .iter()
                        .filter(|(k, _)| !used.contains(&&**k))
                        .map(|(k, v)| (Value::Str(k.clone()), v.clone()))
                        .collect();
                    let value = self.dict(entries, args.open);
                    self.scope_mut(scope).names.insert(name, value);
                }
                ParamKind::Plain => {
                    let value = if let Some(v) = args.keyword(name) {
                        used.push(name);
                        v.clone()
                    } else if !keyword_only && next < args.positional.len() {
                        next += 1;
                        args.positional[next - 1].clone()
                    } else if args.open {
                        // Whoever calls it may well leave it at its default.
                        match closure.defaults.get(i).cloned().flatten() {
                            Some(default) => default.join(Value::Unknown),
                            None => Value::Unknown,
                        }
                    } else {
                        closure
                            .defaults
                            .get(i)
                            .cloned()
                            .flatten()
                            .unwrap_or_default()
                    };
                    self.scope_mut(scope).names.insert(name, value);
                }
            }
        }
    }

    /// `super()`: an object that looks behind the class of the running method.
    pub(super) fn super_call(
        &mut self,
        module: ModuleId,
        scope: ScopeId,
        callee: ExprId,
        args: Run,
    ) -> Option<Value<'p>> {
        let facts = self.facts(module);
        let expr = facts.expr(callee);
        if !matches!(expr.kind, ExprKind::Name) || self.text(module, expr.span) != "super" {
            return None;
        }
        if args.len == 2 {
            let list = facts.args_of(args);
            let class = self.expression(module, scope, list[0].value);
            let receiver = self.expression(module, scope, list[1].value);
            let Value::Ref(after) = class else {
                return Some(Value::Unknown);
            };
            return Some(self.allocate(Kind::Super { after, receiver }));
        }
        let method = self.frames.iter().rev().find_map(|f| f.method_of.clone());
        let Some((after, receiver)) = method else {
            return Some(Value::Unknown);
        };
        Some(self.allocate(Kind::Super { after, receiver }))
    }

    /// Calls a value as a root of its own: with fresh fuel and nothing known of its arguments.
    pub fn run_root(&mut self, function: &Value<'p>, site: Site) {
        self.refuel();
        self.push_frame(None, None);
        let args = Args {
            open: true,
            ..Args::default()
        };
        self.call(function, &args, site);
        self.frames.pop();
    }

    /// Runs a function that nobody called, as if somebody did: what it makes is certain.
    pub fn run_factory(&mut self, module: ModuleId, function: FunctionId) {
        self.refuel();
        self.push_frame(None, None);
        self.run_with_nothing(module, function);
        self.frames.pop();
    }

    /// Runs a function that nobody called: what it does may never happen.
    pub fn run_uncalled(&mut self, module: ModuleId, function: FunctionId) {
        self.refuel();
        self.push_frame(None, None);
        self.conditionally(|it| it.run_with_nothing(module, function));
        self.frames.pop();
    }

    fn run_with_nothing(&mut self, module: ModuleId, function: FunctionId) {
        let Some(value) = self.closure_value(module, function) else {
            return;
        };
        let Some(closure) = self.closure(&value).cloned() else {
            return;
        };
        let span = self.facts(module).function(function).name;
        let site = Site { module, span };
        let mut args = Args {
            open: true,
            ..Args::default()
        };
        if let Some(class) = closure.class {
            let receiver = self.bare_instance(class, site);
            args.positional.push(receiver);
        }
        // Its constructor may have run it already.
        if !self.was_called(module, function) {
            self.call_closure(&closure, &args, site);
        }
    }

    /// A method bound to its receiver, as attribute access gives it.
    pub(super) fn bound(&mut self, method: Value<'p>, receiver: &Value<'p>) -> Value<'p> {
        let Value::Ref(id) = method else {
            return method;
        };
        match self.object(id).kind.clone() {
            Kind::Function(_) => self.allocate(Kind::Bound {
                function: method,
                receiver: receiver.clone(),
            }),
            Kind::Descriptor { kind, function } => match kind {
                DescriptorKind::Static => function,
                DescriptorKind::Class => {
                    let class = self.class_of(receiver).unwrap_or_else(|| receiver.clone());
                    self.allocate(Kind::Bound {
                        function,
                        receiver: class,
                    })
                }
                DescriptorKind::Property => {
                    let Some(closure) = self.closure(&function).cloned() else {
                        return Value::Unknown;
                    };
                    let span = self.facts(closure.module).function(closure.function).name;
                    let site = Site {
                        module: closure.module,
                        span,
                    };
                    self.call(&function, &Args::of(vec![receiver.clone()]), site)
                }
            },
            _ => method,
        }
    }
}
