"""A port that was a Quart app, against Quart: the same code, asked the same."""

import asyncio
import contextvars
import datetime
import io
import random
from importlib.metadata import version

import pytest
import quart
from sides import Side, same_time_and_chance  # noqa: F401
from starlette.applications import Starlette

from flask_parity import context, errors, flashing, hooks, responses, urls
from flask_parity import quart as ours_hooks
from flask_parity.quart import QUART, QUART_0_22
from flask_parity.quart_context import flash, stream_with_context
from flask_parity.quart_files import send_file, send_from_directory
from flask_parity.quart_response import Response, make_response
from flask_parity.quart_templating import (
    render_template_string,
    stream_template_string,
)
from flask_parity.rules import path as starlette_path
from flask_parity.sessions import signer
from flask_parity.starlette import FlaskRoute, prepare

LIKE = QUART_0_22 if version("quart") < "0.23" else QUART

FOLDER = __file__.rpartition("/")[0]


def views(api):
    """The same views of either side: ``(rule, view, methods)``."""
    request = api.request

    async def form():
        found = await request.form
        files = await request.files
        data = await request.get_data()
        return {
            "form": sorted(found.items(multi=True)),
            "files": [(k, f.filename, f.read().decode("latin1")) for k, f in files.items()],
            "left": len(data),
        }

    async def data():
        data = await request.data
        return {"data": data.decode("latin1"), "form": list((await request.form).items())}

    async def raw():
        return await request.get_data(as_text=True)

    async def body():
        pieces = [piece async for piece in request.body]
        return {"size": sum(map(len, pieces)), "again": len(await request.body)}

    async def json():
        return {"json": await request.get_json(), "is": request.is_json}

    async def silent():
        return {"json": await request.get_json(silent=True, force=True)}

    async def values():
        found = await request.values
        return {"values": sorted((k, found.getlist(k)) for k in found)}

    async def needed():
        return (await request.form)["needed"]

    async def told():
        names = ("Remote-Addr", "X-Twice", "User-Agent", "X_Under")
        return {
            "headers": [request.headers.getlist(name) for name in names],
            "length": request.content_length,
            "address": request.remote_addr,
            "path": [request.path, request.full_path, request.url, request.root_path],
            "args": sorted(request.args.items(multi=True)),
            "endpoint": [request.endpoint, request.blueprint],
        }

    def plain():
        return f"plain {request.args.get('a', 3, type=int)}"

    async def login():
        fields = await request.form
        api.session["user"] = fields.get("user", "nobody")
        await api.flash("Hello", "info")
        return api.redirect(request.args.get("next") or api.url_for("told"))

    async def logout():
        api.session.clear()
        return "", 204

    async def messages():
        return {"messages": api.get_flashed_messages(with_categories=True)}

    async def page():
        source = "{{ name }} {{ g.seen }} {{ late() }} {{ request.path }} {{ url_for('told') }}"

        async def late():
            await asyncio.sleep(0)
            return "<late>"

        return await api.render_template_string(source, name="<ä>", late=late)

    async def streamed():
        return await api.stream_template_string("{% for i in n %}{{ i }},{% endfor %}", n=range(5))

    async def stream():
        @api.stream_with_context
        async def generate():
            for i in range(3):
                await asyncio.sleep(0)
                yield f"{i}{request.path}"

        return generate(), 202, {"X-Streamed": "yes"}

    def iterated():
        return (str(i) for i in range(4))

    async def response():
        kind = request.args.get("kind", "")
        if kind == "none":
            return api.Response()
        if kind == "bytes":
            return api.Response(b"bytes", mimetype="application/octet-stream")
        if kind == "data":
            made = api.Response("x")
            made.data = "longer"
            return made
        if kind == "read":
            made = await api.make_response({"b": 1, "a": datetime.date(2026, 1, 2)})
            made.headers["X-Size"] = str(len(await made.get_data()))
            return made
        if kind == "json":
            return await api.make_response({"a": 1}, 201)
        if kind == "empty":
            return await api.make_response()
        if kind == "location":
            return "", 201, {"Location": "/ä b"}
        if kind == "etag":
            made = await api.make_response("tagged")
            await made.add_etag()
            return await made.make_conditional(request, accept_ranges=True, complete_length=6)
        if kind == "cookie":
            made = await api.make_response("cookie")
            made.set_cookie("a", "b c", max_age=5, samesite="Lax")
            made.delete_cookie("old")
            return made
        return {
            "tuple": ("a", 418),
            "status": ("a", "418 teapot"),
            "headers": ("a", {"X-A": "1"}),
            "number": 5,
            "list": [1, 2],
            "four": ("a", 1, {}, 2),
            "nothing": None,
            "array": (b"x", 200, [("X-B", "2")]),
        }.get(kind, "")

    async def file():
        made = {"name": request.args["name"]} if "name" in request.args else {}
        if "memory" in request.args:
            return await api.send_file(
                io.BytesIO(b"in memory"), mimetype="text/plain", conditional=True, add_etags=False
            )
        return await api.send_file(
            FOLDER + "/sides.py",
            conditional="plain" not in request.args,
            as_attachment=bool(made),
            attachment_filename=made.get("name"),
        )

    async def folder(name):
        return await api.send_from_directory(FOLDER, name)

    async def fail():
        raise RuntimeError("failed")

    async def stop(code):
        api.abort(code)

    async def number(number):
        return {"number": number, "next": api.url_for("number", number=number + 1, _external=True)}

    async def moved():
        return api.redirect("/ünder/ä?x=ö", 301)

    return [
        ("/form", form, ["GET", "POST"]),
        ("/data", data, ["POST"]),
        ("/raw", raw, ["POST"]),
        ("/body", body, ["POST"]),
        ("/json", json, ["POST"]),
        ("/silent", silent, ["POST"]),
        ("/values", values, ["GET", "POST"]),
        ("/needed", needed, ["POST"]),
        ("/told", told, ["GET", "POST"]),
        ("/plain", plain, ["GET"]),
        ("/login", login, ["POST"]),
        ("/logout", logout, ["POST"]),
        ("/messages", messages, ["GET"]),
        ("/page", page, ["GET"]),
        ("/streamed", streamed, ["GET"]),
        ("/stream", stream, ["GET"]),
        ("/iterated", iterated, ["GET"]),
        ("/response", response, ["GET"]),
        ("/file", file, ["GET"]),
        ("/folder/<path:name>", folder, ["GET"]),
        ("/fail", fail, ["GET"]),
        ("/stop/<int:code>", stop, ["GET"]),
        ("/number/<int:number>/", number, ["GET"]),
        ("/moved", moved, ["GET"]),
    ]


