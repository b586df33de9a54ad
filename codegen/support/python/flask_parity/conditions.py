"""Conditional requests: entity tags, dates and ranges (werkzeug.http, werkzeug.sansio.http)."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from .exceptions import RequestedRangeNotSatisfiable
from .wire import http_date

#: A header of the request by its name, None if it has none.
Ask = Callable[[str], str | None]


def asking(request: Any) -> tuple[str, Ask]:
    """The method of a request, or of a WSGI environ, and its headers."""
    if isinstance(request, dict):
        environ = request
        return environ["REQUEST_METHOD"], lambda name: environ.get(
            "HTTP_" + name.upper().replace("-", "_")
        )
    return request.method, request.headers.get


def parse_date(value: str | None) -> datetime | None:
    """None if it is none; a date without a zone is UTC."""
    try:
        found = parsedate_to_datetime(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def quote_etag(etag: str, weak: bool = False) -> str:
    if '"' in etag:
        raise ValueError("invalid etag")
    return f'W/"{etag}"' if weak else f'"{etag}"'


def unquote_etag(etag: str | None) -> tuple[str, bool] | tuple[None, None]:
    """The tag and whether it is weak."""
    if not etag:
        return None, None
    weak = etag.startswith(("W/", "w/"))
    start = 2 if weak else 0
    if etag.startswith('"', start) and etag.endswith('"', start):
        return etag[start + 1 : -1], weak
    return etag[start:], weak


_ETAG = re.compile(r'[ \t]*([Ww]/)?(?:"([^"]*)"|([^" \t,]+))[ \t]*(?:,|\Z)', re.ASCII)


class _Tags:
    """The tags of ``If-Match`` and ``If-None-Match``."""

    def __init__(self, value: str | None) -> None:
        self.star = value == "*"
        self.strong: set[str] = set()
        self.weak: set[str] = set()
        position = 0
        while value and not self.star:
            match = _ETAG.match(value, position)
            if match is None:
                position = value.find(",", position) + 1
                if position == 0:
                    break
                continue
            (self.weak if match[1] else self.strong).add(match[2] or match[3])
            position = match.end()

    def __bool__(self) -> bool:
        return bool(self.star or self.strong or self.weak)

    def contains_weak(self, tag: str) -> bool:
        return self.star or tag in self.weak or tag in self.strong


def is_modified(
    ask: Ask, etag: str | None, last_modified: str | None, if_range: bool = False
) -> bool:
    """Whether the client's copy is another one (werkzeug.http.is_resource_modified).

    ``if_range`` says that the question is ``If-Range``'s, in front of a range.
    """
    unmodified = False
    range_date, range_tag = None, None
    if if_range and ask("range") is not None and (asked := ask("if-range")):
        range_date = parse_date(asked)
        if range_date is None:
            range_tag = unquote_etag(asked)[0]
    since = range_date or parse_date(ask("if-modified-since"))
    modified = parse_date(last_modified)
    if since and modified and modified.replace(microsecond=0).astimezone(UTC) <= _aware(since):
        unmodified = True
    if etag:
        tag = unquote_etag(etag)[0] or ""
        if range_tag is not None:
            return range_tag != tag
        if none_match := _Tags(ask("if-none-match")):
            unmodified = none_match.contains_weak(tag)
        if match := _Tags(ask("if-match")):
            unmodified = tag not in match.strong
    return not unmodified


def _aware(value: datetime) -> datetime:
    return value.astimezone(UTC)


def must_match(ask: Ask) -> bool:
    """Whether the request names tags that it must have: what has not is a 412, no 304."""
    return bool(_Tags(ask("if-match")))


_NUMBER = re.compile("-?[0-9]+", re.ASCII)


def _number(text: str) -> int:
    text = text.strip(" \t")
    if not _NUMBER.fullmatch(text):
        raise ValueError(text)
    return int(text)


def parse_range(value: str | None, length: int) -> tuple[int, int] | None:
    """Start and end (exclusive) of one range of bytes; None for any other ``Range``.

    werkzeug.http.parse_range_header, datastructures.Range.range_for_length: several ranges, other
    units and what is malformed are not satisfiable, they are never ignored.
    """
    if not value or "=" not in value:
        return None
    units, _, spans = value.partition("=")
    if units.strip(" \t").lower() != "bytes" or "," in spans or "-" not in spans:
        return None
    span = spans.strip(" \t")
    try:
        if span.startswith("-"):
            start, end = length + _number(span), length
        else:
            first, _, last = span.partition("-")
            start = _number(first)
            end = _number(last) + 1 if last.strip(" \t") else length
    except ValueError:
        return None
    if not 0 <= start < length or start >= end:
        return None
    return start, min(end, length)


def parse_ranges(value: str | None) -> tuple[str, list[tuple[int, int | None]]] | None:
    """Units and ranges as they are written, ends exclusive; None for what is malformed
    (werkzeug.http.parse_range_header)."""
    if not value or "=" not in value:
        return None
    units, _, spans = value.partition("=")
    found: list[tuple[int, int | None]] = []
    last: int = 0
    for item in spans.split(","):
        first, dash, end_text = item.strip(" \t").partition("-")
        if not dash or last < 0:
            return None
        try:
            if not first:
                begin, end = _number(f"-{end_text}"), None
                if begin == 0:
                    return None
            else:
                begin = _number(first)
                end = _number(end_text) + 1 if end_text.strip(" \t") else None
                if begin < last or (end is not None and begin >= end):
                    return None
        except ValueError:
            return None
        last = -1 if end is None else end
        found.append((begin, end))
    return units.strip(" \t").lower(), found


class Part:
    """A part of a body that is iterated; sought in if that is possible."""

    def __init__(self, body: Any, start: int, length: int) -> None:
        self._body = body
        self._chunks = self._read(body, start, length)

    @staticmethod
    def _read(body: Any, start: int, left: int) -> Iterator[bytes]:
        if hasattr(body, "seekable") and body.seekable():
            body.seek(start)
            start = 0
        for chunk in body:
            if start:
                chunk, start = chunk[start:], max(0, start - len(chunk))
            if chunk:
                yield chunk[:left]
                left -= min(left, len(chunk))
            if not left:
                return

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._chunks)

    def close(self) -> None:
        self._chunks.close()  # type: ignore[attr-defined]
        if hasattr(self._body, "close"):
            self._body.close()


class ConditionalBody:
    """What a response needs to answer conditional requests."""

    headers: Any
    response: Any
    status_code: int
    automatically_set_content_length: bool
    calculate_content_length: Callable[[], int | None]

    def make_conditional(
        self,
        request_or_environ: Any,
        accept_ranges: bool | str = False,
        complete_length: int | None = None,
    ) -> Any:
        """A 304 if the client has this already, a part if it asks for one, a 412 if it must not
        be changed."""
        method, ask = asking(request_or_environ)
        if method not in ("GET", "HEAD"):
            return self
        if "date" not in self.headers:
            self.headers["Date"] = http_date()
        etag, modified = self.headers.get("ETag"), self.headers.get("Last-Modified")
        if not self._take_range(ask, accept_ranges, complete_length) and not is_modified(
            ask, etag, modified
        ):
            self.status_code = 412 if must_match(ask) else 304
        if self.automatically_set_content_length and "content-length" not in self.headers:
            length = self.calculate_content_length()
            if length is not None:
                self.headers["Content-Length"] = str(length)
        return self

    def _take_range(self, ask: Any, accept: bool | str, length: int | None) -> bool:
        if not accept:
            return False
        self.headers["Accept-Ranges"] = "bytes" if accept is True else accept
        span = ask("range")
        if not length or span is None:
            return False
        if ask("if-range") is not None and is_modified(
            ask, self.headers.get("ETag"), self.headers.get("Last-Modified"), if_range=True
        ):
            return False
        found = parse_range(span, length)
        if found is None:
            raise RequestedRangeNotSatisfiable(length)
        start, end = found
        self.headers["Content-Length"] = str(end - start)
        self.headers["Content-Range"] = f"bytes {start}-{end - 1}/{length}"
        self.status_code = 206
        self.response = Part(self.response, start, end - start)
        return True
