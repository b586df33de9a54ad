"""Sends a streamed body, with what runs when it has been sent, from the request's thread."""

from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import anyio.to_thread

from .context import current

_END: Any = object()


async def stream(response: Any, start: Any, receive: Any, send: Any) -> None:
    """Sends what the body gives, one item at a time, until it or the client ends.

    Nothing is sent before the first item is there, as with WSGI.
    """
    # The server closes what it is passed directly, and it alone (werkzeug's get_app_iter).
    close = (
        getattr(response.response, "close", None) if response.direct_passthrough else response.close
    )
    body = response.response if response.direct_passthrough else response.iter_encoded()

    left = declared_length(start)

    async def run() -> None:
        nonlocal body, left
        body = iter(body)
        item = await _in_thread(next, body, _END)
        await send(start)
        while item is not _END:
            if left is not None:
                item = item[:left]
                left -= len(item)
            if item:
                await send({"type": "http.response.body", "body": item, "more_body": True})
            item = await _in_thread(next, body, _END)
        await send({"type": "http.response.body", "body": b""})

    try:
        if response.direct_passthrough:  # a file: it ends by itself
            await run()
        else:
            await _until_gone(run, receive)
    finally:
        if close is not None:
            await finish(close)


def declared_length(start: Any) -> int | None:
    """What ``Content-Length`` says: gunicorn sends no more (gunicorn/http/wsgi.py, ``write``), and
    uvicorn breaks off when there is more."""
    for name, value in start["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else None
    return None


async def finish(close: Callable[[], Any]) -> None:
    """What a response does at its end, also when the client is gone."""
    with anyio.CancelScope(shield=True):
        await _in_thread(close)


async def _until_gone(run: Callable[[], Awaitable[None]], receive: Any) -> None:
    """Runs it; gives up when the client is gone."""
    failed: BaseException | None = None
    async with anyio.create_task_group() as group:

        async def watch() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass
            group.cancel_scope.cancel()

        group.start_soon(watch)
        try:
            await run()
        except Exception as error:  # as itself, not in a group
            failed = error
        group.cancel_scope.cancel()
    if failed is not None:
        raise failed


async def _in_thread(function: Callable[..., Any], *args: Any) -> Any:
    """In the request's own thread, where its views and hooks run too."""
    try:
        state = current()
    except RuntimeError:
        return await anyio.to_thread.run_sync(function, *args)
    return await state.call(function, *args)
