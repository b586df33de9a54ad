//! Routes of small sources: `VERBS rule endpoint view [conditional|partial]`, static ones left out.

use model::Certainty;

use super::project;
use crate::flask::{Registrations, registrations};
use crate::python::eval::STACK;

/// What a source registers, evaluated on the stack that it may need.
pub(super) fn registered(source: &str) -> Registrations {
    let project = project(source);
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, || registrations(&project))
            .expect("a thread")
            .join()
            .expect("no panic")
    })
}

fn routes(source: &str) -> Vec<String> {
    let found = registered(source);
    let mut lines: Vec<String> = found
        .routes
        .iter()
        .filter(|r| !r.is_static)
        .map(|r| {
            let view = r.view.as_ref().map_or("-", |v| v.qualname.as_str());
            let mark = match r.certainty {
                Certainty::Certain => "",
                Certainty::Conditional => " conditional",
                Certainty::Partial => " partial",
            };
            format!("{} {} {} {view}{mark}", r.verbs(), r.rule, r.endpoint)
        })
        .collect();
    lines.sort();
    lines
}

fn check(source: &str, expected: &[&str]) {
    let found = routes(source);
    assert_eq!(found, expected, "\n{source}");
}

#[test]
fn module_level_app() {
    check(
        "from flask import Flask as F\napp = F(__name__)\n\
         @app.route('/a', methods=['post', 'GET'])\n@app.get('/b', endpoint='x')\ndef view(): pass\n",
        &["GET /b x view", "GET,POST /a view view"],
    );
}

#[test]
fn factories_and_blueprints() {
    check(
        "# file: pkg/__init__.py\nfrom flask import Flask\nPREFIX = '/api'\n\
         def create_app(config=None):\n    app = Flask(__name__)\n    if config: app.config.update(config)\n\
         \x20   from .views import bp, child\n    bp.register_blueprint(child, url_prefix='/c')\n\
         \x20   app.register_blueprint(bp, url_prefix=PREFIX + '/v1')\n    return app\n\
         # file: pkg/views.py\nfrom flask import Blueprint\nbp = Blueprint('bp', __name__, url_prefix='/lost')\n\
         child = Blueprint('child', __name__)\n@bp.route('/')\ndef index(): pass\n@child.post('/x')\ndef x(): pass\n",
        &[
            "GET /api/v1/ bp.index index",
            "POST /api/v1/c/x bp.child.x x",
        ],
    );
}

#[test]
fn rules_from_constants_and_loops() {
    check(
        "from flask import Flask\napp = Flask(__name__)\nclass C:\n    ROOT = '/root'\n\
         def one(): pass\ndef two(): pass\nTABLE = {'/one': one, '/two': two}\n\
         for path, view in TABLE.items():\n    app.add_url_rule(f'{C.ROOT}{path}', view_func=view)\n\
         app.add_url_rule('%s/%s' % (C.ROOT, 'three'), 'three', one)\n",
        &[
            "GET /root/one one one",
            "GET /root/three three one",
            "GET /root/two two two",
        ],
    );
}

#[test]
fn helpers_register_on_behalf_of_callers() {
    check(
        "from flask import Flask\napp = Flask(__name__)\n\
         def add(owner, *rules, **options):\n    def wrap(view):\n        for rule in rules: owner.add_url_rule(rule, view_func=view, **options)\n        return view\n    return wrap\n\
         @add(app, '/a', '/b', methods=('PUT',))\ndef view(): pass\n",
        &["PUT /a view view", "PUT /b view view"],
    );
}

#[test]
fn class_based_views() {
    check(
        "from flask import Flask\nfrom flask.views import MethodView, View\napp = Flask(__name__)\n\
         class Base(MethodView):\n    def get(self): pass\nclass Item(Base):\n    def delete(self): pass\n\
         class Old(View):\n    methods = ['POST']\n    def dispatch_request(self): pass\n\
         app.add_url_rule('/item', view_func=Item.as_view('item'))\napp.add_url_rule('/old', view_func=Old.as_view('old'))\n",
        &["DELETE,GET /item item Item", "POST /old old Old"],
    );
}

#[test]
fn decorators_that_replace_the_view() {
    check(
        "from functools import wraps\nfrom flask import Flask\nfrom other import login_required\napp = Flask(__name__)\n\
         def kept(f):\n    @wraps(f)\n    def wrapper(*a): return f(*a)\n    return wrapper\n\
         def lost(f):\n    def wrapper(*a): return f(*a)\n    return wrapper\n\
         @app.route('/a')\n@login_required\n@kept\ndef a(): pass\n@app.route('/b')\n@lost\ndef b(): pass\n",
        &["GET /a a a", "GET /b wrapper lost.<locals>.wrapper"],
    );
}

#[test]
fn subclasses_and_methods() {
    check(
        "from flask import Flask\nclass App(Flask):\n    def __init__(self, name):\n        super().__init__(name)\n\
         \x20       self.add_url_rule('/bound', 'bound', self.bound)\n    def bound(self): pass\napp = App(__name__)\n",
        &["GET /bound bound App.bound"],
    );
}

