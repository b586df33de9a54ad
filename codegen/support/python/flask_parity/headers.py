"""Headers of a response: names without regard to case, in order, several of a name
(werkzeug.datastructures.Headers)."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Union

from .exceptions import BadRequestKeyError
from .fields import dump_options

_MISSING: Any = object()

#: What headers may be given as.
Pairs = Union["Headers", Mapping[str, Any], Iterable[tuple[str, Any]]]


def _text(value: Any) -> str:
    """A value; one with a line break would be two headers."""
    if not isinstance(value, str):
        value = str(value)
    if "\n" in value or "\r" in value:
        raise ValueError("Header values must not contain newline characters.")
    return value


def _with_options(value: Any, options: dict[str, Any]) -> Any:
    if not options:
        return value
    return dump_options(value, {key.replace("_", "-"): item for key, item in options.items()})


def _pairs(source: Any) -> Iterable[tuple[str, Any]]:
    """Every value of every key, of a mapping, a multi-dict or pairs."""
    if hasattr(source, "multi_items"):
        return source.multi_items()
    if not isinstance(source, Mapping):
        return source
    if hasattr(source, "getlist"):
        return [(key, value) for key in source for value in source.getlist(key)]
    found = []
    for key, value in source.items():
        many = value if isinstance(value, (list, tuple, set)) else (value,)
        found += [(key, item) for item in many]
    return found


class Headers:
    """A list of pairs that is read and written by name; iterating gives the pairs."""

    __slots__ = ("_list",)

    def __init__(self, defaults: Pairs | None = None) -> None:
        self._list: list[tuple[str, str]] = []
        if defaults is not None:
            self.extend(defaults)

    # ---- reading

    def _find(self, key: str) -> str:
        lower = key.lower()
        for name, value in self._list:
            if name.lower() == lower:
                return value
        raise BadRequestKeyError(key)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, str):
            return self._find(key)
        if isinstance(key, int):
            return self._list[key]
        return type(self)(self._list[key])

    def get(self, key: str, default: Any = None, type: Any = None) -> Any:
        """The first value; ``default`` too when ``type`` refuses it."""
        lower = key.lower()
        for name, value in self._list:
            if name.lower() == lower:
                try:
                    return value if type is None else type(value)
                except ValueError:
                    break
        return default

    def getlist(self, key: str, type: Any = None) -> list[Any]:
        """All values; those that ``type`` refuses are left out."""
        lower, found = key.lower(), []
        for name, value in self._list:
            if name.lower() == lower:
                try:
                    found.append(value if type is None else type(value))
                except ValueError:
                    pass
        return found

    def get_all(self, name: str) -> list[str]:
        return self.getlist(name)

    def items(self, lower: bool = False) -> Iterator[tuple[str, str]]:
        for key, value in self._list:
            yield (key.lower() if lower else key), value

    def keys(self, lower: bool = False) -> Iterator[str]:
        for key, _ in self.items(lower):
            yield key

    def values(self) -> Iterator[str]:
        for _, value in self._list:
            yield value

    def __contains__(self, key: object) -> bool:
        lower = key.lower()  # type: ignore[attr-defined]
        return any(name.lower() == lower for name, _ in self._list)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._list)

    def __len__(self) -> int:
        return len(self._list)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Headers):
            return NotImplemented
        return {(k.lower(), v) for k, v in self} == {(k.lower(), v) for k, v in other}

    __hash__ = None  # type: ignore[assignment]

    # ---- adding

    def add(self, key: str, value: Any, /, **options: Any) -> None:
        """One more of the name; options are ``; key=value`` behind it."""
        self._list.append((key, _text(_with_options(value, options))))

    add_header = add

    def extend(self, source: Pairs | None = None, /, **more: Any) -> None:
        """Adds every value."""
        if source is not None:
            for key, value in _pairs(source):
                self.add(key, value)
        for key, value in _pairs(more):
            self.add(key, value)

    # ---- replacing

    def set(self, key: str, value: Any, /, **options: Any) -> None:
        """In the place of the first of the name; the others of it go."""
        pair = (key, _text(_with_options(value, options) if options else value))
        if not self._list:
            self._list.append(pair)
            return
        lower = key.lower()
        places = [i for i, (name, _) in enumerate(self._list) if name.lower() == lower]
        if not places:
            self._list.append(pair)
            return
        self._list[places[0]] = pair
        for place in reversed(places[1:]):
            del self._list[place]

    def setlist(self, key: str, values: Iterable[Any]) -> None:
        """Exactly these values of the name."""
        values = list(values)
        if not values:
            self.remove(key)
            return
        self.set(key, values[0])
        for value in values[1:]:
            self.add(key, value)

    def setdefault(self, key: str, default: Any) -> str:
        if key not in self:
            self.set(key, default)
        return self._find(key)

    def setlistdefault(self, key: str, default: Iterable[Any]) -> list[str]:
        if key not in self:
            self.setlist(key, default)
        return self.getlist(key)

    def __setitem__(self, key: Any, value: Any) -> None:
        if isinstance(key, str):
            self.set(key, value)
        elif isinstance(key, int):
            self._list[key] = (value[0], _text(value[1]))
        else:
            self._list[key] = [(name, _text(item)) for name, item in value]

    def update(self, source: Pairs | None = None, /, **more: Any) -> None:
        """Replaces the names that it has, a list by all of its values."""
        if hasattr(source, "getlist"):
            for key in source.keys():
                self.setlist(key, source.getlist(key))
        elif source is not None:
            self._replace(source.items() if isinstance(source, Mapping) else source)
        self._replace(more.items())

    def _replace(self, pairs: Iterable[tuple[str, Any]]) -> None:
        for key, value in pairs:
            if isinstance(value, (list, tuple, set)):
                self.setlist(key, value)
            else:
                self.set(key, value)

    def __or__(self, other: Any) -> "Headers":
        if not isinstance(other, Mapping):
            return NotImplemented
        found = self.copy()
        found.update(other)
        return found

    def __ior__(self, other: Any) -> "Headers":
        if not isinstance(other, (Mapping, Iterable)):
            return NotImplemented
        self.update(other)
        return self

    # ---- removing

    def remove(self, key: str) -> None:
        """All of the name; none is no error."""
        lower = key.lower()
        self._list[:] = [item for item in self._list if item[0].lower() != lower]

    def __delitem__(self, key: Any) -> None:
        if isinstance(key, str):
            self.remove(key)
        else:
            del self._list[key]

    def pop(self, key: str | int | None = None, default: Any = _MISSING) -> Any:
        """The value of a name, the pair of an index, or the last pair."""
        if key is None:
            return self._list.pop()
        if isinstance(key, int):
            return self._list.pop(key)
        try:
            value = self._find(key)
        except KeyError:
            if default is not _MISSING:
                return default
            raise
        self.remove(key)
        return value

    def popitem(self) -> tuple[str, str]:
        return self._list.pop()

    def clear(self) -> None:
        self._list.clear()

    # ---- as something else

    def to_wsgi_list(self) -> list[tuple[str, str]]:
        return list(self._list)

    def copy(self) -> "Headers":
        return type(self)(self._list)

    __copy__ = copy

    def __str__(self) -> str:
        return "\r\n".join([*(f"{key}: {value}" for key, value in self), "\r\n"])

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._list!r})"
