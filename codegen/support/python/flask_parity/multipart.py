"""``multipart/form-data`` (werkzeug.sansio.multipart, werkzeug.formparser.MultiPartParser).

Every leniency and every limit is Werkzeug's: line ends of any kind, what is malformed makes the
form empty, and a body whose text parts are above MAX_FORM_MEMORY_SIZE is a 413.
"""

import re
from tempfile import SpooledTemporaryFile
from typing import Any

from .failures import failure
from .headervalues import parse_options
from .requestheaders import Headers
from .uploads import FileStorage

_LINE_BREAK = b"(?:\r\n|\n|\r)"
_ANY_BREAK = re.compile(_LINE_BREAK)
_BLANK_LINE = re.compile(b"(?:\r\n\r\n|\r\r|\n\n)")
_CONTINUATION = re.compile(_LINE_BREAK + b"[ \t]")
#: Searches go back that far, should a boundary be split between two pieces.
_OVERLAP = 8
#: A file is on disk from this size on (werkzeug.formparser.default_stream_factory).
_IN_MEMORY = 1024 * 500


def _part_headers(data: bytes) -> Headers:
    pairs = []
    for line in _CONTINUATION.sub(b" ", data).splitlines():
        line = line.strip(b" \t")
        if line:
            name, _, value = line.decode().partition(":")
            pairs.append((name.strip(" \t"), value.strip(" \t")))
    return Headers(pairs)


def _charset(headers: Headers) -> str:
    charset = parse_options(headers.get("content-type"))[1].get("charset", "").lower()
    return charset if charset in {"ascii", "us-ascii", "utf-8", "iso-8859-1"} else "utf-8"


class FormParser:
    """Takes the body piece by piece; ``fields`` and ``files`` are complete after :meth:`end`.

    ``ValueError``: no multipart body.
    """

    file_class = FileStorage

    def __init__(self, boundary: str, memory_limit: int | None, part_limit: int | None) -> None:
        raw = boundary.encode("ascii")
        if not raw:
            raise ValueError("Missing boundary")
        self.fields: list[tuple[Any, str]] = []
        self.files: list[tuple[Any, FileStorage]] = []
        self._memory_limit, self._part_limit = memory_limit, part_limit
        #: What may wait for its end at a time.
        self._buffer_limit = memory_limit
        self._buffer = bytearray()
        self._boundary = b"--" + raw
        self._step: Any = self._preamble
        self._searched = 0
        self._parts = 0
        # The part being read.
        self._headers = Headers()
        self._name: Any = None
        self._filename: str | None = None
        self._size = 0
        self._text: list[bytes] = []
        self._file: Any = None
        tail = rb"(--[^\S\n\r]*%s?|[^\S\n\r]*%s)" % (_LINE_BREAK, _LINE_BREAK)
        delimiter = re.escape(self._boundary) + tail
        # A body may begin with the boundary itself; later it needs a line break before it.
        self._first = re.compile(_LINE_BREAK + b"?" + delimiter)
        self._next = re.compile(_LINE_BREAK + delimiter)

    def feed(self, data: bytes) -> None:
        """One piece; its size counts, as pieces of 64 KiB are what the limit is applied to."""
        if self._buffer_limit is not None and len(self._buffer) + len(data) > self._buffer_limit:
            raise failure("RequestEntityTooLarge")
        self._buffer += data
        while self._step():
            pass

    def end(self) -> None:
        """After the last piece."""
        while self._step():
            pass
        if self._step != self._epilogue:
            raise ValueError("Invalid form-data")

    # Each step does what it can with the buffer; False: more data is needed.

    def _preamble(self) -> bool:
        match = self._first.search(self._buffer, self._searched)
        if match is None:
            self._searched = max(0, len(self._buffer) - len(self._boundary) + 2 - _OVERLAP)
            return False
        self._after(match)
        del self._buffer[: match.end()]
        self._searched = 0
        return True

    def _after(self, match: re.Match[bytes]) -> None:
        self._step = self._epilogue if match[1].startswith(b"--") else self._part

    def _epilogue(self) -> bool:
        return False

    def _part(self) -> bool:
        match = _BLANK_LINE.search(self._buffer, self._searched)
        if match is None:
            self._searched = max(0, len(self._buffer) - _OVERLAP)
            return False
        self._headers = _part_headers(bytes(self._buffer[: match.start()]))
        # The second half of the blank line belongs to the content.
        del self._buffer[: (match.start() + match.end()) // 2]
        self._searched = 0
        if "content-disposition" not in self._headers:
            raise ValueError("Missing Content-Disposition header")
        options = parse_options(self._headers["content-disposition"])[1]
        self._name, self._filename = options.get("name"), options.get("filename")
        self._parts += 1
        if self._part_limit is not None and self._parts > self._part_limit:
            raise failure("RequestEntityTooLarge")
        self._size, self._text = 0, []
        if self._filename is not None:
            self._file = SpooledTemporaryFile(max_size=_IN_MEMORY, mode="rb+")  # noqa: SIM115
        self._step = self._content_start
        return True

    def _content_start(self) -> bool:
        start = _ANY_BREAK.match(self._buffer)
        assert start is not None
        self._step = self._content
        self._content(start.end())
        return True

    def _content(self, start: int = 0) -> bool:
        buffer = self._buffer
        match = self._next.search(buffer) if self._boundary in buffer else None
        end = self._safe_end(start) if match is None else match.start()
        data = bytes(buffer[start:end])
        if match is not None:
            self._after(match)  # before the buffer changes, which the match looks into
        del buffer[: end if match is None else match.end()]
        if not data and match is None:
            return False
        self._write(data)
        if match is not None:
            self._finish()
        return True

    def _safe_end(self, start: int) -> int:
        """Where a boundary that is not complete yet may begin (_last_partial_boundary_index)."""
        length = len(self._buffer) - start
        complete = length - len(self._boundary) - 2
        ends = [length]
        for mark in (b"\n", b"\r"):
            found = self._buffer.rfind(mark, start) - start
            if found >= max(complete, 0):
                ends.append(found)
        return start + min(ends)

    def _write(self, data: bytes) -> None:
        if self._filename is not None:
            self._file.write(data)
            return
        self._size += len(data)
        if self._memory_limit is not None and self._size > self._memory_limit:
            raise failure("RequestEntityTooLarge")
        self._text.append(data)

    def _finish(self) -> None:
        if self._filename is None:
            text = b"".join(self._text).decode(_charset(self._headers), "replace")
            self.fields.append((self._name, text))
            return
        self._file.seek(0)
        file = self.file_class(self._file, self._filename, self._name, headers=self._headers)
        self.files.append((self._name, file))