SETTINGS = {"SECRET_KEY": "k"}


def theirs(**settings):
    app = quart.Quart("sides", root_path=FOLDER, static_folder="..")
    app.config.update(SETTINGS, **settings)
    for rule, view, methods in views(quart):
        app.add_url_rule(rule, view.__name__, view, methods=methods)
    events = app.events = []

    @app.before_request
    async def before():
        quart.g.seen = quart.session.get("user", "-")
        if quart.request.headers.get("X-Stop"):
            return "stopped", 403

    @app.after_request
    async def after(response):
        response.headers["X-After"] = "1"
        return response

    @app.teardown_request
    async def ended(error):
        events.append(f"request {error!r}")

    @app.teardown_appcontext
    def first(error):
        events.append("first")

    @app.teardown_appcontext
    async def second(error):
        events.append("second")

    @app.errorhandler(404)
    async def missing(error):
        return await quart.render_template_string("no {{ request.path }}"), 404

    @app.errorhandler(LookupError)
    def lost(error):
        return {"lost": str(error)}, 409

    return app


class Ours:
    request, session, g = context.request, context.session, context.g
    abort, redirect, url_for = errors.abort, responses.redirect, urls.url_for
    get_flashed_messages = staticmethod(flashing.get_flashed_messages)
    flash, stream_with_context = staticmethod(flash), staticmethod(stream_with_context)
    render_template_string = staticmethod(render_template_string)
    stream_template_string = staticmethod(stream_template_string)
    send_file, send_from_directory = staticmethod(send_file), staticmethod(send_from_directory)
    Response, make_response = Response, staticmethod(make_response)


def ours(**settings):
    app = Starlette()
    prepare(app, "sides", root_path=FOLDER, static_folder="..", like=LIKE, sort_routes=True)
    app.state.config.update(SETTINGS, **settings)
    for rule, view, methods in views(Ours):
        app.router.routes.append(FlaskRoute(starlette_path(rule), view, methods=methods))
    events = app.events = []

    @hooks.before_request(app)
    async def before():
        context.g.seen = context.session.get("user", "-")
        if context.request.headers.get("X-Stop"):
            return "stopped", 403

    @hooks.after_request(app)
    async def after(response):
        response.headers["X-After"] = "1"
        return response

    @hooks.teardown_request(app)
    async def ended(error):
        events.append(f"request {error!r}")

    @hooks.teardown_appcontext(app)
    def first(error):
        events.append("first")

    @hooks.teardown_appcontext(app)
    async def second(error):
        events.append("second")

    @errors.errorhandler(app, 404)
    async def missing(error):
        return await render_template_string("no {{ request.path }}"), 404

    @errors.errorhandler(app, LookupError)
    def lost(error):
        return {"lost": str(error)}, 409

    return app


