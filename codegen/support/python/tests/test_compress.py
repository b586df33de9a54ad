"""flask_parity.compress, compared with Flask-Compress over Flask: the same bytes."""

import io
import random

import flask
import flask_compress
import pytest
from sides import NOW, Pair, original, port, same_time_and_chance  # noqa: F401
from werkzeug.http import http_date

from flask_parity import compress, context, errors, files, hooks, relay, responses

SETTINGS = {
    "COMPRESS_MIMETYPES": [["text/html"], ["application/json", "image/png"], []],
    "COMPRESS_LEVEL": [1, 9],
    "COMPRESS_BR_LEVEL": [0, 9],
    "COMPRESS_BR_MODE": [1],
    "COMPRESS_BR_WINDOW": [16],
    "COMPRESS_BR_BLOCK": [16],
    "COMPRESS_ZSTD_LEVEL": [1, 12],
    "COMPRESS_DEFLATE_LEVEL": [0, 9],
    "COMPRESS_MIN_SIZE": [0, 5000],
    "COMPRESS_STREAMS": [False],
    "COMPRESS_EVALUATE_CONDITIONAL_REQUEST": [False],
    "COMPRESS_STREAMING_ENDPOINT_CONDITIONAL": [[], ["stream", "big"]],
    "COMPRESS_ALGORITHM": ["gzip", "br, gzip", ["deflate", "zstd"], ["lzma"]],
    "COMPRESS_ALGORITHM_STREAMING": ["gzip", ["gzip", "br"], "zstd"],
    "COMPRESS_REGISTER": [False],
}
ENCODINGS = [
    None,
    "",
    "gzip",
    "br",
    "zstd",
    "deflate",
    "gzip, deflate, br, zstd",
    "GZIP;q=0.5, br;q=0.4, *;q=0.1",
    "identity",
    "identity;q=0.5, deflate;q=0.2",
    "*",
    "*;q=0",
    "gzip;q=0",
    "gzip ; q=0.2, br",
    "br;q=x, gzip",
    "lzma, gzip;q=1.0;x=y",
]
PATHS = [
    "/text",
    "/small",
    "/json",
    "/stream",
    "/big",
    "/file",
    "/named",
    "/tagged",
    "/weak",
    "/encoded",
    "/created",
    "/nothing",
    "/picture",
    "/varied",
    "/session",
    "/abort",
    "/absent",
    "/marked",
]
WORDS = [f"word{i % 7} " for i in range(300)]


@pytest.fixture(autouse=True)
def same_date(monkeypatch):
    """``Date``, which a conditional answer gets, is of the same second."""
    monkeypatch.setattr("flask_parity.conditions.http_date", lambda: http_date(NOW))


class Flask:
    """The names of Flask that the views use."""

    library, hooks = flask_compress, None
    Response, jsonify, abort = (
        flask.Response,
        staticmethod(flask.jsonify),
        staticmethod(flask.abort),
    )
    send_file, session = staticmethod(flask.send_file), flask.session
    request = flask.request

    def __init__(self, **settings):
        self.app = original(**settings)
        self.rule = lambda path: self.app.get(path, endpoint=path.strip("/"))
        self.after = self.app.after_request


class Port:
    """The same names of the port."""

    library = compress
    Response, jsonify, abort = (
        responses.Response,
        staticmethod(responses.jsonify),
        staticmethod(errors.abort),
    )
    send_file, session = staticmethod(files.send_file), context.session
    request = context.request

    def __init__(self, **settings):
        self.app = port(**settings)
        self.rule = lambda path: self.app.get(path, name=path.strip("/"))
        self.after = hooks.after_request(self.app)


def views(side, extension, path):
    """An app of every kind of answer; ``path`` is that of a file."""
    rule, text = side.rule, "".join(WORDS)

    def tagged(weak):
        made = side.Response(text)
        made.set_etag("tag", weak)
        return made

    def session():
        side.session["a"] = 1
        return text

    rule("/text")(lambda: text)
    rule("/small")(lambda: "small")
    rule("/json")(lambda: side.jsonify(WORDS))
    rule("/stream")(lambda: side.Response(iter(WORDS)))
    rule("/big")(lambda: side.Response((word * 300 for word in WORDS), mimetype="text/plain"))
    rule("/file")(lambda: side.send_file(path))
    rule("/named")(lambda: side.send_file(io.BytesIO(text.encode()), download_name="a.js"))
    rule("/tagged")(lambda: tagged(False))
    rule("/weak")(lambda: tagged(True))
    rule("/encoded")(lambda: side.Response(text, headers={"Content-Encoding": "x"}))
    rule("/created")(lambda: (text, 201, {"ETag": '"own"'}))
    rule("/nothing")(lambda: ("", 204))
    rule("/picture")(lambda: side.Response(text, mimetype="image/png"))
    rule("/varied")(lambda: (text, {"Vary": "Cookie"}))
    rule("/session")(session)
    rule("/abort")(lambda: side.abort(403, text))
    rule("/marked")(extension.compressed()(lambda: text))


def pair(settings, path, attach=lambda side, extension: extension.init_app(side.app)):
    """The same app on both sides."""
    sides = Flask(**settings), Port(**settings)
    for side in sides:
        extension = side.library.Compress()
        attach(side, extension)
        views(side, extension, path)
    return Pair(*(side.app for side in sides))


def asked(chance):
    """Headers of a request."""
    headers = {}
    if (accepted := chance.choice(ENCODINGS)) is not None:
        headers["Accept-Encoding"] = accepted
    if chance.random() < 0.3:
        tags = ['"tag"', '"tag:gzip"', '"own:br", "tag:br"', "*", 'W/"tag:zstd"']
        headers["If-None-Match"] = chance.choice(tags)
    if chance.random() < 0.2:
        headers["Range"] = chance.choice(["bytes=0-99", "bytes=-600", "bytes=99999-"])
    return headers


