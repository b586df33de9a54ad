"""Routes that stay the original's: the port hands their requests on to the app that it was.

The original is carried unedited beside the port's packages, and runs as a process of its own::

    app.state.original = Original(FOLDER / "original", "shop:app")

Whoever serves a request runs its hooks, once: of a relayed one the port has only the routing, so
that ``url_for``, 405 and ``Allow`` know of it. When the last view is ported, delete this module
with ``original.py`` and the folder.
"""

import contextlib
import contextvars
import logging
import select
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Any, Unpack

from robyn import Headers, Response, StreamingResponse

from . import foreign, inflight
from .context import current
from .original import HEADER, Process
from .robyn import FlaskRoute
from .robynexchange import WHOLE
from .robynpaths import canonical
from .robynserving import Relayed
from .rules import RuleOptions, register
from .thread import RequestThread

#: Seconds for which a connection is kept (the original keeps it for longer), and to make one.
_KEPT, _CONNECTING = 30.0, 10.0

#: Requests that a port to async handlers has with the original at the same time.
_THREADS = 256

#: Bodies up to here are in the kernel's hands at once, whether they are read or not.
_SMALL, _PIECE = 32 * 1024, 64 * 1024

_HOP_BY_HOP = {b"connection", b"keep-alive", b"proxy-connection", b"te", b"trailer", b"upgrade"}
#: Of a request: Robyn has answered the one, and its body is sent anew.
_OWN = _HOP_BY_HOP | {b"expect", b"content-length", b"transfer-encoding", HEADER.encode()}
_OWN_OF_ANSWERS = {name.decode() for name in _HOP_BY_HOP} | {"content-length", "transfer-encoding"}

_log = logging.getLogger(__name__)


# ---- the original


class Original(Process):
    """The app that was ported, and the connections to it."""

    def __init__(self, folder: str | Path, app: str, kind: str = "wsgi") -> None:
        super().__init__(folder, app, kind)
        self._idle: deque[tuple[socket.socket, float]] = deque()

    def ask(self, method: str, head: bytes, body: bytes) -> "Answer":
        """The head of its answer. A connection that it closed while idle is replaced, once: not
        one on which something of the request has come to it."""
        kept = self._take()
        while True:
            connection = kept or self._connect()
            before = _received(connection) if kept else 0
            try:
                is_sent = _send(connection, head, body)
                found = HTTPResponse(connection, method=method)
                found.begin()
                return Answer(self, connection, found, is_sent)
            except BaseException as error:
                is_lost = kept and isinstance(error, ConnectionError)  # of http.client too
                is_new = is_lost and _received(connection) == before
                connection.close()
                if not is_new:
                    raise
            kept = None

    def _connect(self) -> socket.socket:
        try:
            found = socket.create_connection(("127.0.0.1", self.port), _CONNECTING)
        except ConnectionRefusedError:
            if not self.comes_back():
                raise
            found = socket.create_connection(("127.0.0.1", self.port), _CONNECTING)
        found.settimeout(None)
        found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return found

    def _take(self) -> socket.socket | None:
        """A connection that was used before."""
        while True:
            try:
                connection, since = self._idle.pop()  # from several threads; the freshest first
            except IndexError:
                return None
            if time.monotonic() - since < _KEPT and not _is_readable(connection):
                return connection
            connection.close()

    def keep(self, connection: socket.socket) -> None:
        now = time.monotonic()
        self._idle.append((connection, now))
        with contextlib.suppress(IndexError):  # another thread has taken it
            if now - self._idle[0][1] > _KEPT:
                self._idle.popleft()[0].close()

    def forget(self) -> None:
        with contextlib.suppress(IndexError):
            while True:
                self._idle.pop()[0].close()


class Answer:
    """An answer of the original's: what is read of it gives its connection back, or closes it."""

    def __init__(
        self, original: Original, connection: socket.socket, found: HTTPResponse, is_sent: bool
    ) -> None:
        self._original, self._connection, self._found = original, connection, found
        self._is_kept = is_sent and not found.will_close
        self.status = found.status
        #: Of the body; None where only its end tells.
        self.length = found.length
        self.headers = _read(found, original.is_wsgi)

    @property
    def announced(self) -> str | None:
        """The length that a HEAD was told."""
        return self._found.getheader("content-length")

    def whole(self) -> bytes:
        try:
            body = self._found.read()
        except BaseException:
            self.close()
            raise
        self.end()
        return body

    def piece(self) -> bytes:
        """What has come since, at least something; nothing at the end."""
        return self._found.read1(_PIECE)

    def end(self) -> None:
        """All of it is read."""
        self._found.close()
        if self._is_kept:
            self._original.keep(self._connection)
        else:
            self._connection.close()

    def close(self) -> None:
        self._found.close()
        self._connection.close()


