"""The test client, test by test against Flask's own on the same app."""

import io
import sqlite3

import click
import flask
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

from flask_parity import testing as parity
from flask_parity.cli import commands
from flask_parity.context import current_app, g, has_request_context, request, session
from flask_parity.fastapi import prepare
from flask_parity.hooks import before_request, teardown_appcontext, teardown_request
from flask_parity.responses import jsonify, redirect, reply

ENDED = []


def views(flavour):
    """The views of the app, on the names of Flask or of the port."""
    request, session, g = flavour["request"], flavour["session"], flavour["g"]
    jsonify, redirect = flavour["jsonify"], flavour["redirect"]

    def echo():
        files = {
            key: [[f.filename, f.mimetype, f.read().decode()] for f in request.files.getlist(key)]
            for key in request.files
        }
        return jsonify(
            method=request.method,
            path=request.path,
            args={key: request.args.getlist(key) for key in request.args},
            form={key: request.form.getlist(key) for key in request.form},
            files=files,
            type=request.mimetype,
            data="" if request.form or request.files else request.get_data(as_text=True),
            json=request.get_json(silent=True),
            host=request.host,
            url=request.base_url,
            remote=request.remote_addr,
            x=request.headers.get("X-Test"),
            authorization=request.headers.get("Authorization"),
            cookies=dict(request.cookies.items()),
        )

    def login():
        session["user"] = request.args.get("user", "nobody")
        return redirect("/whoami")

    def whoami():
        g.user = session.get("user")
        return f"<p>{g.user}</p>"

    def again():
        return redirect("/again")

    def away():
        return redirect("http://elsewhere.example/")

    def keep():
        return redirect("/echo", 307)

    def fail():
        raise ZeroDivisionError("no")

    def database():
        return str(g.db.execute("SELECT 1 + 1").fetchone()[0])

    return {
        "/echo": echo,
        "/login": login,
        "/whoami": whoami,
        "/again": again,
        "/away": away,
        "/keep": keep,
        "/fail": fail,
        "/database": database,
    }


def flask_app():
    app = flask.Flask(__name__)
    app.config.update(SECRET_KEY="k", TESTING=True)
    for path, view in views(vars(flask)).items():
        methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
        app.add_url_rule(path, view.__name__, view, methods=methods)
    app.before_request(lambda: setattr(flask.g, "begun", True))
    app.teardown_request(lambda error: ENDED.append(("request", type(error).__name__)))
    app.teardown_appcontext(lambda error: ENDED.append(("app", type(error).__name__)))

    @app.cli.command("greet")
    @click.argument("name")
    def greet(name):
        click.echo(f"{name} at {bool(flask.current_app)}")

    return app


def port_app():
    app = FastAPI(openapi_url=None, default_response_class=HTMLResponse)
    prepare(app, __name__)
    app.state.config.update(SECRET_KEY="k", TESTING=True)
    names = {
        "request": request,
        "session": session,
        "g": g,
        "jsonify": jsonify,
        "redirect": redirect,
    }
    for path, view in views(names).items():
        methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
        app.api_route(path, methods=methods, name=view.__name__)(view)
    before_request(app)(lambda: setattr(g, "begun", True))
    teardown_request(app)(lambda error: ENDED.append(("request", type(error).__name__)))
    teardown_appcontext(app)(lambda error: ENDED.append(("app", type(error).__name__)))

    @commands(app).command("greet")
    @click.argument("name")
    def greet(name):
        click.echo(f"{name} at {bool(current_app)}")

    return app


class Side:
    """One of the two, under the same names."""

    def __init__(self, name):
        self.is_port = name == "port"
        self.app = port_app() if self.is_port else flask_app()
        self.config = self.app.state.config if self.is_port else self.app.config
        self.request = request if self.is_port else flask.request
        self.session = session if self.is_port else flask.session
        self.g = g if self.is_port else flask.g
        has = has_request_context if self.is_port else flask.has_request_context
        self.has_request_context = has

    def client(self, **options):
        own = parity.test_client(self.app, **options) if self.is_port else None
        return own or self.app.test_client(**options)

    def context(self):
        return parity.app_context(self.app) if self.is_port else self.app.app_context()

    def request_context(self, *args, **options):
        if self.is_port:
            return parity.test_request_context(self.app, *args, **options)
        return self.app.test_request_context(*args, **options)

    def runner(self):
        return parity.test_cli_runner(self.app) if self.is_port else self.app.test_cli_runner()


