"""Query arguments and form fields: the first of repeated keys wins, as in Werkzeug."""

import codecs
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, unquote_to_bytes


class MissingKey(KeyError):
    """``request.form["name"]`` without such a field: Flask answers 400 (``BadRequestKeyError``)."""


class MultiDict(Mapping[str, Any]):
    """A mapping with several values a key; plain access gives the first."""

    def __init__(self, pairs: Iterable[tuple[str, Any]] = ()):
        self._values: dict[str, list[Any]] = {}
        for key, value in pairs:
            self._values.setdefault(key, []).append(value)

    def __getitem__(self, key: str) -> Any:
        try:
            return self._values[key][0]
        except KeyError:
            raise MissingKey(key) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({list(self.multi_items())!r})"

    def get(self, key: str, default: Any = None, type: Callable[[Any], Any] | None = None) -> Any:
        """The first value; ``default`` too when ``type`` refuses it."""
        try:
            value = self._values[key][0]
            return value if type is None else type(value)
        except (KeyError, ValueError, TypeError):
            return default

    def getlist(self, key: str, type: Callable[[Any], Any] | None = None) -> list[Any]:
        """All values; those that ``type`` refuses are left out."""
        found = []
        for value in self._values.get(key, ()):
            try:
                found.append(value if type is None else type(value))
            except (ValueError, TypeError):
                pass
        return found

    def items(self, multi: bool = False) -> Any:  # type: ignore[override]
        return list(self.multi_items()) if multi else [(k, v[0]) for k, v in self._values.items()]

    def multi_items(self) -> Iterator[tuple[str, Any]]:
        """Every key with every one of its values."""
        return ((key, value) for key, values in self._values.items() for value in values)

    def lists(self) -> Iterator[tuple[str, list[Any]]]:
        return ((key, list(values)) for key, values in self._values.items())

    def listvalues(self) -> Iterator[list[Any]]:
        return (list(values) for values in self._values.values())

    def to_dict(self, flat: bool = True) -> dict[str, Any]:
        return {k: v[0] if flat else list(v) for k, v in self._values.items()}

    def copy(self) -> "MultiDict":
        return MultiDict(self.multi_items())


# Undecodable bytes stay percent-encoded (werkzeug.urls._unquote_partial: "%ff" is "%FF").
codecs.register_error(
    "flask_parity.percent", lambda e: (quote(e.object[e.start : e.end], safe=""), e.end)
)


def _unquote(raw: bytes) -> str:
    return unquote_to_bytes(raw.replace(b"+", b" ")).decode("utf-8", "flask_parity.percent")


def parse_query(raw: bytes) -> MultiDict:
    """A query string or a urlencoded body; blank values are kept."""
    pairs = (part.partition(b"=") for part in raw.split(b"&") if part)
    return MultiDict((_unquote(key), _unquote(value)) for key, _, value in pairs)
