"""Werkzeug's routing answers on the router of Starlette or FastAPI: 308, Allow, 404."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

from starlette.datastructures import URL
from starlette.exceptions import HTTPException
from starlette.routing import Match, Mount
from starlette.websockets import WebSocketClose

from .exceptions import RequestRedirect

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


def _matches(routes: Any, scope: Any) -> bool:
    for route in routes:
        try:
            match, child = route.matches(dict(scope))
        except HTTPException:  # a converter refused the value, which Werkzeug asks last
            return True
        if match is Match.FULL:
            if not isinstance(route, Mount):
                return True
            if route.routes and _matches(route.routes, {**scope, **child}):
                return True
    return False


def allowed_methods(app: Any, scope: Any) -> set[str]:
    """Methods that some rule answers at this URL."""
    root = scope.get("app_root_path", scope.get("root_path", ""))
    # Nothing that a route has left in the scope may take part.
    plain = {k: v for k, v in scope.items() if k not in ("fastapi", "path_params", "route")}
    return {m for m in METHODS if _matches(app.routes, {**plain, "method": m, "root_path": root})}


def unmatched(app: Any) -> Callable[..., Any]:
    """The router's answer to a URL without a route: slashes are merged and added with a 308."""

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await WebSocketClose()(scope, receive, send)
            return
        path = scope["path"]
        if path.startswith("//"):  # Werkzeug drops extra slashes at the front before it matches
            scope["path"] = "/" + path.lstrip("/")
            await app.router(scope, receive, send)
            return
        merged = re.sub("/{2,}", "/", path)
        for other in (path + "/", merged, merged + "/"):
            if other == path or (other != merged and path.endswith("/")):
                continue
            if _matches(app.routes, {**scope, "path": other}):
                raise RequestRedirect(_moved(scope, other))
        if merged != path:
            if any(_matches(app.routes, {**scope, "path": merged, "method": m}) for m in METHODS):
                scope["path"] = merged
                raise HTTPException(405)
        raise HTTPException(404)

    return answer


def _moved(scope: Any, path: str) -> str:
    base = str(URL(scope={**scope, "path": "/", "query_string": b""})).rstrip("/")
    query = scope["query_string"].decode("latin1")
    return base + quote(path, safe="!$&'()*+,/:;=@%") + (f"?{query}" if query else "")
