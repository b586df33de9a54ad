"""Serves the original app behind its port: ``python -m flask_parity.original MODULE:APP --port P``.

It runs in the original's folder, with the server that such an app has: gunicorn for WSGI, hypercorn
for ASGI. The port is a proxy to it, and tells who the client is in a header with a secret, which
is believed here and taken away. Nothing else of the package is imported: the original is
to find itself, not the port, under its names.

Several processes of a port can share one original: it is started by itself, and they find it by
``FLASK_PARITY_ORIGINAL=127.0.0.1:P``; all have the same ``FLASK_PARITY_TOKEN``.
"""

import argparse
import asyncio
import atexit
import contextlib
import hmac
import importlib
import ipaddress
import logging
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from pathlib import Path
from typing import Any, NamedTuple

#: What the port tells is in this header, after the secret that this variable has.
HEADER = "x-flask-parity-relay"
TOKEN = "FLASK_PARITY_TOKEN"

#: Says ``host:port`` of an original that is served already, for several processes of a port.
SHARED = "FLASK_PARITY_ORIGINAL"

#: Seconds: for the original to start, before it is started again, at most, for it to end, and for
#: which a request waits until it is back.
_START, _PAUSE, _LONGEST, _END, _PATIENCE = 60.0, 1.0, 30.0, 15.0, 10.0

#: Requests of a WSGI app at the same time, and seconds that requests in flight have at the end and
#: that a connection may be idle: longer than the port keeps one.
_THREADS = 8
_GRACE, _KEPT = 10, 75

#: What gunicorn reads itself of a body that the app has not read.
_DRAINED = 60_000

#: What gunicorn believes of a proxy (``secure_scheme_headers``), and which ones.
_SECURE = {
    "HTTP_X_FORWARDED_PROTOCOL": "ssl",
    "HTTP_X_FORWARDED_PROTO": "https",
    "HTTP_X_FORWARDED_SSL": "on",
}
_PROXIES = "FORWARDED_ALLOW_IPS"


class _Told(NamedTuple):
    """What the port tells of a request."""

    client: str
    scheme: str
    host: str
    port: int


def _told(token: str, text: str) -> _Told | bool:
    """What a header tells: True if nothing but that it is the port's, False if it is not."""
    if not token:
        return False
    given, *rest = [text] if len(text) == len(token) else text.rsplit(" ", 4)
    if not hmac.compare_digest(given.encode("latin1"), token.encode()):
        return False
    return _Told(rest[0], rest[1], rest[2], int(rest[3])) if rest else True


class _Wsgi:
    """A WSGI app, told of its clients."""

    def __init__(self, app: Any, token: str) -> None:
        self._app, self._token = app, token
        self._key = "HTTP_" + HEADER.upper().replace("-", "_")
        self._proxies = os.environ.get(_PROXIES, "127.0.0.1,::1").replace(" ", "").split(",")

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        told = _told(self._token, environ.pop(self._key, ""))
        if told is True:
            start_response("204 No Content", [])
            return []
        if told:
            environ["REMOTE_ADDR"], environ["REMOTE_PORT"] = told.client, "0"
            environ["SERVER_NAME"], environ["SERVER_PORT"] = told.host, str(told.port)
            environ["wsgi.url_scheme"] = self._scheme(told, environ)
        body = self._app(environ, start_response)
        length = environ.get("CONTENT_LENGTH", "")
        if "HTTP_TRANSFER_ENCODING" in environ or length.isdigit() and int(length) > _DRAINED:
            return _Drained(body, environ["wsgi.input"])
        return body

    def _scheme(self, told: _Told, environ: dict[str, Any]) -> str:
        """gunicorn's word on it, had the client itself come."""
        for key, value in _SECURE.items():
            if key in environ and self._is_proxy(told.client):
                return "https" if environ[key] == value else "http"
        return told.scheme

    def _is_proxy(self, client: str) -> bool:
        if "*" in self._proxies:
            return True
        address = ipaddress.ip_address(client)
        return any(address in ipaddress.ip_network(proxy) for proxy in self._proxies if proxy)