@pytest.fixture(scope="module")
def text_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("files") / "a.txt"
    path.write_bytes("".join(f"{i * i}\n" for i in range(30_000)).encode())
    return path


@pytest.mark.parametrize("seed", range(40))
def test_random_settings(seed, text_file):
    chance = random.Random(seed)
    names = chance.sample(sorted(SETTINGS), chance.choice([0, 1, 2, 3, 5]))
    browser = pair({name: chance.choice(SETTINGS[name]) for name in names}, text_file)
    for _ in range(20):
        method = chance.choice(["GET", "GET", "GET", "HEAD", "OPTIONS", "POST"])
        browser.ask(method, chance.choice(PATHS), headers=asked(chance))


@pytest.mark.parametrize("algorithm", ["zstd", "br", "gzip", "deflate"])
@pytest.mark.parametrize("size", [0, 1, 499, 500, 8192, 8193, 65536, 65537, 300_000])
def test_sizes(algorithm, size, tmp_path):
    """A file is read in other pieces than Flask reads it in: the stream is the same."""
    path = tmp_path / "a.html"
    chance = random.Random(size)
    path.write_bytes(bytes(chance.choice(b"abcdefgh \n") for _ in range(size)))
    browser = pair({"COMPRESS_ALGORITHM_STREAMING": algorithm}, path)
    status, headers, _ = browser.get("/file", headers={"Accept-Encoding": algorithm})
    assert status == 200 and (("content-encoding", algorithm) in headers) == (size >= 500)
    tag = dict(headers)["etag"]
    again = {"Accept-Encoding": algorithm, "If-None-Match": tag}
    # Only endpoints of COMPRESS_STREAMING_ENDPOINT_CONDITIONAL are asked again.
    assert browser.get("/file", headers=again)[0] == (200 if size >= 500 else 304)


@pytest.mark.parametrize("order", [0, 1, 2])
def test_order_of_hooks(order, text_file):
    """Functions run last one first: those before it see the answer compressed."""

    def attach(side, extension):
        def note(name):
            def hook(response):
                if not response.is_streamed:
                    response.headers[name] = str(len(response.get_data()))
                return response

            side.after(hook)

        note("X-First")
        if order == 0:
            extension.init_app(side.app)
        note("X-Second")
        if order == 1:
            extension.app = side.app
            extension.init_app(side.app)
        side.after(lambda response: side.Response("other " * 200, 202))
        if order == 2:
            extension.init_app(side.app)

    browser = pair({"SESSION_COOKIE_NAME": "s"}, text_file, attach)
    for path in PATHS:
        browser.get(path, headers={"Accept-Encoding": "gzip"})


def test_cache(text_file):
    """The backend is asked under the algorithm and the key, and told every time."""
    caches = []

    class Cache(dict):
        def __init__(self):
            self.told = []
            caches.append(self)

        def set(self, key, value):
            self.told.append(key)
            self[key] = value

    sides = []

    def attach(side, extension):
        key = lambda request: request.path + request.headers.get("X-Key", "")  # noqa: E731
        config = side.app.config if side.library is flask_compress else side.app.state.config
        config.update(COMPRESS_CACHE_BACKEND=Cache, COMPRESS_CACHE_KEY=key)
        extension.init_app(side.app)
        sides.append(extension)

    browser = pair({}, text_file, attach)
    for path in ("/text", "/json", "/text", "/stream"):
        for accepted in ("gzip", "br"):
            browser.get(path, headers={"Accept-Encoding": accepted, "X-Key": "k"})
    theirs, ours = caches
    assert ours == theirs and ours.told == theirs.told and "br;/textk" in ours
    for library in (flask_compress, compress):
        cache = library.DictCache()
        cache.set("a", b"b")
        assert cache.get("a") == b"b" and cache.get("c") is None


def test_static_files(tmp_path):
    """The endpoint ``static`` is a stream that has a length and is asked again by its tag."""
    (tmp_path / "a.css").write_text("a { color: red }\n" * 200)
    theirs = flask.Flask("sides", static_folder=str(tmp_path), static_url_path="/static")
    flask_compress.Compress(theirs)
    ours = port()
    serve = lambda filename: files.send_from_directory(tmp_path, filename)  # noqa: E731
    ours.get("/static/{filename:path}", name="static")(serve)
    compress.Compress(ours)
    browser = Pair(theirs, ours)
    for accepted in ("zstd", "br, gzip", "gzip", "deflate", ""):
        headers = {"Accept-Encoding": accepted}
        tag = dict(browser.get("/static/a.css", headers=headers)[1])["etag"]
        assert browser.get("/static/a.css", headers={**headers, "If-None-Match": tag})[0] == 304
        browser.ask("HEAD", "/static/a.css", headers=headers)


def test_what_is_left_to_flask_is_compressed_too():
    """The hook runs in the embedded app as well, on Flask's own answers."""
    theirs, ours = original(), port()
    flask_compress.Compress(theirs)
    compress.Compress(ours)
    views = {"/text": lambda: "text " * 400, "/stream": lambda: flask.Response(iter(WORDS))}
    for path, view in views.items():
        theirs.get(path, endpoint=path.strip("/"))(view)
        relay.relay_rule(ours, path, path.strip("/"), view)
    browser = Pair(theirs, ours)
    for path in views:
        for algorithm in ("br", "zstd", "deflate"):
            _, headers, _ = browser.get(path, headers={"Accept-Encoding": algorithm})
            assert ("content-encoding", algorithm) in headers
