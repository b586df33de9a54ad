"""Apps that tests make or add to, against Flask's own with the same calls."""

import flask
import pytest
from flask.views import MethodView as TheirView

from flask_parity import fastapi, starlette, testing, testing_rules, urls
from flask_parity.context import request as current
from flask_parity.views import MethodView

REQUESTS = [
    ("GET", "/plain"),
    ("POST", "/plain"),
    ("GET", "/x/3"),
    ("GET", "/x/a"),
    ("GET", "/class/7"),
    ("PUT", "/class/7"),
    ("DELETE", "/class/7"),
    ("POST", "/both"),
    ("GET", "/both"),
    ("OPTIONS", "/both"),
    ("GET", "/url"),
    ("GET", "/none"),
]


def classes(base):
    class Item(base):
        def get(self, key):
            return f"get {key}"

        def put(self, key):
            return f"put {key}", 201

    return Item


def fill(route, add, view, where, url_for):
    route("/plain")(lambda: "plain")
    route("/x/<int:number>", endpoint="numbered")(lambda number: f"{number + 1}")
    route("/both", endpoint="both", methods=["GET", "POST"])(lambda: where().method)
    add("/class/<int:key>", view_func=view.as_view("item"))
    add("/url", "url", lambda: url_for("item", key=3))


@pytest.fixture(scope="module", params=[fastapi, starlette])
def clients(request):
    theirs = flask.Flask(__name__)
    fill(
        theirs.route, theirs.add_url_rule, classes(TheirView), lambda: flask.request, flask.url_for
    )
    ours = request.param.new_app(__name__)

    def route(*args, **options):
        return testing_rules.route(ours, *args, **options)

    def add(*args, **options):
        testing_rules.add_url_rule(ours, *args, **options)

    fill(route, add, classes(MethodView), lambda: current, urls.url_for)
    return theirs.test_client(), testing.test_client(ours)


@pytest.mark.parametrize(("method", "path"), REQUESTS)
def test_they_answer_the_same(clients, method, path):
    theirs, ours = (client.open(path, method=method) for client in clients)
    assert (ours.status_code, ours.get_data()) == (theirs.status_code, theirs.get_data())
    allowed = [set(r.headers.get("Allow", "").split(", ")) for r in (ours, theirs)]
    assert allowed[0] == allowed[1]
