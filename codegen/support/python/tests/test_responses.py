"""Responses, compared with Flask's own: what is sent of the same code in both."""

import asyncio
import datetime
import decimal
import io
import json as standard_json
import sys
import types
import uuid
import warnings

import flask
import pytest
import werkzeug.datastructures
import werkzeug.exceptions
import werkzeug.wrappers
from fastapi import FastAPI
from starlette.testclient import TestClient

from flask_parity import errors, exceptions, files, jsontext, responses
from flask_parity.config import Config
from flask_parity.context import State, activate
from flask_parity.fastapi import prepare
from flask_parity.fields import CacheControl, HeaderSet
from flask_parity.headers import Headers
from flask_parity.request import CurrentRequest
from flask_parity.setup import FLASK

theirs_app = flask.Flask("there", root_path="/tmp", static_folder=None)
ours_app = FastAPI()
ours_app.state.config = Config("/tmp")
ours_app.state.request_class = CurrentRequest
ours_app.state.make_response = responses.reply
ours_app.state.dialect = FLASK
ours_app.state.root_path = "/tmp"

#: The same names on both sides.
THEIRS = types.SimpleNamespace(
    Response=flask.Response,
    Headers=werkzeug.datastructures.Headers,
    make_response=flask.make_response,
    jsonify=flask.jsonify,
    redirect=flask.redirect,
    abort=flask.abort,
    send_file=flask.send_file,
    send_from_directory=flask.send_from_directory,
    errors=werkzeug.exceptions,
    request=lambda: flask.request,
    json=flask.json,
    provider=lambda: flask.current_app.json,
    HeaderSet=werkzeug.datastructures.HeaderSet,
    CacheControl=werkzeug.datastructures.ResponseCacheControl,
)
OURS = types.SimpleNamespace(
    Response=responses.Response,
    Headers=Headers,
    make_response=responses.make_response,
    jsonify=responses.jsonify,
    redirect=responses.redirect,
    abort=errors.abort,
    send_file=files.send_file,
    send_from_directory=files.send_from_directory,
    errors=exceptions,
    request=lambda: State.now.request,
    json=jsontext,
    provider=lambda: ours_app.state.json,
    HeaderSet=HeaderSet,
    CacheControl=CacheControl,
)


def told(error):
    return type(error).__name__, str(error)


def from_flask(view, method="GET", headers=()):
    """Status, header pairs and body; or the error, which is a 500."""
    with theirs_app.test_request_context("/", method=method, headers=list(headers)) as context:
        context.request.url_rule = types.SimpleNamespace(endpoint=None)
        try:
            try:
                response = theirs_app.make_response(view(THEIRS))
            except werkzeug.exceptions.HTTPException as error:
                response = theirs_app.make_response(error)
            body, status, pairs = response.get_wsgi_response(context.request.environ)
            content = b"".join(body)
            if hasattr(body, "close"):
                body.close()
        except Exception as error:
            return told(error)
    return int(status.split()[0]), [(k.lower(), v) for k, v in pairs], content


def from_port(view, method="GET", headers=()):
    raw = [(k.lower().encode(), v.encode()) for k, v in headers]
    scope = {"type": "http", "method": method, "path": "/", "query_string": b"", "headers": raw}
    sent = []

    async def receive():
        await asyncio.sleep(60)

    async def send(message):
        sent.append(message)

    async def run():
        state = State(ours_app, scope, receive)
        State.now = state
        from contextvars import copy_context

        from flask_parity.thread import RequestThread

        with activate(state):
            state.thread = RequestThread(copy_context())
            try:
                try:
                    response = responses.reply(view(OURS))
                except exceptions.HTTPException as error:
                    response = responses.reply(error)
                await response(scope, receive, send)
            except Exception as error:
                return told(error)
            finally:
                state.thread.release()
        assert all(m["body"] for m in sent[1:] if m.get("more_body"))
        body = b"".join(m["body"] for m in sent[1:])
        pairs = [(k.decode("latin1"), v.decode("latin1")) for k, v in sent[0]["headers"]]
        return sent[0]["status"], pairs, body

    return asyncio.run(run())