def _content(name, value):
    """What a header says: of a session what is in it, whose keys have no order in Quart."""
    if name == "expires":  # both sides read the clock
        return value[:-7]
    if name == "set-cookie" and value.startswith("session=ey"):
        cookie, _, options = value.removeprefix("session=").partition(";")
        return sorted(signer("k").loads(cookie).items()), options
    return value


def _told(status, pairs, text):
    return status, [(name, _content(name, value)) for name, value in pairs], text


class Pair:
    """Both sides, asked the same."""

    def __init__(self, **settings):
        self.apps = theirs(**settings), ours(**settings)
        self.sides = [Side(app) for app in self.apps]

    def ask(self, method, path, headers=None, body=b""):
        found = [side.ask(method, path, headers or {}, body, True) for side in self.sides]
        found = [_told(*answer) for answer in found]
        assert found[1] == found[0], (method, path)
        assert self.apps[0].events == self.apps[1].events, (method, path)
        return found[0]


@pytest.fixture
def pair():
    return Pair()


FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}


def multipart(*parts, end=b"--B--\r\n"):
    head = b'--B\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'
    return b"".join(head % part for part in parts) + end


PARTS = {"Content-Type": "multipart/form-data; boundary=B"}
BODIES = [
    ({}, b""),
    (FORM, b"a=1&b=%C3%A4&a=2&c=&=x&%ff=%fe&d=a+b&e"),
    (FORM, b"a=\xff"),
    (FORM, b""),
    ({"Content-Type": "application/x-url-encoded"}, b"a=1"),
    (PARTS, multipart((b"a", b"", b"1"), (b"f", b'; filename="x.txt"', b"data"))),
    (PARTS, multipart((b"a", b"", b"1"), end=b"")),
    (PARTS, multipart((b"a", b"", b"1"), end=b"--B\r\nContent-Disposition: form-da")),
    (PARTS, multipart((b"f", b'; filename=""', b"x" * 700_000), end=b"--B--")),
    (PARTS, multipart((b"a", b"", b"x" * 600_000))),
    (PARTS, b"nonsense"),
    ({"Content-Type": "multipart/form-data"}, b"--B"),
    ({"Content-Type": "multipart/form-data; boundary=\xe4"}, b"--B"),
    (JSON, b'{"a": [1, "\xc3\xa4"]}'),
    (JSON, b"{"),
    (JSON, b"\xff"),
    ({"Content-Type": "text/plain"}, b'{"a": 1}'),
    ({"Content-Type": "application/problem+json; charset=latin1"}, b'"\xc3\xa4"'),
]


@pytest.mark.parametrize("path", ["form", "data", "raw", "body", "json", "silent", "values"])
def test_bodies(pair, path):
    for headers, body in BODIES:
        pair.ask("POST", f"/{path}?q=1&q=2&%ff=%ff", headers, body)


def test_a_missing_field(pair):
    pair.ask("POST", "/needed", FORM, b"x=1")
    assert pair.ask("POST", "/needed", FORM, b"needed=1")[0] == 200


def test_limits():
    pair = Pair(MAX_CONTENT_LENGTH=20)
    for size in (20, 21):
        for path in ("form", "raw", "body", "data", "plain", "json"):
            pair.ask("POST", f"/{path}", FORM, b"a" * size)
    pair = Pair(MAX_FORM_PARTS=1, MAX_FORM_MEMORY_SIZE=3)
    pair.ask("POST", "/form", PARTS, multipart((b"a", b"", b"1"), (b"b", b"", b"1")))
    pair.ask("POST", "/form", PARTS, multipart((b"a", b"", b"1234")))
    pair.ask("POST", "/form", PARTS, multipart((b"a", b"", b"123")))


def test_the_request(pair):
    pair.ask("GET", "/told?a=1&b=%C3%A4&c", {"X-Twice": "1", "X_Under": "2"})
    pair.ask("POST", "/told", {"Content-Length": "x"})
    pair.ask("GET", "/plain?a=x")
    pair.ask("GET", "/plain?a=4", {"X-Stop": "1"})


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST", "PUT"])
@pytest.mark.parametrize(
    "path",
    ["/told", "/told/", "/number/3", "/number/3/", "/number/x/", "//told", "/nowhere", "/a//b"],
)
def test_routing(pair, method, path):
    pair.ask(method, path)


def test_sessions(pair):
    pair.ask("GET", "/messages")
    pair.ask("POST", "/login?next=/page", FORM, b"user=ada")
    pair.ask("GET", "/page")
    pair.ask("GET", "/messages")
    pair.ask("GET", "/messages")
    pair.ask("POST", "/logout")
    pair.ask("GET", "/page")


@pytest.mark.parametrize("path", ["page", "streamed", "stream", "iterated", "moved", "fail"])
def test_answers(pair, path):
    pair.ask("GET", f"/{path}")
    pair.ask("HEAD", f"/{path}")


