"""The URL map as Flask code looks at it: converters are added to it, rules are read from it."""

from collections.abc import Iterator
from typing import Any

from .converters import register_converter
from .routing import registered
from .rules import FlaskRule, flask_rule


class Converters(dict[str, Any]):
    """``app.url_map.converters``: what is put in can be used in the paths of later routes."""

    def __init__(self, app: Any) -> None:
        super().__init__()
        self._app = app

    def __setitem__(self, name: str, converter: Any) -> None:
        super().__setitem__(name, converter)
        register_converter(self._app, name, converter)

    def update(self, *args: Any, **kwargs: Any) -> None:
        for name, converter in dict(*args, **kwargs).items():
            self[name] = converter


class Rule:
    """A rule in Flask's spelling."""

    def __init__(self, rule: str, route: Any) -> None:
        self.rule = rule
        self.endpoint: str = route.name
        self.methods: set[str] = set(route.methods or ())
        self.defaults: dict[str, Any] | None = getattr(route, "defaults", None) or None
        self.arguments: set[str] = set(route.param_convertors) | set(self.defaults or ())

    def __str__(self) -> str:
        return self.rule

    def __repr__(self) -> str:
        methods = ", ".join(sorted(self.methods))
        return f"<Rule {self.rule!r} ({methods}) -> {self.endpoint}>"


class UrlMap:
    """Reads the routes of the app each time it is asked."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self.converters = Converters(app)

    def iter_rules(self, endpoint: str | None = None) -> Iterator[Rule]:
        for path, route in registered(self._app.routes):
            if isinstance(route, FlaskRule) and endpoint in (None, route.name):
                yield Rule(flask_rule(path), route)

    def __iter__(self) -> Iterator[Rule]:
        return self.iter_rules()
