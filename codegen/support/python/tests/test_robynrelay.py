"""Processes of Robyn ports that leave routes to the original, which runs beside them."""

import hashlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("robyn")
pytest.importorskip("flask")
pytest.importorskip("quart")
pytest.importorskip("gunicorn")
pytest.importorskip("hypercorn")

import flask_parity  # noqa: E402

PACKAGE = Path(flask_parity.__file__).parent

#: A client that the original could not take for the port.
CLIENT = "127.0.0.2"

PORT = """
import sys
from pathlib import Path

from flask_parity.context import session
from flask_parity.hooks import after_request, teardown_request
from flask_parity.jsontext import jsonify
from flask_parity.quart import QUART_0_22
from flask_parity.robyn import FlaskRobyn, FlaskSubRouter, include, prepare, prepare_router
from flask_parity.robynrelay import Original, relay, relay_everything
from flask_parity.urls import url_for

HERE = Path(__file__).parent


def create_app(kind):
    app = FlaskRobyn(__file__)
    prepare(app, __name__, **({"like": QUART_0_22} if kind == "asgi" else {}))
    app.state.config["SECRET_KEY"] = "the same"
    app.state.original = Original(HERE / "original", f"shop:create_app({kind!r})", kind)

    @after_request(app)
    def mark(response):
        response.headers["X-Port"] = "1"
        return response

    @teardown_request(app)
    def count(error):
        print("torn down", file=sys.stderr)

    @app.get("/")
    def index():
        session["seen"] = session.get("seen", 0) + 1
        return jsonify(urls=[url_for("parts.echo", rest="a b"), url_for("branch")])

    parts = FlaskSubRouter()
    prepare_router(parts, "parts", __name__, url_prefix="/parts")

    @relay(parts, "/echo/*rest", methods=["GET", "POST", "PUT"], name="parts.echo")
    def echo(rest):
        raise AssertionError("the original's")

    include(app, parts)
    for path in ("branch/", "cookies", "stream", "file", "pid", "die", "broken", "large"):
        relay(app, f"/{path}", name=path.strip("/"))(echo)
    relay(app, "/upload", methods=["POST"])(echo)
    return app


def create_whole(kind):
    app = create_app(kind)
    relay_everything(app)
    return app
"""

ORIGINAL = """
import hashlib
import os
import signal
import time
from pathlib import Path

from MODULE import Blueprint, APP, Response, jsonify, request, send_file, session, url_for


def create_app(kind):
    app = APP(__name__)
    app.secret_key = "the same"
    parts = Blueprint("parts", __name__, url_prefix="/parts")

    @app.get("/")
    def index():
        return "the original"

    @parts.route("/echo/<path:rest>", methods=["GET", "POST", "PUT"])
    ASYNC def echo(rest):
        return jsonify(
            method=request.method,
            path=request.path,
            query=request.query_string.decode(),
            url=request.url,
            headers=sorted((k.lower(), v) for k, v in request.headers),
            body=len(AWAIT request.get_data()),
            client=request.remote_addr,
        )

    app.register_blueprint(parts)

    @app.get("/branch/")
    ASYNC def branch():
        return jsonify(seen=session.get("seen"), url=url_for("index"))

    @app.get("/cookies")
    ASYNC def cookies():
        response = jsonify(request.cookies)
        response.set_cookie("b", "2 2")
        response.set_cookie("a", "1", httponly=True)
        response.headers.add("X-Many", "1")
        response.headers.add("X-Many", "2")
        return response

    @app.get("/stream")
    ASYNC def stream():
        def pieces():
            for number in range(4):
                yield f"<{number}>".encode()
                time.sleep(0.2)

        return Response(pieces(), mimetype="text/plain")

    @app.get("/file")
    ASYNC def file():
        return AWAIT send_file(Path(__file__).parent / "file.bin", conditional=True)

    @app.post("/upload")
    ASYNC def upload():
        return hashlib.sha256(AWAIT request.get_data()).hexdigest()

    @app.get("/large")
    ASYNC def large():
        return b"x" * 3_000_000

    @app.get("/pid")
    ASYNC def pid():
        return jsonify([os.getpid(), *([os.getppid()] if kind == "wsgi" else [])])

    @app.get("/die")
    ASYNC def die():
        if kind == "wsgi":
            os.kill(os.getppid(), signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)

    @app.get("/broken")
    ASYNC def broken():
        raise ValueError("the original's")

    return app
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A port, with the package as a port to Robyn has it, for both kinds of original."""
    found = tmp_path_factory.mktemp("relay")
    for kind, module, name in (("wsgi", "flask", "Flask"), ("asgi", "quart", "Quart")):
        port, original = found / kind, found / kind / "original"
        shutil.copytree(PACKAGE, port / "flask_parity")
        shutil.copy(PACKAGE.parent / "grounds" / "robyn.py", port / "flask_parity" / "ground.py")
        original.mkdir()
        (port / "shop.py").write_text(PORT)
        text = ORIGINAL.replace("MODULE", module).replace("APP", name)
        words = ("async ", "await ") if kind == "asgi" else ("", "")
        for word, new in zip(("ASYNC ", "AWAIT "), words, strict=True):
            text = text.replace(word, new)
        (original / "shop.py").write_text(text)
        (original / "file.bin").write_bytes(bytes(range(256)) * 40)
    return found


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Port:
    """A process of flask_parity.serve."""

    def __init__(self, folder, kind, factory="create_app", **env):
        self.port = free_port()
        command = [sys.executable, "-m", "flask_parity.serve", "--port", str(self.port)]
        self.log = folder / f"{factory}-{self.port}.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [*command, f"shop:{factory}({kind!r})"],
                cwd=folder / kind,
                stderr=log,
                env={**os.environ, **env},
            )

    def __enter__(self):
        end = time.monotonic() + 20
        while time.monotonic() < end and self.process.poll() is None:
            try:
                self.get("/pid")
                return self
            except OSError:
                time.sleep(0.05)
        raise AssertionError(self.log.read_text())

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)

    def ask(self, method, path, body=None, headers=(), port=None):
        connection = http.client.HTTPConnection(
            "127.0.0.1", port or self.port, timeout=20, source_address=(CLIENT, 0)
        )
        connection.request(method, path, body, dict(headers))
        return connection.getresponse()

    def get(self, path, **headers):
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        response = self.ask("GET", path, None, named)
        response.body = response.read()
        return response


