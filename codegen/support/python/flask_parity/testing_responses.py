"""Answers as a test reads them (werkzeug.test.TestResponse)."""

import json
from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from .wire import status_name


class ResponseHeaders:
    """Headers in their order, found whatever their case (werkzeug.datastructures.Headers)."""

    def __init__(self, raw: list[tuple[bytes, bytes]]) -> None:
        self._pairs = [(k.decode("latin1").title(), v.decode("latin1")) for k, v in raw]

    def get(self, name: str, default: Any = None, type: Any = None) -> Any:
        for key, value in self._pairs:
            if key.lower() == name.lower():
                try:
                    return value if type is None else type(value)
                except ValueError:
                    return default
        return default

    def getlist(self, name: str) -> list[str]:
        return [value for key, value in self._pairs if key.lower() == name.lower()]

    get_all = getlist

    def __getitem__(self, name: str) -> str:
        value = self.get(name)
        if value is None:
            raise KeyError(name)
        return value

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.get(name) is not None

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._pairs)

    def __len__(self) -> int:
        return len(self._pairs)

    def __str__(self) -> str:
        return "".join(f"{key}: {value}\r\n" for key, value in self._pairs) + "\r\n"

    def items(self) -> list[tuple[str, str]]:
        return list(self._pairs)

    def keys(self) -> list[str]:
        return [key for key, _ in self._pairs]

    def values(self) -> list[str]:
        return [value for _, value in self._pairs]

    def to_wsgi_list(self) -> list[tuple[str, str]]:
        return list(self._pairs)


def _date(text: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(text) if text else None
    except ValueError:
        return None


class TestResponse:
    """One answer of the port; its body is read to the end."""

    __test__ = False  # for pytest, which looks for classes of this name
    is_streamed = False

    def __init__(
        self, status_code: int, headers: ResponseHeaders, data: bytes, request: Any
    ) -> None:
        self.status_code, self.headers, self.data = status_code, headers, data
        #: The request that was answered, with ``path``, ``url``, ``args`` and the like.
        self.request = request
        #: The redirects that led here, oldest first.
        self.history: tuple[TestResponse, ...] = ()

    @property
    def status(self) -> str:
        """``404 NOT FOUND``."""
        try:
            return f"{self.status_code} {status_name(self.status_code).upper()}"
        except ValueError:
            return f"{self.status_code} UNKNOWN"

    @property
    def text(self) -> str:
        return self.get_data(as_text=True)

    def get_data(self, as_text: bool = False) -> Any:
        return self.data.decode("utf-8", "replace") if as_text else self.data

    @property
    def response(self) -> list[bytes]:
        return [self.data]

    def iter_data(self) -> Iterator[bytes]:
        return iter([self.data])

    iter_encoded = iter_data

    @property
    def content_type(self) -> str | None:
        return self.headers.get("content-type")

    @property
    def mimetype(self) -> str | None:
        return (self.content_type or "").partition(";")[0].strip().lower() or None

    @property
    def mimetype_params(self) -> dict[str, str]:
        parts = (part.partition("=") for part in (self.content_type or "").split(";")[1:])
        return {key.strip().lower(): value.strip().strip('"') for key, _, value in parts}

    @property
    def content_length(self) -> int | None:
        return self.headers.get("content-length", type=int)

    @property
    def content_encoding(self) -> str | None:
        return self.headers.get("content-encoding")

    @property
    def location(self) -> str | None:
        return self.headers.get("location")

    @property
    def last_modified(self) -> datetime | None:
        return _date(self.headers.get("last-modified"))

    @property
    def expires(self) -> datetime | None:
        return _date(self.headers.get("expires"))

    def get_etag(self) -> tuple[str | None, bool | None]:
        """The ETag without quotes, and whether it is weak."""
        tag = self.headers.get("etag")
        if tag is None:
            return None, None
        return tag.removeprefix("W/").strip('"'), tag.startswith("W/")

    @property
    def is_json(self) -> bool:
        kind = self.mimetype or ""
        return kind == "application/json" or (
            kind.startswith("application/") and kind.endswith("+json")
        )

    def get_json(self, force: bool = False, silent: bool = False) -> Any:
        """The parsed body; ``None`` when the answer is not JSON."""
        if not (force or self.is_json):
            return None
        try:
            return json.loads(self.data)
        except ValueError:
            if silent:
                return None
            raise

    @property
    def json(self) -> Any:
        return self.get_json()

    def close(self) -> None:
        """There is nothing to close: the body has been read."""

    def __enter__(self) -> "TestResponse":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<TestResponse {len(self.data)} bytes [{self.status}]>"
