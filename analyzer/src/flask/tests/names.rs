//! Names resolved across modules, without any framework.

use crate::python::facts::ExprKind;
use crate::python::names::Binding;
use crate::python::project::ModuleId;
use crate::python::qualnames::{class_qualname, qualnames};
use crate::python::scopes::Scopes;

use super::{assert_lines, project};

/// Every `use(x)` of the last module: what `x` is bound to.
fn check(source: &str, expected: &str) {
    let project = project(source);
    let scopes = Scopes::new(&project);
    let mut out = String::new();
    for (i, module) in project.modules.iter().enumerate() {
        let id = ModuleId(i as u32);
        for expr in &module.facts.exprs {
            let ExprKind::Call { callee, args } = expr.kind else {
                continue;
            };
            if module.facts.expr(callee).span.of(&module.text) != "use" {
                continue;
            }
            let arg = module.facts.args_of(args)[0].value;
            let name = module.facts.expr(arg).span.of(&module.text);
            out.push_str(&format!(
                "{name}: {}\n",
                show(&scopes, scopes.name(id, arg))
            ));
        }
    }
    assert_lines(source, &out, expected);
}

fn show(scopes: &Scopes<'_>, binding: Binding) -> String {
    match binding {
        Binding::External(name) => format!("external {name}"),
        Binding::Namespace(name) => format!("namespace {name}"),
        Binding::Module(m) => format!("module {}", scopes.module(m).name),
        Binding::Function(m, f) => {
            format!(
                "function {}.{}",
                scopes.module(m).name,
                qualnames(scopes.module(m))[f.0 as usize]
            )
        }
        Binding::Class(m, c) => {
            format!(
                "class {}.{}",
                scopes.module(m).name,
                class_qualname(scopes.module(m), c)
            )
        }
        Binding::Value(m, values) => {
            let module = scopes.module(m);
            let texts: Vec<&str> = values
                .iter()
                .map(|&v| module.facts.expr(v).span.of(&module.text))
                .collect();
            format!("value {}", texts.join(" or "))
        }
        Binding::Element(..) => "element".into(),
        Binding::Entered(..) => "entered".into(),
        Binding::Parameter(_, _, n) => format!("parameter {n}"),
        Binding::Reassigned(_, _, n, _) => format!("parameter {n}, reassigned"),
        Binding::Unbound => "unbound".into(),
        Binding::Unknown => "unknown".into(),
    }
}

#[test]
fn scopes() {
    check(
        "
import os.path, sys as system
X = 1
def f(a, *, b):
    y = 2
    def g():
        use(a); use(b); use(y); use(X); use(len); use(os); use(system); use(g)
    class C:
        y = 3
        use(y)
        def m(self): use(y); use(C)
    for i in range(3): use(i)
    with open('x') as fh: use(fh)
    use([z for z in y])
    [use(q) for q in y]
    p, r = 1, 2
    use(p)
    if (w := 5): use(w)
",
        "
a: parameter 0
b: parameter 2
y: value 2
X: value 1
len: unbound
os: external os
system: external sys
g: function app.f.<locals>.g
y: value 3
y: value 2
C: class app.f.<locals>.C
i: element
fh: entered
[z for z in y]: unbound
q: element
p: unknown
w: value 5
",
    );
}

#[test]
fn several_definitions() {
    check(
        "
try:
    import ujson as json
except ImportError:
    import json
if x:
    def f(): pass
else:
    def f(): pass
v = None
v = 1
w = 1
w = 2
n = None
a = 1
a += 1
use(json); use(f); use(v); use(w); use(n); use(a)
",
        "
json: external ujson
f: function app.f@9
v: value 1
w: value 1 or 2
n: value None
a: unknown
",
    );
}

#[test]
fn imports_across_modules() {
    check(
        "
# file: p/__init__.py
from .a import thing as renamed
from . import b
# file: p/a.py
def thing(): pass
# file: p/b.py
from .c.d import *
# file: p/c/d.py
from p.a import thing
class K: pass
_hidden = 1
# file: z.py
import p.b
import p.c.d as d
import q.r
from p import renamed, b, a, nothing
from p.b import K, thing as t, _hidden
from flask.views import View
from somewhere import it as this
use(p); use(d); use(q); use(renamed); use(b); use(a); use(nothing); use(K); use(t); use(_hidden)
use(View); use(this)
# file: q/r.py
",
        "
p: module p
d: module p.c.d
q: namespace q
renamed: function p.a.thing
b: module p.b
a: module p.a
nothing: unknown
K: class p.c.d.K
t: function p.a.thing
_hidden: unknown
View: external flask.views.View
this: external somewhere.it
",
    );
}