def _is_readable(connection: socket.socket) -> bool:
    """Whether something has come; on an idle connection, its end."""
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(0))


def _received(connection: socket.socket) -> int:
    """The bytes that the other side's kernel has acknowledged (Linux: tcpi_bytes_acked)."""
    info = connection.getsockopt(socket.IPPROTO_TCP, 11, 192).ljust(192, b"\0")  # TCP_INFO
    return int(struct.unpack_from("=Q", info, 120)[0])


def _send(connection: socket.socket, head: bytes, body: bytes) -> bool:
    """Sends a request. An answer may come before the body is read: then the rest of it is sent
    while that is read, and this is False."""
    try:
        if len(body) <= _SMALL:
            connection.sendall(head + body)
            return True
        connection.sendall(head)
        rest = memoryview(body)
        poll = select.poll()
        poll.register(connection, select.POLLIN | select.POLLOUT)
        while rest:
            if poll.poll()[0][1] & ~select.POLLOUT:
                threading.Thread(target=_send_rest, args=(connection, rest), daemon=True).start()
                return False
            rest = rest[connection.send(rest, socket.MSG_DONTWAIT) :]
    except (BrokenPipeError, ConnectionResetError):  # perhaps it has said why
        return False
    return True


def _send_rest(connection: socket.socket, rest: memoryview) -> None:
    try:
        connection.sendall(rest)
    except OSError:  # nobody reads it
        pass


# ---- requests and answers


def _ask(original: Original, given: Any, body: bytes, target: bytes) -> Answer:
    """The original's answer to a request of Robyn's, as :func:`robynexchange.scope_of` gives it."""
    headers = given["headers"]
    dropped, is_chunked, has_length = _OWN, False, False
    for name, value in headers:
        if name == b"connection":
            dropped = dropped | {word.strip().lower() for word in value.split(b",")}
        elif name == b"content-length":
            has_length = True
        elif name == b"transfer-encoding":
            is_chunked = True
    method, (host, port) = given["method"], given["server"]
    told = f"{original.token} {given['client'][0]} {given['scheme']} {host} {port}"
    query = b"?" + given["query_string"] if given["query_string"] else b""
    lines = [b"%b %b%b HTTP/1.1" % (method.encode(), target, query)]
    lines += [b"%b: %b" % pair for pair in headers if pair[0] not in dropped]
    lines.append(f"{HEADER}: {told}".encode())
    if is_chunked:
        lines.append(b"transfer-encoding: chunked")
        body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n"
    elif body or has_length:
        lines.append(b"content-length: %d" % len(body))
    return original.ask(method, b"\r\n".join(lines) + b"\r\n\r\n", body)


def _read(found: HTTPResponse, is_wsgi: bool) -> dict[str, list[str]]:
    """The headers of an answer as Robyn takes them."""
    servers = {"server", "date"} if is_wsgi else set()  # gunicorn's come first
    headers: dict[str, list[str]] = {}
    for name, value in found.headers.items():
        name = name.lower()
        if name in servers:
            servers.remove(name)
        elif name not in _OWN_OF_ANSWERS:
            if not value.isascii():  # Robyn sends UTF-8
                raw = value.encode("latin1")
                value = raw.decode("utf-8" if _is_utf8(raw) else "latin1")
            headers.setdefault(name, []).append(value)
    headers.setdefault("content-type", [])  # none, and Robyn does not fill the global one in
    if foreign.trace:
        headers["x-served-by"] = ["relay"]
    return headers


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _passed_on(answer: Answer, method: str) -> Any:
    """An answer for Robyn, which says how long it is by itself."""
    status, headers = answer.status, Headers(answer.headers)
    if method == "HEAD" or status in (204, 304):
        length = answer.announced
        answer.end()
        if method != "HEAD" or (length is not None and length.isdigit()):
            size = int(length or 0) if method == "HEAD" and status not in (204, 304) else 0
            return Response(status, headers, bytes(min(size, WHOLE)))
        return StreamingResponse(iter(()), status, headers, "-")
    if answer.length is not None and answer.length <= WHOLE:
        return Response(status, headers, answer.whole())
    return StreamingResponse(_Pieces(answer), status, headers, "-")


