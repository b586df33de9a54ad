"""``request.url_rule``: the route of the request, in Flask's spelling."""

import re
from typing import Any

_PARAMETER = re.compile(r"{(\w+)(?::([^}]+))?}")


class MatchedRule:
    """What apps read of ``werkzeug.routing.Rule``."""

    def __init__(self, rule: str, endpoint: str, methods: set[str] | None) -> None:
        #: The pattern: ``/posts/<int:id>``.
        self.rule = rule
        self.endpoint = endpoint
        #: With HEAD and OPTIONS, which Flask adds.
        self.methods = methods
        self.arguments = set(re.findall(r"<(?:[^:<>]+:)?(\w+)>", rule))
        self.defaults: dict[str, Any] | None = None

    def __str__(self) -> str:
        return self.rule

    def __repr__(self) -> str:
        methods = f" ({', '.join(sorted(self.methods))})" if self.methods is not None else ""
        rule = re.sub(r"<[^:<>]+:", "<", self.rule)  # without the converters
        return f"<Rule {rule!r}{methods} -> {self.endpoint}>"


def matched_rule(route: Any) -> MatchedRule | None:
    """The rule of a route, made once; a route may bring its own as ``url_rule``."""
    if route is None or not hasattr(route, "path"):
        return None
    found = getattr(route, "url_rule", None)
    if found is None:

        def spelled(match: re.Match[str]) -> str:
            return f"<{match[2]}:{match[1]}>" if match[2] else f"<{match[1]}>"

        methods = {*(getattr(route, "methods", None) or ()), "OPTIONS"}
        found = MatchedRule(_PARAMETER.sub(spelled, route.path), route.name, methods)
        try:
            route.url_rule = found
        except AttributeError:
            pass
    return found