#[test]
fn conditions() {
    check(
        "import os\nfrom flask import Flask\napp = Flask(__name__)\n\
         if os.path.exists('x'):\n    @app.route('/maybe')\n    def maybe(): pass\n\
         if False:\n    @app.route('/never')\n    def never(): pass\n\
         @app.route('/always')\ndef always(): pass\n",
        &[
            "GET /always always always",
            "GET /maybe maybe maybe conditional",
        ],
    );
}

#[test]
fn nothing_unknown_is_lost() {
    let source = "from flask import Flask\nimport settings\napp = Flask(__name__)\n\
                  @app.route(settings.PREFIX + '/x')\ndef x(): pass\n\
                  for name in settings.NAMES:\n    app.add_url_rule('/n/' + name, name, x)\n";
    check(
        source,
        &[
            "GET /n/<?name> <?> x partial",
            "GET <?PREFIX>/x x x partial",
        ],
    );
    let found = registered(source);
    assert_eq!(found.findings.len(), 2, "{:?}", found.findings);
}

#[test]
fn unmounted_blueprints_are_partial() {
    check(
        "from flask import Blueprint\nbp = Blueprint('bp', __name__, url_prefix='/p')\n@bp.route('/x')\ndef x(): pass\n",
        &["GET <?>/p/x bp.x x partial"],
    );
}

#[test]
fn circular_imports() {
    check(
        "# file: pkg/__init__.py\nfrom flask import Flask\napp = Flask(__name__)\nfrom pkg import views\n\
         # file: pkg/views.py\nfrom pkg import app\n@app.route('/x')\ndef x(): pass\n",
        &["GET /x x x"],
    );
}

#[test]
fn rest_extensions() {
    check(
        "from flask import Flask\nfrom flask_restful import Api, Resource\napp = Flask(__name__)\napi = Api(app, prefix='/api')\n\
         class Todo(Resource):\n    def get(self): pass\n    def put(self): pass\napi.add_resource(Todo, '/todo', '/todo/<int:id>')\n",
        &[
            "GET,PUT /api/todo todo Todo",
            "GET,PUT /api/todo/<int:id> todo Todo",
        ],
    );
    check(
        "from flask import Flask\nfrom flask_restx import Api, Namespace, Resource\napp = Flask(__name__)\napi = Api(app)\n\
         ns = Namespace('cats')\napi.add_namespace(ns, path='/c')\n@ns.route('/<id>')\nclass CatItem(Resource):\n    def get(self, id): pass\n",
        &["GET /c/<id> cats_cat_item CatItem"],
    );
}

#[test]
fn exposed_methods_of_appbuilder() {
    check(
        "from flask import Flask\nfrom flask_appbuilder import AppBuilder, BaseView, expose\napp = Flask(__name__)\nbuilder = AppBuilder(app)\n\
         class Report(BaseView):\n    route_base = '/r'\n    @expose('/show/<int:id>', methods=['GET', 'POST'])\n    def show(self, id): pass\n\
         builder.add_view(Report, 'Report')\n",
        &["GET,POST /r/show/<int:id> Report.show Report.show"],
    );
}

#[test]
fn context_managers_and_setup_states() {
    check(
        "from contextlib import contextmanager\nfrom flask import Flask\nfrom flask import Blueprint\nfrom flask.blueprints import BlueprintSetupState\n\
         class State(BlueprintSetupState):\n    def add_url_rule(self, rule, endpoint=None, view_func=None, **o):\n\
         \x20       if rule.startswith('!'):\n            self.url_prefix = None\n            rule = rule[1:]\n        super().add_url_rule(rule, endpoint, view_func, **o)\n\
         class Own(Blueprint):\n    extra = ''\n    def make_setup_state(self, app, options, first=False): return State(self, app, options, first)\n\
         \x20   @contextmanager\n    def under(self, extra):\n        self.extra = extra\n        yield\n        self.extra = ''\n\
         \x20   def add_url_rule(self, rule, endpoint=None, view_func=None, **o):\n        super().add_url_rule(self.extra + rule, endpoint, view_func, **o)\n\
         def v(): pass\nbp = Own('bp', __name__, url_prefix='/p')\nbp.add_url_rule('/a', 'a', v)\nbp.add_url_rule('!/b', 'b', v)\n\
         with bp.under('/u'):\n    bp.add_url_rule('/c', 'c', v)\nbp.add_url_rule('/d', 'd', v)\n\
         app = Flask(__name__)\napp.register_blueprint(bp)\n",
        &[
            "GET /b bp.b v",
            "GET /p/a bp.a v",
            "GET /p/d bp.d v",
            "GET /p/u/c bp.c v",
        ],
    );
}

#[test]
fn evaluation_ends() {
    check(
        "from flask import Flask\napp = Flask(__name__)\ndef f(n):\n    while True:\n        f(n + 1)\n    return f(n)\nf(0)\n\
         class A:\n    def __getattr__(self, n): return getattr(self, n + 'x')\nA().y\nx = [1]\nfor i in x:\n    x.append(i)\n\
         @app.route('/x')\ndef view(): pass\n",
        &["GET /x view view"],
    );
}

#[test]
fn quart_websockets() {
    check(
        "from quart import Quart\napp = Quart(__name__)\n@app.websocket('/ws')\nasync def ws(): pass\n",
        &["WS /ws ws ws"],
    );
}
