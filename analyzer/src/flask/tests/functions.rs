//! Roles, decorators, shapes, calls, effects.

use model::{Function, Op};

use super::{assert_lines, brief, function_lines, project};
use crate::python::scopes::Scopes;

fn roles(source: &str, expected: &str) {
    let show = |f: &Function, _: &str| {
        if f.qualname == "<module>" {
            String::new()
        } else {
            format!("{} {:?}", f.qualname, f.role)
        }
    };
    assert_lines(source, &function_lines(source, show), expected);
}

#[test]
fn roles_of_functions() {
    roles(
        r#"
import click
from functools import wraps
from flask import Flask, g, Blueprint
from flask.views import MethodView
bp = Blueprint("b", __name__)
def create():
    app = Flask(__name__)
    app.add_url_rule("/late", view_func=late)
    app.before_request(check)
    app.register_error_handler(404, missing)
    app.context_processor(lambda: {})
    app.jinja_env.filters["up"] = upper
    return app
def late(): return "x"
def check(): pass
def missing(e): return "no", 404
def upper(s): return s
def guard(view):
    @wraps(view)
    def wrapper(**kwargs):
        return view(**kwargs)
    return wrapper
@bp.context_processor
def ctx(): return {}
@bp.app_template_filter()
def filt(s): return s
@bp.route("/a")
@guard
def a(): return "a"
@click.command()
def cmd(): helper()
def helper(): return g.x
def stranger(): return 1
class V(MethodView):
    def get(self): return ""
    def other(self): return ""
class S:
    def m(self): return helper()
def wrapped_by_hand(): return ""
bp.add_url_rule("/w", view_func=guard(wrapped_by_hand))
bp.route("/v")(direct := late)
"#,
        "
create Factory
late View
check Hook
missing ErrorHandler
upper TemplateFilter
guard Decorator
guard.<locals>.wrapper Helper
ctx ContextProcessor
filt TemplateFilter
a View
cmd Command
helper Helper
V.get Method
S.m Method
wrapped_by_hand View
",
    );
}

/// The last decorator of `view`.
fn forwards(decorator: &str, used: &str, expected: &str) {
    let source = format!(
        "import functools\nfrom functools import wraps\nfrom flask import Flask, g, current_app\n\
         app = Flask(__name__)\n{decorator}\n@app.route('/')\n@{used}\ndef view(id): return 'x'\n"
    );
    let show = |f: &Function, _: &str| {
        if f.qualname == "view" {
            format!("{:?}", f.decorators.last().expect("a decorator").forwards)
        } else {
            String::new()
        }
    };
    assert_lines(&source, &function_lines(&source, show), expected);
}

#[test]
fn transparent_decorators() {
    let wraps = "def d(view):\n    @wraps(view)\n    def w(*args, **kwargs):\n        g.x\n        return view(*args, **kwargs)\n    return w";
    forwards(wraps, "d", "Transparent");
    let only_kwargs = "def d(view):\n    @functools.wraps(view)\n    def w(**kw):\n        if g.x: return 'no'\n        return view(**kw)\n    return w";
    forwards(only_kwargs, "d", "Transparent");
    let itself = "def d(view):\n    g.x\n    return view";
    forwards(itself, "d", "Transparent");
    let factory = "def d(role):\n    def outer(view):\n        @wraps(view)\n        def w(*a, **k):\n            g.x\n            return current_app.ensure_sync(view)(*a, **k)\n        return w\n    return outer";
    forwards(factory, "d('x')", "Transparent");
    let update = "def d(view):\n    def w(**k):\n        g.x\n        return view(**k)\n    return functools.update_wrapper(w, view)";
    forwards(update, "d", "Transparent");
    let chained = "def e(view):\n    @wraps(view)\n    def w(**k): return view(**k)\n    return w\ndef d(view):\n    g.x\n    return e(view)";
    forwards(chained, "d", "Transparent");
    let class = "class d:\n    def __init__(self, role): self.role = role\n    def __call__(self, view):\n        @wraps(view)\n        def w(*a, **k):\n            g.x\n            return view(*a, **k)\n        return w";
    forwards(class, "d('x')", "Transparent");
    let nested = "def e(view):\n    @wraps(view)\n    def w(**k): return view(**k)\n    return w\ndef d(view):\n    @wraps(view)\n    def w(*a, **k):\n        if g.x: return view(*a, **k)\n        return e(view)(*a, **k)\n    return w";
    forwards(nested, "d", "Transparent");
    let extension = "from flask_limiter import Limiter\nlimiter = Limiter(app)";
    forwards(extension, "limiter.limit('3/s')", "Transparent");
}

