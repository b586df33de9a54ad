"""Werkzeug's routing answers on a list of routes: where a URL is moved to, and ``Allow``."""

import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from .context import current
from .ground import HTTPException, Match, Mount
from .requesturl import url_host

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


def flat(routes: Any) -> Iterator[tuple[str, Any]]:
    """Every route with its full path, also of included routers, in order."""
    for route in routes:
        if not hasattr(route, "effective_route_contexts"):
            yield getattr(route, "path", ""), route
            continue
        for context in route.effective_route_contexts():  # an included router stays one in FastAPI
            made = context.starlette_route or context
            yield made.path or "", context.original_route


def place(route: Any) -> int:
    """Where a route stood when it was registered, if they were sorted since."""
    return getattr(route, "parity_place", sys.maxsize)


def registered(routes: Any) -> list[tuple[str, Any]]:
    """Every route with its full path, in the order in which they were registered."""
    return sorted(flat(routes), key=lambda found: place(found[1]))


def fits(routes: Any, scope: Any) -> bool:
    """Whether one of the routes answers."""
    for route in routes:
        try:
            match, child = route.matches(dict(scope))
        except HTTPException:  # a converter refused the value, which Werkzeug asks last
            return True
        if match is Match.FULL:
            if not isinstance(route, Mount):
                return True
            if route.routes and fits(route.routes, {**scope, **child}):
                return True
    return False


def _plain(scope: Any) -> Any:
    """The scope without anything that a route has left in it."""
    root = scope.get("app_root_path", scope.get("root_path", ""))
    left = ("fastapi", "path_params", "route")
    return {k: v for k, v in scope.items() if k not in left} | {"root_path": root}


def allowed_methods(app: Any, scope: Any) -> set[str]:
    """Methods that some rule answers at this URL."""
    plain = _plain(scope)
    return {m for m in METHODS if fits(app.routes, {**plain, "method": m})}


def with_slash(app: Any, scope: Any) -> str | None:
    """Where a request is moved to that no rule takes by its method, but one with a slash does."""
    path = scope["path"] + "/"
    plain = _plain(scope)
    found = not path.endswith("//") and fits(app.routes, {**plain, "path": path})
    return moved(scope, path) if found else None


def moved(scope: Any, path: str) -> str:
    """The URL of this request with another path."""
    state = current()
    request = state.request
    assert request is not None
    host = url_host(state.app.state.config, request)
    base = f"{request.scheme}://{host}{request.root_path}"
    query = scope["query_string"].decode("latin1")
    return base + quote(path, safe="!$&'()*+,/:;=@%") + (f"?{query}" if query else "")
