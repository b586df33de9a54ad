"""URLs, compared with those that Flask builds of the same rules."""

import asyncio

import flask
import httpx
import pytest
from fastapi import APIRouter, FastAPI

from flask_parity import urls
from flask_parity.context import app_context
from flask_parity.converters import BaseConverter, ValidationError, register_converter
from flask_parity.fastapi import prepare

#: Endpoint, Flask's rule, FastAPI's, methods, defaults; of an endpoint in this order.
RULES = [
    ("index", "/", "/", ["GET"], None),
    ("user", "/user/<name>", "/user/{name}", ["GET"], None),
    ("item", "/item/<int:n>/", "/item/{n:int}/", ["GET"], None),
    ("file", "/file/<path:p>", "/file/{p:path}", ["GET"], None),
    ("uid", "/uid/<uuid:u>", "/uid/{u:uuid}", ["GET"], None),
    ("price", "/price/<float:x>", "/price/{x:float}", ["GET"], None),
    ("many", "/many", "/many", ["GET"], None),
    ("many", "/many/<a>", "/many/{a}", ["GET"], None),
    ("many", "/many/<a>/<b>", "/many/{a}/{b}", ["POST"], None),
    ("page", "/pages/", "/pages/", ["GET"], {"n": 1}),
    ("page", "/pages/<int:n>", "/pages/{n:int}", ["GET"], None),
    ("later", "/later/<int:n>", "/later/{n:int}", ["GET"], None),
    ("later", "/later/", "/later/", ["GET"], {"n": 1}),
    ("fixed", "/fixed/<a>/<b>", "/fixed/{a}/{b}", ["GET"], {"a": "ä"}),
    ("tie1", "/tie1/<a>", "/tie1/{a}", ["GET"], None),
    ("tie2", "/tie2/<b>", "/tie2/{b}", ["GET"], None),
    ("kind", "/read", "/read", ["GET"], {"mode": "r"}),
    ("kind", "/write", "/write", ["POST"], {"mode": "w"}),
    ("odd", "/ü/a b//c%/<name>", "/ü/a b//c%/{name}", ["GET"], None),
    ("even", "/even/<even:n>", "/even/{n:even}", ["GET"], None),
    ("even", "/any/<n>", "/any/{n}", ["GET"], None),
    ("here", "/here", "/here", ["GET", "POST"], None),
    ("bp.here", "/bp/here", "/bp/here", ["GET"], None),
    ("bp.inner.view", "/bp/inner/<lang>", "/bp/inner/{lang}", ["GET"], None),
]

UUID = "11111111-2222-3333-4444-555555555555"

CALLS = [
    ("index", {}),
    ("index", {"q": "a b&c=ü", "none": None, "l": [1, None, "2"], "t": (), "s": {3}}),
    ("index", {"_anchor": "ä b#%20?"}),
    ("index", {"_anchor": ""}),
    ("index", {"_external": True}),
    ("index", {"_external": True, "_scheme": "https"}),
    ("index", {"_scheme": "https"}),
    ("index", {"_scheme": "wss"}),
    ("index", {"_scheme": "ftp"}),
    ("index", {"_scheme": ""}),
    ("index", {"_scheme": "https", "_external": False}),
    ("index", {"_external": False, "x": 1}),
    ("user", {"name": "é/a b?#%"}),
    ("user", {"name": 5, "page": 2}),
    ("user", {"name": None}),
    ("user", {}),
    ("user", {"_method": "POST", "name": "x"}),
    ("user", {"_method": "HEAD", "name": "x"}),
    ("user", {"_method": "OPTIONS", "name": "x"}),
    ("item", {"n": 5}),
    ("item", {"n": "5"}),
    ("item", {"n": "x"}),
    ("file", {"p": "a/b c/../d"}),
    ("uid", {"u": UUID}),
    ("price", {"x": 2}),
    ("many", {}),
    ("many", {"a": "1"}),
    ("many", {"a": "1", "b": "2"}),
    ("many", {"a": "1", "b": "2", "_method": "POST"}),
    ("many", {"b": "2", "c": "3"}),
    ("many", {"b": "2", "_method": "POST"}),
    ("page", {}),
    ("page", {"n": 1}),
    ("page", {"n": 2}),
    ("page", {"n": 1, "q": "x"}),
    ("later", {"n": 1}),
    ("later", {}),
    ("fixed", {"b": "c"}),
    ("fixed", {"b": "c", "a": "ä"}),
    ("fixed", {"b": "c", "a": "d"}),
    ("tie", {"b": 1}),
    ("tie", {"c": 1}),
    ("kind", {"mode": "w"}),
    ("kind", {"mode": "r"}),
    ("kind", {"mode": "x"}),
    ("kind", {}),
    ("kind", {"_method": "POST"}),
    ("odd", {"name": "ü"}),
    ("even", {"n": 4}),
    ("even", {"n": 5}),
    ("bp.here", {}),
    (".here", {}),
    (".index", {}),
    ("..here", {}),
    ("bp.inner.view", {}),
    ("bp.inner.view", {"lang": "fr", "x": 1}),
    ("indexx", {}),
    ("nothing", {"a": 1}),
]


def even(base, error):
    class Even(base):
        def to_url(self, value):
            if int(value) % 2:
                raise error()
            return f"e{value}"

    return Even


