"""Fields of schemas that know of the app: URLs, files, settings (flask_marshmallow.fields)."""

import re
from collections.abc import Sequence
from typing import Any

from marshmallow import fields, missing

from .context import current_app
from .uploads import FileStorage
from .urls import url_for

__all__ = [
    "AbsoluteURLFor",
    "AbsoluteUrlFor",
    "Config",
    "File",
    "Hyperlinks",
    "URLFor",
    "UrlFor",
]

_NAMED = re.compile(r"\s*<\s*(\S*)\s*>\s*")


def _value(obj: Any, key: str) -> Any:
    """Of a dotted key; None where something on the way is None."""
    for part in key.split("."):
        if obj is None:
            return None
        obj = _item(obj, part)
    return obj


def _item(obj: Any, key: str) -> Any:
    if hasattr(obj, "__getitem__"):
        try:
            return obj[key]
        except (KeyError, IndexError, TypeError, AttributeError):
            pass
    return getattr(obj, key, missing)


class URLFor(fields.Field):
    """The URL of an endpoint; ``values`` are those of ``url_for``, ``<name>`` is an attribute of
    the object."""

    _CHECK_ATTRIBUTE = False

    def __init__(self, endpoint: str, values: dict[str, Any] | None = None, **kwargs: Any) -> None:
        self.endpoint, self.values = endpoint, values or {}
        super().__init__(**kwargs)

    def _serialize(self, value: Any, attr: Any, obj: Any, **kwargs: Any) -> str | None:
        found = {}
        for name, written in self.values.items():
            match = _NAMED.match(str(written))
            if match is None or not match[1]:
                found[name] = written
                continue
            item = _value(obj, match[1])
            if item is None:
                return None
            if item is missing:
                raise AttributeError(f"{match[1]!r} is not a valid attribute of {obj!r}")
            found[name] = item
        return url_for(self.endpoint, **found)  # type: ignore[no-any-return]


UrlFor = URLFor


class AbsoluteURLFor(URLFor):
    """The same with scheme and host."""

    def __init__(self, endpoint: str, values: dict[str, Any] | None = None, **kwargs: Any) -> None:
        values = {} if values is None else values
        values["_external"] = True
        super().__init__(endpoint, values, **kwargs)


AbsoluteUrlFor = AbsoluteURLFor


def _links(schema: Any, key: Any, obj: Any) -> Any:
    if isinstance(schema, (tuple, list)):
        return [_links(each, key, obj) for each in schema]
    if isinstance(schema, dict):
        return {name: _links(value, key, obj) for name, value in schema.items()}
    return schema.serialize(key, obj) if isinstance(schema, URLFor) else schema


class Hyperlinks(fields.Field):
    """A dict of links, nested as it likes."""

    _CHECK_ATTRIBUTE = False

    def __init__(self, schema: dict[str, Any], **kwargs: Any) -> None:
        self.schema = schema
        super().__init__(**kwargs)

    def _serialize(self, value: Any, attr: Any, obj: Any, **kwargs: Any) -> Any:
        return _links(self.schema, attr, obj)


class File(fields.Field):
    """An uploaded file."""

    default_error_messages = {"invalid": "Not a valid file."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.metadata["type"] = "string"
        self.metadata["format"] = "binary"

    def deserialize(self, value: Any, attr: Any = None, data: Any = None, **kwargs: Any) -> Any:
        if isinstance(value, Sequence) and len(value) == 0:
            value = missing
        return super().deserialize(value, attr, data, **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, FileStorage):
            raise self.make_error("invalid")
        return value


class Config(fields.Field):
    """A setting of the app, for output."""

    _CHECK_ATTRIBUTE = False

    def __init__(self, key: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.key = key

    def _serialize(self, value: Any, attr: Any, obj: Any, **kwargs: Any) -> Any:
        config = current_app.state.config
        if self.key not in config:
            raise ValueError(f"The key {self.key!r} is not found in the app config.")
        return config[self.key]
