//! One case an idiom: what is asked, as far as which text, of which receiver.

use super::{assert_lines, touch_lines};
use crate::python::scopes::Scopes;

fn check(source: &str, expected: &str) {
    assert_lines(source, &touch_lines(source), expected);
}

/// The body of one view of a plain app.
fn view(body: &str, expected: &str) {
    let body = body
        .lines()
        .map(|l| format!("    {l}\n"))
        .collect::<String>();
    let source = format!(
        "from flask import *\nimport flask\nfrom flask import Flask, request, session, g\n\
         app = Flask(__name__)\n@app.route('/')\ndef view():\n{body}"
    );
    let expected = expected
        .lines()
        .map(str::trim)
        .filter(|l| !l.is_empty())
        .map(|l| format!("view | {l}\n"))
        .collect::<String>();
    check(&source, &expected);
}

#[test]
fn query_access() {
    view(
        r#"a = request.args.get("q", 10, type=int)
b = request.args["q"]
c = request.args.getlist("q")
if "q" in request.args: pass
d = dict(request.args)
e = request.args.to_dict()"#,
        r#"
        Query Get q | request.args.get("q", 10, type=int) | request.args | Expression Bound a
        Query Item q | request.args["q"] | request.args | Expression Bound b
        Query All q | request.args.getlist("q") | request.args | Expression Bound c
        Query Contains q | "q" in request.args | request.args | Condition Used
        Query Whole | request.args | request.args | Expression Used
        Query Method to_dict | request.args.to_dict() | request.args | Expression Bound e
        "#,
    );
}

#[test]
fn request_aliases() {
    view(
        r#"req = request
args = req.args
x = args.get(key)
return flask.request.form["a"]"#,
        r#"
        Request | request | request | Expression Bound req
        Query Whole | req.args | req.args | Expression Bound args
        Query Get None | args.get(key) | args | Expression Bound x
        Form Item a | flask.request.form["a"] | flask.request.form | Return Returned
        "#,
    );
}

#[test]
fn request_parts() {
    view(
        r#"if request.method == "POST": pass
a = request.get_json(silent=True)
b = request.json["k"]
c = request.data, request.path, request.remote_addr
d = request.headers.get("X"), request.cookies["c"]
f = request.endpoint, request.url, request.content_type"#,
        r#"
        Method | request.method | request | Condition Used
        Json | request.get_json(silent=True) | request | Expression Bound a
        Json | request.json | request | Expression Used
        RawBody | request.data | request | Expression Used
        Path | request.path | request | Expression Used
        RemoteAddress | request.remote_addr | request | Expression Used
        Headers Get X | request.headers.get("X") | request.headers | Expression Used
        Cookies Item c | request.cookies["c"] | request.cookies | Expression Used
        Matched endpoint | request.endpoint | request | Expression Used
        Url url | request.url | request | Expression Used
        RequestAttribute content_type | request.content_type | request | Expression Used
        "#,
    );
}

#[test]
fn uploads() {
    view(
        r#"f = request.files["f"]
f.save("x")
for g2 in request.files.getlist("g"):
    print(g2.filename)
request.files.get("h").read()"#,
        r#"
        Files Item f | request.files["f"] | request.files | Expression Bound f
        Upload save | f.save("x") | f | Statement Discarded
        Files All g | request.files.getlist("g") | request.files | Expression Used
        Upload filename | g2.filename | g2 | Expression Used
        Upload read | request.files.get("h").read() | request.files.get("h") | Statement Discarded
        Files Get h | request.files.get("h") | request.files | Expression Used
        "#,
    );
}

#[test]
fn session_and_globals() {
    view(
        r#"session["a"] = 1
session["n"] += 1
del session["b"]
session.pop("c", None)
session.permanent = True
session["d"]["e"] = 1
g.user = session.get("user")
if not hasattr(g, "db"): setattr(g, "db", 1)
return g.user"#,
        r#"
        Session Set a | session["a"] | session | Target Used
        Session Set n | session["n"] | session | Target Used
        Session Delete b | session["b"] | session | Target Used
        Session Delete c | session.pop("c", None) | session | Statement Discarded
        Session Method permanent | session.permanent | session | Target Used
        Session Item d | session["d"] | session | Expression Used
        Globals Set user | g.user | g | Target Used
        Session Get user | session.get("user") | session | Expression Used
        Globals Contains db | hasattr(g, "db") | g | Condition Used
        Globals Set db | setattr(g, "db", 1) | g | Statement Discarded
        Globals Item user | g.user | g | Return Returned
        "#,
    );
}

