"""A slash that a URL lacks: ``/a`` is moved to ``/a/`` where that is a rule, also before a later
rule that takes ``/a`` (werkzeug.routing.matcher.StateMachineMatcher.match)."""

from collections.abc import Iterator
from typing import Any

from starlette.routing import compile_path

from .precedence import order, parts
from .routing import flat, moved


class Slashes:
    """The rules with a slash at the end that come before one route."""

    def __init__(self, app: Any, route: Any) -> None:
        routes = list(flat(app.router.routes))
        own = [path for path, found in routes if found is route]
        self._rules = [
            (compile_path(path)[0], other.methods)
            for path, other in routes
            if path.endswith("/") and path != "/" and getattr(other, "methods", None)
            if any(_precedes(path[:-1], mine) for mine in own)
        ]

    def target(self, scope: Any) -> str | None:
        """Where a request is moved to."""
        path = scope["path"]
        if not self._rules or path.endswith("/"):
            return None
        inside = path.removeprefix(scope.get("root_path", "")) + "/"
        for regex, methods in self._rules:
            if scope["method"] in methods and regex.match(inside):
                return moved(scope, path + "/")
        return None


def _precedes(first: str, second: str) -> bool:
    """Whether some URL fits both paths, and the first is tried before."""
    if order([second, first]) != [1, 0]:
        return False
    for (mine, text, _), (theirs, other, _) in _pairs(first, second):
        if mine and theirs and text != other:
            return False
    one, two = parts(first), parts(second)
    return len(one) == len(two) or any("path" in text for _, text, _ in (one[-1], two[-1]))


def _pairs(first: str, second: str) -> Iterator[tuple[Any, Any]]:
    return zip(parts(first), parts(second), strict=False)