def same(view, method="GET", headers=()):
    """Both answers; asked again should a second pass between them."""
    for _ in range(3):
        expected = from_flask(view, method, headers)
        found = from_port(view, method, headers)
        if found == expected:
            break
    assert found == expected
    return found


def changed(change):
    """A view that changes a response."""

    def view(x):
        response = x.make_response("body")
        outcome = change(x, response)
        if outcome is not None:
            response.headers["X-Outcome"] = repr(outcome)
        return response

    return view


UTC = datetime.UTC
DAY = datetime.datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)

RETURNED = {
    "text": lambda x: "é<b>",
    "bytes": lambda x: b"\x00\xff",
    "bytearray": lambda x: bytearray(b"ab"),
    "empty": lambda x: "",
    "dict": lambda x: {"b": 1, "a": "é"},
    "list": lambda x: [1, {"z": None}],
    "none": lambda x: None,
    "number": lambda x: 5,
    "object": lambda x: object(),
    "set": lambda x: {1},
    "status": lambda x: ("x", 201),
    "status text": lambda x: ("x", "418 short and stout"),
    "status number as text": lambda x: ("x", "404"),
    "status without a number": lambda x: ("x", "gone"),
    "status of no name": lambda x: ("x", 799),
    "status empty": lambda x: ("x", " "),
    "headers": lambda x: ("x", {"X-A": "1", "Content-Type": "text/plain"}),
    "headers of several": lambda x: ("x", 200, {"X-A": ["1", "2"]}),
    "header pairs": lambda x: ("x", [("X-A", "1"), ("X-A", "2")]),
    "headers object": lambda x: ("x", x.Headers([("X-A", "1"), ("X-A", "2")])),
    "headers with a dict": lambda x: ({"a": 1}, 202, {"Content-Type": "application/x+json"}),
    "headers with a response": lambda x: (x.jsonify(1), 202, [("X-A", "1"), ("X-A", "2")]),
    "tuple too short": lambda x: ("x",),
    "tuple too long": lambda x: ("x", 1, {}, 2),
    "tuple of none": lambda x: (None, 204),
    "status none": lambda x: ("x", None, {"X-A": "1"}),
    "line break": lambda x: ("x", {"X-A": "1\r\nX-B: 2"}),
    "error": lambda x: x.errors.NotFound(),
    "error with a status": lambda x: (x.errors.NotFound("no"), 410),
    "generator": lambda x: (part for part in ["a", b"b", "", "é"]),
    "generator with a status": lambda x: ((part for part in "ab"), 203, {"X-A": "1"}),
    "iterator": lambda x: iter(["a", "b"]),
    "response of a list": lambda x: x.Response(["a", b"b"]),
    "response of a tuple": lambda x: x.Response(("a", "b"), mimetype="text/csv"),
    "response of a file": lambda x: x.Response(io.BytesIO(b"a\nb\n"), mimetype="image/png"),
    "response of nothing": lambda x: x.Response(),
    "response 204": lambda x: x.Response("x", 204),
    "response of a list 204": lambda x: x.Response(["x"], 204),
    "response of a list 101": lambda x: x.Response(["x"], 101),
    "response of werkzeug's": lambda x: (werkzeug.wrappers.Response("x", 203), {"X-A": "1"}),
    "response of werkzeug's stream": lambda x: werkzeug.wrappers.Response(iter("ab")),
    "response 304": lambda x: x.Response("x", 304, {"Expires": "1", "Allow": "GET", "X-A": "1"}),
    "response 205": lambda x: x.Response("", 205),
    "response status text": lambda x: x.Response("x", "202 Later"),
    "response types": lambda x: x.Response("x", content_type="text/x", mimetype="text/y"),
    "response header type": lambda x: x.Response("x", headers={"content-type": "a/b"}),
    "response header and mimetype": lambda x: x.Response(
        "x", headers={"content-type": "a/b"}, mimetype="text/y"
    ),
    "make_response": lambda x: x.make_response(),
    "make_response of two": lambda x: x.make_response("x", 201),
    "make_response of three": lambda x: x.make_response(["x"], 201, {"X-A": "1"}),
    "make_response of a response": lambda x: x.make_response(x.make_response("x"), 202),
    "redirect": lambda x: x.redirect("/a?b=<c>&d=é"),
    "redirect away": lambda x: x.redirect("HTTPS://u:p@EXAMPLE.org:8000/ä?#f", 301),
    "redirect to nothing": lambda x: x.redirect("?"),
    "redirect changed": lambda x: (x.redirect("/a"), 303, {"X-A": "1"}),
    "jsonify": lambda x: x.jsonify(),
    "jsonify args": lambda x: x.jsonify(1, "b"),
    "jsonify keywords": lambda x: x.jsonify(b=1, a=DAY),
    "jsonify both": lambda x: x.jsonify(1, b=1),
    "jsonify unknown": lambda x: x.jsonify(object()),
    "jsonify mixed keys": lambda x: x.jsonify({1: 1, "a": 2}),
    "jsonify types": lambda x: x.jsonify(
        [DAY, DAY.date(), decimal.Decimal("1.50"), uuid.UUID(int=7), float("nan"), (1,), "</é>"]
    ),
}


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize("name", RETURNED)
def test_what_views_return(name, method):
    same(RETURNED[name], method)