#[test]
fn functions_of_the_framework() {
    view(
        r#"flash("m", "error")
if x: abort(404, "why")
if y: return redirect(url_for("auth.login", next=request.url), code=303)
return render_template("a/b.html", x=1), 201"#,
        r#"
        Flash | flash("m", "error") | flash | Statement Discarded
        Abort 404 | abort(404, "why") | abort | Statement Discarded
        Redirect | redirect(url_for("auth.login", next=request.url), code=303) | redirect | Return Returned
        UrlFor auth.login | url_for("auth.login", next=request.url) | url_for | Return Used
        Url url | request.url | request | Return Used
        Render a/b.html | render_template("a/b.html", x=1) | render_template | Return Returned
        "#,
    );
}

#[test]
fn constants_of_arguments() {
    check(
        r#"
from flask import render_template, abort
PAGE = "page" + ".html"
GONE = 410
def show():
    abort(GONE)
    return render_template(PAGE)
"#,
        r#"
        show | Abort 410 | abort(GONE) | abort | Statement Discarded
        show | Render page.html | render_template(PAGE) | render_template | Return Returned
        "#,
    );
}

#[test]
fn responses_in_the_making() {
    view(
        r#"resp = make_response(render_template("x"))
resp.set_cookie("k", "v")
resp.headers["X"] = "1"
resp.headers.add("Y", "2")
resp.status_code = 404
return resp"#,
        r#"
        MakeResponse | make_response(render_template("x")) | make_response | Expression Bound resp
        Render x | render_template("x") | render_template | Expression Used
        Cookie | resp.set_cookie("k", "v") | resp | Statement Discarded
        ResponseAttribute headers | resp.headers["X"] | resp | Target Used
        ResponseAttribute headers.add | resp.headers.add("Y", "2") | resp | Statement Discarded
        ResponseAttribute status_code | resp.status_code | resp | Target Used
        "#,
    );
}

#[test]
fn a_response_from_a_helper() {
    check(
        r#"
# file: pkg/__init__.py
# file: pkg/util.py
from flask import jsonify
def reply(x):
    return jsonify(x)
# file: pkg/views.py
from .util import reply
def view():
    r = reply(1)
    r.status_code = 201
    return r
"#,
        r#"
        reply | Reply | jsonify(x) | jsonify | Return Returned
        view | ResponseAttribute status_code | r.status_code | r | Target Used
        "#,
    );
}

#[test]
fn after_request_hooks_get_the_response() {
    check(
        r#"
from flask import Flask
app = Flask(__name__)
@app.after_request
def add(response):
    response.headers["X"] = "1"
    return response
"#,
        r#"
        <module> | Hook After App | app.after_request | app | Decorator Used
        add | ResponseAttribute headers | response.headers["X"] | response | Target Used
        "#,
    );
}

#[test]
fn aliased_imports() {
    check(
        r#"
from flask import request as rq, jsonify as j
import flask as f
from werkzeug.exceptions import abort, NotFound
from werkzeug.utils import redirect as go, secure_filename
from flask.globals import session
def view():
    rq.args["a"]; f.request.args["b"]; f.session.clear(); session["x"]
    secure_filename("x")
    if 1: abort(400)
    if 2: raise NotFound("no")
    if 3: return go("/")
    return j(a=1)
"#,
        r#"
        view | Query Item a | rq.args["a"] | rq.args | Statement Discarded
        view | Query Item b | f.request.args["b"] | f.request.args | Statement Discarded
        view | Session Method clear | f.session.clear() | f.session | Statement Discarded
        view | Session Item x | session["x"] | session | Statement Discarded
        view | Abort 400 | abort(400) | abort | Statement Discarded
        view | Abort 404 | NotFound("no") | NotFound | Expression Used
        view | Redirect | go("/") | go | Return Returned
        view | Reply | j(a=1) | j | Return Returned
        "#,
    );
}

