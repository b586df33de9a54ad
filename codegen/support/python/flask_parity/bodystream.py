"""The body as a file: read piece by piece from the server while synchronous code asks for it."""

import io
from collections.abc import Callable, Coroutine
from typing import Any

from .failures import failure

#: Werkzeug reads bodies of forms in pieces of this size (MultiPartParser.buffer_size).
CHUNK = 64 * 1024


class BodyStream(io.RawIOBase):
    """``request.input_stream``: ends where the body ends, whether it has a length or is chunked.

    ``read`` is for the request's thread: it waits for the event loop. What :meth:`fill` has
    brought in before is read without waiting. gunicorn's body reader and this one give as many
    bytes as were asked for, unless the body ends.
    """

    def __init__(
        self, receive: Any, fetch: Callable[[Coroutine[Any, Any, None]], Any], *, empty: bool
    ) -> None:
        super().__init__()
        self._receive, self._fetch = receive, fetch
        self._buffer = bytearray()
        self._ended = empty
        self._cut_off = False
        self._position = 0

    async def fill(self, size: int | None = None) -> None:
        """Brings in ``size`` bytes, or all."""
        while not self._ended and (size is None or len(self._buffer) < size):
            message = await self._receive()
            if message["type"] == "http.disconnect":
                self._ended = self._cut_off = True
                return
            self._buffer += message.get("body", b"")
            self._ended = not message.get("more_body", False)

    def _ensure(self, size: int | None) -> None:
        if not self._ended and (size is None or len(self._buffer) < size):
            self._fetch(self.fill(size))
        if self._cut_off:
            raise failure("ClientDisconnected")

    def _take(self, size: int) -> bytes:
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        self._position += len(data)
        return data

    def read(self, size: int | None = -1) -> bytes:
        wanted = None if size is None or size < 0 else size
        self._ensure(wanted)
        return self._take(len(self._buffer) if wanted is None else wanted)

    def readall(self) -> bytes:
        return self.read()

    def readinto(self, target: Any) -> int:
        data = self.read(len(target))
        target[: len(data)] = data
        return len(data)

    def readline(self, size: int | None = -1) -> bytes:  # type: ignore[override]
        limit = None if size is None or size < 0 else size
        searched = 0
        while True:
            end = self._buffer.find(b"\n", searched)
            if end >= 0 or self._ended or (limit is not None and len(self._buffer) >= limit):
                break
            searched = len(self._buffer)
            self._ensure(searched + 1)
        length = end + 1 if end >= 0 else len(self._buffer)
        return self._take(length if limit is None else min(length, limit))

    def tell(self) -> int:
        return self._position

    def readable(self) -> bool:
        return True


class LimitedStream(io.RawIOBase):
    """``request.stream`` under MAX_CONTENT_LENGTH (werkzeug.wsgi.LimitedStream, ``is_max``).

    It gives no more than the limit; a read after that is a 413.
    """

    def __init__(self, stream: BodyStream, limit: int) -> None:
        super().__init__()
        self._stream, self._position, self.limit = stream, 0, limit

    @property
    def is_exhausted(self) -> bool:
        return self._position >= self.limit

    def readinto(self, target: Any) -> int:
        remaining = self.limit - self._position
        if remaining <= 0:
            raise failure("RequestEntityTooLarge")
        data = self._stream.read(min(len(target), remaining))
        target[: len(data)] = data
        self._position += len(data)
        return len(data)

    def readall(self) -> bytes:
        if self.is_exhausted:
            raise failure("RequestEntityTooLarge")
        data = self._stream.read(self.limit - self._position)
        self._position += len(data)
        return data

    def exhaust(self) -> bytes:
        return b"" if self.is_exhausted else self.readall()

    def tell(self) -> int:
        return self._position

    def readable(self) -> bool:
        return True