#[test]
fn opaque_and_unknown_decorators() {
    let reads = "def d(view):\n    @wraps(view)\n    def w(*args, **kwargs):\n        g.x = kwargs['id']\n        return view(*args, **kwargs)\n    return w";
    forwards(reads, "d", "Opaque");
    let named = "def d(view):\n    @wraps(view)\n    def w(id, **kwargs):\n        return view(id, **kwargs)\n    return w";
    forwards(named, "d", "Opaque");
    let bare = "def d(view):\n    def w(**kwargs):\n        return view(**kwargs)\n    return w";
    forwards(bare, "d", "Opaque");
    let dropped =
        "def d(view):\n    @wraps(view)\n    def w(**kwargs):\n        return view()\n    return w";
    forwards(dropped, "d", "Opaque");
    forwards("from somewhere import d", "d", "Unknown");
    forwards(
        "from flask_login import login_required as d",
        "d",
        "Transparent",
    );
}

/// Shapes of the returns of `view`.
fn shapes(body: &str, expected: &str) {
    let body = body
        .lines()
        .map(|l| format!("    {l}\n"))
        .collect::<String>();
    let source = format!(
        "import json\nfrom http import HTTPStatus\nfrom flask import *\nfrom flask import Flask\n\
         app = Flask(__name__)\ndef plain(): return 'x'\ndef toucher(): return g.x\n\
         @app.route('/')\ndef view():\n{body}"
    );
    let show = |f: &Function, _: &str| {
        if f.qualname != "view" {
            return String::new();
        }
        f.returns
            .iter()
            .map(|r| brief_shape(&r.shape) + "\n")
            .collect()
    };
    assert_lines(&source, &function_lines(&source, show), expected);
}

fn brief_shape(shape: &model::Shape) -> String {
    match shape {
        model::Shape::Tuple {
            elements,
            body,
            status,
            second_is_status,
        } => format!(
            "Tuple{} {} {status:?} {second_is_status:?}",
            elements.len(),
            brief_shape(body)
        ),
        other => brief(other),
    }
}

#[test]
fn simple_shapes() {
    shapes(
        r#"return "x"
return f"{a}"
return "".join(a)
return "%s" % a
return b"x"
return {"a": 1}
return [x for x in y]
return dict(a=1)
return None
return
return render_template("x")
return jsonify(1)
return redirect("/")
return Response("x")
return send_file("x")
return abort(404)
return json.dumps(x)
return x"#,
        "
Text\nText\nText\nText\nBytes\nJson\nJson\nJson\nNothing\nNothing\nText\nResponse\nResponse
Response\nResponse\nNothing\nText\nUnknown
",
    );
}

#[test]
fn composed_shapes() {
    shapes(
        r#"return "x", 404
return {}, HTTPStatus.CREATED
return "x", {"H": "1"}
return "x", code, headers
return "x", other
return "a" if c else "b"
return "a" if c else {}
return toucher()
return plain()
html = "<p>" + x
return html
resp = make_response("x")
return resp
one = {}
if c: one = []
return one
two = {}
if c: two = "x"
return two
return (yield_, )
return app.response_class("x")"#,
        "
Tuple2 Text Some(404) Some(true)
Tuple2 Json Some(201) Some(true)
Tuple2 Text None Some(false)
Tuple3 Text None Some(true)
Tuple2 Text None None
Text
Mixed
Call app:toucher
Text
Text
Response
Json
Mixed
Tuple1 Unknown None None
Response
",
    );
}

#[test]
fn wrapped_views_and_methods() {
    let source = r#"
from functools import wraps
from flask import g
def d(view):
    @wraps(view)
    def w(**k):
        if g.x: return view(**k), 201
        return view(**k)
    return w
class A:
    def one(self): return self.two()
    def two(self): return g.x
"#;
    let show = |f: &Function, _: &str| {
        let shapes: Vec<String> = f.returns.iter().map(|r| brief_shape(&r.shape)).collect();
        format!("{}: {}", f.qualname, shapes.join(", "))
    };
    assert_lines(
        source,
        &function_lines(source, show),
        "
<module>:
d: Unknown
d.<locals>.w: Tuple2 Call <wrapped> Some(201) Some(true), Call <wrapped>
A.one: Call app:A.two
A.two: Unknown
",
    );
}

