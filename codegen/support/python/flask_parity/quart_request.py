"""A request whose body is awaited (quart.wrappers.request)."""

import asyncio
from collections.abc import Callable, Generator, Iterable
from os import PathLike
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from .body import MULTIPART, URLENCODED, Body
from .context import current_app
from .failures import failure
from .headervalues import content_length
from .multidict import CombinedMultiDict, ImmutableMultiDict, MultiDict
from .multipart import FormParser
from .request import CurrentRequest
from .requestheaders import Headers
from .uploads import FileStorage


class ArrivedHeaders(Headers):
    """``request.headers``: every header by itself in ``Title-Case``, after the client's address
    (quart.asgi.ASGIHTTPConnection)."""

    def __init__(self, scope: Any) -> None:
        pairs = [("Remote-Addr", (scope.get("client") or ["<local>"])[0])]
        pairs += [(k.decode("latin1").title(), v.decode("latin1")) for k, v in scope["headers"]]
        super().__init__(pairs)
        #: The first value of each, by lower-case name.
        self.by_name: dict[str, str] = {}
        for name, value in pairs:
            self.by_name.setdefault(name.lower(), value)

    def get(self, name: str, default: Any = None, type: Callable[[str], Any] | None = None) -> Any:
        value = self.by_name.get(name.lower())
        if value is None or type is None:
            return default if value is None else value
        try:
            return type(value)
        except ValueError:
            return default


class QuartFile(FileStorage):
    """An uploaded file that is saved without holding up the loop (quart.datastructures)."""

    async def save(self, destination: Any, buffer_size: int = 16384) -> None:  # type: ignore[override]
        await asyncio.to_thread(super().save, destination, buffer_size)

    async def load(self, source: PathLike[str], buffer_size: int = 16384) -> None:
        def read() -> None:
            with open(source, "rb") as file:
                while data := file.read(buffer_size):
                    self.stream.write(data)

        self.filename = str(source).rpartition("/")[2]
        await asyncio.to_thread(read)


class QuartFormParser(FormParser):
    """Quart applies the limit of the memory to each part by itself, and takes what is complete of a
    body that breaks off (quart.formparser.MultiPartParser)."""

    file_class = QuartFile

    def __init__(self, boundary: str, memory_limit: int | None, part_limit: int | None) -> None:
        super().__init__(boundary, memory_limit, part_limit)
        self._buffer_limit = None


class QuartBody(Body):
    """``request.body``: awaited it is all bytes, iterated it is what has come.

    What was iterated over is gone. ``MAX_CONTENT_LENGTH`` counts when the request begins.
    """

    def __init__(
        self, scope: Any, receive: Any, limit: int | None, fetch: Callable[[Any], Any]
    ) -> None:
        super().__init__(scope, receive, limit, fetch)
        self._data = bytearray()
        self._complete = False
        self._most = limit
        #: Unknown until somebody asks for the body.
        self._is_refused: bool | None = None if limit is not None else False

    @property
    def headers(self) -> ArrivedHeaders:  # type: ignore[override]
        if self._headers is None:
            self._headers = ArrivedHeaders(self._scope)  # type: ignore[assignment]
        return self._headers  # type: ignore[return-value]

    @property
    def content_length(self) -> int | None:
        get = self.headers.by_name.get
        return content_length(get("content-length"), get("transfer-encoding"))

    def _check(self) -> None:
        if self._is_refused is None:
            length = self.content_length
            self._is_refused = length is not None and length > self._most  # type: ignore[operator]
        if self._is_refused:
            raise failure("RequestEntityTooLarge")

    async def _take_in(self) -> None:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise failure("ClientDisconnected")
        self._data += message.get("body", b"")
        self._complete = not message.get("more_body", False)
        if self._most is not None and len(self._data) > self._most:
            self._is_refused = True

    async def _all(self) -> bytes:
        self._check()
        while not self._complete:
            await self._take_in()
            self._check()
        return bytes(self._data)

    def __await__(self) -> Generator[Any, None, bytes]:
        return self._all().__await__()

    def __aiter__(self) -> "QuartBody":
        return self

    async def __anext__(self) -> bytes:
        self._check()
        while not self._data:
            if self._complete:
                raise StopAsyncIteration()
            await self._take_in()
            self._check()
        data = bytes(self._data)
        self._data.clear()
        return data

    def clear(self) -> None:
        self._data.clear()

    async def load(self, most: int | None = None) -> "QuartBody":  # type: ignore[override]
        return self


