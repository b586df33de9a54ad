//! Hooks of small sources: `kind function [blueprint] [app] [conditional]`, in order.

use model::{Certainty, ErrorKey, HookKind};

use super::routes::registered;

fn hooks(source: &str) -> String {
    let found = registered(source);
    let mut out = String::new();
    for hook in &found.hooks {
        let kind = match &hook.kind {
            HookKind::Request { when } => format!("{when:?}"),
            HookKind::Error {
                error: ErrorKey::Status(status),
            } => format!("Error {status}"),
            HookKind::Error {
                error: ErrorKey::Class(class),
            } => format!("Error {class}"),
            HookKind::Error { .. } => "Error ?".into(),
            HookKind::Template { extension, name } => {
                format!("{extension:?} {}", name.as_deref().unwrap_or("?"))
            }
        };
        out += &kind;
        let function = hook.function.as_ref();
        out += &format!(" {}", function.map_or("-", |f| &f.qualname));
        if let Some(blueprint) = &hook.blueprint {
            out += &format!(" of {blueprint}");
        }
        if hook.app.is_none() {
            out += " nowhere";
        }
        if hook.certainty != Certainty::Certain {
            out += " conditional";
        }
        out += "\n";
    }
    out
}

fn check(source: &str, expected: &str) {
    super::assert_lines(source, &hooks(source), expected);
}

const APP: &str = "from flask import Flask, Blueprint\napp = Flask(__name__)\n";

#[test]
fn decorators_and_calls() {
    check(
        &format!(
            "{APP}\
             @app.before_request\ndef first(): pass\n\
             @app.after_request\ndef after(r): return r\n\
             @app.before_request\ndef second(): pass\n\
             def close_db(e): pass\napp.teardown_appcontext(close_db)\napp.teardown_request(lambda e: None)\n\
             @app.context_processor\ndef year(): return {{}}\n\
             @app.url_value_preprocessor\ndef pull(e, v): pass\n@app.url_defaults\ndef put(e, v): pass\n\
             app.before_request(f=first)\n"
        ),
        "Before first
         After after
         Before second
         TeardownApp close_db
         Teardown -
         TemplateContext year
         UrlValues pull
         UrlValues put
         Before first",
    );
}

#[test]
fn quart_serving() {
    check(
        "from quart import Quart, Blueprint\napp = Quart(__name__)\nbp = Blueprint('bp', __name__)\n\
         @app.before_serving\nasync def up(): app.before_request(inside)\n@app.after_serving\nasync def down(): pass\n\
         async def inside(): pass\n\
         @app.while_serving\nasync def around(): yield\n@bp.before_app_serving\nasync def late(): pass\napp.register_blueprint(bp)\n",
        "Startup up
         Shutdown down
         Startup around
         Startup late
         Before inside",
    );
}

#[test]
fn errors() {
    check(
        "# file: pkg/__init__.py\nimport sqlite3\nfrom http import HTTPStatus\nfrom flask import Flask\n\
         from werkzeug.exceptions import NotFound, HTTPException\nimport werkzeug\nimport settings\n\
         from .store import Closed, Code\nimport pkg.store as store\napp = Flask(__name__)\n\
         @app.errorhandler(500)\ndef broken(e): pass\n\
         @app.errorhandler(NotFound)\n@app.errorhandler(410)\ndef gone(e): pass\n\
         app.register_error_handler(HTTPStatus.CONFLICT, gone)\napp.register_error_handler(Closed, broken)\n\
         app.register_error_handler(code_or_exception=store.Closed.Twice, f=broken)\n\
         app.register_error_handler(Exception, lambda e: 'x')\napp.register_error_handler(FileNotFoundError, broken)\n\
         app.register_error_handler(sqlite3.Error, broken)\napp.register_error_handler(settings.STATUS, broken)\n\
         app.register_error_handler(HTTPException, broken)\napp.register_error_handler(werkzeug.exceptions.ImATeapot, broken)\n\
         app.register_error_handler(Code.LOCKED, broken)\n\
         # file: pkg/store.py\nfrom enum import IntEnum\nfrom flask import request\n\
         class Closed(Exception):\n    class Twice(Exception): pass\nclass Code(IntEnum):\n    LOCKED = 423\n",
        "Error 500 broken
         Error 410 gone
         Error werkzeug.exceptions.NotFound gone
         Error 409 gone
         Error pkg.store.Closed broken
         Error pkg.store.Closed.Twice broken
         Error Exception -
         Error FileNotFoundError broken
         Error sqlite3.Error broken
         Error ? broken
         Error werkzeug.exceptions.HTTPException broken
         Error werkzeug.exceptions.ImATeapot broken
         Error 423 broken",
    );
}

