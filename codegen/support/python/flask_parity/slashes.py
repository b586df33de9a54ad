"""A slash that a URL lacks: ``/a`` is moved to ``/a/`` where that is a rule, also before a later
rule that takes ``/a`` (werkzeug.routing.matcher.StateMachineMatcher.match)."""

from typing import Any

from .ground import compile_path
from .precedence import order, parts
from .routing import flat, moved


class Slashes:
    """The rules with a slash at the end that come before one route."""

    def __init__(self, app: Any, route: Any) -> None:
        routes = list(flat(app.routes))
        own = [(i, path) for i, (path, found) in enumerate(routes) if found is route]
        self._rules = [
            (compile_path(path)[0], other.methods)
            for i, (path, other) in enumerate(routes)
            if path.endswith("/") and path != "/" and getattr(other, "methods", None)
            if any(_precedes(path[:-1], mine, i < place) for place, mine in own)
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


def _precedes(first: str, second: str, is_earlier: bool) -> bool:
    """Whether the first path is tried before the second, which it does not exclude.

    Where both say what a segment is, it has to be the same. Of equals the earlier one is tried
    first; of the same paths the one that has no slash.
    """
    ours, theirs = parts(first), parts(second)
    if [part[1] for part in ours] == [part[1] for part in theirs]:
        return False
    if any(a[0] and b[0] and a[1] != b[1] for a, b in zip(ours, theirs, strict=False)):
        return False
    return order([first, second])[0] == 0 if is_earlier else order([second, first])[0] == 1