def test_what_no_server_sends_is_an_error():
    app = FastAPI()
    prepare(app, __name__, static_folder=None)
    app.get("/{status}")(lambda status: ("x", int(status)))
    client = TestClient(app, raise_server_exceptions=False)
    for status in (0, 1, 99, 600, 999):
        answer = client.get(f"/{status}")
        assert (answer.status_code, "Internal Server Error" in answer.text) == (500, True), status
    assert client.get("/599").status_code == 599


@pytest.mark.parametrize("length", ["0", "3", "5"])
@pytest.mark.parametrize("body", ["hello", [b"he", b"llo"], "stream"])
def test_no_more_is_sent_than_was_announced(length, body):
    app = FastAPI()
    prepare(app, __name__, static_folder=None)

    @app.get("/")
    def view():
        made = responses.Response(iter(["he", "", "llo"]) if body == "stream" else body)
        made.headers["Content-Length"] = length
        return made

    answer = TestClient(app).get("/")
    assert (answer.text, answer.headers["content-length"]) == ("hello"[: int(length)], length)


def test_a_mapping_may_take_the_place_of_the_headers():
    def view(x):
        made = x.make_response("x")
        made.headers = {"X-A": "1"}
        return made

    same(view, "GET")


def test_werkzeugs_own_response_is_plain_text():
    ours, theirs = responses.PlainResponse("x"), werkzeug.wrappers.Response("x")
    assert list(ours.headers) == list(theirs.headers)
    made = responses.reply(responses.PlainResponse("x"))
    assert type(made) is responses.Response and isinstance(made, responses.PlainResponse)


def stepwise(x, r):
    r.headers.add("X-A", "1")
    r.headers.add("x-a", 2)
    r.headers.add("Content-Disposition", "attachment", filename="a b.txt", max_age=None)
    r.headers.extend({"X-B": ["3", "4"], "X-C": 5}, X_D="6")
    r.headers.set("X-A", "7")
    r.headers.setdefault("X-E", "8")
    r.headers.setdefault("X-E", "9")
    r.headers.setlist("X-F", ["1", "2"])
    r.headers.setlistdefault("X-F", ["3"])
    r.headers.update({"x-b": "10", "X-G": ("a", "b")}, X_H="1")
    r.headers.update([("X-C", "11"), ("X-C", "12")])
    r.headers.update(x.Headers([("X-I", "1"), ("X-I", "2")]))
    r.headers |= {"X-J": "1"}
    r.headers[0] = ("X-First", "1")
    del r.headers["X-G"]
    found = [
        r.headers.get("x-nothing", 3),
        r.headers.get("content-length", type=int),
        r.headers.get("X-First", type=int),
        r.headers.get("X-H", "d", type=datetime.date.fromisoformat),
        r.headers.getlist("x-i", type=int),
        r.headers.get_all("X-F"),
        list(r.headers.keys()),
        list(r.headers.keys(lower=True)),
        list(r.headers.values()),
        list(r.headers.items(lower=True)),
        list(r.headers),
        len(r.headers),
        "x-first" in r.headers,
        r.headers.pop("X-J"),
        r.headers.pop("X-J", None),
        r.headers.pop(),
        r.headers.pop(1),
        r.headers.to_wsgi_list(),
        str(r.headers),
        r.headers[0],
        r.headers[:2],
        r.headers.copy() == r.headers,
        r.headers | {"X-Z": "1"},
    ]
    r.headers.remove("X-I")
    return [str(item) for item in found]


