"""The request's thread: all synchronous code of one request runs in one worker, as under Flask.

Hooks, view, error handlers, templates and teardown of a Flask request share a thread, and code
relies on it: sqlite3 connections kept in ``g`` refuse another one, thread-local sessions lose their
state. Starlette's pool picks any thread for every call, so a port leases one for the request.
"""

import asyncio
import contextvars
import queue
import threading
from collections.abc import Callable
from typing import Any

#: Requests that may run synchronous code at the same time (as many as anyio's own limit), unless
#: ``prepare`` was told otherwise: with ``threads=1`` a process works off one after the other, as a
#: synchronous worker of gunicorn does, which code that shares objects between requests may rely on.
WORKERS = 40

_idle: list["_Worker"] = []
_slots: dict[tuple[asyncio.AbstractEventLoop, int], asyncio.Semaphore] = {}


class _Worker:
    """A daemon thread that runs jobs one after the other."""

    def __init__(self) -> None:
        self.jobs: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        threading.Thread(target=self._loop, name="request", daemon=True).start()

    def _loop(self) -> None:
        while True:
            self.jobs.get()()


class RequestThread:
    """A worker leased at the first call and given back by :meth:`release`."""

    def __init__(self, context: contextvars.Context, most: int = WORKERS) -> None:
        self._context = context
        self._most = most
        self._worker: _Worker | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def run(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Calls ``function`` in the thread, in the request's own contextvars context."""
        return await self.run_in(self._context, function, *args, **kwargs)

    async def run_in(
        self,
        context: contextvars.Context,
        function: Callable[..., Any],
        /,
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        """The same in a context of the caller's."""
        loop = asyncio.get_running_loop()
        if self._worker is None:
            await _slots.setdefault((loop, self._most), asyncio.Semaphore(self._most)).acquire()
            self._loop = loop
            self._worker = _idle.pop() if _idle else _Worker()
        future = loop.create_future()

        def settle(result: Any, error: BaseException | None) -> None:
            if future.cancelled():
                return
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(result)

        def job() -> None:
            result, error = None, None
            try:
                result = context.run(function, *args, **kwargs)
            except StopIteration as stop:  # a future cannot carry it
                error = RuntimeError(f"StopIteration: {stop.value}")
            except BaseException as exc:
                error = exc
            loop.call_soon_threadsafe(settle, result, error)

        self._worker.jobs.put(job)
        return await future

    def release(self) -> None:
        """Gives the worker back, once what runs in it has ended."""
        worker, loop = self._worker, self._loop
        if worker is None or loop is None:
            return
        self._worker = None

        def back() -> None:
            _idle.append(worker)
            try:
                loop.call_soon_threadsafe(_slots[(loop, self._most)].release)
            except RuntimeError:  # the loop has ended
                pass

        worker.jobs.put(back)
