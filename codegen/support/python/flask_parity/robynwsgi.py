"""WSGI middleware around the port: what ``app.wsgi_app = Middleware(app.wsgi_app)`` was."""

from collections.abc import Iterable, Iterator
from typing import Any

from robyn import Response, StreamingResponse

from . import inflight
from .body import Body
from .context import State, at_once
from .environ import wsgi_environ
from .request import CurrentRequest
from .robynexchange import WHOLE, ended, headers_of

_SCOPE = "flask_parity.scope"


class WsgiLayer:
    """The port as a WSGI application, for middleware of the app's own to be put around.

    ``app.state.wsgi_app = WsgiLayer(app)`` costs nothing; with ``app.state.wsgi_app =
    Middleware(app.state.wsgi_app)`` every request goes through the middleware.
    """

    def __init__(self, app: Any) -> None:
        self._app = app
        app.state.wsgi_layer = self

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        from .robynserving import exchange  # which asks here whether there is middleware

        scope, receive = environ[_SCOPE]
        scope = _changed(scope, environ)
        status, headers, body = at_once(exchange(self._app, [], scope, receive, _started))
        start_response(status, headers)
        return body  # type: ignore[no-any-return]


def environ_of(scope: Any, receive: Any) -> dict[str, Any]:
    """What a WSGI application is told of a request."""
    request = CurrentRequest(scope, Body(scope, receive, None, at_once))
    return {**wsgi_environ(request), _SCOPE: (scope, receive)}


def answered(application: Any, environ: dict[str, Any], server: str = "native") -> Any:
    """The answer of a WSGI application for Robyn. What has no length is a stream."""
    started: list[Any] = []

    def start_response(status: str, headers: Any, error: Any = None) -> Any:
        started[:] = [int(status.split()[0]), headers]
        return lambda data: None

    try:
        body = application(environ, start_response)
        items = iter(body)
        first = next(items, b"")  # a generator has not begun before
    except BaseException:
        inflight.leave()
        raise
    status, headers = started
    made, length = headers_of(headers, server)
    stream = _rest(body, first, items)
    if environ["REQUEST_METHOD"] == "HEAD":
        for _ in stream:
            pass
        return Response(status, made, bytes(min(int(length or 0), WHOLE)))
    if status in (204, 304) or length is not None and int(length) <= WHOLE:
        return Response(status, made, b"".join(stream)[: int(length or 0)])
    return StreamingResponse(stream, status, made, "-")


def _rest(body: Any, first: bytes, items: Iterator[bytes]) -> Iterator[bytes]:
    try:
        if first:
            yield first
        yield from items
    finally:
        if hasattr(body, "close"):
            body.close()
        inflight.leave()


def _changed(scope: dict[str, Any], environ: dict[str, Any]) -> dict[str, Any]:
    """The scope of a request, with what the middleware has changed in the environ."""
    prefix = environ.get("SCRIPT_NAME", "").encode("latin1").decode()
    path = environ.get("PATH_INFO", "").encode("latin1").decode(errors="replace")
    headers = [
        (key[5:].replace("_", "-").lower().encode("latin1"), str(value).encode("latin1"))
        for key, value in environ.items()
        if key.startswith("HTTP_")
    ]
    for key in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if value := environ.get(key):
            headers.append((key.replace("_", "-").lower().encode(), value.encode("latin1")))
    return {
        **scope,
        "method": environ["REQUEST_METHOD"],
        "root_path": prefix,
        "path": prefix + path,
        "query_string": environ.get("QUERY_STRING", "").encode("latin1"),
        "scheme": environ.get("wsgi.url_scheme", scope["scheme"]),
        "client": (environ.get("REMOTE_ADDR"), 0),
        "headers": headers,
    }


async def _started(state: State, response: Any) -> tuple[Any, bool]:
    """What WSGI is told of a response; its body is read by the middleware."""
    return (response.status, response.sent_headers(), _body(state, response)), True


def _body(state: State, response: Any) -> Iterator[bytes]:
    try:
        yield from response.iter_encoded()
    finally:
        response.close()
        at_once(ended(state, None))