@pytest.fixture(scope="module", params=["wsgi", "asgi"])
def port(folder, request):
    with Port(folder, request.param) as found:
        yield found


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def ends(pids, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end and any(map(is_running, pids)):
        time.sleep(0.05)
    return not any(map(is_running, pids))


def echoed(response):
    return json.loads(response.read())


def test_cookies_and_repeated_headers(port):
    response = port.get("/cookies", cookie="x=1; y=2")
    assert json.loads(response.body) == {"x": "1", "y": "2"}
    told = response.headers.get_all("Set-Cookie")
    assert [value.partition("=")[0] for value in told] == ["b", "a"]
    assert told[0].startswith('b="2 2"')
    assert response.headers.get_all("X-Many") == ["1", "2"]
    assert len(response.headers.get_all("Date")) == 1 and "Server" not in response.headers


def test_path_query_and_headers(port):
    response = port.ask(
        "PUT", "/parts/echo/a%20b/%C3%A9+c?q=%20x&r=1", b"body", {"X-Own": "y", "TE": "trailers"}
    )
    found = echoed(response)
    assert found["path"] == "/parts/echo/a b/\u00e9+c"
    assert (found["method"], found["query"], found["body"]) == ("PUT", "q=%20x&r=1", 4)
    headers = dict(found["headers"])
    assert headers["x-own"] == "y" and "te" not in headers
    assert headers["host"] == f"127.0.0.1:{port.port}"
    assert found["url"].startswith(f"http://127.0.0.1:{port.port}/parts/echo/a%20b/")


def test_client_is_told_and_cannot_lie(port):
    name = "X-Flask-Parity-Relay"
    lie = {name: f"{'0' * 32} 6.6.6.6 https evil 1", "x-forwarded-proto": "https"}
    found = echoed(port.ask("GET", "/parts/echo/x", headers=lie))
    assert found["client"] == CLIENT and found["url"].startswith("http://")
    assert name.lower() not in dict(found["headers"])


def test_hooks_and_session(port):
    native = port.get("/")
    assert native.headers["X-Port"] == "1"
    assert json.loads(native.body)["urls"] == ["/parts/echo/a%20b", "/branch/"]
    cookie = native.headers["Set-Cookie"].partition(";")[0]
    before = port.log.read_text().count("torn down")
    relayed = port.get("/branch/", cookie=cookie)
    assert json.loads(relayed.body) == {"seen": 1, "url": "/"}
    assert "X-Port" not in relayed.headers
    assert port.log.read_text().count("torn down") == before


def test_errors_methods_and_slashes(port):
    assert port.get("/broken").status == 500
    refused = port.ask("POST", "/pid")
    assert refused.status == 405 and refused.headers["Allow"] == "GET, HEAD, OPTIONS"
    allowed = port.ask("OPTIONS", "/upload")
    assert sorted(allowed.headers["Allow"].split(", ")) == ["OPTIONS", "POST"]
    missing = port.get("/branch")
    assert missing.status == 302 and missing.headers["Location"] == "/branch/"


def test_stream_comes_piece_by_piece(port):
    response = port.ask("GET", "/stream")
    times, found = [], b""
    while piece := response.read1(100):
        times.append(time.monotonic())
        found += piece
    assert found == b"<0><1><2><3>"
    assert times[-1] - times[0] > 0.4


def test_head_and_range(port):
    head = port.ask("HEAD", "/file")
    assert (head.status, head.headers["Content-Length"]) == (200, "10240")
    part = port.get("/file", range="bytes=5-9")
    assert (part.status, part.body) == (206, bytes(range(5, 10)))
    assert part.headers["Content-Range"] == "bytes 5-9/10240"
    again = port.get("/file", if_none_match=part.headers["ETag"])
    assert (again.status, again.body) == (304, b"")


def test_upload(port):
    body = os.urandom(5_000_000)
    for headers in ({}, {"Expect": "100-continue"}, {"Content-Type": "multipart/form-data"}):
        answer = port.ask("POST", "/upload", body, headers)
        assert answer.read().decode() == hashlib.sha256(body).hexdigest()
    answer = port.ask("POST", "/upload", iter([b"a" * 70_000, b"b"]))  # chunked
    assert answer.read().decode() == hashlib.sha256(b"a" * 70_000 + b"b").hexdigest()


def test_body_that_nobody_reads(port):
    response = port.ask("GET", "/large", b"y" * 5_000_000)
    assert len(response.read()) == 3_000_000


def test_original_that_dies_is_started_again(port):
    before = json.loads(port.get("/pid").body)
    assert port.get("/die").status == 502
    assert ends(before, 5)
    after = port.get("/pid")
    assert after.status == 200 and not set(json.loads(after.body)) & set(before)
    assert "The original cannot be reached" in port.log.read_text()


LOST = """
import socket
import threading
import time

from flask_parity import robynrelay

ANSWER = b"HTTP/1.1 200 OK\\r\\ncontent-length: 0\\r\\n\\r\\n"
robynrelay._is_readable = lambda connection: False  # it is closed right after that
listener = socket.create_server(("127.0.0.1", 0))
original = robynrelay.Original(".", "shop:app")
original.port = listener.getsockname()[1]
asked = []


def serve(reads):
    for count in reads:
        connection, _ = listener.accept()
        for number in range(count):
            asked.append(connection.recv(1000))
            if number == 0:
                connection.sendall(ANSWER)
        connection.close()


for reads in ((1, 1), (2, 1)):
    threading.Thread(target=serve, args=(reads,), daemon=True).start()
    original.ask("POST", b"first", b"").whole()
    time.sleep(0.1)
    try:
        print(original.ask("POST", b"second", b"").status)
    except ConnectionError as error:
        print("failed")
    original.forget()
print(asked)
"""


def test_only_what_was_not_received_is_asked_again(folder):
    found = subprocess.run(
        [sys.executable, "-c", LOST],
        cwd=folder / "wsgi",
        capture_output=True,
        text=True,
        timeout=20,
    )
    expected = ["200", "failed", str([b"first", b"second", b"first", b"second"])]
    assert found.stdout.splitlines() == expected, found.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("kind", ["wsgi", "asgi"])
def test_nothing_is_left(folder, kind, number):
    with Port(folder, kind) as port:
        pids = json.loads(port.get("/pid").body)
        port.process.send_signal(number)
        assert port.process.wait(20) == (0 if number == signal.SIGTERM else -number)
        assert ends(pids, 0.1 if number == signal.SIGTERM else 5)


@pytest.mark.parametrize("kind", ["wsgi", "asgi"])
def test_everything_of_a_shared_original(folder, kind):
    """Started by itself, and believing only who has the secret."""
    number, secret = str(free_port()), "a secret"
    env = {"FLASK_PARITY_TOKEN": secret, "FLASK_PARITY_ORIGINAL": f"127.0.0.1:{number}"}
    command = [sys.executable, "-m", "flask_parity.original", f"shop:create_app({kind!r})"]
    command += ["--port", number, *(["--asgi"] if kind == "asgi" else [])]
    own = {**os.environ, **env, "PYTHONPATH": str(folder / kind)}
    original = subprocess.Popen(command, cwd=folder / kind / "original", env=own)
    try:
        with Port(folder, kind, "create_whole", **env) as port:
            assert port.get("/").body == b"the original"
            assert json.loads(port.get("/branch/").body)["url"] == "/"
            assert echoed(port.ask("GET", "/parts/echo/x"))["client"] == CLIENT
            assert port.get("/nowhere").status == 404
            assert port.ask("POST", "/").status == 405
            for token, client in ((secret, "6.6.6.6"), ("another", CLIENT)):
                told = {"X-Flask-Parity-Relay": f"{token} 6.6.6.6 https shop 443"}
                got = echoed(port.ask("GET", "/parts/echo/x", headers=told, port=int(number)))
                assert got["client"] == client
                assert "x-flask-parity-relay" not in dict(got["headers"])
    finally:
        original.terminate()
        original.wait(20)
