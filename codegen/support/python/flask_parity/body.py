"""The request's body: read once, when somebody asks, by whoever may wait for it."""

import json
import shutil
from collections.abc import Callable
from typing import IO, Any

from starlette.exceptions import HTTPException
from starlette.requests import Request

from .multidict import MultiDict, parse_query


class Upload:
    """An uploaded file with the attributes of werkzeug's ``FileStorage`` that views use."""

    def __init__(self, part: Any) -> None:
        self.filename: str = part.filename
        self.content_type: str = part.content_type
        self.stream: IO[bytes] = part.file
        self.headers = part.headers

    @property
    def mimetype(self) -> str:
        return (self.content_type or "").partition(";")[0].strip().lower()

    def read(self, size: int = -1) -> bytes:
        return self.stream.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self.stream.seek(offset, whence)

    def save(self, target: Any, buffer_size: int = 16384) -> None:
        """Writes the rest of the stream to a path or an open file."""
        if hasattr(target, "write"):
            shutil.copyfileobj(self.stream, target, buffer_size)
        else:
            with open(target, "wb") as file:
                shutil.copyfileobj(self.stream, file, buffer_size)

    def __bool__(self) -> bool:
        return bool(self.filename)


class Body:
    """Form fields, files, JSON and raw bytes of one request.

    ``await load()`` reads it on the event loop. The properties read it too: they are used in the
    request's thread, where waiting is allowed. A body above the limit is a 413, when it is read.
    """

    def __init__(
        self, scope: Any, receive: Any, limit: int | None, fetch: Callable[[Any], Any]
    ) -> None:
        self._scope, self._receive, self._limit, self._fetch = scope, receive, limit, fetch
        self._request = Request(scope, receive)
        self.content_type = self._request.headers.get("content-type", "")
        self.mimetype = self.content_type.partition(";")[0].strip().lower()
        self._raw: bytes | None = None
        self._form = MultiDict()
        self._files = MultiDict()

    async def load(self) -> "Body":
        """Reads and parses it, once."""
        if self._raw is not None:
            return self
        length = self._request.headers.get("content-length") or "0"
        if self._limit is not None and length.isdecimal() and int(length) > self._limit:
            raise HTTPException(413)
        if self.mimetype == "multipart/form-data" and "boundary=" in self.content_type:
            fields, files = [], []
            for key, value in (await self._request.form()).multi_items():
                if isinstance(value, str):
                    fields.append((key, value))
                else:
                    files.append((key, Upload(value)))
            self._form, self._files, self._raw = MultiDict(fields), MultiDict(files), b""
            return self
        raw = await self._request.body()
        if self._limit is not None and len(raw) > self._limit:
            raise HTTPException(413)
        if self.mimetype == "application/x-www-form-urlencoded":
            self._form = parse_query(raw)
        self._raw = raw
        return self

    def _loaded(self) -> "Body":
        if self._raw is None:
            self._fetch(self.load())
        return self

    @property
    def form(self) -> MultiDict:
        return self._loaded()._form

    @property
    def files(self) -> MultiDict:
        return self._loaded()._files

    @property
    def args(self) -> MultiDict:
        return parse_query(self._scope["query_string"])

    @property
    def values(self) -> MultiDict:
        """Query arguments, then form fields."""
        return MultiDict([*self.args.multi_items(), *self.form.multi_items()])

    @property
    def data(self) -> bytes:
        """The raw body; empty when it was a form (the form parser has consumed it)."""
        body = self._loaded()
        is_form = self.mimetype in ("application/x-www-form-urlencoded", "multipart/form-data")
        return b"" if is_form else body._raw or b""

    def get_data(self, cache: bool = True, as_text: bool = False) -> Any:
        raw = self._loaded()._raw or b""
        return raw.decode("utf-8", "replace") if as_text else raw

    @property
    def is_json(self) -> bool:
        return self.mimetype == "application/json" or (
            self.mimetype.startswith("application/") and self.mimetype.endswith("+json")
        )

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:
        """The parsed body; 415 on another mimetype, 400 when it is malformed."""
        if not (force or self.is_json):
            if silent:
                return None
            raise HTTPException(
                415,
                "Did not attempt to load JSON data because the request Content-Type was not"
                " 'application/json'.",
            )
        try:
            return json.loads(self._loaded()._raw or b"")
        except ValueError:
            if silent:
                return None
            raise HTTPException(400) from None

    @property
    def json(self) -> Any:
        return self.get_json()