#[test]
fn the_last_handler_counts() {
    check(
        &format!(
            "{APP}from werkzeug.exceptions import NotFound\n\
             @app.errorhandler(404)\ndef a(e): pass\n@app.errorhandler(500)\ndef b(e): pass\n@app.errorhandler(NotFound)\ndef c(e): pass\n\
             @app.template_filter('x')\ndef f(s): pass\napp.jinja_env.filters['x'] = c\n"
        ),
        "Error werkzeug.exceptions.NotFound c
         Error 500 b
         Filter x c",
    );
}

#[test]
fn blueprints() {
    check(
        "# file: pkg/__init__.py\nfrom flask import Flask\ndef create_app():\n    app = Flask(__name__)\n\
         \x20   from . import outer, inner\n    app.before_request(start)\n    outer.bp.register_blueprint(inner.bp)\n    app.register_blueprint(outer.bp)\n\
         \x20   app.after_request(end)\n    return app\ndef start(): pass\ndef end(r): pass\n\
         # file: pkg/outer.py\nfrom flask import Blueprint\nbp = Blueprint('outer', __name__)\n\
         @bp.before_request\ndef own(): pass\n@bp.before_app_request\ndef whole(): pass\n\
         @bp.errorhandler(404)\ndef missing(e): pass\n@bp.app_errorhandler(404)\ndef missing_at_all(e): pass\n\
         @bp.app_context_processor\ndef names(): pass\n@bp.context_processor\ndef own_names(): pass\n\
         @bp.app_template_filter()\ndef short(s): pass\n@bp.app_template_test('odd')\ndef is_odd(n): pass\n\
         @bp.app_template_global('now')\ndef now_(): pass\nbp.add_app_template_filter(short, 'brief')\n\
         # file: pkg/inner.py\nfrom flask import Blueprint\nbp = Blueprint('inner', __name__)\n\
         @bp.teardown_request\ndef close(e): pass\n@bp.teardown_app_request\ndef close_all(e): pass\n",
        "Before start
         Before own of outer
         Before whole
         Error 404 missing of outer
         Error 404 missing_at_all
         TemplateContext names
         TemplateContext own_names of outer
         Filter short short
         Test odd is_odd
         Global now now_
         Filter brief short
         Teardown close of outer.inner
         Teardown close_all
         After end",
    );
}

#[test]
fn mounted_twice() {
    check(
        "from flask import Flask, Blueprint\nbp = Blueprint('bp', __name__)\n\
         @bp.before_request\ndef own(): pass\n@bp.before_app_request\ndef whole(): pass\n\
         app = Flask(__name__)\napp.register_blueprint(bp)\napp.register_blueprint(bp, name='other', url_prefix='/o')\n",
        "Before own of bp
         Before whole
         Before own of other",
    );
}

#[test]
fn never_mounted() {
    check(
        "from flask import Blueprint\nbp = Blueprint('bp', __name__)\n@bp.before_request\ndef own(): pass\n",
        "Before own of bp nowhere conditional",
    );
}

#[test]
fn template_extensions() {
    check(
        &format!(
            "{APP}import markupsafe\n\
             @app.template_filter()\ndef shout(s): return s.upper()\n\
             @app.template_filter('whisper')\ndef lower(s): return s.lower()\n\
             @app.template_filter(name='loud')\ndef louder(s): return s\n\
             @app.template_test\ndef even(n): pass\n\
             app.add_template_filter(shout, 'scream')\napp.add_template_global(lower)\napp.add_template_filter(lambda s: s, 'same')\n\
             app.add_template_filter(markupsafe.escape)\n\
             app.jinja_env.filters['last'] = shout\nenv = app.jinja_env\nenv.globals.update(zip=zip, version='1', low=lower)\n\
             env.tests.update({{'odd': even}})\n"
        ),
        "Filter shout shout
         Filter whisper lower
         Filter loud louder
         Test even even
         Filter scream shout
         Global lower lower
         Filter same -
         Filter escape -
         Filter last shout
         Global zip -
         Global version -
         Global low lower
         Test odd even",
    );
}