#[test]
fn quart_is_awaited() {
    check(
        r#"
from quart import Quart, request, render_template
app = Quart(__name__)
@app.post("/")
async def view():
    form = await request.form
    name = form["name"]
    other = (await request.form)["other"]
    data = await request.get_json()
    return await render_template("x.html")
"#,
        r#"
        view | Form Whole | await request.form | await request.form | Expression Bound form
        view | Form Item name | form["name"] | form | Expression Bound name
        view | Form Item other | (await request.form)["other"] | await request.form | Expression Bound other
        view | Json | await request.get_json() | request | Expression Bound data
        view | Render x.html | await render_template("x.html") | render_template | Return Returned
        "#,
    );
}

#[test]
fn imports_inside_functions_and_fallbacks() {
    check(
        r#"
try:
    from quart import request
except ImportError:
    from flask import request
def a():
    from flask import g
    return g.x
def b():
    return request.path
def c(g):
    return g.x
"#,
        r#"
        a | Globals Item x | g.x | g | Return Returned
        b | Path | request.path | request | Return Returned
        "#,
    );
}

#[test]
fn shadowed_names_are_not_touched() {
    check(
        r#"
from flask import request, session, g
def a(request): return request.args["x"]
def b():
    for session in sessions(): session["x"]
    return [g.x for g in graphs()]
def c():
    request = build()
    return request.path
d = lambda g: g.x
"#,
        "",
    );
}

#[test]
fn contexts() {
    view(
        r#"a = lambda: g.x
b = [g.y for _ in range(3)]
c = 1 if g.z else 2
def inner(d=g.w): pass
assert g.v
e = 1 if c else g.u"#,
        r#"
        Globals Item x | g.x | g | Lambda Returned
        Globals Item y | g.y | g | Comprehension Used
        Globals Item z | g.z | g | Condition Used
        Globals Item w | g.w | g | Default Used
        Globals Item v | g.v | g | Condition Used
        Globals Item u | g.u | g | Expression Used
        "#,
    );
}

#[test]
fn types_are_types() {
    check(
        r#"
from flask import Flask, Response, request
from flask.views import MethodView
from werkzeug.exceptions import HTTPException, NotFound
def f(app: Flask) -> Response:
    try:
        pass
    except (HTTPException, NotFound):
        raise NotFound
    return isinstance(f, Response)
class V(MethodView):
    def get(self): return "x"
"#,
        r#"
        <module> | Type Flask | Flask | Flask | Annotation Used
        <module> | Type Response | Response | Response | Annotation Used
        <module> | Type views.MethodView | MethodView | MethodView | Expression Used
        f | Type exceptions.HTTPException | HTTPException | HTTPException | Expression Used
        f | Type exceptions.NotFound | NotFound | NotFound | Expression Used
        f | Abort 404 | NotFound | NotFound | Expression Used
        f | Type Response | Response | Response | Return Used
        "#,
    );
}

#[test]
fn registrations_on_an_app() {
    check(
        r##"
from flask import Flask
app = Flask(__name__)
app.config["A"] = 1
app.secret_key = "x"
app.add_url_rule("/x", "x", lambda: "x")
app.add_url_rule("/y", endpoint="y")
app.register_error_handler(404, lambda e: "no")
app.jinja_env.filters["f"] = str
app.jinja_env.globals.update(n=1)
app.wsgi_app = app.wsgi_app
db.init_app(app)
if __name__ == "__main__":
    app.run(debug=True)
"##,
        r#"
        <module> | Config | app.config | app | Expression Used
        <module> | SecretKey | app.secret_key | app | Target Used
        <module> | NameUrl | app.add_url_rule("/y", endpoint="y") | app | Statement Discarded
        <module> | ErrorHandler App | app.register_error_handler(404, lambda e: "no") | app | Statement Discarded
        <module> | TemplateExtension Filter | app.jinja_env.filters["f"] | app | Target Used
        <module> | TemplateExtension Global | app.jinja_env.globals.update(n=1) | app | Statement Discarded
        <module> | AppAttribute wsgi_app | app.wsgi_app | app | Target Used
        <module> | AppAttribute wsgi_app | app.wsgi_app | app | Expression Used
        <module> | App | app | app | Expression Used
        <module> | RunServer | app.run(debug=True) | app | Statement Discarded
        "#,
    );
}

