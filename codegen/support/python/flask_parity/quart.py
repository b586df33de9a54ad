"""A port that answers as Quart does: ``prepare(app, __name__, like=QUART)``.

``QUART`` is 0.23, ``QUART_0_22`` what was before it.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

from .dialect import Dialect
from .hooks import Function, HookTable
from .quart_context import app_context
from .quart_files import send_from_directory
from .quart_request import QuartRequest
from .quart_response import Response, reply


class QuartHooks(HookTable):
    """The hooks, with those around the serving."""

    def __init__(self) -> None:
        super().__init__()
        self.before_serving: list[Function] = []
        self.while_serving: list[Function] = []
        self.after_serving: list[Function] = []

    def told(self, error: BaseException | None) -> None:
        return None  # it was answered with a page before the context ended

    def ending(self) -> list[Function]:
        return self.teardown_app


def _lifespan(app: Any) -> Callable[[Any], AbstractAsyncContextManager[Any]]:
    """quart.Quart.startup and shutdown, inside the lifespan that the router had."""
    inner = app.router.lifespan_context

    @asynccontextmanager
    async def serving(served: Any) -> AsyncIterator[Any]:
        hooks: QuartHooks = app.state.hooks
        async with inner(served) as state:
            async with app_context(app) as context:
                for function in hooks.before_serving:
                    await context.call(function)
                around = [asynccontextmanager(function)() for function in hooks.while_serving]
                stack = AsyncExitStack()
                for manager in around:
                    await stack.enter_async_context(manager)
            yield state
            async with app_context(app) as context:
                await stack.aclose()
                for function in hooks.after_serving:
                    await context.call(function)

    return serving


QUART = Dialect(
    request=QuartRequest,
    response=Response,
    make_response=reply,
    send_from_directory=send_from_directory,
    hooks=QuartHooks,
    settings={
        "BACKGROUND_TASK_SHUTDOWN_TIMEOUT": 5,
        "BODY_TIMEOUT": 60,
        "MAX_CONTENT_LENGTH": 16 * 1024 * 1024,
        "PREFER_SECURE_URLS": False,
        "RESPONSE_TIMEOUT": 60,
        "SEND_FILE_MAX_AGE_DEFAULT": timedelta(hours=12),
    },
    options_body="",
    prefix="QUART",
    awaits=True,
    copies_context=True,
    lifespan=_lifespan,
)


#: Below 0.23 nobody notes that a session was read, with Flask 3.1.3 under it.
QUART_0_22 = replace(QUART, tells_reading=False)


def _register(owner: Any, kind: str) -> Callable[[Function], Function]:
    def register(function: Function) -> Function:
        table = getattr(getattr(owner, "state", None), "hooks", None)
        if table is not None:
            getattr(table, kind).append(function)
        else:
            owner.__dict__.setdefault("parity_hooks", []).append((kind, True, function))
        return function

    return register


def before_serving(owner: Any) -> Callable[[Function], Function]:
    """Runs when the server starts, before it takes requests."""
    return _register(owner, "before_serving")


def while_serving(owner: Any) -> Callable[[Function], Function]:
    """A generator: what is before its ``yield`` runs at the start, the rest at the end."""
    return _register(owner, "while_serving")


def after_serving(owner: Any) -> Callable[[Function], Function]:
    """Runs when the server stops."""
    return _register(owner, "after_serving")
