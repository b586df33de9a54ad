"""Converters with arguments and of one's own, against Werkzeug: matching and building."""

import flask
import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.testclient import TestClient
from werkzeug.routing import BaseConverter as TheirBase
from werkzeug.routing import ValidationError as TheirError

from flask_parity import fastapi, starlette
from flask_parity.context import State, activate
from flask_parity.converters import BaseConverter, ValidationError, converter, register_converter
from flask_parity.urls import url_for


def even(base, error):
    class Even(base):
        regex = r"\d+"

        def to_python(self, value):
            if int(value) % 2:
                raise error()
            return int(value) // 2

        def to_url(self, value):
            return super().to_url(f"{value * 2}")

    return Even


RULES = {
    "two": ("string(length=2)", "string", (), {"length": 2}),
    "some": ("string(minlength=2, maxlength=3)", "string", (), {"minlength": 2, "maxlength": 3}),
    "word": ("any(a, 'b.c')", "any", ("a", "b.c"), {}),
    "small": ("int(min=1, max=9)", "int", (), {"min": 1, "max": 9}),
    "fixed": ("int(fixed_digits=3, signed=True)", "int", (), {"fixed_digits": 3, "signed": True}),
    "real": ("float(min=0, signed=True)", "float", (), {"min": 0, "signed": True}),
    "even": ("even", None, (), {}),
}
TEXTS = ["a", "ab", "abc", "abcd", "b.c", "bxc", "0", "1", "4", "9", "10", "007", "-12", "-1.5"]
TEXTS += ["-0.5", "0.5", "é", "a%20"]
VALUES = {"two": "é ", "some": "a b", "word": "b.c", "small": 3, "fixed": 7, "real": 0.5, "even": 4}


def fastapi_app():
    app = FastAPI(openapi_url=None, default_response_class=HTMLResponse)
    fastapi.prepare(app, __name__)
    return app, app.router.add_api_route


def starlette_app():
    app = Starlette()
    starlette.prepare(app, __name__)
    return app, lambda *args, **kwargs: app.routes.append(starlette.FlaskRoute(*args, **kwargs))


@pytest.fixture(scope="module", params=[fastapi_app, starlette_app])
def apps(request):
    theirs = flask.Flask(__name__)
    theirs.url_map.converters["even"] = even(TheirBase, TheirError)
    ours, add = request.param()
    register_converter(ours, "even", even(BaseConverter, ValidationError))
    for name, (rule, kind, args, kwargs) in RULES.items():
        theirs.add_url_rule(f"/{name}/<{rule}:x>", name, repr_of)
        if kind:
            converter(name, kind, *args, **kwargs)
        add(f"/{name}/{{x:{name}}}", repr_of, name=name)
    return theirs, ours


def repr_of(x):
    return repr(x)


@pytest.mark.parametrize("name", RULES)
def test_they_match_and_convert_the_same(apps, name):
    theirs, ours = apps[0].test_client(), TestClient(apps[1])
    seen = set()
    for text in TEXTS:
        a, b = theirs.get(f"/{name}/{text}"), ours.get(f"/{name}/{text}")
        assert (b.status_code, b.text) == (a.status_code, a.text), text
        seen.add(a.status_code)
    assert seen == {200, 404}


@pytest.mark.parametrize("method", ["POST", "OPTIONS", "HEAD"])
@pytest.mark.parametrize("name", RULES)
def test_the_method_is_looked_at_before_the_value(apps, name, method):
    theirs, ours = apps[0].test_client(), TestClient(apps[1])
    for text in TEXTS:
        a, b = (
            theirs.open(f"/{name}/{text}", method=method),
            ours.request(method, f"/{name}/{text}"),
        )
        assert b.status_code == a.status_code, text
        allowed = [set(r.headers.get("Allow", "").split(", ")) for r in (a, b)]
        assert allowed[0] == allowed[1], text


@pytest.mark.parametrize("name", RULES)
def test_they_build_the_same(apps, name):
    with apps[0].test_request_context():
        expected = flask.url_for(name, x=VALUES[name])
    apps[1].state.config["SERVER_NAME"] = "localhost"
    with activate(State(apps[1])):
        assert url_for(name, x=VALUES[name], _external=False) == expected
