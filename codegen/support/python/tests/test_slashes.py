"""URLs that lack a slash, beside rules that take them as they are, against Flask."""

import itertools

import flask
import pytest
from fastapi import APIRouter
from sides import Pair, original, port, same_time_and_chance  # noqa: F401

from flask_parity import fastapi, hooks
from flask_parity.context import request
from flask_parity.fastapi import FlaskRoute
from flask_parity.rules import path as translated

#: Rules of an app, in the order of their registration.
RULES = [
    ["/user/", "/<path:rest>"],
    ["/<path:rest>", "/user/"],
    ["/user/", "/<name>"],
    ["/<name>", "/user/"],
    ["/user", "/user/", "/<name>"],
    ["/<int:number>/", "/<name>"],
    ["/<name>/", "/<int:number>"],
    ["/a/<name>/", "/<path:rest>"],
    ["/a/<name>/", "/<first>/<second>"],
    ["/a/b/", "/a/<name>", "/<path:rest>"],
    ["/<path:rest>/", "/<name>"],
    ["/<path:rest>/x/", "/<path:rest>"],
]
PATHS = [
    "/user",
    "/user/",
    "/a",
    "/a/b",
    "/a/b/",
    "/7",
    "/7/",
    "/a/b/c",
    "/a/x",
    "/a/x/",
    "/",
]


@pytest.mark.parametrize("mounted", [False, True])
@pytest.mark.parametrize("rules", RULES, ids=" ".join)
def test_they_are_moved_as_under_flask(rules, mounted):
    theirs, ours = original(), port()
    fastapi.prepare(ours, "sides", static_folder=None, sort_routes=True)
    their_owner, our_owner = theirs, ours
    if mounted:
        their_owner = flask.Blueprint("b", __name__)
        our_owner = APIRouter(route_class=FlaskRoute)
    for i, (rule, methods) in enumerate(itertools.product(rules, [["GET"], ["POST"]])):
        if methods == ["POST"] and i % 4 == 1:
            continue
        name = f"r{i}"

        def view(rule=rule, **values):
            return f"{rule} {sorted(values.items())}"

        their_owner.add_url_rule(rule, name, view, methods=methods)
        full = f"b.{name}" if mounted else name
        our_owner.add_api_route(translated(rule), view, methods=methods, name=full)
    theirs.before_request(lambda: None)
    hooks.before_request(ours)(lambda: None)
    if mounted:
        theirs.register_blueprint(their_owner, url_prefix="/p")
        ours.include_router(our_owner, prefix="/p")
    theirs.after_request(told(lambda: flask.request.endpoint))
    hooks.after_request(ours)(told(lambda: request.endpoint))
    both = Pair(theirs, ours)
    for method, path in itertools.product(["GET", "POST", "OPTIONS"], PATHS):
        both.ask(method, ("/p" if mounted else "") + path + "?q=1")


def told(endpoint):
    def tell(response):
        response.headers["X-Endpoint"] = str(endpoint())
        return response

    return tell
