"""Values of headers with parts: lists, directives, options (werkzeug.http, its datastructures)."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableSet
from typing import Any

_TOKEN = re.compile(r"[\w!#$%&'*+\-.^`|~]+", re.ASCII)
_ESCAPED = re.compile(r"\\(.)", re.ASCII)


def quote_value(value: Any) -> str:
    """In quotation marks unless it is a token."""
    text = str(value)
    if _TOKEN.fullmatch(text):
        return text
    text = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def unquote_value(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] == '"':
        return _ESCAPED.sub(r"\g<1>", value[1:-1])
    return value


def dump_options(value: str | None, options: Mapping[str, Any]) -> str:
    """``value; key=option``; an option of None is left out."""
    parts = [] if value is None else [value]
    for key, option in options.items():
        if option is not None:
            parts.append(f"{key}={option if key.endswith('*') else quote_value(option)}")
    return "; ".join(parts)


def dump_list(value: Iterable[Any]) -> str:
    """``a, b`` of a list, ``a=1, b`` of a dict in which ``b`` is None."""
    if not isinstance(value, dict):
        return ", ".join(map(quote_value, value))
    parts = []
    for key, item in value.items():
        if item is None:
            parts.append(key)
        else:
            parts.append(f"{key}={item if key.endswith('*') else quote_value(item)}")
    return ", ".join(parts)


def parse_list(value: str) -> list[str]:
    """The items of ``a, "b, c"`` without their quotation marks; none if one is left open."""
    items, item, escaped, quoted = [], "", False, False
    for char in value:
        if escaped:
            escaped = False
        elif quoted:
            if char == "\\":
                escaped = True
            elif char == '"':
                quoted = False
        elif char == ",":
            items.append(item)
            item = ""
            continue
        elif char == '"':
            quoted = True
        item += char
    if quoted:
        return []
    items.append(item)
    return [unquote_value(found.strip(" \t")) for found in items if found]


def parse_directives(value: str) -> dict[str, str | None]:
    """``{"max-age": "3", "public": None}`` of ``max-age=3, public``."""
    found: dict[str, str | None] = {}
    for item in parse_list(value):
        key, has_value, text = item.partition("=")
        if key := key.strip(" \t"):
            found[key] = unquote_value(text.strip(" \t")) if has_value else None
    return found


class HeaderSet(MutableSet[str]):
    """Names without regard to case, in the order they came; ``on_update`` writes the header."""

    def __init__(self, headers: Iterable[str] | None = None, on_update: Any = None) -> None:
        self._headers = list(headers or ())
        self._set = {x.lower() for x in self._headers}
        self.on_update: Callable[[HeaderSet], None] | None = on_update

    def _changed(self) -> None:
        if self.on_update is not None:
            self.on_update(self)

    def add(self, header: str) -> None:  # type: ignore[override]
        self.update((header,))

    def update(self, iterable: Iterable[str]) -> None:
        added = False
        for header in iterable:
            if header.lower() not in self._set:
                self._headers.append(header)
                self._set.add(header.lower())
                added = True
        if added:
            self._changed()

    def remove(self, header: str) -> None:  # type: ignore[override]
        key = header.lower()
        if key not in self._set:
            raise KeyError(header)
        self._set.remove(key)
        # As Werkzeug does: what was not given in lower case stays written while others are left.
        self._headers = [name for name in self._headers if name.lower() != header]
        self._changed()

    def discard(self, header: str) -> None:  # type: ignore[override]
        if header in self:
            self.remove(header)

    def clear(self) -> None:
        self._set.clear()
        self._headers.clear()
        self._changed()

    def find(self, header: str) -> int:
        """Where it is, -1 if nowhere."""
        names = [name.lower() for name in self._headers]
        return names.index(header.lower()) if header in self else -1

    def index(self, header: str) -> int:
        if (place := self.find(header)) < 0:
            raise IndexError(header)
        return place

    def as_set(self, preserve_casing: bool = False) -> set[str]:
        return set(self._headers if preserve_casing else self._set)

    def to_header(self) -> str:
        return dump_list(self._headers)

    def __getitem__(self, index: int) -> str:
        return self._headers[index]

    def __contains__(self, header: object) -> bool:
        return str(header).lower() in self._set

    def __len__(self) -> int:
        return len(self._set)

    def __iter__(self) -> Iterator[str]:
        return iter(self._headers)

    def __str__(self) -> str:
        return self.to_header()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._headers!r})"


def _directive(key: str, empty: Any, kind: Any) -> Any:
    """An attribute of a directive; ``empty`` is its value when it has none, None if absent."""

    def read(self: "CacheControl") -> Any:
        if kind is bool or key not in self:
            return key in self if kind is bool else None
        if (value := self[key]) is None:
            return empty
        try:
            return value if kind is None else kind(value)
        except ValueError:
            return None

    def write(self: "CacheControl", value: Any) -> None:
        if value is None or value is False or (kind is bool and not value):
            self.pop(key, None)
        elif value is True or kind is bool:
            self[key] = None
        else:
            self[key] = str(value if kind is None else kind(value))

    def remove(self: "CacheControl") -> None:
        if key in self:
            del self[key]

    return property(read, write, remove)


class CacheControl(dict[str, Any]):
    """``Cache-Control`` of a response (werkzeug.datastructures.ResponseCacheControl)."""

    no_cache = _directive("no-cache", True, None)
    no_store = _directive("no-store", None, bool)
    max_age = _directive("max-age", None, int)
    s_maxage = _directive("s-maxage", None, int)
    no_transform = _directive("no-transform", None, bool)
    public = _directive("public", None, bool)
    private = _directive("private", True, None)
    must_revalidate = _directive("must-revalidate", None, bool)
    proxy_revalidate = _directive("proxy-revalidate", None, bool)
    must_understand = _directive("must-understand", None, bool)
    immutable = _directive("immutable", None, bool)
    stale_if_error = _directive("stale-if-error", None, int)
    stale_while_revalidate = _directive("stale-while-revalidate", None, int)

    def __init__(self, values: Any = (), on_update: Any = None) -> None:
        super().__init__(values or ())
        self.on_update: Callable[[CacheControl], None] | None = on_update
        self.provided = values is not None

    def _changed(self) -> None:
        if self.on_update is not None:
            self.on_update(self)

    def __setitem__(self, key: str, value: Any) -> None:
        super().__setitem__(key, value)
        self._changed()

    def __delitem__(self, key: str) -> None:
        super().__delitem__(key)
        self._changed()

    def pop(self, key: str, *default: Any) -> Any:  # type: ignore[override]
        there = key in self
        value = super().pop(key, *default)
        if there:
            self._changed()
        return value

    def setdefault(self, key: str, default: Any = None) -> Any:
        if key not in self:
            self[key] = default
        return self[key]

    def update(self, *args: Any, **kwargs: Any) -> None:
        super().update(*args, **kwargs)
        self._changed()

    def clear(self) -> None:
        super().clear()
        self._changed()

    def to_header(self) -> str:
        return dump_list(self)

    def __str__(self) -> str:
        return self.to_header()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {' '.join(f'{k}={v!r}' for k, v in sorted(self.items()))}>"
