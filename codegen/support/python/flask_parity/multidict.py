"""Query arguments, form fields and cookies: several values a key, the first of them wins.

The classes behave as those of ``werkzeug.datastructures.structures`` 3.1, names and ``repr`` too.
"""

import codecs
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from typing import Any, NoReturn, Self
from urllib.parse import parse_qsl, quote

_NO_DEFAULT: Any = object()


def missing_key(key: Any) -> KeyError:
    """The error of a key that is not there: a 400 when nobody catches it."""
    from .exceptions import BadRequestKeyError  # needed only then

    return BadRequestKeyError(key)


def _pairs(mapping: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(mapping, MultiDict):
        yield from mapping.items(multi=True)
    elif isinstance(mapping, Mapping):
        for key, value in mapping.items():
            if isinstance(value, (list, tuple, set)):
                for item in value:
                    yield key, item
            else:
                yield key, value
    else:
        yield from mapping


class MultiDict(dict[Any, Any]):
    """A dict with a list of values a key; plain access gives the first of it."""

    def __init__(self, mapping: Any = None) -> None:
        super().__init__()
        if mapping is None:
            return
        append = super().setdefault
        for key, value in _pairs(mapping):
            append(key, []).append(value)

    def __getstate__(self) -> Any:
        return dict(self.lists())

    def __setstate__(self, value: Any) -> None:
        dict.clear(self)
        dict.update(self, value)

    def __reduce_ex__(self, protocol: Any) -> Any:
        return type(self), (list(self.items(multi=True)),)

    def __iter__(self) -> Iterator[Any]:
        # Without it dict(multidict) would copy the lists (cpython issue 87412).
        return super().__iter__()

    def __getitem__(self, key: Any) -> Any:
        values = dict.get(self, key)
        if not values:
            raise missing_key(key)
        return values[0]

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key, [value])

    def get(self, key: Any, default: Any = None, type: Callable[[Any], Any] | None = None) -> Any:
        """The first value; ``default`` too when ``type`` refuses it."""
        values = dict.get(self, key)
        if not values:
            return default
        if type is None:
            return values[0]
        try:
            return type(values[0])
        except (ValueError, TypeError):
            return default

    def add(self, key: Any, value: Any) -> None:
        """One more value for the key."""
        super().setdefault(key, []).append(value)

    def getlist(self, key: Any, type: Callable[[Any], Any] | None = None) -> list[Any]:
        """All values; those that ``type`` refuses are left out."""
        values = dict.get(self, key, ())
        if type is None:
            return list(values)
        found = []
        for value in values:
            try:
                found.append(type(value))
            except (ValueError, TypeError):
                pass
        return found

    def setlist(self, key: Any, new_list: Iterable[Any]) -> None:
        """Replaces the values of the key."""
        super().__setitem__(key, list(new_list))

    def setdefault(self, key: Any, default: Any = None) -> Any:
        if key not in self:
            self[key] = default
        return self[key]

    def setlistdefault(self, key: Any, default_list: Iterable[Any] | None = None) -> list[Any]:
        """The list itself, not a copy."""
        if key not in self:
            super().__setitem__(key, list(default_list or ()))
        return super().__getitem__(key)

    def items(self, multi: bool = False) -> Any:  # type: ignore[override]
        """``(key, first value)``; with ``multi`` a pair for each value."""
        for key, values in super().items():
            if multi:
                for value in values:
                    yield key, value
            else:
                yield key, values[0]

    def multi_items(self) -> Iterator[tuple[Any, Any]]:
        """Every key with every one of its values."""
        return self.items(multi=True)

    def lists(self) -> Any:
        for key, values in super().items():
            yield key, list(values)

    def values(self) -> Any:  # type: ignore[override]
        for values in super().values():
            yield values[0]

    def listvalues(self) -> Any:
        return super().values()

    def copy(self) -> Any:
        return self.__class__(self)

    def deepcopy(self, memo: Any = None) -> Self:
        return self.__class__(deepcopy(self.to_dict(flat=False), memo))

    def to_dict(self, flat: bool = True) -> dict[Any, Any]:
        """A plain dict of the first values, or of the lists."""
        return dict(self.items()) if flat else dict(self.lists())

    def update(self, mapping: Any) -> None:  # type: ignore[override]
        """Adds; it replaces nothing."""
        for key, value in _pairs(mapping):
            self.add(key, value)

    def __or__(self, other: Any) -> Any:
        if not isinstance(other, Mapping):
            return NotImplemented
        joined = self.copy()
        joined.update(other)
        return joined

    def __ior__(self, other: Any) -> Self:  # type: ignore[override, misc]
        if not isinstance(other, (Mapping, Iterable)):
            return NotImplemented
        self.update(other)
        return self

    def pop(self, key: Any, default: Any = _NO_DEFAULT) -> Any:
        """Takes the key out with all its values; gives the first."""
        values = dict.pop(self, key, None)
        if values:
            return values[0]
        if default is not _NO_DEFAULT:
            return default
        raise missing_key(key)

    def popitem(self) -> tuple[Any, Any]:
        key, values = self.popitemlist()
        if not values:
            raise missing_key(key)
        return key, values[0]

    def poplist(self, key: Any) -> list[Any]:
        return super().pop(key, [])

    def popitemlist(self) -> tuple[Any, list[Any]]:
        try:
            return super().popitem()
        except KeyError as error:
            raise missing_key(error.args[0]) from None

    def __copy__(self) -> Any:
        return self.copy()

    def __deepcopy__(self, memo: Any) -> Any:
        return self.deepcopy(memo)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({list(self.items(multi=True))!r})"