#[test]
fn loops_and_helpers() {
    check(
        "# file: pkg/__init__.py\nfrom flask import Flask\nfrom . import db, errors\n\
         def create_app():\n    app = Flask(__name__)\n    db.init_app(app)\n    errors.init_app(app)\n    return app\n\
         # file: pkg/db.py\nfrom flask import g\ndef close_db(e=None):\n    g.pop('db', None)\n\
         def init_app(app):\n    app.teardown_appcontext(close_db)\n\
         # file: pkg/errors.py\nfrom . import filters\ndef handle(e): return str(e)\ndef init_app(app):\n    for code in (400, 404):\n        app.register_error_handler(code, handle)\n\
         \x20   for name, function in filters.ALL.items():\n        app.jinja_env.filters[name] = function\n\
         # file: pkg/filters.py\ndef up(s): return s.upper()\ndef down(s): return s.lower()\nALL = {'up': up, 'down': down}\n",
        "TeardownApp close_db
         Error 400 handle
         Error 404 handle
         Filter up up
         Filter down down",
    );
}

#[test]
fn objects_and_wrappers() {
    check(
        "import functools\nfrom flask import Flask\nclass Guard:\n    def __init__(self, app): app.before_request(self.check)\n    def check(self): pass\n\
         def logged(f):\n    @functools.wraps(f)\n    def wrapper(*a): return f(*a)\n    return wrapper\n\
         def plain(f):\n    def wrapper(*a): return f(*a)\n    return wrapper\n\
         class App(Flask):\n    def __init__(self, name):\n        super().__init__(name)\n        self.after_request(self.end)\n    def end(self, r): return r\n\
         app = App(__name__)\nGuard(app)\n@app.before_request\n@logged\ndef a(): pass\n@app.template_filter()\n@plain\ndef b(s): pass\n",
        "After App.end
         Before Guard.check
         Before a
         Filter wrapper plain.<locals>.wrapper",
    );
}

#[test]
fn conditions() {
    check(
        &format!(
            "import os, settings\n{APP}\
             def a(): pass\ndef b(): pass\n\
             if os.environ.get('X'):\n    app.before_request(a)\nelse:\n    app.before_request(b)\n\
             app.after_request(a if settings.X else b)\n\
             for code in settings.CODES:\n    app.register_error_handler(code, a)\n\
             if False:\n    app.before_request(b)\n"
        ),
        "Before a conditional
         Before b conditional
         After a conditional
         After b conditional
         Error ? a conditional",
    );
}

#[test]
fn receivers_that_are_not_known() {
    check(
        &format!(
            "{APP}def hook(): pass\n\
             def init_app(thing):\n    thing.before_request(hook)\n    thing.jinja_env.globals['x'] = hook\n\
             \x20   @thing.errorhandler(404)\n    def missing(e): pass\n"
        ),
        "Before hook conditional
         Global x hook conditional
         Error 404 init_app.<locals>.missing conditional",
    );
}

#[test]
fn a_factory_that_runs_twice() {
    check(
        "from flask import Flask, Blueprint\ndef create_app(test=None):\n    app = Flask(__name__)\n    bp = Blueprint('bp', __name__)\n\
         \x20   @app.before_request\n    def one(): pass\n    @bp.after_request\n    def two(r): pass\n    app.register_blueprint(bp)\n    return app\n\
         app = create_app()\nother = create_app(True)\n",
        "Before create_app.<locals>.one
         After create_app.<locals>.two of bp",
    );
}

#[test]
fn two_ways_to_a_helper() {
    check(
        &format!(
            "import settings\n{APP}def guard(n): pass\ndef hook(): pass\n\
             def install(): app.before_request(hook)\n\
             if settings.A: install()\nif settings.B: install()\n\
             def make(n):\n    def inner(): pass\n    return inner\nfor n in (1, 2):\n    app.before_request(make(n))\n"
        ),
        "Before hook conditional
         Before make.<locals>.inner
         Before make.<locals>.inner",
    );
}