class _Pieces:
    """A body of unknown length, as it comes. Dropped by Robyn when the client has gone."""

    def __init__(self, answer: Answer) -> None:
        self._answer: Answer | None = answer
        inflight.enter()

    def __iter__(self) -> "_Pieces":
        return self

    def __next__(self) -> bytes:
        if self._answer is None:
            raise StopIteration
        try:
            piece = self._answer.piece()
        except (OSError, HTTPException):
            _log.exception("A relayed stream failed while it was sent")
            self._leave()
            raise
        if not piece:
            self._answer.end()
            self._leave()
            raise StopIteration
        return piece

    def _leave(self) -> None:
        self._answer = None
        inflight.leave()

    def __del__(self) -> None:
        if self._answer is not None:
            self._answer.close()
            self._leave()


def _relayed(app: Any, given: Any, body: bytes, target: bytes) -> Any:
    try:
        return _passed_on(_ask(app.state.original, given, body, target), given["method"])
    except (OSError, HTTPException) as error:
        app.state.logger.error("The original cannot be reached: %r", error)
        kind = Headers({"content-type": "text/plain; charset=utf-8"})
        return Response(502, kind, b"The original app cannot be reached.\n")


async def _hand_over(app: Any, given: Any, receive: Any, target: bytes, relayed: Any) -> Any:
    """Has ``relayed`` answer where it may wait."""
    inflight.enter()
    try:
        body = (await receive())["body"]
        if not app.state.awaits:
            return relayed(app, given, body, target)
        thread = RequestThread(contextvars.copy_context(), _THREADS)
        try:
            return await thread.run(relayed, app, given, body, target)
        finally:
            thread.release()
    finally:
        inflight.leave()


# ---- routes


class RelayedRoute(FlaskRoute):
    """A route that the original answers."""

    async def answer(self, request: Any, inner: Any) -> Any:
        current().ended = True  # the port's part, without its hooks
        raise Relayed(self)

    async def hand_over(self, app: Any, given: Any, receive: Any) -> Any:
        """What the original answers; ``given`` is the request as it came."""
        target = given["raw_path"]
        if self.path.endswith("/") and target != b"/":  # Robyn has cut it off
            target += b"/"
        return await _hand_over(app, given, receive, target, _relayed)


def relay(
    owner: Any,
    path: str,
    *,
    methods: Iterable[str] | None = None,
    name: str | None = None,
    **options: Unpack[RuleOptions],
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Leaves a view to the original: what is decorated has its name, and is never called."""

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        def add(path: str, answer: Callable[..., Any]) -> Any:
            made = RelayedRoute(path, answer, methods or ["GET"], name or view.__name__)
            owner.routes.append(made)
            return made

        register(add, canonical(path), view, **options)
        return view

    return decorate


class _Everything:
    """All URLs. That one needs a slash at its end is learned from the original: Robyn cuts it off,
    and to be sent to where one is has no end."""

    def __init__(self) -> None:
        self._slashed: set[bytes] = set()

    async def hand_over(self, app: Any, given: Any, receive: Any) -> Any:
        return await _hand_over(app, given, receive, given["raw_path"], self._relayed)

    def _relayed(self, app: Any, given: Any, body: bytes, target: bytes) -> Any:
        if target in self._slashed:
            return _relayed(app, given, body, target + b"/")
        found = _relayed(app, given, body, target)
        if found.status_code in (301, 308):
            location = found.headers.get("location") or ""
            path = location.partition("?")[0].encode()
            _, _, host = path.partition(b"://")
            if path == target + b"/" or (host and host.partition(b"/")[2] == target[1:] + b"/"):
                if len(self._slashed) > 4096:
                    self._slashed.clear()
                self._slashed.add(target)
                return _relayed(app, given, body, target + b"/")
        return found


def relay_everything(app: Any) -> None:
    """Leaves the app as a whole to the original: nothing of the port's routing runs."""
    app.state.everything = _Everything()
