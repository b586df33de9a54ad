"""WSGI middleware around the port: what ``app.wsgi_app = Middleware(app.wsgi_app)`` was."""

from typing import Any

from a2wsgi import ASGIMiddleware, WSGIMiddleware


class WsgiLayer:
    """The port as a WSGI application, for middleware of the app's own to be put around.

    ``app.state.wsgi_app = WsgiLayer(app)`` costs nothing; with ``app.state.wsgi_app =
    Middleware(app.state.wsgi_app)`` every request goes through the middleware.
    """

    def __init__(self, app: Any) -> None:
        self._inner: Any = None
        app.add_middleware(_Layered, owner=app, layer=self)

    def serve(self, inner: Any) -> None:
        """Takes the ASGI application that requests come to in the end."""
        self._inner = ASGIMiddleware(inner)

    def __call__(self, environ: Any, start_response: Any) -> Any:
        return self._inner(environ, start_response)


class _Layered:
    """ASGI middleware that goes through the WSGI middleware, where there is any."""

    def __init__(self, app: Any, owner: Any, layer: WsgiLayer) -> None:
        layer.serve(app)
        self._app, self._owner, self._layer = app, owner, layer
        self._outer: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        outside = self._owner.state.wsgi_app
        if scope["type"] != "http" or outside is self._layer:
            await self._app(scope, receive, send)
            return
        if self._outer is None:
            self._outer = WSGIMiddleware(_with_reason(outside))
        await self._outer(scope, receive, send)


def _with_reason(wsgi: Any) -> Any:
    """The application with a reason in its status line, which a2wsgi insists on."""

    def answer(environ: Any, start_response: Any) -> Any:
        def start(status: str, *rest: Any) -> Any:
            return start_response(status if " " in status else f"{status} ", *rest)

        return wsgi(environ, start)

    return answer
