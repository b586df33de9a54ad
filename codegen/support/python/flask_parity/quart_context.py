"""What Quart's helpers await, and what keeps the request (quart.helpers, quart.ctx)."""

import functools
import inspect
from collections.abc import AsyncIterator, Callable
from typing import Any

from . import context, flashing
from .context import activate, current
from .stages import tear_down


async def flash(message: Any, category: str = "message") -> None:
    """Shows ``message`` on the next page that asks for messages."""
    flashing.flash(message, category)


def stream_with_context(function: Callable[..., Any]) -> Callable[..., AsyncIterator[Any]]:
    """A generator function whose generator may use the request while it is sent."""
    state = current()

    @functools.wraps(function)
    async def generator(*args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        with activate(state):
            async for data in function(*args, **kwargs):
                yield data
            # Quart enters the context once more, and ends it once more.
            await tear_down(state, None)

    return generator


def copy_current_request_context(function: Callable[..., Any]) -> Callable[..., Any]:
    """``function`` in this request's context, in a task of its own."""
    state = current()

    @functools.wraps(function)
    async def run(*args: Any, **kwargs: Any) -> Any:
        with activate(state):
            found = function(*args, **kwargs)
            return await found if inspect.isawaitable(found) else found

    return run


class app_context:
    """``async with app.app_context():``, its teardown functions included."""

    def __init__(self, app: Any) -> None:
        self._state = context.State(app)
        self._active: Any = None

    async def __aenter__(self) -> context.State:
        self._active = activate(self._state)
        return self._active.__enter__()  # type: ignore[no-any-return]

    async def __aexit__(self, kind: Any, error: Any, trace: Any) -> None:
        try:
            for function in self._state.app.state.hooks.ending():
                await self._state.call(function, error)
        finally:
            self._active.__exit__(kind, error, trace)
