"""An app on ASGI: what stands around its router, and what the router answers without a route."""

import re
from collections.abc import Callable
from typing import Any

from starlette.websockets import WebSocketClose

from .dialect import Dialect
from .exceptions import RequestRedirect
from .ground import HTTPException, Request
from .lifecycle import Lifecycle
from .routing import METHODS, fits, moved


def surround(app: Any, like: Dialect, freeze: Callable[[Any], None] | None) -> None:
    """Puts Flask's order of things around the router; ``freeze`` is called with the app before its
    first request."""
    app.router.redirect_slashes = False
    app.router.default = unmatched(app)
    # Errors come to the lifecycle as they are; the framework's own page is for nobody.
    app.exception_handlers.pop(HTTPException, None)
    app.add_exception_handler(HTTPException, _raised)
    app.add_middleware(Lifecycle, owner=app, freeze=freeze)
    if like.lifespan is not None:
        app.router.lifespan_context = like.lifespan(app)


async def _raised(request: Request, error: Exception) -> Any:
    raise error


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
            if fits(app.routes, {**scope, "path": other}):
                raise RequestRedirect(moved(scope, other))
        if merged != path:
            if any(fits(app.routes, {**scope, "path": merged, "method": m}) for m in METHODS):
                scope["path"] = merged
                raise HTTPException(405)
        raise HTTPException(404)

    return answer