def missing_header(x, r):
    try:
        r.headers["X-Nothing"]
    except KeyError as error:
        return type(error).__name__, error.code


def caching(x, r):
    r.cache_control.public = True
    r.cache_control.max_age = "60"
    r.cache_control.no_cache = "X-A"
    r.cache_control.private = True
    r.cache_control.private = None
    r.cache_control["stale-if-error"] = "5"
    r.expires = DAY
    r.last_modified = DAY.replace(tzinfo=None)
    r.date = 0
    r.age = datetime.timedelta(minutes=1)
    control = r.cache_control
    found = [control.max_age, control.no_cache, control.no_store, control.stale_if_error, control]
    return [str(v) for v in [*found, r.expires, r.last_modified, r.date, r.age]]


def no_caching(x, r):
    r.headers["Cache-Control"] = 'no-cache, private="a, b", max-age=x'
    control = r.cache_control
    found = [control.no_cache, control.private, control.max_age, dict(control)]
    control.clear()
    return [*found, "cache-control" in r.headers]


def names(x, r):
    r.vary.add("Cookie")
    r.vary.update(["Accept-Encoding", "cookie"])
    r.allow = ["GET", "HEAD"]
    r.content_language = "de, en"
    r.content_language.add("fr")
    r.content_language.discard("xx")
    found = [list(r.vary), "COOKIE" in r.vary, r.vary.find("accept-encoding"), str(r.allow)]
    r.vary.discard("Cookie")
    r.allow.clear()
    return [*found, r.vary.as_set(), repr(r.content_language)]


def cookies(x, r):
    r.set_cookie("a", 'é" ;', 60, None, "/x y", ".Example.org:80", True, True, "lax", False)
    r.set_cookie("b", "1", max_age=datetime.timedelta(1), partitioned=True)
    r.set_cookie("c", expires=DAY, path=None, samesite="none")
    r.delete_cookie("d", "/p", "example.org", secure=True, httponly=True, samesite="Strict")
    r.delete_cookie("e")


def bad_cookie(x, r):
    r.set_cookie("a", "b", samesite="bad")


def tags(x, r):
    r.set_etag("abc", weak=True)
    found = [r.get_etag()]
    r.add_etag()
    r.add_etag(overwrite=True)
    return [*found, r.get_etag()]


def body(x, r):
    found = [r.data, r.get_data(as_text=True), r.is_sequence, r.is_streamed, r.content_length]
    r.data = "é"
    found += [r.content_length, r.calculate_content_length(), list(r.iter_encoded()), repr(r)]
    r.set_data(b"abc")
    r.response.append(b"d")
    del r.headers["Content-Length"]
    return [*found, r.content_length, r.status, r.status_code]


def types_of(x, r):
    found = [r.mimetype, r.content_type, r.is_json, r.mimetype_params, r.json]
    r.mimetype = "application/json"
    r.data = '{"a": 1}'
    found += [r.json, r.get_json(), r.content_type]
    r.content_type = "text/plain; charset=x"
    found += [r.mimetype, r.mimetype_params, r.get_json(), r.get_json(force=True)]
    r.data = "{"
    found += [r.get_json(force=True, silent=True)]
    r.mimetype_params["charset"] = "y"
    return [str(item) for item in found]


def bad_json(x, r):
    r.get_json(force=True)


def streamed(x, r):
    r.response = (part for part in ["a", "b"])
    found = [r.is_streamed, r.is_sequence, repr(r)]
    return [*found, r.get_data(), r.is_streamed]


def status(x, r):
    r.status = 201
    found = [r.status]
    r.status = "404"
    found.append(r.status)
    r.status = "202 Yes"
    found += [r.status, r.status_code]
    r.status_code = 418
    return [*found, r.status]


