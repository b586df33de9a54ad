"""A request of Robyn's as the package reads requests, and responses as Robyn sends them."""

import asyncio
import contextvars
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import Any
from urllib.parse import unquote

from robyn import Headers, Response, StreamingResponse

from . import foreign, inflight
from .context import State, at_once
from .stages import teardown

#: What a global header says of every body, so that none is taken apart on the way in: any type but
#: that of a form with files.
NO_FORM = "text/html; charset=utf-8"

#: Bodies of a known length up to here are sent as a whole: Robyn has no other way to send a length.
WHOLE = 256 * 1024 * 1024

_END: Any = object()


# ---- in


def scope_of(app: Any, asked: Any) -> dict[str, Any]:
    """What ASGI would say of the request.

    Robyn has lost by now: a slash at the end of the path, the order of the keys of a query (here
    they are sorted), ``a`` beside ``a=``, the order of the headers, and values of headers that are
    not ASCII.
    """
    path = asked.url.path
    if path != "/" and path.endswith("/"):  # there were two of them
        path += "/"
    scope = blank_scope(app, asked.method, path)
    scope["headers"] = ArrivedHeaders(asked.headers)
    query = asked.query_params
    if not query.empty():
        pairs = [(k, v) for k, v in query.multi_items() if k or v]
        pairs.sort(key=_key)
        text = "&".join([f"{k}={v}" for k, v in pairs])
        scope["query_string"] = text.encode("latin1", "replace")
    scope["client"] = (asked.ip_addr, 0)
    for layer in app.layers:
        scope = layer(scope)
    return scope


#: The order in which most clients send what they all send; the true one is lost.
_USUAL = (
    "host",
    "user-agent",
    "accept",
    "accept-encoding",
    "accept-language",
    "connection",
    "cookie",
    "content-type",
    "content-length",
)
_RANKS = {name: rank for rank, name in enumerate(_USUAL)}


def _rank(name: str) -> tuple[int, str]:
    return _RANKS.get(name, len(_RANKS)), name


class ArrivedHeaders:
    """The headers as ASGI has them, made when somebody goes through them."""

    def __init__(self, headers: Any) -> None:
        self._headers = headers
        self._pairs: list[tuple[bytes, bytes]] | None = None

    def __iter__(self) -> Iterator[tuple[bytes, bytes]]:
        if self._pairs is None:
            pairs = self._pairs = []
            found = self._headers.get_headers()
            for name in sorted(found, key=_rank):
                values = found[name]
                if name == "content-type":  # the last one is the global header's
                    values = values[:-1]
                for value in values:
                    pairs.append((name.encode(), value.encode("latin1", "replace")))
        return iter(self._pairs)

    def cookie(self) -> str:
        """What ``Cookie`` says, of several headers too."""
        return "; ".join(self._headers.get_all("cookie"))


def blank_scope(app: Any, method: str, path: str) -> dict[str, Any]:
    """The scope of a request that says nothing but where it goes."""
    return {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "path": unquote(path) if "%" in path else path,
        "raw_path": path.encode("latin1", "replace"),
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "headers": [],
        "client": ("127.0.0.1", 0),
        "server": app.server,
        "app": app,
    }


def _key(pair: tuple[str, str]) -> str:
    return pair[0]


def receiving(asked: Any) -> Callable[[], Any]:
    """The body, which is there; none without a request of Robyn's."""

    async def receive() -> dict[str, Any]:
        body = b"" if asked is None else asked.body
        if isinstance(body, str):
            body = body.encode()
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


# ---- out


