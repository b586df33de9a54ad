"""Views that stay Flask code: an embedded Flask app answers them in this process.

``relayed`` puts a route in the router at the place that the view had, and the view on the embedded
app. Whoever serves a request runs its hooks, once: the lifecycle gives a relayed request away
before it begins. Which requests those are is told by Flask's own URL map, which knows the native
routes too; so precedence, 405, OPTIONS and redirects stay.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from a2wsgi import WSGIMiddleware
from starlette.exceptions import HTTPException
from starlette.routing import Route

from . import foreign, handover
from .embedding import never
from .handover import Bridge, Relay
from .handover import embedded as embedded


class Handover(handover.Handover):
    """The ASGI endpoint of a relayed route."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        # Flask's requests are taken before the lifecycle; its map knows no rule for this one.
        raise HTTPException(404)


def relayed(owner: Any, rule: str, **options: Any) -> Callable[[Any], Any]:
    """Leaves a view to Flask: ``rule`` and ``options`` are those of ``route`` there, and
    ``endpoint`` is the full name with the blueprint's."""

    def register(view: Any) -> Any:
        relay_rule(owner, rule, options.pop("endpoint", None), view, **options)
        return view

    return register


def relay_rule(
    owner: Any, rule: str, endpoint: str | None = None, view_func: Any = None, **options: Any
) -> None:
    """``add_url_rule`` for a view that is left to Flask."""
    name = endpoint or view_func.__name__
    methods = options.get("methods") or getattr(view_func, "methods", None) or ["GET"]
    router = getattr(owner, "router", owner)
    path = getattr(owner, "prefix", "") + never(rule)
    endpoint_of = Handover(rule, name, view_func, options)
    # Starlette has no empty path; that of a blueprint is its prefix.
    made = Route(
        path or "/", endpoint_of, methods=list(methods), name=name, include_in_schema=False
    )
    made.path = path
    router.routes.append(made)


class _Server:
    """Has Flask answer, and stops its stream when the client has gone."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._server = WSGIMiddleware(self._wsgi, workers=relay.workers)

    def _wsgi(self, environ: Any, start_response: Any) -> Any:
        gone = environ["asgi.scope"]["relay.gone"]
        return self._relay.wsgi(environ, start_response, gone.is_set)

    async def answer(self, scope: Any, receive: Any, send: Any) -> None:
        self._relay.app.state.relay_loop = asyncio.get_running_loop()
        early: deque[Any] = deque()
        turn = asyncio.Lock()
        gone = threading.Event()
        watcher: asyncio.Task[None] | None = None

        async def take() -> Any:
            async with turn:
                return early.popleft() if early else await receive()

        async def watch() -> None:
            async with turn:
                while (message := await receive())["type"] != "http.disconnect":
                    early.append(message)
            gone.set()

        async def give(message: Any) -> None:
            nonlocal watcher
            await send(message)
            if watcher is None and message.get("more_body") and message.get("body"):
                watcher = asyncio.create_task(watch())

        try:
            inner = {**scope, "relay.gone": gone}
            await self._server(inner, take, foreign.traced(give, "relay"))
        finally:
            if watcher is not None:
                watcher.cancel()


class _Bridge(Bridge):
    async def serve(self, app: Any, scope: Any, receive: Any, send: Any) -> bool:
        """Answers the request if it is Flask's."""
        relay = self.taker(app, scope)
        if relay is None:
            return False
        if relay.server is None:
            relay.server = _Server(relay)
        await relay.server.answer(scope, receive, send)
        return True


foreign.bridge = _Bridge()