def others(x, r):
    r.retry_after = 60
    r.location = "/é?x#y"
    r.content_location = "/ü"
    r.content_encoding = "gzip"
    r.accept_ranges = "none"
    r.access_control_allow_origin = "*"
    r.access_control_allow_credentials = True
    r.access_control_allow_headers = ["X-A", "X-B"]
    r.access_control_max_age = 3
    r.content_range = "bytes 0-1/5"
    r.www_authenticate = werkzeug.datastructures.WWWAuthenticate("basic", {"realm": "x"})
    r.content_security_policy.default_src = "'self'"
    found = [r.content_range.stop, r.www_authenticate.realm, list(r.access_control_allow_headers)]
    del r.content_encoding
    r.access_control_allow_credentials = False
    return [*found, r.access_control_max_age, r.location, r.content_security_policy.to_header()]


def retried(x, r):
    r.retry_after = DAY
    found = [r.retry_after]
    r.retry_after = None
    return [*found, r.retry_after]


def written(x, r):
    r.stream.write("more")


def frozen(x, r):
    r.response = iter(["a", "b"])
    r.freeze()


def several(x, r):
    r.headers["X-A"] = "a\nb"


CHANGES = [
    stepwise,
    missing_header,
    caching,
    no_caching,
    names,
    cookies,
    bad_cookie,
    tags,
    body,
    types_of,
    bad_json,
    streamed,
    status,
    others,
    retried,
    written,
    frozen,
    several,
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda f: f.__name__)
def test_changes(change):
    same(changed(change))


def test_a_large_cookie_is_a_warning():
    for side, app in ((from_flask, theirs_app), (from_port, ours_app.state)):
        app.config["MAX_COOKIE_SIZE"] = 100
        with warnings.catch_warnings(record=True) as found:
            warnings.simplefilter("always")
            side(changed(lambda x, r: r.set_cookie("a", "b" * 99)))
        assert "The 'a' cookie is too large" in str(found[0].message)
        app.config["MAX_COOKIE_SIZE"] = 4093


CONDITIONS = [
    {},
    {"If-None-Match": '"t"'},
    {"If-None-Match": 'W/"t", "u"'},
    {"If-None-Match": "*"},
    {"If-None-Match": "t"},
    {"If-None-Match": ',,"x" "t"'},
    {"If-Match": '"t"'},
    {"If-Match": '"u"'},
    {"If-Match": 'W/"t"'},
    {"If-Modified-Since": "Tue, 02 Jan 2024 03:04:05 GMT"},
    {"If-Modified-Since": "Tue, 02 Jan 2024 03:04:04 GMT"},
    {"If-Modified-Since": "2024"},
    {"If-None-Match": '"u"', "If-Modified-Since": "Tue, 02 Jan 2024 03:04:05 GMT"},
    *({"Range": f"bytes={span}"} for span in ["0-0", "1-", "-2", "1-99", "9-", "3-1", "-0", "-99"]),
    *(
        {"Range": f"bytes={span}"}
        for span in ["0-0,2-2", "a-b", "", "-", " 1 - 2 ", "1--2", "+1-2"]
    ),
    {"Range": "lines=0-1"},
    {"Range": "bytes"},
    {"Range": "BYTES = 0-1"},
    {"Range": "bytes=0-1", "If-Range": '"t"'},
    {"Range": "bytes=0-1", "If-Range": '"u"'},
    {"Range": "bytes=0-1", "If-Range": "Tue, 02 Jan 2024 03:04:05 GMT"},
    {"Range": "bytes=0-1", "If-Range": "Mon, 01 Jan 2024 03:04:05 GMT"},
    {"Range": "bytes=0-1", "If-Range": ""},
    {"Range": "bytes=0-1", "If-None-Match": '"t"'},
]


def tagged(x):
    response = x.make_response("body!")
    response.set_etag("t")
    response.last_modified = DAY
    return response