@pytest.fixture(params=["flask", "port"])
def side(request):
    ENDED.clear()
    return Side(request.param)


REQUESTS = [
    {},
    {"query_string": {"a": "1 2", "b": ["x", "y"]}},
    {"query_string": "a=1&a=2"},
    {"path": "/echo?q=%C3%A9&r=a+b"},
    {"data": {"a": "é", "b": ["1", "2"], "n": 3}},
    {"data": "plain"},
    {"data": b"a=1", "content_type": "application/x-www-form-urlencoded"},
    {"data": {}},
    {"json": {"b": 1, "a": [None, "é"]}},
    {"json": None, "data": "{}", "content_type": "application/json"},
    {"data": lambda: {"f": (io.BytesIO(b"one"), "a.txt"), "x": "1"}},
    {"data": lambda: {"f": [(io.BytesIO(b"1"), "a.png"), (io.BytesIO(b"2"), "b", "text/x")]}},
    {"data": {"a": "1"}, "content_type": "multipart/form-data"},
    {"headers": {"X-Test": "1"}},
    {"headers": [("X-Test", "1"), ("X-Test", "2")]},
    {"headers": {"Authorization": "Bearer t"}},
    {"auth": ("user", "secret")},
    {"base_url": "https://example.com:8443"},
    {"subdomain": "api"},
    {"environ_base": {"REMOTE_ADDR": "10.0.0.9", "HTTP_X_TEST": "base"}},
    {"environ_overrides": {"REMOTE_ADDR": "10.0.0.8"}},
    {"headers": {"Host": "other.example"}},
    {"headers": {"Cookie": "a=1; b=2"}},
]


@pytest.mark.parametrize("number", range(len(REQUESTS)))
@pytest.mark.parametrize("method", ["GET", "POST", "put", "PATCH", "DELETE"])
def test_requests_are_made_as_flask_makes_them(number, method):
    answers = []
    for name in ("flask", "port"):
        options = {k: v() if callable(v) else v for k, v in REQUESTS[number].items()}
        path = options.pop("path", "/echo")
        response = Side(name).client().open(path, method=method, **options)
        answers.append((response.status, response.json))
    assert answers[0] == answers[1]


def test_the_response(side):
    response = side.client().get("/whoami")
    assert response.status == "200 OK" and response.status_code == 200
    assert response.data == b"<p>None</p>" == response.get_data()
    assert response.text == response.get_data(as_text=True) == "<p>None</p>"
    assert response.mimetype == "text/html"
    assert response.content_type == "text/html; charset=utf-8"
    assert response.mimetype_params == {"charset": "utf-8"}
    assert response.content_length == 11 and response.location is None
    assert "content-TYPE" in response.headers and "X" not in response.headers
    assert response.headers.getlist("Vary") == ["Cookie"]
    assert dict(response.headers)["Content-Type"] == "text/html; charset=utf-8"
    assert response.headers.get("X", "y") == "y"
    with pytest.raises(KeyError):
        response.headers["X"]
    assert not response.is_json and response.json is None
    assert response.request.path == "/whoami" and response.history == ()
    assert side.client().get("/nowhere").status == "404 NOT FOUND"
    assert side.client().head("/whoami").data == b""
    assert side.client().options("/whoami").headers["Allow"]


def test_redirects(side):
    client = side.client()
    response = client.get("/login?user=ann")
    assert (response.status, response.location) == ("302 FOUND", "/whoami")
    response = client.post("/login?user=ann", data={"a": "1"}, follow_redirects=True)
    assert response.text == "<p>ann</p>" and response.request.path == "/whoami"
    assert [r.status_code for r in response.history] == [302]
    assert response.request.method == "GET"
    kept = client.post("/keep", data={"a": "1"}, follow_redirects=True)
    assert kept.json["method"] == "POST" and kept.json["form"] == {"a": ["1"]}
    with pytest.raises(Exception, match="Loop detected"):
        client.get("/again", follow_redirects=True)
    with pytest.raises(RuntimeError, match="external redirects"):
        client.get("/away", follow_redirects=True)


