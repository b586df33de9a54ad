"""Uploaded files (werkzeug.datastructures.FileStorage)."""

import os
import shutil
from collections.abc import Iterator
from io import BytesIO
from typing import IO, Any

from .headervalues import parse_options, plain_int
from .requestheaders import Headers


class FileStorage:
    """An uploaded file: a name, headers, and the stream whose methods are its own too."""

    def __init__(
        self,
        stream: IO[bytes] | None = None,
        filename: str | None = None,
        name: str | None = None,
        content_type: str | None = None,
        content_length: int | None = None,
        headers: Headers | None = None,
    ) -> None:
        self.name = name
        self.stream: Any = stream or BytesIO()
        if filename is None:
            filename = getattr(stream, "name", None)
            filename = None if filename is None else os.fsdecode(filename)
            if filename and filename.startswith("<") and filename.endswith(">"):
                filename = None
        else:
            filename = os.fsdecode(filename)
        #: "" of an ``<input type=file>`` that was left empty.
        self.filename = filename
        self.headers = Headers() if headers is None else headers
        if content_type is not None:
            self.headers["Content-Type"] = content_type
        if content_length is not None:
            self.headers["Content-Length"] = str(content_length)

    @property
    def content_type(self) -> str | None:
        return self.headers.get("content-type")

    @property
    def content_length(self) -> int:
        """Of the part's header; browsers send none, then it is 0."""
        try:
            return plain_int(self.headers.get("content-length", ""))
        except ValueError:
            return 0

    @property
    def mimetype(self) -> str:
        return parse_options(self.content_type)[0].lower()

    @property
    def mimetype_params(self) -> dict[str, str]:
        return parse_options(self.content_type)[1]

    def save(self, dst: Any, buffer_size: int = 16384) -> None:
        """Writes the rest of the stream to a path or an open file."""
        if hasattr(dst, "__fspath__"):
            dst = os.fspath(dst)
        if isinstance(dst, str):
            with open(dst, "wb") as file:
                shutil.copyfileobj(self.stream, file, buffer_size)
        else:
            shutil.copyfileobj(self.stream, dst, buffer_size)

    def close(self) -> None:
        try:
            self.stream.close()
        except Exception:
            pass

    def __bool__(self) -> bool:
        return bool(self.filename)

    def __getattr__(self, name: str) -> Any:
        # read, seek, tell, readline, ...
        if name == "stream":
            raise AttributeError(name)
        return getattr(self.stream, name)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.stream)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.filename!r} ({self.content_type!r})>"
