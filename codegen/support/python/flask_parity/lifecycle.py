"""One request from its session to its teardown, in Flask's order (flask.Flask.wsgi_app)."""

import contextvars
import functools
from collections.abc import Callable
from typing import Any

from . import foreign
from .context import State, activate
from .errors import is_expected
from .ground import Request
from .recovery import recovered
from .sessions import open_session
from .stages import tear_down, teardown
from .thread import RequestThread


class Lifecycle:
    """ASGI middleware around the router.

    A matched route runs the hooks itself, after the routing
    (:class:`~.rules.FlaskRule`); here they run for what no route answers.
    """

    def __init__(self, app: Any, owner: Any, freeze: Callable[[Any], None] | None = None) -> None:
        self.app = app
        self.owner = owner
        self._freeze = freeze

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if foreign.bridge is not None and await foreign.bridge.serve(
            self.owner, scope, receive, send
        ):
            return
        send = foreign.traced(send, "native")
        if self._freeze is not None:
            freeze, self._freeze = self._freeze, None
            freeze(self.owner)
        state = State(self.owner, scope, receive)
        with activate(state):
            context = contextvars.copy_context()
            test = scope.get("flask_parity.test")  # a request of flask_parity.testing.Client
            if test is not None:
                test.begin(state, functools.partial(tear_down, state))
            if test is None:
                state.thread = RequestThread(context, self.owner.state.threads)
            else:
                state.thread = test.thread(context)
            try:
                await self._serve(state, scope, receive, send)
            finally:
                state.thread.release()

    async def _serve(self, state: State, scope: Any, receive: Any, send: Any) -> None:
        state.session = scope["session"] = open_session(self.owner.state.config, scope["headers"])
        started = False

        async def begun(message: Any) -> None:
            nonlocal started
            if not started and not 100 <= message["status"] < 600:
                # A server would close the connection without an answer.
                raise ValueError(f"no server sends the status {message['status']}")
            started = True
            await send(message)

        error: Exception | None = None
        try:
            try:
                await self.app(scope, receive, begun)
            except Exception as exc:
                if started:
                    raise
                error = None if is_expected(exc) else exc
                if state.route is None:  # none that answers: what was tried tells nothing
                    for key in ("route", "path_params"):
                        scope.pop(key, None)
                response = await recovered(state, Request({**scope, "app": self.owner}), exc)
                await response(scope, receive, begun)
        except Exception as exc:
            error = exc
            raise
        finally:
            await teardown(state, error)