def url_defaults(endpoint, values):
    if endpoint.startswith("bp.inner"):
        values.setdefault("lang", "de")
    values.setdefault("trace", None)


def blueprint_defaults(endpoint, values):
    values["of"] = f"{values.get('lang')}"


def empty(**values):
    return ""


def app_of_flask(settings):
    from werkzeug.routing import BaseConverter, ValidationError

    app = flask.Flask(__name__, static_folder=None)
    app.config.update(settings)
    app.url_map.converters["even"] = even(BaseConverter, ValidationError)
    for endpoint, rule, _, methods, defaults in RULES:
        app.add_url_rule(rule, endpoint, empty, methods=methods, defaults=defaults)
    app.url_default_functions[None].append(url_defaults)
    app.url_default_functions["bp"].append(blueprint_defaults)
    return app


def app_of_port(settings):
    app = FastAPI(openapi_url=None)
    prepare(app, __name__, static_folder=None)
    app.state.config.update(settings)
    register_converter(app, "even", even(BaseConverter, ValidationError))
    told = {}
    for endpoint, _, path, methods, defaults in RULES:
        app.router.add_api_route(path, empty, methods=methods, name=endpoint)
        told.setdefault(endpoint, []).append(defaults or {})
    app.state.url_defaults = told
    app.state.hooks.url_defaults.append(url_defaults)
    app.state.hooks.own("bp").url_defaults.append(blueprint_defaults)
    return app


def result(function, *args, **kwargs):
    try:
        return function(*args, **kwargs)
    except Exception as error:
        names = {"BuildError", "RuntimeError", "ValueError"} & {
            c.__name__ for c in type(error).__mro__
        }
        return sorted(names), str(error)


SETTINGS = [
    {},
    {"SERVER_NAME": "Example.org"},
    {"SERVER_NAME": "example.org:80", "APPLICATION_ROOT": "/root"},
    {"SERVER_NAME": "example.org:5000", "APPLICATION_ROOT": "/root//"},
    {"SERVER_NAME": "bücher.example", "PREFERRED_URL_SCHEME": "https"},
    {"SERVER_NAME": "example.org", "PREFERRED_URL_SCHEME": "", "APPLICATION_ROOT": "root"},
]


@pytest.mark.parametrize("settings", SETTINGS)
def test_outside_of_requests(settings):
    theirs, ours = app_of_flask(settings), app_of_port(settings)
    for endpoint, values in CALLS:
        with theirs.app_context():
            expected = result(flask.url_for, endpoint, **values)
        with app_context(ours):
            assert result(urls.url_for, endpoint, **values) == expected, (endpoint, values)


def ask(app, method, base, path, root):
    async def send():
        transport = httpx.ASGITransport(app, root_path=root)
        async with httpx.AsyncClient(transport=transport, base_url=base) as client:
            await client.request(method, root + path, headers={"Host": base.partition("//")[2]})

    asyncio.run(send())


@pytest.mark.parametrize("settings", SETTINGS[:5])
@pytest.mark.parametrize("path", ["/here", "/bp/here"])
@pytest.mark.parametrize(
    ("method", "base", "root"),
    [
        ("GET", "http://Some.host:8080", ""),
        ("POST", "http://some.host", "/mounted"),
        ("HEAD", "https://some.host", "/mounted/é"),
    ],
)
def test_in_requests(settings, path, method, base, root):
    theirs, ours = app_of_flask(settings), app_of_port(settings)
    if (method, path) == ("POST", "/bp/here"):
        method = "GET"
    expected, found = [], []
    for app, url_for, results in ((theirs, flask.url_for, expected), (ours, urls.url_for, found)):

        def note(url_for=url_for, results=results):
            results.extend((call, result(url_for, call[0], **call[1])) for call in CALLS)

        if app is theirs:
            app.before_request(note)
            name = {"SCRIPT_NAME": root.encode().decode("latin1")}
            app.test_client().open(path, base_url=base, method=method, environ_overrides=name)
        else:
            from flask_parity.hooks import before_request

            before_request(app)(note)
            ask(app, method, base, path, root)
    assert expected
    assert found == expected


def test_routes_that_come_later_are_found():
    app = app_of_port({"SERVER_NAME": "x"})
    router, inner = APIRouter(), APIRouter(prefix="/inner")
    router.include_router(inner)
    app.include_router(router, prefix="/r")
    with app_context(app):
        for owner, path, url in (
            (app, "/n1", "/n1"),
            (router, "/n2", "/r/n2"),
            (inner, "/", "/r/inner/"),
        ):
            with pytest.raises(urls.BuildError):
                urls.url_for("new" + path, _external=False)
            getattr(owner, "router", owner).add_api_route(path, lambda: "", name="new" + path)
            assert urls.url_for("new" + path, _external=False) == url
        urls.add_url(app, "/extra/{a}", "extra")
        assert urls.url_for("extra", a=1, b=2, _external=False) == "/extra/1?b=2"


def test_defaults_of_a_route_itself():
    app = app_of_port({"SERVER_NAME": "x"})
    app.router.add_api_route("/d", lambda: "", name="d")
    app.router.routes[-1].defaults = {"n": 1}
    with app_context(app):
        assert urls.url_for("d", n=1, _external=False) == "/d"
        with pytest.raises(urls.BuildError):
            urls.url_for("d", n=2)