#[test]
fn registrations_on_a_blueprint_across_modules() {
    check(
        r#"
# file: site/__init__.py
from flask import Flask
def create_app():
    from . import auth
    app = Flask(__name__)
    app.register_blueprint(auth.bp)
    with app.app_context(): pass
    return app
# file: site/auth/__init__.py
from flask import Blueprint
bp = Blueprint("auth", __name__)
from . import hooks
# file: site/auth/hooks.py
from . import bp
from .. import auth
@bp.before_request
def one(): pass
@bp.before_app_request
def two(): pass
@auth.bp.errorhandler(404)
def three(e): pass
@bp.app_template_filter("f")
def four(s): pass
@bp.cli.command("x")
def five(): pass
"#,
        r#"
        create_app | CreateApp | Flask(__name__) | Flask | Expression Bound app
        create_app | Mount | app.register_blueprint(auth.bp) | app | Statement Discarded
        create_app | AppContext | app.app_context() | app | Expression Used
        create_app | App | app | app | Return Returned
        <module> | Hook Before Blueprint | bp.before_request | bp | Decorator Used
        <module> | Hook Before AppFromBlueprint | bp.before_app_request | bp | Decorator Used
        <module> | ErrorHandler Blueprint | auth.bp.errorhandler(404) | auth.bp | Decorator Used
        <module> | TemplateExtension Filter | bp.app_template_filter("f") | bp | Decorator Used
        <module> | Command | bp.cli.command("x") | bp.cli | Decorator Used
        "#,
    );
}

#[test]
fn apps_as_parameters() {
    check(
        r#"
# file: run.py
from flask import Flask
from ext import register, Ext
def make():
    application = Flask(__name__)
    register(application, 1)
    Ext(application)
    return application
# file: ext.py
def register(target, n):
    inner(target)
def inner(x):
    x.teardown_appcontext(close)
def close(e): pass
class Ext:
    def __init__(self, app):
        self.app = app
    def key(self):
        return self.app.config["K"]
def by_use(thing):
    thing.register_blueprint(None)
def unknown(thing):
    return thing.config
"#,
        r#"
        register | App | target | target | Expression Used
        inner | Hook TeardownApp App | x.teardown_appcontext(close) | x | Statement Discarded
        Ext.__init__ | App | app | app | Expression Used
        Ext.key | Config | self.app.config | self.app | Return Used
        by_use | Mount | thing.register_blueprint(None) | thing | Statement Discarded
        make | CreateApp | Flask(__name__) | Flask | Expression Bound application
        make | App | application | application | Expression Used
        make | App | application | application | Expression Used
        make | App | application | application | Return Returned
        "#,
    );
}

#[test]
fn the_ambient_app() {
    check(
        r#"
from flask import current_app
def f():
    current_app.logger.info("x")
    app = current_app._get_current_object()
    return current_app.config["K"], app.extensions
"#,
        r#"
        f | Logger | current_app.logger | current_app | Expression Used
        f | CurrentApp | current_app._get_current_object() | current_app | Expression Bound app
        f | Config | current_app.config | current_app | Return Used
        f | AppAttribute extensions | app.extensions | app | Return Used
        "#,
    );
}

#[test]
fn star_reexports() {
    check(
        r#"
# file: p/__init__.py
# file: p/base.py
from flask import *
def helper():
    return request.path
# file: p/middle.py
from .base import *
# file: p/views.py
from .middle import *
def view():
    flash("x")
    return helper()
"#,
        r#"
        helper | Path | request.path | request | Return Returned
        view | Flash | flash("x") | flash | Statement Discarded
        "#,
    );
}

#[test]
fn circular_imports_end() {
    check(
        r#"
# file: a.py
from b import x, request
def f(): return request.path
# file: b.py
from a import x, f
from flask import request
"#,
        "f | Path | request.path | request | Return Returned",
    );
}