async def sent(state: State, response: Any) -> tuple[Any, bool]:
    """A response for Robyn, and whether it goes on after this."""
    status = response.status_code
    if not 100 <= status < 600:
        # A server would close the connection without an answer.
        raise ValueError(f"no server sends the status {status}")
    made, length = headers_of(response.sent_headers(), "native")
    if status in (204, 304) or status < 200:
        # Robyn would send a body, and the client take it for the next answer.
        await _close(state, response)
        return Response(status, made, b""), False
    if response.is_sequence:
        body = b"".join(response.iter_encoded())
        await _close(state, response)
        return Response(status, made, _cut(body, length)), False
    if state.scope["method"] == "HEAD":
        await _close(state, response)
        if length is None:
            return StreamingResponse(iter(()), status, made, "-"), False
        return Response(status, made, bytes(min(int(length), WHOLE))), False
    if length is not None and length.isdigit() and int(length) <= WHOLE:
        body = b"".join([item async for item in _items(state, response)])
        await _close(state, response)
        return Response(status, made, _cut(body, length)), False
    return StreamingResponse(await _stream(state, response), status, made, "-"), True


def headers_of(pairs: Iterable[tuple[str, str]], server: str) -> tuple[Headers, str | None]:
    """Headers for Robyn, and ``Content-Length``, which is Robyn's to say."""
    # Empty, it is none, and Robyn does not fill the global one in.
    found: dict[str, list[str]] = {"content-type": []}
    length: str | None = None
    for name, value in pairs:
        name = name.lower()
        if name == "content-length":
            length = value
        elif name in found:
            found[name].append(value)
        else:
            found[name] = [value]
    if foreign.trace:
        found["x-served-by"] = [server]
    return Headers(found), length


def _cut(body: bytes, length: str | None) -> bytes:
    """No more than ``Content-Length`` says, as gunicorn sends it."""
    return body[: int(length)] if length is not None and length.isdigit() else body


async def _close(state: State, response: Any) -> None:
    """What a response does at its end."""
    body = response.response
    if hasattr(body, "aclose"):
        await body.aclose()
    elif response._on_close or hasattr(body, "close"):
        await state.call(response.close)


def _items(state: State, response: Any) -> AsyncIterator[bytes]:
    """The body, piece by piece."""
    if hasattr(response, "iter_encode"):  # Quart's
        return response.iter_encode()  # type: ignore[no-any-return]
    body = response.response if response.direct_passthrough else response.iter_encoded()
    return _called(state, iter(body))


async def _called(state: State, body: Iterator[bytes]) -> AsyncIterator[bytes]:
    while (item := await state.call(next, body, _END)) is not _END:
        yield item


async def _stream(state: State, response: Any) -> Iterator[bytes]:
    """A body for Robyn, which asks for it from threads of its own and knows of no context.

    Flask has the first piece before anything is sent, so that an error in it is an answer.
    """
    items = _items(state, response)
    first = b"" if hasattr(response, "iter_encode") else await anext(items, _END)
    return _pieces(contextvars.copy_context(), state, response, items, first)


def _pieces(
    context: contextvars.Context,
    state: State,
    response: Any,
    items: AsyncIterator[bytes],
    item: Any,
) -> Iterator[bytes]:
    wait = context.run(_waiting, state.loop)
    try:
        while item is not _END:
            if item:
                yield item
            item = context.run(wait, _next(items))
    except Exception:
        state.app.state.logger.exception("A streamed response failed while it was sent")
        raise
    finally:
        context.run(wait, _finish(state, response))


async def _next(items: AsyncIterator[bytes]) -> Any:
    return await anext(items, _END)


async def _finish(state: State, response: Any) -> None:
    await _close(state, response)
    await ended(state, None)


def _waiting(loop: Any) -> Callable[[Any], Any]:
    """What waits for a coroutine outside of the loop."""
    if loop is None:
        return at_once
    return lambda coroutine: asyncio.run_coroutine_threadsafe(coroutine, loop).result()


async def ended(state: State, error: BaseException | None) -> None:
    """The end of a request, when nothing more is sent."""
    try:
        await teardown(state, error)
    finally:
        if state.thread is not None:
            state.thread.release()
        inflight.leave()
