"""The headers of a request, and of the parts of a multipart body (werkzeug.datastructures)."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NoReturn

from .multidict import missing_key


def _convert(values: Iterable[str], type: Callable[[str], Any]) -> list[Any]:
    found = []
    for value in values:
        try:
            found.append(type(value))
        except ValueError:
            continue
    return found


class Headers:
    """Names without regard to case, in their order (of a part of a multipart body)."""

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self._list = list(pairs)

    def _value(self, name: str) -> str:
        lower = name.lower()
        for key, value in self._list:
            if key.lower() == lower:
                return value
        raise missing_key(name)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, str):
            return self._value(key)
        return self._list[key] if isinstance(key, int) else type(self)(self._list[key])

    def __setitem__(self, name: str, value: Any) -> None:
        lower = name.lower()
        self._list = [pair for pair in self._list if pair[0].lower() != lower]
        self._list.append((name, str(value)))

    def get(self, name: str, default: Any = None, type: Callable[[str], Any] | None = None) -> Any:
        """``default`` too when ``type`` raises ``ValueError``."""
        try:
            value = self._value(name)
        except KeyError:
            return default
        if type is None:
            return value
        try:
            return type(value)
        except ValueError:
            return default

    def getlist(self, name: str, type: Callable[[str], Any] | None = None) -> list[Any]:
        lower = name.lower()
        values = [value for key, value in self if key.lower() == lower]
        return values if type is None else _convert(values, type)

    def get_all(self, name: str) -> list[str]:
        return self.getlist(name)

    def __contains__(self, name: str) -> bool:
        try:
            self._value(name)
        except KeyError:
            return False
        return True

    def has_key(self, name: str) -> bool:
        return name in self

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._list)

    def __len__(self) -> int:
        return len(self._list)

    def items(self, lower: bool = False) -> Iterator[tuple[str, str]]:
        for key, value in self:
            yield key.lower() if lower else key, value

    def keys(self, lower: bool = False) -> Iterator[str]:
        for key, _ in self.items(lower):
            yield key

    def values(self) -> Iterator[str]:
        for _, value in self:
            yield value

    def to_wsgi_list(self) -> list[tuple[str, str]]:
        return list(self)

    def __eq__(self, other: object) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        mine = {(key.lower(), value) for key, value in self}
        return mine == {(key.lower(), value) for key, value in other}  # type: ignore[attr-defined]

    __hash__ = None  # type: ignore[assignment]

    def __str__(self) -> str:
        return "".join(f"{key}: {value}\r\n" for key, value in self) + "\r\n"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({list(self)!r})"


def _immutable(self: Any, *args: Any, **kwargs: Any) -> NoReturn:
    raise TypeError(f"{type(self).__name__!r} objects are immutable")


class EnvironHeaders(Headers):
    """``request.headers`` as a WSGI server hands them over: ``Title-Case``, in order of arrival.

    Repeated ones are one, joined by a comma; of ``Content-Type`` and ``Content-Length`` the last
    counts; names with an underscore are dropped (gunicorn.http.wsgi.create, gunicorn's
    ``header_map``).
    """

    def __init__(self, raw: Iterable[tuple[bytes, bytes]], cookie_joiner: str = ",") -> None:
        values: dict[str, str] = {}
        for key, value in raw:
            name = key.decode("latin1").lower()
            text = value.decode("latin1")
            if name in values and name != "content-type" and name != "content-length":
                text = f"{values[name]}{cookie_joiner if name == 'cookie' else ','}{text}"
            if "_" not in name:
                values[name] = text
        #: The values by lower-case name.
        self.by_name = values

    def _value(self, name: str) -> str:
        if not isinstance(name, str):
            raise missing_key(name)
        lower = name.lower().replace("_", "-")
        value = self.by_name.get(lower)
        if value is None:  # a plain KeyError: no 400
            key = lower.upper().replace("-", "_")
            raise KeyError(key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}")
        return value

    def get(self, name: str, default: Any = None, type: Callable[[str], Any] | None = None) -> Any:
        value = self.by_name.get(name.lower().replace("_", "-"))
        if value is None:
            return default
        if type is None:
            return value
        try:
            return type(value)
        except ValueError:
            return default

    def __getitem__(self, key: Any) -> str:
        return self._value(key)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        for name, value in self.by_name.items():
            if value or name not in ("content-type", "content-length"):
                yield name.title(), value

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, EnvironHeaders):
            return NotImplemented
        return self.by_name is other.by_name

    __hash__ = None  # type: ignore[assignment]

    __setitem__ = __delitem__ = __ior__ = set = setlist = add = add_header = _immutable  # type: ignore[assignment]
    remove = extend = update = insert = pop = popitem = setdefault = setlistdefault = _immutable

    def copy(self) -> NoReturn:
        raise TypeError(f"cannot create {type(self).__name__!r} copies")

    def __or__(self, other: Any) -> NoReturn:
        raise TypeError(f"cannot create {type(self).__name__!r} copies")