#[test]
fn calls_and_effects() {
    let source = r#"
# file: p/__init__.py
# file: p/auth.py
from functools import wraps
from flask import session, redirect, url_for
def current(): return session.get("u")
def required(view):
    @wraps(view)
    def w(**k):
        if not current(): return redirect(url_for("login"))
        return view(**k)
    return w
# file: p/svc.py
from p import auth
class Svc:
    def who(self): return auth.current()
svc = Svc()
# file: p/views.py
from flask import Blueprint, request, render_template
from .auth import required
from .svc import svc, Svc
bp = Blueprint("b", __name__)
@bp.route("/a")
@required
def a(): return render_template("a")
@bp.route("/b", methods=["POST"])
def b(): return svc.who() + request.form["x"]
def c(): return Svc().who()
def d(): return map(c, [])
"#;
    let show = |f: &Function, _: &str| {
        if f.qualname == "<module>" {
            return String::new();
        }
        format!(
            "{} -> {:?} {:?} {}",
            f.qualname, f.calls, f.effects, f.referenced
        )
    };
    assert_lines(
        source,
        &function_lines(source, show),
        r#"
current -> {} {Session} true
required -> {"p.auth:required.<locals>.w"} {Session, UrlMap} true
required.<locals>.w -> {"p.auth:current"} {Session, UrlMap} true
Svc.who -> {"p.auth:current"} {Session} true
a -> {"p.auth:required"} {Session, UrlMap, Templates} false
b -> {"p.svc:Svc.who"} {Request, Body, Session} false
c -> {"p.svc:Svc.who"} {Session} true
d -> {"p.views:c"} {Session} false
"#,
    );
}

#[test]
fn parameters_and_names() {
    let source = r#"
from flask import g
def f(a, /, b: int = 1, *rest, c=2, **more):
    import os
    def inner(z): return z + outside
    return g.x
"#;
    let show = |f: &Function, text: &str| {
        if f.qualname != "f" {
            return String::new();
        }
        let params: Vec<String> = f
            .parameters
            .iter()
            .map(|p| {
                format!(
                    "{}{}{}",
                    "*".repeat(p.stars as usize),
                    p.name,
                    if p.has_default { "=" } else { "" }
                )
            })
            .collect();
        format!(
            "{} [{}] {:?}",
            params.join(" "),
            f.params_span.of(text),
            f.names
        )
    };
    assert_lines(
        source,
        &function_lines(source, show),
        r#"a b= *rest c= **more [a, /, b: int = 1, *rest, c=2, **more] {"a", "b", "c", "g", "inner", "more", "os", "outside", "rest", "z"}"#,
    );
}

#[test]
fn imports_and_files() {
    let source = r#""""Doc."""
import os
from flask import (
    Flask,
    request as rq,
)
import flask.views as fv, sys
app = Flask(__name__)
def f():
    from werkzeug.exceptions import NotFound
from flask import g
"#;
    let project = project(source);
    let infos = crate::flask::file_infos(&Scopes::new(&project));
    let info = &infos["app.py"];
    let text = &project.modules[0].text;
    let mut out = String::new();
    for import in &info.imports {
        let names: Vec<String> = import
            .names
            .iter()
            .map(|n| format!("{}={}", n.bound, n.span.of(text)))
            .collect();
        out.push_str(&format!(
            "{} {} {} {}\n",
            import.line,
            import.module,
            import.top_level,
            names.join(" ")
        ));
    }
    out.push_str(&format!(
        "{:?} {}\n",
        info.names,
        &text[..info.imports_end as usize].lines().count()
    ));
    assert_lines(
        source,
        &out,
        r#"
3 flask true Flask=Flask rq=request as rq
7 flask.views true fv=flask.views as fv sys=sys
10 werkzeug.exceptions false NotFound=NotFound
11 flask true g=g
["Flask", "app", "f", "fv", "g", "os", "rq", "sys"] 7
"#,
    );
    let (functions, _) = crate::flask::functions(&Scopes::new(&project), &[]);
    let imports: Vec<String> = functions
        .iter()
        .flat_map(|f| &f.touches)
        .filter_map(|t| match &t.op {
            Op::Import { name, bound } => Some(format!("{name}={bound}")),
            _ => None,
        })
        .collect();
    assert_eq!(
        imports,
        [
            "Flask=Flask",
            "request=rq",
            "framework=fv",
            "g=g",
            "exceptions.NotFound=NotFound"
        ]
    );
}

#[test]
fn ids_are_unique() {
    let source = r#"
from flask import g
def f(): return g.a
def f(): return g.b
class C:
    @property
    def x(self): return g.c
    @x.setter
    def x(self, v): g.c = v
"#;
    let show = |f: &Function, _: &str| f.id.clone();
    assert_lines(
        source,
        &function_lines(source, show),
        "app:<module>\napp:f\napp:f@4\napp:C.x\napp:C.x@9",
    );
}

#[test]
fn damaged_sources_do_not_stop_it() {
    for source in [
        "def f(:\n  x(\n",
        "from flask import",
        "@app.route(\ndef",
        "",
        "\u{feff}x = (",
        "class",
    ] {
        let project = project(source);
        let _ = crate::flask::functions(&Scopes::new(&project), &[]);
        let _ = crate::flask::file_infos(&Scopes::new(&project));
    }
}
