"""A response whose body is awaited, and what views may return (quart.wrappers.response)."""

import asyncio
import inspect
from collections.abc import AsyncIterator
from typing import Any

from . import jsontext, responses
from .conditions import asking, is_modified, must_match, parse_ranges
from .context import current
from .exceptions import HTTPException, RequestedRangeNotSatisfiable
from .ground import Response as BaseResponse
from .headers import Headers


class Part:
    """A body of which a part can be sent; a view gets it of ``send_file``."""

    begin = 0

    def __init__(self, size: int) -> None:
        self.size = self.end = size

    def limit(self, begin: int, end: int | None) -> None:
        self.begin = begin
        self.end = self.size if end is None else min(self.size, end)
        if begin >= self.end or abs(begin) > self.size:
            raise RequestedRangeNotSatisfiable()

    def read(self, start: int, size: int) -> bytes:
        raise NotImplementedError()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        place = self.begin
        while place < self.end:
            data = await asyncio.to_thread(self.read, place, min(65536, self.end - place))
            if not data:
                return
            place += len(data)
            yield data


class DataPart(Part):
    """Bytes that are there."""

    def __init__(self, data: bytes) -> None:
        super().__init__(len(data))
        self.data = data

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self.data[self.begin : self.end]


class Response(responses.Response):
    """Quart's own: it is sent with the headers that it has, and its body is awaited."""

    #: Seconds that sending may take, None for any; ``RESPONSE_TIMEOUT`` unless it is set.
    timeout: Any = ...

    async def get_data(self, as_text: bool = False) -> Any:  # type: ignore[override]
        await self.make_sequence()
        data = b"".join([data async for data in self.iter_encode()])
        return data.decode() if as_text else data

    @property
    async def data(self) -> bytes:  # type: ignore[override]
        return await self.get_data()  # type: ignore[no-any-return]

    @data.setter
    def data(self, value: str | bytes) -> None:
        self.set_data(value)

    async def iter_encode(self) -> AsyncIterator[bytes]:
        """The body's pieces as bytes; those of a generator come from a thread."""
        body = self.response
        pieces = body if hasattr(body, "__aiter__") else _pieces(body)
        async for item in pieces:
            yield item.encode() if isinstance(item, str) else item

    async def make_sequence(self) -> None:  # type: ignore[override]
        if not self.is_sequence:
            self.response = [b"".join([data async for data in self.iter_encode()])]

    async def freeze(self) -> None:  # type: ignore[override]
        self.set_data(await self.get_data())

    @property
    async def json(self) -> Any:  # type: ignore[override]
        return await self.get_json()

    async def get_json(self, force: bool = False, silent: bool = False) -> Any:  # type: ignore[override]
        """The body as JSON; as in Quart, it is ``silent`` that raises for what is none."""
        if not (force or self.is_json):
            return None
        try:
            return jsontext.loads(await self.get_data(as_text=True))
        except ValueError:
            if silent:
                raise
            return None

    async def add_etag(self, overwrite: bool = False, weak: bool = False) -> None:  # type: ignore[override]
        if overwrite or "etag" not in self.headers:
            from hashlib import md5

            self.set_etag(md5(await self.get_data()).hexdigest(), weak)

    async def make_conditional(  # type: ignore[override]
        self, request: Any, accept_ranges: bool | str = False, complete_length: int | None = None
    ) -> "Response":
        method, ask = asking(request)
        if method not in ("GET", "HEAD"):
            return self
        etag, modified = self.headers.get("ETag"), self.headers.get("Last-Modified")
        if await self._make_part(request, accept_ranges, complete_length):
            return self
        if not is_modified(ask, etag, modified):
            if must_match(ask):
                self.status_code = 412
            else:
                self.status_code = 304
                self.set_data(b"")
                self.headers.pop("Content-Length", None)
        return self

    async def _make_part(self, request: Any, accept: bool | str, length: int | None) -> bool:
        _, ask = asking(request)
        etag, modified = self.headers.get("ETag"), self.headers.get("Last-Modified")
        if not length or ask("range") is None:
            return False
        if ask("if-range") is not None and is_modified(ask, etag, modified, if_range=True):
            return False
        asked = parse_ranges(ask("range"))
        if asked is None:
            raise RequestedRangeNotSatisfiable(length)
        units, ranges = asked
        if units != "bytes" or len(ranges) > 1:
            raise RequestedRangeNotSatisfiable()
        if not isinstance(self.response, Part):
            self.response = DataPart(await self.get_data())
        part = self.response
        part.limit(*ranges[0])
        if part.begin < 0:  # Quart has no answer to the last bytes either
            raise AssertionError("a range that counts from the end")
        words = {True: "bytes", False: "none"}
        self.headers["Content-Length"] = str(part.end - part.begin)
        self.headers["Accept-Ranges"] = words[accept] if isinstance(accept, bool) else accept
        self.headers["Content-Range"] = f"bytes {part.begin}-{part.end - 1}/{part.size}"
        self.status_code = 206
        return True

    def sent_headers(self) -> list[tuple[str, str]]:
        return list(self.headers)

    @property
    def raw_headers(self) -> list[tuple[bytes, bytes]]:  # type: ignore[override]
        return [(name.lower().encode(), value.encode()) for name, value in self.headers]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        status = self.status_code
        start = {"type": "http.response.start", "status": status, "headers": self.raw_headers}
        bodyless = status in (204, 304) or 100 <= status < 200
        # What HEAD asks for is made as well, and it is the server that does not send it.
        if bodyless or self.is_sequence:
            body = b"" if bodyless else b"".join(self.iter_encoded())
            await send(start)
            await send({"type": "http.response.body", "body": body})
        else:
            await self._stream(start, receive, send)

    async def _stream(self, start: Any, receive: Any, send: Any) -> None:
        """Sends what comes, until it or the client ends, or the time is up."""
        limit = self.timeout
        if limit is ...:
            limit = current().app.state.config.get("RESPONSE_TIMEOUT")
        gone = asyncio.ensure_future(_gone(receive))
        pieces = self.iter_encode()

        async def run() -> None:
            await send(start)
            async for data in pieces:
                await send({"type": "http.response.body", "body": data, "more_body": True})
            await send({"type": "http.response.body", "body": b""})

        sending = asyncio.ensure_future(run())
        try:
            await asyncio.wait([gone, sending], timeout=limit, return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                sending.result()
        finally:
            for task in (gone, sending):
                task.cancel()
            await asyncio.gather(gone, sending, return_exceptions=True)
            import anyio  # what only ASGI needs

            with anyio.CancelScope(shield=True):
                for generator in (pieces, self.response):
                    if hasattr(generator, "aclose"):
                        await generator.aclose()


async def _gone(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


_END: Any = object()


async def _pieces(body: Any) -> AsyncIterator[Any]:
    if isinstance(body, (list, tuple)):
        for item in body:
            yield item
        return
    state, found = current(), iter(body)
    while (item := await state.call(next, found, _END)) is not _END:
        yield item


class SortedJSONResponse(Response):
    """A value as JSON by the app's provider: sorted keys, ASCII, HTTP dates, a line end."""

    def __init__(self, content: Any, status_code: Any = None, headers: Any = None) -> None:
        text, mimetype = jsontext.written(content)
        super().__init__(text, status_code, headers, mimetype=mimetype)


def reply(value: Any, *rest: Any) -> Any:
    """A response from whatever a view may return (quart.Quart.make_response)."""
    if rest:
        value = (value, *rest)
    status: Any = None
    headers: Any = None
    if isinstance(value, tuple):
        if len(value) == 3:
            value, status, headers = value
        elif len(value) == 2:
            if isinstance(value[1], (Headers, dict, list)):
                value, headers = value
            else:
                value, status = value
        else:
            raise TypeError(
                "The response value returned must be either (body, status), (body, headers), or"
                " (body, status, headers)"
            )
    if value is None:
        raise TypeError("The response value returned by the view function cannot be None")
    if isinstance(value, HTTPException):
        made: Any = value.get_response()
    elif isinstance(value, BaseResponse):
        made = value
    elif isinstance(value, (str, bytes, bytearray)) or _is_generator(value):
        made = responses.response_class()(value)
    elif isinstance(value, (list, dict)):
        made = jsontext.jsonify(value)
    else:
        raise TypeError(f"The response value type ({type(value).__name__}) is not valid")
    if status is not None:
        made.status_code = int(status)
    if headers is not None:
        made.headers.update(headers)
    return made


def _is_generator(value: Any) -> bool:
    return inspect.isgenerator(value) or inspect.isasyncgen(value)


async def make_response(*args: Any) -> Any:
    """A response of what a view may return, to be changed before it is returned."""
    if not args:
        return responses.response_class()("")
    return reply(args[0] if len(args) == 1 else args)