#[test]
fn circles_of_imports() {
    check(
        "# file: helpers.py\nfrom server import app\nclass Closed(Exception): pass\ndef tag(x): return x\ndef missing(e): return app.name\n\
         # file: server.py\nfrom flask import Flask\napp = Flask(__name__)\nfrom helpers import tag, missing, Closed\n\
         app.jinja_env.globals.update(tag=tag, other=1)\napp.jinja_env.filters['t'] = tag\napp.register_error_handler(Closed, missing)\n\
         app.before_request(tag)\napp.add_template_filter(tag, 'u')\napp.add_template_test(tag)\n@app.errorhandler(Closed)\ndef closed(e): pass\n",
        "Global tag tag
         Global other -
         Filter t tag
         Error helpers.Closed closed
         Before tag
         Filter u tag
         Test tag tag",
    );
}

#[test]
fn functions_that_touch_nothing() {
    let source = "# file: app.py\nfrom flask import Flask\nimport filters\napp = Flask(__name__)\n@app.template_filter()\ndef shout(s): return s.upper()\n\
                  for f in filters.ALL: app.add_template_filter(f)\ndef error(e): return 'no'\nHANDLERS = {404: error}\n\
                  for code, h in HANDLERS.items(): app.register_error_handler(code, h)\n\
                  # file: filters.py\ndef low(s): return s.lower()\ndef other(s): return s\nALL = [low]\n";
    let project = super::project(source);
    let found = registered(source);
    let scopes = crate::python::scopes::Scopes::new(&project);
    let (functions, _) = crate::flask::functions(&scopes, &found.roles);
    let lines: Vec<String> = functions
        .iter()
        .map(|f| format!("{} {:?}", f.id, f.role))
        .collect();
    assert_eq!(
        lines,
        [
            "app:<module> Module",
            "app:shout TemplateFilter",
            "app:error ErrorHandler",
            "filters:low TemplateFilter"
        ]
    );
    for hook in &found.hooks {
        let id = hook.function.as_ref().and_then(|f| f.function.as_ref());
        assert!(functions.iter().any(|f| Some(&f.id) == id), "{id:?}");
    }
}

#[test]
fn static_folders() {
    let folders = |source: &str| -> Vec<String> {
        let found = registered(source);
        let of = |r: &model::Route| format!("{} {}", r.rule, r.folder.as_deref().unwrap_or("?"));
        found
            .routes
            .iter()
            .filter(|r| r.is_static)
            .map(of)
            .collect()
    };
    assert_eq!(
        folders(
            "# file: pkg/__init__.py\nfrom flask import Flask\nfrom .admin.views import bp, out\napp = Flask(__name__)\n\
             app.register_blueprint(bp, url_prefix='/a')\napp.register_blueprint(out)\n\
             # file: pkg/admin/__init__.py\n# file: pkg/admin/views.py\nfrom flask import Blueprint\n\
             bp = Blueprint('bp', __name__, static_folder='../assets/', static_url_path='s')\n\
             out = Blueprint('out', 'pkg', static_folder='../../x', static_url_path='/out')\n"
        ),
        [
            "/static/<path:filename> pkg/static",
            "/a/s/<path:filename> pkg/assets",
            "/out/<path:filename> ?",
        ]
    );
    assert_eq!(
        folders(
            "from flask import Flask\nimport os\na = Flask(__name__)\nb = Flask(__name__, static_folder='web/dist', static_url_path='/b')\n\
                 c = Flask(__name__, static_folder=os.path.abspath('x'), static_url_path='/c')\nd = Flask(__name__, root_path='/srv', static_url_path='/d')\n\
                 e = Flask(__name__.split('.')[0], static_url_path='/e')\n"
        ),
        [
            "/static/<path:filename> static",
            "/b/<path:filename> web/dist",
            "/c/<path:filename> ?",
            "/d/<path:filename> ?",
            "/e/<path:filename> static",
        ]
    );
}
