"""What a view sees of a request, compared with what Flask's view sees of the same."""

import asyncio
import copy
import io
import pickle
import threading
from urllib.parse import quote

import flask
import pytest
from fastapi import FastAPI
from werkzeug.datastructures import CombinedMultiDict as WerkzeugCombined
from werkzeug.datastructures import ImmutableMultiDict as WerkzeugImmutable
from werkzeug.datastructures import MultiDict as WerkzeugMultiDict

from flask_parity.context import request as proxy
from flask_parity.fastapi import prepare
from flask_parity.inputs import FormFields, RequestBody, UploadedFiles, ViewRequest
from flask_parity.multidict import CombinedMultiDict, ImmutableMultiDict, MultiDict

SETTINGS = {"MAX_CONTENT_LENGTH": 300_000, "MAX_FORM_MEMORY_SIZE": 100_000, "MAX_FORM_PARTS": 5}


def as_environ(method, path, query, headers, body):
    """The WSGI environ that gunicorn makes of it."""
    environ = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path.encode().decode("latin1"),
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "10.0.0.7",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.input_terminated": True,
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in headers:
        key = name.upper().replace("-", "_")
        if key in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            environ[key] = value
        else:
            key = f"HTTP_{key}"
            environ[key] = f"{environ[key]},{value}" if key in environ else value
    return environ


def ask_flask(view, method, path, query, headers, body, settings):
    app = flask.Flask(__name__)
    app.config.update(settings)
    seen = []

    def run(**values):
        seen.append(outcome(view, flask.request))
        return ""

    methods = ["GET", "POST", "PUT", "DELETE"]
    app.add_url_rule("/items/<int:id>", "shop.items", run, methods=methods)
    app.add_url_rule("/<path:rest>", "rest", run, methods=methods)
    status = []
    environ = as_environ(method, path, query, headers, body)
    list(app.wsgi_app(environ, lambda line, *rest: status.append(int(line[:3]))))
    return seen