CONDITIONAL = [
    lambda x: tagged(x).make_conditional(x.request()),
    lambda x: tagged(x).make_conditional(x.request(), accept_ranges=True, complete_length=5),
    lambda x: x.Response(iter(["bo", "d", "y!"])).make_conditional(x.request(), True, 5),
    lambda x: x.make_response("body!").make_conditional(x.request(), "bytes", 5),
]


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize("headers", CONDITIONS, ids=str)
@pytest.mark.parametrize("view", CONDITIONAL)
def test_conditional(view, headers, method):
    same(view, method, headers.items())


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    found = tmp_path_factory.mktemp("files")
    (found / "a.txt").write_bytes(b"0123456789")
    (found / 'ü "x".svg').write_bytes(b"<svg/>")
    (found / "a.tar.gz").write_bytes(b"\x1f\x8b")
    (found / "large.bin").write_bytes(bytes(range(256)) * 1024)
    (found / "empty.html").write_bytes(b"")
    return found


FILES = {
    "path": lambda x, f: x.send_file(f / "a.txt"),
    "text path": lambda x, f: x.send_file(str(f / "a.txt")),
    "attachment": lambda x, f: x.send_file(f / "a.txt", as_attachment=True),
    "name": lambda x, f: x.send_file(f / "a.txt", download_name="b c.csv"),
    "odd name": lambda x, f: x.send_file(f / 'ü "x".svg', as_attachment=True),
    "encoding": lambda x, f: x.send_file(f / "a.tar.gz"),
    "encoding kept": lambda x, f: x.send_file(f / "a.tar.gz", as_attachment=True),
    "large": lambda x, f: x.send_file(f / "large.bin"),
    "empty": lambda x, f: x.send_file(f / "empty.html"),
    "type": lambda x, f: x.send_file(f / "a.txt", "text/x-thing"),
    "unconditional": lambda x, f: x.send_file(f / "a.txt", conditional=False, etag=False),
    "tag": lambda x, f: x.send_file(f / "a.txt", etag="own", last_modified=DAY),
    "age": lambda x, f: x.send_file(f / "a.txt", max_age=60),
    "no age": lambda x, f: x.send_file(f / "a.txt", max_age=0),
    "age by path": lambda x, f: x.send_file(f / "a.txt", max_age=lambda path: len(path[-5:])),
    "bytes": lambda x, f: x.send_file(io.BytesIO(b"0123456789"), "text/plain"),
    "bytes name": lambda x, f: x.send_file(io.BytesIO(b"01"), download_name="a.png"),
    "bytes nothing": lambda x, f: x.send_file(io.BytesIO(b"01")),
    "bytes attachment": lambda x, f: x.send_file(io.BytesIO(b"01"), "a/b", as_attachment=True),
    "text file": lambda x, f: x.send_file(io.StringIO("01"), "a/b"),
    "open file": lambda x, f: x.send_file(open(f / "a.txt", "rb"), "text/plain", etag="t"),
    "missing": lambda x, f: x.send_file(f / "none.txt"),
    "directory": lambda x, f: x.send_from_directory(f, "a.txt", as_attachment=True),
    "directory missing": lambda x, f: x.send_from_directory(f, "none"),
    "directory left": lambda x, f: x.send_from_directory(f, "../a"),
    "directory absolute": lambda x, f: x.send_from_directory(f, "/etc/passwd"),
    "directory itself": lambda x, f: x.send_from_directory(f, "."),
    "directory dots": lambda x, f: x.send_from_directory(str(f), "x/../a.txt"),
    "with a status": lambda x, f: (x.send_file(f / "a.txt"), 203, {"X-A": "1"}),
}


@pytest.mark.parametrize("headers", [{}, *CONDITIONS[1:4], *CONDITIONS[13:18]], ids=str)
@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_files(name, headers, method, folder):
    same(lambda x: FILES[name](x, folder), method, headers.items())


def test_a_file_is_changed_before_it_is_sent(folder):
    def view(x):
        response = x.send_file(folder / "a.txt")
        response.headers["X-A"] = "1"
        try:
            response.get_data()
        except RuntimeError as error:
            response.headers["X-B"] = str(error)
        response.direct_passthrough = False
        response.data = response.get_data().replace(b"0", b"zero")
        response.cache_control.no_cache = None
        response.cache_control.max_age = 5
        return response

    assert same(view)[2] == b"zero123456789"