class _Drained:
    """An answer after which what is left of the request's body is read. The port sends all of it,
    and where some is left gunicorn closes the connection, and the answer may be lost with it."""

    def __init__(self, body: Any, rest: Any) -> None:
        self._body, self._rest = body, rest

    def __iter__(self) -> Any:
        return iter(self._body)

    def close(self) -> None:
        try:
            getattr(self._body, "close", lambda: None)()
        finally:
            with contextlib.suppress(OSError):  # the port has gone
                while self._rest.read(65536):
                    pass


class _Asgi:
    """An ASGI app, told of its clients."""

    def __init__(self, app: Any, token: str) -> None:
        self._app, self._token = app, token
        self._name = HEADER.encode()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            return await self._app(scope, receive, send)
        texts = [value.decode("latin1") for key, value in scope["headers"] if key == self._name]
        told = _told(self._token, ",".join(texts))
        if told is True:
            await send({"type": "http.response.start", "status": 204, "headers": []})
            return await send({"type": "http.response.body", "body": b""})
        headers = [pair for pair in scope["headers"] if pair[0] != self._name]
        scope = {**scope, "headers": headers}
        if told:
            scope |= {"client": (told.client, 0), "server": (told.host, told.port)}
            scope["scheme"] = told.scheme
        if scope["type"] == "http":
            receive = await _read(receive)
        await self._app(scope, receive, send)


async def _read(receive: Any) -> Any:
    """A body, read to its end, for the same reason."""
    found: deque[Any] = deque()
    while not found or found[-1].get("more_body"):
        found.append(await receive())

    async def again() -> Any:
        return found.popleft() if found else await receive()

    return again


# ---- the original's process, as the port has it


class Process:
    """The app that was ported, served on this machine: ``kind`` is "wsgi" or "asgi".

    It is started with the port's server, started again when it dies, and ended with the port's
    process, however that ends: a pipe closes then.
    """

    def __init__(self, folder: str | Path, app: str, kind: str = "wsgi") -> None:
        self._folder, self._app, self._kind = os.path.abspath(folder), app, kind
        self.token = secrets.token_hex(16)
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._is_up, self._is_ending = threading.Event(), False

    @property
    def is_wsgi(self) -> bool:
        return self._kind == "wsgi"

    def start(self) -> None:
        """Returns when it answers."""
        if self.port:
            return
        if address := os.environ.get(SHARED):
            if not (token := os.environ.get(TOKEN)):
                raise RuntimeError(f"{SHARED} is set, so {TOKEN} has to be the same as there")
            self.port, self.token = int(address.rpartition(":")[2]), token
            return
        # Bound, but not listening: the number is kept for every process that is to have it.
        self._kept = socket.socket()
        self._kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._kept.bind(("127.0.0.1", 0))
        self.port = self._kept.getsockname()[1]
        self._pipe, self._end = os.pipe()
        atexit.register(self.stop)
        process = self._launch()
        if not self._answers(process):
            self.stop()
            raise RuntimeError(f"the original ({self._app} in {self._folder}) does not start")
        threading.Thread(target=self._watch, args=(process,), daemon=True).start()

    def stop(self) -> None:
        """Ends it, and waits until it has ended."""
        self._is_ending = True
        self.forget()
        if (process := self._process) is None:
            return
        process.terminate()
        try:
            process.wait(_END)
        except subprocess.TimeoutExpired:
            process.kill()

    def forget(self) -> None:
        """Closes the connections to a process that is no more."""

    def comes_back(self) -> bool:
        """Whether it is there again, when it was not; waits for that."""
        return self._process is not None and self._is_up.wait(_PATIENCE)

    def _launch(self) -> subprocess.Popen[bytes]:
        # By its file, so that nothing of the port is on the path, and its folder neither (-P).
        command = [sys.executable, "-P", __file__, self._app, f"--port={self.port}"]
        command += [f"--pipe={self._pipe}", *([] if self.is_wsgi else ["--asgi"])]
        self._process = subprocess.Popen(
            command,
            cwd=self._folder,
            env={**os.environ, TOKEN: self.token},
            stdin=subprocess.DEVNULL,
            pass_fds=(self._pipe,),
            start_new_session=True,  # Ctrl-C is the port's, which is not done with it
        )
        return self._process

    def _answers(self, process: subprocess.Popen[bytes]) -> bool:
        """Waits until it does, or ends."""
        head = f"GET / HTTP/1.1\r\nhost: localhost\r\n{HEADER}: {self.token}\r\n\r\n".encode()
        end = time.monotonic() + _START
        while process.poll() is None and time.monotonic() < end and not self._is_ending:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                    connection.sendall(head)
                    if connection.recv(12) == b"HTTP/1.1 204":
                        self._is_up.set()
                        return True
            except OSError:
                time.sleep(0.02)
        return False

    def _watch(self, process: subprocess.Popen[bytes]) -> None:
        pause, began = 0.0, time.monotonic()
        while True:
            code = process.wait()
            self._is_up.clear()
            if self._is_ending:
                return
            self.forget()
            lived = time.monotonic() - began
            pause = _PAUSE if lived > _LONGEST or not pause else min(2 * pause, _LONGEST)
            told = f"The original ended ({code}); it is started again in {pause:.0f} s"
            logging.getLogger(__name__).error(told)
            time.sleep(pause)
            if self._is_ending:
                return
            began = time.monotonic()
            process = self._launch()
            if self._is_ending:  # meanwhile
                process.terminate()
            elif not self._answers(process):
                process.kill()