def ask_port(view, method, path, query, headers, body, settings, pieces, parameter=None):
    app = FastAPI(openapi_url=None)
    prepare(app, __name__, static_folder=None)
    app.state.config.update(settings)
    seen = []

    def run(id: int = 0, rest: str = ""):
        seen.append(outcome(view, proxy))
        return ""

    if parameter is not None:

        def run(found: parameter):  # noqa: F811
            seen.append(outcome(view, proxy))
            return ""

    methods = ["GET", "POST", "PUT", "DELETE"]
    app.api_route("/items/{id:int}", name="shop.items", methods=methods)(run)
    app.api_route("/{rest:path}", name="rest", methods=methods)(run)
    step = max(1, -(-len(body) // pieces))
    parts = [body[i : i + step] for i in range(0, len(body), step)] or [b""]
    messages = [
        {"type": "http.request", "body": part, "more_body": i < len(parts) - 1}
        for i, part in enumerate(parts)
    ]
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": quote(path).encode(),
        "query_string": query.encode("latin1"),
        "root_path": "",
        "headers": [(k.lower().encode(), v.encode("latin1")) for k, v in headers],
        "client": ("10.0.0.7", 4711),
        "server": ("127.0.0.1", 8000),
    }

    async def receive():
        return messages.pop(0)

    async def send(message):
        pass

    asyncio.run(app(scope, receive, send))
    return seen


def outcome(view, request):
    """The view's value, or the error as the page that it becomes."""
    try:
        return view(request)
    except Exception as error:
        code = getattr(error, "code", None) or getattr(error, "status_code", None)
        if code is None and type(error).__name__ == "MissingKey":
            code = 400
        return f"{code or type(error).__name__}"


def same(
    view,
    method="GET",
    path="/items/7",
    query="",
    headers=(),
    body=b"",
    settings=SETTINGS,
    pieces=3,
    parameter=None,
):
    headers = [("Host", "shop.example"), *headers]
    if body and not any(name.lower() == "transfer-encoding" for name, _ in headers):
        headers.append(("Content-Length", str(len(body))))
    expected = ask_flask(view, method, path, query, headers, body, settings)
    found = ask_port(view, method, path, query, headers, body, settings, pieces, parameter)
    assert expected, "Flask's view did not run"
    assert found == expected
    return found[0]


# ---- dicts

PAIRS = [("a", "1"), ("b", "x"), ("a", "2"), ("c", "")]


def kinds():
    yield MultiDict(PAIRS), WerkzeugMultiDict(PAIRS)
    yield ImmutableMultiDict(PAIRS), WerkzeugImmutable(PAIRS)
    ours = CombinedMultiDict(
        [ImmutableMultiDict(PAIRS), MultiDict([("a", "3"), ("b", "8"), ("d", "4")])]
    )
    theirs = WerkzeugCombined(
        [WerkzeugImmutable(PAIRS), WerkzeugMultiDict([("a", "3"), ("b", "8"), ("d", "4")])]
    )
    yield ours, theirs


READS = {
    "repr": repr,
    "item": lambda d: d["a"],
    "get": lambda d: [d.get("a"), d.get("z"), d.get("z", 5), d.get("b", 7, type=int)],
    "get of a type": lambda d: [d.get("a", type=int), d.get("c", type=int), d.get("c", 1, int)],
    "in": lambda d: ["a" in d, "z" in d, "d" in d],
    "getlist": lambda d: [d.getlist("a"), d.getlist("b", type=int), d.getlist("z")],
    "dict": lambda d: dict(d),
    "unpacked": lambda d: {**d},
    "to_dict": lambda d: [d.to_dict(), d.to_dict(flat=False)],
    "items": lambda d: [list(d.items()), list(d.items(multi=True))],
    "lists": lambda d: [list(d.lists()), list(d.listvalues())],
    "keys": lambda d: [sorted(d.keys()), list(d.values()), len(d), sorted(d), bool(d)],
    "copy": lambda d: [repr(copied(d)), type(d.copy()).__name__],
    "copies": lambda d: [repr(copy.copy(d)), repr(copy.deepcopy(d)), d == copy.deepcopy(d)],
    "pickle": lambda d: repr(pickle.loads(pickle.dumps(d))),
    "or": lambda d: repr(d | {"e": ["5", "6"], "a": "7"}),
    "equal": lambda d: [d == d.copy(), d == {"a": ["1", "2"], "b": ["x"], "c": [""]}, d == {}],
}


def copied(values):
    values = values.copy()
    values["a"] = "new"
    values.add("a", "second")
    values.setlist("l", ["1", "2"])
    values.setdefault("m", "3")
    values.update({"b": "more"})
    values.setlistdefault("n").append("5")
    values.pop("c")
    values.pop("none", None)
    return values


@pytest.mark.parametrize("name", READS)
def test_reading_dicts(name):
    for ours, theirs in kinds():
        assert READS[name](ours) == READS[name](theirs)


CHANGES = {
    "set": lambda d: d.__setitem__("a", "9"),
    "del": lambda d: d.__delitem__("a"),
    "add": lambda d: d.add("a", "9"),
    "update": lambda d: d.update({"a": "9"}),
    "pop": lambda d: d.pop("a"),
    "pop missing": lambda d: d.pop("zz"),
    "popitem": lambda d: d.popitem(),
    "poplist": lambda d: d.poplist("a"),
    "popitemlist": lambda d: d.popitemlist(),
    "setdefault": lambda d: d.setdefault("a", "9"),
    "setlist": lambda d: d.setlist("a", ["9"]),
    "setlistdefault": lambda d: d.setlistdefault("q", ["9"]),
    "clear": lambda d: d.clear(),
    "ior": lambda d: d.__ior__({"a": "9"}),
    "hash": lambda d: hash(d) and None,
}


@pytest.mark.parametrize("name", CHANGES)
def test_changing_dicts(name):
    def change(values):
        try:
            found = CHANGES[name](values)
            return "itself" if found is values else repr(found), repr(values)
        except KeyError:
            return "KeyError"
        except TypeError as error:
            return str(error).replace("werkzeug.datastructures.structures.", "")

    for ours, theirs in kinds():
        assert change(ours) == change(theirs)


# ---- what the line and the headers say

LINE = {
    "url": lambda r: [r.url, r.base_url, r.host_url, r.url_root, r.root_url, r.host, r.full_path],
    "path": lambda r: [r.path, r.script_root, r.root_path, r.query_string, r.method, r.scheme],
    "address": lambda r: [r.remote_addr, list(r.access_route), repr(r.access_route), r.is_secure],
    "args": lambda r: [repr(r.args), repr(r.values), r.args.get("n", 1, type=int), {**r.args}],
    "missing": lambda r: r.args["nothing"],
    "route": lambda r: [r.endpoint, r.blueprint, r.blueprints, r.view_args, r.url_rule.rule],
    "rule": lambda r: [sorted(repr(r.url_rule)), str(r.url_rule), sorted(r.url_rule.methods)],
    "repr": lambda r: repr(r),
    "server": lambda r: [r.is_multithread, r.is_multiprocess, r.is_run_once, r.routing_exception],
    "remote user": lambda r: [r.remote_user, r.want_form_data_parsed, r.is_json],
    "environ": lambda r: [
        r.environ[name]
        for name in ("REQUEST_METHOD", "PATH_INFO", "QUERY_STRING", "REMOTE_ADDR", "HTTP_HOST")
    ],
    "own attributes": lambda r: [setattr(r, "user", 5), r.user, hasattr(r, "other")],
}
PLACES = [
    ("/items/7", ""),
    ("/items/7", "a=1&a=2&n=x&b=%C3%A9&e=%ff&plus=a+b"),
    ("/ä/b c", "q=%2F&x=a%26b"),
    ("/a%2Fb/<x>\"'|", "q=[1]{2}"),
    ("/x.y/~z", "a=1,2:3;4/5&t=x*y+z-~"),
    ("/x", "é"),
]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", LINE)
def test_the_request_line(name, place):
    same(LINE[name], path=place[0], query=place[1].encode().decode("latin1"))


HOSTS = [
    "shop.example:80",
    "SHOP.example:8080",
    "[::1]:90",
    "xn--bcher-kva.example",
    "bad host/",
    "",
]


@pytest.mark.parametrize("host", HOSTS)
def test_hosts(host):
    def view(r):
        return [r.host, r.url, r.root_url, r.host_url]

    environ = as_environ("GET", "/ä", "", [("Host", host)], b"")
    expected = outcome(view, flask.Request(environ))
    arguments = ("GET", "/ä", "", [("Host", host)], b"", {}, 1)
    assert ask_port(view, *arguments) == [expected]


def test_trusted_hosts():
    for trusted, code in ((["shop.example"], "ok"), ([".example"], "ok"), (["other"], "400")):
        arguments = (
            "GET",
            "/x",
            "",
            [("Host", "shop.example")],
            b"",
            {"TRUSTED_HOSTS": trusted},
            1,
        )
        assert ask_port(lambda r: r.host and "ok", *arguments) == [code]


HEADERS = [
    ("Accept", "text/html;q=0.5, application/json, */*;q=0.1"),
    ("Accept-Language", "de-CH, de;q=0.9, en;q=0.8"),
    ("Accept-Encoding", "gzip, br;q=0.5"),
    ("X-Many", "1"),
    ("x-many", "2"),
    ("Cookie", 'a=1; b="q\\"u\\073o"; a=2; f="\\351"; c; d = 5 ; =x; e=é'),
    ("Cookie", "later=1"),
    ("User-Agent", "Mozilla/5.0 (X11)"),
    ("Referer", "http://x.example/"),
    ("If-None-Match", 'W/"a", "b"'),
    ("If-Match", "*"),
    ("If-Modified-Since", "Tue, 02 Jan 2024 00:00:00 GMT"),
    ("If-Range", '"abc"'),
    ("Range", "bytes=0-4,7-"),
    ("Cache-Control", "no-cache, max-age=5"),
    ("Pragma", "no-cache"),
    ("Origin", "http://o.example"),
    ("Max-Forwards", "3"),
    ("Date", "Tue, 02 Jan 2024 00:00:00"),
    ("Access-Control-Request-Method", "PUT"),
    ("Access-Control-Request-Headers", "X-A, x-b"),
    ("X-Forwarded-For", "1.2.3.4, 5.6.7.8"),
    ("X-Number", "12"),
]
HEADER_READS = {
    "headers": lambda r: [list(r.headers), len(r.headers), repr(r.headers), str(r.headers)],
    "names": lambda r: [list(r.headers.keys()), list(r.headers.keys(lower=True)), dict(r.headers)],
    "one": lambda r: [r.headers["x-many"], r.headers.get("X-MANY"), "X_Many" in r.headers],
    "typed": lambda r: [r.headers.get("X-Number", type=int), r.headers.get("X-Many", 5, type=int)],
    "lists": lambda r: [r.headers.getlist("X-Many"), r.headers.getlist("z"), r.headers.get("z", 1)],
    "missing": lambda r: r.headers["X-Missing"],
    "changed": lambda r: r.headers.__setitem__("a", "b"),
    "cookies": lambda r: [repr(r.cookies), r.cookies.get("a"), r.cookies.getlist("a")],
    "missing cookie": lambda r: r.cookies["nothing"],
    "agent": lambda r: [
        r.user_agent.string,
        str(r.user_agent),
        r.user_agent.browser,
        bool(r.user_agent),
    ],
    "simple": lambda r: [r.referrer, r.origin, r.max_forwards, r.date, r.content_md5],
    "dates": lambda r: [r.if_modified_since, r.if_unmodified_since, r.content_encoding],
    "accept": lambda r: [
        r.accept_mimetypes.best,
        r.accept_mimetypes.best_match(["text/html", "application/json"]),
        r.accept_mimetypes["text/html"],
        "image/png" in r.accept_mimetypes,
        r.accept_mimetypes.accept_json,
        repr(r.accept_mimetypes),
    ],
    "languages": lambda r: [repr(r.accept_languages), r.accept_languages.best_match(["en", "de"])],
    "encodings": lambda r: [repr(r.accept_encodings), repr(r.accept_charsets)],
    "etags": lambda r: [str(r.if_match), str(r.if_none_match), r.if_none_match.contains_weak("a")],
    "ranges": lambda r: [str(r.if_range), str(r.range), r.range.ranges],
    "cache": lambda r: [r.cache_control.no_cache, r.cache_control.max_age, str(r.pragma)],
    "cors": lambda r: [r.access_control_request_method, repr(r.access_control_request_headers)],
    "route": lambda r: [list(r.access_route), repr(r.access_route)],
}


@pytest.mark.parametrize("headers", [HEADERS, []], ids=["many", "none"])
@pytest.mark.parametrize("name", HEADER_READS)
def test_headers(name, headers):
    encoded = [(key, value.encode().decode("latin1")) for key, value in headers]
    same(HEADER_READS[name], headers=encoded)


@pytest.mark.parametrize(
    "value",
    [
        "Basic dXNlcjpwYTpzcw==",
        "Basic !!",
        "Bearer abc.def==",
        'Digest username="u", realm="a, b", x',
        "Token",
        "",
    ],
)
def test_authorization(value):
    def view(r):
        found = r.authorization
        if found is None:
            return None
        return [
            found.type,
            found.username,
            found.password,
            found.token,
            found.parameters,
            found.get("realm"),
            found["username"],
            "username" in found,
            str(found),
        ]

    same(view, headers=[("Authorization", value)])


# ---- bodies

FORM = "application/x-www-form-urlencoded"


def part(disposition, content=b"", *headers, end=b"\r\n"):
    lines = [b"--XX", b"Content-Disposition: form-data; " + disposition.encode(), *headers, b""]
    return end.join([*lines, content]) + end


TEXT = part('name="title"', b"h\xc3\xa9llo")
FILE = part(
    'name="f"; filename="a b.txt"', b"line 1\nline 2\r\n", b"Content-Type: Text/Plain; charset=x"
)
LAST = b"--XX--\r\n"
BODIES = {
    "nothing": (FORM, b""),
    "form": (FORM, b"a=1&a=2&b=%C3%A9&c=&d&e=%ff"),
    "raw form": (FORM, "a=é".encode()),
    "latin form": (FORM, b"a=\xe9"),
    "form with a charset": (FORM + "; charset=utf-8", b"a=1"),
    "json": ("application/json", b'{"a": [1, 2.5, null], "b": "\xc3\xa9"}'),
    "json of a kind": ("application/vnd.api+json; x=1", b"[1]"),
    "bad json": ("application/json", b"{"),
    "empty json": ("application/json", b""),
    "utf-16 json": ("application/json", '"é"'.encode("utf-16")),
    "no utf-8 json": ("application/json", b'"\xe9"'),
    "text": ("text/plain", b"hello\nyou\n"),
    "no type": (None, b"a=1"),
    "too long": ("text/plain", b"x" * 300_001),
    "as long as may be": ("text/plain", b"x" * 300_000),
    "multipart": ("multipart/form-data; boundary=XX", TEXT + FILE + LAST),
    "multipart, quoted": ('multipart/form-data; boundary="XX"', TEXT + FILE + LAST),
    "no boundary": ("multipart/form-data", TEXT + LAST),
    "other boundary": ("multipart/form-data; boundary=YY", TEXT + LAST),
    "no end": ("multipart/form-data; boundary=XX", TEXT + FILE),
    "no parts": ("multipart/form-data; boundary=XX", LAST),
    "empty multipart": ("multipart/form-data; boundary=XX", b""),
    "preamble": ("multipart/form-data; boundary=XX", b"pre\r\n" + TEXT + LAST + b"after"),
    "empty file": ("multipart/form-data; boundary=XX", part('name="f"; filename=""') + LAST),
    "no name": (
        "multipart/form-data; boundary=XX",
        part('filename="x"', b"1") + part("x=1") + LAST,
    ),
    "no disposition": ("multipart/form-data; boundary=XX", b"--XX\r\nA: b\r\n\r\n1\r\n" + LAST),
    "charset": (
        "multipart/form-data; boundary=XX",
        part('name="t"', b"\xe9", b"Content-Type: text/plain; charset=iso-8859-1") + LAST,
    ),
    "bad utf-8": ("multipart/form-data; boundary=XX", part('name="t"', b"\xe9") + LAST),
    "bad header": ("multipart/form-data; boundary=XX", part('name="t"', b"", b"X: \xe9") + LAST),
    "encoded name": (
        "multipart/form-data; boundary=XX",
        part("name=\"f\"; filename*=UTF-8''%C3%A9.txt", b"1")
        + part('name="g"; filename="a%22b\\"c.txt"', b"2")
        + LAST,
    ),
    "line feeds": (
        "multipart/form-data; boundary=XX",
        part('name="t"', b"1\n2", end=b"\n") + part('name="u"', b"\r", end=b"\n") + b"--XX--\n",
    ),
    "boundary inside": (
        "multipart/form-data; boundary=XX",
        part('name="t"', b"--XX no\r\n--X\r\n\r\n-") + LAST,
    ),
    "many parts": ("multipart/form-data; boundary=XX", TEXT * 6 + LAST),
    "as many as may be": ("multipart/form-data; boundary=XX", TEXT * 5 + LAST),
    "long field": ("multipart/form-data; boundary=XX", part('name="t"', b"x" * 100_001) + LAST),
    "long enough": ("multipart/form-data; boundary=XX", part('name="t"', b"x" * 40_000) + LAST),
    "long file": (
        "multipart/form-data; boundary=XX",
        part('name="f"; filename="f"', b"a\r\n-" * 60_000) + TEXT + LAST,
    ),
    "too long a file": (
        "multipart/form-data; boundary=XX",
        part('name="f"; filename="f"', b"x" * 310_000) + LAST,
    ),
    "continued header": (
        "multipart/form-data; boundary=XX",
        b'--XX\r\nContent-Disposition: form-data;\r\n name="t"\r\n\r\n1\r\n' + LAST,
    ),
}


def described(file):
    content = file.read()
    file.seek(0)
    return [
        repr(file),
        bool(file),
        file.name,
        file.filename,
        file.content_type,
        file.mimetype,
        file.mimetype_params,
        file.content_length,
        list(file.headers),
        repr(file.headers),
        hash(content),
        file.tell(),
        file.readline()[:20],
        [line[:5] for line in file][:3],
        saved(file),
    ]


def saved(file):
    file.stream.seek(0)
    target = io.BytesIO()
    file.save(target)
    return hash(target.getvalue())


def json_of(request, **options):
    return [request.get_json(**options), request.get_json(**options), request.data]


BODY_READS = {
    "form": lambda r: [repr(r.form), [described(f) for _, f in r.files.items(multi=True)], r.data],
    "values": lambda r: [repr(r.values), len(r.data)],
    "data, form": lambda r: [len(r.data), repr(r.form), len(r.get_data())],
    "get_data, form": lambda r: [
        hash(r.get_data()),
        repr(r.form),
        len(r.data),
        len(r.stream.read()),
    ],
    "uncached": lambda r: [hash(r.get_data(cache=False)), repr(r.form), r.get_data()],
    "text": lambda r: hash(r.get_data(as_text=True)),
    "missing": lambda r: r.form["nothing"],
    "missing file": lambda r: r.files["nothing"],
    "json": lambda r: r.json,
    "get_json": json_of,
    "forced": lambda r: json_of(r, force=True),
    "silent": lambda r: [json_of(r, silent=True), json_of(r, force=True, silent=True)],
    "uncached json": lambda r: json_of(r, force=True, cache=False),
    "silent, then not": lambda r: [r.get_json(silent=True), r.get_json()],
    "stream": lambda r: [r.stream.read(3), hash(r.stream.read()), r.stream.read(), r.data],
    "lines": lambda r: [[hash(line) for line in r.stream], repr(r.form)],
    "readline": lambda r: [r.stream.readline(2), r.stream.readline()[:9], len(r.stream.read())],
    "type": lambda r: [r.content_type, r.mimetype, r.mimetype_params, r.content_length, r.is_json],
    "own limit": lambda r: [
        setattr(r, "max_content_length", 5),
        r.max_content_length,
        r.get_data(),
    ],
    "own memory": lambda r: [setattr(r, "max_form_memory_size", 20), repr(r.form)],
    "own parts": lambda r: [setattr(r, "max_form_parts", 1), repr(r.form)],
    "limits": lambda r: [r.max_content_length, r.max_form_memory_size, r.max_form_parts],
}


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("name", BODY_READS)
def test_bodies(name, body):
    mimetype, content = BODIES[body]
    headers = [("Content-Type", mimetype)] if mimetype else []
    pieces = 7 if len(content) < 1000 else 3
    same(BODY_READS[name], "POST", headers=headers, body=content, pieces=pieces)


@pytest.mark.parametrize("settings", [{}, SETTINGS], ids=["free", "limited"])
@pytest.mark.parametrize("name", ["form", "stream", "get_json", "get_data, form"])
@pytest.mark.parametrize("body", ["form", "json", "multipart", "too long", "too long a file"])
def test_chunked_bodies(name, body, settings):
    mimetype, content = BODIES[body]
    headers = [("Content-Type", mimetype), ("Transfer-Encoding", "chunked")]
    same(BODY_READS[name], "POST", headers=headers, body=content, settings=settings)


@pytest.mark.parametrize("body", [name for name in BODIES if BODIES[name][0] is not None])
def test_what_parameters_bring_in_is_the_same(body):
    mimetype, content = BODIES[body]
    headers = [("Content-Type", mimetype)]
    refused = {"many parts", "long field", "too long", "too long a file"}
    for parameter, reads in (
        (RequestBody, ("form", "get_data, form", "json", "stream")),
        (ViewRequest, ("form",)),
        *(((FormFields, ("form", "values")), (UploadedFiles, ("form",))) * (body not in refused)),
    ):
        for name in reads:
            if parameter in (FormFields, UploadedFiles) and "form" not in mimetype:
                continue
            view = BODY_READS[name]
            same(view, "POST", "/x", "", headers, content, SETTINGS, 4, parameter)


def test_get_has_no_form_in_its_values():
    headers = [("Content-Type", FORM)]
    same(lambda r: [repr(r.values), repr(r.form)], "GET", query="q=1", headers=headers, body=b"a=1")


def test_a_stream_reads_while_it_arrives():
    """The first line is there before the last piece was sent."""
    app = FastAPI(openapi_url=None)
    prepare(app, __name__, static_folder=None)
    first = threading.Event()
    seen = []

    @app.post("/up")
    def up():
        seen.append(proxy.stream.readline())
        first.set()
        seen.append(proxy.stream.read())
        return ""

    async def receive():
        if not seen_first.get("sent"):
            seen_first["sent"] = True
            return {"type": "http.request", "body": b"one\ntw", "more_body": True}
        assert await asyncio.to_thread(first.wait, 5)
        return {"type": "http.request", "body": b"o\n", "more_body": False}

    async def send(message):
        pass

    seen_first = {}
    headers = [(b"host", b"x"), (b"content-length", b"8")]
    scope = {"type": "http", "http_version": "1.1", "method": "POST", "scheme": "http"}
    scope |= {"path": "/up", "query_string": b"", "root_path": "", "headers": headers}
    asyncio.run(app(scope, receive, send))
    assert seen == [b"one\n", b"two\n"]