def test_ages_of_files_from_the_configuration(folder):
    for age in (5, datetime.timedelta(hours=1)):
        for app in (theirs_app, ours_app.state):
            app.config["SEND_FILE_MAX_AGE_DEFAULT"] = age
        same(lambda x: x.send_file(folder / "a.txt"))
    for app in (theirs_app, ours_app.state):
        app.config["SEND_FILE_MAX_AGE_DEFAULT"] = None


def test_files_that_the_server_in_front_sends(folder):
    for app in (theirs_app, ours_app.state):
        app.config["USE_X_SENDFILE"] = True
    try:
        view = lambda x: x.send_file(folder / "a.txt")  # noqa: E731
        expected, found = from_flask(view), from_port(view)
        # An ASGI server refuses a body that is shorter than its length.
        expected[1].remove(("content-length", "10"))
        assert found == expected
        same(view, "GET", {"If-None-Match": "*"}.items())
    finally:
        for app in (theirs_app, ours_app.state):
            app.config["USE_X_SENDFILE"] = False


CODES = sorted(werkzeug.exceptions.default_exceptions)


@pytest.mark.parametrize("code", [*CODES, 200, 402, "x"])
@pytest.mark.parametrize("arguments", [(), ("no <b>\nway",)])
def test_abort(code, arguments):
    same(lambda x: x.abort(code, *arguments))


def test_there_are_all_of_werkzeugs_classes():
    for name, theirs in vars(werkzeug.exceptions).items():
        if isinstance(theirs, type) and issubclass(theirs, werkzeug.exceptions.HTTPException):
            ours = getattr(exceptions, name)
            assert ours.code == theirs.code
            for arguments in [(), ("text",)]:
                mine, other = ours(*arguments), theirs(*arguments)
                for read in (str, repr, lambda e: (e.name, e.description, e.args, e.get_body())):
                    assert read(mine) == read(other)
    expected = {c: e.__name__ for c, e in werkzeug.exceptions.default_exceptions.items()}
    assert {c: e.__name__ for c, e in exceptions.default_exceptions.items()} == expected


ABORTED = {
    "response": lambda x: x.abort(x.make_response("x", 203)),
    "keyword": lambda x: x.abort(404, description="x"),
    "with a response": lambda x: x.abort(404, response=x.make_response("x", 203)),
    "methods": lambda x: x.abort(405, ["GET", "POST"]),
    "range": lambda x: x.abort(416, 10),
    "range of others": lambda x: x.abort(416, length=10, units="lines", description="d"),
    "later": lambda x: x.abort(429, retry_after=60),
    "later on a day": lambda x: x.abort(503, "d", retry_after=DAY),
    "basic": lambda x: x.abort(
        401, www_authenticate=werkzeug.datastructures.WWWAuthenticate("basic", {"realm": "x"})
    ),
    "number as description": lambda x: x.abort(404, 5),
    "key": lambda x: x.Headers()["a"],
}


@pytest.mark.parametrize("name", ABORTED)
def test_what_abort_takes(name):
    same(ABORTED[name])


def test_error_handlers_change_the_page_of_an_error():
    def view(x):
        try:
            x.abort(404, "no")
        except x.errors.HTTPException as error:
            response = error.get_response()
            response.data = x.json.dumps({"code": error.code, "name": error.name, "x": [1]})
            response.content_type = "application/json"
            return response

    same(view)


def test_an_apps_own_error():
    def view(x):
        class PaymentRequired(x.errors.HTTPException):
            code = 402
            description = "pay"

        raise PaymentRequired()

    same(view)


def test_a_key_that_is_shown():
    def view(x):
        error = x.errors.BadRequestKeyError("k")
        shown = [error.description, str(error), error.args, isinstance(error, KeyError)]
        error.show_exception = True
        return x.jsonify([*shown, error.description, str(error), repr(error), error.get_body()])

    same(view)


def test_starlettes_errors_get_the_page():
    from starlette.exceptions import HTTPException

    error = exceptions.from_starlette(HTTPException(405, headers={"Allow": "GET"}))
    assert isinstance(error, exceptions.MethodNotAllowed) and error.status_code == 405
    response = error.get_response()
    assert response.get_data(as_text=True) == werkzeug.exceptions.MethodNotAllowed().get_body()
    assert response.headers["allow"] == "GET"
    assert exceptions.from_starlette(HTTPException(404, "gone")).description == "gone"