#[test]
fn app_subclasses() {
    check(
        r#"
from flask import Flask
class Site(Flask):
    def setup(self):
        self.before_request(self.check)
    def check(self): pass
app = Site(__name__)
app.logger.info("x")
"#,
        r#"
        <module> | Type Flask | Flask | Flask | Expression Used
        <module> | Logger | app.logger | app | Expression Used
        Site.setup | Hook Before App | self.before_request(self.check) | self | Statement Discarded
        "#,
    );
}

#[test]
fn global_statement_and_none() {
    check(
        r#"
from flask import Flask
app = None
def make():
    global app
    app = Flask("x")
def later():
    return app.config
"#,
        r#"
        make | CreateApp | Flask("x") | Flask | Expression Bound app
        later | Config | app.config | app | Return Returned
        "#,
    );
}

#[test]
fn instance_attributes() {
    check(
        r#"
from flask import Flask, request
class Server:
    def __init__(self):
        self.app = Flask("x")
        self.req = request
        self.app.add_url_rule("/", "i", self.index)
    def index(self):
        return self.req.path
"#,
        r#"
        Server.__init__ | CreateApp | Flask("x") | Flask | Expression Used
        Server.__init__ | Request | request | request | Expression Used
        Server.__init__ | Route | self.app.add_url_rule("/", "i", self.index) | self.app | Statement Discarded
        Server.index | Path | self.req.path | self.req | Return Returned
        "#,
    );
}

#[test]
fn what_the_vocabulary_does_not_name_is_found() {
    let source = r#"
from flask import request, copy_current_request_context, json, has_request_context
def f():
    copy_current_request_context(f)
    request.my_user
    log(request)
    helper(request)
    state.r = request
    request.user_agent
    json.dumps(1)
    has_request_context()
def helper(r): return r.path
"#;
    let (_, findings) = crate::flask::functions(&Scopes::new(&super::project(source)), &[]);
    let found: String = findings
        .iter()
        .map(|f| format!("{} {}\n", f.place.line, f.code))
        .collect();
    assert_lines(source, &found, "4 M0201\n5 M0201\n6 M0202\n8 M0202");
    check(
        source,
        r#"
        f | Other copy_current_request_context | copy_current_request_context(f) | copy_current_request_context | Statement Discarded
        f | RequestAttribute my_user | request.my_user | request | Statement Discarded
        f | Request | request | request | Expression Used
        f | Request | request | request | Expression Used
        f | Request | request | request | Expression Used
        f | RequestAttribute user_agent | request.user_agent | request | Statement Discarded
        f | JsonText dumps | json.dumps(1) | json.dumps | Statement Discarded
        f | HasContext request: true | has_request_context() | has_request_context | Statement Discarded
        helper | Path | r.path | r | Return Returned
        "#,
    );
}

#[test]
fn everywhere_in_a_statement() {
    view(
        r#"assert x, request.path
raise NotFound() from g.error
match x:
    case flask.Response(status=200) if request.is_json: pass
y = f"{x:>{g.width}}""#,
        r#"
        Path | request.path | request | Expression Used
        Globals Item error | g.error | g | Expression Used
        Type Response | flask.Response | flask.Response | Pattern Used
        RequestAttribute is_json | request.is_json | request | Condition Used
        Globals Item width | g.width | g | Expression Used
        "#,
    );
}

#[test]
fn several_uploads() {
    view(
        r#"many = request.files.getlist("f")
names = [each.filename for each in many]
many[0].save("x")"#,
        r#"
        Files All f | request.files.getlist("f") | request.files | Expression Bound many
        Upload filename | each.filename | each | Comprehension Used
        Upload save | many[0].save("x") | many[0] | Statement Discarded
        "#,
    );
}

#[test]
fn through_properties_and_reassigned_parameters() {
    check(
        r#"
from flask import current_app, request
class Base:
    @property
    def app(self): return current_app
    def work(self): self.app.logger.info("x")
def handle(form=None):
    form = form or {}
    return form.get("a")
def view(): handle(request.form)
"#,
        r#"
        Base.app | CurrentApp | current_app | current_app | Return Returned
        Base.work | Logger | self.app.logger | self.app | Expression Used
        handle | Form Whole | form | form | Expression Used
        handle | Form Get a | form.get("a") | form | Return Returned
        view | Form Whole | request.form | request.form | Expression Used
        "#,
    );
}
