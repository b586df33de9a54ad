"""flask_parity.cors, compared with Flask-CORS."""

import random
import re
from datetime import timedelta

import flask
import flask_cors
import pytest
from sides import Pair, original, port, same_time_and_chance  # noqa: F401

from flask_parity import cors, errors

OPTIONS = {
    "origins": [
        "*",
        "http://a.com",
        ["http://a.com", "http://B.com"],
        r"https?://.*\.a\.com",
        [re.compile("http://a.+")],
        [],
    ],
    "methods": [["GET", "post"], "PUT", {"DELETE"}],
    "allow_headers": ["*", "X-A", ["x-a", "X-.*"]],
    "expose_headers": [None, "X-E", ["X-F", "X-E"]],
    "supports_credentials": [True, False],
    "max_age": [None, 5, "6", timedelta(minutes=2), 0],
    "send_wildcard": [True, False],
    "vary_header": [True, False],
    "always_send": [True, False],
    "allow_private_network": [True, False],
}
RESOURCES = [
    r"/*",
    "/api/.*",
    ["/api/a", "/other"],
    {"/api/.*": {"origins": "http://x.com"}, "/api/a": {"methods": "GET"}, "*": {"max_age": 1}},
    re.compile("/api"),
]


def requests(chance):
    for _ in range(12):
        headers = {}
        if chance.random() < 0.8:
            headers["Origin"] = chance.choice(
                ["http://a.com", "http://b.com", "HTTP://A.com", "https://x.a.com", "http://x.com"]
            )
        if chance.random() < 0.5:
            headers["Access-Control-Request-Method"] = chance.choice(["GET", "put", "GE", "X"])
        if chance.random() < 0.5:
            headers["Access-Control-Request-Headers"] = chance.choice(["X-A", "x-b, x-a", "Y"])
        if chance.random() < 0.2:
            headers["Access-Control-Request-Private-Network"] = "true"
        path = chance.choice(["/api/a", "/api/b", "/other", "/none", "/abort", "/own"])
        yield chance.choice(["GET", "OPTIONS", "OPTIONS", "POST"]), path, headers


def views(rule, abort, response):
    rule("/api/a")(lambda: "a")
    rule("/api/b")(lambda: "b")
    rule("/other")(lambda: "other")
    rule("/abort")(lambda: abort(403))


@pytest.mark.parametrize("seed", range(60))
def test_random_options(seed):
    chance = random.Random(seed)
    names = chance.sample(sorted(OPTIONS), chance.randrange(6))
    options = {name: chance.choice(OPTIONS[name]) for name in names}
    if chance.random() < 0.6:
        options["resources"] = chance.choice(RESOURCES)
    settings = {}
    if options and chance.random() < 0.3:
        name = chance.choice(sorted(options))
        settings[f"CORS_{name.upper()}"] = options.pop(name)
    theirs, ours = original(**settings), port(**settings)
    refused = []
    for app, library in ((theirs, flask_cors), (ours, cors)):
        try:
            library.CORS(app, **options)
        except ValueError:
            refused.append(app)
    assert len(refused) != 1
    if refused:
        return

    def name(path):
        return path.strip("/").replace("/", "_")

    views(lambda path: theirs.get(path, endpoint=name(path)), flask.abort, flask.Response)
    views(lambda path: ours.get(path, name=name(path)), errors.abort, None)
    browser = Pair(theirs, ours)
    for method, path, headers in requests(chance):
        browser.ask(method, path, headers=headers)


@pytest.mark.parametrize("seed", range(20))
def test_decorated_views(seed):
    chance = random.Random(seed)
    names = chance.sample(sorted(OPTIONS), chance.randrange(6))
    options = {name: chance.choice(OPTIONS[name]) for name in names}
    if options.get("send_wildcard") and options.get("supports_credentials"):
        del options["send_wildcard"]
    theirs, ours = original(), port()

    def view():
        return ("text", 201)

    def other():
        return "plain"

    theirs.get("/api/a")(flask_cors.cross_origin(**options)(view))
    theirs.get("/other")(other)
    ours.api_route("/api/a", methods=["GET", "OPTIONS"])(cors.cross_origin(**options)(view))
    ours.get("/other")(other)
    if seed % 2:
        flask_cors.CORS(theirs)
        cors.CORS(ours)
    browser = Pair(theirs, ours)
    for method, path, headers in requests(chance):
        browser.ask(method, path, headers=headers)
