"""Routes of Starlette against Flask's, asked the same."""

import functools
import uuid

import flask
import flask.views
import pytest
from fastapi import APIRouter
from sides import Pair, original, port
from starlette.applications import Starlette
from starlette.routing import Router

import flask_parity.fastapi
import flask_parity.starlette
from flask_parity.context import g, request
from flask_parity.hooks import adopt_hooks, before_request
from flask_parity.relay import relayed
from flask_parity.responses import jsonify
from flask_parity.starlette import FlaskRoute, at, prepare, prepare_router, rule
from flask_parity.urls import url_for
from flask_parity.views import MethodView


def empty():
    app = Starlette()
    prepare(app, "sides", static_folder=None, sort_routes=True)
    app.state.config.update(SECRET_KEY="k")
    return app


def passing(view):
    """A decorator of the app's own that hands everything on."""

    @functools.wraps(view)
    def wrapped(**values):
        return view(**values)

    return wrapped


def theirs():
    app, bp = original(), flask.Blueprint("bp", __name__, url_prefix="/b")

    @app.route("/")
    def index():
        return "index"

    @app.route("/<int:number>/<word>", methods=["GET", "PUT"])
    @passing
    def show(number, word):
        return f"{number!r} {word} {flask.request.args.get('q')} {flask.request.endpoint}"

    @app.route("/plain/<word>")
    def plain(word):
        return {"word": word, "rule": str(flask.request.url_rule)}

    @app.route("/form", methods=["POST"])
    def form():
        return flask.request.form["x"], 201, {"X-A": "1"}

    @app.route("/pages/", defaults={"page": 1})
    @app.route("/pages/<int:page>", strict_slashes=False)
    def pages(page):
        return flask.jsonify(page=page, url=flask.url_for("pages", page=page + 1))

    @app.route("/<path:rest>")
    def rest(rest):
        return "rest " + rest

    class Things(flask.views.MethodView):
        def get(self, key):
            return f"{key!r} {flask.request.method}"

        def delete(self, key):
            return "", 204

    app.add_url_rule("/things/<uuid:key>", view_func=Things.as_view("things"))

    @bp.before_request
    def first():
        if "stop" in flask.request.args:
            return "stopped by " + flask.request.endpoint, 403

    @bp.route("", methods=["PUT"])
    def put():
        return "put"

    @bp.route("")
    def root():
        return flask.url_for(".inner", name="a b")

    @bp.route("/<name>/")
    def inner(name):
        return f"{name} {flask.request.blueprint} {flask.request.view_args}"

    @bp.route("/left/<int:n>")
    def left(n):
        return f"left {n} {flask.url_for('bp.root')}"

    app.register_blueprint(bp)
    return app


def ours():
    app, bp = empty(), Router()

    def index(request):
        return "index"

    @passing
    def show(request):
        number, word = request.path_params["number"], request.path_params["word"]
        return f"{number!r} {word} {request.args.get('q')} {request.endpoint}"

    def plain(word):
        return {"word": word, "rule": str(request.url_rule)}

    def form(request):
        return request.form["x"], 201, {"X-A": "1"}

    @rule(app, "/pages/", defaults={"page": 1})
    @rule(app, "/pages/{page:int}", strict_slashes=False)
    def pages(request):
        page = request.path_params["page"]
        return jsonify(page=page, url=url_for("pages", page=page + 1))

    def rest(request):
        return "rest " + request.path_params["rest"]

    class Things(MethodView):
        def get(self, request, key):
            return f"{key!r} {request.method}"

        def delete(self, key):
            return "", 204

    @before_request(bp)
    def first():
        if "stop" in request.args:
            return "stopped by " + request.endpoint, 403

    def root(request):
        return url_for(".inner", name="a b")

    def inner(request):
        return f"{request.path_params['name']} {request.blueprint} {request.view_args}"

    @relayed(bp, "", methods=["PUT"], endpoint="bp.put")
    def put():
        return "put"

    @relayed(bp, "/left/<int:n>", endpoint="bp.left")
    def left(n):
        return f"left {n} {url_for('bp.root')}"

    bp.routes += [
        FlaskRoute("", root, name="bp.root"),
        FlaskRoute("/{name}/", inner, name="bp.inner"),
    ]
    app.router.routes += [
        FlaskRoute("/", index),
        FlaskRoute("/{number:int}/{word}", show, methods=["GET", "PUT"]),
        FlaskRoute("/plain/{word}", plain),
        FlaskRoute("/form", form, methods=["POST"]),
        FlaskRoute("/{rest:path}", rest),
        FlaskRoute(
            "/things/{key:uuid}",
            Things.as_view("things"),
            methods=["GET", "DELETE"],
            name="things",
        ),
        *at("/b", bp.routes),
    ]
    adopt_hooks(app, bp, "bp")
    return app


