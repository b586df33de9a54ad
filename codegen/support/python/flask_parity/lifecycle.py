"""One request from its session to its teardown, in Flask's order (flask.Flask.wsgi_app)."""

import contextvars
import functools
import logging
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response

from .context import State, activate
from .errors import answer
from .responses import reply
from .sessions import open_session, save_session
from .thread import RequestThread
from .wire import dump_cookie


class Outgoing:
    """The response as ``after_request`` functions see it: status and headers, not the body."""

    def __init__(self, message: Any) -> None:
        message.setdefault("headers", [])
        self.message = message
        self.headers = MutableHeaders(raw=message["headers"])

    @property
    def status_code(self) -> int:
        return self.message["status"]

    @status_code.setter
    def status_code(self, status: int) -> None:
        self.message["status"] = status

    def set_cookie(self, key: str, value: str = "", **options: Any) -> None:
        self.headers.append("set-cookie", dump_cookie(key, value, **options))

    def delete_cookie(self, key: str, path: str = "/", **options: Any) -> None:
        epoch = "Thu, 01 Jan 1970 00:00:00 GMT"
        self.set_cookie(key, "", expires=epoch, max_age=0, path=path, **options)


class Lifecycle:
    """ASGI middleware around the router: session, hooks, errors, teardown."""

    def __init__(self, app: Any, owner: Any) -> None:
        self.app = app
        self.owner = owner

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state = State(self.owner, scope, receive)
        test = scope.get("flask_parity.test")  # a request of flask_parity.testing.Client
        if test is not None:
            test.begin(state, functools.partial(tear_down, self.owner.state.hooks, state))
        with activate(state):
            context = contextvars.copy_context()
            state.thread = RequestThread(context) if test is None else test.thread(context)
            try:
                await self._serve(state, scope, receive, send)
            finally:
                state.thread.release()

    async def _serve(self, state: State, scope: Any, receive: Any, send: Any) -> None:
        hooks = self.owner.state.hooks
        config = self.owner.state.config
        state.session = open_session(config, scope["headers"])
        scope["session"] = state.session
        started = False

        async def finish(message: Any) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                outgoing = Outgoing(message)
                blueprint = state.request.blueprint or ""  # type: ignore[union-attr]
                own = hooks.own_after(blueprint)
                for hook in [*state.after, *reversed(own), *reversed(hooks.after)]:
                    await state.call(hook, outgoing)
                headers = list(outgoing.headers.raw)
                save_session(config, state.session, headers)
                message["headers"] = headers
            await send(message)

        error: Exception | None = None
        try:
            try:
                response = None
                for hook in hooks.before:
                    early = await state.call(hook)
                    if early is not None:
                        response = early if isinstance(early, Response) else reply(early)
                        break
                if response is None:
                    await self.app(scope, receive, finish)
                else:
                    await response(scope, receive, finish)
            except Exception as exc:
                if started:
                    raise
                error = exc
                response = await answer(Request({**scope, "app": self.owner}, receive), exc)
                if response.status_code >= 500 and not hasattr(exc, "status_code"):
                    logging.getLogger(self.owner.state.import_name).exception(
                        "Exception on %s [%s]", scope["path"], scope["method"]
                    )
                else:
                    error = None
                await response(scope, receive, finish)
        finally:
            await tear_down(hooks, state, error)


async def tear_down(hooks: Any, state: State, error: BaseException | None) -> None:
    """Runs the functions at a request's very end: its blueprint's, the app's, the app context's."""
    blueprint = state.request.blueprint or ""  # type: ignore[union-attr]
    functions = [*reversed(hooks.own_teardown(blueprint)), *reversed(hooks.teardown)]
    if not state.is_inner:
        functions += reversed(hooks.teardown_app)
    for function in functions:
        await state.call(function, error)