def _immutable(self: Any, *args: Any, **kwargs: Any) -> NoReturn:
    raise TypeError(f"{type(self).__name__!r} objects are immutable")


class _Immutable:
    """Refuses changes; :meth:`copy` gives a dict that takes them."""

    setdefault = update = pop = popitem = clear = _immutable
    __setitem__ = __delitem__ = __ior__ = _immutable
    add = popitemlist = poplist = setlist = setlistdefault = _immutable

    def __hash__(self) -> int:
        return hash(frozenset(self.items(multi=True)))  # type: ignore[attr-defined]

    def copy(self) -> MultiDict:
        return MultiDict(self)


class ImmutableMultiDict(_Immutable, MultiDict):  # type: ignore[misc]
    """What ``request.args``, ``form``, ``files`` and ``cookies`` are."""

    def __copy__(self) -> Self:
        return self


class CombinedMultiDict(_Immutable, MultiDict):  # type: ignore[misc]
    """``request.values``: query arguments before form fields."""

    def __init__(self, dicts: Iterable[MultiDict] | None = None) -> None:
        super().__init__()
        self.dicts = list(dicts or ())

    def __reduce_ex__(self, protocol: Any) -> Any:
        return type(self), (self.dicts,)

    def __getitem__(self, key: Any) -> Any:
        for values in self.dicts:
            if key in values:
                return values[key]
        raise missing_key(key)

    def get(self, key: Any, default: Any = None, type: Callable[[Any], Any] | None = None) -> Any:
        """A value that ``type`` refuses gives way to the next dict's."""
        for values in self.dicts:
            if key in values:
                if type is None:
                    return values[key]
                try:
                    return type(values[key])
                except (ValueError, TypeError):
                    continue
        return default

    def getlist(self, key: Any, type: Callable[[Any], Any] | None = None) -> list[Any]:
        return [value for values in self.dicts for value in values.getlist(key, type)]

    def _keys(self) -> set[Any]:
        return {key for values in self.dicts for key in values}

    def keys(self) -> Any:  # type: ignore[override]
        return self._keys()

    def __iter__(self) -> Iterator[Any]:
        return iter(self._keys())

    def items(self, multi: bool = False) -> Any:  # type: ignore[override]
        found = set()
        for values in self.dicts:
            for key, value in values.items(multi):
                if multi:
                    yield key, value
                elif key not in found:
                    found.add(key)
                    yield key, value

    def values(self) -> Any:  # type: ignore[override]
        for _, value in self.items():
            yield value

    def lists(self) -> Any:
        found: dict[Any, list[Any]] = {}
        for values in self.dicts:
            for key, items in values.lists():
                found.setdefault(key, []).extend(items)
        return found.items()

    def listvalues(self) -> Any:
        return (values for _, values in self.lists())

    def __len__(self) -> int:
        return len(self._keys())

    def __contains__(self, key: Any) -> bool:
        return any(key in values for values in self.dicts)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.dicts!r})"


class ImmutableList(list[Any]):
    """What ``request.access_route`` is."""

    __delitem__ = __iadd__ = __imul__ = __setitem__ = append = remove = extend = _immutable  # type: ignore[assignment]
    insert = pop = reverse = sort = _immutable  # type: ignore[assignment]

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({list.__repr__(self)})"


# Undecodable bytes stay percent-encoded (werkzeug.urls._codec_error_url_quote: "%ff" is "%FF").
codecs.register_error(
    "flask_parity.percent", lambda e: (quote(e.object[e.start : e.end], safe=""), e.end)
)


def parse_query(raw: bytes) -> ImmutableMultiDict:
    """A query string or a urlencoded body; blank values are kept. Not UTF-8: ``ValueError``."""
    return ImmutableMultiDict(
        parse_qsl(raw.decode(), keep_blank_values=True, errors="flask_parity.percent")
        if raw
        else None
    )