PATHS = ["/", "/5/a;b?q=1", "/-5/a", "/plain/x", "/form", "/pages/", "/pages/3", "/pages/3/"]
PATHS += ["/pages", "/a/b/c", "/a//b", f"/things/{uuid.UUID(int=7)}", "/things/7", "/b", "/b/"]
PATHS += [
    "/b/ann",
    "/b/ann/",
    "/b/ann/?stop",
    "/b?stop",
    "/b/left/3",
    "/b/left/x",
    "/b/left/3?stop",
]


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"])
def test_every_path_and_method(method):
    pair = Pair(theirs(), ours())
    for path in PATHS:
        pair.ask(method, path)


def test_forms():
    pair = Pair(theirs(), ours())
    pair.post("/form", {"x": "é"})
    pair.post("/form", {"y": "1"})
    pair.post("/")


def test_folders_of_a_blueprint(tmp_path):
    (tmp_path / "f").mkdir()
    (tmp_path / "f" / "a.txt").write_text("a")
    left, bp = original(), flask.Blueprint("bp", __name__, static_folder=str(tmp_path / "f"))
    left.register_blueprint(bp, url_prefix="/p")
    right, router = empty(), Router()
    prepare_router(router, "bp", __name__, static_folder=str(tmp_path / "f"))
    right.router.routes += at("/p", router.routes)
    pair = Pair(left, right)
    for path in ("/p/f/a.txt", "/p/f/b.txt", "/f/a.txt"):
        pair.get(path)


@pytest.mark.parametrize("framework", ["starlette", "fastapi"])
def test_routers_that_say_themselves_who_they_are(framework):
    app, parts = original(), [flask.Blueprint(n, __name__, url_prefix=p) for n, p in PARTS]
    for part in parts:

        @part.route("/")
        def index():
            return flask.request.endpoint + " " + flask.g.get("seen", "")

        @part.before_request
        def before():
            flask.g.seen = flask.request.blueprint

        app.register_blueprint(part)
    Pair(app, included(framework)).get("/a/")
    for path in ("/a", "/b/", "/", "/nowhere"):
        Pair(app, included(framework)).get(path)


PARTS = [("a", "/a"), ("b", "/b"), ("c", None)]


def included(framework):
    if framework == "starlette":
        app, module = empty(), flask_parity.starlette
    else:
        app, module = port(), flask_parity.fastapi
    for name, prefix in PARTS:

        def index():
            return request.endpoint + " " + g.get("seen", "")

        if framework == "starlette":
            part = Router()
            module.prepare_router(part, name, __name__, url_prefix=prefix)
            part.routes.append(FlaskRoute("/", index, name=f"{name}.index"))
        else:
            part = APIRouter(prefix=prefix or "", route_class=module.FlaskRoute)
            module.prepare_router(part, name, __name__)
            part.get("/", name=f"{name}.index")(index)

        @before_request(part)
        def before():
            g.seen = request.blueprint

        module.include(app, part)
    return app
