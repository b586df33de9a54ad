"""``flask.json``: what is written and read goes through the app's provider (flask.json).

The provider is at ``app.state.json``; without an app, or in an app that has none, the standard
rules hold.
"""

import json
from typing import IO, Any

from .context import current_app, has_app_context
from .foreign import delegated
from .wire import json_default


class JSONProvider:
    """The base of providers that use another JSON library: ``dumps`` and ``loads`` are theirs."""

    def __init__(self, app: Any = None) -> None:
        self._app = app

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        raise NotImplementedError

    def dump(self, obj: Any, fp: IO[str], **kwargs: Any) -> None:
        fp.write(self.dumps(obj, **kwargs))

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        raise NotImplementedError

    def load(self, fp: IO[Any], **kwargs: Any) -> Any:
        return self.loads(fp.read(), **kwargs)

    def _prepare_response_obj(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """One value, a list of values, or a dict of keywords."""
        if args and kwargs:
            raise TypeError("app.json.response() takes either args or kwargs, not both")
        if not args and not kwargs:
            return None
        if len(args) == 1:
            return args[0]
        return args or kwargs

    def response(self, *args: Any, **kwargs: Any) -> Any:
        """What ``jsonify`` gives."""
        from .responses import response_class

        text = self.dumps(self._prepare_response_obj(args, kwargs))
        return response_class()(text, mimetype="application/json")


class DefaultJSONProvider(JSONProvider):
    """Python's ``json`` with Flask's settings; each of them may be set on the app's provider."""

    #: Writes what ``json`` cannot: dates as HTTP dates, decimals and UUIDs as text, dataclasses as
    #: objects, what has ``__html__`` as its HTML.
    default = staticmethod(json_default)
    #: Escapes instead of letters outside of ASCII.
    ensure_ascii = True
    #: Keys in order; they must be of one type.
    sort_keys = True
    #: No blanks in responses; None stands for "unless in debug mode".
    compact: bool | None = None
    #: The type of responses.
    mimetype = "application/json"

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        kwargs.setdefault("default", self.default)
        kwargs.setdefault("ensure_ascii", self.ensure_ascii)
        kwargs.setdefault("sort_keys", self.sort_keys)
        return json.dumps(obj, **kwargs)

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        return json.loads(s, **kwargs)

    def _is_debugging(self) -> bool:
        app = self._app
        if app is None:
            return False
        return bool(app.debug or getattr(app.state, "config", {}).get("DEBUG"))

    def text(self, obj: Any) -> str:
        """The body of a response, with its line end."""
        if self.compact is False or (self.compact is None and self._is_debugging()):
            return self.dumps(obj, indent=2) + "\n"
        return self.dumps(obj, separators=(",", ":")) + "\n"

    def response(self, *args: Any, **kwargs: Any) -> Any:
        from .responses import response_class

        text = self.text(self._prepare_response_obj(args, kwargs))
        return response_class()(text, mimetype=self.mimetype)


_standard = DefaultJSONProvider()


def provider() -> Any:
    """The current app's provider, or the standard one."""
    if not has_app_context():
        return _standard
    return getattr(current_app.state, "json", _standard)


def written(content: Any) -> tuple[str, str]:
    """The body of a response of JSON, and its type."""
    found = provider()
    text = found.text(content) if hasattr(found, "text") else found.dumps(content)
    return text, getattr(found, "mimetype", "application/json")


def dumps(obj: Any, **kwargs: Any) -> str:
    """By the app's provider; outside of an app context keys keep their order."""
    if has_app_context():
        return provider().dumps(obj, **kwargs)
    kwargs.setdefault("default", json_default)
    return json.dumps(obj, **kwargs)


def dump(obj: Any, fp: IO[str], **kwargs: Any) -> None:
    if has_app_context():
        provider().dump(obj, fp, **kwargs)
        return
    kwargs.setdefault("default", json_default)
    json.dump(obj, fp, **kwargs)


def loads(s: str | bytes, **kwargs: Any) -> Any:
    return provider().loads(s, **kwargs)


def load(fp: IO[Any], **kwargs: Any) -> Any:
    return provider().load(fp, **kwargs)


@delegated
def jsonify(*args: Any, **kwargs: Any) -> Any:
    """A JSON response of one value, a list of values, or keywords."""
    return provider().response(*args, **kwargs)
