"""Processes of flask_parity.serve with a small Robyn app: how they start, and how they end."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

pytest.importorskip("robyn")

from flask_parity import inflight, serve  # noqa: E402

APP = """
import asyncio
import sys
import time

from robyn import Headers, Robyn, StreamingResponse

from flask_parity import inflight


class Counted:
    def __enter__(self):
        inflight.enter()

    def __exit__(self, *_):
        inflight.leave()


def create_app(mark="plain", *, times=1):
    app = Robyn(__file__)

    @app.get("/")
    def index(request):
        with Counted():
            return f"{mark * times} {sys.argv[1:]}"

    @app.get("/sync")
    def sync():
        with Counted():
            time.sleep(1)
            return "slow"

    @app.get("/async")
    async def awaited():
        with Counted():
            await asyncio.sleep(1)
            return "slow"

    @app.get("/stream")
    def stream():
        def chunks():
            with Counted():
                for number in range(6):
                    time.sleep(0.2)
                    yield f"<{number}>"

        return StreamingResponse(chunks(), headers=Headers({}))

    @app.post("/length")
    def length(request):
        return str(len(request.body))

    app.startup_handler(lambda: print("started", flush=True))

    async def down():
        await asyncio.sleep(0)
        print("shut down")

    app.shutdown_handler(down)
    return app


app = create_app()
nothing = 7


def broken():
    app = create_app()

    async def failing():
        raise LookupError("no database")

    app.startup_handler(failing)
    return app
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("app")
    (made / "small.py").write_text(textwrap.dedent(APP))
    return made


@pytest.fixture
def start(folder):
    """Starts a process, and waits until it answers."""
    support = Path(serve.__file__).parents[1]
    environment = {**os.environ, "PYTHONPATH": str(support), "ROBYN_PORT": "1", "ROBYN_HOST": "no"}
    processes = []

    def run(spec, *options, answers=None, **how):
        process = subprocess.Popen(
            [sys.executable, "-m", "flask_parity.serve", spec, *options],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **how,
        )
        processes.append(process)
        end = time.monotonic() + 15
        while answers is not None:
            with contextlib.suppress(OSError):
                if asked(answers, "/").startswith(b"HTTP/1.1 200 "):
                    break
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < end
            time.sleep(0.03)
        return process

    yield run
    for process in processes:
        process.kill()
        process.communicate()


@pytest.fixture
def port():
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


class Connection:
    def __init__(self, port, text=b""):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.socket.sendall(text)

    def get(self, path, headers=""):
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\n{headers}\r\n".encode())
        return self

    def rest(self):
        """What comes until the server closes."""
        with self.socket:
            return b"".join(iter(lambda: self.socket.recv(65536), b""))


def asked(port, path):
    return Connection(port).get(path, "Connection: close\r\n").rest()


def ended(process, limit=10):
    out, err = process.communicate(timeout=limit)
    return process.returncode, out, err


def test_it_serves_and_ends(start, port):
    process = start("small:app", "--host", "localhost", "--port", str(port), answers=port)
    assert asked(port, "/").endswith(b"\r\n\r\nplain []")
    assert b" 404 " in asked(port, "/docs")
    process.terminate()
    assert ended(process) == (0, "started\nshut down\n", "")


@pytest.mark.parametrize("path", ["/sync", "/async", "/stream"])
def test_requests_in_flight_are_answered(start, port, path):
    process = start("small:app", "--port", str(port), "--workers", "2", answers=port)
    idle = Connection(port).get("/")
    assert b" 200 " in idle.socket.recv(9999)
    slow = Connection(port).get(path)
    time.sleep(0.3)
    process.terminate()
    time.sleep(0.2)
    with pytest.raises(ConnectionRefusedError):
        Connection(port)
    assert idle.rest() == b""
    answer = slow.rest()
    if path == "/stream":
        assert [answer.count(b"<%d>" % number) for number in range(6)] == [1] * 6
        assert answer.endswith(b"0\r\n\r\n")
    else:
        assert answer.endswith(b"\r\n\r\nslow")
    assert ended(process) == (0, "started\nshut down\n", "")


