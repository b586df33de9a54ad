"""URLs that lack a slash, beside rules that take them as they are, against Flask."""

import itertools
import random

import flask
import pytest
from fastapi import APIRouter
from sides import Pair, original, port, same_time_and_chance  # noqa: F401
from starlette.routing import compile_path
from werkzeug.exceptions import NotFound
from werkzeug.routing import BaseConverter as TheirBase
from werkzeug.routing import Map, RequestRedirect, Rule

from flask_parity import fastapi, hooks, urls
from flask_parity.context import request
from flask_parity.converters import BaseConverter, register_converter
from flask_parity.fastapi import FlaskRoute
from flask_parity.precedence import order
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
    ["/a/<deep:rest>/", "/<path:rest>"],
    ["/<deep:rest>/", "/<name>"],
    ["/user/", "/<deep:rest>"],
]
#: A converter of the app's own that takes slashes.
DEEP = {"regex": "[a-z/]+?", "part_isolating": False}
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
    theirs.url_map.converters["deep"] = type("Deep", (TheirBase,), DEEP)
    register_converter(ours, "deep", type("Deep", (BaseConverter,), DEEP))
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


def test_urls_are_built_of_the_rule_that_was_registered_first():
    theirs, ours = original(), port()
    fastapi.prepare(ours, "sides", static_folder=None, sort_routes=True)
    for rule in ("/<path:rest>/x", "/<path:rest>/x/", "/a/<name>", "/<name>/a"):
        theirs.add_url_rule(rule, rule[-2:], lambda **values: "")
        ours.get(translated(rule), name=rule[-2:])(lambda rest="", name="": "")
    theirs.add_url_rule("/told", "told", lambda: repr(built(flask.url_for)))
    ours.get("/told", name="told")(lambda: repr(built(urls.url_for)))
    theirs.add_url_rule(
        "/rules", "rules", lambda: str([r.rule for r in theirs.url_map.iter_rules()])
    )
    ours.get("/rules", name="rules")(lambda: str([r.rule for r in ours.state.url_map.iter_rules()]))
    both = Pair(theirs, ours)
    both.get("/told")
    both.get("/rules")


def built(url_for):
    return [
        url_for("/x", rest="r"),
        url_for("x/", rest="r"),
        url_for("e>", name="n"),
        url_for("/a", name="n"),
    ]


WORDS = ["a", "bb", "ccc", "d.e"]
KINDS = ["", "int:", "path:", "float:"]


def chosen_rule(chance):
    segments = []
    for i in range(chance.randint(1, 4)):
        kind = chance.choice(["word", "word", "variable", "variable", "both"])
        variable = f"<{chance.choice(KINDS)}v{i}>"
        word = chance.choice(WORDS)
        segments.append({"word": word, "variable": variable, "both": word + variable}[kind])
    return "/" + "/".join(segments) + chance.choice(["", "", "/"])


@pytest.mark.parametrize("seed", range(60))
def test_rules_are_tried_in_werkzeugs_order(seed):
    """Of rules made by chance the first that fits, in our order, is the one that Werkzeug takes."""
    chance = random.Random(seed)
    rules = list(dict.fromkeys(chosen_rule(chance) for _ in range(12)))
    adapter = Map([Rule(rule, endpoint=rule) for rule in rules], merge_slashes=False).bind("x")
    paths = [translated(rule) for rule in rules]
    compiled = [(compile_path(paths[i])[0], rules[i]) for i in order(paths)]
    for _ in range(200):
        url = "/" + "/".join(chance.choices([*WORDS, "7", "1.5", "bb7"], k=chance.randint(1, 5)))
        url += chance.choice(["", "/"])
        try:
            theirs = adapter.match(url)[0]
        except (NotFound, RequestRedirect):
            continue
        ours = next((rule for regex, rule in compiled if regex.match(url)), None)
        assert ours == theirs, f"{url} of {rules}"


@pytest.mark.parametrize("name", [None, "example.org", "example.org:80", "example.org:81"])
def test_a_moved_request_goes_to_the_apps_own_host(name):
    theirs, ours = original(SERVER_NAME=name), port(SERVER_NAME=name)
    theirs.add_url_rule("/a/", "a", lambda: "a")
    ours.get("/a/", name="a")(lambda: "a")
    both = Pair(theirs, ours)
    for host in ("localhost", "example.org", "other.org:8000"):
        both.ask("GET", "/a?x=1", headers={"Host": host})