@pytest.mark.parametrize(
    "kind",
    [
        "none",
        "bytes",
        "data",
        "read",
        "json",
        "empty",
        "location",
        "etag",
        "cookie",
        "tuple",
        "status",
        "headers",
        "number",
        "list",
        "four",
        "nothing",
        "array",
        "",
    ],
)
def test_what_views_return(pair, kind):
    pair.ask("GET", f"/response?kind={kind}")


RANGES = [
    {},
    {"Range": "bytes=0-3"},
    {"Range": "bytes=5-"},
    {"Range": "bytes=-5"},
    {"Range": "bytes=9-2"},
    {"Range": "bytes=0-1,3-4"},
    {"Range": "lines=1-2"},
    {"Range": "x"},
    {"Range": "bytes=0-999999"},
    {"Range": "bytes=999999-"},
    {"If-None-Match": "*"},
    {"If-Match": '"other"'},
    {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"},
    {"Range": "bytes=0-3", "If-Range": '"other"'},
]


@pytest.mark.parametrize(
    "path",
    [
        "/file",
        "/file?plain=1",
        "/file?name=a%20b.txt",
        "/file?memory=1",
        "/folder/sides.py",
        "/folder/../x",
        "/folder/none",
        "/tests/sides.py",
        "/response?kind=etag",
    ],
)
def test_files(pair, path):
    for headers in RANGES:
        pair.ask("GET", path, headers)
        pair.ask("HEAD", path, headers)


def test_errors(pair):
    for code in (400, 401, 403, 404, 405, 418, 429, 500, 503, 299):
        pair.ask("GET", f"/stop/{code}")


def test_many_by_chance(pair):
    chance = random.Random(7)
    rules = [rule for rule, _, _ in views(Ours)]
    for _ in range(600):
        path = chance.choice(rules).replace("<path:name>", chance.choice(["sides.py", "x", "a/b"]))
        path = path.replace("<int:code>", chance.choice(["404", "500", "x"]))
        path = path.replace("<int:number>", chance.choice(["1", "07", "-1"]))
        path += chance.choice(["", "", "", "/", "?a=1&a=2", "?kind=json", "?next=/x"])
        headers, body = chance.choice(BODIES)
        pair.ask(chance.choice(["GET", "POST", "HEAD", "OPTIONS", "DELETE"]), path, headers, body)


def test_context_variables():
    variable = contextvars.ContextVar("variable", default=0)
    apps = theirs(), ours()

    async def first():
        variable.set(5)

    def second():
        variable.set(variable.get() + 1)

    def view():
        return str(variable.get())

    for hook in (first, second):
        apps[0].before_request(hook)
        hooks.before_request(apps[1])(hook)
    apps[0].add_url_rule("/variable", "variable", view)
    apps[1].router.routes.append(FlaskRoute("/variable", view, name="variable"))
    answers = [Side(app).ask("GET", "/variable", {}, b"", False) for app in apps]
    assert answers[0][2] == answers[1][2] == b"5"


@pytest.mark.parametrize("timeout", [None, 1, ...])
def test_a_response_with_a_time_of_its_own(timeout):
    apps = theirs(RESPONSE_TIMEOUT=0.1), ours(RESPONSE_TIMEOUT=0.1)

    def view(make):
        async def slow():
            for piece in "ab":
                yield piece
                await asyncio.sleep(0.3)

        async def answer():
            made = await make(slow())
            if timeout is not ...:
                made.timeout = timeout
            return made

        return answer

    apps[0].add_url_rule("/slow", "slow", view(quart.make_response))
    apps[1].router.routes.append(FlaskRoute("/slow", view(make_response), name="slow"))
    answers = [Side(app).ask("GET", "/slow", {}, b"", False) for app in apps]
    assert answers[0][2] == answers[1][2] == (b"a" if timeout is ... else b"ab")


def test_around_the_serving():
    told = [], []
    apps = theirs(), ours()
    register = (
        [getattr(apps[0], name) for name in ("before_serving", "while_serving", "after_serving")],
        [
            getattr(ours_hooks, name)(apps[1])
            for name in ("before_serving", "while_serving", "after_serving")
        ],
    )
    for (before, around, after), events in zip(register, told, strict=True):

        def make(events=events):
            async def first():
                events.append("first")

            async def whole():
                events.append("in")
                yield
                events.append("out")

            def last():
                events.append("last")

            return first, whole, last

        for decorate, function in zip((before, around, after), make(), strict=True):
            decorate(function)

    async def serve(app):
        pending = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
        sent = []

        async def receive():
            return pending.pop(0)

        async def send(message):
            sent.append(message["type"])

        await app({"type": "lifespan", "asgi": {"version": "3.0"}}, receive, send)
        return sent

    sent = [asyncio.run(serve(app)) for app in apps]
    assert sent[0] == sent[1] and told[0] == told[1] == ["first", "in", "out", "last"]