def test_providers():
    ours_app.state.json = jsontext.DefaultJSONProvider(ours_app)
    standard = theirs_app.json
    value = {"b": "é", "a": [DAY]}

    def view(x):
        out = io.StringIO()
        x.json.dump(value, out)
        written = [x.json.dumps(value), x.json.dumps(value, indent=1), out.getvalue()]
        read = [x.json.loads("[1]"), x.json.load(io.StringIO("[2]"))]
        response = x.jsonify(value)
        response.headers["X-Outcome"] = standard_json.dumps([written, read])
        return response

    settings = [("sort_keys", False), ("ensure_ascii", False), ("compact", False)]
    settings += [("mimetype", "application/x"), ("default", lambda o: "?")]
    try:
        same(view)
        for name, setting in settings:
            for app in (theirs_app, ours_app.state):
                setattr(app.json, name, setting)
            if name != "ensure_ascii":
                same(view)
            same(lambda x: value)
        assert responses.SortedJSONResponse is not None
    finally:
        theirs_app.json = type(standard)(theirs_app)
        del ours_app.state.json


def test_debug_mode_writes_json_with_blanks():
    ours_app.state.json = jsontext.DefaultJSONProvider(ours_app)
    try:
        theirs_app.debug = ours_app.debug = True
        assert b"\n  " in same(lambda x: {"b": [1], "a": {}})[2]
    finally:
        theirs_app.debug = ours_app.debug = False
        del ours_app.state.json


def test_outside_of_an_app():
    assert jsontext.dumps({"b": DAY, "a": 1}) == flask.json.dumps({"b": DAY, "a": 1})
    assert jsontext.loads("[1]") == [1]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("kind", ["text", "stream", "file"])
def test_what_is_called_at_the_end(kind, method, folder):
    def ended(side):
        calls = []

        def view(x):
            def parts():
                try:
                    yield "a"
                    yield "b"
                finally:
                    calls.append("generator")

            made = {
                "text": lambda: x.make_response("x"),
                "stream": lambda: x.make_response(parts()),
                "file": lambda: x.send_file(folder / "a.txt"),
            }[kind]()
            calls.append(made.call_on_close(lambda: calls.append("closed")) is not None)
            if kind == "file":
                calls.append(made.response.file)
            return made

        answer = side(view, method)
        return answer, [c.closed if hasattr(c, "closed") else c for c in calls]

    assert ended(from_port) == ended(from_flask)


def test_a_stream_stops_when_the_client_is_gone():
    ended = []

    def parts():
        try:
            while True:
                yield "x"
        finally:
            ended.append(True)

    async def run():
        sent = 0

        async def receive():
            while sent < 5:
                await asyncio.sleep(0)
            return {"type": "http.disconnect"}

        async def send(message):
            nonlocal sent
            sent += 1

        await responses.Response(parts())({"type": "http", "method": "GET"}, receive, send)

    asyncio.run(asyncio.wait_for(run(), 10))
    assert ended == [True]


def test_a_stream_that_fails_at_once_sends_nothing():
    sent = []

    def parts():
        raise LookupError("at once")
        yield

    async def receive():
        await asyncio.sleep(60)

    async def send(message):
        sent.append(message)

    response = responses.Response(parts())
    with pytest.raises(LookupError):
        asyncio.run(response({"type": "http", "method": "GET"}, receive, send))
    assert sent == []


def test_starlettes_own_responses_pass():
    from starlette.responses import PlainTextResponse

    found = from_port(lambda x: (PlainTextResponse("x"), 201, {"X-A": "1"}))
    assert found[0] == 201 and ("x-a", "1") in found[1] and found[2] == b"x"


def test_werkzeug_is_only_needed_by_rare_attributes():
    import subprocess

    code = (
        "import sys; sys.modules['werkzeug'] = None; sys.modules['flask'] = None\n"
        "from flask_parity import responses, files, exceptions, jsontext\n"
        "r = responses.make_response\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