class QuartRequest(CurrentRequest):
    """A request as Quart's views expect it: what comes from the body is awaited."""

    body_class = QuartBody
    body: QuartBody

    def __init__(self, scope: Any, body: QuartBody) -> None:
        super().__init__(scope, body)
        self.http_version = scope.get("http_version", "1.1")
        self.body_timeout: float | None = body._config.get("BODY_TIMEOUT")
        self._parsing: asyncio.Lock | None = None
        self._form: ImmutableMultiDict | None = None
        self._files: ImmutableMultiDict | None = None
        self._json: list[Any] = [..., ...]

    @property
    async def stream(self) -> NoReturn:  # type: ignore[override]
        raise NotImplementedError("Use body instead")

    # ---- bytes

    async def get_data(  # type: ignore[override]
        self, cache: bool = True, as_text: bool = False, parse_form_data: bool = False
    ) -> Any:
        """All bytes; none if they were a multipart form that was parsed."""
        if parse_form_data:
            await self._load_form_data()
        raw = await self._in_time(self.body)
        if not cache:
            self.body.clear()
        return raw.decode() if as_text else raw

    @property
    async def data(self) -> bytes:  # type: ignore[override]
        return await self.get_data(parse_form_data=True)  # type: ignore[no-any-return]

    async def _in_time(self, body: Any) -> Any:
        try:
            async with asyncio.timeout(self.body_timeout):
                return await body
        except TimeoutError as error:
            raise failure("RequestTimeout") from error

    # ---- forms

    async def _load_form_data(self) -> None:
        if self._parsing is None:
            self._parsing = asyncio.Lock()
        async with self._parsing:
            if self._form is None:
                fields, files = await self._in_time(self._parse())
                self._form, self._files = ImmutableMultiDict(fields), ImmutableMultiDict(files)

    async def _parse(self) -> tuple[Iterable[Any], Iterable[Any]]:
        mimetype = self.mimetype
        try:
            if mimetype in (URLENCODED, "application/x-url-encoded"):
                raw = await self.body
                return parse_qsl(raw.decode(), keep_blank_values=True), ()
            if mimetype == MULTIPART:
                boundary = self.mimetype_params.get("boundary", "")
                memory, parts = self.max_form_memory_size, self.max_form_parts
                parser = QuartFormParser(boundary, memory, parts)
                async for data in self.body:
                    parser.feed(data)
                return parser.fields, parser.files
        except ValueError:  # malformed, or not UTF-8
            pass
        return (), ()

    @property
    async def form(self) -> Any:  # type: ignore[override]
        await self._load_form_data()
        return self._form

    @property
    async def files(self) -> Any:  # type: ignore[override]
        await self._load_form_data()
        return self._files

    @property
    async def values(self) -> CombinedMultiDict:  # type: ignore[override]
        sources: list[MultiDict] = [self.args]
        if self.method != "GET":
            sources.append(await self.form)
        return CombinedMultiDict(sources)

    # ---- JSON

    @property
    async def json(self) -> Any:  # type: ignore[override]
        return await self.get_json()

    async def get_json(  # type: ignore[override]
        self, force: bool = False, silent: bool = False, cache: bool = True
    ) -> Any:
        """The parsed body, None for another mimetype; 400 when it is malformed."""
        if cache and self._json[silent] is not ...:
            return self._json[silent]
        if not (force or self.is_json):
            return None
        text = await self.get_data(cache=cache, as_text=True)
        try:
            found = self.body._loads(text)
        except ValueError as error:
            found = None if silent else self.on_json_loading_failed(error)
        if cache:
            self._json[silent] = found
        return found

    def on_json_loading_failed(self, error: ValueError | None) -> Any:
        if current_app.state.config["DEBUG"]:
            raise failure("BadRequest", f"Failed to decode JSON: {error}")
        raise failure("BadRequest")

    async def close(self) -> None:  # type: ignore[override]
        for _, file in (self._files or ImmutableMultiDict()).items(multi=True):
            file.close()