def test_what_is_being_received_is_answered(start, port):
    process = start("small:app", "--port", str(port), answers=port)
    head = b"POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: 200\r\n\r\n"
    upload = Connection(port, head + b"x" * 100)
    kept = Connection(port).get("/")
    assert b" 200 " in kept.socket.recv(9999)
    process.terminate()
    kept.get("/")  # at once, on a connection that was not idle for long
    assert kept.rest().startswith(b"HTTP/1.1 200 ")
    time.sleep(1.2)
    upload.socket.sendall(b"x" * 100)
    assert upload.rest().endswith(b"\r\n\r\n200")
    assert ended(process)[0] == 0


def test_the_time_for_the_end_is_limited(start, port):
    options = ["--port", str(port), "--graceful-timeout", "0.3"]
    process = start("small:app", *options, answers=port)
    slow = Connection(port).get("/async")
    time.sleep(0.2)
    began = time.monotonic()
    process.terminate()
    code, out, err = ended(process)
    assert time.monotonic() - began < 0.9
    assert (code, out) == (0, "started\nshut down\n")
    assert err == "flask_parity.serve: 1 connections and 1 requests in flight are cut\n"
    assert slow.rest() == b""


def test_a_second_signal_ends_at_once(start, port):
    process = start("small:app", "--port", str(port), answers=port)
    Connection(port).get("/async")
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    assert ended(process, 0.5)[0] == -signal.SIGINT


def test_it_ends_by_itself(start, port):
    process = start("small:app", "--port", str(port), "--lifetime", "0.6", answers=port)
    slow = Connection(port).get("/async")
    time.sleep(0.8)
    process.terminate()  # the first signal, though it is on its way out
    assert slow.rest().endswith(b"slow")
    assert ended(process) == (0, "started\nshut down\n", "")


def test_processes_share_a_port(start, port):
    first, second = (start("small:app", "--port", str(port), answers=port) for _ in range(2))
    second.stdout.readline()  # what has answered so far may have been the first one
    first.terminate()
    assert ended(first)[0] == 0
    assert all(b" 200 " in asked(port, "/") for _ in range(20))
    second.terminate()
    assert ended(second)[0] == 0


def test_an_inherited_socket_outlives_the_process(start, port):
    with socket.create_server(("127.0.0.1", port), backlog=50) as owned:
        number = owned.fileno()
        answers = []
        for _ in range(2):
            process = start("small:app", "--fd", str(number), answers=port, pass_fds=[number])
            process.terminate()
            assert ended(process)[0] == 0
            # Nobody accepts it until the next one has started.
            waiting = threading.Thread(target=lambda: answers.append(asked(port, "/")))
            waiting.start()
        last = start("small:app", "--fd", str(number), answers=port, pass_fds=[number])
        waiting.join()
        assert len(answers) == 2 and all(b" 200 " in answer for answer in answers)
        last.terminate()
        assert ended(last)[0] == 0


def test_failures_are_one_line(start, port):
    with socket.create_server(("127.0.0.1", port)):
        specs = ["small:app", "small:nobody", "small:nothing", "small:create_app(x)", "absent:app"]
        processes = [start(spec, "--port", str(port)) for spec in specs]
        assert [ended(process) for process in processes] == [
            (1, "", f"flask_parity.serve: {text}\n")
            for text in (
                f"cannot listen on 127.0.0.1:{port}: Address already in use",
                "module 'small' has no attribute 'nobody'",
                "'small:nothing' is no Robyn app but int",
                "the arguments in 'create_app(x)' are not literals",
                "there is no module 'absent'",
            )
        ]


def test_a_startup_handler_that_fails(start, port):
    code, _, err = ended(start("small:broken", "--port", str(port)))
    assert code == 1
    assert err.endswith("LookupError: no database\n")


@pytest.mark.parametrize(
    ("spec", "text"),
    [("small:create_app", b"plain"), ('small:create_app("a", times=2)', b"aa")],
)
def test_factories(start, port, spec, text):
    start(spec, "--port", str(port), answers=port)
    assert asked(port, "/").endswith(b"\r\n\r\n%s []" % text)


def test_requests_are_counted():
    assert inflight.count() == 0
    inflight.enter()
    inflight.enter()
    inflight.leave()
    assert inflight.count() == 1
    inflight.leave()
    assert inflight.count() == 0