def test_cookies(side):
    client = side.client()
    client.set_cookie("a", 'x "y"')
    assert client.get_cookie("a").decoded_value == 'x "y"'
    assert client.get("/echo").json["cookies"] == {"a": 'x "y"'}
    client.set_cookie("p", "1", path="/other")
    assert "p" not in client.get("/echo").json["cookies"]
    client.set_cookie("d", "1", domain="example.com")
    assert client.get("/echo").json["cookies"] == {"a": 'x "y"'}
    found = client.get("/echo", base_url="http://example.com").json["cookies"]
    assert found == {"d": "1"}
    client.delete_cookie("a")
    assert client.get_cookie("a") is None
    client.get("/login?user=ann")
    assert client.get_cookie("session").http_only
    assert client.get("/whoami").text == "<p>ann</p>"
    assert side.client().get("/whoami").text == "<p>None</p>"
    blind = side.client(use_cookies=False)
    blind.get("/login?user=ann")
    assert blind.get("/whoami").text == "<p>None</p>"


def test_sessions(side):
    client = side.client()
    with client.session_transaction() as found:
        found["user"] = "bob"
    assert client.get("/whoami").text == "<p>bob</p>"
    with client.session_transaction() as found:
        assert found["user"] == "bob"
        found.clear()
    assert client.get_cookie("session") is None
    assert client.get("/whoami").text == "<p>None</p>"


def test_the_context_is_kept_inside_with(side):
    client = side.client()
    client.get("/login?user=ann")
    ENDED.clear()
    with client:
        client.get("/whoami?x=1")
        assert side.request.args["x"] == "1" and side.request.path == "/whoami"
        assert side.session["user"] == "ann" and side.g.user == "ann" and side.g.begun
        client.get("/whoami?x=2")
        assert side.request.args["x"] == "2"
        with pytest.raises(RuntimeError):
            client.__enter__()
    assert not side.has_request_context()
    # Once at the end of each request, and once when its context is left.
    assert ENDED == [("request", "NoneType"), ("app", "NoneType")] * 4
    client.get("/whoami")
    assert not side.has_request_context()


def test_exceptions_reach_the_test(side):
    client = side.client()
    with pytest.raises(ZeroDivisionError, match="no"):
        client.get("/fail")
    assert ENDED == [("request", "ZeroDivisionError"), ("app", "ZeroDivisionError")]
    side.config["TESTING"] = False
    assert client.get("/fail").status_code == 500
    side.config["PROPAGATE_EXCEPTIONS"] = True
    with pytest.raises(ZeroDivisionError):
        client.get("/fail")


def test_a_request_in_an_app_context_shares_it(side):
    with side.context():
        side.g.db = sqlite3.connect(":memory:")  # refuses any other thread
        assert side.client().get("/database").text == "2"
        assert ENDED == [("request", "NoneType")]
        assert side.g.begun
    assert ENDED == [("request", "NoneType"), ("app", "NoneType")]


def test_request_contexts(side):
    with side.request_context("/echo?a=1", method="POST", data={"f": "2"}):
        assert side.request.path == "/echo" and side.request.method == "POST"
        assert side.request.args["a"] == "1" and side.request.form["f"] == "2"
        assert side.request.endpoint == "echo"
        side.session["x"] = 1
        side.g.x = 1
    assert not side.has_request_context()
    assert ENDED == [("request", "NoneType"), ("app", "NoneType")]
    with side.request_context(json={"a": 1}):
        assert side.request.json == {"a": 1} and side.request.path == "/"


def test_commands(side):
    result = side.runner().invoke(args=["greet", "ann"])
    assert result.exit_code == 0 and result.output == "ann at True\n"
    assert side.runner().invoke(args=["unknown"]).exit_code == 2


def test_the_lifespan_runs_once():
    from contextlib import asynccontextmanager

    seen = []

    @asynccontextmanager
    async def lifespan(app):
        seen.append("up")
        yield

    app = FastAPI(lifespan=lifespan)
    prepare(app, __name__)
    app.get("/")(lambda: reply("x"))
    for _ in range(2):
        assert parity.test_client(app).get("/").text == "x"
    assert seen == ["up"]


def test_fastapi_views_answer_too():
    app = FastAPI()
    prepare(app, __name__)

    @app.get("/sync")
    def sync(request: Request):
        return {"path": request.url.path}

    @app.get("/coroutine")
    async def coroutine(request: Request):
        return {"path": request.url.path}

    client = parity.test_client(app)
    assert client.get("/sync").json == {"path": "/sync"}
    assert client.get("/coroutine").json == {"path": "/coroutine"}