# ---- the process itself


def _load(spec: str) -> Any:
    """The app of ``module:name`` or ``module:factory(...)``, as both servers name it."""
    name, _, text = spec.partition(":")
    return eval(text or "app", vars(importlib.import_module(name)))


def _serve_wsgi(spec: str, port: int, token: str) -> None:
    from gunicorn.app.base import BaseApplication

    settings: dict[str, Any] = {
        "bind": f"127.0.0.1:{port}",
        "reuse_port": True,  # the port has it, so that nobody else gets it meanwhile
        "worker_class": "gthread",
        "threads": _THREADS,
        "keepalive": _KEPT,
        "graceful_timeout": _GRACE,
        "limit_request_fields": 101,  # of the client's as many as there are without a port
        "forwarded_allow_ips": "",  # the peer is always this machine
        "loglevel": "warning",
        "control_socket_disable": True,
    }

    class Server(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            for key, value in settings.items():
                if key in self.cfg.settings:  # by its version
                    self.cfg.set(key, value)

        def load(self) -> Any:
            return _Wsgi(_load(spec), token)

    Server().run()


def _serve_asgi(spec: str, port: int, token: str) -> None:
    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    listener = socket.create_server(("127.0.0.1", port), backlog=2048, reuse_port=True)
    config = Config()
    config.bind = [f"fd://{listener.detach()}"]
    config.graceful_timeout, config.keep_alive_timeout = _GRACE, _KEPT
    config.keep_alive_max_requests = sys.maxsize
    config.include_server_header = config.include_date_header = False
    config.loglevel = "WARNING"
    asyncio.run(serve(_Asgi(_load(spec), token), config, mode="asgi"))


def _end_with(descriptor: int) -> None:
    """Ends this process when nobody has the other end of a pipe any more."""

    def wait() -> None:
        os.read(descriptor, 1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="pipe", daemon=True).start()


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Serve an original app behind its port.")
    parser.add_argument("app", metavar="MODULE:APP", help="an app, or a factory's call")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--asgi", action="store_true", help="serve it by hypercorn")
    parser.add_argument("--pipe", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.pipe is not None:
        _end_with(options.pipe)
    del sys.argv[1:]
    # The app and what it starts have no need to know it.
    token = os.environ.pop(TOKEN, "")
    package = os.path.dirname(os.path.abspath(__file__))
    ports = {package, os.path.dirname(package), os.getcwd()}
    rest = [path for path in sys.path if os.path.abspath(path) not in ports]
    sys.path[:] = [os.getcwd(), *rest]
    (_serve_asgi if options.asgi else _serve_wsgi)(options.app, options.port, token)


if __name__ == "__main__":
    main()
